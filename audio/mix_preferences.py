"""What a person asked of the mix: `creative.preferences.mix`, checked before anything is computed."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from audio.preferences import checked
from domain.errors import InvalidValue
from domain.score import PerformedPart

PATH = "creative.preferences.mix"

Gain = Annotated[float, Field(ge=-24, le=12)]
Pan = Annotated[float, Field(ge=-1, le=1)]
Amount = Annotated[float, Field(ge=0, le=1)]


class MixPreferences(BaseModel):
    """Gains in dB and pans −1…1 by part id or role; reverb, delay and width 0–1, where None leaves it to the genre.

    `ducking` false takes every duck away, true gives the pumping kind. `mute` silences parts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    gain: dict[str, Gain] = {}
    pan: dict[str, Pan] = {}
    mute: tuple[str, ...] = ()
    reverb: Amount | None = None
    delay: Amount | None = None
    width: Amount | None = None
    ducking: bool | None = None
    glue: bool | None = None
    compression: Amount | None = None


def _known_names(parts: Sequence[PerformedPart]) -> set[str]:
    return {p.id for p in parts} | {p.role.value for p in parts}


def read_preferences(preferences: Mapping[str, Any], parts: Sequence[PerformedPart]) -> MixPreferences:
    """The preferences, checked. InvalidValue names the path of what is unknown or out of range."""
    found = checked(MixPreferences, preferences, PATH)
    known = _known_names(parts)
    for setting, names in (("gain", found.gain), ("pan", found.pan), ("mute", found.mute)):
        for name in names:
            if name not in known:
                raise InvalidValue(
                    f"{PATH}.{setting}.{name}: no part or role of that name; this song has {', '.join(sorted(known))}"
                )
    return found
