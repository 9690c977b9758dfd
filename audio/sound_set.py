"""Which sampler and which sound font this machine has.

The best is libfluidsynth with MuseScore_General; where either is missing, tinysoundfont plays the font that
pretty_midi brings along. The answer also says what a cached stem depends on.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from audio import fluidsynth_engine
from domain.errors import InvalidValue, RenderError

Kind = Literal["fluidsynth", "tinysoundfont"]

VARIABLE: Final = "SOSTENUTO_SOUNDFONT"
"""Environment variable that may name an SF2 or SF3 file."""

RENDERER_VERSION: Final = "2"
"""Raised with every change of the built-in instruments that can be heard."""

_FOLDERS: Final = (
    "/usr/share/sounds/sf3",
    "/usr/share/sounds/sf2",
    "/usr/share/soundfonts",
    "/usr/local/share/soundfonts",
    "/opt/homebrew/share/soundfonts",
)
_FONTS: Final = (
    "MuseScore_General_Full.sf3",
    "MuseScore_General.sf3",
    "MuseScore_General.sf2",
    "FluidR3_GM.sf2",
    "default-GM.sf3",
    "default-GM.sf2",
)
_LIBRARIES: Final = ("numpy", "numba", "scipy")


@dataclass(frozen=True)
class SoundSet:
    """A sampler with its font. `version` changes whenever the same part could sound different."""

    name: str
    version: str
    kind: Kind
    font: str


def _installed_font() -> Path | None:
    for folder in _FOLDERS:
        for name in _FONTS:
            if (path := Path(folder, name)).is_file():
                return path
    return None


def bundled_font() -> Path:
    """The small font that pretty_midi brings along, 6 MB, nothing to decode. RenderError when it is missing."""
    # Found without importing it: what it imports tells standard output where a library is.
    found = importlib.util.find_spec("pretty_midi")
    path = Path(found.origin if found and found.origin else "pretty_midi").with_name("TimGM6mb.sf2")
    if not path.is_file():
        raise RenderError(f"no sound font: {path.name} is missing from pretty_midi; reinstall it or set {VARIABLE}")
    return path


def _named_font() -> Path | None:
    name = os.environ.get(VARIABLE)
    if not name:
        return None
    path = Path(name).expanduser()
    if not path.is_file():
        raise InvalidValue(f"{VARIABLE} names {name!r}, which is no file; give an SF2 or SF3 file or unset it")
    return path


@lru_cache(maxsize=8)
def _font_mark(path: str, size: int, modified_ns: int) -> str:
    """Size and first hash digits of a font; cached until the file changes."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return f"{size}-{digest.hexdigest()[:16]}"


def _describe(kind: Kind, engine: str, font: Path) -> SoundSet:
    stat = font.stat()
    mark = _font_mark(str(font), stat.st_size, stat.st_mtime_ns)
    libraries = " ".join(f"{name}-{importlib.metadata.version(name)}" for name in _LIBRARIES)
    label = font.stem.removesuffix("_Full")
    decoder = f" {fluidsynth_engine.decoder()}" if kind == "fluidsynth" else ""
    return SoundSet(
        name=f"{label} + {engine}",
        version=f"{engine}{decoder} {label}-{mark} {libraries} sound-{RENDERER_VERSION}",
        kind=kind,
        font=str(font),
    )


def find_sound_set(preference: str = "auto") -> SoundSet:
    """The sound set to use: `auto` takes the best there is, `fluidsynth` or `tinysoundfont` insists on one.

    SOSTENUTO_SOUNDFONT names the font in every case. InvalidValue for an unknown preference or a font that is
    no file; RenderError when what is asked for is not installed.
    """
    if preference not in ("auto", "fluidsynth", "tinysoundfont"):
        raise InvalidValue(f"sound set {preference!r} is not known; choose auto, fluidsynth or tinysoundfont")
    named = _named_font()
    engine = fluidsynth_engine.version() if preference != "tinysoundfont" else None
    font = named or (_installed_font() if preference != "tinysoundfont" else None)
    if preference == "fluidsynth" and engine is None:
        raise RenderError("libfluidsynth is not installed; install libfluidsynth3 or choose auto")
    if engine is not None and (font or preference == "fluidsynth"):
        return _describe("fluidsynth", f"FluidSynth {engine}", font or bundled_font())
    tiny = importlib.metadata.version("tinysoundfont")
    return _describe("tinysoundfont", f"tinysoundfont {tiny}", named or bundled_font())
