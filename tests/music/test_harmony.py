import numpy as np
import pytest

from domain.score import SectionKind
from music.functions import TEMPLATES, VOCABULARIES, phrase
from music.genres import GENRES
from music.progressions import LANGUAGES
from music.substitutions import RATES, RULES, elaborated
from music.theory import numeral_chord, parse_chord
from tests.music.material import harmony

K = SectionKind


def test_every_chord_of_the_grammar_can_be_played() -> None:
    for _, major, minor in VOCABULARIES.values():
        for vocabulary in (major, minor):
            assert set(vocabulary) == {"T", "P", "S", "D"}
            for chords in vocabulary.values():
                for numeral in chords:
                    for key in ("C", "Eb", "F#"):
                        parse_chord(numeral_chord(numeral, key))


def test_phrases_have_their_functions() -> None:
    rng = np.random.default_rng(1)
    for language, (share, major, _) in VOCABULARIES.items():
        made = [p for _ in range(60) if (p := phrase(language, "major", "verse", 0.5, rng)) is not None]
        assert abs(len(made) / 60 - share) < 0.25
        for text in made:
            first, *_, last = text.split(" | ")
            assert first in major["T"]
            assert last in {*major["D"], *major["S"]}
    assert all(set(t.split()) <= set("TPSD") for templates in TEMPLATES.values() for t in templates)
    assert phrase("techno", "minor", "verse", 0.5, rng) is None


def test_dark_moods_choose_darker_chords() -> None:
    def flats(valence: float) -> float:
        rng = np.random.default_rng(3)
        texts = [phrase("metal", "minor", "chorus", valence, rng) or "" for _ in range(300)]
        return sum(text.count("b") + text.count("iv") for text in texts)

    assert flats(0.1) > flats(0.9)


@pytest.mark.parametrize(
    ("rule", "bars", "at", "becomes"),
    [
        ("secondary", "I | I | ii | V", 1, "I VI7"),
        ("secondary", "I | iii | vi | IV", 1, "iii III7"),
        ("two_five", "I | vi | V | I", 2, "ii V"),
        ("two_five", "i | bVI | V7 | i", 2, "iim7b5 V7"),
        ("tritone", "ii | V7 | I | I", 1, "bII7"),
        ("backdoor", "IV | V | I | I", 1, "iv bVII7"),
        ("plagal", "I | IV | I | V", 1, "IV iv"),
        ("passing", "IV | I | ii | V", 1, "I #idim7"),
        ("sus", "I | IV | V | I", 2, "Vsus4 V"),
        ("inverted", "I | V | vi | IV", 1, "V/7"),
        ("inverted", "i | bVII | bVI | V", 1, "v/b7"),
        ("cliche", "i | i | bVI | V", 0, "i imaj7"),
        ("faster", "I | vi | ii | V", 3, "IV V"),
    ],
)
def test_substitution_rules(rule: str, bars: str, at: int, becomes: str) -> None:
    assert RULES[rule]([bar.split() for bar in bars.split(" | ")], at) == becomes.split()


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_does_not_apply_everywhere(rule: str) -> None:
    assert any(RULES[rule]([["i"], ["bII"], ["i"], ["bII"]], at) is None for at in range(4))


def test_elaborated_phrases_stay_readable_and_keep_their_home() -> None:
    rng = np.random.default_rng(0)
    changed = 0
    for language, modes in LANGUAGES.items():
        for slots in modes.values():
            for text in (t for choices in slots.values() for t in choices):
                plain = [bar.split() for bar in text.split("|")]
                richer = elaborated(plain, language, rng)
                assert richer[0] == plain[0]
                assert len(richer) == len(plain)
                changed += richer != plain
                for bar in richer:
                    for numeral in bar:
                        parse_chord(numeral_chord(numeral, "D"))
    assert changed > 50
    assert set(RATES) <= set(LANGUAGES)
    assert all(set(rates) <= set(RULES) for rates in RATES.values())


def test_sections_close_and_open() -> None:
    for genre in ("pop", "folk", "cinematic", "synthwave", "gospel"):
        for scale in ("major", "minor"):
            h = harmony(genre, scale=scale)
            assert parse_chord(h.of(K.CHORUS).chords[-1].symbol).root == 5
            assert parse_chord(h.of(K.VERSE).chords[-1].symbol).root != 5


def test_a_single_section_has_its_own_chords() -> None:
    asked = {"verse": ["Fm", "Db"], "verse 2": ["Bbm7 Eb7", "Ab"]}
    h = harmony(progression=asked)
    own = next(s for s in h.sections if s.name == "verse 2")
    assert own.kind is K.VERSE
    assert [c.symbol for c in own.chords[:3]] == ["Bbm7", "Eb7", "Ab"]
    assert own.by_bar(4) == ("Bbm7 Eb7", "Ab", "Bbm7 Eb7", "Ab")
    assert [c.symbol for c in h.of(K.VERSE).chords[:2]] == ["Fm", "Db"]
    assert h.of(K.VERSE).given
    assert not h.of(K.CHORUS).given


def test_another_take_changes_one_section_alone() -> None:
    plain, again = harmony(), harmony(takes={"bridge": 2})
    *same, own = again.sections
    assert tuple(same) == plain.sections
    assert (own.kind, own.name) == (K.BRIDGE, "bridge")
    assert own.chords != plain.of(K.BRIDGE).chords
    assert harmony(takes={"bridge": 1}) == plain
    assert harmony(takes={"bridge": 3}).sections[-1].chords != own.chords
    single = harmony(takes={"verse 2": 2})
    assert {s.name for s in single.sections} == {None, "verse 2"}


def test_songs_of_a_genre_do_not_share_their_chords() -> None:
    for genre in ("pop", "lo_fi", "folk", "cinematic"):
        verses = {tuple(c.symbol for c in harmony(genre, seed=s).of(K.VERSE).chords) for s in range(20)}
        assert len(verses) >= 10, genre


def test_extensions_belong_to_the_genre() -> None:
    def extended(genre: str) -> float:
        chords = [c for s in range(4) for section in harmony(genre, seed=s).sections for c in section.chords]
        return float(np.mean([len(parse_chord(c.symbol).intervals) > 3 for c in chords]))

    assert extended("lo_fi") > 0.9
    assert extended("metal") < 0.3
    assert 0.03 < extended("pop") < 0.5
    assert all(GENRES[g].language in LANGUAGES for g in GENRES)


def test_minor_phrases_lead_back_by_the_dominant() -> None:
    ends = [
        parse_chord(section.chords[-1].symbol)
        for seed in range(12)
        for section in harmony("pop", seed=seed).sections
        if section.kind is K.VERSE
    ]
    assert np.mean([chord.root == 0 and not chord.is_minor for chord in ends]) > 0.5
