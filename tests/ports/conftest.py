"""Runs each conformance test on every store."""

from pathlib import Path

import pytest
from store_rigs import RIGS, Rig


@pytest.fixture(params=sorted(RIGS))
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Rig:
    """Give a place for a store, of each kind in turn."""
    return RIGS[request.param](tmp_path)
