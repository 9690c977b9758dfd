"""Excerpts of songs for the ears: the notes of a few bars, rendered and mixed like the song, as a file that is kept."""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from scipy.signal import resample_poly

from audio.mixing import mix, plan_mix
from audio.rate import RATE
from audio.render import render_part
from audio.sound_set import SoundSet
from benchmarks.prompts import Asked
from domain.score import ControlChange, PerformedPart, Role, Score, Section, SectionKind, TimedNote
from music.composing import Composition

EXCERPT_S: Final = 30.0
CLIP_S: Final = 10.0
TAIL_S: Final = 0.5
EAR_RATE: Final = 44100
EARLY_S: Final = 0.06
"""Notes that a player strikes this much before the bar line still belong to the bar."""

VERSION: Final = "1"
"""Raised when the same notes would give another file."""

_OPENINGS: Final = (SectionKind.VERSE, SectionKind.THEME, SectionKind.CHORUS, SectionKind.DROP)


@dataclass(frozen=True, slots=True)
class Window:
    """What is cut: seconds of the song, and the beat it starts on."""

    start_s: float
    length_s: float
    start_beat: float


def song_window(score: Score) -> Window:
    """30 s from the first verse or theme on; earlier where the song would end before."""
    bar = score.time_signature.beats_per_bar
    first = next((s.start_bar for kind in _OPENINGS for s in score.sections if s.kind is kind), 0)
    end = score.seconds(score.beats)
    while first > 0 and score.seconds(first * bar) + EXCERPT_S > end:
        first -= 1
    start = score.seconds(first * bar)
    return Window(start, min(EXCERPT_S, end - start), first * bar)


def chord_window(score: Score, asked: Asked) -> tuple[Window, tuple[str, ...]]:
    """The first section that has a given list, and the chords asked for in it, one a bar.

    10 s, or as much as one pass of the list takes where that is more, in whole bars of the section.
    """
    bar = score.time_signature.beats_per_bar
    bar_s = bar * 60 / score.tempo[0].bpm
    chosen, wanted = _section_with_chords(score, asked)
    bars = min(chosen.bars, max(len(wanted), int(CLIP_S / bar_s)))
    start = score.seconds(chosen.start_bar * bar)
    return Window(start, bars * bar_s, chosen.start_bar * bar), tuple(wanted[i % len(wanted)] for i in range(bars))


def _section_with_chords(score: Score, asked: Asked) -> tuple[Section, tuple[str, ...]]:
    for kind in (*_OPENINGS, *SectionKind):
        wanted = asked.chords.get(kind.value, asked.chords.get("all", ()))
        for section in score.sections:
            if section.kind is kind and wanted:
                return section, wanted
    raise ValueError(f"no section of {asked.prompt!r} has the chords that are asked for")


def cut(parts: tuple[PerformedPart, ...], window: Window) -> tuple[PerformedPart, ...]:
    """The parts between the window's ends, from 0 on; parts that are silent there are left out."""
    pieces = [_cut_part(part, window.start_s, window.length_s) for part in parts]
    return tuple(piece for piece in pieces if piece.notes)


def _cut_part(part: PerformedPart, start: float, length: float) -> PerformedPart:
    notes = []
    for note in part.notes:
        if start - EARLY_S <= note.start < start + length - EARLY_S:
            begin = max(0.0, note.start - start)
            stop = max(begin + 0.01, min(note.end - start, length))
            notes.append(TimedNote(pitch=note.pitch, start=begin, end=stop, velocity=note.velocity))
    before: dict[int, ControlChange] = {}
    inside = []
    for control in part.controls:
        if control.time <= start:
            before[control.number] = control.model_copy(update={"time": 0.0})
        elif control.time < start + length:
            inside.append(control.model_copy(update={"time": control.time - start}))
    update = {"notes": tuple(notes), "controls": (*before.values(), *inside), "duration_s": length + TAIL_S}
    return part.model_copy(update=update)


def clip_key(parts: tuple[PerformedPart, ...], genre: tuple[str, ...], sound_set: SoundSet, seed: int) -> str:
    """Names a clip by everything that its sound depends on."""
    content = [VERSION, sound_set.version, list(genre), seed, [part.model_dump(mode="json") for part in parts]]
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


def write_clip(song: Composition, window: Window, folder: Path, sound_set: SoundSet, seed: int) -> Path:
    """The excerpt as a mono file at 44100 Hz in `folder`, mixed as the song would be; not rendered when it is there."""
    genre = tuple(song.context.get("musical.genre"))
    parts = cut(song.performance.parts, window)
    path = folder / f"{clip_key(parts, genre, sound_set, seed)}.flac"
    if path.exists():
        return path
    stems = {part.id: render_part(part, sound_set=sound_set, seed=seed) for part in parts}
    plan = plan_mix(parts, genre=genre, channels=1, preferences={})
    sound = mix(stems, parts, plan, seed=seed).mix[:, 0]
    heard = resample_poly(sound.astype(np.float64), EAR_RATE // 300, RATE // 300)
    heard *= 0.7 / max(1e-6, float(np.abs(heard).max()))
    draft = path.with_suffix(".part")
    soundfile.write(draft, heard.astype(np.float32), EAR_RATE, subtype="PCM_16", format="FLAC")
    draft.rename(path)
    return path


@dataclass(frozen=True, slots=True)
class Clip:
    """A file for the ears, and what was asked of the song in it; `chords` only where the clip is of a chord list."""

    path: str
    asked: Asked
    seed: int
    metre: str
    drums: bool
    chords: tuple[str, ...] = ()


def write_clips(asked: Asked, seed: int, song: Composition, folder: Path, sound_set: SoundSet) -> list[Clip]:
    """The excerpt of a song, and the clip of its chord list where it was given one."""
    windows: list[tuple[Window, tuple[str, ...]]] = [(song_window(song.score), ())]
    if asked.chords:
        windows.append(chord_window(song.score, asked))
    metre = song.score.time_signature
    return [
        Clip(
            path=str(write_clip(song, window, folder, sound_set, seed)),
            asked=asked,
            seed=seed,
            metre=f"{metre.numerator}/{metre.denominator}",
            drums=_has_drums(song, window),
            chords=chords,
        )
        for window, chords in windows
    ]


def _has_drums(song: Composition, window: Window) -> bool:
    """Whether a kit plays in most bars of the window."""
    bar_s = song.score.time_signature.beats_per_bar * 60 / song.score.tempo[0].bpm
    bars = {
        int((note.start - window.start_s) / bar_s)
        for part in song.performance.parts
        if part.role in (Role.DRUMS, Role.PERCUSSION)
        for note in part.notes
        if window.start_s <= note.start < window.start_s + window.length_s
    }
    return len(bars) > 0.5 * window.length_s / bar_s
