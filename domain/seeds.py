"""Named seed streams: one song seed, one independent stream for each purpose."""

import hashlib


def derive(seed: int, *purpose: str | int) -> int:
    """A 128-bit seed for `purpose` under the song's `seed`; feed it to `numpy.random.default_rng`.

    Equal arguments give an equal seed on every platform; any other purpose gives an unrelated one (SHA-256).
    """
    text = "\x1f".join([str(seed), *map(str, purpose)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")
