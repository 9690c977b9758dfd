"""Prompts in Spanish, German, French, Italian and Portuguese; and English that only looks like them."""

# ruff: noqa: E501 - a row of a table stays on one line

import pytest

from music.genres import GENRES
from music.tongues import TONGUES, fold
from music.translating import translate
from tests.music.prompts import found, read, sections

KEYS = [
    ("tango en la menor", "A", "minor"), ("pop en re mayor", "D", "major"), ("pop en fa sostenido menor", "F#", "minor"),
    ("pop en si bemol mayor", "Bb", "major"), ("rock en mi menor con guitarra", "E", "minor"), ("pop en do# menor con bajo", "C#", "minor"),
    ("canción en re, triste", "D", "major"), ("jam en re dórico con órgano", "D", "dorian"), ("pop en sib mayor con flauta", "Bb", "major"),
    ("Techno in h-Moll", "B", "minor"), ("Ballade in b-Moll mit Klavier", "Bb", "minor"), ("Walzer in B-Dur", "Bb", "major"),
    ("Walzer in H-Dur", "B", "major"), ("Techno in fis-Moll", "F#", "minor"), ("Marsch in Es-Dur", "Eb", "major"),
    ("Lied in As-Dur", "Ab", "major"), ("Lied in cis moll", "C#", "minor"), ("Lied in Des-Dur", "Db", "major"), ("Lied in H, langsam und traurig", "B", "major"),
    ("Lied in B, langsam und traurig", "Bb", "major"), ("Jazz in d dorisch mit Klavier", "D", "dorian"), ("Stück in der Tonart G-Dur", "G", "major"),
    ("chanson en sol mineur", "G", "minor"), ("valse en si bémol majeur", "Bb", "major"), ("pop en ut majeur", "C", "major"),
    ("techno en do dièse mineur", "C#", "minor"), ("valse en la bémol majeur avec violon", "Ab", "major"),
    ("canzone in la minore", "A", "minor"), ("pop in sol maggiore", "G", "major"), ("pop in do diesis minore", "C#", "minor"),
    ("valzer in mi bemolle maggiore", "Eb", "major"), ("pop em dó maior", "C", "major"), ("samba em fá sustenido menor", "F#", "minor"),
    ("bossa nova em lá menor com violão", "A", "minor"), ("fado em si bemol menor", "Bb", "minor"), ("house in b minor", "B", "minor"),
    ("a slow english song in fis-Moll with the piano", "F#", "minor"),
]  # fmt: skip

# Prompt -> field -> value.
FIELDS = [
    ("vals triste en la menor, dos minutos, sin batería", {"time_signature": "3/4", "genre": ["waltz"], "technical.duration": 120}),
    ("Walzer, traurig, zwei Minuten, ohne Schlagzeug", {"time_signature": "3/4", "genre": ["waltz"], "technical.duration": 120}),
    ("valse triste, trois minutes, sans batterie", {"genre": ["waltz"], "technical.duration": 180}),
    ("valzer triste, un minuto e mezzo, senza batteria", {"genre": ["waltz"], "technical.duration": 90}),
    ("valsa triste, dois minutos e meio, sem bateria", {"genre": ["waltz"], "technical.duration": 150}),
    ("Wiegenlied in Es-Dur, langsam", {"genre": ["lullaby"], "key": "Eb"}),
    ("canción de cuna con caja de música", {"genre": ["lullaby"]}), ("berceuse douce à la harpe", {"genre": ["lullaby"]}),
    ("ninna nanna con arpa", {"genre": ["lullaby"]}), ("canção de ninar com harpa", {"genre": ["lullaby"]}),
    ("Lied im Dreivierteltakt mit Geige", {"time_signature": "3/4"}), ("Klavierballade, 3/4-Takt", {"time_signature": "3/4", "genre": ["pop_ballad"]}),
    ("folclore en tres por cuatro con guitarra", {"time_signature": "3/4"}), ("rock en siete por ocho, rápido", {"time_signature": "7/8"}),
    ("chanson à trois temps avec accordéon", {"time_signature": "3/4"}), ("tarantella in sei ottavi con mandolino", {"time_signature": "6/8", "genre": ["tarantella"]}),
    ("música clásica con violín", {"genre": ["chamber"]}), ("klassische Musik mit Geige", {"genre": ["chamber"]}), ("musique de film épique", {"genre": ["cinematic"]}),
    ("banda sonora épica con coro de voces", {"genre": ["cinematic"]}), ("colonna sonora epica", {"genre": ["cinematic"]}), ("música para meditar, sin percusión, 60 ppm", {"genre": ["ambient"], "tempo": 60}),
    ("Jazzwalzer in d-Moll", {"genre": ["swing", "waltz"], "time_signature": "3/4", "key": "D"}), ("fröhliches Kinderlied mit Blockflöte", {"genre": ["children"]}),
    ("Mittelalter, Laute und Flöte", {"genre": ["medieval"]}), ("rocanrol en la mayor", {"genre": ["rock_and_roll"], "key": "A"}),
    ("ciento veinte ppm, techno oscuro", {"tempo": 120}), ("techno mit hundertzwanzig Schlägen pro Minute, 120 bpm", {"tempo": 120}),
    ("Lied mit den Akkorden C G a-Moll F", {"chord_progression": {"all": ["C", "G", "Am", "F"]}}), ("Popsong in D-Dur mit Klavier", {"genre": ["pop"]}),
    ("cumbia en la menor, minuto y medio", {"technical.duration": 90, "key": "A"}), ("un vals vienés en re mayor", {"genre": ["waltz"], "key": "D"}),
    ("modula a re mayor en el puente, pop en do mayor", {"key": "C", "sections": {"bridge": {"key": "D", "scale": "major"}}}),
    ("pop em dó maior, acordes: C G Am F", {"chord_progression": {"all": ["C", "G", "Am", "F"]}}),
]  # fmt: skip

