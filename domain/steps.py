"""The steps of every stage: typed contracts between workflow and activities, and what each step reads.

A step is one cached activity. Its key hashes its name and version, the values of the context paths it declares
here, its input artifacts, seed, take and parameters, and for steps that make sound the sound set and libraries.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from domain.context import leaf_paths
from domain.stages import ORDER, Stage, position

MAX_PAYLOAD_BYTES = 65_536

Ref = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class MediaType(StrEnum):
    """What a stored file is to a song."""

    AUDIO_WAV = "audio_wav"
    AUDIO_MP3 = "audio_mp3"
    AUDIO_FLAC = "audio_flac"
    AUDIO_OPUS = "audio_opus"
    MIDI = "midi"
    STEMS = "stems"
    REFERENCE = "reference"
    PREVIEW = "preview"
    SCORE = "score"
    WAVEFORM = "waveform"
    PICTURE = "picture"
    REPORT = "report"
    DOCUMENT = "document"


class Weight(StrEnum):
    """Which queue a step runs on: light steps in threads, heavy ones in processes of their own."""

    LIGHT = "light"
    HEAVY = "heavy"


class StepSpec(BaseModel):
    """A step's contract; `reads` are context paths or prefixes of them.

    What a step that `sounds` makes depends on the sound set and libraries, of one that `signs` on the certificate.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    stage: Stage
    version: int
    reads: tuple[str, ...] = ()
    weight: Weight = Weight.LIGHT
    sounds: bool = False
    signs: bool = False
    timeout_s: int = 60


class Artifact(BaseModel):
    """A stored file: content hash, size, what it is; `metadata` holds duration, format, loudness and the like."""

    model_config = ConfigDict(frozen=True)

    hash: Ref
    size: int
    media_type: str
    type: MediaType = MediaType.DOCUMENT
    filename: str | None = None
    metadata: dict[str, Any] = {}


class StepRequest(BaseModel):
    """One call of a step. `position` (done, total) is for telling progress and alone does not enter the key."""

    composition_id: str
    owner: str
    stage: Stage
    step: str
    label: str = ""
    revision: int
    take: int = 1
    seed: int
    context: Ref
    inputs: dict[str, Ref] = {}
    params: dict[str, str | int | float | bool] = {}
    facts: dict[str, Any] = {}
    position: tuple[int, int] = (0, 0)


class StepResult(BaseModel):
    """What a step made, by reference. `cached` says that an earlier result under the same key was reused."""

    step: str
    label: str = ""
    key: str
    cached: bool
    seconds: float
    outputs: dict[str, Artifact] = {}
    patch: Ref | None = None
    decisions: Ref | None = None
    measured: dict[str, float | int | str | bool] = {}


_BRIEF = ("creative.inspiration", "creative.references", "creative.enhanced_prompt", "musical.genre")
_MOOD = ("musical.mood.valence", "musical.mood.arousal")
_PULSE = ("musical.tempo", "musical.time_signature")
_TONALITY = ("musical.key", "musical.scale")
_PLAYED = ("musical.genre", "musical.rhythm_pattern.swing", "creative.style_modifiers",
           "creative.preferences.performance")  # fmt: skip

