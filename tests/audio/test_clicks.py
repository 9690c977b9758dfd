import numpy as np
import pytest

from audio.clicks import find_clicks
from audio.measure import measure
from audio.rate import RATE, Array
from tests.audio.signals import noise, tone


def step(x: Array, at: int, size: float) -> None:
    """A jump that dies away over a tenth of a second, as an unfaded edit leaves it."""
    x[at : at + 4800] += (size * np.exp(-np.arange(len(x[at : at + 4800])) / 1200))[:, None].astype(np.float32)


def impulse(x: Array, at: int, size: float) -> None:
    x[at] += size


def dropout(x: Array, at: int, size: float) -> None:
    x[at : at + round(480 * size * 10)] = 0.0


def chord(seconds: float) -> Array:
    return sum(tone([(seconds, -18)], hertz=f) for f in (110.0, 277.2, 330.0, 440.0))


@pytest.mark.parametrize("size", [0.02, 0.1, 0.4])
@pytest.mark.parametrize("make", [step, impulse])
@pytest.mark.parametrize("at", [4_000, 96_001, 130_001])
def test_a_planted_click_is_found_at_its_frame(make, at: int, size: float) -> None:
    x = chord(3)
    x[-480:] *= np.linspace(1, 0, 480)[:, None]
    make(x, at, size)
    assert find_clicks(x, RATE).tolist() == [pytest.approx(at, abs=2)]


def test_both_ends_of_a_dropped_buffer_click() -> None:
    x = chord(3)
    x[-480:] *= np.linspace(1, 0, 480)[:, None]
    dropout(x, 70_007, 0.1)
    assert find_clicks(x, RATE) == pytest.approx([70_007, 70_487], abs=2)


def test_every_one_of_several_clicks_in_a_mix_is_counted(rock_mix: Array) -> None:
    places = [100_000, 201_234, 333_333, 402_020]
    x = rock_mix.copy()
    for at in places:
        step(x, at, 0.6)
    assert find_clicks(x, RATE) == pytest.approx(places, abs=2)
    found = measure(x, RATE)
    assert found.clicks == 4
    assert found.click_times_s == pytest.approx([at / RATE for at in places], abs=1e-3)


@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_other_rates(rate: int) -> None:
    x = tone([(2, -12)], hertz=220.0, rate=rate)
    x[-1000:] *= np.linspace(1, 0, 1000)[:, None]
    step(x, rate + 17, 0.1)
    assert find_clicks(x, rate) == pytest.approx([rate + 17], abs=2)


def test_a_sound_that_stops_or_starts_away_from_zero_clicks_there() -> None:
    x = np.full((RATE, 2), 0.3, np.float32)
    assert find_clicks(x, RATE).tolist() == [pytest.approx(0, abs=2), pytest.approx(RATE, abs=2)]


def test_music_does_not_click(rock_mix: Array, house_mix) -> None:
    for x in (rock_mix, house_mix.mix):
        assert find_clicks(x, RATE).size == 0


@pytest.mark.parametrize("hertz", [55.0, 110.0, 440.0])
def test_the_edges_of_a_saw_wave_are_no_clicks(hertz: float) -> None:
    n = np.arange(2 * RATE)
    saw = sum(np.sin(2 * np.pi * hertz * k * n / RATE) / k for k in range(1, int(20_000 / hertz)))
    x = np.repeat((0.2 * np.minimum(1, np.minimum(n, n[::-1]) / 2000) * saw)[:, None], 2, axis=1).astype(np.float32)
    assert find_clicks(x, RATE).size == 0


def test_noise_and_its_onset_are_no_clicks() -> None:
    x = noise(2, 0.1)
    x[:RATE] = 0.0
    assert find_clicks(x, RATE).size == 0


def test_hardly_any_sound_at_all_is_searched_too() -> None:
    assert find_clicks(np.zeros((0, 2), np.float32), RATE).size == 0
    assert find_clicks(np.zeros((5, 2), np.float32), RATE).size == 0
