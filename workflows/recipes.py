"""What each stage does, one small recipe a stage: which steps, in which order, what in parallel."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.providers import BUILTIN, NO_PROVIDER, Task
    from domain.stages import Stage
    from domain.steps import StepResult
    from workflows.calls import StepFailed
    from workflows.providing import asks_for_sound, provide
    from workflows.stage_run import StageRun, together

PART, STEM, HEADROOM, MIXED, ENCODED = "part:", "stem:", "headroom:", "mixed:", "encoded:"
PROVIDERS = "providers"
"""The change of the recipes with which every stage asks through the router."""


async def ideation(run: StageRun) -> None:
    """From the prompt to a brief; a language model writes it where one is configured."""
    enhancement = run.settings["enhancement"]
    chosen = {"enhance": enhancement["enabled"], "level": enhancement["level"]}
    if enhancement["enabled"] and run.knows(PROVIDERS):
        await provide(run, Task.ENHANCEMENT, "understand", "prompt", **chosen)
    else:
        await run.step("understand", "prompt", **chosen)


async def composition(run: StageRun) -> None:
    """Chords beside rhythm, then melody beside bass: a bass must hear the kick and the chords."""
    chosen = {"candidates": run.settings["candidates"]}
    if not run.knows(PROVIDERS):
        await together(run.step("chords", **chosen), run.step("rhythm", **chosen))
        await together(run.step("melody", "chords", **chosen), run.step("bass", "chords", "rhythm", **chosen))
        return
    await together(
        provide(run, Task.MUSIC_THEORY, "chords", **chosen),
        provide(run, Task.RHYTHM, "rhythm", **chosen),
    )
    await together(
        provide(run, Task.MELODY, "melody", "chords", **chosen),
        provide(run, Task.BASS, "bass", "chords", "rhythm", **chosen),
    )


async def _words(run: StageRun) -> None:
    """Lyrics that fit the melody's phrases; where nobody writes any, the song goes on without."""
    with suppress_nobody():
        await provide(run, Task.LYRICS, "lyrics", "melody", "form", "provider_brief")


async def arrangement(run: StageRun) -> None:
    """Form, then every section for the whole band, then something to hear: its opening at once, then all of it."""
    if run.knows(PROVIDERS):
        await provide(run, Task.STRUCTURE, "form")
        if run.settings["vocals"]:
            await _words(run)
    else:
        await run.step("form")
    await run.step("arrange", "form", "chords", "rhythm", "melody", "bass", title=run.settings["title"])
    if run.knows("opening"):
        await run.step("sketch", "score", label="opening", part="opening")
    await run.step("sketch", "score")


async def production(run: StageRun) -> None:
    """A music provider's song where one is asked; else the band plays, and every part becomes a dry stem."""
    if run.knows(PROVIDERS) and asks_for_sound(run) and await _recorded_elsewhere(run):
        return
    performed = await run.step("perform", "score")
    parts = [name for name in performed.outputs if name.startswith(PART)]
    if run.knows("longest part first"):
        # The part that takes longest must not be left for the end, when nobody else works.
        parts.sort(key=lambda name: -float(performed.outputs[name].metadata.get("sounding_s", 0.0)))
    await together(
        *(
            run.step("render", label=name.removeprefix(PART), renamed={"part": name}, position=(number, len(parts)))
            for number, name in enumerate(parts, 1)
        )
    )


async def _recorded_elsewhere(run: StageRun) -> list[StepResult]:
    """The takes of a music provider, the best of them as the one part of the song, or as its stems where asked."""
    documents = ("score", "lyrics", "provider_brief", "reference")
    made: list[StepResult] = []
    told: list[str] = []
    for task in _whole_songs(run):
        try:
            made = await provide(run, task, "perform", "score", documents=documents, answered_step="adopt")
            break
        except StepFailed as failure:
            # Who does not make whole songs may still sing, and the other way round.
            if failure.code != NO_PROVIDER:
                raise
            told.append(failure.reason)
    else:
        raise StepFailed("; ".join(told), NO_PROVIDER)
    if not made:
        return made
    following = ("score", "answer:adopt", "adopted")
    for name, take in run.settings["takes"].items():
        with suppress_nobody():
            await provide(
                run, Task.SECTION_EDIT, "perform", "score",
                documents=following, answered_step="adopt", section=(name, take),
            )  # fmt: skip
    if run.settings["stems"]:
        with suppress_nobody():
            await provide(run, Task.STEMS, "perform", "score", documents=following, answered_step="adopt_stems")
    return made


def _whole_songs(run: StageRun) -> tuple[Task, ...]:
    """As what a whole song may be ordered, one after the other."""
    if run.settings["cover"] and run.named("reference"):
        return (Task.TRANSFORMATION,)
    return (Task.FULL_SONG, Task.VOCALS) if run.settings["vocals"] else (Task.INSTRUMENTAL,)


@contextmanager
def suppress_nobody() -> Iterator[None]:
    """What is a wish only is left out where no provider does it."""
    try:
        yield
    except StepFailed as failure:
        if failure.code != NO_PROVIDER:
            raise


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
    # Told only where it is so: the tags of all other songs stay the same bytes.
    sung = run.settings["vocals"] and providers.get(Stage.PRODUCTION, BUILTIN) != BUILTIN
    voice = {"sung": True, "worded": bool(run.named("lyrics"))} if sung else {}
    return {"created_at": run.facts["created_at"], "providers": providers, **voice}


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
