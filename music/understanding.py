"""Understanding a prompt without a language model: facts, words, genre, mood, and a reason for every choice.

Order of trust: what the person set, an explicit number, a named instrument, the genre, the mood, a default.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from domain.errors import InvalidPrompt, InvalidValue
from domain.score import Role
from domain.seeds import derive
from music.facts import FASTEST, SLOWEST, Facts, read_facts
from music.genres import GENRES, Genre, genre
from music.instruments import INSTRUMENTS
from music.keyfinding import best_key
from music.lexicon import ERA_STYLE, GENRE_OF_INSTRUMENT, ITALIAN_TEMPO, MOOD_WORDS, TEMPO_SHIFT
from music.matching import Found, find, words_of
from music.metre import parse_metre
from music.theory import is_chord, is_minor, normal_key, numeral_chord, parse_chord, scale_steps, usual_key
from music.titles import make_title

Source = Literal["prompt", "instrument", "genre", "mood", "default", "person"]
LEVELS = ("light", "moderate", "strong")
_TRUST: dict[Source, float] = {
    "person": 1.0, "prompt": 0.97, "instrument": 0.85, "genre": 0.75, "mood": 0.65, "default": 0.45,
}  # fmt: skip
_TONICS = ("C", "G", "D", "A", "E", "F", "Bb", "Eb", "Ab", "B", "Db", "F#")
_TONIC_WEIGHTS = (10, 10, 10, 9, 8, 9, 7, 7, 5, 4, 3, 3)
_MINOR_SPELLING = {"Ab": "G#", "Db": "C#"}
_SOLO_WORDS = {"solo", "only", "just", "unaccompanied", "alone"}
_LOUD_CHAIRS = frozenset({"percussion", "brass"})
_CORE_CHAIRS = ("drums", "percussion", "bass", "keys", "guitar", "lead")


class ReasonStep(BaseModel):
    """Why one field has its value."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str
    value: str
    source: Source
    text: str
    confidence: Annotated[float, Field(ge=0, le=1)]


