"""The synthesised drum kits: General MIDI percussion keys to hits, and the player that places them."""

from typing import Final

import numpy as np

from audio.instruments.one_shots import Hit, layers
from audio.kernels import kernel
from audio.rate import Array, frames
from domain.score import PerformedPart

Kit = dict[int, Hit]

_KICK, _RIM, _SNARE, _CLAP, _SNARE_2 = 36, 37, 38, 39, 40
_CLOSED, _PEDAL, _OPEN = 42, 44, 46
_CHOKES: Final = frozenset({_CLOSED, _PEDAL, _OPEN})
_CHOKE_S: Final = 0.012
_VARIANTS: Final = 3
_TOM_KEYS: Final = {41: 0.62, 43: 0.72, 45: 0.86, 47: 1.0, 48: 1.18, 50: 1.4}
_TOM_PANS: Final = {41: 0.4, 43: 0.3, 45: 0.15, 47: 0.0, 48: -0.15, 50: -0.3}


def _toms(base: Hit) -> Kit:
    return {key: base._replace(pitch=base.pitch * ratio, pan=_TOM_PANS[key]) for key, ratio in _TOM_KEYS.items()}


_COMMON: Final[Kit] = {
    49: Hit("cymbal", 420.0, 2.2, tone=0.5, noise=0.8, colour=4200.0, level=0.5, pan=-0.3),
    51: Hit("cymbal", 520.0, 1.6, tone=0.9, noise=0.25, colour=5600.0, level=0.35, pan=0.3),
    53: Hit("cowbell", 900.0, 0.8, level=0.3, pan=0.3),
    54: Hit("shaker", 1.0, 0.18, colour=7000.0, level=0.35, pan=0.25),
    56: Hit("cowbell", 540.0, 0.4, level=0.4, pan=0.2),
    60: Hit("drum", 330.0, 0.18, noise=0.05, bend=0.2, level=0.5, pan=-0.25),
    61: Hit("drum", 240.0, 0.22, noise=0.05, bend=0.2, level=0.5, pan=-0.25),
    62: Hit("drum", 210.0, 0.2, noise=0.08, bend=0.15, level=0.5, pan=0.25),
    63: Hit("drum", 190.0, 0.4, noise=0.05, bend=0.15, level=0.5, pan=0.25),
    64: Hit("drum", 130.0, 0.5, noise=0.05, bend=0.15, level=0.55, pan=0.25),
    69: Hit("shaker", 1.0, 0.12, colour=6000.0, level=0.35, pan=-0.3),
    70: Hit("shaker", 1.0, 0.08, colour=8000.0, level=0.35, pan=0.3),
    75: Hit("block", 2500.0, 0.09, level=0.4, pan=-0.2),
    76: Hit("block", 1050.0, 0.12, level=0.4, pan=-0.2),
    77: Hit("block", 760.0, 0.14, level=0.4, pan=-0.2),
    81: Hit("cowbell", 2600.0, 1.4, level=0.2, pan=-0.3),
    82: Hit("shaker", 1.0, 0.14, colour=6500.0, level=0.35, pan=-0.25),
}

_808: Final[Kit] = _COMMON | {
    _KICK: Hit("kick", 49.0, 0.9, bend=1.6, bend_time=0.07, click=0.12, drive=0.15, level=0.95),
    _RIM: Hit("block", 1750.0, 0.04, noise=0.4, level=0.5),
    _SNARE: Hit("drum", 185.0, 0.18, tone=0.8, noise=0.55, noise_decay=0.24, colour=5200.0, level=0.75),
    _CLAP: Hit("clap", 1.0, 0.45, colour=1200.0, noise_decay=0.32, level=0.7),
    _CLOSED: Hit("hat", 400.0, 0.07, tone=1.0, colour=7600.0, level=0.4, pan=0.12),
    _PEDAL: Hit("hat", 400.0, 0.05, tone=1.0, colour=7600.0, level=0.3, pan=0.12),
    _OPEN: Hit("hat", 400.0, 0.55, tone=1.0, colour=7000.0, level=0.4, pan=0.12),
    **_toms(Hit("kick", 110.0, 0.45, bend=0.5, bend_time=0.08, click=0.04, level=0.75)),
}

