"""What each stage does, one small recipe a stage: which steps, in which order, what in parallel."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.stages import Stage
    from domain.steps import Artifact, MediaType, StepRequest, StepResult
    from workflows.calls import run_step

PART, STEM, HEADROOM, MIXED, ENCODED = "part:", "stem:", "headroom:", "mixed:", "encoded:"

Answer = TypeVar("Answer")


class StageRun:
    """One run of a stage: it names the steps' inputs and keeps what they made."""

    def __init__(
        self,
        template: StepRequest,
        available: Mapping[str, str],
        settings: Mapping[str, Any],
        facts: Mapping[str, Any],
        may_start: Callable[[], Awaitable[None]],
        heard: Callable[[StepRequest, Artifact], None],
    ) -> None:
        self._template = template
        self._available = dict(available)
        self._may_start = may_start
        self._heard = heard
        self.settings = settings
        self.facts = dict(facts)
        self.results: list[StepResult] = []

    async def step(
        self,
        name: str,
        *inputs: str,
        label: str = "",
        renamed: Mapping[str, str] | None = None,
        facts: Mapping[str, Any] | None = None,
        position: tuple[int, int] = (0, 0),
        **params: Any,
    ) -> StepResult:
        """Run a step on the artifacts `inputs` (by name, or all that share a prefix ending in a colon).

        `renamed` passes an artifact under another name; `position` tells how far a series of steps is.
        """
        await self._may_start()
        request = self._template.model_copy(
            update={
                "step": name,
                "label": label,
                "inputs": {**self.named(*inputs), **{k: self._available[v] for k, v in (renamed or {}).items()}},
                "params": params,
                "facts": facts or {},
                "position": position,
            }
        )
        key = f"{request.stage}-r{request.revision}-{name}-{label or 'all'}-{workflow.uuid4().hex[:8]}"
        result = await run_step(request, key=key)
        self._available.update({output: artifact.hash for output, artifact in result.outputs.items()})
        self.results.append(result)
        for artifact in result.outputs.values():
            if artifact.type is MediaType.PREVIEW:
                self._heard(request, artifact)
        return result

    def knows(self, change: str) -> bool:
        """Whether this run of the stage began with a change of its recipe; what began before it ends as it began."""
        return workflow.patched(f"{change}-{self._template.stage}-r{self._template.revision}")

    def named(self, *names: str) -> dict[str, str]:
        """Content hashes of artifacts by name; a name ending in a colon stands for all that start so."""
        return {
            key: ref
            for name in names
            for key, ref in self._available.items()
            if key == name or (name.endswith(":") and key.startswith(name))
        }


async def together(*steps: Coroutine[Any, Any, Answer]) -> list[Answer]:
    """Run steps in parallel; when one fails the others are stopped and its error is raised."""
    tasks = [asyncio.create_task(step) for step in steps]
    try:
        return list(await asyncio.gather(*tasks))
    except (Exception, asyncio.CancelledError):
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


async def ideation(run: StageRun) -> None:
    """From the prompt to a brief."""
    enhancement = run.settings["enhancement"]
    await run.step("understand", "prompt", enhance=enhancement["enabled"], level=enhancement["level"])


async def composition(run: StageRun) -> None:
    """Chords beside rhythm, then melody beside bass: a bass must hear the kick and the chords."""
    chosen = {"candidates": run.settings["candidates"]}
    await together(run.step("chords", **chosen), run.step("rhythm", **chosen))
    await together(run.step("melody", "chords", **chosen), run.step("bass", "chords", "rhythm", **chosen))


async def arrangement(run: StageRun) -> None:
    """Form, then every section for the whole band, then something to hear: its opening at once, then all of it."""
    await run.step("form")
    await run.step("arrange", "form", "chords", "rhythm", "melody", "bass", title=run.settings["title"])
    if run.knows("opening"):
        await run.step("sketch", "score", label="opening", part="opening")
    await run.step("sketch", "score")


async def production(run: StageRun) -> None:
    """The band plays, and every part becomes a dry stem."""
    performed = await run.step("perform", "score")
    parts = [name for name in performed.outputs if name.startswith(PART)]
    if run.knows("longest part first"):
        # The part that takes longest must not be left for the end, when nobody else works.
        parts.sort(key=lambda name: -float(performed.outputs[name].metadata.get("sounding_s", 0.0)))
    await together(*(run.step("render", label=name.removeprefix(PART), renamed={"part": name}) for name in parts))


