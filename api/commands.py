"""Commands over REST: one sub-resource for each kind, all through one door to the song's workflow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from api.callers import Caller
from api.idempotency import Answer, Key, once
from api.interpreting import understood
from api.models import (
    MAX_NUMBER,
    AdvanceBody,
    ChoiceBody,
    CommandAnswer,
    PlainBody,
    RevertBody,
    ReviewBody,
    ReviseBody,
)
from api.preconditions import IfMatch, Seen, changed_since, outdated, required
from api.problems import Outdated, Refused
from api.reopening import answer_anew
from api.services import EditableSong, Services, ServicesDep, SongAccessDep
from api.starts import check_reference, ensure_started, uuid7
from domain.commands import CommandKind, CommandResult, Verdict, parse_command
from domain.decide import SEQUENCE_MISMATCH
from domain.errors import InvalidInput, NotFound
from storage.records import Composition
from storage.songs import enhancements

router = APIRouter(
    prefix="/v1/compositions/{id}",
    tags=["commands"],
    responses={
        200: {"description": "This command id was settled before; nothing is done twice.", "model": CommandAnswer},
        202: {"description": "Accepted, or left for the song's worker (`pending`)."},
    },
)


@dataclass(frozen=True)
class Door:
    """The way of a command to a song: who sends it, to which song, under which key."""

    request: Request
    services: Services
    song: Composition
    caller: Caller
    key: str | None
    if_match: str | None = None

    async def send(self, kind: CommandKind, arguments: dict[str, Any]) -> Response:
        """The song's answer to a command, once for each key."""
        command_id = self.key or str(uuid7())
        song, services, actor = self.song, self.services, self.caller.actor

        async def settle() -> Answer:
            # Inside the key's protection: words that a language model reads are read, and paid for, once.
            given = await _on_condition(self, arguments)
            given = await understood(song, services, given) if kind is CommandKind.REVISE else given
            sent = {**given, "command_id": command_id, "actor": actor}
            # A malformed command is the caller's mistake (422); the song is asked only about well-formed ones.
            parsed = parse_command(kind, [sent], command_id=command_id, actor=actor)
            await check_reference(services, song.owner, parsed.changes)
            return await _settle(kind, song, services, sent)

        return await once(self.request, services, owner=self.caller.owner, key=self.key, work=settle, scope=song.id)


async def door_to(
    song: EditableSong,
    access: SongAccessDep,
    services: ServicesDep,
    request: Request,
    key: Key = None,
    if_match: IfMatch = None,
) -> Door:
    """The door for somebody who may change the song."""
    assert access.caller is not None
    return Door(request, services, song, access.caller, key, if_match)


DoorDep = Annotated[Door, Depends(door_to)]


@router.post("/advances", status_code=202, response_model=CommandAnswer)
async def advance(door: DoorDep, body: AdvanceBody | None = None) -> Response:
    """Go on to the next stage, or one step to `target`."""
    return await door.send(CommandKind.ADVANCE, _given(body))


@router.post("/revisions", status_code=202, response_model=CommandAnswer)
async def revise(door: DoorDep, body: ReviseBody) -> Response:
    """Change the song and process the earliest stage that the change concerns again.

    An instruction in free words is read by a language model where one is set up, and becomes edits of the score.
    """
    return await door.send(CommandKind.REVISE, _given(body))


@router.post("/reversions", status_code=202, response_model=CommandAnswer)
async def revert(door: DoorDep, body: RevertBody) -> Response:
    """Go back to an earlier result of a stage; nothing is computed, nothing is lost."""
    return await door.send(CommandKind.REVERT, _given(body))


@router.post("/holds", status_code=202, response_model=CommandAnswer)
async def hold(door: DoorDep, body: PlainBody | None = None) -> Response:
    """Let the step under way end and start no other."""
    return await door.send(CommandKind.HOLD, _given(body))


@router.post("/resumptions", status_code=202, response_model=CommandAnswer)
async def resume(door: DoorDep, body: PlainBody | None = None) -> Response:
    """Go on after a hold."""
    return await door.send(CommandKind.RESUME, _given(body))


@router.post("/retries", status_code=202, response_model=CommandAnswer)
async def retry(door: DoorDep, body: PlainBody | None = None) -> Response:
    """Try a blocked stage again."""
    return await door.send(CommandKind.RETRY, _given(body))


@router.post("/cancellations", status_code=202, response_model=CommandAnswer)
async def cancel(door: DoorDep, body: PlainBody | None = None) -> Response:
    """End the song; everything made so far is kept."""
    return await door.send(CommandKind.CANCEL, _given(body))


@router.post("/review-settings", status_code=202, response_model=CommandAnswer)
async def set_review(door: DoorDep, body: ReviewBody) -> Response:
    """Say after which stages the song waits for a decision."""
    return await door.send(CommandKind.SET_REVIEW, {**_given(body), "review": body.stages()})


