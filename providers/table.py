"""The tables of docs/providers.md, written from the capability data.

`python -m providers.table` writes them into the page anew.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from domain.providers import Capabilities, Evidence, Price, Task
from domain.routing import ORDER, usd
from providers.registry import catalogue

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "providers.md"
BEGIN: Final = "<!-- {name}: written by python -m providers.table -->"
END: Final = "<!-- end of {name} -->"

SOLD: Final = {"yes": "yes", "no": "**no**", "plan": "by the account's plan", "unknown": "not known"}


def can_do(catalogue: Mapping[str, Capabilities]) -> str:
    """Markdown: what each provider does, for how much, and under which licence."""
    return _table(
        ("provider", "does", "sings", "seconds", "formats", "takes", "price", "official", "may be sold", "licence"),
        (
            (
                f"`{able.name}`<br>{able.title}",
                ", ".join(_word(task) for task in Task if task in able.tasks),
                _sings(able),
                _seconds(able),
                ", ".join(able.formats) or "–",
                ", ".join(_takes(able)) or "–",
                price(able.price),
                "yes" if able.official else "**no**",
                SOLD[able.commercial],
                able.licence or "–",
            )
            for able in catalogue.values()
        ),
    )


def known(catalogue: Mapping[str, Capabilities]) -> str:
    """Markdown: how sure each part of each provider's contract is."""
    marks = (Evidence.VERIFIED, Evidence.SECOND_HAND, Evidence.UNVERIFIED)
    return _table(
        ("provider", *marks, "notes"),
        (
            (
                f"`{able.name}`",
                *(", ".join(part for part, how in able.evidence.items() if how is mark) or "–" for mark in marks),
                able.note or "–",
            )
            for able in catalogue.values()
        ),
    )


def orders() -> str:
    """Markdown: who is asked first for what."""
    return _table(
        ("task", "order"),
        ((f"`{task}`", ", ".join(f"`{name}`" for name in ORDER[task]) or "the origin, else by score") for task in Task),
    )


def price(price: Price) -> str:
    """Such as "$0.80 a minute"; for language models what goes in and what comes out."""
    note = f"; {price.note}" if price.note else ""
    if not price.usd and not price.usd_out:
        return f"free{note}"
    if price.usd_out:
        return f"{usd(price.usd)} in, {usd(price.usd_out)} out, for {price.per}{note}"
    return f"{usd(price.usd)} a {price.per}{note}"


def written(page: str, catalogue: Mapping[str, Capabilities]) -> str:
    """The page with its tables as they follow from the data. ValueError where it lacks a table's place."""
    for name, table in (("capabilities", can_do(catalogue)), ("orders", orders()), ("evidence", known(catalogue))):
        begin, end = BEGIN.format(name=name), END.format(name=name)
        place = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
        page, found = place.subn(lambda _, text=f"{begin}\n\n{table}\n{end}": text, page)  # type: ignore[misc]
        if found != 1:
            raise ValueError(f"the page has {found} places for the table {name!r} and needs one: {begin} … {end}")
    return page


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (head, ["---"] * len(head), *rows)
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _word(task: Task) -> str:
    return task.value.replace("_", " ")


def _sings(able: Capabilities) -> str:
    if not able.vocals:
        return "–"
    return "given lyrics" if able.lyrics else "yes"


def _seconds(able: Capabilities) -> str:
    return f"{able.shortest_s:g}–{able.longest_s:g}" if able.longest_s else "–"


def _takes(able: Capabilities) -> Iterable[str]:
    return (word for word, can in (("reference audio", able.reference_audio), ("a seed", able.seed)) if can)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(), catalogue()))
