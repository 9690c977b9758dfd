"""Steering a song from its page: every control, refusals where they were caused, two people, and reloads."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Request, expect

from domain.instructions import understand_instruction
from tests.studio.songs import PROMPT, Song, Songs

pytestmark = pytest.mark.browsing

OpenContext = Callable[..., BrowserContext]
# The longest that a stage of the short song takes on two busy processors, in milliseconds.
MADE_MS = 120_000


def opened(page: Page, song: Song) -> Page:
    """The song's page, once it shows what the song waits for."""
    page.goto(f"/songs/{song.id}")
    expect(sentence(page)).not_to_be_empty()
    return page


def next_(page: Page) -> Locator:
    return page.get_by_role("region", name="What next")


def sentence(page: Page) -> Locator:
    """What the song waits for; it is the first thing that the region says."""
    return next_(page).get_by_role("paragraph").first


def stage(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name="Stages").get_by_role("listitem").filter(has_text=name)


def step(page: Page, name: str) -> Locator:
    """The button of a stage."""
    return page.get_by_role("region", name="Stages").get_by_role("button", name=name)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def deaf(page: Page) -> None:
    """The page hears of no event and gets no news of the song: it goes on showing what it loaded first."""
    page.route(re.compile(r"/v1/compositions/[^/]+/(events|status)"), lambda route: route.abort())


def started_with(songs: Songs, context: dict[str, Any]) -> Song:
    body = {"prompt": PROMPT, "settings": {"seed": 7}, "context": context}
    return Song(str(songs.http.post("/v1/compositions", json=body).raise_for_status().json()["id"]), songs.http)


@pytest.fixture
def stuck(songs: Songs) -> Song:
    """A song whose mix asks for a player that it does not have."""
    song = started_with(songs, {"creative.preferences.mix.gain.kazoo": 3})
    song.until_status("blocked", "mixing")
    return song


def test_a_song_is_held_and_resumed(page: Page, songs: Songs) -> None:
    """Hold stops what comes next, a reload shows the same, resume goes on to the end."""
    song = songs.start()
    opened(page, song)
    press(page, "Hold")
    expect(sentence(page)).to_contain_text("The song is held at")
    page.reload()
    expect(sentence(page)).to_contain_text("The song is held at")
    song.until_status("held")
    press(page, "Resume")
    expect(sentence(page)).to_contain_text("Your song is finished", timeout=MADE_MS)


def test_the_stages_are_told_while_they_are_made(page: Page, songs: Songs) -> None:
    """The current stage is marked and says what is done; at the end every stage has its time."""
    song = songs.start()
    opened(page, song)
    current = page.locator('li[aria-current="step"]')
    expect(current).to_have_count(1)
    expect(current.get_by_role("progressbar").first).to_be_visible(timeout=MADE_MS)
    expect(sentence(page)).to_have_text(re.compile(r"^\w+ is at work: .+\.$"))
    expect(sentence(page)).to_contain_text("Your song is finished", timeout=MADE_MS)
    for name in ("Ideation", "Composition", "Production", "Finalization"):
        expect(stage(page, name)).to_contain_text(re.compile(r"done · [\d.]+ s"))


def test_a_song_goes_on_once_however_often_it_is_pressed(page: Page, songs: Songs) -> None:
    song = songs.waiting("composition")
    opened(page, song)
    sent: list[Request] = []
    page.on("request", lambda r: sent.append(r) if r.url.endswith("/advances") else None)
    page.get_by_role("button", name="Go on to arrangement").dblclick()
    expect(sentence(page)).to_contain_text("Your song is finished", timeout=MADE_MS)
    assert len(sent) == 1


def test_cancelling_asks_first(page: Page, songs: Songs) -> None:
    song = songs.waiting("composition")
    opened(page, song)
    press(page, "Cancel the song")
    press(page, "Let it go on")
    assert song.get("/status")["status"] == "waiting"
    press(page, "Cancel the song")
    press(page, "Cancel the song for good")
    expect(sentence(page)).to_contain_text("This song was cancelled")
    page.reload()
    expect(sentence(page)).to_contain_text("This song was cancelled")
    for gone in ("Hold the song", "Cancel the song", "Apply the change"):
        expect(page.get_by_role("button", name=gone, exact=True)).to_have_count(0)
    expect(page.get_by_role("button", name="Branch from here")).to_be_visible()