class Understanding(BaseModel):
    """A prompt understood: a context patch, the prompt said more fully, and the reasons."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    patch: dict[str, Any]
    enhanced_prompt: str
    reasoning: list[ReasonStep]
    confidence: Annotated[float, Field(ge=0, le=1)]
    contradictions: list[str]
    title: Annotated[str, Field(min_length=1, max_length=60)]


@dataclass(slots=True)
class _Reading:
    """The work in progress: what was found and what was decided, with reasons."""

    text: str
    facts: Facts
    found: list[Found]
    given: Mapping[str, Any]
    enhance: bool
    level: str
    seed: int
    values: dict[str, Any] = field(default_factory=dict)
    reasons: list[ReasonStep] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)

    def rng(self, purpose: str) -> np.random.Generator:
        return np.random.default_rng(derive(self.seed, "understanding", purpose, self.text))

    def decide(self, path: str, value: Any, source: Source, text: str, confidence: float | None = None) -> Any:
        """Settle a field; what the person set wins over everything."""
        if path in self.given:
            value, source, text = self.given[path], "person", "set by the person"
        self.values[path] = value
        shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        sure = _TRUST[source] if confidence is None or source == "person" else confidence
        self.reasons.append(ReasonStep(field=path, value=shown[:200], source=source, text=text, confidence=sure))
        return value

    def said(self, category: str) -> list[tuple[str, Found]]:
        """Values of a category in the order of the text, without the negated ones."""
        return [(v, f) for f in self.found if not f.negated for c, v in f.meanings if c == category]


def understand(text: str, *, enhance: bool, level: str, given: Mapping[str, Any], seed: int) -> Understanding:
    """What a prompt of 1–10,000 characters asks for.

    `level` (light, moderate, strong) says how much may be added; `given` maps context paths that the person set,
    which are kept. With `enhance` off only explicit facts and required defaults are filled in. Raises
    `InvalidPrompt` for an empty or overlong text and `InvalidValue` for impossible values.
    """
    if not text.strip() or len(text) > 10_000:
        raise InvalidPrompt(
            f"a prompt has 1 to 10,000 characters, this one has {len(text.strip())}; say what you would like to hear"
        )
    if level not in LEVELS:
        raise InvalidValue(f"there is no enhancement level {level!r}; use one of: {', '.join(LEVELS)}")
    reading = _Reading(text, read_facts(text), find(text), given, enhance, level, seed)
    style = _decide_genre(reading)
    valence, arousal = _decide_mood(reading, style)
    _decide_metre(reading, style)
    _decide_tempo(reading, style, arousal)
    _decide_key(reading, style, valence)
    _decide_constraints(reading)
    _decide_instruments(reading, style)
    _decide_form(reading, style)
    _decide_style(reading, style)
    _find_contradictions(reading, arousal)
    enhanced = _enhanced_prompt(reading, style) if enhance else text
    reading.values["creative.enhanced_prompt"] = enhanced
    sure = [step.confidence for step in reading.reasons]
    confidence = round(max(0.05, float(np.mean(sure)) - 0.08 * len(reading.contradictions)), 3)
    return Understanding(
        patch=_nested({k: v for k, v in reading.values.items() if k not in given}),
        enhanced_prompt=enhanced,
        reasoning=reading.reasons,
        confidence=confidence,
        contradictions=reading.contradictions,
        title=make_title(text, style, valence, seed),
    )


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for path, value in values.items():
        group, _, name = path.partition(".")
        out.setdefault(group, {})[name] = value
    return out


def _decide_genre(reading: _Reading) -> Genre:
    given = reading.given.get("musical.genre")
    if given:
        known = [g for g in (given if isinstance(given, list) else [given]) if g in GENRES]
        if known:
            reading.decide("musical.genre", known, "person", "set by the person")
            return genre(known[0])
    said = reading.said("genre")
    if said:
        ranked = sorted(said, key=lambda item: (-item[1].words, not item[1].exact, item[1].at))
        ids = list(dict.fromkeys(value for value, _ in ranked))[:3]
        quote = ", ".join(dict.fromkeys(f.phrase for _, f in ranked))
        reading.decide("musical.genre", ids, "prompt", f'the prompt says "{quote}"')
        return genre(ids[0])
    votes = [GENRE_OF_INSTRUMENT[i] for i, _ in reading.said("instrument") if i in GENRE_OF_INSTRUMENT]
    if votes:
        best = max(dict.fromkeys(votes), key=votes.count)
        reading.decide("musical.genre", [best], "instrument", f"the instruments suggest {genre(best).name}", 0.6)
        return genre(best)
    return _genre_by_mood(reading)


def _genre_by_mood(reading: _Reading) -> Genre:
    moods = [MOOD_WORDS[m] for m, _ in reading.said("mood")]
    if not moods:
        pick = "pop"
        reading.decide("musical.genre", [pick], "default", "no genre is named; pop is the default", 0.35)
        return genre(pick)
    valence, arousal = np.mean(moods, axis=0)
    pool = ("pop", "folk", "soul", "lo_fi", "ambient", "cinematic", "synthwave", "rock", "jazz_ballad", "house", "funk")
    near = sorted(pool, key=lambda g: (GENRES[g].valence - valence) ** 2 + (GENRES[g].arousal - arousal) ** 2)
    pick = str(reading.rng("genre").choice(near[:3]))
    reading.decide("musical.genre", [pick], "mood", f"the mood suggests {GENRES[pick].name}", 0.5)
    return genre(pick)


def _decide_mood(reading: _Reading, style: Genre) -> tuple[float, float]:
    said = reading.said("mood")
    negated = [v for f in reading.found if f.negated for c, v in f.meanings if c == "mood"]
    points = [MOOD_WORDS[m] for m, _ in said]
    points += [(1 - MOOD_WORDS[m][0], 1 - MOOD_WORDS[m][1]) for m in negated]
    valence, arousal = style.valence, style.arousal
    source: Source = "genre"
    reason = f"{style.name} usually feels so"
    if points:
        valence, arousal = (0.8 * np.mean(points, axis=0) + 0.2 * np.array([valence, arousal])).tolist()
        source = "prompt"
        reason = 'the prompt says "' + ", ".join(dict.fromkeys([m for m, _ in said] or negated)) + '"'
    mode = reading.facts.scale
    if not points and mode is not None:
        valence += -0.12 if is_minor(mode) else 0.08
    mood = {"valence": round(_unit(valence), 3), "arousal": round(_unit(arousal), 3)}
    for axis in mood:
        if f"musical.mood.{axis}" in reading.given:
            mood[axis] = float(reading.given[f"musical.mood.{axis}"])
    decided = reading.decide("musical.mood", mood, source, reason)
    if isinstance(decided, Mapping):
        return float(decided.get("valence", mood["valence"])), float(decided.get("arousal", mood["arousal"]))
    return mood["valence"], mood["arousal"]


def _unit(value: float) -> float:
    return min(1.0, max(0.0, value))


def _decide_metre(reading: _Reading, style: Genre) -> None:
    if reading.facts.metre is not None:
        quote = reading.facts.quotes["metre"]
        reading.decide("musical.time_signature", reading.facts.metre, "prompt", f'the prompt says "{quote}"')
    elif any(v == "waltz" for v, _ in reading.said("genre")):
        reading.decide("musical.time_signature", "3/4", "prompt", "a waltz is in three")
    else:
        reading.decide("musical.time_signature", style.metre, "genre", f"{style.name} is usually in {style.metre}")
    parse_metre(str(reading.values["musical.time_signature"]))


def _decide_tempo(reading: _Reading, style: Genre, arousal: float) -> None:
    if reading.facts.tempo is not None:
        quote = reading.facts.quotes["tempo"]
        reading.decide("musical.tempo", reading.facts.tempo, "prompt", f'the prompt says "{quote}"')
    else:
        low, high, source, reason = _tempo_range(reading, style, arousal)
        tempo = float(round(reading.rng("tempo").uniform(low, high)))
        reading.decide("musical.tempo", tempo, source, reason)
    tempo = reading.values["musical.tempo"]
    if isinstance(tempo, bool) or not isinstance(tempo, int | float) or not SLOWEST <= tempo <= FASTEST:
        raise InvalidValue(f"a tempo of {tempo!r} bpm cannot be played; use {SLOWEST:g} to {FASTEST:g} bpm")


def _tempo_range(reading: _Reading, style: Genre, arousal: float) -> tuple[float, float, Source, str]:
    words = words_of(reading.text)
    italian = next((w for w in words if w in ITALIAN_TEMPO), None)
    if italian:
        low, high = ITALIAN_TEMPO[italian]
        return low, high, "prompt", f'the prompt says "{italian}" ({low}–{high} bpm)'
    low, high = style.tempo
    shifts = reading.said("tempo")
    if shifts:
        shift = float(np.mean([TEMPO_SHIFT[w] for w, _ in shifts]))
        quote = ", ".join(w for w, _ in shifts)
        width = high - low
        middle = (low + high) / 2 * (1 + 0.22 * shift) + 0.3 * shift * width
        return (
            max(40.0, middle - width / 6), min(220.0, middle + width / 6), "prompt",
            f'the prompt says "{quote}"; {style.name} runs at {low}–{high} bpm',
        )  # fmt: skip
    centre = low + (high - low) * _unit(0.5 + 0.9 * (arousal - style.arousal))
    reach = (high - low) * 0.3
    source: Source = "mood" if abs(arousal - style.arousal) > 0.12 else "genre"
    return max(low, centre - reach), min(high, centre + reach), source, f"{style.name} runs at {low}–{high} bpm"


def _decide_key(reading: _Reading, style: Genre, valence: float) -> None:
    facts = reading.facts
    chords = next(iter(facts.chords.values()), [])
    scale = facts.scale
    if scale is not None:
        reading.decide(
            "musical.scale",
            scale,
            "prompt",
            f'the prompt says "{facts.quotes.get("scale", facts.quotes.get("key", scale))}"',
        )
    elif chords and is_chord(chords[0]) and facts.key is None and "musical.key" not in reading.given:
        tonic, minor = best_key(chords)
        reading.decide("musical.scale", "minor" if minor else "major", "prompt", "the chords are in that mode", 0.8)
        facts.key, facts.quotes["key"] = _named_tonic(tonic, chords), "the chords"
    elif chords and any(c.startswith("i") and not c.startswith("ii") for c in chords):
        reading.decide("musical.scale", "minor", "prompt", "the progression is built on a minor tonic", 0.9)
    else:
        scale, source, reason = _scale_for(reading, style, valence)
        reading.decide("musical.scale", scale, source, reason)
    scale = str(reading.values["musical.scale"])
    scale_steps(scale)
    if facts.key is not None:
        reading.decide("musical.key", usual_key(facts.key, scale), "prompt", f'the prompt says "{facts.quotes["key"]}"')
    else:
        weights = np.array(_TONIC_WEIGHTS, dtype=float)
        tonic_name = str(reading.rng("key").choice(_TONICS, p=weights / weights.sum()))
        if is_minor(scale):
            tonic_name = _MINOR_SPELLING.get(tonic_name, tonic_name)
        reading.decide("musical.key", usual_key(tonic_name, scale), "default", "no key is named; one was drawn")
    normal_key(str(reading.values["musical.key"]))
    if chords:
        _decide_progression(reading, scale)


def _named_tonic(tonic: int, chords: Sequence[str]) -> str:
    named = [parse_chord(c).root_name for c in chords if parse_chord(c).root == tonic]
    return named[0] if named else ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")[tonic]


def _scale_for(reading: _Reading, style: Genre, valence: float) -> tuple[str, Source, str]:
    """A mode of the genre; dark moods take the minor ones, bright moods the major ones."""
    weights = {
        mode: weight * float(np.exp(4.5 * (valence - style.valence) * (-1 if is_minor(mode) else 1)))
        for mode, weight in style.modes.items()
    }
    if valence < 0.3 and not any(is_minor(m) for m in weights):
        weights["minor"] = 3.0
    total = sum(weights.values())
    pick = str(reading.rng("scale").choice(list(weights), p=[w / total for w in weights.values()]))
    source: Source = "mood" if abs(valence - style.valence) > 0.15 else "genre"
    return pick, source, f"{pick.replace('_', ' ')} suits the mood in {style.name}"


def _decide_progression(reading: _Reading, scale: str) -> None:
    key = str(reading.values["musical.key"])
    progression = {}
    for kind, chords in reading.facts.chords.items():
        if not is_chord(chords[0]):
            chords = [numeral_chord(_mode_numeral(c, scale, chords), key) for c in chords]
        progression[kind] = chords
    quote = reading.facts.quotes["chords"]
    reading.decide("musical.chord_progression", progression, "prompt", f'the prompt says "{quote}"')


def _mode_numeral(numeral: str, scale: str, all_: Sequence[str]) -> str:
    """In minor, players write VI and VII for the chords on the lowered degrees."""
    minor = is_minor(scale) or any(c == "i" for c in all_)
    plain = next((d for d in ("VII", "VI", "III") if numeral.startswith(d)), None)
    return f"b{numeral}" if minor and plain else numeral


def _decide_constraints(reading: _Reading) -> None:
    left = _left_out(reading)
    constraints: dict[str, Any] = {}
    if any(INSTRUMENTS[i].is_drum for i in left):
        constraints["no_drums"] = True
    if any(INSTRUMENTS[i].roles[0] is Role.BASS for i in left):
        constraints["no_bass"] = True
    others = sorted(i for i in left if not INSTRUMENTS[i].is_drum and INSTRUMENTS[i].roles[0] is not Role.BASS)
    if others:
        constraints["without"] = others
    if "exactly" in words_of(reading.text) and reading.facts.duration is not None:
        constraints["exact_duration"] = True
    given = reading.given.get("creative.constraints")
    if isinstance(given, Mapping):
        constraints.update(given)
    if constraints:
        reading.decide("creative.constraints", constraints, "prompt", "the prompt leaves things out or is exact")


def _left_out(reading: _Reading) -> set[str]:
    """Instruments the prompt excludes; "no drums" takes every kit."""
    left = {v for f in reading.found if f.negated for c, v in f.meanings if c == "instrument"}
    plain = " ".join(reading.facts.left_out)
    if "drums" in plain.split() or "beat" in plain.split() or "percussion" in plain.split():
        left |= {i for i, row in INSTRUMENTS.items() if row.is_drum}
    groups = {"guitar": "guitar", "guitars": "guitar", "synths": "synth", "strings": "strings", "brass": "brass"}
    for word, family in groups.items():
        if word in plain.split():
            left |= {i for i, row in INSTRUMENTS.items() if family in row.family}
    return left


def _asked_instruments(reading: _Reading, left: set[str]) -> list[str]:
    asked: dict[str, Found] = {}
    for value, found in reading.said("instrument"):
        if value not in left:
            asked.setdefault(value, found)
    return list(asked)


def _decide_instruments(reading: _Reading, style: Genre) -> None:
    left = _left_out(reading)
    constraints = reading.values.get("creative.constraints", {})
    if constraints.get("no_drums"):
        left |= {i for i, row in INSTRUMENTS.items() if row.is_drum}
    if constraints.get("no_bass"):
        left |= {i for i, row in INSTRUMENTS.items() if row.roles[0] is Role.BASS}
    asked = _asked_instruments(reading, left)
    if asked and _alone(reading):
        reading.decide("musical.instruments", asked, "prompt", "the prompt asks for nothing else")
        return
    band = _band(reading, style, asked, left)
    source: Source = "prompt" if asked else "genre"
    names = ", ".join(INSTRUMENTS[i].name for i in asked)
    reason = (
        f"the prompt names {names}; the rest of the band is {style.name}'s" if asked else f"{style.name}'s usual band"
    )
    reading.decide("musical.instruments", band, source, reason, 0.85 if asked else None)


def _alone(reading: _Reading) -> bool:
    """Whether nothing may be added, as in "solo piano"; a "guitar solo" is a passage, not a setting."""
    words = words_of(reading.text)
    for found in reading.found:
        if found.negated or not any(c == "instrument" for c, _ in found.meanings):
            continue
        before = [w for w in words[max(0, found.at - 3) : found.at] if w not in {"a", "an", "the", "one"}]
        after = words[found.at + found.words : found.at + found.words + 1]
        if (before and before[-1] in _SOLO_WORDS) or (after and after[0] in {"only", "alone"}):
            return True
    return False


def _band(reading: _Reading, style: Genre, asked: list[str], left: set[str]) -> list[str]:
    """The genre's chairs; whoever the prompt names takes the chair of its kind."""
    rng = reading.rng("band")
    band: list[str] = []
    remaining = list(asked)
    light = not reading.enhance or reading.level == "light"
    mood = reading.values["musical.mood"]
    calm = isinstance(mood, Mapping) and float(mood.get("arousal", 0.5)) < 0.4
    quiet = _LOUD_CHAIRS if calm and style.spectrum == "orchestral" else frozenset()
    for chair, candidates in style.band.items():
        allowed = [c for c in candidates if c not in left]
        pick = str(rng.choice(allowed)) if allowed else None
        seated = _claims(chair, candidates, remaining)
        if seated is not None:
            remaining.remove(seated)
            band.append(seated)
        elif pick is not None and _wanted(chair, light, asked) and chair not in quiet:
            band.append(pick)
    band += remaining
    if reading.enhance and reading.level == "strong":
        extra = [c for c in ("cello", "vibraphone", "glass_pad", "harp", "french_horn") if c not in {*band, *left}]
        suited = [c for c in extra if GENRE_OF_INSTRUMENT.get(c) == style.id] or extra
        band.append(suited[0] if style.spectrum in {"orchestral", "acoustic", "jazz"} else "glass_pad")
    band = (
        [i for i in dict.fromkeys(band) if i not in left] if style.id != "metal" else [i for i in band if i not in left]
    )
    return band or ["grand_piano"]


