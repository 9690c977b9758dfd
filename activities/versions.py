"""Versions of everything that decides how a song sounds; they enter the keys of the steps that make sound."""

import os
from importlib.metadata import version

from audio.sound_set import SoundSet, find_sound_set
from audio.tagging.signing import Signer, load_signer
from domain.steps import StepSpec
from storage.config import Settings

LIBRARIES = ("numpy", "scipy", "numba", "soundfile", "pyloudnorm", "pretty_midi", "sostenuto")


def chosen_sound_set(settings: Settings) -> SoundSet:
    """The sound set that the settings ask for."""
    if settings.soundfont:
        os.environ["SOSTENUTO_SOUNDFONT"] = settings.soundfont
    return find_sound_set(settings.sound_set)


def library_versions() -> dict[str, str]:
    """Installed versions by package."""
    return {name: version(name) for name in LIBRARIES}


def sound_version(settings: Settings) -> str:
    """One line that changes whenever the same notes could sound otherwise."""
    libraries = ",".join(f"{name}={number}" for name, number in library_versions().items())
    return f"{chosen_sound_set(settings).version};{libraries}"


def configured_signer(settings: Settings) -> Signer | None:
    """Who signs finished files, None where the operator set no certificate. ResourceUnavailable for broken files."""
    if settings.c2pa_cert is None or settings.c2pa_key is None:
        return None
    return load_signer(settings.c2pa_cert, settings.c2pa_key)


def step_version(spec: StepSpec, settings: Settings) -> str:
    """What of this installation decides what a step makes, in one line; empty where nothing does."""
    sound = sound_version(settings) if spec.sounds else ""
    signer = configured_signer(settings) if spec.signs else None
    return f"{sound};{signer.fingerprint}" if signer else sound
