"""What a prompt says in so many words is done: tables of prompts and what they ask for."""

# ruff: noqa: E501 - a row of a table stays on one line

from typing import Any

import pytest

from music.composing import compose
from music.genres import GENRES
from music.metre import parse_metre
from music.theory import name_pc
from tests.music.prompts import found, read, sections

TEMPOS = [
    ("techno at 132 bpm", 132), ("techno, 120-130 bpm", 125), ("ambient between sixty and seventy, tempo 66", 66),
    ("house 124BPM", 124), ("rock, tempo=140", 140), ("rock ♩=96", 96), ("rap at 92", 92), ("trap, F minor, 141", 141),
    ("drum'n'bass 174", 174), ("a hundred and ten bpm disco", 110), ("soul, 88.5 bpm", 88.5),
    ("ska at 150 beats per minute", 150), ("Techno!!! 140!!! DARK!!!", 140), ("club banger 128 bpm with drop at 1:00", 128),
    ("bpm=120 key=Gm genre=techno", 120), ("pop with 808s, 100 bpm", 100), ("big chorus at 118 bpm pop", 118),
]  # fmt: skip

KEYS = [
    ("pop in C major", "C", "major"), ("pop in c# minor", "C#", "minor"), ("pop in B flat major", "Bb", "major"),
    ("pop in F sharp minor", "F#", "minor"), ("pop, E♭ major", "Eb", "major"), ("deep house, C#m, 120 bpm", "C#", "minor"),
    ("soul in Bbm", "Bb", "minor"), ("rap beat 90bpm Cmin", "C", "minor"), ("key: Ab, soul", "Ab", "major"),
    ("12-bar blues in A at 88 bpm", "A", None), ("blues in A with organ", "A", None),
    ("12-bar blues in A, slow", "A", None), ("jam in D dorian", "D", "dorian"), ("G mixolydian rock", "G", "mixolydian"),
    ("E phrygian metal", "E", "phrygian"), ("film score in F lydian", "F", "lydian"), ("B locrian metal", "B", "locrian"),
    ("tango in A harmonic minor", "A", "harmonic_minor"), ("jazz in C melodic minor", "C", "melodic_minor"),
    ("metal in E phrygian dominant", "E", "phrygian_dominant"), ("a hijaz flamenco tune in E", "E", "phrygian_dominant"),
    ("rock in A minor pentatonic", "A", "minor_pentatonic"), ("blues in E blues scale", "E", "blues"),
    ("blues scale in A", "A", "blues"), ("rock, pentatonic in E minor", "E", "minor_pentatonic"),
    ("dorian in D, rock", "D", "dorian"), ("folk, pentatonic scale in G", "G", "major_pentatonic"),
    ("folk in a minor", "A", "minor"), ("rock in D# major", "Eb", "major"), ("pop in G", "G", "major"),
    ("trap in G", "G", None), ("folk, key of b minor", "B", "minor"), ("pop with chords Am F C G", "A", "minor"),
    ("jazz over | Dm7 G7 | Cmaj7 | A7 |", "C", "major"), ("ii-V-I in F, jazz", "F", "major"),
    ("i bVI bIII bVII in C, epic", "C", "minor"), ("pop, verse in A minor, chorus in C major", "A", "minor"),
]  # fmt: skip

NO_KEYS = [
    "songs in the key of life", "a major hit about a minor detail", "see me do a thing", "plan B, vitamin C and the A team",
    "a song in a bar", "la la la, do re mi", "the mayor of the city", "an A minor-league anthem",
]  # fmt: skip

