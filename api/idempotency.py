"""Idempotency-Key: a repeated request gets the answer of the first one, for 24 hours.

What stands behind a key is idempotent by itself (a song's id and a command's id follow from it), so a claim that
its process left behind when it died is simply taken over.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import Header, Request, Response
from pydantic import BaseModel

from api.problems import ApiProblem, Outdated, Refused, problem, problem_response, told_path
from api.services import Services
from api.temporal import READING_S
from domain.commands import MAX_COMMAND_ID
from storage.idempotency import Begun, begin, finish, forget
from storage.records import IdempotencyRecord

WAIT_S = 5.0
LOOK_EVERY_S = 0.1
# No request that changes something takes longer; an older claim belongs to a process that is gone.
ABANDONED_AFTER = timedelta(seconds=READING_S + 15)

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Makes a repeated call harmless: 1 to 64 visible ASCII characters. It is the command's id.",
        min_length=1,
        max_length=MAX_COMMAND_ID,
        pattern=r"^[\x21-\x7e]+$",
        examples=["9f8a1c"],
    ),
]


@dataclass(frozen=True)
class Answer:
    """What a request has to say; one that is not `final` is not kept, so that a repetition learns more.

    Where `body` tells a secret, `kept` is the same without it: that alone is written down, and told to a repetition.
    """

    status: int
    body: BaseModel = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    final: bool = True
    kept: BaseModel | None = None

    def response(self) -> Response:
        """The answer as JSON."""
        return self._as_json(self.body)

    def kept_response(self) -> Response:
        """The answer as it may be written down."""
        return self._as_json(self.kept or self.body)

    def _as_json(self, body: BaseModel) -> Response:
        return Response(body.model_dump_json(), self.status, headers=dict(self.headers), media_type="application/json")


@dataclass(frozen=True)
class _Claim:
    owner: str
    key: str
    body_sha256: str
    method_path: str

    @property
    def name(self) -> dict[str, str]:
        return {"owner": self.owner, "key": self.key}

    async def begin(self, session: Any) -> Begun:
        return await begin(
            session, owner=self.owner, key=self.key, body_sha256=self.body_sha256, method_path=self.method_path
        )


async def once(
    request: Request,
    services: Services,
    *,
    owner: str,
    key: str | None,
    work: Callable[[], Awaitable[Answer]],
    scope: str = "",
) -> Response:
    """Run `work` unless its answer is known under `key`; answers and refusals are kept.

    Keys count for each owner and `scope` (a song). A request that meets its twin waits up to 5 s for it; ApiProblem
    409 after that, 422 where the key was used for something else.
    """
    if key is None:
        return (await work()).response()
    digest = hashlib.sha256(await request.body()).hexdigest()
    claim = _Claim(owner, f"{scope}/{key}" if scope else key, digest, f"{request.method} {told_path(request.url.path)}")
    known = await _claim(services, claim)
    if known is not None:
        return known
    try:
        answer = await work()
    except Outdated:
        # Nothing has happened: the same request may come again once its sender has looked.
        await _release(services, claim)
        raise
    except Refused as refused:
        body = problem(request, refused.http_status, refused.code, refused.message, result=refused.result)
        response = problem_response(body)
        await _keep(services, claim, response)
        return response
    except BaseException:
        await _release(services, claim)
        raise
    response = answer.response()
    if answer.final:
        await _keep(services, claim, answer.kept_response())
    else:
        await _release(services, claim)
    return response


async def _claim(services: Services, claim: _Claim) -> Response | None:
    """None when the claim is ours, else the kept answer."""
    deadline = asyncio.get_running_loop().time() + WAIT_S
    while True:
        begun = await _begin(services, claim)
        if begun.state == "new":
            return None
        if begun.state == "done":
            return _replay(begun)
        if begun.state == "mismatch":
            raise ApiProblem(
                422,
                "idempotency_key_reused",
                "this Idempotency-Key was used for another request: take a new one for every new request",
            )
        if asyncio.get_running_loop().time() >= deadline:
            raise ApiProblem(
                409,
                "idempotency_key_in_flight",
                f"the first request with this Idempotency-Key has not ended within {WAIT_S:.0f} s: ask again",
                {"Retry-After": "2"},
            )
        await asyncio.sleep(LOOK_EVERY_S)


async def _begin(services: Services, claim: _Claim) -> Begun:
    async with services.database.session() as session:
        begun = await claim.begin(session)
        if begun.state != "in_flight":
            return begun
        row = await session.get(IdempotencyRecord, (claim.owner, claim.key))
        if row is None or row.created_at > datetime.now(UTC) - ABANDONED_AFTER:
            return begun
        await forget(session, **claim.name)
        return await claim.begin(session)


def _replay(begun: Begun) -> Response:
    headers = {**begun.headers, "Idempotency-Replayed": "true"}
    return Response(begun.body, begun.status or 200, headers=headers)


async def _keep(services: Services, claim: _Claim, response: Response) -> None:
    kept = ("content-type", "location")
    headers = {name: value for name, value in response.headers.items() if name in kept}
    async with services.database.session() as session:
        await finish(
            session, **claim.name, status=response.status_code, body=bytes(response.body).decode(), headers=headers
        )


async def _release(services: Services, claim: _Claim) -> None:
    async with services.database.session() as session:
        await forget(session, **claim.name)
