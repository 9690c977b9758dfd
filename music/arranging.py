"""Arranging: material, form and band become a score.

Sections take their layers, level of activity and loudness from their energy; every chordal player keeps to a
register of its own; sections are joined by fills, risers and drop-outs; the last bar holds the final chord.
"""

from collections.abc import Mapping, Sequence

from domain.errors import InvalidValue
from domain.score import (
    Note,
    Part,
    Role,
    Score,
    Section,
    SectionKind,
)
from music import textures
from music.casting import CHORDAL, Chair, cast
from music.genres import main_genre
from music.instruments import INSTRUMENTS
from music.joins import drum_notes, effect_notes
from music.layers import active_chairs, level_of
from music.material import BassLine, Form, Harmony, Melody, Rhythm, SectionLine, lay_notes
from music.metre import parse_metre
from music.sectionnames import resolve
from music.sheet import Song, lay_chords
from music.textures import Voiced
from music.theory import parse_chord
from music.voicing import lead_voices

K = SectionKind
TRANSITIONS = ("fill", "riser", "drop", "crash", "none")

# Register (low, high) and number of voices of each chordal role; they leave room for one another.
_REGISTERS: dict[Role, tuple[int, int, int]] = {
    Role.KEYS: (53, 73, 4),
    Role.GUITAR: (50, 69, 3),
    Role.PAD: (48, 66, 3),
    Role.STRINGS: (60, 84, 3),
    Role.BRASS: (57, 77, 3),
    Role.ARPEGGIO: (64, 90, 4),
}
_GUITAR_COMPING = {"strum", "boom_chick", "scratch", "skank", "bossa", "chug", "drive"}
_MONOPHONIC = {"woodwind", "brass", "saxophone", "reeds", "strings", "chip", "plucked"}


def arrange(
    form: Form,
    harmony: Harmony,
    rhythm: Rhythm,
    melody: Melody,
    bass: BassLine,
    *,
    title: str,
    key: str,
    scale: str,
    genre: list[str],
    tempo: float,
    time_signature: str,
    instruments: list[str],
    constraints: Mapping[str, object],
    section_overrides: Mapping[str, Mapping[str, object]],
    transitions: Mapping[str, str],
    dynamics: Mapping[str, float],
    seed: int,
) -> Score:
    """The score of the whole song.

    A section is named by its own name or by its kind ("chorus" is every chorus). `section_overrides` maps it to
    `energy` (0–1) and `mute` (list of part ids); `transitions` says how it is entered: fill, riser, drop, crash
    or none; `dynamics` (-1 to 1) makes it softer or louder. Raises `InvalidValue` for unknown names and values.
    """
    metre = parse_metre(time_signature)
    style = main_genre(genre)
    names, kinds = [s.name for s in form.sections], [s.kind for s in form.sections]
    section_overrides = resolve(section_overrides, names, kinds)
    transitions, dynamics = resolve(transitions, names, kinds), resolve(dynamics, names, kinds)
    _check(transitions, dynamics)
    sections = _overridden(form.sections, section_overrides)
    chairs = cast(instruments, style, {**constraints, "no_drums": not rhythm.drums or constraints.get("no_drums")})
    song = Song(
        form=form, sections=sections, harmony=harmony, rhythm=rhythm, melody=melody, bass=bass, style=style,
        metre=metre, chairs=_with_effects(chairs, transitions), chords=lay_chords(sections, harmony, metre),
        key=key, scale=scale, bpm=tempo, dynamics=dynamics, transitions=transitions, seed=seed,
    )  # fmt: skip
    playing = active_chairs(song.sections, song.chairs, style)
    muted = {name: _mutes(entry) for name, entry in section_overrides.items()}
    notes: dict[str, list[Note]] = {}
    lead = _lead_notes(song, playing)
    for chair in song.chairs:
        on = [s for s in sections if chair.id in playing[s.name]]
        quiet = [s for s in sections if chair.id in muted.get(s.name, ())]
        written = _play(song, chair, on, lead)
        notes[chair.id] = _silenced(song, written, quiet)
    _mend_gaps(song, notes, tempo, muted)
    parts = tuple(_part(chair, notes[chair.id]) for chair in song.chairs if notes[chair.id])
    return Score(
        title=title, key=key, scale=scale, time_signature=metre, tempo=form.tempo,
        sections=sections, chords=song.chords, parts=parts,
    )  # fmt: skip


