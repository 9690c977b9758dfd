"""Finalization: files, scores, a check of everything against what was asked, the report."""

from collections.abc import Callable, Mapping
from typing import Any

from activities.checks import check_release
from activities.encoding import run_encode
from activities.heard import run_listen
from activities.index_page import render_index
from activities.job import StepJob, canonical
from activities.pictures import run_cover, run_pictures
from activities.provenance import run_provenance
from activities.release import filename
from activities.report import build_report
from activities.report_page import render_report
from activities.tags import run_tag
from domain.score import Score
from domain.steps import MediaType
from music.chordchart import chord_chart
from music.engraving import engrave_leadsheet
from music.feel import feel_of
from music.musicxml import write_leadsheet, write_musicxml
from music.pianoroll import draw_piano_roll

_MUSICXML = "application/vnd.recordare.musicxml+xml"


def run_engrave(job: StepJob) -> None:
    """Full score and lead sheet as MusicXML, the lead sheet engraved, the chord chart and the piano roll."""
    score = job.model("score", Score)
    lyrics = job.read("creative.lyrics")
    feel = feel_of(job.read("musical.genre"), score.tempo[0].bpm, job.read("musical.rhythm_pattern.swing"))
    written = (
        ("musicxml", _MUSICXML, write_musicxml(score, lyrics=lyrics, feel=feel)),
        ("leadsheet", _MUSICXML, write_leadsheet(score, lyrics=lyrics, feel=feel)),
        ("engraving", "image/svg+xml", engrave_leadsheet(score, lyrics=lyrics, feel=feel).encode()),
        ("chord_chart", "text/plain", chord_chart(score, feel=feel).encode()),
        ("pianoroll", "image/png", draw_piano_roll(score)),
    )
    for name, media_type, data in written:
        job.put(name, data, media_type, MediaType.SCORE, filename(name, ()), bars=score.bars)
    if lyrics:
        job.explain("lyrics", f"{len(lyrics)} characters", "written under the lead")


def run_verify(job: StepJob) -> None:
    """Compare what was heard, and the files that go out, with what was asked."""
    verification = check_release(job)
    job.put_model("verification", verification)
    ok = all(check["ok"] for check in verification["checks"])
    job.measured = {"checks_ok": ok, **_figures(verification["measured"])}


def run_report(job: StepJob) -> None:
    """report.json and report.html."""
    report = build_report(job)
    job.put("report_json", canonical(report), "application/json", MediaType.REPORT, filename("report_json", ()))
    page = render_report(report)
    job.put("report_html", page.encode(), "text/html", MediaType.REPORT, filename("report_html", ()))


def run_index(job: StepJob) -> None:
    """index.html, which opens the release folder."""
    named = {name: len(job.content(name)) for name in ("report_json", "report_html")}
    chords = job.text("chord_chart") if "chord_chart" in job.request.inputs else ""
    sizes = {filename(name, ()): count for name, count in named.items()}
    page = render_index(job.document("report_json"), chords=chords, report_bytes=sizes)
    job.put("index", page.encode(), "text/html", MediaType.DOCUMENT, filename("index", ()))


def _figures(measured: Mapping[str, Any]) -> dict[str, float | int | str | bool]:
    return {name: value for name, value in measured.items() if isinstance(value, int | float | str)}


STEPS: Mapping[str, Callable[[StepJob], None]] = {
    "cover": run_cover,
    "pictures": run_pictures,
    "encode": run_encode,
    "tag": run_tag,
    "provenance": run_provenance,
    "engrave": run_engrave,
    "listen": run_listen,
    "verify": run_verify,
    "report": run_report,
    "index": run_index,
}
