"""Decibels to factors and back, for numbers and for arrays."""

import math
from typing import Final

SILENCE_DB: Final = -120.0
"""What every level reads when there is no signal: a number that JSON can hold, unlike -inf."""


def db_to_gain(db: float) -> float:
    """Amplitude factor of a level in dB."""
    return float(10.0 ** (db / 20.0))


def gain_to_db(gain: float) -> float:
    """Level in dB of an amplitude factor ≥ 0, not below `SILENCE_DB`."""
    return max(SILENCE_DB, 20.0 * math.log10(gain)) if gain > 0.0 else SILENCE_DB


def power_to_db(power: float) -> float:
    """Level in dB of a power ratio ≥ 0, not below `SILENCE_DB`."""
    return max(SILENCE_DB, 10.0 * math.log10(power)) if power > 0.0 else SILENCE_DB
