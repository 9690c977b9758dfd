"""The sketch: the whole band at once, played by the sampler in one pass and given out from the first bar on.

It is for hearing a song early, not for its sound: General MIDI stands in for what is synthesised later, roles set
levels and places, nothing is mixed. 32 kHz is enough for that and a third cheaper than the studio's rate.
"""

import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

import numpy as np
import soundfile

from audio import fluidsynth_engine, tinysoundfont_engine
from audio.decibels import db_to_gain, power_to_db
from audio.midi_events import Event, sampler_events
from audio.mix_tables import OFF, ROLES
from audio.rate import RATE, Array, Doubles
from audio.sound_set import SoundSet, bundled_font
from domain.errors import InvalidValue
from domain.score import Performance, PerformedPart, Role, TimedNote

SKETCH_RATE: Final = 32_000
"""Frames a second of a sketch."""

LOUDNESS_LUFS: Final = -16.0
"""What a whole sketch comes to, within 1 LU."""

_GRID: Final = 64
_FIRST_BLOCK_S, _BLOCK_S = 0.25, 1.0
_PROBE_SHARES: Final = (0.92, 0.75, 0.55, 0.35)
_BIN_S: Final = 0.5
_LEAD_IN: Final = SKETCH_RATE // 8
_OFFSET_LUFS: Final = -0.691
_SURE_AFTER_S, _MEMORY_S, _CORRECTED_IN_S = 6.0, 12.0, 10.0
_UP_DB_S, _DOWN_DB_S = 0.25, 0.4
_GATE_LU: Final = 10.0
_NEPERS: Final = math.log(10.0) / 20.0
_AIM_LUFS: Final = LOUDNESS_LUFS - 0.5
"""Quiet seconds pull the fader up and then do not count: a song measures half a LU more than what is aimed at."""
_DRAIN_S: Final = 1.5
_MOST_GAIN_DB: Final = 42.0
_KNEE, _CEILING = 0.6, 0.95
_FADE_S: Final = 0.01
_CHANNELS: Final = 16
_DRUM_CHANNEL: Final = 9
_LOUDEST_CC: Final = 112

STAND_INS: Final[Mapping[str, int]] = {
    "synth_bass": 38, "sub_bass": 39, "bass_808": 39, "acid_bass": 38, "reese_bass": 38, "chip_bass": 80,
    "rhodes": 4, "wurlitzer": 4, "fm_piano": 5, "organ": 16, "warm_pad": 89, "analog_pad": 90, "glass_pad": 92,
    "synth_strings": 50, "saw_lead": 81, "square_lead": 80, "soft_lead": 85, "supersaw": 90, "pluck": 88,
    "bell": 98, "chip_lead": 80, "chip_pulse": 80, "synth_arp": 81, "riser": 119, "impact": 47, "vinyl_noise": 122,
    "lofi_kit": 0, "trap_kit": 25, "kit_808": 25, "kit_909": 24, "chip_kit": 25,
}  # fmt: skip
"""The General MIDI program nearest to an instrument that is synthesised here; a gunshot is no impact, though."""

SLOW_PRESETS: Final = frozenset({0, 1, 3, 44, 45, 48, 49})
"""Pianos and string sections that take a big compressed font a second and 100 MB to decode: the small one plays."""

_QUIETER: Final[Mapping[str, float]] = {"vinyl_noise": -14.0, "impact": -4.0, "riser": -4.0}


class _Band(Protocol):
    def seat(self, channel: int, font: str, program: int, *, is_drum: bool) -> None: ...

    def send(self, channel: int, event: Event) -> None: ...

    def write(self, out: Array, start: int, end: int) -> None: ...

    def close(self) -> None: ...


class _Cue(NamedTuple):
    """An event with the channel that it is for."""

    channel: int
    event: Event


