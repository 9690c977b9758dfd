"""Sections and length for a prompt, and the tempos and keys that sections have of their own."""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from typing import Any

from domain.vocabulary import GROUPS
from music.casting import Chair, cast
from music.form import LONGEST_S, SHORTEST_S
from music.genres import Genre
from music.grammar.facts import RestWish
from music.grammar.tempos import FASTEST, SLOWEST
from music.keychoice import changed_key
from music.material import TAIL_S
from music.metre import parse_metre
from music.reading import Reading
from music.sectionplan import Entry, Plan

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
# What is twelve bars long in a blues.
_CHORUSES = ("theme", "solo")
_PEAKS = ("chorus", "drop", "theme", "solo")
_PLACES = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}


def decide_form(reading: Reading, style: Genre) -> None:
    """Settle structure, duration, and what sections have of their own."""
    facts = reading.facts
    metre = parse_metre(str(reading.values["musical.time_signature"]))
    plan = Plan([], [], [], metre.beats_per_bar / metre.counted_beat)
    own = _own_tempos(reading)
    named = _named_kinds(reading, style)
    tempo = float(reading.values["musical.tempo"])
    wished = float(facts.duration or style.duration)
    if facts.structure:
        plan.entries = [dict(entry) for entry in facts.structure]
        plan.told = list(facts.told)
        plan.set_tempos(tempo, facts.ramp, own)
        if facts.duration is not None:
            plan.fit(facts.duration)
        quote = facts.quotes["structure"]
        reading.decide("musical.structure", plan.entries, "prompt", f'the prompt says "{quote[:80]}"')
    elif (
        named
        or facts.lengths
        or facts.unwanted
        or facts.opening
        or facts.rests
        or facts.ramp is not None
        or "last section" in own
    ):
        plan.entries, plan.told = _usual_order(style, named, facts.lengths, wished, reading)
        plan.set_tempos(tempo, facts.ramp, own)
        plan.fit(wished)
        reading.decide(
            "musical.structure", plan.entries, "genre", "a usual order with the sections that are named", 0.7
        )
    _decide_duration(reading, style, plan)
    _decide_sections(reading, style, plan)


def _named_kinds(reading: Reading, style: Genre) -> Counter[str]:
    """Kinds of sections that the prompt has wishes for, with how many of them it takes."""
    facts = reading.facts
    needed: Counter[str] = Counter()
    names = [w.section for w in facts.tempos] + [w.section or f"last {_usual_peak(style)}" for w in facts.keys]
    for name in [*names, *(section for wish in facts.rests for section in wish.sections)]:
        place, _, kind = name.partition(" ")
        if not kind:
            needed[name] = max(needed[name], 1)
        elif kind != "section" and not kind.isdigit():
            needed[kind] = max(needed[kind], _PLACES.get(place, 2 if place == "last" else 1))
        elif kind.isdigit():
            needed[place] = max(needed[place], int(kind))
    for kind, count in facts.counts.items():
        needed[kind] = max(needed[kind], count)
    if facts.opening is not None:
        needed[facts.opening] = max(needed[facts.opening], 1)
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
    if style.form == "blues":
        lengths = {**dict.fromkeys(_CHORUSES, (12.0, "bars")), **lengths}
    bar = _bar_seconds(reading)
    facts = reading.facts
    unwanted = facts.unwanted | ({"bridge"} - set(needed) if style.form == "blues" else set())
    filled = [_shaped(_with_needed(order, needed), unwanted, facts.opening) for order in orders]
    sizes = [sum(_usual_bars(kind, lengths, bar) for kind in order) * bar for order in filled]
    best = min(range(len(filled)), key=lambda i: (abs(sizes[i] + TAIL_S - seconds), i))
    entries, told = [], []
    for kind in filled[best]:
        count, unit = lengths.get(kind, (float(_BARS.get(kind, 8)), "bars"))
        entries.append({"name": kind, "duration": count, "unit": unit})
        told.append(kind in lengths)
    return entries, told


def _shaped(order: Sequence[str], unwanted: Set[str], opening: str | None) -> list[str]:
    """An order without the unwanted sections, and with `opening` in the place of an intro."""
    kept = [kind for kind in order if kind not in unwanted] or ["theme"]
    if opening is None or kept[0] == opening:
        return kept
    return [opening, *kept[kept[0] == "intro" :]]


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
    return metre.beats_per_bar / metre.counted_beat * 60 / float(reading.values["musical.tempo"])


def _own_tempos(reading: Reading) -> dict[str, float]:
    """Tempo for each section name that has one of its own, within what can be played."""
    tempo = float(reading.values["musical.tempo"])
    out: dict[str, float] = {}
    for wish in reading.facts.tempos:
        bpm = wish.bpm if wish.bpm is not None else tempo * (wish.factor or 1.0)
        out.setdefault(wish.section, round(min(FASTEST, max(SLOWEST, bpm)), 2))
    return out


