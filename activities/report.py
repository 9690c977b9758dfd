"""report.json: what was asked, what was measured, how it was made."""

import hashlib
from typing import Any

from activities.job import StepJob
from activities.release import FILES, WRITTEN
from activities.versions import chosen_sound_set, library_versions

_ASKED = (
    "musical.key", "musical.scale", "musical.tempo", "musical.time_signature", "musical.genre", "musical.mood",
    "musical.instruments", "musical.structure", "technical.duration", "technical.loudness_target",
    "technical.sample_rate", "technical.bit_depth", "technical.channels", "technical.format",
    "creative.style_modifiers", "creative.references", "creative.constraints", "creative.preferences",
)  # fmt: skip


def build_report(job: StepJob) -> dict[str, Any]:
    """The report's document; its figures come from the verification, its story from the stages' results."""
    verification = job.document("verification")
    brief = job.document("brief")
    results = [job.fetch(ref) for ref in job.request.facts.get("results", [])]
    return {
        "title": job.params["title"],
        "prompt": job.text("prompt"),
        "seed": job.request.seed,
        "take": job.request.take,
        "engine": "builtin",
        "created_at": job.request.facts.get("created_at"),
        "requested": {path.rpartition(".")[2]: job.read(path) for path in _ASKED},
        "understood": {"confidence": brief["confidence"], "contradictions": brief["contradictions"]},
        "measured": verification["measured"],
        "checks": verification["checks"],
        "unchecked": verification["unchecked"],
        "stages": _stages(job),
        "decisions": [d for result in results for step in result["steps"] for d in _decisions(job, step)],
        "files": [*verification["files"], *_documents(job)],
        "context": {name: job.read(name) for name in ("musical", "technical", "creative", "ai_decisions")},
        "vocals": "none: the lead instrument plays the vocal line",
        "sound_set": chosen_sound_set(job.settings).name,
        "versions": library_versions(),
    }


def _stages(job: StepJob) -> list[dict[str, Any]]:
    earlier: list[dict[str, Any]] = list(job.request.facts.get("stages", []))
    own = {
        "name": job.spec.stage.value,
        "seconds": 0.0,
        "cached": False,
        "revision": job.request.revision,
        "provider": "builtin",
        "fallback_from": None,
        "cost": "0",
    }
    return [*earlier, own]


def _decisions(job: StepJob, step: dict[str, Any]) -> list[Any]:
    ref = step.get("decisions")
    return list(job.fetch(ref)) if ref else []


def _documents(job: StepJob) -> list[dict[str, Any]]:
    found = []
    # A song that was produced by an earlier release has fewer of them.
    for name in (name for name in WRITTEN if name in job.request.inputs):
        data = job.content(name)
        found.append({"path": FILES[name], "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()})
    return found
