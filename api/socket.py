"""The event stream once more, as a WebSocket: the same messages, resumed by the number of the last event.

It ends with a code: 1000 after song_cancelled, 1001 for whoever should connect again (the server goes away, or what one
is to the song has changed), 1008 for a client that sends something,
4401, 4403, 4404, 4422, 4429 or 4503 for what HTTP says by 401, 403, 404, 422, 429 or 503, with the reason in words.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, WebSocket
from starlette.websockets import WebSocketDisconnect

from api.audience import Listener
from api.live import Message
from api.models import MAX_NUMBER
from api.publicity import told
from api.services import ServicesDep, SongAccessDep, SongDep
from api.streams import StreamPlace, as_json, last_of
from domain.access import Role

router = APIRouter(prefix="/v1/ws/compositions", tags=["songs"])
CANCELLED, GOING_AWAY, NOTHING_IS_TAKEN = 1000, 1001, 1008


@router.websocket("/{id}")
async def follow_song(
    socket: WebSocket,
    song: SongDep,
    access: SongAccessDep,
    services: ServicesDep,
    place: StreamPlace,
    after: Annotated[int, Query(ge=0, le=MAX_NUMBER, description="Number of the last event that you have.")] = 0,
) -> None:
    """Live events as JSON: `{"type": "event" | "progress", "data": …}` with the data of the server-sent events."""
    await socket.accept()
    listener = Listener(song.id, access.role, access.caller)
    messages = services.live.follow(listener, after, last_of(song))
    place.push_async_callback(messages.aclose)
    telling = asyncio.create_task(_tell(socket, messages, access.role))
    listening = asyncio.create_task(socket.receive())
    try:
        await asyncio.wait((telling, listening), return_when=asyncio.FIRST_COMPLETED)
        if not telling.done():
            if listening.result()["type"] == "websocket.receive":
                await socket.close(NOTHING_IS_TAKEN, "this stream only tells: send commands over REST")
            return
        telling.result()
        if listener.heard_all:
            await socket.close(CANCELLED, "the song has ended")
        elif not listener.welcome:
            await socket.close(GOING_AWAY, "what you are to the song has changed: connect again")
        else:
            await socket.close(GOING_AWAY, "the server goes away: connect again")
    except (WebSocketDisconnect, OSError):
        return
    finally:
        for task in (telling, listening):
            task.cancel()
        await asyncio.gather(telling, listening, return_exceptions=True)


async def _tell(socket: WebSocket, messages: AsyncIterator[Message], role: Role) -> None:
    async for message in messages:
        await socket.send_text(as_json(told(message, role)))
