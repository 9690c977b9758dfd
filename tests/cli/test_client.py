import io
import threading
import time
from pathlib import Path

import httpx
import pytest

from domain.access import Role, Scope
from domain.commands import CommandKind
from domain.errors import (
    CommandRejected,
    Conflict,
    InvalidCommand,
    InvalidPrompt,
    NotFound,
    ServerUnavailable,
    SostenutoError,
    UnknownPath,
)
from domain.settings import SongSettings
from domain.stages import SongStatus, Stage
from sostenuto.answers import LiveMessage, Status
from sostenuto.client import Client
from tests.cli.conftest import Studio
from tests.fixtures.temporal import free_port

PROMPT = "a calm ambient song with a soft piano"
UNKNOWN = "00000000-0000-0000-0000-000000000000"


def until(client: Client, song: str, status: SongStatus, stage: Stage | None = None) -> Status:
    for _ in range(400):
        found = client.status(song)
        if found.status is status and stage in (None, found.current_stage):
            return found
        time.sleep(0.03)
    raise AssertionError(f"wanted {status}, found {found}")


def to_the_end(client: Client, song: str, after: int = 0) -> list[LiveMessage]:
    messages = []
    for message in client.events(song, after=after):
        messages.append(message)
        if message.type == "song_completed":
            break
    return messages


def test_a_song_from_start_to_files(client: Client, tmp_path: Path) -> None:
    song = client.start(PROMPT, settings=SongSettings(seed=5), context={"musical.tempo": 90})
    messages = to_the_end(client, song.id)
    numbers = [m.seq for m in messages if m.seq is not None]
    assert numbers == list(range(1, len(numbers) + 1))
    assert next(m.type for m in messages if m.seq is not None) == "song_created"

    full = client.get(song.id)
    assert full.status is SongStatus.COMPLETED
    assert full.checks_ok
    assert full.seed == 5
    assert full.context is not None
    assert full.context["musical"]["tempo"] == 90
    assert [entry.stage for entry in full.stages] == list(Stage)
    assert full.links["temporal_ui"].endswith(f"song-{song.id}")

    files = {item.name: item for item in client.media(song.id)}
    assert files["master"].filename == "master.wav"
    assert {item.stage for item in client.media(song.id, stage=Stage.MIXING)} == {Stage.MIXING}
    buffer = io.BytesIO()
    assert client.fetch(files["master"].hash, buffer) == files["master"].size == len(buffer.getvalue())
    assert client.download(song.id, tmp_path / "song.mp3") == (tmp_path / "song.mp3").stat().st_size > 0


def test_the_same_key_starts_one_song(client: Client) -> None:
    one = client.start(PROMPT, idempotency_key="tests-cli-once", settings={"review": ["ideation"]})
    two = client.start(PROMPT, idempotency_key="tests-cli-once", settings={"review": ["ideation"]})
    assert one.id == two.id


def test_commands_and_their_refusals(client: Client) -> None:
    song = client.start(PROMPT, settings={"review": "all"})
    until(client, song.id, SongStatus.WAITING, Stage.IDEATION)
    answer = client.command(song.id, CommandKind.ADVANCE, expected_stage="ideation")
    assert answer.verdict == "accepted"
    until(client, song.id, SongStatus.WAITING, Stage.COMPOSITION)
    with pytest.raises(CommandRejected, match="from composition the song cannot go to mastering"):
        client.command(song.id, CommandKind.ADVANCE, target="mastering")
    with pytest.raises(InvalidCommand, match="'quack' is not understood"):
        client.command(song.id, CommandKind.REVISE, instruction="quack")
    with pytest.raises(CommandRejected, match="not held"):
        client.command(song.id, CommandKind.RESUME)
    assert client.command(song.id, "hold").status is SongStatus.HELD
    assert client.command(song.id, "resume").status is SongStatus.WAITING
    assert client.command(song.id, CommandKind.SET_REVIEW, review=["mixing"]).verdict == "accepted"
    assert client.command(song.id, CommandKind.ACCEPT_ENHANCEMENT).verdict == "accepted"
    assert client.command(song.id, CommandKind.CANCEL).status is SongStatus.CANCELLED


def test_a_command_id_is_applied_once(client: Client) -> None:
    song = client.start(PROMPT, settings={"review": "all"})
    until(client, song.id, SongStatus.WAITING, Stage.IDEATION)
    for _ in range(2):
        client.command(song.id, CommandKind.ADVANCE, command_id="tests-cli-advance-once")
    until(client, song.id, SongStatus.WAITING, Stage.COMPOSITION)
    client.command(song.id, CommandKind.CANCEL)


def test_every_command_has_its_path(client: Client) -> None:
    song = client.start(PROMPT)
    to_the_end(client, song.id)
    assert client.command(song.id, CommandKind.REVERT, stage="composition", revision=1).verdict == "accepted"
    until(client, song.id, SongStatus.COMPLETED)
    with pytest.raises(SostenutoError, match="take"):
        client.command(song.id, CommandKind.CHOOSE_TAKE, take=99)
    with pytest.raises(CommandRejected, match="retry only mends a block"):
        client.command(song.id, CommandKind.RETRY)


def test_refusals_are_the_errors_of_the_domain(client: Client) -> None:
    with pytest.raises(InvalidPrompt, match="empty"):
        client.start("  ")
    with pytest.raises(UnknownPath, match=r"musical\.colour"):
        client.start(PROMPT, context={"musical.colour": "blue"})
    for call in (client.get, client.status, client.media, lambda s: next(client.events(s))):
        with pytest.raises(NotFound):
            call(UNKNOWN)
    with pytest.raises(NotFound):
        client.fetch("0" * 64, io.BytesIO())


