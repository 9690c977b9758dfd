"""Mixing: all stems into one stereo mix, every decision with its reason."""

from collections.abc import Callable, Mapping

from activities.job import StepJob
from activities.release import MIXED, filename
from audio.files import decode_stem, encode_wav
from audio.mixing import mix, plan_mix
from audio.rate import RATE
from domain.score import PerformedPart
from domain.steps import MediaType


def run_mix(job: StepJob) -> None:
    """The mix, and the stems as they stand in it: together they are the mix."""
    order = [part["id"] for part in job.document("performance")["parts"]]
    parts = [job.model(f"part:{name}", PerformedPart) for name in order]
    stems = {}
    for number, part in enumerate(parts):
        headroom = float(job.document(f"headroom:{part.id}")["headroom"])
        stems[part.id], _ = decode_stem(job.content(f"stem:{part.id}"), headroom)
        job.progress(0.15 * number / len(parts), f"loading {part.name}")
    plan = plan_mix(
        parts,
        genre=job.read("musical.genre"),
        channels=job.read("technical.channels"),
        preferences=job.read("creative.preferences.mix", {}),
    )
    result = mix(stems, parts, plan, seed=job.seed, progress=lambda f: job.progress(0.15 + 0.6 * f, "mixing"))
    names = list(result.stems)
    for number, (name, stem) in enumerate(result.stems.items()):
        artifact = MIXED + name
        data = encode_wav(stem, RATE)
        job.put(artifact, data, "audio/wav", MediaType.STEMS, filename(artifact, names), stem=name, order=number)
        job.progress(0.75 + 0.2 * number / len(names), f"writing {name}")
    data = encode_wav(result.mix, RATE)
    job.put("mix", data, "audio/wav", MediaType.AUDIO_WAV, filename("mix", names), sample_rate=RATE)
    job.put_model("mixed_order", names)
    for decision in result.decisions:
        job.explain(decision.what, decision.value, decision.reason)


STEPS: Mapping[str, Callable[[StepJob], None]] = {"mix": run_mix}
