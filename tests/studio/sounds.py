"""Sounds with known properties, and songs that have them as their files, in the stores of a running site."""

import asyncio
import hashlib
import io
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyloudnorm
import soundfile

from domain.settings import SongSettings
from domain.stages import SongStatus, Stage
from domain.steps import MediaType
from storage.config import load_settings
from storage.database import Database
from storage.media import MediaStore, content_hash
from storage.records import CompositionMedia
from storage.songs import request_song
from tests.studio.processes import Site

Sound = npt.NDArray[np.float64]

RATE = 48_000
CLICK_S = 0.008
_BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def click_frequency(number: int, of: int) -> float:
    """The pitch by which the clicks of one track are told from those of others."""
    return 700.0 + 7000.0 * number / of


def click(number: int, of: int, rate: int) -> npt.NDArray[np.complex128]:
    """One click, with its quadrature, so that its middle can be found whatever its phase."""
    time = np.arange(round(CLICK_S * rate)) / rate
    return np.asarray(np.hanning(len(time)) * np.exp(2j * np.pi * click_frequency(number, of) * time))


def click_at(number: int, of: int) -> float:
    """When in every second the track clicks: no two at once."""
    return 0.02 + number / of


def clicks(number: int, of: int, seconds: float, *, late_s: float = 0.0) -> Sound:
    """A click in every second, stereo."""
    x = np.zeros(round(seconds * RATE))
    shape = 0.6 * click(number, of, RATE).real
    for second in range(int(seconds)):
        start = round((second + click_at(number, of) + late_s) * RATE)
        x[start : start + len(shape)] += shape[: len(x) - start]
    return np.column_stack((x, x))


def late_ms(heard: npt.NDArray[np.float32], rate: int, of: int) -> list[float]:
    """By how many ms the clicks of each track come later in what was heard than those of the first, the median."""
    phases = []
    for number in range(of):
        found = np.abs(np.convolve(heard, np.conj(click(number, of, rate))[::-1], "valid"))
        loud = np.flatnonzero(found > 0.85 * found.max())
        middles = [
            group[np.argmax(found[group])] for group in np.split(loud, np.flatnonzero(np.diff(loud) > rate / 4) + 1)
        ]
        phases.append(np.array(middles) / rate - click_at(number, of))
    first = np.median(_round(phases[0], phases[0][0])) + phases[0][0]
    return [float(1000 * np.median(_round(phase, first))) for phase in phases]


def _round(times: npt.NDArray[np.float64], start: float) -> npt.NDArray[np.float64]:
    """Times after `start` within the second, -0.5 to 0.5."""
    return np.asarray((times - start + 0.5) % 1.0 - 0.5)


def tone(frequency: float, seconds: float, *, level: float = 0.08) -> Sound:
    """A steady sine, stereo."""
    x = level * np.sin(2 * np.pi * frequency * np.arange(round(seconds * RATE)) / RATE)
    return np.column_stack((x, x))


def noise(lufs: float, seconds: float, *, dark: bool, seed: int = 1) -> Sound:
    """Steady noise of this integrated loudness, bright or dark, stereo.

    Like music it has next to nothing over 15 kHz, which a sound card of 44.1 kHz could not play.
    """
    x = np.random.default_rng(seed).standard_normal((round(seconds * RATE), 2))
    spectrum = np.fft.rfft(x, axis=0)
    frequencies = np.fft.rfftfreq(len(x), 1 / RATE)[:, None]
    spectrum[frequencies[:, 0] > 15_000] = 0
    if dark:
        spectrum /= 1.0 + frequencies / 200
    x = np.fft.irfft(spectrum, len(x), axis=0)
    return np.asarray(x * 10 ** ((lufs - loudness(x, RATE)) / 20))


def loudness(x: npt.NDArray[Any], rate: int) -> float:
    """Integrated loudness in LUFS, by a meter that is not ours."""
    return float(pyloudnorm.Meter(rate).integrated_loudness(np.asarray(x, np.float64)))


