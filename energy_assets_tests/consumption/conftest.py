from collections.abc import Iterator
from pathlib import Path

import pytest

from energy_assets_tests.consumption.files import Waterworks, waterworks_at


@pytest.fixture
def waterworks(tmp_path: Path) -> Iterator[Waterworks]:
    """Empty stores: SQLite, and objects in memory."""
    world = waterworks_at(str(tmp_path))
    yield world
    world.close()
