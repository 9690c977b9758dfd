"""MusicXML 4.0: the full score and the lead sheet, written with the standard library alone.

Sounding pitch throughout: no part is transposed, and octave clefs (guitars, basses) say where the staff is. Equal
input gives equal bytes, no dates, no ids by chance.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from xml.sax.saxutils import escape

from domain.score import Note, Part, Role, Score
from music.beaming import beams, tuplets
from music.chordsymbols import bass_name, chord_kind
from music.drumstaff import GHOST, SNARES, stroke
from music.lyrics import Syllable, lay_verses, read_lyrics
from music.notation import Piece
from music.notevalues import DIVISIONS, bar_ticks, group_starts
from music.scorelayout import (
    Harmonies,
    Line,
    TempoMark,
    Voice,
    dynamics_of,
    keys_by_bar,
    lines_of,
    metronome,
    score_order,
    section_label,
    signature,
    systems,
    tempo_marks,
    tune_bars,
)  # fmt: skip
from music.spelling import Accidentals, alteration, octave_of, spell_note
from music.staves import Clef, abbreviation, tune_clef
from music.theory import ChordSpec, is_minor

_COMPOSER = "Sostenuto"
_PITCH_NOTE = "Score in sounding pitch"
_MODES = {"major", "minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian"}
_ILLEGAL = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SIGNS = {-2: "flat-flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double-sharp"}
_QUOTES = {'"': "&quot;", "\n": "&#10;"}
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE score-partwise PUBLIC'
    ' "-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">\n'
)

Signs = Mapping[tuple[int, int, int], tuple[str, tuple[int, bool] | None]]
"""(voice number, place in the voice, pitch) -> name, and the sign to print with whether it is a courtesy."""


@dataclass(frozen=True, slots=True)
class _Player:
    """One part to be written: its staves and what goes above and below them."""

    id: str
    part: Part
    lines: tuple[Line, ...]
    first: bool
    lead_sheet: bool = False
    slashes: frozenset[int] = frozenset()
    verses: Mapping[int, tuple[Syllable, ...]] | None = None


@dataclass(frozen=True, slots=True)
class _Song:
    """What all parts share."""

    score: Score
    bars: int
    length: int
    feel: str
    printed: bool
    harmonies: Harmonies
    symbols: Mapping[int, list[tuple[int, ChordSpec | None]]]
    keys: Mapping[int, tuple[str, str]]
    tempos: Mapping[int, list[TempoMark]]
    sections: Mapping[int, str]
    systems: frozenset[int]


def write_musicxml(score: Score, *, lyrics: str | None, feel: str = "", printed: bool = False) -> bytes:
    """The full score: every part but the effects; chord symbols above the first staff, lyrics under the lead.

    `feel` is a word for the first bar, such as Swing. `printed` is for drawing alone: chord symbols say on paper what
    they are and name no degrees beside it.
    """
    song = _song(score, feel, printed)
    verses = lay_verses(read_lyrics(lyrics), score.sections)
    players = [
        _Player(
            f"P{i + 1}", part, lines_of(part, score.time_signature, song.bars), first=i == 0,
            verses=verses if part.role is Role.LEAD else None,
        )
        for i, part in enumerate(score_order(score.parts or (_nobody(),)))
    ]  # fmt: skip
    return _document(song, players)


def write_leadsheet(score: Score, *, lyrics: str | None, feel: str = "", printed: bool = False) -> bytes:
    """Tune, chord symbols and lyrics on one staff; without a lead the highest notes of the first chordal part.

    `printed` is for drawing alone: where the tune is silent for two bars or more, every beat gets a stroke, as a band
    reads it.
    """
    song = _song(score, feel, printed)
    lead = next((p for p in score.parts if p.role is Role.LEAD and p.notes), None)
    if lead is None:
        chordal = [p for p in score.parts if not p.is_drum and p.role not in (Role.EFFECTS, Role.BASS)]
        source = next((p for p in chordal if p.notes), None) or _nobody()
        lead = source.model_copy(update={"notes": _top_line(source.notes)})
    line = Line(tune_clef([n.pitch for n in lead.notes]), tune_bars(lead.notes, score.time_signature, song.bars))
    verses = lay_verses(read_lyrics(lyrics), score.sections)
    slashes = _without_tune(line) if printed else frozenset()
    player = _Player("P1", lead, (line,), first=True, lead_sheet=True, slashes=slashes, verses=verses)
    return _document(song, [player])


def _without_tune(line: Line) -> frozenset[int]:
    """The bars of silences that last for two bars or more."""
    empty = [all(voice.pieces[0].whole_bar for voice in voices) for voices in line.bars]
    runs = [list(run) for silent, run in groupby(range(len(empty)), key=empty.__getitem__) if silent]
    return frozenset(bar for run in runs if len(run) > 1 for bar in run)


def _song(score: Score, feel: str, printed: bool) -> _Song:
    length = bar_ticks(score.time_signature)
    harmonies = Harmonies(score)
    return _Song(
        score=score, bars=max(1, score.bars), length=length, feel=feel, printed=printed,
        harmonies=harmonies, symbols=harmonies.by_bar(length), keys=keys_by_bar(score), tempos=tempo_marks(score),
        sections={section.start_bar: section.name for section in score.sections}, systems=frozenset(systems(score)),
    )  # fmt: skip


def _nobody() -> Part:
    """A silent part for a score in which nobody plays."""
    return Part(id="tune", name="Tune", role=Role.LEAD, instrument="grand_piano")


def _top_line(notes: Sequence[Note]) -> tuple[Note, ...]:
    highest: dict[float, Note] = {}
    for note in notes:
        if note.start not in highest or highest[note.start].pitch < note.pitch:
            highest[note.start] = note
    return tuple(highest[start] for start in sorted(highest))


def _clean(text: str) -> str:
    """Text without the characters that XML does not allow."""
    return _ILLEGAL.sub("", text)


def _sub(parent: ET.Element, tag: str, content: str | int | None = None, /, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, attributes)
    if content is not None:
        element.text = _clean(str(content))
    return element


def _document(song: _Song, players: Sequence[_Player]) -> bytes:
    root = ET.Element("score-partwise", {"version": "4.0"})
    title = _clean(song.score.title).strip() or "Untitled"
    _sub(_sub(root, "work"), "work-title", title)
    identification = _sub(root, "identification")
    _sub(identification, "creator", _COMPOSER, type="composer")
    encoding = _sub(identification, "encoding")
    _sub(encoding, "software", _COMPOSER)
    _sub(encoding, "encoding-description", _PITCH_NOTE)
    for element in ("accidental", "beam", "stem"):
        _sub(encoding, "supports", element=element, type="yes" if element != "stem" else "no")
    listing = _sub(root, "part-list")
    for i, player in enumerate(players):
        _list_part(listing, player, i)
    for player in players:
        _write_part(_sub(root, "part", id=player.id), song, player)
    lines: list[str] = []
    _serialise(root, "", lines)
    return (_HEAD + "\n".join(lines) + "\n").encode()


def _serialise(element: ET.Element, indent: str, lines: list[str]) -> None:
    """An element as indented lines; an element has children or a text, not both. Half the time of ElementTree's."""
    start = element.tag
    for name, value in element.attrib.items():
        start += f' {name}="{escape(value, _QUOTES)}"'
    if len(element):
        lines.append(f"{indent}<{start}>")
        for child in element:
            _serialise(child, indent + " ", lines)
        lines.append(f"{indent}</{element.tag}>")
    elif element.text:
        lines.append(f"{indent}<{start}>{escape(element.text)}</{element.tag}>")
    else:
        lines.append(f"{indent}<{start} />")


