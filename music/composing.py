"""A song as written, from its context: the composer's parts called in their order, with what each of them reads.

The parts take a `read` function (context path, default) so that a workflow step can record what it reads; `compose`
calls all of them in one process, without sound.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.context import SongContext, effective
from domain.score import Performance, Score
from domain.settings import SongSettings
from music.arranging import arrange
from music.bass import write_bass
from music.form import plan_form
from music.harmony import given_bars, write_harmony
from music.material import BassLine, Form, Harmony, Melody, Rhythm
from music.melody import write_melody
from music.metre import parse_metre
from music.performance import perform
from music.rhythm import write_rhythm
from music.theory import name_pc, normal_key, parse_chord
from music.understanding import Understanding, understand

Read = Callable[..., Any]
"""`read(path, default=None)`: the value at a context path."""

CANDIDATES: int = SongSettings().candidates
"""As many as a song of the studio has: both write the same notes."""


@dataclass(frozen=True, slots=True)
class Composition:
    """Everything of a song but its sound."""

    understanding: Understanding
    context: SongContext
    harmony: Harmony
    rhythm: Rhythm
    melody: Melody
    bass: BassLine
    form: Form
    score: Score
    performance: Performance


def compose(
    prompt: str,
    *,
    seed: int = 1,
    wishes: Mapping[str, Any] | None = None,
    enhance: bool = True,
    level: str = "moderate",
    candidates: int = CANDIDATES,
) -> Composition:
    """A whole song from a prompt of 1–10,000 characters; equal arguments give an equal song.

    `wishes` is a context patch of the person's own settings, which win over the prompt. Raises `InvalidInput` for
    what cannot be done.
    """
    person = dict(wishes or {})
    genre = effective(person).get("musical.genre")
    given = {"musical.genre": genre} if genre else {}
    brief = understand(prompt, enhance=enhance, level=level, given=given, seed=seed)
    context = effective(person, [brief.patch])
    read = context.get
    harmony = write_chords(read, candidates=candidates, seed=seed)
    rhythm = write_grooves(read, candidates=candidates, seed=seed)
    melody = write_tunes(read, harmony, candidates=candidates, seed=seed)
    bass = write_bass_line(read, harmony, rhythm, candidates=candidates, seed=seed)
    form = write_form(read, seed=seed)
    score = write_score(read, form, harmony, rhythm, melody, bass, title=brief.title, seed=seed)
    performance = play(read, score, seed=seed)
    return Composition(brief, context, harmony, rhythm, melody, bass, form, score, performance)


def _beat(read: Read) -> float:
    return parse_metre(read("musical.time_signature")).counted_beat


def _quarters(read: Read) -> float:
    """Quarter notes a minute: a person's tempo counts the beats of the metre."""
    return float(read("musical.tempo")) * _beat(read)


def write_chords(read: Read, *, candidates: int, seed: int) -> Harmony:
    """Chords for every kind of section."""
    return write_harmony(
        key=read("musical.key"),
        scale=read("musical.scale"),
        genre=read("musical.genre"),
        valence=read("musical.mood.valence"),
        arousal=read("musical.mood.arousal"),
        time_signature=read("musical.time_signature"),
        progression=read("musical.chord_progression", {}),
        takes=read("musical.takes", {}),
        candidates=candidates,
        seed=seed,
    )


def write_grooves(read: Read, *, candidates: int, seed: int) -> Rhythm:
    """Grooves, fills and accompaniment patterns."""
    return write_rhythm(
        genre=read("musical.genre"),
        tempo=_quarters(read),
        time_signature=read("musical.time_signature"),
        valence=read("musical.mood.valence"),
        arousal=read("musical.mood.arousal"),
        wish=_wish(read, "musical.rhythm_pattern"),
        constraints=read("creative.constraints", {}),
        candidates=candidates,
        seed=seed,
    )


def write_tunes(read: Read, harmony: Harmony, *, candidates: int, seed: int) -> Melody:
    """A tune for every kind of section."""
    return write_melody(
        harmony,
        key=read("musical.key"),
        scale=read("musical.scale"),
        genre=read("musical.genre"),
        tempo=_quarters(read),
        time_signature=read("musical.time_signature"),
        valence=read("musical.mood.valence"),
        arousal=read("musical.mood.arousal"),
        wish=_wish(read, "musical.melody"),
        takes=read("musical.takes", {}),
        candidates=candidates,
        seed=seed,
    )


def write_bass_line(read: Read, harmony: Harmony, rhythm: Rhythm, *, candidates: int, seed: int) -> BassLine:
    """A bass line under the chords, on the kick."""
    return write_bass(
        harmony,
        rhythm,
        genre=read("musical.genre"),
        tempo=_quarters(read),
        time_signature=read("musical.time_signature"),
        wish=_wish(read, "musical.bass_line"),
        takes=read("musical.takes", {}),
        candidates=candidates,
        seed=seed,
    )


def write_form(read: Read, *, seed: int) -> Form:
    """Sections that fit the wished duration to the bar."""
    shapes = read("musical.sections", {})
    return plan_form(
        genre=read("musical.genre"),
        tempo=_quarters(read),
        time_signature=read("musical.time_signature"),
        duration=read("technical.duration"),
        structure=read("musical.structure", []),
        energies={name: shape["energy"] for name, shape in shapes.items() if shape.get("energy") is not None},
        tempos={n: shape["tempo"] * _beat(read) for n, shape in shapes.items() if shape.get("tempo") is not None},
        homes=_homes(read),
        exact=bool(read("creative.constraints", {}).get("exact_duration", False)),
        seed=seed,
    )


def write_score(
    read: Read,
    form: Form,
    harmony: Harmony,
    rhythm: Rhythm,
    melody: Melody,
    bass: BassLine,
    *,
    title: str,
    seed: int,
) -> Score:
    """Who plays what in every section."""
    return arrange(
        form,
        harmony,
        rhythm,
        melody,
        bass,
        title=title,
        key=read("musical.key"),
        scale=read("musical.scale"),
        genre=read("musical.genre"),
        tempo=_quarters(read),
        time_signature=read("musical.time_signature"),
        instruments=read("musical.instruments", []),
        constraints=read("creative.constraints", {}),
        section_overrides=read("musical.sections", {}),
        transitions=read("musical.transitions", {}),
        dynamics=read("musical.dynamics", {}),
        takes=read("musical.takes", {}),
        seed=seed,
    )


def play(read: Read, score: Score, *, seed: int) -> Performance:
    """Every part as played."""
    return perform(
        score,
        genre=read("musical.genre"),
        style=read("creative.style_modifiers", []),
        swing=read("musical.rhythm_pattern.swing"),
        humanize=float(read("creative.preferences.performance", {}).get("humanize", 1.0)),
        seed=seed,
    )


def _homes(read: Read) -> tuple[int, frozenset[int]] | None:
    """Length of the chords that were given for the whole song, and the bars of them that are the tonic."""
    asked, key = read("musical.chord_progression", {}).get("all"), read("musical.key")
    if not asked:
        return None
    bars = given_bars(asked, key)
    tonic = name_pc(normal_key(key))
    return len(bars), frozenset(i for i, bar in enumerate(bars) if len(bar) == 1 and parse_chord(bar[0]).root == tonic)


def _wish(read: Read, path: str) -> dict[str, Any]:
    """What somebody asked for under `path`; the summary there is an output."""
    wished = read(path, {})
    return {name: value for name, value in wished.items() if value is not None and name != "summary"}
