"""The sheet that all players read: form, chords, material and wishes of one song in arranging."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from domain.score import Chord, KeyChange, Note, Section, SectionKind, TimeSignature
from domain.seeds import derive
from music.casting import Chair
from music.genres import Genre
from music.material import Form, Rhythm, SectionHarmony, SectionLine, bar_map, lay_notes
from music.modulation import Tonality, moved_chords, moved_notes

K = SectionKind


@dataclass(frozen=True, slots=True)
class Song:
    """Everything the players read. Mappings are by the section's name; `given` are those over a person's chords,
    `written` the chords of each section before it was moved into its key.
    """

    form: Form
    sections: tuple[Section, ...]
    rhythm: Rhythm
    tunes: Mapping[str, SectionLine]
    basses: Mapping[str, SectionLine]
    style: Genre
    metre: TimeSignature
    chairs: tuple[Chair, ...]
    chords: tuple[Chord, ...]
    home: Tonality
    tonalities: Mapping[str, Tonality]
    bpm: float
    dynamics: Mapping[str, float]
    transitions: Mapping[str, str]
    takes: Mapping[str, int]
    given: frozenset[str]
    written: Mapping[str, Sequence[Chord]]
    seed: int

    @property
    def bar(self) -> float:
        return self.metre.beats_per_bar

    @property
    def end(self) -> float:
        return self.form.bars * self.bar

    @property
    def last_bar(self) -> float:
        """Beat at which the last bar begins: from here on the end is written for itself."""
        return self.end - self.bar

    @property
    def final(self) -> Chord:
        """The chord that ends the song."""
        return self.chords[-1]

    def start(self, section: Section) -> float:
        return section.start_bar * self.bar

    def stop(self, section: Section) -> float:
        return self.start(section) + section.bars * self.bar

    def loudness(self, section: Section) -> float:
        """Velocity factor of a section, about 0.6 to 1.25."""
        wished = self.dynamics.get(section.name, 0.0)
        return (0.72 + 0.4 * section.energy) * (1 + 0.35 * wished)

    def drum_force(self, section: Section) -> float:
        """Velocity factor of the drums: a drummer's dynamics are narrower than an arrangement's."""
        wished = self.dynamics.get(section.name, 0.0)
        return (0.86 + 0.2 * section.energy) * (1 + 0.35 * wished)

    def chords_in(self, section: Section) -> list[Chord]:
        start, end = self.start(section), self.stop(section)
        return [c for c in self.chords if start - 1e-6 <= c.start < end - 1e-6]

    def section_at(self, beat: float) -> Section:
        """The section that sounds at `beat`."""
        return next((s for s in reversed(self.sections) if self.start(s) <= beat + 1e-6), self.sections[0])

    def occurrence(self, section: Section) -> int:
        """How many sections of this kind came before."""
        before = [s for s in self.sections if s.kind is section.kind and s.start_bar < section.start_bar]
        return len(before)

    def rng(self, section: Section, *purpose: str | int) -> np.random.Generator:
        """A stream of its own for each section, its take and a purpose: what one draws moves no other."""
        return np.random.default_rng(
            derive(self.seed, "arranging", section.name, self.takes.get(section.name, 1), *purpose)
        )

    def laid(self, line: SectionLine, section: Section) -> list[Note]:
        """A tune or bass line over a section, in its key; its other version comes every second time."""
        versions = [line.notes, line.repeat or line.notes]
        if self.occurrence(section) % 2:
            versions.reverse()
        notes = lay_notes(versions, line, section.bars, self.bar)
        start = self.start(section)
        placed = [n.model_copy(update={"start": n.start + start}) for n in notes]
        chords = self.written[section.name]
        if all(a.symbol == b.symbol for a, b in zip(chords, self.chords_in(section), strict=False)):
            return placed
        return moved_notes(placed, chords, self.home, self.tonalities[section.name])


def lay_chords(
    sections: Sequence[Section], material: Mapping[str, SectionHarmony], final: str, metre: TimeSignature
) -> dict[str, Sequence[Chord]]:
    """The chords of each section in song time, in the song's own key; the last bar is the final chord's."""
    laid: dict[str, Sequence[Chord]] = {}
    for section in sections:
        chords = _section_chords(section, material[section.name], metre)
        if section is sections[-1]:
            chords = _closed(chords, section, material[section.name], final, metre)
        laid[section.name] = chords
    return laid


def in_their_keys(
    laid: Mapping[str, Sequence[Chord]],
    material: Mapping[str, SectionHarmony],
    home: Tonality,
    tonalities: Mapping[str, Tonality],
) -> tuple[Chord, ...]:
    """The chords of the song, each section's moved into its key; chords that were given for it stay as written."""
    return tuple(
        chord
        for name, chords in laid.items()
        for chord in (chords if material[name].pinned else moved_chords(chords, home, tonalities[name]))
    )


