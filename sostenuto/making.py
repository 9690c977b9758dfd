"""`make`, `follow` and `export`: from a song to its release folder."""

import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.errors import Conflict, MissingRequirement, VerificationFailed
from domain.settings import SongSettings
from domain.stages import SongStatus
from sostenuto.answers import Song
from sostenuto.display import display_for
from sostenuto.door import Door
from sostenuto.follow import Ask, Ending, Follower
from sostenuto.output import Output
from sostenuto.release import Release, check_target, default_folder, write_release
from sostenuto.release_zip import check_zip_target, write_zip
from sostenuto.songs import resolve
from sostenuto.wishes import Wishes
from storage.config import Settings


@dataclass(frozen=True)
class Making:
    """How a song is made: where its release goes, whom to ask, whether a blocked song is waited for."""

    settings: Settings
    output: Output
    folder: Path | None = None
    ask: Ask | None = None
    wait: bool = False
    zipped: bool = False

    def make(self, wishes: Wishes) -> int:
        """Start a song, follow it, write its release; 0 when it is complete and every check holds."""
        self._check_targets()
        with Door(self.settings, say=self.output.say) as door:
            context = wishes.context
            if wishes.reference is not None:
                uploaded = door.client.upload_reference(wishes.reference)
                context = wishes.with_reference(uploaded.use)
                self.output.say(f"reference {uploaded.filename}: {uploaded.kind}, {uploaded.integrated_lufs:.1f} LUFS")
            song = door.client.start(
                wishes.prompt,
                title=wishes.title,
                settings=SongSettings.model_validate(wishes.settings) if wishes.settings else None,
                context=context or None,
                idempotency_key=str(uuid.uuid4()),
            )
            self.output.say(f"song {song.id}")
            return self._to_the_end(door, song.id)

    def follow(self, name: str) -> int:
        """Follow a song that is there already, then as `make`."""
        self._check_targets()
        with Door(self.settings, say=self.output.say) as door:
            return self._to_the_end(door, resolve(door.client, name))

    def export(self, name: str) -> int:
        """Write the release folder of a finished song."""
        self._check_targets()
        with Door(self.settings, say=self.output.say, reads=True) as door:
            song = door.client.get(resolve(door.client, name))
            if song.status is not SongStatus.COMPLETED:
                raise Conflict(
                    f"the song is not finished ({song.status} at {song.current_stage}): "
                    f"sostenuto follow {song.id} waits for it"
                )
            return self._release(door, song)

    def _check_targets(self) -> None:
        if self.folder is not None:
            check_target(self.folder)
            if self.zipped:
                check_zip_target(self.folder)

    def _to_the_end(self, door: Door, song_id: str) -> int:
        began = time.monotonic()
        display = display_for(self.output.err)
        display.open()
        try:
            ending = Follower(door, song_id, display, self.ask, self.wait).run()
        except KeyboardInterrupt:
            display.close()
            self._leave(song_id, "interrupted; the song is safe")
            raise
        finally:
            display.close()
        song = door.client.get(song_id)
        if ending is Ending.COMPLETED:
            return self._release(door, song, elapsed=time.monotonic() - began)
        return self._unfinished(song, ending)

    def _release(self, door: Door, song: Song, elapsed: float | None = None) -> int:
        folder = self.folder or default_folder(song.title, song.id)
        release = write_release(door.client, song.id, folder)
        document = _document(song) | _release_document(release)
        lines = _lines(song, release)
        if self.zipped:
            archive = write_zip(release)
            document["zip"] = str(archive)
            lines = (*lines, str(archive))
        if elapsed is not None:
            document["elapsed_s"] = round(elapsed, 3)
        failure = _failure(release)
        if failure is not None:
            document |= {"error": {"code": failure.code, "message": failure.message}}
            document["exit_code"] = failure.exit_code
        self.output.result(document, *lines)
        if failure is not None:
            raise failure
        return 0

    def _unfinished(self, song: Song, ending: Ending) -> int:
        if ending is Ending.BLOCKED:
            reason = song.blocked.reason if song.blocked else "no reason was given"
            raise MissingRequirement(
                f"{song.current_stage} is blocked: {reason}. Mend it and run: sostenuto retry {song.id}"
            )
        if ending is Ending.CANCELLED:
            raise Conflict(f"the song {song.id} was cancelled; what it had made until then is kept")
        self._leave(song.id, f"{song.current_stage} waits for you")
        raise Conflict(f"the song {song.id} is not finished: it waits at {song.current_stage}")

    def _leave(self, song_id: str, why: str) -> None:
        self.output.say(
            f"{why}. Go on: sostenuto follow {song_id}   advance: sostenuto advance {song_id}   "
            f"give up: sostenuto cancel {song_id}"
        )


def _failure(release: Release) -> VerificationFailed | None:
    if release.ok:
        return None
    if not release.failed:
        return VerificationFailed("the report of the release holds no checks")
    told = "; ".join(
        f"{c.get('name')}: asked {c.get('asked')}, measured {c.get('measured')}"
        for c in release.report["checks"]
        if c.get("ok") is not True
    )
    return VerificationFailed(f"the song is finished but misses {len(release.failed)} of its checks: {told}")


def _document(song: Song) -> dict[str, Any]:
    return {
        "id": song.id,
        "title": song.title,
        "status": song.status.value,
        "stage": song.current_stage.value,
        "seed": song.seed,
        "seconds": round(sum(s.seconds for s in song.stages), 3),
        "links": dict(song.links),
    }


def _release_document(release: Release) -> dict[str, Any]:
    return {
        "ok": release.ok,
        "out": str(release.folder),
        "files": list(release.files),
        "checks": release.report.get("checks", []),
        "measured": release.report.get("measured", {}),
        "exit_code": 0,
    }


def _lines(song: Song, release: Release) -> tuple[str, ...]:
    measured = release.report.get("measured", {})
    figures = [
        f"{measured[name]:{form}} {unit}".strip()
        for name, form, unit in (
            ("duration_s", ".1f", "s"), ("tempo_bpm", ".1f", "bpm"), ("key", "", ""),
            ("integrated_lufs", ".1f", "LUFS"), ("true_peak_dbtp", ".1f", "dBTP"),
        )
        if measured.get(name) is not None
    ]  # fmt: skip
    checks = release.report.get("checks", [])
    held = sum(check.get("ok") is True for check in checks)
    return (
        f"{song.title}: {', '.join(figures)}" if figures else song.title,
        f"{held} of {len(checks)} checks ok",
        str(release.folder),
    )
