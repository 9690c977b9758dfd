import json
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.score import Role, Score, Section, SectionKind
from music.casting import cast
from music.composing import Composition, compose
from music.genres import genre
from music.layers import active_chairs, late_entries
from music.modulation import distance, moved_symbol
from music.theory import name_pc, parse_chord
from tests.music.songs import changed, song

K = SectionKind
PROMPTS = (
    "pop song with piano, 110 bpm, D major, two minutes", "lo-fi hip hop, 76 bpm, F minor, 90 seconds",
    "swing with tenor sax, 150 bpm, 90 seconds", "waltz for strings, G major, 90 seconds",
    "house, 124 bpm, A minor, two minutes", "folk in 6/8 with flute, 90 seconds",
)  # fmt: skip


def section_bytes(score: Score, section: Section) -> bytes:
    """All notes and chords of a section, counted from where it starts."""
    bar = score.time_signature.beats_per_bar
    start, stop = section.start_bar * bar, (section.start_bar + section.bars) * bar

    def inside() -> Iterator[object]:
        for chord in score.chords:
            if start - 1e-6 <= chord.start < stop - 1e-6:
                yield ["chord", round(chord.start - start, 6), round(chord.duration, 6), chord.symbol]
        for part in score.parts:
            if part.role is Role.EFFECTS:
                continue
            for n in part.notes:
                if start - 1e-6 <= n.start < stop - 1e-6:
                    yield [part.id, round(n.start - start, 6), round(n.duration, 6), n.pitch, n.velocity]

    return json.dumps(list(inside())).encode()


@settings(max_examples=25, deadline=None)
@given(prompt=st.sampled_from(PROMPTS), seed=st.integers(1, 3), pick=st.integers(0, 20), take=st.integers(2, 4))
def test_another_take_of_a_section_leaves_every_other_bit_alone(prompt: str, seed: int, pick: int, take: int) -> None:
    plain = song(prompt, seed)
    target = plain.score.sections[pick % len(plain.score.sections)]
    again = changed(prompt, seed, takes={target.name: take})
    assert [s.name for s in again.score.sections] == [s.name for s in plain.score.sections]
    for before, after in zip(plain.score.sections, again.score.sections, strict=True):
        same = section_bytes(plain.score, before) == section_bytes(again.score, after)
        assert same != (before.name == target.name) or before.kind in {K.INTRO, K.BREAK}, before.name


def test_other_chords_in_one_section_leave_the_others_alone() -> None:
    plain = song(PROMPTS[0])
    again = changed(PROMPTS[0], chord_progression={"verse 2": ["Bm", "G", "D", "A7"]})
    for before, after in zip(plain.score.sections, again.score.sections, strict=True):
        assert (section_bytes(plain.score, before) == section_bytes(again.score, after)) == (before.name != "verse 2")


def test_a_section_can_be_in_another_key() -> None:
    prompt = "pop song, D major, 110 bpm, two minutes"
    plain = song(prompt)
    made = changed(prompt, sections={"bridge": {"key": "F"}} if _has(plain, K.BRIDGE) else {"verse 2": {"key": "F"}})
    moved = "bridge" if _has(plain, K.BRIDGE) else "verse 2"
    section = next(s for s in made.score.sections if s.name == moved)
    start = section.start_bar * 4
    assert made.score.key_at(start) == ("F", "major")
    assert made.score.key_at(0) == ("D", "major")
    lead = [n.pitch for p in made.score.parts if p.role is Role.LEAD for n in p.notes]
    scale = {(name_pc("F") + i) % 12 for i in (0, 2, 4, 5, 7, 9, 11)}
    inside = [
        n.pitch % 12 in scale
        for p in made.score.parts
        if not p.is_drum and p.role is not Role.EFFECTS
        for n in p.notes
        if start <= n.start < start + section.bars * 4
    ]
    assert lead
    assert np.mean(inside) > 0.9
    other = [s for s in plain.score.sections if s.name != moved]
    for before, after in zip(other, [s for s in made.score.sections if s.name != moved], strict=True):
        assert section_bytes(plain.score, before) == section_bytes(made.score, after)


def _has(made: Composition, kind: SectionKind) -> bool:
    return any(s.kind is kind for s in made.score.sections)


