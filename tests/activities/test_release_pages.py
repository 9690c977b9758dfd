"""Pictures, report and page of a release, made by their steps from a small song."""

import json
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from activities.finalization import STEPS as FUNCTIONS
from activities.index_page import render_index
from activities.job import StepJob, canonical
from activities.markup import size, value
from activities.release import DRAWN, FILES, WRITTEN
from activities.report_page import render_report
from audio.files import encode_wav
from audio.rate import RATE
from domain.context import SongContext
from domain.score import Chord, Note, Part, Role, Score, Section, SectionKind, TempoChange
from domain.stages import Stage
from domain.steps import STEPS, MediaType, StepRequest, covers
from storage.config import load_settings
from tests.activities.local_run import MemoryStore

NASTY = "<script>alert('&\"')</script>"
SCORE = Score(
    title="Rain & <b>Sun</b>", key="A", scale="minor", tempo=(TempoChange(start=0, bpm=120),),
    sections=(
        Section(name="verse 1", kind=SectionKind.VERSE, start_bar=0, bars=2, energy=0.4),
        Section(name="prechorus", kind=SectionKind.PRECHORUS, start_bar=2, bars=2, energy=0.8),
    ),
    chords=(Chord(start=0, duration=16, symbol="Am"),),
    parts=(Part(id="lead", name=NASTY, role=Role.LEAD, instrument="flute",
                notes=tuple(Note(pitch=69 + i, start=i * 2, duration=1) for i in range(8))),),
)  # fmt: skip
CONTEXT = SongContext.model_validate(
    {"musical": {"genre": ["synthwave"], "key": "A", "scale": "minor", "tempo": 120}, "creative": {}}
)
MEASURED = {
    "integrated_lufs": -14.0, "true_peak_dbtp": -1.1, "duration_s": 8.0, "key": "A minor",
    "octave_bands_db": {"31.5": -3.0, "63": 5.0, "125": 7.0, "250": 3.0, "500": 2.0, "1000": 0.0, "2000": -1.0,
                        "4000": -4.0, "8000": 4.0, "16000": -15.0},
}  # fmt: skip
VERIFICATION = {
    "measured": MEASURED,
    "checks": [{"name": "true_peak", "asked": NASTY, "measured": -1.1, "ok": True},
               {"name": "stems", "asked": "sum", "measured": 3, "ok": False}],
    "unchecked": [f"key: {NASTY}"],
    "files": [{"path": "master.wav", "bytes": 5, "sha256": "0" * 64},
              {"path": "stems/01_lead.wav", "bytes": 1_700_000, "sha256": "1" * 64},
              {"path": "stems/02_reverb_room.wav", "bytes": 7, "sha256": "2" * 64}],
}  # fmt: skip
DECISIONS = [
    {"stage": "mixing", "what": "lead.pan", "value": "+0.30", "reason": NASTY},
    {"stage": "mixing", "what": "lead.level", "value": "-1 LU", "reason": "usual"},
    {"stage": "mastering", "what": "gain", "value": {"db": 2.5}, "reason": "loud"},
]


