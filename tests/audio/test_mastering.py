import json
import re
import shutil
import subprocess
import sys

import numpy as np
import pyebur128
import pytest

from audio.decibels import db_to_gain
from audio.files import decode, encode_mp3, encode_wav
from audio.filters import high_pass, high_shelf, low_pass, low_shelf, run
from audio.genre_bands import plr_range
from audio.loudness import loudness_reference
from audio.master_preferences import PRESETS, read_preferences
from audio.mastering import Master, master
from audio.measure import octave_bands
from audio.mixing import Decision
from audio.processors.limiter import LOOK_AHEAD_S, limiter_gain
from audio.processors.multiband import BANDS, Band, compress, jump_db, split
from audio.rate import RATE, Array
from audio.spectrum import OCTAVES, THIRDS, spectra
from audio.tonal_balance import profile, towards_reference
from audio.true_peak import ITU, LONG, envelope, true_peak_db
from domain.errors import InvalidValue, RenderError
from tests.audio.signals import noise, tone


def floats(m: Master) -> Array:
    return (m.audio * 2.0 ** (1 - m.bit_depth)).astype(np.float32)


def make(x: Array, **changes) -> Master:
    settings = {
        "target_lufs": -14.0, "ceiling_dbtp": -1.0, "genre": ("pop",), "rate": RATE, "bit_depth": 24, "seed": 1,
    }  # fmt: skip
    return master(x, **(settings | changes))


@pytest.mark.parametrize("at", [0, 1, -1, -2, "look-ahead", "before", 24_000, 24_007, 24_015])
def test_no_impulse_passes_the_limiter(at) -> None:
    ahead = round(LOOK_AHEAD_S * RATE)
    index = {"look-ahead": ahead, "before": ahead - 1}.get(at, at)
    x = noise(1, 0.01)
    x[index] = 4.0
    gain = limiter_gain(envelope(x), gain=1.0, ceiling=0.5, rate=RATE)
    assert float(np.abs(x * gain[:, None]).max()) <= 0.5 + 1e-6
    assert gain.min() > 0.0


def test_limiter_leaves_quiet_sound_alone() -> None:
    x = noise(1, 0.01)
    assert (limiter_gain(envelope(x), gain=1.0, ceiling=0.9, rate=RATE) == 1.0).all()


def test_limiter_gain_is_never_over_what_is_needed() -> None:
    x = noise(2, 0.4, seed=5)
    peaks = envelope(x)
    gain = limiter_gain(peaks, gain=1.7, ceiling=0.8, rate=RATE)
    assert (peaks * 1.7 * gain <= 0.8 * (1 + 1e-5)).all()


@pytest.mark.parametrize("target", [-30.0, -23.0, -16.0, -14.0])
def test_target_and_ceiling_are_met(target: float, rock_mix: Array) -> None:
    m = make(rock_mix, target_lufs=target)
    y = floats(m)
    assert loudness_reference(y, RATE) == pytest.approx(target, abs=0.05)
    assert not m.limited
    for bank in (LONG, ITU):
        assert true_peak_db(y, bank) <= -1.0


def test_limiter_bounds_come_before_a_target_out_of_reach(rock_mix: Array) -> None:
    m = make(rock_mix, target_lufs=-6.0)
    assert m.limited
    assert m.measured.integrated_lufs < -6.05
    assert m.measured.true_peak_dbtp <= -1.0
    limiter = row(m, "limiter")
    depth, share = re.match(r"(-[\d.]+) dB at most, active ([\d.]+)%", limiter.value).groups()
    assert float(depth) >= -6.05
    assert float(share) <= 25.05
    assert "bounds" in limiter.reason


@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_other_rates_meet_target_and_ceiling_too(rate: int, rock_mix: Array) -> None:
    m = make(rock_mix, rate=rate)
    assert m.rate == rate
    assert abs(len(m.audio) - round(len(rock_mix) * rate / RATE)) <= 1
    assert loudness_reference(floats(m), rate) == pytest.approx(-14.0, abs=0.05)
    assert true_peak_db(floats(m), LONG) <= -1.0


