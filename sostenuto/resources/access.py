"""Who the caller is: name, limits, API keys; everything of theirs to take along, or to have erased."""

from collections.abc import Sequence
from datetime import datetime

from domain.access import Scope
from sostenuto import resource_answers as answers
from sostenuto.resources.asking import Asking, Target, given

_KEYS_AT_ONCE = 200


class Access(Asking):
    """Calls about the caller and their keys."""

    def me(self) -> answers.Me:
        """Who the caller is, what their key allows, their limits and what is used of them."""
        return self._get(answers.Me, "/v1/me")

    def rename_me(self, name: str) -> answers.Me:
        """The name by which others who work on a song see the caller: one line of at most 255 characters."""
        return self._patch(answers.Me, "/v1/me", {"name": name})

    def export(self, target: Target) -> int:
        """Write everything of the caller's to `target` as a zip, as it arrives; its size in bytes.

        Its last file, `manifest.json`, has every SHA-256. ServerUnavailable where the connection ends before that; what
        came until then is left in `target`, and is no whole zip.
        """
        return self._file("/v1/me/export", target)

    def erase_me(self, *, confirm: str) -> answers.Erasure:
        """Erase everything of the caller's for ever: songs, files that nobody else's song shares, uploads, keys.

        `confirm` is `me().owner`; anything else is InvalidInput. Issued keys end at once, so that a later call with one
        is AccessRefused, and so is this one where its answer was lost. With another key of the same owner `erasure`
        tells how it stands.
        """
        response = self._call("DELETE", "/v1/me", json={"confirm": confirm})
        return self._parse(answers.Erasure, response)

    def erasure(self) -> answers.Erasure:
        """How the erasure of everything of the caller's stands."""
        return self._get(answers.Erasure, "/v1/me/erasure")

    def api_keys(self) -> tuple[answers.Key, ...]:
        """Every API key of the caller, the newest first, revoked ones too."""
        found: list[answers.Key] = []
        cursor: str | None = None
        while True:
            page = self._get(answers.KeyPage, "/v1/api-keys", limit=_KEYS_AT_ONCE, cursor=cursor)
            found += page.items
            cursor = page.next_cursor
            if cursor is None:
                return tuple(found)

    def api_key(self, key_id: str) -> answers.Key:
        """One API key of the caller. Raises NotFound."""
        return self._get(answers.Key, f"/v1/api-keys/{key_id}")

    def issue_api_key(
        self, name: str, *, scopes: Sequence[Scope | str] | None = None, expires_at: datetime | None = None
    ) -> answers.Key:
        """A new API key; `key` in the answer is shown this once. It can do no more than the caller's own.

        `expires_at` has a time zone. Where the answer was lost and the call is repeated, `key` is None: revoke it by
        its `id` and issue another.
        """
        ends = expires_at.isoformat() if expires_at else None
        body = given(name=name, scopes=list(scopes) if scopes is not None else None, expires_at=ends)
        return self._post(answers.Key, "/v1/api-keys", body)

    def revoke_api_key(self, key_id: str) -> None:
        """End a key and the sessions that were opened with it."""
        self._call("DELETE", f"/v1/api-keys/{key_id}")
