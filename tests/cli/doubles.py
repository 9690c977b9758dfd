"""Light stand-ins for worker and API, so that tests of the supervisor cost no seconds of imports; Temporal is real."""

import sys
from dataclasses import replace
from pathlib import Path

from sostenuto.parts import API, TEMPORAL, WORKER, Part

_API = """
import http.server, os, signal, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b'{"pid": %d}' % os.getpid())
    def log_message(self, *_):
        pass
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
http.server.ThreadingHTTPServer((os.environ["SOSTENUTO_API_HOST"], int(os.environ["SOSTENUTO_API_PORT"])),
                                Handler).serve_forever()
"""
# As the real one, the worker has processes of its own in its group, and drains at SIGTERM.
_WORKER = """
import os, signal, subprocess, sys, time
helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("helper", helper.pid, flush=True)
def drain(*_):
    print("drained", flush=True)
    os._exit(0)
signal.signal(signal.SIGTERM, drain)
time.sleep(600)
"""


def _script(source: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", source]


FAKE_API: Part = replace(API, command=lambda _: _script(_API))
FAKE_WORKER: Part = replace(WORKER, command=lambda _: _script(_WORKER))
PARTS = (TEMPORAL, FAKE_WORKER, FAKE_API)
WITHOUT_TEMPORAL = (FAKE_WORKER, FAKE_API)

SUPERVISOR = """
import sys, time
from sostenuto.embedded import Embedded
from storage.config import load_settings
from tests.cli.doubles import PARTS
server = Embedded(load_settings(data_dir=sys.argv[1]), parts=PARTS)
server.start(30)
print("up", flush=True)
time.sleep(600)
"""


def helper_pid(data_dir: Path) -> int:
    """The process that the worker's stand-in started last."""
    lines = (data_dir / "logs" / "worker.log").read_text().splitlines()
    return int([line for line in lines if line.startswith("helper")][-1].split()[1])
