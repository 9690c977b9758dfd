"""What the client's calls about stages, people, access, webhooks, sound and words tell, and what a lost answer does."""

import asyncio
import io
import json
import time
import zipfile
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from sqlmodel.ext.asyncio.session import AsyncSession
from standardwebhooks import Webhook

from api.credentials import LOCAL_USER
from domain.access import Role, Scope
from domain.commands import CommandKind
from domain.errors import Conflict, InvalidCommand, InvalidInput, InvalidValue, NotFound
from domain.stages import SongStatus, Stage
from sostenuto.answers import Song
from sostenuto.client import Client
from sostenuto.resource_answers import DeliveryDetail
from storage.database import Database
from storage.idempotency import begin, forget
from tests.api.steps import SKETCH_REST_BYTES
from tests.audio.foreign import tune, written
from tests.cli.conftest import Studio
from tests.cli.test_client import PROMPT, UNKNOWN, until
from tests.cli.things import BARS, MIX_SECONDS, RATE, Lossy
from tests.fixtures.receiver import Receiver, Says

PNG, ENDPOINTS = b"\x89PNG", "/v1/webhook-endpoints"


def at_ideation(client: Client, title: str = "Evening") -> str:
    """A song that waits for a decision after ideation."""
    song = client.start(PROMPT, title=title, settings={"review": "all"}).id
    until(client, song, SongStatus.WAITING, Stage.IDEATION)
    return song


def as_it_is(client: Client, song: str) -> Song:
    """A song as its workflow says, once the database has all of that."""
    song_now = client.get(song, consistent=True)
    for _ in range(400):
        if client.status(song).sequence >= song_now.sequence:
            return song_now
        time.sleep(0.03)
    raise AssertionError(song_now)


def completed(client: Client, **context: object) -> str:
    song = client.start(PROMPT, context=context).id
    until(client, song, SongStatus.COMPLETED)
    return song


def joined(client: Client, studio: Studio, song: str, name: str) -> tuple[Client, str]:
    """A guest who has been invited as an editor: their client, and who they are."""
    token = client.invite(song, role=Role.EDITOR).token
    assert token
    guest = Client(studio.url)
    return guest, guest.accept_invitation(token, name=name).user


def test_a_stage_tells_what_it_made_and_why(client: Client) -> None:
    song = completed(client)
    arranged = client.stage(song, Stage.ARRANGEMENT)
    assert (arranged.stage, arranged.revision) == (Stage.ARRANGEMENT, 1)
    assert arranged.outputs["score"].media_type == "application/json"
    assert [decision.what for decision in arranged.decisions] == ["form", "part keys"]
    assert arranged.patch["musical"]["structure"][0]["name"] == "verse"
    assert arranged.completeness.percent == 100.0
    assert "musical.chord_progression" in arranged.requires
    mixed = client.stage(song, Stage.MIXING)
    assert mixed.outputs["mix"].hash in {file.hash for file in client.media(song, type="audio_wav")}
    with pytest.raises(NotFound):
        client.stage(UNKNOWN, Stage.MIXING)


def test_a_song_is_changed_only_as_it_was_seen(client: Client) -> None:
    song = at_ideation(client)
    seen = as_it_is(client, song)
    assert seen.etag == client.status(song).etag
    assert seen.etag
    assert (seen.consistent, seen.role, seen.family) == (True, Role.OWNER, song)
    changed = client.edit(song, title="Night", if_match=seen.etag)
    assert changed.etag != seen.etag
    with pytest.raises(Conflict, match="title"):
        client.command(song, CommandKind.HOLD, if_match=seen.etag)
    with pytest.raises(Conflict, match="title"):
        client.archive(song, if_match=seen.etag)
    assert client.command(song, CommandKind.HOLD, if_match=changed.etag).status is SongStatus.HELD


def test_events_end_at_once_where_nothing_follows(client: Client) -> None:
    song = at_ideation(client)
    client.command(song, CommandKind.CANCEL)
    told = [message.type for message in client.events(song) if message.seq]
    assert told[-2:] == ["song_cancelled", "command_accepted"]
    # A stream that opens says so before anything else.
    assert next(client.events(song, after=as_it_is(client, song).sequence), None) is None


