import json
from typing import Any, Literal

import pytest

from domain.edits import Transpose
from domain.errors import InvalidValue
from providers.language.brief import BriefAnswer
from providers.language.edits import EditsAnswer
from providers.language.lyrics import LyricsAnswer
from providers.language.notes import LinesAnswer
from providers.language.rhythm import RhythmAnswer
from providers.language.schema import Document, read_document, strict_schema
from providers.language.structure import StructureAnswer
from providers.language.theory import TheoryAnswer

ANSWERS = (BriefAnswer, EditsAnswer, LyricsAnswer, LinesAnswer, RhythmAnswer, StructureAnswer, TheoryAnswer)
# What both vendors take in a strict schema.
ALLOWED = {"type", "properties", "required", "additionalProperties", "items", "anyOf", "enum", "description"}

DOCUMENTED_BRIEF = json.loads("""
{"type":"object","additionalProperties":false,
 "required":["title","summary","genre","subgenres","moods","bpm","key","time_signature","duration_seconds",
  "instrumental","language","vocal","instruments","style_prompt","negative_styles","sections"],
 "properties":{
  "title":{"type":"string"},"summary":{"type":"string"},"genre":{"type":"string"},
  "subgenres":{"type":"array","items":{"type":"string"}},
  "moods":{"type":"array","items":{"type":"string"}},
  "bpm":{"anyOf":[{"type":"integer"},{"type":"null"}]},
  "key":{"anyOf":[{"type":"string"},{"type":"null"}]},
  "time_signature":{"anyOf":[{"type":"string"},{"type":"null"}]},
  "duration_seconds":{"type":"integer"},"instrumental":{"type":"boolean"},
  "language":{"anyOf":[{"type":"string"},{"type":"null"}]},
  "vocal":{"anyOf":[{"type":"object","additionalProperties":false,"required":["gender","timbre"],
     "properties":{"gender":{"type":"string","enum":["male","female","mixed","any"]},"timbre":{"type":"string"}}},
     {"type":"null"}]},
  "instruments":{"type":"array","items":{"type":"string"}},
  "style_prompt":{"type":"string"},
  "negative_styles":{"type":"array","items":{"type":"string"}},
  "sections":{"type":"array","items":{"type":"object","additionalProperties":false,
     "required":["name","duration_seconds","styles","lyrics"],
     "properties":{"name":{"type":"string",
        "enum":["intro","verse","pre-chorus","chorus","bridge","break","solo","outro"]},
       "duration_seconds":{"type":"integer"},"styles":{"type":"array","items":{"type":"string"}},
       "lyrics":{"type":"array","items":{"type":"string"}}}}}}}
""")


def nodes(schema: dict[str, Any]) -> list[dict[str, Any]]:
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", [])]
    inner += [schema["items"]] if "items" in schema else []
    return [schema, *(node for part in inner for node in nodes(part))]


def without_descriptions(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            k: {n: without_descriptions(v) for n, v in inner.items()}
            if k == "properties" and isinstance(inner := value[k], dict)
            else without_descriptions(value[k])
            for k in value
            if k != "description"
        }
    return [without_descriptions(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("model", ANSWERS)
def test_schemas_are_strict_for_both_vendors(model):
    for node in nodes(strict_schema(model)):
        assert set(node) <= ALLOWED, node
        if node.get("type") == "object":
            assert node["additionalProperties"] is False
            assert node["required"] == list(node["properties"])
        assert "anyOf" in node or "type" in node


def test_the_brief_is_the_documented_one_with_reasoning():
    schema = without_descriptions(strict_schema(BriefAnswer))
    schema["required"].remove("reasoning")
    reasoning = schema["properties"].pop("reasoning")
    assert schema == DOCUMENTED_BRIEF
    assert list(reasoning["items"]["properties"]) == ["field", "value", "text"]


def test_edits_are_told_apart_by_their_operation():
    edit = strict_schema(EditsAnswer)["properties"]["edits"]["items"]["anyOf"]
    assert [choice["properties"]["op"]["enum"][0] for choice in edit][:3] == [
        "change_chord", "change_length", "drop_section",
    ]  # fmt: skip


def test_what_is_optional_may_be_null_and_must_be_there():
    schema = strict_schema(Transpose)
    assert "semitones" in schema["required"]
    assert {"type": "null"} in schema["properties"]["semitones"]["anyOf"]


class Small(Document):
    name: Literal["a", "b"]
    size: int | None


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"name": "c", "size": 1}, "name"),
        ({"name": "a", "size": "big"}, "size"),
        ({"name": "a"}, "size"),
        ({"name": "a", "size": 1, "more": 2}, "more"),
    ],
)
def test_a_document_of_another_shape_is_refused_by_name(document, told):
    with pytest.raises(InvalidValue, match=told):
        read_document(Small, document)
