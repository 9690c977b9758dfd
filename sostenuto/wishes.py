"""What the options of `sostenuto make` ask for, checked before anything is started."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from domain.context import SongContext, invalid_value, merge, nest, normalise, without_nulls
from domain.errors import InvalidInput, InvalidValue
from domain.settings import SongSettings
from domain.song_input import check_prompt

ALWAYS = ("flac", "mp3")
AUDIO_FORMATS = ("wav", "flac", "mp3", "opus")


@dataclass(frozen=True)
class Wishes:
    """A checked request for a song."""

    prompt: str
    title: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)
    reference: Path | None = None

    def with_reference(self, use: Mapping[str, Any]) -> dict[str, Any]:
        """The context with an uploaded song named beside the references that were asked for in words."""
        named = normalise(nest(dict(use)))["creative"]["references"]
        words = self.context.get("creative", {}).get("references") or []
        words = [words] if isinstance(words, str) else list(words)
        return merge(self.context, {"creative": {"references": [*words, *named]}})


def read_prompt(words: str) -> str:
    """The prompt itself; `-` reads standard input. Raises InvalidPrompt."""
    if words == "-":
        words = sys.stdin.buffer.read().decode("utf-8", errors="surrogateescape")
    return check_prompt(words)


def checked_settings(
    *,
    seed: int | None,
    review: str | None,
    formats: Sequence[str],
    enhance: bool,
    level: str | None,
    preferred: Sequence[str] = (),
    forbidden: Sequence[str] = (),
    **asked_of_providers: str | float | bool | None,
) -> dict[str, Any]:
    """Song settings as the API takes them, without what was not asked for. Raises InvalidValue.

    `asked_of_providers` are settings by their own names, such as `budget`; None and False ask for nothing.
    """
    asked = tuple(part.strip().lower() for entry in formats for part in entry.split(",") if part.strip())
    document: dict[str, Any] = {}
    if seed is not None:
        document["seed"] = seed
    if review is not None:
        document["review"] = review
    if asked:
        document["formats"] = tuple(f for f in AUDIO_FORMATS if f in {*ALWAYS, *asked} and f != "wav") + tuple(
            f for f in asked if f not in AUDIO_FORMATS
        )
    if not enhance or level is not None:
        document["enhancement"] = {"enabled": enhance} | ({"level": level} if level else {})
    named = {"providers_preferred": _names(preferred), "providers_forbidden": _names(forbidden)}
    document |= {name: found for name, found in named.items() if found}
    document |= {name: value for name, value in asked_of_providers.items() if value is not None and value is not False}
    try:
        settings = SongSettings.model_validate(document)
    except ValidationError as error:
        raise invalid_value(error) from None
    return settings.model_dump(mode="json", exclude_unset=True)


def _names(given: Sequence[str]) -> tuple[str, ...]:
    """Names of providers as they are written in settings: `Stable-Audio` is `stable_audio`; commas part several."""
    parts = (part.strip() for entry in given for part in entry.split(","))
    return tuple(dict.fromkeys(part.lower().replace("-", "_").replace(" ", "_") for part in parts if part))


def checked_context(pairs: Sequence[str], **direct: Any) -> dict[str, Any]:
    """Wishes by context path: `PATH=VALUE` pairs and named options (`tempo=…` and so on), as a nested patch.

    Values are read as JSON and, where they are none, as text. Raises UnknownPath, InvalidValue, InvalidInput.
    """
    flat: dict[str, Any] = {_PATHS[name]: value for name, value in direct.items() if value is not None}
    for pair in pairs:
        path, equals, text = pair.partition("=")
        if not equals or not path.strip():
            raise InvalidInput(f"--set {pair!r}: write it as path=value, such as musical.tempo=92")
        flat[path.strip()] = _value(text.strip())
    if not flat:
        return {}
    nested = normalise(nest(flat))
    SongContext().update(without_nulls(nested))
    return nested


_PATHS = {
    "duration": "technical.duration",
    "tempo": "musical.tempo",
    "key": "musical.key",
    "lufs": "technical.loudness_target",
}


def _value(text: str) -> Any:
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except ValueError:
        return text
    return value


def _refuse_constant(name: str) -> float:
    raise InvalidValue(f"{name} is no number that can be used")
