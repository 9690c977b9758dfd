"""MusicGen through the real loading code, on a tiny model of the real classes: run by `./run test-musicgen`.

Its name keeps it out of the whole suite, whose environment has no torch.
"""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from transformers import MusicgenForConditionalGeneration

from domain.providers import ErrorKind, Task
from providers import musicgen_model
from providers.account import Account
from providers.contract import Product
from providers.errors import ProviderError
from providers.musicgen_local import MusicgenLocal
from providers.orders import MusicOrder
from providers.transport import Call, Reply
from tests.providers.tiny_musicgen import FRAME_RATE, RATE, save_tiny

ORDER = MusicOrder(task=Task.INSTRUMENTAL, title="Calm", style="calm piano", duration_s=1.37, seed=7)
SHORT_WINDOWS = {"device": "cpu", "window_s": "1.0", "overlap_s": "0.4"}


class NoTransport:
    """Fails a test in which anything is sent."""

    async def send(self, call: Call) -> Reply:
        raise AssertionError(f"a model on this machine sent {call.method} {call.url}")


@pytest.fixture(scope="module")
def mono(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("mono")
    save_tiny(folder)
    return str(folder)


def adapter(model: str, **options: str) -> MusicgenLocal:
    return MusicgenLocal(Account(model=model, options={"device": "cpu", **options}), NoTransport())


async def made(using: MusicgenLocal, **changes: Any) -> bytes:
    product = await using.submit(ORDER.model_copy(update=changes))
    assert isinstance(product, Product)
    assert product.cost_usd == 0
    return product.files[0].content


def heard(content: bytes) -> np.ndarray:
    samples, rate = soundfile.read(io.BytesIO(content), always_2d=True)
    assert rate == RATE
    return np.asarray(samples)


async def test_a_prompt_becomes_a_sound_of_the_models_rate_and_the_ordered_length(mono: str) -> None:
    samples = heard(await made(adapter(mono)))
    assert samples.shape == (round(1.37 * RATE), 1)
    assert samples.std() > 0.001
    info = soundfile.info(io.BytesIO(await made(adapter(mono))))
    assert (info.format, info.subtype) == ("WAV", "PCM_24")


async def test_the_same_seed_gives_the_same_bytes_and_another_seed_or_prompt_other_ones(mono: str) -> None:
    first = await made(adapter(mono))
    torch.manual_seed(99)
    before = torch.random.get_rng_state()
    assert await made(adapter(mono)) == first
    assert torch.equal(before, torch.random.get_rng_state()), "the generator of others was moved"
    assert await made(adapter(mono), seed=8) != first
    assert await made(adapter(mono), style="wild drums") != first


@pytest.mark.parametrize("seconds", [0.99, 1.0, 1.02, 1.6, 3.33])
async def test_music_longer_than_a_window_is_continued_to_the_sample(mono: str, seconds: float) -> None:
    window = {key: value for key, value in SHORT_WINDOWS.items() if key != "device"}
    samples = heard(await made(adapter(mono, **window), duration_s=max(1.0, seconds)))
    assert len(samples) == round(max(1.0, seconds) * RATE)
    for second in range(int(seconds)):
        assert samples[second * RATE : (second + 1) * RATE].std() > 0.001, f"silent in second {second}"


def test_a_window_hears_the_end_of_the_one_before(mono: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = musicgen_model.load(mono, "cpu", False)
    contexts, real = [], MusicgenForConditionalGeneration.generate

    def noted(self: Any, *given: Any, **more: Any) -> Any:
        values = more.get("input_values")
        contexts.append((0 if values is None else values.shape[-1], more["max_new_tokens"]))
        return real(self, *given, **more)

    monkeypatch.setattr(MusicgenForConditionalGeneration, "generate", noted)
    whole = model.generate("calm piano", 2.0, 3, musicgen_model.Sampling(), 1.0, 0.4)
    frames, overlap = FRAME_RATE, round(0.4 * RATE)
    assert contexts == [(0, frames + 3), (overlap, 30 + 3), (overlap, 20 + 3)]
    first = model.generate("calm piano", 1.0, 3, musicgen_model.Sampling(), 1.0, 0.4)
    untouched = RATE - round(musicgen_model.FADE_S * RATE)
    np.testing.assert_allclose(whole[:, :untouched], first[:, :untouched], atol=1e-6)


async def test_a_stereo_model_gives_two_channels(tmp_path: Path) -> None:
    save_tiny(tmp_path, channels=2)
    samples = heard(await made(adapter(str(tmp_path), window_s="1.0", overlap_s="0.4")))
    assert samples.shape == (round(1.37 * RATE), 2)
    assert np.abs(samples[:, 0] - samples[:, 1]).max() > 0.001


async def test_a_folder_without_a_model_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(ProviderError) as caught:
        await made(adapter(str(tmp_path)))
    assert caught.value.kind is ErrorKind.NOT_FOUND
    assert str(tmp_path) in caught.value.message


async def test_a_name_of_the_hub_is_not_fetched_unless_allowed() -> None:
    with pytest.raises(ProviderError) as caught:
        await made(adapter("facebook/musicgen-nothing-here"))
    assert caught.value.kind is ErrorKind.NOT_FOUND
    assert "allow_download=yes" in caught.value.message


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), ErrorKind.OVERLOADED),
        (MemoryError(), ErrorKind.OVERLOADED),
        (RuntimeError("shapes cannot be multiplied"), ErrorKind.UPSTREAM),
    ],
)
async def test_what_fails_inside_the_model_has_a_kind(
    mono: str, monkeypatch: pytest.MonkeyPatch, error: Exception, kind: ErrorKind
) -> None:
    def failing(self: Any, *given: Any, **more: Any) -> Any:
        raise error

    monkeypatch.setattr(MusicgenForConditionalGeneration, "generate", failing)
    with pytest.raises(ProviderError) as caught:
        await made(adapter(mono))
    assert caught.value.kind is kind


async def test_samples_that_are_no_numbers_are_not_handed_on(mono: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Any, *given: Any, **more: Any) -> Any:
        return torch.full((1, 1, 4 * RATE), float("nan"))

    monkeypatch.setattr(MusicgenForConditionalGeneration, "generate", broken)
    with pytest.raises(ProviderError) as caught:
        await made(adapter(mono))
    assert caught.value.kind is ErrorKind.UPSTREAM


async def test_the_packages_are_seen(mono: str) -> None:
    health = await adapter(mono).probe()
    assert health.ok, health.note
