import json
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.score import Chord, Note, Role, Score, Section, SectionKind
from music.casting import cast
from music.composing import Composition, compose
from music.genres import genre
from music.layers import active_chairs, late_entries
from music.modulation import distance, moved_symbol
from music.theory import name_pc, parse_chord
from music.tonalweight import lean_home, strength_of
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
        ("G/B", ("C", "major"), ("C", "mixolydian"), "Gm/Bb"),
        ("A7/C#", ("C", "major"), ("C", "minor"), "Abmaj7/C"),
        ("G", ("C", "major"), ("C", "lydian"), "G"),
        ("C", ("C", "major"), ("C", "minor"), "Cm"),
        ("Am", ("C", "major"), ("C", "minor"), "Ab"),
        ("Fmaj7", ("C", "major"), ("C", "minor"), "Fm7"),
    ],
)
def test_chords_move_to_their_place_in_the_new_key(
    symbol: str, home: tuple[str, str], new: tuple[str, str], becomes: str
) -> None:
    assert moved_symbol(symbol, home, new) == becomes


def test_another_mode_moves_tune_and_bass_with_the_chords() -> None:
    for new in ({"scale": "major"}, {"key": "C", "scale": "major"}):
        made = compose(
            "rock song in A minor, 120 bpm, two minutes", seed=2, wishes={"musical": {"sections": {"chorus": new}}}
        )
        bass = next(p for p in made.score.parts if p.role is Role.BASS)
        roots = []
        for chord in made.score.chords:
            note = next((n for n in bass.notes if abs(n.start - chord.start) < 1e-6), None)
            if note is not None:
                roots.append(note.pitch % 12 == parse_chord(chord.symbol).bass)
        assert np.mean(roots) > 0.97


def test_chords_given_for_a_section_sound_as_written_in_whatever_key_it_is() -> None:
    structure = [{"name": n, "duration": 4} for n in ("verse", "bridge", "chorus")]
    wishes = {
        "key": "C", "scale": "major", "structure": structure, "sections": {"bridge": {"key": "D"}},
        "chord_progression": {"bridge": ["D", "G", "A7/C#", "D"]},
    }  # fmt: skip
    score = changed("pop song, 110 bpm", **wishes).score
    assert [c.symbol for c in score.chords if 16 <= c.start < 32] == ["D", "G", "A7/C#", "D"]
    moved = changed("pop song, 110 bpm", **{**wishes, "chord_progression": {"bridge": ["I", "IV", "V", "I"]}}).score
    assert [c.symbol for c in moved.chords if 16 <= c.start < 32] == ["D", "G", "A", "D"]


@pytest.mark.parametrize("genre", ["pop", "reggae", "swing", "folk", "rock", "house"])
def test_given_chords_are_played_from_the_first_bar_to_the_last(genre: str) -> None:
    asked = ["C Am F G", "C"] if genre != "swing" else ["Dm7 G7", "Cmaj7 A7", "Dm7 G7", "Cmaj7"]
    made = changed(f"{genre} song, 110 bpm, 60 seconds", key="C", scale="major", chord_progression={"all": asked})
    chordal = [
        n
        for p in made.score.parts
        if p.role in (Role.KEYS, Role.GUITAR, Role.PAD, Role.STRINGS, Role.BRASS, Role.ARPEGGIO, Role.BASS)
        for n in p.notes
    ]

    def heard(chord: Chord) -> bool:
        tones, end = parse_chord(chord.symbol).pitch_classes, chord.start + chord.duration
        struck = any(chord.start - 0.3 <= n.start < end - 0.05 and n.pitch % 12 in tones for n in chordal)
        return struck or any(n.start < chord.start + 0.1 and n.start + n.duration > chord.start + 0.3 for n in chordal)

    silent = [(c.start, c.symbol) for c in made.score.chords if not heard(c)]
    assert not silent


