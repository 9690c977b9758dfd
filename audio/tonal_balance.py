"""Tonal balance: how a sound's spectrum and width compare with a genre or a reference, and the filter between them.

The filter is one linear-phase FIR for the mid and one for the side: with equal delay on both the stereo picture stays
whole whatever the two curves are. It also takes out what lies over 20.5 kHz, where two true-peak meters would disagree.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict
from scipy.fft import irfft, rfft
from scipy.signal import firwin

from audio.decibels import SILENCE_DB, power_to_db
from audio.genre_bands import genre_curve, genre_ranges, octave_misses
from audio.kernels import kernel
from audio.measure import measure
from audio.mix_tables import REFERENCE_BANDS
from audio.rate import RATE, Array, Doubles
from audio.soundness import require_sound
from audio.spectrum import OCTAVES, THIRDS, Spectra, spectra
from domain.errors import InvalidValue, RenderError

GENRE_LIMIT_DB: Final = 4.0
REFERENCE_LIMIT_DB: Final = 6.0
UNLIKE_LIMIT_DB: Final = 3.0
"""Most that a genre, a reference, and a reference unlike produced music may change the level at any frequency."""

AIR_LIMIT_DB: Final = 5.0
"""Most that a genre may lower the highest octave, where the mix has no tone control."""

SHORTEST_REFERENCE_S: Final = 5.0
QUIETEST_REFERENCE_LUFS: Final = -50.0
_UNLIKE_DB: Final = 9.0
_SIDE_LIMIT_DB: Final = 4.0
_TOLERANCE_DB: Final = 2.5
_MONO_UNDER_HZ: Final = 120.0
_HARDLY_ANY_DB: Final = -40.0
_LEVEL_HZ: Final = (200.0, 4000.0)
_SMOOTHING: Final = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9.0
_TOP_HZ: Final = 20_500.0
_TOP_TAPS: Final = 255
_TAPS: Final = 4097
_FFT: Final = 16_384


class ReferenceProfile(BaseModel):
    """What a master is compared with: third-octave levels against the whole, width, loudness, crest and length.

    `bands_db` and `width_db` have one value for each of `spectrum.THIRDS`: power against the sum of all bands, and
    side against mid.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    bands_db: tuple[float, ...]
    width_db: tuple[float, ...]
    integrated_lufs: float
    crest_db: float
    plr_db: float
    duration_s: float

    def octaves_db(self) -> dict[float, float]:
        """Level of each octave against the one at 1 kHz, by centre in Hz."""
        power = 10.0 ** (np.array(self.bands_db) / 10.0)
        octaves = {c: float(power[_thirds_of(c)].sum()) for c in OCTAVES}
        return {c: power_to_db(p / max(octaves[1000.0], 1e-30)) for c, p in octaves.items()}

    def unlikeness_db(self) -> float:
        """Root mean square distance in dB, 63 Hz to 8 kHz, from the usual spectrum of produced music.

        Records of any genre stay within about 6; white noise, a voice alone or a telephone reach 9 and more.
        """
        mine = self.octaves_db()
        distance = np.array([max(-30.0, mine[c]) - REFERENCE_BANDS[c] for c in OCTAVES[1:-1]])
        return float(np.sqrt(np.mean((distance - np.median(distance)) ** 2)))


def _thirds_of(octave: float) -> list[int]:
    return [i for i, c in enumerate(THIRDS) if abs(np.log2(c / octave)) < 0.5]


def _levels(heard: Spectra) -> tuple[Doubles, Doubles]:
    """Third-octave levels against the whole, and side against mid in each, both in dB."""
    mid, side = heard.bands(heard.mid, THIRDS, 3), heard.bands(heard.side, THIRDS, 3)
    whole = max(float((mid + side).sum()), 1e-30)
    floor = 10.0 ** (SILENCE_DB / 10.0)
    bands = 10.0 * np.log10(np.maximum((mid + side) / whole, floor))
    width = 10.0 * np.log10(np.clip(side / np.maximum(mid, 1e-30), floor, 1.0 / floor))
    return bands, width