def test_a_song_is_erased_once_it_is_in_the_archive(client: Client) -> None:
    song = at_ideation(client)
    with pytest.raises(Conflict, match="archived"):
        client.erase(song)
    client.archive(song)
    assert song in {entry.id for entry in client.all(archived=True)}
    assert song not in {entry.id for entry in client.all()}
    assert client.erase(song).state == "running"


def test_a_branch_is_started_once_under_its_key(client: Client) -> None:
    song = at_ideation(client)
    ones = {client.branch(song, stage=Stage.IDEATION, idempotency_key="tests-cli-branch").id for _ in range(2)}
    assert len(ones) == 1
    assert {entry.id for entry in client.list(family=song).items} == {song, *ones}
    assert [entry.id for entry in client.list(family=song, main_only=True).items] == [song]


def test_a_sketch_is_written_while_it_is_played(client: Client, tmp_path: Path) -> None:
    song = client.start(PROMPT, context={"creative.preferences": {"sketch": "slow"}}).id
    early = client.sketch(song, tmp_path / "early.flac")
    assert (early.state, early.part, early.revision, early.take) == ("current", "opening", 1, 1)
    assert early.size == (tmp_path / "early.flac").stat().st_size > SKETCH_REST_BYTES
    until(client, song, SongStatus.COMPLETED)
    whole = io.BytesIO()
    assert client.sketch(song, whole).part == "whole"
    assert whole.getvalue() == (tmp_path / "early.flac").read_bytes()
    with pytest.raises(NotFound, match="after ideation"):
        client.sketch(at_ideation(client), whole, wait=0)


def test_a_sound_is_looked_at(client: Client, drawn: str, tmp_path: Path) -> None:
    for draw in (client.waveform, client.spectrogram):
        assert draw(drawn, str(tmp_path / "one.png")) == (tmp_path / "one.png").stat().st_size
        assert (tmp_path / "one.png").read_bytes().startswith(PNG)
    peaks = client.peaks(drawn, points=50)
    assert (peaks.channels, peaks.sample_rate, len(peaks.data)) == (1, RATE, 2 * peaks.length)
    assert peaks.length <= 50
    assert max(peaks.data) == pytest.approx(0.5 * 2**15, rel=0.01)
    loudness = client.loudness(drawn, points=8)
    assert loudness.duration_s == MIX_SECONDS
    assert len(loudness.momentary) == len(loudness.short_term) <= 8
    assert loudness.short_term[0] is None
    assert loudness.true_peak_dbtp == pytest.approx(-6.02, abs=0.1)
    with pytest.raises(NotFound, match=r"no stem 'harp'; it has .*stem 01_keys"):
        client.waveform(drawn, io.BytesIO(), stem="harp")
    with pytest.raises(NotFound, match="no sound"):
        client.loudness(drawn, stage=Stage.COMPOSITION)
    with pytest.raises(NotFound, match="no sound file"):
        client.peaks(drawn, content_hash="0" * 64)


def test_a_score_is_read_page_by_page(client: Client, drawn: str) -> None:
    timemap = client.timemap(drawn)
    assert sum(len(event.on) for event in timemap.events) == BARS
    page = io.BytesIO()
    assert client.score(drawn, page, page=timemap.pages) == len(page.getvalue())
    assert all(f'"{note}"' in page.getvalue().decode() for event in timemap.events for note in event.on)
    with pytest.raises(NotFound, match=f"there is no page {timemap.pages + 1}"):
        client.score(drawn, page, page=timemap.pages + 1)


def test_words_are_tried_without_a_song(client: Client) -> None:
    reading = client.read_instruction("a bit slower")
    assert [(operation.op, operation.path) for operation in reading.operations] == [("scale", "musical.tempo")]
    assert reading.stage is Stage.COMPOSITION
    with pytest.raises(InvalidCommand, match="quack"):
        client.read_instruction("quack")
    brief = client.enhance_prompt("a slow waltz for piano", level="light", context={"musical.key": "D"})
    assert brief.engine == "builtin"
    assert "musical.tempo" in {reason.field for reason in brief.reasoning}
    assert client.enhance_prompt("a slow waltz for piano").context["musical"]["key"] != "D"