def test_a_stuck_stage_says_why_and_what_can_be_done(page: Page, stuck: Song) -> None:
    """Trying again does not help here, and says so again; taking the setting back does."""
    opened(page, stuck)
    expect(sentence(page)).to_have_text("Mixing could not be finished.")
    expect(next_(page)).to_contain_text("kazoo: no part or role of that name; this song has")
    expect(stage(page, "Mixing")).to_contain_text("stuck")
    before = stuck.get("/status")["sequence"]
    press(page, "Try again")
    stuck.until("stuck again", lambda f: f["status"] == "blocked" and f["sequence"] > before + 2)
    expect(sentence(page)).to_have_text("Mixing could not be finished.")
    press(page, "Take this setting back")
    expect(sentence(page)).to_contain_text("Your song is finished", timeout=MADE_MS)


def test_a_refused_command_says_why_where_it_was_pressed(page: Page, songs: Songs) -> None:
    """The page shows an older song; the song refuses, and the reason stands at the button that was pressed."""
    song = songs.waiting("composition")
    deaf(page)
    opened(page, song)
    song.send("holds")
    press(page, "Go on to arrangement")
    expect(next_(page).get_by_role("alert")).to_contain_text("The song is held: resume it first.")
    expect(page.get_by_role("alert")).to_have_count(1)
    page.unroute_all()
    page.reload()
    expect(sentence(page)).to_contain_text("The song is held at composition.")


def test_the_song_waits_where_it_is_told_to(page: Page, songs: Songs) -> None:
    song = songs.waiting("ideation")
    opened(page, song)
    press(page, "Where it waits for me")
    dialog = page.get_by_role("dialog", name="Where the song waits for you")
    expect(dialog.get_by_role("switch", name="Ideation")).to_be_checked()
    dialog.get_by_role("switch", name="Composition").check()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    press(page, "Go on to composition")
    expect(sentence(page)).to_contain_text("Composition is ready", timeout=MADE_MS)
    assert song.get()["settings"]["review"] == ["ideation", "composition"]


def test_a_step_back_and_an_earlier_version(page: Page, songs: Songs) -> None:
    """One step back parks the song; an earlier version of a stage is fetched, and nothing is computed for it."""
    song = songs.waiting("composition")
    opened(page, song)
    page.get_by_label("Tempo (bpm)").fill("120")
    press(page, "Apply the change")
    song.until("at its second version", lambda f: f["status"] == "waiting" and _revision(song, "composition") == 2)
    press(page, "Step back to ideation")
    expect(sentence(page)).to_contain_text("The song rests at ideation")
    press(page, "Go on to composition")
    expect(sentence(page)).to_contain_text("Composition is ready", timeout=MADE_MS)
    press(page, "Go back to version 1")
    song.until("back at its first version", lambda f: f["status"] == "waiting" and _revision(song, "composition") == 1)
    expect(sentence(page)).to_contain_text("The song rests at composition")


def _revision(song: Song, name: str) -> int:
    return next(int(one["revision"]) for one in song.get()["stages"] if one["stage"] == name)


def test_a_take_is_heard_chosen_and_another_one_made(page: Page, songs: Songs) -> None:
    song = songs.waiting("arrangement")
    opened(page, song)
    press(page, "Make another take")
    takes = page.get_by_role("region", name="Takes of arrangement")
    second = takes.get_by_role("listitem").filter(has_text="Take 2")
    expect(second).to_contain_text("chosen", timeout=MADE_MS)
    expect(sentence(page)).to_contain_text("Arrangement is ready", timeout=MADE_MS)
    expect(second.get_by_label("Take 2", exact=True)).to_have_attribute("src", re.compile(r"/v1/media/\w{64}/content"))
    takes.get_by_role("button", name="Choose take 1").click()
    expect(takes.get_by_role("listitem").filter(has_text="Take 1")).to_contain_text("chosen", timeout=MADE_MS)
    song.until("back at take 1", lambda f: f["status"] == "waiting" and song.get()["stages"][2]["take"] == 1)


def test_what_was_made_of_the_words_is_turned_down(page: Page, songs: Songs) -> None:
    song = songs.waiting("ideation", "a tender waltz for piano, 30 seconds")
    opened(page, song)
    words = page.get_by_role("region", name="Your words, and what was made of them")
    expect(words).to_contain_text("a tender waltz for piano, 30 seconds")
    words.get_by_role("button", name="Take my own words only").click()
    song.until("turned down", lambda f: f["status"] == "waiting" and song.get()["enhancement_accepted"] is False)
    expect(sentence(page)).to_contain_text("Ideation is ready", timeout=MADE_MS)
    expect(page.get_by_role("button", name="Take my own words only")).to_have_count(0)
    assert song.get()["context"]["creative"]["enhanced_prompt"] == "a tender waltz for piano, 30 seconds"


