"""The pictures of docs/studio.md: every page as it is, on a laptop and a phone, dark and light."""

import argparse
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from PIL import Image
from playwright.sync_api import Locator, Page

from benchmarks.web_site import Studio, running_studio
from tests.studio.rooms import NewSong, SongRoom, settle
from tests.studio.songs import Song

OUT: Final = Path(__file__).parents[1] / "docs" / "pictures"
LAPTOP: Final = {"width": 1280, "height": 860}
PHONE: Final = {"width": 390, "height": 844}
COLOURS: Final = 128
# An element is cut out of the page without what floats above it, and not longer than this.
FLOATING: Final = ".player-dock, .top { visibility: hidden }"
MOST_PIXELS_HIGH: Final = 900
MOST_BYTES: Final = 150_000
MOST_BYTES_IN_ALL: Final = 1_500_000
PROMPT: Final = (
    "melancholic lo-fi hip hop with rhodes and a dusty beat, 75 bpm, in F minor, verse of 8 bars and chorus of 8 bars"
)
# What else lies on the shelf: title, prompt, and after which stage each waits.
SHELF: Final = (
    ("Harbour at Six", "a slow waltz for piano and strings in D minor, two minutes", "composition"),
    ("Copper Street", "funk with slap bass and brass, 108 bpm, one minute", "ideation"),
    ("Letters Home", "acoustic folk ballad with fingerpicked guitar in G", "arrangement"),
)


@dataclass(frozen=True)
class Shelf:
    """The songs that are shown."""

    finished: Song
    waiting: Song


@dataclass(frozen=True)
class Picture:
    """A file, how the page comes to show it, and on what: `part` cuts one element out of the page."""

    name: str
    arrive: Callable[[Page, Shelf], Locator | None]
    viewport: dict[str, int] = field(default_factory=lambda: dict(LAPTOP))
    light: bool = False


def library(page: Page, shelf: Shelf) -> None:
    """All songs."""
    page.goto("/")


def described(page: Page, shelf: Shelf) -> None:
    """A prompt and the brief that is understood of it."""
    new = NewSong(page)
    new.open()
    new.prompt.fill(PROMPT)
    page.get_by_role("button", name="Show the brief").click()
    page.get_by_role("button", name="Accept").wait_for()
    page.evaluate("() => scrollTo(0, 0)")


def understood(page: Page, shelf: Shelf) -> None:
    """The brief itself."""
    described(page, shelf)
    page.get_by_role("region", name="The brief").evaluate("(card) => scrollTo(0, card.offsetTop - 80)")


def waiting(page: Page, shelf: Shelf) -> None:
    """A song that waits for a decision."""
    SongRoom(page).open(shelf.waiting.id)
    SongRoom(page).expect_waiting("Composition")


def finished(page: Page, shelf: Shelf) -> None:
    """A finished song while it plays."""
    room = SongRoom(page)
    room.open(shelf.finished.id)
    settle(page)
    page.get_by_role("region", name="Waveform").get_by_role("button", name=re.compile("^chorus")).click()
    room.player.get_by_role("button", name="Play").click()
    room.expect_sounding()
    room.player.get_by_role("button", name="Pause").click()


def panel(name: str) -> Callable[[Page, Shelf], Locator]:
    """A panel under the song, cut out."""

    def arrive(page: Page, shelf: Shelf) -> Locator:
        finished(page, shelf)
        page.get_by_role("tab", name=name, exact=True).click()
        return page.get_by_role("tabpanel", name=name, exact=True)

    return arrive


def stems(page: Page, shelf: Shelf) -> Locator:
    """The channels, with one alone."""
    found = panel("Stems")(page, shelf)
    found.get_by_role("button", name="Open the stems").click()
    found.get_by_role("button", name="Solo keys").or_(found.get_by_role("button", name="Solo Keys")).first.click()
    return found


def providers(page: Page, shelf: Shelf) -> None:
    """Providers and spend."""
    page.goto("/providers")


PICTURES: Final = (
    Picture("studio-library", library),
    Picture("studio-new-song", described),
    Picture("studio-brief", understood),
    Picture("studio-new-song-light", described, light=True),
    Picture("studio-waiting-light", waiting, light=True),
    Picture("studio-song", finished),
    Picture("studio-piano-roll", panel("Piano roll")),
    Picture("studio-score", panel("Score"), light=True),
    Picture("studio-spectrum", panel("Spectrum")),
    Picture("studio-mix", panel("Mix")),
    Picture("studio-report", panel("Report"), light=True),
    Picture("studio-stems", stems),
    Picture("studio-history", panel("History"), light=True),
    Picture("studio-share", panel("Share and download")),
    Picture("studio-providers-light", providers, light=True),
    Picture("studio-phone", finished, dict(PHONE)),
    Picture("studio-phone-light", waiting, dict(PHONE), light=True),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be chosen on the command line."""
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the pictures")
    parser.add_argument("--only", default="", help="make only the pictures whose names contain this")


def run(chosen: argparse.Namespace) -> int:
    """Make them all; 0 when they are small enough, 1 when not, 69 without Chromium."""
    chosen.out.mkdir(parents=True, exist_ok=True)
    sizes: dict[str, int] = {}
    try:
        with running_studio(SOUND_SET="auto") as studio:
            shelf = _fill(studio)
            for picture in PICTURES:
                if chosen.only in picture.name:
                    sizes[picture.name] = _take(studio, shelf, picture, chosen.out)
                    print(f"{sizes[picture.name] / 1e3:6.1f} kB  {picture.name}", flush=True)
    except RuntimeError as problem:
        print(f"{problem}.", file=sys.stderr)
        return 69
    whole = sum(sizes.values())
    print(f"{whole / 1e3:6.1f} kB in all")
    return 0 if whole <= MOST_BYTES_IN_ALL and max(sizes.values(), default=0) <= MOST_BYTES else 1


def _fill(studio: Studio) -> Shelf:
    done = studio.songs.start(PROMPT, title="Rainy Window")
    others = [studio.songs.start(prompt, title=title, review=[stage]) for title, prompt, stage in SHELF]
    for song, (_, _, stage) in zip(others, SHELF, strict=True):
        song.until_status("waiting", stage)
    done.until_status("completed")
    # A second state, so that the history has something to compare.
    done.send("revisions", {"instruction": "the chorus louder"})
    done.until("made again", lambda told: told["status"] != "completed")
    done.until_status("completed")
    return Shelf(done, others[0])


def _take(studio: Studio, shelf: Shelf, picture: Picture, folder: Path) -> int:
    wishes: dict[str, Any] = {"viewport": picture.viewport, "color_scheme": "light" if picture.light else "dark"}
    context = studio.browser.new_context(base_url=studio.api.url, reduced_motion="reduce", **wishes)
    try:
        page = context.new_page()
        part = picture.arrive(page, shelf)
        settle(page)
        shot = part.screenshot(style=FLOATING) if part else page.screenshot()
    finally:
        context.close()
    path = folder / f"{picture.name}.png"
    smaller(shot).save(path, optimize=True)
    return path.stat().st_size


def smaller(shot: bytes) -> Image.Image:
    """The same picture with a palette: flat colours and letters need no more."""
    whole = Image.open(BytesIO(shot)).convert("RGB")
    return whole.crop((0, 0, whole.width, min(whole.height, MOST_PIXELS_HIGH))).quantize(
        COLOURS, dither=Image.Dither.NONE
    )
