"""ZIP archives from vendors, unpacked in memory: no name from inside becomes a path, and all of it has limits."""

import io
import re
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import Final

from domain.providers import ErrorKind
from providers.answers import sound_type
from providers.contract import MadeFile
from providers.errors import ProviderError

MAX_FILES: Final = 64
MAX_UNPACKED_BYTES: Final = 1 << 30

SOUND_ENDINGS: Final = {
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".m4a": "audio/mp4",
}
MIDI_ENDINGS: Final = frozenset({".mid", ".midi"})


def unpacked(content: bytes, *, max_bytes: int = MAX_UNPACKED_BYTES, charged: bool = False) -> tuple[MadeFile, ...]:
    """The sound files in an archive as "stem:<name>", MIDI files as "midi"; other files are left out.

    ProviderError (OUTCOME_UNKNOWN when `charged`, else UPSTREAM) for what is no archive, is locked, holds no such
    file, more than 64 files, or more than `max_bytes` once unpacked, whatever its directory claims.
    """
    kind = ErrorKind.OUTCOME_UNKNOWN if charged else ErrorKind.UPSTREAM
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = _files(archive, max_bytes)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, EOFError, ValueError) as error:
        raise ProviderError(kind, f"an archive of stems cannot be used: {error}") from None
    if not files:
        raise ProviderError(kind, "an archive of stems holds no sound")
    return files


def _files(archive: zipfile.ZipFile, max_bytes: int) -> tuple[MadeFile, ...]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > MAX_FILES:
        raise ValueError(f"{len(members)} files, at most {MAX_FILES} are taken")
    files: list[MadeFile] = []
    roles: set[str] = set()
    left = max_bytes
    for member in members:
        name = PurePosixPath(member.filename.replace("\\", "/"))
        ending = name.suffix.lower()
        if ending not in SOUND_ENDINGS and ending not in MIDI_ENDINGS:
            continue
        with archive.open(member) as stream:
            data = stream.read(left + 1)
        left -= len(data)
        if left < 0:
            raise ValueError(f"more than {max_bytes:,} bytes once unpacked")
        if ending in MIDI_ENDINGS:
            files.append(MadeFile(role="midi", content=data, media_type="audio/midi"))
            continue
        role = _unused(f"stem:{stem_name(name.stem)}", roles)
        media_type = sound_type(data, SOUND_ENDINGS[ending])
        if not media_type:
            raise ValueError(f"{role} is no sound")
        files.append(MadeFile(role=role, content=data, media_type=media_type))
    return tuple(files)


def stem_name(given: str) -> str:
    """A vendor's name of a stem in small letters, digits and underscores; "stem" when nothing is left."""
    return re.sub(r"[^a-z0-9]+", "_", given.lower()).strip("_")[:40] or "stem"


def _unused(role: str, roles: set[str]) -> str:
    chosen, number = role, 2
    while chosen in roles:
        chosen, number = f"{role}_{number}", number + 1
    roles.add(chosen)
    return chosen
