"""What a person may say about the recording itself: who it is by, its code, a comment."""

import re
from collections.abc import Mapping
from typing import Any

TAG_LENGTHS: Mapping[str, int] = {"artist": 255, "isrc": 15, "comment": 2000}
"""`creative.preferences.tags`: its names, and how many characters each may have."""

_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")


def isrc(text: str) -> str:
    """An ISRC in the form that files hold, twelve characters ("AA-6Q7-20-00047" gives "AA6Q72000047").

    ISO 3901: two letters, three letters or digits, the year's two digits, five digits. ValueError for anything else.
    """
    code = re.sub(r"[\s-]", "", text).upper()
    if not _ISRC.fullmatch(code):
        raise ValueError(
            f"{text!r} is no ISRC: it has two letters, three letters or digits, two digits of the year and five digits,"
            " such as AA-6Q7-20-00047; leave it out when the recording has none"
        )
    return code


def check_tags(value: Any) -> None:
    """Raise ValueError unless `value` can stand at `creative.preferences.tags`."""
    if not isinstance(value, Mapping):
        raise ValueError(f"tags is a map with {', '.join(TAG_LENGTHS)}, got {value!r}")
    for name, text in value.items():
        if name not in TAG_LENGTHS:
            raise ValueError(f"tags holds {', '.join(TAG_LENGTHS)}, and no {name!r}")
        if text is None:
            continue
        if not isinstance(text, str) or len(text) > TAG_LENGTHS[name]:
            raise ValueError(f"tags.{name} is a text of at most {TAG_LENGTHS[name]} characters")
        if name == "isrc":
            isrc(text)
