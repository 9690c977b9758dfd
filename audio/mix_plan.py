"""The mix on paper: every setting with its reason, from the performed parts alone."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from audio.mix_preferences import PATH, MixPreferences, read_preferences
from audio.mix_tables import (
    BED,
    INSTRUMENT_LEVELS,
    OFF,
    ROLES,
    STYLE_SPACE,
    GenreMix,
    RoleMix,
    genre_mix,
    reference_bands,
    spectrum_range,
)
from domain.errors import InvalidValue
from domain.score import PerformedPart, Role

KICKS: Final = frozenset({35, 36})
_LEFT_ALONE_DB: Final = 1.0
"""An octave this near to the genre's curve is not moved."""
RECORDED: Final = "recording"
"""The instrument of a part that came as sound: it has no notes, and still it plays."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Band(_Frozen):
    """An equaliser bell: centre Hz, gain dB, width as Q."""

    hz: float
    gain_db: float
    q: float


class Compression(_Frozen):
    """Threshold in dB over the part's own loudness; attack and release in s."""

    over_db: float
    ratio: float
    attack_s: float
    release_s: float


class Ducking(_Frozen):
    """A dip by `depth_db` at each kick of part `key`, back within `release_s`."""

    key: str
    depth_db: float
    attack_s: float
    release_s: float


class PartPlan(_Frozen):
    """One channel of the desk. `level_db` is loudness against the lead in LU, `gain_db` what is asked on top."""

    id: str
    role: Role
    level_db: float
    gain_db: float = 0.0
    muted: bool = False
    pan: float = 0.0
    high_pass_hz: float = 20.0
    eq: tuple[Band, ...] = ()
    compression: Compression | None = None
    ducking: Ducking | None = None
    sends: dict[str, float] = {}
    reasons: dict[str, str] = {}


class Bus(_Frozen):
    """The master section: glue limit dB, stereo width 0–1, low end in mono under Hz, the three spaces."""

    glue_db: float
    width: float
    mono_under_hz: float = 120.0
    room_decay_s: float
    plate_decay_s: float
    delay_s: float
    target_bands: dict[str, float]
    target_ranges: dict[str, tuple[float, float]]
    reasons: dict[str, str] = {}


class MixPlan(_Frozen):
    """Everything `mix` needs to know besides the stems."""

    channels: int
    parts: tuple[PartPlan, ...]
    bus: Bus


def _register(part: PerformedPart) -> tuple[float, float]:
    """Lowest and middle fundamental in Hz, the middle weighted by time held."""
    if not part.notes:
        return 261.6, 261.6
    held = sum(n.end - n.start for n in part.notes)
    middle = sum(n.pitch * (n.end - n.start) for n in part.notes) / held
    lowest = min(n.pitch for n in part.notes)
    return 440.0 * 2.0 ** ((lowest - 69) / 12.0), 440.0 * 2.0 ** ((middle - 69) / 12.0)


def _kick_part(parts: Sequence[PerformedPart]) -> PerformedPart | None:
    for part in parts:
        if part.role is Role.DRUMS and any(n.pitch in KICKS for n in part.notes):
            return part
    return None


def _level(part: PerformedPart, genre: GenreMix) -> float:
    level = INSTRUMENT_LEVELS.get(part.instrument, ROLES[part.role].level_db)
    return level + {Role.DRUMS: genre.drums_db, Role.BASS: genre.bass_db}.get(part.role, 0.0)


def _pans(parts: Sequence[PerformedPart], genre: GenreMix) -> dict[str, float]:
    """Each panned part goes to the side that carries less so far; a lone panned part stays nearer the middle."""
    weight, pans = 0.0, {}
    panned = [p for p in parts if ROLES[p.role].pan > 0.0 and not p.is_drum]
    for part in parts:
        amount = ROLES[part.role].pan if len(panned) > 1 or part.is_drum else 0.0
        side = -1.0 if weight >= 0.0 else 1.0
        pans[part.id] = side * amount
        weight += side * amount * 10.0 ** (_level(part, genre) / 20.0)
    return pans


def _high_pass(part: PerformedPart, has_bass: bool) -> tuple[float, str]:
    table = ROLES[part.role].high_pass_hz
    if part.is_drum or part.instrument == RECORDED or part.role in (Role.EFFECTS, Role.FULL_MIX):
        return table, f"usual low cut of {part.role.value}"
    lowest, _ = _register(part)
    if not has_bass and part.role is not Role.BASS:
        return max(25.0, min(table, lowest * 0.55)), "no bass in the song, so the lowest note keeps its body"
    return max(25.0, min(table, lowest * 0.8)), "under the part's lowest note lies only rumble"