def _list_part(listing: ET.Element, player: _Player, index: int) -> None:
    part = player.part
    entry = _sub(listing, "score-part", id=player.id)
    printed = {"print-object": "no"} if player.lead_sheet else {}
    _sub(entry, "part-name", part.name, **printed)
    _sub(entry, "part-abbreviation", abbreviation(part), **printed)
    if not part.is_drum:
        _sub(_sub(entry, "score-instrument", id=f"{player.id}-I1"), "instrument-name", part.name)
        midi = _sub(entry, "midi-instrument", id=f"{player.id}-I1")
        _sub(midi, "midi-channel", [c for c in range(1, 17) if c != 10][index % 15])
        _sub(midi, "midi-program", part.program + 1)
        return
    drums = sorted({note.pitch for note in part.notes}) or [38]
    for pitch in drums:
        _sub(_sub(entry, "score-instrument", id=f"{player.id}-I{pitch}"), "instrument-name", stroke(pitch).name)
    for pitch in drums:
        midi = _sub(entry, "midi-instrument", id=f"{player.id}-I{pitch}")
        _sub(midi, "midi-channel", 10)
        _sub(midi, "midi-program", part.program + 1)
        _sub(midi, "midi-unpitched", pitch + 1)


def _write_part(parent: ET.Element, song: _Song, player: _Player) -> None:
    signs = [Accidentals() for _ in player.lines]
    dynamics = dynamics_of(player.part, song.score)
    words: Iterator[Syllable] = iter(())
    key = song.keys[0]
    for bar in range(song.bars):
        measure = _sub(parent, "measure", number=str(bar + 1))
        if player.lead_sheet and bar and bar in song.systems:
            _sub(measure, "print", **{"new-system": "yes"})
        key = song.keys.get(bar, key)
        if bar == 0 or bar in song.keys:
            _attributes(measure, song, player, key, first=bar == 0)
            for accidentals in signs:
                accidentals.key(signature(*key))
        if player.first:
            _marks(measure, song, bar)
        if bar in dynamics:
            _dynamic(measure, dynamics[bar], staves=len(player.lines))
        if player.verses and bar in player.verses:
            words = iter(player.verses[bar])
        _write_bar(measure, song, player, bar, key, signs, words)
        _barline(measure, song, bar)


