"""Tonal weight: players lean on the tones that say where home is.

Loops such as i–VI–III–VII have the same chords as their relative major; what tells them apart is weight. Listeners'
key profiles (C. Krumhansl, Cognitive Foundations of Musical Pitch, 1990) give the order; the amounts are small enough
to be heard as a player's accent.
"""

from collections.abc import Sequence

from domain.score import Note
from music.keyfinding import key_clarity
from music.theory import is_minor, name_pc

# Semitones above the tonic -> velocity factor.
_MINOR: dict[int, float] = {0: 1.12, 7: 1.07, 3: 0.97, 10: 0.86, 5: 0.97, 8: 0.94, 2: 0.97}
_MAJOR: dict[int, float] = {0: 1.09, 7: 1.05, 4: 1.03, 9: 0.93, 2: 0.97, 5: 0.97}


_UNCLEAR, _CLEAR = -0.15, 0.05
"""Clarity of a key (see `music.keyfinding`) at which players lean most and least."""


def strength_of(chords: Sequence[str], key: str, scale: str) -> float:
    """How much to lean over these chords: 1 where they say the key by themselves, up to 2.4 where they do not."""
    unclear = (_CLEAR - key_clarity(chords, key, scale)) / (_CLEAR - _UNCLEAR)
    return 1.0 + 1.4 * min(1.0, max(0.0, unclear))


def lean_home(notes: Sequence[Note], key: str, scale: str, strength: float = 1.0) -> list[Note]:
    """Notes with velocities leaned towards the tonic and fifth of `key`, away from those of the relative key."""
    weights = _MINOR if is_minor(scale) else _MAJOR
    tonic = name_pc(key)
    out = []
    for note in notes:
        factor = 1 + strength * (weights.get((note.pitch - tonic) % 12, 1.0) - 1)
        out.append(note.model_copy(update={"velocity": int(min(124, max(12, round(note.velocity * factor))))}))
    return out
