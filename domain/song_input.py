"""The start of a song: what the workflow is given, and how a prompt is checked at every door."""

import unicodedata
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from domain.branching import Branch
from domain.errors import InvalidPrompt
from domain.settings import MAX_PROMPT_CHARACTERS, SongSettings
from domain.state import SongState

QUEUE = "sostenuto"
AUDIO_QUEUE = "sostenuto-audio"
WORKFLOW = "CompositionWorkflow"


class SongInput(BaseModel):
    """Input of CompositionWorkflow. `changes` are the person's context overrides; `state` continues an earlier run.

    `branch` says from where a branch begins; it needs no prompt.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    composition_id: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
    owner: Annotated[str, Field(min_length=1, max_length=64)] = "local"
    title: Annotated[str, Field(min_length=1, max_length=255)] = "Untitled"
    prompt: str = ""
    settings: SongSettings = SongSettings()
    changes: dict[str, Any] = {}
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    created_at: datetime | None = None
    branch: Branch | None = None
    state: SongState | None = None
    continued: int = 0
    continue_after_events: Annotated[int, Field(ge=10)] = 2000


def workflow_id(composition_id: str) -> str:
    """The Temporal workflow id of a song."""
    return f"song-{composition_id}"


def check_prompt(text: str) -> str:
    """The prompt, trimmed; InvalidPrompt if it is empty, too long or holds control characters."""
    prompt = text.strip()
    if not prompt:
        raise InvalidPrompt("the prompt is empty: say in a sentence what the song should be")
    if len(prompt) > MAX_PROMPT_CHARACTERS:
        raise InvalidPrompt(
            f"the prompt has {len(prompt):,} characters; at most {MAX_PROMPT_CHARACTERS:,} are read: shorten it"
        )
    bad = next((c for c in prompt if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t\r"), None)
    if bad is not None:
        raise InvalidPrompt(f"the prompt holds the control character U+{ord(bad):04X}: take it out")
    return prompt
