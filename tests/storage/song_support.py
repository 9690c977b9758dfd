"""Songs for the tests of storage, made by the rules of the domain and not by hand."""

import hashlib
import itertools
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.admission import admit
from domain.lifecycle import StageOutcome, complete_stage, start_stage
from domain.projection import Projection, project
from domain.settings import SongSettings
from domain.stages import Stage
from domain.state import SongState
from domain.steps import Artifact, MediaType, StageResult

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
_numbers = itertools.count(1)


def fresh(word: str) -> str:
    """A name that no other test has."""
    return f"{word}-{next(_numbers)}"


def ref(*parts: object) -> str:
    """A content hash for the tests."""
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


@dataclass
class Song:
    """A song whose workflow is played by hand; `take` hands out what it would project now."""

    id: str = field(default_factory=lambda: fresh("song"))
    owner: str = field(default_factory=lambda: fresh("owner"))
    settings: SongSettings = field(default_factory=SongSettings)
    prompt: str = "a slow waltz in E minor"
    results: dict[str, StageResult] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.now = START
        self.state = SongState(
            composition_id=self.id, owner=self.owner, title="Untitled", seed=7, created_at=START,
            settings=self.settings, prompt=ref(self.prompt), person=ref(self.id, "person"),
        )  # fmt: skip

    def tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def run_stage(self) -> None:
        """The current stage runs to its end, with a result never seen before."""
        stage = self.state.stage
        start_stage(self.state, self.tick())
        revision, take = self.state.current.revision + 1, self.state.current.take
        result = StageResult(
            stage=stage, revision=revision, take=take, context=ref(self.id, stage, revision),
            patch=_patch(revision) if stage is Stage.IDEATION else {},
            artifacts=_artifacts(self.id, stage, revision, take), measured={"loudness": -14.0 - revision},
        )  # fmt: skip
        digest = ref(self.id, result.model_dump(mode="json"))
        self.results[digest] = result
        outcome = StageOutcome(
            result=digest, context=result.context, artifacts={n: a.hash for n, a in result.artifacts.items()},
            computed=2, reused=1, seconds=0.5, unchanged=False, title="Waltz", confidence=0.8, checks_ok=True,
        )  # fmt: skip
        complete_stage(self.state, outcome, self.tick())

    def command(self, kind: str, **arguments: Any) -> None:
        """A command arrives."""
        admission = admit(self.state, kind, [arguments], delivery=fresh("delivery"), actor="user:ada", now=self.tick())
        self.state = admission.state

    def take(self) -> Projection:
        """What the workflow projects now; its outbox is empty afterwards."""
        events, self.state.outbox = self.state.outbox, []
        return project(self.state, self.tick(), events=events, transitions=self.state.unwritten)

    def documents(self, projection: Projection, stages: set[Stage]) -> dict[Stage, StageResult]:
        """The results of a projection's stages, as the media store would give them."""
        return {stage: self.results[projection.stages[stage].result or ""] for stage in stages}


def _patch(revision: int) -> dict[str, Any]:
    told = {"reasoning": ["a waltz", "is in three"], "confidence": 0.75}
    return {
        "creative": {"enhanced_prompt": f"a slow, nostalgic waltz in E minor, version {revision}"},
        "ai_decisions": {"prompt_enhancement": told},
    }


def _artifacts(song: str, stage: Stage, revision: int, take: int) -> dict[str, Artifact]:
    def artifact(name: str, type_: MediaType) -> Artifact:
        return Artifact(
            hash=ref(song, stage, revision, take, name), size=1000 + revision, media_type="audio/wav", type=type_,
            metadata={"duration": 61.5, "true_peak": float("-inf")},
        )  # fmt: skip

    return {"main": artifact("main", MediaType.AUDIO_WAV), "preview": artifact("preview", MediaType.PREVIEW)}
