"""The studio's pages as a person finds their way on them: by roles and names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Download, Locator, Page, expect

STAGES = ("Ideation", "Composition", "Arrangement", "Production", "Mixing", "Mastering", "Finalization")
Panel = Literal["Look", "Stems", "History", "Share and download"]
# A whole song takes some seconds of work, on processors that others may use as well.
SONG_MS = 90_000


@dataclass(frozen=True)
class NewSong:
    """The page on which a song is described."""

    page: Page

    def open(self) -> None:
        self.page.goto("/new")

    @property
    def prompt(self) -> Locator:
        return self.page.get_by_role("textbox", name="Prompt")

    @property
    def generate(self) -> Locator:
        return self.page.get_by_role("button", name="Generate")

    def review(self, stage: str) -> Locator:
        waits = self.page.get_by_role("region", name="Wait for me after")
        return waits.get_by_role("checkbox", name=stage)

    def describe(self, prompt: str, review: Sequence[str] = ()) -> "SongRoom":
        """Start a song that waits after the stages in `review`; its page."""
        self.prompt.fill(prompt)
        for stage in review:
            self.review(stage).check()
        self.generate.click()
        self.page.wait_for_url("**/songs/*")
        return SongRoom(self.page)


@dataclass(frozen=True)
class SongRoom:
    """The page of one song."""

    page: Page

    def open(self, song: str) -> None:
        self.page.goto(f"/songs/{song}")

    @property
    def id(self) -> str:
        """The song's id, from the address."""
        return self.page.url.rpartition("/songs/")[2].partition("?")[0]

    @property
    def next(self) -> Locator:
        """The region that says what the song does or waits for."""
        return self.page.get_by_role("region", name="What next")

    @property
    def change(self) -> Locator:
        return self.page.get_by_role("region", name="Change the song")

    @property
    def key(self) -> Locator:
        """What key the song should have."""
        return self.change.get_by_role("combobox", name=re.compile("^Key"))

    @property
    def scale(self) -> Locator:
        return self.change.get_by_role("combobox", name="Scale")

    @property
    def player(self) -> Locator:
        return self.page.get_by_role("region", name="Player")

    @property
    def place(self) -> Locator:
        """Where the player is, in seconds, as a slider."""
        return self.player.get_by_role("slider", name="Place in the song")

    @property
    def controls(self) -> Locator:
        return self.page.get_by_role("region", name="Controls")

    @property
    def current(self) -> Locator:
        """The stage where the song is."""
        return self.page.get_by_role("region", name="Stages").locator("[aria-current=step]")

    def panel(self, name: Panel) -> Locator:
        """A panel, opened."""
        self.page.get_by_role("tab", name=name, exact=True).click()
        return self.page.get_by_role("tabpanel", name=name)

    def expect_waiting(self, stage: str) -> None:
        """It waits for a decision after `stage`."""
        expect(self.current).to_contain_text(stage, timeout=SONG_MS)
        expect(self.current).to_contain_text("waits for you", timeout=SONG_MS)

    def expect_finished(self) -> None:
        expect(self.next).to_contain_text("finished", timeout=SONG_MS)
        expect(self.current).to_contain_text("done")

    def go_on(self) -> None:
        self.next.get_by_role("button", name=re.compile("Go on")).click()

    def seconds(self) -> float:
        """Where the player is."""
        return float(self.place.input_value())

    def expect_sounding(self) -> None:
        """The player runs: its place moves on by itself."""
        expect(self.player.get_by_role("button", name="Pause")).to_be_visible()
        before = self.seconds()
        for _ in range(100):
            if self.seconds() > before + 0.3:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"the player stays at {before:g} s")

    def download(self, name: str) -> Download:
        """A file from the list of downloads."""
        panel = self.panel("Share and download")
        with self.page.expect_download() as coming:
            panel.get_by_role("list", name="Downloads").get_by_role("link", name=re.compile(rf"^{name}\b")).click()
        return coming.value


def settle(page: Page) -> None:
    """Wait until nothing on the page turns any more: what it has to show is there, or said not to be."""
    spinners = page.locator(".spinner")
    for _ in range(2):
        expect(spinners).to_have_count(0, timeout=SONG_MS)
        # What has just come may ask for more.
        page.wait_for_timeout(200)
