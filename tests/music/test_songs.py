import hashlib
import io
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import mido
import music21
import numpy as np
import pretty_midi
import pytest

from domain.errors import InvalidValue
from domain.score import Role, Score, SectionKind
from music.arranging import arrange
from music.instruments import INSTRUMENTS, styles_heard
from music.material import TAIL_S, Harmony
from music.midi import write_midi
from music.performance import perform
from music.theory import parse_chord, scale_pcs
from music.voicing import lead_voices
from tests.music.songs import Song, song

FIRST = "melancholic lo-fi hip hop with rhodes and a dusty beat, 75 bpm, in F minor, about one minute"
TEN = (
    FIRST,
    "uplifting pop in C major, 112 bpm, 70 seconds",
    "metal in 7/8 with choir, D minor, 50 seconds",
    "viennese waltz with strings, 160 bpm, D major, 60 seconds",
    "deep house with organ chords, 122 bpm, A minor, 80 seconds",
    "jazz trio, ii-V-I in F, brushes, 1 minute",
    "ambient drone for meditation, no drums, D lydian, 90 seconds",
    "salsa with trumpets, 184 bpm, C minor, 60 seconds",
    "celtic folk dance with tin whistle, 6/8, lively, 40 seconds",
    "solo piano nocturne in Eb major, slow, 45 seconds",
)


def again(s: Song, **changes: object) -> Score:
    """The first song arranged again with other wishes."""
    m = s.understanding.patch["musical"]
    options = {
        "title": "T", "key": m["key"], "scale": m["scale"], "genre": m["genre"], "tempo": m["tempo"],
        "time_signature": m["time_signature"], "instruments": m["instruments"], "constraints": {},
        "section_overrides": {}, "transitions": {}, "dynamics": {}, "seed": 1, **changes,
    }  # fmt: skip
    return arrange(s.form, s.harmony, s.rhythm, s.melody, s.bass, **options)  # type: ignore[arg-type]


def played(score: Score, name: str, role: Role | None = None) -> list:
    section = next(s for s in score.sections if s.name == name)
    bar = score.time_signature.beats_per_bar
    start, end = section.start_bar * bar, (section.start_bar + section.bars) * bar
    return [n for p in score.parts if role in (None, p.role) for n in p.notes if start - 1e-6 <= n.start < end - 1e-6]


@pytest.mark.parametrize("prompt", TEN)
def test_ten_songs(prompt: str) -> None:
    s = song(prompt)
    m = s.understanding.patch["musical"]
    bar_s = s.score.time_signature.beats_per_bar * 60 / m["tempo"]
    assert abs(s.performance.duration_s - s.understanding.patch["technical"]["duration"]) <= bar_s
    used = {p.instrument for p in s.score.parts}
    assert set(m["instruments"]) - used <= {i for i, row in INSTRUMENTS.items() if row.family == "effects"}
    for part in s.score.parts:
        row = INSTRUMENTS[part.instrument]
        assert row.is_drum or all(row.low - 12 <= n.pitch <= row.high + 12 for n in part.notes), part.id
        assert all(n.start + n.duration <= s.score.beats + 0.3 for n in part.notes)
        assert part.notes == tuple(sorted(part.notes, key=lambda n: (n.start, n.pitch, n.duration)))
    _no_holes(s)
    last = s.score.chords[-1]
    assert last.start + last.duration == s.score.beats
    assert parse_chord(last.symbol).root == music21.pitch.Pitch(m["key"].replace("b", "-")).pitchClass


def _no_holes(s: Song) -> None:
    spans = sorted((n.start, n.end) for p in s.performance.parts for n in p.notes if p.role is not Role.EFFECTS)
    reached = 0.0
    for start, end in spans:
        assert start - reached <= 1.0
        reached = max(reached, end)
    assert s.performance.music_end_s - reached < 1.0


@pytest.mark.parametrize("prompt", TEN[:4])
def test_the_key_fills_the_song(prompt: str) -> None:
    s = song(prompt)
    m = s.understanding.patch["musical"]
    inside = [
        n.pitch % 12 in scale_pcs(m["key"], m["scale"])
        for p in s.score.parts if not p.is_drum and p.role is not Role.EFFECTS for n in p.notes
    ]  # fmt: skip
    assert np.mean(inside) > 0.88


