"""An instruction in free words: what nobody understands by rule is read by a language model where one is set up."""

from typing import Any

from api.services import Services
from domain.context import SongContext
from domain.errors import InvalidCommand, SostenutoError
from domain.instructions import understand_instruction
from domain.providers import Task
from domain.providing import READERS, Interpreting
from domain.settings import SongSettings
from domain.stages import Stage
from storage.provider_status import published
from storage.records import Composition
from storage.songs import revisions


async def understood(song: Composition, services: Services, body: dict[str, Any]) -> dict[str, Any]:
    """The body of a revision, its instruction turned into edits where only a language model understands it.

    InvalidCommand, with the forms that are understood and why the model gave no edits, when nobody does.
    """
    words = body.get("instruction")
    if not words or (refusal := _refusal(words)) is None or not await _read_by_models(services):
        return body
    found = await _newest(song, services, Stage.ARRANGEMENT)
    if found is None:
        raise refusal
    context, score = found
    settings = SongSettings.model_validate(song.settings)
    asked = Interpreting(
        composition_id=song.id,
        owner=song.owner,
        title=song.title,
        seed=song.seed,
        context=context,
        score=score,
        words=await services.media.aput(str(words).encode()),
        forbidden=settings.providers_forbidden,
        budget=settings.budget,
    )
    answer = await services.temporal.interpret(asked)
    if answer.edits is None:
        raise InvalidCommand(f"{refusal.message}. A language model could not help: {answer.refusal}")
    edits = (await services.media.aget_json(answer.edits))["edits"]
    earlier = SongContext.model_validate(await services.media.aget_json(context)).musical.edits
    before = [edit.model_dump(mode="json") for edit in earlier]
    changes = {**body.get("changes", {}), "musical.edits": [*before, *edits]}
    return {**{name: value for name, value in body.items() if name != "instruction"}, "changes": changes}


def _refusal(words: object) -> InvalidCommand | None:
    try:
        understand_instruction(str(words))
    except InvalidCommand as error:
        return error
    except SostenutoError:
        return None
    return None


async def _read_by_models(services: Services) -> bool:
    async with services.database.session() as session:
        known = await published(session)
    return any(s.configured and s.capabilities.name in READERS and Task.ANALYSIS in s.capabilities.tasks for s in known)


async def _newest(song: Composition, services: Services, stage: Stage) -> tuple[str, str] | None:
    """Context and score of the newest arrangement."""
    async with services.database.session() as session:
        rows = await revisions(session, song.id, stage)
    for row in sorted(rows, key=lambda row: -row.revision):
        result = await services.media.aget_json(row.result)
        if score := result["artifacts"].get("score"):
            return str(result["context"]), str(score["hash"])
    return None
