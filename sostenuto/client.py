"""A typed, synchronous client of the REST API.

    with Client("http://127.0.0.1:8000") as client:
        song = client.start("slow piano in the rain", settings={"review": ["composition"]})
        for message in client.events(song.id):
            if message.type == "song_completed":
                client.download(song.id, "song.mp3", format="mp3")
                break

Every refusal is one of the errors of `domain.errors`. Every call is tried again while the API is away, for up to
`patience` seconds: what is posted carries an idempotency key, everything else may happen twice without harm.
"""

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Literal, Self, TypedDict, TypeVar, Unpack

import httpx
from pydantic import BaseModel, ValidationError

from domain.commands import CommandKind
from domain.errors import MediaStoreUnavailable, ResourceUnavailable, ServerUnavailable
from domain.settings import SongSettings
from domain.stages import SongStatus, Stage
from domain.steps import MediaType
from sostenuto.answers import (
    CommandAnswer,
    LiveMessage,
    MediaFile,
    MediaList,
    Provider,
    ProviderList,
    Song,
    SongPage,
    SongSummary,
    Status,
)
from sostenuto.problems import error_of, is_passing
from sostenuto.resources import Resources
from sostenuto.resources.asking import Target, given, save, song_path
from sostenuto.sse import COMMENT, Message, read_messages

Model = TypeVar("Model", bound=BaseModel)

RETRY_PAUSES_S = (0.1, 0.2, 0.5, 1.0)
# The API sends a comment at least every 15 seconds; silence for three of them is a dead connection.
STREAM_SILENCE_S = 45.0
# Nothing has reached the API where one of these stands in the way.
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

# Where each command is posted, under the song.
COMMAND_PATHS: Mapping[CommandKind, str] = {
    CommandKind.ADVANCE: "advances",
    CommandKind.REVISE: "revisions",
    CommandKind.HOLD: "holds",
    CommandKind.RESUME: "resumptions",
    CommandKind.RETRY: "retries",
    CommandKind.CANCEL: "cancellations",
    CommandKind.SET_REVIEW: "review-settings",
    CommandKind.REVERT: "reversions",
    CommandKind.CHOOSE_TAKE: "takes/{take}/choice",
    CommandKind.ACCEPT_ENHANCEMENT: "enhancements/latest/acceptance",
    CommandKind.REJECT_ENHANCEMENT: "enhancements/latest/rejection",
}


class _NothingFollows(Exception):
    """The server says that a song's events are all told."""


SongScope = Literal["own", "shared", "public", "all"]


class Filters(TypedDict, total=False):
    """Which songs are wanted; what is left out, or None, filters nothing.

    `scope`: own, shared, public (what anybody may see), or all that are one's own or shared. `text` stands in title or
    prompt; `family` is the id of a first version, `main_only` leaves out versions that do not count; `archived` looks
    in the archive instead.
    """

    scope: SongScope | None
    stage: Stage | None
    status: SongStatus | None
    text: str | None
    family: str | None
    main_only: bool | None
    archived: bool | None


