"""The written score, read back by the standard library and by music21."""

import re
from functools import lru_cache

import music21
import pytest

from domain.score import KeyChange, Role, Score, Section, SectionKind, TempoChange
from music.chordsymbols import KINDS, chord_kind, pretty_chord
from music.composing import compose
from music.genres import GENRES
from music.musicxml import write_leadsheet, write_musicxml
from music.notevalues import DIVISIONS, bar_ticks
from music.quantising import find_grid, quantised
from music.scorelayout import score_order, systems
from music.theory import QUALITIES, ChordSpec, parse_chord
from tests.music.readback import bars, midi_pitch, names, onsets, part, read, small_score

METRES = ("4/4", "3/4", "6/8", "5/4", "7/8")
SONGS = [(genre, METRES[i % len(METRES)]) for i, genre in enumerate(GENRES)] + [("pop", metre) for metre in METRES]
C_CHORD = {"start": 0, "duration": 4, "symbol": "C"}


@lru_cache(maxsize=64)
def score_of(genre: str, metre: str, seed: int = 3) -> Score:
    wishes = {"musical": {"genre": [genre], "time_signature": metre}, "technical": {"duration": 35}}
    return compose("a song", seed=seed, candidates=1, wishes=wishes).score


def is_struck_once(score: Score, data: bytes) -> None:
    """Every onset and pitch of the quantised score stands on paper, and nothing else."""
    length = bar_ticks(score.time_signature)
    for written, element in zip(score_order(score.parts), read(data).iter("part"), strict=True):
        if written.is_drum:
            continue
        spans = quantised(written.notes, find_grid(written.notes, score.time_signature), length * score.bars)
        assert onsets(element, length) == sorted((span.start, span.pitch) for span in spans), written.id


@pytest.mark.parametrize(("genre", "metre"), SONGS)
def test_every_voice_of_every_bar_adds_up_and_every_note_is_there(genre: str, metre: str) -> None:
    score = score_of(genre, metre)
    length = bar_ticks(score.time_signature)
    data = write_musicxml(score, lyrics=None)
    for element in read(data).iter("part"):
        written = list(bars(element))
        assert len(written) == score.bars
        for bar in written:
            assert bar.lengths
            assert set(bar.lengths.values()) == {length}
    is_struck_once(score, data)


@pytest.mark.parametrize(
    ("genre", "metre"), [("rock", "4/4"), ("swing", "3/4"), ("folk", "6/8"), ("lo_fi", "5/4"), ("pop", "7/8")]
)
def test_music21_reads_what_was_written(genre: str, metre: str) -> None:
    score = score_of(genre, metre)
    length = score.time_signature.beats_per_bar
    for data in (write_musicxml(score, lyrics="[Verse]\nHello dear world"), write_leadsheet(score, lyrics=None)):
        opened = music21.converter.parse(data, format="musicxml")
        assert opened.metadata.title == score.title
        assert opened.metadata.composer == "Sostenuto"
        for staff in opened.parts:
            measures = list(staff.getElementsByClass("Measure"))
            assert len(measures) == score.bars
            assert {measure.duration.quarterLength for measure in measures} == {length}
        symbols = opened.parts[0].recurse().getElementsByClass("ChordSymbol")
        assert len(symbols) == len(score.chords)
        for symbol, chord in zip(symbols, score.chords, strict=True):
            spec = parse_chord(chord.symbol)
            assert symbol.root().pitchClass == spec.root
            assert symbol.bass().pitchClass == spec.bass
            assert symbol.getOffsetInHierarchy(opened) == pytest.approx(chord.start)
    lead = next(p for p in score.parts if p.role is Role.LEAD)
    spans = quantised(lead.notes, find_grid(lead.notes, score.time_signature), 10**9)
    heard = [
        (round(note.getOffsetInHierarchy(opened) * DIVISIONS), pitch.midi)
        for note in opened.recurse().notes
        if not isinstance(note, music21.harmony.ChordSymbol) and (note.tie is None or note.tie.type == "start")
        for pitch in note.pitches
    ]
    assert sorted(heard) == sorted((s.start, s.pitch) for s in spans if s.start < length * score.bars * DIVISIONS)


def test_equal_scores_give_equal_bytes_without_dates() -> None:
    score = score_of("soul", "4/4")
    data = write_musicxml(score, lyrics="la la")
    assert data == write_musicxml(score.model_copy(deep=True), lyrics="la la")
    assert not re.search(rb"\d{4}-\d\d-\d\d", data)


