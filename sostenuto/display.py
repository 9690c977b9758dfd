"""What a person sees of a song in the making: a bar for each stage on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

from domain.stages import ORDER, Stage, StageStatus
from domain.steps import STEPS
from sostenuto.answers import Progress as Doing
from sostenuto.answers import StageAnswer

PLAIN_EVERY_S = 5.0


class Display(Protocol):
    """Shows stages as they go; every method may be called at any time."""

    def open(self) -> None:
        """Begin to show."""

    def close(self) -> None:
        """Stop showing; what was shown stays."""

    def known(self, stage: StageAnswer) -> None:
        """A stage that was there before we looked."""

    def started(self, stage: Stage) -> None:
        """A stage begins."""

    def doing(self, progress: Doing) -> None:
        """What the stage does right now."""

    def done(self, stage: Stage, *, seconds: float, computed: int, reused: int) -> None:
        """A stage has its result; `computed` and `reused` count its steps."""

    def stale(self, stage: Stage) -> None:
        """A stage will be made again."""

    def note(self, text: str) -> None:
        """A line for the person."""

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave the terminal to somebody else for a while."""
        yield


# These run instead of a stage's other steps, where a provider makes the sound.
_OF_PROVIDERS = frozenset({"adopt", "adopt_stems"})


def stage_fraction(progress: Doing) -> float:
    """How much of its stage a step in progress means, 0 to 1, if a stage's steps took equally long."""
    names = [step.name for step in STEPS.values() if step.stage is progress.stage and step.name not in _OF_PROVIDERS]
    inside = (progress.done / progress.total) if progress.total else progress.fraction
    if progress.step not in names:
        return min(max(inside, 0.0), 1.0)
    return (names.index(progress.step) + min(max(inside, 0.0), 1.0)) / len(names)


def doing_words(progress: Doing) -> str:
    """Words such as `render: bass, 3 of 8`."""
    words = f"{progress.step}: {progress.label}" if progress.label else progress.step
    return f"{words}, {progress.done} of {progress.total}" if progress.total > 1 else words


def done_words(seconds: float, computed: int, reused: int) -> str:
    """Words such as `2.4 s, 3 of 4 steps reused`."""
    steps = computed + reused
    return f"{seconds:.1f} s" + (f", {reused} of {steps} steps reused" if reused else "")


class PlainDisplay:
    """A line when something changes, and at most every few seconds what is being done."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._said = 0.0

    def open(self) -> None:
        """Nothing to prepare."""

    def close(self) -> None:
        """Nothing to tidy."""

    def known(self, stage: StageAnswer) -> None:
        """One line for a stage that is done."""
        if stage.status in (StageStatus.DONE, StageStatus.AWAITING_REVIEW):
            self.done(stage.stage, seconds=stage.seconds, computed=stage.computed, reused=stage.reused)

    def started(self, stage: Stage) -> None:
        """One line."""
        self._line(f"{stage}: started")

    def doing(self, progress: Doing) -> None:
        """One line, at most every PLAIN_EVERY_S seconds."""
        if time.monotonic() - self._said >= PLAIN_EVERY_S:
            self._line(f"{progress.stage}: {doing_words(progress)}")

    def done(self, stage: Stage, *, seconds: float, computed: int, reused: int) -> None:
        """One line."""
        self._line(f"{stage}: done in {done_words(seconds, computed, reused)}")

    def stale(self, stage: Stage) -> None:
        """One line."""
        self._line(f"{stage}: will be made again")

    def note(self, text: str) -> None:
        """The text as it is."""
        self._line(text)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing is in the way."""
        yield

    def _line(self, text: str) -> None:
        self._said = time.monotonic()
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)


class _Seconds(ProgressColumn):
    """Seconds of the stage: running ones count up, finished ones show their sum."""

    def render(self, task: Task) -> Text:
        """The cell of one stage."""
        since: float | None = task.fields["since"]
        seconds: float | None = task.fields["seconds"] if since is None else time.monotonic() - since
        return Text("" if seconds is None else f"{seconds:6.1f} s", style="progress.elapsed")


class BarDisplay:
    """One bar for each stage, redrawn in place."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            TextColumn("{task.fields[mark]} {task.description:<13}"),
            BarColumn(bar_width=28),
            _Seconds(),
            TextColumn("{task.fields[what]}", style="dim"),
            console=console,
            refresh_per_second=8,
        )
        blank: Mapping[str, Any] = {"mark": "·", "what": "", "since": None, "seconds": None}
        self._tasks: dict[Stage, TaskID] = {
            stage: self._progress.add_task(stage.value, total=1.0, **blank) for stage in ORDER
        }

    def open(self) -> None:
        """Draw the bars."""
        self._progress.start()

    def close(self) -> None:
        """Leave them as they are."""
        self._progress.stop()

    def known(self, stage: StageAnswer) -> None:
        """A stage as it was found."""
        if stage.status in (StageStatus.DONE, StageStatus.AWAITING_REVIEW):
            self.done(stage.stage, seconds=stage.seconds, computed=stage.computed, reused=stage.reused)
        elif stage.status is StageStatus.RUNNING:
            self.started(stage.stage)

    def started(self, stage: Stage) -> None:
        """An empty bar whose seconds count."""
        self._set(stage, completed=0.0, mark="[cyan]▸[/]", what="", since=time.monotonic(), seconds=None)

    def doing(self, progress: Doing) -> None:
        """The bar grows and never shrinks; beside it what is being done."""
        task = self._tasks[progress.stage]
        before = next(t.completed for t in self._progress.tasks if t.id == task)
        fraction = max(before, min(stage_fraction(progress), 0.99))
        self._set(progress.stage, completed=fraction, what=escape(doing_words(progress)))

    def done(self, stage: Stage, *, seconds: float, computed: int, reused: int) -> None:
        """A full bar."""
        what = f"{reused} of {computed + reused} steps reused" if reused else ""
        self._set(stage, completed=1.0, mark="[green]✓[/]", what=what, since=None, seconds=seconds)

    def stale(self, stage: Stage) -> None:
        """An empty bar that waits."""
        self._set(stage, completed=0.0, mark="[yellow]↻[/]", what="will be made again", since=None, seconds=None)

    def note(self, text: str) -> None:
        """A line above the bars."""
        self._progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop redrawing."""
        self._progress.stop()
        try:
            yield
        finally:
            self._progress.start()

    def _set(self, stage: Stage, **fields: Any) -> None:
        self._progress.update(self._tasks[stage], **fields)


def display_for(console: Console) -> Display:
    """Bars on a terminal, lines elsewhere."""
    return BarDisplay(console) if console.is_terminal else PlainDisplay(console)
