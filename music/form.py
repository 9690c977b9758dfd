"""Form: the order of sections, fitted to the wished duration to the bar, with an energy for each."""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from domain.context import TEMPO_RANGE_BPM
from domain.errors import InvalidValue
from domain.score import Section, SectionKind, TempoChange, TimeSignature
from domain.seeds import derive
from music.genres import Genre, main_genre
from music.material import TAIL_S, Form
from music.metre import parse_metre
from music.sectionnames import resolve

K = SectionKind
SHORTEST_S, LONGEST_S = 20.0, 900.0
LONGEST_NAME = 64

# Letter of a form -> (kind, usual bars, energy).
_LETTERS: dict[str, tuple[SectionKind, int, float]] = {
    "I": (K.INTRO, 4, 0.3), "V": (K.VERSE, 8, 0.5), "P": (K.PRECHORUS, 4, 0.6), "C": (K.CHORUS, 8, 0.8),
    "B": (K.BRIDGE, 8, 0.55), "S": (K.SOLO, 8, 0.7), "U": (K.BUILD, 4, 0.55), "D": (K.DROP, 8, 0.95),
    "R": (K.BREAK, 8, 0.35), "T": (K.THEME, 8, 0.55), "O": (K.OUTRO, 4, 0.35),
}  # fmt: skip

# Forms from the shortest to the longest; beyond it the last one's middle (after the bar) is repeated.
FORMS: dict[str, tuple[tuple[str, ...], str]] = {
    "song": (
        ("C", "VC", "IVC", "IVCO", "IVCVCO", "IVPCVPCO", "IVCVCBCO", "IVPCVPCBCO", "IVVCVCBCCO", "IVPCVPCSBCCO"),
        "VPCSC",
    ),
    "loop": (("C", "VC", "IVC", "IVCO", "IVCVO", "IVCVCO", "IVCVCRCO", "IVVCVCRCCO"), "VVCRC"),
    "club": (
        ("D", "UD", "IUD", "IUDO", "IVUDO", "IVUDRUDO", "IVVUDRUDDO", "IVVUDDRVUDDO"),
        "VUDDR",
    ),
    "blues": (("T", "TT", "TTO", "ITTO", "ITTSTO", "ITTSSTO", "ITTSSSTTO"), "SST"),
    "standard": (("T", "TT", "TBT", "TTBT", "ITTBTO", "ITTBTSSO", "ITTBTSSBTO", "ITTBTSSSSBTO"), "SSBT"),
    "rondo": (("T", "TT", "TBT", "TTBT", "ITBTO", "TTBTCTO", "ITTBTCTBTO"), "BTCT"),
    "arc": (("T", "TC", "ITC", "ITCO", "ITVCO", "ITVCBCO", "ITVCRTBCCO"), "TVCBC"),
}  # fmt: skip

# What people call sections -> kind.
SECTION_WORDS: dict[str, SectionKind] = {
    **{kind.value: kind for kind in K},
    "pre-chorus": K.PRECHORUS, "pre chorus": K.PRECHORUS, "refrain": K.CHORUS, "hook": K.CHORUS,
    "middle eight": K.BRIDGE, "middle 8": K.BRIDGE, "instrumental": K.SOLO, "head": K.THEME, "breakdown": K.BREAK,
    "buildup": K.BUILD, "build-up": K.BUILD, "build up": K.BUILD, "interlude": K.BREAK, "ending": K.OUTRO,
    "coda": K.OUTRO, "opening": K.INTRO, "strophe": K.VERSE, "a": K.VERSE, "b": K.CHORUS, "c": K.BRIDGE,
}  # fmt: skip


def section_kind(name: str) -> SectionKind:
    """The kind of a section by its name ("Verse 2", "pre-chorus"); a name that says nothing is a verse."""
    text = name.lower().strip().rstrip("0123456789 .:#")
    if text in SECTION_WORDS:
        return SECTION_WORDS[text]
    found = [word for word in SECTION_WORDS if len(word) > 3 and word in text]
    return SECTION_WORDS[max(found, key=len)] if found else K.VERSE


