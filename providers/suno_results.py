"""What Suno's gateways made, as files and documents, and who called back. Pure; the same for both contracts."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from domain.providers import ErrorKind
from providers.contract import Callback, Job, MadeFile, Pending, Product
from providers.envelope import Vendor
from providers.errors import ProviderError
from providers.suno_models import Call, Results, Song, Text, Words
from providers.webhooks import TOLERANCE_S

STEMS: Final[Mapping[str, str]] = {
    "vocal_url": "vocals",
    "instrumental_url": "instrumental",
    "backing_vocals_url": "backing_vocals",
    "drums_url": "drums",
    "bass_url": "bass",
    "guitar_url": "guitar",
    "keyboard_url": "keyboard",
    "percussion_url": "percussion",
    "strings_url": "strings",
    "synth_url": "synth",
    "fx_url": "fx",
    "brass_url": "brass",
    "woodwinds_url": "woodwinds",
}
"""The vendor's field for each stem, and the stem's name."""

TAKES: Final[Mapping[str, int]] = {"generate": 2, "extend": 2, "cover": 2, "add_vocals": 2}
"""How many songs come of a call, whatever was asked."""
TITLE_NAMES: Final = frozenset({"title"})
LYRICS_NAMES: Final = frozenset({"lyrics", "text"})
LAST_STAGES: Final = frozenset({"", "complete", "error"})
"""Stages after which nothing more comes; WAV, stems and lyrics call back once and name no stage, or "complete"."""
LAST_STATES: Final = frozenset({"", "success", "fail"})
SIGNED: Final = ("x-webhook-timestamp", "x-webhook-signature")


def takes(songs: tuple[Song, ...]) -> tuple[MadeFile, ...]:
    """Every take that has its file."""
    return tuple(
        MadeFile(
            role="take",
            url=song.audio_url,
            media_type="audio/mpeg",
            duration_s=song.duration or None,
            take_id=song.id or "",
        )
        for song in songs
        if song.audio_url
    )


def stems(results: Results, take_id: str) -> tuple[MadeFile, ...]:
    """Every stem that has an address; the list of the separator tells lengths, and stems that have no field."""
    listed = {stem.audio_url: stem for stem in results.origin_data or () if stem.audio_url}
    named = {getattr(results, field): name for field, name in STEMS.items() if getattr(results, field)}
    for url, stem in listed.items():
        named.setdefault(url, "_".join(stem.stem_type_group_name.lower().split()) or "other")
    return tuple(
        MadeFile(
            role=f"stem:{name}",
            url=url,
            media_type="audio/mpeg",
            duration_s=listed[url].duration if url in listed else None,
            take_id=take_id,
        )
        for url, name in named.items()
    )


def words_document(words: Words, take_id: str) -> dict[str, Any]:
    """Sung words that were found in the sound, with start and end in seconds, in the order of singing."""
    found = [[word.word.strip(), word.start_s, word.end_s] for word in words.aligned_words if word.success]
    return {"take_id": take_id, "words": found}


def lyrics_document(texts: tuple[Text, ...], names: tuple[str, ...]) -> dict[str, Any] | None:
    """The first draft that has words, under the names that the order's schema gives to title and lyrics."""
    for draft in texts:
        if draft.text and draft.status in (None, "", "complete"):
            values = dict.fromkeys(TITLE_NAMES, draft.title or "") | dict.fromkeys(LYRICS_NAMES, draft.text)
            return {name: values[name] for name in names}
    return None


def lyrics_names(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The names that a document of this schema needs; UNSUPPORTED when a title and a text do not fill it."""
    properties = schema.get("properties", {})
    names = tuple(properties)
    fits = all(
        name in TITLE_NAMES | LYRICS_NAMES and isinstance(part, dict) and part.get("type") == "string"
        for name, part in properties.items()
    )
    if not fits or not LYRICS_NAMES & set(names):
        raise ProviderError(
            ErrorKind.UNSUPPORTED, "Suno answers with a title and lyrics as plain text; the order asks for other fields"
        )
    return names


def made(vendor: Vendor, job: Job, results: Results | None, *, finished: bool) -> Pending | Product:
    """The product of a job; Pending while a file is missing that is still to come.

    `finished` says that the gateway calls the job a success; then what is missing does not come any more.
    """
    results = results or Results()
    model = job.data.get("model", "")
    if job.operation == "lyrics":
        document = lyrics_document(results.data or (), tuple(job.data.get("names", "title,lyrics").split(",")))
        if document is not None:
            return Product(document=document, model=model, request_id=job.id)
        return _missing(vendor, job, "lyrics", finished)
    files = _files(job, results)
    if files and (finished or len(files) >= TAKES.get(job.operation, 1)):
        return Product(files=files, model=model, request_id=job.id)
    return _missing(vendor, job, "files", finished)


def _files(job: Job, results: Results) -> tuple[MadeFile, ...]:
    take_id = job.data.get("take_id", "")
    if job.operation == "stems":
        return stems(results, take_id)
    if job.operation == "wav":
        url = results.audio_wav_url
        return (MadeFile(role="take", url=url, media_type="audio/wav", take_id=take_id),) if url else ()
    return takes(results.suno_data or ())


def _missing(vendor: Vendor, job: Job, what: str, finished: bool) -> Pending:
    if finished:
        raise ProviderError(
            ErrorKind.UPSTREAM,
            f"{vendor.name} says that job {job.id} is done, and shows no {what}",
            request_id=job.id,
            final=True,
        )
    return Pending(note="waiting for the files")


def read_call(secret: str, headers: Mapping[str, str], body: bytes, *, now: float) -> Callback:
    """Who calls back about which job. The body is signed by nobody, so that no result is ever taken from it.

    With a secret the call must be signed as kie.ai documents: base64 of HMAC-SHA256 over `task_id.timestamp`;
    ProviderError INVALID_REQUEST when it is not, or is older than five minutes. Without one it proves nothing.
    """
    try:
        call = Call.model_validate_json(body)
    except ValidationError:
        raise _no_call("the body is no call of a Suno gateway") from None
    job_id = call.data.task_id
    if not job_id:
        raise _no_call("the call names no job")
    finished = call.code != 200 or (call.data.callback_type in LAST_STAGES and call.data.state in LAST_STATES)
    if not secret:
        return Callback(job_id=job_id, finished=finished)
    lower = {name.lower(): value for name, value in headers.items()}
    timestamp, signature = (lower.get(name, "") for name in SIGNED)
    if not timestamp.isascii() or not timestamp.isdecimal() or abs(now - int(timestamp)) > TOLERANCE_S:
        raise _no_call("the call is not signed, or was signed too long ago")
    want = hmac.digest(secret.encode(), f"{job_id}.{timestamp}".encode(), hashlib.sha256)
    if not hmac.compare_digest(base64.b64encode(want), signature.encode()):
        raise _no_call("the signature of the call is wrong")
    stage = call.data.callback_type or call.data.state
    return Callback(job_id=job_id, proven=True, finished=finished, delivery_id=f"{job_id}.{timestamp}.{stage}")


def _no_call(message: str) -> ProviderError:
    return ProviderError(ErrorKind.INVALID_REQUEST, f"a call back was refused: {message}")
