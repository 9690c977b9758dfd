"""Ideation: the prompt is understood."""

from collections.abc import Callable, Mapping
from typing import Any

from activities.job import StepJob
from domain.providing import ProviderResult
from domain.settings import MAX_PROMPT_CHARACTERS
from domain.song_input import check_prompt
from music.understanding import understand
from providers.language.brief import read as read_brief

Reader = Callable[[str], Any]


def run_understand(job: StepJob) -> None:
    """The brief: what the song shall be, with reasons; a language model's where one has answered."""
    given = given_wishes(job.read)
    text, level = wording(job.read, job.text("prompt")), str(job.params["level"])
    answered = "answer" in job.request.inputs
    if answered:
        answer = job.model("answer", ProviderResult)
        told = read_brief(answer.document or {}, text, level=level, given=given, seed=job.seed)
        brief = told.understanding
        job.put_model("provider_brief", told.model_dump(mode="json", exclude={"understanding"}))
        job.explain("language model", answer.model or answer.provider, "wrote the brief; the person's own words stand")
        for path in told.kept:
            job.explain(path, "kept", "the prompt says so, whatever the model proposed")
    else:
        brief = understand(text, enhance=bool(job.params["enhance"]), level=level, given=given, seed=job.seed)
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


def given_wishes(read: Reader) -> dict[str, Any]:
    """What the person has set before the prompt is read, by context path."""
    genre = read("musical.genre")
    return {"musical.genre": genre} if genre else {}


def wording(read: Reader, prompt: str) -> str:
    """The person's own wording wins over the prompt; inspiration and references are read along."""
    chosen = read("creative.enhanced_prompt") or check_prompt(prompt)
    more = [read("creative.inspiration"), *(read("creative.references") or [])]
    # An uploaded song is heard in mastering; only words can be read.
    return ". ".join([chosen, *(text for text in more if text and isinstance(text, str))])[:MAX_PROMPT_CHARACTERS]


STEPS: Mapping[str, Callable[[StepJob], None]] = {"understand": run_understand}
