"""matchering on two files: `worker.py TARGET REFERENCE RESULT`. Runs under the interpreter of `.venv-peers/`.

Prints the seconds that the processing took, without imports: matchering reads the target and the reference, matches
level and spectrum of the first to those of the second, limits, and writes 24-bit PCM at 44.1 kHz.
"""

import sys
import time

import matchering


def main() -> None:
    """Process and print."""
    target, reference, result = sys.argv[1:4]
    began = time.perf_counter()
    matchering.process(target=target, reference=reference, results=[matchering.pcm24(result)])
    print(time.perf_counter() - began)


if __name__ == "__main__":
    main()
