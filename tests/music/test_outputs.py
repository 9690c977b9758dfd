"""MIDI, engraving, chord chart and piano roll of songs and of small scores."""

import io
import json
import re
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import mido
import numpy as np
import pretty_midi
import pytest
import resvg_py
import verovio
from PIL import Image

from domain.errors import InvalidValue
from domain.score import KeyChange, Role, Score, Section, SectionKind, TempoChange
from music.chordchart import chart_document, chord_chart
from music.composing import Composition, compose
from music.engraving import engrave_all, engrave_leadsheet, engrave_page
from music.feel import feel_of
from music.midi import TICKS_PER_BEAT, write_midi
from music.musicxml import write_leadsheet, write_musicxml
from music.outputs import written_files
from music.pianoroll import draw_piano_roll
from tests.music.readback import part, small_score

SVG = "{http://www.w3.org/2000/svg}"


@lru_cache(maxsize=8)
def song(prompt: str) -> Composition:
    return compose(prompt, seed=2, candidates=1)


def turning() -> Score:
    """Eight bars of 3/4 with two tempos, a slower end and a key change."""
    sections = (
        Section(name="verse 1", kind=SectionKind.VERSE, start_bar=0, bars=4),
        Section(name="chorus 🎉", kind=SectionKind.CHORUS, start_bar=4, bars=4),
    )
    tune = part(*((60 + i % 5, float(i), 1.0) for i in range(24)), name="Flöte", program=73)
    kit = part((36, 0, 0.25), (38, 3, 0.25), (36, 23, 0.25), instrument="rock_kit", role=Role.DRUMS, is_drum=True)
    empty = part(id="keys", instrument="grand_piano", role=Role.KEYS)
    tempo = [(0, 97.3), (12, 133.7), (21, 120), (22, 100), (23, 77)]
    return small_score(
        tune, kit, empty, metre="3/4", bars=8, sections=sections, title="Wende 🎷", key="Bb", scale="major",
        tempo=tuple(TempoChange(start=start, bpm=bpm) for start, bpm in tempo),
        key_changes=(KeyChange(start=12, key="C", scale="minor"),),
        chords=({"start": 0, "duration": 9, "symbol": "Bbmaj7"}, {"start": 12, "duration": 12, "symbol": "Cm7/G"}),
    )  # fmt: skip


def ticks(track: mido.MidiTrack, kind: str) -> list[tuple[int, mido.Message]]:
    now, out = 0, []
    for message in track:
        now += message.time
        if message.type == kind:
            out.append((now, message))
    return out


def test_quantised_midi_puts_every_note_on_its_tick_under_tempo_changes() -> None:
    score = turning()
    file = mido.MidiFile(file=io.BytesIO(write_midi(score, None)), charset="utf-8")
    assert file.type == 1
    assert file.ticks_per_beat == TICKS_PER_BEAT
    assert [track.name for track in file.tracks] == ["Wende 🎷", "Flöte", "Part", "Part"]
    starts = [tick for tick, m in ticks(file.tracks[1], "note_on") if m.velocity]
    assert starts == [round(note.start * TICKS_PER_BEAT) for note in score.parts[0].notes]
    first = file.tracks[0]
    assert [(tick, m.key) for tick, m in ticks(first, "key_signature")] == [(0, "Bb"), (12 * 480, "Cm")]
    assert [(tick, m.text) for tick, m in ticks(first, "marker")] == [(0, "verse 1"), (12 * 480, "chorus 🎉")]
    assert [(t, m.numerator, m.denominator) for t, m in ticks(first, "time_signature")] == [(0, 3, 4)]
    tempos = [(tick / 480, round(60e6 / m.tempo, 1)) for tick, m in ticks(first, "set_tempo")]
    assert tempos == [(change.start, change.bpm) for change in score.tempo]
    assert {m.channel for _, m in ticks(file.tracks[2], "note_on")} == {9}
    assert [m.program for _, m in ticks(file.tracks[1], "program_change")] == [73]


def test_pretty_midi_reads_the_seconds_back() -> None:
    score = turning()
    read = pretty_midi.PrettyMIDI(io.BytesIO(write_midi(score, None)))
    notes = read.instruments[0].notes
    assert [n.pitch for n in notes] == [n.pitch for n in score.parts[0].notes]
    for found, note in zip(notes, score.parts[0].notes, strict=True):
        assert found.start == pytest.approx(score.seconds(note.start), abs=0.002)
    assert read.get_downbeats()[4] == pytest.approx(score.seconds(12), abs=0.002)