def _barline(measure: ET.Element, song: _Song, bar: int) -> None:
    if bar == song.bars - 1:
        style = "light-heavy"
    elif bar + 1 in song.sections:
        style = "light-light"
    else:
        return
    _sub(_sub(measure, "barline", location="right"), "bar-style", style)


def _attributes(measure: ET.Element, song: _Song, player: _Player, key: tuple[str, str], *, first: bool) -> None:
    attributes = _sub(measure, "attributes")
    if first:
        _sub(attributes, "divisions", DIVISIONS)
    element = _sub(attributes, "key")
    _sub(element, "fifths", 0 if player.part.is_drum else signature(*key))
    if not player.part.is_drum:
        _sub(element, "mode", key[1] if key[1] in _MODES else "minor" if is_minor(key[1]) else "major")
    if not first:
        return
    time = _sub(attributes, "time")
    _sub(time, "beats", song.score.time_signature.numerator)
    _sub(time, "beat-type", song.score.time_signature.denominator)
    if len(player.lines) > 1:
        _sub(attributes, "staves", len(player.lines))
    for number, line in enumerate(player.lines, start=1):
        _clef(attributes, line.clef, {"number": str(number)} if len(player.lines) > 1 else {})


def _clef(attributes: ET.Element, clef: Clef, numbered: Mapping[str, str]) -> None:
    element = _sub(attributes, "clef", **numbered)
    _sub(element, "sign", clef.sign)
    if clef.line:
        _sub(element, "line", clef.line)
    if clef.octave:
        _sub(element, "clef-octave-change", clef.octave)


def _marks(measure: ET.Element, song: _Song, bar: int) -> None:
    """Rehearsal mark and tempos above the first staff."""
    if bar in song.sections:
        direction = _sub(measure, "direction", placement="above")
        _sub(_sub(direction, "direction-type"), "rehearsal", section_label(song.sections[bar]))
    for mark in song.tempos.get(bar, ()):
        word = song.feel if bar == 0 and mark.offset == 0 and not mark.word else mark.word
        _tempo(measure, song, mark, word)


