"""Key and mode of the song, its chord lists in that key, and the keys that sections change to."""

import re
from collections.abc import Sequence

import numpy as np

from music.genres import Genre
from music.grammar.facts import KeyWish
from music.keyfinding import best_key
from music.reading import Reading, Source
from music.theory import (
    SCALES,
    is_chord,
    is_minor,
    is_numeral,
    name_pc,
    normal_key,
    numeral_chord,
    parse_chord,
    scale_steps,
    usual_key,
)

_TONICS = ("C", "G", "D", "A", "E", "F", "Bb", "Eb", "Ab", "B", "Db", "F#")
_TONIC_WEIGHTS = (10, 10, 10, 9, 8, 9, 7, 7, 5, 4, 3, 3)
# Pitch class -> the tonic as it is usually written.
_MAJOR_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
_NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII")
_DEGREE = re.compile(r"([b#]?)([1-7])(m7|maj7|m|°|7)?")
_PLAIN = re.compile(r"(VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)(.*)")
# Relation to the song's key -> (semitones from a major tonic, from a minor one, other mode).
_RELATIONS = {
    "relative": (-3, 3, True),
    "parallel": (0, 0, True),
    "dominant": (7, 7, False),
    "subdominant": (5, 5, False),
}


def tonic_name(pc: int, scale: str) -> str:
    """The tonic on pitch class `pc` as players write it in that mode."""
    return (_MINOR_NAMES if is_minor(scale) else _MAJOR_NAMES)[pc % 12]


def decide_key(reading: Reading, style: Genre, valence: float) -> None:
    """Settle scale, key and chord progression."""
    facts = reading.facts
    chords = [symbol for bars in facts.chords.values() for bar in bars for symbol in bar.split()]
    _from_sections(reading)
    _decide_scale(reading, style, valence, chords)
    scale = str(reading.values["musical.scale"])
    scale_steps(scale)
    if facts.key is not None:
        source: Source = "default" if facts.quotes["key"].startswith("the key before") else "prompt"
        reason = f'the prompt says "{facts.quotes["key"]}"' if source == "prompt" else facts.quotes["key"]
        reading.decide("musical.key", usual_key(facts.key, scale), source, reason)
    else:
        weights = np.array(_TONIC_WEIGHTS, dtype=float)
        tonic = str(reading.rng("key").choice(_TONICS, p=weights / weights.sum()))
        reading.decide("musical.key", tonic_name(name_pc(tonic), scale), "default", "no key is named; one was drawn")
    normal_key(str(reading.values["musical.key"]))
    if chords:
        _decide_progression(reading, scale)


def _from_sections(reading: Reading) -> None:
    """With keys only for sections ("verse in A minor, chorus in C"), the first is the song's."""
    facts = reading.facts
    named = [wish for wish in facts.keys if wish.key is not None]
    if facts.key is not None or facts.chords or not named:
        return
    first = named[0]
    assert first.key is not None
    scale = first.scale or facts.scale or "major"
    if re.search(r"(?i)modulat|chang|shift|switch|mov|go(?:es|ing)|transpos", first.quote):
        facts.key, facts.scale = tonic_name(name_pc(first.key) - 2, scale), facts.scale or scale
        facts.quotes["key"] = f"the key before {first.key} was chosen a whole step below it"
    else:
        facts.key, facts.scale = first.key, facts.scale or first.scale
        facts.quotes["key"] = first.quote


def _decide_scale(reading: Reading, style: Genre, valence: float, chords: Sequence[str]) -> None:
    facts = reading.facts
    if facts.scale is not None:
        quote = facts.quotes.get("scale", facts.quotes.get("key", facts.scale))
        reading.decide("musical.scale", facts.scale, "prompt", f'the prompt says "{quote}"')
    elif chords and is_chord(chords[0]) and facts.key is None and "musical.key" not in reading.given:
        sound = [c for c in chords if is_chord(c)]
        tonic, minor = _two_five_one(sound) or best_key(sound)
        reading.decide("musical.scale", "minor" if minor else "major", "prompt", "the chords are in that mode", 0.8)
        facts.key, facts.quotes["key"] = _named_tonic(tonic, chords), "the chords"
    elif chords and is_chord(chords[0]) and facts.key is not None:
        minor = _minor_on(facts.key, chords)
        reading.decide("musical.scale", "minor" if minor else "major", "prompt", "the chords are in that mode", 0.85)
    elif chords and is_numeral(chords[0]):
        minor = any(re.match(r"i(?![iv])", c) for c in chords)
        reason = "the progression is built on a minor tonic" if minor else "the progression is built on a major tonic"
        reading.decide("musical.scale", "minor" if minor else "major", "prompt", reason, 0.9)
    elif chords:
        minor = any(re.fullmatch(r"1(?:m|m7)", c) for c in chords)
        reading.decide(
            "musical.scale", "minor" if minor else "major", "prompt", "scale degrees count from that tonic", 0.8
        )
    elif facts.key is not None and (modes := _bright_modes(style)):
        weights = np.array(list(modes.values()), dtype=float)
        scale = str(reading.rng("scale").choice(list(modes), p=weights / weights.sum()))
        reading.decide("musical.scale", scale, "prompt", "a key named without a mode is taken as major", 0.8)
    else:
        scale, source, reason = _scale_for(reading, style, valence)
        reading.decide("musical.scale", scale, source, reason)


