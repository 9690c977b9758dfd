"""What every contract server shares: a real HTTP server in a thread, its records, its faults, its files, its callbacks.

A vendor's server is a subclass that lists `routes()` and `ERRORS`. It is written from the vendor's documentation and
knows nothing of the code it tests. Money is counted where a vendor would count it: when a request is accepted, whether
or not the answer ever arrives.
"""

import asyncio
import contextlib
import fnmatch
import functools
import hashlib
import io
import json
import re
import socket
import threading
import time
import wave
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, ClassVar, Self

import httpx
import numpy as np
import soundfile
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from uvicorn.protocols.http.h11_impl import H11Protocol

HTML = "<!doctype html><html><head><title>{status}</title></head><body><h1>{status}</h1><p>cloud edge</p></body></html>"
HUGE = 2 * 1024**3
CHUNK = 64 * 1024
READY_SECONDS = 10.0
CALLBACK_TIMEOUT = 15.0
PORT = re.compile(rb"(127\.0\.0\.1|localhost)(:|%3A)\d+", re.IGNORECASE)
LOCAL = ("http://127.0.0.1", "http://localhost")


# ---------------------------------------------------------------------------------------------------------------- sound


def tone(seconds: float, rate: int = 44100, hertz: float = 220.0, channels: int = 1) -> bytes:
    """A WAV file (16 bit) of `seconds`: a note twice a second with its octave and fifth, never silent for long."""
    return _wav(_tone_samples(seconds, rate, hertz), rate, channels)


def silence(seconds: float, rate: int = 44100, channels: int = 1) -> bytes:
    """A WAV file (16 bit) of `seconds` of digital silence."""
    return _wav(np.zeros(round(seconds * rate), dtype=np.float64), rate, channels)


@functools.lru_cache(maxsize=256)
def sound_file(kind: str, seconds: float, hertz: float = 220.0, silent: bool = False, rate: int = 44100) -> bytes:
    """The same sound as a file of `kind`: wav, flac, mp3 or ogg. Kept, since servers hand out the same few often."""
    if kind == "wav":
        return silence(seconds, rate) if silent else tone(seconds, rate, hertz)
    samples = np.zeros(round(seconds * rate)) if silent else _tone_samples(seconds, rate, hertz)
    out = io.BytesIO()
    soundfile.write(out, samples, rate, format={"mp3": "MP3", "flac": "FLAC", "ogg": "OGG"}[kind])
    return out.getvalue()


def _tone_samples(seconds: float, rate: int, hertz: float) -> np.ndarray:
    at = np.arange(round(seconds * rate)) / rate
    beat = np.exp(-3.0 * (at % 0.5))
    chord = sum(np.sin(2 * np.pi * hertz * ratio * at) / ratio for ratio in (1.0, 1.5, 2.0))
    return 0.3 * beat * chord


def _wav(samples: np.ndarray, rate: int, channels: int) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.repeat((samples * 32767).astype("<i2"), channels).tobytes())
    return out.getvalue()


# -------------------------------------------------------------------------------------------------------------- records


@dataclass(frozen=True)
class Seen:
    """One request as it arrived. `body` is parsed JSON, or the raw bytes of anything else; header names in lower case.
    `fault` is the kind of fault it met, empty when it was answered as the contract says."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    fault: str = ""


@dataclass(frozen=True)
class Charge:
    """What the vendor will bill: `identity` is something of the request that a test recognises (title, prompt, id)."""

    operation: str
    usd: Decimal
    identity: str
    refunded: bool = False


@dataclass(frozen=True)
class Sent:
    """One callback the server posted; `status` is None when nobody listened."""

    url: str
    stage: str
    body: dict[str, Any]
    headers: dict[str, str]
    status: int | None


@dataclass(frozen=True)
class Answer:
    """An HTTP answer as data. A dict or list becomes JSON, text becomes HTML, bytes stay what they are."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        headers = dict(self.headers)
        if isinstance(self.body, bytes):
            return Response(self.body, self.status, headers)
        if isinstance(self.body, str):
            return Response(self.body, self.status, headers, media_type="text/html")
        if self.body is None:
            return Response(b"", self.status, headers)
        return JSONResponse(self.body, self.status, headers)


