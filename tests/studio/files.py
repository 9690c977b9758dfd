"""What the downloaded files hold, read from their bytes."""

import struct
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import mido

Note = tuple[str, float, float, float]
"""Part, start and duration in beats, pitch."""


def wav_seconds(data: bytes) -> float:
    """Duration of a WAV file; fails where it is none."""
    assert data[:4] == b"RIFF"
    assert data[8:12] == b"WAVE"
    assert struct.unpack("<I", data[4:8])[0] + 8 == len(data)
    chunks = dict(_chunks(data))
    (bytes_per_second,) = struct.unpack_from("<I", chunks[b"fmt "], 8)
    return float(len(chunks[b"data"]) / bytes_per_second)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(data):
        name, (size,) = data[at : at + 4], struct.unpack_from("<I", data, at + 4)
        yield name, data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def midi_keys(data: bytes) -> set[str]:
    """The key signatures of a MIDI file; fails where it is none."""
    assert data[:4] == b"MThd"
    file = mido.MidiFile(file=BytesIO(data))
    return {message.key for track in file.tracks for message in track if message.type == "key_signature"}


def notes_of(score: dict[str, Any], section: str) -> list[Note]:
    """The written notes of all parts that begin in a section of a score document in 4/4."""
    found = next(one for one in score["sections"] if one["name"].startswith(section))
    start, end = 4 * found["start_bar"], 4 * (found["start_bar"] + found["bars"])
    return sorted(
        (part["id"], note["start"], note["duration"], note["pitch"])
        for part in score["parts"]
        for note in part["notes"]
        if start <= note["start"] < end
    )
