"""Finalization: files, scores, a check of everything against what was asked, the report."""

from collections.abc import Callable, Mapping
from typing import Any

from activities.checks import check_release
from activities.job import StepJob, canonical
from activities.release import filename
from activities.report import build_report
from activities.report_page import render_report
from audio.files import decode, encode_flac, encode_mp3, encode_opus
from audio.measure import measure
from audio.rate import RATE
from audio.resample import resample
from domain.errors import InvalidValue
from domain.score import Score
from domain.steps import MediaType
from music.chordchart import chord_chart
from music.engraving import engrave_leadsheet
from music.feel import feel_of
from music.musicxml import write_leadsheet, write_musicxml
from music.pianoroll import draw_piano_roll

LOSSY_PEAK_LIMIT_DBTP = -0.1
LOSSY_TRIES = 4
_MUSICXML = "application/vnd.recordare.musicxml+xml"
_LOSSY: Mapping[str, tuple[Callable[..., bytes], tuple[int, ...], str, MediaType]] = {
    "mp3": (encode_mp3, (44_100, 48_000), "audio/mpeg", MediaType.AUDIO_MP3),
    "opus": (encode_opus, (48_000,), "audio/ogg", MediaType.AUDIO_OPUS),
}


def run_encode(job: StepJob) -> None:
    """The master in one more format; lossy files keep under full scale even when decoded."""
    chosen = str(job.params["format"])
    audio, rate = decode(job.content("master"))
    artifact = f"master.{chosen}"
    if chosen == "flac":
        data = encode_flac(audio, rate, bit_depth=job.read("technical.bit_depth"))
        job.put(artifact, data, "audio/flac", MediaType.AUDIO_FLAC, filename(artifact, ()), sample_rate=rate)
        return
    if chosen not in _LOSSY:
        raise InvalidValue(f"format {chosen!r} is not offered: choose flac, mp3 or opus")
    encode, rates, media_type, kind = _LOSSY[chosen]
    if rate not in rates:
        audio, rate = resample(audio, rate, RATE), RATE
    gain_db = 0.0
    for _ in range(LOSSY_TRIES):
        data = encode(audio * 10 ** (gain_db / 20), rate)
        decoded, decoded_rate = decode(data)
        peak = measure(decoded, decoded_rate).true_peak_dbtp
        if peak <= LOSSY_PEAK_LIMIT_DBTP:
            break
        gain_db -= peak - LOSSY_PEAK_LIMIT_DBTP + 0.05
    job.put(
        artifact, data, media_type, kind, filename(artifact, ()),
        sample_rate=rate, gain_db=round(gain_db, 2), true_peak_dbtp=round(peak, 2),
    )  # fmt: skip
    if gain_db:
        job.explain(f"{chosen} gain", f"{gain_db:.2f} dB", "decoded, the codec overshoots the ceiling")


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
        job.explain("lyrics", f"{len(lyrics)} characters", "not sung: the lead instrument plays the vocal line")


def run_verify(job: StepJob) -> None:
    """Measure what was made, as a stranger would, and compare it with what was asked."""
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


def _figures(measured: Mapping[str, Any]) -> dict[str, float | int | str | bool]:
    return {name: value for name, value in measured.items() if isinstance(value, int | float | str)}


STEPS: Mapping[str, Callable[[StepJob], None]] = {
    "encode": run_encode,
    "engrave": run_engrave,
    "verify": run_verify,
    "report": run_report,
}
