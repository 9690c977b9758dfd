"""Sound files as other programs write them, the honest and the hostile, made while the tests run."""

import io
import struct
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

from audio.rate import RATE, Array

Samples = npt.NDArray[Any]


def written(x: Samples, rate: int = RATE, format: str = "WAV", subtype: str = "PCM_16") -> bytes:
    """`x` `(frames, channels)` as a file, in blocks as libsndfile wants it."""
    buffer = io.BytesIO()
    with soundfile.SoundFile(buffer, "w", rate, x.shape[1], subtype, format=format) as file:
        for start in range(0, x.shape[0], 65_536):
            file.write(np.ascontiguousarray(x[start : start + 65_536]))
    return buffer.getvalue()


def sine(hertz: float, seconds: float, *, rate: int = RATE, level: float = 0.5, channels: int = 2) -> Array:
    wave = level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


def silence(seconds: float, rate: int = RATE, channels: int = 2) -> Array:
    return np.zeros((round(seconds * rate), channels), np.float32)


def with_frames_told(flac: bytes, frames: int) -> bytes:
    """A FLAC file whose STREAMINFO says another number of frames; 0 is unknown (RFC 9639, section 8.2)."""
    at = 4 + 4 + 10
    bits = int.from_bytes(flac[at : at + 8], "big")
    return flac[:at] + (bits & ~((1 << 36) - 1) | frames).to_bytes(8, "big") + flac[at + 8 :]


def with_data_told(wav: bytes, size: int) -> bytes:
    """A WAV file whose chunk of samples says another size."""
    at = wav.index(b"data") + 4
    return wav[:at] + struct.pack("<I", size) + wav[at + 4 :]


def tune(
    tonic: int = 57, *, bpm: float = 120.0, seconds: float = 16.0, minor: bool = True, level: float = 0.25
) -> Array:
    """A small band, synthesised: i–iv–v–i or I–IV–V–I in plucked chords over a bass, a hit on every beat."""
    beat = 60.0 / bpm
    out = np.zeros(round(seconds * RATE))
    third = 3 if minor else 4
    rng = np.random.default_rng(5)

    def pluck(hertz: float, at: float, length: float, gain: float) -> None:
        start = round(at * RATE)
        t = np.arange(min(round(length * RATE), out.size - start)) / RATE
        wave = sum(np.sin(2 * np.pi * hertz * k * t) / k**1.5 for k in (1, 2, 3, 4))
        out[start : start + t.size] += gain * wave * np.exp(-3.0 * t / length) * np.minimum(1.0, t / 0.004)

    for n in range(int(seconds / beat)):
        root = tonic + (0, 5, 7, 0)[n // 4 % 4]
        for step in (0, third, 7):
            pluck(440.0 * 2 ** ((root + step - 69) / 12), n * beat, beat, 0.3)
        pluck(440.0 * 2 ** ((root - 24 - 69) / 12), n * beat, beat, 0.6)
        start = round(n * beat * RATE)
        hit = rng.standard_normal(min(2400, out.size - start)) * np.exp(-np.arange(min(2400, out.size - start)) / 500)
        out[start : start + hit.size] += hit * (0.5 if n % 2 else 0.25)
    out *= level / np.abs(out).max()
    return np.stack([out, out * 0.9], axis=1).astype(np.float32)


def voice(seconds: float = 12.0, seed: int = 0) -> Array:
    """Something like speech: gliding glottal pulses through moving formants, in syllables with pauses."""
    rng = np.random.default_rng(seed)
    out = np.zeros(round(seconds * RATE))
    at = 0
    while at < out.size - RATE:
        if rng.random() < 0.2:
            at += int(RATE * rng.uniform(0.3, 0.7))
            continue
        length = int(RATE * rng.uniform(0.1, 0.28))
        phase = np.cumsum(np.linspace(rng.uniform(100, 160), rng.uniform(90, 150), length)) / RATE
        formants = (rng.uniform(300, 800), rng.uniform(900, 2200), 2500.0, 3400.0)
        syllable = np.zeros(length)
        for k in range(1, 35):
            syllable += sum(1 / (1 + ((k * 125 - f) / 90) ** 2) for f in formants) * np.sin(2 * np.pi * k * phase)
        out[at : at + length] += syllable * np.hanning(length)
        at += length + int(RATE * rng.uniform(0.0, 0.06))
    out *= 0.5 / np.abs(out).max()
    return np.repeat(out[:, None], 2, axis=1).astype(np.float32)
