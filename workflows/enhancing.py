"""What a prompt would become, without a song: a short workflow of one step, on our own engine."""

from collections.abc import Mapping
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.enhancing import ENHANCE_WORKFLOW, Enhanced, Enhancing
    from domain.stages import Stage
    from domain.steps import StepRequest
    from workflows.calls import StepFailed, run_step

STEP = "understand"


@workflow.defn(name=ENHANCE_WORKFLOW)
class EnhancementWorkflow:
    """A prompt in, the brief out; the same step that a song's ideation runs, and its result is kept for songs."""

    @workflow.run
    async def run(self, asked: Enhancing) -> Enhanced:
        """Have the prompt understood."""
        params: Mapping[str, Any] = {"enhance": asked.enhance, "level": asked.level}
        request = StepRequest(
            composition_id=asked.id,
            owner=asked.owner,
            stage=Stage.IDEATION,
            step=STEP,
            revision=1,
            seed=asked.seed,
            context=asked.context,
            inputs={"prompt": asked.prompt},
            params=dict(params),
        )
        try:
            result = await run_step(request, key=STEP)
        except StepFailed as failure:
            return Enhanced(refusal=failure.reason, code=failure.code)
        return Enhanced(brief=result.outputs["brief"].hash)
