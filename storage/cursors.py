"""Places in lists that go by time and id, as text that callers hand back (keyset pagination).

A cursor may carry what was asked for, so that nobody goes on with it in a list of other things.
"""

import base64
import json
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, literal, tuple_
from sqlalchemy.orm import Mapped

from domain.errors import InvalidInput
from storage.columns import UtcDateTime, clean_text


def write_cursor(time: datetime, id_: str, asked: str = "") -> str:
    """The place of the last row that was shown; `time` has a zone."""
    place = json.dumps([time.isoformat(), id_, asked])
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def read_cursor(cursor: str, asked: str = "") -> tuple[datetime, str]:
    """Time and id of a place. InvalidInput for text that `write_cursor` never wrote, or wrote in another list."""
    try:
        place: Any = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        time, id_, before = datetime.fromisoformat(place[0]), clean_text(place[1]), str(place[2])
        if time.tzinfo is None:
            raise ValueError("no zone")
    except (ValueError, TypeError, AttributeError, LookupError):
        raise InvalidInput("the cursor is none of ours: pass next_cursor of the last answer, or none") from None
    if before != asked:
        raise InvalidInput("the cursor belongs to a list with other filters: ask for its next page as for its first")
    return time, id_


def older(times: Mapped[datetime], ids: Mapped[str], place: tuple[datetime, str]) -> ColumnElement[bool]:
    """What comes after a place in a list with the newest first."""
    time, id_ = place
    # As one comparison: an index on both leads straight to the place, however deep in the list it is.
    return tuple_(times, ids) < tuple_(literal(time, UtcDateTime()), id_)