def _bright_modes(style: Genre) -> dict[str, float]:
    """The genre's modes with a major third; of the church modes only where the genre has no plain major."""
    bright = {mode: weight for mode, weight in style.modes.items() if not is_minor(mode)}
    blues = {mode: weight for mode, weight in style.modes.items() if mode == "blues"}
    return {"major": 1.0} if "major" in bright else {**bright, **blues} if bright else {}


def _two_five_one(chords: Sequence[str]) -> tuple[int, bool] | None:
    """Tonic and mode where the chords tell them by a ii–V–I; the commonest target where there are several."""
    parsed = [parse_chord(c) for c in chords]
    targets = [
        (home.root, home.is_minor)
        for two, five, home in zip(parsed, parsed[1:], parsed[2:], strict=False)
        if two.is_minor
        and (five.root - two.root) % 12 == (home.root - five.root) % 12 == 5
        and {4, 10} <= set(five.intervals)
        and not {4, 10} <= set(home.intervals)
    ]
    return max(dict.fromkeys(targets), key=targets.count) if targets else None


def _minor_on(key: str, chords: Sequence[str]) -> bool:
    """Whether the chords on the tonic `key` are minor; without one on it, whether most chords fit the minor scale."""
    tonic = name_pc(key)
    parsed = [parse_chord(c) for c in chords if is_chord(c)]
    home = [c.is_minor for c in parsed if c.root == tonic]
    if home:
        return home[0]
    fits = [sum((c.root - tonic) % 12 in SCALES[mode] for c in parsed) for mode in ("major", "minor")]
    return fits[1] > fits[0]


def _named_tonic(tonic: int, chords: Sequence[str]) -> str:
    named = [parse_chord(c).root_name for c in chords if parse_chord(c).root == tonic]
    return named[0] if named else _MAJOR_NAMES[tonic]


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
    progression = {
        kind: [" ".join(_symbol(token, key, scale, bars) for token in bar.split()) for bar in bars]
        for kind, bars in reading.facts.chords.items()
    }
    reading.decide(
        "musical.chord_progression", progression, "prompt", f'the prompt says "{reading.facts.quotes["chords"]}"'
    )


def _symbol(token: str, key: str, scale: str, bars: Sequence[str]) -> str:
    """A chord symbol for a symbol, a Roman numeral or a scale degree."""
    if is_chord(token):
        return token
    if (match := _DEGREE.fullmatch(token)) is not None:
        return numeral_chord(_degree_numeral(match, scale), key)
    return numeral_chord(_mode_numeral(token, scale, bars), key)


def _triad(step: int, scale: str) -> tuple[int, int, int]:
    """Semitones of a step above the tonic, and of its third and fifth above it."""
    steps = SCALES[scale]
    if len(steps) != 7:
        steps = SCALES["minor" if 3 in steps else "major"]
    root, third, fifth = (steps[(step + up) % 7] + 12 * ((step + up) // 7) for up in (0, 2, 4))
    return root % 12, third - root, fifth - root


def _accidental(step: int, root: int) -> str:
    return {0: "", -1: "b", 1: "#"}.get((root - SCALES["major"][step] + 6) % 12 - 6, "")


def _degree_numeral(match: re.Match[str], scale: str) -> str:
    """A scale degree as a numeral: 6 in C major is A minor, 6 in C minor A flat major; "4m" is minor anyhow."""
    step, quality = int(match[2]) - 1, match[3] or ""
    root, third, fifth = _triad(step, scale)
    accidental = match[1] or _accidental(step, root)
    minor = quality.startswith("m") and quality != "maj7" if quality else third == 3
    numeral = _NUMERALS[step].lower() if minor else _NUMERALS[step]
    suffix = "dim" if (not quality and fifth == 6) or quality == "°" else {"m": "", "m7": "7"}.get(quality, quality)
    return f"{accidental}{numeral}{suffix}"


def _mode_numeral(numeral: str, scale: str, bars: Sequence[str]) -> str:
    """Players write the chords of a mode without accidentals: VII in a minor or in mixolydian is the lowered one."""
    match = _PLAIN.fullmatch(numeral)
    if match is None:
        return numeral
    step = [n.lower() for n in _NUMERALS].index(match[1].lower())
    root, third, _ = _triad(step, scale)
    if (third == 3) == match[1].islower():
        return f"{_accidental(step, root)}{numeral}"
    minor = is_minor(scale) or any(re.match(r"i(?![iv])", bar) for bar in bars)
    return f"b{numeral}" if minor and match[1] in {"VII", "VI", "III"} else numeral


def changed_key(wish: KeyWish, key: str, scale: str) -> tuple[str, str]:
    """Key and scale of a section that leaves the song's `key` and `scale`."""
    if wish.key is not None:
        there = wish.scale or scale
        return usual_key(wish.key, there), there
    if wish.relation is not None:
        from_major, from_minor, other = _RELATIONS[wish.relation]
        there = wish.scale or (("major" if is_minor(scale) else "minor") if other else scale)
        return tonic_name(name_pc(key) + (from_minor if is_minor(scale) else from_major), there), there
    return tonic_name(name_pc(key) + wish.shift, scale), scale