def _wanted(chair: str, light: bool, asked: Sequence[str]) -> bool:
    return (chair in _CORE_CHAIRS or not light) and not (chair == "drums" and _has_kit(asked))


def _has_kit(asked: Sequence[str]) -> bool:
    return any(INSTRUMENTS[i].is_drum and INSTRUMENTS[i].roles[0] is Role.DRUMS for i in asked)


def _claims(chair: str, candidates: Sequence[str], asked: Sequence[str]) -> str | None:
    """The asked instrument that takes this chair: one of its candidates, else one whose main role it is."""
    role = Role(chair)
    own = [i for i in asked if i in candidates]
    if own:
        return own[0]
    fits = [i for i in asked if INSTRUMENTS[i].roles[0] is role]
    return fits[0] if fits else None


def _decide_form(reading: _Reading, style: Genre) -> None:
    facts = reading.facts
    if facts.structure:
        quote = facts.quotes["structure"]
        reading.decide("musical.structure", facts.structure, "prompt", f'the prompt says "{quote[:80]}"')
    if facts.duration is not None:
        reading.decide("technical.duration", facts.duration, "prompt", f'the prompt says "{facts.quotes["duration"]}"')
    elif facts.structure:
        reading.decide("technical.duration", _structure_seconds(reading), "prompt", "the sections add up to that", 0.9)
    else:
        reading.decide("technical.duration", float(style.duration), "genre", f"a usual length for {style.name}")


