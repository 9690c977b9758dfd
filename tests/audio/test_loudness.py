"""EBU Tech 3341 (2023) cases 1–6 and 9–14, EBU Tech 3342 cases 1–4, and other meters; signals are generated here.

Cases 7 and 8 of 3341 (5 and 6 of 3342) are recordings of programmes that cannot be synthesised.
"""

import numpy as np
import pyebur128
import pyloudnorm
import pytest

from audio.loudness import (
    bin_energies,
    integrated,
    loudness,
    loudness_of_channels,
    loudness_reference,
    momentary,
    short_term,
)
from audio.rate import RATE, Array
from domain.errors import InvalidValue
from tests.audio.signals import SILENT, noise, tone

TOLERANCE = 0.1
"""LU, of every case of Tech 3341."""

STEADY = {1: ([(20, -23)], -23.0), 2: ([(20, -33)], -33.0)}
GATED = {
    3: ([(10, -36), (60, -23), (10, -36)], -23.0),
    4: ([(10, -72), (10, -36), (60, -23), (10, -36), (10, -72)], -23.0),
    5: ([(20, -26), (20.1, -20), (20, -26)], -23.0),
}
RANGES = {
    1: ([(20, -20), (20, -30)], 10.0),
    2: ([(20, -20), (20, -15)], 5.0),
    3: ([(20, -40), (20, -20)], 20.0),
    4: ([(20, -50), (20, -35), (20, -20), (20, -35), (20, -50)], 15.0),
}


def near(value: float) -> object:
    return pytest.approx(value, abs=TOLERANCE)


def energies(levels: list[tuple[float, float]]) -> Array:
    return bin_energies(tone(levels), RATE)


@pytest.mark.parametrize("case", STEADY)
def test_tech_3341_cases_1_and_2(case: int) -> None:
    levels, expected = STEADY[case]
    found = loudness(energies(levels))
    assert found.max_momentary == near(expected)
    assert found.max_short_term == near(expected)
    assert found.integrated == near(expected)


@pytest.mark.parametrize("case", GATED)
def test_tech_3341_cases_3_to_5(case: int) -> None:
    levels, expected = GATED[case]
    assert integrated(energies(levels)) == near(expected)
    assert loudness_reference(tone(levels), RATE) == near(expected)


def test_tech_3341_case_6_has_five_channels() -> None:
    x = np.concatenate([tone([(20, level)])[:, :1] for level in (-28, -28, -24, -30, -30)], axis=1)
    assert loudness_of_channels(x, RATE).integrated == near(-23.0)


def test_tech_3341_case_9_short_term_is_constant_after_three_seconds() -> None:
    series = short_term(energies([(1.34, -20), (1.66, -30)] * 5))
    assert series.min() == near(-23.0)
    assert series.max() == near(-23.0)


@pytest.mark.parametrize("i", range(20))
def test_tech_3341_case_10_short_term_maximum_wherever_the_burst_begins(i: int) -> None:
    assert loudness(energies([(i * 0.15, SILENT), (3, -23), (1, SILENT)])).max_short_term == near(-23.0)


def test_tech_3341_case_11_short_term_maxima_of_one_stream() -> None:
    """Twenty bursts one after another; each maximum is that of the windows that end within the burst's 6 s."""
    levels = [piece for i in range(20) for piece in ((i * 0.15, SILENT), (3, -38 + i), (3 - i * 0.15, SILENT))]
    series = short_term(energies(levels))
    for i in range(20):
        assert series[max(0, i * 600 - 300) : i * 600 + 300].max() == near(-38.0 + i), f"burst {i}"


def test_tech_3341_case_12_momentary_is_constant_after_one_second() -> None:
    series = momentary(energies([(0.18, -20), (0.22, -30)] * 25))[60:]
    assert series.min() == near(-23.0)
    assert series.max() == near(-23.0)


@pytest.mark.parametrize("i", range(20))
def test_tech_3341_case_13_momentary_maximum_wherever_the_burst_begins(i: int) -> None:
    assert loudness(energies([(i * 0.02, SILENT), (0.4, -23), (1, SILENT)])).max_momentary == near(-23.0)


def test_tech_3341_case_14_momentary_maxima_of_one_stream() -> None:
    levels = [piece for i in range(20) for piece in ((i * 0.02, SILENT), (0.4, -38 + i), (0.4 - i * 0.02, SILENT))]
    series = momentary(energies(levels))
    for i in range(20):
        assert series[max(0, i * 80 - 40) : i * 80 + 40].max() == near(-38.0 + i), f"burst {i}"