@dataclass
class _Desk:
    """One band with its cues in playing order, and how far it has come."""

    band: _Band
    cues: Sequence[_Cue]
    channels: Sequence[int]
    setting: Sequence[_Cue]
    next: int = 0
    at: int = 0

    def play(self, frames: int) -> Array:
        """The next `frames` of this band, `(frames, 2)`."""
        out = np.zeros((frames, 2), np.float32)
        start, end = self.at, self.at + frames
        while self.next < len(self.cues) and self.cues[self.next].event.frame < end:
            channel, event = self.cues[self.next]
            if event.frame > self.at:
                self.band.write(out, self.at - start, event.frame - start)
                self.at = event.frame
            self.band.send(channel, event)
            self.next += 1
        self.band.write(out, self.at - start, end - start)
        self.at = end
        return out

    def locate(self, frame: int) -> None:
        """Go to `frame` with nothing sounding; controllers are as they were set at the beginning."""
        for channel in self.channels:
            for number in (64, 120):
                self.band.send(channel, Event(0, "cc", number, 0))
        for channel, event in self.setting:
            self.band.send(channel, event)
        self.at = frame
        self.next = next((i for i, cue in enumerate(self.cues) if cue.event.frame >= frame), len(self.cues))


def sketch_frames(performance: Performance, seconds: float | None = None) -> int:
    """Length of a sketch in frames, tail included, or of its first `seconds`. InvalidValue unless over 0."""
    if seconds is not None and not seconds > 0:
        raise InvalidValue(f"a sketch of {seconds:g} s is none; ask for more than 0 s")
    whole = performance.duration_s if seconds is None else min(seconds, performance.duration_s)
    return max(1, round(whole * SKETCH_RATE))


def play(performance: Performance, *, sound_set: SoundSet, seconds: float | None = None) -> Iterator[Array]:
    """The sketch of `performance` block by block, the first at once: float32 `(n, 2)` at `SKETCH_RATE`, within ±0.95.

    Together the blocks have `sketch_frames` frames, about -16 LUFS when the whole song is played. Equal arguments
    give equal samples, and a shorter sketch is the beginning of a longer one but for its last 10 ms. RenderError
    when the sampler or the font is missing.
    """
    total = sketch_frames(performance, seconds)
    desks = _desks([part for part in performance.parts if part.notes], sound_set)
    with ThreadPoolExecutor(max(1, len(desks))) as pool:
        try:
            fader = _Fader(_gain_db(desks, performance, pool))
            at, length = 0, round(_FIRST_BLOCK_S * SKETCH_RATE)
            while at < total:
                length = min(length, total - at)
                yield _faded(_limited(fader.ride(_together(desks, length, pool))), total - at)
                at += length
                length = round(_BLOCK_S * SKETCH_RATE)
        finally:
            for desk in desks:
                desk.band.close()


def _together(desks: Sequence[_Desk], frames: int, pool: ThreadPoolExecutor) -> Array:
    """Both bands at the same time: the samplers leave Python's lock alone while they play."""
    out = np.zeros((frames, 2), np.float32)
    for sound in pool.map(lambda desk: desk.play(frames), desks):
        out += sound
    return out


