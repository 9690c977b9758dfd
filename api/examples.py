"""Examples for the OpenAPI document: a model's own one, else one put together from what its fields are called."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

MAX_DEPTH = 8
_PREFIX = "#/components/schemas/"

SONG_ID = "019ab1c2-7d3e-7a00-8b1f-5f2e4c1b9a01"
FILE_HASH = "9b74c9897bac770ffc029102a200c5de9b74c9897bac770ffc029102a200c5de"
TIME = "2026-03-01T12:00:00Z"

# What a field of this name, or of a model and a name, holds in examples.
# A value that the field's schema does not take is passed over.
NAMED: Mapping[str, tuple[Any, ...]] = MappingProxyType(
    {
        "id": (SONG_ID,),
        "composition_id": (SONG_ID,),
        "hash": (FILE_HASH,),
        "sha256": (FILE_HASH,),
        "content_hash": (FILE_HASH,),
        "title": ("Rainy Window",),
        "prompt": ("melancholic lo-fi hip hop with rhodes and a dusty beat, 75 bpm",),
        "original": ("melancholic lo-fi hip hop",),
        "enhanced": ("melancholic lo-fi hip hop with rhodes and a dusty beat, 75 bpm, in F minor",),
        "owner": ("local",),
        "actor": ("user:local",),
        "by": ("user:local",),
        "status": ("running", "completed", "accepted", "ok"),
        "stage": ("composition",),
        "current_stage": ("composition",),
        "from_stage": ("ideation",),
        "to_stage": ("composition",),
        "target": ("arrangement",),
        "progress": (28.6,),
        "fraction": (0.5,),
        "done": (4,),
        "total": (8,),
        "seq": (12,),
        "sequence": (12,),
        "revision": (1,),
        "number": (1,),
        "version_number": (1,),
        "take": (1,),
        "takes": (1,),
        "label": ("writing the chords",),
        "step": ("harmony",),
        "command_id": ("4f1c",),
        "message": ("composition starts",),
        "code": ("ok",),
        "detail": ("composition is still running; allowed now: ideation",),
        "pointer": ("/context/musical.tempo",),
        "name": ("master.flac", "builtin"),
        "filename": ("Rainy Window.flac",),
        "media_type": ("audio/flac",),
        "url": (f"/v1/media/{FILE_HASH}/content", "https://example.com/hooks"),
        "size": (1843200,),
        "provider": ("builtin",),
        "method": ("rules",),
        "confidence": (0.86,),
        "cost": ("0", "0.12"),
        "cost_usd": ("0",),
        "currency": ("USD",),
        "seconds": (2.5,),
        "duration_s": (61.4,),
        "duration_ms": (61400,),
        "tempo_bpm": (75.0,),
        "integrated_lufs": (-14.0,),
        "true_peak_dbtp": (-1.0,),
        "loudness_range_lu": (6.2,),
        "rate": (44100,),
        "channels": (2,),
        "key": ("F minor",),
        "kind": ("advance",),
        "Reference.kind": ("music",),
        "ProviderView.name": ("builtin",),
        "ProviderView.missing": ("",),
        "ProviderView.note": ("",),
        "Capabilities.name": ("builtin",),
        "Capabilities.title": ("Sostenuto",),
        "Reference.filename": ("Evening.wav",),
        "Reference.media_type": ("audio/wav",),
        "spent_usd": ("0.12",),
        "reserved_usd": ("0",),
        "quoted": ("0.12",),
        "reserved": ("0",),
        "operation": ("generate",),
        "task_type": ("full_song",),
        "key_confidence": (0.9,),
        "tempo_confidence": (0.9,),
        "correlation": (0.8,),
        "expected_revision": (1,),
        "token": ("i9vN3kq0Zt7cYw2xB5mR8aQe",),
        "is_completed": (False,),
        "held": (False,),
        "duplicate": (False,),
        "pid": (4711,),
        "seed": (7,),
        "links": (
            {
                "status": f"/v1/compositions/{SONG_ID}/status",
                "events": f"/v1/compositions/{SONG_ID}/events",
            },
        ),
        "use": ({"creative.references": [{"type": "audio", "hash": FILE_HASH}]},),
        "measured": ({"integrated_lufs": -14.0, "true_peak_dbtp": -1.0},),
        "context": ({"musical": {"tempo": 75, "key": "F minor"}},),
        "changes": ({"technical.loudness_target": -16},),
        "patch": ({"musical": {"tempo": 75}},),
        "settings": ({},),
        "email": ("friend@example.com",),
        "reason": ("asked for by its owner",),
        "family": (SONG_ID,),
        "result": (FILE_HASH,),
        "path": ("musical.tempo",),
        "amount": ("0.12",),
        "used": ("0.12",),
        "event_type": ("song_completed",),
        "choose": (f"/v1/compositions/{SONG_ID}/takes/1/choice",),
        "Decision.what": ("tempo",),
        "Decision.reason": ("ballads of this kind are slow",),
        "Decision.value": (75,),
        "Reason.field": ("musical.tempo",),
        "Reason.value": ("75",),
        "Reason.source": ("prompt",),
        "Reason.text": ("the prompt says 75 bpm",),
        "about": ("go on to the next stage",),
        "body": ({"command_id": "advance-4", "expected_stage": "ideation"},),
        "curl": (f"curl -sS -X POST http://127.0.0.1:8000/v1/compositions/{SONG_ID}/advances",),
        "httpx": (f"import httpx; httpx.post('http://127.0.0.1:8000/v1/compositions/{SONG_ID}/advances')",),
        "temporalio": (f"handle = client.get_workflow_handle('song-{SONG_ID}'); await handle.signal('advance', {{}})",),
        "signal": (f"temporal workflow signal --workflow-id song-{SONG_ID} --name advance --input '{{}}'",),
        "update": (f"temporal workflow update execute --workflow-id song-{SONG_ID} --name advance --input '{{}}'",),
    }
)

_PLAIN: Mapping[str, Any] = MappingProxyType(
    {"string": "text", "integer": 1, "number": 1.0, "boolean": True, "null": None, "array": [], "object": {}}
)
_FORMATS: Mapping[str, str] = MappingProxyType(
    {"date-time": TIME, "date": "2026-03-01", "uri": "https://example.com/hooks", "uuid": SONG_ID}
)
_KINDS: Mapping[str, tuple[type, ...]] = MappingProxyType(
    {
        "string": (str,),
        "integer": (int,),
        "number": (int, float),
        "boolean": (bool,),
        "array": (list, tuple),
        "object": (dict,),
    }
)


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str = "", depth: int = 0) -> Any:
    """A value that `schema` takes, for the field `name` or `Model.name`; `schemas` are the components it refers to.

    In this order: its own example, its constant, what NAMED says, null where it may be, its default, its parts.
    """
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].removeprefix(_PREFIX)], schemas, name, depth)
    for said in ("const", "example"):
        if said in schema:
            return schema[said]
    if schema.get("examples"):
        return completed(schema["examples"][0], schema, schemas, depth)
    choices = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if choices:
        return _chosen(choices, schemas, name, depth)
    for value in _named(name):
        if _takes(schema, value):
            return value
    if "enum" in schema:
        return schema["enum"][0]
    if "default" in schema and "properties" not in schema:
        return schema["default"]
    return _built(schema, schemas, name, depth)


def completed(example: Any, schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int = 0) -> Any:
    """An author's example with the fields that answers always have, and that it leaves out."""
    if not isinstance(example, dict) or depth >= MAX_DEPTH:
        return example
    missing = [field for field in schema.get("required", ()) if field not in example]
    model, parts = schema.get("title", ""), schema.get("properties", {})
    return {**{f: example_of(parts[f], schemas, f"{model}.{f}", depth + 1) for f in missing if f in parts}, **example}


