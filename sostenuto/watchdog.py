"""End the process groups of a supervisor that was killed: `python -I -S watchdog.py`, fed through standard input.

Lines `+GROUP` and `-GROUP` name the groups to look after. At the end of the input, which is the supervisor's
death or its farewell, the groups that are left are asked to end and then ended. The lock of the data folder is
passed on to this process, so that nobody starts a second set of servers before the first is gone.
"""

import contextlib
import os
import signal
import sys
import time

GRACE_S = 2.0


def alive(group: int) -> bool:
    """Whether the process group still has a member that may be signalled."""
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def end(groups: set[int]) -> None:
    """SIGTERM, up to GRACE_S seconds, SIGKILL."""
    for number, patience in ((signal.SIGTERM, GRACE_S), (signal.SIGKILL, GRACE_S)):
        for group in sorted(groups):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, number)
        deadline = time.monotonic() + patience
        while any(map(alive, groups)) and time.monotonic() < deadline:
            time.sleep(0.05)


def main() -> None:
    """Follow the list of groups until the input ends, then end what is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        change, group = line[:1], int(line[1:])
        groups.add(group) if change == "+" else groups.discard(group)
    end(groups)


if __name__ == "__main__":
    main()
