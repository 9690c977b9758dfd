"""The pages on providers: the adapter that one shows works, and both say what the code says."""

import re
import subprocess
import sys

from domain import routing
from domain.breakers import PAUSES, scope
from domain.providers import RETRIED, ErrorKind
from domain.routing import MODERATED
from domain.settings import SongSettings
from providers.registry import ADAPTERS
from storage.config import Settings
from tests.docs.pages import ROOT, blocks, prose

EXTEND = ROOT / "docs" / "extend-providers.md"
PROVIDERS = ROOT / "docs" / "providers.md"

# Run after the example, on the adapter that it has made.
CHECK = """
import base64, hashlib, hmac
import pytest
from providers.contract import Adapter

class Says:
    def __init__(self, body):
        self.body, self.calls = body, []
    async def send(self, call):
        self.calls.append(call)
        return Reply(200, {}, self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode())

secret = base64.b64encode(b"s" * 24).decode()
account = Account(key=SecretStr("k"), webhook_secret=SecretStr(secret))
order = MusicOrder(task=Task.FULL_SONG, title="Dusk", style="choir", duration_s=60, takes=3)
assert all(callable(getattr(Chorale, name)) for name in
           ("operation", "quote", "submit", "poll", "read_callback", "probe"))
for code, kind in KINDS.items():
    with pytest.raises(ProviderError) as failed:
        asyncio.run(Chorale(account, Says({"code": code, "message": "no"})).submit(order))
    assert failed.value.kind is kind
says = Says(b"<html>")
with pytest.raises(ProviderError) as lost:
    asyncio.run(Chorale(account, says).submit(order, callback_url="https://us.invalid/1"))
assert lost.value.kind is ErrorKind.OUTCOME_UNKNOWN
(sent,) = says.calls
assert sent.charged and sent.body["count"] == 1 and sent.body["callback_url"] == "https://us.invalid/1"
waiting = asyncio.run(Chorale(account, Says({"code": 200, "state": "queued"})).poll(Job(id="s1", operation="songs")))
assert waiting == Pending(note="queued")
for wrong in (order.model_copy(update={"task": Task.STEMS}),
              order.model_copy(update={"origin": "x"})):
    with pytest.raises(ProviderError) as no:
        Chorale(account, says).quote(wrong)
    assert no.value.kind is ErrorKind.UNSUPPORTED
body = b'{"code": 200, "song_id": "s1", "state": "finished"}'
sign = base64.b64encode(hmac.digest(b"s" * 24, b"d1.1000." + body, hashlib.sha256)).decode()
head = {"webhook-id": "d1", "webhook-timestamp": "1000", "webhook-signature": "v1," + sign}
told = Chorale(account, says).read_callback(head, body, now=1010)
assert told.proven and told.finished and told.job_id == "s1"
assert not Chorale(account, says).read_callback({}, body, now=1010).proven
with pytest.raises(ProviderError):
    Chorale(account, says).read_callback(head, body + b" ", now=1010)
print("checked")
"""


def test_the_example_makes_an_adapter_that_the_router_chooses() -> None:
    adapter, trial = (block.text for block in blocks(EXTEND) if block.language == "python")
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", adapter + trial + CHECK],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    chosen, made, checked = run.stdout.splitlines()
    assert chosen.startswith("chorale Chorale is the one left for an instrumental")
    assert chosen.endswith("It will cost about $0.12.")
    assert made == "https://cdn.invalid/s1.wav 40.0"
    assert checked == "checked"


def test_the_consequences_of_errors_are_those_of_the_code() -> None:
    told = {}
    for kinds, follows in re.findall(r"^\| (`[A-Z_`, ]+`) \| (.+) \|$", prose(EXTEND), re.MULTILINE):
        told |= {ErrorKind[name]: follows for name in re.findall(r"`(\w+)`", kinds)}
    assert set(told) == set(ErrorKind)
    for kind, follows in told.items():
        assert ("asked again" in follows) == (kind in RETRIED), kind
        assert ("pause of the account" in follows) == (scope(kind) == "account"), kind
        assert ("nothing is paused" in follows) == (kind not in PAUSES and kind not in MODERATED), kind
        assert ("never the same words" in follows) == (kind in MODERATED), kind


def test_the_accounts_of_all_providers_are_told_with_variables_that_exist() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", prose(PROVIDERS).split("## Accounts")[1], re.MULTILINE))
    assert set(ADAPTERS) <= set(rows)
    known = {f"SOSTENUTO_{name}".upper() for name in Settings.model_fields}
    for field in Settings.model_fields.values():
        known |= {str(choice) for choice in getattr(field.validation_alias, "choices", ())}
    named = set(re.findall(r"`([A-Z][A-Z0-9_]{5,})`", prose(PROVIDERS))) - set(ErrorKind.__members__)
    assert named <= known, named - known


def test_the_settings_are_those_of_a_song() -> None:
    said = prose(PROVIDERS).split("## What a song says")[1].split("##")[0]
    told = re.findall(r"^\| `(\w+)` \|", said, re.MULTILINE)
    assert set(told) <= set(SongSettings.model_fields)
    assert {name for name in SongSettings.model_fields if "provider" in name} <= set(told)


def test_the_weights_are_those_of_the_score() -> None:
    told = [int(percent) / 100 for percent in re.findall(r"\((\d+) %\)", prose(PROVIDERS))]
    assert told == [routing._SUCCESS, routing._QUALITY, routing._COST, routing._SPEED]


def test_the_pauses_are_those_of_the_code() -> None:
    row = re.compile(r"^\| (`[A-Z_`, ]+`) \| (account|operation) \| (.+?) \| (.+?) \|$", re.MULTILINE)
    rows = row.findall(prose(PROVIDERS))
    told = {}
    for kinds, whose, first, longest in rows:
        told |= {ErrorKind[name]: (whose, first, longest) for name in re.findall(r"`(\w+)`", kinds)}
    assert told == {kind: (p.scope, span(p.first_s), span(p.longest_s)) for kind, p in PAUSES.items()}


def span(seconds: float) -> str:
    for unit, name in ((3600, "h"), (60, "min")):
        if seconds >= unit and seconds % unit == 0:
            return f"{seconds / unit:g} {name}"
    return f"{seconds:g} s"
