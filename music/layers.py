"""Layers: who plays in which section, by energy, so that the song builds and every player is heard."""

from collections.abc import Mapping, Sequence

from domain.score import Role, Section, SectionKind
from music.casting import CHORDAL, Chair
from music.genres import Genre

K = SectionKind

# Role -> lowest energy at which it joins, sections it always joins, sections it stays out of.
_ENTRY: dict[Role, tuple[float, frozenset[SectionKind], frozenset[SectionKind]]] = {
    Role.DRUMS: (0.3, frozenset({K.VERSE, K.CHORUS, K.DROP, K.THEME, K.SOLO}), frozenset()),
    Role.PERCUSSION: (0.45, frozenset({K.CHORUS, K.DROP}), frozenset()),
    Role.BASS: (0.36, frozenset({K.VERSE, K.CHORUS, K.DROP, K.THEME, K.SOLO, K.OUTRO}), frozenset()),
    Role.KEYS: (0.0, frozenset(), frozenset()),
    Role.GUITAR: (0.28, frozenset({K.CHORUS}), frozenset()),
    Role.PAD: (0.55, frozenset({K.INTRO, K.BREAK, K.BRIDGE, K.CHORUS, K.BUILD, K.OUTRO}), frozenset()),
    Role.STRINGS: (0.58, frozenset({K.CHORUS, K.BRIDGE, K.DROP}), frozenset()),
    Role.BRASS: (0.66, frozenset({K.CHORUS, K.DROP}), frozenset({K.INTRO, K.BREAK})),
    Role.LEAD: (0.42, frozenset({K.VERSE, K.CHORUS, K.THEME, K.SOLO, K.DROP, K.BRIDGE, K.OUTRO}), frozenset({K.BUILD})),
    Role.COUNTER: (0.62, frozenset({K.CHORUS, K.SOLO}), frozenset({K.INTRO})),
    Role.ARPEGGIO: (0.6, frozenset({K.CHORUS, K.DROP, K.BUILD}), frozenset()),
    Role.EFFECTS: (0.0, frozenset(), frozenset()),
}
_ORCHESTRAL = {"arc", "rondo"}
LEVELS = (0.42, 0.68, 0.9)
"""Energies at which the levels 1, 2 and 3 of activity begin."""


def level_of(energy: float) -> int:
    """Level of activity 0–3 of a section by its energy."""
    return sum(energy >= threshold for threshold in LEVELS)


def active_chairs(sections: Sequence[Section], chairs: Sequence[Chair], style: Genre) -> dict[str, frozenset[str]]:
    """For each section's name the ids of the chairs that play.

    Every chair plays somewhere, every section has a chordal player when the band has one, and the first verse
    keeps something back for later.
    """
    playing: dict[str, set[str]] = {}
    chordal = [c for c in chairs if c.role in CHORDAL]
    for section in sections:
        inside = {c.id for c in chairs if _joins(c, section, style)}
        if chordal and not inside & {c.id for c in chordal}:
            inside.add(chordal[0].id)
        if not inside - {c.id for c in chairs if c.role is Role.EFFECTS}:
            inside |= {c.id for c in chairs}
        playing[section.name] = inside
    _hold_back(sections, chordal, playing)
    for chair in chairs:
        if not any(chair.id in inside for inside in playing.values()):
            peak = max(sections, key=lambda s: s.energy)
            playing[peak.name].add(chair.id)
    return {name: frozenset(inside) for name, inside in playing.items()}


def _joins(chair: Chair, section: Section, style: Genre) -> bool:
    entry, always, never = _ENTRY[chair.role]
    if section.kind in never:
        return False
    if style.form in _ORCHESTRAL and chair.role in (Role.STRINGS, Role.ARPEGGIO, Role.COUNTER, Role.PAD):
        entry -= 0.3
    if chair.id.endswith(("_2", "_3", "_4")):
        entry += 0.12
        always = always & {K.CHORUS, K.DROP, K.SOLO}
    return section.kind in always or section.energy >= entry


_AT_ONCE = frozenset({Role.DRUMS, Role.BASS, Role.LEAD, Role.EFFECTS})


def late_entries(
    sections: Sequence[Section], chairs: Sequence[Chair], playing: Mapping[str, frozenset[str]]
) -> dict[tuple[str, str], int]:
    """(section, chair) -> bars that the chair waits: at most two layers join at once, but in a chorus or drop.

    The opening bars belong to one player where there are several.
    """
    waits: dict[tuple[str, str], int] = {}
    before: frozenset[str] = frozenset()
    for i, section in enumerate(sections):
        inside = playing[section.name]
        fresh = [c for c in chairs if c.id in inside - before and c.role not in _AT_ONCE]
        fresh.sort(key=lambda chair: chair.role not in CHORDAL)
        if section.bars >= 4 and section.kind not in {K.CHORUS, K.DROP}:
            allowed = 1 if i == 0 else 2
            for late in fresh[allowed:]:
                waits[section.name, late.id] = section.bars // 2
        before = inside
    return waits


def _hold_back(sections: Sequence[Section], chordal: Sequence[Chair], playing: dict[str, set[str]]) -> None:
    """The first verse or theme does without the last of three or more chordal players."""
    first = next((s for s in sections if s.kind in {K.VERSE, K.THEME}), None)
    if first is None or len(sections) < 3:
        return
    inside = [c for c in chordal if c.id in playing[first.name]]
    if len(inside) >= 3:
        playing[first.name].discard(inside[-1].id)
