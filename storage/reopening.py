"""A song out of the archive: what its workflow knew, as far as the database has it."""

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.admission import ledger_id
from domain.commands import Verdict
from domain.projection import StageSummary
from domain.reopening import Archived, ArchivedStage
from domain.settings import SongSettings
from domain.stages import Stage
from domain.state import LEDGER_SIZE, REJECTION_TAIL, TRANSITION_TAIL, Block, LedgerEntry, RejectedCommand
from domain.state import Transition as Step
from storage.events import last_seq
from storage.records import Command, Composition, ProviderTask, StageRevision
from storage.songs import history

BUSY = "busy"
"""Refused for want of room: such a command may come again, so no ledger knows it."""
_KIND_LENGTH = 20


async def archived(session: AsyncSession, song: Composition) -> Archived:
    """All that the database has of a song, for `domain.reopening`."""
    settled = await _settled(session, song.id)
    steps = [Step.model_validate(row.model_dump(exclude={"composition_id"})) for row in
             reversed(await history(session, song.id, limit=TRANSITION_TAIL))]  # fmt: skip
    return Archived(
        **{name: getattr(song, name) for name in _AS_STORED},
        composition_id=song.id,
        settings=SongSettings.model_validate(song.settings),
        parent=song.branching["head"] if song.branching else None,
        opening=song.branching is not None and song.prompt is None,
        blocked=Block.model_validate(song.blocked) if song.blocked else None,
        stages=await _stages(session, song),
        ledger=tuple(_entry(command) for command in settled if command.code != BUSY),
        rejections=tuple(_rejection(one) for one in settled if one.verdict is Verdict.REJECTED)[-REJECTION_TAIL:],
        transitions=tuple(steps),
        transition_count=steps[-1].number if steps else 0,
        seq=max(song.last_seq, await last_seq(session, song.id)),
    )


_AS_STORED = (
    "owner", "title", "seed", "created_at", "prompt", "person", "head", "stage", "status", "held", "waiting_since",
    "gate_deadline", "enhancement_accepted", "checks_ok",
)  # fmt: skip


async def _settled(session: AsyncSession, song: str) -> list[Command]:
    """The newest settled commands, oldest first."""
    query = select(Command).where(col(Command.composition_id) == song).order_by(col(Command.seq).desc())
    return list(reversed((await session.exec(query.limit(LEDGER_SIZE))).all()))


def _entry(command: Command) -> LedgerEntry:
    kind = command.kind.encode()[:_KIND_LENGTH].decode(errors="ignore")
    return LedgerEntry(id=ledger_id(command.id), kind=kind, code=command.code, d=command.digest)


def _rejection(command: Command) -> RejectedCommand:
    told = command.model_dump(include=set(RejectedCommand.model_fields))
    return RejectedCommand(command_id=command.id, **told)


async def _stages(session: AsyncSession, song: Composition) -> dict[Stage, ArchivedStage]:
    made = select(col(StageRevision.stage), func.max(col(StageRevision.revision))).where(
        col(StageRevision.composition_id) == song.id
    )
    ordered = select(col(ProviderTask.stage), func.max(col(ProviderTask.resubmission))).where(
        col(ProviderTask.composition_id) == song.id
    )
    revisions = dict((await session.exec(made.group_by(col(StageRevision.stage)))).all())
    resubmissions = dict((await session.exec(ordered.group_by(col(ProviderTask.stage)))).all())
    return {
        stage: ArchivedStage(
            summary=StageSummary.model_validate(song.stage_data[stage.value]),
            revisions=revisions.get(stage) or 0,
            resubmissions=resubmissions.get(stage) or 0,
        )
        for stage in Stage
    }
