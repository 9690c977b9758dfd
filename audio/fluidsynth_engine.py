"""FluidSynth as a sampler: float output, dry, one synthesizer for each stem.

pyfluidsynth finds the library and binds what it can; its own output is 16 bit, so the float writer is bound
here. Only the presets that are played get decoded (dynamic sample loading), and FluidSynth keeps decoded
samples while any synthesizer holds them: one keeper per font does, for the life of the process.
"""

import ctypes
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from functools import lru_cache
from io import StringIO
from types import ModuleType
from typing import Any, Final

import numpy as np

from audio.midi_events import Event
from audio.rate import RATE, Array
from domain.errors import RenderError

_SETTINGS: Final = (
    (b"synth.dynamic-sample-loading", 1),
    (b"synth.reverb.active", 0),
    (b"synth.chorus.active", 0),
    (b"synth.polyphony", 256),
    (b"synth.cpu-cores", 1),
)
_GAIN: Final = 0.6
_DRUM_CHANNEL: Final = 9
_DRUM_BANK: Final = 128
_KEPT_PRESETS: Final = 32
"""Presets whose decoded samples stay in memory: those of two or three bands."""
_keepers: dict[str, tuple[Any, int, set[tuple[int, int]]]] = {}
_lock = threading.Lock()


@lru_cache(maxsize=1)
def _library() -> ModuleType | None:
    """The pyfluidsynth module with the float writer bound, or None where libfluidsynth is not installed."""
    try:
        # It may tell on standard output where it found the library; a song may be streamed there.
        with redirect_stdout(StringIO()):
            import fluidsynth
    except (ImportError, OSError):
        return None
    write = fluidsynth._fl.fluid_synth_write_float
    pointer, number = ctypes.c_void_p, ctypes.c_int
    write.argtypes = [pointer, number, pointer, number, number, pointer, number, number]
    write.restype = number
    return fluidsynth  # type: ignore[no-any-return]


def version() -> str | None:
    """The library's version such as 2.3.1, or None when it is not installed."""
    library = _library()
    if library is None:
        return None
    text = library._fl.fluid_version_str
    text.restype = ctypes.c_char_p
    return str(text().decode())


def decoder() -> str:
    """The libsndfile that decodes the font's samples, such as libsndfile-1.2.2; "none" where FluidSynth has none."""
    library = _library()
    text = getattr(library._fl, "sf_version_string", None) if library is not None else None
    if text is None:
        return "none"
    text.restype = ctypes.c_char_p
    return str(text().decode())


def _new_synth(
    library: ModuleType, rate: int = RATE, gain: float = _GAIN, more: Sequence[tuple[bytes, int]] = ()
) -> tuple[Any, Any]:
    settings = library.new_fluid_settings()
    library.fluid_settings_setnum(settings, b"synth.sample-rate", float(rate))
    library.fluid_settings_setnum(settings, b"synth.gain", gain)
    for name, value in (*_SETTINGS, *more):
        library.fluid_settings_setint(settings, name, value)
    return settings, library.new_fluid_synth(settings)


def _load(library: ModuleType, synth: Any, font: str) -> int:
    number = int(library.fluid_synth_sfload(synth, font.encode(), 0))
    if number < 0:
        raise RenderError(f"the sound font {font!r} cannot be read; give another SF2 or SF3 file")
    return number


def _keep(library: ModuleType, font: str, bank: int, program: int) -> None:
    """Hold the preset's samples in memory so that the next stem does not decode them again."""
    if font not in _keepers:
        # A preset's samples are held as long as a channel plays it, so there is a channel for each.
        _, synth = _new_synth(library, more=((b"synth.midi-channels", _KEPT_PRESETS),))
        _keepers[font] = (synth, _load(library, synth, font), set())
    synth, number, kept = _keepers[font]
    if (bank, program) not in kept and len(kept) < _KEPT_PRESETS:
        channel = len(kept)
        library.fluid_synth_program_select(synth, channel, number, bank, program)
        kept.add((bank, program))


@contextmanager
def _synth(font: str, channel: int, bank: int, program: int) -> Iterator[tuple[ModuleType, Any]]:
    library = _library()
    if library is None:
        raise RenderError("libfluidsynth is not installed; choose the sound set tinysoundfont")
    with _lock:
        _keep(library, font, bank, program)
        settings, synth = _new_synth(library)
        number = _load(library, synth, font)
        chosen = library.fluid_synth_program_select(synth, channel, number, bank, program)
        if chosen != 0:
            chosen = library.fluid_synth_program_select(synth, channel, number, bank, 0)
    try:
        if chosen != 0:
            raise RenderError(f"the sound font {font!r} has no preset {program} in bank {bank}")
        yield library, synth
    finally:
        with _lock:
            library.delete_fluid_synth(synth)
            library.delete_fluid_settings(settings)