def _tempo(measure: ET.Element, song: _Song, mark: TempoMark, word: str) -> None:
    if not (word or mark.printed):
        silent = _sub(measure, "sound", tempo=f"{mark.bpm:.6g}")
        if mark.offset:
            _sub(silent, "offset", mark.offset)
        return
    direction = _sub(measure, "direction", placement="above")
    if word:
        # A renderer that sets word and metronome in one line puts nothing between them.
        space = "\u2003" if song.printed and mark.printed else ""
        _sub(_sub(direction, "direction-type"), "words", word + space, **{"font-weight": "bold"})
    if mark.printed:
        unit, dots, count = metronome(mark.bpm, song.score.time_signature)
        element = _sub(_sub(direction, "direction-type"), "metronome")
        _sub(element, "beat-unit", unit)
        for _ in range(dots):
            _sub(element, "beat-unit-dot")
        _sub(element, "per-minute", count)
    if mark.offset:
        _sub(direction, "offset", mark.offset, sound="yes")
    _sub(direction, "sound", tempo=f"{mark.bpm:.6g}")


def _dynamic(measure: ET.Element, mark: str, *, staves: int) -> None:
    direction = _sub(measure, "direction", placement="below")
    _sub(_sub(_sub(direction, "direction-type"), "dynamics"), mark)
    if staves > 1:
        _sub(direction, "staff", 1)


def _write_bar(
    measure: ET.Element, song: _Song, player: _Player, bar: int, key: tuple[str, str], signs: Sequence[Accidentals],
    words: Iterator[Syllable],
) -> None:  # fmt: skip
    waiting = list(song.symbols.get(bar, ())) if player.first else []
    began = False
    for number, (line, accidentals) in enumerate(zip(player.lines, signs, strict=True), start=1):
        voices = line.bars[bar]
        spelled = {} if player.part.is_drum else _spelled(voices, song, bar * song.length, key, accidentals)
        staff = number if len(player.lines) > 1 else None
        for voice in voices:
            if began:
                _sub(_sub(measure, "backup"), "duration", song.length)
            if bar in player.slashes:
                _slashes(measure, song, waiting)
            else:
                writer = _VoiceWriter(measure, song, player, voice, spelled, staff)
                writer.write(waiting, words if number == 1 and voice.number == 1 else iter(()))
            waiting, began = [], True


def _spelled(
    voices: Sequence[Voice], song: _Song, bar_start: int, key: tuple[str, str], accidentals: Accidentals
) -> dict[tuple[int, int, int], tuple[str, tuple[int, bool] | None]]:
    """Name and sign of every note of a bar; signs go by time, whatever voice they are in."""
    accidentals.bar()
    out: dict[tuple[int, int, int], tuple[str, tuple[int, bool] | None]] = {}
    names: dict[int, str] = {}
    order = sorted((piece.start, voice.number, i, voice) for voice in voices for i, piece in enumerate(voice.pieces))
    for start, number, i, voice in order:
        piece = voice.pieces[i]
        chord = song.harmonies.at(bar_start + start)
        goes_to = voice.pieces[i + 1].pitches if i + 1 < len(voice.pieces) else ()
        for pitch in piece.pitches:
            name = names[pitch] = spell_note(pitch, *key, chord, goes_to, names.get(pitch))
            sign = None if pitch in piece.tied_from else accidentals.sign(name, octave_of(pitch, name))
            out[number, i, pitch] = (name, sign)
    return out


