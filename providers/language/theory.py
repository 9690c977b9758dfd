"""Chords by a language model: bars of chord symbols for each kind of section, for `musical.chord_progression`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from domain.context import SongContext
from domain.errors import InvalidValue
from domain.providers import Task
from domain.score import SectionKind
from music.theory import QUALITIES, chord_scale, parse_chord, scale_pcs
from providers.language.schema import Document, Reason, read_document, strict_schema
from providers.orders import TextOrder

LONGEST_BARS: Final = 32
MOST_CHORDS: Final = 4
"""In a bar."""
AT_HOME: Final = 0.6
"""The share of chords whose root must lie in the key's scale, for the key to be heard."""

USUAL: Final = (
    SectionKind.INTRO, SectionKind.VERSE, SectionKind.PRECHORUS, SectionKind.CHORUS, SectionKind.BRIDGE,
    SectionKind.OUTRO,
)  # fmt: skip


class SectionChords(Document):
    """The chords of one kind of section: a list of bars, each a list of chord symbols."""

    kind: SectionKind
    bars: list[list[str]]


class TheoryAnswer(Document):
    """Chords for each kind of section."""

    sections: list[SectionChords]
    reasoning: list[Reason]


class Chords(BaseModel):
    """Chords that were accepted: kind of section -> bars, the chords of a bar parted by spaces."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    progression: dict[str, list[str]]
    reasoning: tuple[Reason, ...] = ()

    def patch(self) -> dict[str, Any]:
        """The context patch."""
        return {"musical": {"chord_progression": self.progression}}


def order(
    *,
    key: str,
    scale: str,
    genre: Sequence[str],
    mood: Mapping[str, float],
    time_signature: str,
    kinds: Iterable[SectionKind] = USUAL,
    about: str = "",
    user: str = "",
) -> TextOrder:
    """Ask for chords of `kinds`, in a key, for a mood of valence and arousal from 0 to 1."""
    names = ", ".join(kind.value for kind in kinds)
    return TextOrder(
        task=Task.MUSIC_THEORY,
        instructions=(
            "Write the chord progressions of a song: for each kind of section that is asked for exactly one entry of "
            "4, 8, 12 or 16 bars, with one to four chord symbols in a bar. A chord symbol is a root A to G with b or "
            f"#, a quality of: {' '.join(q for q in QUALITIES if q)} (or none for a major triad), and a bass after a "
            "stroke where it is not the root, such as F, Fm7, Bb7sus4 or Ab/C. No Roman numerals. Stay near the key, "
            "so that it is heard; colour belongs where the genre has it. Chorus and verse differ; the chorus and the "
            "outro close on the tonic. reasoning says why, step by step."
        ),
        text=(
            f"Key: {key} {scale.replace('_', ' ')}\nGenre: {', '.join(genre)}\nTime signature: {time_signature}\n"
            f"Mood: valence {mood.get('valence', 0.5):.2f}, arousal {mood.get('arousal', 0.5):.2f} (0 to 1)\n"
            f"Sections: {names}" + (f"\nThe song: {about}" if about else "")
        ),
        schema_name="chords",
        json_schema=strict_schema(TheoryAnswer),
        max_tokens=4000,
        user=user,
    )


def read(
    document: Mapping[str, Any],
    *,
    key: str,
    scale: str,
    kinds: Iterable[SectionKind] = USUAL,
    given: Mapping[str, list[str]] | None = None,
) -> Chords:
    """The chords in `document`; those that are `given` by the person stand, whatever the model says about them.

    Raises `InvalidValue` for a kind that is missing or there twice, a number of bars that cannot be, a symbol that is
    no chord, and for chords that do not stand in the key.
    """
    answer = read_document(TheoryAnswer, document)
    progression: dict[str, list[str]] = {}
    for section in answer.sections:
        name = section.kind.value
        if name in progression:
            raise InvalidValue(f"sections: there are two entries for the {name}")
        progression[name] = _bars(name, section.bars)
    if missing := [kind.value for kind in kinds if kind.value not in progression]:
        raise InvalidValue(f"sections: the chords of the {missing[0]} are missing")
    _check_key(progression, key, scale)
    if given and "all" in given:
        progression = {}
    whole = SongContext().update({"musical.chord_progression": {**progression, **(given or {})}})
    return Chords(progression=whole.musical.chord_progression, reasoning=tuple(answer.reasoning))


def _bars(name: str, bars: Sequence[Sequence[str]]) -> list[str]:
    if not 4 <= len(bars) <= LONGEST_BARS or len(bars) % 2:
        raise InvalidValue(
            f"{name}: {len(bars)} bars of chords cannot be used; there are 4 to {LONGEST_BARS}, an even number"
        )
    for number, bar in enumerate(bars, 1):
        if not 1 <= len(bar) <= MOST_CHORDS:
            raise InvalidValue(f"{name}, bar {number}: {len(bar)} chords; a bar has 1 to {MOST_CHORDS}")
        for symbol in bar:
            try:
                parse_chord(symbol)
            except InvalidValue as error:
                raise InvalidValue(f"{name}, bar {number}: {error.message}") from None
    return [" ".join(symbol.strip() for symbol in bar) for bar in bars]


def _check_key(progression: Mapping[str, Sequence[str]], key: str, scale: str) -> None:
    """The tonic is there, and most roots lie in the scale."""
    chords = [parse_chord(symbol) for bars in progression.values() for bar in bars for symbol in bar.split()]
    home = parse_chord(key)
    pcs = chord_scale(home, key, scale) if len(scale_pcs(key, scale)) < 7 else frozenset(scale_pcs(key, scale))
    inside = sum(chord.root in pcs for chord in chords) / max(1, len(chords))
    if inside < AT_HOME or all(chord.root != home.root for chord in chords):
        raise InvalidValue(
            f"the chords are not in {key} {scale}: {inside:.0%} of their roots lie in it"
            + ("" if any(chord.root == home.root for chord in chords) else ", and the tonic is never heard")
        )