METRES = [
    ("metal in 7/8", "7/8"), ("rock in 5/4 time", "5/4"), ("jig in 6/8", "6/8"), ("slip jig", "9/8"), ("slow 12/8 blues", "12/8"),
    ("folk in 9/8", "9/8"), ("a lovely waltz", "3/4"), ("jazz waltz", "3/4"), ("pop in waltz time", "3/4"),
    ("folk in 3, quiet", "3/4"), ("march in cut time", "2/2"), ("polka, 2/4", "2/4"), ("prog in seven eight time", "7/8"),
    ("jazz in five four time", "5/4"), ("blues with a 12/8 feel", "12/8"), ("open 24/7 pop", "4/4"), ("lullaby", "3/4"),
    ("a minuet", "3/4"), ("a mazurka in A minor", "3/4"), ("ein Ländler", "3/4"), ("laendler", "3/4"), ("sarabande", "3/4"),
    ("gavotte", "4/4"), ("celtic", "6/8"), ("celtic reel in 4/4", "4/4"), ("heavy metal like a lullaby", "4/4"), ("pop in common time", "4/4"),
]  # fmt: skip

DURATIONS = [
    ("ambient, 2:30", 150), ("three minutes of synthwave", 180), ("rock, 3 min 20 sec", 200), ("half a minute of ska", 30),
    ("pop, 45s", 45), ("folk, 90-second jingle", 90), ("exactly 75 seconds of jazz", 75),
    ("a beat like it's 3:00 in the morning", 150), ("trap with 808s", 140), ("techno, duration=90s", 90),
    ("club banger with a drop at 1:00", 190), ("90s techno", 180),
]  # fmt: skip

CHORDS = [
    ("pop with chords C G Am F", {"all": ["C", "G", "Am", "F"]}),
    ("Am-F-C-G ballad", {"all": ["Am", "F", "C", "G"]}),
    ("chords: Dm9 - G13 - Cmaj9 - A7alt", {"all": ["Dm9", "G13", "Cmaj9", "A7alt"]}),
    ("loop over Am7 D9", {"all": ["Am7", "D9"]}),
    ("| Dm7 G7 | Cmaj7 |", {"all": ["Dm7 G7", "Cmaj7"]}),
    ("chords | C | % | F G | C |", {"all": ["C", "C", "F G", "C"]}),
    ("chords C G/B Am F/A", {"all": ["C", "G/B", "Am", "F/A"]}),
    ("verse: Am F C G, chorus: F G Am C", {"verse": ["Am", "F", "C", "G"], "chorus": ["F", "G", "Am", "C"]}),
    ("Am F C G in the verse and F G Am C in the chorus", {"verse": ["Am", "F", "C", "G"], "chorus": ["F", "G", "Am", "C"]}),
    ("chords Am F C G x2", {"all": ["Am", "F", "C", "G"] * 2}),
    ("jazz in F, ii-V-I", {"all": ["Gm", "C", "F"]}),
    ("pop in C, I V vi IV", {"all": ["C", "G", "Am", "F"]}),
    ("C minor, i bVI bIII bVII", {"all": ["Cm", "Ab", "Eb", "Bb"]}),
    ("C minor, i-VI-III-VII", {"all": ["Cm", "Ab", "Eb", "Bb"]}),
    ("rock in G mixolydian, I-VII-IV-I", {"all": ["G", "F", "C", "G"]}),
    ("D dorian jam, i-IV-i-VII", {"all": ["Dm", "G", "Dm", "C"]}),
    ("E phrygian metal, i-II-i-II", {"all": ["Em", "F", "Em", "F"]}),
    ("F lydian score, I-II-I-II", {"all": ["F", "G", "F", "G"]}),
    ("blues in E, I7 IV7 I7 V7", {"all": ["E7", "A7", "E7", "B7"]}),
    ("1-5-6-4 progression in C", {"all": ["C", "G", "Am", "F"]}),
    ("1-5-6-4 progression in A minor", {"all": ["Am", "Em", "F", "Dm"]}),
    ("country in G, chords 1 5 6m 4", {"all": ["G", "D", "Em", "C"]}),
    ("I – V – vi – IV for the verse and vi – IV – I – V for the chorus in C",
     {"verse": ["C", "G", "Am", "F"], "chorus": ["Am", "F", "C", "G"]}),
    ("pop with the chords C major, G major, A minor, F major", {"all": ["C", "G", "Am", "F"]}),
    ("dubstep over Bm G D A, B minor", {"all": ["Bm", "G", "D", "A"]}), ("gospel over C F G C at 96 bpm", {"all": ["C", "F", "G", "C"]}),
    ("chord progression: A minor, D minor, E major", {"all": ["Am", "Dm", "E"]}), 
    ("pop in C, bridge in A minor with chords Am F C E7", {"bridge": ["Am", "F", "C", "E7"]}),
    ("Am and F chords only", {"all": ["Am", "F"]}), ("two chords: Am and F", {"all": ["Am", "F"]}),
    ("a jam over C and G", {"all": ["C", "G"]}), ("folk song over Am and F", {"all": ["Am", "F"]}),
    ("chords G and D, folk", {"all": ["G", "D"]}), ("a jam over C and G, two chords", {"all": ["C", "G"]}),
    ("chords in A minor", None), ("the A and B sides have chords", None),
    ("A B C, easy as 1 2 3", None), ("vitamin C, D, E for everyone", None), ("I am I", None),
]  # fmt: skip

