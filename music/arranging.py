"""Arranging: material, form and band become a score.

Sections take their layers, level of activity and loudness from their energy; every chordal player keeps to a
register of its own; sections are joined by fills, risers and drop-outs; the last bar holds the final chord. Each
section is written from its own material and its own seed streams, so that a change in one leaves the others be.
"""

from collections.abc import Mapping, Sequence

from domain.errors import InvalidValue
from domain.score import Note, Part, Role, Score, Section, SectionKind
from music import comping, countermelody
from music.accompaniment import play_chords
from music.casting import CHORDAL, Chair, cast
from music.genres import main_genre
from music.instruments import INSTRUMENTS
from music.joins import HUMAN_FROM_MS, drum_notes, effect_notes
from music.layers import active_chairs, late_entries
from music.material import BREATH, BassLine, Form, Harmony, Melody, Rhythm, choose, first_phrase
from music.metre import parse_metre
from music.modulation import Tonality
from music.registers import lead_shift
from music.sectionnames import resolve
from music.sheet import Song, in_their_keys, key_changes, lay_chords
from music.theory import normal_key, parse_chord
from music.tonalweight import lean_home, strength_of

K = SectionKind
TRANSITIONS = ("fill", "riser", "drop", "crash", "none")
_SILENCE_S = 0.9
"""Longest silence of the whole band inside a section, in seconds."""


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
    takes: Mapping[str, int] | None = None,
    seed: int,
) -> Score:
    """The score of the whole song.

    A section is named by its own name or by its kind ("chorus" is every chorus). `section_overrides` maps it to
    `energy` (0–1), `mute` (list of part ids), `key` and `scale`; `transitions` says how it is entered: fill, riser,
    drop, crash or none; `dynamics` (-1 to 1) makes it softer or louder; `takes` (from 1) asks for another take of it.
    Raises `InvalidValue` for unknown names and values.
    """
    metre = parse_metre(time_signature)
    style = main_genre(genre)
    names, kinds = [s.name for s in form.sections], [s.kind for s in form.sections]
    shapes = resolve(section_overrides, names, kinds)
    transitions, dynamics = resolve(transitions, names, kinds), resolve(dynamics, names, kinds)
    _check(transitions, dynamics)
    sections = _overridden(form.sections, shapes)
    home = (key, scale)
    tonalities = {name: _tonality(shapes.get(name, {}), home) for name in names}
    chairs = cast(instruments, style, {**constraints, "no_drums": not rhythm.drums or constraints.get("no_drums")})
    harmonies = choose(harmony.sections, sections)
    written = lay_chords(sections, harmonies, harmony.final, metre)
    song = Song(
        form=form, sections=sections, rhythm=rhythm,  tunes=choose(melody.sections, sections),
        basses=choose(bass.sections, sections), style=style, metre=metre, chairs=_with_effects(chairs, transitions),
        chords=in_their_keys(written, harmonies, home, tonalities),
        home=home, tonalities=tonalities, bpm=tempo, dynamics=dynamics, transitions=transitions,
        takes=_takes(takes or {}, names, kinds),
        given=frozenset(name for name, piece in harmonies.items() if piece.given),
        written=written, seed=seed,
    )  # fmt: skip
    notes = _written(song, {name: _mutes(shape) for name, shape in shapes.items()})
    parts = tuple(_part(chair, notes[chair.id]) for chair in song.chairs if notes[chair.id])
    return Score(
        title=title, key=key, scale=scale, time_signature=metre, tempo=form.tempo,
        key_changes=key_changes(sections, home, tonalities, song.bar), sections=sections, chords=song.chords,
        parts=parts,
    )  # fmt: skip


def _written(song: Song, muted: Mapping[str, tuple[str, ...]]) -> dict[str, list[Note]]:
    """The notes of every chair, section by section."""
    playing = active_chairs(song.sections, song.chairs, song.style)
    waits = late_entries(song.sections, song.chairs, playing)
    notes: dict[str, list[Note]] = {chair.id: [] for chair in song.chairs}
    for section in song.sections:
        silent = muted.get(section.name, ())
        lead = _lead_notes(song, section)
        inside: dict[str, list[Note]] = {}
        for chair in song.chairs:
            if chair.id not in playing[section.name] or chair.id in silent:
                continue
            played = _play(song, chair, section, lead)
            begin = song.start(section) + waits.get((section.name, chair.id), 0) * song.bar
            inside[chair.id] = [n for n in played if n.start >= begin - 1e-6]
        _make_room(song, section, inside)
        _mend_gaps(song, section, inside, silent)
        pitched = {chair.id for chair in song.chairs if not chair.instrument.is_drum}
        home = song.tonalities[section.name]
        strength = strength_of([chord.symbol for chord in song.chords_in(section)], *home)
        for id_, played in inside.items():
            leaned = lean_home(played, *home, strength) if id_ in pitched else played
            notes[id_] += _shaped(song, section, leaned)
    for chair in song.chairs:
        if chair.role is Role.EFFECTS:
            resting = {name for name, ids in muted.items() if chair.id in ids}
            notes[chair.id] = [n for n in effect_notes(song, chair) if song.section_at(n.start).name not in resting]
    return notes


