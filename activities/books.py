"""The song's books: documents, contexts, results, manifests and the read model."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from temporalio import activity

from activities.job import canonical
from activities.runner import people_readable_errors
from activities.runtime import Runtime
from domain.branching import OpenBranchRequest, OpenedBranch, lineage, settings_then, taken_stage
from domain.commands import checked_changes
from domain.context import (
    RANGES,
    SongContext,
    check_path,
    effective,
    merge,
    normalise,
    touched_paths,
    without_nulls,
)
from domain.edits import edits_in
from domain.errors import MediaStoreUnavailable, NotFound
from domain.projection import Manifest, Projected, Projection
from domain.song_input import check_prompt
from domain.stages import Stage
from domain.state import PATHS_SHOWN, Transition
from domain.steps import (
    COMPLETE,
    ENTRY,
    Concluded,
    ConcludeRequest,
    FindRevisionRequest,
    FoundRevision,
    Merged,
    MergeRequest,
    Opened,
    OpenRequest,
    Prepared,
    PrepareRequest,
    StageResult,
)
from storage.contexts import Documents, documents_of, keep_context, kept_key, key_of, read_context
from storage.projection import needs_results
from storage.projection import project as write_projection
from storage.references import require_reference
from storage.songs import get_song, revisions
from storage.versions import processed

STORE_PATIENCE_S = 4.0


class Books:
    """Activities that keep a song's documents and records."""

    def __init__(self, runtime: Runtime) -> None:
        self._store = runtime.store
        self._database = runtime.database
        self._told = runtime.told

    def activities(self) -> list[Callable[..., Any]]:
        """All of them, for the worker."""
        return [
            self.open_song,
            self.open_branch,
            self.merge_context,
            self.prepare_stage,
            self.conclude_stage,
            self.find_revision,
            self.project,
        ]

    @activity.defn(name="open_song")
    async def open_song(self, request: OpenRequest) -> Opened:
        """Keep the prompt and the person's overrides."""
        async with people_readable_errors(), _in_time():
            prompt = check_prompt(request.prompt)
            changes = checked_changes(request.changes)
            return Opened(
                prompt=await self._store.aput(prompt.encode()), person=await self._store.aput(canonical(changes))
            )

    @activity.defn(name="open_branch")
    async def open_branch(self, request: OpenBranchRequest) -> OpenedBranch:
        """What the parent of a branch had made by the revision from which it begins."""
        branch = request.branch
        async with people_readable_errors(), _in_time():
            async with self._database.session() as session:
                parent = await get_song(session, branch.parent)
                refs = lineage(await processed(session, branch.parent), branch.stage, branch.revision)
            refs = refs or lineage(await self._chain(branch.head), branch.stage, branch.revision)
            if not refs or parent is None or parent.prompt is None:
                raise NotFound(f"revision {branch.revision} of {branch.stage} is not in the history of the parent")
            results = [await self._result(ref) for ref in refs]
            now = await self._store.aget_json(parent.person) if parent.person else {}
            context = await self._store.aget_json(results[-1].context)
            person = settings_then(now, [result.patch for result in results[:-1]], context, branch.stage)
            return OpenedBranch(
                prompt=parent.prompt,
                person=await self._store.aput(canonical(person)),
                edits=edits_in(person) or 0,
                stages=tuple(taken_stage(ref, result) for ref, result in zip(refs, results, strict=True)),
            )

    async def _chain(self, head: str | None) -> list[Transition]:
        """The whole history as the manifests tell it, newest first."""
        entries = []
        while head:
            manifest = Manifest.model_validate(await self._store.aget_json(head))
            entries.append(manifest.transition)
            head = manifest.previous
        return entries

    @activity.defn(name="merge_context")
    async def merge_context(self, request: MergeRequest) -> Merged:
        """Merge changes and operations into the person's patch."""
        async with people_readable_errors(), _in_time():
            person = merge(await self._store.aget_json(request.person), normalise(request.changes))
            patches = [await self._patch(ref) for ref in request.results]
            paths: dict[str, None] = {}
            for operation in request.operations:
                if path := operation.get("path"):
                    person = _operate(person, patches, operation)
                    paths[path] = None
            effective(person, patches)
            changed = (*_paths(request.changes), *paths)
            return Merged(person=await self._store.aput(canonical(person)), paths=changed[:PATHS_SHOWN])

    @activity.defn(name="prepare_stage")
    async def prepare_stage(self, request: PrepareRequest) -> Prepared:
        """The effective context of a stage, and what it lacks to start."""
        async with people_readable_errors(), _in_time():
            person = await self._store.aget_json(request.person)
            context = effective(person, [await self._patch(ref) for ref in request.results])
            missing = _missing(ENTRY[request.stage], context, request.artifacts)
            heard = request.stage is Stage.MASTERING or (request.cover and request.stage is Stage.PRODUCTION)
            reference = await self._reference(request, context) if heard else None
            takes = dict(sorted(context.musical.takes.items())) if request.stage is Stage.PRODUCTION else {}
            ref = await self._store.aput(canonical(context))
            return Prepared(
                context=ref, missing=missing, format=context.technical.format, reference=reference, takes=takes
            )

    async def _reference(self, request: PrepareRequest, context: SongContext) -> str | None:
        """The uploaded song to come near; a signal may name anything, so whose it is is asked here."""
        wanted = context.creative.audio_reference
        if wanted is None:
            return None
        async with self._database.session() as session:
            await require_reference(session, request.owner, wanted)
        return wanted

    @activity.defn(name="conclude_stage")
    async def conclude_stage(self, request: ConcludeRequest) -> Concluded:
        """Write a stage's result for ever."""
        async with people_readable_errors(), _in_time():
            patch: dict[str, Any] = {}
            for step in request.steps:
                if step.patch:
                    patch = merge(patch, await self._store.aget_json(step.patch))
            result = StageResult(
                stage=request.stage,
                revision=request.revision,
                take=request.take,
                context=request.context,
                patch=patch,
                artifacts={name: artifact for step in request.steps for name, artifact in step.outputs.items()},
                measured={name: value for step in request.steps for name, value in step.measured.items()},
                steps=request.steps,
                provided=request.provided,
            )
            previous = await self._result(request.previous) if request.previous else None
            if previous and _same_content(previous, result) and request.previous:
                return Concluded(result=request.previous, unchanged=True)
            patches = [*[await self._patch(ref) for ref in request.results], patch]
            context = effective(await self._store.aget_json(request.person), patches)
            missing = _missing(COMPLETE[request.stage], context, ())
            return Concluded(result=await self._store.aput(canonical(result)), missing=missing)

    @activity.defn(name="find_revision")
    async def find_revision(self, request: FindRevisionRequest) -> FoundRevision:
        """A stage's result of that revision: from the state, the read model, or the chain of manifests."""
        async with people_readable_errors(), _in_time():
            ref, take = await self._ref_of(request)
            if ref is None:
                return FoundRevision(found=False)
            result = await self._result(ref)
            artifacts = {name: artifact.hash for name, artifact in result.artifacts.items()}
            return FoundRevision(found=True, result=ref, context=result.context, artifacts=artifacts, take=take)

    async def _ref_of(self, request: FindRevisionRequest) -> tuple[str | None, int]:
        for entry in reversed(request.unwritten):
            if (entry.stage, entry.revision) == (request.stage, request.revision):
                return entry.result, entry.take
        async with self._database.session() as session:
            for row in await revisions(session, request.composition_id, request.stage):
                if row.revision == request.revision:
                    return row.result, row.take
        head = request.head
        while head:
            manifest = Manifest.model_validate(await self._store.aget_json(head))
            written = manifest.transition
            processed = written.from_stage is written.to_stage is request.stage
            if processed and written.revision == request.revision and written.result:
                return written.result, written.take
            head = manifest.previous
        return None, 1

    @activity.defn(name="project")
    async def project(self, projection: Projection) -> Projected:
        """Write manifests and the read model; with the media store away only the read model."""
        async with people_readable_errors(endless=True):
            head, written = await self._write_manifests(projection)
            results, prompt, complete = await self._documents(projection)
            context = await self._context(projection)
            async with self._database.session() as session:
                moved = projection.model_copy(update={"head": head})
                await write_projection(session, moved, prompt=prompt, results=results)
                if context is not None:
                    await keep_context(session, projection.composition_id, *context)
            self._told.set()
            return Projected(head=head, written=written, complete=complete)

    async def _write_manifests(self, projection: Projection) -> tuple[str | None, int]:
        head, written = projection.head, 0
        for transition in projection.transitions:
            try:
                async with _in_time():
                    head = await self._store.aput(canonical(_manifest(projection, transition, head)))
            except MediaStoreUnavailable:
                break
            written = transition.number
        return head, written

    async def _documents(self, projection: Projection) -> tuple[Mapping[Stage, StageResult], str | None, bool]:
        async with self._database.session() as session:
            wanted = await needs_results(session, projection)
        results: dict[Stage, StageResult] = {}
        prompt = None
        try:
            async with _in_time():
                if projection.prompt:
                    prompt = (await self._store.aget(projection.prompt)).decode()
                for stage in wanted:
                    if ref := projection.stages[stage].result:
                        results[stage] = await self._result(ref)
        except (MediaStoreUnavailable, NotFound):
            return results, prompt, False
        return results, prompt, True

    async def _context(self, projection: Projection) -> tuple[Documents, dict[str, Any]] | None:
        """The effective context with what it follows from; None where that is kept already, or is away."""
        summaries = projection.stages.items()
        documents = documents_of(projection.person, projection.stage, {stage: one.result for stage, one in summaries})
        async with self._database.session() as session:
            if await kept_key(session, projection.composition_id) == key_of(documents):
                return None
        with contextlib.suppress(MediaStoreUnavailable, NotFound):
            async with _in_time():
                return documents, await asyncio.to_thread(read_context, self._store, documents)
        return None

    async def _result(self, ref: str) -> StageResult:
        return StageResult.model_validate(await self._store.aget_json(ref))

    async def _patch(self, ref: str) -> dict[str, Any]:
        return (await self._result(ref)).patch


