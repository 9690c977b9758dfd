"""A melody by a language model: notes over the chords that are there, for the kinds of sections that are asked for."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from domain.providers import Task
from domain.score import SectionKind
from music.material import Harmony, Melody
from music.metre import parse_metre
from providers.language.notes import LinesAnswer, Rules, chord_lines, read_lines, replaced
from providers.language.schema import read_document, strict_schema
from providers.orders import TextOrder

RULES: Final = Rules(low=52, high=91, fitting=0.8)
"""E3 to G6; the arranger moves the tune to its instrument by octaves."""

USUAL: Final = (SectionKind.VERSE, SectionKind.PRECHORUS, SectionKind.CHORUS, SectionKind.BRIDGE)


def order(
    harmony: Harmony,
    *,
    genre: Sequence[str],
    tempo: float,
    time_signature: str,
    kinds: Sequence[SectionKind] = USUAL,
    wish: Mapping[str, Any] | None = None,
    about: str = "",
    user: str = "",
) -> TextOrder:
    """Ask for a tune over `harmony` for each of `kinds`; `wish` as `musical.melody` holds it, tempo in bpm."""
    wishes = "".join(f"\n{name}: {value}" for name, value in sorted((wish or {}).items()))
    return TextOrder(
        task=Task.MELODY,
        instructions=(
            "Write the melody of a song: for each kind of section exactly one line of notes, one at a time, that a "
            "singer could sing. pitch is a MIDI note (60 is middle C) from 60 to 81, start and length are in quarter "
            "notes from the start of the section, and nothing lies outside of its beats. Build it from a motif of one "
            "or two bars: repeat it, answer it, change its ending. Chord tones stand on strong beats, other notes of "
            "the scale between them; mostly steps, a leap turns back; a rest of at least one beat ends each phrase of "
            "two or four bars. The chorus lies higher than the verse and has the hook in its first two bars. "
            "reasoning says why, step by step."
        ),
        text=(
            f"Key: {harmony.key} {harmony.scale.replace('_', ' ')}\nGenre: {', '.join(genre)}\nTempo: {tempo:g} bpm\n"
            f"Time signature: {time_signature}, {harmony.beats_per_bar:g} quarter notes a bar{wishes}\n"
            f"Chords:\n{chord_lines(harmony, kinds)}" + (f"\nThe song: {about}" if about else "")
        ),
        schema_name="melody",
        json_schema=strict_schema(LinesAnswer),
        max_tokens=12_000,
        user=user,
    )


def read(
    document: Mapping[str, Any],
    harmony: Harmony,
    base: Melody,
    *,
    time_signature: str,
    kinds: Sequence[SectionKind] = USUAL,
) -> Melody:
    """The melody in `document` for `kinds`; all other sections keep the tune of `base`, the composer's own.

    Raises `InvalidValue` for a section that is missing, a note out of range or outside of its section, notes that
    overlap, too few of them, and a tune of which less than four fifths fits the key and its chords.
    """
    answer = read_document(LinesAnswer, document)
    lines = read_lines(answer, harmony, parse_metre(time_signature), kinds, RULES)
    chorus = lines.get(SectionKind.CHORUS)
    hook = tuple(n for n in chorus.notes if n.start < 2 * harmony.beats_per_bar) if chorus else base.hook
    return base.model_copy(update={"sections": replaced(base.sections, lines), "hook": hook or base.hook})
