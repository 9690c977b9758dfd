"""Composition: chords, rhythm, melody and bass for every kind of section."""

from collections.abc import Callable, Mapping

from activities.answers import Read, answer_of, wishes
from activities.job import StepJob
from music.composing import write_bass_line, write_chords, write_grooves, write_tunes
from music.material import BassLine, Harmony, Melody, Rhythm
from providers.language import bass as bass_lines
from providers.language import rhythm as rhythms
from providers.language import theory, tune


def run_chords(job: StepJob) -> None:
    """Chords for every kind of section."""
    read: Read = job.read
    if (answer := answer_of(job)) is not None:
        key, scale = str(job.read("musical.key")), str(job.read("musical.scale"))
        given = job.read("musical.chord_progression", {})
        told = theory.read(answer, key=key, scale=scale, given=given)
        read = wishes(job.read, {"musical.chord_progression": told.progression})
    harmony = write_chords(read, candidates=_candidates(job), seed=job.seed)
    job.put_model("chords", harmony)
    bars = {s.name or s.kind.value: list(s.by_bar(harmony.beats_per_bar)) for s in harmony.sections}
    job.patch = {"musical": {"chord_progression": bars}}
    for name, chords in bars.items():
        job.explain(f"chords of the {name}", " | ".join(chords), f"in {harmony.key} {harmony.scale}")


def run_rhythm(job: StepJob) -> None:
    """Grooves, fills, accompaniment patterns."""
    read: Read = job.read
    if (answer := answer_of(job)) is not None:
        given = {k: v for k, v in job.read("musical.rhythm_pattern", {}).items() if v is not None and k != "summary"}
        read = wishes(job.read, {"musical.rhythm_pattern": rhythms.read(answer, given=given).pattern})
    rhythm = write_grooves(read, candidates=_candidates(job), seed=job.seed)
    job.put_model("rhythm", rhythm)
    summary = f"{rhythm.groove}, swing {rhythm.swing:.2f}" if rhythm.drums else f"{rhythm.groove}, no drums"
    job.patch = {"musical": {"rhythm_pattern": {"summary": summary}}}
    job.explain("groove", summary, "the genre's own, unless another was asked for")


def run_melody(job: StepJob) -> None:
    """A tune for every kind of section."""
    harmony = job.model("chords", Harmony)
    melody = write_tunes(job.read, harmony, candidates=_candidates(job), seed=job.seed)
    why = f"best of {_candidates(job)} candidates"
    if (answer := answer_of(job)) is not None:
        metre = str(job.read("musical.time_signature"))
        melody, why = tune.read(answer, harmony, melody, time_signature=metre), "a language model's, checked"
    job.put_model("melody", melody)
    summary = _describe_melody(melody)
    job.patch = {"musical": {"melody": {"summary": summary}}}
    job.explain("melody", summary, why)


def run_bass(job: StepJob) -> None:
    """A bass line under the chords, on the kick."""
    harmony = job.model("chords", Harmony)
    bass = write_bass_line(job.read, harmony, job.model("rhythm", Rhythm), candidates=_candidates(job), seed=job.seed)
    why = "hears the chords and the kick"
    if (answer := answer_of(job)) is not None:
        metre = str(job.read("musical.time_signature"))
        bass, why = bass_lines.read(answer, harmony, bass, time_signature=metre), "a language model's, checked"
    job.put_model("bass", bass)
    summary = _describe_bass(bass)
    job.patch = {"musical": {"bass_line": {"summary": summary}}}
    job.explain("bass", summary, why)


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
