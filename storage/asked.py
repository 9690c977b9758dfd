"""Many songs as one parameter of a query: the statement is the same however many there are, and is prepared once."""

import json
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Integer, String, TableValuedAlias, bindparam, cast, func
from sqlalchemy.dialects.postgresql import JSONB

_GIVEN: Final = "asked_songs"


def asked_songs(*, postgres: bool) -> tuple[TableValuedAlias, Any, Any]:
    """A table of songs to join with, its column of ids, and that of a number for each. See `given`."""
    text = bindparam(_GIVEN, type_=String())
    called = func.jsonb_each_text(cast(text, JSONB)) if postgres else func.json_each(text)
    table = called.table_valued("key", "value")
    return table, table.c.key, cast(table.c.value, Integer)


def given(songs: Mapping[str, int]) -> dict[str, str]:
    """The parameter that stands for these songs."""
    return {_GIVEN: json.dumps(songs)}
