"""Rows of songs as the database gives them: stamps for lists, few columns for a song in a list, all for one alone."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import ColumnElement, DateTime, Row, String, Text, and_, bindparam, cast, select, type_coerce
from sqlmodel import col

from storage.columns import Json, Name, UtcDateTime, money_sum
from storage.records import Collaborator, Composition, ContextRow, ProviderTask

Stamped = Row[Any]
"""A song's place in a list (`id`, `owner`, `updated_at`) and its `stamp_of`, its fields by name."""
Listed = Row[Any]
"""A `Stamped` with all else that a list shows; times and JSON as they came."""
Detailed = Row[Any]
"""A row with all columns: hashable, so that what is made of it can be kept. Beside the columns `place` (the reader's
role in the song, if it is shared with them), what was `settled` and is `reserved` of its money, and `kept_documents`
with `kept_context`, see storage.contexts."""

_PLACED: Final = ("id", "owner")
_STAMP: Final = ("updated_at", "last_seq", "edition", "started")
_STAMPED: Final = (*_PLACED, *_STAMP)
# Half of a row's bytes, which no list shows.
_LEFT_OUT: Final = ("settings", "stage_data")
_ALL: Final = tuple(Composition.__table__.columns)  # type: ignore[attr-defined]
# What a stamp is made of comes first, and where it does in a `Stamped`.
_COLUMNS: Final = (
    *(Composition.__table__.columns[name] for name in _STAMPED),  # type: ignore[attr-defined]
    *(column for column in _ALL if column.name not in (*_STAMPED, *_LEFT_OUT)),
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


_LISTED: Final = tuple(_unread(column).label(column.name) for column in _COLUMNS)
STAMPED: Final = _LISTED[: len(_STAMPED)]
"""What to select for a `Stamped`, a tenth of the bytes of a `Listed`."""
BY_IDS: Final = select(*_LISTED).where(col(Composition.id).in_(bindparam("songs", expanding=True)))
"""The `Listed` rows of `songs`."""


def stamp_of(row: Stamped | Listed) -> tuple[Any, ...]:
    """What is another whenever the song looks different in a list.

    What its workflow does counts `last_seq` up, what is changed beside it `edition`; `started` tells by itself.
    """
    return row[len(_PLACED) : len(_STAMPED)]


def _calls(amount: Any) -> Any:
    mine = col(ProviderTask.composition_id) == col(Composition.id)
    return select(money_sum(amount)).where(mine).scalar_subquery()


_PLACE: Final = and_(
    col(Collaborator.composition_id) == col(Composition.id), col(Collaborator.user_id) == bindparam("reader")
)
DETAIL: Final = (
    select(
        *(_unread(column).label(column.name) for column in _ALL),
        type_coerce(col(Collaborator.role), String()).label("place"),
        _calls(col(ProviderTask.cost)).label("settled"),
        _calls(col(ProviderTask.reserved)).label("reserved"),
        col(ContextRow.documents).label("kept_documents"),
        col(ContextRow.context).label("kept_context"),
    )
    .select_from(Composition)
    .outerjoin(Collaborator, _PLACE)
    .outerjoin(ContextRow, col(ContextRow.composition_id) == col(Composition.id))
    .where(col(Composition.id) == bindparam("song"))
)
"""The `Detailed` of `song` as `reader` may need it ("": somebody unknown), in one trip to the database."""


def listed_song(row: Listed) -> Composition:
    """The song of a row, without settings and stage data."""
    return _song(_COLUMNS, row)


def detailed_song(row: Detailed) -> Composition:
    """The song of a row, with everything."""
    return _song(_ALL, row)


def _song(columns: Sequence[Any], row: Row[Any]) -> Composition:
    # What comes after the song's columns is no part of it.
    values = zip(columns, row, strict=False)
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
