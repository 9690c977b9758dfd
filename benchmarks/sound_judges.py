"""What judges that are not ours find in sound: levels between samples, holes, clipped tops, what mono keeps, balance.

Pure functions on arrays `(frames, 2)`; the formulas are written here once more instead of taken from `audio/`, so that
a fault there is not its own witness. The exceptions are the long true-peak filter, which is stricter than the other
meters, and the detector of clicks.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, sosfilt, welch

from audio.rate import Array

Doubles = npt.NDArray[np.float64]

OCTAVES: Final = (31.5, 63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16000.0)
JUDGED_OCTAVES: Final = OCTAVES[1:]
LOW_HZ: Final = 120.0
SLOPE_HZ: Final = (100.0, 4000.0)
SILENT_DB: Final = -60.0
WINDOW_S: Final = 0.05
HOLE_S: Final = 1.0
FULL_SCALE: Final = 1.0 - 2.0**-15
FLAT: Final = 4
"""So many equal samples in a row near the top are a clipped wave; dither never leaves them."""

FLAT_OVER: Final = 0.5
EMPTY_DB: Final = -60.0
"""A band this far below the loudest one holds nothing that mono could lose."""

KICKS: Final = (35, 36)
KICK_S: Final = 0.08
KICK_HZ: Final = (40.0, 120.0)
HEARD_DB: Final = -75.0
_FLOOR: Final = 1e-20


class Stretch(NamedTuple):
    """From `start` to `end` in seconds."""

    start: float
    end: float


def decibels(power: float) -> float:
    """Power in dB, at least -200."""
    return float(10 * np.log10(max(power, _FLOOR)))


def power(x: Array) -> float:
    """Mean square over frames and channels."""
    return float(np.mean(x.astype(np.float64) ** 2)) if x.size else 0.0


# --- level -------------------------------------------------------------------------------------------


def clipped_samples(x: Array) -> int:
    """Samples at full scale, and samples of flat tops: runs of four or more equal ones over half of the peak."""
    top = float(np.abs(x).max(initial=0.0))
    found = int(np.count_nonzero(np.abs(x) >= FULL_SCALE))
    for channel in x.T:
        flat = (np.diff(channel) == 0.0) & (np.abs(channel[1:]) > FLAT_OVER * top)
        edges = np.flatnonzero(np.diff(np.concatenate(([0], flat.view(np.int8), [0]))))
        runs = edges[1::2] - edges[::2] + 1
        found += int(runs[runs >= FLAT].sum())
    return found


def silences(x: Array, rate: int, longer_than_s: float = HOLE_S) -> list[Stretch]:
    """Inner stretches in which no window of 50 ms reaches -60 dBFS, longer than so many seconds."""
    loud = np.flatnonzero(_windows(x, rate) > 10 ** (SILENT_DB / 10))
    gaps = np.flatnonzero(np.diff(loud) - 1 > longer_than_s / WINDOW_S)
    return [Stretch((loud[at] + 1) * WINDOW_S, loud[at + 1] * WINDOW_S) for at in gaps]


def edges(x: Array, rate: int) -> tuple[float, float]:
    """Seconds of silence before the first sound and after the last one."""
    windows = _windows(x, rate)
    loud = np.flatnonzero(windows > 10 ** (SILENT_DB / 10))
    if not loud.size:
        return windows.size * WINDOW_S, 0.0
    return loud[0] * WINDOW_S, (windows.size - 1 - loud[-1]) * WINDOW_S


def _windows(x: Array, rate: int) -> Doubles:
    hop = round(rate * WINDOW_S)
    whole = x[: x.shape[0] // hop * hop].astype(np.float64)
    return np.asarray(np.mean(whole.reshape(-1, hop * x.shape[1]) ** 2, axis=1))


def holes(silent: Sequence[Stretch], notes: Sequence[Stretch]) -> list[Stretch]:
    """Those silences in which a note is written: one that begins inside, or sounds for more than a quarter second."""
    margin = 0.25
    return [
        gap
        for gap in silent
        if any(
            gap.start - margin / 2 < note.start < gap.end - margin
            or min(gap.end, note.end) - max(gap.start, note.start) > margin
            for note in notes
        )
    ]


# --- stereo ------------------------------------------------------------------------------------------


def correlation(x: Array) -> float:
    """Pearson's, of left and right; 1 where a side is still."""
    left, right = x.astype(np.float64).T
    if left.std() == 0.0 or right.std() == 0.0:
        return 1.0
    return float(np.corrcoef(left, right)[0, 1])