def _shared_register(part: PerformedPart, lead: PerformedPart) -> float:
    """Semitones between the middles of two parts."""
    mine, theirs = _register(part)[1], _register(lead)[1]
    return abs(_semitones(mine) - _semitones(theirs))


def _semitones(hertz: float) -> float:
    """Pitch number of a frequency, 69 at 440 Hz."""
    return 69.0 + 12.0 * math.log2(hertz / 440.0)


def _eq(part: PerformedPart, lead: PerformedPart | None, has_bass: bool, kick: bool) -> tuple[list[Band], str]:
    bands, why = [], []
    if part.role in BED and lead is not None and lead.id != part.id:
        near = _shared_register(part, lead) < 14.0
        centre = min(3200.0, max(700.0, _register(lead)[1] * 3.0))
        bands.append(Band(hz=round(centre), gain_db=-2.5 if near else -1.5, q=0.8))
        why.append(f"room for {lead.id}")
    if part.role in BED and has_bass:
        bands.append(Band(hz=260.0, gain_db=-2.0, q=0.9))
        why.append("room for the bass")
    if part.role is Role.BASS and kick:
        bands.append(Band(hz=58.0, gain_db=-1.5, q=1.4))
        bands.append(Band(hz=110.0, gain_db=1.0, q=1.0))
        why.append("the kick has the bottom, the bass the octave above")
    if part.role is Role.DRUMS and has_bass:
        bands.append(Band(hz=350.0, gain_db=-2.0, q=1.0))
        why.append("less box")
    return bands, "; ".join(why)


def _ducking(
    part: PerformedPart, kick: PerformedPart | None, genre: GenreMix, wanted: MixPreferences
) -> tuple[Ducking | None, str]:
    if kick is None or kick.id == part.id or wanted.ducking is False:
        return None, ""
    beat = 60.0 / part.tempo_bpm
    pump = max(genre.pump_db, 4.5 if wanted.ducking or "sidechained" in part.style else 0.0)
    pumped = {Role.BASS: 1.0, Role.PAD: 1.0, Role.KEYS: 0.7, Role.STRINGS: 0.7, Role.ARPEGGIO: 0.5, Role.LEAD: 0.3}
    if pump >= 1.0 and part.role in pumped:
        depth = round(pump * pumped[part.role], 2)
        duck = Ducking(key=kick.id, depth_db=depth, attack_s=0.006, release_s=min(0.35, beat * 0.6))
        return duck, "the style breathes with the kick"
    if part.role is Role.BASS:
        return Ducking(key=kick.id, depth_db=2.5, attack_s=0.005, release_s=0.1), "kick and bass share the bottom"
    return None, ""


def _scaled(amount: float | None) -> float:
    """A 0–1 wish as dB on the sends: 0 is off, 0.5 leaves them, 1 adds 9 dB."""
    if amount is None:
        return 0.0
    return OFF if amount == 0.0 else (amount - 0.5) * 18.0


def _sends(role: RoleMix, part: PerformedPart, genre: GenreMix, wanted: MixPreferences) -> dict[str, float]:
    words = sum(STYLE_SPACE.get(word, 0.0) for word in part.style)
    dry = min(0.0, words)
    space = genre.space_db + _scaled(wanted.reverb) + max(-12.0, min(6.0, words))
    levels = {
        "room": role.room_db + space,
        "plate": role.plate_db + space,
        "delay": role.delay_db + 0.5 * genre.space_db + _scaled(wanted.delay) + dry,
    }
    return {name: round(min(0.0, db), 2) for name, db in levels.items() if db > OFF + 20.0}


def _asked(part: PerformedPart, values: Mapping[str, float]) -> float | None:
    return values.get(part.id, values.get(part.role.value))


def _compression(role: RoleMix, wanted: MixPreferences) -> Compression | None:
    if role.squeeze is None or wanted.compression == 0.0:
        return None
    s = role.squeeze
    ratio = s.ratio if wanted.compression is None else 1.0 + (s.ratio - 1.0) * 2.0 * wanted.compression
    return Compression(over_db=s.over_db, ratio=ratio, attack_s=s.attack_s, release_s=s.release_s)


