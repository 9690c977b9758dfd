"""The list of songs, the providers, and the page of keys and belongings."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zipfile import ZipFile

import httpx
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.studio.conftest import LAPTOP, People
from tests.studio.processes import ApiProcess
from tests.studio.rooms import SONG_MS, SongRoom
from tests.studio.songs import Songs

pytestmark = pytest.mark.browsing


def row(page: Page, title: str) -> Locator:
    """A song of the list, by its whole title."""
    return page.get_by_role("listitem").filter(has=page.get_by_text(title, exact=True))


def search(page: Page, words: str) -> None:
    page.get_by_label("Search").fill(words)


@pytest.fixture(scope="module")
def three(songs: Songs) -> None:
    """Three songs that the filters tell apart."""
    songs.waiting("ideation", title="Quartz Morning")
    songs.waiting("ideation", title="Quartz Evening")
    cancelled = songs.waiting("ideation", title="Quartz Midnight")
    cancelled.send("cancellations")
    cancelled.until_status("cancelled")


@pytest.mark.usefixtures("three")
def test_songs_are_found_by_words_and_filters_that_stay_in_the_address(page: Page) -> None:
    page.goto("/")
    search(page, "quartz")
    expect(page).to_have_url(re.compile("text=quartz"))
    found = page.get_by_role("list", name="Mine and shared").get_by_role("listitem")
    expect(found.filter(has_not_text="Quartz")).to_have_count(0)
    expect(found).to_have_count(3)
    page.get_by_label("Status").select_option("cancelled")
    expect(found).to_have_count(1)
    expect(found).to_contain_text("Quartz Midnight")
    page.reload()
    expect(found).to_have_count(1)
    expect(page.get_by_label("Search")).to_have_value("quartz")

    page.get_by_label("Status").select_option("any")
    search(page, "quartz morn")
    expect(found).to_have_count(1)
    found.get_by_role("link", name="Quartz Morning").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Quartz Morning")
    page.go_back()
    expect(page.get_by_label("Search")).to_have_value("quartz morn")

    search(page, "quartz of which nobody sings")
    expect(page.get_by_text("No song fits")).to_be_visible()
    search(page, "")
    page.get_by_label("Show", exact=True).select_option("Shared with me")
    expect(page.get_by_text("Nothing is shared with you")).to_be_visible()


@pytest.mark.usefixtures("three")
def test_typing_asks_once_when_it_rests(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "text=" in request.url else None)
    page.goto("/")
    page.get_by_label("Search").press_sequentially("quartz even", delay=30)
    expect(row(page, "Quartz Evening")).to_be_visible()
    expect(row(page, "Quartz Morning")).to_have_count(0)
    assert {httpx.URL(url).params["text"] for url in asked if "/v1/compositions" in url} == {"quartz even"}


@pytest.mark.usefixtures("three")
def test_the_next_page_comes_as_one_nears_the_end(page: Page) -> None:
    # The server's own pages, only smaller: the list is longer than one of them.
    def small(route: Route) -> None:
        route.continue_(url=route.request.url.replace("limit=40", "limit=1"))

    cursors: list[str] = []
    page.on("request", lambda request: cursors.append(request.url) if "cursor=" in request.url else None)
    page.route(re.compile("/v1/compositions[?]"), small)
    page.goto("/?text=quartz")
    found = page.get_by_role("list", name="Mine and shared").get_by_role("listitem")
    expect(found).to_have_count(3)
    assert cursors
    expect(page.get_by_role("button", name="Show more songs")).to_have_count(0)


def test_the_list_is_live_and_plays_the_newest_master_without_leaving(page: Page, songs: Songs) -> None:
    song = songs.waiting("mixing", title="Zinc Lullaby")
    page.goto("/?text=zinc")
    one = row(page, "Zinc Lullaby")
    expect(one).to_contain_text("Waits for you after mixing")
    song.send("advances")
    expect(one).to_contain_text("Finished", timeout=SONG_MS)
    one.get_by_role("button", name="Play Zinc Lullaby").click()
    SongRoom(page).expect_sounding()
    expect(SongRoom(page).player).to_contain_text("Master")
    expect(page).to_have_url(re.compile("text=zinc"))
    one.get_by_role("button", name="Pause Zinc Lullaby").click()
    expect(one.get_by_role("button", name="Play Zinc Lullaby")).to_be_visible()


def test_a_song_without_sound_has_nothing_to_play(page: Page, songs: Songs) -> None:
    songs.waiting("ideation", title="Silent Basalt")
    page.goto("/?text=basalt")
    expect(row(page, "Silent Basalt")).to_be_visible()
    expect(page.get_by_role("button", name="Play Silent Basalt")).to_have_count(0)


def test_providers_tell_what_they_may_do_and_what_is_missing(page: Page, songs: Songs) -> None:
    told = songs.http.get("/v1/providers").raise_for_status().json()["items"]
    page.goto("/providers")
    cards = page.get_by_role("region", name="All providers").get_by_role("region")
    expect(cards).to_have_count(len(told))
    expect(cards.first).to_contain_text("Sostenuto's own engine")
    expect(cards.first).to_contain_text("ready")
    for one in told:
        card = cards.filter(has=page.get_by_role("heading", name=one["capabilities"]["title"], exact=True))
        expect(card).to_contain_text(one["missing"] or "ready")
    expect(page.get_by_role("region", name="What they cost")).to_contain_text("$0.00")


def test_a_key_is_issued_told_once_and_revoked(people: People, keyed_process: ApiProcess) -> None:
    page = people.owner.new_page()
    page.goto("/keys")
    form = page.get_by_role("form", name="New key")
    form.get_by_label("Name of the key").fill("studio laptop")
    form.get_by_label("Start and steer songs").uncheck()
    form.get_by_label("Have programs told of events").uncheck()
    form.get_by_label("It lasts").select_option("7 days")
    form.get_by_role("button", name="Issue a key").click()
    secret = page.get_by_label("The new key “studio laptop”").input_value()

    def me() -> httpx.Response:
        return httpx.get(f"{keyed_process.url}/v1/me", headers={"Authorization": f"Bearer {secret}"}, trust_env=False)

    assert me().json()["scopes"] == ["read"]
    issued = people.songs.http.get("/v1/api-keys").json()["items"][0]
    lasts = datetime.fromisoformat(issued["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=6, hours=23) < lasts <= timedelta(days=7)

    page.reload()
    one = page.get_by_role("list", name="Your keys").get_by_role("listitem").filter(has_text=secret[:12])
    expect(one).to_contain_text("in force")
    expect(page.get_by_label("The new key")).to_have_count(0)
    assert secret not in page.content()
    one.get_by_role("button", name="Revoke studio laptop").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke the key").click()
    expect(one).to_contain_text("revoked")
    assert me().status_code == 401


def test_a_key_that_cannot_be_issued_says_why(people: People) -> None:
    page = people.owner.new_page()
    page.goto("/keys")
    form = page.get_by_role("form", name="New key")
    form.get_by_label("Name of the key").fill("too late")
    form.get_by_label("It lasts").select_option("Until a day that I choose")
    form.get_by_label("Until").fill("2020-02-03")
    form.get_by_role("button", name="Issue a key").click()
    expect(form.get_by_role("alert")).to_contain_text("that has passed")


def test_a_name_is_how_others_see_one_and_signing_out_ends_the_session(people: People) -> None:
    page = people.stranger.new_page()
    page.goto("/keys")
    page.get_by_label("Your name").fill("Stella")
    page.get_by_role("button", name="Save the name").click()
    expect(page.get_by_text("Others see you as Stella now.")).to_be_visible()
    assert people.stranger.request.get("/v1/me").json()["name"] == "Stella"
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("API key")).to_be_visible()
    assert people.stranger.request.get("/v1/me").status == 401


def test_a_guest_takes_everything_along_and_has_it_erased(
    people: People, keyed_process: ApiProcess, new_context: Callable[..., BrowserContext]
) -> None:
    song = people.songs.waiting("ideation")
    token = song.send("collaborators", {"role": "viewer"})["token"]
    guest = new_context(base_url=keyed_process.url, **LAPTOP)
    page = guest.new_page()
    page.goto(f"/join/{token}")
    page.get_by_label("Your name").fill("Gil")
    page.get_by_role("button", name="Accept the invitation").click()
    page.wait_for_url("**/songs/*")
    page.goto("/keys")
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download everything I own").click()
    with ZipFile(coming.value.path()) as archive:
        assert {"me.json", "manifest.json"} <= {*archive.namelist()}

    page.get_by_role("button", name="Erase everything of mine").click()
    erase = page.get_by_role("button", name="Erase everything for ever")
    typed = page.get_by_label(re.compile("^Type "))
    owner = str(guest.request.get("/v1/me").json()["owner"])
    typed.fill(owner[:-1])
    expect(erase).to_be_disabled()
    typed.fill(owner)
    erase.click()
    # Guests are known by their session alone, which ends with everything else of theirs.
    gone = (
        page.get_by_text("being erased").or_(page.get_by_text("You are signed out")).or_(page.get_by_label("API key"))
    )
    expect(gone.first).to_be_visible()