def balance(x: Array) -> float:
    """Left against right in dB."""
    return decibels(power(x[:, :1])) - decibels(power(x[:, 1:]))


def low_side(x: Array, rate: int) -> float:
    """Side against mid under 120 Hz in dB, by a Butterworth low-pass of fourth order."""
    left, right = x.astype(np.float64).T
    mid, side = sosfilt(butter(4, LOW_HZ, fs=rate, output="sos"), np.stack([left + right, left - right]))
    return decibels(float(np.mean(side**2))) - decibels(float(np.mean(mid**2)))


def mono(x: Array) -> Array:
    """Both channels as they sound from one loudspeaker."""
    return np.repeat(x.mean(axis=1, keepdims=True), 2, axis=1).astype(np.float32)


def mono_drops(x: Array, rate: int) -> dict[float, float]:
    """How much of each octave mono loses, in dB; octaves that hold nothing are left out."""
    stereo, folded = octave_powers(x, rate), octave_powers(mono(x), rate)
    loudest = max(stereo.values())
    return {
        hertz: decibels(level) - decibels(folded[hertz])
        for hertz, level in stereo.items()
        if decibels(level) - decibels(loudest) > EMPTY_DB
    }


# --- spectrum ----------------------------------------------------------------------------------------


def octave_powers(x: Array, rate: int) -> dict[float, float]:
    """Power of each octave, both channels together, by Welch's method."""
    hertz, density = _density(x, rate)
    found = {}
    for centre in OCTAVES:
        inside = (hertz >= centre / 2**0.5) & (hertz < centre * 2**0.5)
        found[centre] = float(density[inside].sum())
    return found


def octave_levels(x: Array, rate: int) -> dict[float, float]:
    """Octaves against the one at 1 kHz in dB."""
    powers = octave_powers(x, rate)
    return {hertz: decibels(level) - decibels(powers[1000.0]) for hertz, level in powers.items()}


def slope(x: Array, rate: int) -> float:
    """Tilt of the power density from 100 Hz to 4 kHz in dB per octave: least squares on third octaves."""
    hertz, density = _density(x, rate)
    low, high = SLOPE_HZ
    centres = low * 2 ** np.arange(0, np.log2(high / low) + 1e-9, 1 / 3)
    levels = [
        decibels(float(density[(hertz >= c / 2 ** (1 / 6)) & (hertz < c * 2 ** (1 / 6))].mean())) for c in centres
    ]
    return float(np.polyfit(np.log2(centres), levels, 1)[0])


def _density(x: Array, rate: int) -> tuple[Doubles, Doubles]:
    length = min(16384, x.shape[0])
    hertz, density = welch(x.astype(np.float64), rate, nperseg=length, axis=0)
    return hertz, density.sum(axis=1)


# --- parts -------------------------------------------------------------------------------------------


def residual_db(stems: Sequence[Array], mix: Array) -> float:
    """What is left of the mix without the stems, in dBFS; 0 where a stem has another length."""
    if any(stem.shape != mix.shape for stem in stems):
        return 0.0
    rest = mix.astype(np.float64)
    for stem in stems:
        rest -= stem
    return max(-200.0, decibels(float(np.mean(rest**2))))


def unheard(x: Array, rate: int, notes: Sequence[Stretch]) -> float:
    """Share of the notes while which a stem never reaches -75 dBFS."""
    if not notes:
        return 0.0
    floor = 10 ** (HEARD_DB / 20)
    still = 0
    for note in notes:
        piece = x[int(note.start * rate) : int((max(note.end, note.start + 0.1) + 0.05) * rate)]
        still += float(np.abs(piece).max(initial=0.0)) < floor
    return still / len(notes)


def kick_over_bass(drums: Array, bass: Array, rate: int, kicks: Sequence[float]) -> float:
    """Power of the drums over that of the bass from 40 to 120 Hz in the 80 ms after a kick, in dB: the median."""
    if not kicks:
        return float("nan")
    sos = butter(2, KICK_HZ, "bandpass", fs=rate, output="sos")
    kick, low = (sosfilt(sos, stem.astype(np.float64).sum(axis=1)) for stem in (drums, bass))
    found = []
    for at in kicks:
        piece = slice(int(at * rate), int((at + KICK_S) * rate))
        if low[piece].size and decibels(float(np.mean(low[piece] ** 2))) > SILENT_DB:
            found.append(decibels(float(np.mean(kick[piece] ** 2))) - decibels(float(np.mean(low[piece] ** 2))))
    return float(np.median(found)) if found else float("nan")
