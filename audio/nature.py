"""What kind of sound a file holds: music, noise, a lone voice, or nothing that can be told."""

from itertools import pairwise
from typing import Final, Literal, NamedTuple

import numpy as np

from audio.decibels import power_to_db
from audio.listening import estimate_tempo
from audio.rate import Array, Doubles

Kind = Literal["music", "noise", "voice", "unclear"]

_FFT: Final = 4096
_MOST_WINDOWS: Final = 512
_BANDS_HZ: Final = np.geomspace(150.0, 12_000.0, 20)
_QUIET_DB: Final = 30.0
_FRAME_S: Final = 0.02
NOISE_FLATNESS: Final = 0.45
"""White or coloured noise reads 0.56 (the exponential distribution's e^-γ); tones read far below."""
_MUSIC_FLATNESS: Final = 0.4
_PULSE: Final = 0.25
_PAUSES: Final = 0.12
_ONE_VOICE: Final = 0.95
_LOW_HZ: Final = 70.0
_NO_BASS_DB: Final = -20.0


class Nature(NamedTuple):
    """The kind, and the signs it was told by.

    `flatness` 0–1 within third-octave-wide bands (noise 0.56, tones near 0), `pulse` 0–1 how sure a beat is,
    `pauses` share of time 30 dB under the loud parts, `bass_db` power under 70 Hz against the rest in dB.
    """

    kind: Kind
    flatness: float
    pulse: float
    pauses: float
    bass_db: float


def nature(x: Array, rate: int, *, pulse: float | None = None) -> Nature:
    """Tell what `x` `(frames, 2)` at `rate` Hz is; `pulse` is the confidence of a tempo estimate already made.

    Bounded by design: `voice` is said of a sound without beat and bass, in the middle, with pauses, which a lone
    singer is too; what fits nothing is `unclear`. Nothing should be refused for being a voice.
    """
    if pulse is None:
        pulse = estimate_tempo(x, rate).confidence
    power = _power(x)
    hertz = _hertz(rate)
    flatness, pauses = _flatness(power, hertz), _pauses(x, rate)
    low = float(power[:, hertz < _LOW_HZ].sum())
    bass = power_to_db(low / max(float(power.sum()) - low, 1e-12))
    kind: Kind = "unclear"
    if flatness >= NOISE_FLATNESS and pulse < _PULSE:
        kind = "noise"
    elif pulse < _PULSE and pauses >= _PAUSES and bass <= _NO_BASS_DB and _correlation(x) >= _ONE_VOICE:
        kind = "voice"
    elif flatness <= _MUSIC_FLATNESS or pulse >= _PULSE:
        kind = "music"
    return Nature(kind, round(flatness, 3), round(pulse, 3), round(pauses, 3), round(bass, 1))


def _hertz(rate: int) -> Doubles:
    return np.asarray(np.fft.rfftfreq(_FFT, 1.0 / rate), np.float64)


def _power(x: Array) -> Doubles:
    """Power spectra `(windows, bins)` of the middle channel, evenly spread over the sound, none of near silence."""
    mono = x.mean(axis=1, dtype=np.float32)
    if mono.shape[0] < _FFT:
        mono = np.pad(mono, (0, _FFT - mono.shape[0]))
    every = max(_FFT // 2, (mono.shape[0] - _FFT) // _MOST_WINDOWS + 1)
    pieces = np.lib.stride_tricks.sliding_window_view(mono, _FFT)[::every]
    power = np.abs(np.fft.rfft(pieces * np.hanning(_FFT))) ** 2
    level = power.sum(axis=1)
    return np.asarray(power[level > level.max() * 1e-4]) if level.max() > 0.0 else power


def _flatness(power: Doubles, hertz: Doubles) -> float:
    """Geometric over arithmetic mean (J. D. Johnston, 1988), in bands so that the colour of a noise does not matter."""
    found = []
    for low, high in pairwise(_BANDS_HZ.tolist()):
        band = power[:, (hertz >= low) & (hertz < high)]
        mean = band.mean(axis=1)
        heard = mean > 1e-12
        if heard.any():
            found.append(np.exp(np.log(band[heard] + 1e-20).mean(axis=1)) / mean[heard])
    return float(np.concatenate(found).mean()) if found else 0.0


def _pauses(x: Array, rate: int) -> float:
    step = max(1, round(rate * _FRAME_S))
    whole = x[: x.shape[0] // step * step]
    if whole.shape[0] == 0:
        return 0.0
    level = np.square(whole, dtype=np.float64).reshape(-1, step * 2).mean(axis=1)
    return float(np.mean(level < np.quantile(level, 0.95) * 10.0 ** (-_QUIET_DB / 10.0)))


def _correlation(x: Array) -> float:
    left, right = x[:, 0].astype(np.float64), x[:, 1].astype(np.float64)
    both = float(np.sqrt(np.vdot(left, left) * np.vdot(right, right)))
    return float(np.vdot(left, right)) / both if both > 0.0 else 1.0
