"""Pictures of songs to look at: a piano roll and the first page of the score for five genres."""

import argparse
import io
from pathlib import Path

from PIL import Image

from domain.errors import MissingRequirement
from music.composing import compose
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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be chosen on the command line."""
    parser.add_argument("--out", type=Path, default=Path("docs/pictures"), help="folder of the pictures")
    parser.add_argument("--seed", type=int, default=1)


def run(chosen: argparse.Namespace) -> int:
    """Write NAME-roll.png, NAME-score.png and NAME-leadsheet.png for every song; 0 when done."""
    chosen.out.mkdir(parents=True, exist_ok=True)
    for name, prompt in PROMPTS.items():
        song = compose(prompt, seed=chosen.seed, candidates=8)
        read = song.context.get
        feel = feel_of(read("musical.genre"), song.score.tempo[0].bpm, read("musical.rhythm_pattern.swing"))
        pictures = {
            "roll": draw_piano_roll(song.score),
            "score": rasterised(engrave_page(song.score, feel=feel)),
            "leadsheet": rasterised(engrave_leadsheet(song.score, feel=feel)),
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
