"""Mixing: all stems into one stereo mix, every decision with its reason."""

from collections.abc import Callable, Iterator, Mapping

from activities.job import StepJob
from activities.release import MIXED, filename
from audio.files import decode_stem, encode_wav
from audio.mixing import Delivery, Steps, mix, plan_mix
from audio.rate import RATE, Array
from domain.score import PerformedPart
from domain.steps import Artifact, MediaType


class _DryStems(Mapping[str, Array]):
    """The stems of a song, each decoded when it is asked for, so that they never lie in memory together."""

    def __init__(self, job: StepJob, parts: tuple[str, ...]) -> None:
        self._job, self._parts = job, parts

    def __getitem__(self, name: str) -> Array:
        headroom = float(self._job.document(f"headroom:{name}")["headroom"])
        return decode_stem(self._job.content(f"stem:{name}"), headroom)[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)


def run_mix(job: StepJob) -> None:
    """The mix, and the stems as they stand in it: together they are the mix."""
    order = tuple(part["id"] for part in job.document("performance")["parts"])
    parts = [job.model(f"part:{name}", PerformedPart) for name in order]
    plan = plan_mix(
        parts,
        genre=job.read("musical.genre"),
        channels=job.read("technical.channels"),
        preferences=job.read("creative.preferences.mix", {}),
    )
    # A file's name counts the stems in their order, so those before it are enough to know it.
    names: list[str] = []

    def prepare(number: int, name: str, steps: Steps) -> Artifact:
        file = filename(MIXED + name, [*[""] * number, name])
        return job.stored(encode_wav(steps, RATE), "audio/wav", MediaType.STEMS, file, stem=name, order=number)

    def take(name: str, artifact: Artifact) -> None:
        names.append(name)
        job.outputs[MIXED + name] = artifact

    result = mix(
        _DryStems(job, order),
        parts,
        plan,
        seed=job.seed,
        progress=lambda f: job.progress(f, "mixing"),
        delivery=Delivery(prepare, take),
    )
    data = encode_wav(result.mix, RATE)
    job.put("mix", data, "audio/wav", MediaType.AUDIO_WAV, filename("mix", names), sample_rate=RATE)
    job.put_model("mixed_order", names)
    for decision in result.decisions:
        job.explain(decision.what, decision.value, decision.reason)


STEPS: Mapping[str, Callable[[StepJob], None]] = {"mix": run_mix}