_909: Final[Kit] = _COMMON | {
    _KICK: Hit("kick", 52.0, 0.5, bend=2.1, bend_time=0.045, click=0.35, drive=0.35, level=0.95),
    _RIM: Hit("block", 1600.0, 0.05, noise=0.6, level=0.5),
    _SNARE: Hit("drum", 195.0, 0.16, noise=0.9, noise_decay=0.26, colour=5600.0, bend=0.5, click=0.2, level=0.8),
    _CLAP: Hit("clap", 1.0, 0.4, colour=1400.0, noise_decay=0.26, level=0.7),
    _CLOSED: Hit("hat", 460.0, 0.09, tone=0.5, noise=0.7, colour=7800.0, level=0.42, pan=0.12),
    _PEDAL: Hit("hat", 460.0, 0.06, tone=0.5, noise=0.7, colour=7800.0, level=0.3, pan=0.12),
    _OPEN: Hit("hat", 460.0, 0.5, tone=0.5, noise=0.7, colour=7000.0, level=0.42, pan=0.12),
    **_toms(Hit("kick", 120.0, 0.4, bend=0.8, bend_time=0.07, click=0.15, drive=0.2, level=0.8)),
}

_TRAP: Final[Kit] = _808 | {
    _KICK: Hit("kick", 54.0, 0.38, bend=2.4, bend_time=0.04, click=0.4, drive=0.5, level=0.95),
    _SNARE: Hit("drum", 215.0, 0.13, noise=0.95, noise_decay=0.2, colour=6400.0, bend=0.4, click=0.35, level=0.8),
    _CLAP: Hit("clap", 1.0, 0.38, colour=1600.0, noise_decay=0.22, level=0.75),
    _CLOSED: Hit("hat", 520.0, 0.05, tone=0.8, noise=0.3, colour=8400.0, level=0.4, pan=0.1),
    _OPEN: Hit("hat", 520.0, 0.4, tone=0.8, noise=0.3, colour=7600.0, level=0.38, pan=0.1),
}

_LOFI: Final[Kit] = _COMMON | {
    _KICK: Hit("kick", 58.0, 0.3, bend=1.3, bend_time=0.04, click=0.16, drive=0.6, colour=3000.0, level=0.9),
    _RIM: Hit("block", 1500.0, 0.06, noise=0.5, colour=3500.0, level=0.5),
    _SNARE: Hit("drum", 178.0, 0.2, tone=0.9, noise=0.6, noise_decay=0.17, colour=3400.0, drive=0.5, level=0.75),
    _CLAP: Hit("clap", 1.0, 0.3, colour=1100.0, noise_decay=0.18, level=0.6),
    _CLOSED: Hit("hat", 360.0, 0.08, tone=0.3, noise=0.8, colour=5200.0, level=0.3, pan=0.15),
    _PEDAL: Hit("hat", 360.0, 0.06, tone=0.3, noise=0.8, colour=5200.0, level=0.22, pan=0.15),
    _OPEN: Hit("hat", 360.0, 0.32, tone=0.3, noise=0.8, colour=4800.0, level=0.3, pan=0.15),
    **_toms(Hit("drum", 115.0, 0.35, noise=0.15, noise_decay=0.12, bend=0.3, drive=0.3, level=0.7)),
}

