"""Which provider is asked: a decision as a function of data, so that a workflow can make it and replay it.

Preferred providers come first, then the order for the task, then any other that can do it, then the built-in engine.
What may not be asked is refused with a reason before that; a score of quality, success, price and speed decides only
among those that nobody has named.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Final, NamedTuple

from domain.providers import (
    BUILTIN,
    FOLLOWING_TASKS,
    SOUND_TASKS,
    Candidate,
    Choice,
    ErrorKind,
    Needs,
    Refusal,
    Task,
    Tried,
    Wishes,
)

ORDER: Final[Mapping[Task, tuple[str, ...]]] = MappingProxyType(
    {
        Task.FULL_SONG: ("suno", "udio", "elevenlabs", "mureka", "ace_step"),
        Task.INSTRUMENTAL: ("musicgen", "musicgen_local", "stable_audio"),
        Task.VOCALS: ("udio", "suno"),
        Task.LYRICS: ("openai", "anthropic", "local_llm"),
        Task.ENHANCEMENT: ("anthropic", "openai", "local_llm"),
        Task.MUSIC_THEORY: (BUILTIN,),
        Task.MELODY: (BUILTIN,),
        Task.BASS: (BUILTIN,),
        Task.RHYTHM: (BUILTIN,),
        Task.STRUCTURE: (BUILTIN,),
        Task.STEMS: (),
        Task.SECTION_EDIT: (),
        Task.ANALYSIS: (BUILTIN,),
        Task.TRANSFORMATION: ("suno", "stable_audio", "ace_step"),
    }
)
"""Who is asked first for a task where a song says nothing else. Empty: the score decides, or who made the original."""

ONLY_WHEN_NAMED: Final = frozenset({Task.MUSIC_THEORY, Task.MELODY, Task.BASS, Task.RHYTHM, Task.STRUCTURE})
"""Tasks that write notes: nobody gets them who is neither preferred nor in the order."""

RETURNING: Final = FOLLOWING_TASKS | {Task.FULL_SONG, Task.INSTRUMENTAL}
"""Tasks that go back to the origin when there is one; a full song or an instrumental with an origin extends it."""

MODERATED: Final = frozenset({ErrorKind.MODERATION, ErrorKind.COPYRIGHT})
"""Errors that are a refusal of the content."""

NAMES: Final[Mapping[Task, str]] = MappingProxyType(
    {
        Task.FULL_SONG: "a full song",
        Task.INSTRUMENTAL: "an instrumental",
        Task.VOCALS: "vocals",
        Task.LYRICS: "lyrics",
        Task.ENHANCEMENT: "working out the idea",
        Task.MUSIC_THEORY: "chords",
        Task.MELODY: "a melody",
        Task.BASS: "a bass line",
        Task.RHYTHM: "a rhythm",
        Task.STRUCTURE: "the song's structure",
        Task.STEMS: "stems",
        Task.SECTION_EDIT: "changing a section",
        Task.ANALYSIS: "an analysis",
        Task.TRANSFORMATION: "a cover or a transformation",
    }
)
"""What a task is called in reasons."""

FAILURES: Final[Mapping[ErrorKind, str]] = MappingProxyType(
    {
        ErrorKind.AUTH: "it does not accept the key",
        ErrorKind.INSUFFICIENT_CREDITS: "the account has no credits left",
        ErrorKind.PLAN_DENIED: "the account's plan does not include this",
        ErrorKind.MODERATION: "it refused the words",
        ErrorKind.COPYRIGHT: "it refused the material for reasons of copyright",
        ErrorKind.INVALID_REQUEST: "it did not understand the order",
        ErrorKind.NOT_FOUND: "it does not know what was asked for",
        ErrorKind.RATE_LIMITED: "it was asked too often",
        ErrorKind.CONCURRENCY_LIMIT: "it has too much of ours in work",
        ErrorKind.OVERLOADED: "it is overloaded or in maintenance",
        ErrorKind.UPSTREAM: "it had trouble of its own",
        ErrorKind.TIMEOUT: "it did not answer in time",
        ErrorKind.OUTCOME_UNKNOWN: "its answer was lost, it may have taken the order",
        ErrorKind.RESULT_EXPIRED: "what it had made is gone",
        ErrorKind.UNSUPPORTED: "it cannot do this",
    }
)
"""What an error means, as the end of "… was asked, but"."""

_ACQUAINTED: Final = 5
"""After so many calls, what was measured counts as much as what was guessed."""
_USUAL_SUCCESS: Final = 0.9
_HALF_SPEED_S: Final = 120.0
"""A call of this length has the speed 0.5."""
_HALF_CHEAP_USD: Final = 0.25
"""A call at this price is half as good as a free one."""
_SUCCESS, _QUALITY, _COST, _SPEED = 0.35, 0.30, 0.20, 0.15

_PREFERRED, _ORDERED, _OTHER, _LAST = range(4)


class Score(NamedTuple):
    """What is known and guessed about a candidate: `quality`, `success` and `speed` 0–1, `usd` a call, `total` 0–1."""

    quality: float
    success: float
    speed: float
    usd: float
    total: float


class _Case(NamedTuple):
    """Everything a rule may look at."""

    needs: Needs
    wishes: Wishes
    tried: Mapping[str, Tried]
    refuser: str
    order: tuple[str, ...]


def choose(needs: Needs, candidates: Sequence[Candidate], wishes: Wishes, tried: Sequence[Tried] = ()) -> Choice:
    """Who is asked next for `needs`, with all the reasons; `provider` is empty when nobody is left.

    `candidates` has one entry a provider, in any order; `tried` are the failed attempts of this very call, none of
    which is repeated.
    """
    case = _case(needs, wishes, tried)
    refused, fit = {}, []
    for candidate in candidates:
        if reason := _refusal(candidate, case):
            refused[candidate.capabilities.name] = reason
        else:
            fit.append(candidate)
    known = {candidate.capabilities.name for candidate in candidates}
    for name in case.wishes.preferred:
        if name not in known:
            refused[name] = _no_such(needs.task)
    fit.sort(key=lambda candidate: _rank(candidate, case))
    titles = {candidate.capabilities.name: candidate.capabilities.title for candidate in candidates}
    return Choice(
        task=needs.task,
        provider=fit[0].capabilities.name if fit else "",
        quote_usd=fit[0].quote_usd if fit else Decimal(0),
        ranking=tuple(candidate.capabilities.name for candidate in fit),
        refused=tuple(Refusal(provider=name, reason=refused[name]) for name in sorted(refused)),
        reasons=(*_before(case, tried, fit, refused, titles), *_why(case, fit, refused, titles)),
    )


def score(candidate: Candidate) -> Score:
    """How good a candidate is by itself: declared values while nothing is known, measured ones the more calls went."""
    declared, measured = candidate.capabilities, candidate.statistics
    weight = measured.calls / (measured.calls + _ACQUAINTED)

    def blend(known: float, guessed: float) -> float:
        return weight * known + (1 - weight) * guessed

    quality = declared.quality if measured.quality is None else blend(measured.quality, declared.quality)
    success = blend(measured.success, _USUAL_SUCCESS)
    speed = blend(_HALF_SPEED_S / (_HALF_SPEED_S + max(0.0, measured.seconds)), declared.speed)
    usd = blend(measured.usd, float(candidate.quote_usd))
    cheap = _HALF_CHEAP_USD / (_HALF_CHEAP_USD + max(0.0, usd))
    total = _SUCCESS * success + _QUALITY * quality + _COST * cheap + _SPEED * speed
    return Score(quality, success, speed, usd, total)


def _case(needs: Needs, wishes: Wishes, tried: Sequence[Tried]) -> _Case:
    """After a refusal of the content the song's chain for that counts, and its usual preference does not."""
    refuser = next((attempt.provider for attempt in tried if attempt.kind in MODERATED), "")
    order = ORDER[needs.task] if wishes.order is None else wishes.order
    if refuser and wishes.moderation_order is not None:
        order, wishes = wishes.moderation_order, wishes.model_copy(update={"preferred": ()})
    return _Case(needs, wishes, {attempt.provider: attempt for attempt in tried}, refuser, order)


