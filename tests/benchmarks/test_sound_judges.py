"""Judges of sound, on sounds with planted faults."""

import numpy as np
import pytest

from audio.clicks import find_clicks
from audio.rate import RATE, Array
from benchmarks import sound_judges as judges
from benchmarks.sound_judges import Stretch

SECONDS = 6


def music(seconds: float = SECONDS, *, lowest_hz: float = 150.0) -> Array:
    """Noise that falls 5 dB an octave from `lowest_hz` on, similar on both sides, and a low tone in the middle."""
    rng = np.random.default_rng(3)
    length = int(seconds * RATE)
    hertz = np.fft.rfftfreq(length, 1 / RATE)
    shape = np.maximum(hertz, 60.0) ** (-5 / 6.02) * (hertz > lowest_hz)

    def noise() -> Array:
        return np.fft.irfft(np.fft.rfft(rng.normal(size=length)) * shape, length).astype(np.float32)

    middle, side = noise(), noise()
    low = np.sin(2 * np.pi * 70 * np.arange(length) / RATE).astype(np.float32)
    both = np.stack([middle + 0.4 * side, middle - 0.4 * side], axis=1)
    return (0.08 * both / both.std() + 0.05 * low[:, None]).astype(np.float32)


def test_good_sound_has_no_fault() -> None:
    x = music()
    assert judges.clipped_samples(x) == 0
    assert judges.silences(x, RATE) == []
    assert find_clicks(x, RATE).size == 0
    assert 0.3 < judges.correlation(x) < 0.97
    assert judges.low_side(x, RATE) < -15
    assert max(judges.mono_drops(x, RATE).values()) < 6
    assert abs(judges.balance(x)) < 0.5


def test_a_planted_click_is_found_where_it_is() -> None:
    x = music()
    x[2 * RATE : 2 * RATE + 1] += 0.5
    assert [round(int(frame) / RATE, 2) for frame in find_clicks(x, RATE)] == [2.0]


@pytest.mark.parametrize("top", [1.0, 0.6])
def test_clipped_tops_are_counted_at_any_level(top: float) -> None:
    x = np.clip(20 * music(), -top, top).astype(np.float32)
    assert judges.clipped_samples(x) > 1000


def test_dithered_silence_and_three_equal_samples_are_no_clipping() -> None:
    x = music()
    x[RATE : RATE + 3] = np.abs(x).max()
    assert judges.clipped_samples(x) == 0


def test_a_hole_is_found_only_where_notes_are_written() -> None:
    x = music()
    x[2 * RATE : 4 * RATE] = 0.0
    (silent,) = judges.silences(x, RATE)
    assert silent.start == pytest.approx(2.0, abs=0.06)
    assert silent.end == pytest.approx(4.0, abs=0.06)
    rest = [Stretch(0.0, 2.1), Stretch(4.0, 5.0)]
    assert judges.holes([silent], rest) == []
    assert judges.holes([silent], [*rest, Stretch(2.5, 2.6)]) == [silent]
    assert judges.holes([silent], [Stretch(1.0, 5.0)]) == [silent]


def test_a_pause_of_under_a_second_and_the_ends_are_no_holes() -> None:
    x = music()
    x[: RATE * 2] = 0.0
    x[3 * RATE : int(3.8 * RATE)] = 0.0
    x[5 * RATE :] = 0.0
    assert judges.silences(x, RATE) == []
    assert judges.edges(x, RATE) == pytest.approx((2.0, 1.0), abs=0.06)
    assert judges.edges(0 * x, RATE) == (SECONDS, 0.0)


def test_a_wide_low_end_is_found() -> None:
    x = music()
    x[:, 1] -= 2 * 0.05 * np.sin(2 * np.pi * 70 * np.arange(x.shape[0]) / RATE).astype(np.float32)
    assert judges.low_side(x, RATE) > 0
    drops = judges.mono_drops(x, RATE)
    assert max(drops, key=lambda hertz: drops[hertz]) == 63.0
    assert drops[63.0] > 6


def test_sides_in_antiphase_have_negative_correlation_and_vanish_in_mono() -> None:
    x = music()
    x[:, 1] = -x[:, 0]
    assert judges.correlation(x) == pytest.approx(-1.0)
    assert min(judges.mono_drops(x, RATE).values()) > 60
    assert judges.power(judges.mono(x)) == 0.0


def test_a_still_side_is_no_reason_to_fail() -> None:
    x = music()
    x[:, 1] = 0.0
    assert judges.correlation(x) == 1.0
    assert judges.balance(x) > 60


@pytest.mark.parametrize("hertz", [125.0, 1000.0, 8000.0])
def test_a_tone_is_in_its_octave(hertz: float) -> None:
    tone = np.sin(2 * np.pi * hertz * np.arange(2 * RATE) / RATE).astype(np.float32)
    powers = judges.octave_powers(np.stack([tone, tone], axis=1), RATE)
    assert max(powers, key=lambda band: powers[band]) == hertz
    assert powers[hertz] > 1000 * sum(level for band, level in powers.items() if band != hertz)


def test_octaves_of_a_known_slope() -> None:
    levels = judges.octave_levels(music(), RATE)
    assert levels[1000.0] == 0.0
    # The density falls 5 dB an octave and the band doubles, so that its power falls 2.
    assert levels[4000.0] == pytest.approx(-4.0, abs=0.5)


def test_the_slope_of_the_density_is_found() -> None:
    assert judges.slope(music(lowest_hz=60.0), RATE) == pytest.approx(-5.0, abs=0.2)


def test_stems_that_do_not_sum_to_the_mix_are_told_in_decibels() -> None:
    one, other = music(), 0.5 * music()
    mix = (one + other).astype(np.float32)
    assert judges.residual_db([one, other], mix) < -120
    assert judges.residual_db([one, (other * 1.01).astype(np.float32)], mix) > -90
    assert judges.residual_db([one], mix) > -40
    assert judges.residual_db([one[:-1], other], mix) == 0.0


def test_notes_without_sound_are_counted() -> None:
    x = music()
    x[3 * RATE :] = 0.0
    notes = [Stretch(0.5, 1.0), Stretch(2.0, 2.5), Stretch(4.0, 4.5), Stretch(5.0, 5.01)]
    assert judges.unheard(x, RATE, notes) == 0.5
    assert judges.unheard(x, RATE, []) == 0.0


def test_the_kick_is_compared_with_the_bass_under_it() -> None:
    time = np.arange(4 * RATE) / RATE
    tone = np.repeat(np.sin(2 * np.pi * 65 * time)[:, None], 2, axis=1).astype(np.float32)
    quiet = (0.1 * tone).astype(np.float32)
    assert judges.kick_over_bass(tone, quiet, RATE, [1.0, 2.0, 3.0]) == pytest.approx(20.0, abs=0.1)
    assert np.isnan(judges.kick_over_bass(tone, 0 * tone, RATE, [1.0]))
    assert np.isnan(judges.kick_over_bass(tone, quiet, RATE, []))
