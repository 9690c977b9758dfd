"""Tempo and key that a song was asked to have."""

from activities.job import StepJob
from domain.score import Score


def asked_tempo_and_key(job: StepJob, score: Score) -> tuple[float, str]:
    """Counted beats a minute, and tonic and scale; after edits of the score those that it has for the longest time.

    Reads musical.tempo, key, scale and edits, which the step declares.
    """
    tempo, key = float(job.read("musical.tempo")), f"{job.read('musical.key')} {job.read('musical.scale')}"
    if not job.read("musical.edits", []):
        return tempo, key
    ends = [*(change.start for change in score.tempo[1:]), score.beats]
    lasts = {change.bpm: 0.0 for change in score.tempo}
    for change, end in zip(score.tempo, ends, strict=True):
        lasts[change.bpm] += score.seconds(end) - score.seconds(change.start)
    return max(lasts, key=lambda bpm: lasts[bpm]) / score.time_signature.counted_beat, f"{score.key} {score.scale}"
