"""Understanding a prompt without a language model: facts, words, genre, mood, and a reason for every choice.

Order of trust: what the person set, an explicit number, a named instrument, the genre, the mood, a default.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from domain.errors import InvalidPrompt, InvalidValue
from music.band import decide_constraints, decide_instruments, left_out
from music.facts import FASTEST, SLOWEST, read_facts
from music.genres import GENRES, Genre, genre
from music.instruments import INSTRUMENTS
from music.keyfinding import best_key
from music.lexicon import ERA_STYLE, GENRE_OF_INSTRUMENT, ITALIAN_TEMPO, MOOD_WORDS, TEMPO_SHIFT
from music.matching import find, words_of
from music.metre import parse_metre
from music.reading import Reading, ReasonStep, Source
from music.theory import is_chord, is_minor, normal_key, numeral_chord, parse_chord, scale_steps, usual_key
from music.titles import make_title

LEVELS = ("light", "moderate", "strong")
_TONICS = ("C", "G", "D", "A", "E", "F", "Bb", "Eb", "Ab", "B", "Db", "F#")
_TONIC_WEIGHTS = (10, 10, 10, 9, 8, 9, 7, 7, 5, 4, 3, 3)
_MINOR_SPELLING = {"Ab": "G#", "Db": "C#"}


class Understanding(BaseModel):
    """A prompt understood: a context patch, the prompt said more fully, and the reasons."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    patch: dict[str, Any]
    enhanced_prompt: str
    reasoning: list[ReasonStep]
    confidence: Annotated[float, Field(ge=0, le=1)]
    contradictions: list[str]
    title: Annotated[str, Field(min_length=1, max_length=60)]


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
    reading = Reading(text, read_facts(text), find(text), given, enhance, level, seed)
    style = _decide_genre(reading)
    valence, arousal = _decide_mood(reading, style)
    _decide_metre(reading, style)
    _decide_tempo(reading, style, arousal)
    _decide_key(reading, style, valence)
    decide_constraints(reading)
    decide_instruments(reading, style)
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


def _decide_genre(reading: Reading) -> Genre:
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


def _genre_by_mood(reading: Reading) -> Genre:
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


def _decide_mood(reading: Reading, style: Genre) -> tuple[float, float]:
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


def _decide_metre(reading: Reading, style: Genre) -> None:
    if reading.facts.metre is not None:
        quote = reading.facts.quotes["metre"]
        reading.decide("musical.time_signature", reading.facts.metre, "prompt", f'the prompt says "{quote}"')
    elif any(v == "waltz" for v, _ in reading.said("genre")):
        reading.decide("musical.time_signature", "3/4", "prompt", "a waltz is in three")
    else:
        reading.decide("musical.time_signature", style.metre, "genre", f"{style.name} is usually in {style.metre}")
    parse_metre(str(reading.values["musical.time_signature"]))


def _decide_tempo(reading: Reading, style: Genre, arousal: float) -> None:
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


def _tempo_range(reading: Reading, style: Genre, arousal: float) -> tuple[float, float, Source, str]:
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


def _decide_key(reading: Reading, style: Genre, valence: float) -> None:
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


def _scale_for(reading: Reading, style: Genre, valence: float) -> tuple[str, Source, str]:
    """A mode of the genre; dark moods take the minor ones, bright moods the major ones."""
    weights = {
        mode: weight * float(np.exp(7.0 * (valence - style.valence) * (-1 if is_minor(mode) else 1)))
        for mode, weight in style.modes.items()
    }
    if valence < 0.3 and not any(is_minor(m) for m in weights):
        weights["minor"] = 3.0
    total = sum(weights.values())
    pick = str(reading.rng("scale").choice(list(weights), p=[w / total for w in weights.values()]))
    source: Source = "mood" if abs(valence - style.valence) > 0.15 else "genre"
    return pick, source, f"{pick.replace('_', ' ')} suits the mood in {style.name}"


def _decide_progression(reading: Reading, scale: str) -> None:
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


def _decide_form(reading: Reading, style: Genre) -> None:
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


def _structure_seconds(reading: Reading) -> float:
    tempo = float(reading.values["musical.tempo"])
    bar = parse_metre(str(reading.values["musical.time_signature"])).beats_per_bar
    beats = {"bars": bar, "beats": 1.0, "seconds": tempo / 60}
    total = sum(float(s["duration"]) * beats[s["unit"]] for s in reading.facts.structure) * 60 / tempo
    return round(min(900.0, max(20.0, total + 2.5)), 2)


def _decide_style(reading: Reading, style: Genre) -> None:
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


def _find_contradictions(reading: Reading, arousal: float) -> None:
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
    both = wanted & left_out(reading)
    out += [f"{INSTRUMENTS[i].name} is asked for and left out; it was left out" for i in sorted(both)]


def _mood_contradictions(reading: Reading) -> None:
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


def _enhanced_prompt(reading: Reading, style: Genre) -> str:
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
