"""What goes on paper: the staves and voices of every part, and the marks above them, still without a file format.

Time is in ticks (see `notevalues`).
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise

from domain.score import Note, Part, Role, Score, TempoChange, TimeSignature
from music.drumstaff import stroke
from music.metre import is_compound
from music.notation import Piece, events_of, two_voices, write_bars
from music.notevalues import DIVISIONS, bar_ticks
from music.quantising import Grid, Span, find_grid, quantised
from music.staves import Clef, clef_of, has_two_staves, split_hands
from music.theory import ChordSpec, key_fifths, parse_chord

# Parts from the top of the page down.
_ORDER: Mapping[Role, int] = {role: i for i, role in enumerate((
    Role.LEAD, Role.COUNTER, Role.BRASS, Role.STRINGS, Role.GUITAR, Role.KEYS, Role.ARPEGGIO, Role.PAD, Role.BASS,
    Role.PERCUSSION, Role.DRUMS, Role.EFFECTS, Role.FULL_MIX,
))}  # fmt: skip
# Mean velocity of a section below which the mark holds.
_DYNAMICS: tuple[tuple[float, str], ...] = ((40, "pp"), (54, "p"), (68, "mp"), (84, "mf"), (102, "f"), (128, "ff"))
_SAME_TEMPO_BPM = 0.5
_SILENCE_BEATS = 0.5


class Writing(Enum):
    """How notes that overlap are written: cut off, in two voices, or tied from chord to chord."""

    LINE = "line"
    VOICES = "voices"
    SUSTAINED = "sustained"


_WRITING: Mapping[Role, Writing] = {
    Role.LEAD: Writing.LINE, Role.BASS: Writing.LINE, Role.PAD: Writing.SUSTAINED, Role.STRINGS: Writing.SUSTAINED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice of one bar; rests of a `second` voice are not printed; `stem` is up, down or empty."""

    number: int
    pieces: tuple[Piece, ...]
    second: bool = False
    stem: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One staff: its clef and the voices of each bar."""

    clef: Clef
    bars: tuple[tuple[Voice, ...], ...]


@dataclass(frozen=True, slots=True)
class TempoMark:
    """A tempo at a place in a bar: `bpm` quarter notes a minute, printed or not, with a word such as rit."""

    offset: int
    bpm: float
    printed: bool
    word: str = ""


def score_order(parts: Sequence[Part]) -> list[Part]:
    """The parts from the top of the page down, without effects unless there is nothing else."""
    written = [part for part in parts if part.role is not Role.EFFECTS] or list(parts)
    return sorted(written, key=lambda part: _ORDER[part.role])


def lines_of(part: Part, metre: TimeSignature, bars: int) -> tuple[Line, ...]:
    """The staves of a part."""
    grid = find_grid(part.notes, metre, fine=part.is_drum)
    if part.is_drum:
        return (Line(clef_of(part), _drum_bars(part.notes, grid, metre, bars)),)
    how = _WRITING.get(part.role, Writing.VOICES)
    if not has_two_staves(part, metre.beats_per_bar):
        return (Line(clef_of(part), _pitched_bars(part.notes, grid, metre, bars, 1, how)),)
    hands = split_hands(part.notes, metre.beats_per_bar)
    return tuple(
        Line(Clef(sign, line), _pitched_bars(notes, grid, metre, bars, first, how))
        for notes, sign, line, first in zip(hands, "GF", (2, 4), (1, 5), strict=True)
    )


def tune_bars(notes: Sequence[Note], metre: TimeSignature, bars: int) -> tuple[tuple[Voice, ...], ...]:
    """The notes as one voice, bar by bar."""
    return _pitched_bars(notes, find_grid(notes, metre), metre, bars, 1, Writing.LINE)


def _pitched_bars(
    notes: Sequence[Note], grid: Grid, metre: TimeSignature, bars: int, first: int, how: Writing
) -> tuple[tuple[Voice, ...], ...]:
    spans = quantised(notes, grid, bar_ticks(metre) * bars)
    one, two = two_voices(spans) if how is Writing.VOICES else (spans, [])
    if two and _mean(two) > _mean(one):
        one, two = two, one
    return _bars(one, two, grid, metre, bars, first, sustained=how is Writing.SUSTAINED)


def _drum_bars(notes: Sequence[Note], grid: Grid, metre: TimeSignature, bars: int) -> tuple[tuple[Voice, ...], ...]:
    """Hands and feet; a stroke lasts until the next one of its voice, or to the end of its beat."""
    spans = quantised(notes, grid, bar_ticks(metre) * bars)
    feet = [span for span in spans if stroke(span.pitch).foot]
    hands = [span for span in spans if not stroke(span.pitch).foot]

    def lengthened(voice: Sequence[Span]) -> list[Span]:
        return [
            replace(span, end=span.start - span.start % grid.beat + grid.beat, played=float(grid.beat * 9))
            for span in voice
        ]

    bars_of = _bars(lengthened(hands), lengthened(feet), grid, metre, bars, 1)
    return tuple(
        tuple(replace(voice, stem="down" if voice.number == 2 else "up") for voice in voices) for voices in bars_of
    )


def _bars(
    one: Sequence[Span], two: Sequence[Span], grid: Grid, metre: TimeSignature, bars: int, first: int,
    *, sustained: bool = False,
) -> tuple[tuple[Voice, ...], ...]:  # fmt: skip
    """Both voices bar by bar; a voice that rests for a whole bar is left out where the other one plays."""
    written = [
        write_bars(events_of(spans, grid, sustained=sustained), grid, metre, bars)
        for spans in ((one, two) if two else (one,))
    ]
    out: list[tuple[Voice, ...]] = []
    for pieces in zip(*written, strict=True):
        sounding = [i for i, voice in enumerate(pieces) if voice[0].pitches or len(voice) > 1]
        if len(sounding) < 2:
            i = sounding[0] if sounding else 0
            out.append((Voice(first + i, tuple(pieces[i])),))
        else:
            out.append(
                (
                    Voice(first, tuple(pieces[0]), stem="up"),
                    Voice(first + 1, tuple(pieces[1]), second=True, stem="down"),
                )
            )
    return tuple(out)


def _mean(spans: Sequence[Span]) -> float:
    return sum(span.pitch for span in spans) / max(1, len(spans))


class Harmonies:
    """The chords of a song by tick, the silences between them included."""

    def __init__(self, score: Score) -> None:
        self.marks: list[tuple[int, ChordSpec | None]] = []
        end = 0.0
        for chord in score.chords:
            if chord.start - end >= _SILENCE_BEATS:
                self.marks.append((round(end * DIVISIONS), None))
            self.marks.append((round(chord.start * DIVISIONS), parse_chord(chord.symbol)))
            end = chord.start + chord.duration
        if score.chords and score.beats - end >= _SILENCE_BEATS:
            self.marks.append((round(end * DIVISIONS), None))
        self._starts = [tick for tick, _ in self.marks]

    def at(self, tick: int) -> ChordSpec | None:
        """The chord that sounds at `tick`."""
        index = bisect_right(self._starts, tick) - 1
        return self.marks[index][1] if index >= 0 else None

    def by_bar(self, length: int) -> dict[int, list[tuple[int, ChordSpec | None]]]:
        """By bar: ticks from its bar line, and the chord or None for silence."""
        out: dict[int, list[tuple[int, ChordSpec | None]]] = {}
        for tick, spec in self.marks:
            out.setdefault(tick // length, []).append((tick % length, spec))
        return out


def keys_by_bar(score: Score) -> dict[int, tuple[str, str]]:
    """Bar -> key and scale from there on; the first bar is always there."""
    bar = score.time_signature.beats_per_bar
    out = {0: (score.key, score.scale)}
    for change in score.key_changes:
        out[int((change.start + 1e-6) // bar)] = (change.key, change.scale)
    return out


def section_label(name: str) -> str:
    """A section's name as it is printed: verse 1 becomes Verse 1, prechorus Pre-chorus."""
    text = name.replace("prechorus", "pre-chorus")
    return text[:1].upper() + text[1:]