def _section_chords(section: Section, material: SectionHarmony, metre: TimeSignature) -> list[Chord]:
    """A section's chords in song time, equal neighbours as one."""
    bar = metre.beats_per_bar
    placed: list[tuple[float, str]] = []
    for i, source in enumerate(bar_map(material, section.bars)):
        at = (section.start_bar + i) * bar
        inside = [c for c in material.chords if source * bar <= c.start < (source + 1) * bar - 1e-6]
        placed.append((at, _opening(material, source, bar)))
        placed += [(at + c.start - source * bar, c.symbol) for c in inside if c.start > source * bar + 1e-6]
    return _merged(placed, (section.start_bar + section.bars) * bar)


def _merged(placed: Sequence[tuple[float, str]], end: float) -> list[Chord]:
    kept: list[tuple[float, str]] = []
    for start, symbol in placed:
        if not kept or kept[-1][1] != symbol:
            kept.append((start, symbol))
    stops = [start for start, _ in kept[1:]] + [end]
    return [
        Chord(start=start, duration=stop - start, symbol=symbol)
        for (start, symbol), stop in zip(kept, stops, strict=True)
    ]


def _closed(
    chords: list[Chord], section: Section, material: SectionHarmony, final: str, metre: TimeSignature
) -> list[Chord]:
    """The last section with the final chord in its last bar; chords that the person gave end where they end."""
    if material.given:
        return chords
    bar = metre.beats_per_bar
    end = (section.start_bar + section.bars) * bar
    before = [(c.start, c.symbol) for c in chords if c.start < end - bar - 1e-6]
    return [*(_merged(before, end - bar) if before else ()), Chord(start=end - bar, duration=bar, symbol=final)]


def _opening(material: SectionHarmony, number: int, bar: float) -> str:
    """The chord that sounds where a bar of the material begins."""
    return next(c.symbol for c in reversed(material.chords) if c.start <= number * bar + 1e-6)


def key_changes(
    sections: Sequence[Section], home: Tonality, tonalities: Mapping[str, Tonality], bar: float
) -> tuple[KeyChange, ...]:
    """Where the key changes from one section to the next."""
    first = tonalities[sections[0].name]
    changes = [] if first == home else [KeyChange(start=0, key=first[0], scale=first[1])]
    for before, section in pairwise(sections):
        now = tonalities[section.name]
        if now != tonalities[before.name]:
            changes.append(KeyChange(start=section.start_bar * bar, key=now[0], scale=now[1]))
    return tuple(changes)


def transition_into(song: Song, section: Section) -> str:
    """How a section is entered: as asked, else by what it is and how much it rises."""
    wished = song.transitions.get(section.name)
    if wished is not None:
        return wished
    index = song.sections.index(section)
    rise = section.energy - song.sections[index - 1].energy
    if section.kind is K.DROP:
        return "riser"
    if section.kind in {K.CHORUS, K.SOLO} and song.style.form in {"song", "loop"} and rise > 0.2:
        return "drop" if _coin(song, section) < 0.35 else "fill"
    return "fill" if rise > -0.3 else "none"


def _coin(song: Song, section: Section) -> float:
    """0–1, the same whatever take of the section is played: the section before must not change with it."""
    return float(np.random.default_rng(derive(song.seed, "transition", section.name)).random())


def gap(song: Song) -> float:
    """Beats that the band drops out before an entrance: a beat, or less than a second at slow tempos."""
    return min(1.0, 0.8 * song.bpm / 60)
