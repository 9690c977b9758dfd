"""What the pictures of a sound show is what the sound is."""

import io
import json
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from audio.loudness import MOMENTARY_S, SHORT_TERM_S, bin_energies, course, loudness
from audio.pictures import loudness_curve, spectrogram, waveform
from audio.pictures.canvas import BOTTOM, LEFT, RIGHT, TOP, WIDTH, Stretch, clock
from audio.pictures.loudness_curve import draw_loudness
from audio.pictures.peaks import peaks_of, samples_per_pixel
from audio.pictures.spectrogram import HIGHEST_HZ, LOWEST_HZ, band_levels, draw_spectrogram
from audio.pictures.waveform import draw_waveform
from audio.rate import RATE, Array
from domain.errors import RenderError
from tests.audio.signals import SILENT, noise, tone

DRAWN = (draw_waveform, draw_spectrogram, draw_loudness)
SECTIONS = (Stretch("Verse 1", 0.0, 2.0, 1), Stretch("Chorus", 2.0, 4.0, 5))


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def plot(png: bytes) -> np.ndarray:
    whole = pixels(png)
    return whole[TOP : whole.shape[0] - BOTTOM, LEFT : WIDTH - RIGHT]


def near(picture: np.ndarray, colour: tuple[int, int, int], far: int = 40) -> np.ndarray:
    return np.abs(picture - np.array(colour)).sum(axis=2) < far


@pytest.mark.parametrize("draw", DRAWN)
@pytest.mark.parametrize("seconds", [0.01, 1.0, 61.0])
def test_any_length_is_drawn_and_the_same_twice(draw: Callable[..., bytes], seconds: float) -> None:
    x = noise(seconds)
    png = draw(x, RATE, stretches=SECTIONS, title="Täglich <b>")
    assert png == draw(x, RATE, stretches=SECTIONS, title="Täglich <b>")
    assert Image.open(io.BytesIO(png)).width == WIDTH


@pytest.mark.parametrize("draw", [*DRAWN, peaks_of])
def test_what_is_no_sound_is_refused(draw: Callable[..., object]) -> None:
    broken = noise(0.1)
    broken[100, 1] = np.nan
    for x in (broken, np.zeros((0, 2), np.float32)):
        with pytest.raises(RenderError):
            draw(x, RATE)


@pytest.mark.parametrize("draw", DRAWN)
@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000])
def test_silence_one_channel_and_other_rates_are_drawn(draw: Callable[..., bytes], rate: int) -> None:
    assert draw(np.zeros((rate, 2), np.float32), rate)
    assert draw(tone([(1.0, -12.0)], rate=rate)[:, :1], rate) != draw(np.zeros((rate, 1), np.float32), rate)


@pytest.mark.parametrize("draw", DRAWN)
def test_sections_and_title_are_written(draw: Callable[..., bytes]) -> None:
    x = noise(4.0)
    bare, told = (pixels(draw(x, RATE, stretches=s, title=t)) for s, t in (((), ""), (SECTIONS, "Rain")))
    header = (bare != told).any(axis=2)[: TOP - 1]
    assert header[:40, LEFT : LEFT + 80].any()
    half = LEFT + (WIDTH - LEFT - RIGHT) // 2
    assert header[50:, half : half + 80].any()
    boundary = (bare != told).any(axis=2)[TOP + 20 : -BOTTOM - 20, half - 2 : half + 2]
    assert boundary.any(axis=1).mean() > 0.5


