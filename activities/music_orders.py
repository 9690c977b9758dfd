"""The arrangement as an order for a music provider: one style line, the sections as a plan, lyrics where there are."""

import math
from collections.abc import Iterator, Mapping

from domain.context import SongContext
from domain.providers import Needs, Task
from domain.providing import Asking, ProviderResult
from domain.score import Score, Section, SectionKind
from music.material import TAIL_S
from providers.orders import MusicOrder, Origin, PlannedSection

Documents = Mapping[str, bytes]

ENERGY_WORDS: tuple[tuple[float, str], ...] = (
    (0.3, "sparse"),
    (0.5, "gentle"),
    (0.7, "building"),
    (1.01, "full energy"),
)
"""What a section's energy is called, up to each value."""
MOOD_WORDS: Mapping[tuple[bool, bool], str] = {
    (True, True): "uplifting",
    (True, False): "warm and calm",
    (False, True): "tense",
    (False, False): "melancholic",
}
"""(valence at least a half, arousal at least a half)"""
SECTION_NAMES: Mapping[SectionKind, str] = {
    SectionKind.PRECHORUS: "pre-chorus", SectionKind.BUILD: "build-up", SectionKind.THEME: "theme",
}  # fmt: skip
"""Kinds that vendors call otherwise than we do."""


def music_order(asking: Asking, context: SongContext, documents: Documents) -> tuple[MusicOrder, Needs]:
    """The whole song as it was arranged. The tempo counts beats as people do (dotted quarters in 6/8)."""
    score = Score.model_validate_json(documents["score"])
    sung = asking.task in (Task.FULL_SONG, Task.VOCALS)
    lyrics = (context.creative.lyrics or documents.get("lyrics", b"").decode()) if sung else ""
    seconds = score.seconds(score.beats) + TAIL_S
    order = MusicOrder(
        task=asking.task,
        title=asking.title,
        style=style_line(context, score),
        negative=tuple(_unwanted(context)),
        lyrics=lyrics,
        sections=tuple(_sections(score)),
        instrumental=not sung,
        bpm=round(score.tempo[0].bpm / score.time_signature.counted_beat, 1),
        key=f"{score.key} {score.scale.replace('_', ' ')}",
        time_signature=context.musical.time_signature,
        duration_s=math.ceil(seconds),
        seed=asking.seed % 2**31,
    )
    return order, Needs(task=asking.task, duration_s=seconds, vocals=sung, lyrics=bool(lyrics))


def stems_order(asking: Asking, documents: Documents) -> tuple[MusicOrder, Needs]:
    """The stems of a song that a provider has made: only that one has them."""
    made = ProviderResult.model_validate_json(documents["answer:adopt"])
    take = next(file for file in made.files if file.role == "take")
    origin = Origin(
        provider=made.provider, job_id=made.job_id, take_id=take.take_id, model=made.model,
        duration_s=take.duration_s or 0.0,
    )  # fmt: skip
    order = MusicOrder(task=asking.task, title=asking.title, style="", origin=origin, duration_s=take.duration_s)
    return order, Needs(task=asking.task, origin=made.provider)


def style_line(context: SongContext, score: Score) -> str:
    """Genre, mood, tempo, key, instruments and the person's own words about the style, in one English line."""
    musical = context.musical
    mood = MOOD_WORDS[musical.mood.valence >= 0.5, musical.mood.arousal >= 0.5]
    bpm = round(score.tempo[0].bpm / score.time_signature.counted_beat)
    words = [
        *(genre.replace("_", " ") for genre in musical.genre),
        mood,
        f"{bpm} bpm",
        f"{score.key} {score.scale.replace('_', ' ')}",
        *dict.fromkeys(part.instrument.replace("_", " ") for part in score.parts),
        *(word.replace("_", " ") for word in context.creative.style_modifiers),
    ]
    if musical.time_signature != "4/4":
        words.append(musical.time_signature)
    return ", ".join(dict.fromkeys(words))


def _unwanted(context: SongContext) -> Iterator[str]:
    without = context.creative.constraints.get("without", [])
    yield from (str(word).replace("_", " ") for word in (without if isinstance(without, list) else [without]))


def _sections(score: Score) -> Iterator[PlannedSection]:
    beats = score.time_signature.beats_per_bar
    for section in score.sections:
        start, end = section.start_bar * beats, (section.start_bar + section.bars) * beats
        yield PlannedSection(
            name=SECTION_NAMES.get(section.kind, section.kind.value),
            duration_s=round(score.seconds(end) - score.seconds(start), 2),
            styles=(_energy(section),),
        )


def _energy(section: Section) -> str:
    return next(word for limit, word in ENERGY_WORDS if section.energy < limit)