def test_a_reference_comes_from_an_address(client: Client, receiver: Receiver) -> None:
    sound = written(tune(62, seconds=6.0))
    receiver.answer = lambda _: Says(200, body=sound)
    found = client.reference_from_url(receiver.url, name="Mine.wav")
    assert (found.hash, found.size, found.filename) == (sha256(sound).hexdigest(), len(sound), "Mine.wav")
    assert client.reference(found.hash) == found
    with pytest.raises(InvalidValue, match="private network"):
        client.reference_from_url("http://10.0.0.1/song.wav")
    with pytest.raises(NotFound, match="no reference"):
        client.reference("0" * 64)


def test_people_come_by_invitation(client: Client, studio: Studio) -> None:
    song = at_ideation(client)
    invited = client.invite(song, role=Role.EDITOR, email="ada@example.org")
    assert invited.token
    assert client.invitation(song, invited.id).email == "ada@example.org"
    with Client(studio.url) as guest:
        offer = guest.look_at_invitation(invited.token)
        assert (offer.title, offer.role) == ("Evening", Role.EDITOR)
        user = guest.accept_invitation(invited.token, name="Ada").user
        with pytest.raises(NotFound, match="used or has expired"):
            guest.look_at_invitation(invited.token)
        assert guest.get(song).role is Role.EDITOR
        assert client.change_role(song, user, Role.VIEWER).role is Role.VIEWER
        assert {person.user: person.role for person in client.collaborators(song)}[user] is Role.VIEWER
        client.remove_collaborator(song, user)
        with pytest.raises(NotFound):
            guest.get(song)
    assert [(entry.state, entry.accepted_by, entry.token) for entry in client.invitations(song)] == [
        ("accepted", user, None)
    ]
    second = client.invite(song)
    assert second.token
    client.take_back_invitation(song, second.id)
    with pytest.raises(NotFound, match="taken back"):
        client.look_at_invitation(second.token)


def test_a_public_song_shows_no_money_and_no_people(client: Client, studio: Studio) -> None:
    song, other = at_ideation(client), at_ideation(client)
    client.edit(song, is_public=True)
    guest, _ = joined(client, studio, other, "Grace")
    with guest:
        seen = guest.get(song)
        assert (seen.role, seen.owner, seen.spent_usd, seen.allowed_commands) == (Role.PUBLIC, None, 0, ())
        assert song in {entry.id for entry in guest.all(scope="public")}
        assert {entry.id for entry in guest.all(scope="shared")} == {other}


def test_a_person_has_a_name_limits_and_an_export_and_can_leave(client: Client, studio: Studio, tmp_path: Path) -> None:
    shared = at_ideation(client)
    guest, user = joined(client, studio, shared, "Ada")
    with guest:
        own = at_ideation(guest, "Mine")
        assert guest.rename_me("Grace").name == "Grace"
        assert {person.user: person.name for person in client.collaborators(shared)}[user] == "Grace"
        me = guest.me()
        assert (me.owner, me.is_guest, me.via) == (user, True, "session")
        assert me.limits
        assert me.limits.running_songs.used == 0
        assert guest.export(tmp_path / "all.zip") == (tmp_path / "all.zip").stat().st_size
        with zipfile.ZipFile(tmp_path / "all.zip") as archive:
            manifest = json.loads(archive.read("manifest.json"))
            assert manifest["owner"] == user
            assert {song for song in (own, shared) if any(song in name for name in archive.namelist())} == {own}
        with pytest.raises(InvalidInput, match="is not your owner id"):
            guest.erase_me(confirm="yes")
        assert guest.erasure().state == "none"
        assert guest.erase_me(confirm=guest.me().owner).state == "running"
        assert guest.erasure().state in ("running", "done")
        for _ in range(200):
            if not list(guest.all(scope="own")):
                break
            time.sleep(0.03)
        with pytest.raises(NotFound):
            guest.get(own)
    assert client.get(shared).title == "Evening"


