"""A performed part as the sampler's event list: on, off and controllers, by frame."""

from typing import Final, NamedTuple

from audio.rate import RATE
from domain.score import PerformedPart

_GRID: Final = 64
"""FluidSynth acts on events once in 64 frames; both samplers get the same grid."""

_MIXER_CONTROLLERS: Final = frozenset({10, 91, 93, 94, 95})
"""Pan and effect sends belong to the mix, not to the dry stem."""

_ORDER: Final = {"off": 0, "cc": 1, "bend": 2, "on": 3}


class Event(NamedTuple):
    """What happens at a frame: `kind` on (number pitch, value velocity), off, cc (number, value) or bend."""

    frame: int
    kind: str
    number: int
    value: int


def _grid(seconds: float) -> int:
    return round(seconds * RATE / _GRID) * _GRID


def sampler_events(part: PerformedPart, transpose: int = 0) -> list[Event]:
    """Events of `part` in playing order; a note that is struck again is released first."""
    found = [Event(_grid(c.time), "cc", c.number, c.value) for c in part.controls if c.number not in _MIXER_CONTROLLERS]
    sounding: dict[int, tuple[int, int]] = {}
    for note in sorted(part.notes, key=lambda n: (n.start, n.pitch, n.end)):
        pitch = min(127, max(0, note.pitch + transpose))
        start = _grid(note.start)
        end = max(_grid(note.end), start + _GRID)
        if pitch in sounding and sounding[pitch][1] > start:
            index, _ = sounding[pitch]
            found[index] = found[index]._replace(frame=start)
        found.append(Event(start, "on", pitch, note.velocity))
        sounding[pitch] = (len(found), end)
        found.append(Event(end, "off", pitch, 0))
    return sorted(found, key=lambda e: (e.frame, _ORDER[e.kind], e.number))
