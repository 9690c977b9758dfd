"""EBU Tech 3341 (2023) cases 15–23 and libebur128; signals are generated here."""

import numpy as np
import pyebur128
import pytest
from scipy.signal import firwin

from audio.processors.limiter import limiter_gain
from audio.rate import GAIN_STEP, RATE, Array
from audio.true_peak import ITU, LONG, block_peaks, envelope, true_peak, true_peak_db
from tests.audio.signals import noise, tone

SINES = {
    15: (4, 0.5, 0.0, -6.0),
    16: (4, 0.5, 45.0, -6.0),
    17: (6, 0.5, 60.0, -6.0),
    18: (8, 0.5, 67.5, -6.0),
    19: (4, 1.41, 45.0, 3.0),
}
"""Case: period in samples, amplitude, phase in degrees, expected dBTP."""

OFFSETS = {20: 0, 21: 1, 22: 2, 23: 3}
"""Case: which of every four samples of the signal at four times the rate is kept."""


def faded(wave: Array, frames: int) -> Array:
    n = np.arange(len(wave))
    return wave * np.minimum(1.0, np.minimum(n, n[::-1]) / frames)


def in_tolerance(x: Array, expected: float) -> None:
    for bank in (LONG, ITU):
        assert expected - 0.4 <= true_peak_db(x, bank) <= expected + 0.2


def stereo(wave: Array) -> Array:
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


@pytest.mark.parametrize("case", SINES)
def test_tech_3341_cases_15_to_19(case: int) -> None:
    period, amplitude, degrees, expected = SINES[case]
    wave = amplitude * np.sin(2 * np.pi * np.arange(RATE) / period + np.radians(degrees))
    in_tolerance(stereo(faded(wave, RATE // 100)), expected)


@pytest.mark.parametrize("case", OFFSETS)
def test_tech_3341_cases_20_to_23(case: int) -> None:
    """At four times the rate: a sine of fs/6 at half scale with one period of fs/4 at full scale in its middle."""
    slow, fast = 24, 16
    around = 0.5 * np.sin(2 * np.pi * np.arange(slow * 1000) / slow)
    burst = np.sin(2 * np.pi * np.arange(fast) / fast)
    wave = np.concatenate((around, burst, around))
    taps = firwin(1023, 0.5 * RATE, fs=4 * RATE, window=("kaiser", 10.0))
    limited = np.convolve(wave, taps, mode="same")
    x = stereo(faded(limited[OFFSETS[case] :: 4], 480))
    in_tolerance(x, 0.0)
    assert float(np.abs(x).max()) < 0.99


def test_libebur128_agrees_on_music(rock_mix: Array) -> None:
    state = pyebur128.R128State(2, RATE, pyebur128.MeasurementMode.MODE_TRUE_PEAK)
    state.add_frames(rock_mix.ravel(), len(rock_mix))
    reference = 20 * np.log10(max(pyebur128.get_true_peak(state, c) for c in (0, 1)))
    assert true_peak_db(rock_mix) == pytest.approx(reference, abs=0.2)


def test_skipping_blocks_changes_nothing() -> None:
    x = noise(2, 0.05)
    x[40_000] = 0.6
    assert true_peak(x) == pytest.approx(float(envelope(x).max()), rel=1e-6)
    assert true_peak(x, at_least=float(np.abs(x).max())) == true_peak(x)


def test_envelope_covers_every_sample() -> None:
    x = noise(0.5, 0.3)
    assert (envelope(x) >= np.abs(x).max(axis=1) - 1e-7).all()


@pytest.mark.parametrize("frames", [1, 15, 16, 17, 262_144, 262_145, 300_001])
def test_block_peaks_are_the_envelope_in_blocks(frames: int) -> None:
    x = noise(frames / RATE, 0.3)
    whole = np.zeros(-(-frames // GAIN_STEP) * GAIN_STEP, np.float32)
    whole[:frames] = envelope(x)
    assert np.array_equal(block_peaks(x), whole.reshape(-1, GAIN_STEP).max(axis=1))


def test_what_lies_under_the_threshold_may_be_the_sample_but_nothing_over_it_is_missed() -> None:
    x = noise(2, 0.2)
    full, quick = envelope(x), envelope(x, under=0.5)
    assert np.array_equal(full[full > 0.5], quick[full > 0.5])
    assert (quick <= full).all()
    gains = [limiter_gain(e, gain=1.0, ceiling=0.5, rate=RATE) for e in (full, quick)]
    assert np.array_equal(*gains)


def test_a_tone_between_samples_reads_its_amplitude() -> None:
    x = stereo(faded(tone([(4, -6.02)], hertz=RATE / 4 + 0.3)[:, 0], RATE // 10))
    assert true_peak_db(x) == pytest.approx(-6.02, abs=0.05)