def _overridden(sections: tuple[Section, ...], overrides: Mapping[str, Mapping[str, object]]) -> tuple[Section, ...]:
    out = []
    for section in sections:
        energy = overrides.get(section.name, {}).get("energy")
        if energy is None:
            out.append(section)
            continue
        if isinstance(energy, bool) or not isinstance(energy, int | float) or not 0 <= energy <= 1:
            raise InvalidValue(f"the energy of {section.name!r} is {energy!r}; use a number from 0 to 1")
        out.append(section.model_copy(update={"energy": float(energy)}))
    return tuple(out)


def _check(transitions: Mapping[str, str], dynamics: Mapping[str, float]) -> None:
    for name, kind in transitions.items():
        if kind not in TRANSITIONS:
            known = ", ".join(TRANSITIONS)
            raise InvalidValue(f"the transition {kind!r} into {name!r} is unknown; use one of: {known}")
    for name, value in dynamics.items():
        if isinstance(value, bool) or not -1 <= value <= 1:
            raise InvalidValue(f"the dynamics of {name!r} are {value!r}; use a number from -1 to 1")


def _mutes(entry: Mapping[str, object]) -> tuple[str, ...]:
    muted = entry.get("mute") or ()
    if not isinstance(muted, list | tuple):
        raise InvalidValue(f"mute is {muted!r}; use a list of part ids")
    return tuple(str(part) for part in muted)


def _with_effects(chairs: tuple[Chair, ...], transitions: Mapping[str, str]) -> tuple[Chair, ...]:
    if "riser" not in transitions.values() or any(c.instrument.id == "riser" for c in chairs):
        return chairs
    riser = INSTRUMENTS["riser"]
    taken = sum(c.role is Role.EFFECTS for c in chairs)
    id_ = "effects" if not taken else f"effects_{taken + 1}"
    return (*chairs, Chair(id=id_, name=riser.name, role=Role.EFFECTS, instrument=riser))


def _part(chair: Chair, notes: list[Note]) -> Part:
    player = chair.instrument
    ordered = sorted(notes, key=lambda n: (n.start, n.pitch, n.duration))
    return Part(
        id=chair.id, name=chair.name, role=chair.role, instrument=player.id, program=player.program,
        is_drum=player.is_drum, notes=tuple(ordered),
    )  # fmt: skip


def _play(song: Song, chair: Chair, on: Sequence[Section], lead: list[Note]) -> list[Note]:
    """All notes of one chair in the sections where it plays."""
    if chair.role in (Role.DRUMS, Role.PERCUSSION):
        return drum_notes(song, chair, on)
    if chair.role is Role.BASS:
        return _bass_notes(song, chair, on)
    if chair.role is Role.LEAD:
        return _fit_range([n for n in lead if _inside(song, n, on)], chair)
    if chair.role is Role.COUNTER:
        return _counter_notes(song, chair, on, lead)
    if chair.role is Role.EFFECTS:
        return effect_notes(song, chair)
    return _chordal_notes(song, chair, on)


def _inside(song: Song, note: Note, sections: Sequence[Section]) -> bool:
    return any(song.start(s) - 1e-6 <= note.start < song.start(s) + s.bars * song.bar - 1e-6 for s in sections)


def _silenced(song: Song, notes: list[Note], quiet: Sequence[Section]) -> list[Note]:
    return [n for n in notes if not _inside(song, n, quiet)] if quiet else notes


def _line_in(song: Song, line: SectionLine, section: Section) -> list[Note]:
    """A tune or bass line laid over a section; its other version comes every second time."""
    versions = [line.notes, line.repeat or line.notes]
    if song.occurrence(section) % 2:
        versions.reverse()
    laid = lay_notes(versions, line.bars, section.bars, song.bar)
    start = song.start(section)
    return [n.model_copy(update={"start": n.start + start}) for n in laid]


def _louder(note: Note, scale: float) -> Note:
    return note.model_copy(update={"velocity": int(min(122, max(15, round(note.velocity * scale))))})