@pytest.mark.parametrize("quality", QUALITIES)
def test_every_chord_quality_has_its_own_row_that_music21_hears_right(quality: str) -> None:
    spec = parse_chord(f"C{quality}")
    assert quality in KINDS
    notes = part((60, 0, 4))
    score = small_score(notes, chords=({"start": 0, "duration": 8, "symbol": f"C{quality}"},))
    opened = music21.converter.parse(write_leadsheet(score, lyrics=None), format="musicxml")
    symbol = next(iter(opened.recurse().getElementsByClass("ChordSymbol")))
    heard = {pitch.pitchClass for pitch in symbol.pitches}
    # Elevenths leave their third out here, and thirteenths their eleventh; MusicXML's kinds mean the whole stack.
    assert spec.pitch_classes <= heard or quality == "7alt"
    if quality not in {"11", "m11", "13", "maj13", "m13", "7alt", "9sus4", "7sus4"}:
        assert heard == spec.pitch_classes


def test_a_quality_that_is_new_to_the_table_is_still_written() -> None:
    spec = ChordSpec("Cm7add13", 0, "m7add13", (0, 3, 7, 10, 21), 0, "C")
    assert chord_kind(spec).kind == "minor-seventh"
    assert pretty_chord(spec) == "Cm7add13"


def test_slash_chords_and_silence_are_written() -> None:
    chords = (
        {"start": 2, "duration": 2, "symbol": "Ab/C"}, {"start": 4, "duration": 2, "symbol": "F#m7b5"},
    )  # fmt: skip
    root = read(write_leadsheet(small_score(part((60, 0, 8)), chords=chords), lyrics=None))
    found = [
        (h.findtext("root/root-step"), h.findtext("kind"), h.findtext("bass/bass-step")) for h in root.iter("harmony")
    ]
    assert found == [("C", "none", None), ("A", "major", "C"), ("F", "half-diminished", None), ("C", "none", None)]
    assert [h.findtext("offset") for h in root.iter("harmony")] == [None, "48", None, "48"]
    assert pretty_chord(parse_chord("Ab/C")) == "A♭/C"
    without = read(write_leadsheet(small_score(part((60, 0, 8))), lyrics=None))
    assert without.find(".//harmony") is None


@pytest.mark.parametrize(
    ("key", "scale", "chord", "pitches", "expected"),
    [
        ("F", "minor", "Fm", (65, 68, 61), {"F", "Ab", "Db"}),
        ("A", "minor", "E7", (68, 64), {"G#", "E"}),
        ("A", "minor", "Am", (68, 69), {"G#", "A"}),
        ("C", "minor", "G7", (71, 65), {"B", "F"}),
        ("C", "major", "Fm", (68,), {"Ab"}),
        ("C", "major", "D7", (66,), {"F#"}),
        ("C", "major", "E7", (68,), {"G#"}),
        ("C", "major", "Bb", (70,), {"Bb"}),
        ("Eb", "major", "C7", (64,), {"E"}),
        ("E", "major", "E", (68, 63), {"G#", "D#"}),
        ("D", "dorian", "G", (71,), {"B"}),
        ("F", "lydian", "F", (71,), {"B"}),
        ("E", "phrygian", "F", (65, 69), {"F", "A"}),
        ("B", "locrian", "Bdim", (65, 60), {"F", "C"}),
        ("A", "blues", "A7", (63,), {"Eb"}),
        ("C", "major", "C", (60, 61, 62), {"C", "C#", "D"}),
        ("C", "major", "C", (62, 61, 60), {"D", "Db", "C"}),
        ("F#", "major", "F#", (65,), {"E#"}),
        ("Gb", "major", "Gb", (71,), {"Cb"}),
    ],
)
def test_notes_are_spelled_for_key_chord_and_direction(
    key: str, scale: str, chord: str, pitches: tuple[int, ...], expected: set[str]
) -> None:
    notes = part(*((pitch, float(i), 1.0) for i, pitch in enumerate(pitches)))
    score = small_score(
        notes, key=key, scale=scale, chords=({"start": 0, "duration": 8, "symbol": chord},)
    )  # fmt: skip
    assert names(write_leadsheet(score, lyrics=None)) == expected