def test_the_first_song_lasts_a_minute() -> None:
    for seed in range(1, 4):
        assert 55 <= song(FIRST, seed).performance.duration_s <= 65


def test_the_chorus_is_bigger_than_the_verse() -> None:
    s = song("pop in C major, 112 bpm, 70 seconds")
    per_bar = {x.kind: sum(n.velocity for n in played(s.score, x.name)) / x.bars for x in s.score.sections}
    assert per_bar[SectionKind.CHORUS] > 1.1 * per_bar[SectionKind.VERSE]


def test_the_melody_rests_while_the_band_goes_on() -> None:
    s = song("pop in C major, 112 bpm, 70 seconds")
    lead = next(p for p in s.score.parts if p.role is Role.LEAD)
    beats = sum(x.bars for x in s.score.sections) * 4
    assert 0.12 <= 1 - sum(n.duration for n in lead.notes) / beats <= 0.55


def test_everything_is_repeatable() -> None:
    song.cache_clear()
    first = song(FIRST, 9)
    song.cache_clear()
    second = song(FIRST, 9)
    assert first == second
    assert Harmony.model_validate_json(first.harmony.model_dump_json()) == first.harmony
    assert Score.model_validate_json(first.score.model_dump_json()) == first.score


def test_seeds_and_prompts_differ() -> None:
    prints = set()
    for prompt in TEN[:5]:
        for seed in (1, 2):
            lead = next(p for p in song(prompt, seed).score.parts if p.role is Role.LEAD)
            steps = [b.pitch - a.pitch for a, b in pairwise(lead.notes)]
            prints.add(tuple(steps))
    assert len(prints) == 10


def test_section_wishes() -> None:
    s = song(FIRST)
    base = again(s)
    name = base.sections[-1].name
    muted = again(s, section_overrides={name: {"mute": ["drums"]}})
    assert not played(muted, name, Role.DRUMS)
    assert played(base, name, Role.DRUMS)
    loud = again(s, dynamics={name: 1.0})
    soft = again(s, dynamics={name: -1.0})
    assert np.mean([n.velocity for n in played(loud, name)]) > np.mean([n.velocity for n in played(soft, name)]) + 10
    calm = again(s, section_overrides={name: {"energy": 0.0}})
    assert len(played(calm, name)) < len(played(base, name))
    whole = next(x.kind.value for x in base.sections if x.name == name)
    assert again(s, dynamics={whole.upper(): 1.0}).parts != base.parts
    entries = {how: again(s, transitions={name: how}) for how in ("fill", "riser", "drop", "crash", "none")}
    assert len({e.model_dump_json() for e in entries.values()}) >= 4


@pytest.mark.parametrize(
    "wrong", [{"dynamics": {"nowhere": 1.0}}, {"transitions": {"chorus": "explode"}}, {"dynamics": {"chorus": 3}},
              {"section_overrides": {"chorus": {"energy": 7}}}, {"instruments": ["kazoo"]}]
)  # fmt: skip
def test_wrong_wishes_are_named(wrong: dict) -> None:
    with pytest.raises(InvalidValue):
        again(song(FIRST), **wrong)


def test_odd_bands() -> None:
    s = song(FIRST)
    for band in (["grand_piano"], ["lofi_kit"], ["upright_bass"], ["vinyl_noise"], ["violin"], [*INSTRUMENTS], []):
        score = again(s, instruments=band)
        assert score.parts
        assert {p.instrument for p in score.parts} >= set(band) - {"riser", "impact"}
        perform(score, genre=["lo_fi"], style=[], swing=None, humanize=1, seed=1)


def test_voices_move_little() -> None:
    voiced = lead_voices(["Fm7", "Bbm7", "Eb7", "Abmaj7", "Dbmaj7", "Gm7b5", "C7", "Fm7"], voices=4, low=52, high=74)
    moves = [abs(a - b) for x, y in pairwise(voiced) for a, b in zip(x, y, strict=True)]
    assert np.mean(moves) < 2.5


