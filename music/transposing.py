"""Moving music up and down: notes within their instruments' ranges, chord symbols and keys in good spelling."""

from collections.abc import Sequence
from dataclasses import replace

from domain.score import Chord, KeyChange, Note, Part
from music.instruments import INSTRUMENTS
from music.pieces import Piece
from music.theory import LETTER_PC, LETTERS, is_minor, name_pc, parse_chord, usual_key

OCTAVE = 12
_FLATS = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"]
_SHARPS = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]


def shifted_key(key: str, scale: str, semitones: int) -> str:
    """The tonic `semitones` away, as it is usually written."""
    name = usual_key(_FLATS[(name_pc(key) + semitones) % OCTAVE], scale)
    return "G#" if name == "Ab" and is_minor(scale) else name


def nearest_way(key: str, other: str) -> int:
    """Semitones from one tonic to another, -5 to 6."""
    return (name_pc(other) - name_pc(key) + 5) % OCTAVE - 5


def transposed(piece: Piece, players: Sequence[Part], semitones: int) -> Piece:
    """The piece `semitones` higher; drums and effects stay, a part that would leave its range moves by octaves."""
    notes = {
        player.id: shifted(piece.notes[player.id], player.instrument, semitones)
        for player in players
        if moves(player) and piece.notes[player.id]
    }
    keys = tuple(
        KeyChange(start=change.start, key=shifted_key(change.key, change.scale, semitones), scale=change.scale)
        for change in piece.keys
    )
    chords = tuple(
        _respelled(chord, piece.key_at(chord.start)[0], new, semitones)
        for chord in piece.chords
        for new in [shifted_key(*piece.key_at(chord.start), semitones)]
    )
    return replace(piece, keys=keys, chords=chords).with_notes(notes)


def moves(player: Part) -> bool:
    """Whether a part's pitches are pitches of the harmony."""
    return not player.is_drum and INSTRUMENTS[player.instrument].family != "effects"


def shifted(notes: Sequence[Note], instrument: str, semitones: int) -> list[Note]:
    """Notes moved together, by the octave that fits the instrument best; none that its range did not reach before."""
    row = INSTRUMENTS[instrument]
    pitches = [n.pitch for n in notes]
    low, high = min(row.low, *pitches), max(row.high, *pitches)
    return carried(notes, best_way(pitches, semitones, low, high), low, high)


def best_way(pitches: Sequence[int], semitones: int, low: int, high: int) -> int:
    """`semitones` and as many octaves as bring the pitches between `low` and `high`, or nearest to it."""
    ways = sorted((semitones + OCTAVE * k for k in range(-4, 5)), key=lambda way: abs(way - semitones))
    return min(ways, key=lambda way: sum(max(0, low - p - way, p + way - high) for p in pitches))


def carried(notes: Sequence[Note], way: int, low: int, high: int) -> list[Note]:
    """Notes moved by `way` semitones, those outside the range folded into it; no pitch is struck twice at once."""
    kept: dict[tuple[float, int], Note] = {}
    for note in notes:
        pitch = folded(note.pitch + way, low, high)
        kept.setdefault((note.start, pitch), note if pitch == note.pitch else note.model_copy(update={"pitch": pitch}))
    return list(kept.values())


def folded(pitch: int, low: int, high: int) -> int:
    """The pitch by octaves inside the range, as near as it can be."""
    while pitch < low:
        pitch += OCTAVE
    while pitch > high and pitch >= OCTAVE:
        pitch -= OCTAVE
    return pitch


def _respelled(chord: Chord, key: str, new: str, semitones: int) -> Chord:
    """The chord moved by as many letters as its key."""
    letters = (LETTERS.index(new[0]) - LETTERS.index(key[0])) % 7
    spec = parse_chord(chord.symbol)
    quality = chord.symbol[len(spec.root_name) :].partition("/")[0]
    slash = chord.symbol.rpartition("/")[2] if spec.bass != spec.root else ""
    root = _moved_name(spec.root_name, letters, semitones)
    symbol = root + quality + (f"/{_moved_name(slash, letters, semitones)}" if slash else "")
    return chord.model_copy(update={"symbol": symbol})


def _moved_name(name: str, letters: int, semitones: int) -> str:
    pc = (name_pc(name) + semitones) % OCTAVE
    letter = LETTERS[(LETTERS.index(name[0]) + letters) % 7]
    alter = (pc - LETTER_PC[letter] + 6) % OCTAVE - 6
    if abs(alter) > 1:
        return (_FLATS if alter < 0 else _SHARPS)[pc]
    return letter + {-1: "b", 0: "", 1: "#"}[alter]