class Refused(Exception):
    """Raised inside a handler to answer with a vendor's error; nothing is charged."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request. Made by the class methods; `status` answers without accepting anything."""

    kind: str
    answer: Answer | None = None
    seconds: float = 0.0
    claimed: bool = False

    @classmethod
    def status(cls, answer: Answer) -> Self:
        """The vendor says no; the request was not accepted."""
        return cls("status", answer)

    @classmethod
    def slow(cls, seconds: float) -> Self:
        """Accepted (and charged) at once, answered `seconds` later."""
        return cls("slow", seconds=seconds)

    @classmethod
    def cut_before(cls) -> Self:
        """The connection breaks; nothing was accepted."""
        return cls("cut_before")

    @classmethod
    def lost(cls) -> Self:
        """Accepted and charged, then the connection breaks without an answer."""
        return cls("lost")

    @classmethod
    def half(cls) -> Self:
        """Accepted; the answer says its full length, carries half of it and breaks off."""
        return cls("half")

    @classmethod
    def html(cls, status: int = 502) -> Self:
        """A web page instead of the answer; nothing was accepted."""
        return cls("html", Answer(status, HTML.format(status=status)))

    @classmethod
    def huge(cls, claimed: bool = False) -> Self:
        """An answer without end; with `claimed` it says 2 GB in its content-length. Nothing was accepted."""
        return cls("huge", claimed=claimed)


# What befalls a file in the random mode: storage knows nothing of the vendor's API errors.
FILE_FAULTS = (Fault.html(502), Fault.html(503), Fault.cut_before(), Fault.half())


@dataclass
class _Planned:
    fault: Fault
    times: int
    path: str | None
    method: str | None

    def meets(self, method: str, path: str) -> bool:
        return (self.path is None or fnmatch.fnmatchcase(path, self.path)) and self.method in (None, method)


@dataclass(frozen=True)
class _Odds:
    seed: int
    share: float
    lost: float
    faults: tuple[Fault, ...]
    path: str | None
    chosen: bool


# ----------------------------------------------------------------------------------------------------------- validation


@dataclass(frozen=True)
class Field:
    """What a vendor says of one field. `most` counts characters or items; `low` and `high` include themselves."""

    kind: type | tuple[type, ...] = str
    required: bool = False
    most: int | None = None
    least: int | None = None
    low: float | None = None
    high: float | None = None
    among: tuple[Any, ...] | None = None

    def complaint(self, name: str, value: Any) -> str | None:
        kinds = self.kind if isinstance(self.kind, tuple) else (self.kind,)
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            return f"{name} has the wrong type"
        checks = (
            (self.among is not None and value not in (self.among or ()), "is not one of the allowed values"),
            (self.most is not None and len_or_zero(value) > (self.most or 0), f"is longer than {self.most}"),
            (self.least is not None and len_or_zero(value) < (self.least or 0), f"is shorter than {self.least}"),
            (self.low is not None and value < self.low, f"is below {self.low}"),
            (self.high is not None and value > self.high, f"is above {self.high}"),
        )
        return next((f"{name} {says}" for wrong, says in checks if wrong), None)


NUMBER = (int, float)


def len_or_zero(value: Any) -> int:
    return len(value) if hasattr(value, "__len__") else 0


def complaint(body: Any, fields: Mapping[str, Field]) -> str | None:
    """The first thing wrong with a JSON object: not an object, unknown, missing, or out of its limits. Else None."""
    if not isinstance(body, dict):
        return "the body must be a JSON object"
    unknown = sorted(set(body) - set(fields))
    if unknown:
        return f"unknown field {unknown[0]}"
    missing = [name for name, rule in fields.items() if rule.required and body.get(name) in (None, "")]
    if missing:
        return f"{missing[0]} is required"
    found = (fields[name].complaint(name, value) for name, value in body.items() if value is not None)
    return next((says for says in found if says), None)


