"""`python -m benchmarks songs | music | compose-speed | pictures [options]`."""

import argparse
import sys
from pathlib import Path

from benchmarks import composing, music, pictures
from benchmarks.songs import make_songs


def main() -> int:
    """Run a benchmark; 0 when everything it made passes its own checks."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure Sostenuto.")
    commands = parser.add_subparsers(dest="command")
    songs = commands.add_parser("songs", help="make songs from benchmarks/prompts.csv and compare them")
    songs.add_argument("--count", type=int, default=10, help="how many of the prompts, spread over all genres")
    songs.add_argument("--out", type=Path, default=Path("songs/benchmark"), help="folder of the releases")
    songs.add_argument("--seed", type=int, default=1)
    music.add_arguments(commands.add_parser("music", help="what is asked, written and heard, against the targets"))
    composing.add_arguments(commands.add_parser("compose-speed", help="wall time of `sostenuto compose`"))
    pictures.add_arguments(commands.add_parser("pictures", help="piano rolls and scores of five genres as PNG"))
    chosen = parser.parse_args()
    if chosen.command == "music":
        return music.run(chosen)
    if chosen.command == "compose-speed":
        return composing.run(chosen)
    if chosen.command == "pictures":
        return pictures.run(chosen)
    if chosen.command == "songs":
        return make_songs(chosen.count, chosen.out, chosen.seed)
    return make_songs(10, Path("songs/benchmark"), 1)


if __name__ == "__main__":
    sys.exit(main())