def test_a_key_has_scopes_and_an_end(client: Client, studio: Studio) -> None:
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    key = client.issue_api_key("reads", scopes=[Scope.READ], expires_at=ends)
    with Client(studio.url, api_key=key.key) as reader:
        assert reader.me().scopes == (Scope.READ,)
    shown = client.api_key(key.id)
    assert (shown.name, shown.key, shown.expires_at) == ("reads", None, ends)
    assert shown.last_used_at
    assert key.id in {entry.id for entry in client.api_keys()}
    with pytest.raises(NotFound):
        client.api_key(UNKNOWN)
    with pytest.raises(InvalidValue, match="expires_at"):
        client.issue_api_key("late", expires_at=ends - timedelta(days=2))


def over(client: Client, endpoint: str, delivery: str) -> DeliveryDetail:
    """A delivery once it has arrived or is given up."""
    for _ in range(400):
        if (found := client.webhook_delivery(endpoint, delivery)).status != "pending":
            return found
        time.sleep(0.03)
    raise AssertionError(found)


def test_an_endpoint_is_tried_changed_and_given_another_secret(client: Client, receiver: Receiver) -> None:
    receiver.answer = lambda _: Says(200, body=b"thanks")
    endpoint = client.add_webhook_endpoint("https://example.com/hooks", is_active=False)
    assert endpoint.secret
    changed = client.change_webhook_endpoint(endpoint.id, url=receiver.url, event_types=["song_cancelled"])
    assert (changed.url, changed.event_types, changed.is_active) == (receiver.url, ("song_cancelled",), False)
    assert client.change_webhook_endpoint(endpoint.id, event_types=[], is_active=True).event_types == ()
    client.change_webhook_endpoint(endpoint.id, event_types=["song_cancelled"])
    sent = client.try_webhook_endpoint(endpoint.id)
    found = over(client, endpoint.id, sent.id)
    assert (found.status, found.event_type, found.payload["type"]) == ("delivered", "ping", "ping")
    assert [(one.response_status, one.response_excerpt) for one in found.tries] == [(200, "thanks")]
    client.replay_delivery(endpoint.id, sent.id)
    assert len(over(client, endpoint.id, sent.id).tries) == 2
    page = client.webhook_deliveries(endpoint.id, status="delivered", limit=1)
    assert [entry.id for entry in page.items] == [sent.id]
    turned = client.rotate_webhook_secret(endpoint.id)
    assert turned.secret
    assert turned.secret != endpoint.secret
    assert turned.old_secret_until
    again = over(client, endpoint.id, client.try_webhook_endpoint(endpoint.id).id)
    message = receiver.received[-1]
    for secret in (endpoint.secret, turned.secret):
        Webhook(secret).verify(message.body, dict(message.headers))
    assert message.headers["webhook-id"] == again.id
    client.remove_webhook_endpoint(endpoint.id)
    with pytest.raises(NotFound):
        client.webhook_endpoint(endpoint.id)


@pytest.fixture
def silent(client: Client) -> Iterator[str]:
    """An endpoint that is switched off; whatever was added goes in the end, for there may be only so many."""
    yield client.add_webhook_endpoint("https://example.com/hooks", is_active=False).id
    for endpoint in client.webhook_endpoints():
        client.remove_webhook_endpoint(endpoint.id)


def test_what_is_posted_happens_once_though_its_answer_is_lost(client: Client, studio: Studio, silent: str) -> None:
    way = Lossy("POST", f"{ENDPOINTS}/{silent}/tests")
    with Client(studio.url, transport=way) as lossy:
        sent = lossy.try_webhook_endpoint(silent)
    assert way.lost == 1
    assert [entry.id for entry in client.webhook_deliveries(silent).items] == [sent.id]


def test_a_guest_whose_cookie_is_lost_is_told_so(client: Client, studio: Studio) -> None:
    token = client.invite(at_ideation(client)).token
    way = Lossy("POST", f"/v1/invitations/{token}/acceptance")
    with Client(studio.url, transport=way) as lossy, pytest.raises(Conflict, match="ask for a new invitation"):
        lossy.accept_invitation(token or "", name="Ada")
    assert way.lost == 1


