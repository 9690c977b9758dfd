"""A prompt being read: what was found, what was decided, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from domain.seeds import derive
from music.grammar.facts import Facts
from music.matching import Found

Source = Literal["prompt", "instrument", "genre", "mood", "default", "person", "model"]
"""Where a value comes from; `model` is a language model, which fills in what the person did not say."""
TRUST: dict[Source, float] = {
    "person": 1.0, "prompt": 0.97, "instrument": 0.85, "model": 0.8, "genre": 0.75, "mood": 0.65, "default": 0.45,
}  # fmt: skip


class ReasonStep(BaseModel):
    """Why one field has its value."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str
    value: str
    source: Source
    text: str
    confidence: Annotated[float, Field(ge=0, le=1)]


@dataclass(slots=True)
class Reading:
    """The work in progress: what was found and what was decided, with reasons.

    `text` is the prompt as written; `rest` what the grammar left of its English, in whose words `found` counts;
    `themes` are mood words taken from what an unknown name is about.
    """

    text: str
    rest: str
    facts: Facts
    found: list[Found]
    given: Mapping[str, Any]
    enhance: bool
    level: str
    seed: int
    values: dict[str, Any] = field(default_factory=dict)
    reasons: list[ReasonStep] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)
    themes: list[tuple[str, str]] = field(default_factory=list)

    def rng(self, purpose: str) -> np.random.Generator:
        return np.random.default_rng(derive(self.seed, "understanding", purpose, self.text))

    def decide(self, path: str, value: Any, source: Source, text: str, confidence: float | None = None) -> Any:
        """Settle a field; what the person set wins over everything."""
        if path in self.given:
            value, source, text = self.given[path], "person", "set by the person"
        self.values[path] = value
        shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        sure = TRUST[source] if confidence is None or source == "person" else confidence
        self.reasons.append(ReasonStep(field=path, value=shown[:200], source=source, text=text, confidence=sure))
        return value

    def remark(self, path: str, value: str, text: str, confidence: float = 0.9) -> None:
        """Tell something about the reading that settles no field."""
        self.reasons.append(
            ReasonStep(field=path, value=value[:200], source="prompt", text=text, confidence=confidence)
        )

    def said(self, category: str) -> list[tuple[str, Found]]:
        """Values of a category in the order of the text, without the negated ones."""
        return [(v, f) for f in self.found if not f.negated for c, v in f.meanings if c == category]
