"""Arrangement: the form, and every section for the whole band."""

from collections.abc import Callable, Mapping

from activities.answers import Read, answer_of, wishes
from activities.job import StepJob
from activities.sketching import run_sketch
from domain.edits import read_edits, shown
from domain.references import KnownSection, written_sections
from domain.score import Score
from music.composing import write_form, write_score
from music.editing import apply
from music.material import TAIL_S, BassLine, Form, Harmony, Melody, Rhythm
from providers.language import edits as language_edits
from providers.language import lyrics, structure

USUAL_SECONDS = 180.0
"""How long a song is where nothing says otherwise."""


def run_form(job: StepJob) -> None:
    """Sections that fit the wished duration to the bar."""
    form = write_form(_planned(job), seed=job.seed)
    job.put_model("form", form)
    sections = [{"name": s.name, "start": s.start_bar, "duration": s.bars, "unit": "bars"} for s in form.sections]
    job.patch = {"musical": {"structure": sections}}
    if job.read("technical.duration") is None:
        job.patch["technical"] = {"duration": form.duration_s}
    job.explain("form", ", ".join(f"{s.name} {s.bars}" for s in form.sections), f"{form.duration_s:.1f} s in all")


def _planned(job: StepJob) -> Read:
    """The wishes for the form: the person's, with a language model's sections where it was asked for them."""
    answer = answer_of(job)
    if answer is None:
        return job.read
    told = structure.read(
        answer,
        genre=job.read("musical.genre"),
        tempo=float(job.read("musical.tempo")),
        time_signature=str(job.read("musical.time_signature")),
        duration=float(job.read("technical.duration") or USUAL_SECONDS),
    )
    shapes = dict(job.read("musical.sections", {}))
    for name, energy in told.energies.items():
        shapes[name] = {"energy": energy, **{k: v for k, v in shapes.get(name, {}).items() if v is not None}}
    return wishes(job.read, {"musical.structure": told.structure, "musical.sections": shapes})


def run_lyrics(job: StepJob) -> None:
    """Words that fit the phrases of the melody."""
    sections = lyrics.sung_sections(job.model("melody", Melody), job.model("form", Form).sections)
    language = "en"
    if "provider_brief" in job.request.inputs:
        language = str(job.document("provider_brief").get("language") or "en")
    told = lyrics.read(answer_of(job) or {}, sections, language=language)
    job.put("lyrics", told.text().encode(), "text/plain")
    job.patch = {"creative": {"lyrics": told.text()[:8000]}}
    job.explain("lyrics", f"{sum(len(section.lines) for section in told.sections)} lines", f"in {told.language}")


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
    written = {section.name for section in score.sections}
    score = _edited(job, score)
    job.put_model("score", score)
    job.patch["musical"] = {"sections": {s.name: {"energy": s.energy} for s in score.sections}}
    job.measured["sections"] = written_sections(
        [KnownSection(name=s.name, kind=s.kind, copied=s.name not in written) for s in score.sections]
    )
    for part in score.parts:
        job.explain(f"part {part.id}", part.name, f"{part.role}, {len(part.notes)} notes")


def _edited(job: StepJob, score: Score) -> Score:
    """The score with the person's edits, each told among the decisions; the song's new length goes to the context."""
    edited, told = apply(score, read_edits(job.read("musical.edits", [])))
    for number, edit in enumerate(told, 1):
        job.explain(f"edit {number}: {shown(edit.edit)}", "done" if edit.done else "left out", edit.text)
    if (seconds := edited.seconds(edited.beats)) != score.seconds(score.beats):
        job.patch["technical"] = {"duration": round(seconds + TAIL_S, 3)}
    return edited


def run_interpret(job: StepJob) -> None:
    """Free words about a finished score as edits of it, tried on that score."""
    told = language_edits.read(answer_of(job) or {}, job.model("score", Score))
    job.put_model("edits", {"edits": [edit.model_dump(mode="json") for edit in told.edits], "done": list(told.done)})


STEPS: Mapping[str, Callable[[StepJob], None]] = {
    "form": run_form,
    "lyrics": run_lyrics,
    "arrange": run_arrange,
    "interpret": run_interpret,
    "sketch": run_sketch,
}
