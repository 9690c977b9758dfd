"""Errors as RFC 9457 problem details: one table of kinds, one shape, one handler for each source of trouble."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketState

from domain.commands import CommandResult
from domain.errors import CommandRejected, ResourceUnavailable, SostenutoError
from domain.providing import CALLBACK_PATH

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2
# A WebSocket is closed with 4000 and the status that HTTP has for it, and a reason of at most 123 bytes (RFC 6455).
CLOSE_CODES = 4000
CLOSE_REASON_BYTES = 123

log = structlog.get_logger("sostenuto.api")


class FieldProblem(BaseModel):
    """What is wrong with one value; `pointer` is a JSON pointer into the body, `parameter` names anything else."""

    pointer: str | None = None
    parameter: str | None = None
    detail: str


class Check(BaseModel):
    """One thing that the API needs, and how it is."""

    ok: bool
    detail: str


class Problem(BaseModel):
    """Problem details (RFC 9457): what happened, which value, what to do.

    `code` never changes for a kind of problem; `result` says for a refused command what is allowed now.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "/problems/command_rejected",
                    "title": "The song is not in a state that allows this command",
                    "status": 409,
                    "detail": "composition is still running; allowed now: ideation",
                    "code": "command_rejected",
                    "instance": "/v1/compositions/019ab1/advances",
                }
            ]
        }
    )

    type: str = "about:blank"
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    code: str
    instance: str | None = None
    errors: list[FieldProblem] | None = None
    result: CommandResult | None = None
    checks: dict[str, Check] | None = None


KINDS: Mapping[str, str] = MappingProxyType(
    {
        "invalid_input": "A value that was given cannot be used",
        "invalid_prompt": "The prompt is empty, too long, or no text",
        "unknown_path": "A context path that does not exist",
        "invalid_value": "A context value outside of what its path allows",
        "invalid_command": "A command that is not of the command's shape",
        "invalid_score": "A score that contradicts itself",
        "invalid_audio": "A sound file that cannot be used",
        "invalid_json": "The body is no JSON",
        "conflict": "The song is not in a state that allows this",
        "command_rejected": "The song is not in a state that allows this command",
        "missing_requirement": "A stage lacks what it needs to start",
        "idempotency_key_reused": "The Idempotency-Key was used for another request",
        "idempotency_key_in_flight": "The first request with this Idempotency-Key has not ended yet",
        "not_found": "No such song, stage, revision or file",
        "gone": "What was offered here is used or has expired",
        "unauthorized": "A valid API key is needed",
        "forbidden": "Your role in the song does not allow this",
        "missing_scope": "The key's scopes do not allow this",
        "precondition_failed": "The song has changed since you saw it",
        "too_many_requests": "Too many requests in a short time",
        "limit_reached": "A limit of this installation is reached",
        "wrong_host": "The request names a host that this API does not answer for",
        "cross_site": "A page of another site may not change songs here",
        "method_not_allowed": "The method is not allowed here",
        "body_too_large": "The body is too large",
        "range_not_satisfiable": "The file has no such range",
        "resource_unavailable": "Something that the song needs is away; trying again later can help",
        "media_store_unavailable": "The media store cannot be read or written",
        "database_unavailable": "The database cannot be reached",
        "server_unavailable": "Temporal cannot be reached",
        "not_ready": "The service is not ready",
        "render_error": "Sound or score could not be made",
        "verification_failed": "A finished song misses one of its own checks",
        "internal_error": "Something went wrong that is not your fault",
    }
)

_BY_STATUS: Mapping[int, str] = MappingProxyType(
    {
        400: "invalid_json",
        401: "unauthorized",
        404: "not_found",
        405: "method_not_allowed",
        413: "body_too_large",
        416: "range_not_satisfiable",
        422: "invalid_input",
    }
)


