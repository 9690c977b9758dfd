"""Mastering: the mix at its loudness, under its ceiling."""

from collections.abc import Callable, Mapping

from activities.intake import reference_profile
from activities.job import StepJob
from activities.release import filename
from audio.files import decode, encode_wav
from audio.master_preferences import MasterPreferences, Preset, read_preferences
from audio.mastering import master
from domain.steps import MediaType


def goal(job: StepJob) -> Preset:
    """Loudness and true-peak ceiling of the master: the person's numbers, else the preset's, else the defaults."""
    return master_preferences(job).goal(float(job.read("technical.loudness_target")))


def master_preferences(job: StepJob) -> MasterPreferences:
    """What the person asked of the master, checked."""
    return read_preferences(job.read("creative.preferences.master", {}))


def ceiling(job: StepJob) -> float:
    """The true-peak ceiling in dBTP."""
    return master_preferences(job).ceiling_dbtp


def run_master(job: StepJob) -> None:
    """The master as WAV."""
    mixed, _ = decode(job.content("mix"))
    rate, depth = job.read("technical.sample_rate"), job.read("technical.bit_depth")
    asked, wanted = master_preferences(job), goal(job)
    if asked.preset is not None:
        value = f"{asked.preset}: {wanted.target_lufs:g} LUFS, {wanted.ceiling_dbtp:g} dBTP"
        job.explain("preset", value, "asked for; the person's own loudness and ceiling go before its numbers")
    result = master(
        mixed,
        target_lufs=wanted.target_lufs,
        ceiling_dbtp=wanted.ceiling_dbtp,
        genre=job.read("musical.genre"),
        rate=rate,
        bit_depth=depth,
        seed=job.seed,
        reference=reference_profile(job),
        tone=asked.tone,
        multiband=asked.multiband,
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
