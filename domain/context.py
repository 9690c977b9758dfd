"""The shared context of a song: typed, addressed by dot paths, merged in layers.

The effective context is the defaults, overlaid by the patches of the stages in their order, overlaid by the
person's own settings: a stage cannot overwrite what the person set, however often it runs again.
A patch is a nested dictionary that holds only what it sets. In the person's patch `None` takes a setting back.
"""

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Literal, Self, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from domain.edits import MAX_EDITS, Edit
from domain.errors import InvalidValue, UnknownPath
from domain.recording import check_tags
from domain.tonality import CHORD, Scale, Tonic

DURATION_RANGE_S = (20, 900)
TEMPO_RANGE_BPM = (20, 400)
LOUDNESS_RANGE_LUFS = (-36, -6)
MAX_PATCH_BYTES = 16_384
# Where an instruction such as "faster" stops.
RANGES: Mapping[str, tuple[float, float]] = {
    "musical.tempo": TEMPO_RANGE_BPM,
    "musical.mood.valence": (0, 1),
    "musical.mood.arousal": (0, 1),
    "technical.loudness_target": LOUDNESS_RANGE_LUFS,
}

Unit = Annotated[float, Field(ge=0, le=1)]
Word = Annotated[str, Field(min_length=1, max_length=200)]
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9_ &+\-]*$")]


def _lower(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


def _list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, validate_default=True)


class Mood(_Section):
    """Valence (sad 0 to happy 1) and arousal (calm 0 to excited 1) after Russell's circumplex."""

    valence: Unit = 0.5
    arousal: Unit = 0.5


