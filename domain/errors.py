"""The one error tree.

SostenutoError
├── InvalidInput              422, exit 2   a value that was given cannot be used
│   ├── InvalidPrompt
│   ├── UnknownPath
│   ├── InvalidValue
│   ├── InvalidCommand
│   ├── InvalidScore
│   └── InvalidAudio
├── Conflict                  409, exit 3   the song is not in a state that allows this
│   └── CommandRejected
├── NotFound                  404, exit 4   no such song, stage, file
├── MissingRequirement        409, exit 5   a stage lacks what it needs to start
├── ResourceUnavailable       503, exit 6   disk, media store, database or server is away
│   ├── MediaStoreUnavailable
│   ├── DatabaseUnavailable
│   └── ServerUnavailable
├── RenderError               500, exit 7   sound or score could not be made
└── VerificationFailed        500, exit 8   a finished song misses one of its own checks

A message says what happened, which value, and what to do.
"""

from typing import ClassVar


class SostenutoError(Exception):
    """Root of everything that Sostenuto raises on purpose."""

    code: ClassVar[str] = "error"
    http_status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidInput(SostenutoError):
    """A value that was given cannot be used."""

    code = "invalid_input"
    http_status = 422
    exit_code = 2


class InvalidPrompt(InvalidInput):
    """The prompt is empty, too long, or no text."""

    code = "invalid_prompt"


class UnknownPath(InvalidInput):
    """A context path that does not exist."""

    code = "unknown_path"


class InvalidValue(InvalidInput):
    """A context value outside of what its path allows."""

    code = "invalid_value"


class InvalidCommand(InvalidInput):
    """A command that is not of the command's shape."""

    code = "invalid_command"


class InvalidScore(InvalidInput):
    """A score that contradicts itself."""

    code = "invalid_score"


class InvalidAudio(InvalidInput):
    """A sound file from elsewhere that cannot be used."""

    code = "invalid_audio"


class Conflict(SostenutoError):
    """The song is not in a state that allows this."""

    code = "conflict"
    http_status = 409
    exit_code = 3


class CommandRejected(Conflict):
    """A well-formed command that the rules do not allow now."""

    code = "command_rejected"


class NotFound(SostenutoError):
    """No such song, stage, revision or file."""

    code = "not_found"
    http_status = 404
    exit_code = 4


class MissingRequirement(SostenutoError):
    """A stage lacks what it needs to start."""

    code = "missing_requirement"
    http_status = 409
    exit_code = 5


class ResourceUnavailable(SostenutoError):
    """Something outside of the song is away; trying again later can help."""

    code = "resource_unavailable"
    http_status = 503
    exit_code = 6


class MediaStoreUnavailable(ResourceUnavailable):
    """The media store cannot be read or written."""

    code = "media_store_unavailable"


class DatabaseUnavailable(ResourceUnavailable):
    """The database cannot be reached."""

    code = "database_unavailable"


class ServerUnavailable(ResourceUnavailable):
    """Temporal or the API cannot be reached."""

    code = "server_unavailable"


class RenderError(SostenutoError):
    """Sound or score could not be made."""

    code = "render_error"
    exit_code = 7


class VerificationFailed(SostenutoError):
    """A finished song misses one of its own checks."""

    code = "verification_failed"
    exit_code = 8
