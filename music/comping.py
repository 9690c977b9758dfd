"""Accompaniment: held chords, comping, broken chords, power chords and stabs.

Every function takes voicings or chords in song time (beats) and gives notes in song time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.score import Chord, Note, Role, Section
from music.casting import CHORDAL, Chair
from music.material import Stroke
from music.registers import register_of
from music.sheet import Song
from music.theory import name_pc, parse_chord
from music.voicing import Voicing, lead_voices


@dataclass(frozen=True, slots=True)
class Voiced:
    """A chord with its voicing in song time."""

    chord: Chord
    notes: Voicing

    @property
    def end(self) -> float:
        """Where the chord stops sounding."""
        return self.chord.start + self.chord.duration


_STRICT = frozenset({"classical"})


def voiced(song: Song, chair: Chair, section: Section) -> list[Voiced]:
    """A section's chords as a chair plays them, voices led inside the section."""
    low, high, voices = register_of(chair, song.chairs)
    has_bass = any(c.role is Role.BASS for c in song.chairs)
    chords = song.chords_in(section)
    shapes = lead_voices(
        [c.symbol for c in chords],
        voices=voices,
        low=low,
        high=high,
        rootless=has_bass,
        strict=song.style.language in _STRICT,
        tonic=name_pc(song.tonalities[section.name][0]),
    )
    out = [Voiced(chord, shape) for chord, shape in zip(chords, shapes, strict=True)]
    if chair.instrument.family == "driven_guitar":
        return power(out, max(chair.instrument.low, 40), thirds=section.name in song.given)
    if not has_bass and chair is next((c for c in song.chairs if c.role in CHORDAL), None):
        return with_root(out, max(chair.instrument.low, 36), 52)
    return out


BRASS_STABS: tuple[tuple[Stroke, ...], ...] = (
    (Stroke(start=0, duration=0.4, accent=0.9), Stroke(start=1.5, duration=0.3, accent=0.7)),
    (Stroke(start=0.5, duration=0.3, accent=0.75), Stroke(start=2.5, duration=0.9, accent=0.9)),
    (Stroke(start=3, duration=0.3, accent=0.7), Stroke(start=3.5, duration=0.4, accent=1.0)),
)


def velocity(accent: float, scale: float) -> int:
    """MIDI velocity of an accent (0–1) at a section's loudness `scale`."""
    return int(min(120, max(18, round((46 + 46 * accent) * scale))))


def sounding(voiced: Sequence[Voiced], beat: float) -> Voiced | None:
    """The chord at `beat`."""
    for item in voiced:
        if item.chord.start - 1e-6 <= beat < item.end - 1e-6:
            return item
    return None


def held(voiced: Sequence[Voiced], scale: float, accent: float = 0.5) -> list[Note]:
    """Chords held for their length; a note that stays in the next chord is tied over."""
    notes: list[Note] = []
    open_: dict[int, int] = {}
    for item in voiced:
        still: dict[int, int] = {}
        for pitch in item.notes:
            at = open_.get(pitch)
            if at is not None and notes[at].duration < 7.9:
                longer = item.end - notes[at].start - 0.05
                notes[at] = notes[at].model_copy(update={"duration": longer})
                still[pitch] = at
                continue
            still[pitch] = len(notes)
            notes.append(
                Note(pitch=pitch, start=item.chord.start, duration=max(0.1, item.chord.duration - 0.05),
                     velocity=velocity(accent, scale))
            )  # fmt: skip
        open_ = still
    return notes


def comped(
    voiced: Sequence[Voiced],
    strokes: Sequence[Stroke],
    start: float,
    bars: int,
    bar: float,
    scale: float,
    rng: np.random.Generator,
    *,
    pushes: bool = True,
) -> list[Note]:
    """A stroke pattern over the chords, played rather than looped.

    Three bars of four may vary the first, the fourth breathes. `pushes` says that the variant may come
    ahead of the beat; a pattern that is known by its beats divides one of its strokes instead.
    """
    notes: list[Note] = []
    varied = [_pushed(strokes, rng) if pushes else _divided(strokes, bar, rng) for _ in range(3)]
    if len(strokes) < 4:
        varied[1] = strokes
    variants = (strokes, *varied)
    for i in range(bars):
        pattern = list(variants[i % 4])
        if i % 4 == 3 and len(pattern) > 2 and rng.random() < 0.6:
            pattern.pop(int(rng.integers(1, len(pattern))))
        for stroke in pattern:
            beat = start + i * bar + stroke.start
            if beat >= start + bars * bar - 1e-6:
                continue
            notes += _struck(voiced, stroke, beat, start + bars * bar, scale)
        for late in _missed(voiced, pattern, start + i * bar, bar):
            notes += _struck(voiced, late, start + i * bar + late.start, start + bars * bar, scale)
    return notes


def _missed(voiced: Sequence[Voiced], pattern: Sequence[Stroke], begin: float, bar: float) -> list[Stroke]:
    """A stroke for each chord that begins in the bar at `begin` and that the pattern would never strike."""
    strokes = []
    for item in voiced:
        at = item.chord.start - begin
        struck = any(at - 0.26 < s.start < item.end - begin - 0.1 for s in pattern)
        if -1e-6 < at < bar - 1e-6 and not struck:
            strokes.append(Stroke(start=max(0.0, at), duration=min(1.0, 0.9 * item.chord.duration), accent=0.6))
    return strokes