@contextlib.asynccontextmanager
async def _in_time() -> AsyncIterator[None]:
    """A store that does not answer is a store that is away: the books' calls are short and have no heartbeat."""
    try:
        async with asyncio.timeout(STORE_PATIENCE_S):
            yield
    except TimeoutError:
        raise MediaStoreUnavailable(f"the media store does not answer within {STORE_PATIENCE_S:g} s") from None


def _manifest(projection: Projection, transition: Transition, head: str | None) -> Manifest:
    return Manifest(
        composition_id=projection.composition_id,
        previous=head,
        parent=projection.parent if head is None else None,
        sequence=transition.number,
        transition=transition,
    )


def _same_content(one: StageResult, other: StageResult) -> bool:
    def content(result: StageResult) -> dict[str, Any]:
        return result.model_dump(mode="json", include={"stage", "take", "context", "patch", "artifacts"})

    return content(one) == content(other)


def _missing(required: tuple[str, ...], context: SongContext, artifacts: tuple[str, ...]) -> tuple[str, ...]:
    missing = []
    for name in required:
        if name.startswith("artifact:"):
            wanted = name.removeprefix("artifact:")
            there = any(a == wanted or (wanted.endswith(":") and a.startswith(wanted)) for a in artifacts)
        else:
            there = context.get(name) not in (None, [], {}, "")
        if not there:
            missing.append(name.removeprefix("artifact:").rstrip(":"))
    return tuple(missing)