class SectionWish(_Section):
    """A section that somebody asked for."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    start: Annotated[float, Field(ge=0)] | None = None
    duration: Annotated[float, Field(gt=0, le=900)]
    unit: Literal["bars", "beats", "seconds"] = "bars"


class SectionShape(_Section):
    """How one section of the arrangement is played.

    `mute` names parts that rest there; `tempo` (bpm), `key` and `scale` hold from its first bar on.
    """

    energy: Unit | None = None
    mute: list[Id] = []
    tempo: Annotated[float, Field(ge=TEMPO_RANGE_BPM[0], le=TEMPO_RANGE_BPM[1])] | None = None
    key: Tonic | None = None
    scale: Scale | None = None


class MelodyShape(_Section):
    """Wishes for the melody; `summary` is written by the composition stage."""

    contour: Literal["arch", "rising", "falling", "wave"] | None = None
    density: Unit | None = None
    range: Annotated[int, Field(ge=3, le=36)] | None = None
    summary: str | None = Field(default=None, max_length=400)


class BassShape(_Section):
    """Wishes for the bass line; `summary` is written by the composition stage."""

    style: Literal["root", "octave", "walking", "syncopated", "pedal", "arpeggio", "sustained"] | None = None
    density: Unit | None = None
    summary: str | None = Field(default=None, max_length=400)


class RhythmShape(_Section):
    """Wishes for the rhythm; `summary` is written by the composition stage."""

    groove: Id | None = None
    density: Unit | None = None
    swing: Unit | None = None
    summary: str | None = Field(default=None, max_length=400)


def _progression(value: Any) -> Any:
    if isinstance(value, str):
        value = [token for token in re.split(r"[\s,|]+|(?<=\S)-(?=[A-G])", value) if token]
    if isinstance(value, Mapping):
        return {_lower(name): chords for name, chords in value.items()}
    return {"all": value} if isinstance(value, list | tuple) else value


def _bar_of_chords(value: Any) -> Any:
    if isinstance(value, str) and not (value.split() and all(CHORD.match(symbol) for symbol in value.split())):
        raise ValueError("a chord is a root from A to G or a Roman numeral with a quality, such as Fm7, Ab/C or IV")
    return " ".join(value.split()) if isinstance(value, str) else value


BarOfChords = Annotated[str, BeforeValidator(_bar_of_chords), Field(max_length=80)]
"""The chords of one bar, up to four, parted by spaces ("Dm7 G7")."""
Progression = Annotated[dict[Id, Annotated[list[BarOfChords], Field(min_length=1, max_length=64)]],
                        BeforeValidator(_progression)]  # fmt: skip


class Musical(_Section):
    """What is played."""

    key: Tonic | None = None
    scale: Scale = "major"
    tempo: Annotated[float, Field(ge=TEMPO_RANGE_BPM[0], le=TEMPO_RANGE_BPM[1])] = 120.0
    time_signature: str = "4/4"
    genre: Annotated[list[Annotated[Id, BeforeValidator(_lower)]], BeforeValidator(_list), Field(max_length=8)] = []
    mood: Mood = Mood()
    structure: Annotated[list[SectionWish], Field(max_length=64)] = []
    chord_progression: Progression = {}
    instruments: Annotated[
        list[Annotated[Id, BeforeValidator(_lower)]], BeforeValidator(_list), Field(max_length=24)
    ] = []
    melody: MelodyShape = MelodyShape()
    bass_line: BassShape = BassShape()
    rhythm_pattern: RhythmShape = RhythmShape()
    sections: dict[Word, SectionShape] = {}
    takes: dict[Word, Annotated[int, Field(ge=1, le=999)]] = {}
    edits: Annotated[list[Edit], Field(max_length=MAX_EDITS)] = []
    transitions: dict[Word, Literal["fill", "riser", "drop", "crash", "none"]] = {}
    dynamics: dict[Word, Annotated[float, Field(ge=-1, le=1)]] = {}

    @field_validator("time_signature")
    @classmethod
    def _metre(cls, value: str) -> str:
        match = re.fullmatch(r"\s*(\d{1,2})\s*/\s*(\d{1,2})\s*", value)
        if not match or not 1 <= int(match[1]) <= 16 or int(match[2]) not in (2, 4, 8, 16):
            raise ValueError("a time signature is beats over 2, 4, 8 or 16, such as 4/4, 3/4 or 6/8")
        return f"{int(match[1])}/{int(match[2])}"


class Technical(_Section):
    """What is delivered. `duration` in seconds, `loudness_target` in LUFS, `sample_rate` in Hz."""

    sample_rate: Literal[44_100, 48_000, 88_200, 96_000] = 48_000
    bit_depth: Literal[16, 24] = 24
    channels: Literal[1, 2] = 2
    format: Literal["wav", "flac", "mp3", "opus"] = "wav"
    duration: Annotated[float, Field(ge=DURATION_RANGE_S[0], le=DURATION_RANGE_S[1])] | None = None
    loudness_target: Annotated[float, Field(ge=LOUDNESS_RANGE_LUFS[0], le=LOUDNESS_RANGE_LUFS[1])] = -14.0


def _check_known(values: dict[str, Any], known: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    """An open map takes any key; the numbers in it that the engine reads must be numbers in their range."""
    for path, (low, high) in known.items():
        value: Any = values
        *parents, last = path.split(".")
        for key in parents:
            value = value.get(key, {})
            if not isinstance(value, Mapping):
                raise ValueError(f"{key} is a map with {last}, got {value!r}")
        number = value.get(last)
        if number is not None and (isinstance(number, bool) or not isinstance(number, int | float)):
            raise ValueError(f"{path} is a number, got {number!r}")
        if number is not None and not low <= number <= high:
            raise ValueError(f"{path} lies from {low:g} to {high:g}, got {number:g}")
    return values


KNOWN_PREFERENCES: Mapping[str, tuple[float, float]] = {"performance.humanize": (0, 2), "master.ceiling": (-12, 0)}
KNOWN_PARAMETERS: Mapping[str, tuple[float, float]] = {"candidates": (1, 16)}


class AudioReference(_Section):
    """An uploaded song that the master comes near in tone, by the SHA-256 of its file."""

    type: Literal["audio"]
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Creative(_Section):
    """What it is about, and how the person likes it. `references` are words, and at most one uploaded song."""

    inspiration: str | None = Field(default=None, max_length=2000)
    references: Annotated[list[Word | AudioReference], BeforeValidator(_list), Field(max_length=16)] = []
    constraints: dict[str, Any] = {}
    preferences: dict[str, Any] = {}
    style_modifiers: Annotated[list[Id], BeforeValidator(_list), Field(max_length=24)] = []
    enhanced_prompt: str | None = Field(default=None, max_length=12_000)
    lyrics: str | None = Field(default=None, max_length=8000)

    @field_validator("references")
    @classmethod
    def _one_song(cls, value: list[Word | AudioReference]) -> list[Word | AudioReference]:
        if sum(isinstance(reference, AudioReference) for reference in value) > 1:
            raise ValueError("a master comes near one song: name one audio reference")
        return value

    @property
    def audio_reference(self) -> str | None:
        """SHA-256 of the uploaded song to come near, None without one."""
        return next((r.hash for r in self.references if isinstance(r, AudioReference)), None)

    @field_validator("preferences")
    @classmethod
    def _numbers(cls, value: dict[str, Any]) -> dict[str, Any]:
        if value.get("tags") is not None:
            check_tags(value["tags"])
        return _check_known(value, KNOWN_PREFERENCES)


class AIDecisions(_Section):
    """What was decided on the way and by what."""

    prompt_enhancement: dict[str, Any] = {}
    generation_params: dict[str, Any] = {}
    model_selections: dict[str, Any] = {}
    processing_history: list[Any] = []

    @field_validator("generation_params")
    @classmethod
    def _numbers(cls, value: dict[str, Any]) -> dict[str, Any]:
        return _check_known(value, KNOWN_PARAMETERS)


class SongContext(_Section):
    """The whole shared context. Every write is validated; a bad one names its path and changes nothing."""

    musical: Musical = Musical()
    technical: Technical = Technical()
    creative: Creative = Creative()
    ai_decisions: AIDecisions = AIDecisions()

    def get(self, path: str, default: Any = None) -> Any:
        """The value at a dot path; `default` where it is unset or None. UnknownPath for a path that cannot be."""
        check_path(path)
        value: Any = self.model_dump(mode="json")
        for key in path.split("."):
            if not isinstance(value, Mapping) or key not in value:
                return default
            value = value[key]
        return default if value is None else value

    def set(self, path: str, value: Any) -> Self:
        """A copy with `value` at a dot path."""
        return self.update({path: value})

    def update(self, patch: Mapping[str, Any]) -> Self:
        """A copy with `patch` (nested or by dot paths) merged in deeply; lists are replaced."""
        return self._checked(_overlay(self.model_dump(mode="json"), normalise(patch)), patch)

    def add_to_list(self, path: str, item: Any) -> Self:
        """A copy with `item` appended; a scalar at `path` becomes a list first."""
        value = self.get(path)
        items = [] if value is None else value if isinstance(value, list) else [value]
        return self.set(path, [*items, item])

    def _checked(self, document: Mapping[str, Any], patch: Mapping[str, Any]) -> Self:
        try:
            return type(self).model_validate(document)
        except ValidationError as error:
            raise invalid_value(error) from None


def invalid_value(error: ValidationError) -> InvalidValue:
    """The first problem of a pydantic error, in words: path, value and what is allowed."""
    first = error.errors(include_url=False)[0]
    path = ".".join(str(part) for part in first["loc"] if not str(part).startswith("function-"))
    shown = repr(first.get("input"))
    shown = shown if len(shown) <= 80 else shown[:77] + "..."
    reason = first["msg"].removeprefix("Value error, ")
    if not path:
        return InvalidValue(reason)
    return InvalidValue(f"{path} cannot be {shown}: {reason[:1].lower()}{reason[1:]}")


def merge(base: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Deep merge: dictionaries merge key by key, everything else is replaced."""
    return _overlay(copy.deepcopy(dict(base)), patch)


