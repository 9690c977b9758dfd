"""Material for tests of single parts: chords, grooves, tunes and basses with usual settings."""

from typing import Any

from music.bass import write_bass
from music.harmony import write_harmony
from music.material import BassLine, Harmony, Melody, Rhythm
from music.melody import write_melody
from music.rhythm import write_rhythm


def harmony(genre: str = "pop", **changes: Any) -> Harmony:
    options = {
        "key": "F", "scale": "minor", "genre": [genre], "valence": 0.4, "arousal": 0.5, "time_signature": "4/4",
        "progression": {}, "candidates": 2, "seed": 5, **changes,
    }  # fmt: skip
    return write_harmony(**options)


def rhythm(genre: str = "pop", **changes: Any) -> Rhythm:
    options = {
        "genre": [genre], "tempo": 110.0, "time_signature": "4/4", "valence": 0.5, "arousal": 0.5, "wish": {},
        "constraints": {}, "seed": 5, **changes,
    }  # fmt: skip
    return write_rhythm(**options)


def melody(over: Harmony, genre: str = "pop", **changes: Any) -> Melody:
    options = {
        "key": over.key, "scale": over.scale, "genre": [genre], "tempo": 110.0, "time_signature": "4/4",
        "valence": 0.5, "arousal": 0.5, "wish": {}, "candidates": 2, "seed": 5, **changes,
    }  # fmt: skip
    return write_melody(over, **options)


def bass(over: Harmony, drums: Rhythm, genre: str = "pop", **changes: Any) -> BassLine:
    options = {"genre": [genre], "tempo": 110.0, "time_signature": "4/4", "wish": {}, "seed": 5, **changes}
    return write_bass(over, drums, **options)
