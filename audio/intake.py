"""Sound from elsewhere brought to the house's shape, or refused by name: two channels, 48 kHz, finite, no offset."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np

from audio.decibels import gain_to_db
from audio.decoding import Limits
from audio.guarded import UPLOAD, Decoded, decode_guarded
from audio.mixing import Decision
from audio.nature import Nature, nature
from audio.rate import RATE, Array
from audio.resample import resample
from audio.tonal_balance import SHORTEST_REFERENCE_S
from domain.errors import InvalidAudio


class Purpose(StrEnum):
    """What a sound from elsewhere is for."""

    TAKE = "take"
    STEM = "stem"
    REFERENCE = "reference"


SHORTEST_S: Final = {Purpose.TAKE: 1.0, Purpose.STEM: 0.0, Purpose.REFERENCE: SHORTEST_REFERENCE_S}
"""Seconds under which nothing can be measured that would be true of a whole song; a stem may be one hit."""
_SILENT_DBFS: Final = -80.0
_OFFSET: Final = 1e-3
_FLAT: Final = 2.0**-15
_FLAT_LEVEL: Final = 0.25
_FLAT_S: Final = 4 / RATE


@dataclass(frozen=True)
class Intake:
    """A sound as the rest of `audio` takes it: `audio` float32 `(frames, 2)` at 48 kHz.

    `notes` tell what was found and what was done about it; `clipped` counts samples cut flat in the source;
    `nature` is told of references only.
    """

    name: str
    audio: Array
    format: str
    rate: int
    channels: int
    clipped: int = 0
    notes: tuple[Decision, ...] = ()
    nature: Nature | None = field(default=None)

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return float(self.audio.shape[0] / RATE)


def take_in(source: bytes | Path, *, name: str, purpose: Purpose, limits: Limits = UPLOAD) -> Intake:
    """Decode a file under `limits` in a process of its own, and conform it. Raises InvalidAudio."""
    return conform(decode_guarded(source, name=name, limits=limits), name=name, purpose=purpose)


def conform(decoded: Decoded, *, name: str, purpose: Purpose) -> Intake:
    """Bring samples as they were in a file to float32 `(frames, 2)` at 48 kHz, and say what had to be done.

    Mono is doubled, an offset removed, another rate converted; clipped samples are counted and kept. InvalidAudio
    names what cannot be used: NaN or infinity, silence, too short for its purpose (`SHORTEST_S`), noise as a
    reference. A silent stem is kept: the mix says that it holds no sound.
    """
    x = decoded.samples
    _check_finite(x, decoded.rate, name)
    if decoded.seconds < SHORTEST_S[purpose]:
        raise InvalidAudio(
            f"{name} lasts {decoded.seconds:.3f} s, too short as a {purpose.value}: "
            f"give at least {SHORTEST_S[purpose]:g} s"
        )
    notes: list[Decision] = []
    clipped = clipped_samples(x, decoded.rate)
    x = _centred(x, name, notes)
    if purpose is not Purpose.STEM:
        _check_sound(x, name, purpose)
    if clipped:
        shown = f"{clipped} samples"
        notes.append(Decision(f"{name}.clipping", shown, "cut flat in the source: kept, what is lost is lost"))
    x = _stereo(x, name, notes)
    if decoded.rate != RATE:
        notes.append(Decision(f"{name}.rate", f"{decoded.rate} Hz to {RATE} Hz", _rate_reason(decoded.rate)))
        x = resample(x, decoded.rate, RATE)
    x = np.ascontiguousarray(x, dtype=np.float32)
    kind = _reference_nature(x, name, notes) if purpose is Purpose.REFERENCE else None
    shown_format = f"{decoded.format} {decoded.encoding}"
    channels = decoded.samples.shape[1]
    return Intake(name, x, shown_format, decoded.rate, channels, clipped, tuple(notes), kind)


def clipped_samples(x: Array, rate: int) -> int:
    """Samples of `x` `(frames, channels)` cut flat: runs at a channel's own highest level, for over 80 µs.

    A file that was clipped and turned down later is found too; a tone of 40 Hz or more never stays that long.
    """
    run = max(3, round(_FLAT_S * rate))
    count = 0
    for channel in x.T:
        for side in (channel, -channel):
            top = float(side.max(initial=0.0))
            if top < _FLAT_LEVEL:
                continue
            flat = np.flatnonzero(side >= top * (1.0 - _FLAT))
            starts = np.flatnonzero(np.diff(flat, prepend=-2) > 1)
            lengths = np.diff(starts, append=flat.size)
            count += int(lengths[lengths >= run].sum())
    return count


def _check_finite(x: Array, rate: int, name: str) -> None:
    bad = ~np.isfinite(x).all(axis=1)
    if bad.any():
        first = int(np.argmax(bad))
        raise InvalidAudio(
            f"{name} holds NaN or infinity in {int(bad.sum())} frames, the first at {first / rate:.3f} s: "
            "export it again"
        )


def _check_sound(x: Array, name: str, purpose: Purpose) -> None:
    peak = gain_to_db(float(np.abs(x).max()))
    if peak < _SILENT_DBFS:
        raise InvalidAudio(f"{name} is silent (highest sample {peak:.0f} dBFS): give a {purpose.value} that sounds")


def _centred(x: Array, name: str, notes: list[Decision]) -> Array:
    offset = x.mean(axis=0, dtype=np.float64)
    if float(np.abs(offset).max()) < _OFFSET:
        return x
    shown = " / ".join(f"{value:+.4f}" for value in offset)
    notes.append(Decision(f"{name}.offset", shown, "a constant offset of full scale: removed, it only costs headroom"))
    return np.asarray(x - offset.astype(np.float32))


def _stereo(x: Array, name: str, notes: list[Decision]) -> Array:
    if x.shape[1] == 2:
        return x
    notes.append(Decision(f"{name}.channels", "1 to 2", "one channel plays on both sides"))
    return np.repeat(x, 2, axis=1)


def _rate_reason(rate: int) -> str:
    if rate < RATE:
        return f"nothing over {rate / 2000:g} kHz was there, and nothing is invented"
    return "everything here runs at 48 kHz; what lies over 24 kHz is filtered off"


def _reference_nature(x: Array, name: str, notes: list[Decision]) -> Nature:
    found = nature(x, RATE)
    if found.kind == "noise":
        raise InvalidAudio(
            f"{name} is noise (spectral flatness {found.flatness:.2f}, no pulse): give a finished song as a reference"
        )
    words = {
        "voice": "a lone voice, spoken or sung: its tone says little about a song",
        "unclear": "neither clearly music nor anything else",
    }
    if found.kind in words:
        why = f"{words[found.kind]}; its effect on the master is bounded as any reference's is"
        notes.append(Decision(f"{name}.nature", found.kind, why))
    return found
