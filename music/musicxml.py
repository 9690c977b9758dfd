"""MusicXML 4.0: the full score and the lead sheet, written with the standard library alone.

Sounding pitch throughout (no transposing instruments); equal input gives equal bytes, no dates, no ids by chance.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.score import Chord, Note, Part, Role, Score
from music.notation import DIVISIONS, Piece, bar_ticks, measures
from music.theory import ChordSpec, key_fifths, name_pc, parse_chord, scale_steps, spell

# Chord quality -> MusicXML kind, degrees added as (value, alteration, type).
_KINDS: dict[str, tuple[str, tuple[tuple[int, int, str], ...]]] = {
    "": ("major", ()), "m": ("minor", ()), "5": ("power", ()), "dim": ("diminished", ()), "aug": ("augmented", ()),
    "sus2": ("suspended-second", ()), "sus4": ("suspended-fourth", ()), "6": ("major-sixth", ()),
    "m6": ("minor-sixth", ()),
    "69": ("major-sixth", ((9, 0, "add"),)), "7": ("dominant", ()), "maj7": ("major-seventh", ()),
    "m7": ("minor-seventh", ()),
    "mmaj7": ("major-minor", ()), "m7b5": ("half-diminished", ()), "dim7": ("diminished-seventh", ()),
    "aug7": ("augmented-seventh", ()), "7sus4": ("suspended-fourth", ((7, -1, "add"),)),
    "add9": ("major", ((9, 0, "add"),)),
    "madd9": ("minor", ((9, 0, "add"),)), "9": ("dominant-ninth", ()), "maj9": ("major-ninth", ()),
    "m9": ("minor-ninth", ()),
    "9sus4": ("suspended-fourth", ((7, -1, "add"), (9, 0, "add"))), "7b5": ("dominant", ((5, -1, "alter"),)),
    "7b9": ("dominant", ((9, -1, "add"),)), "7#9": ("dominant", ((9, 1, "add"),)),
    "7#11": ("dominant", ((11, 1, "add"),)),
    "maj7#11": ("major-seventh", ((11, 1, "add"),)), "7b13": ("dominant", ((13, -1, "add"),)),
    "7alt": ("dominant", ((5, 1, "alter"), (9, 1, "add"))), "11": ("dominant-11th", ()), "m11": ("minor-11th", ()),
    "13": ("dominant-13th", ()), "maj13": ("major-13th", ()), "m13": ("minor-13th", ()),
}  # fmt: skip

# General MIDI percussion -> name, place on the staff, crossed note head.
_PERCUSSION: dict[int, tuple[str, str, int, bool]] = {
    36: ("Bass drum", "F", 4, False), 37: ("Side stick", "C", 5, True), 38: ("Snare drum", "C", 5, False),
    39: ("Hand clap", "C", 5, True), 40: ("Electric snare", "C", 5, False), 41: ("Low floor tom", "A", 4, False),
    42: ("Closed hi-hat", "G", 5, True), 44: ("Pedal hi-hat", "D", 4, True), 46: ("Open hi-hat", "G", 5, True),
    47: ("Mid tom", "D", 5, False), 49: ("Crash cymbal", "A", 5, True), 50: ("High tom", "E", 5, False),
    51: ("Ride cymbal", "F", 5, True), 52: ("China cymbal", "B", 5, True), 53: ("Ride bell", "F", 5, True),
    54: ("Tambourine", "B", 4, True), 56: ("Cowbell", "E", 5, True), 57: ("Crash cymbal 2", "A", 5, True),
    60: ("High bongo", "E", 5, False), 61: ("Low bongo", "C", 5, False), 62: ("Muted conga", "D", 5, True),
    63: ("Open conga", "D", 5, False), 64: ("Low conga", "B", 4, False), 65: ("High timbale", "E", 5, False),
    66: ("Low timbale", "C", 5, False), 69: ("Cabasa", "B", 4, True), 70: ("Maracas", "B", 4, True),
    73: ("Short guiro", "G", 4, True), 74: ("Long guiro", "G", 4, True), 75: ("Claves", "G", 5, True),
    82: ("Shaker", "B", 4, True),
}  # fmt: skip

_MODES = {"major", "minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian"}
_HEADER = re.compile(r"^\s*[\[(#].*$")
_ILLEGAL = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class _Staff:
    """One part to be written, with what goes above it."""

    part: Part
    notes: tuple[Note, ...]
    symbols: bool
    words: tuple[str, ...] = ()


def write_musicxml(score: Score, *, lyrics: str | None) -> bytes:
    """The full score: every part but the effects; chord symbols above the first staff, lyrics under the lead."""
    parts = [p for p in score.parts if p.role is not Role.EFFECTS] or list(score.parts)
    order = sorted(parts, key=lambda p: (p.is_drum, p.role is not Role.LEAD, p.role is Role.BASS))
    words = _words(lyrics)
    staves = [_Staff(part, part.notes, i == 0, words if part.role is Role.LEAD else ()) for i, part in enumerate(order)]
    return _document(score, staves)


def write_leadsheet(score: Score, *, lyrics: str | None) -> bytes:
    """Tune, chord symbols and lyrics on one staff; without a lead the highest notes of the first chordal part."""
    lead = next((p for p in score.parts if p.role is Role.LEAD), None)
    if lead is None:
        pitched = [p for p in score.parts if not p.is_drum and p.role not in (Role.EFFECTS, Role.BASS)]
        source = (pitched or list(score.parts))[0]
        lead = source.model_copy(update={"notes": _top_line(source.notes)})
    return _document(score, [_Staff(lead, lead.notes, True, _words(lyrics))])


def _top_line(notes: Sequence[Note]) -> tuple[Note, ...]:
    highest: dict[float, Note] = {}
    for note in notes:
        if note.start not in highest or highest[note.start].pitch < note.pitch:
            highest[note.start] = note
    return tuple(highest[start] for start in sorted(highest))


def _words(lyrics: str | None) -> tuple[str, ...]:
    """Words of the lyrics in order, section headings left out."""
    lines = [line for line in (lyrics or "").splitlines() if not _HEADER.match(line)]
    return tuple(word for line in lines for word in line.split())


def _clean(text: str) -> str:
    """Text without the characters that XML does not allow."""
    return _ILLEGAL.sub("", text)


def _sub(parent: ET.Element, tag: str, content: str | int | None = None, /, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, attributes)
    if content is not None:
        element.text = _clean(str(content))
    return element


def _document(score: Score, staves: Sequence[_Staff]) -> bytes:
    root = ET.Element("score-partwise", {"version": "4.0"})
    _sub(_sub(root, "work"), "work-title", score.title)
    _sub(_sub(_sub(root, "identification"), "encoding"), "software", "Sostenuto")
    listing = _sub(root, "part-list")
    for i, staff in enumerate(staves):
        _list_part(listing, staff, f"P{i + 1}", i)
    for i, staff in enumerate(staves):
        _write_part(_sub(root, "part", id=f"P{i + 1}"), score, staff, first=i == 0, part_id=f"P{i + 1}")
    ET.indent(root, space=" ")
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE score-partwise PUBLIC'
        ' "-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">\n'
    )
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=False)
    return head.encode() + body + b"\n"


def _drums_of(staff: _Staff) -> list[int]:
    return sorted({n.pitch for n in staff.notes}) or [38]


def _list_part(listing: ET.Element, staff: _Staff, part_id: str, index: int) -> None:
    entry = _sub(listing, "score-part", id=part_id)
    _sub(entry, "part-name", staff.part.name)
    if not staff.part.is_drum:
        _sub(_sub(entry, "score-instrument", id=f"{part_id}-I1"), "instrument-name", staff.part.name)
        midi = _sub(entry, "midi-instrument", id=f"{part_id}-I1")
        _sub(midi, "midi-channel", [c for c in range(1, 17) if c != 10][index % 15])
        _sub(midi, "midi-program", staff.part.program + 1)
        return
    drums = _drums_of(staff)
    for pitch in drums:
        name = _PERCUSSION[pitch][0] if pitch in _PERCUSSION else f"Percussion {pitch}"
        _sub(_sub(entry, "score-instrument", id=f"{part_id}-I{pitch}"), "instrument-name", name)
    for pitch in drums:
        midi = _sub(entry, "midi-instrument", id=f"{part_id}-I{pitch}")
        _sub(midi, "midi-channel", 10)
        _sub(midi, "midi-unpitched", pitch + 1)


def _write_part(parent: ET.Element, score: Score, staff: _Staff, *, first: bool, part_id: str) -> None:
    metre, length = score.time_signature, bar_ticks(score.time_signature)
    notes = _drum_lengths(staff.notes) if staff.part.is_drum else staff.notes
    words = iter(staff.words)
    symbols = _by_bar(score.chords, length) if staff.symbols else {}
    starts = {section.start_bar: section.name for section in score.sections}
    for bar, pieces in enumerate(measures(notes, metre, score.bars)):
        measure = _sub(parent, "measure", number=str(bar + 1))
        if bar == 0:
            _attributes(measure, score, staff)
        if first:
            _directions(measure, score, bar, starts.get(bar))
        waiting = list(symbols.get(bar, ()))
        for piece in pieces:
            while waiting and waiting[0][0] < piece.start + piece.ticks:
                at, chord = waiting.pop(0)
                _harmony(measure, chord, at - piece.start)
            _write_piece(measure, score, staff, piece, bar * length, words, part_id)
        if bar == score.bars - 1:
            _sub(_sub(measure, "barline", location="right"), "bar-style", "light-heavy")


def _drum_lengths(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Strokes as long as the time to the next stroke, a quarter note at most."""
    starts = sorted({round(n.start, 4) for n in notes})
    following = dict(zip(starts, [*starts[1:], float("inf")], strict=True))
    out = []
    for note in notes:
        start = round(note.start, 4)
        length = min(1.0 - start % 1, following[start] - start)
        out.append(note.model_copy(update={"duration": max(0.25, length)}))
    return tuple(out)


