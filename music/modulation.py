"""Modulation: a section's chords and notes in another key, and in another mode."""

from collections.abc import Sequence

from domain.score import Chord, Note
from music.theory import QUALITIES, is_minor, name_pc, parse_chord, scale_steps, spell

Tonality = tuple[str, str]
"""Key and scale."""

_SEVENTHS = {4: "maj7", 3: "m7"}


def distance(home: str, key: str) -> int:
    """Semitones from one tonic to the other the short way, -5 to 6."""
    return (name_pc(key) - name_pc(home) + 5) % 12 - 5


def moved_symbol(symbol: str, home: Tonality, new: Tonality) -> str:
    """A chord symbol of `home` at its place in `new`, spelled for the new key."""
    chord = parse_chord(symbol)
    root, quality = chord.root, chord.quality
    if is_minor(home[1]) != is_minor(new[1]):
        root, quality = _in_mode(root, quality, home, new[1])
    shift = distance(home[0], new[0])
    moved = spell((root + shift) % 12, new[0]) + quality
    bass = "" if chord.bass == chord.root else "/" + spell((_degree(chord.bass, home, new[1]) + shift) % 12, new[0])
    return moved + bass


def _in_mode(root: int, quality: str, home: Tonality, scale: str) -> tuple[int, str]:
    """Root (still above the old tonic) and quality of the chord on the same degree of the other mode."""
    tonic = name_pc(home[0])
    old, new = scale_steps(home[1]), scale_steps(scale)
    above = (root - tonic) % 12
    if above not in old or len(old) < 7 or len(new) < 7:
        return root, quality
    degree = old.index(above)
    if degree == 6 and not is_minor(scale):
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


def moved_notes(notes: Sequence[Note], home: Tonality, new: Tonality) -> list[Note]:
    """Notes of `home` in `new`: transposed the short way; into another mode degree by degree."""
    if home == new:
        return list(notes)
    shift = distance(home[0], new[0])
    out = []
    for note in notes:
        bend = (_degree(note.pitch % 12, home, new[1]) - note.pitch + 6) % 12 - 6
        out.append(note.model_copy(update={"pitch": min(127, max(0, note.pitch + shift + bend))}))
    return out