def _chosen(choices: list[Mapping[str, Any]], schemas: Mapping[str, Any], name: str, depth: int) -> Any:
    nullable = any(choice.get("type") == "null" for choice in choices)
    some = [choice for choice in choices if choice.get("type") != "null"]
    if nullable and name:
        named = [value for value in _named(name) for choice in some if _takes(_seen(choice, schemas), value)]
        return named[0] if named else None
    return example_of(some[0], schemas, name, depth)


def _named(name: str) -> tuple[Any, ...]:
    return (*NAMED.get(name, ()), *NAMED.get(name.rpartition(".")[2], ()))


def _seen(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = schemas[schema["$ref"].removeprefix(_PREFIX)] if "$ref" in schema else schema
    return found


def _takes(schema: Mapping[str, Any], value: Any) -> bool:
    if "enum" in schema:
        return value in schema["enum"]
    kind = schema.get("type", "object")
    if "properties" in schema or (isinstance(value, bool) and kind != "boolean"):
        return False
    fits = not isinstance(value, str) or re.search(schema.get("pattern", ""), value) is not None
    return isinstance(value, _KINDS.get(kind, ())) and fits


def _built(schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str, depth: int) -> Any:
    kind = schema.get("type", "object")
    if kind == "object" and "properties" in schema and depth < MAX_DEPTH:
        wanted = {name: part for name, part in schema["properties"].items() if not part.get("writeOnly")}
        model = schema.get("title", "")
        return {field: example_of(part, schemas, f"{model}.{field}", depth + 1) for field, part in wanted.items()}
    if kind == "array" and depth < MAX_DEPTH and (schema.get("minItems") or _is_model(schema.get("items", {}))):
        return [example_of(schema.get("items", {}), schemas, "", depth + 1)] * max(1, schema.get("minItems", 1))
    if kind in ("integer", "number"):
        return schema.get("minimum", _PLAIN[kind])
    if kind == "string":
        return _FORMATS.get(schema.get("format", ""), _PLAIN[kind])
    return _PLAIN[kind]


def _is_model(items: Mapping[str, Any]) -> bool:
    return "$ref" in items