def test_sixteen_bits_are_dithered_and_repeatable(rock_mix: Array) -> None:
    m = make(rock_mix, bit_depth=16)
    assert np.abs(m.audio).max() < 2**15
    assert np.array_equal(m.audio, make(rock_mix, bit_depth=16).audio)
    assert not np.array_equal(m.audio, make(rock_mix, bit_depth=16, seed=2).audio)


def test_every_setting_changes_the_output(rock_mix: Array) -> None:
    base = make(rock_mix)
    for change in (
        {"target_lufs": -18.0},
        {"ceiling_dbtp": -3.0},
        {"bit_depth": 16},
        {"seed": 9},
        {"rate": 44_100},
        {"genre": ("trap",)},
        {"tone": 0.0, "genre": ("trap",)},
        {"multiband": True},
        {"reference": profile(noise(6), RATE)},
    ):
        other = make(rock_mix, **change)
        assert other.audio.shape != base.audio.shape or not np.array_equal(other.audio, base.audio), change


def row(m: Master, what: str) -> Decision:
    (found,) = [d for d in m.decisions if d.what == what]
    return found


def moves(m: Master) -> list[float]:
    return [float(db) for db in re.findall(r"([+-][\d.]+) dB", row(m, "tone").value)]


def test_genre_tone_is_at_most_four_decibels() -> None:
    dull = make(tone([(6, -20)], hertz=200.0) + noise(6, 0.0001), genre=("metal",))
    found = row(dull, "tone").value
    below_air = [db for db, part in zip(moves(dull), found.split(", "), strict=True) if "16000" not in part]
    assert max(map(abs, below_air)) == 4.0
    assert max(map(abs, moves(dull))) <= 5.0
    assert "genre" in row(dull, "tone").reason


def test_genre_and_its_amount_change_the_tone(rock_mix: Array) -> None:
    spectra = [make(rock_mix, genre=genre).measured.octave_bands_db for genre in (("rock",), ("trap",))]
    assert spectra[1]["63"] > spectra[0]["63"] + 0.5
    assert row(make(rock_mix, genre=("trap",), tone=0.0), "tone").value == "flat"


def tilted(x: Array, low_db: float, high_db: float) -> Array:
    return run(x.copy(), [low_shelf(250.0, low_db), high_shelf(2500.0, high_db)])


@pytest.mark.parametrize(("low_db", "high_db"), [(5.0, -5.0), (-5.0, 5.0)])
def test_a_reference_of_other_tilt_pulls_the_spectrum_to_itself(low_db: float, high_db: float, rock_mix: Array) -> None:
    wanted = tilted(rock_mix, low_db, high_db)
    reference = profile(wanted, RATE)
    found = make(rock_mix, reference=reference)
    before, after = (
        np.abs([bands[f"{f:g}"] - reference.octaves_db()[f] for f in OCTAVES[1:-1]]).mean()
        for bands in (octave_bands(rock_mix, RATE), found.measured.octave_bands_db)
    )
    assert after < 0.35 * before
    assert max(map(abs, moves(found))) <= 6.0
    assert "reference" in row(found, "tone").reason
    half = make(rock_mix, reference=reference, tone=0.5).measured.octave_bands_db
    assert 0.3 < (half["63"] - octave_bands(rock_mix, RATE)["63"]) / (
        found.measured.octave_bands_db["63"] - octave_bands(rock_mix, RATE)["63"]
    ) < 0.7  # fmt: skip


def side_share(x: Array) -> float:
    return float(np.std(x[:, 0] - x[:, 1]) / np.std(x[:, 0] + x[:, 1]))


def test_a_reference_pulls_the_width_and_one_without_sides_at_most_four_decibels(rock_mix: Array) -> None:
    mid, side = rock_mix.mean(axis=1), 0.5 * (rock_mix[:, 0] - rock_mix[:, 1])
    wider, narrow = (np.stack([mid + k * side, mid - k * side], axis=1).astype(np.float32) for k in (1.4, 0.0))
    plain = side_share(floats(make(rock_mix, reference=profile(rock_mix, RATE))))
    wide = side_share(floats(make(rock_mix, reference=profile(wider, RATE))))
    alone = side_share(floats(make(rock_mix, reference=profile(narrow, RATE))))
    assert wide > 1.15 * plain
    assert 10 ** (-5.0 / 20) * plain < alone < 0.75 * plain