def test_signs_are_printed_once_a_bar_and_courtesies_after() -> None:
    score = small_score(part((66, 0, 1), (66, 1, 1), (65, 2, 1), (66, 3, 1), (65, 4, 1), (65, 5, 1)))
    signs = [note.findtext("accidental") for note in read(write_leadsheet(score, lyrics=None)).iter("note")]
    assert signs[:6] == ["sharp", None, "natural", "sharp", "natural", None]
    courtesy = [a for a in read(write_leadsheet(score, lyrics=None)).iter("accidental") if a.get("cautionary")]
    assert len(courtesy) == 1


def test_a_key_change_stands_at_its_bar_in_every_part_and_turns_the_spelling() -> None:
    tune = part((61, 0, 4), (61, 8, 4))
    low = part((49, 0, 4), (49, 8, 4), instrument="upright_bass", role=Role.BASS)
    score = small_score(
        tune, low, bars=4, key="Ab", scale="major", key_changes=(KeyChange(start=8, key="A", scale="major"),),
        chords=({"start": 0, "duration": 8, "symbol": "Db"}, {"start": 8, "duration": 8, "symbol": "A"}),
    )  # fmt: skip
    data = write_musicxml(score, lyrics=None)
    for element in read(data).iter("part"):
        fifths = {m.get("number"): m.findtext("attributes/key/fifths") for m in element.iter("measure")}
        assert fifths == {"1": "-4", "2": None, "3": "3", "4": None}
        assert [p.findtext("step") for p in element.iter("pitch")] == ["D", "C"]


def test_tempo_changes_are_told_once_and_slowing_down_is_a_word() -> None:
    tempo = [(0, 100), (4, 120), (8, 100), (12, 96), (13, 90), (14, 84), (15, 70)]
    score = small_score(
        part((60, 0, 16)), bars=4, tempo=tuple(TempoChange(start=start, bpm=bpm) for start, bpm in tempo)
    )  # fmt: skip
    root = read(write_leadsheet(score, lyrics=None, feel="Swing"))
    assert [m.text for m in root.iter("per-minute")] == ["100", "120", "100"]
    assert [w.text for w in root.iter("words")] == ["Swing", "rit."]
    assert [float(s.get("tempo", 0)) for s in root.iter("sound")] == [bpm for _, bpm in tempo]
    last = list(root.iter("measure"))[-1]
    assert [float(offset.text or 0) / DIVISIONS for offset in last.iter("offset")] == [1, 2, 3]


def test_compound_metres_count_dotted_quarters() -> None:
    root = read(write_leadsheet(small_score(part((60, 0, 3)), metre="6/8"), lyrics=None))
    assert root.find(".//beat-unit-dot") is not None
    assert root.findtext(".//per-minute") == "67"


def test_clefs_suit_the_instruments() -> None:
    parts = [
        part((70, 0, 4), instrument="violin", id="lead"),
        part((40, 0, 4), (52, 4, 4), instrument="steel_guitar", role=Role.GUITAR),
        part((33, 0, 4), instrument="upright_bass", role=Role.BASS),
        part((45, 0, 4), instrument="cello", role=Role.COUNTER),
        part((57, 0, 4), instrument="viola", role=Role.STRINGS),
        part((36, 0, 1), (42, 0, 1), instrument="rock_kit", role=Role.DRUMS, is_drum=True),
    ]
    root = read(write_musicxml(small_score(*parts), lyrics=None))
    clefs = [(c.findtext("sign"), c.findtext("line"), c.findtext("clef-octave-change")) for c in root.iter("clef")]
    assert clefs == [
        ("G", "2", None), ("F", "4", None), ("C", "3", None), ("G", "2", "-1"), ("F", "4", "-1"),
        ("percussion", None, None),
    ]  # fmt: skip
    assert [p.text for p in root.iter("part-abbreviation")] == ["Vln.", "Vc.", "Vla.", "St.Gtr.", "Bass", "Dr."]


def test_a_high_guitar_solo_is_written_where_it_sounds_and_a_low_saxophone_stays_in_treble() -> None:
    solo = part((81, 0, 4), (86, 4, 4), instrument="overdriven_guitar")
    low = part((55, 0, 4), instrument="alto_sax", role=Role.COUNTER)
    root = read(write_musicxml(small_score(solo, low), lyrics=None))
    assert [(c.findtext("sign"), c.findtext("clef-octave-change")) for c in root.iter("clef")] == [("G", None)] * 2


