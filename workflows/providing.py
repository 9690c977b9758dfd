"""A task of a stage through the router: outside providers first where they are asked, our own engine last.

Every attempt is an activity of its own, so that the Temporal UI shows who was tried and why the song moved on.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy
from temporalio.exceptions import ActivityError, TimeoutError, TimeoutType

with workflow.unsafe.imports_passed_through():
    from domain.events import EventType
    from domain.providers import BUILTIN, NO_PROVIDER, OUTCOME_UNKNOWN, PROVIDER_QUEUE, Choice, ErrorKind, Task, Tried
    from domain.providing import (
        AWAIT_CALL,
        ORDER_CALL,
        ROUTE,
        Answered,
        Asking,
        OrderStatus,
        Placing,
        Provided,
        Routed,
        Waiting,
    )
    from domain.routing import choose
    from domain.steps import StepResult
    from workflows.calls import HEARTBEAT, StepFailed, explain, is_cancelled, keep_books
    from workflows.stage_run import StageRun

LASTS: Mapping[str, timedelta] = {ORDER_CALL: timedelta(minutes=15), AWAIT_CALL: timedelta(hours=2)}
A_DAY = timedelta(days=1)
# A killed worker costs an attempt; how often a provider is asked again is decided in the activity.
ORDER_RETRIES = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30), maximum_attempts=12
)
UNUSABLE = frozenset({"invalid_input", "invalid_value", "invalid_score", "invalid_audio", "unknown_path"})
"""What a step says of an answer that cannot be used: the next provider is asked."""
REASON_CHARACTERS = 300
LOST = frozenset({TimeoutType.HEARTBEAT, TimeoutType.START_TO_CLOSE})
"""Ends of a call after which nobody knows whether the order is out."""


async def provide(
    run: StageRun,
    task: Task,
    step: str,
    *inputs: str,
    documents: Sequence[str] = (),
    answered_step: str = "",
    section: tuple[str, int] = ("", 1),
    **params: Any,
) -> list[StepResult]:
    """Do a task: the step on a provider's answer, or on none where our own engine does it.

    `documents` are what an order is made from, else the inputs. With an `answered_step` an answer has a step of its
    own, and nothing comes back when our own engine is to do the work: the recipe knows how. `section` is what of an
    earlier result is made anew, and its take. StepFailed NO_PROVIDER
    when nobody is left, OUTCOME_UNKNOWN when the song waits for what became of an order.
    """
    work = _Work(run, task, step, tuple(documents or inputs), section)
    while True:
        routed, choice = await work.route()
        if choice.provider == BUILTIN:
            work.record(choice)
            return [] if answered_step else [await run.step(step, *inputs, **params)]
        answer = await work.attempt(routed, choice)
        if answer.status is not OrderStatus.DONE or answer.result is None:
            work.go_on(choice, answer)
            continue
        name = f"answer:{answered_step or step}"
        run.add(name, answer.result)
        try:
            made = await run.step(answered_step or step, *inputs, renamed={"answer": name}, **params)
        except StepFailed as failure:
            if failure.code not in UNUSABLE:
                raise
            work.failed(choice.provider, ErrorKind.UPSTREAM, f"unusable answer: {failure.reason}")
            continue
        work.record(choice, answer)
        return [made]


@dataclass
class _Work:
    """One task on its way: who was tried, and the wording that a moderated provider offered to take."""

    run: StageRun
    task: Task
    step: str
    documents: tuple[str, ...]
    section: tuple[str, int] = ("", 1)
    tried: list[Tried] = field(default_factory=list)
    suggestions: dict[str, str] = field(default_factory=dict)

    async def route(self) -> tuple[Routed, Choice]:
        """Who is asked next, by what is known now."""
        routed = await keep_books(ROUTE, self._asking(), Routed)
        choice = choose(routed.needs, routed.candidates, routed.wishes, self.tried)
        if not choice.provider:
            raise StepFailed(_nobody(choice, self.tried), NO_PROVIDER)
        return routed, choice

    async def attempt(self, routed: Routed, choice: Choice) -> Answered:
        """Place the order at a provider and wait for what it makes."""
        assert routed.order is not None
        provider = choice.provider
        reasons = "; ".join(choice.reasons)[:REASON_CHARACTERS]
        self.run.told(
            EventType.PROVIDER_SELECTED, {"stage": self.run.template.stage, "provider": provider, "reason": reasons}
        )
        asking = self._asking()
        placing = Placing(
            asking=asking, provider=provider, order=routed.order, key=routed.key,
            quote_usd=choice.quote_usd, suggestion=self.suggestions.get(provider, ""),
        )  # fmt: skip
        answer = await _call(ORDER_CALL, placing, f"{self.task} at {provider}: {reasons}")
        if answer.status is OrderStatus.WAITING and not is_cancelled():
            waiting = Waiting(asking=asking, provider=provider, task_id=answer.task_id)
            answer = await _call(AWAIT_CALL, waiting, f"{provider} works on the {self.task}")
        if answer.cost_usd and not answer.reused:
            stage = self.run.template.stage
            self.run.told(EventType.COST_RECORDED, {"stage": stage, "provider": provider, "amount": answer.cost_usd})
        if is_cancelled():
            # A call that is out is let come to its end, and told; the stage that it was for is not.
            raise asyncio.CancelledError
        return answer

    def go_on(self, choice: Choice, answer: Answered) -> None:
        """After an attempt that brought nothing: another wording, another provider, or a song that waits."""
        kind = answer.kind or ErrorKind.UPSTREAM
        if answer.status is OrderStatus.UNKNOWN and self.run.settings["on_unknown"] == "block":
            raise StepFailed(
                f"{choice.provider} may have accepted the order ({answer.reason}); its money stays reserved. "
                "Wait for the result, or retry, which may cost a second time",
                OUTCOME_UNKNOWN,
            )
        if kind is ErrorKind.MODERATION and answer.suggestion and choice.provider not in self.suggestions:
            self.suggestions[choice.provider] = answer.suggestion
            return
        self.failed(choice.provider, kind, answer.reason)

    def failed(self, provider: str, kind: ErrorKind, reason: str) -> None:
        """A provider is not asked again for this."""
        told = f"{kind}: {reason}"[:REASON_CHARACTERS]
        self.run.told(
            EventType.PROVIDER_FAILED, {"stage": self.run.template.stage, "provider": provider, "reason": told}
        )
        self.tried.append(Tried(provider=provider, kind=kind, reason=reason[:REASON_CHARACTERS]))

    def record(self, choice: Choice, answer: Answered | None = None) -> None:
        """Who did it in the end, for the stage's result."""
        self.run.provided.append(
            Provided(
                task=self.task,
                step=self.step,
                choice=choice,
                provider=choice.provider,
                tried=tuple(self.tried),
                cost_usd=answer.cost_usd if answer else Decimal(0),
                model=answer.model if answer else "",
            )
        )

    def _asking(self) -> Asking:
        template, settings = self.run.template, self.run.settings
        return Asking(
            composition_id=template.composition_id,
            owner=template.owner,
            stage=template.stage,
            task=self.task,
            revision=template.revision,
            take=template.take,
            resubmission=int(settings.get("resubmissions", 0)),
            seed=template.seed,
            title=settings["title"],
            context=template.context,
            inputs=self.run.named(*self.documents),
            preferred=tuple(settings["providers_preferred"]),
            forbidden=tuple(settings["providers_forbidden"]),
            budget_usd=None if settings["budget"] is None else Decimal(str(settings["budget"])),
            production=settings["production"],
            section=self.section[0],
            section_take=self.section[1],
            level=settings["enhancement"]["level"],
        )


