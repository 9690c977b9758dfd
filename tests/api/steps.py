"""Steps that make tiny things at once: the workflow, the books and the storage around them are the real ones."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from api.prompts import ATTEMPT
from domain.projection import Progress
from domain.providing import CALLBACK, CallbackCall, CallbackOutcome
from domain.stages import Stage
from domain.steps import STEPS, Artifact, MediaType, StepRequest, StepResult, Weight
from music.understanding import understand
from storage.database import Database
from storage.media import MediaStore
from storage.progress import put_progress

PATCHES: dict[str, dict[str, Any]] = {
    "understand": {
        "creative": {"enhanced_prompt": "a calm song with a soft piano"},
        "musical": {"genre": ["ambient"], "key": "F", "tempo": 80, "instruments": ["piano"]},
        "technical": {"duration": 60},
        "ai_decisions": {"prompt_enhancement": {"reasoning": [{"step": "mood", "says": "calm"}], "confidence": 0.8}},
    },
    "chords": {"musical": {"chord_progression": {"all": ["F", "Bb"]}}},
    "form": {"musical": {"structure": [{"name": "verse", "duration": 8}]}},
}
DECISIONS: dict[str, list[dict[str, Any]]] = {
    "form": [{"stage": "arrangement", "what": "form", "value": "verse 8", "reason": "24.0 s in all"}],
    "arrange": [{"stage": "arrangement", "what": "part keys", "value": 0.2, "reason": "room for the bass"}],
}
FILES: dict[str, tuple[tuple[str, MediaType, str, str | None], ...]] = {
    "melody": (("melody", MediaType.DOCUMENT, "application/json", None),),
    "rhythm": (("rhythm", MediaType.DOCUMENT, "application/json", None),),
    "chords": (("chords", MediaType.DOCUMENT, "application/json", None),),
    "bass": (("bass", MediaType.DOCUMENT, "application/json", None),),
    "arrange": (("score", MediaType.DOCUMENT, "application/json", None),),
    "sketch": (
        ("preview", MediaType.PREVIEW, "audio/flac", "preview.flac"),
        ("midi", MediaType.MIDI, "audio/midi", "song.mid"),
    ),
    "perform": (
        ("performance", MediaType.DOCUMENT, "application/json", None),
        ("part:01_keys", MediaType.DOCUMENT, "application/json", None),
        ("part:02_bass", MediaType.DOCUMENT, "application/json", None),
    ),
    "mix": (("mix", MediaType.AUDIO_WAV, "audio/wav", "mix.wav"),),
    "master": (("master", MediaType.AUDIO_WAV, "audio/wav", "master.wav"),),
    "engrave": (("musicxml", MediaType.SCORE, "application/vnd.recordare.musicxml+xml", "song.musicxml"),),
    "report": (
        ("report.json", MediaType.REPORT, "application/json", "report.json"),
        ("report.html", MediaType.REPORT, "text/html", "report.html"),
    ),
}
BIG_FILE_BYTES = 1_300_000
SKETCH_REST_BYTES = 700_000


CALLS: list[CallbackCall] = []
"""The calls of providers that came through."""


@activity.defn(name=CALLBACK)
async def read_callback(call: CallbackCall) -> CallbackOutcome:
    """Take a provider's call without looking into the ledger."""
    CALLS.append(call)
    return CallbackOutcome(state="noticed")


def tiny_steps(database: Database, store: MediaStore, weight: Weight) -> list[Callable[..., Any]]:
    """An activity for every step of a weight. A prompt with "cannot be mixed" fails at the mix."""
    return [_tiny(database, store, name) for name, spec in STEPS.items() if spec.weight is weight]


