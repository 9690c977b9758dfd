"""The files as they are delivered: the master in every format with its tags, signed where the operator wishes."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.metadata import version

from activities.asked import asked_tempo_and_key
from activities.encoding import ENCODED
from activities.job import StepJob
from activities.provenance import disclosure_of
from activities.release import filename
from activities.versions import configured_signer
from audio.measure import Measurement
from audio.tagging import FORMATS, Format, Tags, tag
from audio.tagging.signing import SIGNED_FORMATS, Signer, sign
from domain.disclosure import Disclosure
from domain.score import Score
from domain.steps import MediaType

SOFTWARE = f"Sostenuto {version('sostenuto')}"
_MEDIA: Mapping[Format, tuple[str, MediaType]] = {
    "wav": ("audio/wav", MediaType.AUDIO_WAV),
    "flac": ("audio/flac", MediaType.AUDIO_FLAC),
    "mp3": ("audio/mpeg", MediaType.AUDIO_MP3),
    "opus": ("audio/ogg", MediaType.AUDIO_OPUS),
}


def run_tag(job: StepJob) -> None:
    """`master.wav` and the other formats with tags and cover, and `tagging`: what was written and what was signed."""
    made_by = disclosure_of(job.request.facts)
    signer = configured_signer(job.settings)
    tags = song_tags(job, made_by)
    signed = []
    for name, source in _sources(job):
        data = tag(job.content(source), name, tags)
        if signer and name in SIGNED_FORMATS:
            data = _signed(data, name, signer, tags, made_by)
            signed.append(filename(f"master.{name}", ()))
        media_type, kind = _MEDIA[name]
        job.put(f"master.{name}", data, media_type, kind, filename(f"master.{name}", ()))
    told = tags.model_dump(mode="json", exclude={"cover", "measured"}, exclude_none=True)
    fingerprint = signer.fingerprint if signer else None
    job.put_model("tagging", {"tags": told, "signed": signed, "certificate_sha256": fingerprint})


def _sources(job: StepJob) -> Iterator[tuple[Format, str]]:
    """The formats that there are, and the artifact with the sound of each."""
    for name in FORMATS:
        source = "master" if name == "wav" else ENCODED + name
        if source in job.request.inputs:
            yield name, source


def _signed(data: bytes, name: str, signer: Signer, tags: Tags, made_by: Disclosure) -> bytes:
    return sign(data, name, signer, title=tags.title, software=SOFTWARE, source=made_by.source)


def song_tags(job: StepJob, made_by: Disclosure) -> Tags:
    """The tags of this song: the person's words where they gave some, its tempo and key, its own time."""
    tempo, key = asked_tempo_and_key(job, job.model("score", Score))
    given = job.read("creative.preferences.tags", {})
    created = job.request.facts.get("created_at")
    measured = job.document("mastering")["measured"] if "mastering" in job.request.inputs else None
    return Tags(
        title=job.params["title"],
        artist=given.get("artist") or "Sostenuto",
        bpm=round(tempo, 2),
        key=key,
        genre=tuple(name.replace("_", " ") for name in job.read("musical.genre")),
        created=datetime.fromisoformat(created[:10]) if created else None,
        isrc=given.get("isrc"),
        comment=given.get("comment") or "",
        software=SOFTWARE,
        cover=job.content("cover") if "cover" in job.request.inputs else None,
        disclosure=made_by,
        measured=Measurement.model_validate(measured) if measured else None,
    )
