"""tinysoundfont as a sampler: the one that pip alone can install."""

import threading
from collections.abc import Sequence
from typing import Final

import numpy as np
import tinysoundfont

from audio.midi_events import Event
from audio.rate import RATE, Array
from domain.errors import RenderError

_GAIN_DB: Final = -12.0
_DRUM_CHANNEL: Final = 9
_CENTRE: Final = 8192
_loaded: dict[str, tuple[tinysoundfont.Synth, int]] = {}
_lock = threading.Lock()


def _synth(font: str) -> tuple[tinysoundfont.Synth, int]:
    """The process's one synthesizer for `font`; reading a font takes longer than playing a stem."""
    if font not in _loaded:
        synth = tinysoundfont.Synth(gain=_GAIN_DB, samplerate=RATE)
        try:
            number = synth.sfload(font)
        except Exception as error:
            raise RenderError(f"the sound font {font!r} cannot be read; give another SF2 or SF3 file") from error
        _loaded[font] = synth, number
    return _loaded[font]


def _reset(synth: tinysoundfont.Synth, channel: int) -> None:
    synth.sounds_off(channel)
    synth.control_change(channel, 121, 0)
    for number, value in ((7, 100), (11, 127), (10, 64), (64, 0), (1, 0)):
        synth.control_change(channel, number, value)
    synth.pitchbend(channel, _CENTRE)


def render(font: str, events: Sequence[Event], frames: int, *, program: int, is_drum: bool) -> Array:
    """Play `events` (sorted by frame) with one preset; dry float32 `(frames, 2)`. RenderError on a bad font."""
    channel = _DRUM_CHANNEL if is_drum else 0
    pieces: list[Array] = []
    with _lock:
        synth, _ = _synth(font)
        _reset(synth, channel)
        # What still rings from the last stem fades in 10 ms; play it out where nobody hears it.
        synth.generate(RATE // 10)
        synth.program_change(channel, program, is_drum)
        at = 0
        for event in events:
            if event.frame > at:
                pieces.append(np.frombuffer(bytes(synth.generate(event.frame - at)), np.float32))
                at = event.frame
            _send(synth, channel, event)
        if frames > at:
            pieces.append(np.frombuffer(bytes(synth.generate(frames - at)), np.float32))
        _reset(synth, channel)
    return np.concatenate(pieces).reshape(-1, 2)[:frames].copy()


def _send(synth: tinysoundfont.Synth, channel: int, event: Event) -> None:
    if event.kind == "on":
        synth.noteon(channel, event.number, event.value)
    elif event.kind == "off":
        synth.noteoff(channel, event.number)
    elif event.kind == "cc":
        synth.control_change(channel, event.number, event.value)
    else:
        synth.pitchbend(channel, event.number)


class Band:
    """Up to 16 players on one synthesizer, heard together and in order: the quick way, for previews.

    All play from the font of the first one that is seated. No method is for two threads at once.
    """

    def __init__(self, rate: int) -> None:
        self._synth = tinysoundfont.Synth(gain=_GAIN_DB, samplerate=rate)
        self._font: int | None = None

    def seat(self, channel: int, font: str, program: int, *, is_drum: bool) -> None:
        """Give the player on `channel` 0–15 its preset. RenderError on a bad font."""
        if self._font is None:
            try:
                self._font = self._synth.sfload(font)
            except Exception as error:
                raise RenderError(f"the sound font {font!r} cannot be read; give another SF2 or SF3 file") from error
        self._synth.program_change(channel, program, is_drum)

    def send(self, channel: int, event: Event) -> None:
        """One event, now."""
        _send(self._synth, channel, event)

    def write(self, out: Array, start: int, end: int) -> None:
        """Play on into the frames `start` to `end` of `out` `(frames, 2)`."""
        if end > start:
            sound = np.frombuffer(bytes(self._synth.generate(end - start)), np.float32)
            out[start:end] = sound.reshape(-1, 2)[: end - start]

    def close(self) -> None:
        """Let the font go."""
        if self._font is not None:
            self._synth.sfunload(self._font)
            self._font = None
