"""The workflow and the API stay light: no audio library loads where it does not belong."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["workflows.composition", "api.app"])
def test_no_heavy_library_is_loaded(module):
    heavy = "{'numba', 'scipy', 'soundfile', 'music', 'audio'}"
    code = f"import sys, {module}; print(*sorted({heavy} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == []
