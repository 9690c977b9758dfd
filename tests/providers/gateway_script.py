"""What the tests of the music gateways share: orders, and a job followed to its end."""

import asyncio
from typing import Any

from domain.providers import ErrorKind, Task
from providers.contract import Adapter, Job, Pending, Product
from providers.errors import ProviderError
from providers.orders import MusicOrder, Order, Origin, TextOrder
from tests.providers.servers.base import ContractServer

LYRICS = "[Verse]\nThe ferry leaves at night\n\n[Chorus]\nHold the light"
LYRICS_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["title", "lyrics"],
    "properties": {"title": {"type": "string"}, "lyrics": {"type": "string"}},
}
NO_ADDRESS = "http://127.0.0.1:9"
"""The discard port: nobody listens there."""


def song(**given: Any) -> MusicOrder:
    """A sung song, or what is given of it."""
    fields: dict[str, Any] = {
        "task": Task.FULL_SONG,
        "title": "Night Ferry",
        "style": "dream pop, soft drums",
        "instrumental": False,
        "lyrics": LYRICS,
    }
    return MusicOrder(**(fields | given))


def lyrics_order() -> TextOrder:
    """Words for a song."""
    return TextOrder(
        task=Task.LYRICS,
        instructions="Write lyrics.",
        text="a ferry at night",
        schema_name="lyrics",
        json_schema=LYRICS_SCHEMA,
    )


async def submitted(adapter: Adapter, order: Order, callback_url: str = "") -> Job:
    """An order that becomes a job."""
    job = await adapter.submit(order, callback_url=callback_url)
    assert isinstance(job, Job)
    return job


async def finished(adapter: Adapter, job: Job, looks: int = 20) -> tuple[Product, list[Pending]]:
    """The product of a job and what was seen on the way."""
    seen: list[Pending] = []
    for _ in range(looks):
        found = await adapter.poll(job)
        if isinstance(found, Product):
            return found, seen
        seen.append(found)
    raise AssertionError(f"not finished after {looks} looks: {seen[-1]}")


async def failure(adapter: Adapter, job: Job) -> ProviderError:
    """The error that a job ends with."""
    try:
        product, _ = await finished(adapter, job)
    except ProviderError as error:
        return error
    raise AssertionError(f"it did not fail: {product}")


async def refusal(adapter: Adapter, order: Order) -> ProviderError:
    """The error that an order meets at once."""
    try:
        job = await adapter.submit(order)
    except ProviderError as error:
        return error
    raise AssertionError(f"it was accepted: {job}")


async def called_back(server: ContractServer, times: int) -> None:
    """Wait until a server has called back so often, five seconds at most."""
    async with asyncio.timeout(5):
        while len(server.callbacks) < times:  # noqa: ASYNC110 - the server is a thread, it sets no event of this loop
            await asyncio.sleep(0.01)


def origin_of(job: Job, product: Product) -> Origin:
    """The first take as the origin of what follows."""
    take = product.files[0]
    return Origin(
        provider="suno",
        job_id=job.id,
        take_id=take.take_id,
        model=product.model,
        duration_s=take.duration_s or 0.0,
    )


UNHEARD = {ErrorKind.UPSTREAM, ErrorKind.TIMEOUT}
"""What a call that cannot have arrived, or that costs nothing, may end with."""
