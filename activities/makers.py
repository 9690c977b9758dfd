"""Who made what of a song, and who was asked for it, from the results of its stages."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from domain.providers import BUILTIN, Task
from domain.providing import Provided
from domain.stages import Stage

Result = Mapping[str, Any]

_SUNG = (Task.FULL_SONG, Task.VOCALS)


def asked(results: Sequence[Result]) -> Iterator[dict[str, Any]]:
    """Each task of the stages: who did it and why, who had failed before, who was not asked; costs in US dollars."""
    for result in results:
        for one in _provided(result):
            yield {
                "stage": result["stage"],
                "task": one.task.value,
                "step": one.step,
                "provider": one.provider,
                "model": one.model,
                "cost": str(one.cost_usd),
                "reasons": list(one.choice.reasons),
                "tried": [failed.model_dump(mode="json") for failed in one.tried],
                "not_asked": [refused.model_dump(mode="json") for refused in one.choice.refused],
            }


def engine(entries: Sequence[Mapping[str, Any]], stages: Sequence[Mapping[str, Any]]) -> str:
    """`providers` when anything was made by one, else `builtin`."""
    makers = {entry["provider"] for entry in (*entries, *stages)}
    return BUILTIN if makers <= {BUILTIN} else "providers"


def recorded_by(entries: Sequence[Mapping[str, Any]]) -> str:
    """The provider whose recording is the song's sound; empty when our own band plays."""
    makers = (entry["provider"] for entry in entries if entry["stage"] == Stage.PRODUCTION)
    return next((maker for maker in makers if maker != BUILTIN), "")


def vocals(entries: Sequence[Mapping[str, Any]], results: Sequence[Result], words: str | None) -> str:
    """Whether anybody sings, who, and whose words; `words` are the lyrics that the song has in the end."""
    tasks = {entry["task"]: entry["provider"] for entry in entries}
    maker = recorded_by(entries)
    singer = next((tasks[task] for task in _SUNG if tasks.get(task, BUILTIN) != BUILTIN), "")
    if singer:
        return f"sung by a voice of {singer}, {_whose(tasks, results, words)}"
    if maker and Task.TRANSFORMATION in tasks:
        return f"as {maker} made them in its version of the uploaded song"
    if maker:
        return f"none: {maker} was asked for an instrumental"
    if {*tasks} & {*_SUNG, Task.LYRICS}:
        return "none: a voice was asked for, but no provider that sings made the song; the lead instrument plays"
    return "none: the lead instrument plays the vocal line"


def _whose(tasks: Mapping[str, str], results: Sequence[Result], words: str | None) -> str:
    if not words:
        return "in its own words"
    patches = (result.get("patch", {}).get("creative", {}) for result in results)
    written = any(patch.get("lyrics") == words for patch in patches)
    return f"in words written by {tasks[Task.LYRICS]}" if written and Task.LYRICS in tasks else "in the person's words"


def _provided(result: Result) -> Iterator[Provided]:
    yield from (Provided.model_validate(one) for one in result.get("provided", ()))
