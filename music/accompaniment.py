"""Accompaniment: what a chordal player does in a section, by role, energy and style."""

from collections.abc import Sequence

import numpy as np

from domain.score import Note, Role, Section
from music import comping
from music.casting import Chair
from music.comping import Voiced
from music.layers import level_of
from music.material import Stroke
from music.sheet import Song

_GUITAR_COMPING = {"strum", "boom_chick", "scratch", "skank", "bossa", "chug", "drive"}
_ON_THE_BEAT = frozenset({"waltz", "boom_chick", "skank", "offbeat", "montuno", "bossa", "alberti"})
"""Accompaniments that are known by where they strike."""
_HELD_BRASS = {"cinematic", "classical", "modal"}
_CALM = 0.5
"""Energy up to which a player breaks its chords rather than striking them."""
_GENTLE = 0.5
"""Arousal of a style up to which those who only support break theirs too."""
_FULL = 0.82
"""Energy from which on everybody plays the whole pattern."""


def play_chords(song: Song, chair: Chair, section: Section) -> list[Note]:
    """The section's chords in the chair's register and manner; the song's last bar is held."""
    voiced = comping.voiced(song, chair, section)
    start, stop = song.start(section), song.stop(section)
    last = section is song.sections[-1]
    if last:
        stop -= song.bar
    bars = round((stop - start) / song.bar)
    items = [_between(v, start, stop) for v in voiced if v.chord.start < stop - 1e-6]
    notes = _texture(song, chair, section, items, bars) if bars and items else []
    if last:
        final = [_between(v, stop, v.end) for v in voiced if v.end > stop + 1e-6]
        notes += comping.held(final, song.loudness(section), 0.6)
    return notes


def _between(item: Voiced, start: float, stop: float) -> Voiced:
    """The part of a chord that lies between two beats."""
    first, last = max(start, item.chord.start), min(stop, item.end)
    return Voiced(item.chord.model_copy(update={"start": first, "duration": last - first}), item.notes)


def _texture(song: Song, chair: Chair, section: Section, items: list[Voiced], bars: int) -> list[Note]:
    start, scale = song.start(section), song.loudness(section)
    level = level_of(section.energy)
    rng = song.rng(section, chair.id)
    if chair.role is Role.PAD or (chair.role is Role.STRINGS and (song.style.comping != "ostinato" or level == 0)):
        return comping.held(items, scale * 0.9, 0.35 + 0.2 * section.energy)
    if chair.role is Role.BRASS:
        if song.style.language in _HELD_BRASS or chair.instrument.id == "french_horn":
            return comping.held(items, scale, 0.5)
        return comping.stabs(items, start, bars, song.bar, scale, rng)
    if chair.role is Role.ARPEGGIO:
        return comping.comped(items, song.rhythm.arpeggio, start, bars, song.bar, scale * 0.85, rng)
    strokes: Sequence[Stroke] = song.rhythm.comping[level].strokes
    if chair.role is not Role.STRINGS and not _carries_rhythm(song, chair):
        if level < 2 and _breaks(song, chair) and song.style.arousal < _GENTLE:
            return _broken(song, items, start, bars, scale * 0.9, rng)
        if level < 2:
            return comping.held(items, scale, 0.5)
        if section.energy < _FULL:
            strokes = tuple(s for s in strokes if s.start % 1 == 0)[:2] or strokes[:1]
    elif _breaks(song, chair) and (section.energy < _CALM or song.style.comping == "ostinato"):
        # An ostinato is a string section's; a pianist or harpist breaks the chord instead of hammering it.
        return _broken(song, items, start, bars, scale, rng)
    pushes = song.bar == 4 and song.style.comping not in _ON_THE_BEAT
    return comping.comped(items, strokes, start, bars, song.bar, scale, rng, pushes=pushes)


def _broken(
    song: Song, items: list[Voiced], start: float, bars: int, scale: float, rng: np.random.Generator
) -> list[Note]:
    """Broken chords; on the beats a second note of the chord joins, so that the pulse is heard."""
    notes = comping.comped(items, song.rhythm.figuration, start, bars, song.bar, scale, rng)
    struck = {(n.pitch, n.start) for n in notes}
    joined = []
    for note in notes:
        item = comping.sounding(items, note.start)
        if item is None or (note.start - start) % 1 > 1e-6:
            continue
        others = [p for p in item.notes if p > note.pitch] or [p for p in item.notes if p < note.pitch]
        if others and (others[-1], note.start) not in struck:
            joined.append(note.model_copy(update={"pitch": others[-1], "velocity": max(1, note.velocity - 10)}))
    return notes + joined


def _breaks(song: Song, chair: Chair) -> bool:
    """Whether this player breaks its chords in calm sections: the same all through a song."""
    instrument = chair.instrument.family in {"piano", "acoustic_guitar", "plucked", "electric_keys", "electric_guitar"}
    return instrument and bool(song.rhythm.figuration)


def _carries_rhythm(song: Song, chair: Chair) -> bool:
    """Of guitar and keys the one whose pattern the genre is known for; the other supports."""
    players = [c for c in song.chairs if c.role in (Role.KEYS, Role.GUITAR)]
    guitars = [c for c in players if c.role is Role.GUITAR]
    first = guitars[0] if guitars and song.style.comping in _GUITAR_COMPING else players[0]
    return chair is first or chair.instrument.family == "driven_guitar"
