"""The page on genres: its example runs, in a process of its own, and the genre that it adds is heard in the song."""

import re
import subprocess
import sys
from dataclasses import fields

from music.genres import COLOURS, Genre
from tests.docs.pages import ROOT, blocks, prose

PAGE = ROOT / "docs" / "extend-genres.md"

# Run after the example, on what it has added and composed.
CHECK = """
from music.genres import GENRES
from music.instruments import INSTRUMENTS
row = GENRES["zouk"]
assert song.context.get("musical.genre") == ["zouk"], song.context.get("musical.genre")
assert song.score.key == "A" and song.score.scale == "minor"
assert row.tempo[0] * 0.85 <= song.score.tempo[0].bpm <= row.tempo[1] * 1.15
assert abs(song.performance.duration_s - 120) < 4, song.performance.duration_s
players = {part.instrument for part in song.score.parts if part.notes}
assert len(players) >= 5
assert players <= {id_ for ids in row.band.values() for id_ in ids}, players
assert song.rhythm.groove == row.groove
other = compose("cabo love", seed=2)
assert other.context.get("musical.genre") == ["zouk"]
assert other.score.key_changes == () and len(other.score.sections) > 3
print("checked")
"""


def test_the_example_adds_a_genre_and_composes_with_it() -> None:
    (example,) = [block for block in blocks(PAGE) if block.language == "python"]
    run = subprocess.run(
        [sys.executable, "-c", example.text + CHECK], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert run.returncode == 0, run.stderr
    said = run.stdout.splitlines()
    assert re.fullmatch(r"\['zouk'\] [\d.]+ A minor", said[0])
    assert said[-1] == "checked"


def test_every_field_is_explained() -> None:
    table = re.findall(r"^\| (`.+?) \|", prose(PAGE), re.MULTILINE)
    told = {name for cell in table for name in re.findall(r"`(\w+)`", cell)}
    assert told == {field.name for field in fields(Genre)}
    colours = re.search(r"^\| `colour` .*$", prose(PAGE), re.MULTILINE)
    assert colours is not None
    assert set(re.findall(r"`(\w+)`", colours[0])) - {"colour"} == set(COLOURS)
