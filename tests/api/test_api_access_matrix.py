"""Each route × anonymous, stranger, viewer, editor, owner, of a private and of a public song, and with too small a key.

The routes are those of the application; `tests/api/access_table.py` says what each needs.
"""

import json
import re
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import websockets
from fastapi.routing import iter_route_contexts
from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from api.app import create_app
from domain.access import ALL_SCOPES, Role, Scope
from domain.settings import SongSettings
from domain.stages import SongStatus, Stage
from domain.steps import MediaType
from storage.access import create_key
from storage.clock import utc_now
from storage.collaborators import give_role, invite
from storage.records import (
    CompositionMedia,
    Event,
    ReferenceTrack,
    WebhookDelivery,
    WebhookEndpoint,
)
from storage.songs import request_song
from tests.api.access_table import RULES, Need, Rule
from tests.api.conftest import Api, serving, settings_in
from tests.fixtures.temporal import free_port

CONFIGURED = "configured-key-0123456789"
PEOPLE = ("anonymous", "stranger", "viewer", "editor", "owner")
RANK = (Need.PUBLIC, Need.VIEWER, Need.EDITOR, Need.OWNER)
FIXED = {
    "stage": "mixing",
    "take": "1",
    "enhancement": "latest",
    "provider": "suno",
    "code": "not_found",
    "from": "1",
    "to": "1",
}


def routes(folder: Path) -> set[tuple[str, str]]:
    """Method and path of all that the application serves; WS for WebSockets."""
    app = create_app(settings_in(folder))
    found = set()
    for context in iter_route_contexts(app.routes):
        methods = set(context.methods or {"WS"})
        # Starlette adds HEAD to what it serves itself.
        methods -= {"HEAD"} if "GET" in methods else set()
        found |= {(method, str(context.path)) for method in methods}
    return found


def test_every_route_has_its_rule_and_every_rule_its_route(tmp_path: Path) -> None:
    served = routes(tmp_path)
    assert sorted(served - RULES.keys()) == [], "enter these into tests/api/access_table.py"
    assert sorted(RULES.keys() - served) == [], "these rules are of no route"


@dataclass
class World:
    """A served API with keys for everybody, and what the routes are tried on."""

    api: Api
    keys: dict[str, str] = field(default_factory=dict)

    async def key(self, owner: str, scopes: tuple[Scope, ...] = ALL_SCOPES) -> str:
        """A new key of somebody."""
        async with self.api.server._services.database.session() as session:
            new = await create_key(
                session, key_id=str(uuid.uuid4()), owner=owner, name="", scopes=scopes, expires_at=None
            )
        return new.secret

    async def things(self, *publics: bool) -> list[dict[str, str]]:
        """For each a song with everything that paths name, all of it the owner's; path parameters by name."""
        async with self.api.server._services.database.session() as session:
            return [await self._thing(session, public=public) for public in publics]

    async def _thing(self, session: AsyncSession, *, public: bool) -> dict[str, str]:
        song, now = str(uuid.uuid4()), utc_now()
        digest = await self.api.server._services.media.aput(song.encode())
        names = {"id": song, "hash": digest, "user": "viewer", **FIXED}
        row = await request_song(
            session, composition_id=song, owner="owner", title="Song", prompt="a song", settings=SongSettings(),
            seed=1, created_at=now,
        )  # fmt: skip
        row.status, row.started, row.is_public, row.last_seq = SongStatus.CANCELLED, True, public, 1
        cancelled = {"composition_id": song, "seq": 1, "type": "song_cancelled", "payload": {"by": "user:owner"}}
        session.add(Event(**cancelled, time=now))
        session.add(
            CompositionMedia(
                id=str(uuid.uuid4()), composition_id=song, stage=Stage.MIXING, revision=1, name="mix",
                type=MediaType.AUDIO_MP3, media_type="audio/mpeg", hash=digest, size=len(song), created_at=now,
            )
        )  # fmt: skip
        for role in (Role.VIEWER, Role.EDITOR):
            await give_role(session, song, role.value, role)
        offer = await invite(
            session, invitation_id=str(uuid.uuid4()), composition_id=song, role=Role.VIEWER, email=None,
            invited_by="owner",
        )  # fmt: skip
        names |= {"invitation": offer.row.id, "token": offer.token}
        issued = await create_key(
            session, key_id=str(uuid.uuid4()), owner="owner", name="", scopes=ALL_SCOPES, expires_at=None
        )
        names["key_id"] = issued.row.id
        analysis = {
            "kind": "music", "duration_s": 1.0, "rate": 44100, "channels": 2, "integrated_lufs": -14.0,
            "loudness_range_lu": 1.0, "true_peak_dbtp": -1.0, "correlation": 1.0, "tempo_bpm": 90.0,
            "tempo_confidence": 1.0, "key": "C major", "key_confidence": 1.0, "clipped_samples": 0, "notes": [],
        }  # fmt: skip
        session.add(
            ReferenceTrack(
                owner="owner", hash=digest, size=1, media_type="audio/wav", analysis=analysis, created_at=now
            )
        )
        hook = str(uuid.uuid4())
        session.add(
            WebhookEndpoint(
                id=hook,
                owner="owner",
                url="https://hooks.example.org/a",
                secret="whsec_" + "a" * 32,
                created_at=now,
            )
        )
        await session.flush()
        names |= {"hook": hook, "delivery": str(uuid.uuid4())}
        session.add(
            WebhookDelivery(
                id=names["delivery"], endpoint_id=hook, composition_id=song, seq=1, event_type="song_cancelled",
                payload="{}", created_at=now,
            )
        )  # fmt: skip
        return names

    async def ask(self, method: str, path: str, rule: Rule, names: Mapping[str, str], key: str | None) -> str:
        """How a call ends: `in`, `401`, `403`, `404` where it is hidden, else what went wrong."""
        names = {**names, "id": names["hook"]} if path.startswith("/v1/webhook-endpoints") else names
        url = re.sub(r"\{(\w+)(:\w+)?\}", lambda part: names[part[1]], path)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.api.http.cookies.clear()
        if method == "WS":
            return await self._listen(url, headers)
        async with self.api.http.stream(method, url, json=rule.body, headers=headers) as answer:
            await answer.aread()
        return ended(answer, rule, path)

    async def _listen(self, url: str, headers: Mapping[str, str]) -> str:
        root = str(self.api.http.base_url).replace("http", "ws", 1).rstrip("/")
        async with websockets.connect(root + url, additional_headers=headers) as socket:
            heard = [message async for message in _until_closed(socket)]
            assert socket.close_code is not None
            if socket.close_code >= 4000:
                return str(socket.close_code - 4000)
            assert json.loads(heard[0])["data"]["type"] == "song_cancelled"
            return "in"


