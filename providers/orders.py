"""What is ordered of a provider, in the field's own words; an adapter turns it into its vendor's request."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from domain.providers import Task


class Sound(BaseModel):
    """A sound file that goes along with an order, or the public address of one.

    `ref` is the content's hash in the media store: in an order that is written down it stands for the content.
    """

    model_config = ConfigDict(frozen=True)

    content: bytes = b""
    ref: str = ""
    url: str = ""
    media_type: str = "audio/wav"
    filename: str = "audio.wav"
    duration_s: float = 0.0


class PlannedSection(BaseModel):
    """A section of the arrangement: its kind ("verse", "chorus" …), length, style words and lyrics by line."""

    model_config = ConfigDict(frozen=True)

    name: str
    duration_s: float
    styles: tuple[str, ...] = ()
    lyrics: tuple[str, ...] = ()


class Origin(BaseModel):
    """The earlier result that an order works on, in its provider's own ids."""

    model_config = ConfigDict(frozen=True)

    provider: str
    job_id: str
    take_id: str = ""
    model: str = ""
    duration_s: float = 0.0


class MusicOrder(BaseModel):
    """Music or sound to make: tasks full_song, instrumental, vocals, stems, section_edit, transformation.

    `style` is one English line for any provider; `lyrics` have section tags in brackets ("[Verse]"). Times in
    seconds. `strength` 0–1 says how far a transformation may go from its `reference`. `origin` and `span_s` (start,
    end) are for what works on an earlier result; an extension has `task` full_song or instrumental and an origin.
    With `wanted`, nothing new is made: the origin's take as "wav", or its sung "words" with their times (a document
    {"take_id", "words": [[word, start, end], …]}); it goes to the origin's provider and no other.
    """

    model_config = ConfigDict(frozen=True)

    task: Task
    title: str
    style: str
    negative: tuple[str, ...] = ()
    lyrics: str = ""
    sections: tuple[PlannedSection, ...] = ()
    instrumental: bool = True
    bpm: float | None = None
    key: str = ""
    time_signature: str = "4/4"
    duration_s: float | None = None
    seed: int = 0
    vocal_gender: Literal["", "female", "male"] = ""
    language: str = ""
    takes: int = 1
    reference: Sound | None = None
    strength: float = 0.5
    origin: Origin | None = None
    span_s: tuple[float, float] | None = None
    stem_kinds: Literal["two", "many"] = "many"
    wanted: Literal["", "wav", "words"] = ""


class TextOrder(BaseModel):
    """Words to write: tasks enhancement, lyrics, music_theory, melody, bass, rhythm, structure, analysis.

    The answer is one JSON document of `json_schema`: every property is required, `additionalProperties` is false.
    `user` is a hash that stands for the person at the vendor.
    """

    model_config = ConfigDict(frozen=True)

    task: Task
    instructions: str
    text: str
    schema_name: str
    json_schema: dict[str, Any]
    max_tokens: int = 4000
    user: str = ""


Order = MusicOrder | TextOrder