@router.post("/takes/{take}/choice", status_code=202, response_model=CommandAnswer)
async def choose_take(
    door: DoorDep,
    take: Annotated[int, Path(ge=1, le=MAX_NUMBER, description="The candidate's number.")],
    body: ChoiceBody | None = None,
) -> Response:
    """Go on with another candidate of a stage."""
    return await door.send(CommandKind.CHOOSE_TAKE, {**_given(body), "take": take})


Enhancement = Annotated[str, Path(description="An enhancement's id, or `latest`.", max_length=64)]


@router.post("/enhancements/{enhancement}/acceptance", status_code=202, response_model=CommandAnswer)
async def accept_enhancement(door: DoorDep, enhancement: Enhancement, body: PlainBody | None = None) -> Response:
    """Say that the enhanced prompt is right."""
    await _check_latest(door, enhancement)
    return await door.send(CommandKind.ACCEPT_ENHANCEMENT, _given(body))


@router.post("/enhancements/{enhancement}/rejection", status_code=202, response_model=CommandAnswer)
async def reject_enhancement(door: DoorDep, enhancement: Enhancement, body: PlainBody | None = None) -> Response:
    """Take the original prompt again: ideation is processed anew, later stages become stale."""
    await _check_latest(door, enhancement)
    return await door.send(CommandKind.REJECT_ENHANCEMENT, _given(body))


def _given(body: Any) -> dict[str, Any]:
    return {} if body is None else dict(body.model_dump(mode="json", exclude_unset=True))


async def _on_condition(door: Door, arguments: dict[str, Any]) -> dict[str, Any]:
    """The command with what `If-Match` asks for: the song itself compares its newest event, so that no two win.

    The edition, which no command changes, is compared here.
    """
    seen = required(door.if_match, door.song)
    if seen is None:
        return arguments
    if arguments.get("expected_sequence") not in (None, seen.sequence):
        raise InvalidInput(
            f"If-Match names event {seen.sequence}, expected_sequence event {arguments['expected_sequence']}: "
            "send one of them"
        )
    if seen.edition != door.song.edition:
        now, words = await changed_since(door.services.database, door.song.id, seen)
        raise outdated(now, f"the song has changed {words}")
    return {**arguments, "expected_sequence": seen.sequence}


async def _check_latest(door: "Door", enhancement: str) -> None:
    """Only the newest enhancement can be decided on; NotFound for an unknown one."""
    if enhancement == "latest":
        return
    async with door.services.database.session() as session:
        known = [row.id for row in await enhancements(session, door.song.id)]
    if enhancement not in known[:1]:
        newest = f"the newest is {known[0]}" if known else "there is none yet"
        raise NotFound(f"{enhancement[:64]!r} is not the song's newest enhancement: {newest}")


async def _settle(kind: CommandKind, song: Composition, services: Services, sent: dict[str, Any]) -> Answer:
    song = await ensure_started(services, song)
    try:
        result = await _asked(kind, song, services, sent)
    except Refused as refused:
        _count(services, kind, "rejected")
        raise await _explained(services, song, sent, refused) from None
    location = {"Location": f"/v1/compositions/{song.id}"}
    if result is None:
        _count(services, kind, "pending")
        return Answer(202, _pending(song, kind, sent["command_id"]), location, final=False)
    if result.verdict is Verdict.REJECTED:
        _count(services, kind, "rejected")
        raise Refused(result)
    _count(services, kind, "accepted")
    return Answer(200 if result.duplicate else 202, CommandAnswer.of(result), location)


async def _asked(
    kind: CommandKind, song: Composition, services: Services, sent: dict[str, Any]
) -> CommandResult | None:
    """What the song's workflow says; one that has ended is opened again out of the archive."""
    try:
        return await services.temporal.send(song.id, kind, sent)
    except NotFound:
        return await answer_anew(services, song, kind, sent)


async def _explained(services: Services, song: Composition, sent: Mapping[str, Any], refused: Refused) -> Refused:
    """A refusal; one because the song has changed says what has, and how it can be seen as it is."""
    if refused.result.code != SEQUENCE_MISMATCH:
        return refused
    seen = Seen(int(sent["expected_sequence"]), song.edition)
    now, words = await changed_since(services.database, song.id, seen)
    told = f"{refused.message}; {words}; its ETag now is {now.tag}"
    return Outdated(refused.result.model_copy(update={"message": told}), now.tag)


def _pending(song: Composition, kind: CommandKind, command_id: str) -> CommandAnswer:
    return CommandAnswer(
        command_id=command_id,
        kind=kind,
        verdict="pending",
        code="pending",
        message="the command is stored; the song takes or refuses it as soon as a worker is up: see its events",
        status=song.status,
        current_stage=song.stage,
    )


def _count(services: Services, kind: CommandKind, verdict: str) -> None:
    services.metrics.add("sostenuto_commands_total", kind=kind.value, verdict=verdict)
