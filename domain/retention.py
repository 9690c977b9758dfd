"""Removing files: of songs that were archived long ago, and of everything that somebody wants erased."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from domain.steps import Ref

RETENTION_WORKFLOW = "Retention"
RETENTION_ID = "sostenuto-retention"
ERASURE_WORKFLOW = "Erasure"
CONDEMN, REMOVE, COUNT = "condemn_songs", "remove_files", "count_files"
END_SONGS, DELETE_HISTORIES, ERASE_ROWS = "end_songs", "delete_histories", "erase_rows"


class RetentionRun(BaseModel):
    """One look at the archive: songs archived for more than `days` lose the files that nothing else needs.

    No step reuses their files from `pause_s` seconds on before they go. A `dry` run only counts what would go.
    """

    model_config = ConfigDict(frozen=True)

    days: Annotated[float, Field(ge=0)]
    pause_s: Annotated[float, Field(ge=0)] = 3600.0
    lease_s: Annotated[float, Field(ge=0)] = 3600.0
    dry: bool = False


class Erasing(BaseModel):
    """What is to be erased: everything of `owner`, or of their songs only `song`.

    Files go `pause_s` after the songs have been ended, those that nobody has put for `lease_s`; `known` refers to a
    document of what the ended workflows knew of.
    """

    model_config = ConfigDict(frozen=True)

    owner: str
    song: str | None = None
    asked_at: datetime
    pause_s: Annotated[float, Field(ge=0)] = 7200.0
    lease_s: Annotated[float, Field(ge=0)] = 3600.0
    known: Ref | None = None


class Removed(BaseModel):
    """What a run came to: songs that are without their files now, files and bytes that went."""

    model_config = ConfigDict(frozen=True)

    songs: int = 0
    files: int = 0
    bytes: int = 0


def erasure_id(erasing: Erasing) -> str:
    """The Temporal workflow id of an erasure, so that asking twice begins it once."""
    return f"erasure-song-{erasing.song}" if erasing.song else f"erasure-owner-{erasing.owner}"
