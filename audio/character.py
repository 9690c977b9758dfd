"""Production words made audible: each word is a short chain of processors on one stem.

The order is that of the table, whatever order the words come in, so the same set gives the same sound.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from audio.filters import Biquad, high_pass, high_shelf, low_pass, low_shelf, peak, run
from audio.processors.modulation import chorus, tremolo, widen, wobble
from audio.processors.saturation import reduce_bits, saturate
from audio.processors.transients import gate, punch
from audio.rate import Array
from audio.soundness import has_sound
from domain.score import Role

Process = Callable[[Array, int], Array]


def _eq(*sections: Biquad) -> Process:
    return lambda x, seed: run(x, sections)


def _saturation(drive_db: float, mix: float = 1.0) -> Process:
    return lambda x, seed: saturate(x, drive_db, mix)


def _bits(bits: float, hold_hz: float) -> Process:
    return lambda x, seed: reduce_bits(x, bits, hold_hz)


def _wobble(wow_hz: float, wow_cents: float, flutter_cents: float) -> Process:
    return lambda x, seed: wobble(x, seed, wow_hz=wow_hz, wow_cents=wow_cents, flutter_cents=flutter_cents)


def _chorus(mix: float) -> Process:
    return lambda x, seed: chorus(x, mix=mix)


def _width(amount: float) -> Process:
    return lambda x, seed: widen(x, amount)


def _tremolo(hertz: float, depth: float) -> Process:
    return lambda x, seed: tremolo(x, hertz=hertz, depth=depth, stereo=True)


def _punch(amount: float) -> Process:
    return lambda x, seed: punch(x, amount)


def _gated(under_db: float) -> Process:
    return lambda x, seed: gate(x, under_db)


def _detune(x: Array, seed: int) -> Array:
    """Every note a little off, as an instrument long out of the tuner's hands."""
    return wobble(x, seed, wow_hz=0.25, wow_cents=9.0, flutter_cents=1.0) * np.float32(0.75) + x * np.float32(0.4)


WORDS: Final[dict[str, tuple[Process, ...]]] = {
    "saturated": (_saturation(8.0),),
    "overdriven": (_saturation(13.0),),
    "distorted": (_saturation(20.0), _eq(low_pass(7500.0))),
    "gritty": (_saturation(10.0, 0.8), _bits(11.0, 26_000.0)),
    "aggressive": (_saturation(9.0), _eq(peak(3000.0, 2.0))),
    "raw": (_saturation(7.0, 0.8), _eq(high_shelf(8000.0, 1.0))),
    "crunchy": (_saturation(11.0), _eq(peak(2500.0, 2.0))),
    "bitcrushed": (_bits(7.0, 14_000.0),),
    "lofi": (_bits(10.0, 20_000.0), _wobble(0.7, 5.0, 1.5), _eq(high_pass(60.0), low_pass(6500.0))),
    "dusty": (_saturation(4.0, 0.7), _bits(11.0, 22_000.0), _eq(low_shelf(180.0, 1.5), low_pass(7000.0))),
    "tape": (_wobble(0.55, 4.0, 1.8), _saturation(5.0), _eq(low_shelf(90.0, 1.2), high_shelf(9000.0, -3.5))),
    "cassette": (_wobble(0.9, 8.0, 3.0), _saturation(6.0), _eq(high_pass(70.0), low_pass(9000.0))),
    "vinyl": (_wobble(0.555, 5.0, 0.5), _eq(high_pass(45.0), peak(250.0, 1.5, 0.7), high_shelf(8000.0, -5.0))),
    "retro": (_saturation(4.0), _eq(high_pass(60.0), high_shelf(8000.0, -2.5))),
    "vintage": (_saturation(5.0), _eq(peak(700.0, 1.5, 0.6), high_shelf(7000.0, -3.0))),
    "analog": (_saturation(4.0, 0.8), _wobble(0.35, 1.5, 0.4)),
    "warm": (_saturation(3.0, 0.6), _eq(low_shelf(220.0, 2.0), high_shelf(5500.0, -3.0))),
    "mellow": (_eq(low_shelf(200.0, 1.0), high_shelf(3500.0, -4.0)),),
    "soft": (_eq(high_shelf(4000.0, -3.5)),),
    "dark": (_eq(high_shelf(2800.0, -5.0), low_pass(9000.0)),),
    "felt": (_eq(low_shelf(180.0, 1.5), low_pass(2600.0, 0.5)),),
    "intimate": (_eq(low_shelf(160.0, 1.5), peak(4000.0, 1.5, 0.7)),),
    "deep": (_eq(low_shelf(110.0, 3.0), high_shelf(5000.0, -2.5)),),
    "muffled": (_eq(low_pass(1800.0)),),
    "underwater": (_eq(low_pass(900.0)), _wobble(0.4, 9.0, 1.0)),
    "telephone": (_eq(high_pass(400.0), low_pass(3200.0)), _saturation(7.0)),
    "thin": (_eq(high_pass(300.0)),),
    "bright": (_eq(high_shelf(4500.0, 4.0)),),
    "airy": (_eq(high_shelf(9500.0, 4.5), low_shelf(200.0, -1.0)),),
    "crisp": (_eq(peak(5500.0, 3.0, 0.8), high_shelf(10_000.0, 2.0)),),
    "sharp": (_eq(peak(3500.0, 3.5, 0.9)),),
    "fat": (_saturation(5.0, 0.7), _eq(low_shelf(160.0, 2.5))),
    "lush": (_chorus(0.4), _width(0.15)),
    "chorus": (_chorus(0.55),),
    "chorused": (_chorus(0.55),),
    "detuned": (_detune,),
    "evolving": (_tremolo(0.13, 0.35), _chorus(0.3)),
    "dreamy": (_chorus(0.45), _eq(high_shelf(6000.0, -2.0))),
    "punchy": (_punch(0.8),),
    "gated": (_gated(24.0),),
    "tremolo": (_tremolo(5.0, 0.5),),
    "wide": (_width(0.45),),
    "spacious": (_width(0.3),),
}
"""Words in the order they act; a word that is not here changes nothing."""