def test_the_loser_of_two_keeps_the_change_as_a_draft(open_context: OpenContext, songs: Songs) -> None:
    """Both see what the first one did; what the second one wanted stays in the form, with the reason, over a reload."""
    song = songs.waiting("composition")
    first, second = (open_context().new_page() for _ in range(2))
    deaf(second)
    for page in (first, second):
        opened(page, song)
    second.get_by_label("Tempo (bpm)").fill("100")
    first.get_by_label("Tempo (bpm)").fill("92")
    press(first, "Apply the change")
    song.until("slower", lambda f: f["status"] == "waiting" and song.get()["context"]["musical"]["tempo"] == 92)
    press(second, "Apply the change")
    kept = second.get_by_role("region", name="Change the song")
    expect(kept).to_contain_text("Your change was not applied and is kept here as a draft.")
    assert song.get()["context"]["musical"]["tempo"] == 92

    second.unroute_all()
    second.reload()
    expect(second.get_by_label("Tempo (bpm)")).to_have_value("100")
    expect(kept).to_contain_text("Your change was not applied and is kept here as a draft.")
    expect(kept).to_contain_text("Meanwhile somebody changed tempo: 140 became 92.")
    for page in (first, second):
        expect(page.get_by_label("Tempo (bpm)")).to_have_attribute("placeholder", "92")
    press(second, "Apply the change")
    song.until("as the second one wants it", lambda f: song.get()["context"]["musical"]["tempo"] == 100)
    expect(second.get_by_label("Tempo (bpm)")).to_have_value("")
    expect(first.get_by_label("Tempo (bpm)")).to_have_attribute("placeholder", "100")


def test_of_two_titles_the_later_one_stands_beside_the_new_one(open_context: OpenContext, songs: Songs) -> None:
    song = songs.waiting("ideation")
    first, second = (opened(open_context().new_page(), song) for _ in range(2))
    for page, title in ((first, "Harbour"), (second, "Harbour at Night")):
        press(page, "Rename the song")
        page.get_by_role("textbox", name="Title").fill(title)
    press(first, "Save title")
    expect(first.get_by_role("heading", level=1)).to_contain_text("Harbour")
    press(second, "Save title")
    both = second.get_by_role("group", name="Two titles")
    expect(both).to_contain_text("Somebody renamed the song to Harbour while you wrote Harbour at Night.")
    expect(second.get_by_role("heading", level=1)).to_have_text("Harbour")
    second.reload()
    both.get_by_role("button", name="Use mine").click()
    expect(second.get_by_role("heading", level=1)).to_have_text("Harbour at Night")
    expect(both).to_have_count(0)
    # The page shows what was typed before it is saved.
    song.until("renamed", lambda _: song.get()["title"] == "Harbour at Night")


def test_a_song_is_renamed_while_it_is_at_work(page: Page, songs: Songs) -> None:
    """Its tag moves with every event; nobody else has renamed it, so nobody is asked."""
    song = songs.start()
    opened(page, song)
    press(page, "Rename the song")
    page.get_by_role("textbox", name="Title").fill("Moving Target")
    song.until("a stage further", lambda f: f["progress"] > 20)
    press(page, "Save title")
    expect(page.get_by_role("heading", level=1)).to_have_text("Moving Target")
    song.until_status("completed")
    assert song.get()["title"] == "Moving Target"


@pytest.mark.parametrize("state", ["waiting", "held", "cancelled", "blocked", "completed"])
def test_a_reload_shows_the_same_song(state: str, page: Page, songs: Songs, request: pytest.FixtureRequest) -> None:
    """In any state: what it waits for, what can be pressed, and a change that is half made."""
    song = _in_state(state, songs, request)
    opened(page, song)
    changed = state not in ("cancelled",)
    if changed:
        page.get_by_label("Say it in your words").fill("louder chorus")
    before = (sentence(page).inner_text(), next_(page).get_by_role("button").all_inner_texts())
    page.reload()
    expect(sentence(page)).to_have_text(before[0])
    assert next_(page).get_by_role("button").all_inner_texts() == before[1]
    if changed:
        expect(page.get_by_label("Say it in your words")).to_have_value("louder chorus")


def _in_state(state: str, songs: Songs, request: pytest.FixtureRequest) -> Song:
    if state == "completed":
        return songs.finished()
    if state == "blocked":
        found: Song = request.getfixturevalue("stuck")
        return found
    song = songs.waiting("composition")
    if state != "waiting":
        song.send({"held": "holds", "cancelled": "cancellations"}[state])
        song.until_status(state)
    return song


