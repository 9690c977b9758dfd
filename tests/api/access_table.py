"""Who may do what: one rule for each operation of the API. A route without a rule fails the access matrix."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from domain.access import Scope


class Need(StrEnum):
    """What it takes to be let in."""

    NOTHING = "nothing"
    """Anybody at all, such as who looks whether the process lives, or holds the token in the path."""
    KEY = "key"
    """Anybody known."""
    OWN = "own"
    """What is one's own; for others it does not exist, public or not."""
    PUBLIC = "public"
    """A song that one may see: one's own, a shared one, a public one."""
    VIEWER = "viewer"
    EDITOR = "editor"
    OWNER = "owner"


@dataclass(frozen=True)
class Rule:
    """What an operation needs; `scope` is what the key must allow besides, None for nothing in particular.

    `body` is what is sent. Without a valid one, who is let in is told what is wrong with it.
    """

    need: Need
    scope: Scope | None = None
    body: Any = None


READ, WRITE, KEYS, WEBHOOKS = Scope.READ, Scope.WRITE, Scope.KEYS, Scope.WEBHOOKS
SONG = "/v1/compositions/{id}"
HOOK = "/v1/webhook-endpoints/{id}"
_PROMPT = {"prompt": "a calm ambient song with a soft piano"}
_HOOK_BODY = {"url": "https://hooks.example.org/songs"}
SEEN = Rule(Need.PUBLIC, READ)
CHANGED = Rule(Need.EDITOR, WRITE)
INSIDE = Rule(Need.VIEWER, READ)
HOOK_READ = Rule(Need.OWN, WEBHOOKS)