def signature(key: str, scale: str) -> int:
    """The key signature, -7 to 7."""
    return key_fifths(key, scale)


def tempo_marks(score: Score) -> dict[int, list[TempoMark]]:
    """The tempos by bar; a run of changes that follow within a bar of one another is one rit. or accel."""
    beats = score.time_signature.beats_per_bar
    out: dict[int, list[TempoMark]] = {}
    for change, printed, word in _told(score.tempo, beats):
        bar = int((change.start + 1e-6) // beats)
        offset = round((change.start - bar * beats) * DIVISIONS)
        out.setdefault(bar, []).append(TempoMark(offset, change.bpm, printed, word))
    return out


def _told(changes: Sequence[TempoChange], bar: float) -> Iterator[tuple[TempoChange, bool, str]]:
    """Every tempo change, whether its number is printed, and the word for it."""
    yield changes[0], True, ""
    steady, slope = changes[0].bpm, 0
    for i, (before, change) in enumerate(pairwise(changes), start=1):
        after = changes[i + 1] if i + 1 < len(changes) else None
        direction = (change.bpm > before.bpm) - (change.bpm < before.bpm)
        if slope and direction == slope and change.start - before.start < bar + 1e-6:
            yield change, False, ""
            continue
        goes_on = after is not None and after.start - change.start < bar and (after.bpm > change.bpm) == (direction > 0)
        if goes_on and direction:
            slope = direction
            yield change, False, "rit." if direction < 0 else "accel."
            continue
        same = abs(change.bpm - steady) < _SAME_TEMPO_BPM
        yield change, not same, "a tempo" if same and slope else ""
        steady, slope = change.bpm, 0


def metronome(bpm: float, metre: TimeSignature) -> tuple[str, int, int]:
    """Beat unit, its dots and how many of it go in a minute, rounded."""
    if is_compound(metre) and metre.denominator == 8:
        return "quarter", 1, round(bpm / 1.5)
    return "quarter", 0, round(bpm)


def dynamics_of(part: Part, score: Score) -> dict[int, str]:
    """Bar -> dynamic mark where a part's loudness changes from one section to the next."""
    bar = score.time_signature.beats_per_bar
    out: dict[int, str] = {}
    current = ""
    for section in score.sections:
        begin, end = section.start_bar * bar, (section.start_bar + section.bars) * bar
        notes = [note for note in part.notes if begin - 1e-6 <= note.start < end - 1e-6]
        if not notes:
            continue
        loud = sum(note.velocity for note in notes) / len(notes)
        mark = next(name for limit, name in _DYNAMICS if loud < limit)
        if mark != current:
            out[int((min(note.start for note in notes) + 1e-6) // bar)] = current = mark
    return out


def systems(score: Score, wish: int = 4) -> tuple[int, ...]:
    """The bars that begin a system: about `wish` bars each, none alone, every section on a new one."""
    starts: list[int] = []
    for section in score.sections:
        count = max(1, -(-section.bars // wish))
        if section.bars % wish == 1 and count > 1:
            count -= 1
        edges = [section.start_bar + round(i * section.bars / count) for i in range(count)]
        regular = [section.start_bar + i * wish for i in range(count)]
        last = section.start_bar + section.bars - regular[-1]
        starts += regular if 2 <= last <= wish + 1 or section.bars < wish else edges
    return tuple(starts)
