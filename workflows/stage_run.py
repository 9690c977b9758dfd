"""One run of a stage: it names the inputs of steps, keeps what they made, and what was decided about providers."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.events import EventType
    from domain.providing import Provided
    from domain.steps import Artifact, MediaType, StepRequest, StepResult
    from workflows.calls import run_step

Answer = TypeVar("Answer")


class StageRun:
    """One run of a stage: it names the steps' inputs and keeps what they made."""

    def __init__(
        self,
        template: StepRequest,
        available: Mapping[str, str],
        settings: Mapping[str, Any],
        facts: Mapping[str, Any],
        may_start: Callable[[], Awaitable[None]],
        heard: Callable[[StepRequest, Artifact], None],
        told: Callable[[EventType, Mapping[str, Any]], None] = lambda _type, _payload: None,
    ) -> None:
        self._template = template
        self.told = told
        self._available = dict(available)
        self._may_start = may_start
        self._heard = heard
        self.settings = settings
        self.facts = dict(facts)
        self.results: list[StepResult] = []
        self.provided: list[Provided] = []

    @property
    def template(self) -> StepRequest:
        """What every step of this run is asked with."""
        return self._template

    def add(self, name: str, ref: str) -> None:
        """Make a document known to the steps that follow."""
        self._available[name] = ref

    async def step(
        self,
        name: str,
        *inputs: str,
        label: str = "",
        renamed: Mapping[str, str] | None = None,
        facts: Mapping[str, Any] | None = None,
        position: tuple[int, int] = (0, 0),
        **params: Any,
    ) -> StepResult:
        """Run a step on the artifacts `inputs` (by name, or all that share a prefix ending in a colon).

        `renamed` passes an artifact under another name; `position` tells how far a series of steps is.
        """
        await self._may_start()
        request = self._template.model_copy(
            update={
                "step": name,
                "label": label,
                "inputs": {**self.named(*inputs), **{k: self._available[v] for k, v in (renamed or {}).items()}},
                "params": params,
                "facts": facts or {},
                "position": position,
            }
        )
        key = f"{request.stage}-r{request.revision}-{name}-{label or 'all'}-{workflow.uuid4().hex[:8]}"
        result = await run_step(request, key=key)
        self._available.update({output: artifact.hash for output, artifact in result.outputs.items()})
        self.results.append(result)
        for artifact in result.outputs.values():
            if artifact.type is MediaType.PREVIEW:
                self._heard(request, artifact)
        return result

    def knows(self, change: str) -> bool:
        """Whether this run of the stage began with a change of its recipe; what began before it ends as it began."""
        return workflow.patched(f"{change}-{self._template.stage}-r{self._template.revision}")

    def named(self, *names: str) -> dict[str, str]:
        """Content hashes of artifacts by name; a name ending in a colon stands for all that start so."""
        return {
            key: ref
            for name in names
            for key, ref in self._available.items()
            if key == name or (name.endswith(":") and key.startswith(name))
        }


async def together(*steps: Coroutine[Any, Any, Answer]) -> list[Answer]:
    """Run steps in parallel; when one fails the others are stopped and its error is raised."""
    tasks = [asyncio.create_task(step) for step in steps]
    try:
        return list(await asyncio.gather(*tasks))
    except (Exception, asyncio.CancelledError):
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
