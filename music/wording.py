"""The prompt said more fully, in sentences a musician would write."""

from collections.abc import Mapping

from music.genres import Genre
from music.instruments import INSTRUMENTS
from music.reading import Reading


def enhanced_prompt(reading: Reading, style: Genre) -> str:
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
