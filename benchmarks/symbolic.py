"""What can be read from a song's notes without hearing it, song by song."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

import numpy as np

from benchmarks.prompts import Asked
from domain.score import Note, Performance, Role, Score, Section, SectionKind
from music.composing import Composition, compose
from music.midi import write_midi
from music.statistics import (
    RESOLUTION,
    Gram,
    bass_on_kick,
    drum_statistics,
    four_grams,
    lead_line,
    longest_stretch,
    playing_spans,
    rest_share,
    score_statistics,
)
from music.theory import name_pc, parse_chord

VAMPS: Final = frozenset({
    "ambient", "techno", "trance", "house", "dubstep", "trap", "funk", "afrobeat", "deep_house", "uk_garage", "edm",
    "phonk", "drill", "dark_ambient", "dub", "downtempo",
})  # fmt: skip
"""Styles that may end as they went, on a tonic vamp, where others close with a cadence."""

LEADING: Final = frozenset({1, 2, 5, 7, 8, 10, 11})
"""Semitones above the tonic of the roots that lead home: bII, ii, IV, V, bVI, bVII, vii, in any quality."""

# How much higher a chorus must be to count, so that chance does not: dB, share of the onsets, semitones.
LOUDER_DB, DENSER, HIGHER = 0.5, 0.03, 0.5
HIT_BEATS: Final = 0.25
REST_BEATS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Lift:
    """Chorus against verse: sounding energy in dB, onsets a bar as a ratio, the tune's mean pitch in semitones."""

    loudness_db: float
    density: float
    register: float

    @property
    def louder(self) -> bool:
        """Whether the chorus has more energy."""
        return self.loudness_db >= LOUDER_DB

    @property
    def denser(self) -> bool:
        """Whether the chorus has more onsets."""
        return self.density >= 1 + DENSER

    @property
    def higher(self) -> bool:
        """Whether the tune lies higher."""
        return self.register >= HIGHER


@dataclass(frozen=True, slots=True)
class SongFacts:
    """One song measured; None where the song has nothing to measure."""

    prompt: str
    seed: int
    genre: str
    statistics: dict[str, float] = field(default_factory=dict)
    drums: dict[str, float] = field(default_factory=dict)
    bass_on_kick: float = float("nan")
    chords_followed: bool | None = None
    chord_fault: str = ""
    lift: Lift | None = None
    hook: bool | None = None
    cadence: bool = False
    ending: str = ""
    longest_stretch_bars: float = 0.0
    rests: float = float("nan")
    duration_s: float = 0.0
    bar_s: float = 0.0
    midi_sha256: str = ""
    grams: frozenset[Gram] = frozenset()
    intervals: frozenset[Gram] = frozenset()
    error: str = ""


def measure_song(asked: Asked, seed: int, song: Composition) -> SongFacts:
    """All symbolic facts of a song."""
    score, line = song.score, lead_line(song.score)
    bar = score.time_signature.beats_per_bar
    fault = chord_fault(score, asked) if asked.chords else ""
    ended = ending(score)
    return SongFacts(
        prompt=asked.prompt,
        seed=seed,
        genre=asked.genre,
        statistics=score_statistics(score),
        drums=_drums(score, song.performance),
        bass_on_kick=bass_on_kick(score),
        chords_followed=not fault if asked.chords else None,
        chord_fault=fault,
        lift=lift(score, line),
        hook=hook_recurs(score, line),
        cadence=closes(score, vamp=asked.genre in VAMPS),
        ending=ended,
        longest_stretch_bars=longest_stretch(line, REST_BEATS) / bar,
        rests=rest_share(line, playing_spans(score, line)),
        duration_s=song.performance.duration_s,
        bar_s=bar * 60 / score.tempo[0].bpm,
        midi_sha256=midi_hash(song),
        grams=four_grams(line),
        intervals=four_grams(line, rhythm=False),
    )


def measure(asked: Asked, seed: int, seconds: float | None = None) -> tuple[SongFacts, Composition | None]:
    """Compose a song and measure it, with another length where `seconds` are given.

    A song that cannot be composed is a fact too.
    """
    wishes = {"technical": {"duration": seconds}} if seconds else None
    try:
        song = compose(asked.prompt, seed=seed, wishes=wishes)
        return measure_song(asked, seed, song), song
    except Exception as problem:  # the benchmark counts what fails and goes on
        text = f"{type(problem).__name__}: {problem}".splitlines()[0]
        return SongFacts(prompt=asked.prompt, seed=seed, genre=asked.genre, error=text), None


def midi_hash(song: Composition) -> str:
    """SHA-256 of the song's MIDI file."""
    return sha256(write_midi(song.score, song.performance)).hexdigest()


def _drums(score: Score, performance: Performance) -> dict[str, float]:
    played = {part.id: part for part in performance.parts}
    kits = [p for p in score.parts if p.role is Role.DRUMS and p.notes]
    return drum_statistics(score, kits[0], played[kits[0].id]) if kits else {}


# --- given chords ------------------------------------------------------------------------------------


def chord_fault(score: Score, asked: Asked) -> str:
    """The first bar whose chords are not the asked ones, as text; empty when every section follows its list.

    A list starts again with every section and repeats, one chord a bar. The last bar of the song may rest on the
    tonic instead. Chords are equal when they have the same pitch classes over the same bass.
    """
    bar = score.time_signature.beats_per_bar
    for section in score.sections:
        wanted = asked.chords.get(section.kind.value, asked.chords.get("all", ()))
        for number in range(section.bars if wanted else 0):
            start = (section.start_bar + number) * bar
            heard = symbols_between(score, start, start + bar)
            symbol = wanted[number % len(wanted)]
            if all(same_chord(symbol, other) for other in heard) or _final_tonic(score, start + bar, heard):
                continue
            return f"{section.name}, bar {number + 1}: {' '.join(heard) or 'nothing'} instead of {symbol}"
    return ""


