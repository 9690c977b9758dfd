"""The chord chart: what a band reads when nobody needs notes, as text and as a document."""

from typing import Any

from domain.score import Score, Section
from music.chordsymbols import pretty_chord, pretty_note
from music.scorelayout import section_label, tempo_marks
from music.theory import parse_chord

BARS_A_LINE = 4
_REPEAT, _SILENCE = "%", "N.C."


def chord_chart(score: Score, *, feel: str = "") -> str:
    """Title, key, metre, tempo, then every section with its bars, four a line.

    `%` is the bar before once more, never first in its line; N.C. is a bar without a chord. `feel` is a word such as
    Swing.
    """
    document = chart_document(score, feel=feel)
    head = [document["key"], document["time_signature"], f"{document['tempo']} bpm"]
    lines = [document["title"], ", ".join([*head, feel] if feel else head), ""]
    width = max((len(bar) for section in document["sections"] for bar in section["bars"]), default=1)
    for section in document["sections"]:
        notes = "".join(f", {note}" for note in section["notes"])
        bars = section["bars"]
        lines.append(f"[{section['name']}] {len(bars)} bar{'s' if len(bars) != 1 else ''}{notes}")
        rows = [bars[at : at + BARS_A_LINE] for at in range(0, len(bars), BARS_A_LINE)]
        lines += ["| " + " | ".join(bar.ljust(width) for bar in row) + " |" for row in rows]
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def chart_document(score: Score, *, feel: str = "") -> dict[str, Any]:
    """The chart as a document: `title`, `key`, `time_signature`, `tempo` (bpm), `feel`, and `sections`.

    A section has its `name`, first bar (from 1), `bars` (one text each) and `notes` on key and tempo where they change.
    """
    metre = score.time_signature
    return {
        "title": score.title,
        "key": _key(score.key, score.scale),
        "time_signature": f"{metre.numerator}/{metre.denominator}",
        "tempo": round(score.tempo[0].bpm / metre.counted_beat),
        "feel": feel,
        "sections": [
            {
                "name": section_label(section.name),
                "first_bar": section.start_bar + 1,
                "bars": _bars(score, section),
                "notes": _notes(score, section),
            }
            for section in score.sections
        ],
    }


def _key(key: str, scale: str) -> str:
    return f"{pretty_note(key)} {scale.replace('_', ' ')}"


def _bars(score: Score, section: Section) -> list[str]:
    out: list[str] = []
    before = ""
    for i in range(section.bars):
        text = _bar(score, section.start_bar + i)
        repeats = i % BARS_A_LINE != 0 and text == before and text != _SILENCE
        out.append(_REPEAT if repeats else text)
        before = text
    return out


def _bar(score: Score, bar: int) -> str:
    """The chords that sound in a bar, in their order; one that goes on from before comes first."""
    length = score.time_signature.beats_per_bar
    begin, end = bar * length, (bar + 1) * length
    names: list[str] = []
    for chord in score.chords:
        if chord.start < end - 1e-6 and chord.start + chord.duration > begin + 1e-6:
            name = pretty_chord(parse_chord(chord.symbol))
            if not names or names[-1] != name:
                names.append(name)
    return " ".join(names) or _SILENCE


def _notes(score: Score, section: Section) -> list[str]:
    """Changes of key and tempo with which a section begins or that happen in it."""
    length = score.time_signature.beats_per_bar
    begin, end = section.start_bar * length, (section.start_bar + section.bars) * length
    keys = [_key(c.key, c.scale) for c in score.key_changes if begin - 1e-6 <= c.start < end - 1e-6]
    marks = tempo_marks(score)
    tempos = [
        mark.word or f"{round(mark.bpm / score.time_signature.counted_beat)} bpm"
        for bar in range(section.start_bar, section.start_bar + section.bars)
        for mark in marks.get(bar, ())
        if (bar or mark.offset) and (mark.word or mark.printed)
    ]
    return [f"in {key}" for key in keys] + tempos
