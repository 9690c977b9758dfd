"""What a public song keeps to those who work on it: money, people, and what only they can do about it."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel

from api.live import Message
from domain.access import Role
from domain.steps import MediaType

View = TypeVar("View", bound=BaseModel)

HIDDEN: Mapping[str, Any] = MappingProxyType(
    {
        "owner": None,
        "parent_id": None,
        "by": "",
        "actor": "",
        "command_id": "",
        "blocked": None,
        "waiting_for": None,
        "allowed_commands": [],
        "allowed_targets": [],
        "provided": [],
        "cost": "0",
        "amount": "0",
        "spent_usd": None,
        "reserved_usd": None,
        "budget": None,
    }
)
"""Fields of views and of events' payloads, and what stands in their place."""
_LINKS = ("temporal_ui", "signals")
_WORDS: Mapping[str, str] = MappingProxyType({"reason": "", "message": ""})
"""Words of events that may tell of money and people."""


def shown(view: View, role: Role) -> View:
    """A view as somebody who is `role` to the song may see it."""
    return _hidden(view) if role is Role.PUBLIC else view


def may_have(kind: MediaType, role: Role) -> bool:
    """Whether somebody who is `role` to a song may have its files of a kind: reports tell what it cost."""
    return role is not Role.PUBLIC or kind is not MediaType.REPORT


def told(message: Message, role: Role) -> Message:
    """A message of an event stream as somebody who is `role` to the song may hear it; its number stays."""
    if role is not Role.PUBLIC or message.seq is None:
        return message
    data = json.loads(message.data)
    payload = {name: {**HIDDEN, **_WORDS}.get(name, value) for name, value in data["payload"].items()}
    return message._replace(data=json.dumps({**data, "payload": payload}))


def _hidden(view: View) -> View:
    fields = type(view).model_fields
    changed: dict[str, Any] = {name: value for name, value in HIDDEN.items() if name in fields}
    if "links" in fields:
        changed["links"] = {name: link for name, link in vars(view)["links"].items() if name not in _LINKS}
    for name in fields.keys() - changed.keys():
        value = vars(view)[name]
        if isinstance(value, BaseModel):
            changed[name] = _hidden(value)
        elif isinstance(value, list) and value and isinstance(value[0], BaseModel):
            changed[name] = [_hidden(item) for item in value]
    return view.model_copy(update=changed)
