import json
import re
import shutil
import subprocess

import numpy as np
import pytest

from audio.decibels import db_to_gain
from audio.files import decode, encode_mp3, encode_wav
from audio.loudness import loudness_reference
from audio.mastering import Master, master
from audio.processors.limiter import LOOK_AHEAD_S, limiter_gain
from audio.rate import RATE, Array
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


@pytest.mark.parametrize("at", [0, 1, -1, -2, "look-ahead", "before", 24_000])
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
    (row,) = [d for d in m.decisions if d.what == "limiter"]
    depth, share = re.match(r"(-[\d.]+) dB at most, active ([\d.]+)%", row.value).groups()
    assert float(depth) >= -6.05
    assert float(share) <= 25.05
    assert "bounds" in row.reason


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
    for change in ({"target_lufs": -18.0}, {"ceiling_dbtp": -3.0}, {"bit_depth": 16}, {"seed": 9}, {"rate": 44_100}):
        other = make(rock_mix, **change)
        assert other.audio.shape != base.audio.shape or not np.array_equal(other.audio, base.audio), change


def test_genre_tilt_is_at_most_three_decibels() -> None:
    dull = make(tone([(3, -20)], hertz=200.0) + noise(3, 0.0001), genre=("metal",))
    (row,) = [d for d in dull.decisions if d.what == "tone"]
    low, high = map(float, re.findall(r"([+-][\d.]+) dB", row.value))
    assert abs(low) <= 3.0
    assert abs(high) <= 3.0
    assert (low, high) != (0.0, 0.0)


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