@pytest.mark.parametrize(
    ("symbol", "home", "new", "becomes"),
    [
        ("Am", ("C", "major"), ("D", "major"), "Bm"),
        ("G7/B", ("C", "major"), ("Eb", "major"), "Bb7/D"),
        ("F", ("C", "major"), ("F#", "major"), "B"),
        ("Am", ("A", "minor"), ("A", "major"), "A"),
        ("G", ("A", "minor"), ("A", "major"), "E"),
        ("Dm7", ("A", "minor"), ("A", "major"), "Dmaj7"),
        ("C", ("C", "major"), ("C", "minor"), "Cm"),
        ("Am", ("C", "major"), ("C", "minor"), "Ab"),
        ("Fmaj7", ("C", "major"), ("C", "minor"), "Fm7"),
    ],
)
def test_chords_move_to_their_place_in_the_new_key(
    symbol: str, home: tuple[str, str], new: tuple[str, str], becomes: str
) -> None:
    assert moved_symbol(symbol, home, new) == becomes


def test_keys_move_the_short_way() -> None:
    assert distance("C", "Bb") == -2
    assert distance("C", "F#") == 6
    assert distance("A", "C") == 3


def test_a_section_can_have_another_tempo() -> None:
    made = changed(PROMPTS[0], sections={"chorus": {"tempo": 130.0}})
    for section in made.score.sections[:-1]:
        bpm = next(c.bpm for c in reversed(made.score.tempo) if c.start <= section.start_bar * 4)
        assert bpm == (130.0 if section.kind is K.CHORUS else 110.0)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_at_most_two_layers_join_at_once(prompt: str) -> None:
    made = song(prompt)
    score = made.score
    bar = score.time_signature.beats_per_bar
    entered: dict[str, float] = {
        p.id: p.notes[0].start for p in score.parts
        if p.role not in (Role.DRUMS, Role.BASS, Role.LEAD, Role.EFFECTS, Role.PERCUSSION)
    }  # fmt: skip
    impact = {s.start_bar * bar for s in score.sections if s.kind in {K.CHORUS, K.DROP} or s.bars < 4}
    by_bar: dict[int, int] = {}
    for start in entered.values():
        by_bar[int(start // bar)] = by_bar.get(int(start // bar), 0) + 1
    for number, count in by_bar.items():
        assert count <= 2 or number * bar in impact, (number, count)


def test_the_opening_belongs_to_one_player() -> None:
    made = song("cinematic with strings, piano, harp and choir, two minutes")
    sections = made.score.sections
    style = genre(made.context.get("musical.genre")[0])
    chairs = cast(made.context.get("musical.instruments"), style, {})
    playing = active_chairs(sections, chairs, style)
    waits = late_entries(sections, chairs, playing)
    if sections[0].kind is K.INTRO and sections[0].bars >= 4:
        calm = [
            c for c in chairs if c.id in playing[sections[0].name] and c.role not in (Role.BASS, Role.LEAD, Role.DRUMS)
        ]
        assert sum((sections[0].name, c.id) not in waits and c.role is not Role.EFFECTS for c in calm) <= 1


@pytest.mark.parametrize("prompt", PROMPTS)
def test_choruses_are_bigger_than_verses(prompt: str) -> None:
    for seed in (1, 2, 3):
        score = song(prompt, seed).score
        verse = [s for s in score.sections if s.kind is K.VERSE]
        chorus = [s for s in score.sections if s.kind in {K.CHORUS, K.DROP}]
        if not verse or not chorus:
            continue

        def force(sections: list[Section], of: Score) -> float:
            bar = of.time_signature.beats_per_bar
            total = sum(
                n.velocity**2 * min(n.duration, 1.0)
                for p in of.parts
                for n in p.notes
                for s in sections
                if s.start_bar * bar <= n.start < (s.start_bar + s.bars) * bar
            )
            return total / sum(s.bars for s in sections)

        assert force(chorus, score) > force(verse, score)


def test_nothing_sounds_past_its_section() -> None:
    for prompt in PROMPTS:
        score = song(prompt).score
        bar = score.time_signature.beats_per_bar
        ends = [(s.start_bar * bar, (s.start_bar + s.bars) * bar) for s in score.sections]
        for part in score.parts:
            if part.role is Role.EFFECTS:
                continue
            for note in part.notes:
                stop = next(e for b, e in ends if b - 1e-6 <= note.start < e - 1e-6)
                assert note.start + note.duration <= stop + 1e-6


def test_a_song_ends_at_home() -> None:
    for prompt in PROMPTS:
        made = song(prompt)
        final = parse_chord(made.score.chords[-1].symbol)
        assert final.root == name_pc(made.score.key)
        lead = next(p for p in made.score.parts if p.role is Role.LEAD)
        assert lead.notes[-1].pitch % 12 == final.root


def test_equal_arguments_give_an_equal_song() -> None:
    assert compose(PROMPTS[1], seed=9).score == compose(PROMPTS[1], seed=9).score
    assert compose(PROMPTS[1], seed=9).score != compose(PROMPTS[1], seed=10).score