def encoded(x: Sound, format_: str = "WAV", subtype: str = "PCM_24") -> bytes:
    """A sound file."""
    file = io.BytesIO()
    soundfile.write(file, x, RATE, format=format_, subtype=subtype)
    return file.getvalue()


@dataclass(frozen=True)
class File:
    """A file of a song. It has `data`, or lies in the store already under `hash`."""

    stage: Stage
    name: str
    type: MediaType
    data: bytes = b""
    media_type: str = "audio/wav"
    revision: int = 1
    details: Mapping[str, Any] = field(default_factory=dict)
    hash: str = ""
    size: int = 0


def stem(number: int, name: str, data: bytes) -> File:
    """A track of the mix."""
    return File(Stage.MIXING, f"mixed:{name}", MediaType.STEMS, data, details={"order": number})


def keep_song(site: Site, title: str, files: Sequence[File]) -> str:
    """A finished song of the local user with exactly these files; its id. Nothing of it is known to Temporal."""
    song = f"made-{hashlib.sha256(title.encode()).hexdigest()[:12]}"
    # The test's own thread runs the browser's event loop.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _keep(site, song, title, files)).result()
    return song


async def _keep(site: Site, song: str, title: str, files: Sequence[File]) -> None:
    settings = load_settings(data_dir=site.folder / "data")
    database, store = Database(settings.database_url), MediaStore.open(settings)
    try:
        async with database.session() as session:
            row = await request_song(
                session, composition_id=song, owner="local", title=title, prompt=title,
                settings=SongSettings(), seed=1, created_at=_BEGAN,
            )  # fmt: skip
            row.started, row.status, row.stage, row.is_completed = True, SongStatus.COMPLETED, Stage.FINALIZATION, True
            for number, file in enumerate(files):
                hash_ = file.hash or await store.aput(file.data)
                session.add(
                    CompositionMedia(
                        id=f"{song}-{number}", composition_id=song, stage=file.stage, revision=file.revision,
                        name=file.name, type=file.type, media_type=file.media_type, hash=hash_,
                        size=file.size or len(file.data), details=dict(file.details),
                        created_at=_BEGAN + timedelta(minutes=file.revision),
                    )
                )  # fmt: skip
    finally:
        await database.close()


def long_click_track(site: Site, number: int, of: int, seconds: int, sounding: Sequence[tuple[int, int]]) -> File:
    """A WAV file of many minutes that clicks in some stretches and takes no room on the disk in the others."""
    name = f"long click track {number} of {of}, {seconds} s"
    hash_ = content_hash(name.encode())
    bytes_per_second = RATE * 6
    size = 44 + seconds * bytes_per_second
    path = site.folder / "data" / "media" / hash_[:2] / hash_[2:4] / hash_
    path.parent.mkdir(parents=True, exist_ok=True)
    head = encoded(np.zeros((0, 2)))[:44]
    _write_sparse(path, size, bytes_per_second, _sized(head, size), clicks(number, of, 1), sounding)
    return File(
        Stage.MIXING, f"mixed:track_{number:02d}", MediaType.STEMS, details={"order": number}, hash=hash_, size=size
    )


def _sized(head: bytes, size: int) -> bytes:
    assert head[36:40] == b"data", "libsndfile writes the samples right after the format"
    return head[:4] + (size - 8).to_bytes(4, "little") + head[8:40] + (size - 44).to_bytes(4, "little")


def _write_sparse(
    path: Path, size: int, per_second: int, head: bytes, second: Sound, sounding: Sequence[tuple[int, int]]
) -> None:
    samples = encoded(second)[44 : 44 + per_second]
    with path.open("wb") as file:
        file.write(head)
        file.truncate(size)
        for start, end in sounding:
            file.seek(44 + start * per_second)
            file.write(samples * (end - start))
