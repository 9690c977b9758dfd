"""The stages' recipes run on the real steps in this process: no Temporal, a store in memory, the same keys."""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from activities.execution import Made, execute
from activities.job import canonical, step_key
from domain.context import effective, merge, normalise
from domain.settings import SongSettings
from domain.stages import ORDER, Stage, position
from domain.steps import StepRequest, StepResult
from storage.config import load_settings
from workflows.recipes import PROVIDERS, RECIPES

PROMPT = "calm lo-fi with rhodes and strings in F minor at 90 bpm, 40 seconds"


class MemoryStore:
    """A media store in a dictionary."""

    def __init__(self) -> None:
        self.data: dict[str, bytes] = {}

    def put(self, data: bytes) -> str:
        ref = hashlib.sha256(data).hexdigest()
        self.data[ref] = data
        return ref

    def get(self, hash: str) -> bytes:
        return self.data[hash]


class LocalStudio:
    """Makes songs in this process; what was made under a step key is reused."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.made: dict[str, Made] = {}
        self.settings = load_settings()

    def song(
        self, person: Mapping[str, Any] | None = None, *, until: Stage = Stage.FINALIZATION, **options: Any
    ) -> "Song":
        """Take a song through its stages up to and with `until`."""
        song = Song(self, normalise(person or {}), **options)
        for stage in ORDER[: position(until) + 1]:
            asyncio.run(song.process(stage))
        return song


class Song:
    """One song on its way; `artifacts` are content hashes by name, `computed` the steps that were not reused."""

    def __init__(
        self, studio: LocalStudio, person: dict[str, Any], *, prompt: str = PROMPT, seed: int = 1, take: int = 1,
        **settings: Any,
    ) -> None:  # fmt: skip
        self.studio = studio
        self.person = person
        self.seed, self.take = seed, take
        self._settings = {**SongSettings(**settings).model_dump(mode="json"), "title": "Test"}
        self.patches: list[dict[str, Any]] = []
        self.artifacts: dict[str, str] = {"prompt": studio.store.put(prompt.encode())}
        self.computed: list[str] = []
        self.reads: dict[str, set[str]] = {}

    @property
    def context(self) -> Any:
        return effective(self.person, self.patches)

    def document(self, name: str) -> Any:
        return json.loads(self.studio.store.get(self.artifacts[name]))

    def content(self, name: str) -> bytes:
        return self.studio.store.get(self.artifacts[name])

    def note(self, step: str, paths: set[str]) -> None:
        self.reads.setdefault(step, set()).update(paths)

    async def process(self, stage: Stage) -> None:
        run = LocalRun(self, stage)
        await RECIPES[stage](run)  # type: ignore[arg-type]
        self.patches.append(run.patch)


class LocalRun:
    """Stands where the workflow's StageRun stands."""

    def __init__(self, song: Song, stage: Stage) -> None:
        self.song, self.stage = song, stage
        self.facts: dict[str, Any] = {"created_at": "2026-01-01T00:00:00+00:00", "stages": [], "results": []}
        self.patch: dict[str, Any] = {}
        self.context = song.context
        self.settings = {**song._settings, "format": self.context.technical.format}

    def knows(self, change: str) -> bool:
        return change != PROVIDERS

    async def step(
        self, name: str, *inputs: str, label: str = "", renamed: Mapping[str, str] | None = None,
        facts: Mapping[str, Any] | None = None,
        position: tuple[int, int] = (0, 0), **params: Any,
    ) -> StepResult:  # fmt: skip
        song, studio = self.song, self.song.studio
        chosen = {
            key: ref
            for wanted in inputs
            for key, ref in song.artifacts.items()
            if key == wanted or (wanted.endswith(":") and key.startswith(wanted))
        } | {key: song.artifacts[value] for key, value in (renamed or {}).items()}
        request = StepRequest(
            composition_id="local", owner="local", stage=self.stage, step=name, label=label, revision=1,
            take=song.take, seed=song.seed, context=studio.store.put(canonical(self.context)), inputs=chosen,
            params=params, facts=dict(facts or {}),
        )  # fmt: skip
        key = step_key(request, self.context, "sound")
        if key not in studio.made:
            song.computed.append(f"{name} {label}".strip())
            studio.made[key] = execute(
                request, self.context, studio.store, studio.settings, lambda _f, _t: None, song.note
            )
        made = studio.made[key]
        song.artifacts.update({output: artifact.hash for output, artifact in made.outputs.items()})
        if made.patch:
            self.patch = merge(self.patch, json.loads(studio.store.get(made.patch)))
        return StepResult(step=name, label=label, key=key, cached=False, seconds=0, outputs=made.outputs,
                          patch=made.patch, decisions=made.decisions, measured=made.measured)  # fmt: skip
