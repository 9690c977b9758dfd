"""Ears: sound files in, what is heard out. Runs under the interpreter of `.venv-ears/`, apart from the project.

Reads JSON lines `{"id": …, "path": …, "ask": ["tempo", "key", "chords"]}` from standard input and answers each with one
line: `{"id": …, "tempo": {"madmom": bpm, "essentia": bpm}, "beats_per_bar": n, "key": {ear: "F minor", …}, "chords":
[[seconds, label], …]}` or `{"id": …, "error": text}`. Files are mono at 44100 Hz.

Ears: madmom (Böck et al.) for beats, bars and keys by neural networks; essentia (Bogdanov et al.) for tempo and keys by
profiles; Chordino (Mauch and Dixon) for chords.
"""

import json
import os
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

RATE = 44100
PROFILES = ("bgate", "edma", "krumhansl")

# The plugin comes with the package chord-extractor; Vamp finds it by this variable, which it reads when imported.
os.environ["VAMP_PATH"] = str(Path(sysconfig.get_paths()["purelib"], "chord_extractor", "_lib"))

import essentia  # noqa: E402
import essentia.standard  # noqa: E402
import numpy as np  # noqa: E402
import soundfile  # noqa: E402
import vamp  # noqa: E402
from madmom.audio.signal import Signal  # noqa: E402
from madmom.features.downbeats import DBNDownBeatTrackingProcessor, RNNDownBeatProcessor  # noqa: E402
from madmom.features.key import CNNKeyRecognitionProcessor, key_prediction_to_label  # noqa: E402

Answer = dict[str, Any]
Ear = Callable[[Any], Answer]


class Ears:
    """All ears, loaded once."""

    def __init__(self) -> None:
        essentia.log.infoActive = essentia.log.warningActive = False
        self.beats = RNNDownBeatProcessor()
        self.bars = DBNDownBeatTrackingProcessor(beats_per_bar=[3, 4], fps=100)
        self.keys = CNNKeyRecognitionProcessor()
        self.rhythm = essentia.standard.RhythmExtractor2013()
        self.profiles = {name: essentia.standard.KeyExtractor(profileType=name) for name in PROFILES}

    def tempo(self, sound: Any) -> Answer:
        """Beats a minute by each ear, and beats in a bar."""
        found = self.bars(self.beats(Signal(sound, sample_rate=RATE)))
        times, numbers = found[:, 0], found[:, 1]
        bpm = 60.0 / float(np.median(np.diff(times))) if len(times) > 1 else 0.0
        return {
            "tempo": {"madmom": round(bpm, 2), "essentia": round(float(self.rhythm(sound)[0]), 2)},
            "beats_per_bar": int(numbers.max()) if len(numbers) else 0,
        }

    def key(self, sound: Any) -> Answer:
        """Tonic and mode by each ear."""
        heard = {"madmom": str(key_prediction_to_label(self.keys(Signal(sound, sample_rate=RATE))))}
        for name, extractor in self.profiles.items():
            tonic, mode, _ = extractor(sound)
            heard[name] = f"{tonic} {mode}"
        return {"key": heard}

    def chords(self, sound: Any) -> Answer:
        """Chord changes in seconds; `N` is no chord."""
        # Spectral roll-on 1 % is what Chordino's manual advises for music with drums and bass.
        found = vamp.collect(sound, RATE, "nnls-chroma:chordino", output="simplechord", parameters={"rollon": 1})
        return {"chords": [[round(float(event["timestamp"]), 3), event["label"]] for event in found["list"]]}

    def listen(self, path: str, ask: list[str]) -> Answer:
        """What is asked about a file."""
        sound, rate = soundfile.read(path, dtype="float32")
        if rate != RATE or sound.ndim != 1:
            raise ValueError(f"{path} has {rate} Hz and shape {sound.shape}; ears want mono at {RATE} Hz")
        ears: dict[str, Ear] = {"tempo": self.tempo, "key": self.key, "chords": self.chords}
        answer: Answer = {}
        for name in ask:
            answer |= ears[name](np.ascontiguousarray(sound))
        return answer


def main() -> None:
    """Answer until standard input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    # Libraries print to standard output; it belongs to the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    ears = Ears()
    for line in sys.stdin:
        job = json.loads(line)
        try:
            answer = ears.listen(job["path"], job["ask"])
        except Exception as problem:  # one bad file must not end the run
            answer = {"error": f"{type(problem).__name__}: {problem}"}
        print(json.dumps({"id": job["id"], **answer}), file=answers, flush=True)


if __name__ == "__main__":
    main()
