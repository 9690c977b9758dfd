"""Sostenuto's own engine as a provider: what it does when nobody else is asked.

It has no adapter: the steps of `activities` do the work, with `music` and `audio`.
"""

from typing import Final

from domain.context import DURATION_RANGE_S
from domain.providers import BUILTIN, Capabilities, Completion, Evidence, Price, Task

CAPABILITIES: Final = Capabilities(
    name=BUILTIN,
    title="Sostenuto's own engine",
    tasks=frozenset(
        {
            Task.FULL_SONG,
            Task.INSTRUMENTAL,
            Task.ENHANCEMENT,
            Task.MUSIC_THEORY,
            Task.MELODY,
            Task.BASS,
            Task.RHYTHM,
            Task.STRUCTURE,
            Task.ANALYSIS,
        }
    ),
    shortest_s=DURATION_RANGE_S[0],
    longest_s=DURATION_RANGE_S[1],
    formats=("wav", "flac", "mp3", "opus"),
    reference_audio=True,
    seed=True,
    price=Price(note="runs in your own workers"),
    commercial="yes",
    licence="what it makes is yours",
    quality=0.6,
    speed=0.7,
    completion=(Completion.BYTES,),
    evidence={"all of it": Evidence.VERIFIED},
    note="songs without voice; of reference audio the master takes the tone",
)
"""Always configured. `quality` and `speed` are guesses until there are statistics, as everywhere."""
