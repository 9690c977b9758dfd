"""Numbers and truth values as JSON has them: no text that looks like a number, no number that looks like a truth."""

from typing import Annotated

from pydantic import BeforeValidator, StrictBool


def _number(value: object) -> object:
    if isinstance(value, bool | str | bytes):
        raise ValueError("this is a number in JSON")
    return value


Whole = Annotated[int, BeforeValidator(_number)]
"""A whole number; 5.0 is one, "5" and true are none."""
Number = Annotated[float, BeforeValidator(_number)]
"""A number; "5" and true are none."""
Truth = StrictBool
"""true or false; 0, 1 and words are neither."""