def test_two_chords_in_the_last_bar_are_both_heard() -> None:
    structure = [{"name": "verse", "duration": 4}, {"name": "chorus", "duration": 4}]
    score = changed(
        "pop song, 110 bpm", key="C", scale="major", structure=structure,
        chord_progression={"all": ["C", "F", "Dm7", "G7 C"]},
    ).score  # fmt: skip
    bass = next(p for p in score.parts if p.role is Role.BASS)
    assert [(n.start, n.pitch % 12) for n in bass.notes if n.start >= 28] == [(28, 7), (30, 0)]


def test_a_last_section_of_one_bar() -> None:
    structure = [{"name": "verse", "duration": 8}, {"name": "outro", "duration": 1}]
    score = changed("pop song, G major", structure=structure).score
    assert parse_chord(score.chords[-1].symbol).root == 7
    assert score.bars == 9


def test_a_muted_effect_is_silent() -> None:
    wishes = {"transitions": {"chorus": "riser"}}
    plain = changed("pop song, two minutes", **wishes).score
    assert any(p.role is Role.EFFECTS for p in plain.parts)
    ids = [p.id for p in plain.parts if p.role is Role.EFFECTS]
    everywhere = {s.kind.value: {"mute": ids} for s in plain.sections}
    assert not any(
        p.role is Role.EFFECTS for p in changed("pop song, two minutes", **wishes, sections=everywhere).score.parts
    )


def test_everybody_who_was_asked_plays() -> None:
    asked = ["finger_bass", "violin", "flute", "tuba", "grand_piano", "oboe", "sub_bass"]
    score = changed("chamber music, two minutes", instruments=asked).score
    assert {p.instrument for p in score.parts} == set(asked)


def test_players_lean_on_the_tonic() -> None:
    notes = [Note(pitch=p, start=0, duration=1, velocity=80) for p in (57, 64, 67, 60)]
    home, fifth, seventh, third = (n.velocity for n in lean_home(notes, "A", "minor"))
    assert home > fifth > third > seventh
    assert strength_of(["Am", "F", "C", "G"], "A", "minor") > strength_of(["Am", "Dm", "E", "Am"], "A", "minor") == 1.0
    lean = lean_home(notes, "A", "minor", 2.0)
    assert lean[0].velocity > home
    assert lean[2].velocity < seventh
    made = song("trance on i-VI-III-VII in A minor, 136 bpm, 60 seconds")
    pads = [n for p in made.score.parts if p.role is Role.PAD for n in p.notes]
    weight = {pc: np.mean([n.velocity for n in pads if n.pitch % 12 == pc]) for pc in (9, 7)}
    assert weight[9] > weight[7]


def test_the_band_leaves_room_at_the_ends_of_phrases() -> None:
    score = song("rock song, 120 bpm, E minor, two minutes").score
    players = [p for p in score.parts if p.role in (Role.BASS, Role.KEYS, Role.GUITAR)]
    ends = [
        (s.start_bar + bar) * 4.0
        for s in score.sections if s.energy > 0.42 and s is not score.sections[-1]
        for bar in range(4, s.bars + 1, 4)
    ]  # fmt: skip
    empty = [not any(end - 1 <= n.start < end for p in players for n in p.notes) for end in ends]
    assert 0.25 < np.mean(empty) < 1


def test_the_whole_band_is_never_silent_for_long() -> None:
    for prompt in ("solo violin, sad, one minute", *PROMPTS):
        made = song(prompt)
        spans = sorted((n.start, n.end) for p in made.performance.parts for n in p.notes)
        reached, worst = spans[0][1], 0.0
        for start, end in spans:
            worst = max(worst, start - reached)
            reached = max(reached, end)
        assert worst < 2.0, prompt


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


def test_nobody_strikes_a_note_twice_at_once() -> None:
    for prompt in (*PROMPTS, "salsa with piano, 60 seconds", "country, 60 seconds", "bossa nova, 60 seconds", "ska"):
        for part in song(prompt, 2).score.parts:
            struck = [(n.pitch, round(n.start, 4)) for n in part.notes]
            assert len(struck) == len(set(struck)), (prompt, part.id)


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