def _plan_part(
    part: PerformedPart, pan: float, parts: Sequence[PerformedPart], genre: GenreMix, wanted: MixPreferences
) -> PartPlan:
    role = ROLES[part.role]
    lead = next((p for p in parts if p.role is Role.LEAD), None)
    has_bass = any(p.role is Role.BASS and (p.notes or p.instrument == RECORDED) for p in parts)
    kick = _kick_part(parts)
    high_pass_hz, why_cut = _high_pass(part, has_bass)
    bands, why_eq = _eq(part, lead, has_bass, kick is not None)
    ducking, why_duck = _ducking(part, kick, genre, wanted)
    gain, place = _asked(part, wanted.gain), _asked(part, wanted.pan)
    reasons = {
        "level_db": f"usual level of {part.role.value} against the lead",
        "high_pass_hz": why_cut,
        "pan": "asked for" if place is not None else "kept apart from the others, both sides even",
    }
    reasons |= {k: v for k, v in (("eq", why_eq), ("ducking", why_duck)) if v}
    if gain is not None:
        reasons["gain_db"] = "asked for"
    muted = part.id in wanted.mute or part.role.value in wanted.mute
    return PartPlan(
        id=part.id,
        role=part.role,
        level_db=_level(part, genre),
        gain_db=gain or 0.0,
        muted=muted,
        pan=round(place if place is not None else pan, 3),
        high_pass_hz=round(high_pass_hz, 1),
        eq=tuple(bands),
        compression=_compression(role, wanted),
        ducking=ducking,
        sends=_sends(role, part, genre, wanted),
        reasons=reasons,
    )


def _behind_the_lead(plans: Sequence[PartPlan]) -> list[PartPlan]:
    """A lead in front of a large band: the bed steps back until all of it is 2 LU under the lead, 3.5 LU at most."""
    leads = [p for p in plans if p.role is Role.LEAD]
    bed = [p for p in plans if p.role in BED and not p.muted]
    if not leads or len(bed) < 3:
        return list(plans)
    total = 10.0 * math.log10(sum(10.0 ** (p.level_db / 10.0) for p in bed))
    back = round(min(3.5, max(0.0, total - leads[0].level_db + 2.0)), 2)
    if back == 0.0:
        return list(plans)
    why = f"{back} LU back, so that {leads[0].id} stays in front of {len(bed)} parts"
    return [
        p.model_copy(update={"level_db": round(p.level_db - back, 2), "reasons": p.reasons | {"level_db": why}})
        if p in bed
        else p
        for p in plans
    ]


def _bus(parts: Sequence[PerformedPart], genre: GenreMix, wanted: MixPreferences) -> Bus:
    tempo = parts[0].tempo_bpm if parts else 120.0
    beat = 60.0 / tempo
    glue = 0.0 if wanted.glue is False else (max(genre.glue_db, 1.5) if wanted.glue else genre.glue_db)
    return Bus(
        glue_db=min(2.0, glue),
        width=genre.width if wanted.width is None else wanted.width,
        room_decay_s=round(0.7 * genre.decay, 2),
        plate_decay_s=round(min(3.5, max(1.2, beat * 3.0)) * genre.decay, 2),
        delay_s=round(beat * 0.75 if beat > 0.35 else beat * 1.5, 4),
        target_bands={f"{f:g}": db for f, db in reference_bands(genre).items()},
        target_ranges={f"{f:g}": room for f, room in spectrum_range(genre, _LEFT_ALONE_DB).items()},
        reasons={
            "plate_decay_s": "dies away in about three beats",
            "delay_s": "a dotted eighth or quarter at the song's tempo",
            "width": "usual for the genre" if wanted.width is None else "asked for",
        },
    )


def plan_mix(
    parts: Sequence[PerformedPart], *, genre: Sequence[str], channels: int, preferences: Mapping[str, Any]
) -> MixPlan:
    """Plan the mix of `parts` for 1 or 2 `channels` in the style of `genre`, as the person's preferences ask.

    InvalidValue names the path of a preference that is unknown or out of range, or a channel count other than
    1 and 2.
    """
    if channels not in (1, 2):
        raise InvalidValue(f"technical.channels = {channels}: choose 1 or 2")
    wanted = read_preferences(preferences, parts)
    style = genre_mix(tuple(genre))
    pans = _pans(parts, style)
    planned = [_plan_part(p, pans[p.id], parts, style, wanted) for p in parts]
    return MixPlan(
        channels=channels,
        parts=tuple(_behind_the_lead(planned)),
        bus=_bus(parts, style, wanted),
    )


__all__ = ["PATH", "Band", "Bus", "Compression", "Ducking", "MixPlan", "PartPlan", "plan_mix"]
