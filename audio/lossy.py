"""MP3 and Opus files that keep a ceiling when they are decoded: codecs overshoot, and players hear the overshoot."""

import math
from typing import Final, NamedTuple

import numpy as np

from audio.decibels import db_to_gain
from audio.files import decode, encode_mp3, encode_opus, with_output_gain
from audio.rate import Array
from audio.true_peak import ITU, LONG, true_peak_db

MP3_ROOM_DB: Final = 0.26
"""Room that an MP3 of 320 kbps is given before it is encoded: measured overshoots of whole songs stay under it."""
OPUS_MARGIN_DB: Final = 0.05
"""How far under the ceiling an Opus file is set that must be lowered; other meters may read a little higher."""
_OTHER_METERS_DB: Final = 0.03
"""What another decoder and meter may read more of an MP3."""

_TRIES: Final = 5


class Lossy(NamedTuple):
    """A file, by how many dB it is louder than what it was made from (never over 0), its true peak when decoded."""

    data: bytes
    gain_db: float
    true_peak_dbtp: float


def mp3_under(x: Array, rate: int, ceiling_dbtp: float) -> Lossy:
    """An MP3 file of 320 kbps of `x` `(frames, channels)` whose true peak in dBTP stays under the ceiling.

    Encoding is the slowest step of a release, so the room is given first and the whole is encoded once, as a rule;
    what still overshoots is lowered by that and the room (0.1 dB of gain moves the overshoot by as much), and again.
    """
    gain_db = min(0.0, ceiling_dbtp - MP3_ROOM_DB - peak_of(x))
    for _ in range(_TRIES):
        data = encode_mp3(x * np.float32(db_to_gain(gain_db)), rate)
        peak = decoded_peak(data)
        if peak <= ceiling_dbtp - _OTHER_METERS_DB:
            break
        gain_db -= peak - ceiling_dbtp + MP3_ROOM_DB / 2
    return Lossy(data, gain_db, peak)


def opus_under(x: Array, rate: int, ceiling_dbtp: float) -> Lossy:
    """An Opus file of `x` whose true peak in dBTP stays under the ceiling; `rate` is one that Opus knows.

    Its header tells decoders to play it quieter, so it is encoded once and the gain is exact.
    """
    data = encode_opus(x, rate)
    peak = decoded_peak(data)
    if peak <= ceiling_dbtp - _OTHER_METERS_DB:
        return Lossy(data, 0.0, peak)
    gain_db = math.floor((ceiling_dbtp - OPUS_MARGIN_DB - peak) * 256) / 256
    return Lossy(with_output_gain(data, gain_db), gain_db, peak + gain_db)


def peak_of(x: Array) -> float:
    """True peak of `x` in dBTP, the higher reading of two filters."""
    return max(true_peak_db(x, LONG), true_peak_db(x, ITU))


def decoded_peak(data: bytes) -> float:
    """True peak in dBTP of a sound file's samples."""
    return peak_of(decode(data)[0])
