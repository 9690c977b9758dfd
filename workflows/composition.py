"""One song, from a sentence to a verified release: a workflow that may take forty seconds or four months."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from domain.admission import Admission, admit
    from domain.branching import COMMAND_ID, Branch, OpenBranchRequest, OpenedBranch, opening_command, take_over
    from domain.commands import CommandKind, CommandResult, Verdict
    from domain.decide import Effect
    from domain.events import EventType
    from domain.lifecycle import (
        StageOutcome,
        block_stage,
        changed_context,
        complete_stage,
        paid,
        pass_gate,
        restore_stage,
        start_stage,
    )
    from domain.projection import Projected, project
    from domain.song_input import WORKFLOW, SongInput
    from domain.stages import ORDER, SongStatus, Stage, position
    from domain.state import (
        OUTBOX_LIMIT,
        LedgerEntry,
        Restoring,
        Snapshot,
        Transition,
    )
    from domain.steps import (
        Artifact,
        Concluded,
        ConcludeRequest,
        FindRevisionRequest,
        FoundRevision,
        Merged,
        MergeRequest,
        Opened,
        OpenRequest,
        Prepared,
        PrepareRequest,
        StepRequest,
    )
    from workflows import studio_log
    from workflows.calls import StepFailed, keep_books
    from workflows.recipes import RECIPES
    from workflows.shapes import (
        PROJECTED_AT_ONCE,
        SongEnd,
        decoded,
        fitting,
        new_state,
        outcome_of,
        snapshot_of,
        unwritten_results,
    )
    from workflows.stage_run import StageRun

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 300.0
HISTORY_BYTES_LIMIT = 1_048_576


@workflow.defn(name=WORKFLOW)
class CompositionWorkflow:
    """Carries one song through its seven stages; see `domain.decide` for the rules of steering it."""

    @workflow.init
    def __init__(self, start: SongInput) -> None:
        self._start = start
        self._state = start.state or new_state(start, workflow.now())
        self._effects: deque[Effect] = deque()
        self._stop = False
        self._clerk: asyncio.Task[None] | None = None
        self._writing = self._store_is_away = False
        self._published: object = None

    @workflow.run
    async def run(self, start: SongInput) -> SongEnd:
        """Live until cancelled, or until the retention time after completion is over."""
        self._clerk = asyncio.create_task(self._keep_the_read_model())
        try:
            await self._live()
        except asyncio.CancelledError:
            self._admit(CommandKind.CANCEL, [{}], delivery=f"{workflow.info().run_id}-cancel", actor="temporal")
            await self._close_the_books()
            raise
        await self._close_the_books()
        return SongEnd(composition_id=self._state.composition_id, status=self._state.status, sequence=self._state.seq)

    # Messages. Handlers never await and signals never raise: what is wrong becomes a recorded rejection.

    @workflow.signal(name="advance", description="Go on to the next stage, or one step back: {target?, changes?}")
    def advance_signal(self, *args: Any) -> None:
        self._signalled("advance", args)

    @workflow.signal(name="revise", description="Change the song and redo a stage: {stage?, changes?, instruction?}")
    def revise_signal(self, *args: Any) -> None:
        self._signalled("revise", args)

    @workflow.signal(dynamic=True, description="The other commands by their names")
    def any_signal(self, name: str, args: Sequence[RawValue]) -> None:
        self._signalled(name, decoded(args))

    @workflow.update(name="advance", description="Like the signal, with an answer")
    def advance(self, *args: Any) -> CommandResult:
        return self._updated("advance", args)

    @advance.validator
    def _check_advance(self, *args: Any) -> None:
        self._refuse_early("advance", args)

    @workflow.update(name="revise", description="Like the signal, with an answer")
    def revise(self, *args: Any) -> CommandResult:
        return self._updated("revise", args)

    @revise.validator
    def _check_revise(self, *args: Any) -> None:
        self._refuse_early("revise", args)

    @workflow.update(dynamic=True, description="The other commands by their names, with an answer")
    def any_update(self, name: str, args: Sequence[RawValue]) -> CommandResult:
        return self._updated(name, decoded(args))

    @any_update.validator
    def _check_any(self, name: str, args: Sequence[RawValue]) -> None:
        self._refuse_early(name, decoded(args))

    @workflow.query
    def snapshot(self) -> Snapshot:
        """What the song is doing, what it waits for, what is allowed now."""
        return snapshot_of(self._state, recorded=self._books_are_closed(), continued=self._start.continued)

    @workflow.query
    def history(self) -> list[Transition]:
        """The newest entries of the song's history; the database holds all."""
        return self._state.transitions

    @workflow.query
    def ledger(self) -> list[LedgerEntry]:
        """The newest settled commands."""
        return self._state.ledger

    def _signalled(self, name: str, args: Sequence[Any]) -> None:
        self._state.admissions += 1
        delivery = f"{workflow.info().run_id}-{self._state.admissions}"
        self._admit(name, args, delivery=delivery, actor="signal", trusted=False)

    def _updated(self, name: str, args: Sequence[Any]) -> CommandResult:
        return self._admit(name, args, delivery=_update_id(), actor="update")

    def _refuse_early(self, name: str, args: Sequence[Any]) -> None:
        result = self._consider(name, args, delivery=_update_id(), actor="update").result
        if result.verdict is Verdict.REJECTED:
            raise ApplicationError(result.message, result, type="CommandRejected")

    def _consider(
        self, name: str, args: Sequence[Any], *, delivery: str, actor: str, trusted: bool = True
    ) -> Admission:
        return admit(self._state, name, args, delivery=delivery[:64], actor=actor, now=workflow.now(), trusted=trusted)

    def _admit(
        self, name: str, args: Sequence[Any], *, delivery: str, actor: str, trusted: bool = True
    ) -> CommandResult:
        admission = self._consider(name, args, delivery=delivery, actor=actor, trusted=trusted)
        self._state = admission.state
        for effect in admission.effects:
            if effect.kind == "stop_stage":
                self._stop = True
            else:
                self._effects.append(effect)
        self._publish()
        return admission.result

    # The main loop.

    async def _live(self) -> None:
        while not self._over():
            self._publish()
            self._clerk_lives()
            if self._state.prompt is None and not self._state.blocked:
                await self._open()
            elif self._effects and not self._state.blocked:
                await self._apply(self._effects[0])
            elif self._state.restoring and not self._state.blocked:
                await self._restore(self._state.restoring)
            elif self._may_work():
                await self._run_stage()
            elif self._should_continue_as_new():
                self._continue_as_new()
            else:
                await self._rest()

    def _over(self) -> bool:
        state = self._state
        expired = state.status is SongStatus.COMPLETED and self._seconds_left() == 0 and not self._effects
        return state.cancelled or expired

    def _may_work(self) -> bool:
        state = self._state
        return state.due and not state.held and not state.blocked and len(state.outbox) < OUTBOX_LIMIT

    def _deadline(self) -> datetime | None:
        """When a gate opens by itself, or the retention time of a complete song is over; a held song has none."""
        state = self._state
        if state.held:
            return None
        return state.gate_deadline or (state.retention_deadline if state.status is SongStatus.COMPLETED else None)

    def _seconds_left(self) -> float | None:
        deadline = self._deadline()
        return None if deadline is None else max(0.0, (deadline - workflow.now()).total_seconds())

    async def _rest(self) -> None:
        seconds = self._seconds_left()
        slept_on = self._deadline()
        try:
            await workflow.wait_condition(
                lambda: self._is_news() or self._deadline() != slept_on,
                timeout=None if seconds is None else timedelta(seconds=seconds),
                timeout_summary=f"waits at {self._state.stage}",
            )
        except TimeoutError:
            pass_gate(self._state, workflow.now())

    def _is_news(self) -> bool:
        state = self._state
        to_do = bool(self._effects) or state.prompt is None or state.restoring is not None
        return state.cancelled or (to_do and not state.blocked) or self._may_work() or self._should_continue_as_new()

    async def _open(self) -> None:
        start = self._start
        if start.branch is not None:
            await self._open_branch(start.branch)
            return
        request = OpenRequest(composition_id=start.composition_id, prompt=start.prompt, changes=start.changes)
        try:
            opened = await keep_books("open_song", request, Opened)
        except StepFailed as failure:
            self._block(failure)
            return
        self._state.prompt, self._state.person = opened.prompt, opened.person
        self._state.emit(EventType.SONG_CREATED, workflow.now(), title=self._state.title, seed=self._state.seed)

    async def _open_branch(self, branch: Branch) -> None:
        """Take over what the parent had, then go on with the changes or rest."""
        request = OpenBranchRequest(composition_id=self._state.composition_id, branch=branch)
        try:
            opened = await keep_books("open_branch", request, OpenedBranch)
        except StepFailed as failure:
            self._block(failure)
            return
        if self._state.cancelled:
            return
        state = self._state
        state.prompt, state.person = opened.prompt, opened.person
        state.emit(EventType.SONG_CREATED, workflow.now(), title=state.title, seed=state.seed)
        take_over(state, opened, workflow.now())
        if branch.goes_on:
            kind, wanted = opening_command(state, branch)
            self._admit(kind, [wanted], delivery=COMMAND_ID, actor=branch.actor)
            # A branch that is changed runs on to its end; a revision would stop where it came from.
            self._state.park_at = None

    async def _apply(self, effect: Effect) -> None:
        try:
            await self._merge(effect)
        except StepFailed as failure:
            self._block(failure)
            return
        self._effects.popleft()

    async def _merge(self, effect: Effect) -> None:
        assert self._state.person is not None
        request = MergeRequest(
            person=self._state.person,
            results=self._results_before(None),
            changes=dict(effect.changes),
            operations=tuple(op.model_dump() for op in effect.operations),
        )
        merged = await keep_books("merge_context", request, Merged)
        self._state.person = merged.person
        changed_context(self._state, merged.paths, effect.actor, workflow.now())

    async def _restore(self, wanted: Restoring) -> None:
        """Fetch an earlier revision, unless another command has decided otherwise meanwhile."""
        request = FindRevisionRequest(
            composition_id=self._state.composition_id,
            head=self._state.head,
            unwritten=tuple(unwritten_results(self._state.unwritten)),
            stage=wanted.stage,
            revision=wanted.revision,
        )
        try:
            found = await keep_books("find_revision", request, FoundRevision)
            if not found.found or found.result is None:
                raise StepFailed(f"revision {wanted.revision} of {wanted.stage} is not in the history", "not_found")
        except StepFailed as failure:
            if self._state.restoring == wanted:
                self._block(failure)
            return
        if self._state.restoring == wanted:
            restore_stage(
                self._state,
                result=found.result,
                context=found.context,
                artifacts=found.artifacts,
                take=found.take,
                now=workflow.now(),
            )

    # Running a stage.

    async def _run_stage(self) -> None:
        self._stop = False
        start_stage(self._state, workflow.now())
        self._publish()
        work = asyncio.create_task(self._process(self._state.stage))
        try:
            await workflow.wait_condition(lambda: work.done() or self._stop)
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
        if self._stop:
            self._stop = False
            return
        try:
            complete_stage(self._state, work.result(), workflow.now())
        except StepFailed as failure:
            self._block(failure)

    async def _process(self, stage: Stage) -> StageOutcome:
        state = self._state
        began = workflow.time()
        assert state.prompt is not None
        assert state.person is not None
        person, entry = state.person, state.stages[stage]
        earlier = self._results_before(stage)
        available = {"prompt": state.prompt} | {
            name: ref for s in ORDER[: position(stage)] for name, ref in state.stages[s].artifacts.items()
        }
        request = PrepareRequest(
            stage=stage,
            person=person,
            results=earlier,
            artifacts=tuple(available),
            owner=state.owner,
            cover=state.settings.cover,
        )
        prepared = await keep_books("prepare_stage", request, Prepared)
        if prepared.reference:
            available["reference"] = prepared.reference
        if prepared.missing:
            missing = ", ".join(prepared.missing)
            raise StepFailed(f"{stage} cannot start without {missing}: set it by revise", "missing_requirement")
        template = StepRequest(
            composition_id=state.composition_id,
            owner=state.owner,
            stage=stage,
            step="",
            revision=entry.revisions + 1,
            take=entry.take,
            seed=state.seed,
            context=prepared.context,
        )
        chosen = {"format": prepared.format, "resubmissions": entry.resubmissions, "takes": prepared.takes}
        settings = {**self._run_settings(), **chosen}
        run = StageRun(
            template, available, settings, self._facts(), self._may_start_step, self._may_be_heard, self._may_be_told
        )
        await RECIPES[stage](run)
        conclusion = ConcludeRequest(
            composition_id=state.composition_id,
            stage=stage,
            revision=entry.revisions + 1,
            take=entry.take,
            context=prepared.context,
            person=person,
            results=earlier,
            steps=tuple(run.results),
            provided=tuple(one.model_dump(mode="json") for one in run.provided),
            previous=entry.result,
        )
        concluded = await keep_books("conclude_stage", conclusion, Concluded)
        if concluded.missing:
            missing = ", ".join(concluded.missing)
            raise StepFailed(f"{stage} ended without {missing}: set it by revise", "missing_requirement")
        return outcome_of(run, concluded, prepared.context, workflow.time() - began)

    async def _may_start_step(self) -> None:
        """A held song starts no step, nor one whose events the database has not taken."""
        await workflow.wait_condition(lambda: not self._state.held and len(self._state.outbox) < OUTBOX_LIMIT)

    def _may_be_heard(self, request: StepRequest, artifact: Artifact) -> None:
        """Tell of a preview while its stage still works."""
        self._state.emit(
            EventType.AUDIO_READY,
            workflow.now(),
            stage=request.stage,
            url=f"/v1/compositions/{request.composition_id}/sketch",
            part=str(request.params.get("part", "whole")),
            hash=artifact.hash,
            revision=request.revision,
            take=request.take,
        )

    def _may_be_told(self, type_: EventType, payload: Mapping[str, Any]) -> None:
        """Tell which provider is asked, which one failed, and what was paid, while the stage still works."""
        if type_ is EventType.COST_RECORDED:
            paid(self._state, payload["stage"], payload["provider"], payload["amount"], workflow.now())
        else:
            self._state.emit(type_, workflow.now(), **payload)

    def _run_settings(self) -> dict[str, Any]:
        state = self._state
        settings = state.settings.model_dump(mode="json")
        enhancement = settings["enhancement"]
        enhancement["enabled"] = enhancement["enabled"] and not state.enhancement_rejected
        return {**settings, "title": state.title}

    def _facts(self) -> dict[str, Any]:
        """What the report tells about the way of the song to its last stage."""
        return {
            "created_at": self._state.created_at.isoformat(),
            "stages": [
                {
                    "name": stage,
                    "seconds": round(entry.seconds, 3),
                    "cached": entry.computed == 0 and entry.reused > 0,
                    "revision": entry.revision,
                    "provider": entry.provider,
                    "fallback_from": entry.fallback_from,
                    "cost": entry.cost,
                }
                for stage, entry in self._state.stages.items()
                if entry.result and stage is not Stage.FINALIZATION
            ],
            "results": list(self._results_before(Stage.FINALIZATION)),
        }

    def _results_before(self, stage: Stage | None) -> tuple[str, ...]:
        """Results of the stages before `stage`, or up to the current one."""
        end = position(stage) if stage else position(self._state.stage) + 1
        return tuple(ref for s in ORDER[:end] if (ref := self._state.stages[s].result))

    def _block(self, failure: StepFailed) -> None:
        block_stage(self._state, failure.reason, failure.code, (), workflow.now())

    # The books: the read model, what the operator sees, a new run when the history grows long.

    async def _keep_the_read_model(self) -> None:
        """Tell the database everything, in order; with a store away, less and less often, but for ever."""
        pause_s = FIRST_PAUSE_S
        while True:
            await workflow.wait_condition(lambda: bool(self._state.outbox or self._state.unwritten))
            self._writing = True
            try:
                complete = await self._write_the_read_model()
            except StepFailed:
                complete = False
            self._writing = False
            self._store_is_away = not complete
            if complete:
                pause_s = FIRST_PAUSE_S
                continue
            await self._pause(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _pause(self, seconds: float) -> None:
        """Until there is more to tell, at most so long."""
        seen = self._state.seq
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._state.seq > seen, timeout=timedelta(seconds=seconds), timeout_summary="a store is away"
            )

    async def _write_the_read_model(self) -> bool:
        """One projection of what fits into it; whether everything it carried was written."""
        events = fitting(self._state.outbox)
        transitions = self._state.unwritten[:PROJECTED_AT_ONCE]
        message = project(self._state, workflow.now(), events=events, transitions=transitions)
        projected = await keep_books("project", message, Projected, endless=True)
        sent = {event.seq for event in events}
        self._state.outbox = [event for event in self._state.outbox if event.seq not in sent]
        self._state.unwritten = [t for t in self._state.unwritten if t.number > projected.written]
        self._state.head = projected.head
        self._state.projected = message.sequence
        return projected.complete and not (transitions and projected.written < transitions[-1].number)

    def _clerk_lives(self) -> None:
        """An error of the clerk is an error of the song's code: Temporal shows it and waits for a mended worker."""
        if self._clerk is not None and self._clerk.done():
            self._clerk.result()

    async def _close_the_books(self) -> None:
        self._publish()
        await workflow.wait_condition(self._books_are_closed)
        if self._clerk:
            self._clerk.cancel()

    def _books_are_closed(self) -> bool:
        return not self._state.outbox and not self._state.unwritten

    def _publish(self) -> None:
        shown = studio_log.attributes(self._state)
        if shown != self._published:
            self._published = shown
            studio_log.publish(self._state)
        workflow.set_current_details(studio_log.write(self._state))

    def _should_continue_as_new(self) -> bool:
        info = workflow.info()
        long = (
            info.is_continue_as_new_suggested()
            or info.get_current_history_length() > self._start.continue_after_events
            or info.get_current_history_size() > HISTORY_BYTES_LIMIT
        )
        return long and not self._effects and not self._writing and self._settled() and workflow.all_handlers_finished()

    def _settled(self) -> bool:
        """Nothing waits to be written, or what waits cannot be written now and travels along in the state."""
        return self._books_are_closed() or self._store_is_away

    def _continue_as_new(self) -> None:
        opened: dict[str, Any] = {"prompt": "", "changes": {}, "branch": None} if self._state.prompt else {}
        following = {**opened, "state": self._state, "continued": self._start.continued + 1}
        workflow.continue_as_new(self._start.model_copy(update=following))


def _update_id() -> str:
    info = workflow.current_update_info()
    return info.id if info else "update"