def test_the_low_end_never_gets_wider(rock_mix: Array) -> None:
    swapped = rock_mix.copy()
    swapped[:, 1] *= -1
    balance = towards_reference(spectra(rock_mix, RATE), profile(swapped, RATE))
    low = np.array(THIRDS) < 120.0
    assert (balance.side_db[low] <= balance.mid_db[low] + 1e-9).all()


def test_noise_as_a_reference_may_move_half_as_much_and_is_told(rock_mix: Array) -> None:
    m = make(rock_mix, reference=profile(noise(8, 0.2), RATE))
    assert max(map(abs, moves(m))) <= 3.0
    assert "noise, speech" in row(m, "tone").reason


def test_a_voice_alone_as_a_reference_is_bounded_too(rock_mix: Array) -> None:
    """Pulses of a throat at 120 Hz through a mouth: nothing under 100 Hz, nothing over 6 kHz."""
    n = np.arange(8 * RATE)
    glottis = sum(np.sin(2 * np.pi * 120 * k * n / RATE) / k for k in range(1, 50))
    words = np.repeat((0.05 * glottis * (np.sin(2 * np.pi * 3 * n / RATE) > 0))[:, None], 2, axis=1).astype(np.float32)
    run(words, [high_pass(150.0), high_pass(150.0), low_pass(3500.0), low_pass(3500.0)])
    m = make(rock_mix, reference=profile(words, RATE))
    assert max(map(abs, moves(m))) <= 3.0
    assert "noise, speech" in row(m, "tone").reason


@pytest.mark.parametrize(
    ("sound", "why"),
    [(np.zeros((RATE * 6, 2), np.float32), "silent"), (noise(3), "3.00 s"), (noise(6) * np.nan, "NaN")],
)
def test_a_reference_that_is_none_is_refused_by_name(sound: Array, why: str) -> None:
    with pytest.raises(InvalidValue, match=f"reference.*{why}"):
        profile(sound, RATE)


def boomy(rock_mix: Array) -> Array:
    """The rock mix with two bass notes in eight that stick out."""
    x = rock_mix * np.float32(0.5)
    for start in range(0, len(x) - 2 * RATE, 8 * RATE):
        hum = 0.6 * np.sin(2 * np.pi * 55 * np.arange(RATE) / RATE) * np.hanning(RATE)
        x[start : start + RATE] += hum[:, None].astype(np.float32)
    return x


def test_bass_that_jumps_out_is_held_and_other_bass_is_not(rock_mix: Array) -> None:
    x = boomy(rock_mix)
    held = make(x)
    depth = float(row(held, "multiband.low").value.split()[0])
    assert -3.0 <= depth <= -0.5
    assert not [d for d in make(rock_mix).decisions if d.what == "multiband.low"]
    assert not [d for d in make(x, multiband=False).decisions if d.what.startswith("multiband")]
    assert {d.what for d in make(rock_mix, multiband=True).decisions} >= {"multiband.low", "multiband.high"}
    jumps = [jump_db(spectra(floats(m), RATE), BANDS[0]) for m in (make(x, multiband=False), held)]
    assert jumps[1] < jumps[0] - 0.5


@pytest.mark.parametrize("band", BANDS)
@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_the_crossover_adds_up_flat(band: Band, rate: int) -> None:
    x = np.zeros((1 << 16, 2), np.float32)
    x[0] = 1.0
    low, high = split(x, band.crossover_hz, rate)
    response = 20 * np.log10(np.abs(np.fft.rfft((low + high)[:, 0].astype(np.float64))))
    hertz = np.fft.rfftfreq(1 << 16, 1 / rate)
    heard = (hertz > 20) & (hertz < 20_000)
    assert np.abs(response[heard]).max() < 0.01
    at = int(np.argmin(np.abs(hertz - band.crossover_hz)))
    each = [20 * np.log10(np.abs(np.fft.rfft(y[:, 0].astype(np.float64))[at])) for y in (low, high)]
    assert each == pytest.approx([-6.02, -6.02], abs=0.05)


