"""Trying an enhancement without a song: what goes in, what comes out, all by reference."""

from pydantic import BaseModel, ConfigDict

from domain.steps import Ref

ENHANCE_WORKFLOW = "EnhancementWorkflow"


class Enhancing(BaseModel):
    """A prompt that is to be understood; `id` names the attempt, `level` says how much may be added."""

    model_config = ConfigDict(frozen=True)

    id: str
    owner: str
    seed: int
    context: Ref
    prompt: Ref
    enhance: bool = True
    level: str = "moderate"


class Enhanced(BaseModel):
    """The brief as a stored document, or why there is none."""

    brief: Ref | None = None
    refusal: str = ""
    code: str = ""
