"""Melody: motifs that return, phrases that breathe, a hook for the chorus.

A section follows a plan of motifs (`music.tunerhythms.PLANS`); every phrase of four bars is pitched as a whole
(`music.pitching`), and what a motif became the first time is what comes back.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from domain.errors import InvalidValue
from domain.score import Note, SectionKind, TimeSignature
from domain.seeds import derive
from music.critic import tune_merit
from music.form import section_kind
from music.genres import Genre, main_genre
from music.material import Harmony, Melody, SectionHarmony, SectionLine
from music.metre import parse_metre, weight
from music.motifs import OPERATORS, Motif, make_motif
from music.pitching import Room, Slot, make_room, pitch
from music.sectionnames import fold_names
from music.theory import ChordSpec, chord_scale, normal_key, parse_chord, scale_pcs
from music.tunerhythms import ending, figure, plan, pushed

K = SectionKind

CENTRE = 71
"""Middle of the range the tunes are written in; the arranger moves them to the instrument by octaves."""

CONTOURS = ("arch", "rising", "falling", "wave")
PHRASE = 4
"""Bars that are pitched together."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """How the tune of a kind of section differs: its plan, height above the verse, density, contour, character."""

    plan: str
    lift: float
    density: float
    contour: str
    character: str


_KINDS: dict[SectionKind, _Kind] = {
    K.VERSE: _Kind("verse", -3.0, 0.05, "arch", "telling"),
    K.CHORUS: _Kind("chorus", 3.0, -0.05, "arch", "hook"),
    K.PRECHORUS: _Kind("bridge", -0.5, 0.05, "rising", "wandering"),
    K.BRIDGE: _Kind("bridge", 0.5, -0.1, "wave", "wandering"),
    K.SOLO: _Kind("solo", 2.0, 0.25, "wave", "wandering"),
    K.BUILD: _Kind("bridge", 0.0, 0.1, "rising", "wandering"),
    K.DROP: _Kind("chorus", 3.5, 0.05, "wave", "hook"),
    K.BREAK: _Kind("sparse", -2.0, -0.2, "falling", "telling"),
    K.THEME: _Kind("verse", 0.0, 0.0, "arch", "hook"),
    K.INTRO: _Kind("sparse", -1.0, -0.15, "falling", "hook"),
    K.OUTRO: _Kind("chorus", -1.5, -0.15, "falling", "hook"),
}
_SHARES_HOOK = {K.CHORUS, K.DROP, K.OUTRO, K.INTRO}


@dataclass(slots=True)
class _Memory:
    """What the plan's letters became: motif, whether it pushes over the bar line, pitch of its first note."""

    motifs: dict[str, Motif] = field(default_factory=dict)
    pushes: dict[str, bool] = field(default_factory=dict)
    anchors: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Brief:
    """What one take of the tunes is written to."""

    harmony: Harmony
    key: str
    scale: str
    style: Genre
    metre: TimeSignature
    density: float
    syncopation: float
    finest: float
    span: int
    centre: float
    contour: str | None
    warmth: float
    candidates: int

    room: Room


Written = tuple[SectionLine, _Memory]


def write_melody(
    harmony: Harmony,
    *,
    key: str,
    scale: str,
    genre: list[str],
    tempo: float,
    time_signature: str,
    valence: float,
    arousal: float,
    wish: Mapping[str, Any],
    takes: Mapping[str, int] | None = None,
    candidates: int,
    seed: int,
) -> Melody:
    """A tune for every kind of section, over `harmony`, and for every single section that has chords or a take.

    `wish` may hold `contour` (arch, rising, falling, wave), `density` (0–1) and `range` (semitones, 3–36). `takes`
    (from 1) asks for another tune in the sections or kinds it names. The best of `candidates` is returned. Raises
    `InvalidValue` for other wishes.
    """
    brief = _brief(harmony, key, scale, genre, tempo, time_signature, valence, arousal, wish, candidates)
    own = derive(seed, "melody", brief.style.id)
    base: dict[SectionKind, Written] = {}
    for kind in _KINDS:
        base[kind] = _best(brief, harmony.of(kind), own, _hook_of(base, kind))
    lines: dict[str | None, SectionLine] = {}
    for piece in harmony.sections:
        if piece.name is not None:
            remembered = replace(base[piece.kind][1], anchors={})
            lines[piece.name] = _best(brief, piece, own, remembered)[0]
    for name, take in sorted(fold_names(takes or {}).items()):
        if take > 1:
            kind = section_kind(name)
            chords = next((p for p in harmony.sections if p.name == name), harmony.of(kind))
            line, _ = _best(brief, chords, derive(own, "take", take), _Memory())
            lines[name] = line.model_copy(update={"name": name})
    over_own = {piece.name for piece in harmony.sections}
    named = sorted(lines.values(), key=lambda line: line.name in over_own)
    sections = (*(base[kind][0] for kind in _KINDS), *named)
    chorus = base[K.CHORUS][0]
    hook = tuple(n for n in chorus.notes if n.start < 2 * brief.metre.beats_per_bar)
    return Melody(beats_per_bar=brief.metre.beats_per_bar, sections=sections, hook=hook)