def test_compression_of_a_band_lowers_it_by_three_decibels_at_most_on_both_sides_alike() -> None:
    x = tone([(2, -20), (2, -6), (2, -20)], hertz=60.0) * np.float32([1.0, 0.5])
    y, most = compress(x.copy(), BANDS[0], RATE, 1.0)
    assert most == pytest.approx(-3.0, abs=0.05)
    loud = slice(3 * RATE, 4 * RATE - 4800)
    levels = [20 * np.log10(np.std(s[loud], axis=0)) for s in (x, y)]
    assert levels[1] - levels[0] == pytest.approx([-3.0, -3.0], abs=0.1)
    high = tone([(4, -20)], hertz=5000.0)
    z, most = compress(high.copy(), BANDS[0], RATE, 1.0)
    assert np.std(z) == pytest.approx(np.std(high), rel=1e-3)


def test_the_genre_keeps_its_crest_before_the_target() -> None:
    x = noise(20, 0.05)
    x[::4000] *= 3.0
    club, hall = (make(x, target_lufs=-9.0, genre=(g,), tone=0.0) for g in ("house", "orchestral"))
    assert hall.limited
    assert hall.measured.plr_db >= plr_range(("orchestral",)).low - 0.02
    assert row(hall, "target").value == "-12.1 LUFS"
    assert not [d for d in club.decisions if d.what == "target"]


def test_an_offset_is_taken_away_without_a_thump_and_told() -> None:
    x = tone([(4, -20)]) + np.float32([0.2, -0.1])
    m = make(x)
    assert row(m, "dc").value == "+0.2000 left, -0.1000 right"
    assert m.measured.dc < 1e-4
    first, later = (np.abs(floats(m)[part]).max() for part in (slice(0, 4800), slice(RATE, 2 * RATE)))
    assert first < 1.2 * later
    assert not [d for d in make(tone([(4, -20)])).decisions if d.what == "dc"]


def test_a_clipped_mix_is_told(rock_mix: Array) -> None:
    m = make(np.clip(rock_mix * 4.0, -1.0, 1.0))
    assert int(row(m, "clipped mix").value.split()[0]) > 100
    assert m.measured.clipped_samples == 0
    assert not [d for d in make(rock_mix).decisions if d.what == "clipped mix"]


def libebur128(x: Array, rate: int) -> tuple[float, float]:
    modes = pyebur128.MeasurementMode.MODE_I | pyebur128.MeasurementMode.MODE_TRUE_PEAK
    state = pyebur128.R128State(2, rate, modes)
    state.add_frames(x.ravel(), len(x))
    peak = max(pyebur128.get_true_peak(state, c) for c in (0, 1))
    return pyebur128.get_loudness_global(state), 20 * float(np.log10(peak))


@pytest.mark.parametrize(("rate", "depth"), [(44_100, 16), (48_000, 24), (88_200, 24), (96_000, 24)])
def test_an_independent_meter_agrees_at_every_rate(rate: int, depth: int, rock_mix: Array) -> None:
    loud, peak = libebur128(floats(make(rock_mix, rate=rate, bit_depth=depth, target_lufs=-12.0)), rate)
    assert loud == pytest.approx(-12.0, abs=0.05)
    assert peak <= -1.0


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_met_or_missed_by_its_bounds(name: str, rock_mix: Array) -> None:
    wanted = read_preferences({"preset": name}).goal(-14.0)
    m = make(rock_mix, target_lufs=wanted.target_lufs, ceiling_dbtp=wanted.ceiling_dbtp)
    assert m.measured.true_peak_dbtp <= wanted.ceiling_dbtp
    assert m.limited == (abs(m.measured.integrated_lufs - wanted.target_lufs) > 0.05)
    assert not m.limited or wanted.target_lufs > -12.0


