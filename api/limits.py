"""What one caller may use: requests, new songs, songs at work at a time, and money of the day."""

from datetime import UTC, datetime, time, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import HTTPConnection
from starlette.types import Scope

from api.credentials import LOCAL_USER, Caller
from api.problems import ApiProblem
from api.rates import Left, address_of, rate_of
from domain.settings import SongSettings
from storage.access import GUEST_START
from storage.clock import utc_now
from storage.config import Settings
from storage.database import Database
from storage.usage import lock_starts, running_songs, spent_today

STATE = "sostenuto.left"
"""Where the scope of a request keeps what its caller has left, for the headers of the answer."""
SONG_ENDS_S = 30
"""After so long it may be worth asking again whether a song at work has ended."""


class Limits:
    """The limits of an installation. The local user of a run without keys has none but the budget."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.keyless = not settings.api_keys
        self.budget = settings.budget_owner_day
        self.most_running = settings.max_running_songs or None
        self.requests = rate_of(settings.rate_limit)
        self.starts = rate_of(settings.start_limit)
        self._database = database

    async def count(self, connection: HTTPConnection, caller: Caller | None) -> None:
        """Count a request, a stream as one. ApiProblem 429 for one too many."""
        if self.requests is None or (caller is not None and caller.via == "local"):
            return
        left = await self.requests.hit(caller.owner if caller else f"address {address_of(connection)}")
        connection.scope.setdefault("state", {})[STATE] = left
        if not left.allowed:
            raise _too_often(f"at most {self.requests.words} requests are answered", left)

    def check_guest(self, owner: str, to_do: str) -> None:
        """ApiProblem 403 for a guest, who has songs of others only, unless this server asks nobody for keys."""
        if owner.startswith(GUEST_START) and not self.keyless:
            raise ApiProblem(403, "forbidden", f"guests work on songs that they are invited to: get a key to {to_do}")

    async def check_start(self, owner: str, settings: SongSettings) -> None:
        """ApiProblem when `owner` may not start such a song now: 403 for a guest, 429 too often, or no money left."""
        self.check_guest(owner, "start one")
        if self.starts is not None and owner != LOCAL_USER:
            left = await self.starts.hit(owner)
            if not left.allowed:
                raise _too_often(f"at most {self.starts.words} songs are started", left)
        if self.budget is not None and needs_provider(settings):
            async with self._database.session() as session:
                spent = (await spent_today(session, owner)).total
            if spent >= self.budget:
                detail = (
                    f"your budget of ${self.budget:f} a day for providers is used up (${spent:f}): "
                    "start the song with production builtin and no provider preferred, or tomorrow (UTC)"
                )
                raise ApiProblem(429, "limit_reached", detail, {"Retry-After": str(_to_midnight_s())})

    async def lock(self, session: AsyncSession, owner: str) -> None:
        """Before a song of `owner` is written: nobody else's count comes between. See `check_running`."""
        if self._caps(owner):
            await lock_starts(session, owner)

    async def check_running(self, session: AsyncSession, owner: str) -> None:
        """After a new song was written, in the same transaction: ApiProblem 429 if it is one too many at a time."""
        if not self._caps(owner) or self.most_running is None:
            return
        others = await running_songs(session, owner) - 1
        if others >= self.most_running:
            detail = f"{others} of your songs are being worked on, at most {self.most_running} may be: wait for one"
            raise ApiProblem(429, "limit_reached", detail, {"Retry-After": str(SONG_ENDS_S)})

    def most_running_of(self, owner: str) -> int | None:
        """How many songs of `owner` may be worked on at a time; None for any number."""
        return self.most_running if self._caps(owner) else None

    def _caps(self, owner: str) -> bool:
        return self.most_running is not None and owner != LOCAL_USER


def rate_headers(scope: Scope) -> dict[str, str]:
    """What the caller of a request has left, as headers; none where nothing was counted."""
    left: Left | None = scope.get("state", {}).get(STATE)
    return left.headers if left else {}


def needs_provider(settings: SongSettings) -> bool:
    """Whether outside providers are asked for by name or by kind; a song that may go without is no reason to refuse."""
    return settings.production == "provider" or (settings.production == "auto" and bool(settings.providers_preferred))


def _too_often(what: str, left: Left) -> ApiProblem:
    headers = {"Retry-After": str(left.reset_s), **left.headers}
    return ApiProblem(429, "too_many_requests", f"{what}: ask again in {left.reset_s} s", headers)


def _to_midnight_s() -> int:
    now = utc_now()
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
    return max(1, int((tomorrow - now).total_seconds()) + 1)