def test_the_line_of_stages_is_walked_by_keys(page: Page, songs: Songs) -> None:
    opened(page, songs.finished())
    step(page, "Ideation").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="What ideation made")).to_contain_text("C major")
    page.keyboard.press("]")
    expect(page.get_by_role("region", name="What composition made")).to_contain_text("Chorus")
    expect(step(page, "Composition")).to_be_focused()
    page.keyboard.press("[")
    page.keyboard.press("[")
    expect(page.get_by_role("region", name="What ideation made")).to_be_visible()
    expect(step(page, "Ideation")).to_have_attribute("aria-expanded", "true")


def test_every_choice_of_the_form_is_understood_by_the_song(page: Page, songs: Songs) -> None:
    """What the form says to the song for sections and players are words that the song knows; nothing is sent."""
    opened(page, songs.finished())
    press(page, "Change a section")
    section = page.get_by_role("group", name="Section change 1")
    act = section.get_by_label("What should happen")
    names = section.get_by_label("Section", exact=True).locator("option").all_inner_texts()
    assert {"Verse 1", "Chorus"} <= set(names)
    for value in _values(act):
        act.select_option(value)
        if section.get_by_label("Who rests").count():
            section.get_by_label("Who rests").select_option(label="The drums")
        assert understand_instruction(_asked(page)), value
    press(page, "Take this section change back")

    press(page, "Change an instrument")
    band = page.get_by_role("group", name="Band change 1")
    act = band.get_by_label("What should change")
    for value in _values(act):
        act.select_option(value)
        for field, wanted in (("Player", "bass"), ("Instrument", "rhodes")):
            if band.get_by_label(field, exact=True).count():
                band.get_by_label(field, exact=True).select_option(wanted)
        assert understand_instruction(_asked(page)), value


def _values(choice: Locator) -> list[str]:
    return [str(option.get_attribute("value")) for option in choice.locator("option").all()]


def _asked(page: Page) -> str:
    lines = page.get_by_role("region", name="Change the song").get_by_role("list").get_by_role("listitem")
    expect(lines).to_have_count(1)
    return lines.inner_text()


def test_only_the_chorus_changes(page: Page, songs: Songs) -> None:
    """A change of one section, from the form to the song's own list of edits."""
    song = songs.waiting("arrangement")
    opened(page, song)
    press(page, "Change a section")
    wish = page.get_by_role("group", name="Section change 1")
    wish.get_by_label("Section", exact=True).select_option(label="Chorus")
    wish.get_by_label("What should happen").select_option("softer")
    press(page, "Apply the change")
    edit = {"op": "change_loudness", "amount": -0.4, "section": "chorus", "part": "band"}
    song.until("edited", lambda f: song.get()["context"]["musical"]["edits"] == [edit])
    expect(page.get_by_role("region", name="Change the song")).to_contain_text("Arrangement is processed again.")


def test_words_are_told_as_they_are_understood_before_they_are_sent(page: Page, songs: Songs) -> None:
    opened(page, songs.finished())
    panel = page.get_by_role("region", name="Change the song")
    words = page.get_by_label("Say it in your words")
    words.fill("a bit slower, drop the chorus")
    expect(panel.get_by_role("listitem")).to_have_text(["Tempo 7.5 % slower", "Chorus left out"])
    expect(panel).to_contain_text("Made again from composition on.")
    words.fill("quack")
    expect(panel).to_contain_text("The instruction 'quack' is not understood.")


def test_who_only_reads_is_told_so(people: Any, songs: Songs) -> None:
    """A stranger sees a public song, hears it, and is offered nothing that changes it."""
    song = people.songs.waiting("arrangement")
    people.songs.http.patch(song.path, json={"is_public": True}).raise_for_status()
    page = opened(people.stranger.new_page(), song)
    expect(sentence(page)).to_contain_text("You are listening along: the song waits for a decision of its editors.")
    for gone in ("Go on to production", "Hold the song", "Rename the song", "Apply the change", "Branch"):
        expect(page.get_by_role("button", name=gone, exact=True)).to_have_count(0)


def test_a_branch_goes_on_by_itself(page: Page, songs: Songs) -> None:
    song = songs.waiting("composition")
    opened(page, song)
    press(page, "Branch")
    dialog = page.get_by_role("dialog", name="Branch the song")
    dialog.get_by_label("Title of the branch").fill("The other one")
    dialog.get_by_role("button", name="Make the branch").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("The other one")
    expect(page).not_to_have_url(re.compile(song.id))
    assert song.get("/status")["status"] == "waiting"


def test_a_song_comes_back_from_the_archive(page: Page, songs: Songs) -> None:
    song = songs.waiting("ideation", title="Put away")
    songs.http.delete(song.path).raise_for_status()
    opened(page, song)
    expect(next_(page)).to_contain_text("This song is in the archive")
    press(page, "Take it out of the archive")
    expect(page.get_by_role("button", name="Rename the song")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Put away")
    assert song.get()["title"] == "Put away"