@pytest.mark.parametrize("prompt", ["swing with sax, 30 seconds", "drum and bass, 30 seconds"])
def test_the_played_version_keeps_the_notes_and_moves_them_a_little(prompt: str) -> None:
    made = song(prompt)
    played = pretty_midi.PrettyMIDI(io.BytesIO(write_midi(made.score, made.performance)))
    written = pretty_midi.PrettyMIDI(io.BytesIO(write_midi(made.score, None)))
    names = [part.name for part in made.score.parts if part.notes]
    assert [i.name for i in played.instruments if i.notes] == names
    assert [i.name for i in written.instruments if i.notes] == names
    for one, other in zip(played.instruments, made.performance.parts, strict=True):
        assert sorted(n.pitch for n in one.notes) == sorted(n.pitch for n in other.notes)
        starts = sorted(n.start for n in other.notes)
        assert sorted(n.start for n in one.notes) == pytest.approx(starts, abs=0.002)
    assert write_midi(made.score, made.performance) != write_midi(made.score, None)


def test_the_lead_sheet_is_drawn_the_same_twice_and_shows_everything() -> None:
    score = turning()
    svg = engrave_leadsheet(score, lyrics="won-der-ful", feel="Swing")
    assert svg == engrave_leadsheet(score.model_copy(deep=True), lyrics="won-der-ful", feel="Swing")
    root = ET.fromstring(svg)
    assert len([g for g in root.iter(f"{SVG}g") if "measure" in (g.get("class") or "").split()]) == score.bars
    assert len([g for g in root.iter(f"{SVG}g") if "system" in (g.get("class") or "").split()]) == 2
    words = " ".join("".join(root.itertext()).split())
    for word in ("Wende", "Sostenuto", "Lead sheet", "Verse 1", "Chorus", "B♭maj7", "Cm7/G", "N.C.", "won", "Swing",
                 "♩ = 97", "rit."):  # fmt: skip
        assert word in words
    assert not re.search("[\ue000-\uf8ff]", svg)


def test_a_written_score_names_added_notes_once() -> None:
    chords = ({"start": 0, "duration": 4, "symbol": "Fadd9"}, {"start": 4, "duration": 4, "symbol": "G7b9"})
    score = small_score(part((60, 0, 8)), bars=2, chords=chords)
    written = write_musicxml(score, lyrics=None)
    assert written.count(b"<degree>") == 2
    words = "".join("".join("".join(ET.fromstring(page).itertext()) for page in engrave_all(written)[0]).split())
    assert ("Fadd9" in words, "G7♭9" in words) == (True, True)
    assert "(add" not in words


def test_what_people_write_stays_text_in_the_drawing() -> None:
    wild = "<script>alert(1)</script> & ]]>"
    score = small_score(part((60, 0, 4), name=wild), title=wild)
    for svg in (engrave_leadsheet(score, lyrics=wild), engrave_page(score)):
        assert not list(ET.fromstring(svg).iter(f"{SVG}script"))
        assert "<script" not in svg
        assert "&lt;script" in svg


def test_any_thread_draws_and_nothing_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    scores = [small_score(part((60 + i, 0, 1))) for i in range(4)]
    here = [engrave_leadsheet(score) for score in scores]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(engrave_leadsheet, scores * 2)) == here * 2
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("prompt", ["swing with sax, 30 seconds", "drum and bass, 30 seconds"])
def test_verovio_reads_both_scores_without_a_warning(prompt: str, capfd: pytest.CaptureFixture[str]) -> None:
    score = song(prompt).score
    verovio.enableLog(verovio.LOG_WARNING)
    for data in (write_musicxml(score, lyrics="la la"), write_leadsheet(score, lyrics="la la", feel="Swing")):
        toolkit = verovio.toolkit()
        assert toolkit.loadData(data.decode())
        assert toolkit.getLog() == ""
    assert capfd.readouterr() == ("", "")


