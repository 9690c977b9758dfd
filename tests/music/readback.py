"""Reads MusicXML back with the standard library: what stands on paper, by part."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field

from domain.score import Part, Role, Score, Section, SectionKind, TempoChange, TimeSignature
from music.notevalues import DIVISIONS
from music.theory import LETTER_PC


@dataclass
class Bar:
    """Note elements of one bar by voice, with their starts in ticks; length of every voice."""

    element: ET.Element
    notes: list[tuple[int, ET.Element]] = field(default_factory=list)
    lengths: dict[str, int] = field(default_factory=dict)


def read(data: bytes) -> ET.Element:
    return ET.fromstring(data)


def bars(part: ET.Element) -> Iterator[Bar]:
    for measure in part.iter("measure"):
        bar, now, start = Bar(measure), 0, 0
        for element in measure:
            if element.tag == "backup":
                now -= int(element.findtext("duration", "0"))
            if element.tag != "note":
                continue
            ticks = int(element.findtext("duration", "0"))
            if element.find("chord") is None:
                start, now = now, now + ticks
                voice = element.findtext("voice", "1")
                bar.lengths[voice] = bar.lengths.get(voice, 0) + ticks
            bar.notes.append((start, element))
        yield bar


def midi_pitch(note: ET.Element) -> int:
    pitch = note.find("pitch")
    assert pitch is not None
    alter = int(pitch.findtext("alter", "0"))
    return 12 * (int(pitch.findtext("octave", "0")) + 1) + LETTER_PC[pitch.findtext("step", "C")] + alter


def onsets(part: ET.Element, length: int) -> list[tuple[int, int]]:
    """(tick from the beginning, MIDI pitch) of everything that is struck, tied notes left out."""
    out = []
    for number, bar in enumerate(bars(part)):
        for start, note in bar.notes:
            ties = {tie.get("type") for tie in note.iter("tie")}
            if note.find("pitch") is not None and "stop" not in ties:
                out.append((number * length + start, midi_pitch(note)))
    return sorted(out)


def names(data: bytes) -> set[str]:
    """All note names of a document, such as Eb."""
    signs = {"-2": "bb", "-1": "b", "1": "#", "2": "##"}
    return {
        pitch.findtext("step", "") + signs.get(pitch.findtext("alter", ""), "") for pitch in read(data).iter("pitch")
    }


def small_score(*parts: Part, bars: int = 2, metre: str = "4/4", **fields: object) -> Score:
    """A score of one section."""
    top, bottom = map(int, metre.split("/"))
    defaults: dict[str, object] = {
        "title": "Small", "key": "C", "scale": "major", "tempo": (TempoChange(start=0, bpm=100),),
        "time_signature": TimeSignature(numerator=top, denominator=bottom),
        "sections": (Section(name="verse 1", kind=SectionKind.VERSE, start_bar=0, bars=bars),), "parts": parts,
    }  # fmt: skip
    return Score(**{**defaults, **fields})  # type: ignore[arg-type]


def part(*notes: tuple[int, float, float], instrument: str = "flute", role: Role = Role.LEAD, **fields: object) -> Part:
    """A part of (pitch, start, duration) in beats."""
    made = [{"pitch": pitch, "start": start, "duration": length} for pitch, start, length in notes]
    defaults: dict[str, object] = {"id": role.value, "name": "Part", "role": role, "instrument": instrument}
    return Part.model_validate({**defaults, "notes": made, **fields})


def beats(ticks: int) -> float:
    return ticks / DIVISIONS
