"""The studio when something is wrong around it: nothing is lost, and what comes back is picked up by itself."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.studio.processes import ApiProcess
from tests.studio.rooms import NewSong, SongRoom
from tests.studio.songs import Song, Songs

NO_SOUND = """
window.AudioContext = class { constructor() { throw new DOMException("no sound here", "NotAllowedError"); } };
"""
# Commands that bring a song into a state in which somebody may reload the page.
STATES: dict[str, tuple[str, ...]] = {
    "waiting": (),
    "held": ("holds",),
    "cancelled": ("cancellations",),
}
WORDS = "a little slower, and softer in the verse"
SOON_MS = 30_000


def banner(page: Page) -> Locator:
    """What says that the server is away."""
    return page.get_by_text("The studio cannot reach the server. It keeps trying")


def words_field(room: SongRoom) -> Locator:
    return room.change.get_by_role("textbox", name="Say it in your words")


def advances(song: Song) -> int:
    """How often the song was told to go on."""
    way = [(one["from_stage"], one["to_stage"]) for one in song.get("/history")["items"]]
    return way.count(("composition", "arrangement"))


@pytest.fixture
def waiting(page: Page, songs: Songs) -> tuple[SongRoom, Song]:
    """A page on a song that waits after its composition."""
    song, room = songs.waiting("composition"), SongRoom(page)
    room.open(song.id)
    room.expect_waiting("Composition")
    return room, song


def test_the_server_goes_and_comes_back(waiting: tuple[SongRoom, Song], api_process: ApiProcess) -> None:
    room, song = waiting
    words_field(room).fill(WORDS)
    with api_process.away():
        expect(banner(room.page)).to_be_visible(timeout=SOON_MS)
        # What was loaded stays to be read, and what was written stays written.
        expect(room.page.get_by_role("heading", level=1)).to_be_visible()
        expect(words_field(room)).to_have_value(WORDS)
        room.go_on()
        expect(room.next.get_by_role("alert")).to_be_visible(timeout=SOON_MS)
    expect(banner(room.page)).to_be_hidden(timeout=SOON_MS)
    expect(words_field(room)).to_have_value(WORDS)
    room.go_on()
    room.expect_finished()
    assert advances(song) == 1


def test_a_part_that_cannot_be_fetched_comes_when_the_server_does(page: Page, songs: Songs) -> None:
    away = [re.compile(r"/assets/(look|RollTab)-[^/]*\.js$"), re.compile(r"/livez$")]
    for address in away:
        page.route(address, lambda route: route.abort())
    room = SongRoom(page)
    room.open(songs.finished().id)
    expect(page.get_by_role("region", name="Stages")).to_be_visible()
    page.wait_for_timeout(3000)
    expect(page.get_by_role("region", name="Stages")).to_be_visible()
    expect(page.get_by_role("tab", name="Piano roll")).to_be_hidden()
    for address in away:
        page.unroute(address)
    expect(page.get_by_role("tab", name="Piano roll")).to_be_visible(timeout=SOON_MS)


def test_what_happens_meanwhile_is_shown_afterwards(waiting: tuple[SongRoom, Song], api_process: ApiProcess) -> None:
    room, song = waiting
    api_process.restart()
    song.send("review-settings", {"review": ["arrangement"]})
    song.send("advances")
    room.expect_waiting("Arrangement")


def test_a_slow_server_does_nothing_twice(waiting: tuple[SongRoom, Song], api_process: ApiProcess) -> None:
    room, song = waiting
    song.send("review-settings", {"review": ["arrangement"]})
    with api_process.stuck():
        go_on = room.next.get_by_role("button", name=re.compile("Go on"))
        go_on.click()
        expect(go_on).to_have_attribute("aria-busy", "true")
        go_on.click(force=True)
        # The page itself does not wait for anybody.
        words_field(room).fill(WORDS)
    room.expect_waiting("Arrangement")
    expect(words_field(room)).to_have_value(WORDS)
    assert advances(song) == 1


def test_a_lost_connection_is_taken_up_again(waiting: tuple[SongRoom, Song]) -> None:
    room, song = waiting
    room.page.context.set_offline(True)
    expect(banner(room.page)).to_be_visible(timeout=SOON_MS)
    song.send("review-settings", {"review": ["arrangement"]})
    song.send("advances")
    song.until_status("waiting", "arrangement")
    room.page.context.set_offline(False)
    room.expect_waiting("Arrangement")
    expect(banner(room.page)).to_be_hidden(timeout=SOON_MS)


@pytest.mark.parametrize("state", STATES)
def test_a_reload_changes_nothing(page: Page, songs: Songs, state: str) -> None:
    song, room = songs.waiting("composition"), SongRoom(page)
    for command in STATES[state]:
        song.send(command)
    song.until_status(state)
    _same_after_reload(room, song)


def test_a_reload_of_a_finished_song_changes_nothing(page: Page, songs: Songs) -> None:
    _same_after_reload(SongRoom(page), songs.finished())


def _same_after_reload(room: SongRoom, song: Song) -> None:
    room.open(song.id)
    told = room.next.locator("p").first
    expect(told).to_be_visible()
    before = told.inner_text()
    stages = room.page.get_by_role("region", name="Stages").get_by_role("listitem").all_inner_texts()
    room.page.reload()
    expect(told).to_have_text(before)
    expect(room.page.get_by_role("region", name="Stages").get_by_role("listitem")).to_have_text(
        [re.compile(re.escape(stage.split("\n")[0])) for stage in stages if stage]
    )


def test_a_reload_while_a_song_is_made_goes_on_watching(page: Page, songs: Songs) -> None:
    song, room = songs.start(), SongRoom(page)
    room.open(song.id)
    for _ in range(3):
        expect(room.current).to_be_visible()
        page.reload()
    room.expect_finished()


def test_a_prompt_survives_a_reload(page: Page) -> None:
    new = NewSong(page)
    new.open()
    new.prompt.fill(WORDS)
    page.reload()
    expect(new.prompt).to_have_value(WORDS)


def test_without_sound_everything_else_works(open_context: Callable[..., BrowserContext], songs: Songs) -> None:
    context = open_context()
    context.add_init_script(NO_SOUND)
    room = SongRoom(context.new_page())
    room.open(songs.finished().id)
    room.page.get_by_role("region", name="Waveform").get_by_role("button", name="Play").click()
    trouble = room.player.get_by_role("alert")
    expect(trouble).to_contain_text("does not let this page play sound")
    expect(trouble.get_by_role("button", name="Try again")).to_be_enabled()
    room.expect_finished()
    assert room.download("MIDI").suggested_filename.endswith(".mid")
