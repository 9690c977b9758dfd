"""The program that tells how loud a song's sound is over time: `python -m audio.loudness_chart FILE FOLDER`.

Into FOLDER goes `loudness.json`; one JSON object on standard output says whether, or why not. Like `audio.drawing` it
is started by the API, for a chart that a page draws itself.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np

from audio.decibels import SILENCE_DB, gain_to_db
from audio.drawing import answer_for
from audio.guarded import LOCAL, decode_guarded
from audio.loudness import MOMENTARY_S, SHORT_TERM_S, bin_energies, course, loudness
from audio.rate import Array, Doubles
from audio.soundness import require_sound
from audio.true_peak import true_peak

STEP_S: Final = 0.1
_PER_STEP: Final = 10
_PLACES: Final = 2


def loudness_chart(x: Array, rate: int) -> dict[str, Any]:
    """The chart of `x` `(frames, 1 or 2)` at `rate` Hz: the figures of the whole, and two curves in steps of 0.1 s.

    `momentary` (400 ms) and `short_term` (3 s) hold for each step the highest LUFS of the windows whose middle lies in
    it, null where there is none: at both ends, and everywhere in a sound shorter than the window. RenderError when `x`
    is empty or holds NaN or infinity.
    """
    sound = require_sound(x, "the sound to measure")
    energies = bin_energies(sound, rate)
    whole = loudness(energies)
    steps = -(-sound.shape[0] * _PER_STEP // rate)
    return {
        "duration_s": round(sound.shape[0] / rate, 6),
        "step_s": STEP_S,
        "integrated_lufs": round(whole.integrated, _PLACES),
        "loudness_range_lu": round(whole.range, _PLACES),
        "max_momentary_lufs": round(whole.max_momentary, _PLACES),
        "max_short_term_lufs": round(whole.max_short_term, _PLACES),
        "true_peak_dbtp": round(max(SILENCE_DB, gain_to_db(true_peak(sound))), _PLACES),
        "momentary": _by_steps(course(energies, MOMENTARY_S), MOMENTARY_S, steps),
        "short_term": _by_steps(course(energies, SHORT_TERM_S), SHORT_TERM_S, steps),
    }


def _by_steps(values: Doubles, window_s: float, steps: int) -> list[float | None]:
    """The highest value of each step; `values` come every 10 ms, the first one half a window after the start."""
    if values.shape[0] == 0:
        return [None] * steps
    first = round(window_s / 2 * 100)
    padded = np.full(steps * _PER_STEP, -np.inf)
    padded[first : first + values.shape[0]] = values[: max(0, padded.shape[0] - first)]
    highest = padded.reshape(steps, _PER_STEP).max(axis=1)
    return [round(float(value), _PLACES) if np.isfinite(value) else None for value in highest]


def chart(file: Path, folder: Path) -> None:
    """Chart what is in the sound file. InvalidAudio for one that cannot be decoded, RenderError for an empty one."""
    decoded = decode_guarded(file, name="the song's sound", limits=LOCAL)
    document = loudness_chart(decoded.samples, decoded.rate)
    (folder / "loudness.json").write_text(json.dumps(document, separators=(",", ":")))


if __name__ == "__main__":
    sys.exit(answer_for(chart, sys.argv[1:]))
