"""Sparser and fuller playing: weak notes go first, and what is added divides what is there."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import ceil

from domain.score import Note, Part, Role, TimeSignature
from music.instruments import INSTRUMENTS
from music.metre import weight
from music.pieces import EPS, Piece
from music.theory import scale_pcs

_TIMEKEEPERS = (42, 44, 46, 51, 59, 53, 70, 82, 69, 54)
_SUSTAINED = (Role.PAD, Role.STRINGS, Role.BRASS)
_GHOST = 38
_CLOSEST = 0.25
"""Beats that two strokes keep apart."""

Strokes = list[list[Note]]
"""Notes that are struck together, in order of time."""


def strokes(notes: Sequence[Note]) -> Strokes:
    """Notes grouped by their start."""
    groups: dict[float, list[Note]] = {}
    for note in notes:
        groups.setdefault(round(note.start, 4), []).append(note)
    return [sorted(groups[start], key=lambda n: n.pitch) for start in sorted(groups)]


def thinned(piece: Piece, player: Part, amount: float, metre: TimeSignature) -> list[Note]:
    """The part without the share `amount` (0–1) of its strokes, metrically weak and soft ones first.

    First beats of bars stay. Where there is nothing else, chords lose an inner voice.
    """
    groups = strokes(piece.notes[player.id])
    weights = [weight(metre, group[0].start - piece.start) for group in groups]
    weak = [i for i in range(1, len(groups)) if weights[i] < 1]
    weak.sort(key=lambda i: (weights[i], max(n.velocity for n in groups[i]), i % 2, i))
    gone = set(weak[: max(1, round(amount * len(groups)))])
    if not gone:
        return [n for group in groups for n in (group[:1] + group[2:] if len(group) > 2 else group)]
    return [n for group in _lengthened(groups, gone, player) for n in group]


def _lengthened(groups: Strokes, gone: set[int], player: Part) -> Strokes:
    """The strokes that stay; one that led into a stroke that went sounds on in its place."""
    kept: Strokes = []
    for i, group in enumerate(groups):
        if i not in gone:
            kept.append(group)
            continue
        start, end = group[0].start, max(n.start + n.duration for n in group)
        if kept and not player.is_drum:
            kept[-1] = [
                n.model_copy(update={"duration": round(end - n.start, 9)})
                if abs(n.start + n.duration - start) < _CLOSEST / 2
                else n
                for n in kept[-1]
            ]
    return kept


def filled(piece: Piece, player: Part, amount: float) -> list[Note]:
    """The part with more strokes, about the share `amount` (0–1) of those it has."""
    notes = list(piece.notes[player.id])
    if player.is_drum:
        return notes + _more_time(notes, amount, piece)
    if player.role in _SUSTAINED and (doubled := _doubled(notes, player, amount)):
        return notes + doubled
    return _divided(piece, player, strokes(notes), amount)


def _some(count: int, amount: float) -> list[int]:
    """About `amount` of `count` places, evenly spread, at least one."""
    wanted = min(count, max(1, ceil(amount * count - EPS)))
    return [i * count // wanted for i in range(wanted)]


def _more_time(notes: Sequence[Note], amount: float, piece: Piece) -> list[Note]:
    """Strokes between those of the cymbal, shaker or whatever keeps the time; else ghost notes."""
    counts = Counter(n.pitch for n in notes)
    keeper = max(counts, key=lambda pitch: (pitch in _TIMEKEEPERS, counts[pitch], -pitch))
    hits = sorted((n for n in notes if n.pitch == keeper), key=lambda n: n.start)
    gaps = [(a, b) for a, b in pairwise(hits) if 2 * _CLOSEST - EPS <= b.start - a.start <= piece.bar + EPS]
    if gaps:
        return [_between(*gaps[i]) for i in _some(len(gaps), amount)]
    taken = {round(n.start, 3) for n in notes}
    free = [
        at for i in range(int(piece.bars * piece.bar * 4)) if round(at := piece.start + i * _CLOSEST, 3) not in taken
    ]
    return [
        Note(pitch=_GHOST, start=free[i], duration=_CLOSEST, velocity=36) for i in _some(len(free), amount / 4) if free
    ]


def _between(a: Note, b: Note) -> Note:
    start = round((a.start + b.start) / 2, 9)
    velocity = max(1, round(0.72 * min(a.velocity, b.velocity)))
    return a.model_copy(
        update={"start": start, "velocity": velocity, "duration": min(a.duration, round(b.start - start, 9))}
    )


def _doubled(notes: Sequence[Note], player: Part, amount: float) -> list[Note]:
    """The top voice an octave higher, where the instrument has it."""
    high = INSTRUMENTS[player.instrument].high
    taken = {(n.start, n.pitch) for n in notes}
    tops = [group[-1] for group in strokes(notes)]
    able = [top for top in tops if top.pitch + 12 <= high and (top.start, top.pitch + 12) not in taken]
    return [
        able[i].model_copy(update={"pitch": able[i].pitch + 12, "velocity": max(1, round(able[i].velocity * 0.8))})
        for i in (_some(len(able), amount) if able else [])
    ]


def _divided(piece: Piece, player: Part, groups: Strokes, amount: float) -> list[Note]:
    """Long strokes struck twice; a tune goes on by step."""
    long = [i for i, group in enumerate(groups) if min(n.duration for n in group) >= 2 * _CLOSEST]
    long.sort(key=lambda i: (-min(n.duration for n in groups[i]), i))
    chosen = set(long[: max(1, ceil(amount * len(long)))])
    out: list[Note] = []
    for i, group in enumerate(groups):
        if i not in chosen:
            out += group
            continue
        following = groups[i + 1][-1].pitch if i + 1 < len(groups) else group[-1].pitch
        for note in group:
            half = round(note.duration / 2, 9)
            alone = len(group) == 1 and player.role in (Role.LEAD, Role.COUNTER)
            pitch = _toward(piece, note, following) if alone else note.pitch
            again = {"start": round(note.start + half, 9), "pitch": pitch, "velocity": max(1, note.velocity - 8)}
            out += [note.model_copy(update={"duration": half}), note.model_copy(update={"duration": half, **again})]
    return out


def _toward(piece: Piece, note: Note, following: int) -> int:
    """The scale step from a note towards the next one; a neighbour where the next one is the same."""
    pcs = scale_pcs(*piece.key_at(note.start))
    step = -1 if following < note.pitch else 1
    if 0 < abs(following - note.pitch) <= 2:
        return note.pitch
    near = (note.pitch + step * i for i in (1, 2, 3))
    return next((pitch for pitch in near if pitch % 12 in pcs and 0 <= pitch <= 127), note.pitch)
