"""The sections of a prompt as a plan: how long each lasts at its own tempo, and how they are made to fit a length."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.errors import InvalidValue
from domain.score import SectionKind
from music.form import section_kind
from music.material import TAIL_S
from music.sectionnames import resolve

Entry = dict[str, Any]

# Where the odd bars go, the best place first.
_ENDS = ("outro", "intro", "break", "bridge", "solo")


@dataclass(slots=True)
class Plan:
    """Sections in order (name, duration, unit); `told` says whose length was said.

    `tempos` are in bpm, one each; a beat is what they count.
    """

    entries: list[Entry]
    told: list[bool]
    tempos: list[float]
    beats_per_bar: float

    @property
    def kinds(self) -> list[str]:
        """The kind of every section."""
        return [section_kind(str(entry["name"])).value for entry in self.entries]

    @property
    def names(self) -> list[str]:
        """Names by which wishes find the sections: the kind, numbered where it comes more than once."""
        kinds = self.kinds
        return [f"{k} {kinds[: i + 1].count(k)}" if kinds.count(k) > 1 else k for i, k in enumerate(kinds)]

    def seconds(self, i: int, length: float | None = None) -> float:
        """How long section `i` lasts, or would last with another length in its unit."""
        count, unit = float(self.entries[i]["duration"]) if length is None else length, self.entries[i]["unit"]
        if unit == "seconds":
            return count
        return count * (self.beats_per_bar if unit == "bars" else 1.0) * 60 / self.tempos[i]

    @property
    def total_s(self) -> float:
        """How long the song lasts, its ringing on included."""
        return sum(self.seconds(i) for i in range(len(self.entries))) + TAIL_S

    def find(self, name: str) -> list[int]:
        """Places of the sections that `name` means; none where there is no such section."""
        try:
            found = resolve({name: True}, self.names, [SectionKind(kind) for kind in self.kinds])
        except InvalidValue:
            return []
        return [i for i, own in enumerate(self.names) if own in found]

    def set_tempos(self, tempo: float, ramp: float | None, wishes: Mapping[str, float]) -> None:
        """Give every section its tempo: the song's, one on the way to `ramp`, or its own wish, the nearer name last."""
        last = max(1, len(self.entries) - 1)
        self.tempos = [tempo if ramp is None else tempo + (ramp - tempo) * i / last for i in range(len(self.entries))]
        for name, bpm in sorted(wishes.items(), key=lambda wish: -len(self.find(wish[0]))):
            for i in self.find(name):
                self.tempos[i] = bpm

    def fit(self, seconds: float) -> None:
        """Scale the sections whose length nobody told so that the song lasts `seconds` to within a bar.

        Whole phrases where it can be; the odd bars go to the ends and the middle.
        """
        free = [i for i, fixed in enumerate(self.told) if not fixed and self.entries[i]["unit"] == "bars"]
        usual = {i: float(self.entries[i]["duration"]) for i in free}
        free_s = sum(self.seconds(i) for i in free)
        if not free or free_s <= 0:
            return
        factor = max(0.05, (seconds - self.total_s + free_s) / free_s)
        step = 4.0 if factor >= 0.75 else 2.0
        for i in free:
            bars = max(1.0, min(step, usual[i]), round(usual[i] * factor / step) * step)
            self.entries[i]["duration"] = bars
        for _ in range(128):
            gap = seconds - self.total_s
            sign = 1.0 if gap > 0 else -1.0
            able = [i for i in free if sign > 0 or self.entries[i]["duration"] > step]
            if not able:
                break
            pick = min(able, key=lambda i: (sign * self.entries[i]["duration"] / usual[i], i))
            if abs(gap) < self.seconds(pick, step) * 0.6:
                break
            self.entries[pick]["duration"] += sign * step
        self._absorb(free, seconds)

    def _absorb(self, free: Sequence[int], seconds: float) -> None:
        """Give the last few bars to outro, intro, break or bridge; to the last free section where there is none."""
        takers = [i for i in free if self.entries[i]["name"] in _ENDS]
        pool = sorted(takers, key=lambda i: _ENDS.index(self.entries[i]["name"])) or [free[-1]]
        for turn in range(64):
            gap = seconds - self.total_s
            i = pool[(turn // 2) % len(pool)]
            if abs(gap) <= self.seconds(i, 1.0) / 2:
                return
            self.entries[i]["duration"] = max(1.0, self.entries[i]["duration"] + (1.0 if gap > 0 else -1.0))
