"""What the prompt does not want, and wishes for how the beat is played."""

import re

from music.grammar.facts import Facts
from music.grammar.script import Script

_NOT = r"no|without|minus|sans|zero|free of|(?:don't|do not) (?:use|want|include)|avoid|not any|leave out|skip|except"
_MORE = r"(?:,\s*[a-z0-9'&-]+){0,4},?\s*\b(?:or|nor|and no)\s+(?:any\s+)?[a-z0-9'&-]+"
_NO = re.compile(rf"\b(?:{_NOT})\s+(?:any\s+|the\s+|using\s+)?((?:[a-z0-9'&-]+\s?){{1,3}}(?:{_MORE})?)")
_DRUMLESS = re.compile(r"\b(?:drumless|beatless)\b")
_TUNE = re.compile(r"(?:melody|melodies|tune|lead|lead melody|lead line)\b(?!\s+(?:guitar|synth))")
_FADE = re.compile(
    r"\bfad(?:e|es|ing)[\s-]*(?:out|away)|\bend\w*\s+(?:with|in|on)\s+a\s+(?:long\s+|slow\s+)?fade"
    r"|\bfade\s+(?:at the end|ending)"
)
_SUNG = re.compile(r"\b(?:a\s+cappella|a\s+capella|acapella|acappella)\b")

# How the beat is played -> fields of the rhythm's wishes.
_FEELS: tuple[tuple[str, dict[str, float | str]], ...] = (
    (r"(?:light|slight|subtle|gentle|little)\s+swing|lightly\s+swung", {"swing": 0.5}),
    (r"(?:no|without)\s+swing|straight\s+(?:feel|eighths|8ths|beat|time|groove|16ths)|unswung|not\s+swung",
     {"swing": 0.0}),
    (r"shuffle\s+(?:feel|beat|groove|rhythm)|shuffled", {"swing": 1.0, "groove": "shuffle"}),
    (r"(?:swing|swung|triplet)\s+(?:feel|eighths|8ths|groove)|swung|hard\s+swing", {"swing": 1.0}),
    (r"half[\s-]*time(?:\s+(?:feel|groove|beat|drums))?", {"density": 0.3}),
    (r"double[\s-]*time(?:\s+(?:feel|groove|beat|drums))?", {"density": 0.8}),
    (r"(?:four|4)[\s-]on[\s-]the[\s-]floor", {"groove": "four"}),
    (r"(?:sparse|minimal)\s+(?:drums|beat|percussion|groove)", {"density": 0.25}),
    (r"(?:busy|dense|complex)\s+(?:drums|beat|percussion|groove)", {"density": 0.8}),
)  # fmt: skip
_FEEL_PATTERNS = tuple((re.compile(rf"\b(?:{words})\b"), wish) for words, wish in _FEELS)


def read_left_out(script: Script, facts: Facts) -> None:
    """The words after "no" and "without"; drumless and a cappella say it too."""
    facts.left_out = [match[1].strip() for match in script.matches(_NO)]
    if _DRUMLESS.search(script.low):
        facts.left_out.append("drums")
    if _SUNG.search(script.low):
        facts.left_out += ["drums", "bass"]
        facts.feel["a_cappella"] = True
    for words in facts.left_out:
        if _TUNE.match(words):
            facts.remarks.append(
                ("creative.constraints", words, "a song is not written without its tune; mute the lead afterwards")
            )
    if (match := _FADE.search(script.low)) is not None:
        facts.remarks.append(
            ("creative.constraints", match[0], "a fade-out is not made; the song ends on its last bar and rings out")
        )


def read_feel(script: Script, facts: Facts) -> None:
    """Swing, half-time and the like, for the whole song."""
    for pattern, wish in _FEEL_PATTERNS:
        if (match := pattern.search(script.low)) is not None and not set(wish) & set(facts.feel):
            facts.feel.update(wish)
            facts.quotes.setdefault("feel", match[0])
            if "groove" not in wish or wish["groove"] != "four":
                script.take(*match.span())
