"""Contradictions, unknown genres, emoji, floods of letters, absurd and impossible wishes."""

# ruff: noqa: E501 - a row of a table stays on one line

import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import InvalidInput, InvalidValue
from music.lexicon import EMOJI
from music.understanding import Understanding
from tests.music.prompts import found, read

# Prompt -> words that a contradiction names.
CONTRADICTIONS = [
    ("slow 180 bpm techno", ("slow", "180")), ("fast 60 bpm ballad", ("fast", "60")), ("adagio at 170 bpm", ("adagio", "170")),
    ("happy and depressing pop", ("happy", "depressing")), ("in F minor, bright major key", ("F minor", "major key")),
    ("house 120 bpm, 128 bpm", ("120", "128")), ("pop in A minor and C# major", ("A minor", "C# major")),
    ("rock in 4/4 but also 3/4", ("4/4", "3/4")), ("a waltz in 4/4", ("waltz", "4/4")), ("calm furious metal", ("calm", "furious")),
    ("no drums but with drums", ("Acoustic kit", "left out")), ("2 minutes or maybe 5 minutes of pop", ("2 minutes", "5 minutes")),
    ("chords: Hm13b99 C#####7 Am F C", ("Hm13b99",)), ("chords: Am F C G, chords: C D E F", ("second chord list",)),
    ("verse, chorus, verse, chorus, bridge at 90 bpm", ()), ("verse 8 bars, chorus 8 bars. And 90 bpm in the bridge", ("bridge",)),
    ("fast and slow at once", ("slow and fast",)),
]  # fmt: skip

# Prompt -> words of the refusal.
IMPOSSIBLE = [
    ("tempo 5000", "5000"), ("techno at 0 bpm", "0 bpm"), ("bridge at 900 bpm", "900"), ("10 hours of ambient", "10 hours"),
    ("pop, 3 seconds", "3 s"), ("pop in 17/3", "17/3"), ("metre 0/4", "0/4"), ("pop in 9/0 time", "9/0"),
    ("a song in the key of K", "'K'"), ("key H#, pop", "H#"), ("in the key of Z minor", "'Z'"), ("verse of 0 bars, chorus 8 bars", "0 bars"),
    ("0 bar intro", "0 bar"), ("last chorus up 40 semitones", "40 semitones"),
]  # fmt: skip

# Unknown name -> (genres, what is told).
UNKNOWN = [
    ("goblincore", ["medieval"], "goblincore"), ("space western shantycore", ["country", "sea_shanty"], "shantycore"),
    ("cottagecore", ["folk"], "cottagecore"), ("dungeonwave", ["dark_ambient"], "dungeonwave"), ("flurbwave", ["synthwave"], "flurbwave"),
    ("robotfunk", ["synthwave"], "robotfunk"), ("wizardcore with harp", ["medieval"], "wizardcore"), ("zorptronica", ["edm"], "zorptronica"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "named"), CONTRADICTIONS)
def test_contradictions_are_named(text: str, named: tuple[str, ...]) -> None:
    understood = read(text)
    assert bool(understood.contradictions) is bool(named)
    assert all(any(word in told for told in understood.contradictions) for word in named)


@pytest.mark.parametrize(("text", "named"), IMPOSSIBLE)
def test_the_impossible_is_refused(text: str, named: str) -> None:
    with pytest.raises(InvalidValue, match=named.replace("'", "['\"]")):
        read(text)


@pytest.mark.parametrize(("text", "genres", "told"), UNKNOWN)
def test_unknown_genres_are_read_from_their_parts(text: str, genres: list[str], told: str) -> None:
    understood = read(text)
    assert found(understood, "genre") == genres
    reason = next(step for step in understood.reasoning if step.field == "musical.genre")
    assert f'"{told}" is not in the genre table' in reason.text
    assert reason.confidence < 0.97


@pytest.mark.parametrize(
    ("text", "first"),
    [("funky disco house", "disco"), ("jazzy house", "house"), ("celtic folk dance", "celtic"), ("acoustic pop ballad", "acoustic"),
     ("classical guitar tango", "tango"), ("indie folk", "folk"), ("epic metal", "metal"), ("dance punk", "punk"), ("not jazz, just folk", "folk")],
)  # fmt: skip
def test_the_telling_genre_leads(text: str, first: str) -> None:
    assert found(read(text), "genre")[0] == first


