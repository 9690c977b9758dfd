import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import InvalidValue
from domain.score import Note, Section, SectionKind
from music.bass import HIGH, LOW, STYLES
from music.form import plan_form, section_kind
from music.genres import GENRES
from music.grooves import COMPING, FILLS, GROOVES, KICK, PERCUSSION, SOFT_FILLS
from music.instruments import INSTRUMENTS
from music.keyfinding import key_clarity
from music.material import TAIL_S, SectionHarmony, SectionLine, bar_map, choose, lay_notes
from music.progressions import LANGUAGES
from music.theory import chord_scale, numeral_chord, parse_chord, scale_pcs, spell
from tests.music.material import bass, harmony, melody, rhythm
from tests.music.songs import changed

K = SectionKind


def test_tables_are_whole() -> None:
    assert len(GENRES) >= 40
    for genre in GENRES.values():
        assert genre.language in LANGUAGES
        assert genre.groove in GROOVES
        assert genre.comping in COMPING
        assert genre.bass in STYLES
        assert all(i in INSTRUMENTS for ids in genre.band.values() for i in ids)
    for rows in (*GROOVES.values(), *PERCUSSION.values()):
        assert all(len(line) in (16, 32) and set(line) <= set("Xxog.") for *_, line in rows)
    assert all(len(line) == 4 * beats for beats, lines in (*FILLS, *SOFT_FILLS) for _, line in lines)


@pytest.mark.parametrize("genre", GENRES)
@pytest.mark.parametrize("scale", ["minor", "major"])
def test_the_key_is_heard_in_the_chords(genre: str, scale: str) -> None:
    h = harmony(genre, scale=scale)
    symbols = [c.symbol for kind in (K.VERSE, K.CHORUS, K.OUTRO) for c in h.of(kind).chords]
    assert key_clarity([*symbols, h.final], "F", scale) > -0.12
    assert parse_chord(h.final).root == 5
    inside = [pc in scale_pcs("F", scale) for s in symbols for pc in parse_chord(s).pitch_classes]
    assert np.mean(inside) > (0.7 if GENRES[genre].language in {"blues", "jazz", "funk", "gospel"} else 0.85)


def test_chords_fill_every_section() -> None:
    for genre in GENRES:
        for section in harmony(genre).sections:
            assert section.chords[0].start == 0
            ends = [c.start + c.duration for c in section.chords]
            assert ends[-1] == section.bars * 4
            assert ends[:-1] == [c.start for c in section.chords[1:]]


def test_given_chords_are_followed() -> None:
    h = harmony(progression={"all": ["Fm", "Db", "Ab", "Eb"], "chorus": ["i", "bVI", "iv", "V"]})
    assert [c.symbol for c in h.of(K.VERSE).chords] == ["Fm", "Db", "Ab", "Eb"]
    assert [c.symbol for c in h.of(K.CHORUS).chords] == ["Fm", "Db", "Bbm", "C"]
    with pytest.raises(InvalidValue, match="Xyz"):
        harmony(progression={"all": ["Xyz"]})


def test_mood_changes_the_harmony() -> None:
    assert any(harmony(valence=0.05, seed=s) != harmony(valence=0.95, seed=s) for s in range(3))
    assert any(harmony("lo_fi", arousal=0.05, seed=s) != harmony("lo_fi", arousal=0.95, seed=s) for s in range(3))


def test_numerals_and_spelling() -> None:
    assert numeral_chord("bVI", "F") == "Db"
    assert numeral_chord("V7/7", "C") == "G7/B"
    assert spell(8, "C", parse_chord("E7")) == "G#"
    assert spell(8, "F") == "Ab"
    assert 4 in chord_scale(parse_chord("C7"), "F", "minor")


@pytest.mark.parametrize("genre", ["pop", "lo_fi", "funk", "salsa", "waltz", "metal", "bossa_nova", "trance"])
@pytest.mark.parametrize("seed", [1, 2])
def test_melodies_are_like_peoples(genre: str, seed: int) -> None:
    h = harmony(genre, seed=seed, time_signature=GENRES[genre].metre)
    m = melody(h, genre, seed=seed, time_signature=GENRES[genre].metre, candidates=4)
    notes = [n for kind in (K.VERSE, K.CHORUS) for n in m.of(kind).notes]
    pitches = np.array([n.pitch for n in notes])
    moves = np.abs(np.diff(pitches))
    total = sum(m.of(kind).bars for kind in (K.VERSE, K.CHORUS)) * m.beats_per_bar
    assert 0.12 <= 1 - sum(n.duration for n in notes) / total <= 0.52
    assert 9 <= np.ptp(pitches) <= 24
    assert 0.3 <= np.mean((moves > 0) & (moves < 3)) <= 0.75
    assert np.mean(moves >= 5) <= 0.32


