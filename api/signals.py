"""How systems outside steer one song: ready commands with its own ids, that fit the state it is in."""

import json
import shlex
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.services import EditableSong, ServicesDep, SongAccessDep
from api.temporal import connection
from api.views import stage_summaries
from domain.commands import CommandKind
from domain.song_input import QUEUE, WORKFLOW, workflow_id
from domain.stages import ORDER, SongStatus, Stage, position
from storage.records import Composition

router = APIRouter(prefix="/v1/compositions/{id}", tags=["signals"])
KEY = "SOSTENUTO_API_KEY"

_ABOUT: Mapping[CommandKind, tuple[str, str]] = MappingProxyType(
    {
        CommandKind.ADVANCE: ("advances", "go on to the next stage"),
        CommandKind.REVISE: ("revisions", "change the song in words, or by `changes` of its context"),
        CommandKind.HOLD: ("holds", "let the step under way end, and start no other"),
        CommandKind.RESUME: ("resumptions", "go on after a hold"),
        CommandKind.RETRY: ("retries", "try the blocked stage again"),
        CommandKind.CANCEL: ("cancellations", "end the song; everything made so far is kept"),
        CommandKind.REVERT: ("reversions", "go back to an earlier result of a stage"),
        CommandKind.CHOOSE_TAKE: ("takes/{take}/choice", "go on with another take of a stage"),
        CommandKind.ACCEPT_ENHANCEMENT: ("enhancements/latest/acceptance", "say that the enhanced prompt is right"),
        CommandKind.REJECT_ENHANCEMENT: ("enhancements/latest/rejection", "take the original prompt again"),
        CommandKind.SET_REVIEW: ("review-settings", "say after which stages the song waits for a decision"),
    }
)


class ReadyCommand(BaseModel):
    """One command that the song allows now, the same by every door: it is applied once, through whichever it comes."""

    kind: CommandKind
    about: str
    body: dict[str, Any] = Field(description="What a signal or update takes.")
    curl: str
    httpx: str = Field(description="Python, over REST.")
    temporalio: str = Field(description="Python, by a signal.")
    signal: str = Field(description="Temporal's command line: sent without an answer.")
    update: str = Field(description="Temporal's command line: answered with what became of it.")


class SignalsDocument(BaseModel):
    """Where a song's workflow is, and ready commands that fit its state; after `sequence` has grown, ask again."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "composition_id": "019ab1",
                    "workflow_id": "song-019ab1",
                    "workflow_type": "CompositionWorkflow",
                    "namespace": "default",
                    "task_queue": "sostenuto",
                    "address": "127.0.0.1:7233",
                    "status": "waiting",
                    "current_stage": "ideation",
                    "sequence": 4,
                    "allowed_commands": ["advance"],
                    "allowed_targets": ["composition"],
                    "snapshot": "temporal workflow query --workflow-id song-019ab1 --type snapshot",
                    "commands": [
                        {
                            "kind": "advance",
                            "about": "go on to the next stage",
                            "body": {"command_id": "advance-4", "expected_stage": "ideation"},
                            "curl": "curl -sS http://127.0.0.1:8000/v1/compositions/019ab1/advances …",
                            "httpx": "import httpx …",
                            "temporalio": "import asyncio …",
                            "signal": "temporal workflow signal --workflow-id song-019ab1 --name advance …",
                            "update": "temporal workflow update execute --workflow-id song-019ab1 --name advance …",
                        }
                    ],
                }
            ]
        }
    )

    composition_id: str
    workflow_id: str
    workflow_type: str
    namespace: str
    task_queue: str
    address: str
    status: SongStatus
    current_stage: Stage
    sequence: int
    allowed_commands: list[CommandKind]
    allowed_targets: list[Stage]
    snapshot: str = Field(description="Temporal's command line: what the song itself says.")
    commands: list[ReadyCommand]


@router.get(
    "/signals",
    response_model=SignalsDocument,
    responses={200: {"description": "The document.", "content": {"text/markdown": {"schema": {"type": "string"}}}}},
)
async def get_signals(
    song: EditableSong,
    access: SongAccessDep,
    services: ServicesDep,
    request: Request,
    format: Annotated[
        Literal["json", "markdown"], Query(description="JSON for systems, Markdown for people.")
    ] = "json",
) -> SignalsDocument | Response:
    """Ready commands that steer this very song by REST, signal and update, in its present state."""
    reach = connection(services.settings)
    keyless = access.caller is not None and access.caller.via == "local"
    door = _Door(
        address=str(reach["target_host"]),
        namespace=str(reach["namespace"]),
        workflow=workflow_id(song.id),
        api=f"{str(request.base_url).rstrip('/')}/v1/compositions/{song.id}",
        keyless=keyless,
    )
    document = SignalsDocument(
        composition_id=song.id,
        workflow_id=door.workflow,
        workflow_type=WORKFLOW,
        namespace=door.namespace,
        task_queue=QUEUE,
        address=door.address,
        status=song.status,
        current_stage=song.stage,
        sequence=song.last_seq,
        allowed_commands=[CommandKind(kind) for kind in song.allowed_commands],
        allowed_targets=[Stage(stage) for stage in song.allowed_targets],
        snapshot=door.temporal("query", "--type", "snapshot"),
        commands=[_ready(door, song, kind) for kind in map(CommandKind, song.allowed_commands) if kind in _ABOUT],
    )
    if format == "json":
        return document
    return Response(as_markdown(document), media_type="text/markdown; charset=utf-8")


class _Door(BaseModel):
    """Where the song can be reached."""

    address: str
    namespace: str
    workflow: str
    api: str
    keyless: bool

    def temporal(self, verb: str, *more: str) -> str:
        """A line for Temporal's command line."""
        where = ["--address", self.address, "--namespace", self.namespace, "--workflow-id", self.workflow]
        return shlex.join(["temporal", "workflow", *verb.split(), *where, *more])

    def curl(self, path: str, key: str, body: Mapping[str, Any]) -> str:
        """A line for the shell; the API's key is left to a variable."""
        words = ["curl", "-sS", "-X", "POST", f"{self.api}/{path}", "-H", "Content-Type: application/json"]
        line = shlex.join([*words, "-H", f"Idempotency-Key: {key}", "-d", json.dumps(body)])
        return line if self.keyless else f'{line} -H "Authorization: Bearer ${KEY}"'

    def httpx(self, path: str, key: str, body: Mapping[str, Any]) -> str:
        """A Python program over REST."""
        headers = [f'"Idempotency-Key": {key!r}']
        if not self.keyless:
            headers.append(f'"Authorization": f"Bearer {{os.environ[\'{KEY}\']}}"')
        return (
            "import os\n\nimport httpx\n\n"
            f"answer = httpx.post(\n    {f'{self.api}/{path}'!r},\n    json={dict(body)!r},\n"
            f"    headers={{{', '.join(headers)}}},\n)\nprint(answer.status_code, answer.json())\n"
        )

    def temporalio(self, name: str, body: Mapping[str, Any]) -> str:
        """A Python program that sends a signal."""
        return (
            "import asyncio\n\nfrom temporalio.client import Client\n\n\nasync def main() -> None:\n"
            f"    client = await Client.connect({self.address!r}, namespace={self.namespace!r})\n"
            f"    song = client.get_workflow_handle({self.workflow!r})\n"
            f"    await song.signal({name!r}, {dict(body)!r})\n\n\nasyncio.run(main())\n"
        )


