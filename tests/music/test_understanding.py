import json

import pytest

from benchmarks.prompts import prompts
from domain.errors import InvalidPrompt, InvalidValue
from music.genres import GENRES
from music.instruments import INSTRUMENTS
from music.theory import SCALES
from music.understanding import Understanding, understand

# The genres that have to be there, whatever else is.
REQUIRED = {
    "pop", "rock", "folk", "country", "blues", "swing", "jazz_ballad", "bossa_nova", "soul", "funk", "disco", "hip_hop",
    "lo_fi", "trap", "rnb", "house", "techno", "trance", "drum_and_bass", "dubstep", "synthwave", "ambient",
    "cinematic", "chamber", "waltz", "reggae", "salsa", "cumbia", "afrobeat", "metal", "punk", "gospel", "chiptune",
}  # fmt: skip
PROMPTS = [row.prompt for row in prompts()]


def read(text: str, *, enhance: bool = True, level: str = "moderate", seed: int = 3, **given: object) -> Understanding:
    paths = {name.replace("__", "."): value for name, value in given.items()}
    return understand(text, enhance=enhance, level=level, given=paths, seed=seed)


def musical(text: str, **options: object) -> dict:
    return read(text, **options).patch["musical"]  # type: ignore[arg-type]


def test_the_first_song() -> None:
    u = read("melancholic lo-fi hip hop with rhodes and a dusty beat, 75 bpm, in F minor, about one minute")
    m = u.patch["musical"]
    assert (m["tempo"], m["key"], m["scale"], m["genre"][0]) == (75, "F", "minor", "lo_fi")
    assert u.patch["technical"]["duration"] == 60
    assert {"rhodes", "lofi_kit"} <= set(m["instruments"])
    assert any(INSTRUMENTS[i].family.endswith("bass") for i in m["instruments"])
    assert m["mood"]["valence"] < 0.4
    assert "dusty" in u.patch["creative"]["style_modifiers"]
    assert u.contradictions == []


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("pop at 120.5 BPM", "tempo", 120.5),
        ("one hundred twenty bpm techno", "tempo", 120),
        ("rock, tempo: 140", "tempo", 140),
        ("a song in F# minor", "key", "F#"),
        ("a song in B flat major", "key", "Bb"),
        ("ballad in E♭ major", "key", "Eb"),
        ("key of Ab, soul", "key", "Ab"),
        ("house in Am", "scale", "minor"),
        ("a minor key folk tune", "scale", "minor"),
        ("jam in D dorian", "scale", "dorian"),
        ("punk in G", "key", "G"),
        ("metal in 7/8", "time_signature", "7/8"),
        ("a lovely waltz", "time_signature", "3/4"),
        ("open all day 24/7 pop", "time_signature", "4/4"),
        ("D&B roller", "genre", ["drum_and_bass"]),
        ("melancolic synthwav", "genre", ["synthwave"]),
        ("something with distorted guitars", "genre", ["metal"]),
        ("pop with chords C G Am F", "chord_progression", {"all": ["C", "G", "Am", "F"]}),
        ("pop in C, I-V-vi-IV", "chord_progression", {"all": ["C", "G", "Am", "F"]}),
        ("C minor pop i-VI-III-VII", "chord_progression", {"all": ["Cm", "Ab", "Eb", "Bb"]}),
        ("verse chords: Am F C G; chorus chords: F G C Am", "chord_progression",
         {"verse": ["Am", "F", "C", "G"], "chorus": ["F", "G", "C", "Am"]}),
    ],
)  # fmt: skip
def test_facts(text: str, path: str, value: object) -> None:
    assert musical(text)[path] == value


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("ambient, 2:30", 150), ("two and a half minutes of jazz", 150), ("half a minute of rock", 30), ("pop, 45s", 45),
     ("80s pop song, 90 seconds", 90), ("a minute and a half of folk", 90), ("1 minute 20 seconds of trance", 80),
     ("a 75-second song", 75)],
)  # fmt: skip
def test_durations(text: str, seconds: float) -> None:
    assert read(text).patch["technical"]["duration"] == seconds


def test_a_decade_is_no_duration() -> None:
    assert read("80s pop").patch["technical"]["duration"] == GENRES["synthwave"].duration


@pytest.mark.parametrize(
    ("text", "word"),
    [("techno at 5000 bpm", "5000"), ("key H#, pop", "H#"),
     ("15 hours of ambient", "15 hours"), ("pop in 9/0 time", "9/0"),
     ("pop, 3 seconds", "3 s")],
)  # fmt: skip
def test_the_impossible_is_named(text: str, word: str) -> None:
    with pytest.raises(InvalidValue, match=word):
        read(text)


