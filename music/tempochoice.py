"""Metre, tempo and feel of a prompt."""

import re

import numpy as np

from domain.errors import InvalidValue
from music.genres import GENRES, Genre
from music.grammar.tempos import FASTEST, SLOWEST
from music.lexicon import ITALIAN_TEMPO, TEMPO_SHIFT
from music.matching import words_of
from music.metre import parse_metre
from music.reading import Reading, Source


def decide_metre(reading: Reading, style: Genre) -> None:
    """Settle the time signature: said, that of a waltz beside another genre, or the main genre's own."""
    said = [(value, found.phrase) for value, found in reading.said("genre") if value == "waltz"]
    if reading.facts.metre is not None:
        quote = reading.facts.quotes["metre"]
        reading.decide("musical.time_signature", reading.facts.metre, "prompt", f'the prompt says "{quote}"')
    elif said:
        value, phrase = said[0]
        metre = GENRES[value].metre
        reading.decide("musical.time_signature", metre, "prompt", f'the prompt says "{phrase}", which is in {metre}')
    else:
        reading.decide("musical.time_signature", style.metre, "genre", f"{style.name} is usually in {style.metre}")
    parse_metre(str(reading.values["musical.time_signature"]))


def decide_tempo(reading: Reading, style: Genre, arousal: float) -> None:
    """Settle the tempo in beats of the metre a minute, 20 to 400; a genre's own range is in quarter notes."""
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


def decide_feel(reading: Reading) -> None:
    """Settle swing, groove and density of the rhythm where the prompt asks for a feel."""
    wish = {name: value for name, value in reading.facts.feel.items() if name in {"swing", "groove", "density"}}
    if wish:
        quote = reading.facts.quotes["feel"]
        reading.decide("musical.rhythm_pattern", wish, "prompt", f'the prompt says "{quote}"')


# A ballad of a genre that is no slow one: as if "slow" had been said.
_BALLADS = frozenset({"ballad", "ballade", "balada", "ballata"})
_AS_A_BALLAD = -0.8
_FASTER = re.compile(r"speed|accelerat|rise|rising|jump|increas|pick|build|ramp|climb|faster")
_SLOWER = re.compile(r"slow|drop|decreas|fall")


def _tempo_range(reading: Reading, style: Genre, arousal: float) -> tuple[float, float, Source, str]:
    """The range to draw from, on the right side of a tempo that a section speeds up or slows down to."""
    low, high, source, reason = _said_range(reading, style, arousal)
    for wish in reading.facts.tempos:
        if wish.bpm is not None and _FASTER.search(wish.quote.lower()):
            high = min(high, max(40.0, wish.bpm * 0.9))
            low = min(low, max(40.0, high * 0.9))
        elif wish.bpm is not None and _SLOWER.search(wish.quote.lower()):
            low = max(low, min(220.0, wish.bpm * 1.1))
            high = max(high, min(220.0, low * 1.1))
    return low, high, source, reason


def _shifts(reading: Reading, style: Genre) -> list[tuple[str, float]]:
    shifts = [(word, TEMPO_SHIFT[word]) for word, _ in reading.said("tempo")]
    ballads = [found.phrase for value, found in reading.said("genre") if found.phrase in _BALLADS and value != style.id]
    if ballads and style.tempo[0] > 72:
        shifts.append((ballads[0], _AS_A_BALLAD))
    return shifts


def _said_range(reading: Reading, style: Genre, arousal: float) -> tuple[float, float, Source, str]:
    words = words_of(reading.rest)
    italian = next((w for w in words if w in ITALIAN_TEMPO), None)
    if italian:
        low, high = ITALIAN_TEMPO[italian]
        return low, high, "prompt", f'the prompt says "{italian}" ({low}–{high} bpm)'
    beat = parse_metre(str(reading.values["musical.time_signature"])).counted_beat
    low, high = (round(bpm / beat) for bpm in style.tempo)
    shifts = _shifts(reading, style)
    if shifts:
        shift = float(np.mean([value for _, value in shifts]))
        quote = ", ".join(word for word, _ in shifts)
        width = high - low
        middle = min(208.0, max(46.0, (low + high) / 2 * (1 + 0.22 * shift) + 0.3 * shift * width))
        reason = f'the prompt says "{quote}"; {style.name} runs at {low}–{high} bpm'
        return max(40.0, middle - width / 6), min(220.0, middle + width / 6), "prompt", reason
    centre = low + (high - low) * min(1.0, max(0.0, 0.5 + 0.9 * (arousal - style.arousal)))
    reach = (high - low) * 0.3
    source: Source = "mood" if abs(arousal - style.arousal) > 0.12 else "genre"
    return max(low, centre - reach), min(high, centre + reach), source, f"{style.name} runs at {low}–{high} bpm"
