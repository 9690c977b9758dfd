"""What differs between two results of a stage, of one song or of two: settings, decisions, measurements, files."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.steps import Artifact, StageResult

_DECIMALS = 6


class PathChange(BaseModel):
    """A context path whose value differs; None where it is not set."""

    model_config = ConfigDict(frozen=True)

    path: str
    before: Any = None
    after: Any = None


class MeasuredChange(BaseModel):
    """A measurement that differs; `delta` is after less before, for numbers."""

    model_config = ConfigDict(frozen=True)

    name: str
    before: float | int | str | bool | None = None
    after: float | int | str | bool | None = None
    delta: float | None = None


class FileChange(BaseModel):
    """A file whose content differs, by the name of the artifact; None where there is no such file."""

    model_config = ConfigDict(frozen=True)

    name: str
    before: Artifact | None = None
    after: Artifact | None = None


class Comparison(BaseModel):
    """What differs between two results, each list in the order of names.

    `context` is what went into the stage, `decisions` is what the stage itself set. `same_files` counts the files of
    one name and one content.
    """

    model_config = ConfigDict(frozen=True)

    context: tuple[PathChange, ...] = ()
    decisions: tuple[PathChange, ...] = ()
    measured: tuple[MeasuredChange, ...] = ()
    added: tuple[FileChange, ...] = ()
    removed: tuple[FileChange, ...] = ()
    changed: tuple[FileChange, ...] = ()
    same_files: int = 0


def compare(
    before: StageResult, after: StageResult, contexts: tuple[Mapping[str, Any], Mapping[str, Any]]
) -> Comparison:
    """What differs between two results; `contexts` are the documents with which the stages were processed.

    Maps are compared key by key, lists as a whole. Numbers of any kind are equal where their values are.
    """
    files = tuple(_files(before.artifacts, after.artifacts))
    differing = [file for file in files if not _same_content(file)]
    return Comparison(
        context=differences(*contexts),
        decisions=differences(before.patch, after.patch),
        measured=tuple(_measured(before.measured, after.measured)),
        added=tuple(file for file in differing if file.before is None),
        removed=tuple(file for file in differing if file.after is None),
        changed=tuple(file for file in differing if file.before and file.after),
        same_files=len(files) - len(differing),
    )


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[PathChange, ...]:
    """The dot paths at which two documents differ, in the order of the paths."""
    return tuple(sorted(_walk(before, after, ""), key=lambda change: change.path))


def _walk(before: Mapping[str, Any], after: Mapping[str, Any], prefix: str) -> Iterator[PathChange]:
    for key in _names(before, after):
        old, new, path = before.get(key), after.get(key), f"{prefix}{key}"
        if isinstance(old, Mapping | None) and isinstance(new, Mapping | None) and (old or new):
            yield from _walk(old or {}, new or {}, path + ".")
        elif old != new:
            yield PathChange(path=path, before=old, after=new)


def _measured(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[MeasuredChange]:
    for name in _names(before, after):
        old, new = before.get(name), after.get(name)
        if old != new:
            yield MeasuredChange(name=name, before=old, after=new, delta=_delta(old, new))


def _delta(old: Any, new: Any) -> float | None:
    if not (_is_number(old) and _is_number(new)):
        return None
    delta = new - old
    return round(float(delta), _DECIMALS) if math.isfinite(delta) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _files(before: Mapping[str, Artifact], after: Mapping[str, Artifact]) -> Iterator[FileChange]:
    for name in _names(before, after):
        yield FileChange(name=name, before=before.get(name), after=after.get(name))


def _same_content(file: FileChange) -> bool:
    return file.before is not None and file.after is not None and file.before.hash == file.after.hash


def _names(one: Iterable[str], other: Iterable[str]) -> list[str]:
    return sorted({*one, *other})