def _brief(
    harmony: Harmony,
    key: str,
    scale: str,
    genre: list[str],
    tempo: float,
    time_signature: str,
    valence: float,
    arousal: float,
    wish: Mapping[str, Any],
    candidates: int,
) -> _Brief:
    style = main_genre(genre)
    contour = wish.get("contour")
    if contour is not None and contour not in CONTOURS:
        raise InvalidValue(f"there is no contour {contour!r}; use one of: {', '.join(CONTOURS)}")
    density = _number(wish, "density", 0, 1)
    span = _number(wish, "range", 3, 36)
    fast = float(np.clip((tempo - 110) / 160, -0.2, 0.3))
    swung = style.swing > 0.55 and style.swing_unit >= 0.5
    width = round(span) if span is not None else round(13 + 6 * arousal)
    centre = CENTRE + 5 * (valence - 0.5) + 3 * (arousal - 0.5)
    half = width / 2 + 3
    return _Brief(
        harmony=harmony,
        key=normal_key(key),
        scale=scale,
        style=style,
        metre=parse_metre(time_signature),
        density=density if density is not None else _clip(style.density + 0.3 * (arousal - 0.5) - fast),
        syncopation=_clip(style.syncopation + 0.2 * (arousal - 0.5)),
        finest=0.5 if swung or tempo >= 138 else 0.25,
        span=width,
        centre=centre,
        contour=contour,
        warmth=0.5 + 0.25 * arousal,
        candidates=max(1, candidates),
        room=make_room(int(centre - half), int(centre + half), scale_pcs(normal_key(key), scale)),
    )


def _clip(value: float) -> float:
    return min(1.0, max(0.0, value))


def _number(wish: Mapping[str, Any], name: str, low: float, high: float) -> float | None:
    value = wish.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise InvalidValue(f"melody {name} is {value!r}; use a number from {low} to {high}")
    return float(value)


def _hook_of(written: Mapping[SectionKind, Written], kind: SectionKind) -> _Memory:
    """The chorus's first motifs, for the sections that quote it."""
    if kind not in _SHARES_HOOK or kind is K.CHORUS:
        return _Memory()
    chorus = written[K.CHORUS][1]
    return replace(chorus, motifs=dict(chorus.motifs), anchors={})


def _best(brief: _Brief, section: SectionHarmony, seed: int, known: _Memory) -> Written:
    """The best of the candidates for one section."""
    takes = [_write(brief, section, derive(seed, section.kind.value, take), known) for take in range(brief.candidates)]
    return max(takes, key=lambda written: tune_merit(written[0], section, brief.metre.beats_per_bar, brief.span))


