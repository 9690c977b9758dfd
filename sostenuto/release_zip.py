"""One file for everything: a release folder as a zip."""

import os
import secrets
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from domain.errors import Conflict, ResourceUnavailable
from sostenuto.release import REPORT, Release, slug

_EARLIEST = (1980, 1, 1, 0, 0, 0)


def zip_path(folder: Path) -> Path:
    """Where the zip of a release folder lies: beside it, under its name."""
    whole = folder.absolute()
    return whole.with_name(f"{whole.name}.zip")


def check_zip_target(folder: Path) -> None:
    """Raise Conflict where the zip would take the place of anything but the zip of an earlier release."""
    target = zip_path(folder)
    if target.exists() and not _is_ours(target):
        raise Conflict(f"{target} is no zip of a release: move it away, or choose another folder with --out")


def _is_ours(target: Path) -> bool:
    try:
        with zipfile.ZipFile(target) as archive:
            return any(name.endswith(f"/{REPORT}") for name in archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


def write_zip(release: Release) -> Path:
    """Write the zip of a release; its path. It appears complete or stays as it was.

    Inside lies a folder named after the song, its files in order and stored, since sound hardly shrinks; their time
    is the song's own, so that equal files make an equal zip. Raises Conflict as `check_zip_target`, and
    ResourceUnavailable when it cannot be written.
    """
    check_zip_target(release.folder)
    target = zip_path(release.folder)
    staging = target.with_name(f".{target.name}.{secrets.token_hex(4)}.partial")
    top = slug(str(release.report.get("title") or release.folder.name))
    stamp = _stamp(release.report.get("created_at"))
    try:
        with zipfile.ZipFile(staging, "w", zipfile.ZIP_STORED) as archive:
            for name in sorted(release.files):
                entry = zipfile.ZipInfo(f"{top}/{name}", stamp)
                entry.external_attr = 0o644 << 16
                entry.file_size = (release.folder / name).stat().st_size
                with (release.folder / name).open("rb") as source, archive.open(entry, "w") as inside:
                    while chunk := source.read(1 << 20):
                        inside.write(chunk)
        os.replace(staging, target)
    except OSError as error:
        raise ResourceUnavailable(f"{target} cannot be written: {error.strerror or error}") from None
    finally:
        staging.unlink(missing_ok=True)
    return target


def _stamp(created: object) -> tuple[int, int, int, int, int, int]:
    """The song's time as a zip keeps it; the earliest one that it can keep where there is none."""
    try:
        time = datetime.fromisoformat(str(created)).astimezone(UTC)
    except ValueError:
        return _EARLIEST
    return max(_EARLIEST, (time.year, time.month, time.day, time.hour, time.minute, time.second))
