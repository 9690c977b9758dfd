"""What free words about a song mean, by a language model: a short workflow of its own, which changes nothing.

The song is asked afterwards, with the edits that came out; so its own rules decide, whoever has read the words.
"""

from collections.abc import Mapping
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.events import EventType
    from domain.providers import BUILTIN, Task
    from domain.providing import INTERPRET_WORKFLOW, READERS, Interpreted, Interpreting
    from domain.stages import Stage
    from domain.steps import Artifact, StepRequest
    from workflows.calls import StepFailed
    from workflows.providing import provide
    from workflows.stage_run import StageRun

NOBODY = "no language model is set up to read it"


@workflow.defn(name=INTERPRET_WORKFLOW)
class InterpretationWorkflow:
    """Words in, edits out."""

    @workflow.init
    def __init__(self, asked: Interpreting) -> None:
        self._reasons: list[str] = []

    @workflow.run
    async def run(self, asked: Interpreting) -> Interpreted:
        """Have the words read."""
        template = StepRequest(
            composition_id=asked.composition_id,
            owner=asked.owner,
            stage=Stage.ARRANGEMENT,
            step="",
            revision=1,
            seed=asked.seed,
            context=asked.context,
        )
        settings = {
            "title": asked.title,
            "providers_preferred": READERS,
            "providers_forbidden": asked.forbidden,
            "budget": asked.budget,
            "production": "builtin",
            "on_unknown": "fallback",
            "enhancement": {"level": "moderate"},
        }
        documents = {"score": asked.score, "words": asked.words}
        run = StageRun(template, documents, settings, {}, _at_once, _unheard, self._told)
        try:
            made = await provide(
                run, Task.ANALYSIS, "interpret", "score", documents=("score", "words"), answered_step="interpret"
            )
        except StepFailed as failure:
            return Interpreted(refusal=failure.reason)
        if not made:
            return Interpreted(refusal="; ".join(self._reasons) or NOBODY)
        provider = next((one.provider for one in run.provided if one.provider != BUILTIN), "")
        return Interpreted(edits=made[0].outputs["edits"].hash, provider=provider)

    def _told(self, type_: EventType, payload: Mapping[str, Any]) -> None:
        if type_ is EventType.PROVIDER_FAILED:
            self._reasons.append(f"{payload['provider']}: {payload['reason']}")


async def _at_once() -> None:
    return


def _unheard(_request: StepRequest, _artifact: Artifact) -> None:
    return