async def mixing(run: StageRun) -> None:
    """All stems into one stereo mix."""
    await run.step("mix", PART, STEM, HEADROOM, "performance")


async def mastering(run: StageRun) -> None:
    """The mix at its loudness, under its ceiling, near the song that the person uploaded."""
    await run.step("master", "mix", "reference")


async def finalization(run: StageRun) -> None:
    """Cover, files, scores, pictures, a check of everything, the report, and a page that shows it all."""
    pictured = run.knows("pictures")
    decided: list[str] = []
    heard: list[str] = []
    if run.knows("listening beside encoders"):
        heard.append("heard")
        await _finished_together(run, decided)
    else:
        beside = [run.step("pictures", "score", "master")] if pictured else []
        await together(run.step("engrave", "score"), _encoded(run, decided, pictured=pictured), *beside)
    await run.step(
        "verify",
        *heard,
        "prompt",
        "score",
        "performance",
        "mix",
        "master",
        "mixed_order",
        MIXED,
        "master.wav",
        "master.flac",
        "master.mp3",
        "master.opus",
    )
    if pictured:
        files = (name for name in _RELEASE if name != "master")
        await run.step(
            "provenance", "prompt", "tagging", "mixed_order", *files,
            facts=_origin(run), title=run.settings["title"],
        )  # fmt: skip
    await run.step(
        "report", "prompt", "verification", "brief", "mixed_order", *_RELEASE,
        facts={**run.facts, "decisions": decided}, title=run.settings["title"],
    )  # fmt: skip
    if pictured:
        await run.step("index", "report_json", "report_html", "chord_chart")


async def _finished_together(run: StageRun, decided: list[str]) -> None:
    """All that needs nothing but the master and the score at once, then the tags; `decided` gets what was decided."""
    # The encoder of MP3 takes longest by far, so it comes first and the others share the second core.
    formats = sorted(_formats(run), key=lambda name: (name != "mp3", name))
    encoders = [run.step("encode", "master", label=name, format=name, bare=True) for name in formats]
    made = await together(
        *encoders,
        run.step("listen", "score", "master", "mix", MIXED),
        run.step("cover", "score"),
        run.step("engrave", "score"),
        run.step("pictures", "score", "master"),
    )
    decided += [result.decisions for result in made[: len(encoders)] if result.decisions]
    await _tagged(run)


async def _encoded(run: StageRun, decided: list[str], *, pictured: bool) -> None:
    """What songs do that began to finish before they were listened to meanwhile."""
    bare: dict[str, Any] = {"bare": True} if pictured else {}
    steps = [run.step("encode", "master", label=name, format=name, **bare) for name in sorted(_formats(run))]
    if not pictured:
        await together(*steps)
        return
    made = await together(run.step("cover", "score"), *steps)
    decided += [result.decisions for result in made if result.decisions]
    await _tagged(run)


def _formats(run: StageRun) -> set[str]:
    return {*run.settings["formats"], run.settings["format"]} - {"wav"}


async def _tagged(run: StageRun) -> None:
    """The master in every format that was asked for, with tags and cover."""
    inputs = ("score", "master", "mastering", "cover", ENCODED)
    await run.step("tag", *inputs, facts=_origin(run), title=run.settings["title"])


def _origin(run: StageRun) -> dict[str, Any]:
    """When the song began and who made which stage: facts that stay when a stage is made again."""
    providers = {stage["name"]: stage["provider"] for stage in run.facts["stages"]}
    return {"created_at": run.facts["created_at"], "providers": providers}


_RELEASE = (
    "score",
    "midi",
    "midi_quantised",
    "musicxml",
    "leadsheet",
    "engraving",
    "chord_chart",
    "pianoroll",
    "cover",
    "waveform_png",
    "spectrogram_png",
    "loudness_png",
    "peaks",
    "peaks_float",
    "provenance",
    "mix",
    MIXED,
    "master",
    "master.wav",
    "master.flac",
    "master.mp3",
    "master.opus",
)

RECIPES: Mapping[Stage, Callable[[StageRun], Awaitable[None]]] = {
    Stage.IDEATION: ideation,
    Stage.COMPOSITION: composition,
    Stage.ARRANGEMENT: arrangement,
    Stage.PRODUCTION: production,
    Stage.MIXING: mixing,
    Stage.MASTERING: mastering,
    Stage.FINALIZATION: finalization,
}
