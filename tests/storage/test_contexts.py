"""What a song's context follows from, and that the one row read for a song in full holds all that it shows."""

from datetime import UTC, datetime
from decimal import Decimal

from sqlmodel import col, select

from domain.access import Role
from domain.providers import Task
from domain.stages import Stage
from storage import ledger
from storage.access import ensure_user
from storage.charges import Charge
from storage.collaborators import give_role
from storage.contexts import documents_of, keep_context, kept_key, key_of
from storage.database import Database
from storage.listing import DETAIL, detailed_song
from storage.records import Composition
from storage.roles import role_by
from tests.storage.song_support import fresh

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_context_follows_from_the_person_and_the_stages_that_were_reached() -> None:
    results = {Stage.IDEATION: "a", Stage.COMPOSITION: None, Stage.ARRANGEMENT: "c"}
    assert documents_of("p", Stage.COMPOSITION, results) == ("p", "a")
    assert documents_of(None, Stage.MASTERING, results) == (None, "a", "c")
    keys = {key_of(one) for one in ((None, "a"), ("a",), ("a", None), (None, "a", "c"))}
    assert len(keys) == 4


async def test_the_row_of_a_song_in_full_holds_all_that_it_shows(db: Database) -> None:
    owner, reader, stranger = fresh("owner"), fresh("reader"), fresh("stranger")
    song = Composition(
        id=fresh("song"), owner=owner, family="f", created_at=NOW, updated_at=NOW, settings={"seed": 7},
        stage_data={"ideation": {"result": None}}, blocked={"reason": "no"}, description="Fado \N{EM DASH} slow",
    )  # fmt: skip
    async with db.session() as session:
        for user in (owner, reader):
            await ensure_user(session, user)
        session.add(song)
    async with db.session() as session:
        await give_role(session, song.id, reader, Role.EDITOR)
        charge = Charge(
            composition_id=song.id, owner=owner, stage=Stage.MIXING, step_key="k", provider="suno",
            task=Task.FULL_SONG, quote_usd=Decimal("0.25"),
        )  # fmt: skip
        await ledger.begin(session, charge)
        await keep_context(session, song.id, (None, "a"), {"musical": {"key": "F♯"}})
        await keep_context(session, song.id, (None, "b"), {"musical": {"key": "G♭"}})
    async with db.session() as session:
        assert await kept_key(session, song.id) == key_of((None, "b"))
        stored = (await session.exec(select(Composition).where(col(Composition.id) == song.id))).one()
    roles = {owner: Role.OWNER, reader: Role.EDITOR, stranger: None}
    for user, role in roles.items():
        row = await db.row(DETAIL, song=song.id, reader=user)
        assert row is not None
        assert detailed_song(row).model_dump() == stored.model_dump()
        assert role_by(row, user, row.place) == role
        assert (row.settled, row.reserved) == (0, Decimal("0.25"))
        assert (row.kept_documents, row.kept_context) == (key_of((None, "b")), '{"musical": {"key": "G♭"}}')
        assert hash(row) == hash(await db.row(DETAIL, song=song.id, reader=user)), "equal rows are one"
    assert await db.row(DETAIL, song=fresh("none"), reader=owner) is None