def _operate(person: Mapping[str, Any], patches: list[dict[str, Any]], operation: Mapping[str, Any]) -> dict[str, Any]:
    """Apply one understood instruction to the person's patch; a number stays within what its path allows."""
    path, value, op = str(operation["path"]), operation["value"], operation["op"]
    check_path(path)
    now = effective(person, patches).get(path)
    new = _OPERATIONS[op](now, value)
    if path in RANGES:
        low, high = RANGES[path]
        new = max(low, min(high, new))
    return merge(person, normalise({path: new}))


def _removed(now: Any, value: Any) -> list[Any]:
    gone = value if isinstance(value, list) else [value]
    return [item for item in now or [] if not any(set(str(g).split("_")) <= set(str(item).split("_")) for g in gone)]


def _edits(now: Any) -> list[Any]:
    return [without_nulls(edit) for edit in now or []]


_OPERATIONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "set": lambda now, value: value,
    "scale": lambda now, value: round(float(now) * value, 2),
    "add": lambda now, value: round(float(now) + value, 3),
    "append": lambda now, value: [*(now or []), *([] if value in (now or []) else [value])],
    "remove": _removed,
    "edit": lambda now, value: [*_edits(now), value],
    "undo": lambda now, _: _edits(now)[:-1],
    "take": lambda now, value: {**(now or {}), value: (now or {}).get(value, 1) + 1},
}


def _paths(changes: Mapping[str, Any]) -> tuple[str, ...]:
    return touched_paths(normalise(changes))
