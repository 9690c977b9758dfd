"""Edits applied to a score: each touches the sections and parts it names, and nothing else.

An edit whose target the song does not have is left out and told, so that edits outlive a new arrangement.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from domain.edits import (
    ChangeChord,
    ChangeDensity,
    ChangeLength,
    ChangeLoudness,
    ChangeTempo,
    DropSection,
    Edit,
    InsertSection,
    Mute,
    SwapInstrument,
    Transpose,
    shown,
)
from domain.errors import InvalidValue
from domain.references import next_number, resolve_parts, resolve_sections
from domain.score import Note, Part, Score, Section, SectionKind, TempoChange
from music import density
from music.instruments import INSTRUMENTS, Instrument, instrument
from music.material import TAIL_S
from music.pieces import Piece, Pieces, cut, relaid
from music.reharmonising import chord_spans, read_symbol, reharmonised
from music.transposing import best_way, carried, nearest_way, shifted_key, transposed

LONGEST_S = 900.0
ENDING_BARS = 4
"""Bars at a section's end that stay together when it is made longer or shorter."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of an edit: whether it was `done`, and what it did or why it was left out."""

    edit: Edit
    done: bool
    text: str


class _LeftOut(Exception):
    """The edit has nothing to act on."""


def apply(score: Score, edits: Sequence[Edit]) -> tuple[Score, tuple[Told, ...]]:
    """The score after all `edits` in their order, and what became of each.

    What no edit touches keeps its notes byte for byte; what stands after a section of another length moves with it.
    Raises `InvalidValue` when the edits make the song longer than 900 s.
    """
    if not edits:
        return score, ()
    song = cut(score)
    told: list[Told] = []
    for edit in edits:
        try:
            song, text = _HOW[edit.op](song, edit)
            told.append(Told(edit, True, text))
        except (_LeftOut, InvalidValue) as reason:
            told.append(Told(edit, False, f"left out: {reason}"))
    edited = song.score()
    seconds = edited.seconds(edited.beats) + TAIL_S
    if seconds > max(LONGEST_S, score.seconds(score.beats) + TAIL_S):
        raise InvalidValue(
            f"the edits make the song {seconds:.0f} s long; songs of up to {LONGEST_S:g} s can be made: "
            f"undo the last edit ({shown(edits[-1])}) or shorten a section"
        )
    return edited, tuple(told)


def _sections(song: Pieces, reference: str) -> tuple[int, ...]:
    places = resolve_sections(reference, song.pieces)
    if not places:
        raise _LeftOut(f"there is no {reference}; the sections are {', '.join(p.name for p in song.pieces)}")
    return places


def _parts(song: Pieces, reference: str) -> list[Part]:
    places = resolve_parts(reference, song.players)
    if not places:
        names = ", ".join(player.name for player in song.players)
        raise _LeftOut(f"nobody plays {reference.replace('_', ' ')}; the band is {names}")
    return [song.players[i] for i in places]


def _names(song: Pieces, places: Sequence[int]) -> str:
    return ", ".join(song.pieces[i].name for i in places)


def _where(song: Pieces, places: Sequence[int]) -> str:
    return "everywhere" if len(places) == len(song.pieces) else f"in {_names(song, places)}"


def _each(song: Pieces, places: Sequence[int], change: Callable[[Piece], Piece]) -> Pieces:
    for i in places:
        song = song.with_piece(i, change(song.pieces[i]))
    return song


def _change_chord(song: Pieces, edit: ChangeChord) -> tuple[Pieces, str]:
    done: list[str] = []
    for i in _sections(song, edit.section):
        piece = song.pieces[i]
        symbol = read_symbol(edit.new, piece.key_at(piece.start)[0])
        spans = chord_spans(piece, nth=edit.nth, bar=edit.bar, old=edit.old)
        for start, end in spans:
            piece = reharmonised(piece, song.players, start, end, symbol)
        if piece.chords != song.pieces[i].chords:
            done.append(f"{symbol} in {piece.name}")
        song = song.with_piece(i, piece)
    if not done:
        raise _LeftOut(f"no such chord in {edit.section}, or it is {edit.new} already")
    return song, ", ".join(done)


def _change_length(song: Pieces, edit: ChangeLength) -> tuple[Pieces, str]:
    places = _sections(song, edit.section)
    done: list[str] = []
    for i in places:
        piece = song.pieces[i]
        bars = max(1, _bars(piece.bars, edit))
        if bars != piece.bars:
            done.append(f"{piece.name} {bars} bars")
            song = song.with_piece(i, relaid(piece, order_of(piece.bars, bars)))
    if not done:
        raise _LeftOut(f"{edit.section} has that length already")
    return song, ", ".join(done)


def _bars(now: int, edit: ChangeLength) -> int:
    if edit.bars is not None:
        return edit.bars
    if edit.by is not None:
        return now + edit.by
    return int(now * (edit.times or 1) + 0.5)


