"""Pitching: notes for the rhythm of a tune, as the cheapest path through pitch space.

Dynamic programming over pairs of notes (second order): chord tones where the metre is strong, foreign tones that
resolve by step, steps rather than leaps, leaps that turn back (D. Huron, Sweet Anticipation, 2006, ch. 5), the motif's
shape, a contour to follow, and chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from music.theory import ChordSpec

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int_]

# Cost of an interval by its size in semitones; the sizes that people sing most cost least.
_INTERVAL_COST = np.array([0.45, 0.2, 0.1, 0.6, 0.65, 1.0, 3.5, 1.3, 2.4, 2.4, 3.8, 5.0, 2.4] + [7.0] * 24)


_HOME, _FIFTH = 0.25, 0.1
_MINOR_HOME, _MINOR_FIFTH, _MINOR_SEVENTH = 0.45, 0.25, -0.2
"""What the tonic and its fifth are worth: a tune that circles around them says in which key it is. In minor, which is
easily heard as its relative major, more; and the fifth of that major costs."""


@dataclass(slots=True)
class Slot:
    """A note to be pitched: where it stands and what is wanted of it.

    `strength` 0–1 is its metrical weight, `target` the pitch that the contour wants, `pull` how much; `step` the scale
    steps from the note before that the motif wants; `close` is "e" for an open and "E" for a full close.
    """

    start: float
    length: float
    strength: float
    target: float
    chord: ChordSpec
    scale: frozenset[int]
    pull: float = 0.9
    step: float | None = None
    close: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """The pitches to choose from, and where each stands on the ladder of the scale (a foreign note between rungs)."""

    pitches: Ints
    ladder: Array
    tonic: int
    own: frozenset[int]
    moves: Array = field(init=False)
    turns: Array = field(init=False)
    leaves: npt.NDArray[np.bool_] = field(init=False)
    pull: Array = field(init=False)

    def __post_init__(self) -> None:
        step = np.abs(self.pitches[None, :] - self.pitches[:, None])
        object.__setattr__(self, "moves", _INTERVAL_COST[step])
        object.__setattr__(self, "turns", _turn_costs(self.pitches))
        object.__setattr__(self, "leaves", step > 2)
        object.__setattr__(self, "pull", self._pull_home())

    def _pull_home(self) -> Array:
        """What each of the twelve pitch classes is worth for the key."""
        minor = (self.tonic + 3) % 12 in self.own
        pull = np.zeros(12)
        pull[self.tonic] = _MINOR_HOME if minor else _HOME
        pull[(self.tonic + 7) % 12] = _MINOR_FIFTH if minor else _FIFTH
        pull[(self.tonic + 10) % 12] = _MINOR_SEVENTH if minor else 0.0
        return pull


def make_room(low: int, high: int, scale: Sequence[int]) -> Room:
    """The pitches `low`–`high` with the ladder of `scale` (pitch classes from the tonic upwards)."""
    pitches = np.arange(low, high + 1)
    tonic = scale[0]
    degrees = sorted((pc - tonic) % 12 for pc in scale)
    above = (pitches - tonic) % 12
    octave = (pitches - tonic) // 12
    place = np.interp(above, [*degrees, 12], np.arange(len(degrees) + 1))
    rungs = 7 / len(degrees)
    ladder: Array = (octave * len(degrees) + place) * rungs
    return Room(pitches, ladder, tonic, frozenset(scale))


def pitch(
    slots: Sequence[Slot], room: Room, *, after: int | None, warmth: float, rng: np.random.Generator
) -> list[int]:
    """Pitches for `slots`; `after` is the note that came last, `warmth` how much chance there is (0 none)."""
    costs = [_own_cost(slot, room) - _chance(room, warmth, rng) for slot in slots]
    if not costs:
        return []
    if after is not None:
        costs[0] = costs[0] + 0.6 * _INTERVAL_COST[np.minimum(np.abs(room.pitches - after), 36)]
    if len(costs) == 1:
        return [int(room.pitches[int(np.argmin(costs[0]))])]
    table = costs[0][:, None] + costs[1][None, :] + _pair(slots[0], slots[1], room)
    back: list[npt.NDArray[np.intp]] = []
    for before, slot, cost in zip(slots[1:], slots[2:], costs[2:], strict=False):
        options = table[:, :, None] + room.turns
        back.append(np.argmin(options, axis=0))
        table = np.take_along_axis(options, back[-1][None], axis=0)[0] + _pair(before, slot, room) + cost[None, :]
    i, j = np.unravel_index(int(np.argmin(table)), table.shape)
    path = [int(j), int(i)]
    for pointers in reversed(back):
        path.append(int(pointers[path[-1], path[-2]]))
    return [int(room.pitches[k]) for k in reversed(path)]


def _chance(room: Room, warmth: float, rng: np.random.Generator) -> Array:
    noise: Array = rng.gumbel(0.0, warmth, size=len(room.pitches))
    return noise


@lru_cache(maxsize=4096)
def _twelve(pcs: frozenset[int]) -> npt.NDArray[np.bool_]:
    """Which of the twelve pitch classes are in a set."""
    return np.array([pc in pcs for pc in range(12)])


def _own_cost(slot: Slot, room: Room) -> Array:
    """Cost of each pitch for one note alone: harmony, metre, contour and close."""
    pcs = room.pitches % 12
    tones = _twelve(slot.chord.pitch_classes)
    in_chord = tones[pcs]
    cost: Array = np.where(_twelve(slot.scale)[pcs], 0.0, 9.0)
    if len(room.own) < 7:
        cost = np.where(_twelve(room.own)[pcs], 0.0, np.minimum(cost, 2.5))
    cost = cost + np.where(in_chord, 0.0, 0.1 + 1.15 * slot.strength**2)
    harsh = tones[(pcs - 1) % 12] & ~in_chord
    cost = cost + np.where(harsh, 0.9 * slot.length, 0.0)
    cost = cost - room.pull[pcs]
    cost = cost + slot.pull * ((room.pitches - slot.target) / 5.0) ** 2
    if slot.close:
        wanted = (pcs == room.tonic) if slot.close == "E" else (pcs != room.tonic)
        cost = cost + np.where(in_chord & wanted, 0.0, np.where(in_chord, 1.6, 4.0))
    return cost


def _pair(before: Slot, slot: Slot, room: Room) -> Array:
    """Cost of going from each pitch to each: the interval, the motif's step, and how a foreign tone resolves."""
    cost = room.moves
    rest = slot.start - before.start - before.length
    if rest >= 0.9:
        cost = 0.6 * cost
    if slot.step is not None:
        off = np.abs((room.ladder[None, :] - room.ladder[:, None]) - slot.step)
        cost = cost * 0.55 + np.minimum(1.1 * off, 4.0)
    foreign = ~_twelve(before.chord.pitch_classes)[room.pitches % 12]
    loose: Array = np.where(foreign[:, None] & room.leaves, 0.5 + 1.2 * before.strength, 0.0)
    return cost + loose


def _turn_costs(pitches: Ints) -> Array:
    """Cost over three notes: leaps turn back by step, notes are not hammered, trills do not go on."""
    p0, p1, p2 = pitches[:, None, None], pitches[None, :, None], pitches[None, None, :]
    first, second = p1 - p0, p2 - p1
    leap = np.abs(first) >= 5
    onward = (first * second > 0) & leap
    back = (first * second < 0) & leap & (np.abs(second) <= 4)
    hammered = (first == 0) & (second == 0)
    trill = (p0 == p2) & (first != 0)
    far = np.abs(p2 - p0) > 12
    costs: Array = 1.3 * onward - 0.5 * back + 0.8 * hammered + 0.35 * trill + 2.0 * far
    return costs
