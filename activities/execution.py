"""Running one step: from its request to its stored outputs. The same in a thread and in a process of its own."""

from collections.abc import Callable, Mapping
from importlib import import_module

from pydantic import BaseModel

from activities.job import ProgressTold, StepJob, Store
from domain.context import SongContext
from domain.steps import STEPS, Artifact, StepRequest
from storage.config import Settings


class Made(BaseModel):
    """What a step made, all of it stored."""

    outputs: dict[str, Artifact]
    patch: str | None
    decisions: str | None
    measured: dict[str, float | int | str | bool]


def execute(
    request: StepRequest,
    context: SongContext,
    store: Store,
    settings: Settings,
    progress: ProgressTold,
    noted: Callable[[str, set[str]], None] = lambda _step, _paths: None,
) -> Made:
    """Run a step on its inputs; `noted` is told which context paths it read."""
    job = StepJob(request, context, store, settings, progress)
    step_function(request.step)(job)
    noted(request.step, job.reads)
    return Made(
        outputs=job.outputs,
        patch=job.keep(job.patch) if job.patch else None,
        decisions=job.keep(job.decisions) if job.decisions else None,
        measured=job.measured,
    )


def step_function(name: str) -> Callable[[StepJob], None]:
    """The function of a step: `activities/` has one module for each stage, with a table of its steps.

    Only that stage's module is loaded, so that composing needs nothing of what renders sound.
    """
    module = import_module(f"activities.{STEPS[name].stage}")
    table: Mapping[str, Callable[[StepJob], None]] = module.STEPS
    return table[name]