# Rules: each gives the reason why a candidate is not asked, or nothing.


def _not_the_origin(candidate: Candidate, case: _Case) -> str:
    if case.needs.origin in ("", candidate.capabilities.name) or case.needs.task not in RETURNING:
        return ""
    return f"what is worked on was made by {case.needs.origin}, and only it can go on with it"


def _lacks_the_task(candidate: Candidate, case: _Case) -> str:
    return "" if case.needs.task in candidate.capabilities.tasks else _cannot(case.needs.task)


def _lacks_the_sound(candidate: Candidate, case: _Case) -> str:
    able, needs = candidate.capabilities, case.needs
    if needs.task not in SOUND_TASKS:
        return ""
    if needs.vocals and not able.vocals:
        return "it does not sing"
    if needs.lyrics and not able.lyrics:
        return "it does not sing given lyrics"
    if needs.reference_audio and not able.reference_audio:
        return "it does not listen to reference audio"
    if needs.format and needs.format not in able.formats:
        return f"it does not deliver {needs.format}, only {', '.join(able.formats) or 'formats it does not name'}"
    return ""


def _lacks_the_length(candidate: Candidate, case: _Case) -> str:
    able, wanted = candidate.capabilities, case.needs.duration_s
    if wanted is None or case.needs.task not in SOUND_TASKS - FOLLOWING_TASKS:
        return ""
    if able.longest_s and wanted > able.longest_s:
        return f"it makes {able.longest_s:g} s at most, and {wanted:g} s are wanted"
    if wanted < able.shortest_s:
        return f"it makes {able.shortest_s:g} s at least, and {wanted:g} s are wanted"
    return ""


