"""Performance: written notes as a band plays them: swing, leaning timing, accents, strums and sustain.

Timing errors follow a first-order autoregressive process (lag-1 correlation 0.3, as in the Groove MIDI
recordings), not white noise. Each part draws from a seed of its own, so a change in one leaves the others be.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from domain.errors import InvalidValue
from domain.score import ControlChange, Note, Part, Performance, PerformedPart, Role, Score, TimedNote
from domain.seeds import derive
from music.genres import Genre, main_genre
from music.instruments import instrument, styles_heard
from music.material import TAIL_S
from music.swing import swing_ratio

LAG_ONE = 0.3
EXPRESSION, SUSTAIN = 11, 64

# Role -> (share of the genre's looseness, push (-) or drag (+) in ms, velocity spread).
_FEEL: dict[Role, tuple[float, float, float]] = {
    Role.DRUMS: (0.8, 0.0, 4.0), Role.PERCUSSION: (1.0, 2.0, 6.0), Role.BASS: (0.8, 3.0, 4.0),
    Role.KEYS: (1.0, 2.0, 5.0), Role.GUITAR: (1.0, 0.0, 6.0), Role.PAD: (0.6, 0.0, 2.0),
    Role.STRINGS: (1.2, 4.0, 4.0), Role.BRASS: (0.9, -2.0, 4.0), Role.LEAD: (1.3, 5.0, 5.0),
    Role.COUNTER: (1.2, 4.0, 4.0), Role.ARPEGGIO: (0.5, 0.0, 4.0), Role.EFFECTS: (0.0, 0.0, 0.0),
}  # fmt: skip
_STRUM_S: dict[str, float] = {
    "acoustic_guitar": 0.014, "electric_guitar": 0.009, "driven_guitar": 0.006, "plucked": 0.018,
    "plucked_keys": 0.006, "piano": 0.003, "electric_keys": 0.003,
}  # fmt: skip
_SUSTAINED = {"strings", "pad", "voices", "brass", "woodwind", "saxophone", "reeds"}
_SNARES = {38, 40, 39}


@dataclass(frozen=True, slots=True)
class _Feel:
    """How the whole band plays."""

    style: Genre
    swing: float
    unit: float
    looseness_s: float
    drummer_s: float
    lean_s: float
    humanize: float


def perform(
    score: Score, *, genre: list[str], style: list[str], swing: float | None, humanize: float, seed: int
) -> Performance:
    """The score as played, in seconds.

    `swing` 0 (even) to 1 (triplets), None for the genre's own; `humanize` scales timing and velocity spread
    (0 mechanical, 1 the genre's own, 2 twice as loose). All parts last the same: the music and `TAIL_S` seconds to
    ring on. Raises `InvalidValue` for values out of range.
    """
    for name, value, most in (("swing", swing, 1), ("humanize", humanize, 2)):
        if value is not None and (isinstance(value, bool) or not 0 <= value <= most):
            raise InvalidValue(f"{name} is {value!r}; use a number from 0 to {most}")
    kind = main_genre(genre)
    tempo = score.tempo[0].bpm
    feel = _Feel(
        style=kind,
        swing=swing_ratio(kind, tempo, swing),
        unit=kind.swing_unit,
        looseness_s=kind.looseness / 1000 * humanize,
        drummer_s=_drummer_ms(kind) / 1000 * humanize,
        lean_s=kind.lean_ms / 1000 * humanize,
        humanize=humanize,
    )
    music_end = round(score.seconds(score.beats), 6)
    duration = round(music_end + TAIL_S, 6)
    clock = _Clock(score)
    parts = tuple(_perform_part(score, part, feel, clock, duration, style, seed) for part in score.parts)
    return Performance(duration_s=duration, music_end_s=music_end, tempo_bpm=tempo, parts=parts)


def _drummer_ms(style: Genre) -> float:
    """Timing spread of the drums in milliseconds.

    People who play: 15–29 (Groove MIDI, standard deviation within a performance); programmed beats stay where the
    machine puts them.
    """
    if style.looseness >= 10:
        return 8.0 + 0.65 * style.looseness
    return 6.0 + 0.7 * style.looseness if style.looseness > 3 else style.looseness


class _Clock:
    """Beats to seconds under the tempo map, for many beats at once."""

    def __init__(self, score: Score) -> None:
        self.beats = np.array([change.start for change in score.tempo])
        self.seconds_at = np.array([score.seconds(b) for b in self.beats])
        self.per_beat = np.array([60.0 / change.bpm for change in score.tempo])

    def seconds(self, beats: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Seconds of each beat."""
        at = np.searchsorted(self.beats, beats, side="right") - 1
        out: npt.NDArray[np.float64] = self.seconds_at[at] + (beats - self.beats[at]) * self.per_beat[at]
        return out


def swung(beats: npt.NDArray[np.float64], ratio: float, unit: float) -> npt.NDArray[np.float64]:
    """Beats moved so that of each pair of `unit` notes the first takes `ratio` of the time (linear inside)."""
    pair = 2 * unit
    base = np.floor(beats / pair + 1e-9) * pair
    inside = np.clip((beats - base) / pair, 0.0, 1.0)
    bent = np.where(inside < 0.5, inside * 2 * ratio, ratio + (inside - 0.5) * 2 * (1 - ratio))
    out: npt.NDArray[np.float64] = base + bent * pair
    return out


def _perform_part(
    score: Score, part: Part, feel: _Feel, clock: _Clock, duration: float, style: Sequence[str], seed: int
) -> PerformedPart:
    timed: list[TimedNote] = []
    bar = score.time_signature.beats_per_bar
    for section in score.sections:
        start, stop = section.start_bar * bar, (section.start_bar + section.bars) * bar
        inside = [n for n in part.notes if start - 1e-6 <= n.start < stop - 1e-6]
        if inside:
            rng = np.random.default_rng(derive(seed, "performance", part.id, section.name))
            timed += _timed_notes(part, inside, _Span(start, stop), feel, clock, rng)
    timed = [t.model_copy(update={"end": min(t.end, duration)}) for t in timed]
    timed.sort(key=lambda t: (t.start, t.pitch))
    return PerformedPart(
        id=part.id, name=part.name, role=part.role, instrument=part.instrument, program=part.program,
        is_drum=part.is_drum, tempo_bpm=score.tempo[0].bpm, duration_s=duration,
        style=styles_heard(part.instrument, list(style)), notes=tuple(timed),
        controls=_controls(part, score, clock, feel),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Span:
    """A section in beats."""

    start: float
    stop: float


def _timed_notes(
    part: Part, notes: Sequence[Note], span: _Span, feel: _Feel, clock: _Clock, rng: np.random.Generator
) -> list[TimedNote]:
    """One section's notes as played. They depend on nothing outside of it but where it begins."""
    starts = np.array([n.start for n in notes]) - span.start
    ends = np.array([min(n.start + n.duration, span.stop) for n in notes]) - span.start
    zero, end = clock.seconds(np.array([span.start, span.stop]))
    begin = clock.seconds(swung(starts, feel.swing, feel.unit) + span.start) - zero
    stop = clock.seconds(swung(ends, feel.swing, feel.unit) + span.start) - zero
    share, push_ms, spread = _FEEL.get(part.role, (1.0, 0.0, 4.0))
    looseness = feel.drummer_s if part.is_drum else feel.looseness_s * share
    moments, index = np.unique(np.round(starts, 4), return_inverse=True)
    drift = _wander(len(moments), looseness * (_TOGETHER if part.is_drum else 1.0), rng)[index]
    own = rng.normal(0.0, looseness * (_APART if part.is_drum else 0.35), len(notes))
    lean = push_ms / 1000 * feel.humanize + (feel.lean_s if part.role is not Role.DRUMS else 0.0)
    shift = drift + own + lean + _strum(part, notes, starts, feel)
    if part.role is Role.EFFECTS:
        shift = np.zeros(len(notes))
    velocities = _velocities(part, notes, spread * feel.humanize, feel, rng)
    begin = np.maximum(begin + shift, -min(_EARLIEST_S, float(zero)))
    stop = np.maximum(stop + 0.5 * shift, begin + 0.03)
    # What ends with its section lets go a little before it, so that the next one may begin early.
    last = float(end - zero) - _EARLIEST_S
    stop = np.where(stop > last, np.maximum(np.minimum(stop, last), begin + 0.02), stop)
    order = np.lexsort((np.array([n.pitch for n in notes]), begin))
    stop = _released(notes, begin, stop, order)
    offset = round(float(zero), 6)
    return [
        TimedNote(
            pitch=notes[i].pitch,
            start=round(max(0.0, offset + round(float(begin[i]), 6)), 6),
            end=round(offset + round(float(stop[i]), 6), 6),
            velocity=int(velocities[i]),
        )
        for i in order
    ]


_TOGETHER, _APART = 0.62, 0.78
"""Shares of a drummer's timing error that all limbs have in common and that each hand or foot has of its own."""
_EARLIEST_S = 0.06
"""How early a note may come before its section."""


def _released(
    notes: Sequence[Note],
    begin: npt.NDArray[np.float64],
    stop: npt.NDArray[np.float64],
    order: npt.NDArray[np.intp],
) -> npt.NDArray[np.float64]:
    """Ends such that a key is let go before it is struck again."""
    stop = stop.copy()
    last: dict[int, int] = {}
    for i in order:
        before = last.get(notes[i].pitch)
        if before is not None and stop[before] > begin[i] - 0.002:
            stop[before] = max(begin[before] + 0.002, begin[i] - 0.002)
        last[notes[i].pitch] = int(i)
    return stop


def _wander(count: int, spread: float, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """`count` timing errors in seconds with standard deviation `spread` and lag-1 correlation `LAG_ONE`."""
    steps = rng.normal(0.0, spread * np.sqrt(1 - LAG_ONE**2), count)
    out = np.zeros(count)
    value = 0.0
    for i in range(count):
        value = LAG_ONE * value + steps[i]
        out[i] = value
    return np.clip(out, -3 * spread, 3 * spread)


def _strum(part: Part, notes: Sequence[Note], starts: npt.NDArray[np.float64], feel: _Feel) -> npt.NDArray[np.float64]:
    """Delay of each note of a chord; down-strokes from the low string, up-strokes (off the beat) from the top."""
    gap = _STRUM_S.get(instrument(part.instrument).family, 0.0) * min(1.0, feel.humanize + 0.2)
    delays = np.zeros(len(notes))
    if gap == 0.0:
        return delays
    i = 0
    while i < len(notes):
        j = i
        while j < len(notes) and abs(starts[j] - starts[i]) < 1e-6:
            j += 1
        order = sorted(range(i, j), key=lambda k: notes[k].pitch)
        if (starts[i] * 2) % 2 == 1:
            order = order[::-1]
        for rank, k in enumerate(order):
            delays[k] = rank * gap
        i = j
    return delays


def _velocities(
    part: Part, notes: Sequence[Note], spread: float, feel: _Feel, rng: np.random.Generator
) -> npt.NDArray[np.int_]:
    base = np.array([n.velocity for n in notes], dtype=float)
    base += rng.normal(0.0, 1.0, len(notes)) * spread
    if not part.is_drum:
        beat = np.array([n.start for n in notes]) % 1
        base += np.where(beat < 1e-6, 2.0, np.where(np.abs(beat - 0.5) < 1e-6, -1.0, -2.5)) * feel.humanize
    return np.clip(np.round(base), 8, 124).astype(int)


def _controls(part: Part, score: Score, clock: _Clock, feel: _Feel) -> tuple[ControlChange, ...]:
    """Swells of sustaining instruments and the pedal of the grand piano."""
    family = instrument(part.instrument).family
    if not part.notes or part.is_drum or feel.humanize == 0:
        return ()
    if family in _SUSTAINED:
        return _swells(part, clock)
    if part.instrument == "grand_piano" and feel.style.id in {"jazz_ballad", "ambient", "cinematic", "chamber"}:
        return _pedal(score, clock)
    return ()


def _swells(part: Part, clock: _Clock) -> tuple[ControlChange, ...]:
    """Expression rises and falls a little over each long note."""
    points: dict[float, int] = {0.0: 100}
    for note in part.notes:
        if note.duration >= 2:
            for share, value in ((0.0, 92), (0.5, 112), (0.95, 96)):
                points[round(note.start + share * note.duration, 3)] = value
    beats = np.array(sorted(points))
    return tuple(
        ControlChange(time=round(float(t), 6), number=EXPRESSION, value=points[float(b)])
        for b, t in zip(beats, clock.seconds(beats), strict=True)
    )


def _pedal(score: Score, clock: _Clock) -> tuple[ControlChange, ...]:
    """Pedal down with each chord, up just before the next."""
    changes = []
    for chord in score.chords:
        down, up = clock.seconds(np.array([chord.start + 0.06, chord.start + chord.duration - 0.02]))
        changes.append(ControlChange(time=round(float(down), 6), number=SUSTAIN, value=127))
        changes.append(ControlChange(time=round(float(up), 6), number=SUSTAIN, value=0))
    return tuple(changes)
