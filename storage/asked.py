"""Many rows as one parameter of a query: the statement is the same however many there are, and is prepared once."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Integer, String, TableValuedAlias, bindparam, cast, func
from sqlalchemy.dialects.postgresql import JSONB

_GIVEN: Final = "asked_rows"


def asked_rows(*, postgres: bool) -> tuple[TableValuedAlias, Any, Any]:
    """A table to join with, its column of ids, and that of a number for each. See `given`."""
    text = bindparam(_GIVEN, type_=String())
    called = func.jsonb_each_text(cast(text, JSONB)) if postgres else func.json_each(text)
    table = called.table_valued("key", "value")
    return table, table.c.key, cast(table.c.value, Integer)


def given(rows: Mapping[str, int] | Iterable[str]) -> dict[str, str]:
    """The parameter that stands for these ids; those without a number have 0."""
    numbered = rows if isinstance(rows, Mapping) else dict.fromkeys(rows, 0)
    return {_GIVEN: json.dumps(numbered)}
