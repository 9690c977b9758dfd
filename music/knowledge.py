"""The tables of musical knowledge, checked once when the composer is loaded.

A row that names what no table has, or a number out of its range, is an `InvalidValue` that names the table, the row
and the field. Adding a genre goes through the same check (`genres.add`).
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from domain.errors import InvalidValue
from domain.score import Role, SectionKind
from domain.tonality import SCALES as CONTEXT_SCALES
from music.bass import FIGURES, STYLES
from music.form import FORMS, SECTION_WORDS
from music.genres import COLOURS, GENRES, Genre
from music.grooves import COMPING, FILLS, GROOVES, PERCUSSION, SOFT_FILLS, STROKES
from music.instruments import FAMILY_STYLE, INSTRUMENTS
from music.lexicon import (
    EMOJI,
    ERA_STYLE,
    GENRE_ENDINGS,
    GENRE_OF_INSTRUMENT,
    INSTRUMENT_WORDS,
    MOOD_WORDS,
    STYLE_WORDS,
    THEMES,
    TITLE_NOUNS,
)
from music.matching import lexicon, normal
from music.metre import parse_metre
from music.progressions import CADENCES, LANGUAGES, MODE_COLOURS
from music.theory import SCALES, is_numeral
from music.tongues import TONGUES

_STYLES_HEARD = frozenset().union(*FAMILY_STYLE.values())
_ROLES = frozenset(role.value for role in Role) - {Role.FULL_MIX.value}

# Field of a genre -> (what it names there, what may be named, the table).
_NAMED: dict[str, tuple[Callable[[Genre], Iterable[str]], frozenset[str], str]] = {
    "modes": (lambda g: g.modes, frozenset(SCALES), "scales"),
    "band": (lambda g: g.band, _ROLES, "chairs"),
    "language": (lambda g: [g.language], frozenset(LANGUAGES), "harmonic languages"),
    "colour": (lambda g: [g.colour], frozenset(COLOURS), "colours"),
    "groove": (lambda g: [g.groove], frozenset(GROOVES), "grooves"),
    "bass": (lambda g: [g.bass], frozenset(STYLES), "bass styles"),
    "comping": (lambda g: [g.comping], frozenset(COMPING), "comping patterns"),
    "form": (lambda g: [g.form], frozenset(FORMS), "forms"),
    "style": (lambda g: g.style, _STYLES_HEARD, "production words"),
    "spectrum": (lambda g: [g.spectrum], frozenset(TITLE_NOUNS), "spectra"),
}
# Field of a genre -> lowest and highest value.
_RANGES: dict[str, tuple[float, float]] = {
    "duration": (20, 900), "valence": (0, 1), "arousal": (0, 1), "swing": (0.5, 0.75), "looseness": (0, 40),
    "density": (0, 1), "syncopation": (0, 1), "lean_ms": (-30, 30),
}  # fmt: skip


def _refuse(table: str, row: str, field: str, trouble: str) -> InvalidValue:
    return InvalidValue(f"{table} {row!r}, {field}: {trouble}")


def check_genre(row: Genre, others: Mapping[str, Genre]) -> None:
    """Check a genre against all tables and against the `others` it would stand beside.

    Raises `InvalidValue` naming the row and the field.
    """
    if row.id in others or not row.id.replace("_", "").isalnum() or row.id != row.id.lower():
        why = "there is one already" if row.id in others else "use small letters, digits and underscores"
        raise _refuse("genre", row.id, "id", why)
    for field, (names, allowed, table) in _NAMED.items():
        for name in names(row):
            if name not in allowed:
                raise _refuse("genre", row.id, field, f"there is no {name!r} among the {table}; use {_some(allowed)}")
    for field, (low, high) in _RANGES.items():
        value = getattr(row, field)
        if not low <= value <= high:
            raise _refuse("genre", row.id, field, f"{value!r} is out of range; use {low:g} to {high:g}")
    _check_numbers(row)
    _check_band(row)
    _check_words(row, others)


def _check_numbers(row: Genre) -> None:
    low, high = row.tempo
    if not 20 <= low <= high <= 400:
        raise _refuse("genre", row.id, "tempo", f"{row.tempo} is no range of 20 to 400 bpm, lowest first")
    if not row.modes or min(row.modes.values()) <= 0:
        raise _refuse("genre", row.id, "modes", "at least one mode, each with a weight above 0")
    if row.swing_unit not in (0.25, 0.5):
        raise _refuse("genre", row.id, "swing_unit", f"{row.swing_unit!r}; eighths (0.5) or sixteenths (0.25) swing")
    try:
        parse_metre(row.metre)
    except InvalidValue as error:
        raise _refuse("genre", row.id, "metre", error.message) from None


def _check_band(row: Genre) -> None:
    if not row.band:
        raise _refuse("genre", row.id, "band", "a band has at least one chair")
    for chair, ids in row.band.items():
        if not ids:
            raise _refuse("genre", row.id, "band", f"the chair {chair!r} is empty")
        for id_ in ids:
            if id_ not in INSTRUMENTS:
                raise _refuse("genre", row.id, "band", f"there is no instrument {id_!r}; see the table of instruments")
            if Role(chair) not in INSTRUMENTS[id_].roles:
                raise _refuse("genre", row.id, "band", f"{id_!r} cannot sit in the chair {chair!r}")


def _check_words(row: Genre, others: Mapping[str, Genre]) -> None:
    own = {normal(phrase) for phrase in row.phrases}
    for other in others.values():
        shared = own & {normal(phrase) for phrase in other.phrases}
        if shared and other.id != row.id:
            raise _refuse("genre", row.id, "words", f"{sorted(shared)[0]!r} already means {other.name} ({other.id!r})")


def _some(allowed: Iterable[str]) -> str:
    names = sorted(allowed)
    return ", ".join(names[:40]) + (", …" if len(names) > 40 else "")


def check_tables() -> None:
    """Check every table of musical knowledge. Raises `InvalidValue` for the first row that is wrong."""
    _check_genres()
    for table, check in _CHECKS.items():
        for row, field, trouble in check():
            raise _refuse(table, row, field, trouble)


def _check_genres() -> None:
    owner: dict[str, str] = {}
    for row in GENRES.values():
        check_genre(row, {})
        for phrase in {normal(phrase) for phrase in row.phrases}:
            if phrase in owner:
                raise _refuse("genre", row.id, "words", f"{phrase!r} already means {owner[phrase]!r}")
            owner[phrase] = row.id


Trouble = Iterable[tuple[str, str, str]]


def _scales() -> Trouble:
    if set(SCALES) != set(CONTEXT_SCALES):
        yield "scales", "names", f"the context and the theory differ in {sorted(set(SCALES) ^ set(CONTEXT_SCALES))}"


def _progressions() -> Trouble:
    for language, modes in LANGUAGES.items():
        if set(modes) != {"major", "minor"}:
            yield language, "modes", "a language has progressions for major and for minor"
        for mode, slots in modes.items():
            if set(slots) != {"verse", "chorus", "bridge"}:
                yield language, mode, "a mode has progressions for verse, chorus and bridge"
            for slot, choices in slots.items():
                yield from _numerals(language, f"{mode} {slot}", choices)
    for mode, styles in CADENCES.items():
        for style, endings in styles.items():
            yield from _numerals(style, f"{mode} cadence", [c for ending in endings for c in ending])
    for mode in MODE_COLOURS:
        if mode not in SCALES:
            yield mode, "mode", "there is no such scale"


def _numerals(row: str, field: str, choices: Iterable[str]) -> Trouble:
    for line in choices:
        for numeral in line.replace("|", " ").split():
            if not is_numeral(numeral):
                yield row, field, f"{numeral!r} in {line!r} is no Roman numeral that is known"


def _squares() -> Trouble:
    strokes = {*STROKES, "."}
    for name, rows in [*GROOVES.items(), *PERCUSSION.items()]:
        for drum, low, high, line in rows:
            if len(line) not in (16, 32) or not set(line) <= strokes:
                yield name, str(drum), f"{line!r} is not 16 or 32 squares of {' '.join(sorted(strokes))}"
            if not (27 <= drum <= 87 and 0 <= low <= high <= 3):
                yield name, str(drum), "drums are General MIDI percussion notes, levels 0 to 3, lowest first"
    for beats, lines in [*FILLS, *SOFT_FILLS]:
        for drum, line in lines:
            if len(line) != 4 * beats or not set(line) <= strokes:
                yield "fill", str(drum), f"{line!r} is not {4 * beats} squares"


def _comping() -> Trouble:
    for name, patterns in COMPING.items():
        for low, high, line in patterns:
            if not 0 <= low <= high <= 3 or len(line) not in (12, 16, 32) or not set(line) <= set("Xxog-.12345678"):
                yield name, line, "a pattern is 12, 16 or 32 squares of X x o g - . or chord notes, for levels 0 to 3"


def _bass() -> Trouble:
    for name, figures in FIGURES.items():
        for beat, length, degree in (note for figure in figures for note in figure):
            if not (0 <= beat < 4 and 0 < length <= 4 and degree in (1, 3, 5, 7, 8)):
                yield name, str((beat, length, degree)), "a note lies within the bar, on degree 1, 3, 5, 7 or 8"


def _instruments() -> Trouble:
    for id_, row in INSTRUMENTS.items():
        if not (0 <= row.low < row.high <= 127 and 0 <= row.program <= 127 and row.roles):
            yield id_, "range", "MIDI notes and programs lie from 0 to 127, the lowest first, and it has a role"
        if row.family not in FAMILY_STYLE:
            yield id_, "family", f"there is no family {row.family!r}"


def _words() -> Trouble:
    tables: tuple[tuple[str, Iterable[str], Iterable[str]], ...] = (
        ("instrument words", INSTRUMENT_WORDS, INSTRUMENTS),
        ("genre of an instrument", GENRE_OF_INSTRUMENT, INSTRUMENTS),
        ("genre of an instrument", GENRE_OF_INSTRUMENT.values(), GENRES),
        ("genre of an ending", GENRE_ENDINGS.values(), GENRES),
        ("theme's genre", (genre for genre, _ in THEMES.values()), GENRES),
        ("theme's mood", (mood for _, mood in THEMES.values()), MOOD_WORDS),
        ("era", (word for words in ERA_STYLE.values() for word in words), _STYLES_HEARD),
        ("style word", STYLE_WORDS, _STYLES_HEARD),
        ("emoji", (normal(words) for words in EMOJI.values()), lexicon()),
        ("section words", (kind.value for kind in SECTION_WORDS.values()), frozenset(k.value for k in SectionKind)),
    )
    for table, names, known in tables:
        for name in names:
            if name not in known:
                yield table, name, "there is no such row"
    for word, point in MOOD_WORDS.items():
        if not all(0 <= value <= 1 for value in point):
            yield "mood", word, f"valence and arousal lie from 0 to 1, not {point}"


def _tongues() -> Trouble:
    known = lexicon()
    for tongue in TONGUES:
        for subject in ("moods", "instruments", "sound", "uses"):
            for row in tongue.tables[subject].strip().splitlines():
                english = row.rpartition(":")[2].strip()
                if normal(english) not in known:
                    yield tongue.name, subject, f"{english!r} is no word of the lexicon"
        for name in [*tongue.mode_names.values()]:
            if name.replace(" ", "_") not in SCALES:
                yield tongue.name, "modes", f"there is no scale {name!r}"


_CHECKS: Mapping[str, Callable[[], Any]] = {
    "scale table": _scales,
    "progressions": _progressions,
    "groove": _squares,
    "comping": _comping,
    "bass figure": _bass,
    "instrument": _instruments,
    "words": _words,
    "language": _tongues,
}
