"""A song's history on its page: the tree, what changed in words, the way back, and versions."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.studio.conftest import People
from tests.studio.rooms import SONG_MS, SongRoom
from tests.studio.songs import Song, Songs

pytestmark = pytest.mark.browsing

MADE = ("Composition", "Arrangement", "Production", "Mixing", "Mastering", "Finalization")


@pytest.fixture(scope="module")
def revised(songs: Songs) -> Song:
    """A finished song that was made a second time: lower, slower and quieter. Tests here look at it only."""
    song = songs.start(title="Twice Made")
    song.until_status("completed")
    changes = {"musical.key": "A", "musical.tempo": 120, "technical.loudness_target": -18}
    song.send("revisions", {"changes": changes})
    song.until("made twice", lambda found: found["status"] == "completed" and _times(song) == 2)
    return song


def _times(song: Song) -> int:
    """How often the song was finished."""
    return len(song.get("/revisions", stage="finalization")["items"])


def history(page: Page, song: Song) -> Locator:
    """The panel of a song's history, open and read."""
    SongRoom(page).open(song.id)
    panel = SongRoom(page).panel("History")
    expect(panel.get_by_role("treeitem").first).to_be_visible()
    return panel


def state(panel: Locator, name: str) -> Locator:
    """Something in the tree; its name goes on with marks and the time."""
    return panel.get_by_role("treeitem", name=re.compile(rf"^{name}\b"))


def chosen(panel: Locator, name: str) -> Locator:
    state(panel, name).click()
    return panel.get_by_role("region", name=f"Chosen: {name}")


def test_what_was_made_twice_is_there_twice_and_the_present_is_marked(page: Page, revised: Song) -> None:
    panel = history(page, revised)
    for stage in MADE:
        expect(state(panel, f"{stage} 2")).to_contain_text("now")
        expect(state(panel, f"{stage} 1")).not_to_contain_text("now")
    facts = chosen(panel, "Mastering 1")
    told = revised.get("/revisions", stage="mastering")["items"][-1]["measured"]["integrated_lufs"]
    expect(facts).to_contain_text(f"{told:.1f} LUFS".replace("-", "−"))


def test_two_states_are_compared_in_a_musicians_words_and_by_ear(page: Page, revised: Song) -> None:
    panel = history(page, revised)
    chosen(panel, "Mastering 1").get_by_role("button", name="Compare").click()
    expect(panel.get_by_label("From").locator("option:checked")).to_contain_text("Mastering 1")
    expect(panel.get_by_label("To").locator("option:checked")).to_contain_text("Mastering 2")
    changed = panel.get_by_role("region", name="What changed")
    for line in ("Tempo 140 bpm → became 120 bpm", "Key C → became A", "the same, 3 semitones lower"):
        expect(changed).to_contain_text(re.compile(re.escape(line).replace(r"\ ", r"\s*")))
    delta = next(
        one["delta"]
        for one in revised.get("/comparison", stage="mastering", revision=1)["measured"]
        if one["name"] == "integrated_lufs"
    )
    loudness = changed.get_by_role("row", name=re.compile("^Loudness −"))
    expect(loudness).to_contain_text(f"{abs(delta):.1f} LU quieter")

    changed.get_by_role("button", name="Listen to both").click()
    SongRoom(page).expect_sounding()
    side = changed.get_by_role("button", name="B: Mastering 2")
    expect(side).to_have_attribute("aria-pressed", "false")
    side.click()
    expect(side).to_have_attribute("aria-pressed", "true")
    SongRoom(page).expect_sounding()

    panel.get_by_role("button", name="Swap the two sides").click()
    expect(loudness).to_contain_text("LU louder")


