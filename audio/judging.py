"""Takes from elsewhere, judged: what was asked against what is heard, and which take is the best."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict

from audio.clicks import find_clicks
from audio.intake import Intake
from audio.listening import estimate_key, estimate_tempo
from audio.measure import Measurement, measure
from audio.nature import Nature, nature
from audio.rate import RATE, Array
from domain.errors import InvalidValue
from domain.tonality import SCALE_WORDS, SCALES, TONIC

WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "key": 0.22, "tempo": 0.22, "length": 0.18, "clipping": 0.10, "silence": 0.08,
        "clicks": 0.06, "noise": 0.05, "dynamics": 0.05, "stereo": 0.04,
    }
)  # fmt: skip
"""What each verdict counts; what was not asked for does not count, and the rest is scaled to one."""

KEY_CREDIT: Final[Mapping[str, float]] = MappingProxyType(
    {"same": 1.0, "alike": 0.9, "relative": 0.5, "parallel": 0.4, "fifth": 0.3, "other": 0.0}
)
"""Credit of a heard key by its distance from the asked one; `alike` are keys that the ear cannot tell apart here."""

_TEMPO_FINE, _TEMPO_WRONG = 0.01, 0.08
_OCTAVE_CREDIT: Final = 0.9
_LENGTH_FINE, _LENGTH_WRONG = 0.02, 0.30
_UNHEARD: Final = 0.5
_SURE: Final = 0.2
_CLIPPED_WRONG: Final = 0.002
_SILENCE_FINE_S, _SILENCE_WRONG_S = 0.5, 4.0
_CLICKS_WRONG: Final = 20
_CRUSHED_DB, _DYNAMIC_DB = 6.0, 10.0


class Heard(BaseModel):
    """What a take turns out to be. Tempo in beats a minute, key such as "A minor"; confidences 0–1.

    `alike` are keys that the ear cannot tell from `key`; `clipped` counts samples cut flat in the source,
    `clicks` isolated jumps; `flatness` near 0.56 is noise.
    """

    model_config = ConfigDict(frozen=True)

    duration_s: float
    tempo_bpm: float
    tempo_confidence: float
    key: str
    key_confidence: float
    alike: tuple[str, ...]
    clipped: int
    clicks: int
    flatness: float
    kind: str
    measured: Measurement


class Asked(BaseModel):
    """What was asked of a take; None is not asked. `key` such as "F# minor", `seconds` the wished length."""

    model_config = ConfigDict(frozen=True)

    tempo_bpm: float | None = None
    key: str | None = None
    seconds: float | None = None


class Verdict(NamedTuple):
    """One thing asked (or expected of any take) against what is heard: credit 0–1, its weight, and why."""

    name: str
    asked: str
    heard: str
    credit: float
    weight: float
    reason: str


@dataclass(frozen=True)
class Judged:
    """A take's verdicts and its score 0–1, their weighted mean."""

    name: str
    heard: Heard
    verdicts: tuple[Verdict, ...]
    score: float


@dataclass(frozen=True)
class Choice:
    """`best` is the number (from 0) of the take to use, `ranking` all numbers from the best score down.

    `overruled` is the number that the measurements would have chosen where a person chose another.
    """

    best: int
    ranking: tuple[int, ...]
    takes: tuple[Judged, ...]
    reasons: tuple[str, ...]
    overruled: int | None = None


def listen(take: Intake) -> Heard:
    """Measure a take and listen to its tempo and key, without a look at what was asked."""
    x = take.audio
    tempo, key = estimate_tempo(x, RATE), estimate_key(x, RATE)
    sound: Nature = nature(x, RATE, pulse=tempo.confidence)
    return Heard(
        duration_s=round(take.seconds, 3),
        tempo_bpm=tempo.bpm,
        tempo_confidence=tempo.confidence,
        key=f"{key.tonic} {key.mode}",
        key_confidence=key.confidence,
        alike=tuple(f"{tonic} {mode}" for tonic, mode in key.alike),
        clipped=take.clipped,
        clicks=count_clicks(x),
        flatness=sound.flatness,
        kind=sound.kind,
        measured=measure(x, RATE),
    )


def count_clicks(x: Array) -> int:
    """Clicks inside of `x` `(frames, 2)` at 48 kHz; one at its very start or end is a matter of cutting."""
    found = find_clicks(x, RATE)
    return int(np.count_nonzero((found > 0) & (found < x.shape[0])))


