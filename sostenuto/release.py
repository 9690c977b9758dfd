"""The release folder of a finished song: complete and verified, or not there at all."""

import errno
import hashlib
import io
import json
import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field, ValidationError

from domain.errors import Conflict, NotFound, ResourceUnavailable, VerificationFailed
from domain.stages import Stage

if TYPE_CHECKING:
    from sostenuto.client import Client

REPORT, BRIEF = "report.json", "brief.json"
# A release of ours is known by its report; these may stand beside the files that the report lists.
_UNLISTED = {REPORT, "report.html", "index.html", "provenance.json", ".DS_Store"}
_REPORT_KEYS = {"prompt", "checks", "files", "stages"}
# What `sostenuto compose` wrote is known by its brief.
_BRIEF_KEYS = {"prompt", "seed", "reasoning", "files"}


class ListedFile(BaseModel):
    """One entry of a report's `files`; `path` inside the release folder."""

    path: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int


@dataclass(frozen=True)
class Release:
    """A written release: its folder, its report, its files as paths inside the folder."""

    folder: Path
    report: dict[str, Any]
    files: tuple[str, ...]

    @property
    def failed(self) -> tuple[str, ...]:
        """Names of the checks that do not hold."""
        return tuple(str(check.get("name")) for check in self.report.get("checks", []) if check.get("ok") is not True)

    @property
    def ok(self) -> bool:
        """Whether there are checks and every one holds."""
        return bool(self.report.get("checks")) and not self.failed


def default_folder(title: str, song_id: str) -> Path:
    """`songs/{title}-{short id}` in the working folder."""
    return Path("songs") / f"{slug(title)}-{short_id(song_id)}"


