"""Ideation: the prompt is understood."""

from collections.abc import Callable, Mapping

from music.understanding import understand

from activities.job import StepJob
from domain.song_input import check_prompt


def run_understand(job: StepJob) -> None:
    """The brief: what the song shall be, with reasons."""
    given = {"musical.genre": genre} if (genre := job.read("musical.genre")) else {}
    brief = understand(
        _text(job),
        enhance=bool(job.params["enhance"]),
        level=str(job.params["level"]),
        given=given,
        seed=job.seed,
    )
    reasoning = [step.model_dump(mode="json") for step in brief.reasoning]
    decision = {
        "level": job.params["level"],
        "enabled": job.params["enhance"],
        "method": "chain_of_thought",
        "confidence": brief.confidence,
        "contradictions": brief.contradictions,
        "reasoning": reasoning,
    }
    job.patch = {**brief.patch, "ai_decisions": {"prompt_enhancement": decision}}
    job.put_model("brief", brief)
    job.measured = {"title": brief.title, "confidence": brief.confidence}
    for step in brief.reasoning:
        job.explain(step.field, step.value, step.text)


def _text(job: StepJob) -> str:
    """The person's own wording wins over the prompt; inspiration and references are read along."""
    prompt = check_prompt(job.read("creative.enhanced_prompt") or job.text("prompt"))
    more = [job.read("creative.inspiration"), *job.read("creative.references", [])]
    return ". ".join([prompt, *(text for text in more if text)])


STEPS: Mapping[str, Callable[[StepJob], None]] = {"understand": run_understand}
