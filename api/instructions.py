"""Trying an instruction: what the words of a revision are understood as, before any song is changed by them."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.callers import Owner
from domain.instructions import Operation, understand_instruction
from domain.stages import Stage, position
from domain.steps import earliest_reader

router = APIRouter(prefix="/v1/instructions", tags=["prompts"])

Words = Annotated[
    str, Query(min_length=1, max_length=2000, description="As in a revision.", examples=["a bit slower, louder chorus"])
]


class Reading(BaseModel):
    """What words are understood as, in their order; `stage` is the earliest stage that has to be made again for it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"operations": [{"op": "scale", "path": "musical.tempo", "value": 0.925}], "stage": "composition"}
            ]
        }
    )

    operations: list[Operation]
    stage: Stage | None = Field(description="Null for another take, which is of the stage at which the song is.")


@router.get("/reading")
async def read_instruction(owner: Owner, words: Words) -> Reading:
    """What the words of a revision would do, by the forms that are understood without a language model.

    Nothing is done. A song that lacks a section which they name refuses them all the same.
    """
    operations = understand_instruction(words)
    stages = [earliest_reader(operation.path) for operation in operations if operation.path]
    return Reading(operations=list(operations), stage=min(stages, key=position, default=None))
