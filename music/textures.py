"""Accompaniment textures: held chords, comping, power chords, arpeggios, stabs and guide-tone lines.

Every function takes voicings or chords in song time (beats) and gives notes in song time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.score import Chord, Note
from music.material import Stroke
from music.theory import chord_scale, parse_chord
from music.voicing import Voicing


@dataclass(frozen=True, slots=True)
class Voiced:
    """A chord with its voicing in song time."""

    chord: Chord
    notes: Voicing

    @property
    def end(self) -> float:
        """Where the chord stops sounding."""
        return self.chord.start + self.chord.duration


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
    voiced: Sequence[Voiced], strokes: Sequence[Stroke], start: float, bars: int, bar: float, scale: float,
    rng: np.random.Generator,
) -> list[Note]:  # fmt: skip
    """A stroke pattern over the chords; every fourth bar breathes or pushes, so that it is played, not looped."""
    notes: list[Note] = []
    for i in range(bars):
        pattern = list(strokes)
        if i % 4 == 3 and len(pattern) > 2 and rng.random() < 0.6:
            pattern.pop(int(rng.integers(1, len(pattern))))
        for stroke in pattern:
            beat = start + i * bar + stroke.start
            if beat >= start + bars * bar - 1e-6:
                continue
            notes += _struck(voiced, stroke, beat, start + bars * bar, scale)
    return notes


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


def restruck(strokes: Sequence[Stroke], item: Voiced, start: float) -> bool:
    """Whether a pattern strikes again when `item`'s chord begins inside the bar at `start`."""
    return any(abs(start + stroke.start - item.chord.start) < 0.26 for stroke in strokes)


def power(voiced: Sequence[Voiced], low: int) -> list[Voiced]:
    """Roots, fifths and octaves from `low` upwards in place of full voicings."""
    out = []
    for item in voiced:
        chord = parse_chord(item.chord.symbol)
        fifth = next((i for i in chord.intervals if i in (6, 7, 8)), 7)
        root = low + (chord.root - low) % 12
        out.append(Voiced(item.chord, (root, root + fifth, root + 12)))
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


def guide_line(
    chords: Sequence[Chord], lead: Sequence[Note], key: str, scale: str, low: int, high: int, loudness: float
) -> list[Note]:
    """A counter-melody: thirds and sevenths that move by step under the tune, and answer when it rests."""
    notes: list[Note] = []
    last = (low + high) // 2
    for chord in chords:
        spec = parse_chord(chord.symbol)
        wanted = {(spec.root + i) % 12 for i in spec.intervals if i not in (0, 7)} or {spec.root}
        pitch = min((p for p in range(low, high + 1) if p % 12 in wanted), key=lambda p: (abs(p - last), p))
        end = chord.start + chord.duration
        rests = _rest_before(lead, chord.start, end)
        if rests is None:
            notes.append(_line_note(pitch, chord.start, chord.duration * 0.96, 0.45, loudness))
        else:
            notes += _answer(pitch, chord, rests, sorted(chord_scale(spec, key, scale)), loudness)
        last = pitch
    return notes


def _rest_before(lead: Sequence[Note], start: float, end: float) -> float | None:
    """Where the lead falls silent for a beat and a half or more at the end of a chord."""
    inside = [n.start + n.duration for n in lead if start - 1e-6 <= n.start < end]
    stop = max(inside, default=start)
    return stop if end - stop >= 1.45 and end - start >= 2 else None


def _answer(pitch: int, chord: Chord, rest: float, scale: Sequence[int], loudness: float) -> list[Note]:
    end = chord.start + chord.duration
    begin = np.ceil(max(rest, chord.start) * 2) / 2
    notes = []
    if begin - chord.start >= 0.5:
        notes.append(_line_note(pitch, chord.start, (begin - chord.start) * 0.95, 0.4, loudness))
    ladder = [p for p in range(pitch - 12, pitch + 13) if p % 12 in scale]
    at = ladder.index(pitch) if pitch in ladder else len(ladder) // 2
    moves, beat = (0, 1, 2, 1), float(begin)
    for i, move in enumerate(moves):
        if beat >= end - 1e-6:
            break
        length = 0.5 if i < 2 else end - beat
        notes.append(_line_note(ladder[min(at + move, len(ladder) - 1)], beat, min(length, 2.0) * 0.95, 0.65, loudness))
        beat += length
    return notes


def _line_note(pitch: int, start: float, duration: float, accent: float, loudness: float) -> Note:
    return Note(pitch=pitch, start=start, duration=max(0.1, duration), velocity=velocity(accent, loudness))
