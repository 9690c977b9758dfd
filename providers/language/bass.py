"""A bass line by a language model: roots where chords change, for the kinds of sections that are asked for."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from domain.errors import InvalidValue
from domain.providers import Task
from domain.score import SectionKind
from music.bass import HIGH, LOW
from music.material import BassLine, Harmony, SectionHarmony, SectionLine
from music.metre import parse_metre
from music.theory import parse_chord
from providers.language.notes import SLACK, LinesAnswer, Rules, chord_lines, read_lines, replaced
from providers.language.schema import read_document, strict_schema
from providers.orders import TextOrder

RULES: Final = Rules(low=LOW, high=HIGH + 5, fitting=0.75)
"""The composer's own range and the octaves above its roots; the arranger moves the line into the instrument's."""
ROOTED: Final = 0.6
"""The share of chords under which the note that is heard first must be a tone of the chord."""
USUAL: Final = (
    SectionKind.INTRO, SectionKind.VERSE, SectionKind.PRECHORUS, SectionKind.CHORUS, SectionKind.BRIDGE,
    SectionKind.OUTRO,
)  # fmt: skip


def order(
    harmony: Harmony,
    *,
    genre: Sequence[str],
    tempo: float,
    time_signature: str,
    groove: str = "",
    kinds: Sequence[SectionKind] = USUAL,
    wish: Mapping[str, Any] | None = None,
    user: str = "",
) -> TextOrder:
    """Ask for a bass line under `harmony` for each of `kinds`; `wish` as `musical.bass_line` holds it, tempo in bpm."""
    wishes = "".join(f"\n{name}: {value}" for name, value in sorted((wish or {}).items()))
    return TextOrder(
        task=Task.BASS,
        instructions=(
            "Write the bass line of a song: for each kind of section exactly one line of notes, one at a time. pitch "
            f"is a MIDI note from {RULES.low} to {RULES.high}, start and length are in quarter notes from the start of "
            "the section, and nothing lies outside of its beats. Where a chord begins its root is played, or the bass "
            "note after the stroke; between them fifths, octaves and notes that lead to the next root, as the genre "
            "does it. Lock with the kick drum. reasoning says why, step by step."
        ),
        text=(
            f"Key: {harmony.key} {harmony.scale.replace('_', ' ')}\nGenre: {', '.join(genre)}\nTempo: {tempo:g} bpm\n"
            f"Time signature: {time_signature}, {harmony.beats_per_bar:g} quarter notes a bar\n"
            + (f"Groove: {groove}\n" if groove else "")
            + f"Chords:\n{chord_lines(harmony, kinds)}{wishes}"
        ),
        schema_name="bass",
        json_schema=strict_schema(LinesAnswer),
        max_tokens=12_000,
        user=user,
    )


def read(
    document: Mapping[str, Any],
    harmony: Harmony,
    base: BassLine,
    *,
    time_signature: str,
    kinds: Sequence[SectionKind] = USUAL,
) -> BassLine:
    """The bass line in `document` for `kinds`; all other sections keep the line of `base`, the composer's own.

    Raises `InvalidValue` for a section that is missing, a note out of range or outside of its section, notes that
    overlap, too few of them, and a line that does not carry its chords.
    """
    answer = read_document(LinesAnswer, document)
    lines = read_lines(answer, harmony, parse_metre(time_signature), kinds, RULES)
    for kind, line in lines.items():
        _check_roots(line, harmony.of(kind))
    return base.model_copy(update={"sections": replaced(base.sections, lines)})


def _check_roots(line: SectionLine, chords: SectionHarmony) -> None:
    """Under most chords the first note that is heard belongs to the chord."""
    carried, heard = 0, 0
    for chord in chords.chords:
        first = next(
            (
                n
                for n in line.notes
                if n.start + n.duration > chord.start + SLACK and n.start < chord.start + chord.duration - SLACK
            ),
            None,
        )
        if first is not None:
            heard += 1
            carried += first.pitch % 12 in parse_chord(chord.symbol).pitch_classes
    if carried < ROOTED * max(1, heard):
        raise InvalidValue(
            f"{line.kind.value}: the bass carries {carried} of {heard} chords; it begins each with one of its tones"
        )
