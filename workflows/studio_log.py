"""What the operator reads in the Temporal UI: search attributes and a studio log in Markdown."""

from datetime import datetime
from decimal import Decimal

from temporalio import workflow
from temporalio.common import SearchAttributeKey

with workflow.unsafe.imports_passed_through():
    from domain.stages import ORDER, SongStatus, StageStatus
    from domain.state import SongState, StageState

STAGE = SearchAttributeKey.for_keyword("SongStage")
STATUS = SearchAttributeKey.for_keyword("SongStatus")
OWNER = SearchAttributeKey.for_keyword("SongOwner")
REVISION = SearchAttributeKey.for_int("SongRevision")
BLOCKED_REASON = SearchAttributeKey.for_keyword("SongBlockedReason")
WAITING_SINCE = SearchAttributeKey.for_datetime("SongWaitingSince")

_MARKS = {
    StageStatus.DONE: "done",
    StageStatus.RUNNING: "**running**",
    StageStatus.AWAITING_REVIEW: "**waits for review**",
    StageStatus.STALE: "stale",
    StageStatus.BLOCKED: "**blocked**",
    StageStatus.PENDING: "",
}


def attributes(state: SongState) -> tuple[str, str, int, str | None, datetime | None]:
    """The values of the search attributes, for comparing; nothing personal is in them."""
    reason = state.blocked.code if state.blocked else None
    return (state.stage.value, state.status.value, state.current.revision, reason, state.waiting_since)


def publish(state: SongState) -> None:
    """Set search attributes and the studio log of a song."""
    stage, status, revision, reason, since = attributes(state)
    workflow.upsert_search_attributes(
        [
            STAGE.value_set(stage),
            STATUS.value_set(status),
            REVISION.value_set(revision),
            BLOCKED_REASON.value_set(reason) if reason else BLOCKED_REASON.value_unset(),
            WAITING_SINCE.value_set(since) if since else WAITING_SINCE.value_unset(),
        ]
    )


def write(state: SongState) -> str:
    """The studio log: a table of the stages and what the song waits for."""
    rows = [
        f"## {_plain(state.title)}",
        "",
        _waiting_for(state),
        "",
        "| stage | status | revision | made by | steps | seconds |",
    ]
    rows.append("|---|---|---|---|---|---|")
    for stage in ORDER:
        entry = state.stages[stage]
        steps = f"{entry.computed} made, {entry.reused} reused" if entry.result else ""
        revision, maker = entry.revision or "", _maker(entry)
        rows.append(f"| {stage} | {_MARKS[entry.status]} | {revision} | {maker} | {steps} | {entry.seconds:.1f} |")
    if state.rejections:
        last = state.rejections[-1]
        rows += ["", f"Last refused command: {_plain(last.kind)} by {_plain(last.actor)}: {_plain(last.message)}"]
    return "\n".join(rows)[:18_000]


def _maker(entry: StageState) -> str:
    """Who made a stage, who had failed before, and what it cost."""
    if not entry.result:
        return ""
    instead = f", as {entry.fallback_from} failed" if entry.fallback_from else ""
    paid = f" ({entry.cost} USD)" if Decimal(entry.cost) else ""
    return f"{entry.provider}{instead}{paid}"


def _waiting_for(state: SongState) -> str:
    if state.blocked:
        return f"**Blocked at {state.stage}**: {_plain(state.blocked.reason)} Send `retry` or `revise`."
    sentences = {
        SongStatus.RUNNING: f"Working on {state.stage}.",
        SongStatus.WAITING: f"Waits for `advance` or `revise` at {state.stage}.",
        SongStatus.HELD: f"Held at {state.stage}; send `resume`.",
        SongStatus.COMPLETED: "Complete; it can still be revised.",
        SongStatus.CANCELLED: "Cancelled.",
        SongStatus.BLOCKED: "",
    }
    return sentences[state.status]


def _plain(text: str) -> str:
    return "".join(" " if c in "|`*_[]<>#\n\r" else c for c in text)[:300]
