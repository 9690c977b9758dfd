"""Rhythm: the rhythm section's vocabulary for a song, from the groove tables and the mood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from domain.errors import InvalidValue
from domain.score import TimeSignature
from domain.seeds import derive
from music.critic import groove_merit
from music.genres import GENRES, Genre, main_genre
from music.grooves import (
    ARPEGGIOS,
    COMPING,
    FIGURATIONS,
    FILLS,
    GHOST_SQUARES,
    GHOSTED,
    GROOVES,
    HAT,
    KICK,
    OPEN_HAT,
    PERCUSSION,
    RIDE,
    SHAKER,
    SNARE,
    SOFT_FILLS,
    SOFT_SIXTEENTH,
    STROKES,
    Row,
)
from music.material import Comping, Fill, Groove, Hit, Rhythm, Stroke
from music.metre import is_compound, parse_metre, pulses
from music.swing import swing_ratio

SQUARE = 0.25
_CYMBALS = {HAT, OPEN_HAT, RIDE, SHAKER}


@dataclass(frozen=True, slots=True)
class _Touch:
    """How the drummer plays: busyness 0–1, force and cymbal brightness as velocity factors."""

    density: float
    force: float
    brightness: float


def write_rhythm(
    *,
    genre: list[str],
    tempo: float,
    time_signature: str,
    valence: float,
    arousal: float,
    wish: Mapping[str, Any],
    constraints: Mapping[str, Any],
    candidates: int = 1,
    seed: int,
) -> Rhythm:
    """Grooves for four levels, fills, percussion and accompaniment patterns; the best of `candidates`.

    `wish` may hold `groove` (a name of the groove table or a genre's id), `density` (0–1) and `swing` (0 even to
    1 triplets); `constraints` with `no_drums` leaves the drums out. Raises `InvalidValue` for values outside.
    """
    style = main_genre(genre)
    metre = parse_metre(time_signature)
    options = [
        _write(style, metre, tempo, valence, arousal, wish, constraints, derive(seed, "rhythm", style.id, take))
        for take in range(max(1, candidates))
    ]
    return max(options, key=groove_merit)


def _write(
    style: Genre,
    metre: TimeSignature,
    tempo: float,
    valence: float,
    arousal: float,
    wish: Mapping[str, Any],
    constraints: Mapping[str, Any],
    seed: int,
) -> Rhythm:
    rng = np.random.default_rng(seed)
    groove = _groove_name(style, wish)
    swing = None if wish.get("swing") is None else _unit(wish, "swing", 0.0)
    density = _unit(wish, "density", 0.5 + 0.4 * (arousal - style.arousal) + 0.1 * (valence - 0.5))
    touch = _Touch(density, 0.88 + 0.24 * arousal, 0.94 + 0.12 * valence)
    rows = _fitted(GROOVES[groove] or GROOVES["folk"], metre)
    slow = tempo < SLOW_SHARE * style.tempo[0]
    slow = slow or (tempo < SLOW_BPM and (groove in _EIGHTHS or is_compound(metre)))
    rows = _varied(rows, density, rng)
    if slow:
        rows = _slowed(rows, metre)
    elif groove in GHOSTED and style.looseness >= 10:
        rows = (*rows, _ghosts(rows, metre, density, rng))
    percussion = _fitted(PERCUSSION.get(groove, PERCUSSION["shaker"]), metre)
    soft = arousal + 0.3 * (valence - 0.5) < 0.4 or groove in {"brushes", "bossa", "lofi", "one_drop"}
    return Rhythm(
        groove=groove,
        beats_per_bar=metre.beats_per_bar,
        swing=swing_ratio(style, tempo, swing),
        swing_unit=style.swing_unit,
        drums=not constraints.get("no_drums"),
        grooves=_levels(rows, metre.beats_per_bar, touch),
        percussion=_levels(percussion, metre.beats_per_bar, touch),
        fills=_fills(SOFT_FILLS if soft else FILLS, metre.beats_per_bar),
        comping=_comping(style, metre, density - (0.5 if slow else 0.0), slow),
        arpeggio=_arpeggio(metre, density, rng),
        figuration=_figuration(style, metre, tempo, rng),
    )


def _groove_name(style: Genre, wish: Mapping[str, Any]) -> str:
    name = str(wish.get("groove") or style.groove)
    name = GENRES[name].groove if name in GENRES else name
    if name not in GROOVES:
        raise InvalidValue(f"there is no groove {name!r}; use one of: {', '.join(GROOVES)}")
    return name


def _unit(wish: Mapping[str, Any], name: str, default: float) -> float:
    value = wish.get(name)
    if value is None:
        return min(1.0, max(0.0, default))
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InvalidValue(f"{name} is {value!r}; use a number from 0 to 1")
    return float(value)


def _fitted(rows: Sequence[Row], metre: TimeSignature) -> tuple[Row, ...]:
    """The rows in the song's metre: as written in 4/4, half a bar in 2/4, otherwise rebuilt."""
    squares = round(metre.beats_per_bar / SQUARE)
    if not rows or (squares == 16 and not is_compound(metre)):
        return tuple(rows)
    if squares == 8:
        return tuple((drum, low, high, line[:8]) for drum, low, high, line in rows)
    return _rebuilt(rows, metre)


