"""A whole song from a prompt, the way the activities call the composer."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from domain.score import Performance, Score
from music.arranging import arrange
from music.bass import write_bass
from music.form import plan_form
from music.harmony import write_harmony
from music.material import BassLine, Form, Harmony, Melody, Rhythm
from music.melody import write_melody
from music.performance import perform
from music.rhythm import write_rhythm
from music.understanding import Understanding, understand


@dataclass(frozen=True)
class Song:
    understanding: Understanding
    harmony: Harmony
    rhythm: Rhythm
    melody: Melody
    bass: BassLine
    form: Form
    score: Score
    performance: Performance


@lru_cache(maxsize=64)
def song(prompt: str, seed: int = 1, candidates: int = 2) -> Song:
    read = understand(prompt, enhance=True, level="moderate", given={}, seed=seed)
    return compose(read, seed, candidates)


def compose(read: Understanding, seed: int, candidates: int = 2, **changes: Any) -> Song:
    m = {**read.patch["musical"], **changes}
    creative = read.patch["creative"]
    constraints = creative.get("constraints", {})
    valence, arousal = m["mood"]["valence"], m["mood"]["arousal"]
    place = {"genre": m["genre"], "time_signature": m["time_signature"]}
    feeling = {"valence": valence, "arousal": arousal}
    tonality = {"key": m["key"], "scale": m["scale"]}
    harmony = write_harmony(
        **tonality, **place, **feeling, progression=m.get("chord_progression", {}), candidates=candidates, seed=seed
    )
    rhythm = write_rhythm(**place, **feeling, tempo=m["tempo"], wish={}, constraints=constraints, seed=seed)
    melody = write_melody(
        harmony, **tonality, **place, **feeling, tempo=m["tempo"], wish={}, candidates=candidates, seed=seed
    )
    bass = write_bass(harmony, rhythm, **place, tempo=m["tempo"], wish={}, seed=seed)
    form = plan_form(
        **place, tempo=m["tempo"], duration=read.patch["technical"]["duration"], structure=m.get("structure", []),
        energies={}, exact=bool(constraints.get("exact_duration")), seed=seed,
    )  # fmt: skip
    score = arrange(
        form, harmony, rhythm, melody, bass, title=read.title, **tonality, **place, tempo=m["tempo"],
        instruments=m["instruments"], constraints=constraints, section_overrides={}, transitions={}, dynamics={},
        seed=seed,
    )  # fmt: skip
    performance = perform(
        score, genre=m["genre"], style=creative.get("style_modifiers", []), swing=None, humanize=1.0, seed=seed
    )
    return Song(read, harmony, rhythm, melody, bass, form, score, performance)
