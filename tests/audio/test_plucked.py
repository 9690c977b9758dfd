"""Plucked strings: in tune, darker when soft, dying away, damped by the finger."""

import numpy as np
import pytest

from audio.instruments.plucked import STRINGS, render
from audio.rate import RATE, Array
from domain.score import PerformedPart, Role, TimedNote

NAMES = sorted(STRINGS)


def pluck(name: str, pitch: int = 69, velocity: int = 100, *, held: float = 2.5, seed: int = 1) -> Array:
    note = TimedNote(pitch=pitch, start=0.0, end=held, velocity=velocity)
    part = PerformedPart(
        id="guitar", name="x", role=Role.GUITAR, instrument=name, tempo_bpm=120.0, duration_s=3.0, notes=(note,)
    )
    return render(part, STRINGS[name], seed)


def level(x: Array, start: float, end: float) -> float:
    piece = x[round(start * RATE) : round(end * RATE)]
    return float(20.0 * np.log10(np.sqrt(np.mean(np.square(piece, dtype=np.float64))) + 1e-12))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("pitch", [52, 60, 69, 81])
def test_strings_are_in_tune(name: str, pitch: int) -> None:
    x = pluck(name, pitch)[RATE // 10 :, 0][:65536]
    spectrum = np.abs(np.fft.rfft(x * np.hanning(x.size), 1 << 20))
    hertz = np.fft.rfftfreq(1 << 20, 1.0 / RATE)
    asked = 440.0 * 2.0 ** ((pitch - 69) / 12)
    near = (hertz > asked * 0.94) & (hertz < asked * 1.06)
    found = hertz[near][spectrum[near].argmax()]
    # A double course beats between its two strings, 2.5 cents to each side.
    assert abs(1200.0 * np.log2(found / asked)) <= 1.0 + 0.6 * STRINGS[name].course


@pytest.mark.parametrize("name", NAMES)
def test_a_string_dies_away_and_the_finger_stops_it(name: str) -> None:
    held, damped = pluck(name, 60), pluck(name, 60, held=0.5)
    assert level(held, 0.0, 0.2) > level(held, 1.0, 1.2) + 6.0
    assert level(damped, 1.0, 1.2) < level(held, 1.0, 1.2) - 20.0
    assert level(held, 2.9, 3.0) < level(held, 0.0, 0.2) - 40.0


@pytest.mark.parametrize("name", NAMES)
def test_a_soft_pluck_is_quieter_and_darker(name: str) -> None:
    soft, hard = pluck(name, velocity=35), pluck(name, velocity=115)

    def brightness(x: Array) -> float:
        power = np.abs(np.fft.rfft(x[:, 0])) ** 2
        hertz = np.fft.rfftfreq(x.shape[0], 1.0 / RATE)
        return float(10 * np.log10(power[hertz > 2500].sum() / power.sum()))

    assert level(soft, 0.0, 0.5) < level(hard, 0.0, 0.5) - 5.0
    assert brightness(soft) < brightness(hard) - 3.0


def test_the_seed_is_the_burst_and_nothing_else() -> None:
    assert np.array_equal(pluck("lute"), pluck("lute"))
    assert not np.array_equal(pluck("lute"), pluck("lute", seed=2))


def test_a_double_course_is_wide_and_a_single_string_is_not() -> None:
    mandolin, ukulele = pluck("mandolin"), pluck("ukulele")
    assert not np.array_equal(mandolin[:, 0], mandolin[:, 1])
    assert np.array_equal(ukulele[:, 0], ukulele[:, 1])
