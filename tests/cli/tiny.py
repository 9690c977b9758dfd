"""The API tests' tiny steps, with a report that lists what a release holds."""

import json
from collections.abc import Callable
from typing import Any

from temporalio import activity

from activities.release import FILES
from activities.runtime import Runtime
from domain.steps import STEPS, Artifact, MediaType, StepRequest, StepResult, Weight
from tests.api import steps as tiny


def steps_with_report(runtime: Runtime, weight: Weight) -> list[Callable[..., Any]]:
    """An activity for every step of a weight. A prompt with "loud" misses its loudness check."""
    made = [
        tiny._tiny(runtime.database, runtime.store, name)
        for name, spec in STEPS.items()
        if spec.weight is weight and name != "report"
    ]
    return [*made, _report(runtime)] if weight is STEPS["report"].weight else made


def _report(runtime: Runtime) -> Callable[..., Any]:
    @activity.defn(name="report")
    async def run(request: StepRequest) -> StepResult:
        store = runtime.store
        prompt = (await store.aget(request.inputs["prompt"])).decode()
        files = [
            {"path": FILES[name], "sha256": ref, "bytes": await store.asize(ref)}
            for name, ref in sorted(request.inputs.items())
            if name in FILES
        ]
        loud_enough = "loud" not in prompt
        report = {
            "prompt": prompt,
            "seed": request.seed,
            "measured": {"integrated_lufs": -14.02, "duration_s": 60.5},
            "checks": [
                {"name": "length", "asked": "60 s", "measured": "60.5 s", "ok": True},
                {"name": "loudness", "asked": "-14 LUFS", "measured": "-14.0 LUFS", "ok": loud_enough},
            ],
            "stages": [],
            "files": files,
        }
        outputs = {}
        for name, filename, media_type, data in (
            ("report_json", "report.json", "application/json", json.dumps(report).encode()),
            ("report_html", "report.html", "text/html", b"<h1>A song</h1>"),
        ):
            ref = await store.aput(data)
            outputs[name] = Artifact(
                hash=ref, size=len(data), type=MediaType.REPORT, media_type=media_type, filename=filename
            )
        return StepResult(
            step="report", key=request.context, cached=False, seconds=0.01, outputs=outputs,
            measured={"checks_ok": loud_enough},
        )  # fmt: skip

    return run