class Client(Resources):
    """Talks to the API at `base_url`. `patience`: seconds for which an absent API is waited for."""

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str | None = None,
        patience: float = 10.0,
        timeout: float = 30.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.patience = patience
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        local = httpx.URL(self.base_url).host in ("127.0.0.1", "localhost", "::1")
        self._http = httpx.Client(
            base_url=self.base_url,
            headers=headers,
            timeout=timeout,
            transport=transport,
            trust_env=not local,  # a proxy of the environment cannot reach this machine's loopback
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def start(
        self,
        prompt: str,
        *,
        title: str | None = None,
        settings: SongSettings | Mapping[str, Any] | None = None,
        context: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> SongSummary:
        """Start a song. `context`: wishes by context path; the same `idempotency_key` starts it once.

        Raises InvalidPrompt, InvalidValue, UnknownPath, ServerUnavailable.
        """
        if isinstance(settings, SongSettings):
            settings = settings.model_dump(mode="json", exclude_unset=True)
        body = {"prompt": prompt, "title": title, "settings": settings, "context": context}
        headers = {"Idempotency-Key": idempotency_key or str(uuid.uuid4())}
        return self._parse(SongSummary, self._call("POST", "/v1/compositions", json=given(**body), headers=headers))

    def get(self, song_id: str, *, consistent: bool = False) -> Song:
        """A song in full; `consistent` asks its workflow instead of the read model. Raises NotFound."""
        params = {"consistent": "true"} if consistent else {}
        return self._parse_seen(Song, self._call("GET", song_path(song_id), params=params))

    def status(self, song_id: str, *, consistent: bool = False) -> Status:
        """A song's short form; `consistent` as in `get`. Raises NotFound."""
        params = {"consistent": "true"} if consistent else {}
        return self._parse_seen(Status, self._call("GET", f"{song_path(song_id)}/status", params=params))

    def list(
        self,
        *,
        scope: SongScope | None = None,
        stage: Stage | None = None,
        status: SongStatus | None = None,
        text: str | None = None,
        family: str | None = None,
        main_only: bool | None = None,
        archived: bool | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> SongPage:
        """A page of the songs that may be seen, the newest change first; `limit` from 1 to 200.

        What they are filtered by is told at `Filters`; a cursor belongs to the filters that it came with.
        """
        return self._get(
            SongPage, "/v1/compositions", scope=scope, stage=stage, status=status, text=text, family=family,
            main_only=main_only, archived=archived, limit=limit, cursor=cursor,
        )  # fmt: skip

    def all(self, *, limit: int = 50, **filters: Unpack[Filters]) -> Iterator[SongSummary]:
        """Every song, in pages of `limit`; filters as in `list`."""
        cursor: str | None = None
        while True:
            page = self.list(limit=limit, cursor=cursor, **filters)
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return

    def command(
        self,
        song_id: str,
        kind: CommandKind | str,
        *,
        command_id: str | None = None,
        if_match: str | None = None,
        **arguments: Any,
    ) -> CommandAnswer:
        """Send a command; `arguments` are the fields of `domain.commands.CommandBody`.

        With `if_match`, an ETag, only to the song as it was seen (Conflict). The answer may be that it is accepted,
        while its effect goes on. Raises CommandRejected, with the reason and what is allowed, InvalidCommand, NotFound,
        ServerUnavailable.
        """
        kind = CommandKind(kind)
        command_id = command_id or str(uuid.uuid4())
        body = given(**arguments)
        path = COMMAND_PATHS[kind]
        if "{take}" in path:
            path = path.format(take=body.pop("take"))
        headers = given(**{"Idempotency-Key": command_id, "If-Match": if_match})
        response = self._call("POST", f"{song_path(song_id)}/{path}", json=body, headers=headers)
        return self._parse(CommandAnswer, response)

    def providers(self) -> tuple[Provider, ...]:
        """The providers as the workers have told of them, Sostenuto's own engine first; none before they have."""
        return self._parse(ProviderList, self._call("GET", "/v1/providers")).items

    def media(
        self, song_id: str, *, stage: Stage | None = None, type: MediaType | str | None = None
    ) -> tuple[MediaFile, ...]:
        """The stored files of a song, the newest revision first, of one stage or of one type. Raises NotFound."""
        return self._get(MediaList, f"{song_path(song_id)}/media", stage=stage, type=type).items

    def fetch(self, content_hash: str, target: Target) -> int:
        """Write the stored file of this SHA-256 to `target` and return its size in bytes.

        Raises NotFound, and MediaStoreUnavailable when what arrived is something else.
        """
        with self._reading(f"/v1/media/{content_hash}/content") as response:
            digest, size = save(response, target)
        if digest != content_hash:
            raise MediaStoreUnavailable(
                f"the file {content_hash[:12]} arrived damaged (it is {digest[:12]}): try again"
            )
        return size

    def download(self, song_id: str, target: Target, *, format: str = "mp3", stage: Stage | None = None) -> int:
        """Write the newest file of a kind to `target` and return its size in bytes. Raises NotFound.

        `format` is wav, mp3, flac, opus, midi, musicxml, stems (a zip), report, or release: everything of a finished
        song in one zip.
        """
        return self._file(f"{song_path(song_id)}/download", target, format=format, stage=stage)

    def events(self, song_id: str, *, after: int = 0) -> Iterator[LiveMessage]:
        """Live messages: every event numbered above `after`, in order and once each, and progress in between.

        A message of the type `quiet` comes at least every 15 seconds while nothing else does.
        It is resumed by itself when the connection or the API goes away, for up to `patience` seconds
        each time. It ends when the server says that nothing more will come. Raises NotFound, ServerUnavailable.
        """
        last = after
        away_since: float | None = None
        tries = 0
        while True:
            try:
                for message in self._stream(f"{song_path(song_id)}/events", last):
                    away_since, tries = None, 0
                    if message.seq is not None:
                        if message.seq <= last:
                            continue
                        last = message.seq
                    yield message
            except _NothingFollows:
                return
            except (httpx.TransportError, ResourceUnavailable) as error:
                away_since = away_since or time.monotonic()
                if time.monotonic() - away_since > self.patience:
                    raise self._away(error) from None
            time.sleep(RETRY_PAUSES_S[min(tries, len(RETRY_PAUSES_S) - 1)])
            tries += 1

    def is_live(self) -> bool:
        """Whether the API answers."""
        try:
            return self._http.get("/livez", timeout=2.0).status_code == 200
        except httpx.HTTPError:
            return False

    def _stream(self, path: str, after: int) -> Iterator[LiveMessage]:
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": str(after)} if after else {})
        timeout = httpx.Timeout(10.0, read=STREAM_SILENCE_S)
        with self._http.stream("GET", path, headers=headers, timeout=timeout) as response:
            if response.status_code >= 400:
                response.read()
                raise error_of(response)
            if response.status_code == 204:
                raise _NothingFollows
            for message in read_messages(response.iter_lines()):
                yield live_message(message)

    @contextmanager
    def _reading(self, path: str, **arguments: Any) -> Iterator[httpx.Response]:
        """The answer to a GET, to be read as it arrives. What breaks off while it is read is not tried again."""
        try:
            response = self._call("GET", path, stream=True, **arguments)
            try:
                yield response
            finally:
                response.close()
        except httpx.TransportError as error:
            raise self._away(error) from None

    def _call(self, method: str, path: str, *, stream: bool = False, **arguments: Any) -> httpx.Response:
        """One call, tried again while the API is away; every POST here carries an idempotency key.

        A DELETE that was sent before, and now finds nothing, has done its work: then the answer is that 404.
        """
        deadline = time.monotonic() + self.patience
        tries, sent = 0, False
        while True:
            trouble: Exception
            try:
                request = self._http.build_request(method, path, **arguments)
                response = self._http.send(request, stream=stream, follow_redirects=stream)
                if response.status_code < 400 or (method == "DELETE" and sent and response.status_code == 404):
                    return response
                response.read()
                trouble = error_of(response)
                if not is_passing(response):
                    raise trouble
                # The API's own 503 has done nothing; what another program on the way answers tells nothing.
                sent = sent or response.status_code != 503
            except httpx.TransportError as error:
                trouble = self._away(error)
                sent = sent or not isinstance(error, NOT_SENT)
            if time.monotonic() > deadline:
                raise trouble
            time.sleep(RETRY_PAUSES_S[min(tries, len(RETRY_PAUSES_S) - 1)])
            tries += 1

    def _away(self, error: Exception) -> ServerUnavailable:
        words = str(error) or type(error).__name__
        return ServerUnavailable(f"the API at {self.base_url} cannot be reached ({words}): is it up?")

    def _parse(self, model: type[Model], response: httpx.Response) -> Model:
        try:
            return model.model_validate_json(response.content)
        except ValidationError as error:
            raise ServerUnavailable(
                f"{self.base_url} gave an answer that this version does not understand "
                f"({error.error_count()} fields of {model.__name__}): is another program there?"
            ) from None


def live_message(message: Message) -> LiveMessage:
    """A live message from a message of the stream, whose data is the event or the progress as JSON."""
    if message.event == COMMENT:
        return LiveMessage(seq=None, type="quiet", payload={})
    data = json.loads(message.data)
    if message.id is None:
        return LiveMessage(seq=None, type=message.event, payload=data)
    return LiveMessage(seq=int(message.id), type=data["type"], payload=data["payload"])
