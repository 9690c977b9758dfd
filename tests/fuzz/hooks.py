"""What schemathesis does differently for this API."""

import uuid
from typing import Any

import schemathesis

KEY = "Idempotency-Key"


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """A valid key is a new one: two requests under one key are a mistake of the caller's, and answered 422."""
    key = (case.headers or {}).get(KEY)
    if isinstance(key, str) and 1 <= len(key) <= 64 and all("!" <= char <= "~" for char in key):
        case.headers[KEY] = uuid.uuid4().hex
