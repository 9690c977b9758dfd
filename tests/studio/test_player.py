"""The player, by what leaves for the loudspeakers: in step, mute and solo, equally loud sides, long songs, no sound."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from domain.stages import Stage
from domain.steps import MediaType
from tests.studio.browsers import launch_arguments
from tests.studio.processes import ApiProcess, Site
from tests.studio.recorder import Recording, browser_bytes, prepare, record
from tests.studio.songs import Songs
from tests.studio.sounds import (
    File,
    clicks,
    encoded,
    keep_song,
    late_ms,
    long_click_track,
    loudness,
    noise,
    stem,
    tone,
)

EIGHT = 8
IN_STEP_MS = 5.0
LATE_MS = 7.0
TONES = (233.0, 311.0, 415.0, 554.0, 740.0, 988.0, 1319.0, 1760.0)
SILENT_DB = -80.0
MANY, LONG_S = 24, 15 * 60
# Decoded at once they would be 8.3 GB; two or three pieces of each are 0.2 GB.
MEMORY_LIMIT = 600_000_000
ALIKE_LU = 0.5
SOON_MS = 60_000
ROOM_S = 8.0


@pytest.fixture
def listening(open_context: Callable[..., BrowserContext]) -> Page:
    """A page whose sound can be recorded."""
    context = open_context(bypass_csp=True)
    prepare(context)
    return context.new_page()


def player_of(page: Page) -> Locator:
    return page.get_by_role("region", name="Player")


def desk_of(page: Page) -> Locator:
    """The channels, on the page of the song."""
    page.get_by_role("tab", name="Stems").click()
    return page.get_by_role("group", name="Channels", exact=True)


def state(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate("() => window.sostenuto.snapshot()")
    return found


def open_song(page: Page, song: str) -> None:
    page.goto(f"/songs/{song}")
    place = player_of(page).get_by_role("slider", name="Place in the song")
    expect(place).not_to_have_attribute("aria-valuetext", re.compile("of 0:00$"), timeout=SOON_MS)


def play(page: Page) -> None:
    player_of(page).get_by_role("button", name="Play", exact=True).click()
    expect_sound(page)


def expect_sound(page: Page, after: float = 0.0) -> None:
    """It plays, and has all that it needs for the next seconds."""
    for _ in range(600):
        now = state(page)
        assert now["problem"] is None, now["problem"]
        if now["playing"] and not now["loading"] and now["position"] > after:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"nothing sounds: {now}")


def recorded(page: Page, seconds: float) -> Recording:
    """A recording without a gap: on a busy machine sound may arrive too late now and then, and time goes by."""
    for _ in range(5):
        if state(page)["duration"] - state(page)["position"] < seconds + ROOM_S:
            page.evaluate("async () => { window.sostenuto.seek(1); await window.sostenuto.play(); }")
        expect_sound(page)
        before = page.evaluate("() => window.sostenuto.gaps")
        found = record(page, seconds)
        if page.evaluate("() => window.sostenuto.gaps") == before:
            return found
    raise AssertionError("there is a gap in every recording")


# Eight tracks in step


@pytest.fixture(scope="package")
def click_song(site: Site) -> str:
    """Eight tracks, of which the sixth was itself made a little late."""
    late = {5: LATE_MS / 1000}
    tracks = [encoded(clicks(k, EIGHT, 40, late_s=late.get(k, 0.0))) for k in range(EIGHT)]
    return keep_song(site, "Eight clicks", [stem(k, f"track_{k}", data) for k, data in enumerate(tracks)])


def test_eight_tracks_sound_in_step(listening: Page, click_song: str) -> None:
    open_song(listening, click_song)
    play(listening)
    assert_in_step(listening)
    # A jump starts all of them anew, a change of page does not stop them.
    listening.evaluate("() => window.sostenuto.seek(20.123)")
    expect_sound(listening, after=20.5)
    listening.get_by_role("link", name="New song").click()
    assert_in_step(listening)


def assert_in_step(page: Page) -> None:
    heard = recorded(page, 6)
    found = late_ms(heard.mono, heard.rate, EIGHT)
    wanted = [LATE_MS if k == 5 else 0.0 for k in range(EIGHT)]
    # What is late in its file is late in what is heard: so the measurement would see tracks that part.
    assert np.allclose(found, wanted, atol=0.2), found
    own = page.evaluate("() => window.sostenuto.offsets()")
    assert [one["id"] for one in own] == [f"track_{k}" for k in range(EIGHT)]
    assert max(one["ms"] for one in own) - min(one["ms"] for one in own) <= IN_STEP_MS


@pytest.mark.browsing
def test_formats_and_lengths_differ_and_tracks_stay_in_step(listening: Page, site: Site) -> None:
    """FLAC beside WAV, of 16 and 24 bit, some shorter than others."""
    made = [("WAV", "PCM_24", 30), ("FLAC", "PCM_24", 30), ("WAV", "PCM_16", 24), ("FLAC", "PCM_16", 26)]
    files = []
    for k, (format_, subtype, seconds) in enumerate(made):
        data = encoded(clicks(k, 4, seconds), format_, subtype)
        media = f"audio/{format_.lower()}"
        files.append(File(Stage.MIXING, f"mixed:track_{k}", MediaType.STEMS, data, media, details={"order": k}))
    open_song(listening, keep_song(site, "Four formats", files))
    play(listening)
    listening.evaluate("() => window.sostenuto.seek(9.7)")
    expect_sound(listening, after=10)
    heard = recorded(listening, 6)
    found = late_ms(heard.mono, heard.rate, 4)
    assert np.allclose(found, 0, atol=0.2), found
    assert state(listening)["duration"] == pytest.approx(30, abs=0.01)


# Mute and solo


@pytest.fixture(scope="package")
def tone_song(site: Site) -> str:
    """Eight tracks with a steady tone each."""
    return keep_song(site, "Eight tones", [stem(k, f"tone_{k}", encoded(tone(f, 40))) for k, f in enumerate(TONES)])


def sounding(page: Page) -> set[int]:
    """The tracks that are heard."""
    page.wait_for_timeout(200)
    heard = recorded(page, 0.5)
    return {k for k, frequency in enumerate(TONES) if heard.level_at(frequency) > SILENT_DB}


def test_mute_and_solo_are_heard(listening: Page, tone_song: str) -> None:
    open_song(listening, tone_song)
    play(listening)
    everything = set(range(EIGHT))
    assert sounding(listening) == everything
    desk = desk_of(listening)

    def press(what: str, track: int) -> None:
        desk.get_by_role("button", name=f"{what} Tone {track}").click()

    press("Mute", 2)
    assert sounding(listening) == everything - {2}
    press("Solo", 4)
    assert sounding(listening) == {4}
    press("Solo", 2)
    assert sounding(listening) == {2, 4}, "solo wins over mute"
    press("Solo", 4)
    press("Solo", 2)
    press("Mute", 2)
    assert sounding(listening) == everything
    fader = desk.get_by_role("slider", name="Level of Tone 0")
    before = recorded(listening, 0.5).level_at(TONES[0])
    fader.fill("-12")
    listening.wait_for_timeout(200)
    assert recorded(listening, 0.5).level_at(TONES[0]) == pytest.approx(before - 12, abs=0.2)


@pytest.mark.browsing
def test_pieces_join_without_a_seam(listening: Page, tone_song: str) -> None:
    """One steady tone across several pieces is nothing but that tone."""
    open_song(listening, tone_song)
    play(listening)
    desk_of(listening).get_by_role("button", name="Solo Tone 3").click()
    listening.wait_for_timeout(300)
    heard = recorded(listening, 7)
    time = np.arange(len(heard.mono)) / heard.rate
    basis = np.column_stack((np.cos(2 * np.pi * TONES[3] * time), np.sin(2 * np.pi * TONES[3] * time)))
    weights = np.linalg.lstsq(basis, heard.mono, rcond=None)[0]
    rest = heard.mono - basis @ weights
    assert np.hypot(*weights) == pytest.approx(0.08, rel=0.01)
    assert np.abs(rest).max() < 0.08 * 10 ** (-50 / 20), "a seam would be heard as a click"


# Two sides equally loud


LOUD_LUFS, QUIET_LUFS = -16.0, -23.0


def master(lufs: float, revision: int, *, dark: bool, told: bool) -> File:
    details = {"integrated_lufs": lufs} if told else {}
    data = encoded(noise(lufs, 30, dark=dark))
    return File(Stage.MASTERING, "master", MediaType.AUDIO_WAV, data, revision=revision, details=details)


@pytest.mark.parametrize("told", [True, False], ids=["by the figures of the server", "as the page measures them"])
def test_both_sides_of_a_comparison_are_equally_loud(listening: Page, site: Site, told: bool) -> None:
    made = [master(LOUD_LUFS, 1, dark=True, told=told), master(QUIET_LUFS, 2, dark=False, told=told)]
    open_song(listening, keep_song(site, f"Two masters {told}", made))
    play(listening)
    assert loudness(recorded(listening, 4).samples, listening_rate(listening)) == pytest.approx(QUIET_LUFS, abs=0.3)
    player = player_of(listening)
    player.get_by_role("button", name="Compare", exact=True).click()
    player.get_by_role("menuitem", name="Master, revision 1").click()
    expect(player).to_contain_text("Both sides are equally loud", timeout=SOON_MS)
    levels = {}
    for side in ("A", "B"):
        player.get_by_role("button", name=re.compile(rf"^{side}\b")).click()
        listening.wait_for_timeout(300)
        heard = recorded(listening, 5)
        levels[side] = loudness(heard.samples, heard.rate)
    assert abs(levels["A"] - levels["B"]) <= ALIKE_LU, levels
    # The louder one has been turned down; the quieter one has not been turned up.
    assert max(levels.values()) <= QUIET_LUFS + 0.3, levels
    before = state(listening)["position"]
    player.get_by_role("button", name="End the comparison").click()
    expect_sound(listening, after=before)


def listening_rate(page: Page) -> int:
    return int(page.evaluate("() => window.outputsOfThePage[0].context.sampleRate"))


# A long song


@pytest.mark.browsing
def test_a_long_song_with_many_tracks_fits_into_memory(listening: Page, site: Site) -> None:
    """Fifteen minutes of 24 tracks: played from the beginning and near the end, in step, without decoding it all."""
    stretches = [(0, 40), (LONG_S - 60, LONG_S)]
    open_song(
        listening,
        keep_song(site, "Long", [long_click_track(site, k, MANY, LONG_S, stretches) for k in range(MANY)]),
    )
    expect(player_of(listening)).to_contain_text("15:00")
    before = browser_bytes()
    play(listening)
    highest = 0
    for place in (None, LONG_S - 55):
        if place is not None:
            listening.evaluate("(place) => window.sostenuto.seek(place)", place)
            expect_sound(listening, after=place)
        highest = max(highest, browser_bytes())
        heard = recorded(listening, 4)
        highest = max(highest, browser_bytes())
        found = late_ms(heard.mono, heard.rate, MANY)
        assert max(found) - min(found) <= IN_STEP_MS, found
    assert highest - before < MEMORY_LIMIT, f"{(highest - before) / 1e6:.0f} MB more than before it played"
    assert listening.evaluate("() => window.sostenuto.bytes") < MEMORY_LIMIT / 2


@pytest.mark.browsing
def test_the_song_ends_and_begins_again(listening: Page, site: Site) -> None:
    song = keep_song(site, "Short", [File(Stage.MIXING, "mix", MediaType.AUDIO_WAV, encoded(tone(440, 3)))])
    open_song(listening, song)
    play(listening)
    player = player_of(listening)
    expect(player.get_by_role("button", name="Play", exact=True)).to_be_visible(timeout=SOON_MS)
    assert state(listening)["position"] == pytest.approx(3, abs=0.01)
    play(listening)
    assert state(listening)["position"] < 2.5


@pytest.mark.browsing
def test_a_section_is_repeated(listening: Page, tone_song: str) -> None:
    open_song(listening, tone_song)
    play(listening)
    listening.evaluate("() => window.sostenuto.loop({ name: 'verse', from: 10, to: 11.5 })")
    expect_sound(listening, after=10)
    for _ in range(30):
        assert 10 <= listening.evaluate("() => window.sostenuto.now()") < 11.5
        listening.wait_for_timeout(100)
    listening.evaluate("() => window.sostenuto.loop(null)")
    expect_sound(listening, after=11.6)


# What is newer does not interrupt


@pytest.mark.browsing
def test_a_newer_mix_is_offered_and_interrupts_nothing(listening: Page, songs: Songs) -> None:
    song = songs.waiting("mixing")
    open_song(listening, song.id)
    play(listening)
    assert state(listening)["loaded"]["kind"] == "mix"
    song.send("advances", {"expected_stage": "mixing"})
    player = player_of(listening)
    expect(player.get_by_role("status")).to_contain_text("A newer master is ready", timeout=90_000)
    assert state(listening)["loaded"]["kind"] == "mix"
    listening.evaluate("() => window.sostenuto.seek(3)")
    expect_sound(listening, after=3)
    player.get_by_role("button", name="Listen", exact=True).click()
    expect(player).to_contain_text("Master", timeout=SOON_MS)
    expect_sound(listening, after=3)
    assert state(listening)["loaded"]["kind"] == "master"


# The keyboard


@pytest.mark.browsing
def test_the_keys_of_the_player(listening: Page, tone_song: str) -> None:
    open_song(listening, tone_song)
    place = player_of(listening).get_by_role("slider", name="Place in the song")
    place.focus()
    for key, text in {
        "ArrowRight": "0:05 of 0:40",
        "Shift+ArrowRight": "0:20 of 0:40",
        "PageUp": "0:30 of 0:40",
        "ArrowLeft": "0:25 of 0:40",
        "Home": "0:00 of 0:40",
        "End": "0:40 of 0:40",
        "PageDown": "0:30 of 0:40",
    }.items():
        listening.keyboard.press(key)
        expect(place).to_have_attribute("aria-valuetext", text)
    listening.keyboard.press("Home")
    listening.keyboard.press("Space")
    expect_sound(listening)
    listening.keyboard.press("Space")
    expect(player_of(listening).get_by_role("button", name="Play", exact=True)).to_be_visible()
    desk = desk_of(listening)
    desk.get_by_role("slider", name="Level of Tone 1").focus()
    listening.keyboard.press("m")
    expect(desk.get_by_role("button", name="Mute Tone 1")).to_have_attribute("aria-pressed", "true")
    listening.keyboard.press("s")
    expect(desk.get_by_role("button", name="Solo Tone 1")).to_have_attribute("aria-pressed", "true")
    # Elsewhere on the page the same keys mean nothing to the player.
    listening.get_by_role("link", name="Songs", exact=True).focus()
    listening.keyboard.press("m")
    expect(desk.get_by_role("button", name="Mute Tone 1")).to_have_attribute("aria-pressed", "true")


# When there is no sound


@pytest.fixture
def strict_page(launch_browser: Callable[..., Browser], api_process: ApiProcess) -> Iterator[Page]:
    """A page in a browser that lets nothing sound before somebody has touched the page."""
    allowed = [one for one in launch_arguments() if not one.startswith("--autoplay-policy")]
    browser = launch_browser(args=[*allowed, "--autoplay-policy=document-user-activation-required"])
    yield browser.new_context(base_url=api_process.url).new_page()
    browser.close()


_PLAY_UNASKED = """
const wait = setInterval(() => {
  if (!window.sostenuto?.snapshot().duration) return;
  clearInterval(wait);
  void window.sostenuto.play().then(() => console.info("asked for sound"));
}, 50);
"""


@pytest.mark.browsing
def test_a_browser_that_forbids_sound_is_told_in_words_and_tried_again(strict_page: Page, tone_song: str) -> None:
    strict_page.add_init_script(_PLAY_UNASKED)
    # Whatever looks into the page counts as somebody's touch, so that nothing may look before it has asked.
    with strict_page.expect_console_message(lambda message: message.text == "asked for sound", timeout=SOON_MS):
        strict_page.goto(f"/songs/{tone_song}")
    trouble = player_of(strict_page).get_by_role("alert")
    expect(trouble).to_contain_text("The browser does not let this page play sound", timeout=SOON_MS)
    trouble.get_by_role("button", name="Try again").click()
    expect_sound(strict_page)
    expect(trouble).to_be_hidden()
    # Here the page has its own rules for scripts, which what it measures with must keep.
    assert len(strict_page.evaluate("() => window.sostenuto.offsets()")) == EIGHT


@pytest.mark.browsing
def test_a_file_that_cannot_be_decoded_or_is_not_there(listening: Page, site: Site) -> None:
    broken = File(Stage.MIXING, "mix", MediaType.AUDIO_WAV, b"this is no sound at all" * 100)
    gone = File(Stage.MIXING, "mix", MediaType.AUDIO_WAV, hash="0" * 64, size=1000)
    for title, file, words in (
        ("Broken", broken, "cannot be played"),
        ("Gone", gone, "The sound is not there"),
    ):
        listening.goto(f"/songs/{keep_song(site, title, [file])}")
        player_of(listening).get_by_role("button", name="Play", exact=True).click()
        trouble = player_of(listening).get_by_role("alert")
        expect(trouble).to_contain_text(words, timeout=SOON_MS)
        expect(trouble.get_by_role("button", name="Try again")).to_be_enabled()


@pytest.mark.browsing
def test_the_network_comes_back_and_the_song_goes_on_where_it_was(listening: Page, tone_song: str) -> None:
    open_song(listening, tone_song)
    play(listening)
    listening.context.set_offline(True)
    trouble = player_of(listening).get_by_role("alert")
    expect(trouble).to_contain_text("The sound does not arrive", timeout=SOON_MS)
    stopped = state(listening)["position"]
    assert stopped > 1
    listening.context.set_offline(False)
    trouble.get_by_role("button", name="Try again").click()
    expect_sound(listening, after=stopped)


@pytest.mark.browsing
def test_what_is_too_long_to_decode_is_played_as_it_arrives(listening: Page, site: Site) -> None:
    """A song of which only an MP3 is left: above some size the browser itself plays it, with the same controls."""
    file = File(Stage.FINALIZATION, "master.mp3", MediaType.AUDIO_MP3, encoded(tone(440, 20), "MP3", "MPEG_LAYER_III"))

    def longer(route: Route) -> None:
        told = route.fetch().json()
        for one in told["items"]:
            one["size"] = 50_000_000
        route.fulfill(body=json.dumps(told), content_type="application/json")

    listening.route("**/media", longer)
    file = File(file.stage, file.name, file.type, file.data, "audio/mpeg")
    open_song(listening, keep_song(site, "Only an MP3", [file]))
    play(listening)
    listening.evaluate("() => window.sostenuto.seek(10)")
    expect_sound(listening, after=10.2)
    assert record(listening, 1).level_at(440) == pytest.approx(20 * np.log10(0.08), abs=0.5)
