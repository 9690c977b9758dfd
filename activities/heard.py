"""What a stranger hears in a master, before anything is compared with what was asked."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import soundfile
from pydantic import BaseModel

from activities.asked import asked_tempo_and_key
from activities.job import StepJob
from activities.release import MIXED
from audio.files import decode
from audio.listening import KeyEstimate, TempoEstimate, estimate_key, estimate_tempo
from audio.loudness import loudness_reference
from audio.measure import Measurement, measure
from domain.score import Score

_BLOCK = 1 << 18


class StemSum(BaseModel):
    """How far the stems are from the mix: in dB of full scale, or which one has another length."""

    level_db: float = 0.0
    misfit: str = ""


class Heard(BaseModel):
    """Figures of a master, its loudness by a second meter in LUFS, its pulse and key by ear, and its stems' sum."""

    figures: Measurement
    lufs: float
    tempo: TempoEstimate
    key: KeyEstimate
    stems: StemSum


def listen(job: StepJob) -> Heard:
    """Measure and listen to the master and its stems. The tempo that was asked chooses among octaves, nothing else."""
    score = job.model("score", Score)
    audio, rate = decode(job.content("master"))
    job.progress(0.1, "measuring the master")
    # Decoding and filters leave the interpreter's lock alone, so the stems are added up meanwhile.
    with ThreadPoolExecutor(1) as beside:
        stems = beside.submit(_stem_sum, job)
        figures = measure(audio, rate)
        lufs = loudness_reference(audio, rate)
        job.progress(0.5, "listening for tempo and key")
        tempo = estimate_tempo(audio, rate, hint=asked_tempo_and_key(job, score)[0])
        key = estimate_key(audio, rate)
        job.progress(0.8, "adding up the stems")
        return Heard(figures=figures, lufs=lufs, tempo=tempo, key=key, stems=stems.result())


def run_listen(job: StepJob) -> None:
    """The listening as a step of its own, so that it runs beside the encoders."""
    job.put_model("heard", listen(job))


def _stem_sum(job: StepJob) -> StemSum:
    """All stems together are the mix; one is read at a time, in whole steps of 24 bits."""
    rest = np.concatenate(list(whole_steps(job.content("mix"))))
    for name in job.names(MIXED):
        at = 0
        for block in whole_steps(job.content(MIXED + name)):
            piece = rest[at : at + block.shape[0]]
            at += block.shape[0]
            if piece.shape != block.shape:
                return StemSum(misfit=f"{name}: {at} frames or more of {block.shape[1]} channels")
            piece -= block
        if at != rest.shape[0]:
            return StemSum(misfit=f"{name}: {at} frames")
    power = sum(float(np.sum(np.square(rest[i : i + _BLOCK] * 2.0**-23))) for i in range(0, rest.shape[0], _BLOCK))
    return StemSum(level_db=float(20 * np.log10(np.sqrt(power / max(1, rest.size)) + 1e-12)))


def whole_steps(content: bytes) -> Iterator[npt.NDArray[np.int32]]:
    """A sound file block by block as `(frames, channels)` in steps of 24 bits."""
    with soundfile.SoundFile(io.BytesIO(content)) as file:
        for block in file.blocks(_BLOCK, dtype="int32", always_2d=True):
            yield block >> 8
