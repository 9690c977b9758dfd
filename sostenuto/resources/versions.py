"""Versions of a song: branches, the family, revisions and takes of the stages, and what differs between two."""

from collections.abc import Mapping
from typing import Any

from domain.stages import Stage
from sostenuto import resource_answers as answers
from sostenuto.answers import SongSummary
from sostenuto.resources.asking import Asking, given, song_path


class Versions(Asking):
    """Calls about the versions of a song."""

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
        idempotency_key: str | None = None,
    ) -> SongSummary:
        """A new version from a stage and revision; with changes it goes on by itself, else it waits.

        The same `idempotency_key` starts it once. Raises Conflict for a stage without a result, NotFound for a revision
        that is not there.
        """
        body = given(
            stage=stage, revision=revision, title=title, changes=changes, instruction=instruction, settings=settings
        )
        return self._post(SongSummary, f"{song_path(song_id)}/branches", body, key=idempotency_key)

    def versions(self, song_id: str) -> tuple[answers.Version, ...]:
        """Every version of the song's family."""
        return self._get(answers.Versions, f"{song_path(song_id)}/versions").items

    def set_main(self, song_id: str) -> tuple[answers.Version, ...]:
        """Make a song the version of its family that counts."""
        response = self._call("PUT", f"{song_path(song_id)}/versions/main", json={"composition_id": song_id})
        return self._parse(answers.Versions, response).items

    def revisions(self, song_id: str, *, stage: Stage | None = None) -> tuple[answers.Revision, ...]:
        """Results of the stages."""
        return self._get(answers.Revisions, f"{song_path(song_id)}/revisions", stage=stage).items

    def takes(self, song_id: str, *, stage: Stage | None = None) -> tuple[answers.Take, ...]:
        """Candidates of a stage, the current one where none is named."""
        return self._get(answers.Takes, f"{song_path(song_id)}/takes", stage=stage).items

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
        return self._get(answers.Comparison, f"{song_path(song_id)}/comparison", **params)