def _forbidden(candidate: Candidate, case: _Case) -> str:
    return "the song forbids it" if candidate.capabilities.name in case.wishes.forbidden else ""


def _not_named(candidate: Candidate, case: _Case) -> str:
    if _group(candidate, case)[0] != _OTHER:
        return ""
    if case.refuser and case.wishes.moderation_order is not None:
        return "the song does not name it for what another has refused"
    if case.needs.task in ONLY_WHEN_NAMED:
        return "it writes notes only where the song prefers it"
    return ""


def _not_configured(candidate: Candidate, case: _Case) -> str:
    return "" if candidate.configured else f"it is not configured: {candidate.missing or 'no account is set up'}"


def _unable(candidate: Candidate, case: _Case) -> str:
    return candidate.unable and f"it cannot take this order: {candidate.unable.rstrip('.')}"


def _unofficial(candidate: Candidate, case: _Case) -> str:
    if candidate.capabilities.official or case.wishes.unofficial_allowed:
        return ""
    return "it is reached through an unofficial gateway, which the song's settings do not allow"


def _not_for_sale(candidate: Candidate, case: _Case) -> str:
    licence = candidate.capabilities.commercial
    if not case.wishes.commercial or licence == "yes" or (licence == "plan" and candidate.plan_commercial):
        return ""
    return {
        "no": "what it makes may not be sold, and this song is to be",
        "plan": "what it makes may be sold only under some plans, and nobody has said that the account has one",
    }.get(licence, "whether what it makes may be sold is not known, and this song is to be")


def _already_tried(candidate: Candidate, case: _Case) -> str:
    attempt = case.tried.get(candidate.capabilities.name)
    return f"it was asked already: {_told(attempt)}" if attempt else ""


def _stopped(candidate: Candidate, case: _Case) -> str:
    if case.refuser and case.wishes.after_moderation == "stop":
        return "the song stops where a provider refuses its content"
    return ""


def _resting(candidate: Candidate, case: _Case) -> str:
    for pause, whose in ((candidate.account, "the account rests"), (candidate.breaker, "it rests")):
        if pause.open_for_s > 0:
            because = f": {pause.reason}" if pause.reason else ""
            return f"{whose} for {_span(pause.open_for_s)}{because}"
    return ""


def _too_dear(candidate: Candidate, case: _Case) -> str:
    quote = candidate.quote_usd
    budgets = ((candidate.left_usd, "its own budget leaves"), (case.wishes.left_usd, "the song's budgets leave"))
    for left, whose in budgets:
        if left is not None and quote > max(left, Decimal(0)):
            return f"it would cost {usd(quote)}, and {whose} {usd(max(left, Decimal(0)))}"
    return ""


RULES: Final[tuple[Callable[[Candidate, _Case], str], ...]] = (
    _not_the_origin,
    _lacks_the_task,
    _lacks_the_sound,
    _lacks_the_length,
    _already_tried,
    _stopped,
    _forbidden,
    _not_named,
    _unofficial,
    _not_configured,
    _unable,
    _not_for_sale,
    _resting,
    _too_dear,
)
"""The first reason counts: what a provider can never do stands before what can be changed, and that before money."""


def _refusal(candidate: Candidate, case: _Case) -> str:
    return next((reason for rule in RULES if (reason := rule(candidate, case))), "")


