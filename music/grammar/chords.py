"""Chord lists: symbols, Roman numerals or scale degrees, for the whole song or for one section.

One chord is one bar, unless bars are drawn with "|": then what stands between two lines shares the bar.
"""

import re
from collections.abc import Sequence

from music.form import section_kind
from music.grammar.facts import Facts
from music.grammar.naming import SECTION_NAME
from music.grammar.script import Script
from music.grammar.tonality import SCALE
from music.theory import is_chord, is_numeral

_SYMBOL = (
    r"[A-G](?:##|bb|#|b|♯|♭)?(?:maj|Maj|min|mi|m|M|dim|aug|sus|add|°|ø|\+|Δ|-(?=7))*(?:6/9|\d{1,2})?"
    r"(?:\(?(?:sus[24]?|b5|#5|b9|#9|#11|b13|add\d{1,2}|maj7|alt|\d{1,2})\)?)*(?:/[A-G](?:#|b|♯|♭)?)?"
)
_NUMERAL = (
    r"[b#♭♯]?(?:VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)(?:maj7|m7b5|ø7?|°7|°|dim7?|aug|\+|7|9|6|13|11|sus[24])?"
    r"(?:/[b#]?[1-7])?"
)
_DEGREE = r"[b#]?[1-7](?:m|maj7|m7|°|7)?"
_TOKEN = {"symbol": _SYMBOL, "numeral": _NUMERAL, "degree": _DEGREE}
_SEPARATOR = r"(?:\s*[|]+:?\s*|\s*:?[|]+\s*|\s*(?:->|→|>|–|—|-|,|\.\.)\s*|[ \t]+)"
_REPEAT = re.compile(r"\s*\)?\s*[,(]?\s*(?:[x×]\s*(\d{1,2})|(\d{1,2})\s*[x×]\b|(\d{1,2})\s+times|(twice))\)?")


def _lists(token: str, least: int) -> re.Pattern[str]:
    """At least so many tokens in a row; a key that follows ("Am F C, A minor") does not belong to it."""
    closed = rf"(?![\w#♯♭/'])(?![\s-]+(?i:{SCALE})\b)"
    return re.compile(rf"(?<![\w#♯♭/'’]){token}(?:{_SEPARATOR}(?:{token}|%)){{{least - 1},}}{closed}")


_PATTERNS = {"symbol": _lists(_SYMBOL, 2), "numeral": _lists(_NUMERAL, 3), "degree": _lists(_DEGREE, 3)}
_CUE = re.compile(r"chord|progression|harmon|changes|loop|turnaround|vamp|riff over|\|")
_DEGREE_CUE = re.compile(r"chord|progression|nashville|changes|turnaround|degrees|number")
_LOOKS = re.compile(r"(?<![\w#])[A-H](?:[#b♯♭]{1,9}|m|maj|min|dim|aug|sus|add|\d)[\w#♯♭+°ø/()]{0,24}(?![\w#])")
_BETWEEN = re.compile(
    r"\s+-\s+|\s*(?:->|→|>|–|—|(?<![A-G])-(?=[A-G#bIViv1-7])|(?<=[A-G\dmb#IViv])-(?!7)|,|\.\.)\s*|\s+"
)
_LEAD_IN = re.compile(
    r"(?:\s|[:=(\[-]|\b(?:part|section|with|over|on|has|have|uses|using|is|are|goes|plays|the|these|chords?|progression"
    r"|changes|loop)\b)*$"
)
_BAR_LINE = re.compile(r"[|]+")
MOST_BARS = 64


_LONG_NAME = r"[A-G][#b♯♭]?(?:[\s-](?i:minor|major))"
_NAMED_LIST = re.compile(
    rf"(?<![\w#])(?:(?:{_LONG_NAME}|{_SYMBOL})(?:\s*,\s*|\s*[-–—|>→]+\s*|\s+)){{2,}}(?:{_LONG_NAME}|{_SYMBOL})(?![\w#])"
)