class ApiProblem(Exception):
    """A problem of HTTP itself (access, idempotency, ranges), raised inside a route or dependency."""

    def __init__(self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.headers = status, code, detail, dict(headers or {})


class Refused(CommandRejected):
    """A command that the song refused, with what is allowed now."""

    def __init__(self, result: CommandResult) -> None:
        super().__init__(result.message)
        self.result = result


class Outdated(Refused):
    """A command for a song that has changed since the caller saw it; `tag` is its present entity tag."""

    code = "precondition_failed"
    http_status = 412

    def __init__(self, result: CommandResult, tag: str) -> None:
        super().__init__(result)
        self.tag = tag


class NotReady(ResourceUnavailable):
    """Something that the service needs is away."""

    code = "not_ready"

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self.checks = dict(checks)
        away = "; ".join(f"{name}: {check.detail}" for name, check in checks.items() if not check.ok)
        super().__init__(f"not ready: {away}")


def told_path(path: str) -> str:
    """A path as logs may show it: without the token that a provider's callback or an invitation is known by."""
    if path.startswith("/v1/invitations/"):
        return "/v1/invitations/…" + ("/acceptance" if path.endswith("/acceptance") else "")
    return f"{path.rpartition('/')[0]}/…" if path.startswith(f"{CALLBACK_PATH}/") else path[:200]


def problem(request: HTTPConnection, status: int, code: str, detail: str, **members: Any) -> Problem:
    """Problem details for a request."""
    title = KINDS.get(code) or HTTPStatus(status).phrase
    kind = f"/problems/{code}" if code in KINDS else "about:blank"
    path = request.url.path
    return Problem(type=kind, title=title, status=status, detail=detail, code=code, instance=path[:200], **members)


def problem_response(body: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """Problem details as a response; escaped to ASCII, so that no odd input can break the answer."""
    content = json.dumps(body.model_dump(mode="json", exclude_none=True), ensure_ascii=True)
    return Response(content, status_code=body.status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def install_handlers(app: FastAPI) -> None:
    """Every error of the application leaves as problem details."""
    for source, handler in _HANDLERS:
        app.add_exception_handler(source, _on_either(handler))


def _on_either(handler: Callable[[Any, Exception], Awaitable[Response]]) -> Any:
    """The handler, and for a WebSocket the same in its way: let in, for only then a browser learns why, and closed."""

    async def handle(connection: HTTPConnection, error: Exception) -> Response | None:
        answer = await handler(connection, error)
        if not isinstance(connection, WebSocket):
            return answer
        if connection.application_state is WebSocketState.CONNECTING:
            await connection.accept()
        detail = str(json.loads(bytes(answer.body))["detail"])
        reason = detail.encode()[:CLOSE_REASON_BYTES].decode(errors="ignore")
        await connection.close(CLOSE_CODES + answer.status_code, reason)
        return None

    return handle


async def _domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, SostenutoError)
    members: dict[str, Any] = {}
    if isinstance(error, Refused):
        members["result"] = error.result
    if isinstance(error, NotReady):
        members["checks"] = error.checks
    headers = {"Retry-After": str(RETRY_AFTER_S)} if isinstance(error, ResourceUnavailable) else None
    if isinstance(error, Outdated):
        headers = {"ETag": error.tag}
    if error.http_status >= 500:
        log.warning("request_failed", code=error.code, detail=error.message, path=told_path(request.url.path))
    return problem_response(problem(request, error.http_status, error.code, error.message, **members), headers)


async def _api_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiProblem)
    return problem_response(problem(request, error.status, error.code, error.detail), error.headers)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code < 400:
        return Response(status_code=error.status_code, headers=error.headers)
    code = _BY_STATUS.get(error.status_code, "conflict" if error.status_code == 409 else "invalid_input")
    if error.status_code >= 500:
        code = "internal_error"
    headers = {"Allow": _methods_of(request)} if error.status_code == 405 else error.headers
    detail = _plain_detail(request, error)
    return problem_response(problem(request, error.status_code, code, detail), headers)


def _methods_of(request: Request) -> str:
    """What the path takes by any of its routes: the router itself tells the first one's methods only."""
    methods: set[str] = set()
    for route in iter_route_contexts(request.app.routes):
        pattern = getattr(route, "path_regex", None)
        if route.methods and pattern is not None and pattern.match(request.url.path):
            methods |= set(route.methods)
    return ", ".join(sorted(methods))


def _plain_detail(request: Request, error: HTTPException) -> str:
    match error.status_code:
        case 400:
            return "the body cannot be read as JSON: send one UTF-8 JSON object"
        case 404:
            return f"nothing is at {_shown(request.url.path)}: see /docs for what there is"
        case 405:
            return f"{_shown(request.url.path)} does not take {request.method}: it takes {_methods_of(request)}"
        case _:
            return str(error.detail)


async def _invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError | WebSocketRequestValidationError)
    found = [_field_problem(item) for item in error.errors()]
    if any(item["type"] == "json_invalid" for item in error.errors()):
        return problem_response(problem(request, 400, "invalid_json", f"the body is no JSON: {found[0].detail}"))
    if kind := _not_json(request):
        found = [FieldProblem(detail=f"a body is sent as Content-Type: application/json, not {kind}"), *found]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return problem_response(problem(request, 422, "invalid_input", found[0].detail + more, errors=found[:20]))


def _not_json(request: Request) -> str | None:
    """The content type of a body that was not read, because it does not say that it is JSON."""
    kind = request.headers.get("content-type", "nothing").partition(";")[0].strip()
    empty = request.headers.get("content-length", "0") == "0" and "transfer-encoding" not in request.headers
    return None if empty or kind.endswith(("/json", "+json")) else kind[:60]


def _field_problem(item: Mapping[str, Any]) -> FieldProblem:
    where, *rest = item["loc"] or ("body",)
    inside = [str(part) for part in rest if not str(part).startswith("function-")]
    reason = str(item["msg"]).removeprefix("Value error, ")
    if item["type"] == "json_invalid":
        return FieldProblem(detail=str(item.get("ctx", {}).get("error", reason)))
    name = ".".join(inside) or "the body"
    detail = _words(str(item["type"]), name, item.get("input"), reason)
    if where == "body":
        return FieldProblem(pointer="#" + "".join("/" + _escaped(part) for part in inside), detail=detail)
    return FieldProblem(parameter=f"{where}:{name}", detail=detail)


def _words(kind: str, name: str, value: Any, reason: str) -> str:
    match kind:
        case "missing":
            return f"{name} is missing"
        case "extra_forbidden":
            return f"{name} is no field here: leave it out"
        case _:
            return f"{name} cannot be {_shown(value)}: {reason[:1].lower()}{reason[1:]}"


def _shown(value: object) -> str:
    text = ascii(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")[:80]


class LastResort:
    """What nobody expected leaves as a problem too, and tells the log, not the caller."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; an answer that has begun can only be broken off."""
        started = False

        async def answer(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, answer)
        except Exception as error:
            if scope["type"] != "http" or started:
                raise
            log.error("unexpected_error", path=told_path(scope["path"]), exc_info=error)
            detail = "the request failed inside the service, whose log says why: nothing you sent is wrong; try again"
            await problem_response(problem(Request(scope), 500, "internal_error", detail))(scope, receive, send)


_HANDLERS: Sequence[tuple[type[Exception], Any]] = (
    (SostenutoError, _domain_error),
    (ApiProblem, _api_problem),
    (HTTPException, _http_error),
    (RequestValidationError, _invalid_request),
    (WebSocketRequestValidationError, _invalid_request),
)