def judge(name: str, heard: Heard, asked: Asked) -> Judged:
    """Verdicts on a take. InvalidValue when the asked key cannot be read."""
    rows = [(kind, found) for kind, verdict in _VERDICTS.items() if (found := verdict(heard, asked)) is not None]
    total = sum(WEIGHTS[kind] for kind, _ in rows)
    verdicts = tuple(
        Verdict(kind, found.asked, found.heard, round(found.credit, 4), round(WEIGHTS[kind] / total, 4), found.reason)
        for kind, found in rows
    )
    return Judged(name, heard, verdicts, round(sum(v.credit * v.weight for v in verdicts), 4))


def choose(takes: Sequence[Judged], *, preferred: int | None = None) -> Choice:
    """The take with the highest score, the earlier one of equals; `preferred` (from 1) is the person's, and wins.

    InvalidValue when there is no take, or none of the preferred number.
    """
    if not takes:
        raise InvalidValue("there is no take to choose from: give at least one")
    ranking = tuple(sorted(range(len(takes)), key=lambda n: (-takes[n].score, n)))
    best = ranking[0]
    if preferred is None:
        return Choice(best, ranking, tuple(takes), _reasons(takes, ranking))
    if not 1 <= preferred <= len(takes):
        raise InvalidValue(f"there is no take {preferred}: choose 1 to {len(takes)}")
    chosen = preferred - 1
    said = f"take {preferred} ({takes[chosen].name}) was chosen by a person"
    if chosen == best:
        return Choice(chosen, ranking, tuple(takes), (f"{said}, as the measurements would", *_reasons(takes, ranking)))
    why = f"{said}; the measurements prefer take {best + 1} ({takes[best].name})"
    return Choice(chosen, ranking, tuple(takes), (why, *_reasons(takes, ranking)), overruled=best)


def _reasons(takes: Sequence[Judged], ranking: Sequence[int]) -> tuple[str, ...]:
    """Why the first of the ranking stands before the second, by the verdicts that differ most."""
    if len(ranking) < 2:
        return ("it is the only take",)
    first, second = takes[ranking[0]], takes[ranking[1]]
    if first.score == second.score:
        return (f"take {ranking[0] + 1} and take {ranking[1] + 1} score the same: the earlier one is used",)
    pairs = zip(first.verdicts, second.verdicts, strict=True)
    gains = sorted(((a.weight * (a.credit - b.credit), a, b) for a, b in pairs), key=lambda g: -g[0])
    return tuple(f"{a.name}: {a.heard} against {b.heard} ({a.asked})" for gain, a, b in gains[:3] if gain > 0.0)


class _Found(NamedTuple):
    asked: str
    heard: str
    credit: float
    reason: str


def _falling(value: float, fine: float, wrong: float) -> float:
    """1 up to `fine`, 0 from `wrong`, a straight line between."""
    return float(np.clip((wrong - value) / (wrong - fine), 0.0, 1.0))


def _tempo(heard: Heard, asked: Asked) -> _Found | None:
    if asked.tempo_bpm is None:
        return None
    wish = f"{asked.tempo_bpm:g} bpm"
    if heard.tempo_confidence < _SURE or heard.tempo_bpm <= 0.0:
        return _Found(wish, "no clear pulse", _UNHEARD, "too little beat to tell")
    miss, ratio = min((abs(heard.tempo_bpm * r / asked.tempo_bpm - 1.0), r) for r in (1.0, 2.0, 0.5))
    credit = _falling(miss, _TEMPO_FINE, _TEMPO_WRONG) * (1.0 if ratio == 1.0 else _OCTAVE_CREDIT)
    read = {1.0: "", 2.0: ", felt at half", 0.5: ", felt at double"}[ratio]
    return _Found(wish, f"{heard.tempo_bpm:.1f} bpm", credit, f"{miss:.1%} off{read}")


_STEPS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_MINOR_LIKE: Final = frozenset(
    {"minor", "dorian", "phrygian", "locrian", "harmonic_minor", "melodic_minor", "minor_pentatonic", "blues"}
)


