"""The master step and the song that its person uploaded."""

import json
from typing import Any

import numpy as np
import pytest

from activities.execution import Made, execute
from activities.job import canonical, step_key
from audio.files import decode, encode_wav
from audio.rate import RATE
from audio.spectrum import spectra
from domain.context import SongContext
from domain.errors import InvalidAudio
from domain.stages import Stage
from domain.steps import StepRequest
from storage.config import load_settings
from tests.activities.local_run import MemoryStore
from tests.audio.foreign import silence, tune, voice, written

CONTEXT = SongContext().update({"technical.loudness_target": -20, "musical.genre": ["pop"]})
MIX = tune(seconds=12.0)


def bright(x: np.ndarray) -> np.ndarray:
    """The tune with its treble turned up: a first difference mixed in."""
    y = x + 2.0 * np.diff(x, axis=0, prepend=0.0)
    return (y / np.abs(y).max() * 0.5).astype(np.float32)


def asked(store: MemoryStore, reference: bytes | None) -> StepRequest:
    inputs = {"mix": store.put(encode_wav(MIX, RATE))}
    if reference is not None:
        inputs["reference"] = store.put(reference)
    return StepRequest(
        composition_id="c", owner="o", stage=Stage.MASTERING, step="master", revision=1, seed=1,
        context=store.put(canonical(CONTEXT)), inputs=inputs,
    )  # fmt: skip


def mastered(reference: bytes | None) -> tuple[Made, MemoryStore, StepRequest]:
    store = MemoryStore()
    request = asked(store, reference)
    made = execute(request, CONTEXT, store, load_settings(), lambda _f, _t: None, lambda _s, _p: None)
    return made, store, request


def treble_db(made: Made, store: MemoryStore) -> float:
    return spectra(decode(store.get(made.outputs["master"].hash))[0], RATE).octaves_db()["8000"]


def told(made: Made, store: MemoryStore) -> dict[str, Any]:
    assert made.decisions is not None
    return {row["what"]: row for row in json.loads(store.get(made.decisions))}


def test_a_reference_moves_the_tone_towards_itself_and_is_part_of_the_key() -> None:
    plain, plain_store, plain_request = mastered(None)
    made, store, request = mastered(written(bright(MIX), format="FLAC", subtype="PCM_24"))
    assert treble_db(made, store) > treble_db(plain, plain_store) + 1.0
    assert "towards the reference" in told(made, store)["tone"]["reason"]
    assert "towards the genre" in told(plain, plain_store)["tone"]["reason"]
    assert step_key(request, CONTEXT, "sound") != step_key(plain_request, CONTEXT, "sound")


def test_what_was_found_in_the_reference_is_explained() -> None:
    made, store, _ = mastered(written(voice()))
    assert told(made, store)["reference.nature"]["value"] == "voice"


@pytest.mark.parametrize("data", [b"dear diary, " * 100, written(silence(6.0)), written(tune(seconds=1.0))])
def test_a_stored_file_that_is_no_reference_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(InvalidAudio, match=r"^reference"):
        mastered(data)
