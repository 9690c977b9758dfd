"""MusicGen in this process: weights from a folder, a prompt in, samples out.

The only module that imports torch and transformers, and it does so when a model is first wanted: both come with the
extra `musicgen`, and a worker without them starts as before.
"""

import functools
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from domain.providers import ErrorKind
from providers.errors import ProviderError

Samples = NDArray[np.float32]
"""Channels × samples, −1 to 1."""

SEED_RANGE: Final = 1 << 63
FADE_S: Final = 0.02
"""Where two windows meet the sound changes over within this time."""

_ALONE: Final = threading.Lock()
"""Torch has one generator of random numbers a process: two songs at once would mix their seeds."""


@dataclass(frozen=True)
class Sampling:
    """How a model draws: `guidance` weighs the prompt, `top_k` 0 draws from all tokens. The defaults are MusicGen's."""

    guidance: float = 3.0
    top_k: int = 250
    temperature: float = 1.0


@dataclass(frozen=True)
class Window:
    """A stretch of generation in frames: `context` of what is there already is heard first, `new` are added."""

    context: int
    new: int


def plan(total: int, window: int, overlap: int) -> tuple[Window, ...]:
    """Windows that make `total` frames where a model knows no more than `window` at once.

    Each after the first hears the last `overlap` frames. The numbers are 30 s and 12 s of frames for MusicGen, whose
    own long form moves on by 18 s at a time.
    """
    windows = [Window(0, min(total, window))]
    made = windows[0].new
    while made < total:
        new = min(total - made, window - overlap)
        windows.append(Window(min(overlap, made), new))
        made += new
    return tuple(windows)


def join(made: Samples, more: Samples, context: int, fade: int) -> Samples:
    """`made`, followed by `more` without its first `context` samples, which `made` ends with.

    The last `fade` samples of the context change over from one to the other, since the model hears its context
    through a codec and does not give it back exactly.
    """
    fade = min(fade, context)
    rise = np.linspace(0.0, 1.0, fade, dtype=np.float32)
    seam = made[:, made.shape[1] - fade :] * (1 - rise) + more[:, context - fade : context] * rise
    return np.concatenate([made[:, : made.shape[1] - fade], seam, more[:, context:]], axis=1)


class MusicgenModel:
    """A loaded model. One generation at a time; equal arguments give equal samples on one machine."""

    def __init__(self, model: Any, processor: Any, device: str) -> None:
        self._model = model
        self._processor = processor
        self._device = device
        audio = model.config.audio_encoder
        self.rate = int(audio.sampling_rate)
        """Hz."""
        self.frame_rate = int(audio.frame_rate)
        """Frames of tokens in a second."""
        self.hop = int(audio.hop_length)
        """Samples of a frame."""
        decoder = model.config.decoder
        self.channels = int(decoder.audio_channels)
        # Codebooks are delayed by one step each, the two channels of a stereo model together.
        self._delay = int(decoder.num_codebooks) // self.channels - 1

    def generate(
        self, prompt: str, duration_s: float, seed: int, sampling: Sampling, window_s: float, overlap_s: float
    ) -> Samples:
        """Music of `duration_s` at `rate`, to the sample; longer than `window_s` by continuation.

        ProviderError OVERLOADED when memory runs out, UPSTREAM for whatever else fails inside the model.
        """
        import torch

        length = round(duration_s * self.rate)
        frames = -(-length // self.hop)
        windows = plan(frames, round(window_s * self.frame_rate), round(overlap_s * self.frame_rate))
        devices = [torch.cuda.current_device()] if self._device.startswith("cuda") else []
        try:
            with _ALONE, torch.random.fork_rng(devices), torch.inference_mode():
                torch.manual_seed(seed % SEED_RANGE)
                made = self._run(prompt, windows, sampling)
        except (MemoryError, torch.OutOfMemoryError) as error:
            raise ProviderError(ErrorKind.OVERLOADED, f"no memory for {duration_s:g} s of MusicGen: {error}") from None
        except (RuntimeError, ValueError, IndexError) as error:
            raise ProviderError(ErrorKind.UPSTREAM, f"MusicGen failed: {str(error)[:300]}") from error
        if made.shape[1] < length or not np.isfinite(made).all():
            raise ProviderError(
                ErrorKind.UPSTREAM,
                f"MusicGen gave {made.shape[1]:,} of {length:,} samples, or some that are no numbers",
            )
        return made[:, :length]

    def _run(self, prompt: str, windows: Sequence[Window], sampling: Sampling) -> Samples:
        text = self._processor(text=[prompt], padding=True, return_tensors="pt").to(self._device)
        made = np.zeros((self.channels, 0), dtype=np.float32)
        for window in windows:
            context = window.context * self.hop
            more = self._window(text, made[:, made.shape[1] - context :], window.new, sampling)
            made = join(made, more, context, round(FADE_S * self.rate))
        return made

    def _window(self, text: Any, context: Samples, new: int, sampling: Sampling) -> Samples:
        import torch

        given: dict[str, Any] = dict(text)
        if context.shape[1]:
            given["input_values"] = torch.from_numpy(context.copy())[None].to(self._device, self._model.dtype)
            given["padding_mask"] = torch.ones((1, context.shape[1]), dtype=torch.long, device=self._device)
        audio = self._model.generate(
            **given,
            do_sample=True,
            guidance_scale=sampling.guidance,
            top_k=sampling.top_k,
            temperature=sampling.temperature,
            max_new_tokens=new + self._delay,
        )
        samples: Samples = audio[0].float().cpu().numpy()
        return samples


@functools.lru_cache(maxsize=1)
def load(name: str, device: str, download: bool) -> MusicgenModel:
    """The model in a folder, or of that name in the local cache of the hub; fetched only where `download` says so.

    Kept until another is wanted. `device` "auto" is the first CUDA device, else the CPU. ProviderError UNSUPPORTED
    without torch and transformers, NOT_FOUND without the weights, OVERLOADED without the memory.
    """
    try:
        import torch
        from transformers import AutoProcessor, MusicgenForConditionalGeneration
    except ImportError as error:
        raise ProviderError(
            ErrorKind.UNSUPPORTED,
            f"MusicGen on this machine needs torch and transformers ({error}); install the extra musicgen",
        ) from None
    chosen = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
    try:
        processor = AutoProcessor.from_pretrained(name, local_files_only=not download)
        model = MusicgenForConditionalGeneration.from_pretrained(name, local_files_only=not download)
        return MusicgenModel(model.eval().to(chosen), processor, chosen)
    except (MemoryError, torch.OutOfMemoryError) as error:
        raise ProviderError(ErrorKind.OVERLOADED, f"no memory to load {name}: {error}") from None
    except (OSError, ValueError, RuntimeError) as error:
        hint = "" if download or Path(name).is_dir() else "; the option allow_download=yes lets it be fetched"
        raise ProviderError(
            ErrorKind.NOT_FOUND, f"no MusicGen model could be loaded from {name}: {str(error)[:300]}{hint}"
        ) from None
