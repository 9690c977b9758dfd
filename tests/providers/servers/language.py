"""What the language-model servers share: scripted answers, schemas held to the strict rules, documents that fit one.

A test registers `answer(body) -> dict | str | Refusal | Truncated | Failed` on the server; without one the answer is a
document made to fit the schema that the request carries.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import jsonschema  # type: ignore[import-untyped]

CHARACTERS_A_TOKEN = 4
MILLION = Decimal(1_000_000)


@dataclass(frozen=True)
class Refusal:
    """The model says no, in an answer that is otherwise well."""

    text: str = "I cannot help with that."
    category: str = "policy"


@dataclass(frozen=True)
class Truncated:
    """The answer stops in the middle, at the token limit unless `reason` says otherwise."""

    text: str = '{"title": "Night Fe'
    reason: str | None = None


@dataclass(frozen=True)
class Failed:
    """The request was taken and the model failed."""

    code: str = "server_error"
    message: str = "The model had an internal error."


Script = Callable[[dict[str, Any]], "dict[str, Any] | str | Refusal | Truncated | Failed"]


def tokens(*parts: Any) -> int:
    """About four characters a token, for text and for JSON."""
    return sum(
        math.ceil(len(part if isinstance(part, str) else json.dumps(part)) / CHARACTERS_A_TOKEN)
        for part in parts
        if part not in (None, "", [], {})
    )


def cost(counts: Sequence[int], rates: Sequence[Decimal]) -> Decimal:
    """Dollars: each class of tokens times its price per million."""
    return sum((count * rate / MILLION for count, rate in zip(counts, rates, strict=True)), Decimal(0))


# -- schemas -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rules:
    """What a vendor takes in a schema: forbidden words, whether every property is required, lone $refs."""

    forbidden: frozenset[str]
    all_required: bool
    bare_references: bool = False


COMBINED = frozenset({"allOf", "not", "if", "then", "else", "patternProperties"}) | frozenset(
    {"dependentRequired", "dependentSchemas"}
)
OPENAI = Rules(COMBINED | {"oneOf", "default", "propertyNames", "unevaluatedProperties"}, True, True)
LIMITS = frozenset(
    {
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "pattern",
        "maxItems",
        "minItems",
        "uniqueItems",
    }
)
ANTHROPIC = Rules((COMBINED - {"allOf"}) | {"oneOf"} | LIMITS, False)
WORDS = (
    frozenset(
        {"type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "$ref", "$defs"}
        | {"title", "description", "format", "definitions", "prefixItems", "examples", "allOf", "default"}
    )
    | LIMITS
)


def schema_complaint(schema: Any, rules: Rules) -> str | None:
    """The first thing in a schema that the vendor's strict mode does not take. Else None."""
    if not isinstance(schema, dict):
        return "schema must be an object"
    if schema.get("type") != "object":
        return "schema must have type 'object' at its root"
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as problem:
        return f"schema is not valid JSON Schema: {problem.message}"
    return next((says for where, node in nodes(schema, ()) if (says := _node(where, node, schema, rules))), None)