def _lead_notes(song: Song, playing: Mapping[str, frozenset[str]]) -> list[Note]:
    """The tune of the whole song, ending on the tonic in the last bar."""
    notes: list[Note] = []
    lead_ids = {c.id for c in song.chairs if c.role is Role.LEAD}
    for section in song.sections:
        if not lead_ids & playing[section.name]:
            continue
        scale = song.loudness(section)
        notes += [_louder(n, scale) for n in _line_in(song, song.melody.of(section.kind), section)]
    last_bar = song.end - song.bar
    if not lead_ids & playing[song.sections[-1].name]:
        return notes
    notes = [n for n in notes if n.start < last_bar - 1e-6]
    notes = [n.model_copy(update={"duration": min(n.duration, last_bar - n.start)}) for n in notes]
    before = notes[-1].pitch if notes else 67
    tonic = parse_chord(song.harmony.final).root
    pitch = min((p for p in range(48, 90) if p % 12 == tonic), key=lambda p: (abs(p - before), p))
    return [*notes, Note(pitch=pitch, start=last_bar, duration=song.bar * 0.95, velocity=82)]


def _fit_range(notes: list[Note], chair: Chair) -> list[Note]:
    """Moved by octaves into the instrument's range, as a whole first, then single notes."""
    if not notes:
        return notes
    low, high = chair.instrument.low, chair.instrument.high
    centre = sum(n.pitch for n in notes) / len(notes)
    middle = (max(low, 52) + min(high, 88)) / 2
    shift = 12 * round((middle - centre) / 12) if abs(middle - centre) > 8 else 0
    out = []
    for note in notes:
        pitch = note.pitch + shift
        while pitch < low:
            pitch += 12
        while pitch > high:
            pitch -= 12
        out.append(note.model_copy(update={"pitch": pitch}))
    return out


def _counter_notes(song: Song, chair: Chair, on: Sequence[Section], lead: list[Note]) -> list[Note]:
    player = chair.instrument
    low = max(player.low, min(50, player.high - 14))
    high = min(player.high, max(low + 14, 70))
    notes: list[Note] = []
    for section in on:
        chords = song.chords_in(section)
        notes += textures.guide_line(chords, lead, song.key, song.scale, low, high, song.loudness(section))
    return notes


def _bass_notes(song: Song, chair: Chair, on: Sequence[Section]) -> list[Note]:
    notes: list[Note] = []
    for section in on:
        scale = song.loudness(section)
        notes += [_louder(n, scale) for n in _line_in(song, song.bass.of(section.kind), section)]
    last_bar = song.end - song.bar
    if notes and song.sections[-1] in on:
        root = 28 + (parse_chord(song.harmony.final).bass - 28) % 12
        notes = [n for n in notes if n.start < last_bar - 1e-6]
        notes.append(Note(pitch=root, start=last_bar, duration=song.bar * 0.97, velocity=88))
    return _bass_range(notes, chair)


def _bass_range(notes: list[Note], chair: Chair) -> list[Note]:
    """Into the instrument's range; sub basses stay where they are felt."""
    low, high = chair.instrument.low, chair.instrument.high
    if chair.instrument.id in {"sub_bass", "bass_808", "reese_bass"}:
        high = min(high, 48)
    out = []
    for note in notes:
        pitch = note.pitch
        while pitch > high:
            pitch -= 12
        while pitch < low:
            pitch += 12
        out.append(note.model_copy(update={"pitch": pitch}))
    return out


def _voiced(song: Song, chair: Chair) -> list[Voiced]:
    """The song's chords as this chair plays them."""
    low, high, voices = _REGISTERS[chair.role]
    low, high = max(low, chair.instrument.low), min(high, chair.instrument.high)
    shift = 5 if chair.id.endswith(("_2", "_3")) else 0
    if high - low < 16:
        low, high = chair.instrument.low, min(chair.instrument.high, chair.instrument.low + 24)
    has_bass = any(c.role is Role.BASS for c in song.chairs)
    shapes = lead_voices(
        [c.symbol for c in song.chords], voices=voices, low=low + shift, high=high + shift, rootless=has_bass
    )
    voiced = [Voiced(chord, shape) for chord, shape in zip(song.chords, shapes, strict=True)]
    if chair.instrument.family == "driven_guitar":
        return textures.power(voiced, max(chair.instrument.low, 40))
    if not has_bass and chair is next((c for c in song.chairs if c.role in CHORDAL), None):
        return textures.with_root(voiced, max(chair.instrument.low, 36), 52)
    return voiced


