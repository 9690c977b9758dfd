"""Reading a prompt the way the ideation stage does, with its patch checked by the context."""

from typing import Any

from domain.context import effective
from music.understanding import Understanding, understand


def read(text: str, *, enhance: bool = True, level: str = "moderate", seed: int = 3, **given: Any) -> Understanding:
    paths = {name.replace("__", "."): value for name, value in given.items()}
    understood = understand(text, enhance=enhance, level=level, given=paths, seed=seed)
    effective({}, [understood.patch])
    return understood


def found(understood: Understanding, path: str) -> Any:
    """What was decided at a dot path; "instruments" and the like are fields of `musical`."""
    group, _, name = path.partition(".")
    if not name:
        group, name = "musical", path
    return understood.patch[group].get(name)


def sections(understood: Understanding) -> list[tuple[str, float]]:
    return [(entry["name"], entry["duration"]) for entry in understood.patch["musical"].get("structure", [])]