_BREATH = {"drive": 0.4, "chug": 0.4, "push": 0.15, "strum": 0.2}
"""How often bands that play in eighths leave the last eighth of a bar to the drums."""
_MAKES_ROOM = frozenset({Role.BASS, Role.KEYS, Role.GUITAR})


def _make_room(song: Song, section: Section, notes: dict[str, list[Note]]) -> None:
    """At the end of some bars bass, keys and guitar leave the last beat or eighth to the drums and the tune."""
    players = [c.id for c in song.chairs if c.role in _MAKES_ROOM and c.id in notes]
    drums = any(c.role is Role.DRUMS and c.id in notes for c in song.chairs)
    played = song.style.looseness >= HUMAN_FROM_MS or song.style.form == "song"
    if not drums or not played or song.bar < 3:
        return
    rng = song.rng(section, "room")
    for bar in range(1, section.bars + 1):
        end = song.start(section) + bar * song.bar
        room, chance = (1.0, 0.65) if bar % 4 == 0 else (0.5, _BREATH.get(song.style.comping, 0.0))
        arrives = any(end - room - 1e-6 <= c.start < end - 1e-6 for c in song.chords_in(section))
        if rng.random() < chance and not arrives:
            for id_ in players:
                notes[id_] = [n for n in notes[id_] if not end - room - 1e-6 <= n.start < end - 1e-6]


def _shaped(song: Song, section: Section, notes: Sequence[Note]) -> list[Note]:
    """Nothing sounds on past its section; what builds grows from its first bar to its last."""
    stop, start = song.stop(section), song.start(section)
    grows = section.kind in {K.BUILD, K.PRECHORUS} and section.bars >= 2
    out = []
    for note in notes:
        duration = min(note.duration, stop - note.start)
        if duration <= 0.01:
            continue
        factor = 0.9 + 0.2 * (note.start - start) / (stop - start) if grows else 1.0
        velocity = int(min(122, max(12, round(note.velocity * factor))))
        out.append(note.model_copy(update={"duration": duration, "velocity": velocity}))
    return out


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


def _tonality(shape: Mapping[str, object], home: Tonality) -> Tonality:
    """A section's key and scale; a key alone keeps the song's scale."""
    key, scale = shape.get("key"), shape.get("scale")
    return (normal_key(str(key)) if key else home[0], str(scale) if scale else home[1])


def _takes(takes: Mapping[str, int], names: Sequence[str], kinds: Sequence[SectionKind]) -> dict[str, int]:
    """The take of each section that has one of its own; a name that the form does not have is left out."""
    out: dict[str, int] = {}
    for name, take in takes.items():
        try:
            out.update(resolve({name: take}, names, kinds))
        except InvalidValue:
            continue
    return out


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


def _play(song: Song, chair: Chair, section: Section, lead: list[Note]) -> list[Note]:
    """All notes of one chair in a section where it plays."""
    if chair.role in (Role.DRUMS, Role.PERCUSSION):
        return drum_notes(song, chair, section)
    if chair.role is Role.BASS:
        return _bass_notes(song, chair, section)
    if chair.role is Role.LEAD:
        return _fit_range(lead, chair)
    if chair.role is Role.COUNTER:
        return _counter_notes(song, chair, section, lead)
    if chair.role is Role.EFFECTS:
        return []
    return play_chords(song, chair, section)


def _louder(note: Note, scale: float) -> Note:
    return note.model_copy(update={"velocity": int(min(122, max(15, round(note.velocity * scale))))})


def _breathing(song: Song, section: Section) -> list[Note]:
    """The tune of a section; a first phrase by itself ends with a breath, or has one before its pickup."""
    line = song.tunes[section.name]
    notes = song.laid(line, section)
    if not first_phrase(line, section.bars):
        return notes
    end = pickup = song.start(section) + section.bars * song.bar
    for note in sorted(notes, key=lambda n: -n.start):
        if pickup - BREATH <= note.start and note.start > end - song.bar:
            pickup = note.start
    breath = pickup - BREATH
    return [
        n.model_copy(update={"duration": max(0.25, breath - n.start)})
        if n.start < pickup and n.start + n.duration > breath
        else n
        for n in notes
    ]


