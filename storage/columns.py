"""Column types that behave the same on SQLite and on PostgreSQL."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Numeric, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import SQLModel

E = TypeVar("E", bound=StrEnum)

# Unnamed constraints cannot be altered later, least of all on SQLite.
NAMING: Mapping[str, str] = MappingProxyType(
    {
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

SQLModel.metadata.naming_convention = dict(NAMING)

ID = String(64)
HASH = String(64)


def clean_text(text: str) -> str:
    """`text` without what no database keeps: NUL becomes U+FFFD, a lone surrogate a question mark."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def clean_json(value: Any) -> Any:
    """A JSON value that PostgreSQL accepts as well: clean strings, and null for numbers that are not finite."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {clean_text(str(key)): clean_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean_json(item) for item in value]
    return value


class Json(TypeDecorator[Any]):
    """A JSON value, JSONB on PostgreSQL; cleaned, since one odd character must not stop a song's projection."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """JSONB on PostgreSQL, JSON elsewhere."""
        kind = JSONB if dialect.name == "postgresql" else JSON
        return dialect.type_descriptor(kind(none_as_null=True))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """The value, cleaned."""
        return clean_json(value)


class Words(TypeDecorator[str]):
    """Text that people or other programs wrote, of any length; cleaned on the way in."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text, cleaned."""
        return None if value is None else clean_text(value)


class Line(TypeDecorator[str]):
    """Text that people or other programs wrote, cleaned and cut to `length` characters on the way in."""

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text, cleaned and cut."""
        return None if value is None else clean_text(value)[: self.length]


OWNER = Line(200)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, in UTC both ways; SQLite alone would forget the zone. A naive time raises ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse what has no zone, store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone: times are stored in UTC")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """An aware time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Name(TypeDecorator[E], Generic[E]):
    """A member of a StrEnum, stored as its value in a string of at most 32 characters."""

    impl = String(32)
    cache_ok = True

    def __init__(self, members: type[E]) -> None:
        super().__init__()
        self.members = members

    def process_bind_param(self, value: E | str | None, dialect: Dialect) -> str | None:
        """The value of the member; ValueError for a string that is none."""
        return None if value is None else self.members(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> E | None:
        """The member."""
        return None if value is None else self.members(value)


class Money(TypeDecorator[Decimal]):
    """An exact amount with six decimals; SQLite, which knows only floats, keeps it as text."""

    impl = Numeric(18, 6)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """NUMERIC(18, 6), on SQLite VARCHAR(32)."""
        return dialect.type_descriptor(String(32) if dialect.name == "sqlite" else Numeric(18, 6))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """An exact amount in the form that the database keeps."""
        if value is None or dialect.name != "sqlite":
            return value
        return str(Decimal(value).quantize(Decimal("0.000001")))

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """A Decimal."""
        return None if value is None else Decimal(value)


class _Total(TypeDecorator[Decimal]):
    """What `money_sum` gives: millionths on SQLite, NUMERIC on PostgreSQL, nothing where there was no row."""

    impl = Numeric(38, 6)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """BIGINT on SQLite, NUMERIC elsewhere."""
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else Numeric(38, 6))

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal:
        """The total, 0 for no rows."""
        total = Decimal(value or 0)
        return total.scaleb(-6) if dialect.name == "sqlite" else total


class money_sum(FunctionElement[Decimal]):  # noqa: N801  (an SQL function)
    """The exact sum of a Money column; SUM alone would turn SQLite's text into floats."""

    type = _Total()
    inherit_cache = True


@compiles(money_sum)
def _sum(element: Any, compiler: Any, **options: Any) -> str:
    return f"sum({compiler.process(element.clauses, **options)})"


@compiles(money_sum, "sqlite")
def _sum_of_millionths(element: Any, compiler: Any, **options: Any) -> str:
    # Every amount is written with six decimals, so that without its point it counts millionths.
    return f"sum(cast(replace({compiler.process(element.clauses, **options)}, '.', '') AS INTEGER))"
