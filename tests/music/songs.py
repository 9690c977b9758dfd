"""A whole song from a prompt, the way the activities call the composer."""

from functools import lru_cache
from typing import Any

from music.composing import Composition, compose

Song = Composition


@lru_cache(maxsize=64)
def song(prompt: str, seed: int = 1, candidates: int = 2) -> Composition:
    return compose(prompt, seed=seed, candidates=candidates)


def changed(prompt: str, seed: int = 1, candidates: int = 2, **musical: Any) -> Composition:
    """The song with the person's own wishes for `musical` fields."""
    return compose(prompt, seed=seed, candidates=candidates, wishes={"musical": musical})
