"""What must be true of a finished song: each check says what was asked, what was measured, and whether it holds."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import Any

import numpy as np

from activities.asked import asked_tempo_and_key
from activities.heard import Heard, StemSum, listen, whole_steps
from activities.job import StepJob
from activities.mastering import ceiling, goal
from activities.release import filename
from activities.sound_checks import Check, check, sound_checks
from audio.lossy import decoded_peak
from audio.measure import Measurement
from audio.mix_plan import RECORDED
from domain.score import Score
from domain.tonality import MINOR_LIKE
from music.material import TAIL_S

LOUDNESS_TOLERANCE_LU = 0.1
INNER_SILENCE_LIMIT_S = 1.0
STEM_SUM_LIMIT_DB = -90.0
DURATION_TOLERANCE_S = 5.0
TEMPO_TOLERANCE = 0.02
# A pulse may be felt at half, double, or against the triplets of the one that is written.
TEMPO_RATIOS = (1.0, 0.5, 2.0, 1.5, 2 / 3, 3.0, 1 / 3, 4.0, 0.25)
PULSE_CONFIDENCE = 0.3
# After these the song is asked to last as long as its score does.
LENGTH_EDITS = frozenset({"change_length", "drop_section", "insert_section", "change_tempo"})
KEY_CONFIDENCE = 0.3


def check_release(job: StepJob) -> dict[str, Any]:
    """Measurements, checks and files of the song; what could not be judged is named under `unchecked`.

    What was heard comes from the step `listen`; songs on their way from before there was one are listened to here.
    """
    score = job.model("score", Score)
    heard = job.model("heard", Heard) if "heard" in job.request.inputs else listen(job)
    job.progress(0.5, "comparing with what was asked")
    unchecked: list[str] = []
    recorded = _is_recorded(job)
    measured: dict[str, Any] = heard.figures.model_dump(mode="json")
    measured["integrated_lufs"] = heard.lufs
    checks = [
        *_sound_checks(job, heard.figures, heard.lufs),
        *_planned(_duration_check(job, score, heard.figures), recorded, unchecked),
        *sound_checks(job, heard.figures, unchecked),
        *_delivered_check(job),
        *_lossy_checks(job),
        _stem_check(heard.stems),
        _score_check(score),
        *_planned(_pulse_and_key(job, score, heard, measured, unchecked, recorded=recorded), recorded, unchecked),
    ]
    return {"measured": measured, "checks": checks, "unchecked": unchecked, "files": list(_files(job))}


def _is_recorded(job: StepJob) -> bool:
    """Whether every part is a recording from elsewhere, which need not keep to the score."""
    if "performance" not in job.request.inputs:
        return False
    parts = job.document("performance")["parts"]
    return bool(parts) and all(part["instrument"] == RECORDED for part in parts)


def _planned(checks: Iterable[Check], recorded: bool, unchecked: list[str]) -> Iterator[Check]:
    """Checks against the score; a recording is not judged by them, and both values are told."""
    for one in checks:
        if recorded:
            told = f"{one['name']}: planned {one['asked']}, found {one['measured']}"
            unchecked.append(f"{told}; a recording from elsewhere is not judged by the plan")
        else:
            yield one


def _sound_checks(job: StepJob, figures: Measurement, lufs: float) -> Iterator[Check]:
    target, limit = goal(job)
    yield check("loudness", f"{target:g} LUFS", round(lufs, 2), abs(lufs - target) <= LOUDNESS_TOLERANCE_LU)
    yield check(
        "true_peak", f"at most {limit:g} dBTP", round(figures.true_peak_dbtp, 2), figures.true_peak_dbtp <= limit
    )
    yield check("clipping", "no clipped sample", figures.clipped_samples, figures.clipped_samples == 0)
    silence = round(figures.longest_silence_s, 2)
    yield check("silence", f"none over {INNER_SILENCE_LIMIT_S:g} s inside", silence, silence <= INNER_SILENCE_LIMIT_S)
    yield check("mono_safe", "correlation over 0", round(figures.correlation, 2), figures.correlation > 0)


def _duration_check(job: StepJob, score: Score, figures: Measurement) -> Iterator[Check]:
    wished = job.read("technical.duration")
    if wished is not None and any(edit["op"] in LENGTH_EDITS for edit in job.read("musical.edits", [])):
        wished = round(score.seconds(score.beats) + TAIL_S, 1)
    if wished is not None:
        metre = score.time_signature
        bar = metre.beats_per_bar / metre.counted_beat * 60 / job.read("musical.tempo")
        allowed = max(bar, DURATION_TOLERANCE_S)
        found = round(figures.duration_s, 2)
        yield check("duration", f"{wished:g} s", found, abs(found - wished) <= allowed)


def _lossy_checks(job: StepJob) -> Iterator[Check]:
    limit = ceiling(job)
    for name in ("master.mp3", "master.opus"):
        if name in job.request.inputs:
            peak = decoded_peak(job.content(name))
            yield check(f"true_peak of {name}", f"at most {limit:g} dBTP", round(peak, 2), peak <= limit)


def _delivered_check(job: StepJob) -> Iterator[Check]:
    """The tagged WAV holds the samples that were listened to."""
    if "master.wav" in job.request.inputs:
        pairs = zip_longest(whole_steps(job.content("master")), whole_steps(job.content("master.wav")))
        same = all(one is not None and two is not None and np.array_equal(one, two) for one, two in pairs)
        yield check("master.wav", "the samples of the master", "the same" if same else "others", same)


def _stem_check(stems: StemSum) -> Check:
    if stems.misfit:
        return check("stems", "as long as the mix", stems.misfit, False)
    asked, level = f"sum to the mix within {STEM_SUM_LIMIT_DB:g} dB", stems.level_db
    return check("stems", asked, round(level, 1), level <= STEM_SUM_LIMIT_DB)


def _score_check(score: Score) -> Check:
    notes = sum(len(part.notes) for part in score.parts)
    return check("notes", "every part plays", notes, all(part.notes for part in score.parts))


def _pulse_and_key(
    job: StepJob, score: Score, heard: Heard, measured: dict[str, Any], unchecked: list[str], *, recorded: bool
) -> Iterator[Check]:
    """Tempo and key by ear; where the ear is unsure the plan is not judged, and that is said."""
    asked_tempo, asked_key = asked_tempo_and_key(job, score)
    tempo, key = heard.tempo, heard.key
    measured["tempo_bpm"], measured["tempo_confidence"] = round(tempo.bpm, 2), round(tempo.confidence, 3)
    if recorded or tempo.confidence >= PULSE_CONFIDENCE:
        ok = any(abs(tempo.bpm / (asked_tempo * ratio) - 1) <= TEMPO_TOLERANCE for ratio in TEMPO_RATIOS)
        yield check("tempo", f"{asked_tempo:g} bpm or a multiple of its pulse", round(tempo.bpm, 1), ok)
    else:
        unchecked.append(f"tempo: no clear pulse is heard (confidence {tempo.confidence:.2f})")
    measured["key"], measured["key_confidence"] = f"{key.tonic} {key.mode}", round(key.confidence, 3)
    if recorded or key.confidence >= KEY_CONFIDENCE:
        found = " or ".join(f"{tonic} {mode}" for tonic, mode in key.alike)
        yield check("key", asked_key, found, any(_same_key(score, *one) for one in key.alike))
    else:
        unchecked.append(f"key: no key stands out (confidence {key.confidence:.2f})")


_NOTES: Mapping[str, int] = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
# Semitones from a mode's tonic up to the tonic of the major key that has its notes.
_MODES: Mapping[str, int] = {"dorian": 10, "phrygian": 8, "lydian": 7, "mixolydian": 5, "locrian": 1}


def _pitch_class(name: str) -> int:
    return (_NOTES[name[0]] + name.count("#") - name.count("b")) % 12


def _same_key(score: Score, tonic: str, mode: str) -> bool:
    """Whether a key that is heard is the one that was asked: same tonic and mode family.

    The ear knows major and minor only, so a church mode may also be heard as a key with the same notes.
    """
    asked, heard = _pitch_class(score.key), _pitch_class(tonic)
    if asked == heard and (score.scale in MINOR_LIKE) == (mode == "minor"):
        return True
    if score.scale not in _MODES:
        return False
    parent = (asked + _MODES[score.scale]) % 12
    return heard == (parent if mode == "major" else (parent + 9) % 12)


def _files(job: StepJob) -> Iterator[dict[str, Any]]:
    order = job.document("mixed_order")
    for name in job.request.inputs:
        # The master without tags is what the steps work on; where it has tags it is delivered so.
        bare = name == "master" and "master.wav" in job.request.inputs
        if name.startswith(("master", "mix")) and name != "mixed_order" and not bare:
            data = job.content(name)
            yield {"path": filename(name, order), "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