def test_performance_leans_and_swings() -> None:
    s = song(FIRST)
    options = {"genre": ["lo_fi"], "style": ["dusty", "wide"], "seed": 4}
    stiff = perform(s.score, swing=0.0, humanize=0.0, **options)
    human = perform(s.score, swing=0.0, humanize=1.0, **options)
    swung = perform(s.score, swing=1.0, humanize=0.0, **options)
    drums = [next(p for p in x.parts if p.id == "drums") for x in (stiff, human, swung)]
    grid = np.array([n.start for n in drums[0].notes])
    sixteenths = grid / (60 / 75 / 4)
    assert np.allclose(sixteenths, np.round(sixteenths), atol=1e-3)
    spread = np.std([a.start for a in sorted(drums[1].notes, key=lambda n: n.start)] - np.sort(grid))
    assert 0.004 < spread < 0.03
    assert drums[0].notes != drums[2].notes
    assert drums[0].style == ("dusty", "wide")
    assert styles_heard("chip_lead", ["dusty", "bright"]) == ("bright",)
    for bad in ({"swing": 2.0, "humanize": 1.0}, {"swing": None, "humanize": -1.0}):
        with pytest.raises(InvalidValue):
            perform(s.score, **options, **bad)


def test_parts_do_not_touch_each_other() -> None:
    s = song(FIRST)
    quieter = tuple(p.model_copy(update={"notes": p.notes[:5]}) if p.id == "lead" else p for p in s.score.parts)
    changed = perform(
        s.score.model_copy(update={"parts": quieter}), genre=["lo_fi"], style=["dusty"], swing=None, humanize=1, seed=4
    )
    whole = perform(s.score, genre=["lo_fi"], style=["dusty"], swing=None, humanize=1, seed=4)
    for before, after in zip(whole.parts, changed.parts, strict=True):
        assert (before.model_dump_json() == after.model_dump_json()) == (before.id != "lead")
        assert after.duration_s == changed.duration_s
    assert changed.duration_s == pytest.approx(changed.music_end_s + TAIL_S)


@pytest.mark.parametrize("prompt", TEN)
def test_midi(prompt: str) -> None:
    s = song(prompt)
    for performance in (s.performance, None):
        data = write_midi(s.score, performance)
        assert data == write_midi(s.score, performance)
        midi = pretty_midi.PrettyMIDI(io.BytesIO(data))
        assert [i.name for i in midi.instruments] == [p.name for p in s.score.parts if p.notes]
        assert midi.get_tempo_changes()[1][0] == pytest.approx(s.score.tempo[0].bpm, rel=1e-4)
        assert midi.time_signature_changes[0].numerator == s.score.time_signature.numerator
        assert sum(len(i.notes) for i in midi.instruments) >= 0.98 * sum(len(p.notes) for p in s.score.parts)
    raw = mido.MidiFile(file=io.BytesIO(data))
    assert raw.type == 1
    assert [m.text for m in raw.tracks[0] if m.type == "marker"] == [x.name for x in s.score.sections]


def test_other_processes_write_the_same_bytes() -> None:
    """Set and hash order must not reach the notes."""
    code = (
        "import hashlib, sys; from tests.music.songs import song; from music.midi import write_midi;"
        "s = song(sys.argv[1]); print(hashlib.sha256(write_midi(s.score, s.performance)).hexdigest())"
    )
    here = song(FIRST)
    expected = hashlib.sha256(write_midi(here.score, here.performance)).hexdigest()
    for hashing in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", code, FIRST], capture_output=True, text=True, check=True,
            cwd=Path(__file__).parents[2], env={**os.environ, "PYTHONHASHSEED": hashing},
        )  # fmt: skip
        assert run.stdout.split()[-1] == expected


def test_an_exact_duration_is_met_to_the_millisecond() -> None:
    s = song("folk song with flute, exactly 47 seconds, 97 bpm")
    assert s.performance.duration_s == pytest.approx(47, abs=0.001)
    assert {c.bpm for c in s.score.tempo} != {97}
    midi = pretty_midi.PrettyMIDI(io.BytesIO(write_midi(s.score, s.performance)))
    assert midi.get_end_time() <= 47
