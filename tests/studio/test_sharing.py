"""Sharing a song from its page: invitations, roles, a public link, files to take home, and the archive."""

import re
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.studio.conftest import LAPTOP, People
from tests.studio.processes import ApiProcess
from tests.studio.rooms import SONG_MS, SongRoom
from tests.studio.songs import Song, Songs

pytestmark = pytest.mark.browsing

# Streams are looked at every 3 s; the page asks by itself every 20 s.
TOLD_MS = 10_000
UNITS = {"bytes": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}
SIZE = re.compile(r"([\d.]+) (bytes|kB|MB|GB)$")


def sharing(page: Page, song: Song) -> Locator:
    """The panel in which a song is shared, open."""
    SongRoom(page).open(song.id)
    return SongRoom(page).panel("Share and download")


def invite(panel: Locator, role: str) -> str:
    """A new invitation; its link."""
    panel.get_by_label("As", exact=True).select_option(role)
    panel.get_by_role("button", name="Make an invitation").click()
    return panel.get_by_label(re.compile(rf"^Invitation for an? {role}")).input_value()


def people_of(panel: Locator) -> Locator:
    return panel.get_by_role("list", name="Who works on it").get_by_role("listitem")


def confirm(page: Page, name: str) -> None:
    """Say yes in the dialog that asks."""
    page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()


@pytest.fixture
def nobody(keyed_process: ApiProcess, new_context: Callable[..., BrowserContext]) -> Page:
    """The page of somebody whom the server that asks for keys does not know."""
    return new_context(base_url=keyed_process.url, **LAPTOP).new_page()


def test_an_invited_editor_takes_the_song_one_stage_on(people: People) -> None:
    song = people.songs.start(review=["composition", "arrangement"])
    song.until_status("waiting", "composition")
    owner, editor, stranger = people.owner.new_page(), people.editor.new_page(), people.stranger.new_page()
    link = invite(sharing(owner, song), "editor")

    editor.goto(link)
    expect(editor.get_by_role("heading", level=1)).to_have_text(song.get()["title"])
    expect(editor.get_by_role("main")).to_contain_text("as an editor")
    editor.get_by_role("button", name="Accept the invitation").click()
    editor.wait_for_url(f"**/songs/{song.id}")
    SongRoom(editor).go_on()

    # The owner sees it happen, without doing anything.
    SongRoom(owner).expect_waiting("Arrangement")
    SongRoom(editor).expect_waiting("Arrangement")
    expect(people_of(owner.get_by_role("tabpanel"))).to_have_count(2)
    stranger.goto(link)
    expect(stranger.get_by_role("main")).to_contain_text("used or has expired")


def test_a_withdrawn_invitation_opens_nothing(people: People, nobody: Page) -> None:
    song = people.songs.waiting("ideation")
    owner = people.owner.new_page()
    panel = sharing(owner, song)
    link = invite(panel, "viewer")
    invitations = panel.get_by_role("list", name="Invitations")
    expect(invitations).to_contain_text("waits to be accepted")
    invitations.get_by_role("button", name=re.compile("^Withdraw")).click()
    expect(invitations).to_have_count(0)
    nobody.goto(link)
    expect(nobody.get_by_role("main")).to_contain_text("taken back")


def test_a_guest_is_given_another_role_and_removed(people: People, nobody: Page) -> None:
    song = people.songs.waiting("composition")
    owner = people.owner.new_page()
    panel = sharing(owner, song)
    nobody.goto(invite(panel, "viewer"))
    accept = nobody.get_by_role("button", name="Accept the invitation")
    expect(accept).to_be_disabled()
    nobody.get_by_label("Your name").fill("Gil")
    accept.click()
    nobody.wait_for_url(f"**/songs/{song.id}")
    expect(SongRoom(nobody).next).to_be_visible()
    expect(nobody.get_by_role("button", name=re.compile("^Go on"))).to_have_count(0)

    gil = people_of(panel).filter(has_text="Gil")
    role = gil.get_by_label("Role of Gil")
    expect(role).to_have_value("viewer")
    role.select_option("editor")
    expect(role).to_have_value("editor")
    expect(gil).to_contain_text("editor since")
    assert {one["name"]: one["role"] for one in song.get("/collaborators")["items"]}["Gil"] == "editor"
    # Nobody needs to look again: the stream ends with what they were, and a new one begins with what they are.
    expect(nobody.get_by_role("button", name=re.compile("^Go on"))).to_be_visible(timeout=TOLD_MS)

    gil.get_by_role("button", name="Remove Gil").click()
    confirm(owner, "Remove Gil")
    expect(gil).to_have_count(0)
    expect(nobody.get_by_text("There is no such song")).to_be_visible(timeout=TOLD_MS)


def test_somebody_leaves_a_song(people: People) -> None:
    song = people.songs.waiting("ideation", title="Left Behind")
    editor = people.editor.new_page()
    editor.goto(invite(sharing(people.owner.new_page(), song), "viewer"))
    editor.get_by_role("button", name="Accept the invitation").click()
    editor.wait_for_url(f"**/songs/{song.id}")
    SongRoom(editor).panel("Share and download").get_by_role("button", name="Leave the song").click()
    confirm(editor, "Leave the song")
    expect(editor.get_by_role("heading", name="Songs")).to_be_visible()
    expect(editor.get_by_role("link", name="Left Behind")).to_have_count(0)
    assert [one["role"] for one in song.get("/collaborators")["items"]] == ["owner"]


