"""`python -m benchmarks songs | music | sound | pictures | compose-speed | render-speed | sketch | api | web | …`."""

import argparse
import sys
from pathlib import Path

from benchmarks import (
    api_plans,
    api_speed,
    chaos_providers,
    composing,
    meter_speed,
    music,
    pictures,
    render_speed,
    sketch,
    sound,
    web_pictures,
    web_speed,
)
from benchmarks.songs import make_songs

COMMANDS = {
    "music": (music, "what is asked, written and heard, against the targets"),
    "sound": (sound, "songs of thirty genres, judged from their files, against the targets"),
    "compose-speed": (composing, "wall time of `sostenuto compose`"),
    "pictures": (pictures, "piano rolls and scores of five genres as PNG"),
    "render-speed": (render_speed, "notes to master and to the whole folder against real time, and against others"),
    "meter-speed": (meter_speed, "time of measuring a file, ours and other meters"),
    "api": (api_speed, "reads beside an empty endpoint, commands, event streams, memory: against the targets"),
    "chaos-providers": (chaos_providers, "songs at providers that fail, by workers that are killed: no double charge"),
    "api-plans": (api_plans, "query plans of the API's reads on PostgreSQL, among 100,000 songs"),
    "web": (web_speed, "size and speed of the studio's pages in Chromium, against the targets"),
    "web-pictures": (web_pictures, "the pictures of docs/studio.md, made anew"),
    "sketch": (sketch, "time from a prompt to the first sound, by the API and by `sostenuto sketch`"),
}


def main() -> int:
    """Run a benchmark; 0 when everything it made passes its own checks."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure Sostenuto.")
    commands = parser.add_subparsers(dest="command")
    songs = commands.add_parser("songs", help="make songs from benchmarks/prompts.csv and compare them")
    songs.add_argument("--count", type=int, default=10, help="how many of the prompts, spread over all genres")
    songs.add_argument("--out", type=Path, default=Path("songs/benchmark"), help="folder of the releases")
    songs.add_argument("--seed", type=int, default=1)
    for name, (module, told) in COMMANDS.items():
        module.add_arguments(commands.add_parser(name, help=told))
    chosen = parser.parse_args()
    if chosen.command in COMMANDS:
        return int(COMMANDS[chosen.command][0].run(chosen))
    if chosen.command == "songs":
        return make_songs(chosen.count, chosen.out, chosen.seed)
    return make_songs(10, Path("songs/benchmark"), 1)


if __name__ == "__main__":
    sys.exit(main())
