"""Tracks of a mix by name: in memory while they fit, in files of a temporary folder beyond that."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np

from audio.rate import Array

MEMORY_BYTES: Final = 800 * 2**20
"""What the tracks of one mix may hold in memory: twelve of three minutes."""

LARGEST_HELD: Final = 160 * 2**20
"""A larger track (seven minutes) lies in a file: working on it takes the memory that others would hold."""


class TrackStore:
    """Stereo tracks, each `(frames, 2)`; used as a context that takes its files away at the end.

    A track that is taken with `get` may be changed and belongs to the caller until it is `put` back. Different tracks
    may be used by different threads.
    """

    def __init__(self, memory_bytes: int = MEMORY_BYTES) -> None:
        self._room = memory_bytes
        self._held: dict[str, Array | None] = {}
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="sostenuto-mix-")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._held.clear()
        if self._folder is not None:
            self._folder.cleanup()

    def __iter__(self) -> Iterator[str]:
        """Names in the order in which tracks came."""
        return iter(self._held)

    def put(self, name: str, x: Array) -> None:
        """Keep `x` under `name`; it may be changed no more."""
        held = self._held.get(name)
        if held is not None:
            self._room += held.nbytes
        if x.nbytes <= min(self._room, LARGEST_HELD):
            self._room -= x.nbytes
            self._held[name] = x
        else:
            x.tofile(self._file(name))
            self._held[name] = None

    def drop(self, name: str) -> None:
        """Forget the track under `name`; its memory is free for others. KeyError when there is none."""
        held = self._held[name]
        if held is not None:
            self._room += held.nbytes
            self._held[name] = held[:0]

    def get(self, name: str) -> Array:
        """The track under `name`. KeyError when there is none."""
        held = self._held[name]
        return held if held is not None else np.fromfile(self._file(name), np.float32).reshape(-1, 2)

    def _file(self, name: str) -> Path:
        if self._folder is None:
            raise RuntimeError("a TrackStore is used as a context: with TrackStore() as tracks")
        return Path(self._folder.name, f"{list(self._held).index(name) if name in self._held else len(self._held)}.f32")
