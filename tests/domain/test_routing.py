"""Fifty situations of a studio, and what holds in every one."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.providers import (
    BUILTIN,
    FOLLOWING_TASKS,
    Breaker,
    ErrorKind,
    Needs,
    Statistics,
    Task,
    Tried,
    Wishes,
)
from domain.routing import FAILURES, MODERATED, NAMES, ONLY_WHEN_NAMED, ORDER, choose, score
from tests.domain.routing_support import ABLE, candidate, studio

SINGING = {"vocals": True, "lyrics": True}
FREE = {"unofficial_allowed": True}
CLOUD = ("suno", "udio", "elevenlabs", "mureka", "musicgen", "stable_audio", "openai", "anthropic")
ALL_BUT_BUILTIN = tuple(name for name in ABLE if name != BUILTIN)
DOWN = {"breaker": Breaker(open_for_s=30, reason=FAILURES[ErrorKind.OVERLOADED])}
BROKE = {"account": Breaker(open_for_s=7200, reason=FAILURES[ErrorKind.INSUFFICIENT_CREDITS])}


@dataclass(frozen=True)
class Situation:
    """What is asked for in which studio; `ranking` names all that may be asked, `refused` words of a reason."""

    name: str
    task: Task
    ranking: tuple[str, ...]
    refused: dict[str, str] = field(default_factory=dict)
    needs: dict[str, Any] = field(default_factory=dict)
    wishes: dict[str, Any] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    studio: dict[str, dict[str, Any]] = field(default_factory=dict)
    tried: tuple[tuple[str, ErrorKind], ...] = ()
    says: str = ""
    unsaid: str = "?"


SITUATIONS = (
    # Who comes first.
    Situation(
        "a sung song, everything allowed", Task.FULL_SONG,
        ("suno", "udio", "elevenlabs", "mureka", "ace_step"),
        {BUILTIN: "does not sing", "musicgen": "does not do a full song"},
        needs=SINGING, wishes=FREE, says="Suno is the first in the order for a full song.",
    ),
    Situation(
        "a sung song, only official ways", Task.FULL_SONG, ("elevenlabs", "mureka", "ace_step"),
        {"suno": "unofficial gateway", "udio": "unofficial gateway"}, needs=SINGING,
        says="Suno comes earlier for a full song, but it is reached through an unofficial gateway",
    ),
    Situation(
        "a song without voice ends at our own engine", Task.FULL_SONG,
        ("suno", "udio", "elevenlabs", "mureka", "ace_step", BUILTIN), wishes=FREE,
    ),
    Situation(
        "no key of anybody: our own engine", Task.FULL_SONG, (BUILTIN,), {"elevenlabs": "no key is set"},
        absent=ALL_BUT_BUILTIN, says="Sostenuto is always there for a full song, and nobody else comes into question.",
    ),
    Situation(
        "a jingle of 25 s", Task.INSTRUMENTAL,
        ("musicgen", "musicgen_local", "stable_audio", "mureka", "ace_step", "elevenlabs", BUILTIN),
        needs={"duration_s": 25}, says="Musicgen is the first in the order for an instrumental.",
    ),
    Situation(
        "an instrumental of three minutes is too long for MusicGen", Task.INSTRUMENTAL,
        ("stable_audio", "mureka", "ace_step", "elevenlabs", BUILTIN),
        {"musicgen": "30 s at most, and 180 s are wanted"}, needs={"duration_s": 180},
        says="Stable Audio is the next in the order for an instrumental.",
    ),
    Situation(
        "ten minutes of music", Task.INSTRUMENTAL, ("ace_step", "elevenlabs", BUILTIN),
        {"stable_audio": "380 s at most", "mureka": "300 s at most"}, needs={"duration_s": 600},
        says="Ace Step is the best of the 2 left for an instrumental: quality 60%, success 90%, speed 50%, as declared",
    ),
    Situation(
        "a sound logo of 5 s", Task.FULL_SONG, ("udio", "elevenlabs", "mureka"),
        {"suno": "10 s at least", BUILTIN: "20 s at least", "ace_step": "10 s at least"},
        needs={"duration_s": 5}, wishes=FREE,
    ),
    Situation(
        "the preferred one goes before the order", Task.FULL_SONG,
        ("mureka", "suno", "udio", "elevenlabs", "ace_step"), needs=SINGING,
        wishes={**FREE, "preferred": ("mureka",)}, says="Mureka is the first that the song prefers.",
    ),
    Situation(
        "two preferred ones, in the song's own order", Task.FULL_SONG,
        ("ace_step", "elevenlabs", "mureka"), needs=SINGING, wishes={"preferred": ("ace_step", "elevenlabs")},
    ),
    Situation(
        "the preferred one cannot sing", Task.FULL_SONG, ("elevenlabs", "mureka", "ace_step"),
        {"stable_audio": "does not do a full song"}, needs=SINGING, wishes={"preferred": ("stable_audio",)},
        says="Elevenlabs is the next in the order for a full song.", unsaid="Stable Audio",
    ),
    Situation(
        "our own engine is preferred", Task.INSTRUMENTAL,
        (BUILTIN, "stable_audio", "mureka", "ace_step", "elevenlabs"),
        needs={"duration_s": 180}, wishes={"preferred": (BUILTIN,)},
        says="Sostenuto is the first that the song prefers.",
    ),
    Situation(
        "a preferred name with a slip of the pen", Task.FULL_SONG, ("elevenlabs", "mureka", "ace_step"),
        {"sunno": "nobody of this name does a full song"}, needs=SINGING, wishes={"preferred": ("sunno",)},
        unsaid="sunno",
    ),
    Situation(
        "an order of the song's own", Task.FULL_SONG, ("ace_step", "mureka", "elevenlabs"),
        needs=SINGING, wishes={"order": ("ace_step",)},
    ),
    Situation(
        "an order with our own engine in the middle", Task.INSTRUMENTAL,
        ("stable_audio", BUILTIN, "mureka", "ace_step", "elevenlabs"),
        needs={"duration_s": 120}, wishes={"order": ("stable_audio", BUILTIN)},
    ),
    # Words and notes.
    Situation("lyrics", Task.LYRICS, ("openai", "anthropic", "local_llm"), {BUILTIN: "does not do lyrics"}),
    Situation(
        "lyrics where nobody writes", Task.LYRICS, (), {"openai": "no key is set"}, absent=(*CLOUD, "local_llm"),
        says="Nobody is left for lyrics (Anthropic: it is not configured: no key is set;",
    ),
    Situation("an idea is worked out", Task.ENHANCEMENT, ("anthropic", "openai", "local_llm", BUILTIN)),
    Situation(
        "an idea is worked out offline", Task.ENHANCEMENT, ("local_llm", BUILTIN), absent=CLOUD,
        says="Anthropic comes earlier for working out the idea, but it is not configured: no key is set.",
    ),
    Situation(
        "chords are ours", Task.MUSIC_THEORY, (BUILTIN,), {"anthropic": "only where the song prefers it"},
        says="It costs nothing.",
    ),
    Situation(
        "chords by a preferred model", Task.MUSIC_THEORY, ("anthropic", BUILTIN), {"openai": "only where"},
        wishes={"preferred": ("anthropic",)}, says="It will cost about $0.03.",
    ),
    Situation(
        "a melody by an ordered model", Task.MELODY, ("openai", BUILTIN), {"local_llm": "only where"},
        wishes={"order": ("openai",)},
    ),
    Situation("a bass line where a singer is preferred", Task.BASS, (BUILTIN,), {"suno": "does not do a bass line"},
              wishes={"preferred": ("suno",)}),
    Situation(
        "a rhythm after our own engine failed", Task.RHYTHM, (), {BUILTIN: "asked already: it had trouble"},
        tried=((BUILTIN, ErrorKind.UPSTREAM),), says="Nobody is left for a rhythm",
    ),
    Situation("structure", Task.STRUCTURE, (BUILTIN,)),
    Situation("an analysis", Task.ANALYSIS, (BUILTIN,), {"anthropic": "does not do an analysis"}),
    # What may not be asked.
    Situation(
        "preferring an unofficial one does not allow it", Task.VOCALS, ("mureka", "ace_step", "elevenlabs"),
        {"suno": "unofficial gateway"}, needs=SINGING, wishes={"preferred": ("suno",)},
        says="Suno is preferred, but it is reached through an unofficial gateway",
    ),
    Situation(
        "vocals, everything allowed", Task.VOCALS, ("udio", "suno", "mureka", "ace_step", "elevenlabs"),
        needs=SINGING, wishes=FREE,
    ),
    Situation(
        "forbidden beats preferred", Task.FULL_SONG, ("elevenlabs", "ace_step"),
        {"mureka": "the song forbids it"}, needs=SINGING,
        wishes={"preferred": ("mureka",), "forbidden": ("mureka",)},
    ),
    Situation(
        "even our own engine may be forbidden", Task.MELODY, (), {BUILTIN: "the song forbids it"},
        wishes={"forbidden": (BUILTIN,)},
    ),
    Situation(
        "a record that is to be sold", Task.FULL_SONG, ("ace_step", BUILTIN),
        {"suno": "is not known", "elevenlabs": "only under some plans"}, wishes={**FREE, "commercial": True},
    ),
    Situation(
        "to be sold, on a plan that allows it", Task.FULL_SONG, ("elevenlabs", "ace_step", BUILTIN),
        {"mureka": "only under some plans"}, wishes={"commercial": True},
        studio={"elevenlabs": {"plan_commercial": True}},
    ),
    Situation(
        "a jingle that is to be sold", Task.INSTRUMENTAL, ("ace_step", BUILTIN),
        {"musicgen": "may not be sold", "musicgen_local": "may not be sold"},
        needs={"duration_s": 25}, wishes={"commercial": True},
    ),
    Situation(
        "a WAV is needed", Task.FULL_SONG, ("suno", "elevenlabs", "ace_step", BUILTIN),
        {"udio": "does not deliver wav, only mp3", "mureka": "only mp3, flac"},
        needs={"format": "wav"}, wishes=FREE,
    ),
    Situation(
        "a reference to listen to", Task.INSTRUMENTAL, ("stable_audio", "ace_step", "elevenlabs"),
        {"mureka": "does not listen to reference audio", BUILTIN: "does not listen"},
        needs={"reference_audio": True, "duration_s": 60},
    ),
    # Money.
    Situation(
        "ten cents are left", Task.FULL_SONG, ("suno", "udio", "mureka", "ace_step"),
        {"elevenlabs": "would cost $0.80, and the song's budgets leave $0.10"},
        needs=SINGING, wishes={**FREE, "left_usd": Decimal("0.10")}, says="It will cost about $0.10.",
    ),
    Situation(
        "nothing is left: what is free remains", Task.FULL_SONG, ("ace_step", BUILTIN),
        {"mureka": "would cost $0.04, and the song's budgets leave $0.00"}, wishes={"left_usd": Decimal(0)},
    ),
    Situation(
        "more was charged than was left", Task.FULL_SONG, ("ace_step", BUILTIN), {"mureka": "leave $0.00"},
        wishes={"left_usd": Decimal("-0.31")},
    ),
    Situation(
        "the provider's own day is spent", Task.FULL_SONG, ("mureka", "ace_step"),
        {"elevenlabs": "its own budget leaves $0.50"}, needs=SINGING,
        studio={"elevenlabs": {"left_usd": Decimal("0.50")}},
    ),
    # Trouble.
    Situation(
        "the first one is down", Task.FULL_SONG, ("udio", "elevenlabs", "mureka", "ace_step"),
        {"suno": "rests for 30 s: it is overloaded or in maintenance"}, needs=SINGING, wishes=FREE,
        studio={"suno": DOWN}, says="Udio is the next in the order for a full song.",
    ),
    Situation(
        "the preferred account has no credits", Task.FULL_SONG, ("elevenlabs", "ace_step"),
        {"mureka": "the account rests for 2 h: the account has no credits left"}, needs=SINGING,
        wishes={"preferred": ("mureka",)}, studio={"mureka": BROKE},
    ),
    Situation(
        "the only singer is down", Task.VOCALS, (), {"elevenlabs": "rests for 30 s"}, needs=SINGING,
        absent=("suno", "udio", "mureka", "ace_step"), studio={"elevenlabs": DOWN},
        says="Elevenlabs: it rests for 30 s",
    ),
    Situation(
        "one was tried and timed out", Task.FULL_SONG, ("mureka", "ace_step"),
        {"elevenlabs": "asked already: it did not answer in time"}, needs=SINGING,
        tried=(("elevenlabs", ErrorKind.TIMEOUT),), says="Elevenlabs was asked, but it did not answer in time.",
    ),
    Situation(
        "all were tried", Task.FULL_SONG, (BUILTIN,), absent=("suno", "udio"),
        tried=(
            ("elevenlabs", ErrorKind.UPSTREAM), ("mureka", ErrorKind.RATE_LIMITED), ("ace_step", ErrorKind.OVERLOADED),
        ),
    ),
    Situation(
        "the account's model cannot take this very order", Task.FULL_SONG, ("mureka", "ace_step"),
        {"elevenlabs": "cannot take this order: no model is called 'music_v9'"}, needs=SINGING,
        studio={"elevenlabs": {"unable": "no model is called 'music_v9'."}},
        says="Elevenlabs comes earlier for a full song, but it cannot take this order: no model is called 'music_v9'.",
    ),
    # What a provider refuses to make.
    Situation(
        "words are refused, the next one may try", Task.FULL_SONG, ("mureka", "ace_step"),
        {"elevenlabs": "asked already: it refused the words"}, needs=SINGING,
        tried=(("elevenlabs", ErrorKind.MODERATION),),
    ),
    Situation(
        "words are refused, the song stops", Task.FULL_SONG, (),
        {"mureka": "stops where a provider refuses", BUILTIN: "does not sing"}, needs=SINGING,
        wishes={"after_moderation": "stop"}, tried=(("elevenlabs", ErrorKind.MODERATION),),
        says="The song stops here, as its settings say: Elevenlabs refused its content.",
    ),
    Situation(
        "words are refused, the song has a chain for that", Task.FULL_SONG, ("ace_step", BUILTIN),
        {"mureka": "does not name it for what another has refused"},
        wishes={"moderation_order": ("ace_step",), "preferred": ("mureka",)},
        tried=(("elevenlabs", ErrorKind.COPYRIGHT),),
    ),
    Situation(
        "the chain for refusals waits for a refusal", Task.FULL_SONG, ("mureka", "ace_step", BUILTIN),
        wishes={"moderation_order": ("ace_step",), "after_moderation": "stop"},
        tried=(("elevenlabs", ErrorKind.OVERLOADED),),
    ),
    # What works on an earlier result.
    Situation(
        "stems go back to where the song was made", Task.STEMS, ("suno",),
        {"elevenlabs": "was made by suno, and only it can go on"}, needs={"origin": "suno"}, wishes=FREE,
        says="Suno made what is worked on, so it goes back there.",
    ),
    Situation(
        "the origin of a section to change is down", Task.SECTION_EDIT, (),
        {"elevenlabs": "rests for 30 s", "ace_step": "was made by elevenlabs"}, needs={"origin": "elevenlabs"},
        studio={"elevenlabs": DOWN}, says="Nobody is left for changing a section",
    ),
    Situation(
        "a longer version of a song, another one preferred", Task.FULL_SONG, ("mureka",),
        {"elevenlabs": "was made by mureka"}, needs={"origin": "mureka"}, wishes={"preferred": ("elevenlabs",)},
    ),
    Situation(
        "stems of a file from elsewhere", Task.STEMS, ("mureka", "elevenlabs"), {BUILTIN: "does not do stems"},
        needs={"reference_audio": False},
    ),
    Situation(
        "a cover may be made by another", Task.TRANSFORMATION, ("stable_audio", "ace_step"),
        {"suno": "unofficial"}, needs={"origin": "mureka", "reference_audio": True, "duration_s": 90},
    ),
    # The score, where nobody is named.
    Situation(
        "a provider that fails often falls behind", Task.VOCALS, ("ace_step", "elevenlabs", "mureka"),
        needs=SINGING, absent=("suno", "udio"),
        studio={"mureka": {"statistics": Statistics(calls=40, success=0.3, seconds=60, usd=0.04)}},
        says="Ace Step is the best of the 3 left for vocals",
    ),
    Situation(
        "a proven provider overtakes", Task.VOCALS, ("elevenlabs", "mureka", "ace_step"),
        needs=SINGING, absent=("suno", "udio"),
        studio={
            "elevenlabs": {"statistics": Statistics(calls=60, success=1.0, seconds=20, usd=0.3, quality=0.98)},
            "ace_step": {"statistics": Statistics(calls=60, success=0.6, seconds=400, quality=0.4)},
        },
        says="quality 97%, success 99%, speed 85%, from 60 calls",
    ),
    Situation(
        "no score moves the order", Task.FULL_SONG, ("elevenlabs", "mureka", "ace_step"), needs=SINGING,
        studio={"elevenlabs": {"statistics": Statistics(calls=90, success=0.1, seconds=900, usd=2, quality=0.1)}},
    ),
)  # fmt: skip


def run(situation: Situation):
    return choose(
        Needs(task=situation.task, **situation.needs),
        studio(situation.absent, **situation.studio),
        Wishes(**situation.wishes),
        [Tried(provider=name, kind=kind) for name, kind in situation.tried],
    )


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.name)
def test_situation(situation: Situation) -> None:
    choice = run(situation)
    assert choice.ranking == situation.ranking
    assert choice.provider == (situation.ranking[0] if situation.ranking else "")
    why = {refusal.provider: refusal.reason for refusal in choice.refused}
    for name, words in situation.refused.items():
        assert words in why[name]
    assert set(why) | set(choice.ranking) >= set(ABLE)
    assert not set(why) & set(choice.ranking)
    told = " ".join(choice.reasons)
    assert situation.says in told
    assert situation.unsaid not in told


def test_there_are_fifty_situations_of_every_task() -> None:
    assert len(SITUATIONS) >= 50
    assert len({situation.name for situation in SITUATIONS}) == len(SITUATIONS)
    assert {situation.task for situation in SITUATIONS} == set(Task)


def test_every_task_and_every_error_has_words() -> None:
    assert set(ORDER) == set(NAMES) == set(Task)
    assert set(FAILURES) == set(ErrorKind)


def test_small_prices_are_told_exactly() -> None:
    poor = Wishes(left_usd=Decimal("0.00012"), preferred=("openai",))
    priced = [candidate("openai", quote_usd=Decimal("0.00034"))]
    (refusal,) = choose(Needs(task=Task.LYRICS), priced, poor).refused
    assert refusal.reason == "it would cost $0.00034, and the song's budgets leave $0.00012"


def test_what_was_measured_counts_more_with_every_call() -> None:
    declared = ABLE["mureka"].quality
    seen = [
        score(candidate("mureka", statistics=Statistics(calls=calls, quality=0.1))).quality for calls in (0, 1, 5, 500)
    ]
    assert seen[0] == declared
    assert seen == sorted(seen, reverse=True)
    assert seen[2] == pytest.approx((declared + 0.1) / 2)
    assert seen[3] == pytest.approx(0.1, abs=0.01)


# What holds in every situation.

NAMES_OF_ALL = tuple(ABLE)
names = st.lists(st.sampled_from(NAMES_OF_ALL), max_size=4, unique=True).map(tuple)
money = st.none() | st.decimals(-1, 2, places=2)
pauses = st.sampled_from((Breaker(), Breaker(), Breaker(), Breaker(open_for_s=30, reason="it is overloaded")))
statistics = st.builds(
    Statistics,
    calls=st.integers(0, 50),
    success=st.floats(0, 1),
    seconds=st.floats(0, 1000),
    usd=st.floats(0, 3),
    quality=st.none() | st.floats(0, 1),
)
asked = st.builds(
    Needs,
    task=st.sampled_from(Task),
    duration_s=st.none() | st.floats(5, 900),
    vocals=st.booleans(),
    lyrics=st.booleans(),
    reference_audio=st.booleans(),
    format=st.sampled_from(("", "", "wav", "mp3")),
    origin=st.sampled_from(("", "", *NAMES_OF_ALL)),
)
wished = st.builds(
    Wishes,
    preferred=names,
    forbidden=st.lists(st.sampled_from(NAMES_OF_ALL), max_size=2).map(tuple),
    order=st.none() | names,
    unofficial_allowed=st.booleans(),
    commercial=st.booleans(),
    left_usd=money,
    after_moderation=st.sampled_from(("stop", "next")),
    moderation_order=st.none() | names,
)
attempts = st.lists(
    st.builds(Tried, provider=st.sampled_from(NAMES_OF_ALL), kind=st.sampled_from(ErrorKind)), max_size=4
)


@st.composite
def candidates(draw):
    able = draw(st.permutations(NAMES_OF_ALL))
    return [
        candidate(
            name,
            configured=draw(st.sampled_from((True, True, True, False))),
            unable=draw(st.sampled_from(("", "", "", "it knows no such key"))),
            left_usd=draw(money),
            plan_commercial=draw(st.booleans()),
            breaker=draw(pauses),
            account=draw(pauses),
            statistics=draw(statistics),
        )
        for name in able[: draw(st.integers(0, len(able)))]
    ]


@settings(max_examples=150, deadline=None)
@given(asked, candidates(), wished, attempts)
def test_nobody_is_ranked_who_may_not_be_asked(needs, given_, wishes, tried) -> None:
    choice = choose(needs, given_, wishes, tried)
    there = {one.capabilities.name: one for one in given_}
    for name in choice.ranking:
        one, able = there[name], there[name].capabilities
        assert one.configured
        assert not one.unable
        assert name not in wishes.forbidden
        assert able.official or wishes.unofficial_allowed
        assert needs.task in able.tasks
        for left in (one.left_usd, wishes.left_usd):
            assert left is None or one.quote_usd == 0 or one.quote_usd <= left
        assert one.breaker.open_for_s == one.account.open_for_s == 0
        assert not wishes.commercial or able.commercial == "yes" or (able.commercial == "plan" and one.plan_commercial)
        assert name not in {attempt.provider for attempt in tried}
        if needs.origin and needs.task in FOLLOWING_TASKS:
            assert name == needs.origin
    refused = {refusal.provider for refusal in choice.refused}
    assert refused | set(choice.ranking) == set(there) | set(wishes.preferred) - _silent(wishes, tried, there)
    assert all(refusal.reason for refusal in choice.refused)
    assert choice.reasons


def _silent(wishes, tried, there):
    """A preference that the song's own chain for refusals has taken the place of is not told about."""
    moderated = any(attempt.kind in MODERATED for attempt in tried)
    return set(wishes.preferred) - set(there) if moderated and wishes.moderation_order is not None else set()


