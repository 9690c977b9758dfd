"""What a page may offer by name: genres, instruments, scales and sections, as they are in the tables here.

`python -m music.glossary` writes them anew for the studio's page, which must know them before it has asked anybody.
"""

import json
from pathlib import Path
from typing import Any, Final

from domain.score import SectionKind
from domain.tonality import SCALES
from domain.vocabulary import INSTRUMENT_WORDS
from music.genres import GENRES
from music.instruments import INSTRUMENTS

PAGE: Final = Path(__file__).resolve().parents[1] / "web" / "src" / "describe" / "glossary.json"


def glossary() -> dict[str, Any]:
    """Ids with their names, and what people call them too."""
    return {
        "genres": [_entry(genre.id, genre.name, genre.words) for genre in GENRES.values()],
        "instruments": [_entry(id_, INSTRUMENTS[id_].name, words) for id_, words in INSTRUMENT_WORDS.items()],
        "scales": list(SCALES),
        "sections": [kind.value for kind in SectionKind],
    }


def _entry(id_: str, name: str, words: str) -> dict[str, Any]:
    return {"id": id_, "name": name, "words": [word for word in (w.strip() for w in words.split(",")) if word]}


def text() -> str:
    """The glossary as the file holds it: one genre or instrument a line."""
    lists = []
    for name, entries in glossary().items():
        lines = ",\n".join("    " + json.dumps(entry, ensure_ascii=False) for entry in entries)
        lists.append(f'  "{name}": [\n{lines}\n  ]')
    return "{\n" + ",\n".join(lists) + "\n}\n"


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
