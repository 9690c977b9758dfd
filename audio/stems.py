"""Stems from elsewhere as parts of a song: a role by each file's name, one length, no notes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from audio.intake import Intake
from audio.mix_plan import RECORDED
from audio.mixing import RETURNS, Decision
from audio.rate import RATE, Array
from domain.errors import InvalidAudio
from domain.score import PerformedPart, Role

_WORDS: Final[tuple[tuple[Role, tuple[str, ...]], ...]] = (
    (Role.COUNTER, ("backing", "bvox", "bgv", "choir", "harmon", "adlib", "counter", "bassoon")),
    (Role.LEAD, ("vocal", "vox", "voice", "sing", "acapella", "rap", "lead", "melody", "topline", "solo")),
    (Role.PERCUSSION, ("perc", "conga", "bongo", "shaker", "tambourine", "claves", "cowbell", "cajon")),
    (Role.DRUMS, ("drum", "kick", "snare", "hihat", "hat", "tom", "cymbal", "overhead", "clap", "beat", "808", "909")),
    (Role.BASS, ("bass", "sub", "contrabass", "upright")),
    (Role.EFFECTS, ("fx", "sfx", "effect", "riser", "impact", "sweep", "noise", "atmo", "reverb", "delay", "vinyl")),
    (Role.ARPEGGIO, ("arp",)),
    (Role.PAD, ("pad", "drone", "ambien", "texture")),
    (Role.STRINGS, ("string", "violin", "viola", "cello", "fiddle", "orchestra")),
    (Role.BRASS, ("brass", "horn", "trumpet", "trombone", "tuba", "sax")),
    (Role.GUITAR, ("guitar", "gtr", "banjo", "ukulele", "mandolin", "lute", "harp")),
    (Role.COUNTER, ("flute", "oboe", "clarinet", "wind", "whistle")),
    (Role.KEYS, ("key", "piano", "rhodes", "organ", "epiano", "wurl", "clav", "synth", "chord", "other", "rest")),
    (Role.FULL_MIX, ("full", "mix", "master", "song", "track", "stereo")),
)
"""Beginnings of words in a file's name, and the role they tell; the first row that fits wins."""

_LENGTHS_DIFFER_S: Final = 0.1
_MOST: Final = 64


@dataclass(frozen=True)
class StemSet:
    """`stems` by part id, `(frames, 2)` at 48 kHz, one length; `parts` in the same order, without notes."""

    stems: dict[str, Array]
    parts: tuple[PerformedPart, ...]
    notes: tuple[Decision, ...]


def role_of(name: str) -> Role | None:
    """The role that a file's name tells ("02_Lead-Vox", "bassDrum"), None where it tells none."""
    words = re.findall(r"[a-z]+|\d+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower())
    for role, beginnings in _WORDS:
        if any(word.startswith(beginning) for word in words for beginning in beginnings):
            return role
    return None


def stem_set(takes: Sequence[Intake], *, tempo_bpm: float = 120.0) -> StemSet:
    """Stems that start together, padded with silence to the longest; a name without a role plays as keys.

    A finished mix among other stems would be heard twice: InvalidAudio names it. So it does more than 64 stems.
    """
    if not 1 <= len(takes) <= _MOST:
        raise InvalidAudio(f"{len(takes)} stems were given: give 1 to {_MOST}")
    found = [(take, role_of(take.name)) for take in takes]
    if len(found) > 1:
        for take, role in found:
            if role is Role.FULL_MIX:
                raise InvalidAudio(
                    f"{take.name} looks like the whole mix beside its stems, and would be heard twice: "
                    "take it out, or name it for what it plays"
                )
    length = max(take.audio.shape[0] for take in takes)
    notes: list[Decision] = []
    stems: dict[str, Array] = {}
    parts = []
    for take, role in found:
        notes += take.notes
        name = _id(take.name, stems)
        stems[name] = _padded(take, length, notes)
        parts.append(_part(name, role or Role.KEYS, length, tempo_bpm))
        why = "told by its name" if role else "its name tells none: name it drums, bass, keys, vocals … to change that"
        notes.append(Decision(f"{name}.role", parts[-1].role.value, why))
    return StemSet(stems, tuple(parts), tuple(notes))


def whole_song(take: Intake, *, tempo_bpm: float = 120.0) -> StemSet:
    """A finished mix as the one part of a song: mixing lets it pass."""
    part = _part(Role.FULL_MIX.value, Role.FULL_MIX, take.audio.shape[0], tempo_bpm)
    return StemSet({part.id: take.audio}, (part,), take.notes)


def _part(name: str, role: Role, length: int, tempo_bpm: float) -> PerformedPart:
    return PerformedPart(
        id=name,
        name=name.replace("_", " "),
        role=role,
        instrument=RECORDED,
        is_drum=role in (Role.DRUMS, Role.PERCUSSION),
        tempo_bpm=min(400.0, max(20.0, tempo_bpm)),
        duration_s=length / RATE,
    )


def _id(name: str, taken: Mapping[str, Array]) -> str:
    """A part id from a file's name without its number, and none that another stem or the mix itself uses."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.rpartition(".")[0].lower() or name.lower()).strip("_")
    plain = re.sub(r"^\d+_(?=.)", "", plain)[:60] or "stem"
    wanted = f"{plain}_stem" if plain in RETURNS.values() else plain
    number, found = 2, wanted
    while found in taken:
        found, number = f"{wanted}_{number}", number + 1
    return found


def _padded(take: Intake, length: int, notes: list[Decision]) -> Array:
    short = length - take.audio.shape[0]
    if short == 0:
        return take.audio
    if short > _LENGTHS_DIFFER_S * RATE:
        shown = f"+{short / RATE:.2f} s of silence"
        notes.append(Decision(f"{take.name}.length", shown, "all stems start together and last as long as the longest"))
    return np.pad(take.audio, ((0, short), (0, 0)))
