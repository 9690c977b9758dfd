"""The client's calls about what stands around a song: versions, people, access, webhooks, prompts."""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel

from domain.access import Role, Scope
from domain.stages import Stage
from sostenuto import resource_answers as answers
from sostenuto.answers import SongSummary

Model = TypeVar("Model", bound=BaseModel)


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


class Resources(ABC):
    """Mixed into the client, which sends and reads. Errors are those of `domain.errors`, as everywhere in it."""

    @abstractmethod
    def _call(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Send a request; the answer, or what it refuses as one of `domain.errors`."""

    @abstractmethod
    def _parse(self, model: type[Model], response: httpx.Response) -> Model:
        """What an answer says, as `model`."""

    def _get(self, model: type[Model], path: str, **params: Any) -> Model:
        return self._parse(model, self._call("GET", path, params=_given(**params)))

    def _post(self, model: type[Model], path: str, body: Mapping[str, Any] | None = None) -> Model:
        """A POST under a new idempotency key, so that it can be tried again."""
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        return self._parse(model, self._call("POST", path, json=dict(body or {}), headers=headers))

    def edit(
        self, song_id: str, *, title: str | None = None, is_public: bool | None = None, if_match: str | None = None
    ) -> SongSummary:
        """Rename or publish a song. With `if_match`, an ETag, only if it is still as seen (Conflict)."""
        headers = _given(**{"If-Match": if_match})
        body = _given(title=title, is_public=is_public)
        return self._parse(SongSummary, self._call("PATCH", _song(song_id), json=body, headers=headers))

    def archive(self, song_id: str) -> None:
        """Put a song into the archive; `restore` brings it back while its files are kept."""
        self._call("DELETE", _song(song_id))

    def restore(self, song_id: str) -> SongSummary:
        """Take a song out of the archive. Raises Conflict once its files are removed."""
        return self._post(SongSummary, f"{_song(song_id)}/restoration")

    def history(self, song_id: str, *, limit: int = 100, before: int | None = None) -> answers.TransitionPage:
        """Recorded steps along the stages, the newest first."""
        return self._get(answers.TransitionPage, f"{_song(song_id)}/history", limit=limit, before=before)

    def enhancements(self, song_id: str) -> tuple[answers.EnhancementAnswer, ...]:
        """What became of the prompt, newest first."""
        return self._get(answers.EnhancementPage, f"{_song(song_id)}/enhancements").items

    def provider_tasks(self, song_id: str) -> tuple[answers.ProviderCall, ...]:
        """Calls of outside providers and their money, oldest first."""
        return self._get(answers.ProviderCalls, f"{_song(song_id)}/provider-tasks").items

    def branch(
        self,
        song_id: str,
        *,
        stage: Stage | None = None,
        revision: int | None = None,
        title: str | None = None,
        changes: Mapping[str, Any] | None = None,
        instruction: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> SongSummary:
        """A new version from a stage and revision; with changes it goes on by itself, else it waits."""
        body = _given(
            stage=stage, revision=revision, title=title, changes=changes, instruction=instruction, settings=settings
        )
        return self._post(SongSummary, f"{_song(song_id)}/branches", body)

    def versions(self, song_id: str) -> tuple[answers.Version, ...]:
        """Every version of the song's family."""
        return self._get(answers.Versions, f"{_song(song_id)}/versions").items

    def set_main(self, song_id: str) -> tuple[answers.Version, ...]:
        """Make a song the version of its family that counts."""
        response = self._call("PUT", f"{_song(song_id)}/versions/main", json={"composition_id": song_id})
        return self._parse(answers.Versions, response).items

    def revisions(self, song_id: str, *, stage: Stage | None = None) -> tuple[answers.Revision, ...]:
        """Results of the stages."""
        return self._get(answers.Revisions, f"{_song(song_id)}/revisions", stage=stage).items

    def takes(self, song_id: str, *, stage: Stage | None = None) -> tuple[answers.Take, ...]:
        """Candidates of a stage, the current one where none is named."""
        return self._get(answers.Takes, f"{_song(song_id)}/takes", stage=stage).items

    def compare(
        self,
        song_id: str,
        *,
        other: str | None = None,
        stage: Stage | None = None,
        revision: int | None = None,
        other_stage: Stage | None = None,
        other_revision: int | None = None,
    ) -> answers.Comparison:
        """What differs between two results of a song, or of it and `other`. Raises Conflict where one is missing."""
        params = {"with": other, "stage": stage, "revision": revision}
        params |= {"with_stage": other_stage, "with_revision": other_revision}
        return self._get(answers.Comparison, f"{_song(song_id)}/comparison", **params)

    def signals(self, song_id: str) -> answers.Signals:
        """Ready commands for other systems, as the song takes them now."""
        return self._get(answers.Signals, f"{_song(song_id)}/signals")

    def collaborators(self, song_id: str) -> tuple[answers.Person, ...]:
        """Who works on a song."""
        return self._get(answers.People, f"{_song(song_id)}/collaborators").items

    def invite(self, song_id: str, *, role: Role = Role.VIEWER, email: str | None = None) -> answers.Invitation:
        """Invite somebody; the answer's `token` is shown this once."""
        return self._post(answers.Invitation, f"{_song(song_id)}/collaborators", _given(role=role, email=email))

    def accept_invitation(self, token: str, *, name: str | None = None) -> answers.Joined:
        """Join a song. Raises Conflict for one's own song."""
        return self._post(answers.Joined, f"/v1/invitations/{token}/acceptance", _given(name=name))

    def change_role(self, song_id: str, user: str, role: Role) -> answers.Person:
        """Make a collaborator an editor or a viewer."""
        response = self._call("PATCH", f"{_song(song_id)}/collaborators/{user}", json={"role": role})
        return self._parse(answers.Person, response)

    def remove_collaborator(self, song_id: str, user: str) -> None:
        """End somebody's work on a song."""
        self._call("DELETE", f"{_song(song_id)}/collaborators/{user}")

    def enhance_prompt(self, prompt: str, *, level: str | None = None) -> answers.EnhancedPrompt:
        """Try what a prompt would become, without a song."""
        settings = {"enhancement": {"level": level}} if level else None
        return self._post(answers.EnhancedPrompt, "/v1/prompts/enhance", _given(prompt=prompt, settings=settings))

    def me(self) -> answers.Me:
        """Who the caller is."""
        return self._get(answers.Me, "/v1/me")

    def api_keys(self) -> tuple[answers.Key, ...]:
        """The newest API keys of the caller."""
        return self._get(answers.KeyPage, "/v1/api-keys", limit=200).items

    def issue_api_key(self, name: str, *, scopes: Sequence[Scope | str] | None = None) -> answers.Key:
        """A new API key; `key` in the answer is shown this once."""
        return self._post(answers.Key, "/v1/api-keys", _given(name=name, scopes=scopes))

    def revoke_api_key(self, key_id: str) -> None:
        """End a key and the sessions that were opened with it."""
        self._call("DELETE", f"/v1/api-keys/{key_id}")

    def webhook_endpoints(self) -> tuple[answers.WebhookEndpoint, ...]:
        """Where the caller's events are sent."""
        return self._get(answers.WebhookEndpoints, "/v1/webhook-endpoints").items

    def add_webhook_endpoint(
        self, url: str, *, event_types: Sequence[str] = (), description: str = ""
    ) -> answers.WebhookEndpoint:
        """Send events to a URL, all types where none is named; `secret` in the answer is shown this once."""
        body = {"url": url, "event_types": list(event_types), "description": description}
        return self._post(answers.WebhookEndpoint, "/v1/webhook-endpoints", body)

    def remove_webhook_endpoint(self, endpoint_id: str) -> None:
        """Send nothing there any more."""
        self._call("DELETE", f"/v1/webhook-endpoints/{endpoint_id}")

    def webhook_deliveries(self, endpoint_id: str, *, cursor: str | None = None) -> answers.DeliveryPage:
        """The log of an endpoint, newest first."""
        return self._get(answers.DeliveryPage, f"/v1/webhook-endpoints/{endpoint_id}/deliveries", cursor=cursor)

    def replay_delivery(self, endpoint_id: str, delivery_id: str) -> answers.Delivery:
        """Send a delivery that is over once more."""
        return self._post(answers.Delivery, f"/v1/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}/replays")


def _song(song_id: str) -> str:
    return f"/v1/compositions/{song_id}"
