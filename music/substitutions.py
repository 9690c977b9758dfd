"""Substitution and elaboration of plain progressions, each a rule of its own with a rate for each style.

A rule takes the bars of a phrase (Roman numerals) and the number of a bar and gives the new bar, or None where it does
not apply. At most one rule changes a bar. Rules after S. Kostka and D. Payne, Tonal Harmony, and M. Levine, The Jazz
Theory Book: secondary dominants, ii-V, tritone substitution, backdoor, modal interchange, passing diminished chords,
suspensions, first inversions for a stepwise bass.
"""

from collections.abc import Callable, Mapping

import numpy as np

Bar = list[str]
Rule = Callable[[list[Bar], int], Bar | None]

# Chord -> the dominant that leads to it.
_DOMINANT_OF: dict[str, str] = {
    "ii": "VI7", "iii": "VII7", "IV": "I7", "V": "II7", "vi": "III7", "iv": "I7", "bVI": "bIII7", "bIII": "bVII7",
    "v": "II7", "bVII": "IV7",
}  # fmt: skip
_SECOND_OF: dict[str, str] = {"V": "ii", "V7": "ii"}
_MINOR_SECOND_OF: dict[str, str] = {"V": "iim7b5", "V7": "iim7b5"}
# (before, this, after) that a first inversion joins by step in the bass.
_STEPWISE: dict[tuple[str, str, str], str] = {
    ("I", "V", "vi"): "V/7", ("IV", "I", "ii"): "I/3", ("vi", "I", "IV"): "I/3", ("I", "iii", "IV"): "I/3",
    ("i", "bVII", "bVI"): "v/b7", ("IV", "V", "I"): "IV/5", ("bVI", "bIII", "iv"): "bIII/5", ("i", "V", "i"): "V/7",
    ("ii", "I", "IV"): "I/3", ("I", "ii", "I"): "V/2",
}  # fmt: skip


def _plain(numeral: str) -> str:
    return numeral.partition("/")[0]


def _next(bars: list[Bar], at: int) -> str:
    return _plain(bars[(at + 1) % len(bars)][0])


def secondary_dominant(bars: list[Bar], at: int) -> Bar | None:
    """The second half of a bar leads to the chord of the next."""
    target = _next(bars, at)
    own = _plain(bars[at][0])
    lead = _DOMINANT_OF.get(target)
    if len(bars[at]) > 1 or lead is None or own == target or own in {"V", "V7", "ii"} or at == len(bars) - 1:
        return None
    return [bars[at][0], lead]


def two_five(bars: list[Bar], at: int) -> Bar | None:
    """A dominant bar begins with its ii."""
    own = bars[at][0]
    minor = any(bar[0] == "i" for bar in bars)
    second = (_MINOR_SECOND_OF if minor else _SECOND_OF).get(own)
    before = _plain(bars[at - 1][-1])
    if len(bars[at]) > 1 or second is None or before.startswith("ii"):
        return None
    return [second, own]


def tritone(bars: list[Bar], at: int) -> Bar | None:
    """A dominant gives way to the one a tritone away."""
    if bars[at][-1] == "V7" and _next(bars, at) in {"I", "i"} and at % 4 != 3:
        return [*bars[at][:-1], "bII7"]
    return None


def backdoor(bars: list[Bar], at: int) -> Bar | None:
    """The dominant by the back door: iv and bVII7 instead of V."""
    return ["iv", "bVII7"] if bars[at] == ["V"] and _next(bars, at) == "I" and at % 4 != 3 else None


def minor_plagal(bars: list[Bar], at: int) -> Bar | None:
    """A subdominant darkens on its way back to the tonic."""
    return ["IV", "iv"] if bars[at] == ["IV"] and _next(bars, at) in {"I", "I/3"} else None


def passing_diminished(bars: list[Bar], at: int) -> Bar | None:
    """A diminished chord between two neighbours a whole step apart."""
    pairs = {("I", "ii"): "#idim7", ("IV", "V"): "#ivdim7", ("IV", "I"): "#ivdim7", ("V", "vi"): "#vdim7"}
    middle = pairs.get((_plain(bars[at][0]), _next(bars, at)))
    return [bars[at][0], middle] if middle and len(bars[at]) == 1 and at % 4 != 3 else None