def test_anybody_hears_a_public_song_until_it_is_private_again(people: People, nobody: Page) -> None:
    song = people.songs.start(title="For Everybody")
    song.until_status("completed")
    owner = people.owner.new_page()
    panel = sharing(owner, song)
    public = panel.get_by_role("switch", name="Anybody with the link may listen")
    expect(panel.get_by_label("Link for everybody")).to_have_count(0)
    public.check()
    link = panel.get_by_label("Link for everybody").input_value()

    nobody.goto(link)
    expect(nobody.get_by_role("heading", level=1)).to_contain_text("For Everybody")
    seen = SongRoom(nobody).panel("Share and download")
    expect(seen.get_by_role("link", name=re.compile("^MP3"))).to_be_visible()
    # The report tells what the song cost.
    expect(seen.get_by_role("link", name=re.compile("^Report"))).to_have_count(0)
    expect(seen.get_by_role("list", name="Who works on it")).to_have_count(0)
    expect(seen.get_by_role("button", name="Make an invitation")).to_have_count(0)

    public.uncheck()
    expect(panel.get_by_label("Link for everybody")).to_have_count(0)
    nobody.reload()
    expect(nobody.get_by_label("API key")).to_be_visible()


def test_a_refused_change_of_publicity_says_why(people: People) -> None:
    song = people.songs.waiting("ideation")
    issued = people.songs.http.post("/v1/api-keys", json={"name": "for looking", "scopes": ["read"]})
    people.owner.request.post("/v1/sessions", data={"api_key": issued.raise_for_status().json()["key"]})
    page = people.owner.new_page()
    panel = sharing(page, song)
    public = panel.get_by_role("switch", name="Anybody with the link may listen")
    expect(public).not_to_be_checked()
    public.click()
    expect(panel.get_by_role("alert")).to_contain_text("this needs a key with the scope write")


def test_an_open_page_finds_out_that_its_song_was_archived(people: People) -> None:
    song = people.songs.start(title="Taken Away")
    song.until_status("completed")
    page = people.owner.new_page()
    SongRoom(page).open(song.id)
    people.songs.http.delete(song.path).raise_for_status()
    expect(page.get_by_role("main")).to_contain_text("This song is in the archive", timeout=TOLD_MS)
    page.get_by_role("button", name="Take it out of the archive").click()
    expect(SongRoom(page).next).to_be_visible()
    expect(page.get_by_text("This song is in the archive")).to_have_count(0)


def test_every_file_is_named_after_the_song_and_as_large_as_told(page: Page, songs: Songs, tmp_path: Path) -> None:
    song = songs.finished(formats=["wav", "flac", "mp3", "opus"])
    title = song.get()["title"]
    links = sharing(page, song).get_by_role("list", name="Downloads").get_by_role("link")
    expect(links).to_have_count(9)
    endings = (".wav", ".flac", ".mp3", ".opus", " stems.zip", ".mid", ".musicxml", " report.html", ".zip")
    # The last one's size is known when the report has been read.
    expect(links.last).to_contain_text(SIZE)
    for index, ending in enumerate(endings):
        told = SIZE.search(links.nth(index).inner_text().replace("\n", " ").strip())
        assert told, links.nth(index).inner_text()
        with page.expect_download() as coming:
            links.nth(index).click()
        assert coming.value.suggested_filename == title + ending
        coming.value.save_as(tmp_path / str(index))
        content = (tmp_path / str(index)).read_bytes()
        inside = [one.file_size for one in zipfile.ZipFile(BytesIO(content)).infolist()] if ".zip" in ending else []
        assert sum(inside or [len(content)]) == pytest.approx(float(told[1]) * UNITS[told[2]], rel=0.06)


def test_an_archived_song_is_hidden_and_comes_back(people: People) -> None:
    song = people.songs.start(title="Put Away")
    song.until_status("completed")
    page = people.owner.new_page()
    sharing(page, song).get_by_role("button", name="Archive this song").click()
    expect(page.get_by_role("dialog")).not_to_contain_text("cancelled")
    confirm(page, "Archive")

    archived = page.get_by_role("list", name="Archive").get_by_role("listitem").filter(has_text="Put Away")
    expect(archived).to_be_visible()
    assert people.songs.http.get(song.path).status_code == 404
    archived.get_by_role("button", name="Restore Put Away").click()
    expect(archived).to_have_count(0)
    page.get_by_label("Show", exact=True).select_option("Mine")
    page.get_by_role("list", name="Mine").get_by_role("link", name="Put Away").click()
    SongRoom(page).expect_finished()


def test_a_song_at_work_is_cancelled_by_its_archive_after_a_question(people: People) -> None:
    song = people.songs.waiting("composition", title="Given Up")
    page = people.owner.new_page()
    sharing(page, song).get_by_role("button", name="Archive this song").click()
    expect(page.get_by_role("dialog")).to_contain_text("it is cancelled")
    confirm(page, "Not now")
    assert song.get("/status")["status"] == "waiting"
    page.get_by_role("button", name="Archive this song").click()
    confirm(page, "Archive")
    row = page.get_by_role("list", name="Archive").get_by_role("listitem").filter(has_text="Given Up")
    expect(row).to_contain_text("Cancelled", timeout=SONG_MS)

    row.get_by_role("button", name="Erase Given Up for ever").click()
    with page.expect_response(re.compile(rf"{song.id}[?]erase=true")) as answered:
        confirm(page, "Erase it for ever")
    assert answered.value.status == 202
    expect(row).to_contain_text("is being erased")
    expect(row.get_by_role("button", name="Restore Given Up")).to_have_count(0)
