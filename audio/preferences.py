"""Preferences of a person as a model: checked, with the path of what is wrong."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from domain.errors import InvalidValue

Model = TypeVar("Model", bound=BaseModel)


def checked(model: type[Model], preferences: Mapping[str, Any], path: str) -> Model:
    """`preferences` as a `model`. InvalidValue names the setting under `path` that is unknown or out of range."""
    try:
        return model.model_validate(dict(preferences))
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join([path, *map(str, first["loc"])])
        allowed = ", ".join(sorted(model.model_fields))
        hint = f"; known settings: {allowed}" if first["type"] == "extra_forbidden" else ""
        raise InvalidValue(f"{at} = {first['input']!r}: {first['msg']}{hint}") from error