def _structure_seconds(reading: _Reading) -> float:
    tempo = float(reading.values["musical.tempo"])
    bar = parse_metre(str(reading.values["musical.time_signature"])).beats_per_bar
    beats = {"bars": bar, "beats": 1.0, "seconds": tempo / 60}
    total = sum(float(s["duration"]) * beats[s["unit"]] for s in reading.facts.structure) * 60 / tempo
    return round(min(900.0, max(20.0, total + 2.5)), 2)


def _decide_style(reading: _Reading, style: Genre) -> None:
    said = [v for v, _ in reading.said("style")]
    eras = [w for v, _ in reading.said("era") for w in ERA_STYLE[v]]
    explicit = list(dict.fromkeys([*said, *eras]))
    added: list[str] = []
    if reading.enhance:
        room = {"light": 1, "moderate": 3, "strong": 5}[reading.level]
        denied = {v for f in reading.found if f.negated for c, v in f.meanings if c == "style"}
        clash = {"bright": "dark", "dark": "bright", "dry": "spacious", "spacious": "dry", "raw": "crisp"}
        fresh = [w for w in style.style if w not in explicit and w not in denied]
        added = [w for w in fresh if clash.get(w) not in explicit][:room]
    words = [*explicit, *added]
    source: Source = "prompt" if explicit else "genre"
    reason = 'the prompt says "' + ", ".join(explicit) + '"' if explicit else f"{style.name} usually sounds so"
    if words:
        reading.decide("creative.style_modifiers", words, source, reason)