def profile(x: Array, rate: int) -> ReferenceProfile:
    """The profile of a reference `x` `(frames, 1 or 2)` at `rate` Hz.

    InvalidValue says why a sound cannot be one: not finite, shorter than 5 s, or silent.
    """
    try:
        sound = require_sound(x, "the reference")
    except RenderError as error:
        raise InvalidValue(f"{error}; choose another reference track") from error
    seconds = sound.shape[0] / rate
    if seconds < SHORTEST_REFERENCE_S:
        raise InvalidValue(f"the reference lasts {seconds:.2f} s; give at least {SHORTEST_REFERENCE_S:g} s of music")
    heard = spectra(sound, rate)
    measured = measure(sound, rate, heard=heard)
    if measured.integrated_lufs < QUIETEST_REFERENCE_LUFS:
        raise InvalidValue(
            f"the reference is silent or nearly so ({measured.integrated_lufs:.1f} LUFS); choose a track that sounds"
        )
    bands, width = _levels(heard)
    return ReferenceProfile(
        bands_db=tuple(round(float(v), 2) for v in bands),
        width_db=tuple(round(float(v), 2) for v in width),
        integrated_lufs=measured.integrated_lufs,
        crest_db=measured.crest_db,
        plr_db=measured.plr_db,
        duration_s=seconds,
    )


@dataclass(frozen=True)
class Balance:
    """Gains in dB of mid and side at each of `THIRDS`, and in words why."""

    mid_db: Doubles
    side_db: Doubles
    reason: str

    def shown(self) -> str:
        """The curve in a line: its octaves that move by 0.3 dB or more."""
        rows = [("", self.mid_db), ("side ", self.side_db - self.mid_db)]
        told = [
            f"{name}{curve[THIRDS_AT[c]]:+.1f} dB at {c:g} Hz"
            for name, curve in rows
            for c in OCTAVES
            if abs(curve[THIRDS_AT[c]]) >= 0.3
        ]
        return ", ".join(told) or "flat"


THIRDS_AT: Final[Mapping[float, int]] = {
    c: int(np.argmin([abs(np.log2(third / c)) for third in THIRDS])) for c in OCTAVES
}
"""Which of `THIRDS` is the centre of an octave."""


def _smooth(curve: Doubles) -> Doubles:
    """Over two thirds of an octave each side, so that no narrow resonance is copied."""
    return np.convolve(np.pad(curve, 2, mode="edge"), _SMOOTHING, mode="valid")


def towards_genre(heard: Spectra, genre: Sequence[str], amount: float = 1.0) -> Balance:
    """To the genre's range where an octave is out of it, 4 dB at most (5 down at 16 kHz); the width stays.

    The range is 2.5 dB each side of its curve, and below as much more as the genre leaves room.
    """
    misses = octave_misses(heard.octaves_db(), genre_curve(genre))
    ranges = genre_ranges(genre, _TOLERANCE_DB)
    excess = np.array([misses[c] - float(np.clip(misses[c], *ranges[c])) for c in OCTAVES])
    lowest = np.where(np.array(OCTAVES) > 10_000.0, -AIR_LIMIT_DB, -GENRE_LIMIT_DB)
    wanted = np.clip(-excess, lowest, GENRE_LIMIT_DB) * amount
    drawn = np.interp(np.log2(THIRDS), np.log2(OCTAVES), wanted)
    return Balance(drawn, drawn, f"towards the genre's usual spectrum, {GENRE_LIMIT_DB:g} dB at most")