class _Writer:
    """Writes one take of one section, phrase by phrase."""

    def __init__(self, brief: _Brief, section: SectionHarmony, seed: int, known: _Memory) -> None:
        self.brief, self.section = brief, section
        self.rng = np.random.default_rng(seed)
        self.kind = _KINDS[section.kind]
        self.density = _clip(brief.density + self.kind.density)
        self.bar = brief.metre.beats_per_bar
        self.room = brief.room
        self.memory = _Memory(dict(known.motifs), dict(known.pushes), dict(known.anchors))
        self.tokens = plan(self.kind.plan, section.bars, self.rng)
        self._rename(known)

    def _rename(self, known: _Memory) -> None:
        """Motifs taken over from another section go under the first letters of this plan."""
        mine = [t[0] for t in self.tokens if t[0] not in ".eE"]
        for own, theirs in zip(dict.fromkeys(mine), known.motifs, strict=False):
            self.memory.motifs[own] = known.motifs[theirs]
            self.memory.pushes[own] = known.pushes.get(theirs, False)

    def motif_of(self, token: str) -> Motif:
        """The motif of a plan token, made on its first appearance."""
        letter = token[0]
        if letter not in self.memory.motifs:
            onsets = figure(
                self.brief.metre, self.density, self.brief.syncopation, self.brief.finest, self.rng
            )  # fmt: skip
            self.memory.motifs[letter] = make_motif(onsets, self.kind.character, self.rng)
            self.memory.pushes[letter] = bool(self.rng.random() < 0.8 * (self.brief.syncopation - 0.25))
        motif = self.memory.motifs[letter]
        for sign in token[1:]:
            motif = OPERATORS[sign](motif, self.bar, self.rng)
        return motif

    def write(self) -> tuple[Note, ...]:
        """The section's tune."""
        notes: list[Note] = []
        for first in range(0, len(self.tokens), PHRASE):
            notes += self.phrase(first, self.tokens[first : first + PHRASE], notes, learn=True)
        return tuple(_without_overlaps(notes))

    def again(self, notes: Sequence[Note]) -> tuple[Note, ...]:
        """The tune for its second time: an ornament and another ending."""
        hook = self.kind.character == "hook"
        keep = max(1, self.section.bars - (1 if hook else 2))
        out = [n for n in notes if n.start < keep * self.bar - 0.5 - 1e-6 or n.start < 1e-6]
        out = out if hook else self.ornamented(out)
        tail = [t if t[0] in ".eE" else t[0] + "'" for t in self.tokens[keep:]]
        out += self.phrase(keep, tail, out, learn=False)
        return tuple(_without_overlaps(out))

    def phrase(self, first: int, tokens: Sequence[str], before: Sequence[Note], *, learn: bool) -> list[Note]:
        """The bars of `tokens` from bar `first` on, pitched together."""
        slots: list[Slot] = []
        starts: dict[int, str] = {}
        free = (first * self.bar) - max((n.start + n.duration for n in before), default=0.0)
        for i, token in enumerate(tokens):
            if token[0] == ".":
                free += self.bar
                continue
            fresh = self.bar_slots(first + i, token, free)
            if not fresh:
                free += self.bar
                continue
            if token[0] not in "eE" and len(token) == 1 and token[0] not in self.memory.anchors:
                starts[len(slots)] = token[0]
            slots += fresh
            free = (first + i + 1) * self.bar - slots[-1].start - slots[-1].length
        after = before[-1].pitch if before else None
        pitches = pitch(slots, self.room, after=after, warmth=self.brief.warmth, rng=self.rng)
        if learn:
            self.learn(starts, slots, pitches)
        return [self.note(slot, p) for slot, p in zip(slots, pitches, strict=True)]

    def bar_slots(self, bar: int, token: str, free: float) -> list[Slot]:
        """The notes of one bar, to be pitched; `free` beats are silent before it."""
        letter = token[0]
        closing = letter in "eE"
        motif = Motif(ending(self.brief.metre, self.density, self.rng), ()) if closing else self.motif_of(token)
        onsets = motif.onsets
        if bar and self.memory.pushes.get(letter, False) and not closing:
            onsets = pushed(onsets, free)
        out = []
        for i, (at, length) in enumerate(onsets):
            start = bar * self.bar + at
            anchor = self.memory.anchors.get(letter)
            target, pull = self.target(start), 0.55
            if i == 0 and not closing and anchor is not None:
                target, pull = anchor + 1.75 * motif.level, 2.2
            chord = self.chord_at(start + (0.5 if at < 0 else 0.0))
            out.append(
                Slot(
                    start=start, length=length, target=target, pull=pull, chord=chord,
                    strength=max(weight(self.brief.metre, max(0.0, at)), min(0.8, length / 2)),
                    scale=chord_scale(chord, self.brief.key, self.brief.scale),
                    step=motif.steps[i - 1] if 0 < i <= len(motif.steps) else None,
                    close=letter if closing and i == len(onsets) - 1 else "",
                )
            )  # fmt: skip
        return out

    def target(self, start: float) -> float:
        """The height that the contour wants: that of the phrase on that of the section."""
        x = start / (self.section.bars * self.bar)
        within = (start % (PHRASE * self.bar)) / (PHRASE * self.bar)
        shape = self.brief.contour or self.kind.contour
        height = 0.7 * _contour(shape, x) + 0.5 * _contour("arch", within)
        return self.brief.centre + self.kind.lift + height * self.brief.span * 0.22

    def chord_at(self, beat: float) -> ChordSpec:
        return parse_chord(next(c for c in reversed(self.section.chords) if c.start <= beat + 1e-6).symbol)

    def learn(self, starts: Mapping[int, str], slots: Sequence[Slot], pitches: Sequence[int]) -> None:
        """Remember what each new motif became: it returns as it was heard, not as it was meant."""
        index = {int(p): i for i, p in enumerate(self.room.pitches)}
        rungs = [float(self.room.ladder[index[p]]) for p in pitches]
        for at, letter in starts.items():
            motif = self.memory.motifs[letter]
            heard = rungs[at : at + len(motif.onsets)]
            steps = tuple(b - a for a, b in itertools.pairwise(heard))
            self.memory.motifs[letter] = replace(motif, steps=steps)
            self.memory.anchors[letter] = pitches[at]

    def note(self, slot: Slot, pitched: int) -> Note:
        return Note(
            pitch=pitched,
            start=slot.start,
            duration=slot.length * (0.92 if slot.length <= 1 else 0.96),
            velocity=round(72 + 18 * slot.strength + 0.5 * (pitched - self.brief.centre)),
        )

    def ornamented(self, notes: Sequence[Note]) -> list[Note]:
        """A long note in the middle gets its upper neighbour."""
        longs = [i for i, n in enumerate(notes) if n.duration >= 0.9 and i > 2]
        chosen = set(self.rng.permutation(longs)[:1].tolist()) if longs else set()
        out: list[Note] = []
        for i, note in enumerate(notes):
            out += self.turn(note) if i in chosen else [note]
        return out

    def turn(self, note: Note) -> list[Note]:
        scale = chord_scale(self.chord_at(note.start), self.brief.key, self.brief.scale)
        above = next((p for p in (note.pitch + 1, note.pitch + 2) if p % 12 in scale), note.pitch + 2)
        part = 0.25
        first = max(part, np.ceil(note.duration * 4 - 1e-6) / 4 - 2 * part)
        soft = max(1, note.velocity - 8)
        return [
            note.model_copy(update={"duration": first}),
            Note(pitch=above, start=note.start + first, duration=part, velocity=soft),
            Note(pitch=note.pitch, start=note.start + first + part, duration=part, velocity=soft),
        ]