def suspended(bars: list[Bar], at: int) -> Bar | None:
    """A dominant that is late: its fourth resolves in the second half of the bar."""
    return ["Vsus4", "V"] if bars[at] == ["V"] else None


def inverted(bars: list[Bar], at: int) -> Bar | None:
    """A first inversion where it makes the bass move by step."""
    if len(bars[at]) > 1 or at == 0:
        return None
    better = _STEPWISE.get((_plain(bars[at - 1][-1]), bars[at][0], _next(bars, at)))
    return [better] if better else None


def line_cliche(bars: list[Bar], at: int) -> Bar | None:
    """A tonic that would stand still for two bars lets an inner voice fall."""
    if bars[at] != bars[(at + 1) % len(bars)] or at == len(bars) - 1:
        return None
    return {"i": ["i", "imaj7"], "I": ["I", "Imaj7"]}.get(bars[at][0]) if len(bars[at]) == 1 else None


def faster(bars: list[Bar], at: int) -> Bar | None:
    """The last bar of a phrase prepares the next: two chords where there was one."""
    moves = {"V": ["IV", "V"], "bVII": ["bVI", "bVII"], "IV": ["IV", "V"], "iv": ["iv", "bVII"], "bVI": ["bVI", "bVII"]}
    return moves.get(bars[at][0]) if at % 4 == 3 and len(bars[at]) == 1 and bars[at - 1] != bars[at] else None


RULES: Mapping[str, Rule] = {
    "secondary": secondary_dominant, "two_five": two_five, "tritone": tritone, "backdoor": backdoor,
    "plagal": minor_plagal, "passing": passing_diminished, "sus": suspended, "inverted": inverted,
    "cliche": line_cliche, "faster": faster,
}  # fmt: skip

# Language -> rule -> how often it is taken where it applies.
RATES: dict[str, dict[str, float]] = {
    "pop": {"secondary": 0.06, "plagal": 0.2, "sus": 0.2, "inverted": 0.45, "cliche": 0.3, "faster": 0.4},
    "rock": {"secondary": 0.04, "sus": 0.12, "inverted": 0.15, "cliche": 0.15, "faster": 0.3},
    "folk": {"secondary": 0.08, "sus": 0.15, "inverted": 0.4, "faster": 0.3},
    "jazz": {"secondary": 0.3, "two_five": 0.6, "tritone": 0.3, "backdoor": 0.15, "passing": 0.3},
    "soul": {"secondary": 0.15, "two_five": 0.3, "backdoor": 0.1, "plagal": 0.25, "passing": 0.12, "inverted": 0.3,
             "sus": 0.2, "cliche": 0.3},
    "hip_hop": {"secondary": 0.12, "plagal": 0.2, "faster": 0.15},
    "house": {"faster": 0.15},
    "trance": {"inverted": 0.2, "faster": 0.2},
    "synthwave": {"sus": 0.25, "inverted": 0.2, "faster": 0.2, "cliche": 0.2},
    "modal": {"sus": 0.15, "inverted": 0.2},
    "cinematic": {"plagal": 0.3, "inverted": 0.45, "cliche": 0.4, "sus": 0.25, "faster": 0.15},
    "classical": {"secondary": 0.3, "two_five": 0.4, "inverted": 0.5, "passing": 0.1, "faster": 0.3},
    "reggae": {"inverted": 0.1, "faster": 0.2},
    "latin": {"secondary": 0.2, "two_five": 0.35, "passing": 0.1, "faster": 0.2},
    "metal": {"faster": 0.3},
    "gospel": {"secondary": 0.06, "two_five": 0.3, "passing": 0.06, "plagal": 0.15, "inverted": 0.4, "sus": 0.2},
    "chip": {"secondary": 0.15, "inverted": 0.3, "faster": 0.3},
}  # fmt: skip


def elaborated(bars: list[Bar], language: str, rng: np.random.Generator) -> list[Bar]:
    """The phrase with some of its bars enriched, the first bar as it was: it says where home is.

    A bar is enriched the same way wherever the phrase repeats, so that a loop stays a loop.
    """
    out = [list(bar) for bar in bars]
    rates = RATES.get(language, {})
    for at in range(1, len(bars)):
        order = rng.permutation(len(rates))
        rolls = rng.random(len(rates))
        names = list(rates)
        for index in order:
            better = RULES[names[index]](out, at) if rolls[index] < rates[names[index]] else None
            if better is not None:
                out[at] = better
                break
    return out
