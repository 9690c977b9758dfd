"""The time at which a row is written, where no event of the workflow gives one."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Now, in UTC with zone."""
    return datetime.now(UTC)