def plan_form(
    *,
    genre: list[str],
    tempo: float,
    time_signature: str,
    duration: float | None,
    structure: list[dict[str, Any]],
    energies: Mapping[str, float],
    tempos: Mapping[str, float] | None = None,
    homes: tuple[int, frozenset[int]] | None = None,
    exact: bool,
    seed: int,
) -> Form:
    """Sections in order, so that the song with its tail lasts `duration` seconds (20–900) to within a bar.

    With `exact` the last bar (or the last few, where one cannot do it) is held or hurried until the duration is
    met to the millisecond. `structure` (dicts with `name`, `duration`, `unit` bars, beats or seconds of the section's
    own tempo) decides the form itself. `energies` (0–1) and `tempos` (bpm)
    override sections by name or kind. `homes` says of a list of chords that goes round all song long how many bars
    it has and which of them are the tonic: the form then ends on one. Raises `InvalidValue` for values out of range and
    for an exact duration that the structure cannot last.
    """
    metre = parse_metre(time_signature)
    style = main_genre(genre)
    if duration is not None and not SHORTEST_S <= duration <= LONGEST_S:
        raise InvalidValue(f"a duration of {duration:g} s cannot be made; use {SHORTEST_S:g} to {LONGEST_S:g} seconds")
    given = _given_sections(structure, metre, tempo, tempos or {})
    bar_s = metre.beats_per_bar * 60 / tempo
    wished = duration or float(style.duration)
    target = _target_bars(wished, bar_s, exact)

    def plan(bars: int) -> Plan:
        rng = np.random.default_rng(derive(seed, "form"))
        sections = _planned(style, given, bars, tempo, energies, homes, rng)
        own = resolve(tempos or {}, [s.name for s in sections], [s.kind for s in sections])
        return sections, [(s.start_bar * metre.beats_per_bar, float(own.get(s.name, tempo))) for s in sections]

    if exact and duration is not None:
        sections, changes = _exactly(plan, target, bool(given), metre, duration)
    else:
        sections, changes = _about(plan, target, bool(given) or exact, metre, style, wished, bar_s)
    seconds = _seconds(sections, metre, changes)
    if seconds > LONGEST_S + bar_s:
        raise InvalidValue(f"the structure lasts {seconds:.0f} s; songs of up to {LONGEST_S:g} s can be made")
    return Form(sections=sections, beats_per_bar=metre.beats_per_bar, duration_s=seconds, tempo=changes)


def _planned(
    style: Genre,
    given: Sequence[tuple[SectionKind, str, int]],
    target: int,
    tempo: float,
    energies: Mapping[str, float],
    homes: tuple[int, frozenset[int]] | None,
    rng: np.random.Generator,
) -> tuple[Section, ...]:
    """The sections as asked for, or a form of `target` bars."""
    if given:
        kinds, bars = [kind for kind, _, _ in given], [count for _, _, count in given]
        named = _named(kinds, [name for _, name, _ in given])
    else:
        kinds, bars = _fit(style, target, tempo, rng)
        bars = _ending_at_home(bars, *homes) if homes else bars
        named = _named(kinds, [kind.value for kind in kinds])
    levels = _energies(kinds, named, style, energies)
    sections, start = [], 0
    for name, kind, count, energy in zip(named, kinds, bars, levels, strict=True):
        sections.append(Section(name=name, kind=kind, start_bar=start, bars=count, energy=energy))
        start += count
    return tuple(sections)


def _ending_at_home(bars: list[int], period: int, homes: frozenset[int]) -> list[int]:
    """Bars moved between the last section and an earlier one, so that the last bar is the tonic of a list of chords.

    Every section begins the list anew; what the last one gains or loses is taken from the first that can give.
    """
    *others, last = bars
    for shift in sorted(range(-period, period + 1), key=lambda d: (abs(d), -d)):
        if last + shift < 1 or (last + shift - 1) % period not in homes:
            continue
        giver = next((i for i, count in enumerate(others) if count - shift >= 2), None)
        if shift and giver is None:
            continue
        if giver is not None:
            others[giver] -= shift
        return [*others, last + shift]
    return bars


