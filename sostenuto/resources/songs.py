"""What a song is called and who may see it, what became of its stages, and its way into the archive and out of it."""

from domain.stages import Stage
from sostenuto import resource_answers as answers
from sostenuto.answers import SongSummary
from sostenuto.resources.asking import Asking, given, song_path


class Songs(Asking):
    """Calls about one song. All raise NotFound for a song that is not there, or not the caller's to see."""

    def edit(
        self, song_id: str, *, title: str | None = None, is_public: bool | None = None, if_match: str | None = None
    ) -> SongSummary:
        """Rename or publish a song. With `if_match`, an ETag, only if it is still as seen (Conflict).

        Where the answer was lost and the call is repeated, what it changed itself is such a Conflict.
        """
        headers = given(**{"If-Match": if_match})
        body = given(title=title, is_public=is_public)
        return self._parse_seen(SongSummary, self._call("PATCH", song_path(song_id), json=body, headers=headers))

    def archive(self, song_id: str, *, if_match: str | None = None) -> None:
        """Put a song into the archive; `restore` brings it back while its files are kept. `if_match` as in `edit`."""
        self._call("DELETE", song_path(song_id), headers=given(**{"If-Match": if_match}))

    def restore(self, song_id: str) -> SongSummary:
        """Take a song out of the archive. Raises Conflict once its files are removed."""
        return self._post(SongSummary, f"{song_path(song_id)}/restoration")

    def erase(self, song_id: str, *, if_match: str | None = None) -> answers.Erasure:
        """Erase an archived song for ever: history, rows, files that no other song shares, within some hours.

        Raises Conflict for a song that is not in the archive. `if_match` as in `edit`.
        """
        headers = given(**{"If-Match": if_match})
        response = self._call("DELETE", song_path(song_id), params={"erase": "true"}, headers=headers)
        # A repetition after a lost answer may find nothing of the song any more.
        return self._parse(answers.Erasure, response) if response.is_success else answers.Erasure(state="done")

    def stage(self, song_id: str, stage: Stage) -> answers.StageDetail:
        """One stage: what it needs, what it made and measured, what it decided and why, who was asked for it."""
        return self._get(answers.StageDetail, f"{song_path(song_id)}/stages/{stage}")

    def history(self, song_id: str, *, limit: int = 100, before: int | None = None) -> answers.TransitionPage:
        """Recorded steps along the stages, the newest first; `before` a number only, at most `limit` (1 to 500)."""
        return self._get(answers.TransitionPage, f"{song_path(song_id)}/history", limit=limit, before=before)

    def enhancements(self, song_id: str) -> tuple[answers.EnhancementAnswer, ...]:
        """What became of the prompt, newest first."""
        return self._get(answers.EnhancementPage, f"{song_path(song_id)}/enhancements").items

    def provider_tasks(self, song_id: str) -> tuple[answers.ProviderCall, ...]:
        """Calls of outside providers and their money, oldest first."""
        return self._get(answers.ProviderCalls, f"{song_path(song_id)}/provider-tasks").items

    def signals(self, song_id: str) -> answers.Signals:
        """Ready commands for other systems, as the song takes them now."""
        return self._get(answers.Signals, f"{song_path(song_id)}/signals")