def _decide_duration(reading: Reading, style: Genre, plan: Plan) -> None:
    facts = reading.facts
    total = round(min(LONGEST_S, max(SHORTEST_S, plan.total_s)), 2)
    if facts.duration is not None:
        if facts.structure and abs(total - facts.duration) > 2 * _bar_seconds(reading):
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


def _decide_sections(reading: Reading, style: Genre, plan: Plan) -> None:
    """Tempo and key of single sections: by their own wishes, or on the way to the tempo at the end."""
    facts = reading.facts
    shapes: dict[str, dict[str, Any]] = {}
    quotes = [wish.quote for wish in facts.tempos]
    if facts.ramp is not None:
        shapes = {name: {"tempo": round(bpm, 1)} for name, bpm in zip(plan.names, plan.tempos, strict=True)}
        quotes.append(facts.quotes["ramp"])
    for name, bpm in _own_tempos(reading).items():
        shapes.setdefault(name, {})["tempo"] = bpm
    key, scale = str(reading.values["musical.key"]), str(reading.values["musical.scale"])
    for wish in facts.keys:
        there, mode = changed_key(wish, key, scale)
        name = wish.section or _last_peak(style, plan.kinds)
        shapes.setdefault(name, {}).update({"key": there, "scale": mode})
        quotes.append(wish.quote)
        if name.startswith("last ") and plan.kinds[-1:] == ["outro"] and plan.find(name)[-1:] == [len(plan.kinds) - 2]:
            # What follows a lift stays up there.
            shapes.setdefault("outro", {}).update({"key": there, "scale": mode})
    for name, silent in _rests(reading, style, plan).items():
        shapes.setdefault(name, {})["mute"] = silent
    quotes += [wish.quote for wish in facts.rests]
    shapes = _present(shapes, plan, reading)
    if shapes:
        quote = "; ".join(dict.fromkeys(quotes))
        reading.decide("musical.sections", _with_general(shapes), "prompt", f'the prompt says "{quote[:160]}"')


def _rests(reading: Reading, style: Genre, plan: Plan) -> dict[str, list[str]]:
    """Section -> ids of the parts that rest there; who rests that is not in the band is told."""
    instruments = [str(i) for i in reading.values["musical.instruments"]]
    chairs = cast(instruments, style, reading.values.get("creative.constraints", {}))
    out: dict[str, list[str]] = {}
    for wish in reading.facts.rests:
        players = [chair.id for chair in chairs if any(_means(player, chair) for player in wish.players)]
        if not players:
            who = " and ".join(player.replace("_", " ") for player in wish.players)
            reading.remark("musical.sections", wish.quote, f"nobody in the band plays {who}; nothing was left out")
            continue
        silent = [chair.id for chair in chairs if chair.id not in players] if wish.how == "alone" else players
        for name in _where(wish, plan):
            out[name] = list(dict.fromkeys([*out.get(name, []), *silent]))
    return out


def _means(player: str, chair: Chair) -> bool:
    """Whether a group or instrument of the vocabulary means this chair."""
    if player == chair.instrument.id:
        return True
    _, roles, instruments = GROUPS.get(player, ("", (), ()))
    return chair.role in roles or chair.instrument.id in instruments


def _where(wish: RestWish, plan: Plan) -> list[str]:
    """The sections in which somebody rests: those that are named, those before them, or all others."""
    if wish.how in {"in", "alone"}:
        edges = {name: plan.find(name) for name in wish.sections if name.endswith(" section")}
        return [plan.names[edges[name][0]] if edges.get(name) else name for name in wish.sections]
    places = sorted({i for name in wish.sections for i in plan.find(name)})
    if not places:
        return list(wish.sections)
    return [n for i, n in enumerate(plan.names) if (i not in places if wish.how == "only" else i < places[0])]


def _present(shapes: Mapping[str, dict[str, Any]], plan: Plan, reading: Reading) -> dict[str, dict[str, Any]]:
    """The wishes for sections that there are; one for another section is told and left out."""
    for name in shapes:
        if not plan.find(name):
            reading.contradictions.append(f"the prompt has a wish for the {name}, but no such section; it was left out")
    return {name: shape for name, shape in shapes.items() if plan.find(name)}


def _last_peak(style: Genre, kinds: Sequence[str]) -> str:
    """Where a key change stands that names no section: the last chorus, or what the form has in its place."""
    peak = next((kind for kind in _PEAKS if kind in kinds), None)
    return f"last {peak}" if peak else "last section" if kinds else f"last {_usual_peak(style)}"


def _usual_peak(style: Genre) -> str:
    return {"club": "drop", "theme": "theme"}.get(_ORDER_OF_FORM.get(style.form, "song"), "chorus")


def _with_general(shapes: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """A wish for one section keeps what is wished for its whole kind beside it."""
    out = {}
    for name, shape in shapes.items():
        general = next((shapes[word] for word in name.split() if word in shapes and word != name), {})
        out[name] = {**general, **shape}
        if mute := [*general.get("mute", []), *shape.get("mute", [])]:
            out[name]["mute"] = list(dict.fromkeys(mute))
    return out