def test_a_tone_of_minus_18_dbfs_reads_minus_18() -> None:
    assert integrated(energies([(20, -18)])) == pytest.approx(-18.0, abs=0.05)


@pytest.mark.parametrize("case", RANGES)
def test_tech_3342_cases_1_to_4_and_the_same_twice_over(case: int) -> None:
    levels, expected = RANGES[case]
    x = tone(levels)
    once = loudness(bin_energies(x, RATE)).range
    assert once == pytest.approx(expected, abs=1.0)
    assert once == pytest.approx(expected, abs=0.1)
    assert loudness(bin_energies(np.concatenate([x, x]), RATE)).range == pytest.approx(once, abs=0.1)


def test_channels_count_as_the_standard_weighs_them() -> None:
    one = tone([(5, -20)])[:, :1]
    front = loudness_of_channels(np.repeat(one, 2, axis=1), RATE).integrated
    assert front == loudness(bin_energies(np.repeat(one, 2, axis=1), RATE)).integrated
    assert loudness_of_channels(one, RATE).integrated == pytest.approx(front - 3.01, abs=0.01)
    silent = np.zeros_like(one)
    surround = np.concatenate([silent] * 3 + [one] * 2, axis=1)
    assert loudness_of_channels(surround, RATE).integrated == pytest.approx(front + 10 * np.log10(1.41), abs=0.01)
    effects = np.concatenate([silent] * 3 + [one] + [silent] * 2, axis=1)
    assert loudness_of_channels(effects, RATE).integrated == -120.0
    with pytest.raises(InvalidValue, match="channels"):
        loudness_of_channels(np.zeros((RATE, 4), np.float32), RATE)


@pytest.mark.parametrize(("rate", "within"), [(44_100, 0.01), (48_000, 0.01), (96_000, 0.03)])
def test_pyloudnorm_agrees(rate: int, within: float) -> None:
    x = np.random.default_rng(3).standard_normal((rate * 6, 2)).astype(np.float32) * 0.1
    x[rate * 2 : rate * 4] *= 0.2
    reference = pyloudnorm.Meter(rate, filter_class="DeMan").integrated_loudness(x.astype(np.float64))
    assert integrated(bin_energies(x, rate)) == pytest.approx(reference, abs=within)


def libebur128(x: Array) -> tuple[float, float, float, float]:
    """Integrated, momentary maximum, short-term maximum and range, asked every 10 ms."""
    mode = pyebur128.MeasurementMode.MODE_I | pyebur128.MeasurementMode.MODE_LRA
    state = pyebur128.R128State(2, RATE, mode)
    brief, long, step = -200.0, -200.0, RATE // 100
    for start in range(0, len(x), step):
        piece = x[start : start + step]
        state.add_frames(piece.ravel(), len(piece))
        if start + step >= 0.4 * RATE:
            brief = max(brief, pyebur128.get_loudness_momentary(state))
        if start + step >= 3 * RATE:
            long = max(long, pyebur128.get_loudness_shortterm(state))
    return pyebur128.get_loudness_global(state), brief, long, pyebur128.get_loudness_range(state)


def test_libebur128_and_pyloudnorm_agree_on_music(rock_mix: Array) -> None:
    found = loudness(bin_energies(rock_mix, RATE))
    whole, brief, long, spread = libebur128(rock_mix)
    assert found.integrated == pytest.approx(whole, abs=0.001)
    assert found.max_momentary == pytest.approx(brief, abs=0.01)
    assert found.max_short_term == pytest.approx(long, abs=0.01)
    # libebur128 takes a short-term value every second, Tech 3342 asks for ten.
    assert found.range == pytest.approx(spread, abs=1.0)
    assert found.integrated == pytest.approx(loudness_reference(rock_mix, RATE), abs=0.01)


def test_a_gain_line_reads_as_if_it_were_multiplied_out() -> None:
    x = noise(3)
    line = np.random.default_rng(1).random(len(x) // 16 + 1).astype(np.float32)
    drawn = np.interp(np.arange(len(x)), np.arange(len(line)) * 16, line).astype(np.float32)
    assert bin_energies(x, RATE, line) == pytest.approx(bin_energies(x * drawn[:, None], RATE), rel=1e-4)


def test_the_smallest_fade_to_nothing_is_as_fast_as_noise() -> None:
    import time

    x = noise(30)
    quiet = x.copy()
    quiet[RATE:] = 0.0
    bin_energies(x, RATE)
    times = []
    for y in (x, quiet):
        start = time.perf_counter()
        bin_energies(y, RATE)
        times.append(time.perf_counter() - start)
    assert times[1] < times[0] * 8
