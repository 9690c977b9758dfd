"""The contract of sunoapi.org, which kie.ai speaks too under its older paths: one path an operation.

[verified in its documentation; codes of refused orders and the path of the credits second-hand]
"""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from domain.providers import ErrorKind
from providers.account import Account
from providers.contract import Job, Pending, Product
from providers.envelope import ask, shaped
from providers.errors import ProviderError
from providers.suno_errors import JOB_STATES, SUNOAPI, job_failed
from providers.suno_models import Accepted, Record, Request, Words
from providers.suno_results import made, words_document
from providers.transport import Call, Transport

BASE_URL: Final = "https://api.sunoapi.org"

PATHS: Final[Mapping[str, str]] = {
    "generate": "/api/v1/generate",
    "extend": "/api/v1/generate/extend",
    "cover": "/api/v1/generate/upload-cover",
    "add_vocals": "/api/v1/generate/add-vocals",
    "replace_section": "/api/v1/generate/replace-section",
    "words": "/api/v1/generate/get-timestamped-lyrics",
    "lyrics": "/api/v1/lyrics",
    "wav": "/api/v1/wav/generate",
    "stems": "/api/v1/vocal-removal/generate",
}

RECORDS: Final[Mapping[str, str]] = {
    "lyrics": "/api/v1/lyrics/record-info",
    "wav": "/api/v1/wav/record-info",
    "stems": "/api/v1/vocal-removal/record-info",
}
"""Where a job is looked up; all that makes songs shares one place."""
SONG_RECORD: Final = "/api/v1/generate/record-info"

CREDITS: Final = ("/api/v1/generate/credit", "/api/v1/account/subscription/remain")
"""Where the credits are: sources disagree, so the second is asked where the first does not exist."""

PROGRESS: Final[Mapping[str, float]] = {"PENDING": 0.1, "TEXT_SUCCESS": 0.3, "FIRST_SUCCESS": 0.7}


class SunoApi:
    """One account at a gateway that speaks this contract."""

    vendor = SUNOAPI
    operations = frozenset(PATHS)
    default_model = "V5_5"

    def __init__(self, account: Account, transport: Transport) -> None:
        self._account = account
        self._transport = transport
        self._base = account.base_url or BASE_URL

    async def submit(self, operation: str, request: Request, data: dict[str, str]) -> Job | Product:
        """Hand a request over: the job, or the times of words at once."""
        call = self._call("POST", PATHS[operation], body=request.camel(), charged=True)
        answer = await ask(self._transport, call, SUNOAPI)
        if operation == "words":
            words = shaped(Words, answer, SUNOAPI, charged=True)
            return Product(document=words_document(words, data.get("take_id", "")), model=data.get("model", ""))
        accepted = shaped(Accepted, answer, SUNOAPI, charged=True)
        return Job(id=accepted.task_id, operation=operation, data=data)

    async def poll(self, job: Job) -> Pending | Product:
        """One look. A callback that failed says nothing about the music: what is there is read all the same."""
        path = RECORDS.get(job.operation, SONG_RECORD)
        answer = await ask(self._transport, self._call("GET", path, params={"taskId": job.id}), SUNOAPI)
        if answer is None:
            raise ProviderError(
                ErrorKind.RESULT_EXPIRED,
                f"{SUNOAPI.name} has no record of job {job.id}: it keeps them for 14 days",
                request_id=job.id,
                final=True,
            )
        record = shaped(Record, answer, SUNOAPI)
        if _failed(record):
            raise job_failed(
                SUNOAPI, job.id, state=record.state, code=record.error_code, said=record.error_message or ""
            )
        if record.state in ("SUCCESS", "CALLBACK_EXCEPTION"):
            return made(SUNOAPI, job, record.response, finished=record.state == "SUCCESS")
        return Pending(progress=PROGRESS.get(record.state), note=record.state)

    async def credits(self) -> float:
        """What is left on the account."""
        try:
            answer = await ask(self._transport, self._call("GET", CREDITS[0]), SUNOAPI)
        except ProviderError as error:
            if error.kind is not ErrorKind.NOT_FOUND:
                raise
            answer = await ask(self._transport, self._call("GET", CREDITS[1]), SUNOAPI)
        return number(answer, SUNOAPI.name)

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


def number(answer: Any, vendor: str) -> float:
    """Credits as a number; UPSTREAM when they are none."""
    try:
        return TypeAdapter(float).validate_python(answer)
    except ValidationError:
        raise ProviderError(ErrorKind.UPSTREAM, f"{vendor} told no number of credits: {str(answer)[:80]!r}") from None


def _failed(record: Record) -> bool:
    return record.state in JOB_STATES or record.state.endswith(("_FAILED", "_ERROR"))