def _find_contradictions(reading: _Reading, arousal: float) -> None:
    facts, out = reading.facts, reading.contradictions
    shifts = [(w, TEMPO_SHIFT[w]) for w, _ in reading.said("tempo")]
    if facts.tempo is not None:
        out += [
            f'"{word}" and {facts.tempo:g} bpm contradict each other; the number was taken'
            for word, shift in shifts
            if (shift < -0.3 and facts.tempo >= 132) or (shift > 0.3 and facts.tempo <= 76)
        ]
    elif any(s < -0.3 for _, s in shifts) and any(s > 0.3 for _, s in shifts):
        out.append("the prompt asks for slow and fast; a tempo between them was taken")
    in_three = facts.metre in {None, "3/4", "6/8", "9/8", "12/8", "3/8"}
    if not in_three and any(v == "waltz" for v, _ in reading.said("genre")):
        out.append(f"a waltz is in three, the prompt says {facts.metre}; {facts.metre} was taken")
    _mood_contradictions(reading)
    wanted = {v for v, _ in reading.said("instrument")}
    both = wanted & _left_out(reading)
    out += [f"{INSTRUMENTS[i].name} is asked for and left out; it was left out" for i in sorted(both)]


def _mood_contradictions(reading: _Reading) -> None:
    moods = [(m, MOOD_WORDS[m]) for m, _ in reading.said("mood")]
    if len(moods) < 2:
        return
    low = min(moods, key=lambda m: m[1][0])
    high = max(moods, key=lambda m: m[1][0])
    if high[1][0] - low[1][0] > 0.6:
        reading.contradictions.append(f'"{high[0]}" and "{low[0]}" pull apart; the music stands between them')
    calm = min(moods, key=lambda m: m[1][1])
    wild = max(moods, key=lambda m: m[1][1])
    if wild[1][1] - calm[1][1] > 0.7:
        reading.contradictions.append(f'"{wild[0]}" and "{calm[0]}" pull apart; the energy stands between them')