STRUCTURES = [
    ("verse 8 bars, chorus 8 bars, twice, then a bridge",
     [("verse", 8), ("chorus", 8), ("verse", 8), ("chorus", 8), ("bridge", 8)]),
    ("intro, 2 verses, chorus, bridge, outro",
     [("intro", 4), ("verse", 8), ("verse", 8), ("chorus", 8), ("bridge", 8), ("outro", 4)]),
    ("verse-chorus-verse-chorus-bridge-chorus", [(n, 8) for n in ["verse", "chorus", "verse", "chorus", "bridge", "chorus"]]),
    ("(verse, chorus) x2, bridge", [(n, 8) for n in ["verse", "chorus", "verse", "chorus", "bridge"]]),
    ("jazz, AABA", [("theme", 8), ("theme", 8), ("bridge", 8), ("theme", 8)]),
    ("a tune in ABAC form", [("theme", 8), ("bridge", 8), ("theme", 8), ("solo", 8)]),
    ("intro 8 bars, verse 16 bars, drop 16 bars, outro 4 bars", [("intro", 8), ("verse", 16), ("drop", 16), ("outro", 4)]),
    ("intro (4 bars), verse (8 bars), chorus (8 bars)", [("intro", 4), ("verse", 8), ("chorus", 8)]),
    ("8 bar intro -> 16 bar verse -> 8 bar chorus", [("intro", 8), ("verse", 16), ("chorus", 8)]),
    ("verse, chorus twice, outro", [("verse", 8), ("chorus", 8), ("chorus", 8), ("outro", 4)]),
    ("first a verse, then a chorus, then a guitar solo and then the chorus",
     [("verse", 8), ("chorus", 8), ("solo", 8), ("chorus", 8)]),
    ("verse, bridge with chords Am F, chorus", [("verse", 8), ("bridge", 8), ("chorus", 8)]),
    ("verse 20 seconds, chorus 20 seconds at 60 bpm, bridge 20 seconds, 120 bpm",
     [("verse", 20), ("chorus", 20), ("bridge", 20)]),
    ("verse 8 bars at 100 bpm, chorus 8 bars at 120 bpm", [("verse", 8), ("chorus", 8)]),
    ("pop with a big chorus and a quiet verse", []), ("solo piano", []), ("ABBA style pop", []),
]  # fmt: skip

# Prompt -> section -> its tempo.
SECTION_TEMPOS = [
    ("starts at 80 bpm and speeds up to 120 in the chorus", 80, {"chorus": 120}),
    ("rock 140 bpm, bridge at 90 bpm", 140, {"bridge": 90}),
    ("pop 120 bpm with a half-time bridge", 120, {"bridge": 60}),
    ("pop 100 bpm with a double-time outro", 100, {"outro": 200}),
    ("pop 120 bpm, ends at 60 bpm", 120, {"last section": 60}),
    ("pop at 115 bpm, second verse at 100 bpm and last chorus at 130 bpm", 115, {"second verse": 100, "last chorus": 130}),
    ("the bridge slows down to 70 bpm; everything else 110 bpm", 110, {"bridge": 70}),
    ("100 bpm pop, slower bridge", 100, {"bridge": 85}),
    ("rock 100 bpm, verse (16 bars, 90 bpm), chorus (8 bars, 120 bpm)", 100, {"verse": 90, "chorus": 120}),
    ("the chorus at 140 bpm, verses at 110", 110, {"chorus": 140, "verse": 110}),
    ("verse at 100, chorus at 120 bpm", 100, {"verse": 100, "chorus": 120}),
    ("pop, chorus 120 bpm, verse 100 bpm", 100, {"chorus": 120, "verse": 100}),
    ("chorus at 140, verse at 110", 110, {"chorus": 140, "verse": 110}),
    ("pop 100 bpm, bridge at 80", 100, {"bridge": 80}),
    ("verse 20 seconds, chorus 20 seconds at 60 bpm, bridge 20 seconds, 120 bpm", 120, {"chorus": 60}),
    ("verse 8 bars at 100 bpm, chorus 8 bars at 120 bpm", 100, {"verse": 100, "chorus": 120}),
]  # fmt: skip