def _by_bar(chords: Sequence[Chord], length: int) -> dict[int, list[tuple[int, Chord]]]:
    out: dict[int, list[tuple[int, Chord]]] = {}
    for chord in chords:
        ticks = round(chord.start * DIVISIONS)
        out.setdefault(ticks // length, []).append((ticks % length, chord))
    return out


def _attributes(measure: ET.Element, score: Score, staff: _Staff) -> None:
    attributes = _sub(measure, "attributes")
    _sub(attributes, "divisions", DIVISIONS)
    key = _sub(attributes, "key")
    _sub(key, "fifths", 0 if staff.part.is_drum else key_fifths(score.key, score.scale))
    if not staff.part.is_drum:
        minor = 3 in _scale_thirds(score)
        _sub(key, "mode", score.scale if score.scale in _MODES else "minor" if minor else "major")
    time = _sub(attributes, "time")
    _sub(time, "beats", score.time_signature.numerator)
    _sub(time, "beat-type", score.time_signature.denominator)
    sign, line = _clef(staff)
    clef = _sub(attributes, "clef")
    _sub(clef, "sign", sign)
    if line:
        _sub(clef, "line", line)


def _scale_thirds(score: Score) -> tuple[int, ...]:
    return scale_steps(score.scale)


def _clef(staff: _Staff) -> tuple[str, int]:
    if staff.part.is_drum:
        return "percussion", 0
    pitches = [n.pitch for n in staff.notes]
    low = bool(pitches) and sum(pitches) / len(pitches) < 57
    return ("F", 4) if low else ("G", 2)


def _directions(measure: ET.Element, score: Score, bar: int, section: str | None) -> None:
    """Rehearsal mark and tempo above the first staff."""
    if section is not None:
        mark = _sub(measure, "direction", placement="above")
        _sub(_sub(mark, "direction-type"), "rehearsal", section)
    beats = score.time_signature.beats_per_bar
    for change in score.tempo:
        if int(change.start // beats + 1e-9) == bar:
            direction = _sub(measure, "direction", placement="above")
            metronome = _sub(_sub(direction, "direction-type"), "metronome")
            _sub(metronome, "beat-unit", "quarter")
            _sub(metronome, "per-minute", f"{change.bpm:.6g}")
            _sub(direction, "sound", tempo=f"{change.bpm:.6g}")


def _harmony(measure: ET.Element, chord: Chord, offset: int) -> None:
    spec = parse_chord(chord.symbol)
    kind, degrees = _KINDS[spec.quality]
    harmony = _sub(measure, "harmony")
    _step(_sub(harmony, "root"), "root", spec.root_name)
    _sub(harmony, "kind", kind, text=spec.quality)
    if spec.bass != spec.root:
        _step(_sub(harmony, "bass"), "bass", chord.symbol.rpartition("/")[2])
    for value, alter, change in degrees:
        degree = _sub(harmony, "degree")
        _sub(degree, "degree-value", value)
        _sub(degree, "degree-alter", alter)
        _sub(degree, "degree-type", change)
    if offset:
        _sub(harmony, "offset", offset)


def _step(parent: ET.Element, prefix: str, name: str) -> None:
    _sub(parent, f"{prefix}-step", name[0])
    alter = name.count("#") - name[1:].count("b")
    if alter:
        _sub(parent, f"{prefix}-alter", alter)


def _chord_at(score: Score, tick: int) -> ChordSpec | None:
    beat = tick / DIVISIONS
    for chord in score.chords:
        if chord.start - 1e-6 <= beat < chord.start + chord.duration - 1e-6:
            return parse_chord(chord.symbol)
    return None


def _write_piece(
    measure: ET.Element, score: Score, staff: _Staff, piece: Piece, bar_start: int, words: Iterator[str],
    part_id: str,
) -> None:  # fmt: skip
    if not piece.pitches:
        note = _sub(measure, "note")
        if piece.whole_bar:
            _sub(note, "rest", measure="yes")
            _sub(note, "duration", piece.ticks)
            _sub(note, "voice", 1)
            return
        _sub(note, "rest")
        _ending(note, piece)
        return
    chord = None if staff.part.is_drum else _chord_at(score, bar_start + piece.start)
    for i, pitch in enumerate(piece.pitches):
        note = _sub(measure, "note")
        if i:
            _sub(note, "chord")
        if staff.part.is_drum:
            _drum_head(note, pitch)
        else:
            _pitch(note, pitch, spell(pitch % 12, score.key, chord))
        tied = (pitch in piece.tied_from, pitch in piece.tied_to) if not staff.part.is_drum else (False, False)
        _ending(note, piece, tied, pitch if staff.part.is_drum else None, part_id)
        if i == 0 and staff.words and not any(tied[:1]) and (word := next(words, None)) is not None:
            lyric = _sub(note, "lyric", number="1")
            _sub(lyric, "syllabic", "single")
            _sub(lyric, "text", word)


def _pitch(note: ET.Element, pitch: int, name: str) -> None:
    alter = name.count("#") - name[1:].count("b")
    element = _sub(note, "pitch")
    _sub(element, "step", name[0])
    if alter:
        _sub(element, "alter", alter)
    _sub(element, "octave", (pitch - alter - name_pc(name[0])) // 12 - 1)


def _drum_head(note: ET.Element, pitch: int) -> None:
    _, step, octave, _ = _PERCUSSION.get(pitch, ("", "C", 5, False))
    unpitched = _sub(note, "unpitched")
    _sub(unpitched, "display-step", step)
    _sub(unpitched, "display-octave", octave)


def _ending(
    note: ET.Element, piece: Piece, tied: tuple[bool, bool] = (False, False), drum: int | None = None, part_id: str = ""
) -> None:
    """What follows the pitch, in the order that the schema asks for."""
    kind, dots, triplet = piece.value
    _sub(note, "duration", piece.ticks)
    for on, name in zip(tied, ("stop", "start"), strict=True):
        if on:
            _sub(note, "tie", type=name)
    if drum is not None:
        _sub(note, "instrument", id=f"{part_id}-I{drum}")
    _sub(note, "voice", 1)
    _sub(note, "type", kind)
    for _ in range(dots):
        _sub(note, "dot")
    if triplet:
        modification = _sub(note, "time-modification")
        _sub(modification, "actual-notes", 3)
        _sub(modification, "normal-notes", 2)
    if drum is not None and _PERCUSSION.get(drum, ("", "C", 5, False))[3]:
        _sub(note, "notehead", "x")
    if any(tied):
        notations = _sub(note, "notations")
        for on, name in zip(tied, ("stop", "start"), strict=True):
            if on:
                _sub(notations, "tied", type=name)
