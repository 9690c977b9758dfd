"""Understanding a prompt without a language model: facts, words, genre, mood, and a reason for every choice.

Order of trust: what the person set, an explicit number, a named instrument, the genre, the mood, a default.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from domain.errors import InvalidPrompt, InvalidValue
from music.band import decide_constraints, decide_instruments
from music.contradictions import find_contradictions
from music.facts import read_facts
from music.formchoice import decide_form
from music.genrechoice import decide_genre
from music.keychoice import decide_key
from music.knowledge import check_tables
from music.matching import find
from music.moodchoice import decide_mood, decide_style
from music.reading import Reading, ReasonStep
from music.tempochoice import decide_feel, decide_metre, decide_tempo
from music.titles import make_title
from music.translating import Translated, translate
from music.wording import enhanced_prompt

LEVELS = ("light", "moderate", "strong")

check_tables()


class Understanding(BaseModel):
    """A prompt understood: a context patch, the prompt said more fully, and the reasons."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    patch: dict[str, Any]
    enhanced_prompt: str
    reasoning: list[ReasonStep]
    confidence: Annotated[float, Field(ge=0, le=1)]
    contradictions: list[str]
    title: Annotated[str, Field(min_length=1, max_length=60)]


def understand(text: str, *, enhance: bool, level: str, given: Mapping[str, Any], seed: int) -> Understanding:
    """What a prompt of 1–10,000 characters asks for, in English, Spanish, German, French, Italian or Portuguese.

    `level` (light, moderate, strong) says how much may be added; `given` maps context paths that the person set,
    which are kept. With `enhance` off only explicit facts and required defaults are filled in. Raises
    `InvalidPrompt` for an empty or overlong text and `InvalidValue` for impossible values.
    """
    if not text.strip() or len(text) > 10_000:
        raise InvalidPrompt(
            f"a prompt has 1 to 10,000 characters, this one has {len(text.strip())}; say what you would like to hear"
        )
    if level not in LEVELS:
        raise InvalidValue(f"there is no enhancement level {level!r}; use one of: {', '.join(LEVELS)}")
    said = translate(text)
    facts = read_facts(said.text)
    reading = Reading(text, facts.rest, facts, find(facts.rest), given, enhance, level, seed)
    _tell_language(reading, said)
    style = decide_genre(reading)
    valence, arousal = decide_mood(reading, style)
    decide_metre(reading, style)
    decide_tempo(reading, style, arousal)
    decide_feel(reading)
    decide_key(reading, style, valence)
    decide_constraints(reading)
    decide_instruments(reading, style)
    decide_form(reading, style)
    decide_style(reading, style)
    find_contradictions(reading)
    enhanced = enhanced_prompt(reading, style) if enhance else text
    reading.values["creative.enhanced_prompt"] = enhanced
    sure = [step.confidence for step in reading.reasons]
    confidence = round(max(0.05, float(np.mean(sure)) - 0.08 * len(reading.contradictions)), 3)
    return Understanding(
        patch=_nested({k: v for k, v in reading.values.items() if k not in given}),
        enhanced_prompt=enhanced,
        reasoning=reading.reasons,
        confidence=confidence,
        contradictions=reading.contradictions,
        title=make_title(text, reading.found, style, valence, seed),
    )


def _tell_language(reading: Reading, said: Translated) -> None:
    """The language that was read, with what was taken for what, and other remarks of the grammar."""
    if said.language is not None:
        shown = [
            f"{foreign} = {english}" for foreign, english in said.read_as if len(foreign) > 2 or english[:1].isupper()
        ]
        words = f": {', '.join(dict.fromkeys(shown))}"[:240] if shown else ""
        reading.remark("creative.enhanced_prompt", said.language, f"the prompt was read as {said.language}{words}")
    for path, value, text in reading.facts.remarks:
        reading.remark(path, value, text)


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for path, value in values.items():
        group, _, name = path.partition(".")
        out.setdefault(group, {})[name] = value
    return out