def render(font: str, events: Sequence[Event], frames: int, *, program: int, is_drum: bool) -> Array:
    """Play `events` (sorted by frame) with one preset; dry float32 `(frames, 2)`.

    RenderError when the library, the font or the preset is missing.
    """
    channel, bank = (_DRUM_CHANNEL, _DRUM_BANK) if is_drum else (0, 0)
    out = np.zeros((frames, 2), np.float32)
    with _synth(font, channel, bank, program) as (library, synth):
        send = {
            "on": library.fluid_synth_noteon,
            "cc": library.fluid_synth_cc,
            "bend": lambda s, c, value, _: library.fluid_synth_pitch_bend(s, c, value),
            "off": lambda s, c, pitch, _: library.fluid_synth_noteoff(s, c, pitch),
        }
        at = 0
        for event in events:
            if event.frame > at:
                _write(library, synth, out, at, event.frame)
                at = event.frame
            send[event.kind](synth, channel, event.number, event.value)
        _write(library, synth, out, at, frames)
    return out


def _write(library: ModuleType, synth: Any, out: Array, start: int, end: int) -> None:
    if end > start:
        address = out.ctypes.data + start * 8
        library._fl.fluid_synth_write_float(synth, end - start, address, 0, 2, address, 1, 2)


class Band:
    """Up to 16 players on one synthesizer, heard together and in order: the quick way, for previews.

    Linear interpolation, 96 voices, one small room. Each player has a font of its own, so that a preset that
    takes a second to decode can come from a smaller one. `close` frees it; no method is for two threads at once.
    """

    def __init__(self, rate: int) -> None:
        library = _library()
        if library is None:
            raise RenderError("libfluidsynth is not installed; choose the sound set tinysoundfont")
        self._library = library
        with _lock:
            self._settings, self._synth = _new_synth(library, rate, _BAND_GAIN, _BAND_SETTINGS)
        library.fluid_synth_set_reverb(self._synth, *_ROOM)
        interpolate = library._fl.fluid_synth_set_interp_method
        interpolate.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
        interpolate(self._synth, -1, _LINEAR)
        self._fonts: dict[str, int] = {}

    def seat(self, channel: int, font: str, program: int, *, is_drum: bool) -> None:
        """Give the player on `channel` 0–15 its preset; its samples stay in memory for the next band."""
        bank = _DRUM_BANK if is_drum else 0
        with _lock:
            _remember(self._library, font, bank, program)
            if font not in self._fonts:
                self._fonts[font] = _load(self._library, self._synth, font)
            for number in (program, 0):
                chosen = self._library.fluid_synth_program_select(self._synth, channel, self._fonts[font], bank, number)
                if chosen == 0:
                    return
        raise RenderError(f"the sound font {font!r} has no preset {program} in bank {bank}")

    def send(self, channel: int, event: Event) -> None:
        """One event, now."""
        if event.kind == "on":
            self._library.fluid_synth_noteon(self._synth, channel, event.number, event.value)
        elif event.kind == "off":
            self._library.fluid_synth_noteoff(self._synth, channel, event.number)
        elif event.kind == "cc":
            self._library.fluid_synth_cc(self._synth, channel, event.number, event.value)
        else:
            self._library.fluid_synth_pitch_bend(self._synth, channel, event.value)

    def write(self, out: Array, start: int, end: int) -> None:
        """Play on into the frames `start` to `end` of `out` `(frames, 2)`."""
        _write(self._library, self._synth, out, start, end)

    def close(self) -> None:
        """Free the synthesizer; the band cannot play any more."""
        with _lock:
            self._library.delete_fluid_synth(self._synth)
            self._library.delete_fluid_settings(self._settings)


_LINEAR: Final = 1
_BAND_GAIN: Final = 0.4
_BAND_SETTINGS: Final = ((b"synth.polyphony", 96), (b"synth.reverb.active", 1))
_ROOM: Final = (0.45, 0.35, 0.8, 0.55)
"""Room size, damping, width, level of a band's reverb."""
_REMEMBERED: Final = 256
_memory: dict[str, tuple[Any, int, set[tuple[int, int]]]] = {}


def _remember(library: ModuleType, font: str, bank: int, program: int) -> None:
    """Hold a band's presets apart from the stems' keeper, which holds the last 16 only."""
    if font not in _memory:
        _, synth = _new_synth(library, more=((b"synth.midi-channels", _REMEMBERED),))
        _memory[font] = (synth, _load(library, synth, font), set())
    synth, number, held = _memory[font]
    if (bank, program) not in held and len(held) < _REMEMBERED:
        library.fluid_synth_program_select(synth, len(held), number, bank, program)
        held.add((bank, program))