@pytest.mark.parametrize("word", ["score", "workshop", "heartbeat", "lighthouse", "microwave", "encore"])
def test_ordinary_words_are_no_genres(word: str) -> None:
    assert not any("not in the genre table" in step.text for step in read(f"pop about a {word}").reasoning)


def test_spelling_slips_are_told() -> None:
    understood = read("melancolic synthwav")
    assert found(understood, "genre") == ["synthwave"]
    assert any("synthwav (read as synthwave)" in step.text for step in understood.reasoning)


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [("👾 song", "genre", ["chiptune"]), ("🤠🐎 song", "genre", ["country"]), ("🎻 in G minor", "genre", ["chamber"]),
     ("🏴‍☠️ song", "genre", ["sea_shanty"]), ("🤘🔥", "genre", ["metal"]), ("🌊", "genre", ["ambient"])],
)  # fmt: skip
def test_emoji_mean_something(text: str, path: str, value: object) -> None:
    assert found(read(text), path) == value


def test_emoji_have_moods() -> None:
    assert found(read("pop 🌧️😢"), "mood")["valence"] < 0.35
    assert found(read("pop 🎉🔥"), "mood")["arousal"] > 0.8
    assert all(read(sign) for sign in EMOJI)


def test_an_absurd_chord_does_not_spoil_the_list() -> None:
    understood = read("chords: Hm13b99 C#####7 Am F C")
    assert found(understood, "chord_progression") == {"all": ["Am", "F", "C"]}
    assert len(understood.contradictions) == 2


def test_a_fade_is_told_to_be_none() -> None:
    told = [step.text for step in read("soul that ends with a fade").reasoning]
    assert any("fade-out is not made" in text for text in told)


FLOODS = [
    "in a minor ", "120 bpm ", "chorus at 90 bpm ", "no drums ", "I V ", "Am F ", "| Dm7 G7 ", "🎉🔥", "verse x2, ", "C#####7 ",
    "key change up a whole step in the last chorus ", "ein trauriges Lied in h-Moll mit Klavier, ", "goblincore ", "-", "#", '"', "1 ",
    "half-time bridge ", "1-5-6-4-", "from 80 to 120 bpm ", "\u202e", "a\u0301", "İ", "ß",
]  # fmt: skip


@pytest.mark.parametrize("flood", FLOODS)
def test_ten_thousand_characters(flood: str) -> None:
    """Each is read within 150 ms of processor time; a second of it is refused here, so that busy machines pass."""
    text = (flood * (10_000 // len(flood)))[:10_000]
    before = time.process_time()
    assert read(text).title
    assert time.process_time() - before < 1.0


_WORDS = st.sampled_from(
    ["pop", "in", "C", "minor", "chorus", "bridge", "at", "120", "bpm", "8", "bars", "twice", "no", "drums", "x2", "|", "Am", "F#m7b5",
     "IV", "bVII", "key", "change", "up", "a", "step", "verse:", "3/4", "17/3", "2:30", "seconds", "goblincore", "sin", "batería",
     "h-Moll", "la", "menor", "🎉", "from", "to", "half-time", "last", "second", "ends", "exactly", "7", "-", ",", "(", ")", "H"]
)  # fmt: skip


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.one_of(
        st.text(min_size=1, max_size=300),
        st.text(alphabet=string.printable, min_size=1, max_size=300),
        st.lists(_WORDS, min_size=1, max_size=40).map(" ".join),
        st.lists(_WORDS, min_size=1, max_size=40).map("".join),
    )
)
def test_any_text_is_understood_or_refused(text: str) -> None:
    first, again = (_read_or_refused(text) for _ in range(2))
    assert first == again
    if isinstance(first, str):
        assert len(first) > 20
    else:
        assert 20 <= found(first, "tempo") <= 400
        assert found(first, "instruments")
        assert 20 <= found(first, "technical.duration") <= 900


def _read_or_refused(text: str) -> Understanding | str:
    try:
        return read(text)
    except InvalidInput as refused:
        return refused.message
