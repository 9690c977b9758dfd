"""The form by a language model: sections in their order, in bars, with an energy for each."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from domain.context import SongContext
from domain.errors import InvalidValue
from domain.providers import Task
from domain.score import SectionKind
from music.form import plan_form
from music.metre import parse_metre
from music.sectionplan import Plan
from providers.language.schema import Document, Reason, Whole, read_document, strict_schema
from providers.orders import TextOrder

MOST_SECTIONS: Final = 32
LONGEST_BARS: Final = 64
FAR_OFF: Final = 0.3
"""A form that lasts so much longer or shorter than the song shall is refused; a nearer one is fitted."""


class PlannedForm(Document):
    """A section: its kind, its length in bars, its energy from 0 (still) to 1 (the peak)."""

    kind: SectionKind
    bars: Whole
    energy: float


class StructureAnswer(Document):
    """The sections of a song in their order."""

    sections: list[PlannedForm]
    reasoning: list[Reason]


class Structure(BaseModel):
    """A form that was accepted: `musical.structure`, and the energy of each section by its name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    structure: list[dict[str, Any]]
    energies: dict[str, float]
    reasoning: tuple[Reason, ...] = ()

    def patch(self) -> dict[str, Any]:
        """The context patch."""
        shapes = {name: {"energy": energy} for name, energy in self.energies.items()}
        return {"musical": {"structure": self.structure, "sections": shapes}}


def order(
    *,
    genre: Sequence[str],
    tempo: float,
    time_signature: str,
    duration: float,
    mood: Mapping[str, float],
    about: str = "",
    user: str = "",
) -> TextOrder:
    """Ask for a form of `duration` seconds at `tempo` bpm."""
    bar_s = _bar_s(tempo, time_signature)
    return TextOrder(
        task=Task.STRUCTURE,
        instructions=(
            "Plan the form of a song: its sections in their order, each with a kind, a length in bars (usually 4, 8, "
            "12 or 16) and an energy from 0 to 1. The bars add up to the length that is asked for. The energy curve "
            "tells a story: it builds, lets go, and has one peak, which is the last chorus or drop. reasoning says "
            "why, step by step."
        ),
        text=(
            f"Genre: {', '.join(genre)}\nTempo: {tempo:g} bpm\nTime signature: {time_signature}\n"
            f"Length: {duration:g} seconds, about {duration / bar_s:.0f} bars of {bar_s:.2f} seconds\n"
            f"Mood: valence {mood.get('valence', 0.5):.2f}, arousal {mood.get('arousal', 0.5):.2f} (0 to 1)"
            + (f"\nThe song: {about}" if about else "")
        ),
        schema_name="structure",
        json_schema=strict_schema(StructureAnswer),
        max_tokens=2500,
        user=user,
    )


def read(
    document: Mapping[str, Any],
    *,
    genre: Sequence[str],
    tempo: float,
    time_signature: str,
    duration: float,
    needed: Sequence[SectionKind] = (),
) -> Structure:
    """The form in `document`, fitted to `duration` seconds at `tempo` bpm to within a bar where it is near.

    `needed` are kinds that the form must have, since somebody has wishes for them. Raises `InvalidValue` for no or too
    many sections, lengths and energies that cannot be, a kind that is missing, and a form of another length.
    """
    answer = read_document(StructureAnswer, document)
    _check(answer.sections, needed)
    metre = parse_metre(time_signature)
    entries = [{"name": s.kind.value, "duration": float(s.bars), "unit": "bars"} for s in answer.sections]
    beats = metre.beats_per_bar / metre.counted_beat
    plan = Plan(entries, [False] * len(entries), [tempo] * len(entries), beats)
    off = plan.total_s / duration - 1
    if abs(off) > FAR_OFF:
        raise InvalidValue(f"sections: they last {plan.total_s:.0f} s, the song shall last {duration:g} s")
    if abs(plan.total_s - duration) > _bar_s(tempo, time_signature):
        plan.fit(duration)
    energies = {name: s.energy for name, s in zip(plan.names, answer.sections, strict=True)}
    plan_form(
        genre=list(genre),
        tempo=tempo * metre.counted_beat,
        time_signature=time_signature,
        duration=duration,
        structure=plan.entries,
        energies=energies,
        exact=False,
        seed=0,
    )
    SongContext().update({"musical.structure": plan.entries})
    return Structure(structure=plan.entries, energies=energies, reasoning=tuple(answer.reasoning))


def _check(sections: Sequence[PlannedForm], needed: Sequence[SectionKind]) -> None:
    if not 1 <= len(sections) <= MOST_SECTIONS:
        raise InvalidValue(f"sections: a form has 1 to {MOST_SECTIONS} sections, this one has {len(sections)}")
    for number, section in enumerate(sections, 1):
        if not 1 <= section.bars <= LONGEST_BARS:
            raise InvalidValue(
                f"section {number} ({section.kind.value}): {section.bars} bars; a section has 1 to {LONGEST_BARS}"
            )
        if not 0 <= section.energy <= 1:
            raise InvalidValue(
                f"section {number} ({section.kind.value}): energy {section.energy:g} is not within 0 to 1"
            )
    if missing := [kind.value for kind in needed if kind not in {s.kind for s in sections}]:
        raise InvalidValue(f"sections: there is no {missing[0]}, which the song has wishes for")


def _bar_s(tempo: float, time_signature: str) -> float:
    metre = parse_metre(time_signature)
    return metre.beats_per_bar / metre.counted_beat * 60 / tempo
