"""Contracts between the workflow and the activities that call outside providers.

One order goes through these: `route_providers` writes the order down and gathers what the router must know,
`order_provider` hands it to one provider, `await_provider` waits for what it makes. Only references pass.
"""

from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.providers import Candidate, Choice, ErrorKind, Needs, Task, Tried, Wishes
from domain.stages import Stage
from domain.steps import Ref

ROUTE, ORDER_CALL, AWAIT_CALL = "route_providers", "order_provider", "await_provider"


class Asking(BaseModel):
    """What a stage asks for: the task, the documents it may use by name, and what the song's settings say.

    `section` and `section_take` name what of an earlier result is to be made anew, and which time that is.
    """

    model_config = ConfigDict(frozen=True)

    composition_id: str
    owner: str
    stage: Stage
    task: Task
    revision: int
    take: int = 1
    resubmission: int = 0
    seed: int
    title: str = ""
    context: Ref
    inputs: dict[str, Ref] = {}
    preferred: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    budget_usd: Decimal | None = None
    production: str = "auto"
    section: str = ""
    section_take: int = 1
    level: str = "moderate"


class Routed(BaseModel):
    """The order as a stored document, the key that it is charged under, and the facts that the router decides on.

    There is no order where nobody but our own engine could be asked.
    """

    order: Ref | None = None
    key: str = ""
    needs: Needs
    wishes: Wishes
    candidates: tuple[Candidate, ...]


class Placing(BaseModel):
    """One attempt: this order, at this provider, for at most `quote_usd`."""

    model_config = ConfigDict(frozen=True)

    asking: Asking
    provider: str
    order: Ref
    key: str
    quote_usd: Decimal
    suggestion: str = ""


class OrderStatus(StrEnum):
    """How an attempt stands."""

    DONE = "done"
    WAITING = "waiting"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Answered(BaseModel):
    """What an attempt came to. `result` refers to the document of what was made, `task_id` to the ledger's row.

    `reused` says that the result was paid for earlier. `suggestion` is a wording that a moderated provider would take.
    """

    status: OrderStatus
    task_id: str = ""
    result: Ref | None = None
    kind: ErrorKind | None = None
    reason: str = ""
    suggestion: str = ""
    cost_usd: Decimal = Decimal(0)
    reused: bool = False
    model: str = ""


class Waiting(BaseModel):
    """Wait for an accepted order."""

    model_config = ConfigDict(frozen=True)

    asking: Asking
    provider: str
    task_id: str


class MadeMedia(BaseModel):
    """A file that a provider made, in the media store."""

    model_config = ConfigDict(frozen=True)

    role: str
    hash: Ref
    size: int
    media_type: str
    duration_s: float | None = None
    take_id: str = ""
    words: tuple[tuple[str, float, float], ...] = ()


class ProviderResult(BaseModel):
    """The document of what a provider made, kept in the media store for ever."""

    model_config = ConfigDict(frozen=True)

    provider: str
    task: Task
    model: str = ""
    job_id: str = ""
    request_id: str = ""
    files: tuple[MadeMedia, ...] = ()
    document: dict[str, Any] | None = None
    cost_usd: Decimal = Decimal(0)


class Provided(BaseModel):
    """How a task was done: who did it in the end, who was tried before, and what it cost."""

    model_config = ConfigDict(frozen=True)

    task: Task
    step: str
    choice: Choice
    provider: str
    tried: tuple[Tried, ...] = ()
    cost_usd: Decimal = Decimal(0)
    model: str = ""


CALLBACK, CALLBACK_WORKFLOW = "read_provider_callback", "ProviderCallbackWorkflow"
CALLBACK_PATH = "/v1/provider-callbacks"
CALLBACK_BYTES = 256 * 1024


class CallbackCall(BaseModel):
    """A call that came in for a provider: headers by lower-case name and the body as it came, in base64.

    Bodies are small (a few KB) and pass as they are; `CALLBACK_BYTES` is the most that a door may let in.
    """

    model_config = ConfigDict(frozen=True)

    provider: str
    token: str
    headers: dict[str, str]
    body: str


class CallbackOutcome(BaseModel):
    """What became of it: `noticed`, `duplicate`, `nobody` waits for it, or `refused` with the reason."""

    state: str
    reason: str = ""
    proven: bool = False


INTERPRET_WORKFLOW = "InterpretationWorkflow"
READERS = ("anthropic", "openai", "local_llm")
"""Who is asked what a person's free words mean, in this order."""


class Interpreting(BaseModel):
    """Free words about a song's score, all by reference: what do they ask for?"""

    model_config = ConfigDict(frozen=True)

    composition_id: str
    owner: str
    title: str
    seed: int
    context: Ref
    score: Ref
    words: Ref
    forbidden: tuple[str, ...] = ()
    budget: float | None = None


class Interpreted(BaseModel):
    """Edits as a stored document, or why there are none; `provider` read the words."""

    edits: Ref | None = None
    provider: str = ""
    refusal: str = ""