def test_the_drawing_has_ink_in_every_system() -> None:
    made = song("swing with sax, 30 seconds")
    svg = engrave_leadsheet(made.score)
    picture = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, width=900, background="white"))))
    dark = np.asarray(picture.convert("L")) < 128
    assert picture.width == 900
    rows = dark.any(axis=1)
    # No system is so far from the next that a fifth of the page stays empty.
    gaps = np.diff(np.flatnonzero(rows))
    assert gaps.max() < 0.2 * picture.height
    assert 0.01 < dark.mean() < 0.2
    # Nothing is cut off: the margins are white.
    assert not dark[:, :10].any()
    assert not dark[:, -10:].any()


def test_a_page_of_the_full_score_and_none_beyond_the_last() -> None:
    score = song("swing with sax, 30 seconds").score
    page = engrave_page(score)
    assert page == engrave_page(score)
    assert "Score in C" in page
    with pytest.raises(InvalidValue, match="there is no page 99"):
        engrave_page(score, page=99)


@pytest.mark.parametrize(
    "score",
    [small_score(), small_score(part()), small_score(part((60, 0, 0.1)), title="🎷"),
     small_score(part(instrument="rock_kit", role=Role.DRUMS, is_drum=True))],
    ids=["nobody", "silence", "one note", "empty drums"],
)  # fmt: skip
def test_unlikely_scores_are_drawn(score: Score) -> None:
    assert engrave_leadsheet(score).count("<svg") >= 1
    assert engrave_page(score).count("<svg") >= 1
    assert Image.open(io.BytesIO(draw_piano_roll(score))).width >= 1000
    assert "[Verse 1] 2 bars" in chord_chart(score)
    assert mido.MidiFile(file=io.BytesIO(write_midi(score, None))).type == 1


def test_the_chord_chart_is_what_a_band_reads() -> None:
    assert chord_chart(turning(), feel="Swing") == (
        "Wende 🎷\nB♭ major, 3/4, 97 bpm, Swing\n\n"
        "[Verse 1] 4 bars\n| B♭maj7 | %      | %      | N.C.   |\n\n"
        "[Chorus 🎉] 4 bars, in C minor, 134 bpm, rit.\n| Cm7/G  | %      | %      | %      |\n"
    )
    document = chart_document(turning())
    assert json.loads(json.dumps(document)) == document
    assert [section["first_bar"] for section in document["sections"]] == [1, 5]


def test_chords_that_share_a_bar_stand_side_by_side() -> None:
    chords = tuple({"start": 2.0 * i, "duration": 2.0, "symbol": s} for i, s in enumerate(("Dm7", "G7", "C", "C")))
    assert "| Dm7 G7 | C      |" in chord_chart(small_score(chords=chords))


def test_swing_is_named_where_it_is_heard() -> None:
    assert feel_of(["swing"], 140) == "Swing"
    assert feel_of(["rock"], 120) == ""
    assert feel_of(["rock"], 120, swing=1.0) == "Swing"
    assert feel_of(["swing"], 140, swing=0.0) == ""


def test_the_piano_roll_shows_every_note_in_its_parts_colour() -> None:
    quiet = part((60, 0, 2), id="one", name="One")
    loud = part((72, 4, 2), id="two", name="Two", role=Role.COUNTER)
    first, second = (
        p.model_copy(update={"notes": tuple(n.model_copy(update={"velocity": v}) for n in p.notes)})
        for p, v in ((quiet, 20), (loud, 127))
    )
    data = draw_piano_roll(small_score(first, second))
    assert data == draw_piano_roll(small_score(first, second))
    pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)

    def like(colour: tuple[int, int, int]) -> np.ndarray:
        return (np.abs(pixels - np.array(colour)).max(axis=2) < 14)[100:]

    blue, orange = like((0, 114, 178)), like((213, 94, 0))
    assert blue.any()
    # The quiet note is faint: its own colour is only seen in its left edge, if at all.
    assert orange.sum() < blue.sum() / 4
    half = pixels.shape[1] // 2
    assert not blue[:, : half - 40].any()


def test_all_files_of_a_song_are_made_and_made_the_same_again() -> None:
    made = song("swing with sax, 30 seconds")
    files = written_files(made.score, made.performance, lyrics=None, feel="Swing")
    assert set(files) == {
        "song.mid", "song-quantised.mid", "song.musicxml", "leadsheet.musicxml", "score.svg", "chords.txt",
        "pianoroll.png", "score.json",
    }  # fmt: skip
    assert files == written_files(made.score, made.performance, lyrics=None, feel="Swing")
    assert Score.model_validate_json(files["score.json"]) == made.score
