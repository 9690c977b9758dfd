"""Pictures: of what finalization drew and of anything else that sounds, page by page, cached by what they show."""

import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pytest
import soundfile

from api.pictures import LoudnessCurve, Peaks, coarser, fewer_steps
from domain.settings import SongSettings
from domain.stages import Stage
from domain.steps import Artifact, MediaType, StageResult
from storage.database import Database
from storage.media import MediaStore
from storage.songs import get_song, request_song
from tests.api.conftest import Api

RATE = 8000
NOW = datetime(2026, 11, 22, tzinfo=UTC)
NOTE = """<note><pitch><step>C</step><octave>4</octave></pitch><duration>4</duration><type>whole</type></note>"""
SCORE = f"""<?xml version="1.0" encoding="UTF-8"?>
<score-partwise version="4.0"><part-list><score-part id="P1"><part-name>Piano</part-name></score-part></part-list>
<part id="P1"><measure number="1"><attributes><divisions>1</divisions>
<time><beats>4</beats><beat-type>4</beat-type></time>
<clef><sign>G</sign><line>2</line></clef></attributes>{NOTE}</measure>
{"".join(f'<measure number="{n}">{NOTE}</measure>' for n in range(2, 200))}</part></score-partwise>"""


def _wav(seconds: float, frequency: float) -> bytes:
    file = io.BytesIO()
    sound = 0.5 * np.sin(2 * np.pi * frequency * np.arange(int(seconds * RATE)) / RATE)
    soundfile.write(file, sound, RATE, format="WAV", subtype="PCM_16")
    return file.getvalue()


@dataclass
class Drawn:
    api: Api
    mix: str
    stem: str

    @property
    def root(self) -> str:
        return "/v1/compositions/s"


@pytest.fixture
async def drawn(lone_api: Api) -> Drawn:
    settings = lone_api.settings
    database, store = Database(settings.database_url), MediaStore.open(settings)

    async def kept(data: bytes, type_: MediaType, media_type: str) -> Artifact:
        return Artifact(hash=await store.aput(data), size=len(data), type=type_, media_type=media_type)

    mix = await kept(_wav(4.0, 440), MediaType.AUDIO_WAV, "audio/wav")
    stem = await kept(_wav(2.0, 220), MediaType.STEMS, "audio/wav")
    score = await kept(SCORE.encode(), MediaType.SCORE, "application/vnd.recordare.musicxml+xml")
    context = await store.aput_json({})
    made = {
        Stage.PRODUCTION: {"stem:01_keys": stem},
        Stage.MIXING: {"mix": mix},
        Stage.ARRANGEMENT: {"musicxml": score},
    }
    async with database.session() as session:
        await request_song(
            session, composition_id="s", owner="local", title="T", prompt="p", settings=SongSettings(), seed=1,
            created_at=NOW,
        )  # fmt: skip
        row = await get_song(session, "s")
        assert row is not None
        data = dict(row.stage_data)
        for stage, artifacts in made.items():
            result = StageResult(
                stage=stage, revision=1, take=1, context=context, patch={}, artifacts=artifacts, measured={}
            )
            data[stage.value] = {**data[stage.value], "result": await store.aput_json(result), "revision": 1}
        row.stage_data = data
    await database.close()
    return Drawn(lone_api, mix.hash, stem.hash)


