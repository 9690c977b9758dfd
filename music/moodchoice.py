"""Mood of a prompt as valence and arousal, and the production words that colour its sound."""

from collections.abc import Mapping

import numpy as np

from music.genres import Genre
from music.lexicon import ERA_STYLE, MOOD_WORDS
from music.reading import Reading, Source
from music.theory import is_minor


def decide_mood(reading: Reading, style: Genre) -> tuple[float, float]:
    said = reading.said("mood")
    negated = [v for f in reading.found if f.negated for c, v in f.meanings if c == "mood"]
    points = [MOOD_WORDS[m] for m, _ in said]
    points += [MOOD_WORDS[m] for _, m in reading.themes if m in MOOD_WORDS]
    points += [(1 - MOOD_WORDS[m][0], 1 - MOOD_WORDS[m][1]) for m in negated]
    valence, arousal = style.valence, style.arousal
    source: Source = "genre"
    reason = f"{style.name} usually feels so"
    if points:
        valence, arousal = (0.8 * np.mean(points, axis=0) + 0.2 * np.array([valence, arousal])).tolist()
        source = "prompt"
        reason = (
            'the prompt says "'
            + ", ".join(dict.fromkeys([m for m, _ in said] or negated or [theme for theme, _ in reading.themes]))
            + '"'
        )
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


def decide_style(reading: Reading, style: Genre) -> None:
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
