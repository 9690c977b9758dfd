"""Pydantic models as the strict JSON schemas that both vendors take, and answers read back through the same models.

Strict means: every property is required, nothing else is allowed, and there are no bounds, lengths or patterns, which
one of the vendors refuses. What the schema cannot say is checked when the answer is read.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.context import invalid_value

DocumentT = TypeVar("DocumentT", bound=BaseModel)

_KEPT: Final = frozenset({"type", "enum", "const", "description"})
"""Keywords that are sent as they are; those that hold schemas are walked through."""


class Document(BaseModel):
    """An answer of a language model; what is not in its schema is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Whole = Annotated[int, Field(ge=-10_000, le=100_000)]
"""A whole number of a size that can be reckoned with; the schema that is sent has no bounds."""


class Reason(Document):
    """One step of the model's reasoning: the field it settled, to what, and why."""

    field: str
    value: str
    text: str


def strict_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of `model`, strict, without references."""
    whole = model.model_json_schema()
    return _strict(whole, whole.get("$defs", {}))


def _strict(node: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        return _strict(shared[node["$ref"].rpartition("/")[2]], shared)
    if "allOf" in node:
        return _strict(node["allOf"][0], shared)
    out = {key: value for key, value in node.items() if key in _KEPT}
    if "const" in out:
        out = {"type": "string", "enum": [out["const"]]}
    if choices := node.get("anyOf", node.get("oneOf")):
        out["anyOf"] = [_strict(choice, shared) for choice in choices]
    if "items" in node:
        out["items"] = _strict(node["items"], shared)
    if node.get("type") == "object":
        properties = node.get("properties", {})
        out["additionalProperties"] = False
        out["required"] = list(properties)
        out["properties"] = {name: _strict(value, shared) for name, value in properties.items()}
    return out


def read_document(model: type[DocumentT], document: Mapping[str, Any]) -> DocumentT:
    """The document as `model`. Raises `InvalidValue` naming the first field that is wrong."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise invalid_value(error) from None
