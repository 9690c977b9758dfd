"""Whether this container does its work: `python -m deploy.healthcheck api` or `… worker TASK_QUEUE`.

Exit code 0 when it does, 1 with one line on standard error when it does not. Only the standard library and
the `temporal` command are used, because a check runs every half minute and must cost little.
"""

import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request

SECONDS = 8.0


def api() -> str:
    """What is wrong with the API of this container: an empty string when it is ready."""
    url = f"http://127.0.0.1:{os.environ.get('SOSTENUTO_API_PORT', '8000')}/readyz"
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:
            return "" if answer.status == 200 else f"{url} answered {answer.status}"
    except (urllib.error.URLError, OSError) as error:
        return f"{url}: {error}"


def worker(task_queue: str) -> str:
    """What is wrong with the worker of this container: an empty string when it polls its task queue.

    A worker names itself `pid@host` to Temporal, so the server's list of pollers says whether this
    container's worker, and not only some worker, still asks for work.
    """
    command = ["temporal", "task-queue", "describe", "--task-queue", task_queue, "--output", "json"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"Temporal could not be asked: {error}"
    if done.returncode:
        return f"Temporal could not be asked: {done.stderr.strip()}"
    host = socket.gethostname()
    pollers = [str(poller.get("identity", "")) for poller in json.loads(done.stdout).get("pollers") or []]
    if any(identity.endswith(f"@{host}") for identity in pollers):
        return ""
    return f"no worker of {host} polls the task queue {task_queue}; those that do: {pollers or 'none'}"


def main(arguments: list[str]) -> int:
    match arguments:
        case ["api"]:
            problem = api()
        case ["worker", task_queue]:
            problem = worker(task_queue)
        case _:
            problem = f"usage: healthcheck api | worker TASK_QUEUE, not {' '.join(arguments) or 'nothing'}"
    if problem:
        print(problem, file=sys.stderr)
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
