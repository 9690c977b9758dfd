"""What the benchmark reads from notes, on scores made by hand."""

from types import SimpleNamespace

import pytest

from audio.sound_set import find_sound_set
from benchmarks.excerpts import chord_window, cut, song_window, write_clip
from benchmarks.prompts import Asked
from benchmarks.symbolic import chord_fault, closes, hook_recurs, lift, measure
from benchmarks.symbolic_lines import claim_symbolic, claim_variety, claim_whole
from benchmarks.tally import Case, Tally
from domain.score import (
    Chord,
    ControlChange,
    Note,
    Part,
    PerformedPart,
    Role,
    Score,
    Section,
    SectionKind,
    TempoChange,
    TimedNote,
)
from music.statistics import lead_line

K = SectionKind


def score(
    kinds: tuple[tuple[SectionKind, int], ...], chords: str = "C", parts: tuple[Part, ...] = (), scale: str = "major"
) -> Score:
    """Sections one after another; `chords` has one for each bar and repeats."""
    sections, at = [], 0
    for number, (kind, bars) in enumerate(kinds):
        sections.append(Section(name=f"{kind.value} {number}", kind=kind, start_bar=at, bars=bars))
        at += bars
    symbols = chords.split()
    written = tuple(Chord(start=4 * i, duration=4, symbol=symbols[i % len(symbols)]) for i in range(at))
    return Score(key="C", scale=scale, tempo=(TempoChange(start=0, bpm=120),), sections=tuple(sections),
                 chords=written, parts=parts)  # fmt: skip


def asks(chords: str | dict[str, tuple[str, ...]] = "", **changes: object) -> Asked:
    lists = {"all": tuple(chords.split())} if isinstance(chords, str) and chords else chords or {}
    fields = {"genre": "pop", "prompt": "a song", "tempo": None, "key": None, "scale": None, "metre": None,
              "chords": lists, "seconds": None, "exact": False, "no_drums": False, "instruments": ()}  # fmt: skip
    return Asked(**{**fields, **changes})  # type: ignore[arg-type]


def test_given_chords_start_again_with_every_section() -> None:
    kinds = ((K.VERSE, 4), (K.CHORUS, 4))
    assert chord_fault(score(kinds, "C G Am F"), asks("C G Am F")) == ""
    assert "verse 0, bar 3: Am7 instead of Am" in chord_fault(score(kinds, "C G Am7 F"), asks("C G Am F"))
    shifted = ((K.INTRO, 2), (K.VERSE, 4))
    assert chord_fault(score(shifted, "C G Am F"), asks("C G Am F")).startswith("verse 1, bar 1")


def test_the_same_chord_may_be_spelled_otherwise_but_not_inverted() -> None:
    kinds = ((K.VERSE, 2),)
    assert chord_fault(score(kinds, "C# Gbm"), asks("Db F#m")) == ""
    assert chord_fault(score(kinds, "C/E C"), asks("C C")) != ""


def test_only_the_very_last_bar_may_rest_on_the_tonic() -> None:
    assert chord_fault(score(((K.VERSE, 4),), "C G Am C"), asks("C G Am F")) == ""
    assert chord_fault(score(((K.VERSE, 4),), "C G C F"), asks("C G Am F")) != ""
    assert chord_fault(score(((K.VERSE, 4),), "C G Am G"), asks("C G Am F")) != ""


def test_chords_of_one_section_leave_the_others_alone() -> None:
    asked = asks(chords={"chorus": ("F", "G")})
    written = score(((K.VERSE, 2), (K.CHORUS, 2)), "C C F G")
    assert chord_fault(written, asked) == ""


@pytest.mark.parametrize(
    ("chords", "vamp", "ok"),
    [("F G C C", False, True), ("Am F C C", False, True), ("C C C C", False, False), ("C C C C", True, True),
     ("F C F G", False, False), ("C Em Am C", False, False), ("C Bb C C", False, True), ("C Am C C", True, False)],
)  # fmt: skip
def test_endings(chords: str, vamp: bool, ok: bool) -> None:
    assert closes(score(((K.OUTRO, 4),), chords), vamp=vamp) is ok


def lead(*notes: tuple[int, float], velocity: int = 80) -> Part:
    made = tuple(Note(pitch=p, start=s, duration=0.5, velocity=velocity) for p, s in notes)
    return Part(id="lead", name="lead", role=Role.LEAD, instrument="flute", notes=made)


HOOK = ((60, 0), (62, 1), (67, 2.5), (65, 4))


def at(bar: int, up: int = 0) -> tuple[tuple[int, float], ...]:
    return tuple((pitch + up, start + 4 * bar) for pitch, start in HOOK)


def test_the_hook_comes_back_at_any_pitch_and_place() -> None:
    kinds = ((K.CHORUS, 4), (K.VERSE, 2), (K.CHORUS, 4))
    same = score(kinds, parts=(lead(*at(0), *at(8, up=5)),))
    assert hook_recurs(same, lead_line(same)) is True
    moved = score(kinds, parts=(lead(*at(0), *at(6)[:3], (64, 28)),))
    assert hook_recurs(moved, lead_line(moved)) is False
    single = score(kinds[:2], parts=(lead(*at(0)),))
    assert hook_recurs(single, lead_line(single)) is None


