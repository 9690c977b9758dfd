"""What goes in and comes out where songs branch: a new version, a family, its revisions and takes, comparisons."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from api.models import MAX_NUMBER, Changes, Title
from domain.settings import MAX_BUDGET_USD, AudioFormat, SongSettings, normalise_review
from domain.stages import Stage


def _stages(value: Any) -> Any:
    named = normalise_review(value)
    if not isinstance(named, tuple):
        raise ValueError('review names stages: such as ["mixing"], "all" or "none"')
    return named


class BranchSettings(BaseModel):
    """Settings that a branch has of its own; what is left out is as the parent has it."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    review: Annotated[tuple[Stage, ...], BeforeValidator(_stages)] | None = Field(
        default=None, description='After which stages it waits: names, "all" or "none".'
    )
    seed: int | None = Field(default=None, ge=0, lt=2**63, description="Another seed: other takes of what comes.")
    formats: tuple[AudioFormat, ...] | None = None
    budget: float | None = Field(default=None, ge=0, le=MAX_BUDGET_USD)

    def over(self, settings: SongSettings) -> SongSettings:
        """The parent's settings with these; pydantic's ValidationError where they cannot be."""
        given = self.model_dump(exclude_none=True)
        return SongSettings.model_validate({**settings.model_dump(), **given})


class BranchBody(BaseModel):
    """A new version from a stage and a revision of a song, the current ones where they are not said.

    With `changes` or an `instruction` it goes on by itself from the earliest stage that they concern; without, it
    waits after the stage from which it branches.
    """

    model_config = ConfigDict(
        extra="forbid",
        allow_inf_nan=False,
        json_schema_extra={"examples": [{"stage": "composition", "revision": 1, "changes": {"musical.tempo": 84}}]},
    )

    stage: Stage | None = None
    revision: int | None = Field(default=None, ge=1, le=MAX_NUMBER)
    title: Title | None = Field(default=None, description="The parent's where it is not given.")
    changes: Changes = {}
    instruction: str | None = Field(default=None, min_length=1, max_length=2000)
    settings: BranchSettings = BranchSettings()
