"""Drums and effects over the form: how sections begin, end and lead into one another."""

import numpy as np

from domain.score import Note, Role, Section, SectionKind
from music import drumming
from music.casting import Chair
from music.grooves import KICK
from music.layers import level_of
from music.sheet import Song, gap, transition_into

K = SectionKind
LOW, HIGH = 0.42, 0.66
"""Energies from which a section counts as under way and as a high point."""


HUMAN_FROM_MS = 10.0
"""Looseness of a style from which somebody sits at the drums."""


def drum_notes(song: Song, chair: Chair, section: Section) -> list[Note]:
    """Drums or percussion of one section: groove, fills, the way in and the way out."""
    main = chair.role is Role.DRUMS
    level, scale = level_of(section.energy), song.drum_force(section)
    groove = song.rhythm.at(level) if main else song.rhythm.percussion[level]
    start, bars = song.start(section), section.bars
    if section is song.sections[0] and section.kind is K.INTRO and bars >= 4 and main and level == 0:
        start, bars = start + (bars // 2) * song.bar, bars - bars // 2
    rng, human = song.rng(section, "drums", chair.id), song.style.looseness >= HUMAN_FROM_MS
    played = drumming.groove_notes(groove, start, bars, song.bar, scale, rng, human=human)
    if main:
        played = _joined(song, section, played)
    if section is song.sections[-1]:
        last_bar = song.end - song.bar
        played = [n for n in played if n.start < last_bar - 1e-6]
        if main and played:
            played += drumming.arrival(last_bar, scale, crash=True)
    return drumming.unique(played)


def _joined(song: Song, section: Section, played: list[Note]) -> list[Note]:
    """The groove with its fill into the next section, and the crash of its own arrival."""
    scale = song.drum_force(section)
    index = song.sections.index(section)
    rng = song.rng(section, "fills")
    if section.kind is K.BUILD:
        roll = min(2, section.bars) * song.bar
        end = song.stop(section)
        played = [n for n in played if n.start < end - roll or n.pitch == KICK]
        played += drumming.build_roll(end - roll, roll, scale)
    if index + 1 < len(song.sections):
        played = _handed_over(song, section, song.sections[index + 1], played, rng)
    if section.kind is not K.BUILD:
        played = _phrased(song, section, played, rng)
    entered = transition_into(song, section) if index else "none"
    if entered in {"fill", "riser", "crash", "drop"} and (section.energy >= HIGH or entered == "crash"):
        played = played + drumming.arrival(song.start(section), scale, crash=True)
    return played


def _phrased(song: Song, section: Section, played: list[Note], rng: np.random.Generator) -> list[Note]:
    """A small fill where four bars end inside the section: mostly in the middle, elsewhere now and then."""
    for bar in range(4, section.bars, 4):
        end = song.start(section) + bar * song.bar
        likely = 0.6 if bar == section.bars // 2 else 0.35
        small = drumming.pick_fill(song.rhythm, 1.0, rng)
        if small is not None and rng.random() < likely:
            before = [n for n in played if n.start < end]
            after = [n for n in played if n.start >= end]
            played = drumming.with_fill(before, small, end, song.drum_force(section) * 0.85) + after
    return played


def _handed_over(
    song: Song, section: Section, following: Section, played: list[Note], rng: np.random.Generator
) -> list[Note]:
    end = song.stop(section)
    how = transition_into(song, following)
    if how == "drop":
        return [n for n in played if n.start < end - gap(song)]
    if how in {"fill", "riser"} and section.kind is not K.BUILD:
        size = 4.0 if following.energy >= 0.8 else 2.0 if following.energy >= LOW else 1.0
        fill = drumming.pick_fill(song.rhythm, min(size, song.bar), rng)
        if fill is not None:
            return drumming.with_fill(played, fill, end, song.drum_force(section))
    return played


def effect_notes(song: Song, chair: Chair) -> list[Note]:
    kind = chair.instrument.id
    if kind == "vinyl_noise":
        return [
            Note(pitch=60, start=song.start(s), duration=s.bars * song.bar, velocity=52 if s.energy > LOW else 62)
            for s in song.sections
        ]
    notes = []
    for section in song.sections[1:]:
        how = transition_into(song, section)
        start = song.start(section)
        if kind == "riser" and how == "riser":
            length = min(2 * song.bar, start)
            notes.append(Note(pitch=60, start=start - length, duration=length, velocity=84))
        if kind == "impact" and (how == "riser" or section.energy >= 0.9):
            notes.append(Note(pitch=36, start=start, duration=song.bar, velocity=100))
    if not notes and kind in {"riser", "impact"}:
        peak = max(song.sections, key=lambda s: s.energy)
        start = song.start(peak)
        length = min(2 * song.bar, start) if kind == "riser" else song.bar
        if length > 0:
            begin = start - length if kind == "riser" else start
            notes.append(Note(pitch=60 if kind == "riser" else 36, start=begin, duration=length, velocity=84))
    return notes