RULES: Mapping[tuple[str, str], Rule] = MappingProxyType(
    {
        # operations
        ("GET", "/openapi.json"): Rule(Need.NOTHING),
        ("GET", "/docs"): Rule(Need.NOTHING),
        ("GET", "/docs/oauth2-redirect"): Rule(Need.NOTHING),
        ("GET", "/livez"): Rule(Need.NOTHING),
        ("GET", "/readyz"): Rule(Need.NOTHING),
        ("GET", "/metrics"): Rule(Need.NOTHING),
        ("GET", "/problems/{code}"): Rule(Need.NOTHING),
        # songs
        ("POST", "/v1/compositions"): Rule(Need.KEY, WRITE, _PROMPT),
        ("GET", "/v1/compositions"): Rule(Need.KEY, READ),
        ("GET", SONG): SEEN,
        ("PATCH", SONG): Rule(Need.EDITOR, WRITE, {"title": "Another"}),
        ("DELETE", SONG): Rule(Need.OWNER, WRITE),
        ("POST", f"{SONG}/restoration"): Rule(Need.OWN, WRITE),
        ("GET", f"{SONG}/status"): SEEN,
        ("GET", f"{SONG}/history"): SEEN,
        ("GET", f"{SONG}/stages/{{stage}}"): SEEN,
        ("GET", f"{SONG}/media"): SEEN,
        ("GET", f"{SONG}/enhancements"): SEEN,
        ("GET", f"{SONG}/provider-tasks"): INSIDE,
        ("GET", f"{SONG}/events"): SEEN,
        ("WS", "/v1/ws/compositions/{id}"): SEEN,
        ("GET", f"{SONG}/sketch"): SEEN,
        ("GET", f"{SONG}/download"): SEEN,
        ("GET", f"{SONG}/score.svg"): SEEN,
        ("GET", f"{SONG}/score/timemap.json"): SEEN,
        ("GET", f"{SONG}/peaks.json"): SEEN,
        ("GET", f"{SONG}/loudness.json"): SEEN,
        ("GET", f"{SONG}/waveform.png"): SEEN,
        ("GET", f"{SONG}/spectrogram.png"): SEEN,
        ("GET", f"{SONG}/signals"): Rule(Need.EDITOR, READ),
        # commands
        ("POST", f"{SONG}/advances"): CHANGED,
        ("POST", f"{SONG}/revisions"): Rule(Need.EDITOR, WRITE, {"changes": {"musical.tempo": 90}}),
        ("POST", f"{SONG}/reversions"): Rule(Need.EDITOR, WRITE, {"stage": "mixing", "revision": 1}),
        ("POST", f"{SONG}/holds"): CHANGED,
        ("POST", f"{SONG}/resumptions"): CHANGED,
        ("POST", f"{SONG}/retries"): CHANGED,
        ("POST", f"{SONG}/cancellations"): CHANGED,
        ("POST", f"{SONG}/review-settings"): Rule(Need.EDITOR, WRITE, {"review": "none"}),
        ("POST", f"{SONG}/takes/{{take}}/choice"): CHANGED,
        ("POST", f"{SONG}/enhancements/{{enhancement}}/acceptance"): CHANGED,
        ("POST", f"{SONG}/enhancements/{{enhancement}}/rejection"): CHANGED,
        # versions
        ("POST", f"{SONG}/branches"): CHANGED,
        ("GET", f"{SONG}/versions"): SEEN,
        ("PUT", f"{SONG}/versions/main"): Rule(Need.OWNER, WRITE),
        ("GET", f"{SONG}/revisions"): SEEN,
        ("GET", f"{SONG}/takes"): SEEN,
        ("GET", f"{SONG}/comparison"): SEEN,
        # people
        ("GET", f"{SONG}/collaborators"): INSIDE,
        ("POST", f"{SONG}/collaborators"): Rule(Need.OWNER, WRITE, {"role": "viewer"}),
        ("PATCH", f"{SONG}/collaborators/{{user}}"): Rule(Need.OWNER, WRITE, {"role": "viewer"}),
        # Those who are inside may leave; that they may not remove others is tried in test_api_collaborators.
        ("DELETE", f"{SONG}/collaborators/{{user}}"): Rule(Need.OWNER, WRITE),
        ("GET", f"{SONG}/invitations"): Rule(Need.OWNER, READ),
        ("GET", f"{SONG}/invitations/{{invitation}}"): Rule(Need.OWNER, READ),
        ("DELETE", f"{SONG}/invitations/{{invitation}}"): Rule(Need.OWNER, WRITE),
        ("GET", "/v1/invitations/{token}"): Rule(Need.NOTHING),
        ("POST", "/v1/invitations/{token}/acceptance"): Rule(Need.KEY, WRITE),
        # access
        ("GET", "/v1/me"): Rule(Need.KEY, READ),
        ("PATCH", "/v1/me"): Rule(Need.KEY, WRITE, {"name": "Ada"}),
        ("DELETE", "/v1/me"): Rule(Need.KEY, WRITE),
        ("GET", "/v1/me/export"): Rule(Need.KEY, READ),
        ("GET", "/v1/me/erasure"): Rule(Need.KEY, READ),
        ("GET", "/v1/api-keys"): Rule(Need.KEY, KEYS),
        ("POST", "/v1/api-keys"): Rule(Need.KEY, KEYS, {"name": "another", "scopes": ["keys"]}),
        ("GET", "/v1/api-keys/{key_id}"): Rule(Need.OWN, KEYS),
        ("DELETE", "/v1/api-keys/{key_id}"): Rule(Need.OWN, KEYS),
        ("POST", "/v1/sessions"): Rule(Need.KEY),
        ("GET", "/v1/sessions/current"): Rule(Need.KEY),
        ("DELETE", "/v1/sessions"): Rule(Need.NOTHING),
        # files, and what else a caller has
        ("GET", "/v1/media/{hash}/content"): SEEN,
        ("HEAD", "/v1/media/{hash}/content"): SEEN,
        ("POST", "/v1/references"): Rule(Need.KEY, WRITE),
        ("GET", "/v1/references/{hash}"): Rule(Need.OWN, READ),
        ("POST", "/v1/prompts/enhance"): Rule(Need.KEY, WRITE, _PROMPT),
        ("GET", "/v1/instructions/reading"): Rule(Need.KEY, READ),
        ("GET", "/v1/providers"): Rule(Need.KEY, READ),
        ("POST", "/v1/provider-callbacks/{provider}/{token}"): Rule(Need.NOTHING),
        # webhooks
        ("GET", "/v1/webhook-endpoints"): Rule(Need.KEY, WEBHOOKS),
        ("POST", "/v1/webhook-endpoints"): Rule(Need.KEY, WEBHOOKS, _HOOK_BODY),
        ("GET", HOOK): HOOK_READ,
        ("PATCH", HOOK): Rule(Need.OWN, WEBHOOKS, {"description": "Another"}),
        ("DELETE", HOOK): HOOK_READ,
        ("POST", f"{HOOK}/secret-rotations"): HOOK_READ,
        ("POST", f"{HOOK}/tests"): HOOK_READ,
        ("GET", f"{HOOK}/deliveries"): HOOK_READ,
        ("GET", f"{HOOK}/deliveries/{{delivery}}"): HOOK_READ,
        ("POST", f"{HOOK}/deliveries/{{delivery}}/replays"): HOOK_READ,
    }
)