def _tiny(database: Database, store: MediaStore, name: str) -> Callable[..., Any]:
    @activity.defn(name=name)
    async def run(request: StepRequest) -> StepResult:
        context = await store.aget_json(request.context)
        if name == "mix" and context["creative"]["preferences"].get("mix") == "impossible":
            raise ApplicationError("the mix cannot be made: ask for another", type="render_error", non_retryable=True)
        if name == "sketch" and not request.label:
            await _rest_of_sketch(context["creative"]["preferences"].get("sketch"))
        line = Progress(
            composition_id=request.composition_id, stage=request.stage, step=name, label=request.label,
            fraction=0.5, time=datetime.now(UTC),
        )  # fmt: skip
        async with database.session() as session:
            await put_progress(session, line)
        patch = await store.aput_json(PATCHES[name]) if name in PATCHES else None
        decisions = await store.aput_json(DECISIONS[name]) if name in DECISIONS else None
        outputs = {}
        if request.composition_id == ATTEMPT:
            return await _brief(store, request)
        for output, type_, media_type, filename in _files(name, request):
            data = await _report(store, request) if output == "report.json" else _content(output, request, context)
            hash_ = await store.aput(data)
            outputs[output] = Artifact(hash=hash_, size=len(data), type=type_, media_type=media_type, filename=filename)
        return StepResult(
            step=name, label=request.label, key=hashlib.sha256(repr(request).encode()).hexdigest(), cached=False,
            seconds=0.01, outputs=outputs, patch=patch, decisions=decisions, measured=_measured(request),
        )  # fmt: skip

    return run


async def _brief(store: MediaStore, request: StepRequest) -> StepResult:
    """What our own engine makes of a prompt without a song."""
    prompt = (await store.aget(request.inputs["prompt"])).decode()
    enhance, level = bool(request.params["enhance"]), str(request.params["level"])
    brief = understand(prompt, enhance=enhance, level=level, given={}, seed=request.seed)
    data = brief.model_dump_json().encode()
    made = Artifact(hash=await store.aput(data), size=len(data), type=MediaType.DOCUMENT, media_type="application/json")
    return StepResult(step=request.step, key="brief", cached=False, seconds=0.0, outputs={"brief": made})


def _files(name: str, request: StepRequest) -> tuple[tuple[str, MediaType, str, str | None], ...]:
    if name == "render":
        return ((f"stem:{request.label}", MediaType.STEMS, "audio/wav", f"stems/{request.label}.wav"),)
    if name == "encode":
        format_ = str(request.params["format"])
        type_ = MediaType(f"audio_{format_}")
        return ((f"master.{format_}", type_, {"mp3": "audio/mpeg"}.get(format_, "audio/flac"), f"master.{format_}"),)
    if request.label == "opening":
        return (("opening", MediaType.PREVIEW, "audio/flac", "opening.flac"),)
    return FILES.get(name, ())


async def _rest_of_sketch(how: object) -> None:
    """A song can prefer a sketch whose rest takes its time, or is never played."""
    if how:
        await asyncio.sleep(0.8)
    if how == "broken":
        raise ApplicationError("the rest cannot be played", type="render_error", non_retryable=True)


async def _report(store: MediaStore, request: StepRequest) -> bytes:
    """A report that lists the files it was given."""
    named = {"mix": "mix.wav", "master": "master.wav", "master.mp3": "master.mp3", "midi": "song.mid"}
    files = [
        {"path": path, "sha256": ref, "bytes": await store.asize(ref)}
        for name, path in named.items()
        if (ref := request.inputs.get(name))
    ]
    return json.dumps({"files": files}).encode()


def _content(output: str, request: StepRequest, context: dict[str, Any]) -> bytes:
    if output in ("opening", "preview"):
        opening = b"fLaC" + json.dumps([request.inputs, request.seed, request.take]).encode()
        return opening if output == "opening" else opening + bytes(SKETCH_REST_BYTES)
    head = json.dumps([output, request.stage, request.inputs, request.seed, context["technical"]]).encode()
    return head + bytes(BIG_FILE_BYTES - len(head)) if output == "master" else head


def _measured(request: StepRequest) -> dict[str, float | int | str | bool]:
    if request.step == "understand":
        return {"title": "Quiet Room", "confidence": 0.8}
    return {"checks_ok": True} if request.stage is Stage.FINALIZATION and request.step == "report" else {}
