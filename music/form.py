"""Form: the order of sections, fitted to the wished duration to the bar, with an energy for each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from domain.errors import InvalidValue
from domain.score import Section, SectionKind, TempoChange, TimeSignature
from domain.seeds import derive
from music.genres import Genre, main_genre
from music.material import TAIL_S, Form
from music.metre import parse_metre
from music.sectionnames import resolve

K = SectionKind
SHORTEST_S, LONGEST_S = 20.0, 900.0

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

    With `exact` the last bar is held until the duration is met to the millisecond. `structure` (dicts with
    `name`, `duration`, `unit` bars, beats or seconds) decides the form itself. `energies` (0–1) and `tempos` (bpm)
    override sections by name or kind. `homes` says of a list of chords that goes round all song long how many bars
    it has and which of them are the tonic: the form then ends on one. Raises `InvalidValue` for values out of range.
    """
    metre = parse_metre(time_signature)
    style = main_genre(genre)
    if duration is not None and not SHORTEST_S <= duration <= LONGEST_S:
        raise InvalidValue(f"a duration of {duration:g} s cannot be made; use {SHORTEST_S:g} to {LONGEST_S:g} seconds")
    given = [_given(entry, metre, tempo) for entry in structure]
    bar_s = metre.beats_per_bar * 60 / tempo
    wished = duration or float(style.duration)
    target = _target_bars(wished, bar_s, exact)
    for _ in range(4):
        rng = np.random.default_rng(derive(seed, "form"))
        sections = _planned(style, given, target, tempo, energies, homes, rng)
        tempos_by_name = resolve(tempos or {}, [s.name for s in sections], [s.kind for s in sections])
        changes = _tempo_map(sections, metre, tempo, tempos_by_name, style, duration if exact else None)
        seconds = _seconds(sections, metre, changes)
        off = (wished - seconds) / bar_s
        if given or exact or abs(off) <= 0.75:
            break
        target = max(1, target + round(off))
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


def _tempo_map(
    sections: Sequence[Section],
    metre: TimeSignature,
    tempo: float,
    tempos: Mapping[str, float],
    style: Genre,
    exact_s: float | None,
) -> tuple[TempoChange, ...]:
    """Tempo of every section, and how the song slows down at its end or holds its last bar to last `exact_s`."""
    bar = metre.beats_per_bar
    points: list[tuple[float, float]] = [(s.start_bar * bar, float(tempos.get(s.name, tempo))) for s in sections]
    end = (sections[-1].start_bar + sections[-1].bars) * bar
    last = points[-1][1]
    if exact_s is not None:
        before = _seconds(sections, metre, _merged(points)) - TAIL_S - bar * 60 / last
        room = exact_s - TAIL_S - before
        points.append((end - bar, min(400.0, max(20.0, bar * 60 / room)) if room > 0 else last))
    elif style.form not in _STEADY_FORMS and style.looseness >= 10 and sections[-1].bars >= 2 and len(sections) > 1:
        points += [(end - before * bar, max(20.0, last * share)) for before, share in _RITARDANDO]
    return _merged(points)


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


def _given(entry: Mapping[str, Any], metre: TimeSignature, tempo: float) -> tuple[SectionKind, str, int]:
    """One section of the person's structure: kind, name, whole bars (at least one)."""
    name = str(entry.get("name") or "").strip()
    length = entry.get("duration")
    unit = str(entry.get("unit") or "bars")
    if not name or len(name) > 64:
        raise InvalidValue(f"a section needs a name of 1 to 64 letters, got {name!r}")
    if isinstance(length, bool) or not isinstance(length, int | float) or not 0 < length <= 1000:
        raise InvalidValue(f"section {name!r} lasts {length!r}; use a number above 0")
    per_bar = {"bars": 1.0, "beats": metre.beats_per_bar, "seconds": metre.beats_per_bar * 60 / tempo}
    if unit not in per_bar:
        raise InvalidValue(f"section {name!r} is measured in {unit!r}; use bars, beats or seconds")
    return section_kind(name), name, max(1, round(length / per_bar[unit]))


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
    """Unique names: numbered where a name comes more than once ("verse 1", "verse 2")."""
    counts = Counter(names)
    seen: Counter[str] = Counter()
    named = []
    for kind, name in zip(kinds, names, strict=True):
        seen[name] += 1
        numbered = counts[name] > 1 or (kind in {K.VERSE} and name == kind.value)
        named.append(f"{name} {seen[name]}"[:64] if numbered else name)
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
