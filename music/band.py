"""The band for a prompt: who is asked for, who is left out, and who sits in the genre's other chairs."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from domain.score import Role
from music.genres import GENRES, Genre
from music.instruments import INSTRUMENTS
from music.lexicon import GENRE_OF_INSTRUMENT
from music.matching import Found, words_of
from music.reading import Reading, Source

_SOLO_WORDS = {"solo", "only", "just", "unaccompanied", "alone"}
# Settings that a number of players fills: "a duet for flute and harp".
_PLAYERS: dict[str, int] = {"duet": 2, "duo": 2, "trio": 3, "quartet": 4, "quintet": 5}
_LOUD_CHAIRS = frozenset({"percussion", "brass"})
_CORE_CHAIRS = ("drums", "percussion", "bass", "keys", "guitar", "lead")


# Words for a whole kind of instruments -> part of their family's name; what "no guitars" and "no synths" leave out.
_SYNTHS = ("synth", "pad", "chip")
_KINDS: dict[str, tuple[str, ...]] = {
    "guitar": ("guitar",), "guitars": ("guitar",), "synth": _SYNTHS, "synths": _SYNTHS, "synthesizer": _SYNTHS,
    "synthesizers": _SYNTHS, "strings": ("strings",), "brass": ("brass",), "horns": ("brass",), "piano": ("piano",),
    "pianos": ("piano",), "pad": ("pad",), "pads": ("pad",), "bass": ("bass",), "sax": ("saxophone",),
    "saxophone": ("saxophone",), "organ": ("organ",), "woodwinds": ("woodwind",), "flutes": ("woodwind",),
    "choir": ("voices",), "vocals": ("voices",), "voices": ("voices",),
}  # fmt: skip
# Who sits down where the genre's own players are left out one by one.
_ELSE: dict[str, tuple[str, ...]] = {"drums": ("acoustic_kit", "brush_kit"), "bass": ("finger_bass", "upright_bass")}
# Who plays the tune where all that could have been left out.
_TUNES = ("grand_piano", "clean_guitar", "violin", "flute")
# Settings by name -> who sits in them.
SETTINGS: dict[str, tuple[str, ...]] = {
    "jazz trio": ("grand_piano", "upright_bass", "brush_kit"),
    "jazz piano trio": ("grand_piano", "upright_bass", "brush_kit"),
    "string quartet": ("violin", "violin", "viola", "cello"), "string trio": ("violin", "viola", "cello"),
    "string quintet": ("violin", "violin", "viola", "cello", "double_bass"),
    "piano trio": ("grand_piano", "violin", "cello"), "piano quartet": ("grand_piano", "violin", "viola", "cello"),
    "wind quintet": ("flute", "oboe", "clarinet", "french_horn", "bassoon"),
    "woodwind quintet": ("flute", "oboe", "clarinet", "french_horn", "bassoon"),
    "brass quintet": ("trumpet", "trumpet", "french_horn", "trombone", "tuba"),
}  # fmt: skip
_WITHIN_SETTINGS = frozenset({"string_ensemble", "brass_section"})
_GUITARS = frozenset({"guitar", "guitars"})
_ALL_DRUMS = frozenset({"drums", "drum", "drum kit", "drumset", "drum set", "beat", "beats", "percussion", "drumming"})


def decide_constraints(reading: Reading) -> None:
    """Settle what is left out and whether the length is exact."""
    left = left_out(reading)
    constraints: dict[str, Any] = {}
    drums = {i for i, row in INSTRUMENTS.items() if row.is_drum}
    basses = {i for i, row in INSTRUMENTS.items() if row.roles[0] is Role.BASS}
    for name, whole in (("no_drums", drums), ("no_bass", basses)):
        if whole <= left:
            constraints[name] = True
            left -= whole
    if left:
        constraints["without"] = sorted(left)
    if reading.facts.exact:
        constraints["exact_duration"] = True
    given = reading.given.get("creative.constraints")
    if isinstance(given, Mapping):
        constraints.update(given)
    if constraints:
        reading.decide("creative.constraints", constraints, "prompt", "the prompt leaves things out or is exact")


def left_out(reading: Reading) -> set[str]:
    """Instruments the prompt excludes; "no drums" takes every kit, "no distorted guitar" that one guitar."""
    left: set[str] = set()
    for found in reading.found:
        if found.negated:
            left |= {v for c, v in found.meanings if c == "instrument"} | _kind(found.phrase)
    for words in reading.facts.left_out:
        left |= _kind(words) | {i for word in words.split()[:1] for i in _kind(word)}
        if _ALL_DRUMS & set(words.split()) and not any(f.negated and f.words > 1 and _is_kit(f) for f in reading.found):
            left |= _kind("drums")
    return left


def _kind(word: str) -> set[str]:
    """Every instrument that a word for a whole kind means."""
    if word in _ALL_DRUMS:
        return {i for i, row in INSTRUMENTS.items() if row.is_drum}
    if word == "bass":
        return {i for i, row in INSTRUMENTS.items() if row.roles[0] is Role.BASS}
    families = _KINDS.get(word, ())
    return {i for i, row in INSTRUMENTS.items() if any(family in row.family for family in families)}


def _is_kit(found: Found) -> bool:
    return any(c == "instrument" and INSTRUMENTS[v].is_drum for c, v in found.meanings)


def _setting(reading: Reading) -> tuple[str, ...]:
    """The players of a setting that the prompt names; none for a jazz band's "piano trio"."""
    words = " ".join(words_of(reading.rest))
    if re.search(r"\b(?:no|without)\s+(?:an?\s+)?(?:\w+\s+)?(?:trio|quartet|quintet)s?\b", words):
        return ()
    jazz = any(GENRES[g].spectrum == "jazz" for g in reading.values["musical.genre"] if g in GENRES)
    named = [
        name for name in SETTINGS if re.search(rf"\b{name}s?\b", words) and not (jazz and name.startswith("piano"))
    ]
    return SETTINGS[named[0]] if named else ()


