"""One bash for a whole page, as a reader has it: what a block sets, the next ones see."""

import contextlib
import os
import signal
import subprocess
import threading
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

# The interpreter's exit can abort inside the Temporal SDK's runtime thread (sdk-python issue 300), as in worker.py;
# what the program does until then counts.
LAUNCH = """
import os, runpy, sys
runpy.run_path(sys.argv[1], run_name="__main__")
sys.stdout.flush()
os._exit(0)
"""


class Shell:
    """Runs blocks one after the other and gives what each printed; a block that fails or hangs is an error."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self._errors = folder / "stderr"
        self._errors.touch()
        self._folder = folder
        self._env = dict(env)

    def __enter__(self) -> Self:
        self._bash = subprocess.Popen(
            ["bash", "--norc", "--noprofile"], cwd=self._folder, env=self._env, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kill()
        self._bash.communicate()

    def _kill(self) -> None:
        # What a block started holds the pipe as well.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._bash.pid, signal.SIGKILL)

    def run(self, text: str, seconds: float = 20) -> str:
        """Standard output of a block; AssertionError with its standard error when it ends with another code than 0."""
        stdin, stdout = self._bash.stdin, self._bash.stdout
        assert stdin is not None
        assert stdout is not None
        mark = f"end-{uuid.uuid4().hex}"
        watchdog = threading.Timer(seconds, self._kill)
        watchdog.start()
        try:
            stdin.write(f"set -e\n{{ {text}\n}} </dev/null 2>{self._errors}\nset +e\nprintf '\\n%s\\n' {mark}\n")
            stdin.flush()
            lines = []
            for line in stdout:
                if line.strip() == mark:
                    return "".join(lines).strip()
                lines.append(line)
        finally:
            watchdog.cancel()
        raise AssertionError(f"failed or took over {seconds} s:\n{text}\n{''.join(lines)}\n{self._errors.read_text()}")

    def python(self, text: str, seconds: float = 20) -> str:
        """Standard output of a Python block, run as a program that the shell starts."""
        script = self._folder / "example.py"
        script.write_text(text)
        launch = self._folder / "launch.py"
        launch.write_text(LAUNCH)
        return self.run(f"python3 {launch} {script}", seconds)

    def value(self, name: str) -> str:
        """A variable of the shell."""
        return self.run(f'printf %s "${name}"')