def _rebuilt(rows: Sequence[Row], metre: TimeSignature) -> tuple[Row, ...]:
    """A groove for another metre with the drums of `rows`.

    Drums that mark the downbeat play the first pulse, back-beat drums the others, cymbals subdivide.
    """
    squares = round(metre.beats_per_bar / SQUARE)
    beats = [round(p / SQUARE) for p in pulses(metre)]
    step = 2 if metre.denominator >= 8 or metre.numerator < 8 else 4
    rebuilt = []
    for drum, low, high, line in rows:
        cells = ["."] * squares
        if drum in _CYMBALS:
            for at in range(0, squares, step):
                cells[at] = "x" if at in beats else "o"
        elif drum == KICK or (line[0] in "Xx" and drum in {41, 61, 64}):
            cells[0] = "X" if line[0] in "Xx" else "x"
            if high > low and len(beats) > 3:
                cells[beats[len(beats) // 2]] = "x"
        else:
            back = beats[1:] if len(beats) <= 3 else [b for i, b in enumerate(beats) if i % 2]
            soft = "g" in line or "o" in line
            for at in back:
                cells[at] = "o" if soft or at != back[0] else "X"
        rebuilt.append((drum, low, high, "".join(cells) + "".join(_answered(cells, drum, beats, step))))
    return tuple(rebuilt)


def _answered(cells: Sequence[str], drum: int, beats: Sequence[int], step: int) -> list[str]:
    """The second bar of a rebuilt groove: the kick leads back with a pickup, the cymbal skips before it."""
    out = list(cells)
    last = len(out) - step
    if drum in {KICK, 41, 61, 64} and out[last] == "." and len(beats) > 1:
        out[last] = "o"
    elif drum in _CYMBALS and last not in beats:
        out[last] = "."
    return out


def _varied(rows: Sequence[Row], density: float, rng: np.random.Generator) -> tuple[Row, ...]:
    """A song's own version: a pickup kick here, a ghost note there; busier with density."""
    varied = []
    for drum, low, high, line in rows:
        cells = list(line)
        places = [i for i, c in enumerate(cells) if c == "." and i % 16 not in (0, 4, 8, 12)]
        if drum in {KICK, SNARE} and high > low and places:
            for _ in range(int(rng.random() < density) + int(density > 0.8)):
                at = int(rng.choice(places))
                mark = "o" if drum == KICK else "g"
                neighbours = cells[max(0, at - 1) : at + 2]
                if all(c in ".g" for c in neighbours):
                    cells[at] = mark
        varied.append((drum, low, high, "".join(cells)))
    return tuple(varied)


SLOW_SHARE = 0.75
"""Below this share of the genre's slowest tempo its patterns would be heard twice as fast."""


SLOW_BPM = 80
"""Below it running eighths are heard as the beat."""
_EIGHTHS = frozenset({"rock", "metal"})


def _slowed(rows: Sequence[Row], metre: TimeSignature) -> tuple[Row, ...]:
    """A groove that keeps its pulse when it is slow: everything on the beats, in compound metres the dotted ones."""
    step = 6 if is_compound(metre) else 4
    return tuple(
        (drum, low, high, "".join("." if i % step else c for i, c in enumerate(line))) for drum, low, high, line in rows
    )


def _ghosts(rows: Sequence[Row], metre: TimeSignature, density: float, rng: np.random.Generator) -> Row:
    """Ghost notes of the left hand between the backbeats of two bars; busier players drop more of them."""
    squares = 2 * round(metre.beats_per_bar / SQUARE)
    taken = {i for drum, _, _, line in rows if drum == SNARE for i in range(squares) if line[i % len(line)] != "."}
    usual = GHOST_SQUARES if squares == 32 else tuple(i for i in range(1, squares) if i % 2 or i % 4 == 2)
    free = [s for s in usual if s not in taken]
    there = sum(line[i % len(line)] == "g" for drum, _, _, line in rows if drum == SNARE for i in range(squares))
    count = min(len(free), max(0, round((2 + 2.5 * density) * squares / 32) - there // 2))
    chosen = set(rng.permutation(free)[:count].tolist())
    return SNARE, 1, 3, "".join("g" if i in chosen else "." for i in range(squares))


def _levels(rows: Sequence[Row], bar: float, touch: _Touch) -> tuple[Groove, ...]:
    """The drum patterns of the four levels."""
    squares = round(bar / SQUARE)
    bars = max((len(line) // squares for *_, line in rows), default=1)
    grooves = []
    for level in range(4):
        hits: dict[tuple[int, int], int] = {}
        for drum, low, high, line in rows:
            if low <= level <= high:
                _place(hits, drum, line, bars * squares, touch)
        grooves.append(
            Groove(
                level=level,
                bars=bars,
                hits=tuple(
                    Hit(pitch=drum, start=at * SQUARE, velocity=velocity)
                    for (at, drum), velocity in sorted(hits.items())
                ),
            )
        )
    return tuple(grooves)


def _place(hits: dict[tuple[int, int], int], drum: int, line: str, length: int, touch: _Touch) -> None:
    for at in range(length):
        mark = line[at % len(line)]
        thin = touch.density < 0.15 and at % 4 == 2 and mark == "o"
        if mark == "." or (mark == "g" and touch.density < 0.25) or thin:
            continue
        force = touch.force * (touch.brightness if drum in _CYMBALS else 1.0)
        stroke = SOFT_SIXTEENTH if mark == "o" and at % 2 and drum in _CYMBALS else STROKES[mark]
        hits[at, drum] = max(hits.get((at, drum), 0), min(120, round(stroke * force)))


def _fills(table: Sequence[tuple[int, Sequence[tuple[int, str]]]], bar: float) -> tuple[Fill, ...]:
    fills = []
    for beats, lines in table:
        if beats > bar:
            continue
        hits = [
            Hit(pitch=drum, start=i * SQUARE, velocity=STROKES[mark])
            for drum, line in lines
            for i, mark in enumerate(line)
            if mark != "."
        ]
        fills.append(Fill(beats=beats, hits=tuple(sorted(hits, key=lambda h: (h.start, h.pitch)))))
    return tuple(fills)


def _comping(style: Genre, metre: TimeSignature, density: float, slow: bool) -> tuple[Comping, ...]:
    """The accompaniment of the four levels; in a foreign metre, strokes on the pulses; `slow` keeps to the beats."""
    table = COMPING[style.comping]
    squares = round(metre.beats_per_bar / SQUARE)
    shift = int(density > 0.75) - int(density < 0.25)
    levels = []
    for level in range(4):
        wanted = min(3, max(0, level + shift))
        lines = [line for low, high, line in table if low <= wanted <= high]
        line = lines[-1]
        if len(line) != squares or is_compound(metre):
            line = _pulse_line(metre, style.comping, wanted)
        strokes = _strokes(line)
        on_beats = tuple(s for s in strokes if s.start % 1 == 0 or is_compound(metre))
        levels.append(Comping(level=level, strokes=on_beats if slow and on_beats else strokes))
    return tuple(levels)


def _figuration(style: Genre, metre: TimeSignature, tempo: float, rng: np.random.Generator) -> tuple[Stroke, ...]:
    """A broken-chord pattern that suits the style's accompaniment, in its metre; in quarters where it is slow."""
    lines = FIGURATIONS.get(style.comping, ())
    if tempo < SLOW_BPM:
        lines = tuple(line for line in lines if all(c in "-." for c in line[2::4])) or lines
    if not lines:
        return ()
    line = lines[int(rng.integers(len(lines)))]
    squares = round(metre.beats_per_bar / SQUARE)
    return _strokes((line * -(-squares // len(line)))[:squares])


def _pulse_line(metre: TimeSignature, comping: str, level: int) -> str:
    squares = round(metre.beats_per_bar / SQUARE)
    cells = ["-"] * squares
    places = [round(p / SQUARE) for p in pulses(metre)]
    if comping in {"sustain", "long", "push", "lazy"} and level < 2:
        places = places[:1]
    elif comping in {"waltz", "boom_chick", "skank", "offbeat"}:
        cells[: places[1] if len(places) > 1 else 0] = ["."] * (places[1] if len(places) > 1 else 0)
        places = places[1:] or places
    for i, at in enumerate(places):
        cells[at] = "X" if i == 0 else "x"
    return "".join(cells)


def _strokes(line: str) -> tuple[Stroke, ...]:
    strokes = []
    i = 0
    while i < len(line):
        mark = line[i]
        run = 1
        if mark in "Xxo123456":
            while i + run < len(line) and line[i + run] == "-":
                run += 1
            broken = 0.9 if i % 4 == 0 else 0.4
            accent = {"X": 1.0, "x": 0.7, "o": 0.45}.get(mark, broken)
            voice = int(mark) if mark.isdigit() else 0
            length = run * SQUARE * (0.95 if run > 1 else 0.8)
            strokes.append(Stroke(start=i * SQUARE, duration=length, accent=accent, voice=voice))
        i += run
    return tuple(strokes)


def _arpeggio(metre: TimeSignature, density: float, rng: np.random.Generator) -> tuple[Stroke, ...]:
    """One bar of arpeggio in eighths or sixteenths."""
    order = ARPEGGIOS[int(rng.integers(len(ARPEGGIOS)))]
    step = 0.25 if density >= 0.5 else 0.5
    starts = pulses(metre)
    count = round(metre.beats_per_bar / step)
    return tuple(
        Stroke(
            start=i * step,
            duration=step * 0.9,
            accent=0.9 if i * step in starts else 0.5,
            voice=order[i % len(order)],
        )
        for i in range(count)
    )
