"""Modulation: a section's chords and notes in another key, and in another mode."""

from collections.abc import Sequence

from domain.score import Chord, Note
from music.theory import (
    QUALITIES,
    THIRDS,
    ChordSpec,
    chord_scale,
    is_minor,
    name_pc,
    parse_chord,
    scale_steps,
    spell,
)

Tonality = tuple[str, str]
"""Key and scale."""


def distance(home: str, key: str) -> int:
    """Semitones from one tonic to the other the short way, -5 to 6."""
    return (name_pc(key) - name_pc(home) + 5) % 12 - 5


def moved_symbol(symbol: str, home: Tonality, new: Tonality) -> str:
    """A chord symbol of `home` at its place in `new`, spelled for the new key; a slash keeps the same chord tone."""
    chord = parse_chord(symbol)
    root, quality = chord.root, chord.quality
    if home[1] != new[1]:
        root, quality = _in_mode(root, quality, home, new[1])
    shift = distance(home[0], new[0])
    moved = spell((root + shift) % 12, new[0]) + quality
    if chord.bass == chord.root:
        return moved
    role = _role(chord, chord.bass)
    tones = [(root + i) % 12 for i in QUALITIES[quality] if THIRDS[i] == role]
    bass = tones[0] if tones else _degree(chord.bass, home, new[1])
    return f"{moved}/{spell((bass + shift) % 12, new[0])}"


def _role(chord: ChordSpec, pc: int) -> int | None:
    """What a pitch class is to a chord, counted in thirds; None for a foreign tone."""
    return next((THIRDS[i] for i in chord.intervals if (chord.root + i) % 12 == pc % 12), None)


def _in_mode(root: int, quality: str, home: Tonality, scale: str) -> tuple[int, str]:
    """Root (still above the old tonic) and quality of the chord on the same degree of the other mode."""
    tonic = name_pc(home[0])
    old, new = scale_steps(home[1]), scale_steps(scale)
    above = (root - tonic) % 12
    if above not in old or len(old) < 7 or len(new) < 7:
        return root, quality
    degree = old.index(above)
    if degree == 6 and not is_minor(scale) and is_minor(home[1]):
        # The seventh degree of major carries a diminished chord; the dominant does its work.
        degree = 4
    ladder = [new[(degree + i) % 7] + 12 * ((degree + i) // 7) for i in (0, 2, 4, 6)]
    third, fifth, seventh = (step - ladder[0] for step in ladder[1:])
    if len(QUALITIES[quality]) <= 3:
        diatonic = {(4, 7): "", (3, 7): "m", (3, 6): "dim", (4, 8): "aug"}.get((third, fifth), "")
    else:
        diatonic = {(4, 11): "maj7", (4, 10): "7", (3, 10): "m7" if fifth == 7 else "m7b5"}.get((third, seventh), "m7")
    return (tonic + new[degree]) % 12, diatonic


def _degree(pc: int, home: Tonality, scale: str) -> int:
    """A pitch class at the same degree of the other mode, still above the old tonic."""
    tonic = name_pc(home[0])
    old, new = scale_steps(home[1]), scale_steps(scale)
    above = (pc - tonic) % 12
    if len(old) != len(new) or above not in old:
        return pc
    return (tonic + new[old.index(above)]) % 12


def moved_chords(chords: Sequence[Chord], home: Tonality, new: Tonality) -> tuple[Chord, ...]:
    """Chords of `home` in `new`."""
    if home == new:
        return tuple(chords)
    return tuple(chord.model_copy(update={"symbol": moved_symbol(chord.symbol, home, new)}) for chord in chords)


def moved_notes(notes: Sequence[Note], chords: Sequence[Chord], home: Tonality, new: Tonality) -> list[Note]:
    """Notes over `chords` of `home` in `new`: transposed the short way.

    Into another mode a chord tone becomes the same tone of the new chord, any other goes to its degree or to the
    nearest tone of the new chord's scale.
    """
    if home == new:
        return list(notes)
    shift = distance(home[0], new[0])
    if home[1] == new[1]:
        return [n.model_copy(update={"pitch": _within(n.pitch + shift)}) for n in notes]
    out = []
    for note in notes:
        symbol = next((c.symbol for c in reversed(chords) if c.start <= note.start + 1e-6), chords[0].symbol)
        pc = _moved_pc(note.pitch % 12, symbol, home, new)
        bend = (pc - note.pitch - shift + 6) % 12 - 6
        out.append(note.model_copy(update={"pitch": _within(note.pitch + shift + bend)}))
    return out


def _moved_pc(pc: int, symbol: str, home: Tonality, new: Tonality) -> int:
    before, after = parse_chord(symbol), parse_chord(moved_symbol(symbol, home, new))
    if pc == before.bass:
        return after.bass
    role = _role(before, pc)
    tones = [(after.root + i) % 12 for i in after.intervals if THIRDS[i] == role]
    if tones:
        return tones[0]
    wanted = (_degree(pc, home, new[1]) + distance(home[0], new[0])) % 12
    return min(chord_scale(after, *new), key=lambda tone: (min((tone - wanted) % 12, (wanted - tone) % 12), tone))


def _within(pitch: int) -> int:
    return min(127, max(0, pitch))