def test_two_hands_get_two_staves_and_a_chord_of_one_hand_stays_together() -> None:
    keys = part(
        (36, 0, 4), (60, 0, 1), (64, 0, 1), (67, 0, 1), (57, 4, 1), (60, 4, 1), (64, 4, 1), (43, 4, 4),
        instrument="grand_piano", role=Role.KEYS,
    )  # fmt: skip
    element = next(read(write_musicxml(small_score(keys), lyrics=None)).iter("part"))
    assert element.findtext(".//staves") == "2"
    hands: dict[str | None, list[int]] = {}
    for bar in bars(element):
        for _, note in bar.notes:
            if note.find("pitch") is not None:
                hands.setdefault(note.findtext("staff"), []).append(midi_pitch(note))
    assert hands == {"1": [60, 64, 67, 57, 60, 64], "2": [36, 43]}


def test_a_held_note_under_moving_ones_gets_a_voice_of_its_own() -> None:
    guitar = part((40, 0, 4), (64, 0, 1), (67, 1, 1), (64, 2, 1), (67, 3, 1), instrument="nylon_guitar",
                  role=Role.GUITAR)  # fmt: skip
    bar = next(bars(next(read(write_musicxml(small_score(guitar), lyrics=None)).iter("part"))))
    lengths = {(n.findtext("voice"), midi_pitch(n)): n.findtext("type") for _, n in bar.notes}
    assert lengths == {("2", 40): "whole", ("1", 64): "quarter", ("1", 67): "quarter"}


def test_a_pad_ties_what_sounds_on_into_the_next_chord() -> None:
    pad = part((60, 0, 8), (64, 0, 4), (65, 4, 4), instrument="warm_pad", role=Role.PAD)
    first, second = bars(next(read(write_musicxml(small_score(pad), lyrics=None)).iter("part")))
    ties = [[(midi_pitch(n), [t.get("type") for t in n.iter("tie")]) for _, n in b.notes] for b in (first, second)]
    assert ties == [[(60, ["start"]), (64, [])], [(60, ["stop"]), (65, [])]]


def test_hands_and_feet_of_a_drummer_are_two_voices_with_heads_of_their_own() -> None:
    kit = part(
        (36, 0, 0.1), (42, 0, 0.1), (42, 0.5, 0.1), (38, 1, 0.1), (42, 1, 0.1), (46, 1.5, 0.1),
        instrument="rock_kit", role=Role.DRUMS, is_drum=True,
    )  # fmt: skip
    quiet = kit.model_copy(update={"notes": tuple(n.model_copy(update={"velocity": 30}) for n in kit.notes)})
    bar = next(bars(next(read(write_musicxml(small_score(quiet), lyrics=None)).iter("part"))))
    heads = [
        (n.findtext("voice"), n.findtext("stem"), n.findtext("notehead") or "")
        for _, n in bar.notes
        if n.find("unpitched") is not None
    ]
    assert heads == [
        ("1", "up", "x"), ("1", "up", "x"), ("1", "up", "normal"), ("1", "up", "x"), ("1", "up", "circle-x"),
        ("2", "down", ""),
    ]  # fmt: skip
    ghost = [n.get("parentheses") for _, note in bar.notes for n in note.iter("notehead")]
    assert ghost == [None, None, "yes", None, None]
    hidden = [n.get("print-object") for _, n in bar.notes if n.find("rest") is not None and n.findtext("voice") == "2"]
    assert hidden == ["no"] * len(hidden) != []


def test_lyrics_go_to_their_sections_in_syllables() -> None:
    sections = tuple(
        Section(name=name, kind=kind, start_bar=i, bars=1)
        for i, (name, kind) in enumerate(
            [("verse 1", SectionKind.VERSE), ("chorus 1", SectionKind.CHORUS), ("chorus 2", SectionKind.CHORUS)]
        )
    )
    tune = part(*((60 + i % 3, float(i), 1.0) for i in range(12)))
    lyrics = "[Verse 1]\nHello world\n[Chorus]\nre-mem-ber me"
    root = read(write_leadsheet(small_score(tune, bars=3, sections=sections), lyrics=lyrics))
    sung = [
        [(n.findtext("lyric/text"), n.findtext("lyric/syllabic")) for n in m.iter("note")] for m in root.iter("measure")
    ]
    chorus = [("re", "begin"), ("mem", "middle"), ("ber", "end"), ("me", "single")]
    assert sung == [[("Hel", "begin"), ("lo", "end"), ("world", "single"), (None, None)], chorus, chorus]


