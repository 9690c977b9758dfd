import numpy as np
import pytest

from audio.listening import estimate_key, estimate_tempo
from audio.mixing import Mix
from audio.rate import RATE, Array
from tests.audio.songs import BPM


def clicks(bpm: float, seconds: float = 30.0) -> Array:
    x = np.zeros((round(seconds * RATE), 2), np.float32)
    burst = (np.random.default_rng(1).standard_normal(960) * np.exp(-np.arange(960) / 200)).astype(np.float32)
    for k in range(int(seconds * bpm / 60)):
        at = round(k * 60 / bpm * RATE)
        piece = burst[: len(x) - at]
        x[at : at + len(piece)] += piece[:, None] * (1.0 if k % 4 == 0 else 0.6)
    return x


def chords(pitches: list[tuple[int, ...]], seconds: float = 1.5) -> Array:
    t = np.arange(round(seconds * RATE)) / RATE
    pieces = []
    for chord in pitches:
        wave = np.zeros_like(t)
        for p in chord:
            for k in range(1, 6):
                wave += np.sin(2 * np.pi * 440 * 2 ** ((p - 69) / 12) * k * t) / k
        pieces.append(wave * np.exp(-t) * 0.1)
    mono = np.concatenate(pieces)
    return np.repeat(mono[:, None], 2, axis=1).astype(np.float32)


@pytest.mark.parametrize("bpm", [72.0, 91.5, 100.0, 118.0, 128.0, 140.0])
def test_tempo_of_clicks(bpm: float) -> None:
    found = estimate_tempo(clicks(bpm), RATE)
    assert found.bpm == pytest.approx(bpm, rel=0.005)
    assert found.confidence > 0.3


def test_hint_only_chooses_the_octave() -> None:
    x = clicks(90.0)
    assert estimate_tempo(x, RATE, hint=179.0).bpm == pytest.approx(180.0, rel=0.01)
    assert estimate_tempo(x, RATE, hint=46.0).bpm == pytest.approx(45.0, rel=0.01)
    assert estimate_tempo(x, RATE, hint=100.0).bpm == pytest.approx(90.0, rel=0.01)


def test_tempo_of_a_whole_mix(house_mix: Mix) -> None:
    assert estimate_tempo(house_mix.mix, RATE).bpm == pytest.approx(BPM, rel=0.01)


def test_nothing_to_hear_is_said() -> None:
    assert estimate_tempo(np.zeros((RATE * 8, 2), np.float32), RATE).confidence == 0.0
    assert estimate_tempo(np.zeros((100, 2), np.float32), RATE).confidence == 0.0
    assert estimate_key(np.zeros((RATE, 2), np.float32), RATE).confidence == 0.0


@pytest.mark.parametrize("shift", range(12))
def test_keys_of_cadences(shift: int) -> None:
    names = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
    major = [(48, 60, 64, 67), (53, 60, 65, 69), (55, 59, 62, 67), (48, 60, 64, 67)]
    minor = [(48, 60, 63, 67), (53, 60, 65, 68), (55, 59, 62, 67), (48, 60, 63, 67)]
    for mode, progression in (("major", major), ("minor", minor)):
        moved = [tuple(p + shift for p in chord) for chord in progression] * 2
        key = estimate_key(chords(moved), RATE)
        assert (key.tonic, key.mode) == (names[shift], mode)
