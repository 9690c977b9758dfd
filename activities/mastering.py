"""Mastering: the mix at its loudness, under its ceiling."""

from collections.abc import Callable, Mapping

from activities.job import StepJob
from activities.release import filename
from audio.files import decode, encode_wav
from audio.mastering import master
from domain.errors import InvalidValue
from domain.steps import MediaType

DEFAULT_CEILING_DBTP = -1.0


def ceiling(job: StepJob) -> float:
    """The true-peak ceiling in dBTP: the person's, or the default."""
    wished = job.read("creative.preferences.master", {}).get("ceiling", DEFAULT_CEILING_DBTP)
    if not isinstance(wished, int | float) or not -12 <= wished <= 0:
        raise InvalidValue(f"creative.preferences.master.ceiling cannot be {wished!r}: it lies from -12 to 0 dBTP")
    return float(wished)


def run_master(job: StepJob) -> None:
    """The master as WAV."""
    mixed, _ = decode(job.content("mix"))
    rate, depth = job.read("technical.sample_rate"), job.read("technical.bit_depth")
    result = master(
        mixed,
        target_lufs=job.read("technical.loudness_target"),
        ceiling_dbtp=ceiling(job),
        genre=job.read("musical.genre"),
        rate=rate,
        bit_depth=depth,
        seed=job.seed,
        progress=lambda f: job.progress(0.9 * f, "mastering"),
    )
    data = encode_wav(result.audio, result.rate, bit_depth=depth)
    measured = job_measured(result.measured)
    job.put(
        "master", data, "audio/wav", MediaType.AUDIO_WAV, filename("master", ()),
        sample_rate=rate, bit_depth=depth, **measured,
    )  # fmt: skip
    job.put_model("mastering", {"limited": result.limited, "measured": result.measured})
    job.measured.update(measured)
    for decision in result.decisions:
        job.explain(decision.what, decision.value, decision.reason)


def job_measured(measured: object) -> dict[str, float]:
    """The numbers of a measurement that are plain figures."""
    document = measured if isinstance(measured, Mapping) else measured.model_dump()  # type: ignore[attr-defined]
    return {name: round(float(value), 4) for name, value in document.items() if isinstance(value, int | float)}


STEPS: Mapping[str, Callable[[StepJob], None]] = {"master": run_master}