@dataclass(frozen=True)
class Part:
    """One part of a multipart/form-data body; `filename` is None for a plain field."""

    name: str
    filename: str | None
    content_type: str | None
    data: bytes

    @property
    def text(self) -> str:
        return self.data.decode()


def multipart(content_type: str, body: bytes) -> list[Part]:
    """The parts of a multipart/form-data body in their order. Raises ValueError when it is not one."""
    if not content_type.startswith("multipart/form-data") or "boundary=" not in content_type:
        raise ValueError("not multipart/form-data")
    boundary = b"--" + content_type.split("boundary=", 1)[1].split(";")[0].strip('" ').encode()
    pieces = body.split(boundary)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise ValueError("the multipart body does not end")
    return [_part(piece) for piece in pieces[1:-1]]


def _part(piece: bytes) -> Part:
    head, _, data = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in head.decode().split("\r\n"))
    }
    said = {
        key.strip(): value.strip('" ')
        for key, _, value in (item.partition("=") for item in headers.get("content-disposition", "").split(";")[1:])
    }
    return Part(said.get("name", ""), said.get("filename"), headers.get("content-type"), data.removesuffix(b"\r\n"))


# ----------------------------------------------------------------------------------------------------------------- jobs


@dataclass(frozen=True)
class Pace:
    """How long a job takes: that many polls that do not see it finished, or that many seconds."""

    polls: int = 2
    seconds: float | None = None


@dataclass
class Job:
    """Accepted work. `states` is the way it goes, first to last; `result` is what a vendor's server keeps of it."""

    id: str
    operation: str
    body: dict[str, Any]
    states: tuple[str, ...]
    started: float = field(default_factory=time.monotonic)
    polls: int = 0
    reached: int = 0
    result: Any = None
    charge: int | None = None

    @property
    def state(self) -> str:
        return self.states[self.reached]

    @property
    def finished(self) -> bool:
        return self.reached == len(self.states) - 1

    def advance(self, pace: Pace) -> str:
        """What a poll sees. A job only goes forward, however it is asked."""
        last = len(self.states) - 1
        if pace.seconds is None:
            done = last if self.polls >= pace.polls else self.polls * last // max(pace.polls, 1)
        else:
            done = min(last, int((time.monotonic() - self.started) * last / max(pace.seconds, 1e-9)))
        self.polls += 1
        self.reached = max(self.reached, done)
        return self.state


# --------------------------------------------------------------------------------------------------------------- server