def slug(text: str) -> str:
    """A name for files: lower case letters, digits and hyphens, at most 60; `song` if nothing remains."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60].strip("-") or "song"


def short_id(song_id: str) -> str:
    """The last eight characters of an id: the random ones, whichever kind of UUID it is."""
    return song_id[-8:]


def check_target(folder: Path) -> None:
    """Raise Conflict unless files of a song may be written to `folder`, ResourceUnavailable unless they can be.

    It may be new, empty, or an earlier release or composition of ours in which nothing else was put.
    """
    if folder.exists() and not folder.is_dir():
        raise Conflict(f"{folder} is a file: choose a folder with --out")
    if folder.is_dir():
        strangers = _strangers(folder)
        if strangers:
            raise Conflict(
                f"{folder} holds {strangers[0]!r}, which is no file of an earlier release: "
                "choose a new or empty folder with --out"
            )
    nearest = next(p for p in (folder.absolute(), *folder.absolute().parents) if p.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise ResourceUnavailable(f"{nearest} cannot be written to: choose another folder with --out")


def _strangers(folder: Path) -> list[str]:
    present = sorted(str(PurePosixPath(p.relative_to(folder))) for p in folder.rglob("*") if not p.is_dir())
    if not present:
        return []
    known = _listed(folder / REPORT, _REPORT_KEYS) | _listed(folder / BRIEF, _BRIEF_KEYS)
    return [name for name in present if not known or name not in known | _UNLISTED]


def _listed(manifest: Path, keys: set[str]) -> set[str]:
    """A report or a brief of ours and the files that it lists, none when it is not ours."""
    try:
        document = _json(manifest.read_bytes())
        ours = set(document) >= keys
        return {manifest.name, *(entry.path for entry in listed_files(document))} if ours else set()
    except (OSError, VerificationFailed):
        return set()


def check_shape(report: dict[str, Any]) -> dict[str, Any]:
    """The report itself if it is one of ours. Raises VerificationFailed."""
    if not set(report) >= _REPORT_KEYS:
        raise VerificationFailed(f"{REPORT} is not the report of a song")
    return report


def release_files(client: "Client", song_id: str) -> dict[str, str]:
    """The files of the newest finalization, by path in the release folder: the SHA-256 of each.

    They are the files that its report lists, and those that finalization itself names, such as the report. Raises
    NotFound when the song has none, VerificationFailed for a report or a name that cannot be used.
    """
    final = [item for item in client.media(song_id, stage=Stage.FINALIZATION) if item.filename]
    newest = max(((item.revision, item.take) for item in final), default=None)
    own = {str(item.filename): item.hash for item in final if (item.revision, item.take) == newest}
    if REPORT not in own:
        raise NotFound("the song has no release yet: it is written when finalization is done")
    buffer = io.BytesIO()
    client.fetch(own[REPORT], buffer)
    files = {entry.path: entry.sha256 for entry in listed_files(_json(buffer.getvalue()))} | own
    for name in files:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or not path.parts:
            raise VerificationFailed(f"the release names the file {name!r}, which is not inside of its folder")
    return dict(sorted(files.items()))


def write_release(client: "Client", song_id: str, folder: Path) -> Release:
    """Fetch a finished song's files into `folder`, which appears complete or stays as it was.

    Every file is checked against its SHA-256 on arrival and against the report. Raises Conflict and
    ResourceUnavailable as `check_target`, NotFound, VerificationFailed when the report contradicts the files.
    """
    check_target(folder)
    files = release_files(client, song_id)
    folder = folder.absolute()
    staging = folder.parent / f".{folder.name}.{secrets.token_hex(4)}.partial"
    try:
        staging.mkdir(parents=True)
        for name, content_hash in files.items():
            _fetch(client, content_hash, staging / name)
        report = check_report(staging)
        put_in_place(staging, folder)
    except OSError as error:
        raise ResourceUnavailable(f"{folder} cannot be written: {error.strerror or error}") from None
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return Release(folder, report, tuple(files))


def _fetch(client: "Client", content_hash: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        client.fetch(content_hash, file)
        file.flush()
        os.fsync(file.fileno())


def check_report(folder: Path) -> dict[str, Any]:
    """The report of a release, after its list of files was compared with the folder. Raises VerificationFailed."""
    try:
        report = _json((folder / REPORT).read_bytes())
    except OSError:
        raise VerificationFailed(f"the release has no {REPORT}") from None
    for entry in listed_files(report):
        path = folder / entry.path
        if not path.is_file():
            raise VerificationFailed(f"the report lists {entry.path}, and the release has no such file")
        if path.stat().st_size != entry.bytes or _sha256(path) != entry.sha256:
            raise VerificationFailed(f"{entry.path} is not the file that the report describes")
    return report


def listed_files(report: Mapping[str, Any]) -> list[ListedFile]:
    """The entries of a report's `files`. Raises VerificationFailed."""
    try:
        return [ListedFile.model_validate(entry) for entry in report["files"]]
    except (KeyError, TypeError, ValidationError):
        raise VerificationFailed(f"{REPORT} lists no files that can be read") from None


def _json(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise VerificationFailed(f"{REPORT} is no JSON object")
    return document


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def put_in_place(staging: Path, folder: Path) -> None:
    """Let the complete folder `staging` take the place of `folder`, which keeps its old content if that fails."""
    earlier = folder.parent / f".{folder.name}.{secrets.token_hex(4)}.earlier"
    if not _may_be_replaced(folder):
        _fill(staging, folder)
        return
    if folder.exists():
        folder.rename(earlier)
    try:
        staging.rename(folder)
    except OSError:
        if earlier.exists():
            earlier.rename(folder)
        raise
    shutil.rmtree(earlier, ignore_errors=True)


def _may_be_replaced(folder: Path) -> bool:
    """Not a mount point, not a link, and not where somebody stands: those folders stay and are filled."""
    if not folder.exists():
        return True
    return not (folder.is_symlink() or folder.is_mount() or Path.cwd().is_relative_to(folder))


def _fill(staging: Path, folder: Path) -> None:
    """Replace the files one by one, the report last: while it is missing, the release is not complete."""
    for old in (*folder.glob("*"), *folder.glob("stems/*")):
        if not old.is_dir():
            old.unlink()
    files = sorted((p for p in staging.rglob("*") if p.is_file()), key=lambda p: (p.name == REPORT, str(p)))
    for source in files:
        target = folder / source.relative_to(staging)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            source.replace(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            shutil.copyfile(source, target)
