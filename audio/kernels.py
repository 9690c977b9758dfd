"""How loops over samples are compiled: ahead of use, cached on disk, IEEE arithmetic, no global lock.

Fast-math and parallel reductions are off on purpose: both change the last bit from run to run or from
machine to machine.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` with numba, keeping its types for the reader and for mypy."""
    return cast("Callable[P, R]", njit(cache=True, nogil=True, error_model="numpy")(function))


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Like `kernel`, for small helpers that other kernels call for each sample."""
    return cast("Callable[P, R]", njit(inline="always", error_model="numpy")(function))