_TWO = re.compile(
    rf"(?<![\w#,])({_SYMBOL})\s+(?:and|&)\s+({_SYMBOL})(?![\w#♯♭/'])(?!(?:\s+(?:sides?|parts?)|[\s-]+(?i:{SCALE}))\b)"
)


_OVER = re.compile(r"\b[Oo]ver\s+[A-G]")


def short_chords(text: str) -> str:
    """`text` with the chords of lists as symbols: "C, G, A minor, F" as "C, G, Am, F"."""
    if _CUE.search(text.lower()) is None and _OVER.search(text) is None:
        return text
    text = _TWO.sub(r"\1, \2", text)
    return _NAMED_LIST.sub(_shortened, text)


def _shortened(run: re.Match[str]) -> str:
    """A run of chords with short names; a key that follows a list ("Bm G D A, B minor") stays as it is."""
    names = list(re.finditer(r"[\s-](?i:(?P<minor>minor)|major)", run[0]))
    if len(names) == 1 and names[0].end() == len(run[0]):
        return run[0]
    return re.sub(r"[\s-](?i:(minor)|major)", lambda m: "m" if m[1] else "", run[0])


def read_chords(script: Script, facts: Facts) -> None:
    """Every list of the prompt; the first for a section counts. Bars come as "Dm7 G7"."""
    for kind, pattern in _PATTERNS.items():
        for match in script.matches(pattern, written=True):
            bars = _bars(match[0], kind)
            if bars is None or not _meant(script, match, kind, bars):
                continue
            section, start = _section_of(script, match, facts)
            repeat = _REPEAT.match(script.text, match.end())
            times = _times(repeat)
            end = repeat.end() if repeat is not None and times > 1 else match.end()
            quote = match[0].strip(" ,|-")
            script.take(start, end)
            if section in facts.chords:
                facts.conflicts.append(f'a second chord list for {_everywhere(section)} ("{quote[:60]}") was left out')
                continue
            facts.chords[section] = (bars * times)[:MOST_BARS]
            facts.quotes.setdefault("chords", quote)
    _read_odd(script, facts)


def _everywhere(section: str) -> str:
    return "the whole song" if section == "all" else f"the {section}"


def _times(repeat: re.Match[str] | None) -> int:
    if repeat is None:
        return 1
    return 2 if repeat[4] else min(16, max(1, int(repeat[1] or repeat[2] or repeat[3])))


def _bars(text: str, kind: str) -> list[str] | None:
    """The list as bars; None where a token is no chord after all."""
    drawn = "|" in text
    cells = _BAR_LINE.split(text) if drawn else [text]
    bars: list[str] = []
    for cell in cells:
        tokens = [_clean(t) for t in _BETWEEN.split(cell) if t.strip(" :")]
        for token in tokens:
            if token != "%" and not _is_token(token, kind):
                return None
        if not tokens:
            continue
        if drawn:
            bars.append(bars[-1] if tokens == ["%"] and bars else " ".join(t for t in tokens if t != "%"))
        else:
            bars += [bars[-1] if t == "%" and bars else t for t in tokens if t != "%" or bars]
    return [bar for bar in bars if bar] or None


def _clean(token: str) -> str:
    return token.strip(" :").replace("♯", "#").replace("♭", "b")


def _is_token(token: str, kind: str) -> bool:
    if kind == "symbol":
        return is_chord(token)
    return is_numeral(token) if kind == "numeral" else re.fullmatch(_DEGREE, token) is not None


