"""Who is told of a song's events: written with the events, once, whatever is repeated or removed meanwhile."""

from datetime import UTC, datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.webhooks import PAYLOAD_BYTES, DeliveryStatus, event_message, retry_after_s, wanted
from storage import webhooks
from storage.database import Database
from storage.projection import needs_results, project
from storage.records import WebhookDelivery, WebhookEndpoint
from tests.storage.song_support import START, Song, fresh

NOW = START + timedelta(days=1)


def endpoint(owner: str, **values: object) -> WebhookEndpoint:
    """An endpoint that was there before any song."""
    given = {
        "id": fresh("hook"),
        "owner": owner,
        "url": "https://example.com/",
        "secret": "whsec_AAAA",
        "created_at": START,
    }
    return WebhookEndpoint.model_validate(given | values)


async def told(session: AsyncSession, hook: WebhookEndpoint) -> list[WebhookDelivery]:
    query = select(WebhookDelivery).where(col(WebhookDelivery.endpoint_id) == hook.id)
    return list((await session.exec(query.order_by(col(WebhookDelivery.seq)))).all())


async def written(db: Database, song: Song, *hooks: WebhookEndpoint, times: int = 1) -> None:
    """The endpoints, and one stage of the song projected."""
    song.run_stage()
    projection = song.take()
    async with db.session() as session:
        session.add_all(hooks)
    for _ in range(times):
        async with db.session() as session:
            results = song.documents(projection, await needs_results(session, projection))
            await project(session, projection, prompt=song.prompt, results=results)


async def test_each_event_is_told_once_however_often_it_is_projected(db: Database) -> None:
    song = Song()
    hook = endpoint(song.owner)
    await written(db, song, hook, times=3)
    async with db.session() as session:
        found = await told(session, hook)
    assert [row.seq for row in found] == list(range(1, song.state.seq + 1))
    assert {row.status for row in found} == {"pending"}


async def test_only_who_asked_is_told(db: Database) -> None:
    song = Song()
    picky = endpoint(song.owner, event_types=["stage_complete"])
    others = [
        endpoint(song.owner, is_active=False),
        endpoint(fresh("owner")),
        endpoint(song.owner, created_at=START + timedelta(days=1)),
    ]
    await written(db, song, picky, *others)
    async with db.session() as session:
        assert [row.event_type for row in await told(session, picky)] == ["stage_complete"]
        for other in others:
            assert await told(session, other) == []
    assert wanted([], "anything")


async def test_what_waits_is_found_and_then_left_alone_for_a_minute(db: Database) -> None:
    song = Song()
    hook = endpoint(song.owner, event_types=["stage_complete"])
    await written(db, song, hook)
    now = datetime.now(UTC)
    async with db.session() as session:
        (mine,) = await told(session, hook)
        assert mine.id in await webhooks.unstarted(session, now)
        await webhooks.mark_started(session, [mine.id], now)
        assert mine.id not in await webhooks.unstarted(session, now + timedelta(seconds=50))
        assert mine.id in await webhooks.unstarted(session, now + timedelta(seconds=70))
        attempt = {"time": now, "seconds": 1.0, "response_status": 500, "response_excerpt": "\x00", "error": "no"}
        due = now + timedelta(seconds=300)
        await webhooks.write_attempt(session, mine.id, attempt, status=DeliveryStatus.PENDING, next_attempt_at=due)
        assert mine.id not in await webhooks.unstarted(session, due + timedelta(seconds=60))
        assert mine.id in await webhooks.unstarted(session, due + timedelta(seconds=180))
        await webhooks.drop(session, mine.id, "off")
        assert mine.id not in await webhooks.unstarted(session, due + timedelta(days=1))


async def test_the_log_goes_with_its_endpoint_and_after_thirty_days(db: Database) -> None:
    song = Song()
    kept, gone = endpoint(song.owner), endpoint(song.owner)
    await written(db, song, kept, gone)
    async with db.session() as session:
        await webhooks.delete_endpoint(session, song.owner, gone.id)
        assert await told(session, gone) == []
        first, *rest = await told(session, kept)
        await webhooks.drop(session, first.id, "off")
        await webhooks.purge(session, datetime.now(UTC) + webhooks.KEPT + timedelta(minutes=1))
        assert [row.id for row in await told(session, kept)] == [row.id for row in rest]


def test_a_message_stays_thin() -> None:
    song = Song()
    song.run_stage()
    happened = song.take().events[0]
    heavy = happened.model_copy(update={"payload": {"title": "♫" * PAYLOAD_BYTES, "seed": 1}})
    body = event_message(heavy, composition_id=song.id, title="♫" * 400)
    assert len(body.encode()) <= PAYLOAD_BYTES
    assert '"shortened":true' in body
    assert '"payload":{}' in body
    assert '"title":"half ?"' in event_message(happened, composition_id=song.id, title="half \ud83c")


def test_how_long_a_receiver_may_ask_to_wait() -> None:
    date = (NOW + timedelta(seconds=90)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    for told_, seconds in (("120", 120), (date, 90), ("soon", 0), ("-5", 0), ("", 0), ("1" * 40, 21_600), ("²", 0)):
        assert retry_after_s(503, {"retry-after": told_}, NOW) == seconds
    assert retry_after_s(500, {"retry-after": "120"}, NOW) == 0
