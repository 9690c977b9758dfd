"""What is asked of language models: one function for each task, from the context and the documents of a stage."""

import hashlib
import json
from collections.abc import Callable, Mapping

from activities.arrangement import USUAL_SECONDS
from activities.ideation import given_wishes, wording
from activities.music_orders import Documents
from domain.context import SongContext
from domain.errors import InvalidValue
from domain.providers import Needs, Task
from domain.providing import Asking
from domain.score import Score
from music.material import Form, Harmony, Melody, Rhythm
from providers.language import bass, brief, edits, lyrics, rhythm, structure, theory, tune
from providers.orders import TextOrder

Maker = Callable[[Asking, SongContext, Documents], tuple[TextOrder, Needs]]


def person(asking: Asking) -> str:
    """A hash that stands for the owner at a vendor."""
    return hashlib.sha256(asking.owner.encode()).hexdigest()[:32]


def language_of(documents: Documents) -> str:
    """The language of a song's words, where a brief names one."""
    told = json.loads(documents["provider_brief"]) if "provider_brief" in documents else {}
    return str(told.get("language") or "en")


def _enhancement(asking: Asking, context: SongContext, documents: Documents) -> TextOrder:
    text = wording(context.get, documents["prompt"].decode())
    return brief.order(text, level=asking.level, given=given_wishes(context.get), user=person(asking))


def _theory(asking: Asking, context: SongContext, documents: Documents) -> TextOrder:
    musical = context.musical
    return theory.order(
        key=str(musical.key),
        scale=musical.scale,
        genre=musical.genre,
        mood=musical.mood.model_dump(),
        time_signature=musical.time_signature,
        about=context.creative.enhanced_prompt or "",
        user=person(asking),
    )


def _rhythm(asking: Asking, context: SongContext, documents: Documents) -> TextOrder:
    musical = context.musical
    return rhythm.order(
        genre=musical.genre,
        tempo=musical.tempo,
        time_signature=musical.time_signature,
        mood=musical.mood.model_dump(),
        about=context.creative.enhanced_prompt or "",
        user=person(asking),
    )


def _melody(asking: Asking, context: SongContext, documents: Documents) -> TextOrder:
    musical = context.musical
    return tune.order(
        Harmony.model_validate_json(documents["chords"]),
        genre=musical.genre,
        tempo=musical.tempo,
        time_signature=musical.time_signature,
        wish=musical.melody.model_dump(mode="json", exclude_none=True, exclude={"summary"}),
        about=context.creative.enhanced_prompt or "",
        user=person(asking),
    )


def _bass(asking: Asking, context: SongContext, documents: Documents) -> TextOrder:
    musical = context.musical
    return bass.order(
        Harmony.model_validate_json(documents["chords"]),
        genre=musical.genre,
        tempo=musical.tempo,
        time_signature=musical.time_signature,
        groove=Rhythm.model_validate_json(documents["rhythm"]).groove,
        wish=musical.bass_line.model_dump(mode="json", exclude_none=True, exclude={"summary"}),
        user=person(asking),
    )


def _structure(asking: Asking, context: SongContext, documents: Documents) -> TextOrder:
    musical = context.musical
    return structure.order(
        genre=musical.genre,
        tempo=musical.tempo,
        time_signature=musical.time_signature,
        duration=context.technical.duration or USUAL_SECONDS,
        mood=musical.mood.model_dump(),
        about=context.creative.enhanced_prompt or "",
        user=person(asking),
    )


def _lyrics(asking: Asking, context: SongContext, documents: Documents) -> TextOrder:
    if context.creative.lyrics:
        raise InvalidValue("the song has its words: take creative.lyrics away to have others written")
    melody, form = (Melody.model_validate_json(documents["melody"]), Form.model_validate_json(documents["form"]))
    return lyrics.order(
        context.creative.enhanced_prompt or asking.title,
        lyrics.sung_sections(melody, form.sections),
        language=language_of(documents),
        title=asking.title,
        style=", ".join(context.musical.genre),
        user=person(asking),
    )


def _words(asking: Asking, context: SongContext, documents: Documents) -> TextOrder:
    score = Score.model_validate_json(documents["score"])
    return edits.order(documents["words"].decode(), score, user=person(asking))


_ORDERS: Mapping[Task, Callable[[Asking, SongContext, Documents], TextOrder]] = {
    Task.ENHANCEMENT: _enhancement,
    Task.MUSIC_THEORY: _theory,
    Task.RHYTHM: _rhythm,
    Task.MELODY: _melody,
    Task.BASS: _bass,
    Task.STRUCTURE: _structure,
    Task.LYRICS: _lyrics,
    Task.ANALYSIS: _words,
}


def _needing(make: Callable[[Asking, SongContext, Documents], TextOrder]) -> Maker:
    return lambda asking, context, documents: (make(asking, context, documents), Needs(task=asking.task))


TEXT_ORDERS: Mapping[Task, Maker] = {task: _needing(make) for task, make in _ORDERS.items()}
