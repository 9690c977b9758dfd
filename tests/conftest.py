"""What concerns every test: the garbage collector does not look through the suite's own objects over and over."""

import gc

import pytest


def pytest_collection_finish() -> None:
    """The suite itself stays until the end: 650,000 objects before the first test."""
    _settle()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """A file leaves no garbage to the next, and what it imported stays."""
    if nextitem is None or nextitem.path != item.path:
        _settle()


def pytest_sessionfinish() -> None:
    """What nobody closed is looked for among everything once more."""
    gc.unfreeze()


def _settle() -> None:
    """Collect, and let later collections pass over what is left.

    A full one takes a second or two at the end of the suite. In a workflow's thread that is a deadlock to Temporal,
    which allows two seconds and interrupts whatever runs there.
    """
    gc.collect()
    gc.freeze()
