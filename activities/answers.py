"""A language model's answer in a step: its document, and the composer's wishes with what the model has decided."""

from collections.abc import Callable, Mapping
from typing import Any

from activities.job import StepJob
from domain.providing import ProviderResult

Read = Callable[..., Any]


def answer_of(job: StepJob) -> Mapping[str, Any] | None:
    """The document that a provider answered with; None where our own engine does the work."""
    if "answer" not in job.request.inputs:
        return None
    result = job.model("answer", ProviderResult)
    job.explain("provider", result.provider, f"answered with {result.model or 'its own model'}")
    return result.document or {}


def wishes(read: Read, decided: Mapping[str, Any]) -> Read:
    """`read`, in which the paths of `decided` have other values; what they hold inside is found as well."""

    def found(path: str, default: Any = None) -> Any:
        own = read(path, default)
        if path in decided:
            return decided[path]
        inside = next((outer for outer in decided if path.startswith(outer + ".")), None)
        if inside is None:
            return own
        value = decided[inside]
        for name in path.removeprefix(inside + ".").split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        return own if value is None else value

    return found