def _chordal_notes(song: Song, chair: Chair, on: Sequence[Section]) -> list[Note]:
    voiced = _voiced(song, chair)
    last_bar = song.end - song.bar
    notes: list[Note] = []
    for section in on:
        start = song.start(section)
        stop = min(start + section.bars * song.bar, last_bar)
        bars = round((stop - start) / song.bar)
        items = [v for v in voiced if start - 1e-6 <= v.chord.start < stop - 1e-6]
        if bars and items:
            notes += _texture(song, chair, section, items, bars)
    if on and song.sections[-1] in on:
        final = [v for v in voiced if v.chord.start >= last_bar - 1e-6]
        notes += textures.held(final, song.loudness(song.sections[-1]), 0.6)
    return notes


def _texture(song: Song, chair: Chair, section: Section, items: list[Voiced], bars: int) -> list[Note]:
    """What a chordal chair does in a section."""
    start, scale = song.start(section), song.loudness(section)
    level = level_of(section.energy)
    rng = song.rng(chair.id, section.name)
    if chair.role is Role.PAD or (chair.role is Role.STRINGS and song.style.comping != "ostinato"):
        return textures.held(items, scale * 0.9, 0.35 + 0.2 * section.energy)
    if chair.role is Role.STRINGS:
        if level == 0:
            return textures.held(items, scale, 0.4)
        return textures.comped(items, song.rhythm.comping[level].strokes, start, bars, song.bar, scale, rng)
    if chair.role is Role.BRASS:
        if song.style.language in {"cinematic", "classical", "modal"} or chair.instrument.id == "french_horn":
            return textures.held(items, scale, 0.5)
        return textures.stabs(items, start, bars, song.bar, scale, rng)
    if chair.role is Role.ARPEGGIO:
        return textures.comped(items, song.rhythm.arpeggio, start, bars, song.bar, scale * 0.85, rng)
    strokes = song.rhythm.comping[level].strokes
    if not _carries_rhythm(song, chair):
        if level < 2:
            return textures.held(items, scale, 0.5)
        strokes = tuple(s for s in strokes if s.start % 1 == 0)[:2] or strokes[:1]
    return textures.comped(items, strokes, start, bars, song.bar, scale, rng)


def _carries_rhythm(song: Song, chair: Chair) -> bool:
    """Of guitar and keys the one whose pattern the genre is known for; the other supports."""
    comping = [c for c in song.chairs if c.role in (Role.KEYS, Role.GUITAR)]
    guitars = [c for c in comping if c.role is Role.GUITAR]
    first = guitars[0] if guitars and song.style.comping in _GUITAR_COMPING else comping[0]
    return chair is first or chair.instrument.family == "driven_guitar"


def _mend_gaps(song: Song, notes: dict[str, list[Note]], tempo: float, muted: Mapping[str, tuple[str, ...]]) -> None:
    """Where the whole band would be silent for more than 0.9 s, the first chordal player holds its chord."""
    filler = next((c for c in song.chairs if c.role in CHORDAL), None)
    if filler is None:
        return
    band = [c.id for c in song.chairs if c.role is not Role.EFFECTS]
    spans = sorted((n.start, n.start + n.duration) for id_ in band for n in notes[id_])
    allowed, reached = 0.9 * tempo / 60, 0.0
    gaps = []
    for start, end in [*spans, (song.end, song.end)]:
        if start - reached > allowed:
            gaps.append((reached, start))
        reached = max(reached, end)
    for begin, end in gaps:
        for item in _voiced(song, filler):
            start, stop = max(begin, item.chord.start), min(end, item.end)
            if stop - start > 0.1:
                held = [Note(pitch=p, start=start, duration=stop - start, velocity=52) for p in item.notes]
                silent = [s for s in song.sections if filler.id in muted.get(s.name, ())]
                notes[filler.id] += _silenced(song, held, silent)
