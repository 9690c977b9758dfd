"""Engraving: a score drawn by Verovio as SVG, equal input to equal bytes.

Verovio (LGPL) is imported when something is drawn, not before: it brings a library of 18 MB.
"""

import re
from collections.abc import Mapping
from importlib.resources import files
from threading import Lock
from typing import TYPE_CHECKING, Any

from domain.errors import InvalidValue
from domain.score import Score
from music.musicxml import write_leadsheet, write_musicxml

if TYPE_CHECKING:
    import verovio

# Verovio keeps state of its own beside the toolkit's.
_ALONE = Lock()
# Verovio counts in tenths of a millimetre; a page this wide holds four bars of sixteenths.
_PAGE_WIDTH, _LONGEST_PAGE = 2100, 60_000
# Programs that play chords need their added degrees; Verovio prints them behind names that have them already.
_DEGREES = re.compile(r"<degree\b.*?</degree>\s*", re.DOTALL)
# Half the distance of two staff lines.
_UNIT, _SMALL_UNIT = 8.0, 6.0


def _style(unit: float) -> str:
    """Chord symbols and tempos in a plain face that has flats, sharps and notes, a little smaller than the words."""
    size = f"{round(38 * unit)}px"
    return (
        "g.harm,g.tempo{font-family:'DejaVu Sans','Arial','Helvetica','Segoe UI Symbol','Apple Symbols',sans-serif}"
        f"g.harm tspan.text tspan{{font-size:{size}}}g.tempo tspan tspan{{font-size:{size}}}"
    )


_SHEET: Mapping[str, Any] = {
    "adjustPageHeight": True,
    "bottomMarginHeader": 4.0,
    "breaks": "encoded",
    "font": "Leipzig",
    "footer": "none",
    "header": "auto",
    "justificationSystem": 0.0,
    "lyricTopMinMargin": 3.0,
    "minLastJustification": 0.0,
    "pageHeight": _LONGEST_PAGE,
    "pageMarginBottom": 100,
    "pageMarginLeft": 120,
    "pageMarginRight": 120,
    "pageMarginTop": 100,
    "pageWidth": _PAGE_WIDTH,
    "scale": 50,
    "smuflTextFont": "none",
    "svgCss": _style(_UNIT),
    "spacingSystem": 8,
    "svgFormatRaw": True,
    "svgViewBox": True,
    "unit": _UNIT,
    "xmlIdSeed": 1,
}
_FULL: Mapping[str, Any] = {
    **_SHEET, "adjustPageHeight": False, "breaks": "auto", "pageHeight": 2970, "unit": _SMALL_UNIT,
    "svgCss": _style(_SMALL_UNIT), "spacingStaff": 8,
    "justifyVertically": True,
}  # fmt: skip
# Signs of the music font (SMuFL) that stand in text -> Unicode.
_UNICODE: Mapping[str, str] = {
    "\uea63": "𝄫", "\uea64": "♭", "\uea65": "♮", "\uea66": "♯", "\uea67": "𝄪", "\ueca5": "♩", "\ueca7": "♪",
    "\uecb7": ".",
}  # fmt: skip
_SIGN = re.compile(r'<tspan font-family="Leipzig" font-size="\d+px">\s*([\ue000-\uf8ff])\s*</tspan>')
_TITLE = re.compile(r'<text [^>]*>\s*<tspan [^>]*class="rend" x="(\d+)" y="(\d+)" text-anchor="middle">\s*<title')


def engrave_leadsheet(score: Score, *, lyrics: str | None = None, feel: str = "") -> str:
    """The lead sheet as one tall SVG page: tune, chord symbols, lyrics, four bars a system."""
    return _drawn(write_leadsheet(score, lyrics=lyrics, feel=feel, printed=True), _SHEET, "Lead sheet")


def engrave_page(score: Score, *, lyrics: str | None = None, feel: str = "", page: int = 1) -> str:
    """One page of the full score as SVG, A4 upright; pages count from 1. Raises `InvalidValue` beyond the last."""
    return _drawn(write_musicxml(score, lyrics=lyrics, feel=feel, printed=True), _FULL, "Score in C", page)


def engrave_all(musicxml: bytes) -> tuple[list[str], list[dict[str, Any]]]:
    """Every page of a MusicXML file as SVG, A4 upright, and Verovio's timemap: which notes sound when, in ms.

    `InvalidValue` for what is no MusicXML.
    """
    with _ALONE:
        toolkit = _toolkit()
        toolkit.setOptions(dict(_FULL))
        if not toolkit.loadData(_DEGREES.sub("", musicxml.decode(errors="replace"))):
            raise InvalidValue("the score cannot be engraved: Verovio does not read it")
        pages = [str(toolkit.renderToSVG(page)) for page in range(1, toolkit.getPageCount() + 1)]
        timemap: list[dict[str, Any]] = toolkit.renderToTimemap()
    return [_signed(_readable(page), "Score in C") for page in pages], timemap


def _drawn(musicxml: bytes, options: Mapping[str, Any], kind: str, page: int = 1) -> str:
    with _ALONE:
        toolkit = _toolkit()
        toolkit.setOptions(dict(options))
        if not toolkit.loadData(musicxml.decode()):
            raise InvalidValue("the score cannot be engraved: Verovio does not read it")
        pages = toolkit.getPageCount()
        if not 1 <= page <= pages:
            raise InvalidValue(f"the score has {pages} pages, there is no page {page}")
        svg = str(toolkit.renderToSVG(page))
    return _signed(_readable(svg), kind)


def _toolkit() -> "verovio.toolkit":
    """A toolkit that knows its fonts in this thread: Verovio remembers where they are for one thread only."""
    import verovio

    # What it says goes to standard error, which belongs to the command that draws.
    verovio.enableLog(verovio.LOG_OFF)
    toolkit = verovio.toolkit(False)
    toolkit.setResourcePath(str(files("verovio") / "data"))
    return toolkit


def _readable(svg: str) -> str:
    """The drawing with signs inside of text in Unicode: music fonts embedded in an SVG are shown by browsers only."""
    return _SIGN.sub(lambda found: f"<tspan>{_UNICODE.get(found[1], '')}</tspan>", svg)


def _signed(svg: str, kind: str) -> str:
    """The drawing with what kind of sheet it is on the left of its title, and the composer on the right."""
    title = _TITLE.search(svg)
    if title is None:
        return svg
    middle, base = int(title[1]), int(title[2]) - 60
    sides = "".join(
        f'<text x="{x}" y="{base}" text-anchor="{anchor}" font-size="320px">{text}</text>'
        for x, anchor, text in ((0, "start", kind), (2 * middle, "end", "Sostenuto"))
    )
    return svg[: title.start()] + sides + svg[title.start() :]