@settings(max_examples=100, deadline=None)
@given(asked, candidates(), wished, attempts, st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_does_not_matter(needs, given_, wishes, tried, random) -> None:
    shuffled = list(given_)
    random.shuffle(shuffled)
    assert choose(needs, given_, wishes, tried) == choose(needs, shuffled, wishes, tried)


@settings(max_examples=150, deadline=None)
@given(asked, candidates(), wished)
def test_preference_goes_before_order_goes_before_score_goes_before_our_own(needs, given_, wishes) -> None:
    ranking = choose(needs, given_, wishes).ranking
    order = ORDER[needs.task] if wishes.order is None else wishes.order
    preferred = [name for name in wishes.preferred if name in ranking]
    ordered = [name for name in order if name in ranking and name not in preferred]
    others = [name for name in ranking if name not in {*preferred, *ordered, BUILTIN}]
    last = [BUILTIN] if BUILTIN in ranking and BUILTIN not in {*preferred, *ordered} else []
    assert list(ranking) == [*preferred, *ordered, *others, *last]
    totals = {one.capabilities.name: score(one).total for one in given_}
    assert [totals[name] for name in others] == sorted((totals[name] for name in others), reverse=True)
    assert not (others and needs.task in ONLY_WHEN_NAMED)


@settings(max_examples=100, deadline=None)
@given(asked, candidates(), wished, st.lists(statistics, min_size=len(ABLE), max_size=len(ABLE)))
def test_statistics_change_nothing_but_the_order_of_those_not_named(needs, given_, wishes, other) -> None:
    before = choose(needs, given_, wishes)
    changed = [
        one.model_copy(update={"statistics": new}) for one, new in zip(given_, other[: len(given_)], strict=True)
    ]
    after = choose(needs, changed, wishes)
    named = {*wishes.preferred, *(ORDER[needs.task] if wishes.order is None else wishes.order), BUILTIN}
    assert after.refused == before.refused
    assert set(after.ranking) == set(before.ranking)
    for one, other_ in zip(before.ranking, after.ranking, strict=True):
        assert (one == other_) or not {one, other_} & named


@settings(max_examples=100, deadline=None)
@given(asked, candidates(), wished)
def test_asking_on_ends_with_nobody_and_repeats_nobody(needs, given_, wishes) -> None:
    tried: list[Tried] = []
    first = choose(needs, given_, wishes)
    while choice := choose(needs, given_, wishes, tried).provider:
        tried.append(Tried(provider=choice, kind=ErrorKind.UPSTREAM))
    assert tuple(attempt.provider for attempt in tried) == first.ranking


@settings(max_examples=100, deadline=None)
@given(asked, candidates(), wished, st.sampled_from(sorted(MODERATED)))
def test_a_refusal_of_content_is_followed_as_the_song_says(needs, given_, wishes, kind) -> None:
    first = choose(needs, given_, wishes)
    after = choose(needs, given_, wishes, [Tried(provider=first.provider, kind=kind)] if first.provider else [])
    assert first.provider not in after.ranking or not first.provider
    if not first.provider:
        return
    if wishes.after_moderation == "stop":
        assert after.ranking == ()
        assert after.reasons[-1].startswith("The song stops here")
    elif wishes.moderation_order is not None:
        assert set(after.ranking) <= {*wishes.moderation_order, BUILTIN}
    else:
        assert after.ranking == first.ranking[1:]


def test_a_choice_survives_being_written_down() -> None:
    choice = run(SITUATIONS[0])
    assert type(choice).model_validate_json(choice.model_dump_json()) == choice