ON_DRUMS: Final[dict[str, tuple[Process, ...]]] = {
    "overdriven": (_saturation(6.0, 0.6),),
    "distorted": (_saturation(7.0, 0.6),),
    "crunchy": (_saturation(6.0, 0.6), _eq(peak(2500.0, 1.5))),
    "aggressive": (_saturation(6.0, 0.7), _eq(peak(3000.0, 1.5))),
    "lofi": (_bits(10.0, 26_000.0), _eq(high_pass(40.0), low_pass(10_000.0))),
    "dusty": (_saturation(4.0, 0.7), _bits(12.0, 30_000.0), _eq(low_shelf(120.0, 1.5), high_shelf(9000.0, -4.0))),
    "dark": (_eq(high_shelf(5000.0, -3.0)),),
    "warm": (_saturation(3.0, 0.6), _eq(low_shelf(120.0, 1.0), high_shelf(7000.0, -2.0))),
    "mellow": (_eq(high_shelf(6000.0, -2.5)),),
    "soft": (_eq(high_shelf(6000.0, -2.0)),),
    "deep": (_eq(low_shelf(80.0, 2.0)),),
    "felt": (_eq(high_shelf(6000.0, -3.0)),),
    "detuned": (),
    "evolving": (),
    "dreamy": (_eq(high_shelf(7000.0, -2.0)),),
    "chorus": (),
    "chorused": (),
    "lush": (),
    "tremolo": (),
    "gated": (_gated(40.0),),
}
"""What words mean to a kit: its cymbals are the song's air, and a guitar's distortion is not the drummer's."""

ON_BASS: Final[dict[str, tuple[Process, ...]]] = dict.fromkeys(("wide", "spacious", "lush", "chorus", "chorused"), ())
"""Words that widen leave the bass alone, so that the low end stays in the middle."""

_OWN_MEANING: Final[dict[Role, dict[str, tuple[Process, ...]]]] = {
    Role.DRUMS: ON_DRUMS,
    Role.PERCUSSION: ON_DRUMS,
    Role.BASS: ON_BASS,
}


def apply(x: Array, style: tuple[str, ...], *, seed: int, role: Role = Role.LEAD) -> Array:
    """`x` `(frames, 2)` after the processors of every known word in `style`; silence passes untouched.

    Some words mean something else to drums (`ON_DRUMS`) and bass (`ON_BASS`).
    """
    words = set(style)
    if not words or not has_sound(x):
        return x
    own = _OWN_MEANING.get(role, {})
    for word, chain in WORDS.items():
        if word in words:
            for process in own.get(word, chain):
                x = process(x, seed)
    return x
