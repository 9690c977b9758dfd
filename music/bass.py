"""Bass: a line for every kind of section, on the kick's strokes and the chords' roots, walking where it should."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from domain.errors import InvalidValue
from domain.score import Chord, Note, SectionKind, TimeSignature
from domain.seeds import derive
from music.form import section_kind
from music.genres import main_genre
from music.grooves import KICK, LOW_CONGA, LOW_TOM
from music.material import BassLine, Harmony, Rhythm, SectionHarmony, SectionLine
from music.metre import parse_metre, pulses
from music.rhythm import SLOW_SHARE
from music.sectionnames import fold_names
from music.theory import ChordSpec, chord_scale, parse_chord

LOW, HIGH = 28, 50
"""Range the lines are written in (E1 to D3); the arranger moves them into the instrument's own."""

K = SectionKind
# Which drum pattern a kind of section is written against.
KIND_LEVEL: dict[SectionKind, int] = {
    K.INTRO: 0, K.VERSE: 1, K.PRECHORUS: 1, K.CHORUS: 2, K.BRIDGE: 1, K.SOLO: 2, K.BUILD: 1, K.DROP: 3,
    K.BREAK: 0, K.THEME: 1, K.OUTRO: 1,
}  # fmt: skip

# Fixed figures: (beat, length, chord degree) in 4/4; degree 1 root, 5 fifth, 8 octave, 3 third, 7 approach.
Figure = tuple[tuple[float, float, int], ...]
FIGURES: dict[str, tuple[Figure, ...]] = {
    "root_fifth": (((0, 1.5, 1), (2, 1.5, 5)), ((0, 1.5, 1), (2, 1, 5), (3, 0.9, 7))),
    "two_feel": (((0, 1.9, 1), (2, 1.9, 5)), ((0, 1.9, 1), (2, 0.9, 5), (3, 0.9, 7))),
    "eighths": (tuple((i / 2, 0.42, 1) for i in range(8)), ((0, 0.9, 1), (1, 0.42, 1), (1.5, 0.42, 1), (2, 0.9, 1),
    (3, 0.42, 1), (3.5, 0.42, 1)), (*((i / 2, 0.42, 1) for i in range(7)), (3.5, 0.42, 7))),
    "octave": (tuple((i / 2, 0.4, 8 if i % 2 else 1) for i in range(8)), ((0, 0.4, 1), (0.5, 0.4, 8), (1, 0.9, 1),
    (2, 0.4, 1), (2.5, 0.4, 8), (3, 0.4, 1), (3.5, 0.4, 7))),
    "offbeat": (tuple((i + 0.5, 0.4, 1) for i in range(4)), ((0.5, 0.4, 1), (1.5, 0.4, 1), (2.5, 0.4, 8),
    (3.5, 0.4, 1))),
    "sixteenths": (tuple((i / 4, 0.2, 8 if i in (6, 14) else 1) for i in range(16) if i % 4), ),
    "bossa": (((0, 1.4, 1), (1.5, 0.45, 5), (2, 1.4, 5), (3.5, 0.45, 1)),),
    "reggae": (((0, 0.7, 1), (1, 0.4, 1), (1.5, 0.45, 5), (2.5, 0.4, 8), (3, 0.8, 5)), ((0.5, 0.4, 1), (1, 0.7, 1),
    (2, 0.4, 5), (2.5, 0.9, 1))),
    "tumbao": (((1.5, 1.4, 5), (3, 0.95, 8)),),
    "cumbia": (((0, 0.9, 1), (2, 0.8, 5), (3, 0.8, 8)),),
    "lazy": (((0, 1.4, 1), (2.5, 1.0, 1)), ((0, 1.7, 1), (2.5, 0.45, 5), (3.5, 0.45, 7)), ((0, 0.9, 1),
    (1.5, 0.4, 8), (2.5, 1.2, 5))),
    "wobble": (((0, 0.9, 1), (1, 0.4, 1), (1.5, 0.4, 8), (2, 0.9, 1), (3, 0.3, 1), (3.5, 0.3, 3)),),
}  # fmt: skip
# What a bass in running notes plays in a song much slower than its genre, whose pulse would be heard twice as fast.
_SLOW = {"eighths": "long", "sixteenths": "long", "octave": "root_fifth", "offbeat": "root_fifth"}
STYLES = (*FIGURES, "root", "walking", "syncopated", "pedal", "drone", "long", "808", "waltz")