def _enhanced_prompt(reading: _Reading, style: Genre) -> str:
    """The prompt, then what was settled, in sentences a musician would write."""
    v = reading.values
    mood = v["musical.mood"]
    minutes = f"{v['technical.duration']:.0f} seconds"
    players = [INSTRUMENTS[i].name.lower() for i in v["musical.instruments"] if i in INSTRUMENTS]
    sentences = [
        reading.text.strip().rstrip(".") + ".",
        f"{style.name} in {v['musical.key']} {str(v['musical.scale']).replace('_', ' ')}, {v['musical.tempo']:g} bpm,"
        f" {v['musical.time_signature']}, about {minutes}.",
    ]
    if reading.level != "light":
        band = ", ".join(players[:-1]) + f" and {players[-1]}" if len(players) > 1 else "".join(players)
        sentences.append(f"Played by {band}." if players else "")
        if v.get("creative.style_modifiers"):
            sentences.append(f"The sound is {', '.join(v['creative.style_modifiers'])}.")
    if reading.level == "strong" and isinstance(mood, Mapping):
        sentences.append(_shape_sentence(float(mood.get("arousal", 0.5)), float(mood.get("valence", 0.5))))
    return " ".join(s for s in sentences if s)


def _shape_sentence(arousal: float, valence: float) -> str:
    build = (
        "It builds layer by layer to a full last chorus"
        if arousal > 0.45
        else "It stays close and lets the phrases breathe"
    )
    light = "and ends in the light." if valence > 0.5 else "and keeps its shadows to the end."
    return f"{build} {light}"