_ALL_STEPS = (
    StepSpec(name="understand", stage=Stage.IDEATION, version=2, reads=_BRIEF),
    StepSpec(
        name="chords", stage=Stage.COMPOSITION, version=3,
        reads=(*_TONALITY, "musical.genre", *_MOOD, "musical.time_signature", "musical.chord_progression",
               "musical.takes", "ai_decisions.generation_params"),
    ),
    StepSpec(
        name="rhythm", stage=Stage.COMPOSITION, version=3,
        reads=("musical.genre", *_PULSE, *_MOOD, "musical.rhythm_pattern", "creative.constraints",
               "ai_decisions.generation_params"),
    ),
    StepSpec(
        name="melody", stage=Stage.COMPOSITION, version=3,
        reads=(*_TONALITY, "musical.genre", *_PULSE, *_MOOD, "musical.melody", "musical.takes",
               "ai_decisions.generation_params"),
    ),
    StepSpec(
        name="bass", stage=Stage.COMPOSITION, version=3,
        reads=("musical.genre", *_PULSE, "musical.bass_line", "musical.takes", "ai_decisions.generation_params"),
    ),
    StepSpec(
        name="form", stage=Stage.ARRANGEMENT, version=3,
        reads=("musical.key", "musical.genre", *_PULSE, "musical.structure", "musical.sections",
               "musical.chord_progression", "technical.duration", "creative.constraints"),
    ),
    StepSpec(name="lyrics", stage=Stage.ARRANGEMENT, version=1),
    StepSpec(
        name="arrange", stage=Stage.ARRANGEMENT, version=3,
        reads=(*_TONALITY, "musical.genre", *_PULSE, "musical.instruments", "musical.sections",
               "musical.transitions", "musical.dynamics", "musical.takes", "musical.edits", "creative.constraints"),
    ),
    StepSpec(name="interpret", stage=Stage.ARRANGEMENT, version=1),
    StepSpec(name="sketch", stage=Stage.ARRANGEMENT, version=2, sounds=True,
             reads=("musical.genre", "musical.rhythm_pattern.swing")),
    StepSpec(
        name="perform", stage=Stage.PRODUCTION, version=2, reads=_PLAYED,
    ),
    StepSpec(name="render", stage=Stage.PRODUCTION, version=2, weight=Weight.HEAVY, sounds=True, timeout_s=900),
    StepSpec(
        name="adopt", stage=Stage.PRODUCTION, version=1, weight=Weight.HEAVY, sounds=True, timeout_s=900,
        reads=(*_PLAYED, "creative.preferences.take"),
    ),
    StepSpec(name="adopt_stems", stage=Stage.PRODUCTION, version=1, weight=Weight.HEAVY, sounds=True, timeout_s=900,
             reads=_PLAYED),
    StepSpec(
        name="mix", stage=Stage.MIXING, version=2, weight=Weight.HEAVY, sounds=True, timeout_s=1200,
        reads=("technical.channels", "musical.genre", "creative.preferences.mix"),
    ),
    StepSpec(
        name="master", stage=Stage.MASTERING, version=2, weight=Weight.HEAVY, sounds=True, timeout_s=1200,
        reads=("technical.loudness_target", "technical.sample_rate", "technical.bit_depth", "musical.genre",
               "creative.preferences.master"),
    ),
    StepSpec(name="cover", stage=Stage.FINALIZATION, version=1, reads=("musical.genre", *_MOOD)),
    StepSpec(name="pictures", stage=Stage.FINALIZATION, version=1, weight=Weight.HEAVY, timeout_s=300,
             reads=("technical.loudness_target", "creative.preferences.master")),
    StepSpec(name="encode", stage=Stage.FINALIZATION, version=2, weight=Weight.HEAVY, sounds=True, timeout_s=900,
             reads=("technical.bit_depth", "creative.preferences.master")),
    StepSpec(name="tag", stage=Stage.FINALIZATION, version=1, weight=Weight.HEAVY, signs=True, timeout_s=300,
             reads=(*_TONALITY, "musical.genre", "musical.tempo", "musical.edits", "creative.preferences.tags")),
    StepSpec(name="provenance", stage=Stage.FINALIZATION, version=1),
    StepSpec(name="engrave", stage=Stage.FINALIZATION, version=2,
             reads=("creative.lyrics", "musical.genre", "musical.rhythm_pattern.swing")),
    StepSpec(name="listen", stage=Stage.FINALIZATION, version=1, weight=Weight.HEAVY, sounds=True, timeout_s=900,
             reads=(*_TONALITY, "musical.tempo", "musical.edits")),
    StepSpec(
        name="verify", stage=Stage.FINALIZATION, version=4, weight=Weight.HEAVY, sounds=True, timeout_s=900,
        reads=(*_TONALITY, "musical.genre", "musical.tempo", "musical.edits", "technical", "creative.references",
               "creative.preferences.master"),
    ),
    StepSpec(
        name="report", stage=Stage.FINALIZATION, version=4, sounds=True,
        reads=("musical", "technical", "creative", "ai_decisions"),
    ),
    StepSpec(name="index", stage=Stage.FINALIZATION, version=2),
)  # fmt: skip

STEPS: Mapping[str, StepSpec] = MappingProxyType({spec.name: spec for spec in _ALL_STEPS})


def covers(declared: str, path: str) -> bool:
    """Whether a declared path and another one overlap: equal, or one lies inside the other."""
    return declared == path or declared.startswith(path + ".") or path.startswith(declared + ".")


def earliest_reader(path: str) -> Stage:
    """The first stage with a step that reads `path`."""
    readers = {spec.stage for spec in STEPS.values() if any(covers(read, path) for read in spec.reads)}
    return next((stage for stage in ORDER if stage in readers), Stage.FINALIZATION)


def paths_read(spec: StepSpec) -> tuple[str, ...]:
    """Every leaf path of the context that a step may read."""
    return tuple(leaf for leaf in leaf_paths() if any(covers(read, leaf) for read in spec.reads))