# Prompt -> section -> its key.
SECTION_KEYS = [
    ("pop in C major, modulates to D major in the bridge", {"bridge": ("D", "major")}),
    ("pop in C major, bridge in A minor", {"bridge": ("A", "minor")}),
    ("pop in G major, key change up a whole step in the last chorus", {"last chorus": ("A", "major"), "outro": ("A", "major")}),
    ("pop in A minor, last chorus a semitone higher", {"last chorus": ("Bb", "minor"), "outro": ("Bb", "minor")}),
    ("pop in B major, last chorus a semitone higher", {"last chorus": ("C", "major"), "outro": ("C", "major")}),
    ("pop in C major, truck driver modulation", {"last chorus": ("D", "major"), "outro": ("D", "major")}),
    ("pop in Eb major with a key change", {"last chorus": ("F", "major"), "outro": ("F", "major")}),
    ("pop in C major, goes down a minor third in the second verse", {"second verse": ("A", "major")}),
    ("pop in C major that modulates to the relative minor in the bridge", {"bridge": ("A", "minor")}),
    ("pop in A minor that moves to the parallel major in the chorus", {"chorus": ("A", "major")}),
    ("verse in A minor, chorus in C major", {"verse": ("A", "minor"), "chorus": ("C", "major")}),
    ("pop in C, bridge in A minor with chords Am F C E7", {"bridge": ("A", "minor")}),
    ("pop in D minor with a major chorus", {"chorus": ("D", "major")}),
]  # fmt: skip

FEELS = [
    ("lofi with swing feel", {"swing": 1.0}), ("jazz, straight eighths", {"swing": 0.0}), ("rock with a light swing", {"swing": 0.5}),
    ("hip hop, half-time feel", {"density": 0.3}), ("rock with a shuffle beat", {"swing": 1.0, "groove": "shuffle"}),
    ("four on the floor pop", {"groove": "four"}), ("jazz swing", None),
]  # fmt: skip

