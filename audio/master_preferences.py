"""What a person asked of the master: `creative.preferences.master`, checked before anything is computed."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from audio.preferences import checked
from domain.errors import InvalidValue

PATH: Final = "creative.preferences.master"
DEFAULT_LUFS: Final = -14.0
"""What `technical.loudness_target` is when nobody set it."""


class Preset(NamedTuple):
    """Integrated loudness in LUFS and true-peak ceiling in dBTP that a place asks for."""

    target_lufs: float
    ceiling_dbtp: float


PRESETS: Final[Mapping[str, Preset]] = {
    "spotify": Preset(-14.0, -1.0),
    "spotify_loud": Preset(-11.0, -2.0),
    "apple": Preset(-16.0, -1.0),
    "youtube": Preset(-14.0, -1.0),
    "tidal": Preset(-14.0, -1.0),
    "amazon": Preset(-14.0, -2.0),
    "deezer": Preset(-15.0, -1.0),
    "soundcloud": Preset(-14.0, -1.0),
    "album": Preset(-16.0, -1.0),
    "broadcast": Preset(-23.0, -1.0),
    "podcast": Preset(-18.0, -1.0),
    "club": Preset(-9.0, -1.0),
}
"""After Spotify's page, Apple's Sound Check, AES TD1008 (album track −16, speech −18), EBU R128; club is convention."""

Amount = Annotated[float, Field(ge=0, le=1)]


class MasterPreferences(BaseModel):
    """`preset` is a key of `PRESETS`; `ceiling` in dBTP goes before the preset's.

    `tone` 0–1 is how far the tonal balance moves towards genre or reference (1: all that its bounds allow, 0: not at
    all). `multiband` false never compresses a band of its own, true compresses bass and treble even where neither
    jumps; None leaves it to the sound.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    preset: str | None = None
    ceiling: Annotated[float, Field(ge=-12, le=0)] | None = None
    tone: Amount = 1.0
    multiband: bool | None = None

    @property
    def ceiling_dbtp(self) -> float:
        """True-peak ceiling to master to: the person's own, else the preset's."""
        return PRESETS[self.preset or "spotify"].ceiling_dbtp if self.ceiling is None else self.ceiling

    def goal(self, loudness_target: float) -> Preset:
        """Loudness and ceiling to master to.

        A `technical.loudness_target` other than the default −14 is the person's own number and goes before the
        preset's; the default gives way to it.
        """
        preset = PRESETS[self.preset or "spotify"]
        own = self.preset is None or loudness_target != DEFAULT_LUFS
        return Preset(
            target_lufs=loudness_target if own else preset.target_lufs,
            ceiling_dbtp=self.ceiling_dbtp,
        )


def read_preferences(preferences: Mapping[str, Any]) -> MasterPreferences:
    """The preferences, checked. InvalidValue names the path of what is unknown or out of range."""
    found = checked(MasterPreferences, preferences, PATH)
    if found.preset is not None and found.preset not in PRESETS:
        raise InvalidValue(f"{PATH}.preset = {found.preset!r}: choose one of {', '.join(PRESETS)}")
    return found
