"""The inside of a process for heavy steps: it opens the media store itself, so that no audio crosses the pipe."""

from multiprocessing.connection import Connection

from activities.pool import die_with_parent, give_memory_back
from domain.context import SongContext
from domain.errors import ResourceUnavailable, SostenutoError
from domain.steps import StepRequest
from storage.config import Settings
from storage.media import MediaStore


def serve_steps(pipe: Connection) -> None:
    """Answer jobs until the pipe closes: (settings, request, context) in, progress and one answer out.

    Kernels are compiled before the first job comes, while the song is still being composed.
    """
    die_with_parent()
    _warm_up()
    while True:
        try:
            message = pipe.recv()
        except EOFError:
            return
        pipe.send(_answer(pipe, message))
        give_memory_back()


def _warm_up() -> None:
    from audio.render import warm_up

    warm_up()


def _answer(pipe: Connection, message: tuple[Settings, str, str]) -> tuple[str, ...]:
    from activities.execution import execute

    settings, request, context = message
    try:
        store = MediaStore.open(settings)
        made = execute(
            StepRequest.model_validate_json(request),
            SongContext.model_validate_json(context),
            store,
            settings,
            lambda fraction, text: pipe.send(("progress", fraction, text)),
        )
    except SostenutoError as error:
        kind = "later" if isinstance(error, ResourceUnavailable) else "refused"
        return kind, error.code, error.message
    except Exception as error:
        import traceback

        return "broken", "internal_error", f"{type(error).__name__}: {error}", traceback.format_exc()
    return "made", made.model_dump_json()
