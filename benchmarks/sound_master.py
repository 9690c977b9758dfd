"""How long mastering a mix takes: `python -m benchmarks.sound_master MIX LUFS`, the fastest of a few in one process."""

import sys
import time
from pathlib import Path

from audio.mastering import master
from audio.rate import RATE
from audio.render import warm_up
from benchmarks.sound_meters import read

TIMES = 3


def main() -> int:
    """Print the seconds by the clock and of the processor; reading and writing the file are not in them."""
    mix, _ = read(Path(sys.argv[1]))
    warm_up()
    seconds = []
    for _ in range(TIMES):
        began, processor = time.perf_counter(), time.process_time()
        master(mix, target_lufs=float(sys.argv[2]), ceiling_dbtp=-1.0, genre=(), rate=RATE, bit_depth=24, seed=1)
        seconds.append((time.perf_counter() - began, time.process_time() - processor))
    print(*map(min, zip(*seconds, strict=True)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
