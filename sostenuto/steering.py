"""Commands to a song from the terminal, and looking at songs."""

import time
import uuid
import webbrowser
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rich.table import Table

from domain.commands import CommandKind
from domain.errors import CommandRejected, ServerUnavailable
from domain.providers import BUILTIN
from domain.stages import SongStatus, Stage
from sostenuto.answers import CommandAnswer, Song, SongSummary
from sostenuto.client import Client
from sostenuto.door import Door
from sostenuto.output import Output
from sostenuto.providers import dollars
from sostenuto.release import short_id
from sostenuto.songs import resolve
from storage.config import Settings

SETTLES_WITHIN_S = 60.0
SHOWN_WITHIN_S = 5.0


def _until_shown(client: Client, song_id: str, sequence: int) -> None:
    """Wait a moment for the read model, so that the next command sees what this one changed."""
    deadline = time.monotonic() + SHOWN_WITHIN_S
    while client.status(song_id).sequence <= sequence and time.monotonic() < deadline:
        time.sleep(0.05)


@dataclass(frozen=True)
class Steering:
    """Looks at songs and steers them through whichever server `Door` finds."""

    settings: Settings
    output: Output

    def send(self, name: str, kind: CommandKind, arguments: Mapping[str, Any]) -> int:
        """Send a command and wait until the song's workflow has settled it."""
        with Door(self.settings, say=self.output.say) as door:
            song_id = resolve(door.client, name)
            answer = self._settled(door.client, song_id, kind, arguments)
            document = {"id": song_id} | answer.model_dump(mode="json")
            going = door.owns_server and answer.status is SongStatus.RUNNING
            hint = (f"it goes on while a server is up: sostenuto follow {song_id}, or sostenuto up",) if going else ()
            self.output.result(document, f"{song_id}: {answer.message}", *hint)
        return 0

    def _settled(self, client: Client, song_id: str, kind: CommandKind, arguments: Mapping[str, Any]) -> CommandAnswer:
        before = client.status(song_id).sequence
        command_id = str(uuid.uuid4())
        answer = client.command(song_id, kind, command_id=command_id, **arguments)
        if answer.verdict != "pending":
            _until_shown(client, song_id, before)
            return answer
        self.output.say("the song has the command; waiting until a worker applies it")
        deadline = time.monotonic() + SETTLES_WITHIN_S
        for message in client.events(song_id, after=before):
            if message.payload.get("command_id") == command_id:
                if message.type == "command_rejected":
                    raise CommandRejected(str(message.payload["message"]))
                now = client.status(song_id)
                applied = {"message": message.payload["message"], "status": now.status, "verdict": "accepted"}
                return answer.model_copy(update=applied | {"current_stage": now.current_stage})
            if time.monotonic() > deadline:
                break
        raise ServerUnavailable(
            f"no worker applied the command within {SETTLES_WITHIN_S:g} s; it is stored and applied once one is up"
        )

    def show(self, name: str) -> int:
        """One song: a table of its stages."""
        with Door(self.settings, say=self.output.say, reads=True) as door:
            song = door.client.get(resolve(door.client, name))
        self.output.result(song.model_dump(mode="json"))
        if not self.output.as_json:
            self._print_song(song)
        return 0

    def songs(self, *, stage: Stage | None, status: SongStatus | None, text: str | None, limit: int) -> int:
        """A table of songs, the newest change first."""
        with Door(self.settings, say=self.output.say, reads=True) as door:
            page = door.client.list(stage=stage, status=status, text=text, limit=limit)
        self.output.result({"songs": [song.model_dump(mode="json") for song in page.items]})
        if not self.output.as_json:
            self._print_list(page.items)
        return 0

    def open(self, name: str, *, browse: bool) -> int:
        """Links to a song's pages; `browse` opens them."""
        with Door(self.settings, say=self.output.say, reads=True) as door:
            client = door.client
            if door.owns_server:
                raise ServerUnavailable("no server is up, so there are no pages to open: sostenuto up")
            song = client.get(resolve(client, name))
            root = client.base_url
        links = {"studio": f"{root}/songs/{song.id}", "song": f"{root}/v1/compositions/{song.id}"}
        links |= {"temporal_ui": song.links["temporal_ui"]} if "temporal_ui" in song.links else {}
        self.output.result({"id": song.id} | links, *(f"{what:<12} {url}" for what, url in links.items()))
        if browse:
            for what in ("studio", "temporal_ui"):
                if what in links:
                    webbrowser.open(links[what])
        return 0

    def _print_song(self, song: Song) -> None:
        out = self.output.out
        waits = f", {song.waiting_for}" if song.waiting_for else ""
        self._line(f"{song.title} ({song.id})")
        self._line(f"{song.status} at {song.current_stage}, {song.progress:g} %{waits}")
        table = Table(box=None, pad_edge=False)
        for heading, justify in (("stage", "left"), ("status", "left"), ("revision", "right"), ("seconds", "right"),
                                 ("steps", "right"), ("reused", "right")):  # fmt: skip
            table.add_column(heading, justify="right" if justify == "right" else "left")
        for entry in song.stages:
            figures = (
                (f"{entry.revision}", f"{entry.seconds:.1f}", f"{entry.computed + entry.reused}", f"{entry.reused}")
                if entry.revision
                else ("", "", "", "")
            )
            table.add_row(entry.stage.value, entry.status.value, *figures)
        out.print(table)
        for entry in song.stages:
            if entry.provider != BUILTIN or entry.fallback_from:
                instead = f", instead of {entry.fallback_from}" if entry.fallback_from else ""
                self._line(f"{entry.stage}: made by {entry.provider}{instead}, {dollars(Decimal(entry.cost))}")
        if song.spent_usd or song.reserved_usd:
            spent, reserved = dollars(song.spent_usd), dollars(song.reserved_usd)
            self._line(f"paid to providers: {spent}, reserved for open calls: {reserved}")
        if song.blocked:
            self._line(f"blocked: {song.blocked.reason}")
        if song.allowed_commands:
            self._line(f"allowed now: {', '.join(song.allowed_commands)}")

    def _print_list(self, songs: tuple[SongSummary, ...]) -> None:
        if not songs:
            self._line('no songs yet: sostenuto make "a slow piano piece in the rain"')
            return
        table = Table(box=None, pad_edge=False)
        for heading in ("id", "title", "status", "stage", "progress", "changed"):
            table.add_column(heading, no_wrap=heading != "title")
        for song in songs:
            changed = song.updated_at.astimezone().strftime("%Y-%m-%d %H:%M")
            table.add_row(
                short_id(song.id), song.title, song.status.value, song.current_stage.value,
                f"{song.progress:.0f} %", changed,
            )  # fmt: skip
        self.output.out.print(table, markup=False)

    def _line(self, text: str) -> None:
        self.output.out.print(text, markup=False, soft_wrap=True)