BANDS = [
    ("only piano and cello, sad", ["grand_piano", "cello"], set()),
    ("solo violin", ["violin"], set()),
    ("a cappella gospel", ["choir"], set()),
    ("drums only", ["acoustic_kit"], set()), ("a duet for flute and harp", ["flute", "harp"], set()),
    ("trio: piano, violin, cello", ["grand_piano", "violin", "cello"], set()),
    ("a string quartet", ["violin", "violin", "viola", "cello"], set()), ("string trio in C", ["violin", "viola", "cello"], set()),
    ("wind quintet", ["flute", "oboe", "clarinet", "french_horn", "bassoon"], set()),
    ("string quartet with flute", ["violin", "violin", "viola", "cello", "flute"], set()),
    ("jazz trio", ["grand_piano", "upright_bass", "brush_kit"], set()),
    ("piano and cello duet", ["grand_piano", "cello"], set()),
    ("rock trio: guitar, bass, drums", ["overdriven_guitar", "finger_bass", "acoustic_kit"], set()),
    ("techno, no synths", None, {"synth_bass", "synth_arp", "analog_pad", "synth_strings", "warm_pad", "chip_lead"}),
    ("pop without guitar", None, {"clean_guitar", "muted_guitar"}),
    ("punk without distorted guitars", None, {"distortion_guitar"}),
    ("rock with no heavy drums", None, {"rock_kit"}),
    ("trap, no 808s", None, {"bass_808"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "tempo"), TEMPOS)
def test_tempo(text: str, tempo: float) -> None:
    assert found(read(text), "tempo") == tempo


@pytest.mark.parametrize(("text", "key", "scale"), KEYS)
def test_key(text: str, key: str, scale: str | None) -> None:
    understood = read(text)
    assert found(understood, "key") == key
    assert scale is None or found(understood, "scale") == scale


@pytest.mark.parametrize("text", NO_KEYS)
def test_what_is_no_key(text: str) -> None:
    key = next(step for step in read(text).reasoning if step.field == "musical.key")
    assert key.source == "default"


@pytest.mark.parametrize(("text", "metre"), METRES)
def test_metre(text: str, metre: str) -> None:
    assert found(read(text), "time_signature") == metre


@pytest.mark.parametrize(("text", "seconds"), DURATIONS)
def test_duration(text: str, seconds: float) -> None:
    understood = read(text)
    assert found(understood, "technical.duration") == seconds
    exact = found(understood, "creative.constraints") or {}
    assert exact.get("exact_duration", False) is ("exactly" in text)


@pytest.mark.parametrize(("text", "chords"), CHORDS)
def test_chords(text: str, chords: dict[str, list[str]] | None) -> None:
    assert found(read(text), "chord_progression") == chords


@pytest.mark.parametrize(("text", "asked"), STRUCTURES)
def test_structure(text: str, asked: list[tuple[str, float]]) -> None:
    assert sections(read(text)) == asked


@pytest.mark.parametrize(("text", "tempo", "asked"), SECTION_TEMPOS)
def test_tempos_of_sections(text: str, tempo: float, asked: dict[str, float]) -> None:
    understood = read(text)
    assert found(understood, "tempo") == tempo
    assert {name: shape["tempo"] for name, shape in found(understood, "sections").items()} == asked


@pytest.mark.parametrize(("text", "asked"), SECTION_KEYS)
def test_keys_of_sections(text: str, asked: dict[str, tuple[str, str]]) -> None:
    shapes = found(read(text), "sections")
    assert {name: (shape["key"], shape["scale"]) for name, shape in shapes.items()} == asked


@pytest.mark.parametrize(("text", "wish"), FEELS)
def test_feel(text: str, wish: dict[str, Any] | None) -> None:
    assert found(read(text), "rhythm_pattern") == wish


@pytest.mark.parametrize(("text", "band", "without"), BANDS)
def test_band(text: str, band: list[str] | None, without: set[str]) -> None:
    understood = read(text)
    playing = found(understood, "instruments")
    assert band is None or playing == band
    assert not without & set(playing)
    assert without <= set((found(understood, "creative.constraints") or {}).get("without", []))


@pytest.mark.parametrize("genre", sorted(GENRES))
def test_words_move_the_tempo_of_every_genre(genre: str) -> None:
    name = GENRES[genre].phrases[0]
    slow, fast = (found(read(f"{word} {name}"), "tempo") for word in ("extremely slow", "breakneck"))
    assert 40 <= slow < fast <= 220
    low, high = (bpm / parse_metre(GENRES[genre].metre).counted_beat for bpm in GENRES[genre].tempo)
    assert slow <= high
    assert fast >= low


@pytest.mark.parametrize(
    ("text", "kept", "gone"),
    [("swing, no piano, trumpet lead", {"trumpet"}, {"grand_piano"}), ("pop, no drums, bass or guitar", set(), {"clean_guitar", "finger_bass"}),
     ("folk without flute, violin, or harmonica", set(), {"flute", "violin", "harmonica"}), ("no sax, but with organ, soul", {"organ"}, {"alto_sax"}),
     ("jazz, neither fast nor loud, no trumpet", set(), {"trumpet"})],
)  # fmt: skip
def test_what_a_list_leaves_out(text: str, kept: set[str], gone: set[str]) -> None:
    playing = set(found(read(text), "instruments"))
    assert kept <= playing
    assert not gone & playing


def test_leaving_out_one_kind_keeps_the_others() -> None:
    assert "acoustic_kit" in found(read("rock with no heavy drums"), "instruments")
    assert found(read("funk without slap bass"), "instruments")[1] == "finger_bass"
    assert (found(read("funk without bass"), "creative.constraints"))["no_bass"] is True


def test_a_section_that_speeds_up_is_faster_than_the_song() -> None:
    for seed in range(6):
        metal = read("heavy metal ballad that speeds up to 160 bpm in the last chorus", seed=seed)
        assert found(metal, "sections")["last chorus"]["tempo"] == 160
        assert found(metal, "tempo") <= 144
        pop = read("pop that slows down to 110 bpm in the bridge", seed=seed)
        assert found(pop, "tempo") >= 121


def test_a_ballad_of_a_fast_genre_is_slow() -> None:
    for seed in range(6):
        assert found(read("heavy metal ballad", seed=seed), "tempo") < found(read("heavy metal", seed=seed), "tempo")


def test_a_ramp_goes_through_the_sections() -> None:
    understood = read("metal from 100 to 180 bpm")
    tempos = [shape["tempo"] for shape in found(understood, "sections").values()]
    assert tempos[0] == found(understood, "tempo") == 100
    assert tempos[-1] == 180
    assert tempos == sorted(tempos)
    assert len(tempos) == len(sections(understood))


@pytest.mark.parametrize(
    ("text", "kind", "times"),
    [("rock, bridge at 90 bpm", "bridge", 1), ("pop, 40 seconds, key change in the third chorus", "chorus", 3),
     ("house with a half-time bridge", "bridge", 1), ("pop, verse: C G Am F; bridge: Dm Em F G", "bridge", 1),
     ("jazz in C, modulates to F major in the solo", "solo", 1)],
)  # fmt: skip
def test_a_section_that_is_named_is_in_the_song(text: str, kind: str, times: int) -> None:
    assert [name for name, _ in sections(read(text))].count(kind) >= times


@pytest.mark.parametrize(
    ("text", "gone"),
    [("pop, no intro", {"intro"}), ("rock without outro", {"outro"}), ("house, no drop", {"drop"}), ("jazz, no solo", {"solo"}),
     ("pop without an intro or outro, 2 minutes", {"intro", "outro"}), ("no intro, no outro, pop 100 bpm", {"intro", "outro"})],
)  # fmt: skip
def test_a_section_that_is_not_wanted_is_not_there(text: str, gone: set[str]) -> None:
    song = compose(text, seed=2, candidates=1)
    kinds = [section.kind.value for section in song.score.sections]
    assert len(kinds) > 3
    assert not gone & set(kinds)
    bar = max(60 / change.bpm * 4 for change in song.score.tempo)
    assert abs(song.performance.duration_s - song.context.get("technical.duration")) <= bar


@pytest.mark.parametrize(
    ("text", "kind"),
    [("pop, start with the chorus", "chorus"), ("rock that opens with a solo", "solo"), ("house, begins with the drop", "drop")],
)  # fmt: skip
def test_a_song_starts_with_the_section_that_is_asked_for(text: str, kind: str) -> None:
    planned = [name for name, _ in sections(read(text))]
    assert planned[0] == kind
    assert "intro" not in planned
    assert len(planned) > 3


@pytest.mark.parametrize(("text", "times"), [("pop, chorus x4", 4), ("pop, chorus 5 times", 5), ("pop, 4 choruses", 4)])
def test_a_section_comes_as_often_as_asked(text: str, times: int) -> None:
    planned = [name for name, _ in sections(read(text))]
    assert planned.count("chorus") == times
    assert "verse" in planned


def test_the_choruses_of_a_blues_keep_twelve_bars() -> None:
    planned = sections(read("blues, no outro"))
    assert "bridge" not in dict(planned)
    assert {bars for name, bars in planned if name in {"theme", "solo"}} == {12}


def test_a_song_without_a_tune_is_told_to_be_impossible() -> None:
    assert any("not written without its tune" in step.text for step in read("pop without melody").reasoning)
    assert not any("without its tune" in step.text for step in read("rock without lead guitar").reasoning)


def test_a_told_length_stands_in_a_usual_order() -> None:
    planned = sections(read("16 bar verse, rap"))
    assert {count for name, count in planned if name == "verse"} == {16}
    assert "chorus" in dict(planned)
    planned = sections(read("dubstep with a 16 bar intro and a 32 bar drop"))
    assert planned[0] == ("intro", 16)
    assert ("drop", 32) in planned
    assert len(planned) > 2


def test_sections_without_told_lengths_fit_the_duration() -> None:
    understood = read("pop, 120 bpm, intro, 2 verses, chorus, bridge, outro, 60 seconds")
    bars = sum(count for _, count in sections(understood))
    assert abs(bars * 2 + 2.5 - 60) <= 2
    assert found(understood, "technical.duration") == 60


@pytest.mark.parametrize(
    "text",
    ["metal from 100 to 180 bpm, 90 seconds", "pop 118 bpm, ends at 60 bpm, 3 minutes", "pop 100 bpm, half-time bridge, 2 minutes",
     "house 124 bpm with a bridge in D minor, 150 seconds", "rock 130 bpm, intro, verse, chorus, solo, chorus, outro, 75 seconds"],
)  # fmt: skip
def test_planned_songs_last_as_long_as_asked(text: str) -> None:
    song = compose(text, seed=2, candidates=1)
    asked = song.context.get("technical.duration")
    bar = max(60 / change.bpm * 4 for change in song.score.tempo)
    assert abs(song.performance.duration_s - asked) <= bar


@pytest.mark.parametrize(
    ("text", "scale"),
    [("a song not in major", "minor"), ("folk, not in minor", "major"), ("pop, not a minor key", "major"),
     ("a song that isn't in a major key", "minor")],
)  # fmt: skip
def test_a_refused_mode_is_the_other_one(text: str, scale: str) -> None:
    assert {found(read(text, seed=seed), "scale") for seed in range(4)} == {scale}


def test_a_plain_guitar_is_the_genre_s() -> None:
    for text, guitar in (("rock with guitar", "overdriven_guitar"), ("metal with guitars", "distortion_guitar"),
                         ("punk with acoustic guitar", "steel_guitar"), ("folk with guitar", "steel_guitar")):  # fmt: skip
        playing = found(read(text), "instruments")
        assert guitar in playing
        assert ("steel_guitar" in playing) is (guitar == "steel_guitar")


def test_an_asked_double_bass_is_the_only_bass() -> None:
    for text, bass in (
        ("jazz for double bass and piano", "upright_bass"),
        ("orchestral with double bass", "double_bass"),
    ):
        assert [i for i in found(read(text), "instruments") if "bass" in i.split("_")] == [bass]


def test_without_synths_somebody_plays_the_tune() -> None:
    for genre in ("techno", "synthwave", "chiptune"):
        assert {"grand_piano", "fm_piano"} & set(found(read(f"{genre}, no synths"), "instruments"))


def test_an_exact_length_against_told_sections_is_named() -> None:
    understood = read("exactly 3 minutes, verse 8 bars, chorus 8 bars, bridge 8 bars, 120 bpm")
    assert found(understood, "technical.duration") == pytest.approx(50.5)
    assert any("50.5" in c and "180" in c for c in understood.contradictions)


def test_sections_with_told_lengths_win_over_the_duration() -> None:
    understood = read("pop, 120 bpm, verse 8 bars, chorus 8 bars, 3 minutes")
    assert sections(understood) == [("verse", 8), ("chorus", 8)]
    assert found(understood, "technical.duration") == pytest.approx(34.5)
    assert any("34.5" in c for c in understood.contradictions)


def test_a_lift_is_heard_as_that_interval() -> None:
    for steps, words in ((1, "half step"), (2, "whole tone"), (3, "minor third"), (5, "fourth")):
        for key in ("C", "F#", "Bb"):
            shapes = found(read(f"pop in {key} major, last chorus up a {words}"), "sections")
            assert (name_pc(shapes["last chorus"]["key"]) - name_pc(key)) % 12 == steps
