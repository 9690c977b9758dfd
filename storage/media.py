"""The media store: immutable objects under the SHA-256 of their content, in a folder or an S3 bucket."""

import asyncio
import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store
from pydantic import BaseModel, ValidationError

from domain.errors import InvalidInput, MediaStoreUnavailable, NotFound
from storage.config import Settings

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import S3Config

Model = TypeVar("Model", bound=BaseModel)

VERIFIED_BYTES = 1_000_000
PIECE = 64 * 1024
CONNECT_TIMEOUT = timedelta(seconds=2)
REQUEST_TIMEOUT = timedelta(seconds=20)
RETRY_TIMEOUT = timedelta(seconds=6)
MAX_RETRIES = 2
TOUCHED_AFTER = timedelta(minutes=10)
"""An object that is put again after this long is marked as new."""
LEASE = timedelta(hours=1)
"""Longer than from the put of an object to the moment when database or history name it: no younger one is removed."""

_HASH = re.compile(r"[0-9a-f]{64}")


class MediaStore:
    """Objects by content hash; every method exists twice, blocking and (with an `a` before it) async.

    All raise MediaStoreUnavailable when the store cannot be read or written, with the store's name and what the
    system said, and NotFound for an object that is not there. What is stored is never changed.
    """

    def __init__(self, store: LocalStore | S3Store, name: str) -> None:
        self.store = store
        self.name = name
        self._folder = Path(name) if isinstance(store, LocalStore) else None

    def __repr__(self) -> str:
        return f"MediaStore({self.name!r})"

    @classmethod
    def open(cls, settings: Settings) -> "MediaStore":
        """The store of `settings.media_url`; a local folder is made, nothing is read, no server is asked."""
        url = urlsplit(settings.media_url)
        with _errors(settings.media_url):
            if url.scheme == "s3":
                return cls(_s3_store(settings, url.netloc, url.path.strip("/")), settings.media_url)
            folder = unquote(url.path)
            return cls(LocalStore(folder, mkdir=True), folder)

    def put(self, data: bytes) -> str:
        """Store `data`; its hash. A half-written object is never visible; what is there already is left alone."""
        digest = content_hash(data)
        if not self._holds(self._found(digest), digest, len(data)):
            with _errors(self.name):
                if self._folder is not None:
                    write_file(self._folder / _path(digest), data)
                else:
                    obstore.put(self.store, _path(digest), data)
        return digest

    async def aput(self, data: bytes) -> str:
        """`put`, async."""
        # Hashing gives way to other threads: 50 MB take 30 ms or more, in which the event loop would stand still.
        small = len(data) < VERIFIED_BYTES
        digest = content_hash(data) if small else await asyncio.to_thread(content_hash, data)
        if not self._holds(await self._afound(digest), digest, len(data)):
            with _errors(self.name):
                if self._folder is not None:
                    await asyncio.to_thread(write_file, self._folder / _path(digest), data)
                else:
                    await obstore.put_async(self.store, _path(digest), data)
        return digest

    def get(self, hash: str) -> bytes:
        """The object. Below 1 MB its hash is checked, above its size."""
        with _errors(self.name, hash):
            if self._folder is not None:
                return self._read(hash)
            found = obstore.get(self.store, _path(hash))
            return self._checked(hash, bytes(found.bytes()), found.meta["size"])

    async def aget(self, hash: str) -> bytes:
        """`get`, async."""
        with _errors(self.name, hash):
            if self._folder is not None:
                return await asyncio.to_thread(self._read, hash)
            found = await obstore.get_async(self.store, _path(hash))
            return self._checked(hash, bytes(await found.bytes_async()), found.meta["size"])

    def get_range(self, hash: str, start: int, length: int) -> bytes:
        """`length` bytes of the object from `start`, fewer at its end. InvalidInput if `start` is past the end."""
        if length <= 0 or start < 0:
            return self._empty_range(start, length)
        try:
            with _errors(self.name, hash):
                return bytes(obstore.get_range(self.store, _path(hash), start=start, length=length))
        except MediaStoreUnavailable as error:
            _refuse_start(hash, start, self.size(hash))
            if not _ignores_ranges(error):
                raise
            return self.get(hash)[start : start + length]

    async def aget_range(self, hash: str, start: int, length: int) -> bytes:
        """`get_range`, async."""
        if length <= 0 or start < 0:
            return self._empty_range(start, length)
        try:
            with _errors(self.name, hash):
                return bytes(await obstore.get_range_async(self.store, _path(hash), start=start, length=length))
        except MediaStoreUnavailable as error:
            _refuse_start(hash, start, await self.asize(hash))
            if not _ignores_ranges(error):
                raise
            return (await self.aget(hash))[start : start + length]

    def exists(self, hash: str) -> bool:
        """Whether the object is there."""
        return self._size(hash) is not None

    async def aexists(self, hash: str) -> bool:
        """`exists`, async."""
        return await self._asize(hash) is not None

    def size(self, hash: str) -> int:
        """Size of the object in bytes."""
        found = self._size(hash)
        return _absent(self.name, hash) if found is None else found

    async def asize(self, hash: str) -> int:
        """`size`, async."""
        found = await self._asize(hash)
        return _absent(self.name, hash) if found is None else found

    def delete(self, hash: str) -> None:
        """Remove the object; nothing happens when it is not there."""
        try:
            with _errors(self.name, hash):
                obstore.delete(self.store, _path(hash))
        except NotFound:
            return

    async def adelete(self, hash: str) -> None:
        """`delete`, async."""
        try:
            with _errors(self.name, hash):
                await obstore.delete_async(self.store, _path(hash))
        except NotFound:
            return

    def put_json(self, document: BaseModel | dict[str, Any]) -> str:
        """Store a document as canonical JSON; its hash. InvalidInput for what JSON cannot hold, such as NaN."""
        return self.put(canonical_json(document))

    async def aput_json(self, document: BaseModel | dict[str, Any]) -> str:
        """`put_json`, async."""
        return await self.aput(canonical_json(document))

    def get_json(self, hash: str) -> Any:
        """The JSON document. InvalidInput when the object is none."""
        return _parsed(hash, self.get(hash))

    async def aget_json(self, hash: str) -> Any:
        """`get_json`, async."""
        return _parsed(hash, await self.aget(hash))

    def get_model(self, hash: str, model: type[Model]) -> Model:
        """The document as a `model`. InvalidInput when it is none."""
        return _validated(hash, self.get(hash), model)

    async def aget_model(self, hash: str, model: type[Model]) -> Model:
        """`get_model`, async."""
        return _validated(hash, await self.aget(hash), model)

    async def adelete_unused(self, hash: str, before: datetime) -> int:
        """Remove the object unless it was put, or put again, since `before`; the bytes that went.

        In a folder a put at the same moment wins. A bucket knows no such thing: a put that comes between the look and
        the removal, some milliseconds, is lost.
        """
        if self._folder is not None:
            return await asyncio.to_thread(self._delete_file, hash, before)
        found = await self._afound(hash)
        if found is None or found["last_modified"] >= before:
            return 0
        await self.adelete(hash)
        return found["size"]

    def _delete_file(self, hash: str, before: datetime) -> int:
        assert self._folder is not None
        path = self._folder / _path(hash)
        # What is moved away can be looked at in peace: whoever puts it from now on makes a new file.
        aside = path.with_name(f"{path.name}#gone")
        with _errors(self.name):
            try:
                os.replace(path, aside)
            except FileNotFoundError:
                return 0
            found = aside.stat()
            if found.st_mtime >= before.timestamp():
                os.replace(aside, path)
                return 0
            aside.unlink(missing_ok=True)
        return found.st_size

    def _holds(self, found: "ObjectMeta | None", digest: str, size: int) -> bool:
        """Whether the object is there whole; one that was put long ago shows from now on that somebody needs it."""
        if found is None or found["size"] != size:
            return False
        if found["last_modified"] > datetime.now(UTC) - TOUCHED_AFTER:
            return True
        if self._folder is None:
            return False
        try:
            os.utime(self._folder / _path(digest))
        except FileNotFoundError:
            return False
        except OSError:
            # Not the owner of the file: written again, it is ours.
            return False
        return True

    def _found(self, hash: str) -> "ObjectMeta | None":
        try:
            with _errors(self.name, hash):
                return obstore.head(self.store, _path(hash))
        except NotFound:
            return None

    async def _afound(self, hash: str) -> "ObjectMeta | None":
        try:
            with _errors(self.name, hash):
                return await obstore.head_async(self.store, _path(hash))
        except NotFound:
            return None

    def _size(self, hash: str) -> int | None:
        found = self._found(hash)
        return None if found is None else found["size"]

    async def _asize(self, hash: str) -> int | None:
        found = await self._afound(hash)
        return None if found is None else found["size"]

    def _read(self, hash: str) -> bytes:
        """An object of a folder, read straight: passing 50 MB through the library's buffers took six times as long."""
        assert self._folder is not None
        with (self._folder / _path(hash)).open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            return self._checked(hash, file.readall(), size)

    def _empty_range(self, start: int, length: int) -> bytes:
        if start < 0 or length < 0:
            raise InvalidInput(f"a range of {length} bytes from {start} is none: both are 0 or more")
        return b""

    def _checked(self, hash: str, data: bytes, size: int) -> bytes:
        whole = content_hash(data) == hash if len(data) < VERIFIED_BYTES else len(data) == size
        if not whole:
            raise MediaStoreUnavailable(
                f"the object {hash} in {self.name} is damaged: its content is another one. "
                "Restore it from a backup, or delete it and run the step again"
            )
        return data


