"""Rows of songs as lists read them: few columns, as the database gives them, so that equal rows are equal values."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import ColumnElement, DateTime, Row, String, Text, cast, type_coerce

from storage.columns import Json, Name, UtcDateTime
from storage.records import Composition

Listed = Row[Any]
"""A song's row: hashable, so that what is made of it can be kept; its fields by name, times and JSON as they came."""

# Half of a row's bytes, which no list shows.
_LEFT_OUT: Final = ("settings", "stage_data")
_COLUMNS: Final = tuple(
    column
    for column in Composition.__table__.columns  # type: ignore[attr-defined]
    if column.name not in _LEFT_OUT
)
_UNREAD: Final[Mapping[type, Callable[[Any], ColumnElement[Any]]]] = MappingProxyType(
    {
        Json: lambda column: cast(column, Text),
        Name: lambda column: type_coerce(column, String()),
        UtcDateTime: lambda column: type_coerce(column, DateTime(timezone=True)),
    }
)
"""Columns without our reading of them, which takes longer than fetching them."""


def _unread(column: ColumnElement[Any]) -> ColumnElement[Any]:
    change = _UNREAD.get(type(column.type))
    return change(column) if change else column


LISTED: Final = tuple(_unread(column).label(column.name) for column in _COLUMNS)
"""What to select for a `Listed`."""


def listed_song(row: Listed) -> Composition:
    """The song of a row, without settings and stage data."""
    values = zip(_COLUMNS, row, strict=True)
    return Composition(**{column.name: _read(column.type, value) for column, value in values})


def changed_at(row: Listed) -> datetime:
    """When the song of a row was changed last, in UTC."""
    found: datetime = _read(UtcDateTime(), row.updated_at)
    return found


def _read(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, Json):
        return json.loads(value)
    return kind.process_result_value(value, None) if type(kind) in _UNREAD else value