def _target_bars(duration: float, bar_s: float, exact: bool) -> int:
    wished = (duration - TAIL_S) / bar_s
    return max(1, int(wished) if exact else round(wished))


# How the last two bars of played music broaden: (bars before the end, share of the tempo).
_RITARDANDO: tuple[tuple[float, float], ...] = ((2.0, 0.97), (1.5, 0.93), (1.0, 0.84))
_STEADY_FORMS = frozenset({"loop", "club"})


Plan = tuple[tuple[Section, ...], list[tuple[float, float]]]
"""Sections, and where (in beats) each has which tempo (bpm)."""


def _about(
    plan: Callable[[int], Plan],
    target: int,
    fixed: bool,
    metre: TimeSignature,
    style: Genre,
    wished: float,
    bar_s: float,
) -> tuple[tuple[Section, ...], tuple[TempoChange, ...]]:
    """Sections and tempos that last `wished` seconds to within a bar; the first plan where the bars are `fixed`."""
    for _ in range(4):
        sections, points = plan(target)
        changes = _broadening(sections, points, metre, style)
        off = (wished - _seconds(sections, metre, changes)) / bar_s
        if fixed or abs(off) <= 0.75:
            break
        target = max(1, target + round(off))
    return sections, changes


def _broadening(
    sections: Sequence[Section], points: list[tuple[float, float]], metre: TimeSignature, style: Genre
) -> tuple[TempoChange, ...]:
    """Tempo of every section, and how the song slows down at its end."""
    bar, last = metre.beats_per_bar, points[-1][1]
    end = (sections[-1].start_bar + sections[-1].bars) * bar
    if style.form in _STEADY_FORMS or style.looseness < 10 or sections[-1].bars < 2 or len(sections) < 2:
        return _merged(points)
    return _merged([*points, *((end - before * bar, max(20.0, last * share)) for before, share in _RITARDANDO)])


# Bars more than fit the duration, and how many at the end are held or hurried: what is tried in turn. The far ones
# are for sections with tempos of their own, where a bar more may give every section another length.
_HOLDS = (
    (0, 1), (1, 1), (1, 2), (0, 2),
    *((more, held) for held in (1, 2, 4, 8) for more in (-1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6)),
)  # fmt: skip


def _exactly(
    plan: Callable[[int], Plan], target: int, fixed: bool, metre: TimeSignature, exact_s: float
) -> tuple[tuple[Section, ...], tuple[TempoChange, ...]]:
    """Sections and tempos that last `exact_s` to the millisecond; only the last bar moves where bars are `fixed`."""

    def lasts(bars: int) -> float:
        sections, points = plan(bars)
        return _seconds(sections, metre, _merged(points))

    if not fixed and not lasts(target) <= exact_s < lasts(target + 1):
        most = math.ceil(exact_s * TEMPO_RANGE_BPM[1] / 60 / metre.beats_per_bar)
        target = max(1, bisect_right(range(1, most + 1), exact_s, key=lasts))
    for more, held in _HOLDS[:1] if fixed else _HOLDS:
        made, tempos = plan(max(1, target + more))
        changes = _held(made, tempos, metre, held, exact_s)
        if changes is not None:
            return made, changes
    raise InvalidValue(
        f"the sections last {lasts(target):.1f} s and cannot be made to last exactly {exact_s:g} s; "
        "change their lengths, their tempo or the duration, or do without the exact duration"
    )


