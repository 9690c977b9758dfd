"""report.html: the report as one page; its pictures are the files beside it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from html import escape
from itertools import groupby
from typing import Any

from activities.markup import document, figure, link, mark, size, table, value
from audio.decibels import SILENCE_DB
from domain.providers import BUILTIN

_FIGURES = (
    ("integrated_lufs", "integrated loudness", "LUFS"),
    ("max_short_term_lufs", "loudest three seconds", "LUFS"),
    ("max_momentary_lufs", "loudest moment", "LUFS"),
    ("loudness_range_lu", "loudness range", "LU"),
    ("true_peak_dbtp", "true peak", "dBTP"),
    ("sample_peak_dbfs", "highest sample", "dBFS"),
    ("crest_db", "crest factor", "dB"),
    ("duration_s", "duration", "s"),
    ("tempo_bpm", "tempo heard", "bpm"),
    ("key", "key heard", ""),
    ("correlation", "stereo correlation", ""),
    ("low_side_db", "side against mid under 120 Hz", "dB"),
    ("longest_silence_s", "longest silence inside", "s"),
    ("clipped_samples", "clipped samples", ""),
)
# File, what it shows, its line; a picture on white paper is turned over in the dark.
PICTURES = (
    ("waveform.png", "Waveform of the master with its sections", "the master: peaks light, RMS dark", True),
    ("spectrogram.png", "Spectrogram of the master from 20 Hz to 20 kHz", "what sounds when and how high", False),
    ("loudness.png", "Loudness of the master over time against its target", "momentary and short-term loudness", True),
    ("pianoroll.png", "Piano roll of all parts", "every note of every part", True),
    ("score.svg", "Lead sheet: tune and chords", "the lead sheet", True),
)


def render_report(report: Mapping[str, Any]) -> str:
    """The page; every text of a person or a prompt is escaped."""
    held = sum(check["ok"] for check in report["checks"])
    body = "".join(
        [
            f"<h1>{escape(str(report['title']))}</h1>",
            f"<blockquote>{escape(report['prompt'])}</blockquote>",
            f"<p>{held} of {len(report['checks'])} checks hold. Seed {report['seed']}, take {report['take']}, "
            f"{escape(report['sound_set'])}.</p>",
            "<h2>Asked and measured</h2>",
            table(("", "asked", "measured", ""), map(_check_row, report["checks"])),
            *(f"<p>Not judged: {escape(note)}</p>" for note in report["unchecked"]),
            _pictures(report),
            "<h2>Measured</h2>",
            table(("figure", "value"), _figure_rows(report["measured"])),
            _spectrum(report.get("spectrum", ())),
            "<h2>Asked</h2>",
            table(
                ("setting", "value"), ((escape(k.replace("_", " ")), value(v)) for k, v in report["requested"].items())
            ),
            _understood(report["understood"]),
            _stages(report),
            _providers(report.get("providers", ())),
            _decisions(report["decisions"]),
            _stems(report.get("stems", ())),
            "<h2>Files</h2>",
            table(("file", "size", "SHA-256"), map(_file_row, report["files"]), numbers=(1,)),
            _origin(report),
        ]
    )
    return document(f"{report['title']}: report", body)


def _check_row(check: Mapping[str, Any]) -> Sequence[str]:
    return escape(check["name"].replace("_", " ")), value(check["asked"]), value(check["measured"]), mark(check["ok"])


def _pictures(report: Mapping[str, Any]) -> str:
    there = {file["path"] for file in report["files"]}
    shown = [figure(path, words, line, chart=chart) for path, words, line, chart in PICTURES if path in there]
    return "<h2>Pictures</h2>" + "".join(shown) if shown else ""


def _figure_rows(measured: Mapping[str, Any]) -> Iterable[Sequence[str]]:
    for name, words, unit in _FIGURES:
        if (found := measured.get(name)) is not None:
            shown = f"{found:.2f}" if isinstance(found, float) else str(found)
            yield words, escape(f"{shown} {unit}".strip())


def _spectrum(bands: Sequence[Mapping[str, Any]]) -> str:
    if not bands:
        return ""
    rows = (
        (
            f"{band['hz']:g} Hz",
            f"{band['measured_db']:+.1f} dB",
            f"{band['usual_db']:+.1f} dB",
            f"{band['over_db']:+.1f} dB",
            _allowed(band["lowest_db"], band["highest_db"]),
            mark(band["ok"]),
        )
        for band in bands
    )
    head = ("octave", "measured", "usual", "off by", "may be off", "")
    return (
        "<h2>Spectrum</h2><p>Power of each octave against the one at 1 kHz, beside what songs of the genre usually "
        "have; how far it is off is told of the shape, without the level of the whole.</p>"
        + table(head, rows, numbers=(0, 1, 2, 3, 4))
    )


def _allowed(low: float, high: float) -> str:
    return f"{low:+.1f} to {high:+.1f} dB" if low > SILENCE_DB else f"up to {high:+.1f} dB"


def _understood(understood: Mapping[str, Any]) -> str:
    conflicts = understood["contradictions"]
    items = "".join(f"<li>{value(conflict)}</li>" for conflict in conflicts)
    told = f"<p>What could not all be had, and what was done:</p><ul>{items}</ul>" if conflicts else ""
    return f"<h2>Understood</h2><p>Confidence {understood['confidence']:.0%}.</p>{told}"


def _stages(report: Mapping[str, Any]) -> str:
    rows = (
        (
            escape(s["name"]),
            s["revision"],
            _seconds(s),
            escape(s["provider"]) + (f", instead of {escape(str(s['fallback_from']))}" if s["fallback_from"] else ""),
            _amount(s["cost"]),
        )
        for s in report["stages"]
    )
    head = ("stage", "revision", "seconds", "provider", "cost")
    total = _amount(report.get("cost", "0"))
    return f"<h2>Stages and costs</h2>{table(head, rows, numbers=(1, 2, 4))}<p>Paid to providers in all: {total}.</p>"


def _amount(cost: Any) -> str:
    """Dollars without the zeros at the end."""
    return f"{Decimal(str(cost)).normalize():f}"


def _providers(entries: Sequence[Mapping[str, Any]]) -> str:
    """Who was asked for what and why; and everybody who was not, with the reason."""
    if not entries:
        return ""
    outside = [entry for entry in entries if entry["provider"] != BUILTIN or entry["tried"]]
    rows = (
        (
            escape(entry["stage"]),
            escape(entry["task"].replace("_", " ")),
            escape(" ".join(filter(None, (entry["provider"], entry["model"])))),
            escape(" ".join(entry["reasons"])),
            "<br>".join(escape(f"{one['provider']}: {one['kind']}, {one['reason']}") for one in entry["tried"]),
            _amount(entry["cost"]),
        )
        for entry in outside
    )
    head = ("stage", "task", "provider", "why", "failed before", "cost")
    told = table(head, rows, numbers=(5,)) if outside else "<p>Nobody: our own engine did all of it.</p>"
    return f"<h2>Who was asked</h2>{told}{_not_asked(entries)}"


def _not_asked(entries: Sequence[Mapping[str, Any]]) -> str:
    reasons = {(one["provider"], one["reason"]): None for entry in entries for one in entry["not_asked"]}
    if not reasons:
        return ""
    content = table(("provider", "why not"), ((escape(name), escape(reason)) for name, reason in reasons))
    return f"<details><summary>Who was not asked</summary>{content}</details>"


def _seconds(stage: Mapping[str, Any]) -> str:
    """The last stage is not over when the report is written."""
    if stage["cached"]:
        return "reused"
    return f"{stage['seconds']:.1f}" if stage["seconds"] else "under way"


def _decisions(decisions: Iterable[Mapping[str, Any]]) -> str:
    """By stage, and inside a stage by what they concern: `lead.pan` stands under lead."""
    stages: dict[str, list[Mapping[str, Any]]] = {}
    for decision in decisions:
        stages.setdefault(str(decision["stage"]), []).append(decision)
    parts = []
    for stage, made in stages.items():
        rows = [row for about, group in groupby(made, key=_about) for row in _decision_rows(about, list(group))]
        content = table(("about", "what", "value", "why"), rows)
        count = f"{len(made)} decision{'s' if len(made) > 1 else ''}"
        parts.append(f"<details><summary>{escape(stage)}: {count}</summary>{content}</details>")
    return "<h2>Decisions</h2><p>What was decided, and why.</p>" + "".join(parts)


def _about(decision: Mapping[str, Any]) -> str:
    about, dot, rest = str(decision["what"]).partition(".")
    return about if dot and rest else ""


def _decision_rows(about: str, made: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[str]]:
    for number, decision in enumerate(made):
        what = str(decision["what"])
        name = what.partition(".")[2] if about else what
        shown = f"<b>{escape(about)}</b>" if number == 0 else ""
        yield shown, escape(name), value(decision["value"]), escape(str(decision["reason"]))


def _stems(stems: Sequence[Mapping[str, Any]]) -> str:
    if not stems:
        return ""
    rows = (
        (link(s["path"]), escape(s["name"]), escape(s["role"]), escape((s["instrument"] or "").replace("_", " ")))
        for s in stems
    )
    return "<h2>Stems</h2><p>Together they are the mix.</p>" + table(("file", "part", "role", "instrument"), rows)


def _file_row(file: Mapping[str, Any]) -> Sequence[str]:
    plan = " (the plan)" if file.get("plan") else ""
    return link(file["path"]) + plan, size(file["bytes"]), f'<span class="hash">{escape(file["sha256"])}</span>'


def _origin(report: Mapping[str, Any]) -> str:
    """Where it comes from, and with which versions it was made."""
    facts = {name: report[name] for name in ("created_at", "engine", "vocals")} | (report.get("provenance") or {})
    rows = ((escape(name.replace("_", " ")), value(found)) for name, found in _flat(facts) if found is not None)
    versions = ((escape(str(name)), value(found)) for name, found in report["versions"].items())
    return (
        f"<h2>Provenance</h2>{table(('what', 'value'), rows)}"
        f"<details><summary>Versions</summary>{table(('what', 'version'), versions)}</details>"
    )


def _flat(facts: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Facts inside of facts one by one, under all of their names."""
    for name, found in facts.items():
        if isinstance(found, Mapping):
            yield from _flat(found, f"{above}{name}: ")
        else:
            yield f"{above}{name}", found