async def _call(name: str, request: Placing | Waiting, summary: str) -> Answered:
    try:
        answer: Answered = await workflow.execute_activity(
            name,
            request,
            result_type=Answered,
            task_queue=PROVIDER_QUEUE.format(name=request.provider),
            start_to_close_timeout=LASTS[name],
            schedule_to_close_timeout=A_DAY,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=ORDER_RETRIES,
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            summary=summary[:190],
            priority=Priority(fairness_key=request.asking.owner[:64]),
        )
        return answer
    except ActivityError as error:
        failure = explain(error, summary)
        if not isinstance(failure, StepFailed):
            raise failure from error
        if isinstance(error.cause, TimeoutError) and error.cause.type in LOST:
            return Answered(status=OrderStatus.UNKNOWN, kind=ErrorKind.OUTCOME_UNKNOWN, reason=failure.reason)
        kind = ErrorKind(failure.code) if failure.code in set(ErrorKind) else ErrorKind.UPSTREAM
        return Answered(status=OrderStatus.FAILED, kind=kind, reason=failure.reason)


def _nobody(choice: Choice, tried: Sequence[Tried]) -> str:
    """Why nobody is left, for the person: what was tried, then what was never asked."""
    asked = {one.provider for one in tried}
    told = [f"{one.provider} ({one.kind}: {one.reason})" for one in tried]
    told += [f"{one.provider} ({one.reason})" for one in choice.refused if one.provider not in asked]
    return f"no provider is left for the {choice.task}: " + "; ".join(told)


def asks_for_sound(run: StageRun) -> bool:
    """Whether production is to ask a music provider: by the song's own word, or by one that it prefers."""
    wanted = run.settings["production"]
    return wanted == "provider" or (wanted == "auto" and bool(run.settings["providers_preferred"]))
