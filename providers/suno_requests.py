"""An order as Suno's request: which operation, within the model's limits, refused before it costs anything.

Style and title are shortened, for they only lose colour; lyrics are not, for a singer must not lose the last verse.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from domain.providers import ErrorKind, Task
from providers.errors import ProviderError
from providers.orders import MusicOrder, Order, Origin, TextOrder
from providers.suno_models import (
    AddVocals,
    Controls,
    Cover,
    Extend,
    Generate,
    Lyrics,
    OfTake,
    ReplaceSection,
    Request,
)
from providers.wording import lyrics_text, shortened, style_line

SHORTEST_S, LONGEST_S = 10, 360
"""What the field `duration` takes, seconds."""
DESCRIPTION_CHARS: Final = 500
"""Longest prompt when the gateway writes the lyrics itself."""
SECTION_S: Final = (10.0, 60.0)
"""Length of a section that may be replaced: sources say from 6 or from 10 s, so the narrower holds."""
SECTION_SHARE: Final = 0.5
"""At most this much of a take may be replaced."""
REFERENCE_S: Final = 480.0
"""Longest recording that is taken."""
WORDLESS: Final = "[Instrumental]"
OUT_OF_TUNE: Final = "out of tune"
"""What a new voice should not be, where the order says nothing: the field must not be empty."""


@dataclass(frozen=True)
class Limits:
    """What a model takes: characters of lyrics, style and title, and whether the length may be asked for."""

    prompt: int = 5000
    style: int = 1000
    title: int = 100
    duration: bool = False


LIMITS: Final[Mapping[str, Limits]] = {
    "V4": Limits(prompt=3000, style=200, title=80),
    "V4_5": Limits(),
    "V4_5PLUS": Limits(),
    "V4_5ALL": Limits(title=80),
    "V5": Limits(),
    "V5_5": Limits(duration=True),
    "V6": Limits(duration=True),
    "V6_MINI": Limits(duration=True),
    "V6_WILD": Limits(duration=True),
}
"""By model. [verified up to V5_5; V6 second-hand: only its `duration` is told, the rest is taken from V5_5]"""

GENDERS: Final[Mapping[str, str]] = {"female": "f", "male": "m"}


def operation_of(order: Order) -> str:
    """The operation that an order needs; ProviderError UNSUPPORTED says why there is none."""
    if isinstance(order, TextOrder):
        if order.task is not Task.LYRICS:
            raise _unsupported(f"Suno writes lyrics and music; it has nothing for {order.task.value}")
        return "lyrics"
    if order.wanted:
        _take(order)
        return order.wanted
    if order.task in (Task.STEMS, Task.SECTION_EDIT):
        _take(order)
        return {Task.STEMS: "stems", Task.SECTION_EDIT: "replace_section"}[order.task]
    if order.task not in (Task.FULL_SONG, Task.INSTRUMENTAL, Task.VOCALS, Task.TRANSFORMATION):
        raise _unsupported(f"Suno makes songs and sound; it has nothing for {order.task.value}")
    return _making(order)


def _making(order: MusicOrder) -> str:
    if order.reference is not None:
        if not order.reference.url:
            raise _unsupported(
                "Suno fetches a recording from a public address; this one has none, and no upload_url is configured"
            )
        return "add_vocals" if order.task is Task.VOCALS else "cover"
    if order.task is Task.TRANSFORMATION:
        raise _unsupported("a transformation needs the recording that is transformed, by its public address")
    if order.origin is not None:
        _take(order)
        return "extend"
    return "generate"


def request_of(order: Order, model: str, callback_url: str) -> Request:
    """The request for an order; ProviderError INVALID_REQUEST for what no model of the vendor would take."""
    operation = operation_of(order)
    if isinstance(order, TextOrder):
        words = "\n".join(part for part in (order.instructions.strip(), order.text.strip()) if part)
        return Lyrics(prompt=words, call_back_url=callback_url)
    return _BUILDERS[operation](order, model, callback_url)


def limits_of(model: str) -> Limits:
    """What a model takes; one that is not known here is held to what all of V4_5 and later take."""
    return LIMITS.get(model, Limits(title=80))


def title_of(order: MusicOrder, limits: Limits) -> str:
    """A title is required: one that is empty becomes "Untitled", one that is too long ends at a word."""
    return shortened(" ".join(order.title.split()) or "Untitled", limits.title)


def sung(order: MusicOrder, limits: Limits) -> str:
    """The lyrics, whole; INVALID_REQUEST when the model does not take so many characters."""
    return _whole(lyrics_text(order), limits)


def _whole(text: str, limits: Limits) -> str:
    if len(text) > limits.prompt:
        raise _invalid(f"the lyrics have {len(text):,} characters, the model takes {limits.prompt:,}; shorten them")
    return text


def _generate(order: MusicOrder, model: str, callback_url: str) -> Generate:
    limits = limits_of(model)
    text = "" if order.instrumental else sung(order, limits)
    if not order.instrumental and not text:
        line = style_line(order, DESCRIPTION_CHARS)
        described = f"{order.title.strip()}: {line}" if order.title.strip() else line
        return Generate(
            custom_mode=False,
            instrumental=False,
            model=model,
            call_back_url=callback_url,
            prompt=shortened(described, DESCRIPTION_CHARS),
        )
    controls = _controls(order)
    return Generate(
        custom_mode=True,
        instrumental=order.instrumental,
        model=model,
        call_back_url=callback_url,
        prompt=text or None,
        style=_style(order, limits),
        title=title_of(order, limits),
        duration=_duration(order, limits),
        negative_tags=controls.negative_tags,
        vocal_gender=controls.vocal_gender,
    )


def _cover(order: MusicOrder, model: str, callback_url: str) -> Cover:
    reference = order.reference
    if reference is None or reference.duration_s > REFERENCE_S:
        raise _invalid(f"the recording is longer than the {REFERENCE_S / 60:.0f} minutes that Suno takes; cut it")
    made = _generate(order, model, callback_url)
    fields = made.model_dump(exclude_none=True)
    if made.custom_mode:
        fields["audio_weight"] = round(1.0 - min(max(order.strength, 0.0), 1.0), 2)
    return Cover(**fields, upload_url=reference.url)


def _extend(order: MusicOrder, model: str, callback_url: str) -> Extend:
    origin = _take(order)
    known = origin.model if origin.model in LIMITS else model
    limits = limits_of(known)
    start = order.span_s[0] if order.span_s else float(math.ceil(origin.duration_s) - 1)
    if start <= 0:
        return Extend(default_param_flag=False, audio_id=origin.take_id, model=known, call_back_url=callback_url)
    if origin.duration_s and start >= origin.duration_s:
        raise _invalid(f"a take of {origin.duration_s:g} s cannot be continued from {start:g} s; name an earlier time")
    controls = _controls(order)
    return Extend(
        default_param_flag=True,
        audio_id=origin.take_id,
        model=known,
        call_back_url=callback_url,
        continue_at=round(start, 2),
        style=_style(order, limits),
        title=title_of(order, limits),
        prompt=(None if order.instrumental else sung(order, limits)) or WORDLESS,
        negative_tags=controls.negative_tags,
        vocal_gender=controls.vocal_gender,
    )


def _add_vocals(order: MusicOrder, model: str, callback_url: str) -> AddVocals:
    limits = limits_of(model)
    text = sung(order, limits)
    if order.reference is None or not text:
        raise _invalid("a voice needs lyrics to sing; write them or order an instrumental")
    return AddVocals(
        prompt=text,
        title=title_of(order, limits),
        negative_tags=", ".join(order.negative) or OUT_OF_TUNE,
        style=_style(order, limits),
        upload_url=order.reference.url,
        call_back_url=callback_url,
        model=model,
    )


def _replace_section(order: MusicOrder, model: str, callback_url: str) -> ReplaceSection:
    origin = _take(order)
    start, end = checked_span(order.span_s, origin.duration_s)
    limits = limits_of(origin.model if origin.model in LIMITS else model)
    text = WORDLESS if order.instrumental else (sung(order, limits) or WORDLESS)
    style = _style(order, limits)
    return ReplaceSection(
        task_id=origin.job_id,
        audio_id=origin.take_id,
        prompt=_whole(_between(order, start, end), limits) or style,
        tags=style,
        title=title_of(order, limits),
        infill_start_s=start,
        infill_end_s=end,
        full_lyrics=text,
        negative_tags=", ".join(order.negative) or None,
        call_back_url=callback_url,
    )


def checked_span(span_s: tuple[float, float] | None, take_s: float) -> tuple[float, float]:
    """Start and end with two decimals: 10–60 s, at most half of the take and inside it; else INVALID_REQUEST."""
    if span_s is None:
        raise _invalid("which section is to be replaced? Give its start and end in seconds")
    start, end = round(span_s[0], 2), round(span_s[1], 2)
    length = round(end - start, 2)
    if not SECTION_S[0] <= length <= SECTION_S[1] or start < 0:
        raise _invalid(
            f"a section from {start:g} to {end:g} s cannot be replaced: "
            f"{SECTION_S[0]:g}–{SECTION_S[1]:g} s are taken, from 0 on"
        )
    if take_s <= 0:
        raise _invalid("a section can be replaced only in a take whose length is known; measure it first")
    if end > take_s or length > SECTION_SHARE * take_s:
        raise _invalid(
            f"a section from {start:g} to {end:g} s is not inside a take of {take_s:g} s, or more than half of it"
        )
    return start, end


def _of_take(order: MusicOrder, model: str, callback_url: str) -> OfTake:
    origin = _take(order)
    return OfTake(task_id=origin.job_id, audio_id=origin.take_id, call_back_url=callback_url)


def _words(order: MusicOrder, model: str, callback_url: str) -> OfTake:
    origin = _take(order)
    return OfTake(task_id=origin.job_id, audio_id=origin.take_id)


def _stems(order: MusicOrder, model: str, callback_url: str) -> OfTake:
    origin = _take(order)
    return OfTake(
        task_id=origin.job_id,
        audio_id=origin.take_id,
        call_back_url=callback_url,
        type="split_stem" if order.stem_kinds == "many" else "separate_vocal",
    )


_BUILDERS: Final[Mapping[str, Callable[[MusicOrder, str, str], Request]]] = {
    "generate": _generate,
    "cover": _cover,
    "extend": _extend,
    "add_vocals": _add_vocals,
    "replace_section": _replace_section,
    "stems": _stems,
    "wav": _of_take,
    "words": _words,
}


def _controls(order: MusicOrder) -> Controls:
    gender = "" if order.instrumental else GENDERS.get(order.vocal_gender, "")
    return Controls.model_validate(
        {"negative_tags": ", ".join(order.negative) or None, "vocal_gender": gender or None},
    )


def _style(order: MusicOrder, limits: Limits) -> str:
    return style_line(order, limits.style) or "song"


def _duration(order: MusicOrder, limits: Limits) -> int | None:
    if not limits.duration or order.duration_s is None:
        return None
    whole = round(order.duration_s)
    return whole if SHORTEST_S <= whole <= LONGEST_S else None


def _between(order: MusicOrder, start: float, end: float) -> str:
    """The lyrics of the planned sections that the span touches by at least half of their length."""
    at, lines = 0.0, list[str]()
    for section in order.sections:
        shared = min(end, at + section.duration_s) - max(start, at)
        if shared > section.duration_s / 2:
            lines.extend(section.lyrics)
        at += section.duration_s
    return "\n".join(lines)


def _take(order: MusicOrder) -> Origin:
    origin = order.origin
    if origin is None or not origin.job_id or not origin.take_id:
        raise _unsupported("this works on a take that Suno made; the order names none")
    return origin


def _unsupported(message: str) -> ProviderError:
    return ProviderError(ErrorKind.UNSUPPORTED, message)


def _invalid(message: str) -> ProviderError:
    return ProviderError(ErrorKind.INVALID_REQUEST, message)
