"""The arrangement as an order for a music provider: one style line, the sections as a plan, lyrics where there are."""

import hashlib
import io
import json
import math
from collections.abc import Iterator, Mapping

import soundfile

from domain.context import DURATION_RANGE_S, SongContext
from domain.errors import InvalidValue
from domain.providers import Needs, Task
from domain.providing import Asking, ProviderResult
from domain.references import resolve_sections
from domain.score import Score, Section, SectionKind
from domain.seeds import derive
from music.material import TAIL_S
from providers.download import kind_of
from providers.orders import MusicOrder, Origin, PlannedSection, Sound

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
    # Whole bars may end a little outside of the lengths that a song may be asked for; whoever makes those makes it.
    shortest, longest = DURATION_RANGE_S
    wanted = min(max(seconds, shortest), longest)
    return order, Needs(task=asking.task, duration_s=wanted, vocals=sung, lyrics=bool(lyrics))


def stems_order(asking: Asking, documents: Documents) -> tuple[MusicOrder, Needs]:
    """The stems of a song that a provider has made: only that one has them."""
    origin = _origin(documents)
    order = MusicOrder(
        task=asking.task,
        title=asking.title,
        style="",
        origin=origin,
        reference=_made_sound(documents),
        duration_s=origin.duration_s or None,
    )
    return order, Needs(task=asking.task, origin=origin.provider)


def section_order(asking: Asking, context: SongContext, documents: Documents) -> tuple[MusicOrder, Needs]:
    """One section of a provider's song anew, the rest as it is; of several of that name the first.

    InvalidValue when the song has no such section.
    """
    score = Score.model_validate_json(documents["score"])
    places = resolve_sections(asking.section, score.sections)
    if not places:
        names = ", ".join(section.name for section in score.sections)
        raise InvalidValue(f"the song has no {asking.section}: its sections are {names}")
    section = score.sections[places[0]]
    beats = score.time_signature.beats_per_bar
    start, end = section.start_bar * beats, (section.start_bar + section.bars) * beats
    origin = _origin(documents)
    whole, _ = music_order(asking.model_copy(update={"task": Task.INSTRUMENTAL}), context, documents)
    order = whole.model_copy(
        update={
            "task": asking.task,
            "origin": origin,
            "reference": _made_sound(documents),
            "span_s": (round(score.seconds(start), 2), round(score.seconds(end), 2)),
            "sections": whole.sections[places[0] : places[0] + 1],
            "seed": derive(asking.seed, "section", asking.section, asking.section_take) % 2**31,
        }
    )
    return order, Needs(task=asking.task, origin=origin.provider)


def cover_order(asking: Asking, context: SongContext, documents: Documents) -> tuple[MusicOrder, Needs]:
    """The uploaded song in the style of this one."""
    order, needs = music_order(asking, context, documents)
    upload = _sound(documents["reference"])
    sung = bool(order.lyrics)
    return (
        order.model_copy(update={"reference": upload, "instrumental": not sung}),
        needs.model_copy(update={"reference_audio": True}),
    )


def _sound(content: bytes) -> Sound:
    """An upload, which was checked when it came in."""
    kind = kind_of(content)
    return Sound(
        ref=hashlib.sha256(content).hexdigest(),
        media_type=kind or "audio/wav",
        filename=f"reference.{kind.partition('/')[2] or 'wav'}",
        duration_s=round(float(soundfile.info(io.BytesIO(content)).duration), 3),
    )


def _made_sound(documents: Documents) -> Sound:
    """The take that is worked on: some providers keep what they made and want its id, others want the sound again."""
    adopted = json.loads(documents["adopted"])
    return Sound(ref=adopted["hash"], duration_s=adopted["duration_s"])


def _origin(documents: Documents) -> Origin:
    made = ProviderResult.model_validate_json(documents["answer:adopt"])
    adopted = json.loads(documents["adopted"])
    return Origin(
        provider=made.provider, job_id=made.job_id, take_id=adopted["take_id"], model=made.model,
        duration_s=adopted["duration_s"],
    )  # fmt: skip


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
