"""Every page, for everybody: nothing that axe complains of, dark and light, on a laptop and on a phone."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.studio.axe import violations
from tests.studio.processes import ApiProcess
from tests.studio.rooms import NewSong, SongRoom, settle
from tests.studio.songs import Songs

pytestmark = pytest.mark.browsing

SIZES = {"laptop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
LOOKS = ("Piano roll", "Score", "Chords", "Lyrics", "Loudness", "Spectrum", "Mix", "Report")
WORDS = "[verse]\nMorning on the water\nNobody is late\n\n[chorus]\nGive me one more hour\nEverything can wait"
# What is around a panel is looked at with the page.
PANEL = "main [role=tabpanel]"
PANELS = ("Stems", "History", "Share and download")


@dataclass(frozen=True)
class Shown:
    """A browser page and the songs to show on it."""

    page: Page
    songs: Songs

    def finished(self) -> SongRoom:
        room = SongRoom(self.page)
        room.open(self.songs.finished().id)
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()
        return room


@pytest.fixture
def shown(page: Page, songs: Songs) -> Shown:
    return Shown(page, songs)


def check(page: Page, within: str = "html") -> None:
    """No violation by any rule on both sizes; the light theme differs by its colours alone."""
    found: dict[str, list[str]] = {}
    for size, viewport in SIZES.items():
        page.set_viewport_size({"width": viewport["width"], "height": viewport["height"]})
        for theme in ("dark", "light"):
            page.emulate_media(color_scheme="light" if theme == "light" else "dark", reduced_motion="reduce")
            expect(page.locator("html")).to_have_attribute("data-theme", theme)
            settle(page)
            if broken := violations(page, within=within, colours_only=theme == "light"):
                found[f"{theme} {size}"] = broken
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        if wide > viewport["width"]:
            found[f"width {size}"] = [f"the page is {wide} px wide"]
    assert not found, json.dumps(found, indent=1)


def library(shown: Shown) -> None:
    shown.songs.finished()
    shown.page.goto("/")
    expect(shown.page.get_by_role("main").get_by_role("link").first).to_be_visible()


def new_song(shown: Shown) -> None:
    NewSong(shown.page).open()


def understood_song(shown: Shown) -> None:
    new = NewSong(shown.page)
    new.open()
    new.prompt.fill("a slow waltz for piano in D minor, wistful")
    shown.page.get_by_role("button", name="Show the brief").click()
    expect(shown.page.get_by_role("button", name="Accept")).to_be_visible()


def finished_song(shown: Shown) -> None:
    shown.finished()


def waiting_song(shown: Shown) -> None:
    SongRoom(shown.page).open(shown.songs.waiting("composition").id)
    SongRoom(shown.page).expect_waiting("Composition")


def branching(shown: Shown) -> None:
    shown.finished().controls.get_by_role("button", name="Branch").click()
    expect(shown.page.get_by_role("dialog")).to_be_visible()


def providers(shown: Shown) -> None:
    shown.page.goto("/providers")


def keys(shown: Shown) -> None:
    shown.page.goto("/keys")


def nowhere(shown: Shown) -> None:
    shown.page.goto("/nowhere")


def no_song(shown: Shown) -> None:
    shown.page.goto("/songs/01a22c02-0000-7000-8000-000000000000")


def invitation(shown: Shown) -> None:
    issued = shown.songs.finished().send("collaborators", {"role": "editor"})
    shown.page.goto(f"/join/{issued['token']}")
    expect(shown.page.get_by_label("Your name")).to_be_visible()


PAGES: tuple[Callable[[Shown], None], ...] = (
    library, new_song, understood_song, finished_song, waiting_song, branching, providers, keys, nowhere, no_song,
    invitation,
)  # fmt: skip


@pytest.mark.parametrize("arrive", PAGES, ids=lambda arrive: arrive.__name__)
def test_every_page_is_for_everybody(shown: Shown, arrive: Callable[[Shown], None]) -> None:
    arrive(shown)
    expect(shown.page.get_by_role("heading", level=1)).to_be_visible()
    check(shown.page)


@pytest.mark.parametrize("name", PANELS)
def test_every_panel_is_for_everybody(shown: Shown, name: str) -> None:
    shown.finished()
    shown.page.get_by_role("tab", name=name, exact=True).click()
    check(shown.page, PANEL)


def test_every_look_at_a_song_is_for_everybody(shown: Shown) -> None:
    """One visit, all tabs, of a song with words: a failure names the tab."""
    SongRoom(shown.page).open(shown.songs.finished(context={"creative.lyrics": WORDS}).id)
    found = {}
    for name in LOOKS:
        look_at(shown.page, name)
        try:
            check(shown.page, PANEL)
        except AssertionError as error:
            found[name] = str(error)
        shown.page.set_viewport_size({"width": 1280, "height": 900})
    assert not found, json.dumps(found, indent=1)


def look_at(page: Page, name: str) -> Locator:
    """A tab of the Look panel, opened."""
    page.get_by_role("tab", name=name, exact=True).click()
    panel = page.get_by_role("tabpanel", name=name, exact=True)
    expect(panel).to_be_visible()
    return panel


def test_signing_in_is_for_everybody(open_context: Callable[..., BrowserContext], keyed_process: ApiProcess) -> None:
    page = open_context(base_url=keyed_process.url).new_page()
    page.goto("/")
    expect(page.get_by_role("textbox")).to_be_visible()
    check(page)
