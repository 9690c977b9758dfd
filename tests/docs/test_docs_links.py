"""What the documentation points to is there."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, anchors, inline_code, links

# A file of the checkout, named in running text: a folder with its slash, or a name with one of these endings.
NAMED = re.compile(r"^[\w.-][\w./-]*(/|\.(py|md|toml|yml|sh|txt|lock))$")
# Files that people or the program make; they are in no checkout.
MADE = {
    "stems/", "songs/", "logs/", ".venv/", ".venv-bootstrap/", "sostenuto.toml", "quieter/", "chords.txt",
    ".venv-ears/",
    ".venv-peers/",
}  # fmt: skip

named_pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@named_pages
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        file = page.parent / target if target else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(link)
    assert not broken


@named_pages
def test_named_files_are_there(page: Path) -> None:
    named = {code for code in inline_code(page) if NAMED.match(code)} - MADE
    assert not {name for name in named if not (ROOT / name).exists() and not (page.parent / name).exists()}


def test_the_index_lists_every_page() -> None:
    index = ROOT / "docs" / "README.md"
    listed = {(index.parent / link).resolve() for link in links(index)}
    pages = set((ROOT / "docs").glob("*.md")) - {index}
    assert not pages - listed


def test_pictures_are_small_and_shown() -> None:
    pictures = set((ROOT / "docs" / "pictures").iterdir())
    shown = {(page.parent / link).resolve() for page in PAGES for link in links(page)}
    assert not pictures - shown
    assert not {picture.name for picture in pictures if picture.stat().st_size > 150_000}
