"""Follow a song to its end: show what happens, ask at its review gates, say why it is blocked."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from domain.commands import CommandKind
from domain.errors import Conflict, InvalidInput, ServerUnavailable
from domain.instructions import FORMS
from domain.stages import SongStatus, Stage
from sostenuto.answers import LiveMessage, Status
from sostenuto.answers import Progress as Doing
from sostenuto.display import Display
from sostenuto.door import Door

SILENCE_S = 60.0

Ask = Callable[[str], str | None]


class Ending(StrEnum):
    """How following a song ended."""

    COMPLETED = "completed"
    CANCELLED = "cancelled"
    BLOCKED = "blocked"
    LEFT_WAITING = "left_waiting"


@dataclass
class Follower:
    """Follows one song. `ask` puts a question to a person and returns the answer, None for none; without it
    the song is waited for. `wait`: keep following a song that is blocked.
    """

    door: Door
    song_id: str
    display: Display
    ask: Ask | None = None
    wait: bool = False
    told: tuple[object, ...] = ()
    last: int = 0
    turned: bool = False
    decided: int = -1
    heard: float | None = field(default_factory=time.monotonic)

    def run(self) -> Ending:
        """Follow until the song ends or stays behind. Raises NotFound, ServerUnavailable."""
        song = self.door.client.get(self.song_id)
        for entry in song.stages:
            self.display.known(entry)
        self.last = song.sequence
        ending = self._consider(song)
        while ending is None:
            try:
                for message in self.door.client.events(self.song_id, after=self.last):
                    ending = self._take(message)
                    if ending is not None:
                        return ending
            except ServerUnavailable:
                self.display.note("the server of another command has ended; going on with the next one")
                self.door.reopen()
            ending = self._consider(self._status())
        return ending

    def _take(self, message: LiveMessage) -> Ending | None:
        self._listen(message)
        show = _SHOW.get(message.type)
        if show is not None:
            show(self.display, message.payload)
        if message.seq is None:
            return None
        self.last = message.seq
        self.turned = self.turned or message.type in _TURNS
        if not self.turned:
            return None
        status = self._status()
        if status.sequence > self.last:
            return None  # more events are on their way: first show what led there
        self.turned = False
        return self._consider(status)

    def _listen(self, message: LiveMessage) -> None:
        """Say once when a song that should be working has been silent for long."""
        now = time.monotonic()
        if message.type != "quiet":
            self.heard = now
        elif self.heard is not None and now - self.heard > SILENCE_S:
            self.heard = None
            if self._status().status is SongStatus.RUNNING:
                self.display.note(
                    f"nothing was heard of the song for {SILENCE_S:g} s: the log of the worker may say why"
                )

    def _status(self) -> Status:
        return self.door.client.status(self.song_id)

    def _consider(self, status: Status) -> Ending | None:
        match status.status:
            case SongStatus.COMPLETED:
                return Ending.COMPLETED
            case SongStatus.CANCELLED:
                return Ending.CANCELLED
            case SongStatus.BLOCKED:
                return self._blocked(status)
            case SongStatus.WAITING:
                return self._waiting(status)
            case SongStatus.HELD:
                self._tell(status, f"the song is held: sostenuto resume {self.song_id}")
        return None

    def _blocked(self, status: Status) -> Ending | None:
        reason = status.blocked.reason if status.blocked else status.waiting_for or "no reason was given"
        self._tell(
            status,
            f"{status.current_stage} is blocked: {reason}\n"
            f"mend it, then: sostenuto retry {self.song_id}   or change something: "
            f'sostenuto revise {self.song_id} "…"',
        )
        return None if self.wait else Ending.BLOCKED

    def _waiting(self, status: Status) -> Ending | None:
        if status.sequence <= self.decided:
            return None  # the read model has not caught up with what was decided
        if self.ask is not None:
            self.decided = status.sequence
            return self._decide(status, self.ask)
        self._tell(
            status,
            f"{status.current_stage} waits for a decision: sostenuto advance {self.song_id}   "
            f'or sostenuto revise {self.song_id} "slower"',
        )
        return None

    def _decide(self, status: Status, ask: Ask) -> Ending | None:
        """Ask until a command is accepted, or the person leaves the song waiting."""
        with self.display.paused():
            while True:
                answer = ask(
                    f"{status.current_stage} is ready. Enter: go on · words: change it ({', '.join(FORMS[:6])} …) · "
                    "q: leave it waiting"
                )
                if answer is None or answer.strip().lower() in ("q", "quit"):
                    return Ending.LEFT_WAITING
                try:
                    self._command(status.current_stage, answer.strip())
                except (Conflict, InvalidInput) as error:
                    self.display.note(f"not done: {error.message}")
                    if self._status().status is not SongStatus.WAITING:
                        return None
                else:
                    return None

    def _command(self, stage: Stage, words: str) -> None:
        kind = CommandKind.REVISE if words else CommandKind.ADVANCE
        arguments = {"instruction": words} if words else {}
        answer = self.door.client.command(self.song_id, kind, expected_stage=stage.value, **arguments)
        self.display.note(answer.message)

    def _tell(self, status: Status, text: str) -> None:
        """Say a thing once for each time the song gets there."""
        now = (status.status, status.current_stage, status.waiting_since)
        if now != self.told:
            self.told = now
            self.display.note(text)


def _stages(payload: Mapping[str, Any]) -> tuple[Stage, ...]:
    return tuple(Stage(name) for name in payload["stages"])


def _show_stale(display: Display, payload: Mapping[str, Any]) -> None:
    for stage in _stages(payload):
        display.stale(stage)


_SHOW: Mapping[str, Callable[[Display, Mapping[str, Any]], None]] = {
    "progress": lambda d, p: d.doing(Doing.model_validate(p)),
    "stage_started": lambda d, p: d.started(Stage(p["stage"])),
    "stage_complete": lambda d, p: d.done(
        Stage(p["stage"]), seconds=p["seconds"], computed=p["computed"], reused=p["reused"]
    ),
    "stage_stale": _show_stale,
    "command_rejected": lambda d, p: d.note(f"{p['kind']} by {p['actor']} was refused: {p['message']}"),
    "provider_selected": lambda d, p: d.note(f"{p['provider']} is asked: {p['reason']}"),
    "cost_recorded": lambda d, p: d.note(f"{p['provider']} was paid {p['amount']} {p['currency']}"),
    "provider_failed": lambda d, p: d.note(f"{p['provider']} failed: {p['reason']}"),
}
# After these the song may have stopped going on by itself.
_TURNS = frozenset(
    {"review_requested", "stage_blocked", "stage_changed", "command_accepted", "song_completed", "song_cancelled"}
)
