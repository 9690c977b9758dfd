"""Harmony: chord progressions for every kind of section, chosen for mood and for a key that is heard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from domain.errors import InvalidValue
from domain.score import Chord, SectionKind, TimeSignature
from domain.seeds import derive
from music.critic import harmony_merit
from music.form import section_kind
from music.functions import phrase
from music.genres import Genre, main_genre
from music.material import Harmony, SectionHarmony
from music.metre import halves, parse_metre
from music.progressions import CADENCE_STYLE, CADENCES, LANGUAGES, MODE_COLOURS
from music.sectionnames import fold_names, folded
from music.substitutions import elaborated
from music.theory import (
    QUALITIES,
    chord_scale,
    is_chord,
    is_minor,
    is_numeral,
    normal_key,
    numeral_chord,
    parse_chord,
    scale_pcs,
    scale_steps,
)

K = SectionKind

# Kind -> (slot of the progressions, bars, ending: "closed", "open" or "as is").
_PLANS: dict[SectionKind, tuple[str, int, str]] = {
    K.INTRO: ("verse", 4, "as is"),
    K.VERSE: ("verse", 8, "open"),
    K.PRECHORUS: ("bridge", 4, "open"),
    K.CHORUS: ("chorus", 8, "closed"),
    K.BRIDGE: ("bridge", 8, "open"),
    K.SOLO: ("chorus", 8, "as is"),
    K.BUILD: ("bridge", 4, "open"),
    K.DROP: ("chorus", 8, "closed"),
    K.BREAK: ("verse", 8, "as is"),
    K.THEME: ("verse", 8, "closed"),
    K.OUTRO: ("verse", 4, "closed"),
}  # fmt: skip

Bars = list[list[str]]


def write_harmony(
    *,
    key: str,
    scale: str,
    genre: list[str],
    valence: float,
    arousal: float,
    time_signature: str,
    progression: Mapping[str, list[str]],
    takes: Mapping[str, int] | None = None,
    candidates: int,
    seed: int,
) -> Harmony:
    """Chords for every section kind, in the language of the genre.

    `valence` and `arousal` (0–1) lean the choice to brighter or darker, calmer or busier chords. `progression`
    maps a section kind, a single section ("verse 2") or "all" to bars of chord symbols or Roman numerals that are
    followed exactly. `takes` (from 1) asks for other chords in the sections or kinds that it names.
    Of `candidates` plans the one whose key is heard best, with contrast between sections, is returned.
    Raises `InvalidValue` for an unknown key, scale, genre, metre or chord.
    """
    tonic = normal_key(key)
    scale_steps(scale)
    style = main_genre(genre)
    metre = parse_metre(time_signature)
    brief = _Brief(style, tonic, scale, valence, arousal)
    progression = fold_names(progression)
    given = {name: given_bars(chords, tonic) for name, chords in progression.items() if chords}
    plan = _best_plan(brief, given, candidates, seed)
    given_kinds = {kind for kind in K if _given_for(kind, given) is not None}
    pinned = {_kind_named(name) for name, chords in progression.items() if name != "all" and _are_symbols(chords)}
    pieces = [
        _piece(kind, None, bars, kind in given_kinds, metre).model_copy(update={"pinned": kind in pinned})
        for kind, bars in plan.items()
    ]
    for name, take in sorted(fold_names(takes or {}).items()):
        kind = section_kind(name)
        if take > 1 and kind not in given_kinds and name not in given:
            bars = _another(brief, kind, plan[kind], derive(seed, "take", take))
            pieces.append(_piece(kind, name, bars, False, metre))
    for name, bars in given.items():
        if name != "all" and _kind_named(name) is None:
            piece = _piece(section_kind(name), name, bars, True, metre)
            pieces.append(piece.model_copy(update={"pinned": _are_symbols(progression[name])}))
    final = _final_chord(plan, style, tonic, scale, bool(given))
    return Harmony(key=tonic, scale=scale, beats_per_bar=metre.beats_per_bar, sections=tuple(pieces), final=final)


def _piece(kind: SectionKind, name: str | None, bars: Bars, given: bool, metre: TimeSignature) -> SectionHarmony:
    return SectionHarmony(kind=kind, name=name, bars=len(bars), chords=_chords(bars, metre), given=given)


def _best_plan(brief: "_Brief", given: Mapping[str, Bars], candidates: int, seed: int) -> dict[SectionKind, Bars]:
    plans = []
    for take in range(max(1, candidates) * PLANS_A_CANDIDATE):
        rng = np.random.default_rng(derive(seed, "harmony", brief.style.id, take))
        plans.append(_plan(brief, given, rng))
    return max(plans, key=lambda plan: harmony_merit(plan, brief.key, brief.scale))


def _another(brief: "_Brief", kind: SectionKind, known: Bars, seed: int) -> Bars:
    """Other chords for one kind of section: the first plan that differs from what is there."""
    bars = known
    for attempt in range(8):
        rng = np.random.default_rng(derive(seed, "harmony", brief.style.id, attempt))
        bars = _plan(brief, {}, rng)[kind]
        if bars != known:
            break
    return bars


PLANS_A_CANDIDATE = 3
"""Plans of chords are cheap: several are written for each candidate that is asked for."""


@dataclass(frozen=True, slots=True)
class _Brief:
    """What the chords are written for."""

    style: Genre
    key: str
    scale: str
    valence: float
    arousal: float

    @property
    def mode(self) -> str:
        return "minor" if is_minor(self.scale) else "major"


_LEADING_TONE = frozenset({"pop", "soul", "hip_hop", "jazz", "latin", "gospel", "folk", "classical", "reggae", "chip"})
"""Languages whose minor has a dominant; the others live from its absence."""

_TURN_AT_END = {"bVII": 0.85, "v": 1.0, "iv": 0.7, "bIII": 0.7, "bVI": 0.5}
_TURN_INSIDE = {"bVII": 0.3, "v": 0.8, "bIII": 0.3}


def given_bars(chords: Sequence[str], key: str) -> Bars:
    """The person's bars of chords, to at least four; of three or seven the last is held a bar longer."""
    bars = [[_given_chord(chord, key) for chord in bar.split()] for bar in chords]
    if len(bars) in (3, 7):
        bars.append([bars[-1][-1]])
    return bars * -(-4 // len(bars))


def _are_symbols(bars: Sequence[str]) -> bool:
    """Whether chords are written by name; Roman numerals move with the key."""
    return all(is_chord(symbol) for bar in bars for symbol in bar.split())


def _given_chord(chord: str, key: str) -> str:
    if is_chord(chord):
        return chord
    if is_numeral(chord):
        return numeral_chord(chord, key)
    raise InvalidValue(f"{chord!r} is no chord that is known; write it like F, Fm7, Bb7sus4, Ab/C or bVII")


def _kind_named(name: str) -> SectionKind | None:
    """The kind that `name` stands for as a whole ("pre-chorus"); None for a single section ("verse 2")."""
    plain = folded(name)
    return next((kind for kind in K if kind.value == plain), None)


def _given_for(kind: SectionKind, given: Mapping[str, Bars]) -> Bars | None:
    return next((bars for name, bars in given.items() if _kind_named(name) is kind), given.get("all"))


def _plan(brief: _Brief, given: Mapping[str, Bars], rng: np.random.Generator) -> dict[SectionKind, Bars]:
    style, key, scale, mode = brief.style, brief.key, brief.scale, brief.mode
    valence, arousal = brief.valence, brief.arousal
    slots = {
        slot: phrase(style.language, mode, slot, valence, rng) or _pick(choices, valence, rng)
        for slot, choices in LANGUAGES[style.language][mode].items()
    }
    enriched = {slot: elaborated(_split(text), style.language, rng) for slot, text in slots.items()}
    cadences = CADENCES[mode][CADENCE_STYLE.get(style.language, "plain")]
    closed, opened = (str(rng.choice(cadences[i])) for i in (0, 1))
    plan: dict[SectionKind, Bars] = {}
    for kind, (slot, bars, ending) in _PLANS.items():
        wish = _given_for(kind, given)
        if wish is not None:
            plan[kind] = wish
            continue
        numerals = _stretch(enriched[slot], bars, style, arousal)
        last = {"closed": closed, "open": opened}.get(ending)
        if last and style.language != "blues" and not _loops(style, kind):
            numerals = numerals[:-2] + _split(last)
        leads = style.language in _LEADING_TONE
        numerals = [[_shade(n, scale, valence, leads, rng) for n in bar] for bar in numerals]
        if scale == "minor" and leads:
            numerals = _turned(numerals, rng)
        plan[kind] = [[_coloured(n, style, key, scale, arousal, rng) for n in bar] for bar in numerals]
    return plan


def _turned(numerals: Bars, rng: np.random.Generator) -> Bars:
    """Phrases that lead back by the dominant: its raised leading tone tells minor from its relative major."""
    turned = [list(bar) for bar in numerals]
    for last in range(3, len(turned), 4):
        at_the_end = last % 8 == 7 or last == len(turned) - 1
        chance = _TURN_AT_END.get(turned[last][-1], 0.0) if at_the_end else _TURN_INSIDE.get(turned[last][-1], 0.0)
        if rng.random() < chance:
            turned[last] = [*turned[last][:-1], "V"]
    return turned


def _loops(style: Genre, kind: SectionKind) -> bool:
    """Loop-built styles keep their loop whole; only the outro closes."""
    return style.form in {"loop", "club"} and kind not in {K.OUTRO, K.PRECHORUS, K.BUILD, K.BRIDGE}


def _pick(choices: Sequence[str], valence: float, rng: np.random.Generator) -> str:
    """One progression, brighter ones more often the higher the valence."""
    bright = np.array([_brightness(choice) for choice in choices])
    weights = np.exp(5.0 * (valence - 0.5) * (bright - bright.mean()))
    return str(rng.choice(choices, p=weights / weights.sum()))


def _brightness(progression: str) -> float:
    """Share of major chords minus the share of flat-side and diminished ones (-1 to 1)."""
    numerals = progression.replace("|", " ").split()
    major = sum(n.lstrip("b#")[0].isupper() for n in numerals)
    flat = sum(n[0] == "b" or "dim" in n for n in numerals)
    return (major - flat) / len(numerals)


def _split(progression: str) -> Bars:
    return [bar.split() for bar in progression.split("|")]


def _stretch(numerals: Bars, bars: int, style: Genre, arousal: float) -> Bars:
    """The progression repeated, cut or slowed down to `bars` bars; calm modal music changes every two bars."""
    if len(numerals) > bars and style.language == "blues":
        return numerals
    if arousal < 0.3 and style.language in {"modal", "cinematic", "techno"} and bars >= 8:
        numerals = [bar for bar in numerals for _ in range(2)]
    if len(numerals) >= bars:
        return numerals[:bars]
    if bars % len(numerals):
        return numerals
    return numerals * (bars // len(numerals))


def _shade(numeral: str, scale: str, valence: float, leads: bool, rng: np.random.Generator) -> str:
    """The mode's own chord in place of a plain one, and borrowed chords when the mood is dark."""
    numeral = MODE_COLOURS.get(scale, {}).get(numeral, numeral)
    darkness = max(0.0, 0.4 - valence)
    if scale == "major" and numeral == "IV" and rng.random() < darkness:
        return "iv"
    if scale == "minor" and numeral == "v" and rng.random() < (0.85 if leads else 0.3 + darkness):
        return "V"
    return numeral


def _coloured(numeral: str, style: Genre, key: str, scale: str, arousal: float, rng: np.random.Generator) -> str:
    """The chord symbol of `numeral`, extended the way the genre does it; calm music is extended more."""
    symbol = numeral_chord(numeral, key)
    chord = parse_chord(symbol)
    quality = _extended(chord.quality, symbol, style.colour, key, scale, arousal, rng)
    body = f"{chord.root_name}{quality}"
    _, slash, bass = symbol.partition("/")
    return body + slash + bass


def _extended(
    quality: str, symbol: str, colour: str, key: str, scale: str, arousal: float, rng: np.random.Generator
) -> str:
    roll = rng.random()
    calm = 1.2 - 0.6 * arousal
    if colour == "power":
        return "5" if quality in {"", "m"} and roll < 0.85 else quality
    if colour == "as_written" or quality not in {"", "m", "dim", "7", "m7", "maj7"}:
        return quality
    seventh = _seventh(quality, symbol, key, scale)
    if colour == "triads":
        wanted = quality in {"", "m"} and roll < 0.16 * calm
        return _gentle(quality, symbol, key, scale, rng) if wanted else quality
    if colour == "ninths" and roll < 0.5 * calm:
        return _ninth(seventh, symbol, key, scale)
    return seventh


def _seventh(quality: str, symbol: str, key: str, scale: str) -> str:
    """The chord with its seventh from the scale; a dominant keeps its minor seventh."""
    chord = parse_chord(symbol)
    if quality in {"7", "m7", "maj7"}:
        return quality
    if quality == "dim":
        return "m7b5"
    pcs = chord_scale(chord, key, scale)
    dominant = (chord.root - scale_pcs(key, scale)[0]) % 12 == 7
    major_seventh = (chord.root + 11) % 12 in pcs and not dominant
    if quality == "m":
        return "m7"
    return "maj7" if major_seventh else "7"


def _ninth(seventh: str, symbol: str, key: str, scale: str) -> str:
    chord = parse_chord(symbol)
    nine = (chord.root + 2) % 12 in chord_scale(chord, key, scale)
    extended = {"m7": "m9", "maj7": "maj9", "7": "9"}.get(seventh, seventh)
    return extended if nine and extended in QUALITIES else seventh


def _gentle(quality: str, symbol: str, key: str, scale: str, rng: np.random.Generator) -> str:
    """A little colour on a triad: an added ninth or a seventh."""
    chord = parse_chord(symbol)
    if (chord.root + 2) % 12 in chord_scale(chord, key, scale) and rng.random() < 0.5:
        return "madd9" if quality == "m" else "add9"
    return _seventh(quality, symbol, key, scale)


def _final_chord(plan: Mapping[SectionKind, Bars], style: Genre, key: str, scale: str, given: bool) -> str:
    """The tonic chord that ends the song, in the dress that the song's tonic chords wear."""
    tonic = scale_pcs(key, scale)[0]
    minor = is_minor(scale)
    for kind in (K.OUTRO, K.CHORUS, K.VERSE):
        for bar in reversed(plan[kind]):
            for symbol in reversed(bar):
                chord = parse_chord(symbol)
                stable = chord.quality not in {"7", "9"} or style.language in {"blues", "funk"} or given
                same_mode = chord.is_minor == minor or chord.quality == "5"
                if chord.root == tonic and chord.bass == tonic and same_mode and stable:
                    return symbol
    return f"{key}m" if minor else key


def _chords(bars: Bars, metre: TimeSignature) -> tuple[Chord, ...]:
    """The plan in beats; neighbouring equal chords become one."""
    length = metre.beats_per_bar
    placed: list[tuple[float, str]] = []
    for i, bar in enumerate(bars):
        for start, symbol in zip(halves(metre, len(bar)), bar, strict=True):
            placed.append((i * length + start, symbol))
    ends = [start for start, _ in placed[1:]] + [len(bars) * length]
    return tuple(
        Chord(start=start, duration=end - start, symbol=symbol)
        for (start, symbol), end in zip(placed, ends, strict=True)
    )