def _lead_notes(song: Song, section: Section) -> list[Note]:
    """The tune of a section; in the song's last bar it rests on the root of the final chord."""
    scale = song.loudness(section)
    notes = [_louder(n, scale) for n in _breathing(song, section)]
    if section is not song.sections[-1]:
        return notes
    notes = [n for n in notes if n.start < song.last_bar - 1e-6]
    notes = [n.model_copy(update={"duration": min(n.duration, song.last_bar - n.start)}) for n in notes]
    before = notes[-1].pitch if notes else 67
    root = parse_chord(song.final.symbol).root
    pitch = min((p for p in range(48, 90) if p % 12 == root), key=lambda p: (abs(p - before), p))
    begin = max(song.last_bar, song.final.start)
    length = (song.end - begin) * 0.95
    return [*notes, Note(pitch=pitch, start=begin, duration=length, velocity=min(122, round(80 * scale)))]


def _fit_range(notes: Sequence[Note], chair: Chair) -> list[Note]:
    """Moved as a whole into the octave where the instrument plays best; single notes that stick out once more."""
    shift, low, high = lead_shift(chair), chair.instrument.low, chair.instrument.high
    return [n.model_copy(update={"pitch": _inside(n.pitch + shift, low, high)}) for n in notes]


def _inside(pitch: int, low: int, high: int) -> int:
    while pitch < low:
        pitch += 12
    while pitch > high:
        pitch -= 12
    return pitch


def _counter_notes(song: Song, chair: Chair, section: Section, lead: list[Note]) -> list[Note]:
    """A line of its own; in the biggest chorus, and for a second player always, a voice under the tune."""
    player = chair.instrument
    low = max(player.low, min(50, player.high - 14))
    high = min(player.high, max(low + 14, 70))
    key, scale = song.tonalities[section.name]
    chords, loudness = song.chords_in(section), song.loudness(section)
    peak = max(s.energy for s in song.sections)
    biggest = section.kind is K.CHORUS and section.energy >= peak - 1e-6 and len(song.sections) > 2
    if biggest or chair.id != Role.COUNTER.value:
        sung = countermelody.harmonised(lead, chords, key, scale, player.low, player.high, loudness)
        if sung:
            return sung
    return countermelody.counter_line(chords, lead, key, scale, low, high, loudness)


def _bass_notes(song: Song, chair: Chair, section: Section) -> list[Note]:
    scale = song.loudness(section)
    notes = [_louder(n, scale) for n in song.laid(song.basses[section.name], section)]
    if section is song.sections[-1]:
        notes = _closing_bass(song, notes, scale)
    low, high = chair.instrument.low, chair.instrument.high
    if chair.instrument.id in {"sub_bass", "bass_808", "reese_bass"}:
        high = min(high, 48)
    return [n.model_copy(update={"pitch": _inside(n.pitch, low, high)}) for n in notes]


def _closing_bass(song: Song, notes: list[Note], scale: float) -> list[Note]:
    """Under the last bar the basses of its chords, held."""
    kept = [n for n in notes if n.start < song.last_bar - 1e-6]
    for chord in song.chords_in(song.sections[-1]):
        begin, end = max(chord.start, song.last_bar), chord.start + chord.duration
        if end > song.last_bar + 1e-6:
            pitch = 28 + (parse_chord(chord.symbol).bass - 28) % 12
            velocity = min(122, round(86 * scale))
            kept.append(Note(pitch=pitch, start=begin, duration=(end - begin) * 0.97, velocity=velocity))
    return kept


def _mend_gaps(song: Song, section: Section, notes: dict[str, list[Note]], silent: Sequence[str]) -> None:
    """Where the whole band would be silent for long, the first chordal player holds its chord."""
    filler = next((c for c in song.chairs if c.role in CHORDAL and c.id not in silent), None)
    if filler is None:
        return
    start, stop = song.start(section), song.stop(section)
    spans = sorted((n.start, n.start + n.duration) for played in notes.values() for n in played)
    allowed, reached = _SILENCE_S * song.bpm / 60, start
    gaps = []
    for begin, end in [*spans, (stop, stop)]:
        if begin - reached > allowed:
            gaps.append((reached, begin))
        reached = max(reached, end)
    for begin, end in gaps:
        for item in comping.voiced(song, filler, section):
            first, last = max(begin, item.chord.start), min(end, item.end)
            if last - first > 0.1:
                held = [Note(pitch=p, start=first, duration=last - first, velocity=52) for p in item.notes]
                notes.setdefault(filler.id, []).extend(held)
