"""The whole way of a song, as a musician goes it: in a browser, against the real thing."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from tests.studio.files import midi_keys, notes_of, wav_seconds
from tests.studio.keyboard import Keyboard
from tests.studio.processes import ApiProcess
from tests.studio.rooms import STAGES, NewSong, SongRoom
from tests.studio.songs import PROMPT, Song, Songs

SHORTEST_S, LONGEST_S = 19.0, 26.0


def test_a_song_from_a_sentence_to_the_master_and_back_into_its_chorus(
    page: Page, songs: Songs, api_process: ApiProcess, open_context: Callable[..., BrowserContext]
) -> None:
    room = describe(page)
    song = Song(room.id, songs.http)
    correct_the_key(room, song)
    hear_the_sketch(room)
    finish_in_spite_of_everything(room, api_process)
    take_it_home(room)
    before = score_of(song)
    write_the_chorus_anew(room)
    after = score_of(song)
    assert notes_of(after, "verse") == notes_of(before, "verse")
    assert notes_of(after, "chorus") != notes_of(before, "chorus")
    hear_both(room)
    branch(room)
    assert room.id != song.id
    let_an_editor_go_on(room, open_context().new_page())


def describe(page: Page) -> SongRoom:
    """From the empty page to a song that waits after its composition."""
    new = NewSong(page)
    new.open()
    expect(new.generate).to_be_disabled()
    room = new.describe(PROMPT, ["Composition", "Arrangement"])
    expect(room.page.get_by_role("region", name="Stages").get_by_role("listitem")).to_have_text(
        [re.compile(stage) for stage in STAGES]
    )
    room.expect_waiting("Composition")
    return room


def correct_the_key(room: SongRoom, song: Song) -> None:
    """D instead of C, at the first review: composition is done again, and waits again."""
    assert song.get()["context"]["musical"]["key"] == "C"
    room.key.select_option("D")
    room.scale.select_option("major")
    room.change.get_by_role("button", name="Apply the change").click()
    song.until("in D", lambda _: song.get()["context"]["musical"]["key"] == "D")
    room.expect_waiting("Composition")
    expect(room.change.get_by_role("combobox", name="Key (now D major)")).to_be_visible()
    room.go_on()


def hear_the_sketch(room: SongRoom) -> None:
    """The first sound comes after the arrangement, long before the master; a reload finds everything again."""
    room.expect_waiting("Arrangement")
    room.page.reload()
    room.expect_waiting("Arrangement")
    room.page.get_by_role("region", name="Waveform").get_by_role("button", name="Play").click()
    room.expect_sounding()
    expect(room.player).to_contain_text("Sketch")
    room.page.get_by_role("link", name="New song").click()
    expect(room.page.get_by_role("heading", name="New song")).to_be_visible()
    room.expect_sounding()
    room.player.get_by_role("button", name="Pause").click()
    room.page.go_back()


def finish_in_spite_of_everything(room: SongRoom, api_process: ApiProcess) -> None:
    """On to the master; on the way the API dies and comes back under the open page."""
    room.go_on()
    expect(room.current).to_contain_text(re.compile("Production|Mixing"))
    api_process.restart()
    room.expect_finished()


def take_it_home(room: SongRoom) -> None:
    """Sound and notes, by clicks."""
    wav = room.download("WAV")
    assert wav.suggested_filename.endswith(".wav")
    assert SHORTEST_S < wav_seconds(Path(wav.path()).read_bytes()) < LONGEST_S
    assert midi_keys(Path(room.download("MIDI").path()).read_bytes()) == {"D"}


def write_the_chorus_anew(room: SongRoom) -> None:
    """Only the chorus is asked for; the song is made again to its end."""
    room.change.get_by_role("button", name="Change a section").click()
    room.change.get_by_label("Section", exact=True).select_option("chorus")
    room.change.get_by_label("What should happen").select_option(label="Write it anew")
    room.change.get_by_role("button", name="Apply the change").click()
    for stage in ("Composition", "Arrangement"):
        room.expect_waiting(stage)
        room.go_on()
    room.expect_finished()


def hear_both(room: SongRoom) -> None:
    """The two masters side by side, at the same place and loudness."""
    panel = room.panel("History")
    panel.get_by_role("button", name="Listen to both").click()
    room.expect_sounding()
    sides = panel.get_by_role("group", name="Which of the two is heard")
    expect(sides.get_by_role("button", name=re.compile("^A:"))).to_have_attribute("aria-pressed", "true")
    sides.get_by_role("button", name=re.compile("^B:")).click()
    expect(sides.get_by_role("button", name=re.compile("^B:"))).to_have_attribute("aria-pressed", "true")
    room.expect_sounding()


def branch(room: SongRoom) -> None:
    """A version that begins with the composition and waits there."""
    room.controls.get_by_role("button", name="Branch").click()
    dialog = room.page.get_by_role("dialog")
    dialog.get_by_label("Begin after").select_option("composition")
    dialog.get_by_label("Title of the branch").fill("Another ending")
    here = room.page.url
    dialog.get_by_role("button", name="Make the branch").click()
    room.page.wait_for_url(lambda url: url != here)
    expect(room.page.get_by_role("heading", level=1)).to_contain_text("Another ending")


def let_an_editor_go_on(room: SongRoom, theirs: Page) -> None:
    """Somebody else comes by a link, as a guest, and goes on; the owner sees it without doing anything."""
    panel = room.panel("Share and download")
    panel.get_by_role("button", name="Make an invitation").click()
    link = panel.get_by_label(re.compile("^Invitation for")).input_value()
    theirs.goto(link)
    theirs.get_by_label("Your name").fill("Ada")
    theirs.get_by_role("button", name="Accept the invitation").click()
    theirs.wait_for_url("**/songs/*")
    guest = SongRoom(theirs)
    expect(theirs.get_by_role("heading", level=1)).to_contain_text("Another ending")
    assert guest.id == room.id
    guest.go_on()
    room.expect_waiting("Arrangement")
    expect(panel.get_by_role("list", name="Who works on it")).to_contain_text("Ada")


def score_of(song: Song) -> dict[str, Any]:
    """The written score that the song has now."""
    revision = next(one["revision"] for one in song.get()["stages"] if one["stage"] == "arrangement")
    items = song.get("/media")["items"]
    found = next(one for one in items if one["name"] == "score" and one["revision"] == revision)
    answer = song.http.get(found["url"])
    assert answer.is_success, answer.text
    score: dict[str, Any] = answer.json()
    return score


def test_the_same_way_by_the_keyboard_alone(page: Page, songs: Songs) -> None:
    keys = Keyboard(page)
    new, room = NewSong(page), SongRoom(page)
    new.open()
    keys.type(new.prompt, PROMPT)
    keys.press_on(new.review("Composition"), "Space")
    keys.press_on(new.generate, "Enter")
    page.wait_for_url("**/songs/*")
    room.expect_waiting("Composition")
    keys.choose(room.key, "D")
    keys.choose(room.scale, "major")
    keys.press_on(room.change.get_by_role("button", name="Apply the change"), "Enter")
    song = Song(room.id, songs.http)
    song.until("in D", lambda _: song.get()["context"]["musical"]["key"] == "D")
    room.expect_waiting("Composition")
    keys.press_on(room.next.get_by_role("button", name="Go on to arrangement"), "Enter")
    room.expect_finished()
    keys.press_on(room.player.get_by_role("button", name="Play"), "Space")
    room.expect_sounding()
    keys.tab_to(room.place)
    before = room.seconds()
    page.keyboard.press("ArrowRight")
    assert room.seconds() > before + 2
    page.keyboard.press("Space")
    expect(room.player.get_by_role("button", name="Play")).to_be_visible()
    keys.walk_to(page.get_by_role("tab", name="Look"), page.get_by_role("tab", name="Share and download"), "ArrowRight")
    midi = page.get_by_role("list", name="Downloads").get_by_role("link", name=re.compile("^MIDI"))
    with page.expect_download() as coming:
        keys.press_on(midi, "Enter")
    assert midi_keys(Path(coming.value.path()).read_bytes()) == {"D"}
