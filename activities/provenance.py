"""provenance.json: by what, from what and when a song was made, and which of its parts a machine made."""

import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from activities.job import StepJob, canonical
from activities.release import FILES, MIXED, filename
from domain.disclosure import Disclosure, SourceType
from domain.stages import Stage
from domain.steps import MediaType

BUILT_IN = "builtin"
_MAKING = (Stage.COMPOSITION, Stage.ARRANGEMENT, Stage.PRODUCTION)
_UNSIGNED = "no C2PA manifest: the operator has set no certificate and key"


def disclosure_of(facts: Mapping[str, Any]) -> Disclosure:
    """What a machine made when the `providers` of the facts (by stage) made the song.

    The built-in engine follows written rules, learnt from no recording. Of a provider's model that is not known, so
    its notes and sound count as those of a trained one. Nobody sings unless the facts say `sung`; lyrics are the
    person's unless they say `worded`.
    """
    providers: Mapping[str, str] = facts.get("providers", {})
    trained = any(providers.get(stage, BUILT_IN) != BUILT_IN for stage in _MAKING)
    return Disclosure(
        vocals=bool(facts.get("sung")),
        instrumentation=True,
        composition=True,
        post_production=True,
        lyrics=bool(facts.get("worded")),
        source=SourceType.TRAINED if trained else SourceType.ALGORITHMIC,
    )


def run_provenance(job: StepJob) -> None:
    """The document of the release's files as they are delivered, each by its SHA-256."""
    document = canonical(provenance(job))
    job.put("provenance", document, "application/json", MediaType.DOCUMENT, filename("provenance", ()))


def provenance(job: StepJob) -> dict[str, Any]:
    """What `provenance.json` says; docs/user-guide.md tells the meaning of its fields."""
    providers = job.request.facts.get("providers", {})
    made_by = disclosure_of(job.request.facts)
    tagging = job.document("tagging")
    return {
        "schema": "sostenuto/provenance/1",
        "generated": True,
        "title": job.params["title"],
        "created": str(job.request.facts.get("created_at") or "")[:10] or None,
        "engine": {
            "name": BUILT_IN if made_by.source is SourceType.ALGORITHMIC else "providers",
            "software": "sostenuto",
            "version": version("sostenuto"),
            "providers": dict(sorted(providers.items())),
        },
        "seed": job.request.seed,
        "take": job.request.take,
        "prompt_sha256": hashlib.sha256(job.content("prompt")).hexdigest(),
        "machine_made": made_by.model_dump(mode="json", exclude={"source"}),
        "digital_source_type": made_by.source.uri,
        "c2pa": {
            "signed": tagging["signed"],
            "certificate_sha256": tagging["certificate_sha256"],
            "note": None if tagging["signed"] else _UNSIGNED,
        },
        "files": _files(job),
    }


def _files(job: StepJob) -> list[dict[str, str]]:
    """Paths in the release folder and their SHA-256, which is the name that the store gave each content."""
    order = job.document("mixed_order") if "mixed_order" in job.request.inputs else []
    inputs = job.request.inputs.items()
    named = {filename(name, order): ref for name, ref in inputs if name in FILES or name.startswith(MIXED)}
    return [{"path": path, "sha256": named[path]} for path in sorted(named)]