def _meant(script: Script, match: re.Match[str], kind: str, bars: Sequence[str]) -> bool:
    """Letters in a row are chords when somebody says so, or when they could be nothing else."""
    before = script.low[max(0, match.start() - 40) : match.start()]
    after = script.low[match.end() : match.end() + 30]
    tokens = [t for bar in bars for t in bar.split()]
    if kind == "degree":
        return _DEGREE_CUE.search(before + after) is not None or (
            len(tokens) >= 4
            and "-" in match[0]
            and not re.match(r"\s*[\d/:]", after)
            and any(t[-1] == "m" for t in tokens)
        )
    cued = _CUE.search(before + match[0] + after) is not None or re.search(r"\bover\s*$", before) is not None
    cued = cued or re.search(rf"(?:{SECTION_NAME})\s*(?:part|section)?\s*(?::|=|-|\()?\s*$", before) is not None
    cued = cued or re.match(rf"\s*\)?\s*(?:in|for|on|during)\s+{SECTION_NAME}", after) is not None
    if kind == "numeral":
        return cued or (len(tokens) >= 3 and _several(tokens))
    dressed = sum(len(t.replace("#", "").replace("b", "")) > 1 for t in tokens)
    if len(tokens) == 2:
        called = "chords" in before + after and not before.endswith(" in ")
        if called or re.search(r"\bover\s*$", before) is not None:
            return True
        return dressed >= 1 and (cued or (dressed == 2 and "," not in match[0]))
    if cued or dressed >= 2 or (dressed >= 1 and len(tokens) >= 3):
        return True
    return len(tokens) >= 4 and "-" in match[0]


def _several(tokens: Sequence[str]) -> bool:
    """Whether it is a progression ("I V vi") and no stammer ("I I I")."""
    return len(set(tokens)) >= 2


def _section_of(script: Script, match: re.Match[str], facts: Facts) -> tuple[str, int]:
    """The section a list belongs to and where its mention starts: named just before it or after it; else all."""
    after = re.match(rf"\s*\)?\s*(?:in|for|on|during)\s+{SECTION_NAME}", script.low[match.end() : match.end() + 40])
    lead = script.low[max(0, match.start() - 60) : match.start()]
    clause = re.split(r"[.;\n\x00]|(?<=\w),(?=\s)", lead)[-1]
    if after is not None and not re.search(rf"{SECTION_NAME}\s*(?:chords|progression)?\s*[:=(-]\s*$", clause):
        return section_kind(after["section"]).value, match.start()
    names = [m for m in re.finditer(SECTION_NAME, clause)]
    if not names or re.search(r"\b(?:bars?|bpm)\b", clause[names[-1].end() :]):
        return "all", match.start()
    kind = section_kind(names[-1]["section"]).value
    near = len(clause) - names[-1].end() <= 36
    if not near or kind in facts.chords:
        return "all", match.start()
    # The section's own words stay: they may stand in a list of sections, or have a key beside the chords.
    lead_in = _LEAD_IN.search(clause[names[-1].end() :])
    return kind, match.start() - len(lead_in[0] if lead_in is not None else "")


def _read_odd(script: Script, facts: Facts) -> None:
    """What looks like a chord in a list of chords and is none is named."""
    cue = re.search(r"chords?\b|progression|changes", script.low)
    if cue is None and not facts.chords:
        return
    for match in script.matches(_LOOKS, written=True):
        token = _clean(match[0])
        if is_chord(token) and token[0] != "H":
            continue
        if re.fullmatch(r"[A-H]\d{1,3}", token) and cue is None:
            continue
        facts.conflicts.append(f'"{match[0]}" is no chord that is known; it was left out')
        script.take(*match.span())
        if len(facts.conflicts) >= 12:
            return
    # A single sound chord that is left between odd ones is a list as well.
    if not facts.chords and cue is not None:
        lone = [
            _clean(m[0])
            for m in re.finditer(rf"(?<![\w#♯♭/'])({_SYMBOL})(?![\w#♯♭/'])", script.text[cue.end() : cue.end() + 60])
        ]
        good = [t for t in lone if is_chord(t) and (len(t) > 1 or t != "A")]
        if good and facts.conflicts:
            facts.chords["all"], facts.quotes["chords"] = good, " ".join(good)
