"""Sections and length for a prompt, and the tempos and keys that sections have of their own."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from domain.errors import InvalidValue
from domain.score import SectionKind
from music.form import LONGEST_S, SHORTEST_S, section_kind
from music.genres import Genre
from music.grammar.tempos import FASTEST, SLOWEST
from music.keychoice import changed_key
from music.material import TAIL_S
from music.metre import parse_metre
from music.reading import Reading
from music.sectionnames import resolve

Entry = dict[str, Any]

# Usual orders, from the fullest to the barest, for songs whose prompt names sections without telling the order.
_ORDERS: dict[str, tuple[str, ...]] = {
    "song": (
        "intro verse chorus verse chorus bridge chorus outro",
        "intro verse chorus verse chorus outro",
        "verse chorus verse chorus bridge chorus",
        "verse chorus verse chorus",
        "intro verse chorus bridge chorus outro",
        "verse chorus bridge chorus",
        "intro verse chorus outro",
        "verse chorus outro",
        "verse chorus",
    ),
    "club": (
        "intro build drop break build drop outro",
        "intro build drop break drop outro",
        "build drop break drop",
        "intro build drop outro",
        "build drop",
    ),
    "theme": (
        "intro theme theme bridge theme solo theme outro",
        "theme theme bridge theme outro",
        "theme theme bridge theme",
        "theme bridge theme",
        "theme theme",
    ),
}
_ORDER_OF_FORM = {"club": "club", "blues": "theme", "standard": "theme", "rondo": "theme"}
_BARS = {"intro": 4, "outro": 4, "prechorus": 4, "build": 4}
_PEAKS = ("chorus", "drop", "theme", "solo")
_WAY_IN = {"prechorus": "chorus", "build": "drop", "solo": "chorus", "break": "chorus", "bridge": "chorus"}
_PLACES = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}


def decide_form(reading: Reading, style: Genre) -> None:
    """Settle structure, duration, and what sections have of their own."""
    facts = reading.facts
    named = _named_kinds(reading, style)
    entries = [dict(entry) for entry in facts.structure]
    wished = float(facts.duration or style.duration)
    own = _own_tempos(reading)
    if entries:
        told = facts.told or [False] * len(entries)
        if facts.duration is not None:
            _fit(entries, told, facts.duration, reading, own)
        quote = facts.quotes["structure"]
        reading.decide("musical.structure", entries, "prompt", f'the prompt says "{quote[:80]}"')
    elif named or facts.lengths or facts.ramp is not None or any(w.section == "last section" for w in facts.tempos):
        entries, told = _usual_order(style, named, facts.lengths, wished, reading)
        _fit(entries, told, wished, reading, own)
        reason = (
            "the prompt names sections; a usual order has them"
            if named or facts.lengths
            else "the tempo changes by section"
        )
        reading.decide("musical.structure", entries, "genre", reason, 0.7)
    _decide_duration(reading, style, entries, own)
    _decide_sections(reading, style, entries)


def _named_kinds(reading: Reading, style: Genre) -> Counter[str]:
    """Kinds of sections that the prompt has wishes for, with how many of them it takes."""
    facts = reading.facts
    needed: Counter[str] = Counter()
    for name in [w.section for w in facts.tempos] + [w.section or f"last {_usual_peak(style)}" for w in facts.keys]:
        place, _, kind = name.partition(" ")
        if not kind:
            needed[name] = max(needed[name], 1)
        elif kind != "section" and not kind.isdigit():
            needed[kind] = max(needed[kind], _PLACES.get(place, 2 if place == "last" else 1))
        elif kind.isdigit():
            needed[place] = max(needed[place], int(kind))
    for kind in facts.chords:
        if kind not in {"all", "verse", "chorus"}:
            needed[kind] = max(needed[kind], 1)
    return needed


def _usual_order(
    style: Genre, needed: Counter[str], lengths: Mapping[str, tuple[float, str]], seconds: float, reading: Reading
) -> tuple[list[Entry], list[bool]]:
    """The fullest usual order that has the needed sections and is not much longer than the song."""
    needed = needed | Counter(dict.fromkeys(lengths, 1))
    orders = [order.split() for order in _ORDERS[_ORDER_OF_FORM.get(style.form, "song")]]
    if {"verse", "chorus", "prechorus"} & set(needed):
        orders = [order.split() for order in _ORDERS["song"]]
    elif {"drop", "build"} & set(needed):
        orders = [order.split() for order in _ORDERS["club"]]
    bar = _bar_seconds(reading)
    filled = [_with_needed(order, needed) for order in orders]
    sizes = [sum(_usual_bars(kind, lengths, bar) for kind in order) * bar for order in filled]
    best = min(range(len(filled)), key=lambda i: (abs(sizes[i] + TAIL_S - seconds), i))
    entries, told = [], []
    for kind in filled[best]:
        count, unit = lengths.get(kind, (float(_BARS.get(kind, 8)), "bars"))
        entries.append({"name": kind, "duration": count, "unit": unit})
        told.append(kind in lengths)
    return entries, told


def _usual_bars(kind: str, lengths: Mapping[str, tuple[float, str]], bar: float) -> float:
    count, unit = lengths.get(kind, (float(_BARS.get(kind, 8)), "bars"))
    return count if unit == "bars" else count / bar if unit == "seconds" else count / 4


def _with_needed(order: Sequence[str], needed: Counter[str]) -> list[str]:
    """`order` with the sections that it lacks put where they usually stand."""
    out = list(order)
    for kind, count in needed.items():
        while out.count(kind) < min(count, 8):
            if kind == "intro":
                out.insert(0, kind)
            elif kind == "outro":
                out.append(kind)
            elif kind == "prechorus":
                places = [i for i, k in enumerate(out) if k == "chorus" and (i == 0 or out[i - 1] != kind)]
                for place in reversed(places or [len(out)]):
                    out.insert(place, kind)
            elif kind in {"verse", "chorus"} and "verse" in out and "chorus" in out:
                at = len(out) - 1 - out[::-1].index("chorus")
                out[at:at] = ["chorus", "verse"] if kind == "chorus" else ["verse", "chorus"]
            else:
                last = [i for i, k in enumerate(out) if k in _PEAKS]
                out.insert(last[-1] if last and kind not in _PEAKS else len(out) - (out[-1:] == ["outro"]), kind)
    return out


def _bar_seconds(reading: Reading) -> float:
    metre = parse_metre(str(reading.values["musical.time_signature"]))
    return metre.beats_per_bar * 60 / float(reading.values["musical.tempo"])


def _own_tempos(reading: Reading) -> dict[str, float]:
    """Tempo for each section name that has one of its own, within what can be played."""
    tempo = float(reading.values["musical.tempo"])
    out: dict[str, float] = {}
    for wish in reading.facts.tempos:
        bpm = wish.bpm if wish.bpm is not None else tempo * (wish.factor or 1.0)
        out.setdefault(wish.section, round(min(FASTEST, max(SLOWEST, bpm)), 2))
    return out


def _seconds_of(entry: Mapping[str, Any], reading: Reading, own: Mapping[str, float]) -> float:
    """How long a section lasts, at its own tempo where its kind has one."""
    count, unit = float(entry["duration"]), entry["unit"]
    if unit == "seconds":
        return count
    tempo = own.get(section_kind(str(entry["name"])).value, float(reading.values["musical.tempo"]))
    beats = parse_metre(str(reading.values["musical.time_signature"])).beats_per_bar if unit == "bars" else 1.0
    return count * beats * 60 / tempo


def _fit(
    entries: list[Entry], told: Sequence[bool], seconds: float, reading: Reading, own: Mapping[str, float]
) -> None:
    """Scale the sections whose length nobody told so that the song lasts `seconds` to within a bar.

    Whole phrases where it can be; the odd bars go to the ends and the middle.
    """
    free = [i for i, fixed in enumerate(told) if not fixed and entries[i]["unit"] == "bars"]
    usual = {i: float(entries[i]["duration"]) for i in free}
    free_s = sum(_seconds_of(entries[i], reading, own) for i in free)
    if not free or free_s <= 0:
        return
    fixed_s = sum(_seconds_of(entry, reading, own) for entry in entries) - free_s
    factor = max(0.05, (seconds - TAIL_S - fixed_s) / free_s)
    step = 4.0 if factor >= 0.75 else 2.0
    for i in free:
        entries[i]["duration"] = max(1.0, min(step, usual[i]), round(usual[i] * factor / step) * step)
    for _ in range(128):
        gap = seconds - TAIL_S - sum(_seconds_of(entry, reading, own) for entry in entries)
        sign = 1.0 if gap > 0 else -1.0
        able = [i for i in free if sign > 0 or entries[i]["duration"] > step]
        if not able:
            break
        pick = min(able, key=lambda i: (sign * entries[i]["duration"] / usual[i], i))
        if abs(gap) < _bars_of(entries[pick], step, reading, own) * 0.6:
            break
        entries[pick]["duration"] += sign * step
    _absorb(entries, free, seconds, reading, own)


def _bars_of(entry: Entry, bars: float, reading: Reading, own: Mapping[str, float]) -> float:
    return _seconds_of({**entry, "duration": bars}, reading, own)


def _absorb(
    entries: list[Entry], free: Sequence[int], seconds: float, reading: Reading, own: Mapping[str, float]
) -> None:
    """Give the last few bars to outro, intro, break or bridge; to the last free section where there is none."""
    ends = ("outro", "intro", "break", "bridge", "solo")
    takers = sorted((i for i in free if entries[i]["name"] in ends), key=lambda i: ends.index(entries[i]["name"]))
    for turn in range(64):
        gap = seconds - TAIL_S - sum(_seconds_of(entry, reading, own) for entry in entries)
        pool = takers or [free[-1]]
        i = pool[(turn // 2) % len(pool)]
        if abs(gap) <= _bars_of(entries[i], 1.0, reading, own) / 2:
            return
        entries[i]["duration"] = max(1.0, entries[i]["duration"] + (1.0 if gap > 0 else -1.0))


def _decide_duration(reading: Reading, style: Genre, entries: Sequence[Entry], own: Mapping[str, float]) -> None:
    facts = reading.facts
    total = sum(_seconds_of(entry, reading, own) for entry in entries) + TAIL_S
    total = round(min(LONGEST_S, max(SHORTEST_S, total)), 2)
    if facts.duration is not None:
        bar = _bar_seconds(reading)
        if facts.structure and abs(total - facts.duration) > 2 * bar and not facts.exact:
            reading.contradictions.append(
                f"the sections add up to {total:g} seconds, the prompt asks for {facts.duration:g};"
                " the sections were kept"
            )
            reading.decide("technical.duration", total, "prompt", "the sections add up to that", 0.8)
            return
        quote = facts.quotes["duration"]
        reading.decide("technical.duration", facts.duration, "prompt", f'the prompt says "{quote}"')
    elif facts.structure:
        reading.decide("technical.duration", total, "prompt", "the sections add up to that", 0.9)
    else:
        reading.decide("technical.duration", float(style.duration), "genre", f"a usual length for {style.name}")


def _decide_sections(reading: Reading, style: Genre, entries: Sequence[Entry]) -> None:
    """Tempo and key of single sections: by their own wishes, or on the way to the tempo at the end."""
    facts = reading.facts
    shapes: dict[str, dict[str, Any]] = {}
    quotes: list[str] = []
    if facts.ramp is not None and entries:
        start = float(reading.values["musical.tempo"])
        for name, share in _on_the_way(entries):
            shapes[name] = {"tempo": round(start + (facts.ramp - start) * share, 1)}
        quotes.append(facts.quotes["ramp"])
    for name, bpm in _own_tempos(reading).items():
        shapes.setdefault(name, {})["tempo"] = bpm
    quotes += [wish.quote for wish in facts.tempos]
    key, scale = str(reading.values["musical.key"]), str(reading.values["musical.scale"])
    for wish in facts.keys:
        there, mode = changed_key(wish, key, scale)
        name = wish.section or _last_peak(style, entries)
        shapes.setdefault(name, {}).update({"key": there, "scale": mode})
        quotes.append(wish.quote)
    shapes = _present(shapes, entries, reading)
    if shapes:
        quote = "; ".join(dict.fromkeys(quotes))
        reading.decide("musical.sections", _with_general(shapes), "prompt", f'the prompt says "{quote[:160]}"')


def _present(
    shapes: Mapping[str, dict[str, Any]], entries: Sequence[Entry], reading: Reading
) -> dict[str, dict[str, Any]]:
    """The wishes for sections that there are; one for another section is told and left out."""
    names = [name for name, _ in _on_the_way(entries)]
    kinds = [SectionKind(name.split()[0]) for name in names]
    out = {}
    for name, shape in shapes.items():
        try:
            resolve({name: shape}, names, kinds)
        except InvalidValue:
            reading.contradictions.append(f"the prompt has a wish for the {name}, but no such section; it was left out")
        else:
            out[name] = shape
    return out


def _on_the_way(entries: Sequence[Entry]) -> list[tuple[str, float]]:
    """Every section by name, with how far through the song it stands (0 first to 1 last)."""
    kinds = [section_kind(str(entry["name"])).value for entry in entries]
    out = []
    for place, kind in enumerate(kinds):
        name = f"{kind} {kinds[: place + 1].count(kind)}" if kinds.count(kind) > 1 else kind
        out.append((name, place / max(1, len(kinds) - 1)))
    return out


def _last_peak(style: Genre, entries: Sequence[Entry]) -> str:
    """Where a key change stands that names no section: the last chorus, or what the form has in its place."""
    kinds = [section_kind(str(entry["name"])).value for entry in entries]
    for kind in _PEAKS:
        if kind in kinds:
            return f"last {kind}"
    if kinds:
        return "last section"
    return f"last {_usual_peak(style)}"


def _usual_peak(style: Genre) -> str:
    return {"club": "drop", "theme": "theme"}.get(_ORDER_OF_FORM.get(style.form, "song"), "chorus")


def _with_general(shapes: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """A wish for one section keeps what is wished for its whole kind beside it."""
    out = {}
    for name, shape in shapes.items():
        words = name.split()
        general = next((shapes[w] for w in words if w in shapes and w != name), {})
        out[name] = {**general, **shape}
    return out