def test_lift_compares_choruses_with_verses() -> None:
    kinds = ((K.VERSE, 1), (K.CHORUS, 1))
    verse, chorus = ((60, 0.0), (60, 2.0)), ((63, 4.0), (63, 5.0), (63, 6.0), (63, 7.0))
    both = score(kinds, parts=(lead(*verse, *chorus),))
    found = lift(both, lead_line(both))
    assert found is not None
    assert found.register == 3
    assert found.density == 2
    assert found.loudness_db == pytest.approx(3.01, abs=0.01)
    assert lift(score(((K.VERSE, 2),)), ()) is None


# --- excerpts ----------------------------------------------------------------------------------------


def performed(*notes: tuple[float, float], controls: tuple[tuple[float, int], ...] = ()) -> PerformedPart:
    timed = tuple(TimedNote(pitch=60, start=s, end=e, velocity=80) for s, e in notes)
    changes = tuple(ControlChange(time=t, number=11, value=v) for t, v in controls)
    return PerformedPart(id="p", name="p", role=Role.LEAD, instrument="chip_lead", tempo_bpm=120, duration_s=60,
                         notes=timed, controls=changes)  # fmt: skip


def test_windows() -> None:
    long = score(((K.INTRO, 4), (K.VERSE, 8), (K.CHORUS, 16)), "C G Am F")
    window = song_window(long)
    assert (window.start_s, window.length_s) == (8.0, 30.0)
    short = score(((K.INTRO, 4), (K.VERSE, 8), (K.CHORUS, 4)))
    assert song_window(short).start_s == 2.0
    window, wanted = chord_window(long, asks("C G Am F"))
    assert (window.start_s, window.length_s) == (8.0, 10.0)
    assert wanted == ("C", "G", "Am", "F", "C")


def test_a_cut_starts_at_nought_and_keeps_early_strokes_and_standing_controls() -> None:
    part = performed((1.0, 1.5), (3.98, 4.5), (5.0, 9.0), controls=((0.0, 10), (2.0, 20), (4.5, 30), (20.0, 40)))
    window = SimpleNamespace(start_s=4.0, length_s=2.0)
    (found,) = cut((part,), window)  # type: ignore[arg-type]
    assert [(n.start, n.end) for n in found.notes] == [(0.0, 0.5), (1.0, 2.0)]
    assert [(c.time, c.value) for c in found.controls] == [(0.0, 20), (0.5, 30)]
    assert cut((performed((1.0, 1.5)),), window) == ()  # type: ignore[arg-type]


def test_a_clip_is_written_once(tmp_path) -> None:  # type: ignore[no-untyped-def]
    song = SimpleNamespace(
        performance=SimpleNamespace(parts=(performed((0.0, 0.5), (0.5, 1.0)),)),
        context={"musical.genre": ["chiptune"]},
    )
    window = SimpleNamespace(start_s=0.0, length_s=1.0)
    sounds = find_sound_set("tinysoundfont")
    path = write_clip(song, window, tmp_path, sounds, 1)  # type: ignore[arg-type]
    made = path.stat().st_mtime_ns
    assert write_clip(song, window, tmp_path, sounds, 1).stat().st_mtime_ns == made  # type: ignore[arg-type]
    assert write_clip(song, window, tmp_path, sounds, 2) != path  # type: ignore[arg-type]


# --- lines -------------------------------------------------------------------------------------------


def test_one_song_through_all_symbolic_lines() -> None:
    asked = asks(prompt="pop in C major, 100 bpm, 30 seconds", seconds=30.0)
    facts, song = measure(asked, 1)
    assert song is not None
    tally = Tally()
    claim_symbolic(tally, [facts], {asked.prompt: asked})
    claim_whole(tally, [facts], [facts])
    claim_variety(tally, "two of a kind", [facts, facts])
    values = {line.name: line for line in tally.lines}
    assert values["within one bar of what was asked"].ok is True
    assert values["two of a kind: most 4-grams two melodies share"].ok is False
    assert tally.missed >= 1


def test_a_prompt_that_cannot_be_composed_is_a_miss() -> None:
    facts, song = measure(asks(prompt="techno at 5000 bpm"), 1)
    assert song is None
    assert "5000" in facts.error


def test_a_tally_judges_shares_against_targets() -> None:
    tally = Tally()
    cases = [Case(True, "a", 1), Case(False, "b", 2, "asked", "found")]
    tally.share("g", "half", cases, 0.5)
    tally.share("g", "most", cases, 0.9)
    tally.share("g", "no target", cases)
    tally.share("g", "nothing", [], 0.9)
    tally.between("g", "mean", [1.0, 3.0, float("nan")], 1.5, 2.5)
    assert [line.ok for line in tally.lines] == [True, False, None, None, True]
    assert tally.missed == 1
    assert tally.worst() == [("b", 2, ["half", "most"])]