def _overlay(merged: dict[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """`merge` into a dictionary that nobody else has."""
    for key, value in patch.items():
        old = merged.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            merged[key] = _overlay(dict(old), value)
        else:
            merged[key] = copy.deepcopy(value)
    return merged


def nest(flat: Mapping[str, Any]) -> dict[str, Any]:
    """{"a.b": 1} as {"a": {"b": 1}}; nested input passes through."""
    nested: dict[str, Any] = {}
    for path, value in flat.items():
        *parents, last = path.split(".")
        leaf: dict[str, Any] = {last: nest(value) if isinstance(value, Mapping) and not _is_open(path) else value}
        for parent in reversed(parents):
            leaf = {parent: leaf}
        nested = _overlay(nested, leaf)
    return nested


def normalise(patch: Mapping[str, Any]) -> dict[str, Any]:
    """A patch as nested dictionary with every path known; "D minor" as a key sets the scale as well."""
    nested = nest(patch)
    for path in (*patch, *touched_paths(nested)):
        check_path(path)
    musical = nested.get("musical")
    if isinstance(musical, dict) and isinstance(key := musical.get("key"), str) and " " in key.strip():
        tonic, _, scale = key.strip().partition(" ")
        nested["musical"] = {
            **musical,
            "key": tonic,
            "scale": scale.strip().replace(" ", "_").replace("-", "_"),
        }
    if isinstance(musical, dict) and "chord_progression" in musical:
        nested["musical"]["chord_progression"] = _progression(musical["chord_progression"])
    return nested


def _model_at(path: str) -> type[BaseModel] | None:
    model: type[BaseModel] = SongContext
    for key in path.split(".") if path else []:
        field = model.model_fields.get(key)
        if field is None or not (isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)):
            return None
        model = field.annotation
    return model


@cache
def _is_open(path: str) -> bool:
    """Whether `path` is a map with free keys, or lies inside one."""
    keys = path.split(".")
    for i, key in enumerate(keys):
        model = _model_at(".".join(keys[:i]))
        if model is None:
            return True
        field = model.model_fields.get(key)
        if field is None:
            return False
        if _has_free_keys(field.annotation):
            return True
    return False


def _has_free_keys(annotation: Any) -> bool:
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return get_origin(annotation) is dict


@cache
def leaf_paths() -> tuple[str, ...]:
    """Every path of the context that is no section of its own, in reading order."""

    def walk(model: type[BaseModel], prefix: str) -> Iterator[str]:
        for name, field in model.model_fields.items():
            path = f"{prefix}{name}"
            if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
                yield from walk(field.annotation, path + ".")
            else:
                yield path

    return tuple(walk(SongContext, ""))


def check_path(path: str) -> None:
    """Raise UnknownPath unless `path` names a field, a section, or a key inside an open map."""
    keys = path.split(".")
    model: type[BaseModel] | None = SongContext
    for i, key in enumerate(keys):
        if model is None:
            break
        if key not in model.model_fields:
            here = ".".join(keys[:i]) or "the context"
            raise UnknownPath(f"unknown context path {path!r}: {here} holds {', '.join(model.model_fields)}")
        annotation: Any = model.model_fields[key].annotation
        nested = isinstance(annotation, type) and issubclass(annotation, BaseModel)
        if not nested and i + 1 < len(keys) and not _has_free_keys(annotation):
            raise UnknownPath(f"unknown context path {path!r}: {'.'.join(keys[: i + 1])} holds a value, no fields")
        model = annotation if nested else None


def touched_paths(nested: Mapping[str, Any], prefix: str = "") -> tuple[str, ...]:
    """Leaf paths that a nested patch sets; inside open maps down to the second key."""
    paths: list[str] = []
    for key, value in nested.items():
        path = f"{prefix}{key}"
        model = _model_at(path)
        if isinstance(value, Mapping) and model is not None:
            paths.extend(touched_paths(value, path + "."))
        elif isinstance(value, Mapping) and _is_open(path) and value and path.count(".") < 2:
            paths.extend(f"{path}.{name}" for name in value)
        else:
            paths.append(path)
    return tuple(paths)


def without_nulls(patch: Mapping[str, Any]) -> dict[str, Any]:
    """The patch without the settings that were taken back (None)."""
    return {
        key: without_nulls(value) if isinstance(value, Mapping) else value
        for key, value in patch.items()
        if value is not None
    }


def effective(person: Mapping[str, Any], stage_patches: Sequence[Mapping[str, Any]] = ()) -> SongContext:
    """Defaults, overlaid by the stages' patches in order, overlaid by the person's own settings."""
    context = SongContext()
    for patch in filter(None, stage_patches):
        context = context.update(patch)
    return context.update(without_nulls(person))