def content_hash(data: bytes) -> str:
    """SHA-256 of `data`, 64 hex digits: the name of an object."""
    return hashlib.sha256(data).hexdigest()


def canonical_json(document: BaseModel | dict[str, Any]) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces: equal documents are equal bytes."""
    plain = document.model_dump(mode="json") if isinstance(document, BaseModel) else document
    try:
        text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return text.encode("utf-8")
    except (ValueError, TypeError) as error:
        raise InvalidInput(f"{type(document).__name__} cannot be stored as JSON: {error}") from None


def _s3_store(settings: Settings, bucket: str, prefix: str) -> S3Store:
    config: S3Config = {"region": settings.s3_region, "virtual_hosted_style_request": False}
    if settings.s3_access_key_id and settings.s3_secret_access_key:
        config["access_key_id"] = settings.s3_access_key_id.get_secret_value()
        config["secret_access_key"] = settings.s3_secret_access_key.get_secret_value()
    if settings.s3_endpoint:
        config["endpoint"] = settings.s3_endpoint
    return S3Store(
        bucket,
        prefix=prefix or None,
        config=config,
        client_options={
            "allow_http": settings.s3_allow_http,
            "connect_timeout": CONNECT_TIMEOUT,
            "timeout": REQUEST_TIMEOUT,
        },
        retry_config={"max_retries": MAX_RETRIES, "retry_timeout": RETRY_TIMEOUT},
    )


def write_file(path: Path, data: bytes) -> None:
    """A file that is there whole or not at all, whoever else writes it at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f"{path.name}#{secrets.token_hex(6)}")
    try:
        with staged.open("xb", buffering=0) as file:
            # One large write makes the kernel look for large pages, eight times as dear on a virtual machine.
            rest = memoryview(data)
            while rest:
                rest = rest[file.write(rest[:PIECE]) or 0 :]
        os.replace(staged, path)
    except BaseException:
        staged.unlink(missing_ok=True)
        raise


