"""Registers: where each player's notes lie, so that the players keep out of one another's way. MIDI note numbers."""

from collections.abc import Sequence

from domain.score import Role
from music.casting import Chair

# Role -> lowest, highest, number of voices.
REGISTERS: dict[Role, tuple[int, int, int]] = {
    Role.KEYS: (55, 76, 4),
    Role.GUITAR: (47, 66, 3),
    Role.PAD: (46, 64, 3),
    Role.STRINGS: (60, 84, 3),
    Role.BRASS: (57, 77, 3),
    Role.ARPEGGIO: (64, 90, 4),
}
_WRITTEN = (58, 85)
"""Where tunes are written, as good as all of them."""
_CENTRE = 71
_FLOOR = 43
"""Below it chords turn to mud."""
_UNDER_LEAD = frozenset({Role.KEYS, Role.GUITAR, Role.PAD, Role.STRINGS, Role.BRASS})
_SECOND_PLAYER_UP = 5
"""Semitones by which a second player of a role keeps above the first."""


def lead_shift(chair: Chair) -> int:
    """Semitones (whole octaves) from where a tune is written to where this instrument plays it best."""
    low, high = chair.instrument.low, chair.instrument.high
    middle = (max(low, 52) + min(high, 88)) / 2

    def trouble(shift: int) -> tuple[float, float]:
        outside = max(0, low - (_WRITTEN[0] + shift)) + max(0, _WRITTEN[1] + shift - high)
        return outside, abs(sum(_WRITTEN) / 2 + shift - middle)

    return min((-24, -12, 0, 12, 24), key=trouble)


def register_of(chair: Chair, chairs: Sequence[Chair]) -> tuple[int, int, int]:
    """Lowest and highest note and number of voices of a chordal player in a band: under the tune, inside its range."""
    low, high, voices = REGISTERS[chair.role]
    lead = next((c for c in chairs if c.role is Role.LEAD), None)
    if lead is not None and chair.role in _UNDER_LEAD:
        ceiling = _CENTRE + lead_shift(lead) + 3
        down = max(0, min(high - ceiling, low - _FLOOR))
        low, high = low - down, max(high - down, low - down + 16)
    up = _SECOND_PLAYER_UP if chair.id.endswith(("_2", "_3")) else 0
    low, high = max(low + up, chair.instrument.low), min(high + up, chair.instrument.high)
    if high - low < 16:
        low = max(chair.instrument.low, min(low, chair.instrument.high - 16))
        high = min(chair.instrument.high, low + 24)
    return low, high, voices
