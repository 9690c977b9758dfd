"""The rhythm by a language model: one of the grooves that the composer can play, how busy, how swung."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from domain.context import SongContext
from domain.errors import InvalidValue
from domain.providers import Task
from music.grooves import GROOVES
from providers.language.schema import Document, Reason, read_document, strict_schema
from providers.orders import TextOrder

NAMES: Final = tuple(name for name, rows in GROOVES.items() if rows)
"""The grooves to choose from."""


class RhythmAnswer(Document):
    """A groove; density from 0 (sparse) to 1 (busy), swing from 0 (even) to 1 (triplets); null is the genre's own."""

    groove: str
    density: float | None
    swing: float | None
    reasoning: list[Reason]


class Feel(BaseModel):
    """A rhythm that was accepted: what `musical.rhythm_pattern` shall hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pattern: dict[str, Any]
    reasoning: tuple[Reason, ...] = ()

    def patch(self) -> dict[str, Any]:
        """The context patch."""
        return {"musical": {"rhythm_pattern": self.pattern}}


def order(
    *,
    genre: Sequence[str],
    tempo: float,
    time_signature: str,
    mood: Mapping[str, float],
    about: str = "",
    user: str = "",
) -> TextOrder:
    """Ask for a groove, in bpm and for a mood of valence and arousal from 0 to 1."""
    schema = strict_schema(RhythmAnswer)
    schema["properties"]["groove"]["enum"] = list(NAMES)
    return TextOrder(
        task=Task.RHYTHM,
        instructions=(
            "Choose the groove of a song's rhythm section, how busy it is (density from 0 to 1) and how swung (swing "
            "from 0, even, to 1, triplets). null leaves a choice to the genre. reasoning says why, step by step."
        ),
        text=(
            f"Genre: {', '.join(genre)}\nTempo: {tempo:g} bpm\nTime signature: {time_signature}\n"
            f"Mood: valence {mood.get('valence', 0.5):.2f}, arousal {mood.get('arousal', 0.5):.2f} (0 to 1)\n"
            f"Grooves: {', '.join(NAMES)}" + (f"\nThe song: {about}" if about else "")
        ),
        schema_name="rhythm",
        json_schema=schema,
        max_tokens=1500,
        user=user,
    )


def read(document: Mapping[str, Any], *, given: Mapping[str, Any] | None = None) -> Feel:
    """The rhythm in `document`; what `given` of `musical.rhythm_pattern` holds stands.

    Raises `InvalidValue` for a groove that nobody can play, and a density or swing outside of 0 to 1.
    """
    answer = read_document(RhythmAnswer, document)
    if answer.groove not in NAMES:
        raise InvalidValue(f"groove: there is no groove {answer.groove!r}; use one of: {', '.join(NAMES)}")
    asked = {name: value for name, value in (given or {}).items() if value is not None and name != "summary"}
    chosen = {"groove": answer.groove, "density": answer.density, "swing": answer.swing, **asked}
    pattern = {name: value for name, value in chosen.items() if value is not None}
    SongContext().update({"musical.rhythm_pattern": pattern})
    return Feel(pattern=pattern, reasoning=tuple(answer.reasoning))
