from collections.abc import Iterator

import pytest

from energy_assets.contracts.tables import TABLES
from energy_assets_tests.intake.exports import World, world_at
from resources.document_store import DocumentStore
from resources.obstore_store import open_object_store


@pytest.fixture
def world(sqlite_url: str) -> Iterator[World]:
    """Empty stores: SQLite and objects in memory."""
    world = world_at(sqlite_url)
    yield world
    world.documents.close()


@pytest.fixture
def any_world(document_store: DocumentStore) -> World:
    """Empty stores: SQLite, then PostgreSQL, and objects in memory."""
    document_store.ensure(TABLES)
    return World(documents=document_store, objects=open_object_store("memory://"))
