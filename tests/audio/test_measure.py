import numpy as np
import pyloudnorm
import pytest

from audio.loudness import bin_energies, loudness, loudness_reference
from audio.measure import measure
from audio.rate import RATE
from audio.true_peak import ITU, LONG, envelope, true_peak_db
from domain.errors import RenderError
from tests.audio.signals import SILENT, noise, tone

INTEGRATED = {
    1: ([(20, -23)], -23.0),
    2: ([(20, -33)], -33.0),
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


@pytest.mark.parametrize("case", INTEGRATED)
def test_tech_3341_integrated(case: int) -> None:
    levels, expected = INTEGRATED[case]
    x = tone(levels)
    assert loudness(bin_energies(x, RATE)).integrated == pytest.approx(expected, abs=0.1)
    assert loudness_reference(x, RATE) == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("case", [1, 2])
def test_tech_3341_momentary_and_short_term_agree_on_a_steady_tone(case: int) -> None:
    levels, expected = INTEGRATED[case]
    found = loudness(bin_energies(tone(levels), RATE))
    assert found.max_momentary == pytest.approx(expected, abs=0.1)
    assert found.max_short_term == pytest.approx(expected, abs=0.1)


def test_tech_3341_case_9_and_12() -> None:
    assert loudness(bin_energies(tone([(1.34, -20), (1.66, -30)] * 5), RATE)).max_short_term == pytest.approx(
        -23.0, abs=0.1
    )
    assert loudness(bin_energies(tone([(0.18, -20), (0.22, -30)] * 25), RATE)).max_momentary == pytest.approx(
        -23.0, abs=0.1
    )


@pytest.mark.parametrize("i", range(20))
def test_tech_3341_case_10_and_13(i: int) -> None:
    ten = tone([(i * 0.15, SILENT), (3, -23), (1, SILENT)])
    assert loudness(bin_energies(ten, RATE)).max_short_term == pytest.approx(-23.0, abs=0.1)
    thirteen = tone([(i * 0.02, SILENT), (0.4, -23), (1, SILENT)])
    assert loudness(bin_energies(thirteen, RATE)).max_momentary == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("i", [0, 7, 13, 19])
def test_tech_3341_case_11_and_14_each_burst(i: int) -> None:
    eleven = tone([(i * 0.15, SILENT), (3, -38 + i), (3 - i * 0.15, SILENT)])
    assert loudness(bin_energies(eleven, RATE)).max_short_term == pytest.approx(-38.0 + i, abs=0.1)
    fourteen = tone([(i * 0.02, SILENT), (0.4, -38 + i), (0.4 - i * 0.02, SILENT)])
    assert loudness(bin_energies(fourteen, RATE)).max_momentary == pytest.approx(-38.0 + i, abs=0.1)


@pytest.mark.parametrize(
    ("divisor", "amplitude", "degrees", "expected"),
    [(4, 0.5, 0.0, -6.0), (4, 0.5, 45.0, -6.0), (6, 0.5, 60.0, -6.0), (8, 0.5, 67.5, -6.0), (4, 1.41, 45.0, 3.0)],
)
def test_tech_3341_true_peak_cases_15_to_19(divisor: int, amplitude: float, degrees: float, expected: float) -> None:
    n = np.arange(RATE)
    fade = np.minimum(1.0, np.minimum(n, n[::-1]) / 480)
    wave = amplitude * fade * np.sin(2 * np.pi * n / divisor + np.radians(degrees))
    x = np.repeat(wave[:, None], 2, axis=1).astype(np.float32)
    for bank in (LONG, ITU):
        assert expected - 0.4 <= true_peak_db(x, bank) <= expected + 0.2


@pytest.mark.parametrize("case", RANGES)
def test_tech_3342_range(case: int) -> None:
    levels, expected = RANGES[case]
    x = tone(levels)
    assert loudness(bin_energies(x, RATE)).range == pytest.approx(expected, abs=0.1)
    assert loudness(bin_energies(np.concatenate([x, x]), RATE)).range == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_agrees_with_pyloudnorm(rate: int) -> None:
    x = np.random.default_rng(3).standard_normal((rate * 6, 2)).astype(np.float32) * 0.1
    x[rate * 2 : rate * 4] *= 0.2
    reference = pyloudnorm.Meter(rate, filter_class="DeMan").integrated_loudness(x.astype(np.float64))
    assert loudness(bin_energies(x, rate)).integrated == pytest.approx(reference, abs=0.03 if rate != 48_000 else 0.01)


def test_silence_in_the_middle_is_found_and_edges_are_not() -> None:
    x = np.concatenate([np.zeros((RATE, 2)), noise(1), np.zeros((RATE * 2, 2)), noise(1)]).astype(np.float32)
    assert measure(x, RATE).longest_silence_s == pytest.approx(2.0, abs=0.1)


def test_figures_of_known_signals() -> None:
    x = tone([(2, -6)])
    m = measure(x, RATE)
    assert m.correlation == pytest.approx(1.0)
    assert m.crest_db == pytest.approx(3.01, abs=0.01)
    assert m.low_side_db <= -100
    assert m.octave_bands_db["1000"] == 0.0
    x[:, 1] *= -1
    assert measure(x, RATE).correlation == pytest.approx(-1.0)
    assert measure(np.full((RATE, 2), 0.25, np.float32), RATE).dc == pytest.approx(0.25)
    assert measure(np.ones((100, 2), np.float32), RATE).clipped_samples == 100


def test_octave_bands_of_white_noise_rise_three_decibels_each() -> None:
    bands = measure(noise(8), RATE).octave_bands_db
    assert bands["2000"] == pytest.approx(3.01, abs=0.4)
    assert bands["500"] == pytest.approx(-3.01, abs=0.4)


def test_silence_and_one_channel_and_ten_milliseconds_are_measured() -> None:
    silent = measure(np.zeros((RATE, 2), np.float32), RATE)
    assert silent.integrated_lufs == silent.true_peak_dbtp == -120.0
    assert measure(noise(1)[:, :1], RATE).correlation == pytest.approx(1.0)
    assert measure(noise(0.01), RATE).integrated_lufs == -120.0


def test_not_finite_is_refused_with_its_place() -> None:
    x = noise(1)
    x[123, 1] = np.nan
    with pytest.raises(RenderError, match="frame 123"):
        measure(x, RATE)


def test_envelope_covers_every_true_peak() -> None:
    x = noise(0.5, 0.3)
    assert float(envelope(x).max()) == pytest.approx(10 ** (true_peak_db(x, LONG) / 20), rel=1e-6)
    assert (envelope(x) >= np.abs(x).max(axis=1) - 1e-7).all()


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
