"""Sampled instruments: the part's General MIDI preset played by the machine's sound set."""

from audio import fluidsynth_engine, tinysoundfont_engine
from audio.midi_events import sampler_events
from audio.rate import Array, frames
from audio.sound_set import SoundSet
from domain.score import PerformedPart

_ENGINES = {"fluidsynth": fluidsynth_engine.render, "tinysoundfont": tinysoundfont_engine.render}


def render(part: PerformedPart, sound_set: SoundSet, program: int) -> Array:
    """A dry stem `(round(duration_s * RATE), 2)` of `part` with `program`, drums from the percussion bank."""
    length = frames(part.duration_s)
    events = [e for e in sampler_events(part) if e.frame < length]
    return _ENGINES[sound_set.kind](sound_set.font, events, length, program=program, is_drum=part.is_drum)
