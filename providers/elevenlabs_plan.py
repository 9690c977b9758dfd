"""An order as a composition plan: chunks for music_v2 and later, sections for music_v1."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

from providers.elevenlabs_models import (
    LONGEST_MS,
    MAX_CHUNKS,
    MAX_LINE,
    MAX_LINES,
    MIN_RANGE_MS,
    SECTION_MS,
    SHORTEST_MS,
    TITLE,
    ChunkPlan,
    GenerationChunk,
    Range,
    ReferenceChunk,
    Section,
    SectionPlan,
)
from providers.orders import MusicOrder, PlannedSection
from providers.refusals import unsupported
from providers.wording import length_s, planned_sections, style_words, tag

NO_VOICE: Final = "vocals"
"""What a plan keeps out of an instrumental: it has no flag for it."""


def composition(order: MusicOrder, model: str) -> ChunkPlan | SectionPlan:
    """The plan of a new song in the shape that the model reads."""
    sections = planned_sections(order)
    return section_plan(order, sections) if model == "music_v1" else ChunkPlan(chunks=chunks(order, sections))


def chunks(
    order: MusicOrder, sections: Sequence[PlannedSection], most: int = MAX_CHUNKS
) -> tuple[GenerationChunk, ...]:
    """One chunk a section; neighbours share one where there are more than `most` sections."""
    group = max(1, math.ceil(len(sections) / most))
    return tuple(_chunk(order, sections[at : at + group]) for at in range(0, len(sections), group))


def _chunk(order: MusicOrder, sections: Sequence[PlannedSection]) -> GenerationChunk:
    sung = "\n".join("\n".join((tag(one.name), *_lines(order, one))) for one in sections)
    return GenerationChunk(
        text=sung,
        duration_ms=max(SHORTEST_MS, _milliseconds(sum(one.duration_s for one in sections))),
        positive_styles=_unique((*style_words(order), *(style for one in sections for style in one.styles))),
        negative_styles=_kept_out(order),
    )


def section_plan(order: MusicOrder, sections: Sequence[PlannedSection]) -> SectionPlan:
    """Sections within 3–120 s and 30 lines: longer ones are continued in another of the same name."""
    parts = tuple(part for one in sections for part in _parts(order, one))
    return SectionPlan(
        positive_global_styles=style_words(order), negative_global_styles=_kept_out(order), sections=parts
    )


def _parts(order: MusicOrder, section: PlannedSection) -> Iterator[Section]:
    shortest, longest = SECTION_MS
    whole = max(shortest, _milliseconds(section.duration_s))
    lines = _lines(order, section)
    count = max(math.ceil(whole / longest), math.ceil(len(lines) / MAX_LINES), 1)
    each, share = math.ceil(whole / count), math.ceil(len(lines) / count)
    for at in range(count):
        yield Section(
            section_name=section.name[:100],
            positive_local_styles=section.styles,
            negative_local_styles=(),
            duration_ms=max(shortest, min(each, whole - at * each)),
            lines=lines[at * share : (at + 1) * share],
        )


def edited(order: MusicOrder, song_id: str) -> ChunkPlan:
    """The stored song with one span made anew: what is before and after is taken over as it is."""
    whole = order.origin.duration_s if order.origin else 0.0
    start, end = order.span_s or (0.0, 0.0)
    if not 0 <= start < end <= whole:
        raise unsupported(TITLE, f"the span {start:g}–{end:g} s does not lie within the song's {whole:g} s")
    if _milliseconds(end - start) < SHORTEST_MS:
        raise unsupported(TITLE, f"the span lasts {end - start:g} s; it makes no less than {SHORTEST_MS / 1000:g} s")
    planned = PlannedSection(name="section", duration_s=end - start)
    new = _chunk(order, _fitted(planned_sections(order) or (planned,), end - start))
    around = (_kept(song_id, 0.0, start), new, _kept(song_id, end, whole))
    return ChunkPlan(chunks=tuple(chunk for chunk in around if chunk is not None))


def extended(order: MusicOrder, song_id: str) -> ChunkPlan:
    """The stored song and what follows it, until the whole is as long as ordered."""
    before, whole = (order.origin.duration_s if order.origin else 0.0), length_s(order)
    kept = _kept(song_id, 0.0, before)
    if kept is None or not before < whole:
        raise unsupported(TITLE, f"a continuation from {before:g} s to {whole:g} s is none")
    planned = PlannedSection(name="section", duration_s=whole - before)
    new = chunks(order, _fitted(planned_sections(order) or (planned,), whole - before), MAX_CHUNKS - 1)
    return ChunkPlan(chunks=(kept, *new))


def plan_ms(plan: ChunkPlan | SectionPlan) -> int:
    """Length of what the plan makes, in milliseconds."""
    if isinstance(plan, SectionPlan):
        return sum(one.duration_ms for one in plan.sections)
    return sum(
        one.duration_ms if isinstance(one, GenerationChunk) else one.range.end_ms - one.range.start_ms
        for one in plan.chunks
    )


def check_length(milliseconds: int) -> None:
    """UNSUPPORTED for a song shorter than 3 s or longer than 10 min."""
    if not SHORTEST_MS <= milliseconds <= LONGEST_MS:
        limits = f"{SHORTEST_MS // 1000}–{LONGEST_MS // 1000} s"
        raise unsupported(TITLE, f"{milliseconds / 1000:g} s; it makes {limits}")


def _fitted(sections: tuple[PlannedSection, ...], whole_s: float) -> tuple[PlannedSection, ...]:
    """The same sections, together as long as `whole_s`."""
    given = sum(one.duration_s for one in sections)
    return tuple(one.model_copy(update={"duration_s": one.duration_s * whole_s / given}) for one in sections)


def _kept(song_id: str, start_s: float, end_s: float) -> ReferenceChunk | None:
    start, end = _milliseconds(start_s), _milliseconds(end_s)
    if end - start < MIN_RANGE_MS:
        return None
    return ReferenceChunk(song_id=song_id, range=Range(start_ms=start, end_ms=end))


def _lines(order: MusicOrder, section: PlannedSection) -> tuple[str, ...]:
    return () if order.instrumental else tuple(line[:MAX_LINE] for line in section.lyrics)


def _kept_out(order: MusicOrder) -> tuple[str, ...]:
    return _unique((*order.negative, NO_VOICE)) if order.instrumental else order.negative


def _unique(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