def _beside(reading: Reading, instrument: str) -> bool:
    """Whether an instrument is asked for beside a setting and not by the setting's own words."""
    return any(v == instrument and "quartet" not in f.phrase for v, f in reading.said("instrument"))


def _electric(value: str, found: Found, style: Genre) -> str:
    """A guitar of no kind is an electric one where the genre's band has only those."""
    chair = style.band.get("guitar", ())
    plain = value == "steel_guitar" and found.phrase in _GUITARS and style.spectrum == "rock"
    acoustic = any(INSTRUMENTS[i].family == "acoustic_guitar" for i in chair)
    return chair[0] if plain and chair and not acoustic else value


def _asked_instruments(reading: Reading, style: Genre, left: set[str]) -> list[str]:
    asked: dict[str, Found] = {}
    seats = {i for candidates in style.band.values() for i in candidates}
    for value, found in reading.said("instrument"):
        same = [v for c, v in found.meanings if c == "instrument" and v not in left]
        if value in same and value != next((v for v in same if v in seats), same[0]):
            continue  # One phrase names one player: a double bass is the genre's own kind of it.
        value = _electric(value, found, style)
        if value not in left:
            asked.setdefault(value, found)
    return list(asked)


def decide_instruments(reading: Reading, style: Genre) -> None:
    left = left_out(reading)
    constraints = reading.values.get("creative.constraints", {})
    if reading.facts.feel.get("a_cappella"):
        reading.decide("musical.instruments", ["choir"], "prompt", "a cappella: voices alone, without words")
        return
    if constraints.get("no_drums"):
        left |= {i for i, row in INSTRUMENTS.items() if row.is_drum}
    if constraints.get("no_bass"):
        left |= {i for i, row in INSTRUMENTS.items() if row.roles[0] is Role.BASS}
    asked = _asked_instruments(reading, style, left)
    setting = _setting(reading)
    if setting:
        band = [i for i in setting if i not in left] + [
            i for i in asked if i not in {*setting, *_WITHIN_SETTINGS} and _beside(reading, i)
        ]
        reading.decide("musical.instruments", band, "prompt", "the prompt names a setting and its players")
        return
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


def _alone(reading: Reading) -> bool:
    """Whether nothing may be added, as in "solo piano"; a "guitar solo" is a passage, not a setting."""
    words = words_of(reading.rest)
    asked = {v for v, _ in reading.said("instrument")}
    if any(_PLAYERS.get(word) == len(asked) for word in words):
        return True
    for found in reading.found:
        if found.negated or not any(c == "instrument" for c, _ in found.meanings):
            continue
        before = [w for w in words[max(0, found.at - 3) : found.at] if w not in {"a", "an", "the", "one"}]
        after = words[found.at + found.words : found.at + found.words + 1]
        if (
            found.phrase.startswith("solo ")
            or (before and before[-1] in _SOLO_WORDS)
            or (after and after[0] in {"only", "alone"})
        ):
            return True
    return False


def _band(reading: Reading, style: Genre, asked: list[str], left: set[str]) -> list[str]:
    """The genre's chairs; whoever the prompt names takes the chair of its kind."""
    rng = reading.rng("band")
    band: list[str] = []
    remaining = list(asked)
    light = not reading.enhance or reading.level == "light"
    mood = reading.values["musical.mood"]
    calm = isinstance(mood, Mapping) and float(mood.get("arousal", 0.5)) < 0.4
    quiet = _LOUD_CHAIRS if calm and style.spectrum == "orchestral" else frozenset()
    for chair, candidates in style.band.items():
        allowed = [c for c in candidates if c not in left] or [c for c in _ELSE.get(chair, ()) if c not in left]
        fresh = [c for c in allowed if c not in {*band, *asked}] or allowed
        pick = str(rng.choice(fresh)) if fresh else None
        seated = _claims(chair, candidates, remaining)
        if seated is not None:
            remaining.remove(seated)
            band.append(seated)
        elif pick is not None and _wanted(chair, light, asked) and chair not in quiet and _sits(pick, chair, band):
            band.append(pick)
    band += remaining
    if reading.enhance and reading.level == "strong":
        extra = [c for c in ("cello", "vibraphone", "glass_pad", "harp", "french_horn") if c not in {*band, *left}]
        suited = [c for c in extra if GENRE_OF_INSTRUMENT.get(c) == style.id] or extra
        band.append(suited[0] if style.spectrum in {"orchestral", "acoustic", "jazz"} else "glass_pad")
    band = [i for i in band if i not in left]
    if left and not any(Role.LEAD in INSTRUMENTS[i].roles for i in band):
        band += [i for i in _TUNES if i not in left][:1]
    return band or ["grand_piano"]


def _sits(pick: str, chair: str, band: Sequence[str]) -> bool:
    """Whether a player may sit down: nobody plays twice, but for the second guitar of a band that has only those."""
    return pick not in band or chair == "lead"


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
