"""The master in other formats, still without tags."""

from collections.abc import Callable, Mapping

from activities.job import StepJob
from activities.mastering import ceiling
from audio.files import decode, encode_flac
from audio.lossy import Lossy, mp3_under, opus_under
from audio.rate import RATE, Array
from audio.resample import resample
from domain.errors import InvalidValue
from domain.steps import MediaType

ENCODED = "encoded:"
"""Artifacts of this step, for the one that writes the tags: `encoded:mp3` and the like."""

_LOSSY: Mapping[str, tuple[Callable[[Array, int, float], Lossy], tuple[int, ...], str, MediaType]] = {
    "mp3": (mp3_under, (44_100, 48_000), "audio/mpeg", MediaType.AUDIO_MP3),
    "opus": (opus_under, (48_000,), "audio/ogg", MediaType.AUDIO_OPUS),
}
_BARE = MediaType.DOCUMENT


def run_encode(job: StepJob) -> None:
    """The master in one more format; lossy files keep the person's ceiling when they are decoded."""
    chosen = str(job.params["format"])
    audio, rate = decode(job.content("master"))
    limit = ceiling(job)
    # Songs that were under way before there were tags deliver what is encoded.
    artifact, path = (ENCODED + chosen, None) if job.params.get("bare") else (f"master.{chosen}", f"master.{chosen}")
    if chosen == "flac":
        data = encode_flac(audio, rate, bit_depth=job.read("technical.bit_depth"))
        job.put(artifact, data, "audio/flac", MediaType.AUDIO_FLAC if path else _BARE, path, sample_rate=rate)
        return
    if chosen not in _LOSSY:
        raise InvalidValue(f"format {chosen!r} is not offered: choose flac, mp3 or opus")
    encode, rates, media_type, kind = _LOSSY[chosen]
    if rate not in rates:
        audio, rate = resample(audio, rate, RATE), RATE
    made = encode(audio, rate, limit)
    gain, peak = round(made.gain_db, 2), round(made.true_peak_dbtp, 2)
    job.put(
        artifact, made.data, media_type, kind if path else _BARE, path,
        sample_rate=rate, gain_db=gain, true_peak_dbtp=peak,
    )  # fmt: skip
    if made.gain_db:
        reason = f"the codec overshoots; decoded, the file reads {peak:g} dBTP under the ceiling of {limit:g} dBTP"
        job.explain(f"{chosen} gain", f"{gain:g} dB", reason)