def test_melodies_sit_on_chords_where_it_counts() -> None:
    on: list[bool] = []
    for seed in range(4):
        h = harmony(seed=seed)
        m = melody(h, seed=seed)
        for kind in (K.VERSE, K.CHORUS):
            for note in m.of(kind).notes:
                chord = next(c for c in reversed(h.of(kind).chords) if c.start <= note.start)
                if note.start % 1 == 0:
                    on.append(note.pitch % 12 in parse_chord(chord.symbol).pitch_classes)
    assert 0.6 <= np.mean(on) <= 0.92


def test_the_chorus_lies_higher_and_returns_to_its_hook() -> None:
    higher = 0
    for seed in range(5):
        m = melody(harmony(seed=seed), seed=seed)
        mean = {kind: np.mean([n.pitch for n in m.of(kind).notes]) for kind in (K.VERSE, K.CHORUS)}
        higher += mean[K.CHORUS] > mean[K.VERSE]
        bars: dict[int, tuple[float, ...]] = {}
        for n in m.of(K.CHORUS).notes:
            bars[int(n.start // 4)] = (*bars.get(int(n.start // 4), ()), n.start % 4)
        assert len(set(bars.values())) < len(bars)
    assert higher >= 4


@pytest.mark.parametrize(
    "change", [{"wish": {"contour": "rising"}}, {"wish": {"density": 0.95}}, {"wish": {"range": 7}}, {"valence": 0.9},
               {"arousal": 0.95}, {"tempo": 190.0}, {"seed": 6}]
)  # fmt: skip
def test_every_wish_changes_the_melody(change: dict) -> None:
    h = harmony()
    assert melody(h, **change) != melody(h)


def test_a_narrow_range_is_narrow() -> None:
    m = melody(harmony(), wish={"range": 5})
    pitches = [n.pitch for n in m.of(K.VERSE).notes]
    assert max(pitches) - min(pitches) <= 10
    for wish in ({"range": 99}, {"contour": "zigzag"}, {"density": 2}):
        with pytest.raises(InvalidValue):
            melody(harmony(), wish=wish)


@pytest.mark.parametrize(
    "change", [{"wish": {"groove": "funk"}}, {"wish": {"density": 1.0}}, {"wish": {"swing": 1.0}}, {"valence": 0.95},
               {"arousal": 0.95}, {"genre": "rock"}]
)  # fmt: skip
def test_every_wish_changes_the_rhythm(change: dict) -> None:
    assert rhythm(**change) != rhythm()


def test_no_drums_and_unknown_grooves() -> None:
    assert rhythm(constraints={"no_drums": True}).drums is False
    with pytest.raises(InvalidValue, match="pogo"):
        rhythm(wish={"groove": "pogo"})


def test_the_levels_grow() -> None:
    for genre in GENRES:
        sizes = [len(g.hits) / g.bars for g in rhythm(genre).grooves]
        assert sizes[0] <= sizes[1] <= sizes[2] + 2, genre
        assert sizes[0] < sizes[3]


@pytest.mark.parametrize("genre", ["pop", "soul", "funk", "hip_hop", "trap", "rnb", "gospel", "afrobeat"])
def test_the_bass_is_on_the_kick(genre: str) -> None:
    h, r = harmony(genre), rhythm(genre)
    line = bass(h, r, genre).of(K.CHORUS)
    groove = r.at(2)
    kicks = {hit.start % (groove.bars * 4) for hit in groove.hits if hit.pitch == KICK}
    with_kick = [n.start % (groove.bars * 4) in kicks for n in line.notes]
    assert np.mean(with_kick) >= 0.5
    downbeats = [n for n in line.notes if n.start % 4 == 0]
    assert np.mean([n.start % (groove.bars * 4) in kicks for n in downbeats]) > 0.9


@pytest.mark.parametrize("style", STYLES)
def test_bass_styles(style: str) -> None:
    h, r = harmony(), rhythm()
    line = bass(h, r, wish={"style": style})
    assert line.style == style
    for section in line.sections:
        assert section.notes
        assert all(LOW <= n.pitch <= HIGH + 12 for n in section.notes)
        assert all(
            a.start + a.duration <= b.start + 1e-6 for a, b in zip(section.notes, section.notes[1:], strict=False)
        )
    chorus = h.of(K.CHORUS)
    firsts = [n for n in line.of(K.CHORUS).notes if n.start % 4 == 0]
    if firsts and style not in {"pedal"}:
        roots = [
            n.pitch % 12 == parse_chord(next(c for c in reversed(chorus.chords) if c.start <= n.start).symbol).bass
            for n in firsts
        ]
        assert np.mean(roots) >= 0.8


def test_bass_wishes() -> None:
    h, r = harmony("funk"), rhythm("funk")
    sizes = [len(bass(h, r, "funk", wish={"density": d}).of(K.VERSE).notes) for d in (0.1, 0.5, 0.95)]
    assert sizes[0] <= sizes[1] < sizes[2]
    with pytest.raises(InvalidValue, match="tap"):
        bass(h, r, wish={"style": "tap"})


@settings(max_examples=120, deadline=None)
@given(
    duration=st.floats(20, 900),
    tempo=st.floats(40, 220),
    metre=st.sampled_from(["4/4", "3/4", "6/8", "5/4", "7/8", "2/4", "12/8"]),
    genre=st.sampled_from(sorted(GENRES)),
    exact=st.booleans(),
)
def test_the_form_lasts_as_long_as_wished(duration: float, tempo: float, metre: str, genre: str, exact: bool) -> None:
    form = plan_form(
        genre=[genre],
        tempo=tempo,
        time_signature=metre,
        duration=duration,
        structure=[],
        energies={},
        exact=exact,
        seed=1,
    )
    bar_s = form.beats_per_bar * 60 / tempo
    assert abs(form.duration_s - duration) <= (0.001 if exact else bar_s)
    assert form.sections[0].start_bar == 0
    assert all(a.start_bar + a.bars == b.start_bar for a, b in zip(form.sections, form.sections[1:], strict=False))
    assert len({s.name for s in form.sections}) == len(form.sections)
    assert form.duration_s >= form.bars * bar_s + TAIL_S - 1e-6


def test_forms_build() -> None:
    form = plan_form(
        genre=["pop"], tempo=110, time_signature="4/4", duration=180, structure=[], energies={}, exact=False, seed=1
    )
    energy = {kind: [s.energy for s in form.sections if s.kind is kind] for kind in (K.VERSE, K.CHORUS)}
    assert min(energy[K.CHORUS]) > max(energy[K.VERSE])
    assert energy[K.CHORUS] == sorted(energy[K.CHORUS])


def test_given_sections() -> None:
    structure = [
        {"name": "Intro", "duration": 8, "unit": "beats"}, {"name": "Verse", "duration": 8, "unit": "bars"},
        {"name": "Chorus", "duration": 16, "unit": "seconds"},
    ]  # fmt: skip
    form = plan_form(
        genre=["pop"], tempo=120, time_signature="4/4", duration=None, structure=structure,
        energies={"verse": 0.2}, exact=False, seed=1,
    )  # fmt: skip
    assert [(s.kind, s.bars) for s in form.sections] == [(K.INTRO, 2), (K.VERSE, 8), (K.CHORUS, 8)]
    assert form.sections[1].energy == 0.2
    assert section_kind("Pre-Chorus 2") is K.PRECHORUS
    for bad in ({"name": "", "duration": 4, "unit": "bars"}, {"name": "a", "duration": 0, "unit": "bars"},
                {"name": "a", "duration": 4, "unit": "fortnights"}):  # fmt: skip
        with pytest.raises(InvalidValue):
            plan_form(
                genre=["pop"], tempo=120, time_signature="4/4", duration=None, structure=[bad], energies={},
                exact=False, seed=1,
            )  # fmt: skip


def test_material_is_laid_by_bars() -> None:
    notes = tuple(Note(pitch=60 + i, start=4.0 * i, duration=6) for i in range(8))
    line = SectionLine(kind=K.VERSE, bars=8, notes=notes)
    assert bar_map(line, 18) == (*range(8), *range(8), 6, 7)
    assert bar_map(line.model_copy(update={"given": True}), 18) == (*range(8), *range(8), 0, 1)
    assert bar_map(line, 4) == (4, 5, 6, 7)
    assert bar_map(line.model_copy(update={"kind": K.CHORUS}), 4) == (0, 1, 2, 3)
    laid = lay_notes([notes], line, 10, 4)
    assert [n.pitch for n in laid] == [*range(60, 68), 66, 67]
    assert laid[7].duration == 4


CHORDS = ["Fm", "Db", "Bbm", "C7"]
FORM = [
    Section(name=name, kind=section_kind(name), start_bar=8 * i, bars=8, energy=0.5)
    for i, name in enumerate(["verse 1", "pre-chorus 1", "chorus 1", "verse 2", "pre-chorus 2", "chorus 2"])
]


@pytest.mark.parametrize(
    ("takes", "progression"),
    [("verse 2", "second verse"), ("Second Verse", "verse 2"), ("Pre Chorus", "prechorus"), ("prechorus", "pre-chorus"),
     ("pre-chorus 2", "second prechorus"), ("last chorus", "Final Chorus"), ("chorus 2", "last chorus"),
     ("last chorus", "chorus 2"), ("chorus", "chorus 2"), ("refrain", "chorus"), ("last chorus", "all"),
     ("verse 9", "all")],
)  # fmt: skip
@pytest.mark.parametrize("more", [{}, {"all": ["Fm", "Eb", "Db", "C"]}])
def test_tune_and_bass_are_written_over_the_chords_that_are_played(
    takes: str, progression: str, more: dict[str, list[str]]
) -> None:
    h = harmony(progression={**more, progression: CHORDS}, takes={takes: 2})
    drums = rhythm()
    chords = choose(h.sections, FORM)
    tunes = choose(melody(h, takes={takes: 2}).sections, FORM)
    basses = choose(bass(h, drums, takes={takes: 2}, wish={"style": "root"}).sections, FORM)
    for section in FORM:
        own = chords[section.name]
        assert (tunes[section.name].bars, tunes[section.name].given) == (own.bars, own.given), section.name
        for note in basses[section.name].notes:
            sounding = next(c for c in reversed(own.chords) if c.start <= note.start + 1e-6)
            if note.start == sounding.start:
                assert note.pitch % 12 == parse_chord(sounding.symbol).bass, (section.name, note)


@pytest.mark.parametrize(
    ("one", "other"), [("pre-chorus", "prechorus"), ("second verse", "verse 2"), ("Verse 2", "verse 2")]
)
def test_a_take_under_another_spelling_is_the_same_take(one: str, other: str) -> None:
    for made in (lambda n: harmony(takes={n: 2}), lambda n: melody(harmony(), takes={n: 2})):
        first, second, plain = (choose(made(name).sections, FORM) for name in (one, other, "verse 9"))
        assert first == second
        assert {s.name for s in FORM if first[s.name] != plain[s.name]} == (
            {"verse 2"} if "2" in other else {"pre-chorus 1", "pre-chorus 2"}
        )


def test_chords_of_one_section_are_given_under_any_spelling() -> None:
    prompt = "pop song with piano, 110 bpm, D major, 90 seconds"
    structure = [{"name": name, "duration": 8} for name in ("verse", "pre-chorus", "chorus") * 2]
    bars = ["Bm", "G", "D", "A7"]
    scores = [
        changed(prompt, structure=structure, takes={"verse 2": 2}, chord_progression={name: bars}).score
        for name in ("verse 2", "second verse", "Second Verse")
    ]
    assert scores[0] == scores[1] == scores[2]
    changed_section = scores[0].sections[3]
    start = changed_section.start_bar * 4
    assert [c.symbol for c in scores[0].chords if start <= c.start < start + 16] == bars


def test_chords_for_a_section_that_is_not_there_are_refused() -> None:
    with pytest.raises(
        InvalidValue, match=r"chord_progression: .*'verse 9'; the sections are: verse 1, pre-chorus 1, "
    ):
        choose(harmony(progression={"Verse 9": CHORDS}).sections, FORM)
    over_all = harmony(progression={"all": CHORDS}, takes={"verse 9": 2})
    assert set(choose(over_all.sections, FORM)) == set(choose(melody(over_all, takes={"verse 9": 2}).sections, FORM))


def test_the_nearer_piece_is_used() -> None:
    def piece(name: str | None, kind: SectionKind) -> SectionHarmony:
        return harmony().of(kind).model_copy(update={"name": name})

    plain = [piece(None, kind) for kind in K]
    named = [piece(name, K.CHORUS) for name in ("last chorus", "refrain", "chorus")]
    chosen = choose([*plain, *named], FORM)
    assert [chosen[s.name].name for s in FORM] == [None, None, "refrain", None, None, "last chorus"]
