"""`retention run`: look after the archive now, or say what would go."""

import asyncio
from dataclasses import dataclass

from api.temporal import Temporal
from domain.retention import RetentionRun
from sostenuto.output import Output
from storage.config import Settings


@dataclass(frozen=True)
class Archive:
    """The archive of an installation whose Temporal and worker are up."""

    settings: Settings
    output: Output

    def run(self, *, dry: bool) -> int:
        """Remove what was chosen earlier and choose what goes next; with `dry` only count."""
        asked = RetentionRun(days=self.settings.archive_retention, dry=dry)
        found = asyncio.run(Temporal(self.settings).look_after_archive(asked))
        self.output.result(found.model_dump(mode="json"))
        if not self.output.as_json:
            verb = "would lose" if dry else "lost"
            self.output.say(f"{found.songs} archived songs {verb} {found.files} files with {found.bytes} bytes")
        return 0