def symbols_between(score: Score, start: float, end: float) -> list[str]:
    """Symbols of the chords that sound between two beats."""
    return [c.symbol for c in score.chords if c.start < end - 1e-6 and c.start + c.duration > start + 1e-6]


def same_chord(a: str, b: str) -> bool:
    """Whether two symbols mean the same pitch classes over the same bass."""
    one, other = parse_chord(a), parse_chord(b)
    return (one.pitch_classes, one.bass) == (other.pitch_classes, other.bass)


def _final_tonic(score: Score, end: float, heard: Sequence[str]) -> bool:
    if end < score.beats - 1e-6 or not heard:
        return False
    key, _ = score.key_at(score.beats - 1e-3)
    return parse_chord(heard[-1]).root == name_pc(key)


# --- chorus and verse --------------------------------------------------------------------------------


def main_sections(score: Score) -> list[Section]:
    """The choruses, or where there are none the drops."""
    for kind in (SectionKind.CHORUS, SectionKind.DROP):
        if found := [s for s in score.sections if s.kind is kind]:
            return found
    return []


def lift(score: Score, line: Sequence[Note]) -> Lift | None:
    """All choruses against all verses; None without both."""
    verses = [s for s in score.sections if s.kind is SectionKind.VERSE]
    choruses = main_sections(score)
    if not verses or not choruses:
        return None
    energy = [_energy(score, sections) for sections in (choruses, verses)]
    onsets = [_onsets(score, sections) for sections in (choruses, verses)]
    pitch = [_mean_pitch(score, sections, line) for sections in (choruses, verses)]
    return Lift(
        loudness_db=float(10 * np.log10(max(energy[0], 1e-9) / max(energy[1], 1e-9))),
        density=onsets[0] / max(onsets[1], 1e-9),
        register=pitch[0] - pitch[1],
    )


def _within(score: Score, section: Section, notes: Sequence[Note]) -> list[Note]:
    bar = score.time_signature.beats_per_bar
    start, end = section.start_bar * bar, (section.start_bar + section.bars) * bar
    return [n for n in notes if start - 1e-6 <= n.start < end - 1e-6]


def _bars(sections: Sequence[Section]) -> int:
    return sum(s.bars for s in sections)


def _energy(score: Score, sections: Sequence[Section]) -> float:
    """Σ (velocity/127)² · beats held, a bar; a drum stroke counts a sixteenth."""
    total = 0.0
    for part in score.parts:
        for section in sections:
            for note in _within(score, section, part.notes):
                held = HIT_BEATS if part.is_drum else note.duration
                total += (note.velocity / 127) ** 2 * held
    return total / _bars(sections)


def _onsets(score: Score, sections: Sequence[Section]) -> float:
    """Onsets a bar; notes of one part that start together are one."""
    total = 0
    for part in score.parts:
        if part.role is not Role.EFFECTS:
            for section in sections:
                total += len({round(n.start * RESOLUTION) for n in _within(score, section, part.notes)})
    return total / _bars(sections)


def _mean_pitch(score: Score, sections: Sequence[Section], line: Sequence[Note]) -> float:
    pitches = [n.pitch for section in sections for n in _within(score, section, line)]
    return float(np.mean(pitches)) if pitches else float("nan")


def hook_recurs(score: Score, line: Sequence[Note]) -> bool | None:
    """Whether the tune of the first chorus's first two bars is found in every other chorus, at any pitch.

    Four bars are taken where two have fewer than three notes. None with fewer than two choruses, or no tune there.
    """
    choruses = main_sections(score)
    if len(choruses) < 2:
        return None
    bar = score.time_signature.beats_per_bar
    for bars in (2, 4):
        hook = _figure(line, choruses[0].start_bar * bar, bars * bar)
        if len(hook) >= 3:
            return all(_holds(line, chorus, hook, bars, bar) for chorus in choruses[1:])
    return None


Figure = tuple[tuple[int, int], ...]


def _figure(line: Sequence[Note], start: float, length: float) -> Figure:
    """Onsets in time steps from `start`, and pitches above the first note."""
    notes = [n for n in line if start - 1e-6 <= n.start < start + length - 1e-6]
    return tuple((round((n.start - start) * RESOLUTION), n.pitch - notes[0].pitch) for n in notes)


def _holds(line: Sequence[Note], chorus: Section, hook: Figure, bars: int, bar: float) -> bool:
    starts = range(chorus.start_bar, chorus.start_bar + max(1, chorus.bars - bars + 1))
    return any(_figure(line, at * bar, bars * bar) == hook for at in starts)


# --- the end -----------------------------------------------------------------------------------------


def last_chords(score: Score, bars: int = 4) -> list[str]:
    """Symbols of the chords that sound in the last bars."""
    return symbols_between(score, score.beats - bars * score.time_signature.beats_per_bar, score.beats)


def ending(score: Score) -> str:
    """The last four bars' chords, for people."""
    return f"{' '.join(last_chords(score))} in {' '.join(score.key_at(score.beats - 1e-3))}"


def closes(score: Score, *, vamp: bool) -> bool:
    """Whether the song ends on the tonic of the key at its end, and a chord of the last four bars leads there.

    Leading are the roots of `LEADING`. A `vamp` style may also stay on the tonic through all four bars.
    """
    tonic = name_pc(score.key_at(score.beats - 1e-3)[0])
    roots = [(parse_chord(symbol).root - tonic) % 12 for symbol in last_chords(score)]
    if not roots or roots[-1] != 0:
        return False
    return any(root in LEADING for root in roots) or (vamp and not any(roots))