class Bench:
    """Runs steps of finalization on documents at hand, each with what earlier ones made."""

    def __init__(self, *, old: bool = False, results: Sequence[dict[str, Any]] = ()) -> None:
        self.store = MemoryStore()
        self.types: dict[str, MediaType] = {}
        self.filenames: dict[str, str] = {}
        master = np.random.default_rng(1).standard_normal((8 * RATE, 2)).astype(np.float32) * 0.1
        self.artifacts = {
            name: self.store.put(data)
            for name, data in {
                "prompt": NASTY.encode(), "score": SCORE.model_dump_json().encode(), "master": encode_wav(master, RATE),
                "brief": canonical({"confidence": 0.8, "contradictions": [f"fast and slow: {NASTY}"]}),
                "verification": canonical(VERIFICATION), "mixed_order": canonical(["lead", "reverb_room"]),
                "chord_chart": f"| Am | {NASTY}".encode(), "engraving": b"<svg/>", "pianoroll": b"png",
            }.items()
        }  # fmt: skip
        steps = {"decisions": self.store.put(canonical(DECISIONS))}
        stage = {"name": "ideation", "seconds": 1.5, "cached": False, "revision": 1, "provider": "lyria",
                 "fallback_from": None, "cost": "0.06"}  # fmt: skip
        documents = [{"stage": "mixing", "steps": [steps]}, *({**one, "steps": []} for one in results)]
        facts = {"results": [self.store.put(canonical(one)) for one in documents], "stages": [stage, stage]}
        if not old:
            self.run("cover")
            self.run("pictures")
        self.run("report", facts=facts, title=SCORE.title)
        self.run("index")

    def run(self, name: str, *, facts: dict[str, Any] | None = None, **params: Any) -> None:
        request = StepRequest(
            composition_id="c", owner="o", stage=Stage.FINALIZATION, step=name, revision=1, seed=7, context="0" * 64,
            inputs=self.artifacts, params=params, facts=facts or {},
        )  # fmt: skip
        job = StepJob(request, CONTEXT, self.store, load_settings())
        FUNCTIONS[name](job)
        assert all(any(covers(read, path) for read in STEPS[name].reads) for path in job.reads)
        for output, artifact in job.outputs.items():
            self.artifacts[output] = artifact.hash
            self.types[output] = artifact.type
            self.filenames[output] = str(artifact.filename)

    def content(self, name: str) -> bytes:
        return self.store.get(self.artifacts[name])

    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.content("report_json"))
        return found


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench()


@pytest.fixture(scope="module")
def old() -> Bench:
    """A song whose finalization began before there were pictures."""
    return Bench(old=True)