def _held(
    sections: Sequence[Section], points: list[tuple[float, float]], metre: TimeSignature, held: int, exact_s: float
) -> tuple[TempoChange, ...] | None:
    """The tempos with one for the last `held` bars by which the song lasts `exact_s`; None where none can be played."""
    begin = (sections[-1].start_bar + sections[-1].bars - held) * metre.beats_per_bar
    beats = held * metre.beats_per_bar
    steady = [(start, bpm) for start, bpm in points if start <= begin]
    if not steady:
        return None
    before = _seconds(sections, metre, _merged(steady)) - TAIL_S - beats * 60 / steady[-1][1]
    room = exact_s - TAIL_S - before
    low, high = TEMPO_RANGE_BPM
    if not beats * 60 / high <= room + 1e-9 or not room - 1e-9 <= beats * 60 / low:
        return None
    return _merged([*steady, (begin, min(float(high), max(float(low), beats * 60 / room)))])


def _merged(points: Sequence[tuple[float, float]]) -> tuple[TempoChange, ...]:
    by_start: dict[float, float] = dict(points)
    out: list[TempoChange] = []
    for start in sorted(by_start):
        if not out or abs(out[-1].bpm - by_start[start]) > 1e-9:
            out.append(TempoChange(start=start, bpm=by_start[start]))
    return tuple(out)


def _seconds(sections: Sequence[Section], metre: TimeSignature, tempo: Sequence[TempoChange]) -> float:
    """Length of the song with its tail."""
    end = (sections[-1].start_bar + sections[-1].bars) * metre.beats_per_bar
    stops = [*(change.start for change in tempo[1:]), end]
    return sum((stop - change.start) * 60 / change.bpm for change, stop in zip(tempo, stops, strict=True)) + TAIL_S


def _given_sections(
    structure: Sequence[Mapping[str, Any]], metre: TimeSignature, tempo: float, tempos: Mapping[str, float]
) -> list[tuple[SectionKind, str, int]]:
    """The person's structure: kind, name, whole bars (at least one) of each section at its own tempo."""
    if not structure:
        return []
    entries = [_given(entry) for entry in structure]
    kinds = [section_kind(name) for name, _, _ in entries]
    named = _named(kinds, [name for name, _, _ in entries])
    own = resolve(tempos, named, kinds)
    given = []
    for kind, unique, (name, length, unit) in zip(kinds, named, entries, strict=True):
        bar_s = metre.beats_per_bar * 60 / own.get(unique, tempo)
        per_bar = {"bars": 1.0, "beats": metre.beats_per_bar / metre.counted_beat, "seconds": bar_s}[unit]
        given.append((kind, name, max(1, round(length / per_bar))))
    return given


def _given(entry: Mapping[str, Any]) -> tuple[str, float, str]:
    """Name, length and unit of one section of the person's structure."""
    name = str(entry.get("name") or "").strip()
    length = entry.get("duration")
    unit = str(entry.get("unit") or "bars")
    if not name or len(name) > LONGEST_NAME:
        raise InvalidValue(f"a section needs a name of 1 to {LONGEST_NAME} letters, got {name!r}")
    if isinstance(length, bool) or not isinstance(length, int | float) or not 0 < length <= 1000:
        raise InvalidValue(f"section {name!r} lasts {length!r}; use a number above 0")
    if unit not in {"bars", "beats", "seconds"}:
        raise InvalidValue(f"section {name!r} is measured in {unit!r}; use bars, beats or seconds")
    return name, float(length), unit


def _fit(style: Genre, target: int, tempo: float, rng: np.random.Generator) -> tuple[list[SectionKind], list[int]]:
    """Kinds and bars that add up to `target`: the form whose usual lengths come nearest, then adjusted."""
    scale = 1 if target <= 130 else 2
    options = _candidates(style, target, scale)
    sizes = [sum(_usual_bars(c, style) * scale for c in letters) for letters in options]
    ranked = sorted(range(len(options)), key=lambda i: (abs(sizes[i] - target), i))
    near = [i for i in ranked[:2] if abs(sizes[i] - target) <= abs(sizes[ranked[0]] - target) + 2]
    letters = options[int(rng.choice(near))]
    return [_LETTERS[c][0] for c in letters], _adjusted(letters, target, scale, style)


