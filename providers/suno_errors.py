"""What Suno's gateways say when they did not make what was ordered, as tables onto the common kinds."""

from dataclasses import dataclass
from typing import Final

from domain.providers import ErrorKind
from providers.envelope import Vendor
from providers.errors import ProviderError

SUNOAPI: Final = Vendor(
    name="sunoapi.org",
    codes={
        400: ErrorKind.INVALID_REQUEST,
        401: ErrorKind.AUTH,
        404: ErrorKind.NOT_FOUND,
        405: ErrorKind.RATE_LIMITED,
        413: ErrorKind.INVALID_REQUEST,
        429: ErrorKind.INSUFFICIENT_CREDITS,
        430: ErrorKind.RATE_LIMITED,
        455: ErrorKind.OVERLOADED,
        500: ErrorKind.UPSTREAM,
    },
    pause_s=10.0,
)
"""Its own meanings: 429 is an empty account, 430 too many calls (20 in 10 s), 455 maintenance."""

KIE: Final = Vendor(
    name="kie.ai",
    codes={
        401: ErrorKind.AUTH,
        402: ErrorKind.INSUFFICIENT_CREDITS,
        404: ErrorKind.NOT_FOUND,
        422: ErrorKind.INVALID_REQUEST,
        429: ErrorKind.RATE_LIMITED,
        455: ErrorKind.OVERLOADED,
        500: ErrorKind.UPSTREAM,
    },
    pause_s=10.0,
)
"""Here 429 is too many calls, and an empty account is 402. [second-hand]"""


@dataclass(frozen=True)
class Failure:
    """How a job ended that had been accepted."""

    kind: ErrorKind
    told: str
    refunded: bool = False


JOB_CODES: Final[dict[int, Failure]] = {
    400: Failure(ErrorKind.COPYRIGHT, "the lyrics contain copyrighted material"),
    408: Failure(ErrorKind.TIMEOUT, "it took longer than the gateway waits"),
    413: Failure(ErrorKind.COPYRIGHT, "the uploaded recording matches an existing work"),
    500: Failure(ErrorKind.UPSTREAM, "the gateway failed"),
    501: Failure(ErrorKind.UPSTREAM, "the audio could not be made"),
    531: Failure(ErrorKind.UPSTREAM, "the audio could not be made; its credits were given back", refunded=True),
}
"""The codes of a job that failed, which are not those of a refused order."""

JOB_STATES: Final[dict[str, Failure]] = {
    "CREATE_TASK_FAILED": Failure(ErrorKind.UPSTREAM, "the job could not be started"),
    "GENERATE_AUDIO_FAILED": Failure(ErrorKind.UPSTREAM, "the audio could not be made"),
    "GENERATE_LYRICS_FAILED": Failure(ErrorKind.UPSTREAM, "the lyrics could not be written"),
    "GENERATE_WAV_FAILED": Failure(ErrorKind.UPSTREAM, "the WAV file could not be made"),
    "SENSITIVE_WORD_ERROR": Failure(ErrorKind.MODERATION, "the words were refused as sensitive"),
}

PHRASES: Final[tuple[tuple[str, Failure], ...]] = (
    ("copyright", JOB_CODES[400]),
    ("existing work", JOB_CODES[413]),
    ("sensitive", JOB_STATES["SENSITIVE_WORD_ERROR"]),
    ("moderation", JOB_STATES["SENSITIVE_WORD_ERROR"]),
    ("flagged", JOB_STATES["SENSITIVE_WORD_ERROR"]),
    ("inappropriate", JOB_STATES["SENSITIVE_WORD_ERROR"]),
    ("refunded", JOB_CODES[531]),
    ("timed out", JOB_CODES[408]),
    ("credits insufficient", Failure(ErrorKind.INSUFFICIENT_CREDITS, "the account has too few credits")),
    ("insufficient credit", Failure(ErrorKind.INSUFFICIENT_CREDITS, "the account has too few credits")),
)
"""Words that tell why a job failed, looked for in this order. [unverified]"""


def job_failed(vendor: Vendor, job_id: str, *, state: str = "", code: int | str | None, said: str) -> ProviderError:
    """The error of a job that failed: by its words where they are known, else by its state, else by its code.

    The state "sensitive" covers lyrics under copyright too; only the words tell them apart.
    """
    failure = JOB_STATES.get(state)
    if failure is None or failure.kind is ErrorKind.UPSTREAM:
        failure = _by_code(code) or failure
    failure = _by_words(said) or failure
    failure = failure or Failure(ErrorKind.UPSTREAM, "the job failed")
    quoted = f" ({said[:200]})" if said else ""
    return ProviderError(
        failure.kind,
        f"{vendor.name}: {failure.told}{quoted}",
        request_id=job_id,
        refunded=failure.refunded,
        status=200,
        final=True,
    )


def _by_code(code: int | str | None) -> Failure | None:
    try:
        return JOB_CODES.get(int(code)) if code is not None else None
    except ValueError:
        return None


def _by_words(said: str) -> Failure | None:
    lower = said.lower()
    return next((failure for phrase, failure in PHRASES if phrase in lower), None)