def test_the_persons_numbers_go_before_the_presets() -> None:
    assert read_preferences({}).goal(-14.0) == (-14.0, -1.0)
    assert read_preferences({"preset": "spotify_loud"}).goal(-14.0) == (-11.0, -2.0)
    assert read_preferences({"preset": "spotify_loud"}).goal(-12.5) == (-12.5, -2.0)
    assert read_preferences({"preset": "club", "ceiling": -3}).goal(-14.0) == (-9.0, -3.0)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"preset": "vinyl"}, "master.preset = 'vinyl'.*club"), ({"ceiling": 3}, "master.ceiling = 3"),
        ({"tone": 2}, "master.tone"), ({"loudness": -9}, "master.loudness.*known settings: ceiling"),
        ({"multiband": "hard"}, "master.multiband"),
    ],
)  # fmt: skip
def test_unknown_preferences_are_refused_by_their_path(given: dict[str, object], path: str) -> None:
    with pytest.raises(InvalidValue, match=path):
        read_preferences(given)


def test_fifteen_minutes_stay_under_the_memory_bound() -> None:
    """Input and output alone are 0.7 GB; the whole process may take 1.2.

    Linux hands `ru_maxrss` of the parent on through exec, so there the process's own high-water mark is read.
    """
    code = """
import pathlib, resource
import numpy as np
from audio.mastering import master
piece = (np.random.default_rng(0).standard_normal((48_000 * 30, 2)) * 0.05).astype(np.float32)
x = np.empty((48_000 * 900, 2), np.float32)
for start in range(0, len(x), len(piece)):
    x[start : start + len(piece)] = piece
m = master(x, target_lufs=-14, ceiling_dbtp=-1, genre=("rock",), rate=48_000, bit_depth=24, seed=1)
assert abs(m.measured.integrated_lufs + 14) < 0.05, m.measured
status = pathlib.Path("/proc/self/status")
lines = status.read_text().splitlines() if status.exists() else []
marks = [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
print((marks or [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss])[0] / 1e6)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 1.2


def test_what_cannot_be_mastered_is_refused_by_name() -> None:
    with pytest.raises(RenderError, match="silent"):
        make(np.zeros((RATE, 2), np.float32))
    bad = noise(1)
    bad[7, 0] = np.nan
    with pytest.raises(RenderError, match="NaN"):
        make(bad)
    with pytest.raises(InvalidValue, match="loudness_target"):
        make(noise(1), target_lufs=-3.0)
    with pytest.raises(InvalidValue, match="sample_rate"):
        make(noise(1), rate=12_345)
    with pytest.raises(InvalidValue, match="bit_depth"):
        make(noise(1), bit_depth=32)


def test_one_channel_and_ten_milliseconds_are_mastered() -> None:
    assert make(noise(2)[:, :1]).audio.shape == (2 * RATE, 2)
    short = floats(make(noise(0.01)))
    assert np.isfinite(short).all()
    assert true_peak_db(short, LONG) <= -1.0


def test_lossy_file_of_a_master_stays_under_full_scale(rock_mix: Array) -> None:
    m = make(rock_mix)
    samples, rate = decode(encode_mp3(m.audio, m.rate))
    assert rate == RATE
    assert true_peak_db(samples, LONG) <= 0.0


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_ffmpeg_agrees(rock_mix: Array, tmp_path) -> None:
    path = tmp_path / "master.wav"
    m = make(rock_mix)
    path.write_bytes(encode_wav(m.audio, m.rate))
    command = ["ffmpeg", "-nostats", "-hide_banner", "-i", str(path), "-af", "ebur128=peak=true:framelog=verbose",
               "-f", "null", "-"]  # fmt: skip
    text = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    assert float(re.findall(r"I:\s+(-[\d.]+) LUFS", text)[-1]) == pytest.approx(-14.0, abs=0.05)
    assert float(re.findall(r"Peak:\s+(-[\d.]+) dBFS", text)[-1]) <= -1.0
    assert json.dumps(m.measured.model_dump())


def test_gain_of_a_ceiling() -> None:
    assert db_to_gain(-6.0206) == pytest.approx(0.5, rel=1e-4)
