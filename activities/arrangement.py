"""Arrangement: the form, and every section for the whole band."""

from collections.abc import Callable, Mapping

from activities.job import StepJob
from domain.score import Score
from domain.steps import MediaType
from music.arranging import arrange
from music.form import plan_form
from music.material import BassLine, Form, Harmony, Melody, Rhythm
from music.midi import write_midi


def run_form(job: StepJob) -> None:
    """Sections that fit the wished duration to the bar."""
    shapes = job.read("musical.sections", {})
    constraints = job.read("creative.constraints", {})
    wished = job.read("technical.duration")
    form = plan_form(
        genre=job.read("musical.genre"),
        tempo=job.read("musical.tempo"),
        time_signature=job.read("musical.time_signature"),
        duration=wished,
        structure=job.read("musical.structure", []),
        energies={name: shape["energy"] for name, shape in shapes.items() if shape.get("energy") is not None},
        exact=bool(constraints.get("exact_duration", False)),
        seed=job.seed,
    )
    job.put_model("form", form)
    sections = [{"name": s.name, "start": s.start_bar, "duration": s.bars, "unit": "bars"} for s in form.sections]
    job.patch = {"musical": {"structure": sections}}
    if wished is None:
        job.patch["technical"] = {"duration": form.duration_s}
    job.explain("form", ", ".join(f"{s.name} {s.bars}" for s in form.sections), f"{form.duration_s:.1f} s in all")


def run_arrange(job: StepJob) -> None:
    """The score: who plays what in every section."""
    shapes = job.read("musical.sections", {})
    score = arrange(
        job.model("form", Form),
        job.model("chords", Harmony),
        job.model("rhythm", Rhythm),
        job.model("melody", Melody),
        job.model("bass", BassLine),
        title=str(job.params["title"]),
        key=job.read("musical.key"),
        scale=job.read("musical.scale"),
        genre=job.read("musical.genre"),
        tempo=job.read("musical.tempo"),
        time_signature=job.read("musical.time_signature"),
        instruments=job.read("musical.instruments", []),
        constraints=job.read("creative.constraints", {}),
        section_overrides=shapes,
        transitions=job.read("musical.transitions", {}),
        dynamics=job.read("musical.dynamics", {}),
        seed=job.seed,
    )
    job.put_model("score", score)
    job.patch = {"musical": {"sections": {s.name: {"energy": s.energy} for s in score.sections}}}
    for part in score.parts:
        job.explain(f"part {part.id}", part.name, f"{part.role}, {len(part.notes)} notes")


def run_sketch(job: StepJob) -> None:
    """The score as quantised MIDI, to hear it early."""
    score = job.model("score", Score)
    job.put("sketch", write_midi(score, None), "audio/midi", MediaType.MIDI, "sketch.mid", bars=score.bars)


STEPS: Mapping[str, Callable[[StepJob], None]] = {"form": run_form, "arrange": run_arrange, "sketch": run_sketch}