def test_lists_page_by_page(client: Client) -> None:
    started = [client.start(f"{PROMPT}, number {n}", title=f"Paged {n}").id for n in range(3)]
    for song in started:
        # The newest change comes first, so a song under way may move to a page that was read already.
        to_the_end(client, song)
    page = client.list(limit=1, text="Paged")
    assert len(page.items) == 1
    assert page.next_cursor
    assert {song.id for song in client.all(limit=1, text="Paged")} == set(started)


def test_events_go_on_without_gap_when_the_api_comes_back(client: Client, studio: Studio) -> None:
    song = client.start(PROMPT, settings={"review": ["mixing"]})
    seen: list[int] = []
    waiting, done = threading.Event(), threading.Event()

    def watch() -> None:
        with Client(studio.url, patience=20) as own:
            for message in own.events(song.id):
                if message.seq is not None:
                    seen.append(message.seq)
                if message.type == "review_requested":
                    waiting.set()
                if message.type == "song_completed":
                    break
        done.set()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    assert waiting.wait(20)
    studio.stop_api()
    time.sleep(0.3)
    studio.start_api()
    client.command(song.id, CommandKind.ADVANCE)
    assert done.wait(20)
    watcher.join(5)
    assert seen == list(range(1, len(seen) + 1))


def test_an_absent_api_is_named() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    began = time.monotonic()
    with Client(url, patience=0.3) as away:
        with pytest.raises(ServerUnavailable, match=rf"{url} cannot be reached"):
            away.get(UNKNOWN)
        with pytest.raises(ServerUnavailable, match="cannot be reached"):
            next(away.events(UNKNOWN))
        with pytest.raises(ServerUnavailable, match="cannot be reached"):
            away.download(UNKNOWN, io.BytesIO())
        assert not away.is_live()
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("status", "content", "kind", "words"),
    [
        (409, b'{"code": "command_rejected", "detail": "not now"}', "CommandRejected", "not now"),
        (422, b'{"code": "unknown_path", "detail": "no such path"}', "UnknownPath", "no such path"),
        (409, b'{"code": "idempotency_key_in_flight", "title": "Wait"}', "Conflict", "Wait"),
        (401, b"", "AccessRefused", "SOSTENUTO_API_KEY"),
        (404, b"<html>", "NotFound", "answered 404"),
        (500, b"[1]", "SostenutoError", "answered 500"),
    ],
)
def test_any_answer_becomes_an_error(status: int, content: bytes, kind: str, words: str) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=content))
    with Client("http://test", transport=transport, patience=0) as client, pytest.raises(SostenutoError) as caught:
        client.get(UNKNOWN)
    assert type(caught.value).__name__ == kind
    assert words in caught.value.message


def test_a_damaged_file_and_a_strange_answer_are_refused() -> None:
    with Client("http://test", transport=httpx.MockTransport(lambda _: httpx.Response(200, content=b"{}"))) as client:
        with pytest.raises(SostenutoError, match="arrived damaged"):
            client.fetch("0" * 64, io.BytesIO())
        with pytest.raises(ServerUnavailable, match="another program"):
            client.get(UNKNOWN)


def test_a_busy_api_is_tried_again() -> None:
    answers = [httpx.Response(503), httpx.Response(502), httpx.Response(200, json={"items": [], "next_cursor": None})]
    with Client("http://test", transport=httpx.MockTransport(lambda _: answers.pop(0))) as client:
        assert client.list().items == ()


def test_what_stands_around_a_song(client: Client) -> None:
    song = client.start(PROMPT, settings={"review": "all"}).id
    until(client, song, SongStatus.WAITING, Stage.IDEATION)
    assert client.edit(song, title="Evening").title == "Evening"
    with pytest.raises(Conflict, match="changed"):
        client.edit(song, title="Morning", if_match='"0.0"')
    assert client.history(song).items[0].to_stage is Stage.IDEATION
    assert client.enhancements(song)[0].original == PROMPT
    assert client.provider_tasks(song) == ()
    assert [entry.stage for entry in client.revisions(song)] == [Stage.IDEATION]
    assert client.takes(song)[0].is_chosen
    branch = client.branch(song, stage=Stage.IDEATION, title="Night")
    assert {entry.title for entry in client.versions(song)} == {"Evening", "Night"}
    assert next(entry for entry in client.set_main(branch.id) if entry.is_main).id == branch.id
    until(client, branch.id, SongStatus.WAITING, Stage.IDEATION)
    assert client.compare(song, other=branch.id, stage=Stage.IDEATION).measured == ()
    assert client.signals(song).workflow_id == f"song-{song}"
    client.archive(song)
    with pytest.raises(NotFound):
        client.get(song)
    assert client.restore(song).id == song


def test_people_keys_and_programs(client: Client) -> None:
    song = client.start(PROMPT, settings={"review": "all"}).id
    invitation = client.invite(song, role=Role.EDITOR)
    assert invitation.token
    with pytest.raises(Conflict):
        client.accept_invitation(invitation.token)
    assert client.collaborators(song)[0].role is Role.OWNER
    assert client.me().via == "local"
    key = client.issue_api_key("studio", scopes=[Scope.READ])
    assert key.key
    assert key.key.startswith(key.prefix)
    client.revoke_api_key(key.id)
    assert next(entry for entry in client.api_keys() if entry.id == key.id).revoked_at
    endpoint = client.add_webhook_endpoint("https://example.com/hooks", event_types=["song_completed"])
    assert endpoint.secret
    assert client.webhook_endpoints()[-1].secret is None
    assert client.webhook_deliveries(endpoint.id).items == ()
    client.remove_webhook_endpoint(endpoint.id)
    assert endpoint.id not in {entry.id for entry in client.webhook_endpoints()}
