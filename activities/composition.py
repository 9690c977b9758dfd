"""Composition: chords, rhythm, melody and bass for every kind of section."""

from collections.abc import Callable, Mapping

from activities.job import StepJob
from music.composing import write_bass_line, write_chords, write_grooves, write_tunes
from music.material import BassLine, Harmony, Melody, Rhythm


def run_chords(job: StepJob) -> None:
    """Chords for every kind of section."""
    harmony = write_chords(job.read, candidates=_candidates(job), seed=job.seed)
    job.put_model("chords", harmony)
    bars = {s.name or s.kind.value: list(s.by_bar(harmony.beats_per_bar)) for s in harmony.sections}
    job.patch = {"musical": {"chord_progression": bars}}
    for name, chords in bars.items():
        job.explain(f"chords of the {name}", " | ".join(chords), f"in {harmony.key} {harmony.scale}")


def run_rhythm(job: StepJob) -> None:
    """Grooves, fills, accompaniment patterns."""
    rhythm = write_grooves(job.read, candidates=_candidates(job), seed=job.seed)
    job.put_model("rhythm", rhythm)
    summary = f"{rhythm.groove}, swing {rhythm.swing:.2f}" if rhythm.drums else f"{rhythm.groove}, no drums"
    job.patch = {"musical": {"rhythm_pattern": {"summary": summary}}}
    job.explain("groove", summary, "the genre's own, unless another was asked for")


def run_melody(job: StepJob) -> None:
    """A tune for every kind of section."""
    melody = write_tunes(job.read, job.model("chords", Harmony), candidates=_candidates(job), seed=job.seed)
    job.put_model("melody", melody)
    summary = _describe_melody(melody)
    job.patch = {"musical": {"melody": {"summary": summary}}}
    job.explain("melody", summary, f"best of {_candidates(job)} candidates")


def run_bass(job: StepJob) -> None:
    """A bass line under the chords, on the kick."""
    bass = write_bass_line(
        job.read, job.model("chords", Harmony), job.model("rhythm", Rhythm), candidates=_candidates(job), seed=job.seed
    )
    job.put_model("bass", bass)
    summary = _describe_bass(bass)
    job.patch = {"musical": {"bass_line": {"summary": summary}}}
    job.explain("bass", summary, "hears the chords and the kick")


def _candidates(job: StepJob) -> int:
    chosen = job.read("ai_decisions.generation_params", {}).get("candidates", job.params["candidates"])
    return max(1, min(16, int(chosen)))


def _describe_melody(melody: Melody) -> str:
    notes = [note for section in melody.sections for note in section.notes]
    pitches = [note.pitch for note in notes]
    return f"{len(notes)} notes between {min(pitches)} and {max(pitches)}, hook of {len(melody.hook)} notes"


def _describe_bass(bass: BassLine) -> str:
    return f"{bass.style}, {sum(len(section.notes) for section in bass.sections)} notes"


STEPS: Mapping[str, Callable[[StepJob], None]] = {
    "chords": run_chords,
    "rhythm": run_rhythm,
    "melody": run_melody,
    "bass": run_bass,
}
