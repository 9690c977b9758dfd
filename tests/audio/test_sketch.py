"""The sketch: early, whole, repeatable, at a sane level, everybody in it and at the right time."""

import hashlib
import io
import os
import pathlib
import subprocess
import sys
import time

import numpy as np
import pyloudnorm
import pytest
import soundfile

from audio import sketch
from audio.render import PLAYERS
from audio.sketch import SKETCH_RATE
from audio.sound_set import find_sound_set
from domain.errors import InvalidValue
from domain.score import Performance, PerformedPart, Role, TimedNote
from music.composing import compose
from music.instruments import INSTRUMENTS
from music.performance import perform

KINDS = ("auto", "tinysoundfont")


def part(id_="keys", *, instrument="rhodes", role=Role.KEYS, program=4, is_drum=False, notes=None, length_s=6.0):
    notes = notes or [(60, 0.5 * n, 0.5 * n + 0.45, 90) for n in range(int(length_s / 0.5) - 2)]
    return PerformedPart(
        id=id_, name=id_, role=role, instrument=instrument, program=program, is_drum=is_drum, tempo_bpm=120.0,
        duration_s=length_s, notes=tuple(TimedNote(pitch=p, start=s, end=e, velocity=v) for p, s, e, v in notes),
    )  # fmt: skip


def performance(*parts, length_s=6.0):
    return Performance(duration_s=length_s, music_end_s=length_s - 0.5, tempo_bpm=120.0, parts=parts)


def sounds(performance_, kind="auto", seconds=None):
    return list(sketch.play(performance_, sound_set=find_sound_set(kind), seconds=seconds))


@pytest.fixture(scope="module")
def song():
    return compose("pop song with rhodes, bass, drums and a lead, 100 bpm, 40 seconds", seed=5)


@pytest.fixture(scope="module", params=KINDS)
def played(request, song):
    blocks = sounds(song.performance, request.param)
    return request.param, blocks, np.concatenate(blocks)


def test_blocks_are_the_whole_and_nothing_else(song, played):
    _, blocks, x = played
    assert x.shape == (sketch.sketch_frames(song.performance), 2)
    assert x.dtype == np.float32
    assert blocks[0].shape[0] <= 0.25 * SKETCH_RATE, "the first block is short, so that it is early"


def test_level_is_sane(played):
    _, _, x = played
    assert np.isfinite(x).all()
    assert 0.2 < np.abs(x).max() <= 0.95
    assert pyloudnorm.Meter(SKETCH_RATE).integrated_loudness(x.astype(float)) == pytest.approx(-16.0, abs=1.5)


def test_a_shorter_sketch_is_the_beginning_of_a_longer_one(song, played):
    kind, _, x = played
    short = np.concatenate(sounds(song.performance, kind, seconds=7.3))
    fade = round(0.01 * SKETCH_RATE)
    assert short.shape[0] == round(7.3 * SKETCH_RATE)
    np.testing.assert_array_equal(short[:-fade], x[: short.shape[0] - fade])
    assert np.abs(short[-1]).max() < 1e-2


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_notes_are_the_same_bytes_in_another_process(kind):
    code = (
        "import hashlib, numpy as np\n"
        "from tests.audio.test_sketch import part, performance, sounds\n"
        f"x = np.concatenate(sounds(performance(part(), part('bass', program=33)), {kind!r}))\n"
        "print(hashlib.sha256(x.tobytes()).hexdigest())"
    )
    root = str(pathlib.Path(__file__).parents[2])
    made = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root,
        env=os.environ | {"PYTHONHASHSEED": "77"},
    )  # fmt: skip
    here = np.concatenate(sounds(performance(part(), part("bass", program=33)), kind))
    assert made.stdout.split() == [hashlib.sha256(here.tobytes()).hexdigest()]


class _FixedFader:
    """Leaves the level alone, low enough that nothing is bent."""

    def __init__(self, gain_db):
        pass

    def ride(self, block):
        return block * np.float32(0.25)


@pytest.mark.parametrize("prompt", ["pop song with rhodes, bass, drums and a lead", "string quartet", "lo-fi hip hop"])
def test_every_part_of_a_song_is_heard_in_it(prompt, monkeypatch):
    monkeypatch.setattr(sketch, "_Fader", _FixedFader)
    full = compose(f"{prompt}, 40 seconds", seed=5).performance
    alone = {p.id: np.concatenate(sounds(full.model_copy(update={"parts": (p,)}))) for p in full.parts}
    level = {id_: pyloudnorm.Meter(SKETCH_RATE).integrated_loudness(y.astype(float)) for id_, y in alone.items()}
    quiet = {
        id_: round(lufs - max(level.values()), 1) for id_, lufs in level.items() if lufs < max(level.values()) - 30
    }
    assert len(level) >= 4
    assert not quiet


@pytest.mark.parametrize("instrument", sorted(PLAYERS))
def test_what_is_synthesised_has_a_stand_in(instrument):
    known = INSTRUMENTS[instrument]
    who = part(instrument=instrument, role=known.roles[0], program=0, is_drum=known.is_drum,
               notes=[(38 if known.is_drum else 60, 0.2, 1.5, 90)], length_s=2.5)  # fmt: skip
    x = np.concatenate(sounds(performance(who, length_s=2.5)))
    assert np.abs(x).max() > 0.02
    assert known.is_drum == instrument.endswith("kit") or instrument.startswith("kit")


def onset(x, after_s=0.0):
    """Where sound begins after a moment, in seconds."""
    level = np.abs(x).max(axis=1)
    start = round(after_s * SKETCH_RATE)
    return (start + int(np.argmax(level[start:] > 0.1 * level.max()))) / SKETCH_RATE


