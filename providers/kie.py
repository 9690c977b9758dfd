"""The contract of kie.ai's jobs: one path for all, the operation is the outer model, Suno's model the inner one.

[second-hand: several clients agree; the fields of other operations than "generate" are those of the older contract in
snake_case: unverified]
"""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, Json, TypeAdapter, ValidationError, field_validator

from domain.providers import ErrorKind
from providers.account import Account
from providers.contract import Job, Pending, Product
from providers.envelope import ask, shaped
from providers.errors import ProviderError
from providers.suno_errors import KIE, job_failed
from providers.suno_models import Accepted, Request, Results, Song, Words
from providers.suno_results import made, words_document
from providers.sunoapi import number
from providers.transport import Call, Transport

BASE_URL: Final = "https://api.kie.ai"
CREATE: Final = "/api/v1/jobs/createTask"
RECORD: Final = "/api/v1/jobs/recordInfo"
CREDITS: Final = "/api/v1/chat/credit"

MODELS: Final[Mapping[str, str]] = {
    "generate": "ai-music-api/generate",
    "extend": "ai-music-api/extend",
    "cover": "ai-music-api/upload-and-cover-audio",
    "add_vocals": "ai-music-api/add-vocals",
    "stems": "ai-music-api/separate-vocals",
    "replace_section": "ai-music-api/replace-section",
    "words": "ai-music-api/timeStamped-lyrics",
}
"""The outer model of each operation. There is none for lyrics and WAV: those are in the older contract alone."""

PROGRESS: Final[Mapping[str, float]] = {"waiting": 0.0, "queuing": 0.1, "generating": 0.4}


class CreateTask(BaseModel):
    """The order; `model` is the outer one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    input: dict[str, Any]
    callBackUrl: str | None = None  # noqa: N815


class RecordInfo(BaseModel):
    """How a job stands. `resultJson` is a JSON document in a string, which is empty until there is one."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    state: str
    result: Json[Any] | None = Field(default=None, validation_alias="resultJson")
    fail_code: int | str | None = Field(default=None, validation_alias="failCode")
    fail_msg: str | None = Field(default=None, validation_alias="failMsg")

    @field_validator("result", mode="before")
    @classmethod
    def _some(cls, value: Any) -> Any:
        return value or None


class Kie:
    """One account at kie.ai."""

    vendor = KIE
    operations = frozenset(MODELS)
    default_model = "V6"

    def __init__(self, account: Account, transport: Transport) -> None:
        self._account = account
        self._transport = transport
        self._base = account.base_url or BASE_URL

    async def submit(self, operation: str, request: Request, data: dict[str, str]) -> Job | Product:
        """Hand a request over; every operation is a job here."""
        callback_url = getattr(request, "call_back_url", None)
        body = CreateTask(model=MODELS[operation], input=request.snake(), callBackUrl=callback_url)
        call = self._call("POST", CREATE, body=body.model_dump(exclude_none=True), charged=True)
        accepted = shaped(Accepted, await ask(self._transport, call, KIE), KIE, charged=True)
        return Job(id=accepted.task_id, operation=operation, data=data)

    async def poll(self, job: Job) -> Pending | Product:
        """One look at the job."""
        answer = await ask(self._transport, self._call("GET", RECORD, params={"taskId": job.id}), KIE)
        if answer is None:
            raise ProviderError(
                ErrorKind.RESULT_EXPIRED,
                f"{KIE.name} has no record of job {job.id}: it keeps them for 14 days",
                request_id=job.id,
                final=True,
            )
        record = shaped(RecordInfo, answer, KIE)
        if record.state == "fail":
            raise job_failed(KIE, job.id, code=record.fail_code, said=record.fail_msg or "")
        if record.state != "success":
            return Pending(progress=PROGRESS.get(record.state), note=record.state)
        if job.operation == "words":
            words = shaped(Words, record.result, KIE)
            return Product(
                document=words_document(words, job.data.get("take_id", "")),
                model=job.data.get("model", ""),
                request_id=job.id,
            )
        return made(KIE, job, _results(job, record.result), finished=True)

    async def credits(self) -> float:
        """What is left on the account."""
        return number(await ask(self._transport, self._call("GET", CREDITS), KIE), KIE.name)

    def _call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        params: Mapping[str, str] | None = None,
        charged: bool = False,
    ) -> Call:
        return Call(
            method,
            f"{self._base}{path}",
            headers=self._account.bearer(),
            params=params or {},
            body=body,
            charged=charged,
        )


def _results(job: Job, result: Any) -> Results:
    """The result as the older contract would show it: takes are a list under `data`, stems are fields."""
    inner = result.get("data", result) if isinstance(result, dict) else result
    try:
        if isinstance(inner, list):
            return Results(suno_data=TypeAdapter(tuple[Song, ...]).validate_python(inner))
        return Results.model_validate(inner if inner is not None else {})
    except ValidationError as error:
        raise ProviderError(
            ErrorKind.UPSTREAM,
            f"{KIE.name} shows another result of job {job.id} than documented: {error.errors()[0]['msg']}",
            request_id=job.id,
        ) from None