Ask = Callable[[Client, str, str], str | None]


@pytest.mark.parametrize(
    ("path", "ask"),
    [
        ("/v1/api-keys", lambda client, song, hook: client.issue_api_key("lost").key),
        (ENDPOINTS, lambda client, song, hook: client.add_webhook_endpoint("https://example.com").secret),
        (
            f"{ENDPOINTS}/{{hook}}/secret-rotations",
            lambda client, song, hook: client.rotate_webhook_secret(hook).secret,
        ),
        ("/v1/compositions/{song}/collaborators", lambda client, song, hook: client.invite(song).token),
    ],
)
def test_a_secret_whose_answer_is_lost_is_told_by_no_other(
    path: str, ask: Ask, client: Client, studio: Studio, silent: str
) -> None:
    song = at_ideation(client)
    way = Lossy("POST", path.format(song=song, hook=silent))
    with Client(studio.url, transport=way) as lossy:
        assert ask(lossy, song, silent) is None
        assert way.lost == 1
        assert ask(lossy, song, silent)


def test_what_is_taken_away_is_gone_though_the_answer_is_lost(client: Client, studio: Studio, silent: str) -> None:
    song = at_ideation(client)
    invited = client.invite(song).id
    gone: list[tuple[str, Callable[[Client], None]]] = [
        (f"{ENDPOINTS}/{silent}", lambda lossy: lossy.remove_webhook_endpoint(silent)),
        (f"/v1/compositions/{song}/invitations/{invited}", lambda lossy: lossy.take_back_invitation(song, invited)),
        (f"/v1/compositions/{song}", lambda lossy: lossy.archive(song)),
    ]
    for path, take_away in gone:
        way = Lossy("DELETE", path)
        with Client(studio.url, transport=way) as lossy:
            take_away(lossy)
            assert way.lost == 1
            with pytest.raises(NotFound):
                take_away(lossy)


def test_what_never_was_is_not_found_though_the_line_was_dead_at_first(studio: Studio) -> None:
    way = Lossy("DELETE", f"{ENDPOINTS}/{UNKNOWN}", before=True)
    with Client(studio.url, transport=way) as lossy, pytest.raises(NotFound):
        lossy.remove_webhook_endpoint(UNKNOWN)
    assert way.lost == 1


def test_a_file_is_asked_for_again_while_the_api_is_away(studio: Studio, client: Client) -> None:
    song = completed(client)
    way = Lossy("GET", f"/v1/compositions/{song}/download", before=True)
    with Client(studio.url, transport=way) as lossy:
        assert lossy.download(song, io.BytesIO(), format="wav") > 0
    assert way.lost == 1


def test_a_call_that_is_still_worked_on_is_waited_for(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a lost answer: the first request goes on at the API while the second one comes."""
    monkeypatch.setattr("api.idempotency.WAIT_S", 0.1)
    digest = sha256(httpx.Request("POST", studio.url, json={"prompt": PROMPT}).content).hexdigest()

    async def in_database(act: Callable[[AsyncSession], Awaitable[object]]) -> None:
        database = Database(studio.settings.database_url)
        async with database.session() as session:
            await act(session)
        await database.close()

    claim = {"owner": LOCAL_USER, "key": "worked-on"}
    request = {"body_sha256": digest, "method_path": "POST /v1/compositions"}
    asyncio.run(in_database(lambda session: begin(session, **claim, **request)))
    statuses: list[int] = []

    def noticed(response: httpx.Response) -> None:
        if response.status_code == 409 and not statuses:
            asyncio.run(in_database(lambda session: forget(session, **claim)))
        statuses.append(response.status_code)

    with Client(studio.url) as own:
        own._http.event_hooks = {"response": [noticed]}
        song = own.start(PROMPT, idempotency_key="worked-on").id
        assert (statuses[0], statuses[-1]) == (409, 202)
        until(own, song, SongStatus.COMPLETED)