def rises(x, at_s):
    """Whether the sound gets much louder within 30 ms around a moment."""
    at, width = round(at_s * SKETCH_RATE), round(0.03 * SKETCH_RATE)
    before = np.abs(np.diff(x[max(0, at - 2 * width) : max(1, at - width // 3)], axis=0)).max(initial=1e-5)
    return bool(np.abs(np.diff(x[max(0, at - width // 3) : at + width], axis=0)).max() > 1.8 * before)


@pytest.mark.parametrize("kind", KINDS)
def test_notes_sound_when_they_are_written(kind):
    notes = [(60, 0.6, 0.8, 110), (60, 2.9, 3.1, 110)]
    x = np.concatenate(sounds(performance(part(instrument="marimba", program=12, notes=notes)), kind))
    assert onset(x) == pytest.approx(0.6, abs=0.02)
    assert onset(x, 2.0) == pytest.approx(2.9, abs=0.02)


def test_sections_follow_the_tempo_map():
    written = compose(
        "pop song with drums at 120 bpm, 60 seconds", seed=2,
        wishes={"musical": {"sections": {"chorus": {"tempo": 80}}}},
    ).score  # fmt: skip
    assert {change.bpm for change in written.tempo} >= {80.0, 120.0}
    played = perform(written, genre=["pop"], style=[], swing=0.0, humanize=0.0, seed=2)
    bar = written.time_signature.beats_per_bar
    starts = [written.seconds(section.start_bar * bar) for section in written.sections]
    drums = next(p for p in played.parts if p.is_drum)
    x = np.concatenate(sounds(played.model_copy(update={"parts": (drums,)})))
    checked = 0
    for start in starts:
        first = min((n.start for n in drums.notes if n.start >= start - 0.01), default=None)
        before = max((n.start for n in drums.notes if first and n.start < first - 0.01), default=0.0)
        if first is None or first - before < 0.06:
            continue
        assert rises(x, first), f"nothing begins at {first:.2f} s"
        if first - before > 0.15:
            assert not rises(x, 0.5 * (before + first)), "something begins where nothing is written"
        checked += 1
    assert checked >= 3


def test_the_gain_is_ridden_towards_the_same_loudness_whatever_is_played():
    soft = part(notes=[(60, 0.5 * n, 0.5 * n + 0.4, 25) for n in range(36)], length_s=20.0)
    loud = part(notes=[(60, 0.5 * n, 0.5 * n + 0.4, 120) for n in range(36)], length_s=20.0)
    meter = pyloudnorm.Meter(SKETCH_RATE)
    levels = [
        meter.integrated_loudness(np.concatenate(sounds(performance(p, length_s=20.0))).astype(float))
        for p in (soft, loud)
    ]
    assert levels == pytest.approx([-16.0, -16.0], abs=2.0)


def test_more_players_than_a_synthesizer_has_channels():
    crowd = [
        part(f"p{n}", program=73, notes=[(48 + n, 0.2 * n, 0.2 * n + 0.15, 100)], length_s=10.0) for n in range(40)
    ]
    x = np.concatenate(sounds(performance(*crowd, length_s=10.0)))
    heard = [np.abs(x[round((0.2 * n + 0.02) * SKETCH_RATE) :][:3200]).max() for n in range(40)]
    assert min(heard) > 0.02


def test_nobody_plays_and_nothing_breaks():
    x = np.concatenate(sounds(performance(length_s=2.0)))
    assert x.shape == (2 * SKETCH_RATE, 2)
    assert not x.any()


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_no_time_is_refused(seconds):
    with pytest.raises(InvalidValue, match="more than 0"):
        sketch.sketch_frames(performance(part()), seconds)


@pytest.mark.parametrize("stream", [sketch.wav, sketch.flac])
def test_streams_are_files_of_known_length(played, stream):
    _, blocks, x = played
    pieces = list(stream(iter(blocks), x.shape[0]))
    assert len(pieces) > 5
    data = b"".join(pieces)
    back, rate = soundfile.read(io.BytesIO(data), dtype="float32")
    assert rate == SKETCH_RATE
    np.testing.assert_allclose(back, x, atol=1.0 / 32_768)
    # A reader of the first piece knows already how long it will be.
    with soundfile.SoundFile(io.BytesIO(pieces[0] + bytes(len(data) - len(pieces[0])))) as file:
        assert file.frames == x.shape[0]


def test_the_beginning_of_a_flac_stream_is_the_beginning_of_the_file(played):
    _, blocks, x = played
    whole = b"".join(sketch.flac(iter(blocks), x.shape[0]))
    first = b"".join(sketch.flac(iter(blocks[:6]), x.shape[0], whole=False))
    assert 0 < len(first) < len(whole)
    assert whole.startswith(first)
    assert b"".join(sketch.flac(iter(blocks), x.shape[0], whole=False)) == whole


def test_the_first_block_comes_long_before_the_last(song):
    sounds(song.performance)
    began = time.perf_counter()
    stream = sketch.play(song.performance, sound_set=find_sound_set())
    next(stream)
    first = time.perf_counter() - began
    list(stream)
    assert first < 0.6 * (time.perf_counter() - began)
    stream.close()


def test_a_listener_who_leaves_closes_the_bands(song):
    stream = sketch.play(song.performance, sound_set=find_sound_set())
    next(stream)
    stream.close()
    assert np.concatenate(sounds(song.performance, seconds=0.5)).any()
