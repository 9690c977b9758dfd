"""A song's effective context: put together from its documents once, then remembered."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from domain.context import effective
from domain.steps import StageResult
from storage.media import MediaStore

KEPT = 2000
"""How many contexts are remembered, of some kilobytes each."""


class Contexts:
    """Effective contexts by the hashes of the documents that they follow from, which never change."""

    def __init__(self, media: MediaStore) -> None:
        self._media = media
        self._known: OrderedDict[tuple[str | None, ...], dict[str, Any]] = OrderedDict()

    async def effective(self, person: str | None, results: Sequence[str]) -> dict[str, Any]:
        """Defaults, overlaid by the stages' results in order, overlaid by what the person set; not to be changed.

        Raises MediaStoreUnavailable, and NotFound for a document that is not there.
        """
        documents = (person, *results)
        context = self._known.get(documents)
        if context is None:
            # One thread for all documents: handing each of them over took longer than reading it.
            context = await asyncio.to_thread(self._read, person, results)
            self._known[documents] = context
        self._known.move_to_end(documents)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return context

    def _read(self, person: str | None, results: Sequence[str]) -> dict[str, Any]:
        given = self._media.get_json(person) if person else {}
        patches = [self._media.get_model(result, StageResult).patch for result in results]
        return effective(given, patches).model_dump(mode="json")
