"""Manners of the commands: results on standard output, everything else on standard error, one line for an error."""

import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

from rich.console import Console

from domain.errors import SostenutoError

DEBUG = "SOSTENUTO_DEBUG"


class Output:
    """Where a command writes. With `as_json` standard output gets exactly one JSON object."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        self.answered = False
        self.err = Console(stderr=True, highlight=False)
        self.out = Console(highlight=False)

    def say(self, text: str) -> None:
        """A line about what goes on, to standard error."""
        self.err.print(text, markup=False, soft_wrap=True)

    def result(self, document: dict[str, Any], *lines: str) -> None:
        """The command's result: the document as JSON, or the lines for a person."""
        self.answered = True
        if self.as_json:
            print(json.dumps(document, ensure_ascii=False, default=str), flush=True)
        else:
            for line in lines:
                self.out.print(line, markup=False, soft_wrap=True)


def run(output: Output, action: Callable[[], int]) -> int:
    """The exit code of a command; an error of ours becomes its line, and the JSON object if none was printed."""
    try:
        return action()
    except SostenutoError as error:
        if output.as_json and not output.answered:
            output.result(error_document(error))
        return report_error(error)


def report_error(error: SostenutoError) -> int:
    """Print `error: …` in one line on standard error and return the exit code."""
    if os.environ.get(DEBUG):
        traceback.print_exception(error)
    message = " ".join(error.message.split())
    print(f"error: {message}", file=sys.stderr, flush=True)
    return error.exit_code


def error_document(error: SostenutoError) -> dict[str, Any]:
    """What `--json` prints instead of a result."""
    return {"ok": False, "error": {"code": error.code, "message": error.message}, "exit_code": error.exit_code}
