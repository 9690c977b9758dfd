"""The score: one typed model of a song's notes, from form to performance.

Time is in beats (quarter notes) in a `Score` and in seconds in a `Performance`.
Pitches are MIDI note numbers (60 is middle C); percussion uses the General MIDI percussion map.
"""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Pitch = Annotated[int, Field(ge=0, le=127)]
Velocity = Annotated[int, Field(ge=1, le=127)]
Beats = Annotated[float, Field(ge=0)]
PositiveBeats = Annotated[float, Field(gt=0)]
Seconds = Annotated[float, Field(ge=0)]
Unit = Annotated[float, Field(ge=0, le=1)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Role(StrEnum):
    """What a part does in the arrangement; mixing and voicing go by it."""

    DRUMS = "drums"
    PERCUSSION = "percussion"
    BASS = "bass"
    KEYS = "keys"
    GUITAR = "guitar"
    PAD = "pad"
    STRINGS = "strings"
    BRASS = "brass"
    LEAD = "lead"
    COUNTER = "counter"
    ARPEGGIO = "arpeggio"
    EFFECTS = "effects"
    FULL_MIX = "full_mix"


class SectionKind(StrEnum):
    """The function of a section in the form."""

    INTRO = "intro"
    VERSE = "verse"
    PRECHORUS = "prechorus"
    CHORUS = "chorus"
    BRIDGE = "bridge"
    SOLO = "solo"
    BUILD = "build"
    DROP = "drop"
    BREAK = "break"
    THEME = "theme"
    OUTRO = "outro"


class Note(_Frozen):
    """A written note."""

    pitch: Pitch
    start: Beats
    duration: PositiveBeats
    velocity: Velocity = 80


class Chord(_Frozen):
    """A chord symbol that sounds from `start` for `duration` beats, such as Fm7 or Ab/C."""

    start: Beats
    duration: PositiveBeats
    symbol: Annotated[str, Field(min_length=1, max_length=24)]


class Section(_Frozen):
    """A named stretch of whole bars; `energy` 0–1 drives density, layers and loudness."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    kind: SectionKind
    start_bar: Annotated[int, Field(ge=0)]
    bars: Annotated[int, Field(ge=1)]
    energy: Unit = 0.5


class TempoChange(_Frozen):
    """From beat `start` on, `bpm` quarter notes a minute."""

    start: Beats
    bpm: Annotated[float, Field(ge=20, le=600)]


class KeyChange(_Frozen):
    """From beat `start` on, the music is in `key` and `scale`."""

    start: Beats
    key: str
    scale: str


class TimeSignature(_Frozen):
    """Metre; a bar lasts `numerator * 4 / denominator` beats."""

    numerator: Annotated[int, Field(ge=1, le=16)] = 4
    denominator: Annotated[int, Field(ge=2, le=16)] = 4

    @property
    def beats_per_bar(self) -> float:
        """Length of a bar in quarter notes."""
        return self.numerator * 4 / self.denominator

    @property
    def counted_beat(self) -> float:
        """What a tempo counts, in quarter notes: a dotted quarter in 6/8, 9/8 and 12/8, otherwise one quarter."""
        return 1.5 if self.denominator == 8 and self.numerator % 3 == 0 and self.numerator > 3 else 1.0


class Part(_Frozen):
    """One player: an instrument with its written notes.

    `instrument` is a key of the instrument tables (`rhodes`, `upright_bass`, `lofi_kit` …);
    `program` is the General MIDI program 0–127; a kit (`is_drum`) plays on channel 10.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    name: Annotated[str, Field(min_length=1, max_length=64)]
    role: Role
    instrument: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
    program: Annotated[int, Field(ge=0, le=127)] = 0
    is_drum: bool = False
    notes: tuple[Note, ...] = ()


class Score(_Frozen):
    """A whole song as written: form, harmony, tempo and parts. Times in beats."""

    title: str = "Untitled"
    key: str
    scale: str
    time_signature: TimeSignature = TimeSignature()
    tempo: tuple[TempoChange, ...]
    key_changes: tuple[KeyChange, ...] = ()
    sections: tuple[Section, ...]
    chords: tuple[Chord, ...] = ()
    parts: tuple[Part, ...]

    @property
    def bars(self) -> int:
        """Length in bars."""
        return max((s.start_bar + s.bars for s in self.sections), default=0)

    @property
    def beats(self) -> float:
        """Length in quarter notes."""
        return self.bars * self.time_signature.beats_per_bar

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.tempo or self.tempo[0].start != 0:
            raise ValueError("the tempo map starts at beat 0")
        bar = 0
        for section in self.sections:
            if section.start_bar != bar:
                raise ValueError(f"section {section.name!r} starts at bar {section.start_bar}, expected {bar}")
            bar += section.bars
        ids = [part.id for part in self.parts]
        if len(ids) != len(set(ids)):
            raise ValueError("part ids are unique")
        return self

    def key_at(self, beat: float) -> tuple[str, str]:
        """Key and scale at `beat`."""
        current = (self.key, self.scale)
        for change in self.key_changes:
            if change.start <= beat + 1e-6:
                current = (change.key, change.scale)
        return current

    def seconds(self, beat: float) -> float:
        """Time in seconds at which `beat` is reached under the tempo map."""
        total = 0.0
        for i, change in enumerate(self.tempo):
            end = self.tempo[i + 1].start if i + 1 < len(self.tempo) else float("inf")
            if beat <= change.start:
                break
            total += (min(beat, end) - change.start) * 60.0 / change.bpm
        return total


class TimedNote(_Frozen):
    """A performed note; times in seconds."""

    pitch: Pitch
    start: Seconds
    end: Seconds
    velocity: Velocity

    @model_validator(mode="after")
    def _has_length(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"a note ends after it starts, got {self.start} to {self.end}")
        return self


class ControlChange(_Frozen):
    """A MIDI controller value at a time in seconds."""

    time: Seconds
    number: Annotated[int, Field(ge=0, le=127)]
    value: Annotated[int, Field(ge=0, le=127)]


class PerformedPart(_Frozen):
    """One part as played, ready to be rendered to a dry stem. It alone decides how the stem sounds.

    `duration_s` is the length of the stem, tail included: equal for all parts of a song. `style` holds the
    production words that this part's instrument listens to (`dusty`, `vinyl`, `bright` …), sorted.
    """

    id: str
    name: str
    role: Role
    instrument: str
    program: Annotated[int, Field(ge=0, le=127)] = 0
    is_drum: bool = False
    tempo_bpm: Annotated[float, Field(ge=20, le=400)]
    duration_s: Annotated[float, Field(gt=0, le=960)]
    style: tuple[str, ...] = ()
    notes: tuple[TimedNote, ...] = ()
    controls: tuple[ControlChange, ...] = ()


class Performance(_Frozen):
    """A whole song as played. Times in seconds; `music_end_s` is where the last bar ends."""

    duration_s: Annotated[float, Field(gt=0, le=960)]
    music_end_s: Seconds
    tempo_bpm: Annotated[float, Field(ge=20, le=400)]
    parts: tuple[PerformedPart, ...]
