"""Trying an enhancement: what ideation would make of a prompt, without starting a song."""

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.callers import Owner
from api.idempotency import Answer, Key, once
from api.models import Changes
from api.problems import KINDS, ApiProblem
from api.services import Services, ServicesDep
from domain.commands import checked_changes
from domain.context import effective
from domain.enhancing import Enhancing
from domain.errors import ResourceUnavailable
from domain.settings import MAX_PROMPT_CHARACTERS, Enhancement
from domain.song_input import check_prompt

router = APIRouter(prefix="/v1/prompts", tags=["prompts"])
# No song has an id with a colon.
ATTEMPT = "prompt:enhance"
SEED = 1


class EnhancingSettings(BaseModel):
    """How far the prompt is enriched."""

    model_config = ConfigDict(extra="forbid")

    enhancement: Enhancement = Enhancement()


class EnhancePrompt(BaseModel):
    """A prompt to be understood, as a new song's would be."""

    model_config = ConfigDict(
        extra="forbid",
        allow_inf_nan=False,
        json_schema_extra={
            "examples": [
                {
                    "prompt": "a slow waltz for piano and strings, in D minor",
                    "settings": {"enhancement": {"level": "strong"}},
                }
            ]
        },
    )

    prompt: str = Field(json_schema_extra={"minLength": 1, "maxLength": MAX_PROMPT_CHARACTERS})
    settings: EnhancingSettings = EnhancingSettings()
    context: Changes = {}


class Reason(BaseModel):
    """Why one field of the brief has its value; `source` says whose idea it was, `confidence` is 0 to 1."""

    field: str
    value: str
    source: str
    text: str
    confidence: float


class EnhancedPrompt(BaseModel):
    """What ideation would make of the prompt; `context` are the fields that it would set."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Slow Waltz",
                    "original": "a slow waltz for piano and strings, in D minor",
                    "enhanced": "A slow classical waltz in D minor at 84 bpm …",
                    "confidence": 0.86,
                    "engine": "builtin",
                    "context": {"musical": {"key": "D", "scale": "minor", "tempo": 84, "time_signature": "3/4"}},
                    "reasoning": [
                        {
                            "field": "musical.key",
                            "value": "D",
                            "source": "prompt",
                            "text": "the prompt says so",
                            "confidence": 1.0,
                        }
                    ],
                    "contradictions": [],
                }
            ]
        }
    )

    title: str
    original: str
    enhanced: str
    confidence: float
    engine: str = Field(default="builtin", description="Who has read the prompt.")
    context: dict[str, Any]
    reasoning: list[Reason]
    contradictions: list[str]


@router.post("/enhance", response_model=EnhancedPrompt)
async def enhance_prompt(
    body: EnhancePrompt, owner: Owner, services: ServicesDep, request: Request, key: Key = None
) -> Response:
    """What ideation would make of a prompt: key, tempo, form, instruments, mood, and why. No song is started.

    It is read by our own engine; the same prompt gives the same answer.
    """

    async def enhance() -> Answer:
        return Answer(200, await _enhanced(services, owner, body))

    return await once(request, services, owner=owner, key=key, work=enhance)


async def _enhanced(services: Services, owner: str, body: EnhancePrompt) -> EnhancedPrompt:
    prompt = check_prompt(body.prompt)
    context = effective(checked_changes(body.context))
    enhancement = body.settings.enhancement
    asked = Enhancing(
        id=ATTEMPT,
        owner=owner,
        seed=SEED,
        context=await services.media.aput_json(context),
        prompt=await services.media.aput(prompt.encode()),
        enhance=enhancement.enabled,
        level=enhancement.level,
    )
    answer = await services.temporal.enhance(asked)
    if answer.brief is None:
        if answer.code.startswith("invalid_") and answer.code in KINDS:
            raise ApiProblem(422, answer.code, answer.refusal)
        raise ResourceUnavailable(answer.refusal)
    brief = await services.media.aget_json(answer.brief)
    return EnhancedPrompt(
        title=brief["title"],
        original=prompt,
        enhanced=brief["enhanced_prompt"],
        confidence=brief["confidence"],
        context=brief["patch"],
        reasoning=brief["reasoning"],
        contradictions=brief["contradictions"],
    )