async def test_the_score_comes_page_by_page_with_a_timemap(drawn: Drawn) -> None:
    first = await drawn.api.http.get(f"{drawn.root}/score.svg")
    assert (first.status_code, first.headers["content-type"]) == (200, "image/svg+xml"), first.text
    assert first.text.lstrip().startswith(("<svg", "<?xml"))
    timemap = (await drawn.api.http.get(f"{drawn.root}/score/timemap.json")).json()
    assert timemap["pages"] > 1
    assert timemap["events"][0]["tstamp"] == 0
    ids = [note for event in timemap["events"] for note in event.get("on", [])]
    assert len(ids) == 199
    pages = [
        (await drawn.api.http.get(f"{drawn.root}/score.svg", params={"page": page})).text
        for page in range(1, timemap["pages"] + 1)
    ]
    assert all(sum(f'"{note}"' in page for page in pages) == 1 for note in ids), "a cursor finds every note"
    beyond = await drawn.api.http.get(f"{drawn.root}/score.svg", params={"page": timemap["pages"] + 1})
    assert (beyond.status_code, f"has {timemap['pages']} pages" in beyond.json()["detail"]) == (404, True)
    again = await drawn.api.http.get(f"{drawn.root}/score.svg", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "no-cache" in first.headers["cache-control"]


async def test_peaks_tell_the_sound(drawn: Drawn) -> None:
    answer = await drawn.api.http.get(f"{drawn.root}/peaks.json", params={"points": 50})
    assert answer.status_code == 200, answer.text
    peaks = answer.json()
    assert (peaks["channels"], peaks["sample_rate"], peaks["bits"]) == (1, RATE, 16)
    assert peaks["length"] <= 50
    assert len(peaks["data"]) == 2 * peaks["length"]
    assert peaks["length"] * peaks["samples_per_pixel"] >= 4 * RATE
    assert max(peaks["data"]) == pytest.approx(0.5 * 32767, rel=0.01)
    assert min(peaks["data"]) == pytest.approx(-0.5 * 32767, rel=0.01)
    stem = (
        await drawn.api.http.get(f"{drawn.root}/peaks.json", params={"stage": "production", "stem": "01_keys"})
    ).json()
    assert (stem["length"] - 1) * stem["samples_per_pixel"] < 2 * RATE <= stem["length"] * stem["samples_per_pixel"]
    again = await drawn.api.http.get(
        f"{drawn.root}/peaks.json", params={"points": 50}, headers={"If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 304


async def test_loudness_over_time(drawn: Drawn) -> None:
    answer = await drawn.api.http.get(f"{drawn.root}/loudness.json")
    assert answer.status_code == 200, answer.text
    curve = answer.json()
    assert (curve["duration_s"], len(curve["momentary"]), len(curve["short_term"])) == (4.0, 40, 40)
    assert curve["true_peak_dbtp"] == pytest.approx(20 * np.log10(0.5), abs=0.1)
    assert curve["momentary"][20] == pytest.approx(curve["integrated_lufs"], abs=0.2)
    assert (curve["short_term"][0], curve["short_term"][-1]) == (None, None)
    fewer = (await drawn.api.http.get(f"{drawn.root}/loudness.json", params={"points": 10})).json()
    assert (fewer["step_s"], len(fewer["momentary"])) == (0.4, 10)
    again = await drawn.api.http.get(f"{drawn.root}/loudness.json", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_pictures_are_drawn_once(drawn: Drawn, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("waveform.png", "spectrogram.png"):
        answer = await drawn.api.http.get(f"{drawn.root}/{name}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png"), answer.text
        assert answer.content.startswith(b"\x89PNG")

    async def broken(*_: object) -> None:
        raise AssertionError("drawn again")

    monkeypatch.setattr("api.drawing.run_program", broken)
    assert (await drawn.api.http.get(f"{drawn.root}/waveform.png")).content.startswith(b"\x89PNG")
    assert (await drawn.api.http.get(f"{drawn.root}/peaks.json")).status_code == 200


async def test_what_is_not_there_is_told(drawn: Drawn) -> None:
    for params, said in (
        ({"stem": "99_none"}, "mixing: the whole song"),
        ({"stage": "mastering"}, "stem 01_keys"),
        ({"hash": "0" * 64}, "GET …/media"),
    ):
        answer = await drawn.api.http.get(f"{drawn.root}/peaks.json", params=params)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert said in answer.json()["detail"]


def test_coarser_peaks_keep_every_extreme() -> None:
    fine = Peaks(
        channels=2, sample_rate=RATE, samples_per_pixel=256, bits=16, length=3,
        data=[-1, 1, -10, 10, -5, 2, -3, 30, -2, 7, -4, 4],
    )  # fmt: skip
    assert coarser(fine, 2).data == [-5, 2, -10, 30, -2, 7, -4, 4]
    assert coarser(fine, 1).data == [-5, 7, -10, 30]
    assert coarser(fine, 1).samples_per_pixel == 3 * 256
    assert coarser(fine, 3) is fine
    assert json.loads(coarser(fine, 2).model_dump_json())["length"] == 2


def test_fewer_steps_keep_the_loudest() -> None:
    fine = LoudnessCurve(
        duration_s=0.5, step_s=0.1, integrated_lufs=-14, loudness_range_lu=0, max_momentary_lufs=-9,
        max_short_term_lufs=-12, true_peak_dbtp=-1,
        momentary=[-20, -10, None, -30, -9], short_term=[None, None, -13, -12, None],
    )  # fmt: skip
    found = fewer_steps(fine, 3)
    assert (found.step_s, found.momentary, found.short_term) == (0.2, [-10, -30, -9], [None, -12, None])
    assert fewer_steps(fine, 5) is fine
