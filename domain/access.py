"""Who may do what: the roles that people have in a song, and the scopes of keys."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What somebody is to a song. `PUBLIC` is anybody at all, of a song that is published."""

    PUBLIC = "public"
    VIEWER = "viewer"
    EDITOR = "editor"
    OWNER = "owner"

    def at_least(self, wanted: "Role") -> bool:
        """Whether this role may do what `wanted` may."""
        return _RANK[self] >= _RANK[wanted]


class Scope(StrEnum):
    """What a key may be used for, whatever its owner may do."""

    READ = "read"
    WRITE = "write"
    WEBHOOKS = "webhooks"
    KEYS = "keys"


ALL_SCOPES: tuple[Scope, ...] = tuple(Scope)
_RANK: Mapping[Role, int] = MappingProxyType({role: rank for rank, role in enumerate(Role)})
INVITED: tuple[Role, ...] = (Role.VIEWER, Role.EDITOR)
"""Roles that an owner can give away."""
