"""Something to hear before anything is rendered: the score played by the sampler, its opening first."""

from collections.abc import Iterable, Iterator
from importlib import import_module

from activities.job import StepJob
from activities.versions import chosen_sound_set
from audio import sketch
from audio.rate import Array
from domain.score import Performance, Score
from domain.stages import Stage
from domain.steps import MediaType
from music.midi import write_midi
from music.performance import perform
from storage.config import Settings

OPENING_S = 10.0
"""Enough to listen to while the rest of a sketch is played."""


def run_sketch(job: StepJob) -> None:
    """The score as sound and as quantised MIDI; with the part `opening` only the first bytes of the same sound.

    The band plays as it will in production where nobody wishes otherwise: production words come later.
    """
    score = job.model("score", Score)
    opening = job.params.get("part") == "opening"
    performance = perform(
        score,
        genre=job.read("musical.genre"),
        style=[],
        swing=job.read("musical.rhythm_pattern.swing"),
        humanize=1.0,
        seed=job.seed,
    )
    sound_set = chosen_sound_set(job.settings)
    frames = sketch.sketch_frames(performance)
    blocks = sketch.play(performance, sound_set=sound_set)
    pieces = sketch.flac(_first(blocks) if opening else _telling(blocks, frames, job), frames, whole=not opening)
    name = "opening" if opening else "preview"
    job.put(name, b"".join(pieces), "audio/flac", MediaType.PREVIEW, f"{name}.flac", **_facts(performance))
    job.measured = {"sketch_sound_set": sound_set.name}
    if not opening:
        job.put("sketch", write_midi(score, None), "audio/midi", MediaType.MIDI, "sketch.mid", bars=score.bars)


def _facts(performance: Performance) -> dict[str, float | int]:
    return {"duration_s": performance.duration_s, "sample_rate": sketch.SKETCH_RATE, "parts": len(performance.parts)}


def _first(blocks: Iterable[Array]) -> Iterator[Array]:
    """Blocks up to `OPENING_S`."""
    seconds = 0.0
    for block in blocks:
        yield block
        seconds += block.shape[0] / sketch.SKETCH_RATE
        if seconds >= OPENING_S:
            return


def _telling(blocks: Iterable[Array], frames: int, job: StepJob) -> Iterator[Array]:
    done = 0
    for block in blocks:
        done += block.shape[0]
        job.progress(done / frames, "sketch")
        yield block


def warm_up(settings: Settings) -> None:
    """Load what composing and sketching need, so that the first song after a start is heard as early as others."""
    for stage in (Stage.IDEATION, Stage.COMPOSITION, Stage.ARRANGEMENT):
        import_module(f"activities.{stage}")
    sketch.warm_up(chosen_sound_set(settings))
