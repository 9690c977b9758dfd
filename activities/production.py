"""Production: the band plays, every part becomes a dry stem."""

from collections.abc import Callable, Mapping

from activities.adopting import run_adopt, run_adopt_stems
from activities.job import StepJob
from activities.release import filename
from activities.versions import chosen_sound_set
from audio.files import encode_stem
from audio.rate import RATE
from audio.render import render_part
from domain.score import PerformedPart, Score
from domain.steps import MediaType
from music.composing import play
from music.midi import write_midi


def run_perform(job: StepJob) -> None:
    """Every part as played: one document a part, so that a change costs only the stems it touches."""
    score = job.model("score", Score)
    performance = play(job.read, score, seed=job.seed)
    for part in performance.parts:
        job.put_model(f"part:{part.id}", part, sounding_s=round(sum(n.end - n.start for n in part.notes), 3))
    parts = [part.model_dump(mode="json", exclude={"notes", "controls"}) for part in performance.parts]
    job.put_model("performance", {**performance.model_dump(mode="json", exclude={"parts"}), "parts": parts})
    for name, played in (("midi", performance), ("midi_quantised", None)):
        midi = write_midi(score, played)
        job.put(name, midi, "audio/midi", MediaType.MIDI, filename(name, ()), duration_s=performance.duration_s)


def run_render(job: StepJob) -> None:
    """One part as a dry stem."""
    part = job.model("part", PerformedPart)
    sound_set = chosen_sound_set(job.settings)
    stem = render_part(part, sound_set=sound_set, seed=job.seed, progress=lambda f: job.progress(0.9 * f, part.name))
    data, headroom = encode_stem(stem, RATE)
    job.put(
        f"stem:{part.id}",
        data,
        "audio/flac",
        MediaType.STEMS,
        None,
        part=part.id,
        instrument=part.instrument,
        headroom=headroom,
        duration_s=part.duration_s,
    )
    job.put_model(f"headroom:{part.id}", {"headroom": headroom})
    job.measured = {"sound_set": sound_set.name}


STEPS: Mapping[str, Callable[[StepJob], None]] = {
    "perform": run_perform,
    "render": run_render,
    "adopt": run_adopt,
    "adopt_stems": run_adopt_stems,
}