def _ready(door: _Door, song: Composition, kind: CommandKind) -> ReadyCommand:
    path, about = _ABOUT[kind]
    arguments = {**_arguments(song, kind), "expected_stage": song.stage.value}
    key = f"{kind.value}-{song.last_seq}"
    body = {"command_id": key, **arguments}
    over_rest = {name: value for name, value in arguments.items() if name != "take"}
    path = path.format(take=arguments.get("take"))
    sent = ("--name", kind.value, "--input", json.dumps(body))
    return ReadyCommand(
        kind=kind,
        about=about,
        body=body,
        curl=door.curl(path, key, over_rest),
        httpx=door.httpx(path, key, over_rest),
        temporalio=door.temporalio(kind.value, body),
        signal=door.temporal("signal", *sent),
        update=door.temporal("update execute", *sent),
    )


def _arguments(song: Composition, kind: CommandKind) -> dict[str, Any]:
    """Arguments that the song takes in its present state."""
    entries = stage_summaries(song)
    match kind:
        case CommandKind.ADVANCE:
            ahead = [s for s in song.allowed_targets if position(Stage(s)) > position(song.stage)]
            return {"target": str(Stage(ahead[0]))} if ahead else {}
        case CommandKind.REVISE:
            return {"instruction": "a bit slower"}
        case CommandKind.REVERT:
            done = [stage for stage in reversed(ORDER) if entries[stage].revision > 1] or [song.stage]
            return {"stage": done[0].value, "revision": max(1, entries[done[0]].revision - 1)}
        case CommandKind.CHOOSE_TAKE:
            several = [stage for stage in reversed(ORDER) if entries[stage].takes > 1] or [song.stage]
            entry = entries[several[0]]
            return {"stage": several[0].value, "take": entry.take % max(entry.takes, 1) + 1}
        case CommandKind.SET_REVIEW:
            return {"review": "none"}
        case _:
            return {}


def as_markdown(document: SignalsDocument) -> str:
    """The document for people."""
    facts = {
        "workflow": f"`{document.workflow_id}` ({document.workflow_type})",
        "namespace": f"`{document.namespace}`",
        "task queue": f"`{document.task_queue}`",
        "address": f"`{document.address}`",
        "now": f"{document.status} at {document.current_stage}, event {document.sequence}",
    }
    lines = [f"# Steering song {document.composition_id}", "", *(f"- {name}: {value}" for name, value in facts.items())]
    lines += ["", "What the song itself says:", "", "```bash", document.snapshot, "```"]
    for command in document.commands:
        lines += ["", f"## {command.kind}", "", f"{command.about[:1].upper()}{command.about[1:]}.", ""]
        lines += ["```bash", command.curl, command.signal, command.update, "```", ""]
        lines += ["```python", command.httpx.rstrip(), "```", "", "```python", command.temporalio.rstrip(), "```"]
    return "\n".join(lines) + "\n"