def _candidates(style: Genre, target: int, scale: int) -> list[str]:
    forms, middle = FORMS[style.form]
    options = list(forms)
    while sum(_usual_bars(c, style) * scale for c in options[-1]) < target:
        last = options[-1]
        options.append(last[:-1] + middle + last[-1])
    return options


def _usual_bars(letter: str, style: Genre) -> int:
    return 12 if style.form == "blues" and letter in "TS" else _LETTERS[letter][1]


def _adjusted(letters: str, target: int, scale: int, style: Genre) -> list[int]:
    """Bars for each letter, adding up to `target`: whole phrases where it can be, odd bars at the ends."""
    usual = [_usual_bars(c, style) for c in letters]
    bars = [count * scale for count in usual]
    step = 4 * scale if target >= 24 * scale else 2 * scale
    while abs(target - sum(bars)) >= step:
        sign = 1 if target > sum(bars) else -1
        order = sorted(range(len(bars)), key=lambda i: (-sign * usual[i] / bars[i], i))
        able = [i for i in order if bars[i] + sign * step >= min(2, target)]
        if not able:
            break
        bars[able[0]] += sign * step
    return _absorb(letters, bars, target)


def _absorb(letters: str, bars: list[int], target: int) -> list[int]:
    """Give the last few bars to outro, intro, break or bridge; to the last section where there is none."""
    takers = [i for c in "ORIBU" for i, letter in enumerate(letters) if letter == c] or [len(bars) - 1]
    turn = 0
    while (gap := target - sum(bars)) != 0:
        sign = 1 if gap > 0 else -1
        open_ = [i for i in takers if bars[i] + sign >= 1] or [max(range(len(bars)), key=lambda i: bars[i])]
        bars[open_[(turn // 2) % len(open_)]] += sign
        turn += 1
    return bars


def _named(kinds: Sequence[SectionKind], names: Sequence[str]) -> list[str]:
    """Unique names: numbered where a name comes more than once ("verse 1", "verse 2"), past numbers that are taken."""
    counts = Counter(name.lower() for name in names)
    numbered = [
        counts[name.lower()] > 1 or (kind is K.VERSE and name == kind.value)
        for kind, name in zip(kinds, names, strict=True)
    ]
    taken = {name.lower() for name, again in zip(names, numbered, strict=True) if not again}
    seen: Counter[str] = Counter()
    named = []
    for name, again in zip(names, numbered, strict=True):
        unique = name
        while again:
            seen[name.lower()] += 1
            number = f" {seen[name.lower()]}"
            unique = name[: LONGEST_NAME - len(number)].rstrip() + number
            again = unique.lower() in taken
        taken.add(unique.lower())
        named.append(unique)
    return named


def _energies(
    kinds: Sequence[SectionKind], names: Sequence[str], style: Genre, overrides: Mapping[str, float]
) -> list[float]:
    """Energy 0–1 of each section: its kind's own, rising through the song, the last chorus highest."""
    usual = {kind: energy for kind, _, energy in _LETTERS.values()}
    peaks = [i for i, kind in enumerate(kinds) if kind in {K.CHORUS, K.DROP, K.SOLO, K.THEME}]
    overrides = resolve(overrides, names, kinds)
    levels = []
    for i, (kind, name) in enumerate(zip(kinds, names, strict=True)):
        rise = 0.08 * (i / max(1, len(kinds) - 1)) if kind not in {K.INTRO, K.OUTRO} else 0.0
        top = 0.08 if peaks and i == peaks[-1] and len(peaks) > 1 else 0.0
        level = usual[kind] + rise + top + 0.26 * (style.arousal - 0.5)
        wished = overrides.get(name)
        if wished is not None:
            if isinstance(wished, bool) or not 0 <= wished <= 1:
                raise InvalidValue(f"the energy of {name!r} is {wished!r}; use a number from 0 to 1")
            level = wished
        levels.append(round(min(1.0, max(0.0, level)), 3))
    return levels
