"""Pictures of songs to look at: piano roll, first page of the score and spectrogram for five genres."""

import argparse
import io
from pathlib import Path

import numpy as np
from PIL import Image

from activities.pictures import stretches
from audio.mastering import master
from audio.mixing import mix, plan_mix
from audio.pictures.spectrogram import draw_spectrogram
from audio.rate import RATE
from audio.render import render_part
from audio.sound_set import find_sound_set
from domain.errors import MissingRequirement
from music.composing import Composition, compose
from music.engraving import engrave_leadsheet, engrave_page
from music.feel import feel_of
from music.pianoroll import draw_piano_roll

PROMPTS: dict[str, str] = {
    "lo-fi": "melancholic lo-fi hip hop with rhodes and a dusty beat, 75 bpm, in F minor, 90 seconds",
    "rock": "driving rock with two guitars in E minor, 132 bpm, 90 seconds",
    "swing": "swing with tenor sax, piano, upright bass and brushes, in F major, 150 bpm, 90 seconds",
    "waltz": "viennese waltz with strings, flute and piano, 160 bpm, D major, 90 seconds",
    "house": "deep house with organ chords, 122 bpm, A minor, 2 minutes",
}
PAGE_WIDTH = 1400
"""Pixels of a page of the score."""
GREYS = 8
"""Shades of a page: ink, paper and the edges between them."""
SPECTROGRAM_WIDTH, SPECTROGRAM_COLOURS = 900, 24
"""Pixels and colours of a spectrogram: what a page of documentation needs."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be chosen on the command line."""
    parser.add_argument("--out", type=Path, default=Path("docs/pictures"), help="folder of the pictures")
    parser.add_argument("--seed", type=int, default=1)


def run(chosen: argparse.Namespace) -> int:
    """Write NAME-roll, -score, -leadsheet and -spectrogram.png for every song; 0 when done."""
    chosen.out.mkdir(parents=True, exist_ok=True)
    for name, prompt in PROMPTS.items():
        song = compose(prompt, seed=chosen.seed, candidates=8)
        read = song.context.get
        feel = feel_of(read("musical.genre"), song.score.tempo[0].bpm, read("musical.rhythm_pattern.swing"))
        pictures = {
            "roll": draw_piano_roll(song.score),
            "score": rasterised(engrave_page(song.score, feel=feel)),
            "leadsheet": rasterised(engrave_leadsheet(song.score, feel=feel)),
            "spectrogram": spectrogram(song, chosen.seed),
        }
        for kind, content in pictures.items():
            path = chosen.out / f"{name}-{kind}.png"
            path.write_bytes(content)
            print(f"{len(content):8d} {path}", flush=True)
    return 0


def rasterised(svg: str) -> bytes:
    """An SVG as PNG, PAGE_WIDTH pixels wide on white."""
    try:
        import resvg_py
    except ImportError:
        raise MissingRequirement("pictures of scores need resvg-py: uv sync --dev") from None
    page = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, width=PAGE_WIDTH, background="white"))))
    small = io.BytesIO()
    page.convert("L").quantize(GREYS).save(small, format="PNG", optimize=True)
    return small.getvalue()


def spectrogram(song: Composition, seed: int) -> bytes:
    """The song's master, rendered, mixed and mastered as the worker does it, small enough for a page."""
    genre, parts, fonts = song.context.musical.genre, song.performance.parts, find_sound_set()
    stems = {part.id: render_part(part, sound_set=fonts, seed=seed) for part in parts}
    mixed = mix(stems, parts, plan_mix(parts, genre=genre, channels=2, preferences={}), seed=seed)
    made = master(mixed.mix, target_lufs=-14.0, ceiling_dbtp=-1.0, genre=genre, rate=RATE, bit_depth=24, seed=seed)
    sound = (made.audio * 2.0**-23).astype(np.float32)
    drawn = draw_spectrogram(sound, RATE, stretches=stretches(song.score), title=song.score.title)
    page = Image.open(io.BytesIO(drawn)).convert("RGB")
    page = page.resize((SPECTROGRAM_WIDTH, page.height * SPECTROGRAM_WIDTH // page.width), Image.Resampling.LANCZOS)
    small = io.BytesIO()
    page.quantize(SPECTROGRAM_COLOURS, dither=Image.Dither.NONE).save(small, format="PNG", optimize=True)
    return small.getvalue()
