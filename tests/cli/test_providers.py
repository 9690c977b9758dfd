"""Whom songs can ask, as the command line shows it, and the wishes about providers that it takes."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domain.errors import InvalidValue, ServerUnavailable
from domain.providers import Capabilities, Price, Task
from providers.registry import catalogue
from sostenuto import cli
from sostenuto import providers as shown
from sostenuto.answers import Pause, Provider
from sostenuto.client import Client
from sostenuto.output import Output
from sostenuto.wishes import checked_settings
from storage.config import load_settings
from storage.database import Database
from storage.provider_status import Status, publish
from tests.cli.conftest import Studio

CAN = Capabilities(name="suno", title="Suno", tasks=frozenset({Task.STEMS, Task.FULL_SONG}), official=False)
PLAIN: dict[str, Any] = {"seed": None, "review": None, "formats": (), "enhance": True, "level": None}


def provider(**fields: Any) -> Provider:
    return Provider(**{"name": "suno", "configured": True, "capabilities": CAN, **fields})


@pytest.fixture
def told(studio: Studio) -> None:
    """A worker has told what it knows of every provider: none is set up but our own engine and one more."""
    statuses = [
        Status(can, configured=name in ("builtin", "suno"), healthy=True if name == "suno" else None,
               credits=12.5 if name == "suno" else None, missing="" if name == "suno" else f"no key for {name}")
        for name, can in catalogue().items()
    ]  # fmt: skip

    async def write() -> None:
        database = Database(studio.settings.database_url)
        async with database.session() as session:
            await publish(session, statuses)
        await database.close()

    asyncio.run(write())


@pytest.fixture
def run(
    studio: Studio, empty_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    monkeypatch.setenv("SOSTENUTO_API_URL", studio.url)
    monkeypatch.setenv("COLUMNS", "160")

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli._run(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.mark.usefixtures("told")
def test_the_table_tells_every_provider(run: Callable[..., tuple[int, str, str]]) -> None:
    code, out, err = run("providers")
    assert (code, err) == (0, "")
    first, *_ = rows = out.splitlines()
    assert first.split() == ["provider", "state", "price", "quality", "spent", "reserved", "does"]
    named = {row.split()[0]: row for row in rows if row[0] not in " *"}
    assert set(catalogue()) <= set(named)
    assert "healthy, 12.5 credits" in named["suno"]
    assert "suno *" in named["suno"]
    assert "no key for udio" in named["udio"]
    assert "$0.26 a call" in named["stable_audio"]
    assert rows[-1].startswith("* not official")


@pytest.mark.usefixtures("told")
def test_as_json_it_is_one_object_that_the_client_gives_as_well(
    run: Callable[..., tuple[int, str, str]], client: Client
) -> None:
    code, out, _ = run("providers", "--json")
    assert code == 0
    document = json.loads(out)
    assert [one["name"] for one in document["providers"]] == [one.name for one in client.providers()]
    assert document["providers"][0]["name"] == "builtin"
    suno = next(one for one in document["providers"] if one["name"] == "suno")
    assert suno["capabilities"]["tasks"] == sorted(suno["capabilities"]["tasks"])


class Stub:
    """A client, and a door with a server of its own, whose worker tells at the second look."""

    base_url = "http://stub"
    owns_server = True

    def __init__(self, *answers: tuple[Provider, ...]) -> None:
        self.answers = list(answers)
        self.client = self

    def providers(self) -> tuple[Provider, ...]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def test_a_server_of_ones_own_is_asked_until_its_worker_has_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "LOOK_EVERY_S", 0.0)
    began = datetime.now(UTC)
    stale = (provider(checked_at=began - timedelta(hours=3)),)
    fresh = (provider(checked_at=began + timedelta(seconds=1)),)
    offer = shown.Offer(load_settings(), Output())
    assert offer._told(Stub((), stale, fresh), began) == fresh
    other = Stub(stale)
    other.owns_server = False
    assert offer._told(other, began) == stale
    monkeypatch.setattr(shown, "TOLD_WITHIN_S", 0.0)
    with pytest.raises(ServerUnavailable, match="no worker has told of the providers within 0 s: is one up at http"):
        offer._told(Stub(stale), began)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"healthy": True}, "healthy"),
        ({"healthy": True, "credits": 3}, "healthy, 3 credits"),
        ({}, "set up"),
        ({"healthy": False}, "not healthy"),
        ({"healthy": False, "note": "wrong key"}, "not healthy: wrong key"),
        ({"configured": False}, "not set up"),
        ({"configured": False, "missing": "no key: set SUNO_API_KEY", "healthy": True}, "no key: set SUNO_API_KEY"),
        ({"pauses": (Pause(operation="", seconds=9.6, reason="busy"),), "healthy": True}, "rests 10 s: busy"),
    ],
)
def test_the_state_in_words(fields: dict[str, Any], words: str) -> None:
    assert shown.state_words(provider(**fields)) == words


@pytest.mark.parametrize(
    ("price", "words"),
    [
        (Price(), "free"),
        (Price(usd=Decimal("0.8"), per="minute"), "$0.80 a minute"),
        (Price(usd=Decimal("0.588"), per="call"), "$0.588 a call"),
        (
            Price(usd=Decimal("0.1"), usd_out=Decimal(10), per="million tokens"),
            "$0.10 in, $10.00 out for a million tokens",
        ),
    ],
)
def test_the_price_in_words(price: Price, words: str) -> None:
    assert shown.price_words(price) == words


def test_wishes_about_providers_become_settings() -> None:
    wishes = {"preferred": ("Stable-Audio,suno", "suno"), "forbidden": ("udio",), "budget": 1.5, "vocals": True,
              "stems": True, "production": "provider", "on_unknown": "fallback", "cover": False}  # fmt: skip
    assert checked_settings(**PLAIN | wishes) == {
        "providers_preferred": ["stable_audio", "suno"], "providers_forbidden": ["udio"], "budget": 1.5,
        "vocals": True, "stems": True, "production": "provider", "on_unknown": "fallback",
    }  # fmt: skip
    nothing = {"preferred": (), "forbidden": (), "budget": None, "vocals": False, "stems": False, "production": None}
    assert checked_settings(**PLAIN | nothing) == {}
    assert checked_settings(**PLAIN | {"budget": 0.0}) == {"budget": 0.0}


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"budget": -1.0}, "budget"),
        ({"budget": float("inf")}, "budget"),
        ({"production": "band"}, "production"),
        ({"on_unknown": "guess"}, "on_unknown"),
        ({"preferred": ("suno",), "forbidden": ("Suno",)}, "suno is preferred and forbidden"),
    ],
)
def test_wishes_about_providers_that_cannot_be(wish: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidValue, match=words):
        checked_settings(**PLAIN | wish)


def test_make_sends_them_on_and_an_unknown_name_starts_nothing(
    run: Callable[..., tuple[int, str, str]], client: Client
) -> None:
    before = len(list(client.all()))
    code, _, err = run("make", "a calm song", "--provider", "sunno")
    assert code == 2
    assert "settings.providers_preferred cannot name 'sunno'" in err
    assert "stable_audio" in err
    assert len(list(client.all())) == before
    code, out, err = run(
        "make", "a calm song", "--provider", "suno", "--no-provider", "udio", "--vocals", "--stems", "--budget", "2.5",
        "--production", "builtin", "--on-unknown", "fallback", "--out", "mine", "--json",
    )  # fmt: skip
    assert code == 0, err
    settings = client.get(json.loads(out)["id"]).settings
    assert (settings.providers_preferred, settings.providers_forbidden) == (("suno",), ("udio",))
    assert (settings.vocals, settings.stems, settings.budget) == (True, True, 2.5)
    assert (settings.production, settings.on_unknown) == ("builtin", "fallback")
