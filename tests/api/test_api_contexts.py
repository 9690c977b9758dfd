"""Effective contexts: kept beside the song by the projector, else put together from their documents and remembered."""

from pathlib import Path

import pytest

from api import contexts
from api.contexts import Contexts
from domain.errors import NotFound
from domain.stages import Stage
from domain.steps import StageResult
from storage.config import load_settings
from storage.contexts import keep_context
from storage.database import Database
from storage.media import MediaStore
from tests.api.conftest import Api


def result(tempo: int) -> StageResult:
    patch = {"musical": {"tempo": tempo}}
    return StageResult(stage=Stage.IDEATION, revision=1, take=1, context="0" * 64, patch=patch)


async def test_a_context_outlives_its_documents_until_others_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contexts, "LIMIT", 2)
    store = MediaStore.open(load_settings(data_dir=tmp_path))
    known = Contexts(store)
    refs = [store.put_json(result(tempo)) for tempo in (80, 90, 100)]
    person = store.put_json({"musical": {"key": "D"}})
    first = await known.effective((person, refs[0]))
    assert (first["musical"]["tempo"], first["musical"]["key"]) == (80, "D")
    assert (await known.effective((None, *refs[:2])))["musical"]["tempo"] == 90
    store.delete(refs[0])
    assert await known.effective((person, refs[0])) == first
    # Two others push it out.
    for one in refs[1:]:
        await known.effective((None, one))
    with pytest.raises(NotFound):
        await known.effective((person, refs[0]))


async def test_the_projector_keeps_the_context_and_only_one_that_fits_is_shown(api: Api) -> None:
    song = await api.start(settings={"review": ["ideation"]})
    await api.until(song, status="waiting")
    detail = (await api.http.get(f"/v1/compositions/{song}")).json()
    assert detail["context"]["musical"]["tempo"]
    database = Database(api.settings.database_url)
    try:
        async with database.session() as session:
            await keep_context(session, song, ("0" * 64,), {"musical": {"tempo": 1}})
        again = (await api.http.get(f"/v1/compositions/{song}")).json()
        assert again == detail, "what follows from other documents is no context of this song"
    finally:
        await database.close()