def _divided(strokes: Sequence[Stroke], bar: float, rng: np.random.Generator) -> Sequence[Stroke]:
    """The pattern with one of its later strokes as two eighths, the second softer."""
    following = [*(s.start for s in strokes[1:]), bar]
    long = [
        i
        for i, (s, after) in enumerate(zip(strokes, following, strict=True))
        if i and s.voice == 0 and s.duration >= 0.4 and after >= s.start + 0.75
    ]
    if not long or rng.random() < 0.15:
        return strokes
    at = int(rng.choice(long))
    first = strokes[at].model_copy(update={"duration": min(0.4, strokes[at].duration)})
    second = first.model_copy(update={"start": first.start + 0.5, "accent": 0.7 * first.accent})
    return [*strokes[:at], first, second, *strokes[at + 1 :]]


def _pushed(strokes: Sequence[Stroke], rng: np.random.Generator) -> Sequence[Stroke]:
    """The pattern with one of its inner strokes an eighth early; a busy one gets a hole instead."""
    inner = [
        i for i, s in enumerate(strokes)
        if i and s.voice == 0 and s.start >= 1 and strokes[i - 1].start <= s.start - 0.75
    ]  # fmt: skip
    if len(strokes) >= 6 and (not inner or rng.random() < 0.5):
        return _gapped(strokes, rng)
    if not inner or rng.random() < 0.1:
        return strokes
    at = int(rng.choice(inner))
    before = strokes[at - 1]
    early = strokes[at].start - 0.5
    out = list(strokes)
    out[at - 1] = before.model_copy(update={"duration": min(before.duration, early - before.start)})
    out[at] = strokes[at].model_copy(update={"start": early, "duration": strokes[at].duration + 0.5})
    return out


def _gapped(strokes: Sequence[Stroke], rng: np.random.Generator) -> Sequence[Stroke]:
    """The pattern without one or two of its unaccented strokes; the stroke before each is held in its place."""
    weak = [i for i in range(1, len(strokes)) if strokes[i].accent < 0.95]
    gone = set(rng.permutation(weak)[: 1 + int(rng.random() < 0.7)].tolist())
    out: list[Stroke] = []
    for i, stroke in enumerate(strokes):
        if i in gone and out:
            longer = stroke.start + stroke.duration - out[-1].start
            out[-1] = out[-1].model_copy(update={"duration": longer})
        elif i not in gone:
            out.append(stroke)
    return out


def _struck(voiced: Sequence[Voiced], stroke: Stroke, beat: float, end: float, scale: float) -> list[Note]:
    item = sounding(voiced, beat)
    if item is None:
        return []
    early = item.end - beat
    if early < 0.3 and (following := sounding(voiced, item.end)) is not None:
        item, early = following, following.end - beat
    length = min(stroke.duration, max(0.15, early), end - beat)
    chosen = item.notes if stroke.voice == 0 else (item.notes[(stroke.voice - 1) % len(item.notes)],)
    return [Note(pitch=pitch, start=beat, duration=length, velocity=velocity(stroke.accent, scale)) for pitch in chosen]


def power(voiced: Sequence[Voiced], low: int, *, thirds: bool) -> list[Voiced]:
    """Roots, fifths and octaves from `low` upwards in place of full voicings; with `thirds` a tenth on top.

    The tenth is for chords that somebody asked for: without it nobody could hear whether they are major or minor.
    """
    out = []
    for item in voiced:
        chord = parse_chord(item.chord.symbol)
        fifth = next((i for i in chord.intervals if i in (6, 7, 8)), 7)
        root = low + (chord.root - low) % 12
        third = [i for i in chord.intervals if i in (3, 4)] if thirds else []
        out.append(Voiced(item.chord, (root, root + fifth, root + 12, *(root + 12 + i for i in third))))
    return out


def with_root(voiced: Sequence[Voiced], low: int, high: int) -> list[Voiced]:
    """The left hand: the chord's bass note below its voicing."""
    out = []
    for item in voiced:
        bass = low + (parse_chord(item.chord.symbol).bass - low) % 12
        left = (bass,) if bass < item.notes[0] and bass <= high else ()
        out.append(Voiced(item.chord, left + item.notes))
    return out


def stabs(
    voiced: Sequence[Voiced], start: float, bars: int, bar: float, scale: float, rng: np.random.Generator
) -> list[Note]:
    """Short section chords in every second bar, held ones at the ends of phrases."""
    figures = [BRASS_STABS[int(k)] for k in rng.permutation(len(BRASS_STABS))]
    notes: list[Note] = []
    for i in range(bars):
        if i % 2 == 0 and bars > 1:
            continue
        pattern = figures[(i // 2) % 2]
        for stroke in pattern:
            if stroke.start < bar:
                beat = start + i * bar + stroke.start
                notes += _struck(voiced, stroke, beat, start + bars * bar, scale)
    return notes
