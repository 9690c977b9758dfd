"""Taking everything along, or having everything erased: what belongs to the caller."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, ConfigDict, Field
from temporalio.client import WorkflowExecutionStatus

from api.callers import CallerDep
from api.editing import ErasureView
from api.services import ServicesDep
from domain.errors import InvalidInput
from domain.retention import Erasing

router = APIRouter(prefix="/v1/me", tags=["me"])


class Confirmation(BaseModel):
    """Says that everything is really meant: `confirm` is your owner id, as every song of yours shows it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"confirm": "key-0123456789abcdef"}]})

    confirm: str = Field(max_length=64)


@router.delete("", status_code=202, response_model=ErasureView)
async def erase_me(
    caller: CallerDep, services: ServicesDep, response: Response, body: Annotated[Confirmation, Body()]
) -> ErasureView:
    """Erase everything of yours: songs with their histories, files that nobody else's song shares, uploads, keys.

    Your songs are hidden and your issued keys end at once; files and rows go within some hours. What providers were
    paid is kept as bare amounts, for the budgets. Asked again, it goes on with what has been begun.
    """
    if body.confirm != caller.owner:
        raise InvalidInput(f"confirm is not your owner id: send {caller.owner!r} to erase everything for ever")
    await services.temporal.erase(_everything(caller.owner))
    response.headers["Location"] = "/v1/me/erasure"
    return ErasureView(state="running")


@router.get("/erasure")
async def get_erasure(caller: CallerDep, services: ServicesDep) -> ErasureView:
    """How the erasure of everything of yours stands."""
    status = await services.temporal.erasure(_everything(caller.owner))
    if status is None:
        return ErasureView(state="none")
    return ErasureView(state="running" if status is WorkflowExecutionStatus.RUNNING else "done")


def _everything(owner: str) -> Erasing:
    return Erasing(owner=owner, asked_at=datetime.now(UTC))