def test_prompts_that_are_none() -> None:
    for text in ("", "   ", "x" * 10_001):
        with pytest.raises(InvalidPrompt):
            read(text)


@pytest.mark.parametrize("text", ["🎹🎹🎹", "…", "\u202eabc", "1 " * 4000, "I V " * 2400, "verse, " * 1200])
def test_anything_printable_is_read(text: str) -> None:
    u = read(text)
    assert u.patch["musical"]["key"]
    assert u.title


def test_what_is_left_out() -> None:
    u = read("pop with guitar, no drums")
    assert u.patch["creative"]["constraints"]["no_drums"] is True
    assert not any(INSTRUMENTS[i].is_drum for i in u.patch["musical"]["instruments"])
    assert "slap_bass" not in musical("funk without slap bass")["instruments"]


def test_solo_means_alone() -> None:
    assert musical("solo piano in C")["instruments"] == ["grand_piano"]


def test_named_instruments_are_in_the_band() -> None:
    band = musical("house with sitar, kalimba and a harmonica")["instruments"]
    assert {"sitar", "kalimba", "harmonica"} <= set(band)


def test_contradictions_are_named() -> None:
    assert any("slow" in c and "180" in c for c in read("slow metal, 180 bpm").contradictions)
    assert any("4/4" in c for c in read("a waltz in 4/4").contradictions)
    assert read("happy but heartbroken pop").contradictions


def test_mood_moves_tempo_and_mode() -> None:
    calm = [musical("calm sad pop song", seed=s) for s in range(12)]
    wild = [musical("ecstatic happy pop song", seed=s) for s in range(12)]
    assert sum(m["tempo"] for m in calm) < sum(m["tempo"] for m in wild)
    assert sum(m["scale"] == "minor" for m in calm) > sum(m["scale"] == "minor" for m in wild)


def test_seeds_give_other_keys_and_tempos() -> None:
    read_ = [musical("a pop song", seed=s) for s in range(12)]
    assert len({(m["key"], m["scale"], m["tempo"]) for m in read_}) >= 10


def test_prompts_without_a_mood_have_titles_of_their_own() -> None:
    titles = {
        read(text).title for text in ("pop", "a pop song", "pop in C", "pop, 120 bpm", "k-pop", "city pop", "soul")
    }
    assert len(titles) >= 5


def test_what_the_person_set_wins() -> None:
    u = read("pop in C major, 120 bpm", musical__tempo=90, musical__key="F", musical__scale="minor")
    assert not {"tempo", "key", "scale"} & set(u.patch["musical"])
    assert "90 bpm" in u.enhanced_prompt
    assert "F minor" in u.enhanced_prompt
    assert {step.field for step in u.reasoning if step.source == "person"} >= {"musical.tempo", "musical.key"}


def test_without_enhancement_the_prompt_stays() -> None:
    text = "soul, 90 bpm, in D"
    u = read(text, enhance=False)
    assert u.enhanced_prompt == text
    assert u.patch["musical"]["tempo"] == 90
    assert {"key", "scale", "genre", "mood", "instruments"} <= set(u.patch["musical"])
    assert "style_modifiers" not in u.patch["creative"]


def test_levels_add_more_and_more() -> None:
    bands = [musical("a disco song", level=level)["instruments"] for level in ("light", "moderate", "strong")]
    assert len(bands[0]) < len(bands[1]) < len(bands[2])
    with pytest.raises(InvalidValue, match="wild"):
        read("pop", level="wild")


@pytest.mark.parametrize("text", PROMPTS)
def test_own_prompts(text: str) -> None:
    u = read(text)
    m = u.patch["musical"]
    json.dumps(u.patch)
    assert m["scale"] in SCALES
    assert all(g in GENRES for g in m["genre"])
    assert all(i in INSTRUMENTS for i in m["instruments"])
    assert 40 <= m["tempo"] <= 220
    assert 20 <= u.patch["technical"]["duration"] <= 900
    assert 0 < len(u.title) <= 60
    assert len(u.reasoning) >= 7
    assert read(text) == u


def test_every_genre_has_prompts() -> None:
    assert len(PROMPTS) >= 100
    asked = {musical(p)["genre"][0] for p in PROMPTS}
    assert asked <= set(GENRES)
    assert asked >= REQUIRED


def test_a_title_says_no_word_twice() -> None:
    titles = [read("summer pop", seed=seed).title.split() for seed in range(12)]
    assert all(first == "Summer" != second for first, second in titles)
    assert len({second for _, second in titles}) > 1
