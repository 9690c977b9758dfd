"""Bytes of stored files over HTTP: ranges, validators, file names that cannot break a header."""

import re
import unicodedata
from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from api.metrics import Metrics
from api.problems import ApiProblem
from storage.media import MediaStore

CHUNK = 512 * 1024
CACHE_CONTROL = "private, immutable, max-age=31536000"
# Reports and pictures are ours, but a prompt is in them: they may show, never act.
FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'; sandbox"
_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_ASCII: Mapping[str, str] = MappingProxyType({"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d"})


async def file_response(
    request: Request, store: MediaStore, metrics: Metrics, *, hash_: str, size: int, media_type: str, disposition: str
) -> Response:
    """One stored file: 200, 206 for a range, 304 where the client has it; ApiProblem 416 for a range outside.

    Raises NotFound or MediaStoreUnavailable before anything is sent, where the file cannot be read.
    The entity tag is the content's SHA-256, so a cached copy is right for ever (RFC 9110, sections 8.8.3 and 14).
    """
    tag = f'"{hash_}"'
    headers = {
        "ETag": tag,
        "Cache-Control": CACHE_CONTROL,
        "Accept-Ranges": "bytes",
        "Content-Disposition": disposition,
        "Content-Security-Policy": FILE_POLICY,
    }
    if _matches(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers={k: headers[k] for k in ("ETag", "Cache-Control")})
    span = _span(request, size, tag)
    start, length = span or (0, size)
    headers["Content-Length"] = str(length)
    if span:
        headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{size}"
    status = 206 if span else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=media_type)
    if length <= CHUNK:
        metrics.add("sostenuto_media_bytes_total", length)
        return Response(await store.aget_range(hash_, start, length), status, headers, media_type)
    await store.asize(hash_)
    body = read(store, hash_, start, length, metrics)
    return StreamingResponse(body, status_code=status, headers=headers, media_type=media_type)


async def read(store: MediaStore, hash_: str, start: int, length: int, metrics: Metrics) -> AsyncIterator[bytes]:
    """`length` bytes of a stored file from `start`, in chunks of at most 512 KiB."""
    end = start + length
    while start < end:
        chunk = await store.aget_range(hash_, start, min(CHUNK, end - start))
        if not chunk:
            return
        metrics.add("sostenuto_media_bytes_total", len(chunk))
        start += len(chunk)
        yield chunk


def _matches(given: str | None, tag: str) -> bool:
    if given is None:
        return False
    tags = [part.strip().removeprefix("W/") for part in given.split(",")]
    return tag in tags or "*" in tags


def _span(request: Request, size: int, tag: str) -> tuple[int, int] | None:
    """(start, length) of the one range asked for; None for the whole file, also where several are asked for."""
    header = request.headers.get("range")
    condition = request.headers.get("if-range")
    match = _RANGE.fullmatch(header.strip().replace(" ", "")) if header else None
    if match is None or match.groups() == ("", "") or condition not in (None, tag):
        return None
    first, last = match.groups()
    if first:
        start, end = int(first), min(int(last) if last else size - 1, size - 1)
        if last and int(last) < int(first):
            return None
    else:
        start, end = max(0, size - int(last)), size - 1
    if start >= size or end < start:
        detail = f"the file has {size} bytes: bytes 0 to {size - 1} can be asked for"
        raise ApiProblem(416, "range_not_satisfiable", detail, {"Content-Range": f"bytes */{size}"})
    return start, end - start + 1


def safe_name(text: str, extension: str = "") -> str:
    """A file name of a title: no path, no control or reserved characters, at most 100 before the extension."""
    kept = "".join(" " if unicodedata.category(c)[0] in "CZ" or c in '\\/:*?"<>|' else c for c in text)
    name = " ".join(kept.split()).strip(". ")[:100].rstrip(". ")
    if not name or _RESERVED.fullmatch(name):
        name = f"song {name}".strip()
    return name + extension


def content_disposition(name: str, *, inline: bool = False) -> str:
    """A Content-Disposition header (RFC 6266) with an ASCII name, and the true one in UTF-8 (RFC 8187)."""
    kind = "inline" if inline else "attachment"
    plain = unicodedata.normalize("NFKD", "".join(_ASCII.get(c, c) for c in name))
    ascii_name = re.sub(r"[^A-Za-z0-9 ._()-]", "", plain.encode("ascii", "ignore").decode()).strip(". ") or "song"
    if plain != name and ascii_name.startswith(("mp3", "wav", "flac")):
        ascii_name = f"song.{ascii_name}"
    header = f'{kind}; filename="{ascii_name}"'
    return header if ascii_name == name else f"{header}; filename*=UTF-8''{quote(name, safe='')}"