class _Protocol(H11Protocol):
    """Puts the transport into the scope, so that a fault can break the connection."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        app = self.app

        async def with_transport(scope: Any, receive: Any, send: Any) -> None:
            scope.setdefault("extensions", {})["transport"] = transport
            await app(scope, receive, send)

        self.app = with_transport


class _Quick(uvicorn.Server):
    """Stops within a few milliseconds instead of at the next tenth of a second: hundreds of tests start one each."""

    async def main_loop(self) -> None:
        counter = 0
        while not await self.on_tick(counter % 864000):
            counter += 1
            await asyncio.sleep(0.02)


class ContractServer:
    """One vendor on 127.0.0.1. Use as a context manager, or `start()` and `stop()`; `url` is its base address.

    A subclass gives `ERRORS` (name -> the vendor's documented error), `routes()`, and overrides `callback_of` where the
    vendor calls back. Its handlers are `async def name(self, request) -> Answer | Response` and may raise `Refused`.
    """

    KEY: ClassVar[str] = "test-key"
    ERRORS: ClassVar[dict[str, Answer]] = {}
    # The errors the random mode draws from: those that a later try may not meet again.
    PASSING: ClassVar[tuple[str, ...]] = ("rate_limited", "overloaded", "upstream")
    CALLBACK_MODES: ClassVar[tuple[str, ...]] = ("once", "twice", "out_of_order", "forged", "never")

    def __init__(self, key: str | None = None) -> None:
        self.key = self.KEY if key is None else key
        self.pace = Pace()
        self.callback_mode = "once"
        self.callback_gap = 0.02
        self.balance: Decimal | None = None
        self.rate_limit: tuple[int, float] | None = None
        self.audio_seconds: float | None = None
        self.silent_audio = False
        self.lock = threading.RLock()
        self.jobs: dict[str, Job] = {}
        self._requests: list[Seen] = []
        self._charges: list[Charge] = []
        self._accepted: list[Any] = []
        self._sent: list[Sent] = []
        self._planned: list[_Planned] = []
        self._odds: _Odds | None = None
        self._counts: dict[str, int] = {}
        self._times: list[float] = []
        self._endings: list[str] = []
        self._files: dict[str, tuple[str, Any]] = {}
        self._expired: int | None = None
        self._stopping = threading.Event()
        self._posters: list[threading.Thread] = []
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._socket: socket.socket | None = None

    # -- life ----------------------------------------------------------------------------------------------------------

    def start(self) -> Self:
        # The protocol is named because asyncio turns off Nagle's delay (40 ms an answer) only for sockets that name it.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(256)
        app = Starlette(routes=[*self.routes(), Route("/files/{name:path}", self._file, methods=["GET", "HEAD"])])
        app.add_exception_handler(Refused, _refusal)
        for status in (404, 405):
            app.add_exception_handler(status, self._unknown)
        config = uvicorn.Config(
            _Gate(self, app),
            http=_Protocol,
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=65,
        )
        self._server = _Quick(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name=type(self).__name__, daemon=True
        )
        self._thread.start()
        until = time.monotonic() + READY_SECONDS
        while not self._server.started:
            if time.monotonic() > until or not self._thread.is_alive():
                raise RuntimeError("the contract server did not start")
            time.sleep(0.005)
        return self

    def stop(self) -> None:
        self._stopping.set()
        if self._server is not None:
            self._server.should_exit = True
            self._server.force_exit = True
        if self._thread is not None:
            self._thread.join(READY_SECONDS)
        for poster in self._posters:
            poster.join(READY_SECONDS)
        if self._socket is not None:
            self._socket.close()

    def afresh(self) -> Self:
        """As it was made, with nothing recorded or planned, and still at its address: for tests that share a server."""
        self._stopping.set()
        for poster in self._posters:
            poster.join(READY_SECONDS)
        running = self._server, self._thread, self._socket
        type(self).__init__(self, self.key)
        self._server, self._thread, self._socket = running
        return self

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        if self._socket is None:
            raise RuntimeError("start the server first")
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    # -- records -------------------------------------------------------------------------------------------------------

    @property
    def requests(self) -> list[Seen]:
        with self.lock:
            return list(self._requests)

    @property
    def charges(self) -> list[Charge]:
        with self.lock:
            return list(self._charges)

    @property
    def accepted(self) -> list[Any]:
        with self.lock:
            return list(self._accepted)

    @property
    def callbacks(self) -> list[Sent]:
        with self.lock:
            return list(self._sent)

    @property
    def spent(self) -> Decimal:
        """What the vendor will bill in US dollars, refunds taken off."""
        return sum((charge.usd for charge in self.charges if not charge.refunded), Decimal(0))

    # -- what a test may arrange ---------------------------------------------------------------------------------------

    def error(self, name: str) -> Fault:
        """The vendor's documented error of that name, as a fault."""
        return Fault.status(self.ERRORS[name])

    def fail_next(self, fault: Fault | str, times: int = 1, path: str | None = None, method: str | None = None) -> None:
        """The next `times` requests to `path` (a glob; any when None) meet `fault`, or the error of that name."""
        made = self.error(fault) if isinstance(fault, str) else fault
        with self.lock:
            self._planned.append(_Planned(made, times, path, method))

    def fail_randomly(
        self,
        seed: int,
        share: float = 0.2,
        lost: float = 0.05,
        faults: Sequence[Fault | str] | None = None,
        path: str | None = None,
    ) -> None:
        """From now on `share` of the requests fail and `lost` more of them lose their answer after acceptance.

        Drawn from the seed, the request and how often the same one came before: not from the order of arrival. Without
        `faults` these are the errors of `PASSING`, cut connections and web pages; for files, also halves.
        """
        chosen = faults if faults is not None else (*self.PASSING, Fault.cut_before(), Fault.html(502))
        made: tuple[Fault, ...] = tuple(self.error(one) if isinstance(one, str) else one for one in chosen)
        with self.lock:
            self._odds = _Odds(seed, share, lost, made, path, faults is not None)

    def behave(self) -> None:
        """No more faults: planned and random ones are forgotten."""
        with self.lock:
            self._planned.clear()
            self._odds = None

    def end_next_with(self, ending: str, times: int = 1) -> None:
        """The next accepted job ends in that way (a name the vendor's module documents) instead of success."""
        with self.lock:
            self._endings += [ending] * times

    def expire_results(self, status: int = 404) -> None:
        """Every file handed out so far and later is gone (404 or 410)."""
        self._expired = status

    def calls_back(self, mode: str) -> None:
        """once, twice, out_of_order, forged (a false one, before the work is done, and no true one) or never."""
        if mode not in self.CALLBACK_MODES:
            raise ValueError(mode)
        self.callback_mode = mode

    # -- for subclasses ------------------------------------------------------------------------------------------------

    def routes(self) -> Sequence[BaseRoute]:
        raise NotImplementedError

    def callback_of(self, job: Job, stage: str, forged: bool) -> tuple[dict[str, Any], dict[str, str]]:
        """The vendor's callback for a stage of a job: JSON body and headers."""
        raise NotImplementedError

    def not_found(self, request: Request) -> Answer:
        """What the vendor answers where it has no route."""
        return self.ERRORS.get("not_found", Answer(404, {"detail": "Not Found"}))

    def refuse(self, name: str, **changes: Any) -> Refused:
        """`raise self.refuse("invalid_request", msg="...")`: the named error with some keys of its body replaced."""
        answer = self.ERRORS[name]
        if changes and isinstance(answer.body, dict):
            answer = replace(answer, body={**answer.body, **changes})
        return Refused(answer)

    def bearer(self, request: Request) -> bool:
        """Whether the request carries `Authorization: Bearer <key>`."""
        return request.headers.get("authorization") == f"Bearer {self.key}"

    async def json_of(self, request: Request) -> Any:
        """The JSON of a request; None when it is not JSON or does not say so."""
        if "json" not in request.headers.get("content-type", ""):
            return None
        try:
            return json.loads(await request.body())
        except ValueError:
            return None

    def pay(self, operation: str, credits: Decimal, usd: Decimal, identity: str) -> int:
        """Charges and takes the credits off the balance; the caller has checked `affords`."""
        with self.lock:
            if self.balance is not None:
                self.balance -= credits
            return self.charge(operation, usd, identity)

    def affords(self, credits: Decimal) -> bool:
        return self.balance is None or self.balance >= credits

    def accept(self, body: Any) -> None:
        with self.lock:
            self._accepted.append(body)

    def charge(self, operation: str, usd: Decimal | str, identity: str) -> int:
        """Counts a charge and returns its place in `charges`."""
        with self.lock:
            self._charges.append(Charge(operation, Decimal(usd), identity))
            return len(self._charges) - 1

    def refund(self, place: int) -> None:
        with self.lock:
            self._charges[place] = replace(self._charges[place], refunded=True)

    def next_ending(self) -> str | None:
        with self.lock:
            return self._endings.pop(0) if self._endings else None

    def new_id(self, prefix: str, body: Any) -> str:
        """An id that depends on the request and on how often it came, so that runs repeat."""
        plain = PORT.sub(b"here", json.dumps(body, sort_keys=True, default=str).encode()).decode()
        return prefix + self._digest("id", prefix, plain)[:20]

    def offer(self, name: str, kind: str, seconds: float, hertz: float = 220.0) -> str:
        """Puts a sound under /files/ and returns its address. It is made when it is asked for."""
        seconds = self.audio_seconds if self.audio_seconds is not None else seconds
        return self.offer_bytes(name, kind, lambda: sound_file(kind, seconds, hertz, self.silent_audio))

    def offer_bytes(self, name: str, kind: str, content: Any) -> str:
        with self.lock:
            self._files[name] = (kind, content)
        return f"{self.url}/files/{name}"

    def has_file(self, url: str) -> bool:
        """Whether the address is one this server handed out."""
        return url.startswith(f"{self.url}/files/") and url.removeprefix(f"{self.url}/files/") in self._files

    def too_fast(self) -> bool:
        """Whether this request is more than `rate_limit` (requests, seconds) allows; it counts as one."""
        if self.rate_limit is None:
            return False
        most, window = self.rate_limit
        now = time.monotonic()
        with self.lock:
            self._times = [at for at in self._times if now - at < window]
            self._times.append(now)
            return len(self._times) > most

    def call_back(self, url: str | None, job: Job, stages: Sequence[tuple[str, int]]) -> None:
        """Posts the callbacks of a job from a thread: (name of the stage, state of the job by then), in order.

        Only addresses on this machine are called, so that a test never leaves it.
        """
        if not url or self.callback_mode == "never" or not url.startswith(LOCAL):
            return
        poster = threading.Thread(target=self._post_all, args=(url, job, tuple(stages)), daemon=True)
        self._posters.append(poster)
        poster.start()

    def _post_all(self, url: str, job: Job, stages: tuple[tuple[str, int], ...]) -> None:
        mode = self.callback_mode
        if mode == "forged":
            stages = stages[-1:]
        if mode == "out_of_order":
            stages = stages[::-1]
        wait = self.callback_gap if self.pace.seconds is None else self.pace.seconds / max(len(stages), 1)
        for stage, reached in stages:
            if self._stopping.wait(wait):
                return
            if mode != "forged":
                with self.lock:
                    job.reached = max(job.reached, reached)
            for _ in range(2 if mode == "twice" else 1):
                self._post(url, job, stage, mode == "forged")

    def _post(self, url: str, job: Job, stage: str, forged: bool) -> None:
        body, headers = self.callback_of(job, stage, forged)
        status = None
        with contextlib.suppress(httpx.HTTPError):
            status = httpx.post(url, json=body, headers=headers, timeout=CALLBACK_TIMEOUT).status_code
        with self.lock:
            self._sent.append(Sent(url, stage, body, headers, status))

    # -- inside --------------------------------------------------------------------------------------------------------

    async def _file(self, request: Request) -> Response:
        return await self.serve(request.path_params["name"])

    async def serve(self, name: str) -> Response:
        """A file by its name, or the answer for one that is gone or never was."""
        if self._expired is not None:
            return Answer(self._expired, HTML.format(status=self._expired)).response()
        with self.lock:
            found = self._files.get(name)
        if found is None:
            return Answer(404, HTML.format(status=404)).response()
        kind, content = found
        data = await asyncio.to_thread(content) if callable(content) else content
        return Response(data, media_type=MEDIA_TYPES.get(kind, "application/octet-stream"))

    async def _unknown(self, request: Request, _: Exception) -> Response:
        return self.not_found(request).response()

    def _digest(self, *parts: Any) -> str:
        key = "\x1f".join(str(part) for part in parts)
        with self.lock:
            self._counts[key] = self._counts.get(key, 0) + 1
            return hashlib.sha256(f"{key}\x1f{self._counts[key]}".encode()).hexdigest()

    def _draw(self, method: str, path: str, body: bytes) -> Fault | None:
        odds = self._odds
        if odds is None or (odds.path is not None and not fnmatch.fnmatchcase(path, odds.path)):
            return None
        digest = self._digest("odds", odds.seed, method, path, hashlib.sha256(body).hexdigest())
        chance = int(digest[:12], 16) / 16**12
        if chance < odds.lost:
            return Fault.lost()
        if chance < odds.lost + odds.share:
            faults = FILE_FAULTS if path.startswith("/files/") and not odds.chosen else odds.faults
            return faults[int(digest[12:20], 16) % len(faults)]
        return None

    def _meets(self, method: str, path: str, body: bytes) -> Fault | None:
        with self.lock:
            for planned in self._planned:
                if planned.meets(method, path):
                    planned.times -= 1
                    if planned.times <= 0:
                        self._planned.remove(planned)
                    return planned.fault
            return self._draw(method, path, body)

    def _record(self, request: Request, body: bytes, fault: Fault | None) -> None:
        parsed: Any = body
        if "json" in request.headers.get("content-type", ""):
            with contextlib.suppress(ValueError):
                parsed = json.loads(body)
        seen = Seen(
            request.method,
            request.url.path,
            dict(request.query_params),
            {name.lower(): value for name, value in request.headers.items()},
            parsed,
            fault.kind if fault else "",
        )
        with self.lock:
            self._requests.append(seen)


MEDIA_TYPES = {
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "zip": "application/zip",
    "json": "application/json",
}


async def _refusal(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, Refused)
    return problem.answer.response()


class _Gate:
    """Stands before the vendor's routes: reads and records each request and lets its fault happen."""

    def __init__(self, server: ContractServer, app: Any) -> None:
        self.server = server
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        transport = scope["extensions"]["transport"]
        body = await _read(receive)
        request = Request(scope)
        fault = self.server._meets(request.method, request.url.path, _plain(request, body))
        self.server._record(request, body, fault)
        again = _replay(body, receive)
        kind = fault.kind if fault else "none"
        if fault is None:
            await self.app(scope, again, send)
        elif kind in ("status", "html") and fault.answer is not None:
            await fault.answer.response()(scope, again, send)
        elif kind == "cut_before":
            transport.abort()
        elif kind == "huge":
            await _endless(scope["path"], fault.claimed, send, transport)
        else:
            await self._after(fault, await _collect(self.app, scope, again), send, transport)

        if transport.is_closing():
            await _gone(receive)

    async def _after(self, fault: Fault, messages: list[dict[str, Any]], send: Any, transport: Any) -> None:
        """Faults of the answer: the request has been handled by now."""
        if fault.kind == "lost":
            transport.abort()
        elif fault.kind == "half":
            await _half(messages, send, transport)
        else:
            await asyncio.sleep(fault.seconds)
            for message in messages:
                await send(message)


def _plain(request: Request, body: bytes) -> bytes:
    """Query and body without what differs from run to run (multipart boundary, ports): the odds must repeat."""
    _, found, boundary = request.headers.get("content-type", "").partition("boundary=")
    if found and boundary:
        body = body.replace(boundary.split(";")[0].strip('" ').encode(), b"")
    return PORT.sub(b"here", request.url.query.encode() + b"\n" + body)


async def _gone(receive: Any) -> None:
    """Waits until the connection is seen as lost, so that the server does not report an unanswered request."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1.0):
            while (await receive())["type"] != "http.disconnect":
                pass


async def _read(receive: Any) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes, receive: Any) -> Any:
    given = False

    async def again() -> Any:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def _collect(app: Any, scope: Any, receive: Any) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []

    async def keep(message: dict[str, Any]) -> None:
        messages.append(message)

    await app(scope, receive, keep)
    return messages


async def _half(messages: list[dict[str, Any]], send: Any, transport: Any) -> None:
    """Says the whole length (or more, when it has none) and breaks off in the middle."""
    whole = b"".join(message.get("body", b"") for message in messages)
    start = messages[0]
    headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
    length = max(len(whole), 2)
    await send({**start, "headers": [*headers, (b"content-length", str(length).encode())]})
    await send({"type": "http.response.body", "body": whole[: length // 2], "more_body": True})
    transport.close()


async def _endless(path: str, claimed: bool, send: Any, transport: Any) -> None:
    kind = b"audio/mpeg" if path.startswith("/files/") else b"application/json"
    headers = [(b"content-type", kind)]
    if claimed:
        headers.append((b"content-length", str(HUGE).encode()))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for chunk in _chunks(HUGE):
        if transport.is_closing():
            return
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await asyncio.sleep(0)
    transport.close()


def _chunks(total: int) -> Iterator[bytes]:
    block = b" " * CHUNK
    for _ in range(total // CHUNK):
        yield block