async def _until_closed(socket: Any) -> AsyncIterator[str]:
    try:
        while True:
            yield await socket.recv()
    except websockets.ConnectionClosed:
        return


def ended(answer: httpx.Response, rule: Rule, path: str) -> str:
    """What an answer says of access. Temporal is away, and little is there: that is told only to who is let in."""
    if answer.status_code == 404:
        detail = "" if answer.request.method == "HEAD" else answer.json()["detail"]
        hidden = rule.need is Need.OWN or "/media/" in path or detail.startswith("there is no song")
        return "404" if hidden else "in"
    if answer.status_code in (401, 403):
        return str(answer.status_code)
    if answer.status_code >= 500 and answer.status_code != 503:
        return f"{answer.status_code}: {answer.text}"
    return "in"


def expected(need: Need, who: str, *, public: bool) -> str:
    """What the rule says."""
    if need is Need.NOTHING:
        return "in"
    if who == "anonymous":
        return "in" if need is Need.PUBLIC and public else "401"
    if need is Need.KEY:
        return "in"
    if need is Need.OWN:
        return "in" if who == "owner" else "404"
    if who == "stranger" and not public:
        return "404"
    role = RANK[0] if who == "stranger" else Need(who)
    return "in" if RANK.index(role) >= RANK.index(need) else "403"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    settings = settings_in(
        tmp_path_factory.mktemp("matrix"),
        temporal_address=f"127.0.0.1:{free_port()}",
        api_keys=[SecretStr(CONFIGURED)],
        rate_limit="off",
        start_limit="off",
    )
    async with serving(settings) as api:
        world = World(api)
        for who in PEOPLE[1:]:
            world.keys[who] = await world.key(who)
        yield world


OPERATIONS = [pytest.param(*operation, rule, id=" ".join(operation)) for operation, rule in RULES.items()]


@pytest.mark.parametrize(("method", "path", "rule"), OPERATIONS)
async def test_who_is_let_in(world: World, method: str, path: str, rule: Rule) -> None:
    found, wanted = {}, {}
    # Each on a song of its own: who is let in changes it.
    songs = iter(await world.things(*[False] * len(PEOPLE), *[True] * len(PEOPLE)))
    for public in (False, True):
        for who in PEOPLE:
            names = next(songs)
            cell = f"{who} of a {'public' if public else 'private'} song"
            found[cell] = await world.ask(method, path, rule, names, world.keys.get(who))
            wanted[cell] = expected(rule.need, who, public=public)
    if (method, path) == ("DELETE", "/v1/compositions/{id}/collaborators/{user}"):
        # The viewer is whom the path names, and may leave.
        wanted |= {cell: "in" for cell in wanted if cell.startswith("viewer")}
    assert found == wanted


@pytest.mark.parametrize(("method", "path", "rule"), OPERATIONS)
async def test_a_key_without_the_scope_is_refused(world: World, method: str, path: str, rule: Rule) -> None:
    (names,) = await world.things(True)
    others = tuple(scope for scope in ALL_SCOPES if scope is not rule.scope)
    key = await world.key("owner", others)
    assert await world.ask(method, path, rule, names, key) == ("in" if rule.scope is None else "403")