# Ranking.


def _group(candidate: Candidate, case: _Case) -> tuple[int, int]:
    name = candidate.capabilities.name
    for group, names in ((_PREFERRED, case.wishes.preferred), (_ORDERED, case.order)):
        if name in names:
            return group, names.index(name)
    return (_LAST if name == BUILTIN else _OTHER), 0


def _rank(candidate: Candidate, case: _Case) -> tuple[tuple[int, int], float, str]:
    group = _group(candidate, case)
    return group, -score(candidate).total if group[0] == _OTHER else 0.0, candidate.capabilities.name


# Words.


def _before(
    case: _Case, tried: Sequence[Tried], fit: Sequence[Candidate], refused: Mapping[str, str], titles: Mapping[str, str]
) -> list[str]:
    """What happened before the one that is chosen: attempts, and those that were to come first and may not."""
    said = [f"{titles.get(attempt.provider, attempt.provider)} was asked, but {_told(attempt)}." for attempt in tried]
    if not fit:
        return said
    task = case.needs.task
    beside_the_point = (_cannot(task), _no_such(task))  # A song prefers providers for other tasks as well.
    named, chosen = list(dict.fromkeys([*case.wishes.preferred, *case.order])), fit[0].capabilities.name
    for name in named[: named.index(chosen)] if chosen in named else named:
        if name in refused and name not in case.tried and refused[name] not in beside_the_point:
            place = "is preferred" if name in case.wishes.preferred else f"comes earlier for {NAMES[task]}"
            said.append(f"{titles.get(name, name)} {place}, but {refused[name]}.")
    return said


def _why(case: _Case, fit: Sequence[Candidate], refused: Mapping[str, str], titles: Mapping[str, str]) -> list[str]:
    task = NAMES[case.needs.task]
    if not fit:
        return [_nobody(case, refused, titles)]
    first, title = fit[0], fit[0].capabilities.title
    group, place = _group(first, case)
    if case.needs.origin and case.needs.task in RETURNING:
        why = f"{title} made what is worked on, so it goes back there."
    elif group == _PREFERRED:
        why = f"{title} is {'the first' if place == 0 else 'the next'} that the song prefers."
    elif group == _ORDERED:
        why = f"{title} is {'the first' if place == 0 else 'the next'} in the order for {task}."
    elif group == _LAST:
        why = f"{title} is always there for {task}, and nobody else comes into question."
    else:
        rivals = sum(_group(other, case)[0] == _OTHER for other in fit)
        best = f"the best of the {rivals}" if rivals > 1 else "the one"
        why = f"{title} is {best} left for {task}: {_known(first)}."
    cost = f"It will cost about {usd(first.quote_usd)}." if first.quote_usd > 0 else "It costs nothing."
    return [why, cost]


def _nobody(case: _Case, refused: Mapping[str, str], titles: Mapping[str, str]) -> str:
    if case.refuser and case.wishes.after_moderation == "stop":
        title = titles.get(case.refuser, case.refuser)
        return f"The song stops here, as its settings say: {title} refused its content. Change it, then try again."
    task = case.needs.task
    near = [f"{titles.get(name, name)}: {refused[name]}" for name in sorted(refused) if refused[name] != _cannot(task)]
    return f"Nobody is left for {NAMES[task]}" + (f" ({'; '.join(near)})." if near else ".")


def _cannot(task: Task) -> str:
    return f"it does not do {NAMES[task]}"


def _no_such(task: Task) -> str:
    return f"nobody of this name does {NAMES[task]}"


def _known(candidate: Candidate) -> str:
    known = score(candidate)
    calls = candidate.statistics.calls
    from_what = f"from {calls} call{'s' * (calls != 1)}" if calls else "as declared, for nothing is known yet"
    return f"quality {known.quality:.0%}, success {known.success:.0%}, speed {known.speed:.0%}, {from_what}"


def _told(attempt: Tried) -> str:
    return FAILURES[attempt.kind] + (f" ({attempt.reason.rstrip('.')})" if attempt.reason else "")


def usd(amount: Decimal) -> str:
    """At least two decimals, and more where a call costs less than a cent."""
    whole, _, part = f"{amount:.6f}".partition(".")
    return f"${whole}.{part.rstrip('0').ljust(2, '0')}"


def _span(seconds: float) -> str:
    for unit, name in ((3600.0, "h"), (60.0, "min")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{max(1.0, seconds):.0f} s"