def _harmony(measure: ET.Element, spec: ChordSpec | None, offset: int, *, degrees: bool) -> None:
    harmony = _sub(measure, "harmony", placement="above")
    if spec is None:
        _sub(_sub(harmony, "root"), "root-step", "C", text="")
        _sub(harmony, "kind", "none", text="N.C.")
    else:
        row = chord_kind(spec)
        _step(_sub(harmony, "root"), "root", spec.root_name)
        _sub(harmony, "kind", row.kind, text=row.printed)
        if bass := bass_name(spec):
            _step(_sub(harmony, "bass"), "bass", bass)
        for value, alter, change in row.degrees if degrees else ():
            degree = _sub(harmony, "degree")
            _sub(degree, "degree-value", value)
            _sub(degree, "degree-alter", alter)
            _sub(degree, "degree-type", change)
    if offset:
        _sub(harmony, "offset", offset)


def _step(parent: ET.Element, prefix: str, name: str) -> None:
    _sub(parent, f"{prefix}-step", name[0])
    if alteration(name):
        _sub(parent, f"{prefix}-alter", alteration(name))


def _slashes(measure: ET.Element, song: _Song, waiting: Sequence[tuple[int, ChordSpec | None]]) -> None:
    """A stroke for every pulse of a bar without a tune."""
    starts = group_starts(song.score.time_signature)
    left = list(waiting)
    for start, end in zip(starts, (*starts[1:], song.length), strict=True):
        while left and left[0][0] < end:
            at, spec = left.pop(0)
            _harmony(measure, spec, at - start, degrees=False)
        kind, dots, _ = Piece(start, end - start).value
        note = _sub(measure, "note")
        unpitched = _sub(note, "unpitched")
        _sub(unpitched, "display-step", "B")
        _sub(unpitched, "display-octave", 4)
        _sub(note, "duration", end - start)
        _sub(note, "voice", 1)
        _sub(note, "type", kind)
        for _ in range(dots):
            _sub(note, "dot")
        _sub(note, "stem", "none")
        _sub(note, "notehead", "slash")


