"""Drums and percussion laid over the form: grooves by level, fills into the next section, crashes on arrival."""

import numpy as np

from domain.score import Note
from music.grooves import CRASH, HAT, KICK, OPEN_HAT, RIDE, SHAKER, SNARE
from music.material import Fill, Groove, Rhythm

HIT_LENGTH = 0.2
_TIMEKEEPERS = {HAT, OPEN_HAT, RIDE, SHAKER}


_QUIET_EXTRAS = {HAT: 0.45, SNARE: 0.45, KICK: 0.35}
"""How often a drummer adds a soft stroke of a drum in every second bar."""


def groove_notes(
    groove: Groove, start: float, bars: int, bar: float, scale: float, rng: np.random.Generator, *, human: bool = True
) -> list[Note]:
    """`bars` bars of a groove from beat `start` on, velocities times `scale`.

    A `human` drummer lets a soft stroke go or adds one in every second bar and breathes over four on the cymbal; a
    machine has one variant, which comes every fourth bar.
    """
    notes = []
    for turn in range(-(-bars // groove.bars)):
        for hit in groove.hits:
            beat = turn * groove.bars * bar + hit.start
            if beat >= bars * bar - 1e-9:
                continue
            number = int(beat // bar)
            soft = hit.velocity < 70 and hit.pitch in _TIMEKEEPERS | {SNARE, KICK}
            if human and number % 2 and soft and rng.random() < 0.2:
                continue
            breath = 1.0 + 0.02 * ((number % 4) - 1.5) if human and hit.pitch in _TIMEKEEPERS else 1.0
            notes.append(drum(hit.pitch, start + beat, hit.velocity * scale * breath))
    drums = {hit.pitch for hit in groove.hits}
    return notes + (
        _added(notes, drums, start, bars, bar, scale, rng) if human else _varied(drums, start, bars, bar, scale, rng)
    )


def _added(
    notes: list[Note], drums: set[int], start: float, bars: int, bar: float, scale: float, rng: np.random.Generator
) -> list[Note]:
    """Soft strokes of a drummer between the written ones."""
    added = []
    for number in range(1, bars, 2):
        for pitch, chance in _QUIET_EXTRAS.items():
            if pitch not in drums or rng.random() >= chance:
                continue
            place = start + number * bar + 0.25 * int(rng.integers(1, max(2, round(bar * 4))))
            if all(abs(n.start - place) > 0.2 or n.pitch != pitch for n in notes):
                added.append(drum(pitch, place, (58 if pitch == HAT else 40) * scale))
    return added


def _varied(drums: set[int], start: float, bars: int, bar: float, scale: float, rng: np.random.Generator) -> list[Note]:
    """The variant of a programmed beat: two sixteenths of one drum in every fourth bar, always the same."""
    choices = sorted(drums & {HAT, SNARE, KICK, OPEN_HAT})
    if not choices:
        return []
    pitch = choices[int(rng.integers(len(choices)))]
    places = rng.permutation([0.25 * i for i in range(1, round(bar * 4)) if i % 4])[:2]
    return [drum(pitch, start + n * bar + float(place), 62 * scale) for n in range(3, bars, 4) for place in places]


def drum(pitch: int, start: float, velocity: float) -> Note:
    """One drum stroke."""
    return Note(pitch=pitch, start=start, duration=HIT_LENGTH, velocity=int(min(122, max(12, round(velocity)))))


def with_fill(notes: list[Note], fill: Fill, end: float, scale: float) -> list[Note]:
    """The groove's last beats before `end` replaced by a fill; the timekeeper goes on under short fills."""
    begin = end - fill.beats
    kept = [n for n in notes if n.start < begin - 1e-9 or (fill.beats <= 1 and n.pitch in _TIMEKEEPERS)]
    return kept + [drum(h.pitch, begin + h.start, h.velocity * scale) for h in fill.hits]


def pick_fill(rhythm: Rhythm, size: float, rng: np.random.Generator) -> Fill | None:
    """A fill of about `size` beats; None when the rhythm has none that fits."""
    fits = [fill for fill in rhythm.fills if fill.beats <= max(1.0, size)]
    if not fits:
        return None
    longest = max(fill.beats for fill in fits)
    return [fill for fill in fits if fill.beats == longest][int(rng.integers(sum(f.beats == longest for f in fits)))]


def build_roll(start: float, beats: float, scale: float) -> list[Note]:
    """A snare roll that doubles its speed towards the end and grows."""
    notes = []
    at = 0.0
    while at < beats - 1e-9:
        left = beats - at
        step = 1.0 if left > beats * 0.5 else 0.5 if left > beats * 0.25 else 0.25
        notes.append(drum(SNARE, start + at, (50 + 55 * at / beats) * scale))
        at += step
    return notes


def arrival(start: float, scale: float, crash: bool) -> list[Note]:
    """Kick and, when wanted, a crash on a downbeat."""
    notes = [drum(KICK, start, 104 * scale)]
    return [*notes, drum(CRASH, start, 98 * scale)] if crash else notes


def unique(notes: list[Note]) -> list[Note]:
    """One stroke of a drum at a time (the louder one), in order of time."""
    best: dict[tuple[float, int], Note] = {}
    for note in notes:
        key = (round(note.start, 4), note.pitch)
        if key not in best or best[key].velocity < note.velocity:
            best[key] = note
    return [best[key] for key in sorted(best)]
