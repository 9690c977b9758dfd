"""A song's effective context from its documents, where nothing that is kept of it holds: read once, then remembered."""

import asyncio
from typing import Any

from api.kept import Kept
from storage.contexts import Documents, read_context
from storage.media import MediaStore

LIMIT = 2000
"""How many contexts are remembered, of some kilobytes each."""


class Contexts:
    """Effective contexts by the hashes of the documents that they follow from, which never change."""

    def __init__(self, media: MediaStore) -> None:
        self._media = media
        self._known: Kept[Documents, dict[str, Any]] = Kept(LIMIT)

    async def effective(self, documents: Documents) -> dict[str, Any]:
        """The context that follows from some documents; not to be changed.

        Raises MediaStoreUnavailable, and NotFound for a document that is not there.
        """
        context = self._known.get(documents)
        if context is None:
            # One thread for all documents: handing each of them over took longer than reading it.
            context = self._known.put(documents, await asyncio.to_thread(read_context, self._media, documents))
        return context
