"""Results of steps under their keys: what was computed once is not computed again, in no song."""

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.steps import StepResult
from storage.clock import utc_now
from storage.records import StepCache
from storage.upserts import insert_missing


async def find_step(session: AsyncSession, key: str) -> StepResult | None:
    """The result stored under `key`."""
    row = await session.get(StepCache, key, populate_existing=True)
    return None if row is None else StepResult.model_validate(row.result)


async def save_step(session: AsyncSession, key: str, result: StepResult) -> StepResult:
    """Store `result` under `key` unless there is one; the stored one."""
    row = {"key": key, "step": result.step, "result": result.model_dump(mode="json"), "created_at": utc_now()}
    await insert_missing(session, StepCache, [row])
    return await find_step(session, key) or result
