"""The application: routes, errors, guards, and the parts that live as long as the process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.routing import APIRoute

from api import (
    collaborators,
    commands,
    downloads,
    editing,
    exporting,
    instructions,
    keys,
    leaving,
    media,
    operations,
    pictures,
    prompts,
    providers,
    references,
    sessions,
    signals,
    sketches,
    socket,
    songs,
    versions,
    webhooks,
)
from api.access import Guard, check_binding
from api.access_log import AccessLog
from api.body_limit import BodyLimit
from api.contexts import Contexts
from api.credentials import Credentials
from api.details import Details
from api.document import describe
from api.drawing import Drawer
from api.inspection import Inspector
from api.limits import Limits
from api.listing import Pages
from api.live import Live
from api.metrics import Metrics
from api.problems import LastResort, install_handlers
from api.services import Services
from api.starts import sweep
from api.streams import Patience, Streams
from api.studio import serve_studio
from api.temporal import Temporal
from storage.config import Settings, load_settings
from storage.database import Database
from storage.media import MediaStore

VERSION = "0.1.0"
MAX_BODY_BYTES = 1_000_000
MAX_UPLOAD_BYTES = 50_000_000
ABOUT = """
Start songs from a sentence, steer them through seven production stages, take every file home.

A command is answered with what the song's workflow decided. Errors are problem details (RFC 9457).
Send an `Idempotency-Key` with every POST, and a repeated call is harmless.
"""


def create_app(settings: Settings | None = None) -> FastAPI:
    """The API. Starts without Temporal: reads work, songs are written down, `/readyz` says 503.

    Raises InvalidInput when it would listen to other machines without asking for keys.
    """
    settings = settings or load_settings()
    check_binding(settings)
    metrics = Metrics()
    app = FastAPI(
        title="Sostenuto",
        version=VERSION,
        description=ABOUT,
        lifespan=_lifespan,
        generate_unique_id_function=_operation_id,
        redoc_url=None,
        # Stands for every problem until api.document names them, and keeps the framework's own 422 out.
        responses={"default": {"description": "A problem."}},
    )
    database, store = Database(settings.database_url), MediaStore.open(settings)
    app.state.services = Services(
        settings=settings,
        database=database,
        media=store,
        temporal=Temporal(settings),
        live=Live(database, metrics),
        metrics=metrics,
        inspector=Inspector(),
        credentials=Credentials(settings, database),
        limits=Limits(settings, database),
        contexts=Contexts(store),
    )
    app.state.pages = Pages(app.state.services)
    app.state.details = Details(app.state.services)
    install_handlers(app)
    app.state.streams = Streams(settings)
    app.state.drawer = Drawer(database, app.state.services.media)
    app.add_middleware(Patience)
    app.add_middleware(LastResort)
    app.add_middleware(BodyLimit, limit=MAX_BODY_BYTES, larger={references.PATH: MAX_UPLOAD_BYTES})
    app.add_middleware(Guard, settings=settings)
    app.add_middleware(AccessLog, metrics=metrics)
    for module in (
        songs, socket, sketches, commands, versions, editing, downloads, media, references, providers,
        operations, keys, sessions, collaborators, pictures, webhooks, signals, leaving, exporting,
        instructions, prompts,
    ):  # fmt: skip
        app.include_router(module.router)
    webhooks.describe_webhooks(app)
    describe(app, settings)
    serve_studio(app, settings.studio_dir)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    await services.database.migrate()
    tasks = [asyncio.create_task(services.live.run()), asyncio.create_task(sweep(services))]
    try:
        yield
    finally:
        services.live.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await services.database.close()


def _operation_id(route: APIRoute) -> str:
    tag = route.tags[0] if route.tags else "api"
    return f"{tag}-{route.name}"