def order_of(now: int, wished: int) -> list[int]:
    """Which of a section's `now` bars make up `wished`: its beginning and its ending stay, its middle gives or repeats.

    >>> order_of(8, 12)
    [0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7]
    >>> order_of(8, 6)
    [0, 1, 2, 5, 6, 7]
    """
    if wished < now:
        ending = min(ENDING_BARS, max(1, wished // 2))
        return [*range(wished - ending), *range(now - ending, now)]
    whole, more = divmod(wished - now, now)
    ending = min(ENDING_BARS, max(1, now // 2))
    head = list(range(now - ending)) or [0]
    repeated = (head * (more // len(head) + 1))[-more:] if more else []
    return [*list(range(now)) * whole, *range(now - ending), *repeated, *range(now - ending, now)]


def _drop_section(song: Pieces, edit: DropSection) -> tuple[Pieces, str]:
    places = _sections(song, edit.section)
    if len(places) == len(song.pieces):
        raise _LeftOut("nothing would be left of the song")
    kept = tuple(piece for i, piece in enumerate(song.pieces) if i not in places)
    return replace(song, pieces=kept), f"without {_names(song, places)}"


def _insert_section(song: Pieces, edit: InsertSection) -> tuple[Pieces, str]:
    sources = _sections(song, edit.section)
    place = _place(song, edit, sources)
    before = [i for i in sources if i < place]
    source = song.pieces[before[-1] if before else sources[0]]
    copy = replace(source, section=_copied(source.section, song))
    pieces = (*song.pieces[:place], copy, *song.pieces[place:])
    if source is song.pieces[-1]:
        # The song slows down at its end only.
        pieces = (*(_steady(p) if p.name in (source.name, copy.name) else p for p in pieces[:-1]), pieces[-1])
    return replace(song, pieces=pieces), f"{copy.name}, a copy of {source.name}"


def _steady(piece: Piece) -> Piece:
    return replace(piece, tempo=piece.tempo[:1])


def _place(song: Pieces, edit: InsertSection, sources: Sequence[int]) -> int:
    """The index that the new section takes."""
    if edit.where == "start":
        return 0
    if edit.where == "end":
        ends = song.pieces[-1].kind is SectionKind.OUTRO and edit.section != SectionKind.OUTRO.value
        return len(song.pieces) - ends
    beside = _sections(song, edit.at) if edit.at else sources
    return beside[0] if edit.where == "before" else beside[-1] + 1


def _copied(section: Section, song: Pieces) -> Section:
    """The section under a name that none has or had: what is composed anew is named as it was written."""
    taken = {piece.name.lower() for piece in song.pieces}
    dropped = [s for s in song.written if s.name.lower() not in taken]
    stem = section.name.rstrip("0123456789 ")[:58] or section.kind.value
    number = next_number(section.kind, [*song.pieces, *dropped])
    taken |= {s.name.lower() for s in dropped}
    while f"{stem} {number}".lower() in taken:
        number += 1
    return section.model_copy(update={"name": f"{stem} {number}"})


def _transpose(song: Pieces, edit: Transpose) -> tuple[Pieces, str]:
    places = _sections(song, edit.section)
    whole = len(places) == len(song.pieces)
    moved_by: dict[str, None] = {}
    for i in places:
        piece = song.pieces[i]
        semitones = _semitones(edit, *((song.key, song.scale) if whole else piece.key_at(piece.start)))
        if semitones:
            song = song.with_piece(i, transposed(piece, song.players, semitones))
            moved_by[f"{semitones:+d} semitones"] = None
    if not moved_by:
        raise _LeftOut(f"{edit.section} is in that key already")
    told = f"{' and '.join(moved_by)} {_where(song, places)}"
    if whole:
        song = replace(song, key=shifted_key(song.key, song.scale, _semitones(edit, song.key, song.scale)))
    return song, told


def _semitones(edit: Transpose, key: str, scale: str) -> int:
    if edit.semitones is not None:
        return edit.semitones
    if edit.scale is not None and edit.scale != scale:
        raise _LeftOut(
            f"the music is in {key} {scale}, and transposing keeps the mode: "
            f'say "in {edit.key} {edit.scale}" to have the song written in another'
        )
    return nearest_way(key, edit.key or key)


def _swap_instrument(song: Pieces, edit: SwapInstrument) -> tuple[Pieces, str]:
    new = instrument(edit.new)
    old = [p for p in _parts(song, edit.old) if p.instrument != new.id and _alike(INSTRUMENTS[p.instrument], new)]
    if not old:
        raise _LeftOut(f"{new.name} cannot play what {edit.old.replace('_', ' ')} plays, or plays it already")
    for part in old:
        song = _recast(song, part, new)
    return song, f"{new.name} in place of {', '.join(p.name for p in old)}"


def _alike(one: Instrument, other: Instrument) -> bool:
    """Whether one can stand for the other: drums for drums, effects for effects, pitches for pitches."""
    return (one.is_drum, one.family == "effects") == (other.is_drum, other.family == "effects")


def _recast(song: Pieces, part: Part, new: Instrument) -> Pieces:
    taken = {player.name for player in song.players if player.id != part.id}
    name = new.name if new.name not in taken else f"{new.name} ({part.id.replace('_', ' ')})"
    update = {"name": name, "instrument": new.id, "program": new.program, "is_drum": new.is_drum}
    players = tuple(p.model_copy(update=update) if p.id == part.id else p for p in song.players)
    song = replace(song, players=players)
    if new.is_drum or new.family == "effects":
        return song
    pitches = [note.pitch for piece in song.pieces for note in piece.notes[part.id]]
    way = best_way(pitches, 0, new.low, new.high)
    return _each(
        song,
        range(len(song.pieces)),
        lambda piece: piece.with_notes({part.id: carried(piece.notes[part.id], way, new.low, new.high)}),
    )


def _mute(song: Pieces, edit: Mute) -> tuple[Pieces, str]:
    parts, places = _parts(song, edit.part), _sections(song, edit.section)
    ids = {part.id for part in parts}
    if not any(song.pieces[i].notes[id_] for i in places for id_ in ids):
        raise _LeftOut(f"{_called(parts)} rests there already")
    for i in places:
        if not any(notes for id_, notes in song.pieces[i].notes.items() if id_ not in ids):
            raise _LeftOut(f"nobody would play in {song.pieces[i].name}: drop the section instead")
    song = _each(song, places, lambda piece: piece.with_notes({id_: () for id_ in ids}))
    return song, f"{_called(parts)} rests {_where(song, places)}"


def _called(parts: Sequence[Part]) -> str:
    return ", ".join(part.name for part in parts)


def _change_density(song: Pieces, edit: ChangeDensity) -> tuple[Pieces, str]:
    parts, places = _parts(song, edit.part), _sections(song, edit.section)
    before = _count(song)

    def change(piece: Piece) -> Piece:
        playing = [p for p in parts if piece.notes[p.id] and INSTRUMENTS[p.instrument].family != "effects"]
        if edit.amount < 0:
            return piece.with_notes({p.id: density.thinned(piece, p, -edit.amount, song.metre) for p in playing})
        return piece.with_notes({p.id: density.filled(piece, p, edit.amount) for p in playing})

    song = _each(song, places, change) if edit.amount else song
    if _count(song) == before:
        raise _LeftOut(f"{_called(parts)} has nothing there to {'leave out' if edit.amount < 0 else 'divide'}")
    return song, f"{_count(song) - before:+d} notes {_where(song, places)}"


def _count(song: Pieces) -> int:
    return sum(len(notes) for piece in song.pieces for notes in piece.notes.values())


def _change_loudness(song: Pieces, edit: ChangeLoudness) -> tuple[Pieces, str]:
    parts, places = _parts(song, edit.part), _sections(song, edit.section)
    factor = 1 + edit.amount / 2

    def change(piece: Piece) -> Piece:
        return piece.with_notes({part.id: [_louder(n, factor) for n in piece.notes[part.id]] for part in parts})

    changed = _each(song, places, change)
    if changed == song:
        raise _LeftOut(f"{_called(parts)} cannot be {'louder' if edit.amount > 0 else 'softer'} there")
    return changed, f"{_called(parts)} at {factor:.0%} of the strength {_where(song, places)}"


def _louder(note: Note, factor: float) -> Note:
    velocity = max(1, min(127, round(note.velocity * factor)))
    return note if velocity == note.velocity else note.model_copy(update={"velocity": velocity})


def _change_tempo(song: Pieces, edit: ChangeTempo) -> tuple[Pieces, str]:
    places = _sections(song, edit.section)
    done: list[str] = []
    beat = song.metre.counted_beat
    for i in places:
        piece = song.pieces[i]
        now = piece.tempo[0].bpm
        times = edit.bpm * beat / now if edit.bpm is not None else edit.times or 1
        if abs(times - 1) > 1e-9:
            done.append(f"{piece.name} at {_bpm(now * times / beat):g} bpm")
            tempo = tuple(TempoChange(start=t.start, bpm=_bpm(t.bpm * times)) for t in piece.tempo)
            song = song.with_piece(i, replace(piece, tempo=tempo))
    if not done:
        raise _LeftOut(f"{edit.section} has that tempo already")
    return song, ", ".join(done)


def _bpm(bpm: float) -> float:
    return round(max(20.0, min(400.0, bpm)), 3)


_HOW: Mapping[str, Callable[[Pieces, Any], tuple[Pieces, str]]] = {
    "change_chord": _change_chord,
    "change_length": _change_length,
    "drop_section": _drop_section,
    "insert_section": _insert_section,
    "transpose": _transpose,
    "swap_instrument": _swap_instrument,
    "mute": _mute,
    "change_density": _change_density,
    "change_loudness": _change_loudness,
    "change_tempo": _change_tempo,
}