def _desks(parts: Sequence[PerformedPart], sound_set: SoundSet) -> list[_Desk]:
    """The players on two bands or more, each with about the same number of notes."""
    count = min(len(parts), max(2, -(-len(parts) // (_CHANNELS - 1))))
    seats: list[list[PerformedPart]] = [[] for _ in range(count)]
    pans = _pans(parts)
    for part in sorted(parts, key=lambda p: (-len(p.notes), p.id)):
        free = [seat for seat in seats if len(seat) < _CHANNELS - 1]
        min(free, key=lambda seat: sum(len(p.notes) for p in seat)).append(part)
    return [_desk(seat, sound_set, pans) for seat in seats if seat]


def _desk(parts: Sequence[PerformedPart], sound_set: SoundSet, pans: Mapping[str, float]) -> _Desk:
    band: _Band
    if sound_set.kind == "fluidsynth":
        band = fluidsynth_engine.Band(SKETCH_RATE)
    else:
        band = tinysoundfont_engine.Band(SKETCH_RATE)
    cues: list[_Cue] = []
    setting: list[_Cue] = []
    channels = _channels(parts)
    for part, channel in zip(parts, channels, strict=True):
        program = stand_in(part)
        band.seat(channel, _font(part, program, sound_set), program, is_drum=part.is_drum)
        setting += [_Cue(channel, Event(0, "cc", *change)) for change in _place(part, pans[part.id])]
        cues += [_Cue(channel, e._replace(frame=_at_rate(e.frame))) for e in sampler_events(part)]
    desk = _Desk(band, sorted(cues, key=lambda cue: cue.event.frame), channels, setting)
    desk.locate(0)
    return desk


def _channels(parts: Sequence[PerformedPart]) -> list[int]:
    """A channel for each part; a first kit gets the one that is for drums."""
    kit = next((part.id for part in parts if part.is_drum), None)
    others = iter([c for c in range(_CHANNELS) if c != _DRUM_CHANNEL])
    return [_DRUM_CHANNEL if part.id == kit else next(others) for part in parts]


def stand_in(part: PerformedPart) -> int:
    """The General MIDI program, or kit, that plays `part` in a sketch."""
    return STAND_INS.get(part.instrument, part.program)


def _font(part: PerformedPart, program: int, sound_set: SoundSet) -> str:
    slow = sound_set.kind == "fluidsynth" and not part.is_drum and program in SLOW_PRESETS
    return str(bundled_font()) if slow else sound_set.font


def _at_rate(frame: int) -> int:
    return round(frame * SKETCH_RATE / RATE / _GRID) * _GRID


def _pans(parts: Sequence[PerformedPart]) -> dict[str, float]:
    """Where everybody stands: the roles' places, left and right in turn."""
    places: dict[str, float] = {}
    side = -1.0
    for part in parts:
        pan = ROLES[part.role].pan
        places[part.id] = side * pan
        side = -side if pan else side
    return places


def _place(part: PerformedPart, pan: float) -> list[tuple[int, int]]:
    """Volume, pan and room of a part as controllers; volume falls with the square of its value."""
    role = ROLES[part.role]
    level = role.level_db - ROLES[Role.LEAD].level_db + _QUIETER.get(part.instrument, 0.0)
    room = 0 if role.room_db == OFF else round(127 * db_to_gain(role.room_db + 14.0))
    return [
        (7, max(1, round(_LOUDEST_CC * 10.0 ** (level / 40.0)))),
        (10, round(64 + 63 * pan)),
        (91, min(127, room)),
    ]


# The level is found before the first block: a few seconds out of the song are played to nobody and measured.


def _gain_db(desks: Sequence[_Desk], performance: Performance, pool: ThreadPoolExecutor) -> float:
    """The gain that brings the sketch near `LOUDNESS_LUFS`, in dB."""
    if not desks:
        return 0.0
    heard = [_probe(desks, _at_rate(round(start * RATE)), pool) for start in _probes(performance)]
    for desk in desks:
        desk.locate(0)
    drain = round(_DRAIN_S * SKETCH_RATE)
    for desk in desks:
        desk.band.write(np.zeros((drain, 2), np.float32), 0, drain)
    return min(_MOST_GAIN_DB, _AIM_LUFS - _lufs(sum(heard) / len(heard)))


def _probe(desks: Sequence[_Desk], frame: int, pool: ThreadPoolExecutor) -> float:
    """K-weighted power of the second after `frame`, and what rings on from the moment before it."""
    for desk in desks:
        desk.locate(max(0, frame - _LEAD_IN))
    return _k_weighted_power(_together(desks, _LEAD_IN + SKETCH_RATE, pool)[_LEAD_IN:])


def _probes(performance: Performance) -> list[float]:
    """Seconds at which the song's loud, usual and quieter moments begin, by what is written there."""
    bins = int(performance.duration_s / _BIN_S) + 1
    steps = np.zeros(bins + 1)
    for note in (note for part in performance.parts for note in part.notes):
        energy = (note.velocity / 127.0) ** 2
        steps[min(int(note.start / _BIN_S), bins)] += energy
        steps[min(int(note.end / _BIN_S) + 1, bins)] -= energy
    energies = np.cumsum(steps)[:bins]
    played = np.flatnonzero(energies > 1e-9)
    ranked = played[np.argsort(energies[played], kind="stable")]
    return [_BIN_S * int(ranked[int(share * (len(ranked) - 1))]) for share in _PROBE_SHARES if len(ranked)] or [0.0]


def _lufs(power: float) -> float:
    return _OFFSET_LUFS + power_to_db(power)


@dataclass
class _Fader:
    """A hand that rides the level, too slowly to be noticed: what came out lately is brought to `LOUDNESS_LUFS`."""

    gain_db: float
    slope_db_s: float = 0.0
    power: float = 0.0
    seconds: float = 0.0

    def ride(self, block: Array) -> Array:
        """The block at the level that was decided before it; what is heard in it decides on the next one."""
        seconds = block.shape[0] / SKETCH_RATE
        ramp = np.arange(block.shape[0], dtype=np.float32) * np.float32(self.slope_db_s / SKETCH_RATE * _NEPERS)
        out: Array = block * (np.float32(db_to_gain(self.gain_db)) * np.exp(ramp))[:, None]
        self.gain_db += self.slope_db_s * seconds
        power = _k_weighted_power(out)
        if self.seconds == 0.0 or _lufs(power) > _lufs(self.power / self.seconds) - _GATE_LU:
            kept = math.exp(-seconds / _MEMORY_S)
            self.power = kept * self.power + power * seconds
            self.seconds = kept * self.seconds + seconds
        off = _AIM_LUFS - _lufs(self.power / self.seconds)
        certainty = min(1.0, self.seconds / _SURE_AFTER_S)
        self.slope_db_s = min(_UP_DB_S, max(-_DOWN_DB_S, certainty * off / _CORRECTED_IN_S))
        return out


def _k_weighted_power(x: Array) -> float:
    """Mean square of `x` under the K-weighting of ITU-R BS.1770, both channels together."""
    frames: int = x.shape[0]
    spectrum = np.fft.rfft(x.T)
    power = np.sum(spectrum.real**2 + spectrum.imag**2, axis=0, dtype=np.float64)
    return 2.0 * float(np.sum(_k_weights(frames) * power)) / frames**2


@lru_cache(maxsize=8)
def _k_weights(frames: int) -> Doubles:
    """Power response of the analogue filters behind the K-weighting: a shelf of 4 dB, a high-pass at 38 Hz."""
    hertz = np.arange(frames // 2 + 1) * (SKETCH_RATE / frames)
    s = 1j * hertz / 1681.974450955533
    high = 10.0 ** (3.999843853973347 / 20.0)
    band = high**0.4996667741545416
    shelf = (high * s**2 + band * s / 0.7071752369554196 + 1.0) / (s**2 + s / 0.7071752369554196 + 1.0)
    s = 1j * hertz / 38.13547087602444
    low_cut = s**2 / (s**2 + s / 0.5003270373238773 + 1.0)
    weights: Doubles = np.abs(shelf * low_cut) ** 2
    return weights


def _limited(x: Array) -> Array:
    """Peaks over the knee bent towards the ceiling, sample by sample: nothing to wait for, nothing to remember."""
    over = np.nonzero(np.abs(x) > _KNEE)
    peaks = x[over]
    room = _CEILING - _KNEE
    x[over] = np.sign(peaks) * (_KNEE + room * np.tanh((np.abs(peaks) - _KNEE) / room))
    return x


def _faded(block: Array, left: int) -> Array:
    """Fade the sketch's last 10 ms: `left` frames are to come, this block included."""
    fade = round(_FADE_S * SKETCH_RATE)
    if left - block.shape[0] < fade:
        rest = left - np.arange(block.shape[0])
        block *= np.clip(rest / fade, 0.0, 1.0).astype(np.float32)[:, None]
    return block


# Streams: bytes that can be sent as they come, since the length is known before the first sample.


def wav(blocks: Iterable[Array], frames: int) -> Iterator[bytes]:
    """A 16-bit WAV file of `frames` frames, a piece for each block; the pieces together are the file."""
    size = frames * 4
    head = b"RIFF" + (36 + size).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    numbers = ((1, 2), (2, 2), (SKETCH_RATE, 4), (SKETCH_RATE * 4, 4), (4, 2), (16, 2))
    head += b"".join(value.to_bytes(width, "little") for value, width in numbers)
    head += b"data" + size.to_bytes(4, "little")
    for block in blocks:
        yield head + _steps(block).astype("<i2").tobytes()
        head = b""


def flac(blocks: Iterable[Array], frames: int, *, whole: bool = True) -> Iterator[bytes]:
    """A 16-bit FLAC file of `frames` frames in pieces; the pieces together are the file.

    Without `whole` the pieces end with what is complete when the blocks do: they are the beginning of the file.

    The encoder writes length and checksum of the samples into the head at the end, when that has been sent: the
    length is put there before, and a checksum of zeros means none (RFC 9639, section 8.2).
    """
    file = io.BytesIO()
    sent = played = 0
    with soundfile.SoundFile(
        file, "w", samplerate=SKETCH_RATE, channels=2, subtype="PCM_16", format="FLAC", compression_level=_FLAC_LEVEL
    ) as encoder:
        for block in blocks:
            played += block.shape[0]
            encoder.write(_steps(block).astype(np.int16))
            piece = file.getvalue()[sent:]
            if piece:
                yield _with_length(piece, frames) if sent == 0 else piece
                sent += len(piece)
    # Blocks that are all there are the file, whoever meant them as a beginning.
    if (whole or played == frames) and (piece := file.getvalue()[sent:]):
        yield _with_length(piece, frames) if sent == 0 else piece


_FLAC_LEVEL: Final = 0.3
_LENGTH_AT: Final = 4 + 4 + 10
"""Where STREAMINFO has rate, channels, depth and length in 64 bits: after the marker, its own head and the sizes."""


def _with_length(head: bytes, frames: int) -> bytes:
    end = _LENGTH_AT + 8
    packed = int.from_bytes(head[_LENGTH_AT:end], "big")
    packed = (packed >> 36 << 36) | frames
    sizes = head[: _LENGTH_AT - 6] + bytes(6)
    return sizes + packed.to_bytes(8, "big") + bytes(16) + head[end + 16 :]


def _steps(block: Array) -> Doubles:
    steps: Doubles = np.rint(block.astype(np.float64) * 32_768.0)
    return steps


def warm_up(sound_set: SoundSet) -> None:
    """Read the fonts and play a moment of the most usual band, so that the first song's sketch need not wait."""
    note = TimedNote(pitch=48, start=0.0, end=0.1, velocity=80)
    parts = tuple(
        PerformedPart(
            id=f"p{number}", name="warm up", role=Role.DRUMS if is_drum else Role.KEYS, instrument="warm_up",
            program=program, is_drum=is_drum, tempo_bpm=120.0, duration_s=0.2, notes=(note,),
        )
        for number, (program, is_drum) in enumerate(_USUAL)
    )  # fmt: skip
    for _ in play(Performance(duration_s=0.2, music_end_s=0.1, tempo_bpm=120.0, parts=parts), sound_set=sound_set):
        pass


_USUAL: Final = (
    *((kit, True) for kit in (0, 16, 24, 25, 40, 48)),
    *(
        (program, False)
        for program in (0, 4, 5, 16, 24, 25, 27, 29, 30, 32, 33, 36, 38, 39, 48, 50, 52, 61, 66, 81, 88, 89)
    ),
)
