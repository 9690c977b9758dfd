import numpy as np
import pytest

from audio.genre_bands import PLR, genre_curve, genre_ranges, octave_misses, octaves_outside, plr_range
from audio.measure import Measurement, measure
from audio.rate import RATE, Array
from audio.spectrum import OCTAVES, spectra
from domain.errors import RenderError
from tests.audio.signals import SILENT, noise, tone


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


def test_lead_tail_and_inner_silence() -> None:
    pieces = [np.zeros((RATE // 2, 2)), noise(1), np.zeros((RATE, 2)), noise(1), np.zeros((RATE * 3, 2))]
    m = measure(np.concatenate(pieces).astype(np.float32), RATE)
    assert m.lead_silence_s == pytest.approx(0.5, abs=0.06)
    assert m.longest_silence_s == pytest.approx(1.0, abs=0.06)
    assert m.tail_silence_s == pytest.approx(3.0, abs=0.06)


def test_lowest_correlation_finds_the_bad_stretch() -> None:
    x = np.repeat(noise(20)[:, :1], 2, axis=1)
    x[8 * RATE : 12 * RATE, 1] *= -1
    m = measure(x, RATE)
    assert m.min_correlation == pytest.approx(-1.0, abs=0.01)
    assert m.correlation == pytest.approx(0.6, abs=0.02)
    assert measure(np.repeat(noise(2)[:, :1], 2, axis=1), RATE).min_correlation == pytest.approx(1.0)


def test_balance_is_left_against_right() -> None:
    x = np.repeat(noise(2)[:, :1], 2, axis=1)
    x[:, 1] *= 0.5
    assert measure(x, RATE).balance_db == pytest.approx(6.02, abs=0.01)
    x[:, 1] = 0.0
    assert measure(x, RATE).balance_db == 120.0


def test_mono_losses_tell_the_octave_that_cancels() -> None:
    low, high = tone([(4, -20)], hertz=250.0), tone([(4, -20)], hertz=4000.0)
    high[:, 1] *= -0.9
    m = measure(low + high, RATE)
    assert m.mono_band_loss_db == pytest.approx(25.6, abs=1.0)
    assert m.mono_loss_db == pytest.approx(2.8, abs=0.3)
    assert measure(low, RATE).mono_band_loss_db == 0.0
    assert measure(noise(4), RATE).mono_loss_db == pytest.approx(3.01, abs=0.1)


def test_side_under_120_hertz() -> None:
    x = tone([(4, -20)], hertz=60.0)
    side = tone([(4, -40)], hertz=60.0)
    x[:, 0] += side[:, 0]
    x[:, 1] -= side[:, 1]
    assert measure(x, RATE).low_side_db == pytest.approx(-20.0, abs=0.2)


@pytest.mark.parametrize(("shape", "expected"), [(0.0, 0.0), (-0.5, -3.01), (-1.0, -6.02)])
def test_slope_of_shaped_noise(shape: float, expected: float) -> None:
    """Amplitude falls with frequency to the power of `shape`: white, pink and brown noise."""
    spectrum = np.fft.rfft(noise(20)[:, 0])
    hertz = np.maximum(np.fft.rfftfreq(20 * RATE, 1 / RATE), 10.0)
    wave = np.fft.irfft(spectrum * hertz**shape)
    x = np.repeat((0.1 * wave / wave.std())[:, None], 2, axis=1).astype(np.float32)
    assert measure(x, RATE).slope_db_per_octave == pytest.approx(expected, abs=0.15)


def test_plr_is_true_peak_over_loudness() -> None:
    m = measure(noise(10), RATE)
    assert m.plr_db == pytest.approx(m.true_peak_dbtp - m.integrated_lufs)
    assert measure(noise(0.1), RATE).plr_db == 0.0


@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_rates_read_alike(rate: int) -> None:
    here, there = measure(tone([(6, -20)]), RATE), measure(tone([(6, -20)], rate=rate), rate)
    for name in ("integrated_lufs", "true_peak_dbtp", "crest_db", "max_momentary_lufs"):
        assert getattr(there, name) == pytest.approx(getattr(here, name), abs=0.05), name


def test_the_octaves_of_each_window_add_up_to_the_whole() -> None:
    heard = spectra(noise(4), RATE)
    assert heard.windows.sum(axis=0) == pytest.approx(heard.bands(heard.total), rel=1e-6)


def test_every_figure_is_told_apart_by_some_sound(rock_mix: Array) -> None:
    """No figure of the report is a constant."""
    sounds = [rock_mix, noise(4, 0.5), np.full((RATE, 2), 0.25, np.float32), tone([(1, SILENT), (4, -3), (1, SILENT)])]
    sounds.append(np.concatenate([noise(1), np.zeros((2 * RATE, 2), np.float32), noise(1)]) * np.float32([1.0, 0.3]))
    seen = [measure(x, RATE) for x in sounds]
    for name in Measurement.model_fields:
        assert len({str(getattr(m, name)) for m in seen}) > 1, name


def test_a_genre_has_a_curve_and_ranges_around_it() -> None:
    curve = genre_curve(("house",))
    bands = {f"{f:g}": db - 3.0 for f, db in curve.items()}
    assert set(octave_misses(bands, curve).values()) == {0.0}
    assert octaves_outside(bands, ("house",)) == {}
    bands["250"] += 7.0
    bands["2000"] -= 6.0
    assert octaves_outside(bands, ("house",)) == {250.0: 7.0, 2000.0: -6.0}
    bands["31.5"] -= 40.0
    assert 31.5 not in octaves_outside(bands, ("house",))
    assert set(genre_ranges(("house",))) == set(OCTAVES)


def test_crest_ranges_go_by_the_genre_and_by_a_word_of_it() -> None:
    assert plr_range(("deep house",)) == plr_range(("house",)) == PLR["house"]
    assert plr_range(("nothing known", "classical")).low > plr_range(("techno",)).low
    assert plr_range(()) == plr_range(("pop",))
    # The default of -14 LUFS under -1 dBTP leaves 13 dB: it must be allowed everywhere.
    assert all(found.holds(13.0) for found in PLR.values())