def test_plain_words_are_sung_from_the_beginning() -> None:
    root = read(write_leadsheet(small_score(part((60, 0, 1), (62, 1, 1), (64, 2, 1))), lyrics="la la la la la"))
    assert [t.text for t in root.iter("text")] == ["la"] * 3


def test_sections_part_by_double_bars_and_dynamics_follow_the_loudness() -> None:
    sections = tuple(
        Section(name=name, kind=SectionKind.VERSE, start_bar=i, bars=1)
        for i, name in enumerate(["a", "prechorus", "c"])
    )
    tune = part((60, 0, 4), (62, 4, 4), (64, 8, 4))
    louder = tune.model_copy(
        update={"notes": tuple(n.model_copy(update={"velocity": 50 + 25 * i}) for i, n in enumerate(tune.notes))}
    )
    root = read(write_musicxml(small_score(louder, bars=3, sections=sections), lyrics=None))
    assert [b.text for b in root.iter("bar-style")] == ["light-light", "light-light", "light-heavy"]
    assert [r.text for r in root.iter("rehearsal")] == ["A", "Pre-chorus", "C"]
    assert [d[0].tag for d in root.iter("dynamics")] == ["p", "mf", "f"]


@pytest.mark.parametrize(
    ("lengths", "expected"), [((8,), (0, 4)), ((5, 4), (0, 5)), ((6,), (0, 4)), ((9,), (0, 4)), ((2, 7), (0, 2, 6))]
)
def test_systems_hold_four_bars_and_none_alone(lengths: tuple[int, ...], expected: tuple[int, ...]) -> None:
    starts = [sum(lengths[:i]) for i in range(len(lengths))]
    sections = tuple(
        Section(name=f"s{i}", kind=SectionKind.VERSE, start_bar=start, bars=bars_)
        for i, (start, bars_) in enumerate(zip(starts, lengths, strict=True))
    )
    assert systems(small_score(part((60, 0, 1)), sections=sections)) == expected


def test_a_printed_lead_sheet_has_strokes_where_the_tune_is_silent_for_long() -> None:
    score = small_score(part((60, 8, 4), (62, 16, 4)), bars=5)
    printed = read(write_leadsheet(score, lyrics=None, printed=True))
    heads = [[n.text for n in m.iter("notehead")] for m in printed.iter("measure")]
    assert heads == [["slash"] * 4, ["slash"] * 4, [], [], []]
    assert not list(read(write_leadsheet(score, lyrics=None)).iter("notehead"))


@pytest.mark.parametrize(
    "score",
    [
        small_score(part((60, 0, 0.25)), title="🎷 & <jazz> \x00"),
        small_score(part()),
        small_score(),
        small_score(part(instrument="rock_kit", role=Role.DRUMS, is_drum=True), part((60, 0, 1))),
        small_score(part((127, 0, 9), (0, 9, 1)), metre="1/4"),
    ],
    ids=["one note, emoji", "no notes", "no parts", "empty drums", "extremes"],
)
def test_unlikely_scores_are_written_and_read(score: Score) -> None:
    for data in (write_musicxml(score, lyrics="👩‍🎤 \x07la"), write_leadsheet(score, lyrics=None, printed=True)):
        opened = music21.converter.parse(data, format="musicxml")
        assert len(opened.parts) >= 1
        for element in read(data).iter("part"):
            assert {t for b in bars(element) for t in b.lengths.values()} == {bar_ticks(score.time_signature)}


def test_the_same_melody_in_every_key_has_its_signature() -> None:
    signatures = {}
    for key in ("C", "G", "D", "A", "E", "B", "F", "Bb", "Eb", "Ab", "Db", "F#"):
        root = read(write_leadsheet(small_score(part((60, 0, 1)), key=key), lyrics=None))
        signatures[key] = int(root.findtext(".//fifths") or 99)
    assert signatures == {"C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5, "F": -1, "Bb": -2, "Eb": -3, "Ab": -4,
                          "Db": -5, "F#": 6}  # fmt: skip
