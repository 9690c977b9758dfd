"""An order in words that any music provider reads: one line of style, and lyrics by section."""

from collections.abc import Iterable
from typing import Final

from music.lyrics import heading_of
from providers.orders import MusicOrder, PlannedSection

DEFAULT_S: Final = 120.0
"""Length of music whose order names none: a length that is known is a price that is known."""


def style_line(order: MusicOrder, longest: int) -> str:
    """Style, tempo, key and voice in one line of at most `longest` characters; nothing is said twice."""
    line = order.style.strip().rstrip(".")
    for words in _additions(order):
        if words.lower() not in line.lower():
            line = f"{line}, {words}" if line else words
    return shortened(line, longest)


def _additions(order: MusicOrder) -> Iterable[str]:
    if order.bpm is not None:
        yield f"{order.bpm:g} BPM"
    if order.key:
        yield order.key
    if not order.instrumental and order.vocal_gender:
        yield f"{order.vocal_gender} vocal"
    if order.instrumental:
        yield "instrumental"


def style_words(order: MusicOrder) -> tuple[str, ...]:
    """The parts of the style line between commas."""
    return tuple(part.strip() for part in style_line(order, 4000).split(",") if part.strip())


def shortened(text: str, longest: int) -> str:
    """The text, cut at the last comma or space before `longest` characters when it is longer."""
    if len(text) <= longest:
        return text
    cut = text[: longest + 1]
    at = max(cut.rfind(","), cut.rfind(" "), cut.rfind("\n"))
    return cut[: at if at > longest // 2 else longest].rstrip(" ,\n")


def lyrics_text(order: MusicOrder) -> str:
    """The lyrics with section tags: as given, else from the sections that have any."""
    if order.lyrics.strip():
        return order.lyrics.strip()
    sung = [section for section in order.sections if section.lyrics]
    return "\n\n".join("\n".join((tag(section.name), *section.lyrics)) for section in sung)


def tag(name: str) -> str:
    """A section's tag in brackets: "verse" becomes "[Verse]"."""
    words = name.strip().strip("[]").replace("_", " ")
    return f"[{words[:1].upper()}{words[1:]}]"


def length_s(order: MusicOrder) -> float:
    """The whole length in seconds: as ordered, else of the sections, else two minutes."""
    if order.duration_s is not None:
        return order.duration_s
    return sum(section.duration_s for section in order.sections) or DEFAULT_S


def planned_sections(order: MusicOrder) -> tuple[PlannedSection, ...]:
    """The sections of the order; where only lyrics are given, one for each tag, as long as its lines are many."""
    if order.sections and (order.instrumental or not order.lyrics or any(part.lyrics for part in order.sections)):
        return order.sections
    if order.instrumental or not order.lyrics.strip():
        return ()
    blocks = _blocks(order.lyrics)
    lines = sum(max(1, len(sung)) for _, sung in blocks)
    whole = length_s(order)
    return tuple(
        PlannedSection(name=name, duration_s=whole * max(1, len(sung)) / lines, lyrics=tuple(sung))
        for name, sung in blocks
    )


def _blocks(lyrics: str) -> list[tuple[str, list[str]]]:
    blocks: list[tuple[str, list[str]]] = []
    for line in lyrics.splitlines():
        heading = heading_of(line)
        if heading is not None:
            blocks.append((heading or "verse", []))
        elif line.strip():
            if not blocks:
                blocks.append(("verse", []))
            blocks[-1][1].append(line.strip())
    return blocks