def nodes(node: Any, where: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each subschema with its place, the root first."""
    yield where, node
    if not isinstance(node, dict):
        return
    for group in ("properties", "$defs", "definitions"):
        for name, inner in (node.get(group) or {}).items():
            yield from nodes(inner, (*where, group, name))
    for group in ("anyOf", "allOf", "prefixItems"):
        for at, inner in enumerate(node.get(group) or ()):
            yield from nodes(inner, (*where, group, str(at)))
    if "items" in node:
        yield from nodes(node["items"], (*where, "items"))


def _node(where: tuple[str, ...], node: Any, root: dict[str, Any], rules: Rules) -> str | None:
    place = f"In context=({', '.join(repr(step) for step in where)})"
    if not isinstance(node, dict):
        return f"{place}, a schema must be an object"
    bad = sorted(word for word in node if word in rules.forbidden or word not in WORDS)
    if bad:
        return f"{place}, '{bad[0]}' is not permitted"
    if "$ref" in node:
        return _reference(place, node, root, rules)
    if not {"type", "anyOf", "enum", "const", "allOf"} & set(node):
        return f"{place}, schema must have a 'type' key"
    if node.get("type") == "array" and "items" not in node:
        return f"{place}, array schema missing items"
    return _object(place, node, rules) if node.get("type") == "object" else None


def _reference(place: str, node: dict[str, Any], root: dict[str, Any], rules: Rules) -> str | None:
    if rules.bare_references and len(node) > 1:
        return f"{place}, $ref cannot have keywords {sorted(set(node) - {'$ref'})}"
    try:
        resolved(node, root)
    except KeyError:
        return f"{place}, reference can only point to definitions defined at the top level of the schema"
    return None


def _object(place: str, node: dict[str, Any], rules: Rules) -> str | None:
    if node.get("additionalProperties") is not False:
        return f"{place}, 'additionalProperties' is required to be supplied and to be false"
    properties = set(node.get("properties") or ())
    required = set(node.get("required") or ())
    if required - properties:
        return f"{place}, 'required' names the unknown property '{min(required - properties)}'"
    if rules.all_required and properties - required:
        return (
            f"{place}, 'required' is required to be supplied and to be an array including every key in properties. "
            f"Missing '{min(properties - required)}'."
        )
    return None


def resolved(node: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """The schema a node stands for. Raises KeyError where a reference leads nowhere."""
    while "$ref" in node:
        found: Any = root
        reference = str(node["$ref"])
        if not reference.startswith("#"):
            raise KeyError(reference)
        for step in reference.removeprefix("#").strip("/").split("/"):
            found = found[step] if step else found
        node = found
    return node


# -- documents ---------------------------------------------------------------------------------------------------------

PLAUSIBLE_TEXT = {
    "title": "Night Ferry",
    "summary": "A slow song about the last boat home.",
    "genre": "dream pop",
    "key": "A minor",
    "mode": "minor",
    "time_signature": "4/4",
    "language": "en",
    "timbre": "warm",
    "style_prompt": "dream pop, slow, warm pads, brushed drums",
    "name": "verse",
    "reasoning": "The words ask for something slow and far away.",
    "lyrics": "the harbour lights go one by one",
    "lines": "the harbour lights go one by one",
    "instruments": "piano",
    "moods": "wistful",
    "styles": "dream pop",
    "subgenres": "shoegaze",
    "negative_styles": "metal",
}
PLAUSIBLE_NUMBERS = {
    "bpm": 92,
    "tempo": 92,
    "duration_seconds": 180,
    "seconds": 180,
    "bars": 8,
    "beats": 4,
    "velocity": 80,
    "pitch": 60,
    "midi": 60,
}
# Tried in this order where a pattern says what a text must look like.
CANDIDATES = ("C", "Am", "A minor", "C major", "4/4", "en", "a", "a-b", "1", "0", "C4", "I", "#112233", "2026-01-01")


def document(schema: dict[str, Any]) -> Any:
    """A plausible value that fits the schema; raises ValueError when none was found, so that a test writes its own."""
    made = _value(schema, schema, "", 0)
    try:
        jsonschema.Draft202012Validator(schema).validate(made)
    except jsonschema.ValidationError as problem:
        raise ValueError(f"no document was found for this schema; register an answer: {problem.message}") from None
    return made


def _value(node: dict[str, Any], root: dict[str, Any], name: str, index: int) -> Any:
    node = resolved(node, root)
    if "const" in node:
        return node["const"]
    if "enum" in node:
        return node["enum"][index % len(node["enum"])]
    for group in ("anyOf", "allOf", "oneOf"):
        if group in node:
            kinds = [one for one in node[group] if resolved(one, root).get("type") != "null"]
            return _value(kinds[0], root, name, index) if kinds else None
    kind = node.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    return _MAKERS[kind](node, root, name, index)


def _object_value(node: dict[str, Any], root: dict[str, Any], name: str, index: int) -> dict[str, Any]:
    return {key: _value(inner, root, key, index) for key, inner in (node.get("properties") or {}).items()}


def _array(node: dict[str, Any], root: dict[str, Any], name: str, index: int) -> list[Any]:
    count = max(node.get("minItems", 0), min(2, node.get("maxItems", 2)))
    return [_value(node["items"], root, name, place) for place in range(count)]


def _text(node: dict[str, Any], root: dict[str, Any], name: str, index: int) -> str:
    text = PLAUSIBLE_TEXT.get(name, name.replace("_", " ") or "text")
    if "pattern" in node:
        return next((one for one in (text, *CANDIDATES) if re.search(node["pattern"], one)), text)
    text = f"{text} {index + 1}" if index and name not in PLAUSIBLE_TEXT else text
    return text[: node.get("maxLength", len(text))].ljust(node.get("minLength", 0), "a")


def _number(node: dict[str, Any], root: dict[str, Any], name: str, index: int) -> float:
    low = max(node.get("minimum", -math.inf), node.get("exclusiveMinimum", -math.inf) + 1)
    high = min(node.get("maximum", math.inf), node.get("exclusiveMaximum", math.inf) - 1)
    return float(min(max(PLAUSIBLE_NUMBERS.get(name, index + 1), low), high))


def _integer(node: dict[str, Any], root: dict[str, Any], name: str, index: int) -> int:
    return int(_number(node, root, name, index))


_MAKERS: Mapping[Any, Callable[..., Any]] = {
    "object": _object_value,
    "array": _array,
    "string": _text,
    "number": _number,
    "integer": _integer,
    "boolean": lambda *_: False,
    "null": lambda *_: None,
    None: lambda *_: None,
}
