"""What a music provider made becomes the song's sound: its takes are judged by measurement, the best one is used."""

from collections.abc import Mapping, Sequence
from typing import Any

from activities.job import StepJob
from activities.release import filename
from audio.files import encode_stem
from audio.intake import Intake, Purpose, take_in
from audio.judging import Asked, Choice, Judged, choose, judge, listen
from audio.rate import RATE
from audio.stems import StemSet, stem_set, whole_song
from domain.errors import InvalidAudio
from domain.providing import MadeMedia, ProviderResult
from domain.score import Score
from domain.steps import Artifact, MediaType
from music.composing import play
from music.material import TAIL_S
from music.midi import write_midi

LENGTH_TOLERANCE = 0.4
"""A take whose length is off by more than this share of what was ordered is not the song that was ordered."""
_KINDS: Mapping[str, MediaType] = {
    "audio/wav": MediaType.AUDIO_WAV, "audio/x-wav": MediaType.AUDIO_WAV, "audio/wave": MediaType.AUDIO_WAV,
    "audio/mpeg": MediaType.AUDIO_MP3, "audio/mp3": MediaType.AUDIO_MP3,
    "audio/flac": MediaType.AUDIO_FLAC, "audio/ogg": MediaType.AUDIO_OPUS,
}  # fmt: skip


def run_adopt(job: StepJob) -> None:
    """The best take as the one part of the song; score and MIDI stay what they are, the plan."""
    made, score = job.model("answer", ProviderResult), job.model("score", Score)
    takes = [file for file in made.files if file.role == "take"]
    heard, judged = _judged(job, made, score, takes)
    chosen = choose(judged, preferred=_preferred(job, [_number(take) for take in heard]))
    take = heard[chosen.best]
    _keep_takes(job, takes)
    tempo = score.tempo[0].bpm
    _put_stems(job, score, whole_song(take, tempo_bpm=tempo))
    used = takes[_number(take)]
    job.put_model("adopted", {"take_id": used.take_id, "duration_s": take.seconds, "hash": used.hash})
    _explain(job, made, chosen, _number(take) + 1)


def _number(take: Intake) -> int:
    """Which of the provider's takes this is, from 0; their names count all, also those that were left out."""
    return int(take.name.split()[1]) - 1


def run_adopt_stems(job: StepJob) -> None:
    """A provider's song in the stems that it has separated it into."""
    made, score = job.model("answer", ProviderResult), job.model("score", Score)
    files = [file for file in made.files if file.role.startswith("stem:")]
    names = {file.hash: f"{file.role.removeprefix('stem:')}.wav" for file in files}
    takes = [take_in(job.file(ref), name=name, purpose=Purpose.STEM) for ref, name in names.items()]
    if not takes:
        raise InvalidAudio(f"{made.provider} sent no stems")
    _put_stems(job, score, stem_set(takes, tempo_bpm=score.tempo[0].bpm))
    job.explain("stems", ", ".join(sorted(names.values())), f"separated by {made.provider}")


def _judged(
    job: StepJob, made: ProviderResult, score: Score, takes: Sequence[MadeMedia]
) -> tuple[list[Intake], list[Judged]]:
    """The takes that can be used, each with its verdicts. InvalidAudio with every reason when there is none."""
    counted = score.tempo[0].bpm / score.time_signature.counted_beat
    asked_s = score.seconds(score.beats) + TAIL_S
    asked = Asked(tempo_bpm=counted, key=f"{score.key} {score.scale.replace('_', ' ')}", seconds=asked_s)
    heard: list[Intake] = []
    judged: list[Judged] = []
    wrong: list[str] = []
    for number, file in enumerate(takes, 1):
        name = f"take {number} of {made.provider}"
        try:
            take = take_in(job.file(file.hash), name=name, purpose=Purpose.TAKE)
        except InvalidAudio as error:
            wrong.append(error.message)
            continue
        if abs(take.seconds / asked_s - 1.0) > LENGTH_TOLERANCE:
            wrong.append(f"{name} has {take.seconds:.0f} s where {asked_s:.0f} s were ordered")
            continue
        job.progress(0.8 * number / len(takes), f"listening to {name}")
        heard.append(take)
        judged.append(judge(name, listen(take), asked))
    if not judged:
        raise InvalidAudio("; ".join(wrong) or f"{made.provider} sent no take")
    for reason in wrong:
        job.explain("take", "left out", reason)
    return heard, judged


def _preferred(job: StepJob, usable: Sequence[int]) -> int | None:
    """The take that a person wants, by its place (from 1) among the `usable` ones (from 0); None where it is not one.

    People count what the provider made, whatever is left out.
    """
    wanted = job.read("creative.preferences.take")
    return usable.index(wanted - 1) + 1 if isinstance(wanted, int) and wanted - 1 in usable else None


def _keep_takes(job: StepJob, takes: Sequence[MadeMedia]) -> None:
    for number, file in enumerate(takes, 1):
        kind = _KINDS.get(file.media_type, MediaType.DOCUMENT)
        metadata: dict[str, Any] = {"take": number} | ({"duration_s": file.duration_s} if file.duration_s else {})
        job.outputs[f"take:{number}"] = Artifact(
            hash=file.hash, size=file.size, media_type=file.media_type, type=kind, metadata=metadata
        )


def _put_stems(job: StepJob, score: Score, found: StemSet) -> None:
    """Stems, their parts and the performance as mixing reads them; MIDI of the plan."""
    played = play(job.read, score, seed=job.seed)
    duration_s = max(stem.shape[0] for stem in found.stems.values()) / RATE
    for part in found.parts:
        data, headroom = encode_stem(found.stems[part.id], RATE)
        job.put(
            f"stem:{part.id}", data, "audio/flac", MediaType.STEMS, None,
            part=part.id, instrument=part.instrument, headroom=headroom, duration_s=duration_s,
        )  # fmt: skip
        job.put_model(f"headroom:{part.id}", {"headroom": headroom})
        job.put_model(f"part:{part.id}", part)
    parts = [part.model_dump(mode="json", exclude={"notes", "controls"}) for part in found.parts]
    whole = played.model_dump(mode="json", exclude={"parts"}) | {"duration_s": duration_s}
    job.put_model("performance", {**whole, "parts": parts})
    for name, notes in (("midi", played), ("midi_quantised", None)):
        midi = write_midi(score, notes)
        job.put(name, midi, "audio/midi", MediaType.MIDI, filename(name, ()), duration_s=played.duration_s, plan=True)
    for note in found.notes:
        job.explain(note.what, note.value, note.reason)


def _explain(job: StepJob, made: ProviderResult, chosen: Choice, number: int) -> None:
    best = chosen.takes[chosen.best]
    job.measured = {"takes": len(chosen.takes), "chosen_take": number, "take_score": best.score}
    job.explain("provider", made.provider, f"made {len(chosen.takes)} takes with {made.model or 'its own model'}")
    job.explain("take", best.name, "; ".join(chosen.reasons))
    for verdict in best.verdicts:
        job.explain(f"take.{verdict.name}", verdict.heard, f"asked: {verdict.asked}; {verdict.reason}")