def write_bass(
    harmony: Harmony,
    rhythm: Rhythm,
    *,
    genre: list[str],
    tempo: float,
    time_signature: str,
    wish: Mapping[str, Any],
    takes: Mapping[str, int] | None = None,
    candidates: int = 1,
    seed: int,
) -> BassLine:
    """A bass line under `harmony`, on the kicks of `rhythm`.

    `wish` may hold `style` (one of `STYLES`) and `density` (0–1); `takes` (from 1) asks for another line in the
    sections or kinds it names; of `candidates` for each section the best is kept. Pitches lie in `LOW`–`HIGH`. Raises
    `InvalidValue` for another style or density.
    """
    metre = parse_metre(time_signature)
    usual = main_genre(genre)
    slow = tempo < SLOW_SHARE * usual.tempo[0]
    style = str(wish.get("style") or (_SLOW.get(usual.bass, usual.bass) if slow else usual.bass))
    if style not in STYLES:
        raise InvalidValue(f"there is no bass style {style!r}; use one of: {', '.join(STYLES)}")
    density = wish.get("density", 0.5)
    if isinstance(density, bool) or not isinstance(density, int | float) or not 0 <= density <= 1:
        raise InvalidValue(f"bass density is {density!r}; use a number from 0 to 1")
    lines: dict[tuple[str, str | None], SectionLine] = {}

    def play(section: SectionHarmony, name: str | None, take: int) -> None:
        purpose = ("bass", section.kind.value) if take == 1 else ("bass", section.kind.value, take)
        rng = np.random.default_rng(derive(seed, *purpose))
        player = _Player(harmony, section, rhythm, metre, style, float(density), tempo, rng)
        lines[section.kind.value, name] = SectionLine(
            kind=section.kind, name=name, given=section.given, bars=section.bars, notes=player.line(0),
            repeat=player.line(1),
        )  # fmt: skip

    for section in harmony.sections:
        play(section, section.name, 1)
    for name, take in sorted(fold_names(takes or {}).items()):
        if take > 1:
            kind = section_kind(name)
            chords = next((p for p in harmony.sections if p.name == name), harmony.of(kind))
            play(chords, name, take)
    over_own = {section.name for section in harmony.sections}
    sections = tuple(sorted(lines.values(), key=lambda line: line.name in over_own))
    return BassLine(style=style, beats_per_bar=metre.beats_per_bar, sections=sections)


