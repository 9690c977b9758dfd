"""Answers of the API that are errors, as the errors of the domain."""

import json
from collections.abc import Iterator
from typing import Any

import httpx

from domain.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    ResourceUnavailable,
    ServerUnavailable,
    SostenutoError,
)


class AccessRefused(SostenutoError):
    """The API asks for a key, or for another one."""

    code = "unauthorized"
    http_status = 401


_BY_STATUS: dict[int, type[SostenutoError]] = {
    400: InvalidInput,
    401: AccessRefused,
    403: AccessRefused,
    404: NotFound,
    409: Conflict,
    410: NotFound,
    412: Conflict,
    413: InvalidInput,
    422: InvalidInput,
    429: ResourceUnavailable,
    502: ServerUnavailable,
    503: ResourceUnavailable,
    504: ServerUnavailable,
}


# Errors that other modules derive for their own use take more than words.
_KINDS = ("domain.errors", __name__)


def _tree(root: type[SostenutoError]) -> Iterator[type[SostenutoError]]:
    yield root
    for branch in root.__subclasses__():
        yield from _tree(branch)


def error_of(response: httpx.Response) -> SostenutoError:
    """The domain error of an answer with a status of 400 or more; its body must have been read.

    Problem details (RFC 9457) name it by `code`; anything else, such as a proxy's page, by its status.
    """
    problem = _problem(response)
    code = problem.get("code")
    known = next((kind for kind in _tree(SostenutoError) if kind.code == code and kind.__module__ in _KINDS), None)
    kind = known or _BY_STATUS.get(response.status_code, SostenutoError)
    words = problem.get("detail") or problem.get("title")
    if kind is AccessRefused and not words:
        words = "the API needs a key: set SOSTENUTO_API_KEY"
    return kind(str(words or f"{response.request.url} answered {response.status_code} {response.reason_phrase}"))


def is_passing(response: httpx.Response) -> bool:
    """Whether the same request may be answered otherwise in a moment: the API is away, or still busy with it."""
    busy = response.status_code == 409 and _problem(response).get("code") == "idempotency_key_in_flight"
    return busy or response.status_code in (502, 503, 504)


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        problem = json.loads(response.content)
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}