class Page(HTMLParser):
    """What a page refers to, its words, and whether its tags are closed in order."""

    VOID = frozenset({"meta", "link", "img", "source", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.refs: list[str] = []
        self.words: list[str] = []
        self.tags: list[str] = []
        self.open: list[str] = []
        self.unnamed: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.refs += [value for name in ("href", "src") if (value := given.get(name))]
        if (tag == "img" and not given.get("alt")) or (tag == "audio" and not given.get("aria-label")):
            self.unnamed.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.mark.parametrize("name", ["report_html", "index"])
@pytest.mark.parametrize("song", ["bench", "old"])
def test_pages_are_closed_and_refer_to_files_of_the_release_alone(
    name: str, song: str, request: pytest.FixtureRequest
) -> None:
    bench: Bench = request.getfixturevalue(song)
    page = Page(bench.content(name).decode())
    assert page.open == []
    assert page.unnamed == []
    there = {file["path"] for file in bench.report()["files"]} | {"report.html", "report.json"}
    assert {ref for ref in page.refs if ref != "data:,"} <= there
    assert not re.search(r"(?:https?:)?//\w", bench.content(name).decode().replace("\n", ""))


@pytest.mark.parametrize("name", ["report_html", "index"])
def test_words_of_people_are_words(bench: Bench, name: str) -> None:
    text = bench.content(name).decode()
    assert "<script>alert" not in text
    assert "<b>Sun" not in text
    assert NASTY in "".join(Page(text).words)
    assert SCORE.title in "".join(Page(text).words)


def test_the_page_plays_master_and_stems_and_shows_the_song(bench: Bench) -> None:
    text = bench.content("index").decode()
    page = Page(text)
    words = "".join(page.words)
    assert page.tags.count("audio") == 3
    assert {"master.wav", "stems/01_lead.wav", "cover.png", "waveform.png", "score.svg", "report.html"} <= set(
        page.refs
    )
    assert "1.7 MB" in words
    assert "reverb room" in words
    assert "| Am |" in words
    assert "1 of 2 checks hold" in words
    assert "synthwave · A minor · 120 bpm · 4/4 · 0:08 · -14.0 LUFS, -1.1 dBTP" in words


def test_the_page_names_every_file_with_its_size(bench: Bench) -> None:
    words = "".join(Page(bench.content("index").decode()).words)
    for file in bench.report()["files"]:
        if not file["path"].startswith("stems/"):
            assert f"{file['path']}" in words
            assert size(file["bytes"]) in words


def test_files_that_nobody_foresaw_are_linked_too(bench: Bench) -> None:
    report = bench.report()
    report["files"].append({"path": "extra file #1.pdf", "bytes": 12, "sha256": "3" * 64})
    page = Page(render_index(report, chords="", report_bytes={}))
    assert "extra%20file%20%231.pdf" in page.refs


def test_the_report_shows_what_was_asked_measured_decided_and_paid(bench: Bench) -> None:
    words = " ".join(Page(bench.content("report_html").decode()).words)
    for told in (
        "✓ ok", "✗ missed", "true peak", "31.5 Hz", "up to +5.0 dB", "usual", "0.12", "lyria", "under way",
        "mixing: 2 decisions", "mastering: 1 decision", "level", "pan", "fast and slow", "Confidence 80%", "numpy",
        "reverb room", "waveform.png",
    ):  # fmt: skip
        assert told in words
    figures = Page(bench.content("report_html").decode()).refs
    assert {"waveform.png", "spectrogram.png", "loudness.png", "pianoroll.png", "score.svg"} <= set(figures)


def test_the_report_has_the_same_facts_for_programs(bench: Bench) -> None:
    report = bench.report()
    assert report["cost"] == "0.12"
    bands = {band["hz"]: band for band in report["spectrum"]}
    assert list(bands) == [31.5, 63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16000.0]
    assert [hz for hz, band in bands.items() if not band["ok"]] == [8000.0]
    assert bands[8000.0]["over_db"] > 10
    assert all(band["lowest_db"] <= band["over_db"] <= band["highest_db"] for band in bands.values() if band["ok"])
    assert report["stems"] == [
        {"path": "stems/01_lead.wav", "name": NASTY, "instrument": "flute", "role": "lead"},
        {"path": "stems/02_reverb_room.wav", "name": "reverb room", "instrument": None, "role": "return"},
    ]
    paths = {file["path"] for file in report["files"]}
    drawn = {FILES[name] for name in DRAWN if name != "provenance"}
    assert paths >= {"cover.png", "waveform.png", "spectrogram.png", "loudness.png", "peaks.json", "peaks-float.json"}
    assert paths >= drawn


def test_provenance_is_told_where_there_is_some(bench: Bench) -> None:
    assert bench.report()["provenance"] is None
    report = bench.report() | {"provenance": {"made_by": NASTY, "machine_made": {"composition": True}}}
    words = " ".join(Page(render_report(report)).words)
    assert NASTY in words
    assert "machine made: composition True" in words


def test_an_old_song_has_a_report_and_a_page_without_pictures(old: Bench) -> None:
    for name in ("report_html", "index"):
        assert "waveform.png" not in Page(old.content(name).decode()).refs
    assert "audio" in Page(old.content("index").decode()).tags
    report = {name: found for name, found in old.report().items() if name not in ("spectrum", "stems", "cost")}
    assert "master.wav" in Page(render_index(report, chords="", report_bytes={})).refs
    assert "Spectrum" not in render_report(report)


def test_pictures_bear_the_names_that_the_folder_has(bench: Bench) -> None:
    made = ("cover", "waveform_png", "spectrogram_png", "loudness_png", "peaks", "peaks_float", "index")
    assert {name: bench.filenames[name] for name in made} == {name: FILES[name] for name in made}
    assert {bench.types[name] for name in made[:4]} == {MediaType.PICTURE}
    # The newest report is offered for download as the one HTML file of its type.
    assert [name for name, kind in bench.types.items() if kind is MediaType.REPORT] == ["report_json", "report_html"]
    assert json.loads(bench.content("peaks"))["version"] == 2
    assert bench.content("cover").startswith(b"\x89PNG")
    assert not set(WRITTEN) & set(DRAWN)


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (17_308_844, "17.3 MB")]
)
def test_sizes_are_said_as_people_do(count: int, words: str) -> None:
    assert size(count) == words


@pytest.mark.parametrize(
    ("found", "words"),
    [(None, "free"), ([], "none"), ({}, "none"), (-14.0, "-14"), ({"valence": 0.5}, "valence 0.5"),
     ([{"name": "a<b", "bars": 4}], "a&lt;b"), ("x&y", "x&amp;y")],
)  # fmt: skip
def test_values_are_shown_in_words(found: Any, words: str) -> None:
    assert value(found) == words
