"""Edits of a score: what they touch, what they leave alone, and that a score stays a score."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.edits import Edit, read_edits
from domain.errors import InvalidValue
from domain.references import next_number, resolve_parts, resolve_sections
from domain.score import Chord, Note, Part, Role, Score, Section, SectionKind, TempoChange
from music.composing import play
from music.editing import apply, order_of
from music.instruments import INSTRUMENTS
from music.material import TAIL_S
from music.midi import write_midi
from music.pieces import cut
from music.reharmonising import read_symbol
from music.theory import chord_scale, parse_chord
from tests.music.layout import bounds, by_name
from tests.music.songs import song

PROMPTS = (
    "uplifting pop in C major, 112 bpm, 70 seconds, with piano, strings, drums and bass",
    "viennese waltz with strings, 160 bpm, D major, 60 seconds",
    "metal in 7/8 with choir, D minor, 50 seconds",
    "bossa nova with nylon guitar and flute in F major, 50 seconds",
    "celtic folk dance with tin whistle, 6/8, lively, 40 seconds",
    "lo-fi hip hop with rhodes in F minor, 76 bpm, 50 seconds",
)
SONGS = [(prompt, seed) for prompt in PROMPTS for seed in (1, 2)]
songs = st.sampled_from(SONGS)
amounts = st.sampled_from([-0.7, -0.4, -0.2, 0.2, 0.4, 0.7])
symbols = st.sampled_from(["Em7", "F", "G7", "Bbmaj7", "C#dim7", "Ab/C", "Dsus4", "IV", "bVII", "F#m9", "E7#9", "B5"])
FAST = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def score_of(prompt: str, seed: int) -> Score:
    return song(prompt, seed).score


def edited(score: Score, *edits: dict) -> Score:
    """The score after edits, each of which must have found its target."""
    out, told = apply(score, read_edits(edits))
    assert [t.text for t in told if not t.done] == []
    return out


def check_score(score: Score, before: Score) -> None:
    """A score on which everything after the arrangement can rely."""
    Score.model_validate(score.model_dump())
    ringing = max(n.start + n.duration - before.beats for p in before.parts for n in p.notes)
    for section in score.sections:
        start, end = bounds(score, section)
        at = start
        for chord in score.chords:
            if start - 1e-6 <= chord.start < end - 1e-6:
                assert chord.start == pytest.approx(at)
                at = chord.start + chord.duration
        assert at == pytest.approx(end)
    for part in score.parts:
        assert part.notes
        assert all(n.start + n.duration <= score.beats + max(0.0, ringing) + 1e-6 for n in part.notes)
    starts = [change.start for change in score.tempo]
    assert starts == sorted(set(starts))
    assert starts[0] == 0


def _with_section(section) -> st.SearchStrategy[dict]:
    """Any edit of a section; `section` is a strategy of references."""
    return st.one_of(
        st.fixed_dictionaries(
            {"op": st.just("change_chord"), "section": section, "nth": st.sampled_from([1, 2, 3, -1]), "new": symbols}
        ),
        st.fixed_dictionaries(
            {"op": st.just("change_chord"), "section": section, "bar": st.integers(1, 4), "new": symbols}
        ),
        st.fixed_dictionaries(
            {"op": st.just("change_length"), "section": section, "bars": st.integers(1, 14)}
        ),
        st.fixed_dictionaries({"op": st.just("change_length"), "section": section, "by": st.integers(-5, 9)}),
        st.fixed_dictionaries({"op": st.just("drop_section"), "section": section}),
        st.fixed_dictionaries(
            {"op": st.just("transpose"), "section": section, "semitones": st.integers(-7, 7).filter(bool)}
        ),
        st.fixed_dictionaries(
            {"op": st.just("mute"), "section": section, "part": st.sampled_from(["drums", "bass", "lead", "chords"])}
        ),
        st.fixed_dictionaries({"op": st.just("change_density"), "section": section, "amount": amounts}),
        st.fixed_dictionaries({"op": st.just("change_loudness"), "section": section, "amount": amounts}),
        st.fixed_dictionaries({"op": st.just("change_tempo"), "section": section, "bpm": st.sampled_from([66, 131.5])}),
    )  # fmt: skip


@FAST
@given(songs, st.data())
def test_editing_one_section_leaves_the_bytes_of_all_others(which, data):
    score = score_of(*which)
    name = data.draw(st.sampled_from([s.name for s in score.sections]))
    edit = data.draw(_with_section(st.just(name)))
    kind = next(s.kind for s in score.sections if s.name == name)
    if name == kind.value:
        name = ""
    out, _ = apply(score, read_edits([edit]))
    before, after = by_name(score), by_name(out)
    touched = {s.name for s in score.sections if s.name == name or (not name and s.kind is kind)}
    assert {n: b for n, b in after.items() if n not in touched} == {n: b for n, b in before.items() if n not in touched}
    check_score(out, score)


@FAST
@given(songs, st.sampled_from(["start", "end", "after", "before"]), st.data())
def test_a_repeated_section_leaves_all_others_and_is_their_equal(which, where, data):
    score = score_of(*which)
    sections = score.sections[:-1]
    source = data.draw(st.sampled_from([s.name for s in sections if s.name != s.kind.value] or [sections[0].name]))
    out = edited(score, {"op": "insert_section", "section": source, "where": where})
    before, after = by_name(score), by_name(out)
    new = set(after) - set(before)
    assert len(new) == 1
    assert {n: after[n] for n in before} == before
    copy, model = json.loads(after[new.pop()]), json.loads(before[source])
    assert copy["section"].pop("name") != model["section"].pop("name")
    assert copy == model
    check_score(out, score)


_REFERENCES = st.sampled_from(
    ["verse", "chorus", "last chorus", "verse 1", "theme", "song", "bridge", "outro", "intro"]
)
_ANYTHING = st.one_of(
    _with_section(_REFERENCES),
    st.fixed_dictionaries({"op": st.just("insert_section"), "section": _REFERENCES.filter(lambda r: r != "song")}),
    st.fixed_dictionaries({"op": st.just("transpose"), "key": st.sampled_from(["A", "Eb", "F#"])}),
    st.fixed_dictionaries(
        {
            "op": st.just("swap_instrument"),
            "old": st.sampled_from(["piano", "keys", "lead", "bass", "drums", "chords"]),
            "new": st.sampled_from(["rhodes", "flute", "tuba", "kit_909", "celesta", "cello", "double_bass"]),
        }
    ),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(songs, st.lists(_ANYTHING, min_size=1, max_size=6))
def test_edits_compose_and_the_score_stays_one(which, edits):
    s = song(*which)
    out, told = apply(s.score, read_edits(edits))
    check_score(out, s.score)
    assert len(told) == len(edits)
    assert all(t.text for t in told)
    again, _ = apply(s.score, read_edits(edits))
    assert again.model_dump_json() == out.model_dump_json()
    one_by_one = s.score
    for edit in edits:
        one_by_one, _ = apply(one_by_one, read_edits([edit]))
    names = {n.name for n in out.sections} - {n.name for n in s.score.sections}
    if not names:
        assert one_by_one.model_dump_json() == out.model_dump_json()
    performed = play(s.context.get, out, seed=1)
    assert performed.music_end_s == pytest.approx(out.seconds(out.beats), abs=1e-3)
    assert write_midi(out, performed)[:4] == write_midi(out, None)[:4] == b"MThd"


@pytest.mark.parametrize("which", SONGS)
def test_a_score_cut_in_pieces_is_the_same_score(which):
    score = score_of(*which)
    assert cut(score).score() == score
    assert apply(score, ()) == (score, ())


@FAST
@given(songs, st.integers(-6, 6).filter(bool))
def test_transposing_there_and_back(which, semitones):
    score = score_of(*which)
    there = edited(score, {"op": "transpose", "semitones": semitones})
    back = edited(there, {"op": "transpose", "semitones": -semitones})
    assert (parse_chord(there.key).root - parse_chord(score.key).root - semitones) % 12 == 0
    assert back.key == score.key
    for old, moved in zip(score.chords, there.chords, strict=True):
        a, b = parse_chord(old.symbol), parse_chord(moved.symbol)
        assert (a.quality, (a.root + semitones) % 12, (a.bass + semitones) % 12) == (b.quality, b.root, b.bass)
    for old, moved in zip(score.parts, there.parts, strict=True):
        if old.is_drum or INSTRUMENTS[old.instrument].family == "effects":
            assert moved == old
            continue
        sounding = {(n.start, (n.pitch + semitones) % 12) for n in old.notes}
        assert {(n.start, n.pitch % 12) for n in moved.notes} == sounding
        row = INSTRUMENTS[old.instrument]
        low, high = min(row.low, *(n.pitch for n in old.notes)), max(row.high, *(n.pitch for n in old.notes))
        assert all(low <= n.pitch <= high for n in moved.notes)
    roots = [
        (parse_chord(a.symbol).root, parse_chord(b.symbol).root) for a, b in zip(score.chords, back.chords, strict=True)
    ]
    assert all(a == b for a, b in roots)


def test_transposing_up_and_down_restores_every_byte_within_the_range():
    score = score_of(*SONGS[0])
    back = edited(score, {"op": "transpose", "semitones": 2}, {"op": "transpose", "semitones": -2})
    assert back.model_dump_json() == score.model_dump_json()


@FAST
@given(songs, symbols, st.sampled_from([1, 2, 3, -1]), st.data())
def test_another_chord_takes_its_notes_along_and_nothing_else(which, symbol, nth, data):
    score = score_of(*which)
    section = data.draw(st.sampled_from([s for s in score.sections if s.name != s.kind.value] or score.sections[:1]))
    out, told = apply(score, read_edits([{"op": "change_chord", "section": section.name, "nth": nth, "new": symbol}]))
    if not told[0].done:
        assert out == score
        return
    start, end = bounds(score, section)
    changed = set(out.chords) - set(score.chords)
    assert len(changed) == 1
    span = changed.pop()
    new = parse_chord(read_symbol(symbol, score.key_at(start)[0]))
    assert parse_chord(span.symbol) == new
    fitting = chord_scale(new, *score.key_at(span.start)) | new.pitch_classes
    stop = span.start + span.duration
    for old, part in zip(score.parts, out.parts, strict=True):
        if part.is_drum or part.role is Role.EFFECTS:
            assert part == old
            continue

        def apart(notes):
            return [n for n in notes if n.start + n.duration <= span.start or n.start >= stop]

        assert set(apart(old.notes)) <= set(apart(part.notes))
        struck = [n for n in part.notes if span.start <= n.start < stop]
        assert all(n.pitch % 12 in fitting for n in struck)
        assert len(struck) >= len([n for n in old.notes if span.start <= n.start < stop]) / 2
    assert start <= span.start < end


def test_notes_follow_by_their_role_in_the_chord():
    score = score_of(*SONGS[0])
    section = next(s for s in score.sections if s.kind is SectionKind.CHORUS)
    start, _ = bounds(score, section)
    first = next(c for c in score.chords if c.start == start)
    old = parse_chord(first.symbol)
    out = edited(score, {"op": "change_chord", "section": section.name, "nth": 1, "new": "Am"})
    roles = {(old.root + a) % 12: (9 + b) % 12 for a, b in zip(old.intervals[:3], (0, 3, 7), strict=True)}
    for before, after in zip(score.parts, out.parts, strict=True):
        if before.is_drum or before.role is Role.EFFECTS:
            continue
        pairs = {n.start: n for n in after.notes}
        alone = [n for n in before.notes if sum(m.start == n.start for m in before.notes) == 1]
        for note in alone:
            if start <= note.start < start + first.duration and note.pitch % 12 in roles:
                assert pairs[note.start].pitch % 12 == roles[note.pitch % 12]
                assert abs(pairs[note.start].pitch - note.pitch) <= 6


def _notes(score: Score, kind: SectionKind, *roles: Role) -> int:
    spans = [bounds(score, s) for s in score.sections if s.kind is kind]
    return sum(a <= n.start < b for a, b in spans for p in score.parts for n in p.notes if not roles or p.role in roles)


def test_what_each_edit_does():
    score = score_of(*SONGS[0])
    chorus, verse = SectionKind.CHORUS, SectionKind.VERSE
    length = {s.name: s.bars for s in score.sections}

    def after(**edit):
        return edited(score, edit)

    longer = after(op="change_length", section="verse 1", by=4)
    assert {s.name: s.bars for s in longer.sections} == {**length, "verse 1": length["verse 1"] + 4}
    assert longer.bars == score.bars + 4
    halved = after(op="change_length", section="chorus", times=0.5)
    assert sum(s.bars for s in halved.sections if s.kind is chorus) == sum(
        (s.bars + 1) // 2 for s in score.sections if s.kind is chorus
    )
    dropped = after(op="drop_section", section="last verse")
    assert [s.name for s in dropped.sections if s.kind is verse] == ["verse 1"]
    assert [s.kind for s in after(op="insert_section", section="chorus", where="end").sections][-2:] == [
        chorus, SectionKind.OUTRO,
    ]  # fmt: skip
    swapped = after(op="swap_instrument", old="piano", new="celesta")
    assert "celesta" in {p.instrument for p in swapped.parts}
    assert "grand_piano" not in {p.instrument for p in swapped.parts}
    assert next(p.program for p in swapped.parts if p.instrument == "celesta") == INSTRUMENTS["celesta"].program
    silent = after(op="mute", part="drums", section="chorus")
    assert _notes(silent, chorus, Role.DRUMS) == 0
    assert _notes(silent, verse, Role.DRUMS) == _notes(score, verse, Role.DRUMS) > 0
    assert Role.DRUMS not in {p.role for p in after(op="mute", part="drums").parts}
    late = after(op="mute", part="drums", section="before chorus 1")
    assert _notes(late, SectionKind.INTRO, Role.DRUMS) == 0
    assert _notes(late, chorus, Role.DRUMS) == _notes(score, chorus, Role.DRUMS)
    assert _notes(after(op="change_density", amount=-0.4, section="verse"), verse) < 0.8 * _notes(score, verse)
    assert _notes(after(op="change_density", amount=0.4, section="verse"), verse) > 1.05 * _notes(score, verse)
    thin = after(op="change_density", amount=-0.4, section="chorus", part="bass")
    assert _notes(thin, chorus, Role.BASS) < _notes(score, chorus, Role.BASS)
    assert _notes(thin, chorus, Role.LEAD) == _notes(score, chorus, Role.LEAD)
    loud = after(op="change_loudness", amount=0.4, section="chorus")
    assert sum(n.velocity for p in loud.parts for n in p.notes) > sum(n.velocity for p in score.parts for n in p.notes)
    slow = after(op="change_tempo", section="chorus", bpm=90)
    assert slow.seconds(slow.beats) > score.seconds(score.beats) + 1
    high = after(op="transpose", section="last chorus", semitones=2)
    assert [change.key for change in high.key_changes] == ["D", "C"]
    assert high.key == "C"


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        ({"op": "drop_section", "section": "bridge"}, "there is no bridge; the sections are intro, verse 1"),
        ({"op": "drop_section", "section": "song"}, "nothing would be left"),
        ({"op": "mute", "part": "accordion"}, "nobody plays accordion; the band is"),
        ({"op": "mute", "part": "band", "section": "intro"}, "nobody would play in intro"),
        ({"op": "swap_instrument", "old": "drums", "new": "flute"}, "cannot play what drums plays"),
        ({"op": "change_chord", "section": "intro", "nth": 60, "new": "F"}, "no such chord"),
        ({"op": "change_chord", "section": "intro", "bar": 2, "new": "F99"}, "'F99' is no"),
        ({"op": "transpose", "key": "G", "scale": "minor"}, "transposing keeps the mode"),
        ({"op": "change_tempo", "section": "verse 1", "bpm": 112}, "that tempo already"),
        ({"op": "change_length", "section": "intro", "times": 1}, "that length already"),
        ({"op": "change_density", "section": "intro", "part": "effects", "amount": 0.4}, "nobody plays effects"),
    ],
)
def test_an_edit_without_a_target_is_left_out_and_told(edit, why):
    score = score_of(*SONGS[0])
    out, told = apply(score, read_edits([edit]))
    assert out.model_dump_json() == score.model_dump_json()
    assert (told[0].done, why in told[0].text) == (False, True), told[0].text


def test_an_edit_that_makes_the_song_too_long_is_an_error_that_names_it():
    score = score_of(*SONGS[0])
    with pytest.raises(InvalidValue, match=r"songs of up to 900 s can be made: undo the last edit \(change length"):
        apply(score, read_edits([{"op": "change_length", "section": "song", "bars": 128}]))
    assert score.seconds(score.beats) + TAIL_S < 900


@given(st.integers(1, 40), st.integers(1, 128))
def test_a_section_keeps_its_beginning_and_its_ending(now, wished):
    order = order_of(now, wished)
    assert len(order) == wished
    assert set(order) <= set(range(now))
    assert order[-1] == now - 1
    if wished > 1:
        assert order[0] == 0
    if wished >= now:
        assert set(order) == set(range(now))


NAMES = ("intro", "verse 1", "Hook A", "verse 2", "chorus 1", "Verse 4", "chorus 2", "bridge")
KINDS = ("intro", "verse", "chorus", "verse", "chorus", "verse", "chorus", "bridge")


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("song", [0, 1, 2, 3, 4, 5, 6, 7]),
        ("verse", [1, 3, 5]),
        ("chorus", [2, 4, 6]),
        ("verse 2", [3]),
        ("verse 3", []),
        ("verse 4", [5]),
        ("last verse", [5]),
        ("hook a", [2]),
        ("chorus 3", [2]),
        ("bridge", [7]),
        ("bridge 1", [7]),
        ("outro", []),
        ("before chorus 1", [0, 1, 2, 3]),
        ("after last verse", [6, 7]),
        ("before outro", []),
    ],
)
def test_sections_are_found_by_name_kind_and_number(reference, found):
    sections = [
        Section(name=name, kind=SectionKind(kind), start_bar=i, bars=1)
        for i, (name, kind) in enumerate(zip(NAMES, KINDS, strict=True))
    ]
    assert list(resolve_sections(reference, sections)) == found
    assert next_number(SectionKind.VERSE, sections) == 5


def test_players_are_found_by_group_instrument_and_id():
    parts = score_of(*SONGS[0]).parts

    def found(reference):
        return {parts[i].id for i in resolve_parts(reference, parts)}

    assert found("piano") == {p.id for p in parts if p.instrument == "grand_piano"}
    assert found("band") == {p.id for p in parts}
    assert found("string_ensemble") == {p.id for p in parts if p.instrument == "string_ensemble"}
    assert found("bass") == {"bass"}
    assert found("accordion") == set()


def test_every_edit_is_one_object_told_apart_by_op():
    edits: list[Edit] = list(
        read_edits(
            [
                {"op": "mute", "part": "the drums", "section": "the 2nd verse"},
                {"op": "swap_instrument", "old": "Piano", "new": "electric piano"},
                {"op": "change_chord", "section": "final chorus", "nth": 1, "new": "f#m7"},
            ]
        )
    )
    assert [edit.model_dump(mode="json", exclude_none=True) for edit in edits] == [
        {"op": "mute", "part": "drums", "section": "verse 2"},
        {"op": "swap_instrument", "old": "piano", "new": "rhodes"},
        {"op": "change_chord", "section": "last chorus", "nth": 1, "new": "F#m7"},
    ]


def written(symbols: list[str], **parts: list[tuple[int, float, float]]) -> Score:
    """A small song in C major: the chords, one a bar, as verse, chorus and again; notes as (pitch, start, beats)."""
    bars = len(symbols)
    instruments = {"bass": "finger_bass", "keys": "grand_piano", "lead": "flute", "drums": "acoustic_kit"}
    return Score(
        key="C",
        scale="major",
        tempo=(TempoChange(start=0, bpm=100),),
        sections=tuple(
            Section(name=f"{kind} {n}", kind=SectionKind(kind), start_bar=i * bars, bars=bars)
            for i, (kind, n) in enumerate([("verse", 1), ("chorus", 1), ("verse", 2), ("chorus", 2)])
        ),
        chords=tuple(Chord(start=4 * i, duration=4, symbol=symbol) for i, symbol in enumerate(symbols * 4)),
        parts=tuple(
            Part(
                id=id_, name=id_, role=Role(id_), instrument=instruments[id_], is_drum=id_ == "drums",
                notes=tuple(Note(pitch=p, start=s, duration=d) for p, s, d in notes),
            )
            for id_, notes in parts.items()
        ),
    )  # fmt: skip


def heard(score: Score, part: str) -> list[tuple[int, float, float]]:
    notes = next(p.notes for p in score.parts if p.id == part)
    return [(n.pitch, n.start, n.duration) for n in notes]


def test_basses_take_the_new_bass_and_melodies_move_by_step():
    score = written(
        ["C", "G", "C"],
        bass=[(36, 0, 4), (43, 4, 2), (47, 6, 2), (36, 8, 4)],
        lead=[(74, 4, 1), (76, 5, 1), (77, 6, 1), (79, 7, 1)],
        drums=[(36, 4, 1), (38, 5, 1)],
    )
    out = edited(score, {"op": "change_chord", "section": "verse 1", "nth": 2, "new": "Fm/C"})
    assert [c.symbol for c in out.chords[:4]] == ["C", "Fm/C", "C", "C"]
    # The bass has the new bass for the root and Ab for the third; D was the fifth, G the root; E and F fit Fm.
    assert heard(out, "bass") == [(36, 0, 4), (48, 4, 2), (44, 6, 2), (36, 8, 4)]
    assert heard(out, "lead") == [(72, 4, 1), (76, 5, 1), (77, 6, 1), (77, 7, 1)]
    assert heard(out, "drums") == heard(score, "drums")


def test_a_held_note_is_struck_again_where_the_chord_changes_and_after():
    score = written(["C", "C", "G"], keys=[(64, 0, 12), (67, 0, 12), (60, 4, 8)], lead=[(72, 0, 1)])
    out = edited(score, {"op": "change_chord", "section": "verse 1", "bar": 2, "new": "Fm"})
    assert [(c.start, c.symbol) for c in out.chords[:3]] == [(0, "C"), (4, "Fm"), (8, "G")]
    assert sorted(n for n in heard(out, "keys") if n[1] < 4) == [(64, 0, 4), (67, 0, 4)]
    assert sorted(n for n in heard(out, "keys") if n[1] == 4) == [(65, 4, 4), (68, 4, 4), (72, 4, 4)]
    assert sorted(n for n in heard(out, "keys") if n[1] == 8) == [(64, 8, 4), (67, 8, 4)]


def test_a_copy_comes_from_the_section_before_its_place():
    score = written(["C", "G"], lead=[(60 + i, 8.0 * i, 1) for i in range(4)])
    late = edited(score, {"op": "insert_section", "section": "verse", "where": "after", "at": "chorus 2"})
    assert heard(late, "lead")[-1] == (62, 32, 1)
    early = edited(score, {"op": "insert_section", "section": "verse", "where": "before", "at": "chorus 1"})
    assert [s.name for s in early.sections] == ["verse 1", "verse 3", "chorus 1", "verse 2", "chorus 2"]
    assert heard(early, "lead") == [(60, 0, 1), (60, 8, 1), (61, 16, 1), (62, 24, 1), (63, 32, 1)]


def test_another_instrument_plays_within_its_range():
    score = written(["C"], keys=[(36, 0, 1), (60, 1, 1), (64, 1, 1), (84, 2, 1)], lead=[(84, 0, 1)])
    out = edited(score, {"op": "swap_instrument", "old": "keys", "new": "tuba"})
    row = INSTRUMENTS["tuba"]
    assert all(row.low <= pitch <= row.high for pitch, _, _ in heard(out, "keys"))
    assert [pitch % 12 for pitch, _, _ in heard(out, "keys")] == [0, 0, 4, 0]
    assert heard(out, "lead") == heard(score, "lead")


def test_a_dropped_name_is_not_given_to_a_copy():
    score = written(["C", "G"], lead=[(60, 0, 1)])
    out = edited(score, {"op": "drop_section", "section": "verse 2"}, {"op": "insert_section", "section": "verse"})
    assert [s.name for s in out.sections] == ["verse 1", "verse 3", "chorus 1", "chorus 2"]


def test_a_shorter_section_keeps_its_ending_and_nothing_sounds_over_the_seam():
    score = written(["C", "F", "Dm", "G"], lead=[(60, 2, 4), (62, 6, 1), (64, 9, 1), (65, 13, 1)], keys=[(48, 15, 3)])
    out = edited(score, {"op": "change_length", "section": "verse 1", "bars": 2})
    assert [c.symbol for c in out.chords[:3]] == ["C", "G", "C"]
    assert heard(out, "lead") == [(60, 2, 2), (65, 5, 1)]
    assert heard(out, "keys") == [(48, 7, 3)]


def test_a_tempo_of_a_section_goes_with_it():
    score = written(["C", "F"], lead=[(60, 0, 1)])
    slow = edited(score, {"op": "change_tempo", "section": "verse 2", "bpm": 80})
    assert [(t.start, t.bpm) for t in slow.tempo] == [(0, 100), (16, 80), (24, 100)]
    moved = edited(slow, {"op": "drop_section", "section": "verse 1"})
    assert [(t.start, t.bpm) for t in moved.tempo] == [(0, 100), (8, 80), (16, 100)]
    first = edited(moved, {"op": "drop_section", "section": "chorus 1"})
    assert [(t.start, t.bpm) for t in first.tempo] == [(0, 80), (8, 100)]
