"""HTML by hand: one style for every page of a release, tables, figures, sizes. Nothing is fetched from elsewhere."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

_STYLE = """
:root{color-scheme:light dark;--ink:#1d1b22;--soft:#5c5866;--paper:#fbfaf7;--card:#fff;--line:#ddd8cf;--link:#1a5fb4;
--good:#1f7a4d;--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--ink:#ece8f2;--soft:#aaa4b5;--paper:#15131a;--card:#1e1b25;--line:#37333f;
--link:#8ab4f8;--good:#6ed6a0;--bad:#ff8a80}.chart img{filter:invert(.9) hue-rotate(180deg)}}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:62rem;margin:0 auto;
padding:1.5rem 1rem 3rem}
a{color:var(--link)}h1{margin:0 0 .2rem;line-height:1.15}h2{margin:2rem 0 .6rem;font-size:1.2rem}
h3{margin:1.2rem 0 .3rem;font-size:1rem}
blockquote{margin:.5rem 0 1rem;padding-left:1rem;border-left:3px solid var(--line);color:var(--soft)}
.soft{color:var(--soft)}.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:.3rem 0 1rem}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line);vertical-align:top;
overflow-wrap:break-word}
th{font-weight:600;color:var(--soft);font-size:.9rem}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;
white-space:nowrap}
.hash{overflow-wrap:anywhere;font:.75rem/1.4 ui-monospace,monospace;color:var(--soft)}
.ok{color:var(--good)}.no{color:var(--bad);font-weight:600}
details{margin:.4rem 0}summary{cursor:pointer;font-weight:600;padding:.2rem 0}
figure{margin:0 0 1rem}figure img{display:block;width:100%;height:auto;border:1px solid var(--line);border-radius:8px;
background:#fff}figcaption{color:var(--soft);font-size:.9rem;padding-top:.25rem}
pre{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.8rem}
"""


def document(title: str, body: str, style: str = "", script: str = "") -> str:
    """A whole page; `title` is escaped here, `body` is markup already."""
    code = f"<script>{script}</script>" if script else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<link rel="icon" href="data:,">'
        f"<title>{escape(title)}</title><style>{_STYLE}{style}</style></head><body>{body}{code}</body></html>\n"
    )


def link(path: str, words: str = "", *, download: bool = False) -> str:
    """A link to a file of the release, by its path inside the folder."""
    extra = " download" if download else ""
    return f'<a href="{escape(quote(path))}"{extra}>{escape(words or path)}</a>'


def figure(path: str, words: str, caption: str = "", *, chart: bool = True) -> str:
    """A picture that opens in full size; `words` tell what it shows to those who do not see it."""
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    kind = ' class="chart"' if chart else ""
    image = f'<img src="{escape(quote(path))}" alt="{escape(words)}" loading="lazy">'
    return f'<figure{kind}><a href="{escape(quote(path))}">{image}</a>{below}</figure>'


def table(head: Sequence[str], rows: Iterable[Sequence[Any]], numbers: Sequence[int] = ()) -> str:
    """A table of cells that are markup already; columns in `numbers` stand to the right."""
    kinds = [' class="n"' if column in numbers else "" for column in range(len(head))]
    top = "".join(f"<th{kind}>{cell}</th>" for kind, cell in zip(kinds, head, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{kind}>{cell}</td>" for kind, cell in zip(kinds, row, strict=True)) + "</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def mark(ok: bool) -> str:
    """Whether something holds, in a word and a colour."""
    return '<span class="ok">✓ ok</span>' if ok else '<span class="no">✗ missed</span>'


def value(found: Any) -> str:
    """Any value of a report in words, escaped."""
    if isinstance(found, Mapping):
        return escape(", ".join(f"{name} {plain(inner)}" for name, inner in found.items()) or "none")
    if isinstance(found, list | tuple):
        words = (str(v.get("name", v)) if isinstance(v, Mapping) else plain(v) for v in found)
        return escape(", ".join(words) or "none")
    return escape(plain(found)) if found is not None else "free"


def plain(found: Any) -> str:
    """A number without noise, anything else as it is."""
    return f"{found:g}" if isinstance(found, float) else str(found)


def size(count: int) -> str:
    """Bytes as people read them: 17.3 MB."""
    for unit, step in (("MB", 1_000_000), ("kB", 1000)):
        if count >= step:
            return f"{count / step:.1f} {unit}"
    return f"{count} bytes"
