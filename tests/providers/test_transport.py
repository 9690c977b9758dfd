"""The seam to the network: what a proxy says about a paid order is never taken for a refusal."""

import pytest

from domain.providers import ErrorKind
from providers.errors import ProviderError
from providers.transport import AMBIGUOUS_STATUSES, Call, HttpxTransport
from tests.providers.servers.base import Fault
from tests.providers.servers.stability import StabilityServer

PATH = "/v2beta/audio/stable-audio/text-to-audio"


@pytest.mark.parametrize("status", sorted(AMBIGUOUS_STATUSES))
async def test_a_paid_call_behind_a_proxy_that_lost_the_answer_is_of_unknown_outcome(status: int) -> None:
    transport = HttpxTransport()
    with StabilityServer() as server:
        server.fail_next(Fault.html(status), times=2)
        free = await transport.send(Call("POST", server.url + PATH, parts=[("prompt", (None, "x"))]))
        assert free.status == status
        with pytest.raises(ProviderError) as caught:
            await transport.send(Call("POST", server.url + PATH, parts=[("prompt", (None, "x"))], charged=True))
        assert (caught.value.kind, caught.value.status) == (ErrorKind.OUTCOME_UNKNOWN, status)
    await transport.aclose()


async def test_a_call_that_found_no_server_is_of_none() -> None:
    transport = HttpxTransport()
    with StabilityServer() as server:
        gone = server.url
    with pytest.raises(ProviderError) as caught:
        await transport.send(Call("POST", gone + PATH, charged=True))
    assert caught.value.kind is ErrorKind.UPSTREAM
    await transport.aclose()
