"""Lyrics that fit a tune: a line for each phrase, with as many syllables as the phrase has notes."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from domain.errors import InvalidValue
from domain.providers import Task
from domain.score import Note, Section, SectionKind
from music.material import Melody, choose, lay_notes
from providers.language.schema import Document, Reason, read_document, strict_schema
from providers.language.syllables import language_code, syllables_in
from providers.orders import TextOrder

BREATH: Final = 0.75
"""Beats of rest that end a phrase."""
LONGEST_PHRASE_BEATS: Final = 16.0
LONGEST_LINE: Final = 16
"""Notes that one line takes; a longer phrase is two lines."""
SUNG: Final = frozenset(
    {SectionKind.VERSE, SectionKind.PRECHORUS, SectionKind.CHORUS, SectionKind.BRIDGE, SectionKind.THEME}
)


class SungSection(BaseModel):
    """A section to write words for: `phrases` are the notes of each phrase, one syllable each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: SectionKind
    phrases: tuple[int, ...]


class LyricSection(Document):
    """The lines of a section, in the order of its phrases."""

    name: str
    lines: list[str]


class LyricsAnswer(Document):
    """The words of the whole song."""

    language: str
    sections: list[LyricSection]
    reasoning: list[Reason]


class Lyrics(BaseModel):
    """Lyrics that were accepted, section by section; `language` is a code such as "en"."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str
    sections: tuple[LyricSection, ...]
    reasoning: tuple[Reason, ...] = ()

    def text(self) -> str:
        """The lyrics with a tag such as [Verse 1] over each section."""
        return "\n\n".join("\n".join([f"[{_tag(s.name)}]", *s.lines]) for s in self.sections)


def _tag(name: str) -> str:
    return " ".join("Pre-Chorus" if word == "prechorus" else word.capitalize() for word in name.split())


def sung_sections(melody: Melody, sections: Sequence[Section]) -> tuple[SungSection, ...]:
    """The sections of a form that are sung, with the phrases of the tune in each.

    A chorus is listed once: its words come again. Sections without a tune are left out.
    """
    pieces = choose(melody.sections, sections)
    out: list[SungSection] = []
    for section in sections:
        if section.kind not in SUNG or (
            section.kind is SectionKind.CHORUS and any(s.kind is SectionKind.CHORUS for s in out)
        ):
            continue
        piece = pieces[section.name]
        notes = lay_notes((piece.notes, piece.repeat or piece.notes), piece, section.bars, melody.beats_per_bar)
        if phrases := phrases_of(notes):
            out.append(SungSection(name=section.name, kind=section.kind, phrases=phrases))
    return tuple(out)


def phrases_of(notes: Sequence[Note]) -> tuple[int, ...]:
    """How many notes each phrase of a tune has; a phrase ends at a rest, or where it gets too long for a breath."""
    ordered = sorted(notes, key=lambda note: note.start)
    phrases: list[list[Note]] = [[ordered[0]]] if ordered else []
    for before, note in pairwise(ordered):
        rests = note.start - before.start - before.duration >= BREATH - 1e-6
        long = note.start - phrases[-1][0].start >= LONGEST_PHRASE_BEATS - 1e-6
        if rests or long:
            phrases.append([])
        phrases[-1].append(note)
    counts = [part for phrase in phrases for part in _halved(len(phrase))]
    return tuple(_joined(counts))


def _halved(count: int) -> list[int]:
    parts = -(-count // LONGEST_LINE)
    return [count // parts + (i < count % parts) for i in range(parts)]


def _joined(counts: Sequence[int]) -> list[int]:
    """Phrases of one or two notes are no line by themselves: they go with their neighbour."""
    out: list[int] = []
    for count in counts:
        if out and min(count, out[-1]) <= 2 and out[-1] + count <= LONGEST_LINE:
            out[-1] += count
        else:
            out.append(count)
    return out


def order(
    about: str,
    sections: Sequence[SungSection],
    *,
    language: str = "en",
    title: str = "",
    style: str = "",
    user: str = "",
) -> TextOrder:
    """Ask for the words of `sections`. `about` is what the song is about, `style` its style line."""
    metre = "\n".join(f"{s.name} ({s.kind.value}): {', '.join(map(str, s.phrases))}" for s in sections)
    head = "\n".join(
        f"{name}: {value}" for name, value in (("Title", title), ("About", about), ("Style", style)) if value
    )
    return TextOrder(
        task=Task.LYRICS,
        instructions=(
            f"Write the lyrics of a song in the language {language_code(language)}. Each section has one line for "
            "each number, and each line that many syllables, since a melody is already written: one note is one "
            "syllable. One syllable more or less is allowed, more is not. Stressed syllables fall on strong beats; "
            "lines rhyme where the style does; the chorus holds the title or the central image. No section tags, no "
            "names of real artists, nothing that exists already. Use the names of the sections as they are given."
        ),
        text=f"{head}\n\nSyllables of each line:\n{metre}",
        schema_name="lyrics",
        json_schema=strict_schema(LyricsAnswer),
        max_tokens=6000,
        user=user,
    )


def read(document: Mapping[str, Any], sections: Sequence[SungSection], *, language: str = "en") -> Lyrics:
    """The lyrics in `document`.

    Raises `InvalidValue` for a section that is missing or not asked for, another number of lines, and a line that has
    too many or too few syllables for its phrase.
    """
    answer = read_document(LyricsAnswer, document)
    code = language_code(language)
    if language_code(answer.language) != code:
        raise InvalidValue(f"language: {code!r} was asked for, the lyrics are in {answer.language!r}")
    written = {section.name.strip().lower(): section for section in answer.sections}
    if unknown := [s.name for s in answer.sections if s.name.strip().lower() not in {t.name.lower() for t in sections}]:
        raise InvalidValue(f"sections: nobody asked for {unknown[0]!r}")
    out = []
    for asked in sections:
        if asked.name.lower() not in written:
            raise InvalidValue(f"sections: {asked.name!r} is missing")
        lines = [line.strip() for line in written[asked.name.lower()].lines]
        _check_lines(asked, lines, code)
        out.append(LyricSection(name=asked.name, lines=lines))
    return Lyrics(language=code, sections=tuple(out), reasoning=tuple(answer.reasoning))


def tolerance(notes: int) -> int:
    """Syllables that a line may have more or fewer than its phrase has notes: a slur or a split note helps."""
    return max(1, round(0.2 * notes))


def _check_lines(asked: SungSection, lines: Sequence[str], language: str) -> None:
    if len(lines) != len(asked.phrases):
        raise InvalidValue(f"{asked.name}: {len(asked.phrases)} lines were asked for, there are {len(lines)}")
    for number, (line, notes) in enumerate(zip(lines, asked.phrases, strict=True), 1):
        low, high = syllables_in(line, language)
        off = tolerance(notes)
        if low - off > notes or high + off < notes:
            count = str(low) if low == high else f"{low} to {high}"
            raise InvalidValue(
                f"{asked.name}, line {number} ({line[:60]!r}): {count} syllables for a phrase of {notes} notes"
            )