_CHIP: Final[Kit] = {
    _KICK: Hit("chip", 62.0, 0.16, noise=0.1, noise_decay=0.02, bend=2.2, bend_time=0.05, colour=6000.0),
    _RIM: Hit("chip", 900.0, 0.03, noise=0.4, noise_decay=0.02, colour=12000.0, level=0.5),
    _SNARE: Hit("chip", 190.0, 0.14, tone=0.35, noise=0.9, noise_decay=0.13, colour=11000.0, bend=0.6, level=0.7),
    _CLAP: Hit("chip", 300.0, 0.12, tone=0.0, noise=1.0, noise_decay=0.12, colour=7000.0, level=0.6),
    _CLOSED: Hit("chip", 1.0, 0.035, tone=0.0, noise=1.0, noise_decay=0.035, colour=22000.0, level=0.35),
    _PEDAL: Hit("chip", 1.0, 0.03, tone=0.0, noise=1.0, noise_decay=0.03, colour=22000.0, level=0.3),
    _OPEN: Hit("chip", 1.0, 0.2, tone=0.0, noise=1.0, noise_decay=0.2, colour=20000.0, level=0.35),
    49: Hit("chip", 1.0, 0.7, tone=0.0, noise=1.0, noise_decay=0.7, colour=16000.0, level=0.45),
    51: Hit("chip", 1.0, 0.25, tone=0.0, noise=1.0, noise_decay=0.25, colour=24000.0, level=0.3),
    **_toms(Hit("chip", 130.0, 0.2, noise=0.15, noise_decay=0.05, bend=0.9, bend_time=0.1, colour=5000.0)),
}

KITS: Final[dict[str, Kit]] = {
    "kit_808": _808, "kit_909": _909, "trap_kit": _TRAP, "lofi_kit": _LOFI, "chip_kit": _CHIP,
}  # fmt: skip

_SAME_AS: Final = {
    35: 36, 40: 38, 52: 49, 55: 49, 57: 49, 59: 51, 58: 54, 65: 61, 66: 64, 67: 56, 68: 56, 71: 75, 72: 75,
    73: 70, 74: 69, 78: 62, 79: 63, 80: 81, 83: 54,
}  # fmt: skip


def hit_for(kit: Kit, key: int) -> Hit:
    """The hit that `key` plays: its own, that of a like instrument, or a wood block tuned by the key."""
    for candidate in (key, _SAME_AS.get(key, -1)):
        if candidate in kit:
            return kit[candidate]
    return Hit("block", 400.0 * 2.0 ** ((key - 60) / 24.0), 0.12, noise=0.2, level=0.4)


@kernel
def _place(
    out: Array, soft: Array, hard: Array, start: int, stop: int, fade: int, left: float, right: float, blend: float
) -> None:
    for n in range(min(soft.shape[0], out.shape[0] - start)):
        if n >= stop + fade:
            break
        value = soft[n] + (hard[n] - soft[n]) * blend
        if n > stop:
            value *= 1.0 - (n - stop) / fade
        out[start + n, 0] += value * left
        out[start + n, 1] += value * right


def _chokes(part: PerformedPart) -> list[float]:
    return sorted(n.start for n in part.notes if n.pitch in _CHOKES)


def render(part: PerformedPart, kit: Kit, seed: int) -> Array:
    """Play `part` on `kit`: float32 `(round(duration_s * RATE), 2)`; a hi-hat hit ends an open one."""
    out = np.zeros((frames(part.duration_s), 2), np.float32)
    made: dict[tuple[Hit, int], tuple[Array, Array]] = {}
    chokes = _chokes(part)
    count: dict[int, int] = {}
    fade = frames(_CHOKE_S)
    for note in sorted(part.notes, key=lambda n: (n.start, n.pitch, n.velocity)):
        hit = hit_for(kit, note.pitch)
        variant = count.get(note.pitch, 0) % _VARIANTS
        count[note.pitch] = count.get(note.pitch, 0) + 1
        if (hit, variant) not in made:
            made[hit, variant] = layers(hit, seed, variant)
        soft, hard = made[hit, variant]
        stop = len(hard)
        if note.pitch == _OPEN:
            later = np.searchsorted(chokes, note.start + 1e-4)
            if later < len(chokes):
                stop = frames(chokes[later] - note.start)
        loud = note.velocity / 127.0
        gain = 10.0 ** (26.0 * (loud - 1.0) / 20.0)
        angle = (1.0 + hit.pan) * np.pi / 4.0
        left, right = gain * np.cos(angle) * 2**0.5, gain * np.sin(angle) * 2**0.5
        start = frames(note.start)
        if start < len(out):
            _place(out, soft, hard, start, stop, fade, left, right, loud**1.5)
    return out
