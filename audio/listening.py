"""Ears of our own: tempo and key heard in a finished sound, without a look at the score."""

from typing import Final, NamedTuple

import numpy as np
from scipy.signal import resample_poly

from audio.rate import Array, Doubles

_LISTEN_HZ: Final = 12_000
_HOP: Final = 128
_WINDOW: Final = 1024
_SLOWEST, _FASTEST = 40.0, 240.0
_USUAL_BPM: Final = 115.0
_CHROMA_WINDOW: Final = 8192
_LOWEST_PITCH, _HIGHEST_PITCH = 33, 88

NAMES: Final = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


KEY_MARGIN: Final = 0.12


class TempoEstimate(NamedTuple):
    """Beats a minute, how sure 0–1, and the next best tempi with their strengths."""

    bpm: float
    confidence: float
    candidates: tuple[tuple[float, float], ...]


class KeyEstimate(NamedTuple):
    """Tonic such as "F" or "Eb", mode "major" or "minor", how sure 0–1.

    `alike` holds all keys (tonic, mode), best first, that score within `KEY_MARGIN` of the best: relatives share
    their notes, and an ear of profiles cannot always tell them apart.
    """

    tonic: str
    mode: str
    confidence: float
    alike: tuple[tuple[str, str], ...] = ()


def _mono(x: Array, rate: int) -> Array:
    y = np.asarray(x, np.float32)
    y = y.mean(axis=1) if y.ndim == 2 else y
    common = int(np.gcd(rate, _LISTEN_HZ))
    return np.asarray(resample_poly(y, _LISTEN_HZ // common, rate // common), np.float32)


def _magnitudes(x: Array, window: int, hop: int) -> Array:
    """Hann-windowed magnitude spectra `(windows, bins)`."""
    if x.shape[0] < window:
        x = np.pad(x, (0, window - x.shape[0]))
    pieces = np.lib.stride_tricks.sliding_window_view(x, window)[::hop]
    shape = np.hanning(window).astype(np.float32)
    out = np.empty((pieces.shape[0], window // 2 + 1), np.float32)
    for start in range(0, pieces.shape[0], 512):
        out[start : start + 512] = np.abs(np.fft.rfft(pieces[start : start + 512] * shape))
    return out


def _onsets(x: Array) -> Doubles:
    """Spectral flux of log magnitudes in eight octave-wide bands, its slow part removed."""
    spectra = _magnitudes(x, _WINDOW, _HOP)
    edges = np.unique(np.geomspace(2, spectra.shape[1], 17).astype(int))
    bands = np.log1p(100.0 * np.add.reduceat(spectra, edges[:-1], axis=1) / _WINDOW)
    flux = np.maximum(np.diff(bands, axis=0), 0.0).sum(axis=1).astype(np.float64)
    if flux.size == 0:
        return np.zeros(0)
    width = int(_LISTEN_HZ / _HOP)
    slow = np.convolve(np.pad(flux, width // 2, mode="edge"), np.ones(width) / width, mode="valid")[: len(flux)]
    return np.asarray(np.maximum(flux - slow, 0.0))


def _autocorrelation(flux: Doubles) -> Doubles:
    size = 1 << (2 * len(flux) - 1).bit_length()
    spectrum = np.fft.rfft(flux - flux.mean(), size)
    raw = np.fft.irfft(spectrum * np.conj(spectrum), size)[: len(flux)]
    overlap = np.arange(len(flux), 0, -1)
    return np.asarray(raw / overlap / max(raw[0] / len(flux), 1e-12))


def _comb(correlation: Doubles, lags: Doubles) -> Doubles:
    """Mean correlation at one to eight beats for each beat length in frames; long lags pin the tempo down."""
    at = np.arange(len(correlation))
    total, weight = np.zeros(len(lags)), np.zeros(len(lags))
    for beats, share in ((1, 1.0), (2, 1.0), (3, 0.5), (4, 1.0), (6, 0.4), (8, 1.0), (16, 0.8)):
        inside = lags * beats < len(correlation) * 0.8
        total += np.where(inside, share * np.interp(lags * beats, at, correlation), 0.0)
        weight += np.where(inside, share, 0.0)
    return np.asarray(total / np.maximum(weight, 1e-9))


def _preference(bpm: Doubles) -> Doubles:
    """How usual a tempo is: a bell over log tempo, an octave wide (after D. Moelants, 2002)."""
    return np.exp(-0.5 * (np.log2(bpm / _USUAL_BPM) / 0.9) ** 2)


def _refined(correlation: Doubles, bpm: float) -> float:
    """The tempo again from the highest peak near as many beats as the sound has, for a finer reading."""
    frame_rate = _LISTEN_HZ / _HOP
    best = bpm
    for beats in (4, 8, 16, 32, 64):
        centre = beats * 60.0 * frame_rate / best
        if centre > len(correlation) * 0.7:
            break
        reach = max(2, int(0.25 * centre / beats))
        low, high = int(centre) - reach, int(centre) + reach + 1
        k = low + int(np.argmax(correlation[low:high]))
        if low < k < high - 1:
            a, b, c = correlation[k - 1], correlation[k], correlation[k + 1]
            bend = a - 2.0 * b + c
            peak = k + (0.5 * (a - c) / bend if bend < 0.0 else 0.0)
            best = beats * 60.0 * frame_rate / peak
    return float(best)


def estimate_tempo(x: Array, rate: int, *, hint: float | None = None) -> TempoEstimate:
    """The tempo heard in `x` `(frames, 2)` at `rate` Hz, 40–240 bpm, by autocorrelation of onsets.

    `hint` only chooses between a tempo and its double, half, triple or third, which ears cannot tell apart
    either; it never enters the number itself. Sound without onsets answers confidence 0.
    """
    flux = _onsets(_mono(x, rate))
    if len(flux) < 4 * _LISTEN_HZ / _HOP or float(flux.max(initial=0.0)) <= 0.0:
        return TempoEstimate(0.0, 0.0, ())
    correlation = _autocorrelation(flux)
    grid = np.geomspace(_SLOWEST, _FASTEST, 1600)
    strength = _comb(correlation, 60.0 * _LISTEN_HZ / _HOP / grid)
    score = strength * _preference(grid)
    best = _peaks(grid, score)
    bpm = best[0][0]
    if hint is not None:
        ratios = (1.0, 2.0, 0.5, 3.0, 1.0 / 3.0, 1.5, 2.0 / 3.0)
        near = [bpm * r for r in ratios if _SLOWEST <= bpm * r <= _FASTEST]
        bpm = min(near, key=lambda t: abs(np.log2(t / hint)))
    heard = float(np.interp(bpm, grid, strength))
    confidence = float(np.clip(heard * 2.0, 0.0, 1.0))
    return TempoEstimate(round(_refined(correlation, bpm), 2), round(confidence, 3), best)


def _peaks(grid: Doubles, score: Doubles) -> tuple[tuple[float, float], ...]:
    tops = np.flatnonzero((score[1:-1] >= score[:-2]) & (score[1:-1] > score[2:])) + 1
    if tops.size == 0:
        tops = np.array([int(np.argmax(score))])
    order = tops[np.argsort(-score[tops], kind="stable")][:5]
    return tuple((round(float(grid[i]), 2), round(float(score[i]), 4)) for i in order)


_MAJOR: Final = np.array([5.0, 2.0, 3.5, 2.0, 4.5, 4.0, 2.0, 4.5, 2.0, 3.5, 1.5, 4.0])
_MINOR: Final = np.array([5.0, 2.0, 3.5, 4.5, 2.0, 4.0, 2.0, 4.5, 3.5, 2.0, 2.5, 3.0])
"""Tone profiles after D. Temperley, Music and Probability (2007), rounded; minor between natural and harmonic."""


_BASS: Final = np.array([5.0, 0.5, 1.5, 1.5, 1.5, 2.5, 0.5, 3.5, 1.5, 1.5, 1.5, 1.0])
"""What basses dwell on, from the tonic up: it tells a key from its relative, which share all their notes."""
_BASS_SHARE: Final = 0.35
_BASS_TOP_PITCH: Final = 53


def _chroma(x: Array) -> tuple[Doubles, Doubles]:
    """Energy of the twelve pitch classes, C first: of all registers with their harmonics, and of the bass."""
    spectra = np.sqrt(_magnitudes(x, _CHROMA_WINDOW, _CHROMA_WINDOW // 2).astype(np.float64))
    hertz = np.fft.rfftfreq(_CHROMA_WINDOW, 1.0 / _LISTEN_HZ)
    total, bass = np.zeros(12), np.zeros(12)
    loud = spectra / np.maximum(spectra.max(axis=1, keepdims=True), 1e-9)
    tonal = np.maximum(loud - _running_mean(loud, 25), 0.0).sum(axis=0)
    for pitch in range(_LOWEST_PITCH, _HIGHEST_PITCH):
        for harmonic, share in ((1, 1.0), (2, 0.5), (3, 0.25)):
            centre = 440.0 * 2.0 ** ((pitch - 69) / 12.0) * harmonic
            inside = (hertz > centre * 2 ** (-0.35 / 12)) & (hertz < centre * 2 ** (0.35 / 12))
            strength = share * float(tonal[inside].max(initial=0.0))
            total[pitch % 12] += strength
            if pitch <= _BASS_TOP_PITCH and harmonic == 1:
                bass[pitch % 12] += strength
    return total, bass


def _running_mean(spectra: Doubles, width: int) -> Doubles:
    padded = np.pad(spectra, ((0, 0), (width // 2 + 1, width // 2)), mode="edge")
    total = np.cumsum(padded, axis=1)
    return np.asarray((total[:, width:] - total[:, :-width]) / width)


def estimate_key(x: Array, rate: int) -> KeyEstimate:
    """The key heard in `x` `(frames, 2)` at `rate` Hz: pitch classes against 24 tone profiles."""
    mono = _mono(x, rate)
    if not np.any(mono):
        return KeyEstimate("C", "major", 0.0)
    chroma, bass = _chroma(mono)
    has_bass = float(bass.max() - bass.min()) > 0.0
    scores = []
    for mode, profile in (("major", _MAJOR), ("minor", _MINOR)):
        for tonic in range(12):
            score = float(np.corrcoef(chroma, np.roll(profile, tonic))[0, 1])
            if has_bass:
                score += _BASS_SHARE * float(np.corrcoef(bass, np.roll(_BASS, tonic))[0, 1])
                score /= 1.0 + _BASS_SHARE
            scores.append((score, tonic, mode))
    scores.sort(key=lambda s: (-s[0], s[1], s[2]))
    (best, tonic, mode), second = scores[0], scores[1][0]
    confidence = float(np.clip(best, 0.0, 1.0) * np.clip(0.5 + 4.0 * (best - second), 0.0, 1.0))
    alike = tuple((NAMES[t], m) for score, t, m in scores if score >= best - KEY_MARGIN)
    return KeyEstimate(NAMES[tonic], mode, round(confidence, 3), alike)
