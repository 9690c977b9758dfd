"""Melody: motifs that return, phrases that breathe, a hook for the chorus.

Each phrase is the cheapest path through pitch space (dynamic programming over pairs of notes): chord tones where
the metre is strong, steps rather than leaps, leaps that turn back, a contour to follow and the motif to keep.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from domain.errors import InvalidValue
from domain.score import Note, SectionKind, TimeSignature
from domain.seeds import derive
from music.genres import Genre, main_genre
from music.material import Harmony, Melody, SectionHarmony, SectionLine
from music.metre import parse_metre, weight
from music.theory import chord_scale, normal_key, parse_chord, scale_pcs
from music.tunerhythms import Onsets, ending, figure, plan

Array = npt.NDArray[np.float64]
K = SectionKind

CENTRE = 71
"""Middle of the range the tunes are written in; the arranger moves them to the instrument by octaves."""

CONTOURS = ("arch", "rising", "falling", "wave")

# Kind -> (plan, how much higher than the verse in semitones, density change, contour).
_KINDS: dict[SectionKind, tuple[str, float, float, str]] = {
    K.VERSE: ("verse", -2.5, 0.05, "arch"),
    K.CHORUS: ("chorus", 2.5, -0.05, "arch"),
    K.PRECHORUS: ("bridge", -0.5, 0.0, "rising"),
    K.BRIDGE: ("bridge", 0.5, -0.1, "wave"),
    K.SOLO: ("solo", 2.0, 0.25, "wave"),
    K.BUILD: ("bridge", 0.0, 0.1, "rising"),
    K.DROP: ("chorus", 3.0, 0.05, "wave"),
    K.BREAK: ("sparse", -2.0, -0.2, "falling"),
    K.THEME: ("verse", 0.0, 0.0, "arch"),
    K.INTRO: ("sparse", -1.0, -0.15, "falling"),
    K.OUTRO: ("chorus", -1.5, -0.15, "falling"),
}  # fmt: skip
_SHARES_HOOK = {K.CHORUS, K.DROP, K.OUTRO, K.INTRO}

# Cost of an interval by its size in semitones: steps cost least (Huron, Sweet Anticipation, 2006, ch. 5).
_INTERVAL_COST = np.array([0.5, 0.2, 0.1, 0.65, 0.75, 1.2, 3.5, 1.5, 2.6, 2.6, 4.0, 5.0, 2.6] + [7.0] * 24)


@dataclass(slots=True)
class _Slot:
    """A note to be pitched: where it stands and what is wanted of it."""

    start: float
    length: float
    strength: float
    target: float
    motif: float | None = None
    close: str = ""


@dataclass(slots=True)
class _Figures:
    """The letters of the song's plans: their rhythms, and their shapes once a first time is written."""

    rhythms: dict[str, Onsets] = field(default_factory=dict)
    shapes: dict[str, tuple[float, ...]] = field(default_factory=dict)


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
    span: int
    centre: float
    contour: str | None
    warmth: float


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
    candidates: int,
    seed: int,
) -> Melody:
    """A tune for every kind of section, over `harmony`.

    `wish` may hold `contour` (arch, rising, falling, wave), `density` (0–1) and `range` (semitones, 5–36). The
    best of `candidates` takes is returned. Raises `InvalidValue` for other wishes.
    """
    brief = _brief(harmony, key, scale, genre, tempo, time_signature, valence, arousal, wish)
    best: dict[SectionKind, SectionLine] = {}
    for section in sorted(harmony.sections, key=lambda s: list(_KINDS).index(s.kind)):
        takes = [
            _write_section(brief, section, derive(seed, "melody", brief.style.id, take), best)
            for take in range(max(1, candidates))
        ]
        best[section.kind] = max(takes, key=lambda take: _merit(take, section, brief))
    chorus = best[K.CHORUS]
    hook = tuple(n for n in chorus.notes if n.start < 2 * brief.metre.beats_per_bar)
    ordered = tuple(best[section.kind] for section in harmony.sections)
    return Melody(beats_per_bar=brief.metre.beats_per_bar, sections=ordered, hook=hook)


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
) -> _Brief:
    style = main_genre(genre)
    contour = wish.get("contour")
    if contour is not None and contour not in CONTOURS:
        raise InvalidValue(f"there is no contour {contour!r}; use one of: {', '.join(CONTOURS)}")
    density = _number(wish, "density", 0, 1)
    span = _number(wish, "range", 5, 36)
    fast = float(np.clip((tempo - 110) / 160, -0.2, 0.3))
    return _Brief(
        harmony=harmony,
        key=normal_key(key),
        scale=scale,
        style=style,
        metre=parse_metre(time_signature),
        density=density if density is not None else _clip(style.density + 0.3 * (arousal - 0.5) - fast),
        syncopation=_clip(style.syncopation + 0.2 * (arousal - 0.5)),
        span=round(span) if span is not None else round(14 + 7 * arousal),
        centre=CENTRE + 5 * (valence - 0.5) + 3 * (arousal - 0.5),
        contour=contour,
        warmth=0.55 + 0.3 * arousal,
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


def _write_section(
    brief: _Brief, section: SectionHarmony, seed: int, written: Mapping[SectionKind, SectionLine]
) -> SectionLine:
    """One take of the tune for `section`, with another ending for its second time."""
    rng = np.random.default_rng(derive(seed, section.kind.value))
    plan_name, lift, change, shape = _KINDS[section.kind]
    density = _clip(brief.density + change)
    letters = plan(plan_name, section.bars, rng)
    figures = _Figures()
    if section.kind in _SHARES_HOOK and K.CHORUS in written:
        _borrow_hook(figures, written[K.CHORUS], brief, letters)
    contour = brief.contour or shape
    notes: list[Note] = []
    for bar, letter in enumerate(letters):
        notes += _write_bar(brief, section, bar, letter, density, lift, contour, figures, notes, rng)
    again = _second_time(brief, section, letters, density, lift, contour, figures, notes, rng)
    return SectionLine(kind=section.kind, bars=section.bars, notes=tuple(notes), repeat=tuple(again))


def _borrow_hook(figures: _Figures, chorus: SectionLine, brief: _Brief, letters: str) -> None:
    """Give the first two letters of another section the chorus's first two bars."""
    bar = brief.metre.beats_per_bar
    names = [c for c in dict.fromkeys(letters) if c not in ".eE"][:2]
    for i, name in enumerate(names):
        notes = [n for n in chorus.notes if i * bar <= n.start < (i + 1) * bar]
        if notes:
            figures.rhythms[name] = tuple((n.start - i * bar, n.duration) for n in notes)
            figures.shapes[name] = _shape([n.pitch for n in notes])


def _shape(pitches: list[int]) -> tuple[float, ...]:
    return tuple(float(b - a) for a, b in pairwise(pitches))


def _rhythm_of(brief: _Brief, letter: str, density: float, figures: _Figures, rng: np.random.Generator) -> Onsets:
    if letter == ".":
        return ()
    if letter in "eE":
        return ending(brief.metre, density, rng)
    if letter not in figures.rhythms:
        figures.rhythms[letter] = figure(brief.metre, density, brief.syncopation, rng)
    return figures.rhythms[letter]


def _write_bar(
    brief: _Brief,
    section: SectionHarmony,
    bar: int,
    letter: str,
    density: float,
    lift: float,
    contour: str,
    figures: _Figures,
    before: list[Note],
    rng: np.random.Generator,
) -> list[Note]:
    onsets = _rhythm_of(brief, letter, density, figures, rng)
    if not onsets:
        return []
    length = brief.metre.beats_per_bar
    total = section.bars * length
    shape = figures.shapes.get(letter)
    slots = []
    for i, (at, duration) in enumerate(onsets):
        start = bar * length + at
        target = brief.centre + lift + _contour(contour, start / total) * brief.span * 0.3
        motif = shape[i - 1] if shape is not None and 0 < i <= len(shape) else None
        strength = max(weight(brief.metre, at), min(0.8, duration / 2))
        close = letter if letter in "eE" and i == len(onsets) - 1 else ""
        slots.append(_Slot(start, duration, strength, target, motif, close))
    pitches = _best_path(brief, section, slots, [n.pitch for n in before[-2:]], rng)
    if letter not in "eE" and letter not in figures.shapes:
        figures.shapes[letter] = _shape(pitches)
    return [
        Note(
            pitch=pitch,
            start=slot.start,
            duration=slot.length * (0.92 if slot.length <= 1 else 0.96),
            velocity=round(72 + 18 * slot.strength + 0.5 * (pitch - brief.centre)),
        )
        for slot, pitch in zip(slots, pitches, strict=True)
    ]


def _contour(name: str, x: float) -> float:
    """Height of a contour, -1 to 1, at `x` (0–1) of the section."""
    if name == "rising":
        return 2 * x - 1
    if name == "falling":
        return 1 - 2 * x
    if name == "wave":
        return float(np.sin(4 * np.pi * x))
    return 2 * float(np.sin(np.pi * min(1.0, x * 0.9 + 0.05))) - 1.2


def _best_path(
    brief: _Brief, section: SectionHarmony, slots: list[_Slot], before: list[int], rng: np.random.Generator
) -> list[int]:
    """Pitches of `slots` by dynamic programming; `before` are the one or two pitches that came last."""
    half = brief.span / 2 + 2
    pitches = np.arange(int(brief.centre - half), int(brief.centre + half) + 1)
    costs = [_unary(brief, section, slot, pitches, rng) for slot in slots]
    step = np.abs(pitches[None, :] - pitches[:, None])
    base = _INTERVAL_COST[step]
    turn = _turn_costs(pitches)
    first = costs[0].copy()
    if before:
        first += _INTERVAL_COST[np.minimum(np.abs(pitches - before[-1]), 36)] * 0.8
    if len(slots) == 1:
        return [int(pitches[int(np.argmin(first))])]
    table = first[:, None] + costs[1][None, :] + base + _motif(slots[1], pitches)
    back: list[npt.NDArray[np.intp]] = []
    for slot, cost in zip(slots[2:], costs[2:], strict=True):
        options = table[:, :, None] + turn
        back.append(np.argmin(options, axis=0))
        table = options.min(axis=0) + base + cost[None, :] + _motif(slot, pitches)
    i, j = np.unravel_index(int(np.argmin(table)), table.shape)
    path = [int(j), int(i)]
    for pointers in reversed(back):
        path.append(int(pointers[path[-1], path[-2]]))
    return [int(pitches[k]) for k in reversed(path)]


def _motif(slot: _Slot, pitches: npt.NDArray[np.int_]) -> Array:
    """Cost of leaving the motif's interval (a scale step of freedom costs little)."""
    if slot.motif is None:
        return np.zeros((len(pitches), len(pitches)))
    off = np.abs((pitches[None, :] - pitches[:, None]) - slot.motif)
    cost: Array = np.minimum(np.where(off <= 1, 0.15 * off, 0.9 * off - 0.6), 4.0)
    return cost


def _turn_costs(pitches: npt.NDArray[np.int_]) -> Array:
    """Cost over three notes: leaps turn back by step, notes are not hammered, trills do not go on."""
    p0, p1, p2 = pitches[:, None, None], pitches[None, :, None], pitches[None, None, :]
    first, second = p1 - p0, p2 - p1
    leap = np.abs(first) >= 5
    onward = (first * second > 0) & leap
    back = (first * second < 0) & leap & (np.abs(second) <= 4)
    hammered = (first == 0) & (second == 0)
    trill = (p0 == p2) & (first != 0)
    far = np.abs(p2 - p0) > 12
    costs: Array = 1.3 * onward - 0.5 * back + 1.0 * hammered + 0.35 * trill + 2.0 * far
    return costs


def _unary(
    brief: _Brief,
    section: SectionHarmony,
    slot: _Slot,
    pitches: npt.NDArray[np.int_],
    rng: np.random.Generator,
) -> Array:
    """Cost of each pitch for one note: harmony, metre, contour, close, and a little chance."""
    chord = parse_chord(next(c for c in reversed(section.chords) if c.start <= slot.start + 1e-6).symbol)
    scale = chord_scale(chord, brief.key, brief.scale)
    pcs = pitches % 12
    in_scale = np.isin(pcs, sorted(scale))
    in_chord = np.isin(pcs, sorted(chord.pitch_classes))
    cost: Array = np.where(in_scale, 0.0, 9.0)
    if len(scale_pcs(brief.key, brief.scale)) < 7:
        own = np.isin(pcs, scale_pcs(brief.key, brief.scale))
        cost = np.where(own, 0.0, np.minimum(cost, 2.5))
    cost = cost + np.where(in_chord, 0.0, 0.12 + 1.25 * slot.strength**2)
    harsh = np.isin((pcs - 1) % 12, sorted(chord.pitch_classes)) & ~in_chord
    cost = cost + np.where(harsh, 0.9 * slot.length, 0.0)
    cost = cost + 0.9 * ((pitches - slot.target) / 5.0) ** 2
    if slot.close:
        cost = cost + _closing(brief, slot.close, pcs, in_chord)
    noise: Array = rng.gumbel(0.0, brief.warmth, size=len(pitches))
    return cost - noise


def _closing(brief: _Brief, close: str, pcs: npt.NDArray[np.int_], in_chord: npt.NDArray[np.bool_]) -> Array:
    """A full close wants the tonic (or third) of the key, an open one another tone of its chord."""
    tonic = scale_pcs(brief.key, brief.scale)[0]
    wanted = (pcs == tonic) if close == "E" else (pcs != tonic)
    cost: Array = np.where(in_chord & wanted, 0.0, np.where(in_chord, 1.6, 4.0))
    return cost


def _second_time(
    brief: _Brief,
    section: SectionHarmony,
    letters: str,
    density: float,
    lift: float,
    contour: str,
    figures: _Figures,
    notes: list[Note],
    rng: np.random.Generator,
) -> list[Note]:
    """The tune again with a new ending, and one long note that is turned around."""
    bar = brief.metre.beats_per_bar
    keep = max(1, section.bars - 2)
    again = [n for n in notes if n.start < keep * bar]
    again = _ornamented(brief, section, again, rng)
    fresh = _Figures(rhythms=dict(figures.rhythms))
    for i in range(keep, section.bars):
        letter = letters[i] if letters[i] in "eE." else "z"
        again += _write_bar(brief, section, i, letter, density, lift + 1, contour, fresh, again, rng)
    return again


def _ornamented(brief: _Brief, section: SectionHarmony, notes: list[Note], rng: np.random.Generator) -> list[Note]:
    """One or two long notes in the middle get their upper neighbour."""
    longs = [i for i, n in enumerate(notes) if n.duration >= 0.9 and i > 2]
    chosen = set(rng.permutation(longs)[: 1 + int(brief.density > 0.5)].tolist()) if longs else set()
    out: list[Note] = []
    for i, note in enumerate(notes):
        if i not in chosen:
            out.append(note)
            continue
        chord = parse_chord(next(c for c in reversed(section.chords) if c.start <= note.start + 1e-6).symbol)
        scale = chord_scale(chord, brief.key, brief.scale)
        above = next((p for p in (note.pitch + 1, note.pitch + 2) if p % 12 in scale), note.pitch + 2)
        third = note.duration / 3 if brief.metre.denominator >= 8 else note.duration / 4
        first = note.duration - 2 * third
        out.append(note.model_copy(update={"duration": first}))
        for k, pitch in enumerate((above, note.pitch)):
            out.append(
                note.model_copy(
                    update={"start": note.start + first + k * third, "duration": third, "pitch": pitch,
                            "velocity": max(1, note.velocity - 8)}
                )
            )  # fmt: skip
    return out


def _merit(line: SectionLine, section: SectionHarmony, brief: _Brief) -> float:
    """Closeness to what people write: steps, repeats and leaps in proportion, rests, chord tones, range.

    The proportions are means over human pop melodies (POP909): 23 % repeats, 45 % steps, 15 % leaps, 32 % rests.
    """
    pitches = np.array([n.pitch for n in line.notes])
    if len(pitches) < 3:
        return 0.0
    moves = np.abs(np.diff(pitches))
    shares = (
        (float(np.mean(moves == 0)), 0.2),
        (float(np.mean((moves > 0) & (moves < 3))), 0.47),
        (float(np.mean(moves >= 5)), 0.14),
    )
    total = section.bars * brief.metre.beats_per_bar
    rest = 1 - sum(n.duration for n in line.notes) / total
    spread = float(np.ptp(pitches))
    return -sum(abs(have - want) for have, want in shares) - abs(rest - 0.28) - abs(spread - 0.7 * brief.span) / 24