def test_the_waveform_stands_where_the_sound_is() -> None:
    x = tone([(1.0, SILENT), (1.0, -6.0)])
    x[:, 1] *= 0.25
    ink = near(plot(draw_waveform(x, RATE)), waveform._PEAK) | near(plot(draw_waveform(x, RATE)), waveform._BODY)
    columns = ink.shape[1]
    assert ink[:, : columns // 2 - 2].sum(axis=0).max() <= 4
    left, right = (half[:, columns // 2 + 2 :].sum(axis=0) for half in np.array_split(ink, 2))
    assert left.min() > 3.5 * right.max()


def test_full_scale_reaches_the_edges_and_rms_lies_inside() -> None:
    picture = plot(draw_waveform(tone([(2.0, 0.0)]), RATE))
    middle = picture[:, 700]
    lane = near(middle[None], waveform._PEAK)[0] | near(middle[None], waveform._BODY)[0]
    body = near(middle[None], waveform._BODY)[0]
    room = (picture.shape[0] - waveform._GAP) / 2
    assert lane.sum() / 2 == pytest.approx(room, abs=3)
    assert body.sum() / 2 == pytest.approx(room * 0.7071, abs=4)


@pytest.mark.parametrize("hertz", [30.0, 110.0, 1000.0, 9000.0, 18_000.0])
def test_a_tone_lies_at_its_pitch_and_level(hertz: float) -> None:
    bins = RATE / 8192
    exact = round(hertz / bins) * bins
    levels = band_levels(tone([(1.0, -20.0)], exact), RATE, 200, 600)
    row = 600 * np.log(HIGHEST_HZ / exact) / np.log(HIGHEST_HZ / LOWEST_HZ)
    found = np.argmax(levels[:, 100])
    # In the low octaves a row is narrower than a bin of the transform, above it is a semitone's fifth.
    assert found == pytest.approx(row, abs=25 if hertz < 200 else 3)
    # A Hann window spreads a tone's power over 1.5 bins, a row shows the mean of its bins.
    width = max(2.0, exact * (np.exp(np.log(HIGHEST_HZ / LOWEST_HZ) / 600) - 1) / bins)
    # Between two rows it is shared.
    whole = -20.0 + 10 * np.log10(1.5 / width)
    assert whole - 3.2 < levels[found, 100] < whole + 0.5


def test_the_spectrogram_shows_when_a_tone_sounds() -> None:
    x = tone([(2.0, SILENT), (2.0, -20.0)])
    levels = band_levels(x, RATE, 400, 300)
    row = int(np.argmax(levels[:, 300]))
    assert levels[row, :185].max() < -90
    assert levels[row, 215:385].min() > -32
    picture = plot(draw_spectrogram(x, RATE))
    bright = picture.sum(axis=2).max(axis=0)
    columns = len(bright)
    assert bright[: columns // 2 - 40].max() < 100 < 400 < bright[columns // 2 + 40 : -40].min()


def test_louder_is_lighter() -> None:
    palette = np.array(spectrogram._palette()[: 3 * spectrogram._SHADES]).reshape(-1, 3)
    light = palette @ np.array([0.2126, 0.7152, 0.0722])
    assert (np.diff(light) > -0.3).all()
    assert light[-1] - light[0] > 200


def test_the_course_of_loudness_is_that_of_the_meter() -> None:
    energies = bin_energies(tone([(3.0, -40.0), (4.0, -20.0), (3.0, -30.0)]), RATE)
    figures = loudness(energies)
    momentary, short_term = course(energies, MOMENTARY_S), course(energies, SHORT_TERM_S)
    assert momentary.max() == pytest.approx(figures.max_momentary, abs=1e-9)
    assert short_term.max() == pytest.approx(figures.max_short_term, abs=1e-9)
    # EBU Tech 3341: a tone of 1 kHz in both channels reads its level in dBFS.
    assert short_term[0] == pytest.approx(-40.0, abs=0.1)
    assert short_term[-1] == pytest.approx(-30.0, abs=0.1)
    assert course(energies[:100], SHORT_TERM_S).size == 0


def test_the_curve_lies_at_its_level_and_the_lines_at_theirs() -> None:
    picture = plot(draw_loudness(tone([(20.0, -23.0)]), RATE, target_lufs=-14.0))
    rows = np.arange(picture.shape[0])
    low, high = -40.0, -5.0

    def level(colour: tuple[int, int, int]) -> float:
        found = near(picture[:, 300:1100], colour).sum(axis=1)
        assert found.sum() > 0
        return high - float((rows * found).sum() / found.sum()) / picture.shape[0] * (high - low)

    assert level(loudness_curve._SHORT_TERM) == pytest.approx(-23.0, abs=0.15)
    assert level(loudness_curve._TARGET) == pytest.approx(-14.0, abs=0.15)


def test_without_a_target_no_target_is_drawn() -> None:
    picture = plot(draw_loudness(tone([(5.0, -23.0)]), RATE))
    assert not near(picture, loudness_curve._TARGET).any()
    assert near(picture, loudness_curve._WHOLE).any()


def uneven(frames: int) -> Array:
    """Another shape in each channel: peaks that a mean, a swap or a lost sign would show."""
    x = noise(frames / RATE, 0.1)
    x[:, 1] *= 0.5
    x[300, 0], x[5000, 0], x[5000, 1] = 1.0, -0.9, 0.75
    return x


def test_peaks_are_the_lowest_and_highest_sample_of_every_column() -> None:
    x = uneven(10_000)
    peaks, floats = peaks_of(x, RATE)
    assert {k: peaks[k] for k in peaks if k != "data"} == {
        "version": 2, "channels": 2, "sample_rate": RATE, "samples_per_pixel": 256, "bits": 16, "length": 40,
    }  # fmt: skip
    data = np.array(peaks["data"]).reshape(40, 2, 2)
    for column in range(40):
        piece = x[column * 256 : (column + 1) * 256]
        for channel in range(2):
            expected = [piece[:, channel].min() * 32767, piece[:, channel].max() * 32767]
            assert data[column, channel] == pytest.approx(expected, abs=0.51)
    assert np.array(floats["peaks"]).shape == (2, 40)
    assert floats["peaks"][0][1] == 1.0
    assert (floats["peaks"][0][19], floats["peaks"][1][19]) == (-0.9, 0.75)
    assert floats["duration"] == pytest.approx(10_000 / RATE, abs=1e-6)


def test_peaks_over_full_scale_stay_within_the_format() -> None:
    peaks, floats = peaks_of(tone([(0.2, 6.0)]), RATE)
    assert (min(peaks["data"]), max(peaks["data"])) == (-32767, 32767)
    assert np.abs(floats["peaks"]).max() == 1.0
    assert json.loads(json.dumps(peaks)) == peaks


def test_one_channel_has_one_list() -> None:
    peaks, floats = peaks_of(noise(0.1)[:, :1], RATE)
    assert (peaks["channels"], len(peaks["data"]), len(floats["peaks"])) == (1, 2 * peaks["length"], 1)


@pytest.mark.parametrize(("seconds", "size"), [(0.01, 256), (43, 256), (180, 2048), (900, 8192)])
def test_the_columns_stay_few_for_long_songs(seconds: float, size: int) -> None:
    frames = round(seconds * RATE)
    assert samples_per_pixel(frames) == size
    assert frames / size <= 8192


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0:00"), (0.2, "0:00.2"), (65, "1:05"), (59.96, "1:00"), (600, "10:00")]
)
def test_times_are_written_as_clocks_do(seconds: float, words: str) -> None:
    assert clock(seconds) == words
