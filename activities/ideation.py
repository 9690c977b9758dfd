"""Ideation: the prompt is understood."""

from collections.abc import Callable, Mapping

from activities.job import StepJob
from domain.settings import MAX_PROMPT_CHARACTERS
from domain.song_input import check_prompt
from music.understanding import understand


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
    prompt = job.read("creative.enhanced_prompt") or check_prompt(job.text("prompt"))
    more = [job.read("creative.inspiration"), *job.read("creative.references", [])]
    # An uploaded song is heard in mastering; only words can be read.
    return ". ".join([prompt, *(text for text in more if text and isinstance(text, str))])[:MAX_PROMPT_CHARACTERS]


STEPS: Mapping[str, Callable[[StepJob], None]] = {"understand": run_understand}
