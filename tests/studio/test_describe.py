"""Describing a song: what is understood is shown, can be corrected, and is what the song starts from."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Locator, Page, Request, Route, expect

from tests.audio.foreign import tune, written
from tests.audio.signals import noise
from tests.studio.axe import violations
from tests.studio.keyboard import Keyboard
from tests.studio.rooms import NewSong, SongRoom
from tests.studio.songs import Song, Songs

pytestmark = pytest.mark.browsing

WALTZ = "a slow waltz for piano and strings, in D minor, verse of 8 bars and chorus of 8 bars"
STARTS = "**/v1/compositions"
ENHANCES = "**/v1/prompts/enhance"
# An upload is listened to in a process of its own, which has to begin first.
HEARD_MS = 60_000


@dataclass(frozen=True)
class Brief:
    """The brief on the page of a new song."""

    page: Page

    @property
    def card(self) -> Locator:
        return self.page.get_by_role("region", name="The brief")

    def show(self) -> None:
        """Have the prompt read, and wait for what was understood."""
        self.page.get_by_role("button", name="Show the brief").click()
        expect(self.card.get_by_role("button", name="Accept")).to_be_visible()

    def field(self, name: str) -> Locator:
        return self.card.get_by_label(name, exact=True)


@pytest.fixture
def new(page: Page) -> NewSong:
    """The page of a new song, opened."""
    room = NewSong(page)
    room.open()
    return room


@pytest.fixture
def brief(new: NewSong) -> Brief:
    return Brief(new.page)


def started(new: NewSong, songs: Songs) -> dict[str, Any]:
    """Generate, and what the API says of the song on whose page one then is."""
    new.generate.click()
    new.page.wait_for_url("**/songs/*")
    return Song(SongRoom(new.page).id, songs.http).get()


def test_a_corrected_key_and_everything_else_that_was_shown_is_the_songs_own(
    new: NewSong, brief: Brief, songs: Songs
) -> None:
    new.prompt.fill(WALTZ)
    brief.show()
    expect(brief.field("Key")).to_have_value("D")
    expect(brief.card.get_by_role("region", name="Reasoning")).to_contain_text('The prompt says "D minor"')
    brief.field("Key").select_option("G")
    expect(brief.card.get_by_text("corrected")).to_have_count(1)
    tempo = brief.field("Tempo (bpm)").input_value()
    new.review("Ideation").check()
    song = started(new, songs)
    musical = song["context"]["musical"]
    assert (musical["key"], musical["scale"], musical["time_signature"]) == ("G", "minor", "3/4")
    assert musical["tempo"] == float(tempo)
    assert [section["name"] for section in musical["structure"]] == ["verse", "chorus"]
    assert {"grand_piano", "string_ensemble"} <= {*musical["instruments"]}
    assert song["settings"]["review"] == ["ideation"]


def test_a_rejected_brief_leaves_the_words_alone(new: NewSong, brief: Brief, songs: Songs) -> None:
    new.prompt.fill(WALTZ)
    brief.show()
    brief.card.get_by_role("button", name="Reject").click()
    expect(brief.field("Key")).to_have_value("")
    sent = _sent_by(new)
    assert sent["context"] == {}
    assert sent["settings"]["enhancement"]["enabled"] is False


def test_another_genre_is_read_anew_and_an_emptied_field_is_left_open(new: NewSong, brief: Brief) -> None:
    new.prompt.fill(WALTZ)
    brief.show()
    adds = brief.card.get_by_label("Add a genre")
    adds.fill("tango")
    adds.press("Enter")
    brief.card.get_by_role("button", name="Remove Waltz").click()
    expect(brief.card.get_by_role("region", name="Reasoning")).to_contain_text("Set by the person")
    brief.field("Tempo (bpm)").fill("")
    expect(brief.card.get_by_text("left open by you")).to_be_visible()
    sent = _sent_by(new)
    assert sent["context"]["musical.genre"] == ["tango"]
    assert "musical.tempo" not in sent["context"]
    brief.card.get_by_role("button", name="Undo: Tempo").click()
    expect(brief.field("Tempo (bpm)")).not_to_have_value("")


def test_a_reload_keeps_the_draft(new: NewSong, brief: Brief) -> None:
    page = new.page
    new.prompt.fill(WALTZ)
    brief.show()
    brief.field("Key").select_option("G")
    brief.field("Valence, sad to happy").fill("12")
    new.review("Mixing").check()
    page.get_by_label("Title", exact=True).fill("Kept")
    page.get_by_label("Seed", exact=True).fill("7")
    page.reload()
    expect(new.prompt).to_have_value(WALTZ)
    expect(brief.field("Key")).to_have_value("G")
    expect(brief.field("Scale")).to_have_value("minor")
    expect(brief.field("Valence, sad to happy")).to_have_value("12")
    expect(brief.card.get_by_text("corrected")).to_have_count(2)
    expect(new.review("Mixing")).to_be_checked()
    expect(page.get_by_label("Title", exact=True)).to_have_value("Kept")
    expect(page.get_by_label("Seed", exact=True)).to_have_value("7")


def test_what_is_wrong_with_a_value_stands_at_its_field(new: NewSong, brief: Brief, songs: Songs) -> None:
    new.prompt.fill(WALTZ)
    new.review("Ideation").check()
    seed, tempo = new.page.get_by_label("Seed", exact=True), brief.field("Tempo (bpm)")
    seed.fill("lucky")
    tempo.fill("5000")
    new.generate.click()
    expect(seed).to_have_accessible_description(re.compile("settings.seed cannot be 'lucky'"))
    expect(seed).to_be_focused()
    expect(seed).to_have_attribute("aria-invalid", "true")
    seed.fill("7")
    expect(seed).not_to_have_attribute("aria-invalid", "true")
    new.generate.click()
    expect(tempo).to_have_accessible_description(
        "musical.tempo cannot be 5000: input should be less than or equal to 400"
    )
    assert violations(new.page) == []
    tempo.fill("200")
    assert started(new, songs)["context"]["musical"]["tempo"] == 200


def test_a_reference_is_listened_to_and_named_by_the_song(new: NewSong, songs: Songs) -> None:
    page, sound = new.page, written(tune(seconds=8.0))
    page.get_by_role("heading", name="Reference track").click()
    chooser = page.get_by_label("File", exact=True)
    chooser.set_input_files(_wav("noise.wav", written(noise(6.0))))
    expect(page.get_by_role("alert").filter(has_text="is noise")).to_be_visible(timeout=HEARD_MS)
    chooser.set_input_files(_wav("mine.wav", sound))
    heard = page.get_by_role("region", name="Heard in mine.wav")
    expect(heard).to_contain_text("120 bpm", timeout=HEARD_MS)
    expect(page.get_by_text("is noise")).to_have_count(0)
    assert violations(page) == []
    new.prompt.fill(WALTZ)
    new.review("Ideation").check()
    reference = {"type": "audio", "hash": hashlib.sha256(sound).hexdigest()}
    assert started(new, songs)["context"]["creative"]["references"] == [reference]


def test_a_double_click_and_a_lost_answer_make_one_song(new: NewSong, songs: Songs) -> None:
    page, asked = new.page, _starts_of(new.page)

    def lose(route: Route) -> None:
        """The song is started, and nobody hears of it."""
        if route.request.method == "POST":
            route.fetch()
            route.abort()
        else:
            route.continue_()

    new.prompt.fill(f"{WALTZ}, only once")
    new.review("Ideation").check()
    page.route(STARTS, lose)
    new.generate.dblclick()
    expect(page.get_by_role("alert").filter(has_text="cannot reach the server")).to_be_visible(timeout=60_000)
    page.unroute(STARTS)
    page.reload()
    song = started(new, songs)
    assert len(asked) > 2
    assert len({request.headers["idempotency-key"] for request in asked}) == 1
    found = songs.http.get("/v1/compositions", params={"text": "only once"}).json()["items"]
    assert [one["id"] for one in found] == [song["id"]]


def test_reading_the_prompt_can_be_called_off(new: NewSong, brief: Brief) -> None:
    page = new.page
    held: list[Route] = []
    page.route(ENHANCES, lambda route: held.append(route))
    new.prompt.fill(WALTZ)
    page.get_by_role("button", name="Show the brief").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(brief.card).to_contain_text("Everything is open")
    expect(new.generate).to_be_enabled()
    assert len(held) == 1


def test_the_mood_is_set_by_pointer_and_by_keys(new: NewSong, brief: Brief) -> None:
    valence, arousal = brief.field("Valence, sad to happy"), brief.field("Arousal, calm to excited")
    plane = brief.card.locator(".describe-mood-plane")
    box = plane.bounding_box()
    assert box is not None
    plane.scroll_into_view_if_needed()
    plane.click(position={"x": box["width"] * 0.9, "y": box["height"] * 0.9})
    assert abs(float(valence.input_value()) - 90) <= 1
    assert abs(float(arousal.input_value()) - 10) <= 1
    Keyboard(new.page).press_on(valence, "Home")
    new.page.keyboard.press("ArrowRight")
    expect(valence).to_have_value("1")
    new.prompt.fill(WALTZ)
    assert _sent_by(new)["context"]["musical.mood"] == {"valence": 0.01, "arousal": pytest.approx(0.1, abs=0.011)}


def test_the_focus_stays_where_a_control_went_away(new: NewSong, brief: Brief) -> None:
    new.prompt.fill(WALTZ)
    brief.show()
    brief.field("Key").select_option("G")
    brief.card.get_by_role("button", name="Undo: Key").click()
    expect(brief.field("Key")).to_be_focused()
    expect(brief.field("Key")).to_have_value("D")
    brief.card.get_by_role("button", name="Remove Grand piano").click()
    expect(brief.card.get_by_label("Add an instrument")).to_be_focused()
    brief.card.get_by_role("button", name="Move section 2 up").click()
    expect(brief.field("Section 1")).to_have_value("chorus")
    expect(brief.card.get_by_role("button", name="Move section 1 down")).to_be_focused()
    brief.card.get_by_role("button", name="Remove section 1").click()
    expect(brief.field("Section 1")).to_be_focused()
    expect(brief.field("Section 1")).to_have_value("verse")


def test_an_example_can_be_tried_without_losing_ones_own_words(new: NewSong) -> None:
    new.prompt.fill(WALTZ)
    new.page.get_by_role("button", name="Vals criollo").click()
    expect(new.prompt).to_have_value(re.compile("^vals lento"))
    new.page.get_by_role("button", name="Night drive").click()
    new.page.get_by_role("button", name="Bring back my words").click()
    expect(new.prompt).to_have_value(WALTZ)


def _wav(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "audio/wav", "buffer": data}


def _starts_of(page: Page) -> list[Request]:
    """Every start that the page sends from now on."""
    asked: list[Request] = []
    page.on("request", lambda r: asked.append(r) if r.method == "POST" and r.url.endswith("/v1/compositions") else None)
    return asked


def _sent_by(new: NewSong) -> dict[str, Any]:
    """What Generate would send; no song is made of it."""
    asked = _starts_of(new.page)
    refusal = {"title": "Not now", "status": 422, "detail": "not now", "code": "invalid_input"}
    new.page.route(STARTS, lambda route: route.fulfill(status=422, json=refusal))
    new.generate.click()
    expect(new.page.get_by_role("alert").filter(has_text="not now")).to_be_visible()
    new.page.unroute(STARTS)
    body: dict[str, Any] | None = asked[0].post_data_json
    assert body is not None
    return body
