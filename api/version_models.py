"""What goes in and comes out where songs branch: a new version, a family, its revisions and takes, comparisons."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from api.models import MAX_NUMBER, Changes, MediaView, Title
from domain.comparing import MeasuredChange, PathChange
from domain.settings import MAX_BUDGET_USD, AudioFormat, SongSettings, normalise_review
from domain.stages import SongStatus, Stage
from domain.steps import MediaType
from domain.strict import Number, Whole


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
    seed: Whole | None = Field(default=None, ge=0, lt=2**63, description="Another seed: other takes of what comes.")
    formats: tuple[AudioFormat, ...] | None = None
    budget: Number | None = Field(default=None, ge=0, le=MAX_BUDGET_USD)

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
    revision: Whole | None = Field(default=None, ge=1, le=MAX_NUMBER)
    title: Title | None = Field(default=None, description="The parent's where it is not given.")
    changes: Changes = {}
    instruction: str | None = Field(default=None, min_length=1, max_length=2000)
    settings: BranchSettings = BranchSettings()


class MainBody(BaseModel):
    """Which version of the family counts; this one where it is not said."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{}]})

    composition_id: str | None = Field(default=None, max_length=64)


class VersionView(BaseModel):
    """A version in its family's tree. The parent is null where it is hidden from you or erased."""

    id: str
    number: int
    title: str
    parent_id: str | None
    parent_stage: Stage | None = Field(description="Stage of the parent from which it branched.")
    parent_revision: int | None
    is_main: bool = Field(description="Whether it is the version of its family that counts.")
    status: SongStatus
    current_stage: Stage
    created_at: datetime
    url: str


class VersionList(BaseModel):
    """The versions of a family that you may see, the first one first."""

    family: str = Field(description="Id of the first version, which all share.")
    items: list[VersionView]


class RevisionView(BaseModel):
    """One processed state of a stage; `take` is its newest candidate, `computed` and `reused` count its steps."""

    stage: Stage
    revision: int
    take: int
    is_current: bool = Field(description="Whether the song shows it now.")
    measured: dict[str, float | int | str | bool]
    computed: int
    reused: int
    seconds: float
    completed_at: datetime
    available: bool = Field(description="Whether its documents and files are still kept.")
    result: str = Field(description="Hash of its document; the same in two versions that share it.")


class RevisionList(BaseModel):
    """Processed states in the order of production, within a stage the newest revision first."""

    items: list[RevisionView]


class TakeView(BaseModel):
    """A candidate of a stage. One that was never made, or not kept, has no revision and no files."""

    take: int
    is_chosen: bool
    revision: int | None = Field(description="The newest revision that holds it.")
    measured: dict[str, float | int | str | bool]
    media: list[MediaView]
    choose: str = Field(description="POST here to go on with it.")


class TakeList(BaseModel):
    """The candidates of a stage, the first one first."""

    stage: Stage
    items: list[TakeView]


class Place(BaseModel):
    """One side of a comparison."""

    composition_id: str
    stage: Stage
    revision: int
    take: int
    result: str


class ComparedFile(BaseModel):
    """A file on one side of a comparison; `url` serves its bytes."""

    hash: str
    size: int
    type: MediaType
    media_type: str
    url: str


class FileDifference(BaseModel):
    """A file that differs, by its name; null on the side that has none."""

    name: str
    before: ComparedFile | None
    after: ComparedFile | None


class ComparisonView(BaseModel):
    """What differs between two results: `before` is the song of the path, `after` is what it is compared with."""

    before: Place
    after: Place
    context: list[PathChange] = Field(description="Context with which the stage was processed, by paths.")
    decisions: list[PathChange] = Field(description="What the stage itself set, by paths.")
    measured: list[MeasuredChange]
    added: list[FileDifference]
    removed: list[FileDifference]
    changed: list[FileDifference]
    same_files: int = Field(description="How many files are of one name and one content.")
