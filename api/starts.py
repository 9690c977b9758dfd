"""Starting songs: the row first, then the workflow; what stayed unstarted is started later."""

import asyncio
import os
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from api.archiving import end_the_archived
from api.models import StartSong
from api.services import Services
from domain.branching import Branch
from domain.commands import CommandKind, parse_command
from domain.context import SongContext, without_nulls
from domain.errors import InvalidValue, ResourceUnavailable, ServerUnavailable, SostenutoError
from domain.providers import PROVIDERS
from domain.seeds import derive
from domain.settings import SongSettings
from domain.song_input import SongInput, check_prompt
from storage.idempotency import purge
from storage.ledger import forget_deliveries
from storage.provider_status import published
from storage.records import Composition
from storage.references import require_reference
from storage.songs import get_song, mark_started, request_song, unstarted

SWEEP_EVERY_S = 1.0
PURGE_EVERY_ROUNDS = 3600
DELIVERIES_KEPT = timedelta(days=7)
"""Longer than any vendor goes on delivering the same call."""
UNSTARTED_FOR = timedelta(seconds=2)
# Seeds stay below 2**32, so that people can type them and JavaScript can hold them.
SEED_BITS = 32
_NAMING = ("providers_preferred", "providers_forbidden")
_SONGS = uuid.UUID("9c2c7d4e-59f6-5f0b-8b0d-6a7e2f4f1f3a")

log = structlog.get_logger("sostenuto.api")


def song_id(owner: str, key: str | None) -> str:
    """The id of a new song: it follows from owner and Idempotency-Key where one is sent, else it is new."""
    return str(uuid.uuid5(_SONGS, f"{owner}\x1f{key}")) if key else str(uuid7())


def uuid7() -> uuid.UUID:
    """A time-ordered UUID (RFC 9562, section 5.7)."""
    millis = time.time_ns() // 1_000_000
    noise = int.from_bytes(os.urandom(10), "big")
    value = (millis & ((1 << 48) - 1)) << 80 | noise
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)


def check_changes(changes: dict[str, Any], owner: str) -> dict[str, Any]:
    """Context overrides as nested dictionary; UnknownPath or InvalidValue where one cannot be."""
    if not changes:
        return {}
    return parse_command(CommandKind.REVISE, [{"changes": changes}], command_id="start", actor=owner).changes


async def check_reference(services: Services, owner: str, changes: Mapping[str, Any]) -> None:
    """InvalidValue where the changes name an upload that is none of the caller's."""
    wanted = SongContext().update(without_nulls(dict(changes))).creative.audio_reference
    if wanted is not None:
        async with services.database.session() as session:
            await require_reference(session, owner, wanted)


async def check_providers(services: Services, settings: SongSettings) -> None:
    """InvalidValue where the settings name a provider that neither this version nor any worker knows."""
    named = {name: f for f in _NAMING for name in getattr(settings, f)}
    if named.keys() <= {*PROVIDERS}:
        return
    async with services.database.session() as session:
        known = {*PROVIDERS, *(status.capabilities.name for status in await published(session))}
    wrong = sorted(named.keys() - known)
    if wrong:
        raise InvalidValue(
            f"settings.{named[wrong[0]]} cannot name {wrong[0][:40]!r}: there is no such provider; "
            f"known are {', '.join(sorted(known))}"
        )


async def request_start(services: Services, owner: str, asked: StartSong, key: str | None) -> Composition:
    """Write down a new song and start it; where Temporal is away the sweeper starts it later.

    Raises InvalidPrompt, UnknownPath, InvalidValue, DatabaseUnavailable, MediaStoreUnavailable, and ApiProblem for
    an owner who has reached a limit.
    """
    prompt = check_prompt(asked.prompt)
    changes = check_changes(asked.context, owner)
    await check_reference(services, owner, changes)
    await check_providers(services, asked.settings)
    await services.limits.check_start(owner, asked.settings)
    new_id = song_id(owner, key)
    seed = asked.settings.seed
    # The sweeper must be able to start the song from what is stored alone.
    person = await services.media.aput_json(changes) if changes else None
    async with services.database.session() as session:
        await services.limits.lock(session, owner)
        known = await get_song(session, new_id) is not None
        song = await request_song(
            session,
            composition_id=new_id,
            owner=owner,
            title=asked.title,
            prompt=prompt,
            settings=asked.settings,
            seed=derive(0, "song", new_id) % 2**SEED_BITS if seed is None else seed,
            created_at=datetime.now(UTC),
        )
        if person and not song.started and song.person is None:
            song.person = person
        if not known:
            await services.limits.check_running(session, owner)
    try:
        await start(services, song)
    except ResourceUnavailable as error:
        log.warning("song_not_started_yet", composition_id=new_id, reason=error.message)
    return song


async def start(services: Services, song: Composition) -> None:
    """Start the workflow of a song's row, at most once; ServerUnavailable where Temporal is away."""
    if song.started:
        return
    changes = await services.media.aget_json(song.person) if song.person else {}
    await services.temporal.start(
        SongInput(
            composition_id=song.id,
            owner=song.owner,
            title=song.title,
            prompt=song.description,
            settings=SongSettings.model_validate(song.settings),
            changes=changes,
            seed=song.seed,
            created_at=song.created_at,
            branch=Branch.model_validate(song.branching) if song.branching else None,
        )
    )
    async with services.database.session() as session:
        await mark_started(session, song.id)
    song.started = True
    services.metrics.add("sostenuto_songs_started_total")


async def ensure_started(services: Services, song: Composition) -> Composition:
    """The song with its workflow started, as it now is; a command to it has somewhere to go."""
    if song.started:
        return song
    try:
        await start(services, song)
    except ServerUnavailable as error:
        raise ServerUnavailable(f"the song has not started yet, nothing was changed: {error.message}") from error
    async with services.database.session() as session:
        return await get_song(session, song.id) or song


async def sweep(services: Services) -> None:
    """For ever: start songs whose workflow is not there, end archived ones; now and then forget old answers."""
    rounds = 0
    while True:
        try:
            await sweep_once(services)
            await end_the_archived(services)
            if rounds % PURGE_EVERY_ROUNDS == 0:
                async with services.database.session() as session:
                    await purge(session)
                    await forget_deliveries(session, before=datetime.now(UTC) - DELIVERIES_KEPT)
        except SostenutoError as error:
            log.warning("sweep_failed", reason=error.message)
        except Exception as error:
            log.error("sweep_failed", exc_info=error)
        rounds += 1
        await asyncio.sleep(SWEEP_EVERY_S)


async def sweep_once(services: Services) -> int:
    """Start what stayed unstarted; how many songs that were. One that cannot start does not keep the others."""
    async with services.database.session() as session:
        waiting = await unstarted(session, datetime.now(UTC) - UNSTARTED_FOR)
    begun = 0
    for song in waiting:
        try:
            await start(services, song)
        except ServerUnavailable:
            break
        except SostenutoError as error:
            log.warning("song_cannot_start", composition_id=song.id, reason=error.message)
            continue
        begun += 1
        log.info("song_started_late", composition_id=song.id)
    return begun
