from collections.abc import Iterator
from pathlib import Path

import pytest

from energy_assets_tests.files.worlds import Stores, opened_stores


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """SQLite stores that all cases of a worker share; each case empties them first."""
    folder: Path = tmp_path_factory.mktemp("files")
    yield from opened_stores(folder)
