"""What a step sees: its declared part of the context, its inputs, and where its outputs go."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from typing import Any, Protocol, TypeVar

import numpy as np
from pydantic import BaseModel

from domain.context import SongContext, leaf_paths
from domain.errors import SostenutoError
from domain.seeds import derive
from domain.steps import STEPS, Artifact, MediaType, StepRequest, StepSpec, covers
from storage.config import Settings

Model = TypeVar("Model", bound=BaseModel)
ProgressTold = Callable[[float, str], None]


class Store(Protocol):
    """The part of the media store that a step needs."""

    def put(self, data: bytes) -> str: ...

    def get(self, hash: str) -> bytes: ...


class UndeclaredRead(SostenutoError):
    """A step read a context path that its contract does not declare; its results could be reused wrongly."""

    code = "undeclared_read"


class StepJob:
    """One run of a step: reads are limited to what the step declares, outputs are stored as they are made."""

    def __init__(
        self,
        request: StepRequest,
        context: SongContext,
        store: Store,
        settings: Settings,
        progress: ProgressTold = lambda _fraction, _text: None,
    ) -> None:
        self.request = request
        self.settings = settings
        self.spec: StepSpec = STEPS[request.step]
        self.params: Mapping[str, Any] = request.params
        self.progress = progress
        self.reads: set[str] = set()
        self.outputs: dict[str, Artifact] = {}
        self.patch: dict[str, Any] = {}
        self.measured: dict[str, float | int | str | bool] = {}
        self.decisions: list[dict[str, Any]] = []
        self._context = context
        self._store = store

    @property
    def seed(self) -> int:
        """The song's seed for this take; every step and part draws its own streams from it."""
        take = self.request.take
        return self.request.seed if take == 1 else derive(self.request.seed, "take", take)

    def read(self, path: str, default: Any = None) -> Any:
        """The value at a context path that the step declares; UndeclaredRead for any other."""
        if not any(path == read or path.startswith(read + ".") for read in self.spec.reads):
            raise UndeclaredRead(f"step {self.spec.name} reads {path} without declaring it: add it to domain/steps.py")
        self.reads.add(path)
        return self._context.get(path, default)

    def names(self, prefix: str) -> list[str]:
        """Names of the inputs that start with `prefix`, in order, without it."""
        return sorted(name.removeprefix(prefix) for name in self.request.inputs if name.startswith(prefix))

    def content(self, name: str) -> bytes:
        """The content of an input."""
        return self._store.get(self.request.inputs[name])

    def text(self, name: str) -> str:
        """The content of a text input."""
        return self.content(name).decode()

    def model(self, name: str, model: type[Model]) -> Model:
        """An input document."""
        return model.model_validate_json(self.content(name))

    def document(self, name: str) -> Any:
        """An input JSON document."""
        return json.loads(self.content(name))

    def file(self, ref: str) -> bytes:
        """The content that an input document refers to."""
        return self._store.get(ref)

    def fetch(self, ref: str) -> Any:
        """A JSON document by its reference."""
        return json.loads(self._store.get(ref))

    def put(
        self,
        name: str,
        data: bytes,
        media_type: str,
        type: MediaType = MediaType.DOCUMENT,
        filename: str | None = None,
        **metadata: Any,
    ) -> Artifact:
        """Store an output under a name."""
        artifact = self.stored(data, media_type, type, filename, **metadata)
        self.outputs[name] = artifact
        return artifact

    def stored(self, data: bytes, media_type: str, type: MediaType, filename: str | None, **metadata: Any) -> Artifact:
        """Store what may become an output; also called from threads of a step."""
        return Artifact(
            hash=self._store.put(data),
            size=len(data),
            media_type=media_type,
            type=type,
            filename=filename,
            metadata=metadata,
        )

    def put_model(
        self, name: str, document: BaseModel | Mapping[str, Any] | Sequence[Any], **metadata: Any
    ) -> Artifact:
        """Store an output document as canonical JSON."""
        return self.put(name, canonical(document), "application/json", **metadata)

    def keep(self, document: Any) -> str:
        """Store a document that is no named output; its reference."""
        return self._store.put(canonical(document))

    def explain(self, what: str, value: Any, reason: str) -> None:
        """Record a decision: what, its value, and why."""
        self.decisions.append({"stage": self.spec.stage.value, "what": what, "value": plain(value), "reason": reason})


def canonical(document: Any) -> bytes:
    """Canonical JSON: sorted keys, compact, UTF-8."""
    if isinstance(document, BaseModel):
        document = document.model_dump(mode="json")
    text = json.dumps(plain(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def plain(value: Any) -> Any:
    """A value with NumPy scalars and models turned into what JSON knows."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in (sorted(value) if isinstance(value, set | frozenset) else value)]
    return value.item() if isinstance(value, np.generic) else value


def step_key(request: StepRequest, context: SongContext, sound_version: str) -> str:
    """SHA-256 over all that decides what a step makes."""
    spec = STEPS[request.step]
    values = {path: context.get(path) for path in leaf_paths() if any(covers(read, path) for read in spec.reads)}
    for read in spec.reads:
        values.setdefault(read, context.get(read))
    chosen = {path: value for path, value in values.items() if any(_inside(path, read) for read in spec.reads)}
    parts = {
        "step": spec.name,
        "version": spec.version,
        "release": _release(),
        "reads": chosen,
        "inputs": request.inputs,
        "params": request.params,
        "facts": request.facts,
        "seed": request.seed,
        "take": request.take,
        "sound": sound_version if spec.sounds or spec.signs else "",
    }
    return hashlib.sha256(canonical(parts)).hexdigest()


@cache
def _release() -> str:
    return version("sostenuto")


def _inside(path: str, read: str) -> bool:
    return path == read or path.startswith(read + ".")
