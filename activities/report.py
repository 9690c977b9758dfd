"""report.json: what was asked, what was measured, how it was made."""

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from activities.job import StepJob
from activities.makers import asked, engine, recorded_by, vocals
from activities.release import DRAWN, FILES, MIXED, WRITTEN, filename
from activities.versions import chosen_sound_set, library_versions
from audio.genre_bands import genre_curve, genre_ranges, octave_misses
from domain.score import Score

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
    stages = _stages(job)
    providers = list(asked(results))
    return {
        "title": job.params["title"],
        "prompt": job.text("prompt"),
        "seed": job.request.seed,
        "take": job.request.take,
        "engine": engine(providers, stages),
        "created_at": job.request.facts.get("created_at"),
        "requested": {path.rpartition(".")[2]: job.read(path) for path in _ASKED},
        "understood": {"confidence": brief["confidence"], "contradictions": brief["contradictions"]},
        "measured": verification["measured"],
        "checks": verification["checks"],
        "unchecked": verification["unchecked"],
        "spectrum": list(_spectrum(job, verification["measured"])),
        "stages": stages,
        "cost": str(sum((Decimal(stage["cost"]) for stage in stages), Decimal(0))),
        "providers": providers,
        "decisions": _decisions(job, results),
        "stems": list(_stems(job)),
        "files": [*verification["files"], *_documents(job, plan=bool(recorded_by(providers)))],
        "context": {name: job.read(name) for name in ("musical", "technical", "creative", "ai_decisions")},
        "vocals": vocals(providers, results, job.read("creative.lyrics")),
        "provenance": _provenance(job),
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


def _decisions(job: StepJob, results: list[dict[str, Any]]) -> list[Any]:
    """What was decided on the way, then what this stage's own steps decided."""
    refs = [step.get("decisions") for result in results for step in result["steps"]]
    own = job.request.facts.get("decisions", [])
    return [decision for ref in (*refs, *own) if ref for decision in job.fetch(ref)]


def _spectrum(job: StepJob, measured: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each octave of the master against 1 kHz, how far it lies over the genre's curve in shape, and how far it may."""
    genres, bands = job.read("musical.genre"), measured.get("octave_bands_db", {})
    curve, ranges = genre_curve(genres), genre_ranges(genres)
    if not {f"{hertz:g}" for hertz in curve} <= set(bands):
        return
    for hertz, over in octave_misses(bands, curve).items():
        yield {
            "hz": hertz,
            "measured_db": bands[f"{hertz:g}"],
            "usual_db": round(curve[hertz], 2),
            "over_db": over,
            "lowest_db": ranges[hertz].low,
            "highest_db": ranges[hertz].high,
            "ok": ranges[hertz].holds(over),
        }


def _stems(job: StepJob) -> Iterator[dict[str, Any]]:
    """The stems in their order; those of parts with the part's name, instrument and role, the others are returns."""
    if "mixed_order" not in job.request.inputs:
        return
    order = job.document("mixed_order")
    parts = {part.id: part for part in job.model("score", Score).parts}
    for name in order:
        part = parts.get(name)
        yield {
            "path": filename(MIXED + name, order),
            "name": part.name if part else name.replace("_", " "),
            "instrument": part.instrument if part else None,
            "role": part.role.value if part else "return",
        }


def _provenance(job: StepJob) -> dict[str, Any] | None:
    """provenance.json without its list of files, of which the report has its own."""
    if "provenance" not in job.request.inputs:
        return None
    return {name: found for name, found in job.document("provenance").items() if name != "files"}


def _documents(job: StepJob, *, plan: bool) -> Iterator[dict[str, Any]]:
    """What was written and drawn; notes of which a provider made its own sound are marked as the plan."""
    # A song that was produced by an earlier release has fewer of them.
    for name in (name for name in (*WRITTEN, *DRAWN) if name in job.request.inputs):
        data = job.content(name)
        marks = {"plan": True} if plan and name in WRITTEN else {}
        yield {"path": FILES[name], "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), **marks}
