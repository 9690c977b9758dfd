"""`up`, `serve-api` and `migrate`: the commands that run or prepare servers."""

import asyncio
import os
import sys

from domain.errors import Conflict
from sostenuto.embedded import Embedded
from sostenuto.output import Output
from sostenuto.parts import TEMPORAL_PORT, UI_PORT, Place
from sostenuto.runfile import RunFile
from storage.config import Settings


def up(settings: Settings, output: Output) -> int:
    """Start the embedded server and keep it until a signal ends it."""
    running = RunFile(settings.data_dir).read()
    if running is not None and running.keeps:
        raise Conflict(f"a server is already up for {settings.data_dir}: {running.api_url} (process {running.pid})")
    server = Embedded(settings, say=output.say, keeps=True)
    try:
        server.start()
        place = server.place
        for line in _moved(settings, place):
            output.say(line)
        output.result(
            {
                "api": place.api_url,
                "temporal": place.temporal_address,
                "temporal_ui": place.temporal_ui,
                "data": str(place.data_dir),
                "pid": os.getpid(),
                "pids": server.pids(),
            },
            f"API and studio  {place.api_url}",
            f"Temporal UI     {place.temporal_ui}",
            f"Temporal        {place.temporal_address}",
            f"data            {place.data_dir}",
            "Ctrl-C stops; songs go on at the next start",
        )
        server.wait()
    except KeyboardInterrupt:
        output.say("stopping")
    finally:
        server.stop()
    return 0


def _moved(settings: Settings, place: Place) -> list[str]:
    usual = [("API", settings.api_port, place.api_port)]
    if place.own_temporal:
        usual += [("Temporal", TEMPORAL_PORT, place.temporal_port), ("Temporal UI", UI_PORT, place.ui_port)]
    return [
        f"port {wanted} is taken by another program: {what} listens on {port}"
        for what, wanted, port in usual
        if wanted not in (0, port)
    ]


def serve_api(settings: Settings) -> int:
    """Serve the API in this process until a signal ends it."""
    from api.server import serve  # the API's libraries are of no use to the other commands

    serve(settings)
    # Temporal's core may abort while the interpreter takes its threads down (sdk-python issue 300).
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def migrate(settings: Settings, output: Output) -> int:
    """Bring the database to the newest schema."""
    from storage.database import Database  # a second of imports that `up` does not need

    async def upgrade() -> None:
        database = Database(settings.database_url)
        try:
            await database.migrate()
        finally:
            await database.close()

    asyncio.run(upgrade())
    output.result({"ok": True}, "the database has the newest schema")
    return 0
