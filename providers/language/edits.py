"""Free words of a revision turned into edits of the score by a language model, for what no form of words fits."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.edits import Edit
from domain.errors import InvalidValue
from domain.instructions import Operation
from domain.providers import Task
from domain.score import Score
from domain.vocabulary import GROUPS
from music.editing import apply
from music.instruments import INSTRUMENTS
from providers.language.schema import Document, Reason, read_document, strict_schema
from providers.orders import TextOrder


class EditsAnswer(Document):
    """The edits that the words mean, in their order; none, with a refusal, where they mean something else."""

    edits: list[Edit]
    refusal: str | None
    reasoning: list[Reason]


class Edits(BaseModel):
    """Edits that were accepted; `done` says of each in words what it does."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    edits: tuple[Edit, ...]
    done: tuple[str, ...] = ()
    reasoning: tuple[Reason, ...] = ()

    def operations(self) -> tuple[Operation, ...]:
        """As a revision's instruction in words gives them."""
        return tuple(
            Operation(op="edit", path="musical.edits", value=edit.model_dump(mode="json", exclude_none=True))
            for edit in self.edits
        )


def order(words: str, score: Score, *, user: str = "") -> TextOrder:
    """Ask what `words` mean for `score`."""
    return TextOrder(
        task=Task.ENHANCEMENT,
        instructions=(
            "Turn what a person says about a song into edits of its score. Use only the operations of the schema and "
            "as few of them as will do. A section is named as below, by its kind for all of that kind ('chorus'), "
            "'last chorus', 'before chorus 1', or 'song' for all of it. A part is named by its id, its instrument or "
            f"a group: {', '.join(GROUPS)}. Instruments are: {', '.join(INSTRUMENTS)}. Fields that an operation does "
            "not use are null. Where the words ask for something that no operation does, or name what the song does "
            "not have, give no edits and say why in refusal, in a sentence for the person; do not do something else "
            "instead. reasoning says how you read the words."
        ),
        text=f"The person says: {words}\n\nThe song:\n{_described(score)}",
        schema_name="edits",
        json_schema=strict_schema(EditsAnswer),
        max_tokens=3000,
        user=user,
    )


def _described(score: Score) -> str:
    beats = score.time_signature.beats_per_bar
    lines = [
        f"{score.title}: {score.key} {score.scale}, {score.tempo[0].bpm:g} quarter notes a minute, "
        f"{score.time_signature.numerator}/{score.time_signature.denominator}",
        "Parts: " + ", ".join(f"{part.id} ({part.instrument}, {part.role.value})" for part in score.parts),
    ]
    for section in score.sections:
        begin, end = section.start_bar * beats, (section.start_bar + section.bars) * beats
        chords = " ".join(c.symbol for c in score.chords if begin - 1e-6 <= c.start < end - 1e-6)
        lines.append(f"Section {section.name}: {section.bars} bars: {chords}")
    return "\n".join(lines)


def read(document: Mapping[str, Any], score: Score) -> Edits:
    """The edits in `document`, tried on `score`.

    Raises `InvalidValue` with the model's own reason where it refused, for an edit that is none, and for one that has
    nothing to act on in this song.
    """
    answer = read_document(EditsAnswer, _without_nulls(document))
    if answer.refusal or not answer.edits:
        raise InvalidValue(f"the words are no edit: {answer.refusal or 'the model gave none and no reason'}")
    _, told = apply(score, answer.edits)
    if undone := [tell for tell in told if not tell.done]:
        raise InvalidValue(f"{undone[0].edit.op}: {undone[0].text}")
    return Edits(edits=tuple(answer.edits), done=tuple(t.text for t in told), reasoning=tuple(answer.reasoning))


def _without_nulls(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with edits as the domain writes them: a field that is not used is not there."""
    edits = document.get("edits")
    if not isinstance(edits, list):
        return dict(document)
    plain = [{k: v for k, v in e.items() if v is not None} if isinstance(e, Mapping) else e for e in edits]
    return {**document, "edits": plain}
