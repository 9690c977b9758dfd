"""The sheet that all players read: form, chords, material and wishes of one song in arranging."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from domain.score import Chord, Section, SectionKind, TimeSignature
from domain.seeds import derive
from music.casting import Chair
from music.genres import Genre
from music.material import BassLine, Form, Harmony, Melody, Rhythm, bar_map

K = SectionKind


@dataclass(frozen=True, slots=True)
class Song:
    """Everything the players read."""

    form: Form
    sections: tuple[Section, ...]
    harmony: Harmony
    rhythm: Rhythm
    melody: Melody
    bass: BassLine
    style: Genre
    metre: TimeSignature
    chairs: tuple[Chair, ...]
    chords: tuple[Chord, ...]
    key: str
    scale: str
    bpm: float
    dynamics: Mapping[str, float]
    transitions: Mapping[str, str]
    seed: int

    @property
    def bar(self) -> float:
        return self.metre.beats_per_bar

    @property
    def end(self) -> float:
        return self.form.bars * self.bar

    def start(self, section: Section) -> float:
        return section.start_bar * self.bar

    def loudness(self, section: Section) -> float:
        """Velocity factor of a section, about 0.6 to 1.25."""
        wished = self.dynamics.get(section.name, 0.0)
        return (0.74 + 0.36 * section.energy) * (1 + 0.35 * wished)

    def chords_in(self, section: Section) -> list[Chord]:
        start, end = self.start(section), self.start(section) + section.bars * self.bar
        return [c for c in self.chords if start - 1e-6 <= c.start < end - 1e-6]

    def occurrence(self, section: Section) -> int:
        before = [s for s in self.sections if s.kind is section.kind and s.start_bar < section.start_bar]
        return len(before)

    def rng(self, *purpose: str | int) -> np.random.Generator:
        return np.random.default_rng(derive(self.seed, "arranging", *purpose))


def lay_chords(sections: Sequence[Section], harmony: Harmony, metre: TimeSignature) -> tuple[Chord, ...]:
    """The chords of the song; the last bar is the final chord's."""
    bar = metre.beats_per_bar
    placed: list[tuple[float, str]] = []
    for section in sections:
        material = harmony.of(section.kind)
        for i, source in enumerate(bar_map(material.bars, section.bars)):
            at = (section.start_bar + i) * bar
            inside = [c for c in material.chords if source * bar <= c.start < (source + 1) * bar - 1e-6]
            opening = next(c for c in reversed(material.chords) if c.start <= source * bar + 1e-6)
            placed.append((at, opening.symbol))
            placed += [(at + c.start - source * bar, c.symbol) for c in inside if c.start > source * bar + 1e-6]
    end = (sections[-1].start_bar + sections[-1].bars) * bar
    placed = [p for p in placed if p[0] < end - bar - 1e-6] + [(end - bar, harmony.final)]
    boundaries = {s.start_bar * bar for s in sections} | {end - bar}
    merged: list[tuple[float, str]] = []
    for start, symbol in placed:
        if not merged or merged[-1][1] != symbol or start in boundaries:
            merged.append((start, symbol))
    ends = [start for start, _ in merged[1:]] + [end]
    return tuple(
        Chord(start=start, duration=stop - start, symbol=symbol)
        for (start, symbol), stop in zip(merged, ends, strict=True)
    )


def transition_into(song: Song, section: Section) -> str:
    """How a section is entered: as asked, else by what it is and how much it rises."""
    wished = song.transitions.get(section.name)
    if wished is not None:
        return wished
    index = song.sections.index(section)
    rise = section.energy - song.sections[index - 1].energy
    if section.kind is K.DROP:
        return "riser"
    if section.kind in {K.CHORUS, K.SOLO} and song.style.form in {"song", "loop"} and rise > 0.25:
        return "drop" if song.rng("transition", section.name).random() < 0.3 else "fill"
    return "fill" if rise > -0.3 else "none"


def gap(song: Song) -> float:
    """Beats that the band drops out before an entrance: a beat, or less than a second at slow tempos."""
    return min(1.0, 0.8 * song.bpm / 60)
