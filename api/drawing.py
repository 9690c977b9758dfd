"""Pictures that a song's files do not hold yet: drawn once by a program of its own, kept under what they show."""

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from api.inspection import run_program
from domain.errors import InvalidAudio, NotFound, RenderError, ResourceUnavailable, SostenutoError
from domain.steps import Artifact, MediaType, StepResult
from storage.database import Database
from storage.media import MediaStore
from storage.step_cache import find_step, save_step

AT_ONCE = 2
VERSION = 2
"""Counts changes of how things are drawn."""
SOUND, SCORE, LOUDNESS = "audio.drawing", "music.scorepages", "audio.loudness_chart"
_KINDS: Mapping[str, tuple[MediaType, str]] = MappingProxyType(
    {
        ".svg": (MediaType.SCORE, "image/svg+xml"),
        ".png": (MediaType.PICTURE, "image/png"),
        ".json": (MediaType.WAVEFORM, "application/json"),
    }
)
_ERRORS: Mapping[str, type[SostenutoError]] = MappingProxyType(
    {kind.code: kind for kind in (InvalidAudio, RenderError)}
)


class Drawer:
    """Starts the programs that draw, at most `AT_ONCE` at a time, each for one file only once."""

    def __init__(self, database: Database, media: MediaStore) -> None:
        self._database, self._media = database, media
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._drawing: dict[str, asyncio.Task[dict[str, Artifact]]] = {}

    async def drawn(self, program: str, source: str) -> dict[str, Artifact]:
        """What `program` makes of the stored file `source`, by file name.

        Raises NotFound where the file is gone, RenderError or InvalidAudio where it cannot be drawn,
        ResourceUnavailable where nothing can be drawn now.
        """
        key = f"{program}-{VERSION}-{source}"
        async with self._database.session() as session:
            known = await find_step(session, key)
        if known is not None and await self._are_there(known):
            return known.outputs
        if (task := self._drawing.get(key)) is None:
            task = self._drawing[key] = asyncio.create_task(self._draw(program, source, key))
            task.add_done_callback(lambda done: (self._drawing.pop(key), done.cancelled() or done.exception()))
        return await asyncio.shield(task)

    async def _are_there(self, known: StepResult) -> bool:
        """Files of a song that was archived go after a time; what was drawn of them is drawn again."""
        try:
            for artifact in known.outputs.values():
                await self._media.asize(artifact.hash)
        except NotFound:
            return False
        return True

    async def _draw(self, program: str, source: str, key: str) -> dict[str, Artifact]:
        data = await self._media.aget(source)
        async with self._turn:
            with tempfile.TemporaryDirectory(prefix="sostenuto-draw-") as folder:
                file, out = Path(folder) / "source", Path(folder) / "out"
                await asyncio.to_thread(_prepare, file, out, data)
                answer = await run_program(program, "the picture", str(file), str(out))
                if not answer["ok"]:
                    raise _ERRORS.get(answer["code"], ResourceUnavailable)(answer["message"])
                made = await asyncio.to_thread(_files_in, out)
        outputs = {}
        for name, content in made.items():
            type_, media_type = _KINDS[Path(name).suffix]
            hash_ = await self._media.aput(content)
            outputs[name] = Artifact(
                hash=hash_, size=len(content), type=type_, media_type=media_type, filename=name, metadata={}
            )
        result = StepResult(step=program, key=key, cached=False, seconds=0.0, outputs=outputs)
        async with self._database.session() as session:
            await save_step(session, key, result)
        return outputs


def _prepare(file: Path, out: Path, data: bytes) -> None:
    file.write_bytes(data)
    out.mkdir()


def _files_in(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}
