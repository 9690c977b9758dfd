"""Running one step: from its request to its stored outputs. The same in a thread and in a process of its own."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel

from activities.job import ProgressTold, StepJob, Store
from domain.context import SongContext
from domain.steps import Artifact, StepRequest
from storage.config import Settings


class Made(BaseModel):
    """What a step made, all of it stored."""

    outputs: dict[str, Artifact]
    patch: str | None
    decisions: str | None
    measured: dict[str, float | int | str | bool]


def execute(
    request: StepRequest, context: SongContext, store: Store, settings: Settings, progress: ProgressTold
) -> Made:
    """Run a step on its inputs."""
    job = StepJob(request, context, store, settings, progress)
    functions()[request.step](job)
    return Made(
        outputs=job.outputs,
        patch=job.keep(job.patch) if job.patch else None,
        decisions=job.keep(job.decisions) if job.decisions else None,
        measured=job.measured,
    )


@cache
def functions() -> Mapping[str, Callable[[StepJob], None]]:
    """Every step's function by its name. Imported late: a light worker need not load what renders sound."""
    from activities import arrangement, composition, finalization, ideation, mastering, mixing, production

    modules: tuple[Any, ...] = (ideation, composition, arrangement, production, mixing, mastering, finalization)
    return {name: function for module in modules for name, function in module.STEPS.items()}
