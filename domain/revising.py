"""What an instruction asks of a song, held against what the song has: its sections and the edits made so far."""

from collections.abc import Iterator, Sequence

from domain.commands import Command
from domain.edits import MAX_EDITS, edits_in, read_edits, sections_named
from domain.errors import CommandRejected
from domain.instructions import Operation
from domain.references import WHOLE, resolve_sections
from domain.state import SongState


class NotInSong(CommandRejected):
    """The song has no such section, or no edit to take back."""


def fitted(state: SongState, command: Command) -> Command:
    """The command with takes of sections by the sections' own names; counts the edits in `state`, which it changes.

    Raises `NotInSong` for a section that the song is known not to have, and for what cannot be undone.
    """
    count = edits_in(command.changes)
    state.edits = state.edits if count is None else count
    operations = tuple(done for operation in command.operations for done in _fitted(state, operation))
    if state.edits > MAX_EDITS:
        raise NotInSong(f"a song has at most {MAX_EDITS} edits: undo some, or set musical.edits anew")
    return command.model_copy(update={"operations": operations})


def _fitted(state: SongState, operation: Operation) -> Iterator[Operation]:
    if operation.op == "edit":
        state.edits += 1
        for reference in sections_named(read_edits([operation.value])[0]):
            _check(state, reference)
    elif operation.op == "undo":
        if state.edits < 1:
            raise NotInSong("there is no edit to undo")
        state.edits -= 1
    elif operation.op == "take":
        yield operation.model_copy(update={"value": _taken(state, str(operation.value))})
        return
    yield operation


def _check(state: SongState, reference: str) -> Sequence[int]:
    """Where the sections are; any answer will do while they are not known."""
    places = resolve_sections(reference, state.sections)
    # Before the first chorus of a song that begins with it there is nothing: no error, nothing to do.
    beside = reference.partition(" ")[2] if reference.startswith(("before ", "after ")) else reference
    if state.sections and reference != WHOLE and not resolve_sections(beside, state.sections):
        names = ", ".join(section.name for section in state.sections)
        raise NotInSong(f"the song has no {beside}: its sections are {names}")
    return places


def _taken(state: SongState, reference: str) -> str:
    """The name under which another take of a section is asked for: its kind for all of them, or its own."""
    places = _check(state, reference)
    if " " not in reference:
        return reference
    if not state.sections:
        raise NotInSong(f"which one is the {reference} is not known before the song is arranged: say its kind")
    own = [state.sections[i] for i in places if not state.sections[i].copied]
    if not own:
        raise NotInSong(f"{reference} is a copy that an edit put there: name the section that it repeats")
    return own[0].name