INSTRUMENTS = [
    ("una pieza con piano, guitarra y violonchelo", {"grand_piano", "cello"}), ("Stück mit Klavier, Geige und Posaune", {"grand_piano", "violin", "trombone"}),
    ("morceau avec violon, hautbois et contrebasse", {"violin", "oboe", "upright_bass"}), ("brano con fisarmonica, tromba e archi", {"accordion", "trumpet", "string_ensemble"}),
    ("peça com violão, flauta e violoncelo", {"nylon_guitar", "flute", "cello"}), ("Lied mit E-Gitarre und Mundharmonika", {"clean_guitar", "harmonica"}),
]  # fmt: skip

ENGLISH = [
    "songs to die for", "do re mi song with a piano", "la la la", "see me do a thing", "in the key of life", "hell metal", "the mayor and me",
    "three minutes of synthwave in 7/8", "allegro con brio, adagio, a slow fugue", "a solo piano piece, still and slow", "die hard action score",
    "alto sax and horn with a final refrain", "six string blues, no more tears", "the art of noise", "gift of song, with strings", "an epic war march",
]  # fmt: skip


@pytest.mark.parametrize(("text", "key", "scale"), KEYS)
def test_keys(text: str, key: str, scale: str) -> None:
    understood = read(text)
    assert (found(understood, "key"), found(understood, "scale")) == (key, scale)


@pytest.mark.parametrize(("text", "fields"), FIELDS)
def test_fields(text: str, fields: dict[str, object]) -> None:
    understood = read(text)
    assert {path: found(understood, path) for path in fields} == fields


@pytest.mark.parametrize(("text", "asked"), INSTRUMENTS)
def test_instruments(text: str, asked: set[str]) -> None:
    assert asked <= set(found(read(text), "instruments"))


@pytest.mark.parametrize(
    "text",
    ["rock sin batería", "Rock ohne Schlagzeug", "rock sans batterie", "rock senza batteria", "rock sem bateria"],
)
def test_without_drums(text: str) -> None:
    assert found(read(text), "creative.constraints") == {"no_drums": True}


@pytest.mark.parametrize(
    ("slow", "fast"),
    [("pop muy lento y triste", "pop muy rápido y alegre"), ("sehr langsamer trauriger Pop", "sehr schneller fröhlicher Pop"),
     ("pop très lent et triste", "pop très rapide et joyeux"), ("pop molto lento, triste e cupo", "pop molto veloce e felice"),
     ("pop muito lento e triste", "pop muito rápido e alegre")],
)  # fmt: skip
def test_tempo_and_mood_words(slow: str, fast: str) -> None:
    low, high = read(slow), read(fast)
    assert found(low, "tempo") + 20 < found(high, "tempo")
    assert found(low, "mood")["valence"] < 0.4 < 0.7 < found(high, "mood")["valence"]


def test_sections_in_other_languages() -> None:
    expected = [("verse", 8), ("chorus", 8), ("verse", 8), ("chorus", 8), ("bridge", 4)]
    assert (
        sections(read("estrofa de 8 compases, estribillo de 8 compases, dos veces, luego un puente de 4 compases"))
        == expected
    )
    assert [name for name, _ in sections(read("Strophe, Refrain, Strophe, Refrain, ohne Schlagzeug"))] == [
        "verse",
        "chorus",
    ] * 2
    assert [name for name, _ in sections(read("couplet, refrain, couplet, refrain, pont, sans batterie"))][
        -1
    ] == "bridge"


@pytest.mark.parametrize("text", ENGLISH)
def test_english_is_left_alone(text: str) -> None:
    assert translate(text).language is None
    assert translate(text).text == text


def test_the_language_is_told() -> None:
    told = [step.text for step in read("vals triste en la menor").reasoning if step.value == "Spanish"]
    assert len(told) == 1
    assert "la menor = A minor" in told[0]


def test_quoted_names_are_not_translated() -> None:
    assert '"La noche triste"' in translate('balada llamada "La noche triste" en re menor con piano').text
    assert read('balada llamada "La noche triste" en re menor con piano').title == "La Noche Triste"


def test_tables_have_the_same_subjects_and_no_word_twice() -> None:
    subjects = {tuple(sorted(tongue.tables)) for tongue in TONGUES}
    assert len(subjects) == 1
    for tongue in TONGUES:
        assert set(tongue.mode_names.values()) >= {
            "major",
            "minor",
            "dorian",
            "phrygian",
            "lydian",
            "mixolydian",
            "locrian",
        }
        assert {note[0] for note in tongue.note_names.values()} == set("ABCDEFG")
        for subject, table in tongue.tables.items():
            words = [fold(w.strip()) for row in table.strip().splitlines() for w in row.rpartition(":")[0].split(",")]
            assert len(words) == len(set(words)), (tongue.name, subject)


def test_genre_words_of_other_languages_stay() -> None:
    for tongue in TONGUES:
        clash = {fold(p) for row in GENRES.values() for p in row.phrases} & set(tongue.words)
        for word in clash:
            assert translate(f"{word}").text == word