def _write(brief: _Brief, section: SectionHarmony, seed: int, known: _Memory) -> Written:
    writer = _Writer(brief, section, seed, known)
    notes = writer.write()
    again = writer.again(notes)
    if section.kind is K.SOLO:
        # Nobody improvises the same chorus twice.
        again = _Writer(brief, section, derive(seed, "again"), _Memory()).write()
    line = SectionLine(
        kind=section.kind, name=section.name, given=section.given, bars=section.bars, notes=notes,
        repeat=again,
    )  # fmt: skip
    return line, writer.memory


def _contour(name: str, x: float) -> float:
    """Height of a contour, -1 to 1, at `x` (0–1) of the section."""
    if name == "rising":
        return 2 * x - 1
    if name == "falling":
        return 1 - 2 * x
    if name == "wave":
        return float(np.sin(4 * np.pi * x))
    return 2 * float(np.sin(np.pi * min(1.0, x * 0.9 + 0.05))) - 1.2


def _without_overlaps(notes: Sequence[Note]) -> list[Note]:
    """One note at a time: a note ends where the next begins."""
    ordered = sorted(notes, key=lambda n: n.start)
    out: list[Note] = []
    for note, after in zip(ordered, [*ordered[1:], None], strict=True):
        room = note.duration if after is None else min(note.duration, after.start - note.start)
        if room > 0.04:
            out.append(note.model_copy(update={"duration": room}))
    return out