def pitch_classes(key: str) -> tuple[int, str]:
    """Pitch class 0–11 of a key's tonic, and the mode that an ear hears: a scale with a minor third is "minor".

    InvalidValue when the key cannot be read.
    """
    tonic, _, word = key.strip().replace("♯", "#").replace("♭", "b").partition(" ")
    tonic = tonic[:1].upper() + tonic[1:]
    word = word.strip().lower().replace(" ", "_") or "major"
    scale = SCALE_WORDS.get(word, word)
    if not TONIC.match(tonic) or scale not in SCALES:
        raise InvalidValue(f"the key {key!r} cannot be read: write it as F# minor or Bb major")
    bent = tonic.count("#") - tonic[1:].count("b")
    return (_STEPS[tonic[0]] + bent) % 12, "minor" if scale in _MINOR_LIKE else "major"


def _distance(asked: str, heard: Heard) -> str:
    (tonic, mode), (found, found_mode) = pitch_classes(asked), pitch_classes(heard.key)
    if (tonic, mode) == (found, found_mode):
        return "same"
    if (tonic, mode) in [pitch_classes(name) for name in heard.alike]:
        return "alike"
    away = (found - tonic) % 12
    if found_mode == mode:
        return "fifth" if away in (5, 7) else "other"
    return {3 if mode == "minor" else 9: "relative", 0: "parallel"}.get(away, "other")


def _key(heard: Heard, asked: Asked) -> _Found | None:
    if asked.key is None:
        return None
    pitch_classes(asked.key)
    if heard.key_confidence < _SURE:
        return _Found(asked.key, "no clear key", _UNHEARD, "too few tones to tell")
    distance = _distance(asked.key, heard)
    words = {"same": "the key asked for", "alike": "not to be told apart from it here", "other": "another key"}
    return _Found(asked.key, heard.key, KEY_CREDIT[distance], words.get(distance, f"its {distance} key"))


def _length(heard: Heard, asked: Asked) -> _Found | None:
    if asked.seconds is None:
        return None
    miss = heard.duration_s / asked.seconds - 1.0
    credit = _falling(abs(miss), _LENGTH_FINE, _LENGTH_WRONG)
    return _Found(f"{asked.seconds:g} s", f"{heard.duration_s:.1f} s", credit, f"{miss:+.1%}")


def _clipping(heard: Heard, _: Asked) -> _Found:
    share = heard.clipped / max(1.0, 2.0 * heard.duration_s * RATE)
    # The ear forgives one flat top; a thousand of them it does not, and the step from none to one must show.
    credit = 1.0 if heard.clipped == 0 else 0.9 * _falling(share, 0.0, _CLIPPED_WRONG)
    return _Found("none", f"{heard.clipped} samples cut", credit, f"{share:.3%} of all samples")


def _silence(heard: Heard, _: Asked) -> _Found:
    longest = heard.measured.longest_silence_s
    credit = _falling(longest, _SILENCE_FINE_S, _SILENCE_WRONG_S)
    return _Found(f"at most {_SILENCE_FINE_S:g} s inside", f"{longest:.1f} s silent", credit, "longest gap inside")


def _clicks(heard: Heard, _: Asked) -> _Found:
    return _Found("none", f"{heard.clicks} clicks", _falling(heard.clicks, 0, _CLICKS_WRONG), "isolated jumps")


def _noise(heard: Heard, _: Asked) -> _Found:
    credit = _falling(heard.flatness, 0.4, 0.55)
    return _Found("tones", f"flatness {heard.flatness:.2f}", credit, "0.56 is noise")


def _dynamics(heard: Heard, _: Asked) -> _Found:
    ratio = heard.measured.true_peak_dbtp - heard.measured.integrated_lufs
    credit = 1.0 - _falling(ratio, _CRUSHED_DB, _DYNAMIC_DB)
    return _Found(f"{_DYNAMIC_DB:g} dB or more", f"peaks {ratio:.1f} dB over loudness", credit, "room to master")


def _stereo(heard: Heard, _: Asked) -> _Found:
    correlation = heard.measured.correlation
    credit = 1.0 - _falling(correlation, -0.2, 0.2)
    return _Found("over 0.2", f"correlation {correlation:.2f}", credit, "what is left in mono")


_VERDICTS: Final[Mapping[str, Callable[[Heard, Asked], _Found | None]]] = MappingProxyType(
    {
        "key": _key, "tempo": _tempo, "length": _length, "clipping": _clipping, "silence": _silence,
        "clicks": _clicks, "noise": _noise, "dynamics": _dynamics, "stereo": _stereo,
    }
)  # fmt: skip
