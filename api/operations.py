"""For operators: is the process alive, can it do its work, what has it counted, what its problems mean."""

import asyncio
import os
from collections.abc import Awaitable

from fastapi import APIRouter, Response
from pydantic import BaseModel

from api.metrics import CONTENT_TYPE
from api.problems import KINDS, Check, NotReady
from api.services import Services, ServicesDep
from api.temporal import POLLERS
from domain.errors import NotFound, SostenutoError

CHECK_TIMEOUT_S = 4.0
NO_FILE = "0" * 64

router = APIRouter(tags=["operations"])


class Alive(BaseModel):
    """The process answers."""

    status: str = "ok"
    pid: int


class Ready(BaseModel):
    """Everything that songs need is there."""

    status: str = "ready"
    checks: dict[str, Check]


class ProblemKind(BaseModel):
    """What a kind of problem means."""

    code: str
    title: str


@router.get("/livez")
async def livez() -> Alive:
    """Whether the process answers; says nothing about what it needs."""
    return Alive(pid=os.getpid())


@router.get("/readyz")
async def readyz(services: ServicesDep) -> Ready:
    """Whether songs can be made: database, media store, Temporal, and a worker on both task queues; else 503."""
    checks = await _checks(services)
    if not all(check.ok for check in checks.values()):
        raise NotReady(checks)
    return Ready(checks=checks)


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(services: ServicesDep) -> Response:
    """Counters of this process in Prometheus' text format."""
    return Response(services.metrics.render(), headers={"Content-Type": CONTENT_TYPE})


@router.get("/problems/{code}")
async def problem_kind(code: str) -> ProblemKind:
    """What the `type` of a problem stands for."""
    if code not in KINDS:
        raise NotFound(f"there is no problem {code[:40]!r}: it is one of {', '.join(KINDS)}")
    return ProblemKind(code=code, title=KINDS[code])


async def _checks(services: Services) -> dict[str, Check]:
    waits: dict[str, Awaitable[str]] = {
        "database": _database(services),
        "media_store": _media(services),
        "temporal": _temporal(services),
        **{f"worker:{queue}": _worker(services, queue) for queue in POLLERS},
    }
    found = await asyncio.gather(*(_check(wait) for wait in waits.values()))
    return dict(zip(waits, found, strict=True))


async def _check(wait: Awaitable[str]) -> Check:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            return Check(ok=True, detail=await wait)
    except SostenutoError as error:
        return Check(ok=False, detail=error.message)
    except TimeoutError:
        return Check(ok=False, detail=f"no answer within {CHECK_TIMEOUT_S:.0f} s")


async def _database(services: Services) -> str:
    await services.database.ping()
    return "answers"


async def _media(services: Services) -> str:
    await services.media.aexists(NO_FILE)
    return "answers"


async def _temporal(services: Services) -> str:
    await services.temporal.check_health()
    return "serves"


async def _worker(services: Services, queue: str) -> str:
    count = await services.temporal.pollers(queue, POLLERS[queue])
    if not count:
        raise NotFound(f"no worker asks for work on {queue}: start one by python -m worker")
    return f"{count} pollers"
