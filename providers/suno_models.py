"""What Suno's gateways read and write, as models: one set of fields, spelt camelCase or snake_case by the contract.

Requests name only what is set; answers ignore what is not named here. [camelCase: verified; snake_case: second-hand]
"""

from typing import Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, field_validator
from pydantic.alias_generators import to_camel


class Body(BaseModel):
    """A request: `camel()` for sunoapi.org and the older contract of kie.ai, `snake()` for kie.ai's jobs."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, extra="forbid")

    def camel(self) -> dict[str, Any]:
        """The JSON of the first contract."""
        return self.model_dump(by_alias=True, exclude_none=True)

    def snake(self) -> dict[str, Any]:
        """The `input` of a job; the address for calls back goes beside it, not in it."""
        return self.model_dump(exclude_none=True, exclude={"call_back_url"})


class Controls(Body):
    """How the sound is steered. Weights are 0.00–1.00; the gender of the voice is a wish, not an order."""

    negative_tags: str | None = None
    vocal_gender: Literal["m", "f"] | None = None
    style_weight: float | None = None
    weirdness_constraint: float | None = None
    audio_weight: float | None = None


class Generate(Controls):
    """A song: with `custom_mode`, `style` and `title` are required, and `prompt` is the lyrics when it is sung."""

    custom_mode: bool
    instrumental: bool
    model: str
    call_back_url: str
    prompt: str | None = None
    style: str | None = None
    title: str | None = None
    duration: int | None = None
    persona_id: str | None = None
    persona_model: Literal["style_persona", "voice_persona"] | None = None


class Cover(Generate):
    """The same, made from a recording of at most eight minutes at a public address."""

    upload_url: str


class Extend(Body):
    """More of an earlier take: from `continue_at` seconds with words of its own, or from its end as it was."""

    default_param_flag: bool
    audio_id: str
    model: str
    call_back_url: str
    continue_at: float | None = None
    style: str | None = None
    title: str | None = None
    prompt: str | None = None
    negative_tags: str | None = None
    vocal_gender: Literal["m", "f"] | None = None


class AddVocals(Body):
    """A voice for a recording at a public address."""

    prompt: str
    title: str
    negative_tags: str
    style: str
    upload_url: str
    call_back_url: str
    model: str


class ReplaceSection(Body):
    """Another section in an earlier take, from `infill_start_s` to `infill_end_s`."""

    task_id: str
    audio_id: str
    prompt: str
    tags: str
    title: str
    infill_start_s: float
    infill_end_s: float
    full_lyrics: str
    negative_tags: str | None = None
    call_back_url: str | None = None


class OfTake(Body):
    """Something made of an earlier take: WAV, stems, the times of its words. `type` is for stems alone."""

    task_id: str
    audio_id: str
    call_back_url: str | None = None
    type: Literal["separate_vocal", "split_stem"] | None = None


class Lyrics(Body):
    """Words for a song."""

    prompt: str
    call_back_url: str


Request = Generate | Extend | AddVocals | ReplaceSection | OfTake | Lyrics


class Answer(BaseModel):
    """Part of an answer, in either spelling."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, extra="ignore")


class Accepted(Answer):
    """The answer to an order that is worked on."""

    task_id: str = Field(min_length=1)

    @field_validator("task_id", mode="before")
    @classmethod
    def _text(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class Song(Answer):
    """One take. The address may stand for a stream until its file is written; only `audio_url` is a file."""

    id: str | None = None
    audio_url: str | None = None
    title: str | None = None
    duration: float | None = None


class Text(Answer):
    """One draft of lyrics; several may come, of which some failed."""

    text: str | None = None
    title: str | None = None
    status: str | None = None


class Word(Answer):
    """A sung word and when, in seconds; `success` False: it could not be found in the sound."""

    word: str
    start_s: float
    end_s: float
    success: bool = True


class Words(Answer):
    """All sung words of a take."""

    aligned_words: tuple[Word, ...] = ()


class StemOrigin(Answer):
    """One stem as the separator names it."""

    stem_type_group_name: str = Field(
        default="", validation_alias=AliasChoices("stem_type_group_name", "stemTypeGroupName")
    )
    audio_url: str | None = None
    duration: float | None = None


class Results(Answer):
    """What a finished job holds: songs, lyrics, a WAV file or stems, each under its own name."""

    suno_data: tuple[Song, ...] | None = None
    data: tuple[Text, ...] | None = None
    audio_wav_url: str | None = None
    vocal_url: str | None = None
    instrumental_url: str | None = None
    backing_vocals_url: str | None = None
    drums_url: str | None = None
    bass_url: str | None = None
    guitar_url: str | None = None
    keyboard_url: str | None = None
    percussion_url: str | None = None
    strings_url: str | None = None
    synth_url: str | None = None
    fx_url: str | None = None
    brass_url: str | None = None
    woodwinds_url: str | None = None
    origin_data: tuple[StemOrigin, ...] | None = None


class Record(Answer):
    """How a job stands. Songs and lyrics say `status`, WAV and stems `success_flag`, with the same words."""

    task_id: str = ""
    state: str = Field(default="PENDING", validation_alias=AliasChoices("status", "successFlag", "success_flag"))
    response: Results | None = None
    error_code: int | str | None = None
    error_message: str | None = None


class CallData(Answer):
    """The part of a call back that is read: the job and its stage; results are fetched, not believed."""

    task_id: str = Field(default="", validation_alias=AliasChoices("task_id", "taskId"))
    callback_type: str = Field(default="", validation_alias=AliasChoices("callbackType", "callback_type"))
    state: str = ""


class Call(Answer):
    """A call back, of either contract."""

    code: int = 200
    msg: str | None = None
    data: CallData
