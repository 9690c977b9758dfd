"""The program that engraves a song's MusicXML on demand: `python -m music.scorepages FILE FOLDER`.

Into FOLDER go `page-1.svg`, `page-2.svg`, … and `timemap.json`, which tells a player's cursor which notes sound when:
`[{"tstamp": ms, "qstamp": quarters, "on": [ids], "off": [ids]}, …]` with the ids of the pages' elements. One JSON
object on standard output says whether, or why not.
"""

import json
import sys
from pathlib import Path

from domain.errors import SostenutoError
from music.engraving import engrave_all


def main(arguments: list[str]) -> int:
    """Print the answer; 0 unless this program itself is broken."""
    folder = Path(arguments[1])
    try:
        pages, timemap = engrave_all(Path(arguments[0]).read_bytes())
        for number, page in enumerate(pages, start=1):
            (folder / f"page-{number}.svg").write_text(page, encoding="utf-8")
        (folder / "timemap.json").write_text(json.dumps(timemap, separators=(",", ":")))
        answer: dict[str, object] = {"ok": True}
    except SostenutoError as error:
        answer = {"ok": False, "code": error.code, "message": error.message}
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