class _VoiceWriter:
    """Writes one voice of one bar."""

    def __init__(
        self, measure: ET.Element, song: _Song, player: _Player, voice: Voice, signs: Signs, staff: int | None
    ) -> None:
        self._measure, self._song, self._player, self._voice = measure, song, player, voice
        self._signs, self._staff = signs, staff
        self._beams = beams(voice.pieces, song.score.time_signature)
        self._tuplets = tuplets(voice.pieces)

    def write(self, waiting: list[tuple[int, ChordSpec | None]], words: Iterator[Syllable]) -> None:
        """The pieces in their order, each chord symbol of `waiting` before the piece that it falls on."""
        for i, piece in enumerate(self._voice.pieces):
            while waiting and waiting[0][0] < piece.start + piece.ticks:
                at, spec = waiting.pop(0)
                _harmony(self._measure, spec, at - piece.start, degrees=not self._song.printed)
            if not piece.pitches:
                self._rest(i, piece)
                continue
            for n, pitch in enumerate(self._heads(piece)):
                note = _sub(self._measure, "note")
                if n:
                    _sub(note, "chord")
                self._head(note, i, piece, pitch)
                if n == 0 and pitch not in piece.tied_from and (syllable := next(words, None)) is not None:
                    _lyric(note, syllable)

    def _heads(self, piece: Piece) -> list[int]:
        """Pitches of a piece; of percussion that shares a place and a head, one."""
        if not self._player.part.is_drum:
            return list(piece.pitches)
        places = {(s.step, s.octave, s.head): p for p in reversed(piece.pitches) for s in (stroke(p),)}
        return sorted(places.values())

    def _rest(self, i: int, piece: Piece) -> None:
        note = _sub(self._measure, "note", **({"print-object": "no"} if self._voice.second else {}))
        if piece.whole_bar:
            _sub(note, "rest", measure="yes")
            _sub(note, "duration", piece.ticks)
            _sub(note, "voice", self._voice.number)
            if self._staff:
                _sub(note, "staff", self._staff)
            return
        _sub(note, "rest")
        self._value(note, i, piece)
        if i in self._tuplets:
            self._bracket(_sub(note, "notations"), i)

    def _head(self, note: ET.Element, i: int, piece: Piece, pitch: int) -> None:
        """One head, in the order of elements that the schema asks for."""
        drum = self._player.part.is_drum
        sign: tuple[int, bool] | None = None
        if drum:
            place = stroke(pitch)
            unpitched = _sub(note, "unpitched")
            _sub(unpitched, "display-step", place.step)
            _sub(unpitched, "display-octave", place.octave)
        else:
            name, sign = self._signs[self._voice.number, i, pitch]
            _pitch(note, pitch, name)
        ends = ((piece.tied_from, "stop"), (piece.tied_to, "start"))
        ties = [] if drum else [what for pitches, what in ends if pitch in pitches]
        self._value(note, i, piece, ties, sign, pitch)
        self._notations(note, i, piece, ties)

    def _value(
        self,
        note: ET.Element,
        i: int,
        piece: Piece,
        ties: Sequence[str] = (),
        sign: tuple[int, bool] | None = None,
        pitch: int | None = None,
    ) -> None:
        kind, dots, triplet = piece.value
        _sub(note, "duration", piece.ticks)
        for tie in ties:
            _sub(note, "tie", type=tie)
        if pitch is not None and self._player.part.is_drum:
            # A pitched part has one instrument; naming it on its notes and not on its rests reads as a change of it.
            _sub(note, "instrument", id=f"{self._player.id}-I{pitch}")
        _sub(note, "voice", self._voice.number)
        _sub(note, "type", kind)
        for _ in range(dots):
            _sub(note, "dot")
        if sign is not None:
            _sub(note, "accidental", _SIGNS[sign[0]], **({"cautionary": "yes"} if sign[1] else {}))
        if triplet:
            _ratio(note)
        if pitch is not None:
            self._looks(note, piece, pitch)
        if self._staff:
            _sub(note, "staff", self._staff)
        if pitch is not None and note.find("chord") is None:
            for number, what in enumerate(self._beams.get(i, ()), start=1):
                _sub(note, "beam", what, number=str(number))

    def _looks(self, note: ET.Element, piece: Piece, pitch: int) -> None:
        if self._voice.stem:
            _sub(note, "stem", self._voice.stem)
        if self._player.part.is_drum:
            _notehead(note, pitch, piece)

    def _notations(self, note: ET.Element, i: int, piece: Piece, ties: Sequence[str]) -> None:
        first = note.find("chord") is None
        bracket = first and any(self._tuplets.get(i, ()))
        if not (ties or bracket or (piece.staccato and first)):
            return
        notations = _sub(note, "notations")
        for tie in ties:
            _sub(notations, "tied", type=tie)
        if bracket:
            self._bracket(notations, i)
        if piece.staccato and first:
            _sub(_sub(notations, "articulations"), "staccato")

    def _bracket(self, notations: ET.Element, i: int) -> None:
        starts, stops = self._tuplets[i]
        if starts:
            _sub(notations, "tuplet", type="start", bracket="yes")
        if stops:
            _sub(notations, "tuplet", type="stop")


def _ratio(note: ET.Element) -> None:
    modification = _sub(note, "time-modification")
    _sub(modification, "actual-notes", 3)
    _sub(modification, "normal-notes", 2)


def _notehead(note: ET.Element, pitch: int, piece: Piece) -> None:
    head = stroke(pitch).head
    ghost = pitch in SNARES and piece.velocities[piece.pitches.index(pitch)] <= GHOST
    if head != "normal" or ghost:
        _sub(note, "notehead", head, **({"parentheses": "yes"} if ghost else {}))


def _pitch(note: ET.Element, pitch: int, name: str) -> None:
    element = _sub(note, "pitch")
    _sub(element, "step", name[0])
    if alteration(name):
        _sub(element, "alter", alteration(name))
    _sub(element, "octave", octave_of(pitch, name))


def _lyric(note: ET.Element, syllable: Syllable) -> None:
    lyric = _sub(note, "lyric", number="1")
    _sub(lyric, "syllabic", syllable.syllabic)
    _sub(lyric, "text", syllable.text)
