"""MusicGen on this machine, as far as it goes without torch; `./run test-musicgen` tests the model itself."""

import io
import sys
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from domain.providers import ErrorKind, Task
from providers import musicgen_local, musicgen_model
from providers.account import Account
from providers.contract import Job, Product
from providers.errors import ProviderError
from providers.musicgen_local import MusicgenLocal, wav
from providers.musicgen_model import Window, join, plan
from providers.orders import MusicOrder, Origin, Sound, TextOrder
from providers.transport import Call, Reply


class NoTransport:
    async def send(self, call: Call) -> Reply:
        raise AssertionError(f"a model on this machine sent {call.method} {call.url}")


class Recorder:
    """Stands for a loaded model: keeps what it was asked for and gives a tone."""

    rate = 8000

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    def generate(self, *given: Any) -> musicgen_model.Samples:
        self.asked.append(given)
        return np.full((2, round(given[1] * self.rate)), 1.5, dtype=np.float32)


def adapter(model: str = "weights", **options: str) -> MusicgenLocal:
    return MusicgenLocal(Account(model=model, options=options), NoTransport())


def order(**changes: Any) -> MusicOrder:
    given = {"task": Task.INSTRUMENTAL, "title": "Calm", "style": "calm piano", "bpm": 80, "duration_s": 4.0, "seed": 7}
    return MusicOrder.model_validate(given | changes)


async def refusal(one: MusicgenLocal, asked: MusicOrder) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await one.submit(asked)
    return caught.value


@given(st.integers(1, 5000), st.integers(2, 1500), st.data())
def test_windows_add_up_hear_no_more_than_they_may_and_overlap(total: int, window: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, window - 1))
    windows = plan(total, window, overlap)
    assert sum(one.new for one in windows) == total
    assert windows[0].context == 0
    assert all(one.context + one.new <= window and one.new > 0 for one in windows)
    assert all(one.context == overlap for one in windows[1:])


def test_a_minute_of_musicgen_is_a_window_and_two_steps() -> None:
    assert plan(3000, 1500, 600) == (Window(0, 1500), Window(600, 900), Window(600, 600))


def test_two_windows_meet_without_a_jump_and_without_a_lost_sample() -> None:
    made, more = np.full((1, 100), 1.0, np.float32), np.full((1, 90), -1.0, np.float32)
    joined = join(made, more, context=40, fade=10)
    assert joined.shape == (1, 150)
    assert (joined[0, :90] == 1.0).all()
    assert (joined[0, 100:] == -1.0).all()
    assert np.abs(np.diff(joined[0])).max() < 0.25
    np.testing.assert_array_equal(join(np.zeros((1, 0), np.float32), made, 0, 10), made)


def test_a_wav_file_is_turned_down_rather_than_clipped() -> None:
    samples, rate = soundfile.read(io.BytesIO(wav(np.array([[0.5, -2.0], [1.0, 0.0]], np.float32), 8000)))
    assert rate == 8000
    np.testing.assert_allclose(samples, [[0.25, 0.5], [-1.0, 0.0]], atol=1e-6)
    quiet, _ = soundfile.read(io.BytesIO(wav(np.array([[0.5, -0.25]], np.float32), 8000)))
    np.testing.assert_allclose(quiet, [0.5, -0.25], atol=1e-6)


async def test_an_order_reaches_the_model_with_its_options(monkeypatch: pytest.MonkeyPatch) -> None:
    model, loaded = Recorder(), []

    def load(name: str, device: str, download: bool) -> Recorder:
        loaded.append((name, device, download))
        return model

    monkeypatch.setattr(musicgen_local.musicgen_model, "load", load)
    one = adapter(device="cpu", guidance_scale="4.5", top_k="50", temperature="0.8", window_s="20", overlap_s="5")
    product = await one.submit(order())
    assert isinstance(product, Product)
    assert loaded == [("weights", "cpu", False)]
    ((prompt, duration, _, sampling, window_s, overlap_s),) = model.asked
    assert (prompt, duration, window_s, overlap_s) == ("calm piano, 80 BPM, instrumental", 4.0, 20.0, 5.0)
    assert sampling == musicgen_model.Sampling(guidance=4.5, top_k=50, temperature=0.8)
    (file,) = product.files
    assert (file.duration_s, file.media_type) == (4.0, "audio/wav")
    assert soundfile.info(io.BytesIO(file.content)).channels == 2
    await adapter(allow_download="yes").submit(order(seed=8))
    assert loaded[1] == ("weights", "auto", True)
    assert model.asked[0][2] != model.asked[1][2], "two seeds of songs gave one seed of the model"


@pytest.mark.parametrize(
    "changes",
    [
        {"task": Task.FULL_SONG},
        {"task": Task.TRANSFORMATION},
        {"instrumental": False},
        {"lyrics": "[Verse]\nla"},
        {"duration_s": 0.5},
        {"duration_s": 301.0},
        {"origin": Origin(provider="musicgen_local", job_id="x")},
        {"reference": Sound(content=b"RIFF")},
    ],
)
async def test_what_it_cannot_do_is_refused_before_a_model_is_loaded(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    monkeypatch.setattr(musicgen_local.musicgen_model, "load", None)
    assert (await refusal(adapter(), order(**changes))).kind is ErrorKind.UNSUPPORTED
    words = TextOrder(task=Task.LYRICS, instructions="", text="", schema_name="x", json_schema={})
    with pytest.raises(ProviderError, match="words"):
        adapter().operation(words)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"top_k": "many"}, "top_k"),
        ({"temperature": "-1"}, "temperature"),
        ({"temperature": "nan"}, "temperature"),
        ({"window_s": "10", "overlap_s": "10"}, "overlap_s"),
    ],
)
async def test_options_that_are_none_are_told_by_name(options: dict[str, str], told: str) -> None:
    error = await refusal(adapter(**options), order())
    assert error.kind is ErrorKind.INVALID_REQUEST
    assert told in error.message


async def test_without_a_folder_or_packages_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "folder" in (await refusal(adapter(model=""), order())).message
    monkeypatch.setitem(sys.modules, "torch", None)
    musicgen_model.load.cache_clear()
    error = await refusal(adapter(), order())
    assert error.kind is ErrorKind.UNSUPPORTED
    assert "extra musicgen" in error.message


async def test_the_probe_names_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(musicgen_local, "find_spec", lambda name: None if name == "torch" else object())
    assert "torch missing" in (await adapter().probe()).note
    monkeypatch.setattr(musicgen_local, "find_spec", lambda name: object())
    assert "folder" in (await adapter(model="").probe()).note
    assert (await adapter().probe()).ok


async def test_it_costs_nothing_has_no_jobs_and_calls_nobody_back() -> None:
    assert adapter().quote(order()) == 0
    assert adapter().capabilities.commercial == "no"
    with pytest.raises(ProviderError):
        await adapter().poll(Job(id="x", operation="generate"))
    with pytest.raises(ProviderError):
        adapter().read_callback({}, b"{}", now=0.0)
