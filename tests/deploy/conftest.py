"""Fixtures of the tests of the bootstrap and of the deployment."""

from pathlib import Path

import pytest
from deploy_support import Checkout, copy_of_bootstrap


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return copy_of_bootstrap(tmp_path)