def test_the_tree_is_walked_by_keys(page: Page, revised: Song) -> None:
    panel = history(page, revised)
    tree = panel.get_by_role("tree")
    expect(state(panel, "Finalization 1")).to_be_visible()
    expect(tree.locator("[tabindex='0']")).to_have_count(1)
    tree.get_by_role("treeitem").first.focus()
    page.keyboard.press("End")
    expect(state(panel, "Finalization 1")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(panel.get_by_role("treeitem", name="Finalization", exact=True)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(state(panel, "Finalization 1")).to_have_count(0)
    page.keyboard.press("m")
    expect(panel.get_by_role("treeitem", name="Mixing", exact=True)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(panel.get_by_role("region", name="Chosen: Mixing 2")).to_be_visible()
    expect(state(panel, "Mixing 2")).to_have_attribute("aria-selected", "true")


def test_one_goes_back_to_an_earlier_composition(page: Page, songs: Songs) -> None:
    song = songs.waiting("composition")
    song.send("revisions", {"changes": {"musical.key": "A"}})
    song.until("composed twice", lambda found: len(song.get("/revisions", stage="composition")["items"]) == 2)
    song.until_status("waiting", "composition")
    panel = history(page, song)
    facts = chosen(panel, "Composition 1")
    facts.get_by_role("button", name="Go back to this composition").click()
    expect(state(panel, "Composition 1")).to_contain_text("now")
    expect(state(panel, "Composition 2")).not_to_contain_text("now")
    expect(facts).to_contain_text("This is what the song has now.")
    assert song.get("/stages/composition")["revision"] == 1


def test_a_refused_way_back_says_why(page: Page, songs: Songs) -> None:
    song = songs.waiting("composition")
    song.send("revisions", {"changes": {"musical.key": "A"}})
    song.until("composed twice", lambda found: len(song.get("/revisions", stage="composition")["items"]) == 2)
    song.until_status("waiting", "composition")
    # The page hears nothing any more of what becomes of the song.
    page.route(re.compile("/(events|status)"), lambda route: route.abort())
    facts = chosen(history(page, song), "Composition 1")
    song.send("cancellations")
    song.until_status("cancelled")
    facts.get_by_role("button", name="Go back to this composition").click()
    expect(facts.get_by_role("alert")).to_contain_text("cancelled")


def test_a_version_branches_is_compared_and_becomes_the_main_one(page: Page, songs: Songs) -> None:
    song = songs.start(title="Trunk")
    song.until_status("completed")
    panel = history(page, song)
    state(panel, "Mixing").first.press("ArrowRight")
    chosen(panel, "Mixing 1").get_by_role("button", name="Branch from here").click()
    dialog = page.get_by_role("dialog")
    wish = dialog.get_by_label(re.compile("^What should be different"))
    dialog.get_by_label("Name of the new version").fill("Twig")
    wish.fill("more of that, you know")
    dialog.get_by_role("button", name="Branch", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("not understood")
    wish.fill("-18 LUFS")
    dialog.get_by_role("button", name="Branch", exact=True).click()
    page.wait_for_url(lambda url: "/songs/" in url and song.id not in url)
    SongRoom(page).expect_finished()
    twig = Song(SongRoom(page).id, songs.http)
    assert len(song.get("/versions")["items"]) == 2

    panel = SongRoom(page).panel("History")
    expect(state(panel, "Twig")).to_contain_text("this version")
    expect(state(panel, "Trunk")).to_contain_text("main version")
    chosen(panel, "Trunk").get_by_role("button", name="Compare with this version").click()
    changed = panel.get_by_role("region", name="What changed")
    expect(changed.get_by_role("row", name=re.compile("^Loudness −"))).to_contain_text("LU quieter", timeout=SONG_MS)
    chosen(panel, "Twig").get_by_role("button", name="Make this the main version").click()
    expect(state(panel, "Twig")).to_contain_text("main version")
    expect(state(panel, "Trunk")).not_to_contain_text("main version")
    assert twig.get()["is_main"]
    chosen(panel, "Trunk").get_by_role("link", name="Open this version").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Trunk")


def test_a_take_is_chosen(page: Page, songs: Songs) -> None:
    song = songs.waiting("composition")
    song.send("revisions", {"stage": "composition", "instruction": "regenerate"})
    song.until("two takes", lambda found: song.get("/stages/composition")["takes"] == 2)
    song.until_status("waiting", "composition")
    takes = history(page, song).get_by_role("region", name="Choose a take of composition")
    expect(takes.get_by_role("listitem").filter(has_text="chosen")).to_contain_text("Take 2")
    takes.get_by_role("button", name="Choose take 1").click()
    expect(takes.get_by_role("listitem").filter(has_text="chosen")).to_contain_text("Take 1")
    assert song.get("/stages/composition")["take"] == 1


def test_who_only_reads_changes_nothing(people: People) -> None:
    song = people.songs.waiting("composition")
    people.songs.http.patch(song.path, json={"is_public": True}).raise_for_status()
    panel = history(people.stranger.new_page(), song)
    state(panel, "Composition").first.press("ArrowRight")
    facts = chosen(panel, "Composition 1")
    expect(facts).to_be_visible()
    expect(facts.get_by_role("button", name="Branch from here")).to_have_count(0)
    expect(facts.get_by_role("button", name=re.compile("^Go back"))).to_have_count(0)
