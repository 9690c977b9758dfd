"""Statistics of written and played music, and the bands in which human music lies.

The critic chooses by them and the benchmark prints them. All is plain arithmetic on notes: times in beats (quarter
notes) for written music, in seconds for played music. Shares lie between 0 and 1.

Sources. MusPy: Dong, Chen, McAuley, Berg-Kirkpatrick, "MusPy: A Toolkit for Symbolic Music Generation", ISMIR 2020,
at 12 time steps a beat. POP909: Wang et al., "POP909: A Pop-song Dataset for Music Arrangement Generation", ISMIR
2020; 152 of its songs measured with these formulas. Groove MIDI: Gillick et al., "Learning to Groove with Inverse
Sequence Transformations", ICML 2019; 491 performances in 4/4.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from domain.score import Chord, Note, Part, PerformedPart, Role, Score, TimeSignature
from music.theory import SCALES, ChordSpec, parse_chord

Floats = npt.NDArray[np.float64]

RESOLUTION: Final = 12
"""Time steps a beat: both triplets and sixteenths fall on one."""

INFINITY: Final = float("inf")


@dataclass(frozen=True, slots=True)
class Band:
    """Where human music lies: its mean, and the 10th and 90th percentile. Ends that were not measured are open."""

    mean: float
    low: float = -INFINITY
    high: float = INFINITY
    source: str = "POP909"


HUMAN: Final[dict[str, Band]] = {
    "pitch_class_entropy": Band(2.83, 2.62, 3.09),
    "scale_consistency": Band(0.965, 0.909, 1.0),
    "groove_consistency": Band(0.926, 0.891, 0.969),
    "polyphony": Band(3.80),
    "empty_beats": Band(0.011),
    "repeats": Band(0.23),
    "steps": Band(0.45),
    "thirds": Band(0.17),
    "leaps": Band(0.15),
    "leaps_turned": Band(0.59),
    "range": Band(18.8, 14, 24),
    "rests": Band(0.32, 0.12, 0.47),
    "chord_tones_on_beat": Band(0.71),
    "chord_tones_off_beat": Band(0.60),
    "rhythm_recurs": Band(0.86, 0.68, 0.99),
    "melody_recurs": Band(0.78, 0.55, 0.97),
    "chords_per_bar": Band(1.68),
    "distinct_chords": Band(16.8),
    "extended_chords": Band(0.17),
    "inverted_chords": Band(0.095),
}
"""152 human pop songs (Chinese pop for piano and voice), by the formulas of this module."""

PLAYED: Final[dict[str, Band]] = {
    "timing_ms": Band(21, 15, 29, "Groove MIDI"),
    "lag_1": Band(0.30, source="Groove MIDI"),
    "backbeat_velocity": Band(95, 93, 97, "Groove MIDI"),
    "ghosts": Band(0.46, source="Groove MIDI"),
    "hat_on_beat": Band(84, source="Groove MIDI"),
    "hat_off_eighth": Band(68, source="Groove MIDI"),
    "hat_sixteenth": Band(55, source="Groove MIDI"),
}
"""Drummers on an electronic kit; hats on the beat 82, 89, 76, 88. Velocities 1–127."""

SEQUENCED: Final[dict[str, Band]] = {"timing_ms": Band(11, 8, 15, "usual values for sequenced pop")}
"""Drums that were programmed and loosened."""

POP_BANDS: Final = (
    "pitch_class_entropy", "scale_consistency", "groove_consistency", "rests", "rhythm_recurs", "melody_recurs",
    "range",
)  # fmt: skip
"""The statistics with a measured band, which nine of ten pop-like songs are meant to keep."""


def inside(band: Band, value: float) -> bool:
    """Whether `value` lies in the band, ends included; NaN never does, and an open end lets everything pass."""
    return band.low - 1e-9 <= value <= band.high + 1e-9


# --- the whole score ---------------------------------------------------------------------------------


def score_statistics(score: Score) -> dict[str, float]:
    """Everything of `HUMAN` for a score; NaN where there is nothing to count (no melody, no pitched note).

    The melody is the lead's line, and its rests are counted in the sections where it plays.
    """
    line = lead_line(score)
    found = {
        "pitch_class_entropy": pitch_class_entropy(score),
        "scale_consistency": scale_consistency(score),
        "groove_consistency": groove_consistency(score),
        "polyphony": polyphony(score),
        "empty_beats": empty_beats(score),
    }
    found |= melody_statistics(line, score.time_signature, chords=score.chords)
    found["rests"] = rest_share(line, playing_spans(score, line))
    return found | chord_statistics(score.chords, score.bars)


def _pitched(score: Score) -> list[Note]:
    return [n for p in score.parts if not p.is_drum and p.role is not Role.EFFECTS for n in p.notes]


def _histogram(notes: Iterable[Note]) -> Floats:
    counts = np.zeros(12)
    for note in notes:
        counts[note.pitch % 12] += 1
    return counts


def pitch_class_entropy(score: Score) -> float:
    """Entropy in bits of the histogram of pitch classes, -Σ p log2 p, without drums (MusPy); 0 to 3.58."""
    counts = _histogram(_pitched(score))
    if not counts.sum():
        return float("nan")
    p = counts[counts > 0] / counts.sum()
    return float(-np.sum(p * np.log2(p))) + 0.0


def scale_consistency(score: Score) -> float:
    """Largest share of the notes that lies in any one major or natural minor scale, without drums (MusPy)."""
    counts = _histogram(_pitched(score))
    if not counts.sum():
        return float("nan")
    major = list(SCALES["major"])
    return float(max(np.roll(counts, -tonic)[major].sum() for tonic in range(12)) / counts.sum())


def groove_consistency(score: Score) -> float:
    """1 - mean Hamming distance of the onset vectors of neighbouring bars, the pitched parts together (MusPy).

    A vector has `RESOLUTION` places a beat. 1 where all bars have the same onsets; NaN for a single bar. Drums are left
    out: the human songs that the band comes from have none, and a hi-hat fills every place.
    """
    steps = round(score.time_signature.beats_per_bar * RESOLUTION)
    onsets = np.zeros(score.bars * steps, bool)
    at = np.array([n.start for n in _pitched(score)])
    places = np.round(at * RESOLUTION).astype(int)
    onsets[places[places < onsets.size]] = True
    bars = onsets.reshape(score.bars, steps)
    return float(1.0 - np.mean(bars[:-1] != bars[1:])) if score.bars > 1 else float("nan")


def _roll(score: Score) -> npt.NDArray[np.bool_]:
    """Piano roll `(steps, 128)` of the pitched parts."""
    roll = np.zeros((max(1, round(score.beats * RESOLUTION)), 128), bool)
    for note in _pitched(score):
        start = round(note.start * RESOLUTION)
        roll[start : max(start + 1, round((note.start + note.duration) * RESOLUTION)), note.pitch] = True
    return roll


def polyphony(score: Score) -> float:
    """Mean number of different pitches that sound together, over the time steps in which any does (MusPy)."""
    voices = _roll(score).sum(axis=1)
    return float(voices[voices > 0].mean()) if voices.any() else float("nan")


def empty_beats(score: Score) -> float:
    """Share of the beats (quarter notes) in which nothing sounds, drums included (MusPy's empty-beat rate)."""
    beats = int(score.beats)
    filled = np.zeros(beats + 1, bool)
    for part in score.parts:
        for note in part.notes:
            filled[int(note.start) : int(np.ceil(note.start + note.duration - 1e-9))] = True
    return float(1.0 - filled[:beats].mean())


# --- melody ------------------------------------------------------------------------------------------


def lead_line(score: Score) -> tuple[Note, ...]:
    """The melody: all notes of the leads, the highest of those that start together, none over the next one's start."""
    highest: dict[int, Note] = {}
    for part in score.parts:
        if part.role is Role.LEAD:
            for note in part.notes:
                step = round(note.start * RESOLUTION)
                if step not in highest or note.pitch > highest[step].pitch:
                    highest[step] = note
    line = [highest[step] for step in sorted(highest)]
    cut = [_until(note, after.start) for note, after in pairwise(line)]
    return (*cut, *line[-1:])


def _until(note: Note, end: float) -> Note:
    room = end - note.start
    return note if note.duration <= room else note.model_copy(update={"duration": room})


def playing_spans(score: Score, line: Sequence[Note]) -> list[tuple[float, float]]:
    """Beats (start, end) of the sections in which at least one note of `line` starts."""
    bar = score.time_signature.beats_per_bar
    spans = [(s.start_bar * bar, (s.start_bar + s.bars) * bar) for s in score.sections]
    starts = np.array([n.start for n in line])
    return [(a, b) for a, b in spans if np.any((starts >= a - 1e-6) & (starts < b - 1e-6))]


def rest_share(line: Sequence[Note], spans: Sequence[tuple[float, float]]) -> float:
    """Share of the spans (beats) in which the line is silent; NaN without spans."""
    total = sum(b - a for a, b in spans)
    if total <= 0:
        return float("nan")
    held = sum(max(0.0, min(n.start + n.duration, b) - max(n.start, a)) for n in line for a, b in spans)
    return max(0.0, 1.0 - held / total)


def longest_stretch(line: Sequence[Note], rest: float = 0.5) -> float:
    """Beats of the longest stretch of a line without a rest of at least `rest` beats."""
    longest = start = end = 0.0
    for note in line:
        if note.start - end >= rest - 1e-6:
            start = note.start
        end = max(end, note.start + note.duration)
        longest = max(longest, end - start)
    return longest


def pulse(metre: TimeSignature) -> float:
    """Length of a counted beat in quarter notes: a dotted quarter in 6/8 and 12/8, else what the metre's foot says."""
    compound = metre.denominator == 8 and metre.numerator % 3 == 0
    return 1.5 if compound else 4 / metre.denominator


def melody_statistics(line: Sequence[Note], metre: TimeSignature, *, chords: Sequence[Chord] = ()) -> dict[str, float]:
    """Statistics of one voice in time order; NaN for what the line does not have.

    Shares of the intervals between consecutive notes: `repeats` (0 semitones), `steps` (1–2), `thirds` (3–4),
    `leaps` (5 and more); `leaps_turned` of the leaps go on in the other direction. `range` in semitones.
    `chord_tones_on_beat` and `_off_beat`: share of the notes that start on and off a beat which belong to the
    chord then. `rhythm_recurs` and `melody_recurs`: share of the bars with notes whose onsets, and whose onsets
    and pitches, another bar has too.
    """
    pitches = np.array([n.pitch for n in line], dtype=float)
    moves = np.diff(pitches)
    size = np.abs(moves)
    turned = [bool(b * a < 0) for a, b in pairwise(moves) if abs(a) >= 5]
    found = {
        "repeats": _share(size == 0),
        "steps": _share((size >= 1) & (size <= 2)),
        "thirds": _share((size >= 3) & (size <= 4)),
        "leaps": _share(size >= 5),
        "leaps_turned": _share(np.array(turned)),
        "range": float(np.ptp(pitches)) if len(line) else float("nan"),
    }
    on, off = _chord_tones(line, chords, pulse(metre))
    rhythm, melody = _recurrence(line, metre.beats_per_bar)
    return found | {
        "chord_tones_on_beat": on, "chord_tones_off_beat": off, "rhythm_recurs": rhythm, "melody_recurs": melody,
    }  # fmt: skip


def _share(which: npt.NDArray[np.bool_]) -> float:
    return float(np.mean(which)) if which.size else float("nan")


def _chord_tones(line: Sequence[Note], chords: Sequence[Chord], beat: float) -> tuple[float, float]:
    """Share of chord tones among the notes on a beat, and among the others."""
    starts = np.array([c.start for c in chords])
    on: list[bool] = []
    off: list[bool] = []
    for note in line:
        at = int(np.searchsorted(starts, note.start + 1e-6, side="right")) - 1
        if at < 0:
            continue
        member = note.pitch % 12 in parse_chord(chords[at].symbol).pitch_classes
        distance = abs(note.start / beat - round(note.start / beat)) * beat
        (on if distance < 0.02 else off).append(member)
    return _share(np.array(on)), _share(np.array(off))


def _recurrence(line: Sequence[Note], bar: float) -> tuple[float, float]:
    """Share of the bars whose onsets recur, and of those whose onsets and pitches do."""
    rhythms: dict[int, list[int]] = {}
    tunes: dict[int, list[tuple[int, int]]] = {}
    for note in line:
        number = int((note.start + 1e-6) // bar)
        step = round((note.start - number * bar) * RESOLUTION)
        rhythms.setdefault(number, []).append(step)
        tunes.setdefault(number, []).append((step, note.pitch))
    rhythm = Counter(tuple(r) for r in rhythms.values())
    tune = Counter(tuple(t) for t in tunes.values())
    return _again(list(rhythm.values())), _again(list(tune.values()))


def _again(counts: Sequence[int]) -> float:
    return sum(n for n in counts if n > 1) / sum(counts) if counts else float("nan")


# --- likeness of two melodies ------------------------------------------------------------------------

Gram = tuple[tuple[int, int], ...]


def four_grams(line: Sequence[Note], *, rhythm: bool = True) -> frozenset[Gram]:
    """Every four consecutive notes of a line as three pairs: interval in semitones, time between onsets in sixteenths.

    Transposition and tempo do not change it. Without `rhythm` the second number is 0.
    """
    pairs = [(b.pitch - a.pitch, round((b.start - a.start) * 4) if rhythm else 0) for a, b in pairwise(line)]
    return frozenset(tuple(pairs[i : i + 3]) for i in range(len(pairs) - 2))


def likeness(a: frozenset[Gram], b: frozenset[Gram]) -> float:
    """Share of common 4-grams, |A∩B| / min(|A|, |B|): 1 when one holds all of the other; 0 for an empty one."""
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


# --- chords ------------------------------------------------------------------------------------------

TRIADS: Final = frozenset({"", "m", "5", "dim", "aug"})


def chord_statistics(chords: Sequence[Chord], bars: int) -> dict[str, float]:
    """`chords_per_bar` (a chord that goes on is counted once), `distinct_chords`, and of all chords the share of
    sevenths, extensions and suspensions (`extended_chords`) and of those not over their root (`inverted_chords`).
    """
    changes = [parse_chord(c.symbol) for c in chords[:1]]
    changes += [parse_chord(b.symbol) for a, b in pairwise(chords) if a.symbol != b.symbol]
    return {
        "chords_per_bar": len(changes) / bars if bars else float("nan"),
        "distinct_chords": float(len({(c.root, c.quality, c.bass) for c in changes})),
        "extended_chords": _share_of(changes, lambda c: c.quality not in TRIADS),
        "inverted_chords": _share_of(changes, lambda c: c.bass != c.root),
    }


def _share_of(chords: Sequence[ChordSpec], which: Callable[[ChordSpec], bool]) -> float:
    return _share(np.array([which(chord) for chord in chords], dtype=bool))


# --- drums as played ---------------------------------------------------------------------------------

SNARES: Final = frozenset({38, 40})
HATS: Final = frozenset({42, 44, 46})
KICKS: Final = frozenset({35, 36})
GHOST: Final = 50


def drum_statistics(score: Score, written: Part, played: PerformedPart) -> dict[str, float]:
    """How a drum part is played against what is written; NaN for what it does not have.

    `timing_ms`: standard deviation of onset minus grid, after the mean of each place in the beat is taken out, which
    is the swing. `lag_1`: autocorrelation of those errors from one hit to the next in time order, hits that sound
    together included. `backbeat_velocity`: snares on beats 2 and 4 of a bar in four. `ghosts`: share of snares
    under velocity 50. `hat_on_beat`, `hat_off_eighth`, `hat_sixteenth`: mean velocity by place.
    """
    hits = _matched(score, written, played)
    if not hits:
        return dict.fromkeys(PLAYED, float("nan"))
    at = np.array([beat for beat, _, _, _ in hits])
    errors = np.array([error for _, error, _, _ in hits]) * 1000
    pitch = np.array([p for _, _, p, _ in hits])
    velocity = np.array([v for _, _, _, v in hits], dtype=float)
    place = np.round(at * RESOLUTION).astype(int) % RESOLUTION
    for slot in np.unique(place):
        errors[place == slot] -= errors[place == slot].mean()
    snare, hat = np.isin(pitch, list(SNARES)), np.isin(pitch, list(HATS))
    four = score.time_signature.numerator == 4 and score.time_signature.denominator == 4
    back = snare & (np.round(at * RESOLUTION).astype(int) % (4 * RESOLUTION) % (2 * RESOLUTION) == RESOLUTION)
    return {
        "timing_ms": float(errors.std()),
        "lag_1": _lag_one(errors),
        "backbeat_velocity": _mean(velocity[back & (velocity >= GHOST)]) if four else float("nan"),
        "ghosts": _share(velocity[snare] < GHOST),
        "hat_on_beat": _mean(velocity[hat & (place == 0)]),
        "hat_off_eighth": _mean(velocity[hat & (place == RESOLUTION // 2)]),
        "hat_sixteenth": _mean(velocity[hat & np.isin(place, (RESOLUTION // 4, 3 * RESOLUTION // 4))]),
    }


def _matched(score: Score, written: Part, played: PerformedPart) -> list[tuple[float, float, int, int]]:
    """(written beat, seconds late, pitch, velocity) of each hit in time order.

    A stroke is matched with the nearest one played on the same drum within half a beat.
    """
    strokes: dict[int, list[tuple[float, int]]] = {}
    for hit in played.notes:
        strokes.setdefault(hit.pitch, []).append((hit.start, hit.velocity))
    times = {pitch: np.array([start for start, _ in rows]) for pitch, rows in strokes.items()}
    found = []
    for note in sorted(written.notes, key=lambda n: (n.start, n.pitch)):
        if note.pitch not in times:
            continue
        grid = score.seconds(note.start)
        nearest = int(np.argmin(np.abs(times[note.pitch] - grid)))
        late = float(times[note.pitch][nearest]) - grid
        if abs(late) <= 30.0 / score.tempo[0].bpm:
            found.append((note.start, late, note.pitch, strokes[note.pitch][nearest][1]))
    return found


def _lag_one(errors: Floats) -> float:
    power = float(np.dot(errors, errors))
    return float(np.dot(errors[:-1], errors[1:])) / power if power > 1e-9 else float("nan")


def _mean(values: Floats) -> float:
    return float(values.mean()) if values.size else float("nan")


def bass_on_kick(score: Score) -> float:
    """Share of the bass's onsets that fall on a kick, where bass and a kick are written; else NaN."""
    kicks = {
        round(n.start * RESOLUTION) for p in score.parts if p.role is Role.DRUMS for n in p.notes if n.pitch in KICKS
    }
    bass = {round(n.start * RESOLUTION) for p in score.parts if p.role is Role.BASS for n in p.notes}
    return len(bass & kicks) / len(bass) if bass and kicks else float("nan")
