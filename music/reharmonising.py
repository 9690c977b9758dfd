"""Another chord under music that is written: every pitched note follows by its role in the chord."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from domain.errors import InvalidValue
from domain.score import Chord, Note, Part
from music.instruments import INSTRUMENTS
from music.pieces import EPS, Piece, clipped
from music.theory import THIRDS, ChordSpec, chord_scale, is_chord, numeral_chord, parse_chord
from music.transposing import folded, moves

SHORTEST = 0.25
"""Beats below which a held note is not struck again."""


def read_symbol(symbol: str, key: str) -> str:
    """A chord symbol; a Roman numeral is read in `key`. Raises `InvalidValue` for a chord that is not known."""
    return symbol if is_chord(symbol) else numeral_chord(symbol, key)


def spans(piece: Piece) -> list[tuple[float, float, str]]:
    """The chords as they are counted by ear: (start, end, symbol), the same one twice in a row is one."""
    heard: list[tuple[float, float, str]] = []
    for chord in piece.chords:
        start, end = chord.start, chord.start + chord.duration
        if heard and heard[-1][2] == chord.symbol and abs(heard[-1][1] - start) < EPS:
            heard[-1] = (heard[-1][0], end, chord.symbol)
        else:
            heard.append((start, end, chord.symbol))
    return heard


def same_chord(symbol: str, asked: str) -> bool:
    """Whether `symbol` is the chord that is meant by `asked`: the same tones, or the same triad when only that is."""
    one, other = parse_chord(symbol), parse_chord(asked)
    if one.pitch_classes == other.pitch_classes and one.root == other.root:
        return True
    plain = set(other.intervals) in ({0, 4, 7}, {0, 3, 7}) and other.bass == other.root
    return plain and one.root == other.root and set(other.intervals) <= set(one.intervals)


def reharmonised(piece: Piece, players: Sequence[Part], start: float, end: float, symbol: str) -> Piece:
    """The piece with the chord `symbol` from `start` to `end`; what lies outside that span stays as it is.

    A note that is the old chord's root, third, fifth or seventh becomes the new chord's; any other goes to the
    nearest tone of the new chord's scale. A note held into the span is struck again there if it has to change.
    """
    chord = parse_chord(symbol)
    changed: dict[str, list[Note]] = {}
    for player in filter(moves, players):
        notes = list(piece.notes[player.id])
        for old in clipped(piece.chords, start, end):
            bend = _Bend(piece, player, parse_chord(old.symbol), chord, old.start)
            notes = bend.applied(notes, old.start, old.start + old.duration)
        changed[player.id] = notes
    before, after = clipped(piece.chords, piece.start, start), clipped(piece.chords, end, float("inf"))
    new = Chord(start=start, duration=round(end - start, 9), symbol=symbol)
    return replace(piece, chords=(*before, new, *after)).with_notes(changed)


class _Bend:
    """One player's way from one chord to another."""

    def __init__(self, piece: Piece, player: Part, old: ChordSpec, new: ChordSpec, at: float) -> None:
        self._old, self._new = old, new
        self._scale = chord_scale(new, *piece.key_at(at))
        row = INSTRUMENTS[player.instrument]
        pitches = [n.pitch for n in piece.notes[player.id]]
        self._low, self._high = min(row.low, *pitches, 127), max(row.high, *pitches, 0)

    def applied(self, notes: Sequence[Note], start: float, end: float) -> list[Note]:
        """The notes with those bent that sound from `start` to `end`."""
        out: list[Note] = []
        struck: set[tuple[float, int]] = set()
        for note in notes:
            inside = start - EPS <= note.start < end - EPS
            held = note.start < start and note.start + note.duration > start + EPS
            for bent in [self._bent(note, end)] if inside else self._held(note, start, end) if held else [note]:
                if (bent.start, bent.pitch) not in struck:
                    out.append(bent)
                if start - EPS <= bent.start < end - EPS:
                    struck.add((bent.start, bent.pitch))
        return out

    def _bent(self, note: Note, end: float) -> Note:
        pitch = self.pitch(note.pitch)
        if pitch == note.pitch:
            return note
        return note.model_copy(update={"pitch": pitch, "duration": min(note.duration, round(end - note.start, 9))})

    def _held(self, note: Note, start: float, end: float) -> list[Note]:
        pitch = self.pitch(note.pitch)
        stops = note.start + note.duration
        if pitch == note.pitch or min(stops, end) - start < SHORTEST:
            return [note]
        parts = [(note.pitch, note.start, start), (pitch, start, min(stops, end)), (note.pitch, end, stops)]
        return [
            note.model_copy(update={"pitch": sounds, "start": first, "duration": round(last - first, 9)})
            for sounds, first, last in parts
            if last - first >= SHORTEST or first == note.start
        ]

    def pitch(self, pitch: int) -> int:
        """Where a pitch goes."""
        pc = pitch % 12
        if pc == self._old.bass != self._old.root:
            return self._near(pitch, {self._new.bass})
        tones = {(self._old.root + i) % 12: THIRDS[i] for i in self._old.intervals}
        if pc not in tones:
            return self._near(pitch, self._scale)
        if tones[pc] == 1 and pitch < 55 and self._old.bass == self._old.root:
            return self._near(pitch, {self._new.bass})
        role = [(self._new.root + i) % 12 for i in self._new.intervals if THIRDS[i] == tones[pc]]
        return self._near(pitch, role[:1] or self._new.pitch_classes)

    def _near(self, pitch: int, pcs: Collection[int]) -> int:
        ways = sorted(range(-6, 7), key=lambda way: (abs(way), way))
        way = next(way for way in ways if (pitch + way) % 12 in pcs)
        return folded(pitch + way, self._low, self._high)


def chord_spans(piece: Piece, *, nth: int | None, bar: int | None, old: str | None) -> list[tuple[float, float]]:
    """The spans that are meant: the `nth` chord (from 1, -1 the last), a `bar` (from 1), or each chord `old`."""
    heard = spans(piece)
    if bar is not None:
        start = piece.start + (bar - 1) * piece.bar
        return [(start, start + piece.bar)] if bar <= piece.bars else []
    if nth is not None:
        place = nth - 1 if nth > 0 else len(heard) + nth
        return [heard[place][:2]] if 0 <= place < len(heard) else []
    if old is None:
        raise InvalidValue("say which chord: its number, its bar or its symbol")
    asked = read_symbol(old, piece.key_at(piece.start)[0])
    exact = [span[:2] for span in heard if span[2] == asked]
    return exact or [span[:2] for span in heard if same_chord(span[2], asked)]
