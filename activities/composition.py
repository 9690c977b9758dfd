"""Composition: chords, rhythm, melody and bass for every kind of section."""

from collections.abc import Callable, Mapping

from activities.job import StepJob
from music.bass import write_bass
from music.harmony import write_harmony
from music.material import BassLine, Harmony, Melody, Rhythm
from music.melody import write_melody
from music.rhythm import write_rhythm


def run_chords(job: StepJob) -> None:
    """Chords for every kind of section."""
    harmony = write_harmony(
        key=job.read("musical.key"),
        scale=job.read("musical.scale"),
        genre=job.read("musical.genre"),
        valence=job.read("musical.mood.valence"),
        arousal=job.read("musical.mood.arousal"),
        time_signature=job.read("musical.time_signature"),
        progression=job.read("musical.chord_progression", {}),
        candidates=_candidates(job),
        seed=job.seed,
    )
    job.put_model("chords", harmony)
    symbols = {s.kind.value: [chord.symbol for chord in s.chords] for s in harmony.sections}
    job.patch = {"musical": {"chord_progression": symbols}}
    for kind, chords in symbols.items():
        job.explain(f"chords of the {kind}", " ".join(chords), f"in {harmony.key} {harmony.scale}")


def run_rhythm(job: StepJob) -> None:
    """Grooves, fills, accompaniment patterns."""
    rhythm = write_rhythm(
        genre=job.read("musical.genre"),
        tempo=job.read("musical.tempo"),
        time_signature=job.read("musical.time_signature"),
        valence=job.read("musical.mood.valence"),
        arousal=job.read("musical.mood.arousal"),
        wish=_wish(job, "musical.rhythm_pattern"),
        constraints=job.read("creative.constraints", {}),
        seed=job.seed,
    )
    job.put_model("rhythm", rhythm)
    summary = f"{rhythm.groove}, swing {rhythm.swing:.2f}" if rhythm.drums else f"{rhythm.groove}, no drums"
    job.patch = {"musical": {"rhythm_pattern": {"summary": summary}}}
    job.explain("groove", summary, "the genre's own, unless another was asked for")


def run_melody(job: StepJob) -> None:
    """A tune for every kind of section."""
    melody = write_melody(
        job.model("chords", Harmony),
        key=job.read("musical.key"),
        scale=job.read("musical.scale"),
        genre=job.read("musical.genre"),
        tempo=job.read("musical.tempo"),
        time_signature=job.read("musical.time_signature"),
        valence=job.read("musical.mood.valence"),
        arousal=job.read("musical.mood.arousal"),
        wish=_wish(job, "musical.melody"),
        candidates=_candidates(job),
        seed=job.seed,
    )
    job.put_model("melody", melody)
    summary = _describe_melody(melody)
    job.patch = {"musical": {"melody": {"summary": summary}}}
    job.explain("melody", summary, f"best of {_candidates(job)} candidates")


def run_bass(job: StepJob) -> None:
    """A bass line under the chords, on the kick."""
    bass = write_bass(
        job.model("chords", Harmony),
        job.model("rhythm", Rhythm),
        genre=job.read("musical.genre"),
        tempo=job.read("musical.tempo"),
        time_signature=job.read("musical.time_signature"),
        wish=_wish(job, "musical.bass_line"),
        seed=job.seed,
    )
    job.put_model("bass", bass)
    summary = _describe_bass(bass)
    job.patch = {"musical": {"bass_line": {"summary": summary}}}
    job.explain("bass", summary, "hears the chords and the kick")


def _wish(job: StepJob, path: str) -> dict[str, object]:
    """What somebody asked for under `path`; the summary there is an output."""
    wished = job.read(path, {})
    return {name: value for name, value in wished.items() if value is not None and name != "summary"}


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
