"""One part to one dry stem: the built-in instrument of that name, or the sampler."""

from collections.abc import Callable
from typing import Final

import numpy as np

from audio import character, sampler
from audio.instruments import effects, fm, kits, patches, plucked, subtractive
from audio.instruments.voices import expression
from audio.mastering import master
from audio.mixing import mix, plan_mix
from audio.processors.modulation import chorus, rotary, tremolo
from audio.processors.saturation import saturate
from audio.rate import RATE, Array, frames
from audio.sound_set import SoundSet
from audio.soundness import first_not_finite, has_sound
from domain.errors import RenderError
from domain.score import PerformedPart, Role, TimedNote
from domain.seeds import derive

Player = Callable[[PerformedPart, int], Array]
Progress = Callable[[float], None] | None

_END_FADE: Final = frames(0.01)

PROGRAMS: Final[dict[str, int]] = {
    "grand_piano": 0, "upright_piano": 1, "harpsichord": 6, "clavinet": 7, "celesta": 8, "music_box": 10,
    "vibraphone": 11, "marimba": 12, "church_organ": 19, "accordion": 21, "nylon_guitar": 24,
    "steel_guitar": 25, "jazz_guitar": 26, "clean_guitar": 27, "muted_guitar": 28, "overdriven_guitar": 29,
    "distorted_guitar": 30, "upright_bass": 32, "finger_bass": 33, "pick_bass": 34, "slap_bass": 36,
    "violin": 40, "viola": 41, "cello": 42, "contrabass": 43, "pizzicato_strings": 45, "harp": 46, "timpani": 47,
    "string_ensemble": 48, "choir": 52, "trumpet": 56, "trombone": 57, "tuba": 58, "french_horn": 60,
    "brass_section": 61, "soprano_sax": 64, "alto_sax": 65, "tenor_sax": 66, "baritone_sax": 67, "oboe": 68,
    "english_horn": 69, "bassoon": 70, "clarinet": 71, "piccolo": 72, "flute": 73, "recorder": 74,
    "pan_flute": 75, "sitar": 104, "banjo": 105, "kalimba": 108, "steel_drums": 114,
    "brush_kit": 40, "rock_kit": 16, "orchestral_percussion": 48,
}  # fmt: skip
"""General MIDI programs of the sampled instruments, for parts that leave theirs at 0."""

FINISHES: Final[dict[str, Callable[[Array], Array]]] = {
    "rhodes": lambda x: tremolo(saturate(x, 2.0, 0.6), hertz=4.6, depth=0.22, stereo=True),
    "wurlitzer": lambda x: tremolo(saturate(x, 6.0, 0.8), hertz=5.4, depth=0.25, stereo=False),
    "fm_piano": lambda x: chorus(x, mix=0.3),
    "organ": lambda x: rotary(saturate(x, 3.0, 0.6)),
    "warm_pad": lambda x: chorus(x, hertz=0.4, mix=0.35),
    "synth_strings": lambda x: chorus(x, hertz=0.8, mix=0.5),
    "acid_bass": lambda x: saturate(x, 7.0, 0.7),
}
"""What some instruments carry in their own cabinet."""


def _players() -> dict[str, Player]:
    table: dict[str, Player] = {}
    for name, fm_patch in patches.FM.items():
        table[name] = lambda part, seed, p=fm_patch: fm.render(part, p, seed)  # type: ignore[misc]
    for name, patch in patches.SUBTRACTIVE.items():
        table[name] = lambda part, seed, p=patch: subtractive.render(part, p, seed)  # type: ignore[misc]
    for name, string in plucked.STRINGS.items():
        table[name] = lambda part, seed, s=string: plucked.render(part, s, seed)  # type: ignore[misc]
    for name, kit in kits.KITS.items():
        table[name] = lambda part, seed, k=kit: kits.render(part, k, seed)  # type: ignore[misc]
    for name, make in effects.MAKERS.items():
        table[name] = lambda part, seed, m=make: effects.render(part, m, seed)  # type: ignore[misc]
    return table


PLAYERS: Final = _players()
"""Instruments that are synthesised here, by id; every other id is sampled."""


def _synthesised(part: PerformedPart, seed: int) -> Array:
    x = PLAYERS[part.instrument](part, seed)
    if part.instrument in FINISHES and has_sound(x):
        x = FINISHES[part.instrument](x)
    gain = expression(part, x.shape[0])
    return x if gain is None else x * gain


def _sampled(part: PerformedPart, sound_set: SoundSet) -> Array:
    program = part.program or PROGRAMS.get(part.instrument, 0)
    return sampler.render(part, sound_set, program)


def _close(x: Array) -> Array:
    """Fade the last 10 ms, so that a stem cut inside a tail does not click."""
    length = min(_END_FADE, x.shape[0])
    x[x.shape[0] - length :] *= np.linspace(1.0, 0.0, length, dtype=np.float32)[:, None]
    return x


def render_part(part: PerformedPart, *, sound_set: SoundSet, seed: int, progress: Progress = None) -> Array:
    """The dry stem of `part`: float32 `(round(part.duration_s * 48000), 2)`, finite, not limited to ±1.

    Equal part, sound set and seed give equal samples. `progress` gets 0–1. RenderError names the part when the
    sampler is missing or the sound is not finite.
    """
    report = progress or (lambda _: None)
    report(0.0)
    stream = derive(seed, "part", part.id, part.instrument)
    x = _synthesised(part, stream) if part.instrument in PLAYERS else _sampled(part, sound_set)
    report(0.7)
    x = character.apply(x, part.style, seed=stream, role=part.role)
    x = np.ascontiguousarray(x, dtype=np.float32)
    if first_not_finite(x) >= 0:
        raise RenderError(f"part {part.id!r} ({part.instrument}) rendered NaN or infinity; change its instrument")
    report(1.0)
    return _close(x)


def warm_up() -> None:
    """Compile every kernel now, so that the first song does not wait for it. Called at worker start."""
    ids = ("lead", "rhodes", "organ", "lute", "kit", "riser")
    names = {"lead": "supersaw", "kit": "kit_808"}
    quick = SoundSet("none", "none", "tinysoundfont", "")
    note = TimedNote(pitch=60, start=0.0, end=0.1, velocity=90)
    parts = [
        PerformedPart(
            id=i, name=i, role=Role.DRUMS if i == "kit" else Role.LEAD, instrument=names.get(i, i),
            is_drum=i == "kit", tempo_bpm=120.0, duration_s=1.0, style=("lofi", "lush", "saturated"),
            notes=(note.model_copy(update={"pitch": 36}),) if i == "kit" else (note,),
        )
        for i in ids
    ]  # fmt: skip
    stems = {p.id: render_part(p, sound_set=quick, seed=0) for p in parts}
    plan = plan_mix(parts, genre=("house",), channels=2, preferences={"glue": True})
    mixed = mix(stems, parts, plan, seed=0)
    master(
        mixed.mix, target_lufs=-14.0, ceiling_dbtp=-1.0, genre=(), rate=RATE, bit_depth=24, seed=0, multiband=True
    )  # fmt: skip
