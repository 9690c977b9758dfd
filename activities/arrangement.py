"""Arrangement: the form, and every section for the whole band."""

from collections.abc import Callable, Mapping

from activities.job import StepJob
from domain.score import Score
from domain.steps import MediaType
from music.composing import write_form, write_score
from music.material import BassLine, Form, Harmony, Melody, Rhythm
from music.midi import write_midi


def run_form(job: StepJob) -> None:
    """Sections that fit the wished duration to the bar."""
    form = write_form(job.read, seed=job.seed)
    job.put_model("form", form)
    sections = [{"name": s.name, "start": s.start_bar, "duration": s.bars, "unit": "bars"} for s in form.sections]
    job.patch = {"musical": {"structure": sections}}
    if job.read("technical.duration") is None:
        job.patch["technical"] = {"duration": form.duration_s}
    job.explain("form", ", ".join(f"{s.name} {s.bars}" for s in form.sections), f"{form.duration_s:.1f} s in all")


def run_arrange(job: StepJob) -> None:
    """The score: who plays what in every section."""
    score = write_score(
        job.read,
        job.model("form", Form),
        job.model("chords", Harmony),
        job.model("rhythm", Rhythm),
        job.model("melody", Melody),
        job.model("bass", BassLine),
        title=str(job.params["title"]),
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
