import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from energy_assets_tests.files.worlds import Stores, opened_stores

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder in memory, where the machine has one
"""Databases of these tests wait for no disk."""


@pytest.fixture(scope="session")
def stores() -> Iterator[Stores]:
    """SQLite stores that all cases of a worker share; each case empties them first."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield from opened_stores(Path(folder))