def _path(hash: str) -> str:
    if not _HASH.fullmatch(hash):
        raise NotFound(f"there is no object {hash[:80]!r}: objects are named by 64 hex digits")
    return f"{hash[:2]}/{hash[2:4]}/{hash}"


@contextmanager
def _errors(name: str, hash: str = "") -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError, ValueError) as error:
        if hash and isinstance(error, FileNotFoundError) and "NoSuchBucket" not in str(error):
            _absent(name, hash)
        raise MediaStoreUnavailable(f"the media store {name} cannot be used: {_reason(error)}") from error


def _absent(name: str, hash: str) -> NoReturn:
    raise NotFound(f"there is no object {hash} in {name}")


def _reason(error: Exception) -> str:
    """What the system said, on one line and without the library's dump of its own state."""
    said = str(error).split("\n\nDebug source:")[0]
    return " ".join(said.split())[:400] or type(error).__name__


def _refuse_start(hash: str, start: int, size: int) -> None:
    if start >= size:
        raise InvalidInput(f"the object {hash} has {size} bytes: nothing starts at byte {start}")


def _ignores_ranges(error: MediaStoreUnavailable) -> bool:
    """Whether a server answered a range by a plain 200, which RFC 9110 (14.2) leaves it free to do."""
    return "non-partial response" in error.message


def _parsed(hash: str, data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError as error:
        raise InvalidInput(f"the object {hash} is no JSON document: {error}") from None


def _validated(hash: str, data: bytes, model: type[Model]) -> Model:
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the document"
        raise InvalidInput(f"the object {hash} is no {model.__name__}: {where}: {first['msg']}") from None