# What a stage cannot start without, and what must be there when it is left: context paths or artifacts.
ENTRY: Mapping[Stage, tuple[str, ...]] = MappingProxyType(
    {
        Stage.IDEATION: (),
        Stage.COMPOSITION: ("creative.enhanced_prompt", "musical.genre", "musical.mood"),
        Stage.ARRANGEMENT: ("musical.chord_progression", "artifact:melody"),
        Stage.PRODUCTION: ("musical.instruments", "technical.duration", "artifact:score"),
        Stage.MIXING: ("artifact:stem:", "technical.channels", "technical.sample_rate"),
        Stage.MASTERING: ("artifact:mix", "technical.loudness_target", "technical.format"),
        Stage.FINALIZATION: ("artifact:master", "technical.format"),
    }
)
COMPLETE: Mapping[Stage, tuple[str, ...]] = MappingProxyType(
    {
        Stage.IDEATION: (),
        Stage.COMPOSITION: ("musical.tempo", "musical.key"),
        Stage.ARRANGEMENT: ("musical.structure", "musical.chord_progression"),
        Stage.PRODUCTION: ("musical.instruments", "technical.duration"),
        Stage.MIXING: ("technical.channels", "technical.sample_rate"),
        Stage.MASTERING: ("technical.loudness_target", "technical.format"),
        Stage.FINALIZATION: ("technical.format",),
    }
)
STAGE_CONTEXT: Mapping[Stage, tuple[str, ...]] = MappingProxyType(
    {
        Stage.IDEATION: ("creative.inspiration", "creative.references", "creative.constraints"),
        Stage.COMPOSITION: ("musical.key", "musical.tempo", "musical.genre", "musical.mood"),
        Stage.ARRANGEMENT: ("musical.structure", "musical.chord_progression", "creative.references"),
        Stage.PRODUCTION: ("musical.instruments", "creative.style_modifiers", "technical.format"),
        Stage.MIXING: ("technical.channels", "musical.instruments", "creative.preferences"),
        Stage.MASTERING: ("technical.loudness_target", "technical.format", "technical.sample_rate"),
        Stage.FINALIZATION: ("technical.format",),
    }
)


class Completeness(BaseModel):
    """What a stage requires, what of it is missing, and how complete it is in per cent."""

    model_config = ConfigDict(frozen=True)

    stage: Stage
    required: tuple[str, ...]
    missing: tuple[str, ...]
    percent: float


class OpenRequest(BaseModel):
    """First call of a song: keep its prompt and the person's overrides."""

    composition_id: str
    prompt: str
    changes: dict[str, Any] = {}


class Opened(BaseModel):
    prompt: Ref
    person: Ref


class MergeRequest(BaseModel):
    """Merge changes and operations into the person's patch; `results` are the stages' results so far."""

    person: Ref
    results: tuple[Ref, ...] = ()
    changes: dict[str, Any] = {}
    operations: tuple[dict[str, Any], ...] = ()


class Merged(BaseModel):
    person: Ref
    paths: tuple[str, ...]


class PrepareRequest(BaseModel):
    """Assemble the effective context of a stage and check what it needs to start.

    A `cover` is made from the uploaded song, so production needs it; mastering only comes near to it.
    """

    stage: Stage
    person: Ref
    results: tuple[Ref, ...] = ()
    artifacts: tuple[str, ...] = ()
    owner: str = ""
    cover: bool = False


class Prepared(BaseModel):
    """The context of a stage; `format` is the person's main delivery format, `reference` their uploaded song.

    `takes` names sections that are wanted anew, with the number of the take; only production is told.
    """

    context: Ref
    missing: tuple[str, ...] = ()
    format: str = "wav"
    reference: Ref | None = None
    takes: dict[str, int] = {}


class ConcludeRequest(BaseModel):
    """Write a stage's result: context patch, artifacts, measurements, decisions."""

    composition_id: str
    stage: Stage
    revision: int
    take: int
    context: Ref
    person: Ref
    results: tuple[Ref, ...] = ()
    steps: tuple[StepResult, ...] = ()
    provided: tuple[dict[str, Any], ...] = ()
    previous: Ref | None = None


class Concluded(BaseModel):
    """`unchanged` says that the stage made exactly what it had made before."""

    result: Ref
    missing: tuple[str, ...] = ()
    unchanged: bool = False


class UnwrittenResult(BaseModel):
    """A stage's result that is in the workflow's state only."""

    stage: Stage
    revision: int
    take: int
    result: Ref


class FindRevisionRequest(BaseModel):
    """`unwritten` refers to results that the chain of manifests does not name yet, newest last."""

    composition_id: str
    head: Ref | None
    unwritten: tuple[UnwrittenResult, ...] = ()
    stage: Stage
    revision: int


class FoundRevision(BaseModel):
    """An earlier result of a stage, found by walking the manifests back from the head."""

    found: bool
    result: Ref | None = None
    context: Ref | None = None
    artifacts: dict[str, Ref] = {}
    take: int = 1


class StageResult(BaseModel):
    """The document of one processed stage, kept for ever in the media store."""

    model_config = ConfigDict(frozen=True)

    stage: Stage
    revision: int
    take: int
    context: Ref
    patch: dict[str, Any] = {}
    artifacts: dict[str, Artifact] = {}
    measured: dict[str, float | int | str | bool] = {}
    steps: tuple[StepResult, ...] = ()
    provided: tuple[dict[str, Any], ...] = ()


def activity_timeout(spec: StepSpec) -> timedelta:
    """Start-to-close timeout of a step."""
    return timedelta(seconds=spec.timeout_s)


def later(stage: Stage, other: Stage) -> bool:
    """Whether `stage` comes after `other`."""
    return position(stage) > position(other)
