"""An instruction in free words: read by a language model where one is set up, decided on by the song."""

import httpx

from activities.provider_desk import Desk
from activities.provider_facts import status_of
from api.app import create_app
from domain.stages import SongStatus, Stage
from storage.provider_status import publish
from tests.providers.servers.language import Refusal
from tests.providers.servers.openai import OpenAIServer
from tests.providing.test_songs import PROMPT

FREE = "let the piano rest while the singer tells her story"


async def revised(studio, song: str, words: str, key: str = "") -> httpx.Response:
    app = create_app(studio.runtime.settings)
    transport = httpx.ASGITransport(app=app)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=60) as client:
            headers = {"Idempotency-Key": key} if key else {}
            return await client.post(f"/v1/compositions/{song}/revisions", json={"instruction": words}, headers=headers)
    finally:
        await app.state.services.database.close()


async def arranged(studio, vendor):
    """A song that waits after its arrangement, and a worker that has told which providers it has."""
    handle = await studio.start(PROMPT, review=("arrangement",), enhancement={"enabled": False})
    shown = await studio.settled(handle)
    assert (shown.status, shown.stage) == (SongStatus.WAITING, Stage.ARRANGEMENT), shown.blocked
    await studio.recorded(handle)
    desk = Desk.open(studio.runtime.settings)
    async with studio.runtime.database.session() as session:
        await publish(session, [await status_of(desk, "openai")])
        await session.commit()
    await desk.close()
    return handle, shown


async def test_free_words_become_edits_of_the_score(open_studio, own_temporal) -> None:
    with OpenAIServer(key="ok") as vendor:
        edit = {"op": "mute", "part": "keys", "section": "chorus"}
        async with open_studio(
            openai_api_key="ok", openai_base_url=vendor.url, temporal_address=own_temporal
        ) as studio:
            handle, shown = await arranged(studio, vendor)
            vendor.answer = lambda body: {**vendor_document(body), "edits": [edit], "refusal": None}
            answer = await revised(studio, shown.composition_id, FREE, "words-1")
            assert answer.status_code in (200, 202), answer.text
            after = await studio.settled(handle, until=lambda s: s.stages[Stage.ARRANGEMENT].revision == 2)
            assert after.stages[Stage.ARRANGEMENT].revision == 2
            await studio.recorded(handle)
            again = await revised(studio, shown.composition_id, FREE, "words-1")
            assert again.json() == answer.json()
            assert len(vendor.charges) == 1, "the song has moved on, and the words are not paid for again"


async def test_what_a_model_does_not_understand_either_is_refused_with_its_reason(open_studio, own_temporal) -> None:
    with OpenAIServer(key="ok") as vendor:
        async with open_studio(
            openai_api_key="ok", openai_base_url=vendor.url, temporal_address=own_temporal
        ) as studio:
            _, shown = await arranged(studio, vendor)
            vendor.answer = lambda body: Refusal("I will not do that", "policy")
            answer = await revised(studio, shown.composition_id, FREE)
            assert answer.status_code == 422
            assert "is not understood" in answer.json()["detail"]
            assert "could not help" in answer.json()["detail"]


def vendor_document(_body: object) -> dict[str, object]:
    return {"reasoning": [{"field": "edits", "value": "mute", "text": "the piano rests"}]}