class _Player:
    """Writes one section's line, bar by bar, knowing the chord now and the chord to come."""

    def __init__(
        self,
        harmony: Harmony,
        section: SectionHarmony,
        rhythm: Rhythm,
        metre: TimeSignature,
        style: str,
        density: float,
        tempo: float,
        rng: np.random.Generator,
    ) -> None:
        self.harmony, self.section, self.metre, self.style = harmony, section, metre, style
        self.density, self.tempo, self.rng = density, tempo, rng
        self.bar = metre.beats_per_bar
        self.kicks = _kicks(rhythm, KIND_LEVEL[section.kind])
        self.last = 34
        self.tonic = parse_chord(harmony.final).root
        self.figure_order = rng.permutation(max(1, len(FIGURES.get(style, ((),)))))

    def line(self, time_through: int) -> tuple[Note, ...]:
        """The notes of the section; the second time through turns figures round and adds approaches."""
        notes: list[Note] = []
        for bar in range(self.section.bars):
            bar_notes = self._bar(bar, time_through)
            notes.extend(sorted(bar_notes, key=lambda n: n.start))
        return tuple(_without_overlaps(notes, self.section.bars * self.bar))

    def _chord(self, beat: float) -> tuple[Chord, ChordSpec]:
        at = beat % (self.section.bars * self.bar)
        chord = next(c for c in reversed(self.section.chords) if c.start <= at + 1e-6)
        return chord, parse_chord(chord.symbol)

    def _bar(self, bar: int, time_through: int) -> list[Note]:
        writers: dict[str, Callable[[float, int], list[Note]]] = {
            "walking": self._walking, "syncopated": self._syncopated, "root": self._root,
            "pedal": self._pedal, "drone": self._long, "long": self._long, "808": self._locked,
            "waltz": self._waltz,
        }  # fmt: skip
        start = bar * self.bar
        writer = writers.get(self.style, self._figure)
        if writer == self._figure and self.bar != 4:
            writer = self._root
        return writer(start, bar + 5 * time_through)

    def _near(self, pc: int, target: float) -> int:
        """The pitch of class `pc` in range that lies nearest to `target`."""
        return min((p for p in range(LOW, HIGH + 1) if p % 12 == pc), key=lambda p: (abs(p - target), p))

    def _degree(self, beat: float, degree: int) -> int:
        """Pitch for a chord degree at `beat`; degree 7 approaches the next chord's root from next door."""
        _, chord = self._chord(beat)
        root = self._near(chord.bass, 0.6 * self.last + 0.4 * 33)
        if degree == 8:
            return root + 12
        if degree == 5:
            fifth = (chord.root + next((i for i in chord.intervals if i in (6, 7, 8)), 7)) % 12
            return self._near(fifth, root + 3)
        if degree == 3:
            third = next((i for i in chord.intervals if i in (3, 4, 5, 2)), 7)
            return self._near((chord.root + third) % 12, root + 3)
        if degree == 7:
            return self._approach(beat)
        return root

    def _approach(self, beat: float) -> int:
        """A note a step away from the coming chord's bass note: from the scale, or chromatic from below."""
        _, now = self._chord(beat)
        following = self._chord(beat + max(0.5, self.bar - beat % self.bar))[1]
        target = self._near(following.bass, self.last)
        scale = chord_scale(now, self.harmony.key, self.harmony.scale)
        choices = [p for p in (target - 2, target - 1, target + 1, target + 2) if p % 12 in scale and p >= LOW]
        choices = choices or [target - 1 if target > LOW else target + 1]
        return min(choices, key=lambda p: (abs(p - self.last) > 5, abs(p - target), p))

    def _note(self, beat: float, length: float, pitch: int, accent: float = 0.7) -> Note:
        self.last = pitch if pitch <= HIGH else pitch - 12
        home = 1.07 if pitch % 12 == self.tonic else 0.96
        return Note(pitch=pitch, start=beat, duration=length, velocity=round((64 + 36 * accent) * home))

    def _changes(self, start: float) -> list[float]:
        """Where this bar's chords begin."""
        inside = [c.start for c in self.section.chords if start < c.start < start + self.bar - 1e-6]
        return [start, *inside]

    def _figure(self, start: float, index: int) -> list[Note]:
        figures = FIGURES[self.style]
        pick = len(figures) - 1 if index % 4 == 3 else 0
        if index % 4 == 1 and self.rng.random() < 0.9:
            pick = min(1, len(figures) - 1)
        figure = figures[int(self.figure_order[pick])]
        notes = []
        for at, length, degree in figure:
            changed = any(abs(start + at - c) < 1e-6 for c in self._changes(start)[1:])
            accent = 0.9 if at == 0 else 0.65
            pitch = self._degree(start + at, 1 if changed else degree)
            notes.append(self._note(start + at, length, pitch, accent))
            if degree == 8:
                self.last = pitch - 12
        return self._thinned(notes)

    def _thinned(self, notes: list[Note]) -> list[Note]:
        """Fewer notes for a low wish, never the downbeats."""
        if self.density >= 0.35:
            return notes
        return [n for i, n in enumerate(notes) if i == 0 or (n.start % 1 == 0 and self.rng.random() < 0.5)]

    def _walking(self, start: float, index: int) -> list[Note]:
        """A note on every pulse: root, chord or scale tones in one direction, an approach on the last."""
        places = pulses(self.metre)
        notes = []
        direction = 1 if (index + int(self.rng.integers(2))) % 2 else -1
        for i, at in enumerate(places):
            beat = start + at
            chord_starts = any(abs(beat - c) < 1e-6 for c in self._changes(start))
            length = 0.92 * ((places[i + 1] if i + 1 < len(places) else self.bar) - at)
            if chord_starts:
                pitch = self._degree(beat, 1)
            elif i == len(places) - 1:
                pitch = self._approach(beat)
            else:
                pitch, direction = self._step(beat, direction)
            notes.append(self._note(beat, length, pitch, 0.75 if i % 2 else 0.65))
        if self.density > 0.6 and self.rng.random() < self.density - 0.4:
            skip = notes[-1]
            notes[-1] = skip.model_copy(update={"duration": 0.45})
            notes.append(self._note(skip.start + 0.5, 0.4, self._approach(skip.start), 0.4))
        return notes

    def _step(self, beat: float, direction: int) -> tuple[int, int]:
        _, chord = self._chord(beat)
        tones = chord.pitch_classes
        scale = chord_scale(chord, self.harmony.key, self.harmony.scale)
        reach = range(1, 6)
        options = [self.last + direction * d for d in reach if LOW <= self.last + direction * d <= HIGH]
        good = [p for p in options if p % 12 in tones] or [p for p in options if p % 12 in scale]
        if not good:
            return self._degree(beat, 5), -direction
        return good[0] if self.rng.random() < 0.7 else good[-1], direction

    def _syncopated(self, start: float, index: int) -> list[Note]:
        """On the kicks, with octaves and passing notes on some of the off-beats between them."""
        notes = self._locked(start, index)
        extra = 1 + int(self.density > 0.6) + int(self.density > 0.85)
        taken = {round(n.start % self.bar, 3) for n in notes}
        spots = [s for s in np.arange(0.75, self.bar, 0.25) if round(float(s), 3) not in taken]
        spots = [s for s in spots if all(abs(s - t) >= 0.25 for t in taken)]
        for spot in sorted(self.rng.choice(spots, size=min(extra, len(spots)), replace=False)) if spots else []:
            beat = start + float(spot)
            degree = int(self.rng.choice([8, 5, 3, 1], p=[0.4, 0.3, 0.15, 0.15]))
            degree = 7 if spot >= self.bar - 0.5 else degree
            saved = self.last
            notes.append(self._note(beat, 0.22 if self.tempo < 130 else 0.4, self._degree(beat, degree), 0.5))
            self.last = saved
        return notes

    def _locked(self, start: float, index: int) -> list[Note]:
        """A note on each kick, long enough to reach the next one."""
        bars = max(1, len(self.kicks))
        places = sorted({0.0, *self.kicks[index % bars], *(c - start for c in self._changes(start))})
        notes = []
        for i, at in enumerate(places):
            room = (places[i + 1] if i + 1 < len(places) else self.bar) - at
            changed = any(abs(start + at - c) < 1e-6 for c in self._changes(start))
            degree = 1 if changed or at == 0 or self.style == "808" or self.rng.random() < 0.7 else 5
            length = room * (0.97 if self.style == "808" else 0.85)
            length = length if self.style == "808" else min(length, 1.5)
            notes.append(self._note(start + at, length, self._degree(start + at, degree), 0.9 if at == 0 else 0.7))
        return notes

    def _root(self, start: float, index: int) -> list[Note]:
        """Roots on the kicks; the last bar of four leads over."""
        notes = self._locked(start, index)
        often = index % 4 == 3 or (index % 2 == 1 and self.rng.random() < 0.5)
        if often and self.density >= 0.35:
            lead = start + self.bar - 0.5
            notes = [n for n in notes if n.start < lead - 1e-6]
            notes.append(self._note(lead, 0.45, self._approach(lead), 0.55))
        return notes

    def _pedal(self, start: float, index: int) -> list[Note]:
        tonic = parse_chord(self.harmony.final).root
        starts = [start + p for p in (pulses(self.metre) if self.density >= 0.5 else (0.0,))]
        room = self.bar / len(starts)
        return [self._note(beat, room * 0.9, self._near(tonic, 36), 0.7) for beat in starts]

    def _long(self, start: float, index: int) -> list[Note]:
        """One note for each chord, held."""
        notes = []
        for change in self._changes(start):
            chord, _ = self._chord(change)
            if change == start and chord.start < start - 1e-6 and self.style == "drone":
                continue
            end = min(chord.start + chord.duration, start + self.bar if self.style != "drone" else 1e9)
            notes.append(self._note(change, (end - change) * 0.98, self._degree(change, 1), 0.7))
        return notes

    def _waltz(self, start: float, index: int) -> list[Note]:
        """The root on one; root and fifth take turns while a chord lasts."""
        chord, _ = self._chord(start)
        degree = 5 if chord.start < start - 1e-6 else 1
        notes = [self._note(start, pulses(self.metre)[1] * 0.95, self._degree(start, degree), 0.8)]
        changes = self._changes(start)[1:]
        return notes + [self._note(change, 0.9, self._degree(change, 1), 0.65) for change in changes]


def _kicks(rhythm: Rhythm, level: int) -> list[list[float]]:
    """Kick places for each bar of the groove; low drums stand in where there is no kick."""
    groove = rhythm.at(level)
    for drums in ({KICK}, {LOW_TOM, LOW_CONGA, 61}):
        hits = [h.start for h in groove.hits if h.pitch in drums and h.velocity > 60]
        if hits:
            bar = rhythm.beats_per_bar
            return [[h - i * bar for h in hits if i * bar <= h < (i + 1) * bar] for i in range(groove.bars)]
    return [[0.0, rhythm.beats_per_bar / 2]] if rhythm.beats_per_bar >= 3 else [[0.0]]


def _without_overlaps(notes: list[Note], end: float) -> list[Note]:
    """One note at a time, nothing past the end."""
    tidy: list[Note] = []
    notes = sorted(notes, key=lambda n: n.start)
    for i, note in enumerate(notes):
        limit = notes[i + 1].start if i + 1 < len(notes) else end
        if limit - note.start < 0.05:
            continue
        tidy.append(note.model_copy(update={"duration": min(note.duration, limit - note.start)}))
    return tidy
