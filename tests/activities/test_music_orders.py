"""The arrangement as an order, and which songs are made without asking anybody."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from activities.music_orders import music_order, style_line
from activities.provider_facts import _stays_at_home, at_home
from domain.context import SongContext
from domain.providers import Task
from domain.providing import Asking
from domain.score import Part, Role, Score, Section, SectionKind, TempoChange, TimeSignature
from domain.stages import Stage
from music.material import TAIL_S
from providers.builtin import CAPABILITIES as BUILT_IN
from providers.registry import catalogue

K = SectionKind


def asking(task: Task = Task.INSTRUMENTAL, **more: Any) -> Asking:
    given = {"composition_id": "s", "owner": "ann", "stage": Stage.PRODUCTION, "revision": 1, "seed": 2**40 + 7}
    return Asking(task=task, context="0" * 64, title="Night Ferry", **{**given, **more})


def score(metre: TimeSignature, bpm: float, *sections: tuple[SectionKind, int, float]) -> Score:
    placed, bar = [], 0
    for kind, bars, energy in sections:
        placed.append(Section(name=f"{kind} {bar}", kind=kind, start_bar=bar, bars=bars, energy=energy))
        bar += bars
    parts = [Part(id="keys", name="Keys", instrument="rhodes", role=Role.KEYS), Part(
        id="low", name="Bass", instrument="upright_bass", role=Role.BASS)]  # fmt: skip
    return Score(
        key="F", scale="harmonic_minor", time_signature=metre, sections=tuple(placed), parts=tuple(parts),
        tempo=(TempoChange(start=0, bpm=bpm),),
    )  # fmt: skip


def context(**musical: Any) -> SongContext:
    patch = {"genre": ["lo_fi", "jazz"], "mood": {"valence": 0.2, "arousal": 0.2}, "tempo": 80, **musical}
    return SongContext().update({"musical": patch})


def ordered(made: Score, of: SongContext, task: Task = Task.INSTRUMENTAL, **documents: str) -> Any:
    given = {name: text.encode() for name, text in documents.items()}
    return music_order(asking(task), of, {"score": made.model_dump_json().encode(), **given})


SONG = score(TimeSignature(), 120, (K.INTRO, 4, 0.1), (K.VERSE, 8, 0.4), (K.PRECHORUS, 4, 0.6), (K.CHORUS, 8, 1.0))


def test_the_sections_are_a_plan_of_seconds_names_and_energies() -> None:
    order, needs = ordered(SONG, context())
    assert [(s.name, s.duration_s, s.styles) for s in order.sections] == [
        ("intro", 8.0, ("sparse",)), ("verse", 16.0, ("gentle",)), ("pre-chorus", 8.0, ("building",)),
        ("chorus", 16.0, ("full energy",)),
    ]  # fmt: skip
    assert (order.duration_s, needs.duration_s) == (51, 48 + TAIL_S), "its bars, and the time to fade"
    assert (order.key, order.bpm, order.seed, order.instrumental) == ("F harmonic minor", 120.0, 7, True)


def test_six_eight_is_counted_in_dotted_quarters() -> None:
    made = score(TimeSignature(numerator=6, denominator=8), 90, (K.VERSE, 8, 0.5))
    order, _ = ordered(made, context(time_signature="6/8"))
    assert order.bpm == 60.0
    assert order.sections[0].duration_s == 16.0
    assert "60 bpm" in order.style
    assert order.style.endswith("6/8")


def test_the_style_line_says_everything_once() -> None:
    line = style_line(context(), SONG)
    assert line == "lo fi, jazz, melancholic, 120 bpm, F harmonic minor, rhodes, upright bass"


@pytest.mark.parametrize(
    ("valence", "arousal", "word"),
    [(0.5, 0.5, "uplifting"), (0.5, 0.49, "warm and calm"), (0.49, 0.5, "tense"), (0.0, 0.0, "melancholic")],
)
def test_a_mood_has_a_word(valence: float, arousal: float, word: str) -> None:
    assert word in style_line(context(mood={"valence": valence, "arousal": arousal}), SONG).split(", ")


def test_words_go_along_where_they_are_sung_and_nowhere_else() -> None:
    sung, needs = ordered(SONG, context(), Task.FULL_SONG, lyrics="[Verse]\nla")
    assert (sung.lyrics, sung.instrumental, needs.vocals, needs.lyrics) == ("[Verse]\nla", False, True, True)
    own = context().update({"creative.lyrics": "[Verse]\nmine"})
    assert ordered(SONG, own, Task.FULL_SONG, lyrics="[Verse]\nla")[0].lyrics == "[Verse]\nmine"
    played, needs = ordered(SONG, own)
    assert (played.lyrics, played.instrumental, needs.vocals, needs.lyrics) == ("", True, False, False)


def test_what_is_not_wanted_is_told() -> None:
    of = context().update({"creative.constraints": {"without": ["electric_guitar", "drums"]}})
    assert ordered(SONG, of)[0].negative == ("electric guitar", "drums")


def test_the_same_song_is_the_same_order() -> None:
    first, second = (json.dumps(ordered(SONG, context())[0].model_dump(mode="json")) for _ in range(2))
    assert first == second


DESK: Any = SimpleNamespace(catalogue={"builtin": BUILT_IN, **catalogue()})
HOME = (
    # task, how it is to be produced, preferred; whether nobody else is asked, whether our own engine just does it
    (Task.INSTRUMENTAL, "auto", (), True, True),
    (Task.INSTRUMENTAL, "auto", ("stable_audio",), False, False),
    (Task.INSTRUMENTAL, "auto", ("anthropic",), True, True),
    (Task.INSTRUMENTAL, "auto", ("nobody_of_this_name",), True, True),
    (Task.FULL_SONG, "auto", ("anthropic",), True, True),
    (Task.FULL_SONG, "auto", ("builtin",), True, True),
    (Task.FULL_SONG, "auto", ("stable_audio",), True, False),
    (Task.FULL_SONG, "auto", ("anthropic", "suno"), False, False),
    (Task.FULL_SONG, "provider", (), False, False),
    (Task.STEMS, "auto", ("elevenlabs",), False, False),
    (Task.MELODY, "auto", (), False, False),
    (Task.ENHANCEMENT, "auto", ("suno",), False, False),
)


@pytest.mark.parametrize(("task", "production", "preferred", "stays", "home"), HOME)
def test_who_is_asked_at_all(task: Task, production: str, preferred: tuple[str, ...], stays: bool, home: bool) -> None:
    of = asking(task, production=production, preferred=preferred)
    assert (_stays_at_home(DESK, of), at_home(DESK, of)) == (stays, home)
