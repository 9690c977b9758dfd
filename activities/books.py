"""The song's books: documents, contexts, results, manifests and the read model."""

from collections.abc import Callable, Mapping
from typing import Any

from temporalio import activity

from activities.job import canonical
from activities.runner import people_readable_errors
from activities.runtime import Runtime
from domain.context import SongContext, check_path, effective, merge, normalise
from domain.errors import InvalidValue, MediaStoreUnavailable, NotFound
from domain.projection import Manifest, Projected, Projection
from domain.song_input import check_prompt
from domain.stages import Stage
from domain.state import Transition
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
from storage.projection import needs_results
from storage.projection import project as write_projection


class Books:
    """Activities that keep a song's documents and records."""

    def __init__(self, runtime: Runtime) -> None:
        self._store = runtime.store
        self._database = runtime.database

    def activities(self) -> list[Callable[..., Any]]:
        """All of them, for the worker."""
        return [
            self.open_song,
            self.merge_context,
            self.prepare_stage,
            self.conclude_stage,
            self.find_revision,
            self.project,
        ]

    @activity.defn(name="open_song")
    async def open_song(self, request: OpenRequest) -> Opened:
        """Keep the prompt and the person's overrides."""
        async with people_readable_errors():
            prompt = check_prompt(request.prompt)
            changes = normalise(request.changes)
            effective(changes)
            return Opened(
                prompt=await self._store.aput(prompt.encode()), person=await self._store.aput(canonical(changes))
            )

    @activity.defn(name="merge_context")
    async def merge_context(self, request: MergeRequest) -> Merged:
        """Merge changes and operations into the person's patch."""
        async with people_readable_errors():
            person = merge(await self._store.aget_json(request.person), normalise(request.changes))
            patches = [await self._patch(ref) for ref in request.results]
            paths: dict[str, None] = {}
            for operation in request.operations:
                if path := operation.get("path"):
                    person = _operate(person, patches, operation)
                    paths[path] = None
            effective(person, patches)
            changed = (*_paths(request.changes), *paths)
            return Merged(person=await self._store.aput(canonical(person)), paths=changed)

    @activity.defn(name="prepare_stage")
    async def prepare_stage(self, request: PrepareRequest) -> Prepared:
        """The effective context of a stage, and what it lacks to start."""
        async with people_readable_errors():
            person = await self._store.aget_json(request.person)
            context = effective(person, [await self._patch(ref) for ref in request.results])
            missing = _missing(ENTRY[request.stage], context, request.artifacts)
            ref = await self._store.aput(canonical(context))
            return Prepared(context=ref, missing=missing, format=context.technical.format)

    @activity.defn(name="conclude_stage")
    async def conclude_stage(self, request: ConcludeRequest) -> Concluded:
        """Write a stage's result for ever."""
        async with people_readable_errors():
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
        """Walk the manifests back from the head to the stage's result of that revision."""
        async with people_readable_errors():
            head = request.head
            while head:
                manifest = Manifest.model_validate(await self._store.aget_json(head))
                entry = manifest.transition
                processed = entry.from_stage is entry.to_stage is request.stage
                if processed and entry.revision == request.revision and entry.result:
                    result = await self._result(entry.result)
                    artifacts = {name: artifact.hash for name, artifact in result.artifacts.items()}
                    return FoundRevision(
                        found=True, result=entry.result, context=result.context, artifacts=artifacts, take=entry.take
                    )
                head = manifest.previous
            return FoundRevision(found=False)

    @activity.defn(name="project")
    async def project(self, projection: Projection) -> Projected:
        """Write manifests and the read model; with the media store away only the read model."""
        async with people_readable_errors():
            head, written = await self._write_manifests(projection)
            results, prompt = await self._documents(projection)
            async with self._database.session() as session:
                moved = projection.model_copy(update={"head": head})
                await write_projection(session, moved, prompt=prompt, results=results)
            return Projected(head=head, written=written)

    async def _write_manifests(self, projection: Projection) -> tuple[str | None, int]:
        head, written = projection.head, 0
        for transition in projection.transitions:
            try:
                head = await self._store.aput(canonical(_manifest(projection, transition, head)))
            except MediaStoreUnavailable:
                break
            written = transition.number
        return head, written

    async def _documents(self, projection: Projection) -> tuple[Mapping[Stage, StageResult], str | None]:
        async with self._database.session() as session:
            wanted = await needs_results(session, projection)
        results: dict[Stage, StageResult] = {}
        prompt = None
        try:
            for stage in wanted:
                if ref := projection.stages[stage].result:
                    results[stage] = await self._result(ref)
            if projection.prompt:
                prompt = (await self._store.aget(projection.prompt)).decode()
        except (MediaStoreUnavailable, NotFound):
            return {}, prompt
        return results, prompt

    async def _result(self, ref: str) -> StageResult:
        return StageResult.model_validate(await self._store.aget_json(ref))

    async def _patch(self, ref: str) -> dict[str, Any]:
        return (await self._result(ref)).patch


def _manifest(projection: Projection, transition: Transition, head: str | None) -> Manifest:
    return Manifest(
        composition_id=projection.composition_id, previous=head, sequence=transition.number, transition=transition
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
    try:
        SongContext().set(path, new)
    except InvalidValue:
        return dict(person)
    nested = normalise({path: new})
    return merge(person, nested)


def _removed(now: Any, value: Any) -> list[Any]:
    words = set(str(value).split("_"))
    return [item for item in now or [] if item != value and not words <= set(str(item).split("_"))]


_OPERATIONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "set": lambda now, value: value,
    "scale": lambda now, value: round(float(now) * value, 2),
    "add": lambda now, value: round(max(-36.0, float(now) + value), 3),
    "append": lambda now, value: [*(now or []), *([] if value in (now or []) else [value])],
    "remove": _removed,
}


def _paths(changes: Mapping[str, Any]) -> tuple[str, ...]:
    from domain.context import touched_paths

    return touched_paths(normalise(changes))
