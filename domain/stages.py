"""The seven production stages and the table of allowed steps between them."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Stage(StrEnum):
    """A production stage, in the order a record goes through them."""

    IDEATION = "ideation"
    COMPOSITION = "composition"
    ARRANGEMENT = "arrangement"
    PRODUCTION = "production"
    MIXING = "mixing"
    MASTERING = "mastering"
    FINALIZATION = "finalization"


ORDER: tuple[Stage, ...] = tuple(Stage)

# The one transition table: (one step back, one step forward). Validation, answers and docs derive from it.
STEPS_FROM: Mapping[Stage, tuple[Stage | None, Stage | None]] = MappingProxyType(
    {
        Stage.IDEATION: (None, Stage.COMPOSITION),
        Stage.COMPOSITION: (Stage.IDEATION, Stage.ARRANGEMENT),
        Stage.ARRANGEMENT: (Stage.COMPOSITION, Stage.PRODUCTION),
        Stage.PRODUCTION: (Stage.ARRANGEMENT, Stage.MIXING),
        Stage.MIXING: (Stage.PRODUCTION, Stage.MASTERING),
        Stage.MASTERING: (Stage.MIXING, Stage.FINALIZATION),
        Stage.FINALIZATION: (Stage.MASTERING, None),
    }
)


class StageStatus(StrEnum):
    """Where one stage stands."""

    PENDING = "pending"
    RUNNING = "running"
    AWAITING_REVIEW = "awaiting_review"
    DONE = "done"
    STALE = "stale"
    BLOCKED = "blocked"


class SongStatus(StrEnum):
    """Where the whole song stands."""

    RUNNING = "running"
    WAITING = "waiting"
    HELD = "held"
    BLOCKED = "blocked"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


def position(stage: Stage) -> int:
    """Index of `stage` in the production order, 0–6."""
    return ORDER.index(stage)


def following(stage: Stage) -> Stage | None:
    """The stage one step forward, or None at finalization."""
    return STEPS_FROM[stage][1]


def preceding(stage: Stage) -> Stage | None:
    """The stage one step back, or None at ideation."""
    return STEPS_FROM[stage][0]


def allowed_targets(stage: Stage) -> tuple[Stage, ...]:
    """Stages that can be reached from `stage` in one step, back before forward."""
    return tuple(s for s in STEPS_FROM[stage] if s is not None)


def walk_back(start: Stage, end: Stage) -> tuple[tuple[Stage, Stage], ...]:
    """The single steps (from, to) that lead back from `start` to the earlier `end`; empty if they are equal."""
    path = ORDER[position(end) : position(start) + 1]
    return tuple((path[i], path[i - 1]) for i in range(len(path) - 1, 0, -1))
