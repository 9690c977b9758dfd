"""report.html: the report as one page that needs nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

_STYLE = """
:root{color-scheme:light dark;--ink:#1d1b22;--paper:#fbfaf7;--line:#d9d4cb;--good:#1f7a4d;--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--ink:#ece8f2;--paper:#17151c;--line:#3a3644;--good:#6ed6a0;--bad:#ff8a80}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:60rem;margin:2rem auto;
padding:0 1rem}h1{margin-bottom:.2rem}blockquote{margin:.5rem 0 1.5rem;padding-left:1rem;border-left:3px solid
var(--line)}table{border-collapse:collapse;width:100%;margin:.5rem 0 2rem}th,td{text-align:left;padding:.35rem .6rem;
border-bottom:1px solid var(--line);vertical-align:top}.ok{color:var(--good)}.no{color:var(--bad);font-weight:600}
td.n{font-variant-numeric:tabular-nums}details{margin-bottom:2rem}
"""
_FIGURES = (
    ("integrated_lufs", "integrated loudness", "LUFS"),
    ("max_short_term_lufs", "loudest three seconds", "LUFS"),
    ("max_momentary_lufs", "loudest moment", "LUFS"),
    ("loudness_range_lu", "loudness range", "LU"),
    ("true_peak_dbtp", "true peak", "dBTP"),
    ("crest_db", "crest factor", "dB"),
    ("duration_s", "duration", "s"),
    ("tempo_bpm", "tempo heard", "bpm"),
    ("key", "key heard", ""),
    ("correlation", "stereo correlation", ""),
)


def render_report(report: Mapping[str, Any]) -> str:
    """The page; every text of a person or a prompt is escaped."""
    held = sum(check["ok"] for check in report["checks"])
    body = "".join(
        [
            f"<h1>{escape(str(report['title']))}</h1>",
            f"<blockquote>{escape(report['prompt'])}</blockquote>",
            f"<p>{held} of {len(report['checks'])} checks hold. Seed {report['seed']}, "
            f"{escape(report['sound_set'])}.</p>",
            "<h2>Asked and measured</h2>",
            _table(("", "asked", "measured", ""), map(_check_row, report["checks"])),
            *(f"<p>Not judged: {escape(note)}</p>" for note in report["unchecked"]),
            "<h2>Measured</h2>",
            _table(("figure", "value"), _figure_rows(report["measured"])),
            "<h2>Asked</h2>",
            _table(("setting", "value"), ((escape(k), _value(v)) for k, v in report["requested"].items())),
            "<h2>Stages</h2>",
            _table(
                ("stage", "revision", "seconds", "provider"),
                ((s["name"], s["revision"], f"{s['seconds']:.1f}", escape(s["provider"])) for s in report["stages"]),
            ),
            _decisions(report["decisions"]),
            "<h2>Files</h2>",
            _table(
                ("file", "bytes", "SHA-256"), ((escape(f["path"]), f["bytes"], f["sha256"]) for f in report["files"])
            ),
        ]
    )
    title = escape(str(report["title"]))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>{title}: report</title><style>{_STYLE}</style></head>'
        f"<body>{body}</body></html>\n"
    )


def _check_row(check: Mapping[str, Any]) -> Sequence[str]:
    mark = '<span class="ok">ok</span>' if check["ok"] else '<span class="no">missed</span>'
    return escape(check["name"]), _value(check["asked"]), _value(check["measured"]), mark


def _figure_rows(measured: Mapping[str, Any]) -> Iterable[Sequence[str]]:
    for name, words, unit in _FIGURES:
        if (value := measured.get(name)) is not None:
            shown = f"{value:.2f}" if isinstance(value, float) else str(value)
            yield words, escape(f"{shown} {unit}".strip())


def _decisions(decisions: Iterable[Mapping[str, Any]]) -> str:
    rows = (
        (escape(d["stage"]), escape(str(d["what"])), _value(d["value"]), escape(str(d["reason"]))) for d in decisions
    )
    table = _table(("stage", "what", "value", "why"), rows)
    return f"<h2>Decisions</h2><details><summary>What was decided, and why</summary>{table}</details>"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return escape(", ".join(f"{k} {v}" for k, v in value.items()) or "none")
    if isinstance(value, list | tuple):
        return escape(", ".join(str(v.get("name", v)) if isinstance(v, Mapping) else str(v) for v in value) or "none")
    return escape(str(value)) if value is not None else "free"


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    top = "".join(f"<th>{cell}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