def towards_reference(heard: Spectra, reference: ReferenceProfile, amount: float = 1.0) -> Balance:
    """To the reference's spectrum and width, smoothed over an octave, 6 dB at most, the side 4 dB against the mid.

    A reference unlike produced music (noise, speech) may move half as much. Under 120 Hz nothing gets wider.
    """
    bands, width = _levels(heard)
    wanted = np.array(reference.bands_db) - bands
    centres = np.array(THIRDS)
    in_level = (centres >= _LEVEL_HZ[0]) & (centres <= _LEVEL_HZ[1])
    unlike = reference.unlikeness_db()
    limit = UNLIKE_LIMIT_DB if unlike > _UNLIKE_DB else REFERENCE_LIMIT_DB
    curve = _smooth(np.clip(wanted - np.mean(wanted[in_level]), -2.0 * limit, 2.0 * limit))
    mid = np.clip(curve * amount, -limit, limit)
    most = min(limit, _SIDE_LIMIT_DB)
    side = np.array(reference.width_db) - width
    side[(width < _HARDLY_ANY_DB) & (side > 0.0)] = 0.0
    side = np.clip(_smooth(np.clip(side, -2.0 * most, 2.0 * most)) * amount, -most, most)
    side[centres < _MONO_UNDER_HZ] = np.minimum(side[centres < _MONO_UNDER_HZ], 0.0)
    reason = f"towards the reference's spectrum and width, {limit:g} dB at most"
    if limit < REFERENCE_LIMIT_DB:
        reason += f": {unlike:.0f} dB from produced music it seems to be noise, speech or an effect"
    return Balance(mid, np.clip(mid + side, -limit, limit), reason)


def _low_pass(rate: int) -> Doubles:
    return np.asarray(firwin(_TOP_TAPS, min(_TOP_HZ, 0.46 * rate), fs=rate, window=("kaiser", 7.0)), np.float64)


@cache
def _scale(rate: int) -> int:
    """Longer filters at the double rates, so that the bass is as finely shaped."""
    return max(1, round(rate / RATE))


def _taps(gains_db: Doubles, rate: int) -> Doubles:
    """Linear-phase FIR of a curve given at `THIRDS`: frequency sampling, Kaiser window."""
    taps, size = (_TAPS - 1) * _scale(rate) + 1, _FFT * _scale(rate)
    hertz = np.maximum(np.fft.rfftfreq(size, 1.0 / rate), 1.0)
    curve = np.interp(np.log2(hertz), np.log2(THIRDS), gains_db)
    impulse = np.roll(np.fft.irfft(10.0 ** (curve / 20.0)), taps // 2)[:taps]
    return np.asarray(np.convolve(impulse * np.kaiser(taps, 6.0), _low_pass(rate)), np.float64)


@kernel
def _load(x: Array, start: int, offset: Array, out: Array) -> None:
    """Mid and side of the frames from `start`, less the offset of each side; silence outside of `x`."""
    for n in range(out.shape[1]):
        at = start + n
        left = right = np.float32(0.0)
        if 0 <= at < x.shape[0]:
            left, right = x[at, 0] - offset[0], x[at, 1] - offset[1]
        out[0, n] = np.float32(0.5) * (left + right)
        out[1, n] = np.float32(0.5) * (left - right)


@kernel
def _unload(pair: Array, first: int, out: Array) -> None:
    for n in range(out.shape[0]):
        mid, side = pair[0, first + n], pair[1, first + n]
        out[n, 0] = mid + side
        out[n, 1] = mid - side


def apply(x: Array, balance: Balance, rate: int, offset: tuple[float, float] = (0.0, 0.0)) -> Array:
    """`x` `(frames, 2)` at `rate` Hz through the balance and the low-pass, without delay; a new array.

    `offset` is taken from left and right first. Blocks of 16384 frames at 48 kHz, so that memory is the output's.
    """
    taps = np.stack([_taps(balance.mid_db, rate), _taps(balance.side_db, rate)])
    size, length = _FFT * _scale(rate), taps.shape[1]
    response = rfft(taps, size).astype(np.complex64)
    hop, half = size - length + 1, length // 2
    less = np.array(offset, np.float32)
    out, pair = np.empty_like(x), np.empty((2, size), np.float32)
    for start in range(0, x.shape[0], hop):
        _load(x, start - half, less, pair)
        spectrum = rfft(pair)
        spectrum *= response
        _unload(irfft(spectrum, size, overwrite_x=True), length - 1, out[start : start + hop])
    return out
