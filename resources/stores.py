"""Which adapter a URL names, and the Dagster resources that hold one. Adapters load when used."""

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, cast

import dagster as dg
from pydantic import Field

from resources.document_store import DocumentStore
from resources.errors import StoreUrlError
from resources.object_store import ObjectStore
from resources.tables import Table

DOCUMENT_STORE_CHOICES: Final = (
    "sqlite:///FILE, postgresql://USER:PASSWORD@HOST/DATABASE, "
    "mongodb://USER:PASSWORD@HOST/DATABASE, mongodb+srv://USER:PASSWORD@HOST/DATABASE"
)
"""The forms of a document store's URL."""


def open_document_store(url: str) -> DocumentStore:
    """The document store of that URL; nothing is connected before its first use.

    Raises:
        StoreUrlError: No adapter understands the URL.
    """
    scheme = url.partition(":")[0]
    if scheme in ("mongodb", "mongodb+srv"):
        from resources.mongo_store import open_mongo_store

        return open_mongo_store(url)
    if scheme.partition("+")[0] in ("sqlite", "postgresql", "postgres"):
        from resources.sql_store import open_sql_store

        return open_sql_store(url)
    raise StoreUrlError(url, DOCUMENT_STORE_CHOICES)


@lru_cache(maxsize=32)
def _document_store(url: str, tables: tuple[Table, ...], process: int) -> DocumentStore:
    del process  # connections must not outlive a fork
    store = open_document_store(url)
    store.ensure(tables)
    return store


@lru_cache(maxsize=32)
def _object_store(url: str, options: tuple[tuple[str, str], ...], process: int) -> ObjectStore:
    from resources.obstore_store import open_object_store

    del process
    return open_object_store(url, options=dict(options))


class ObjectStoreResource(dg.ConfigurableResource["ObjectStoreResource"]):
    """The object store of a deployment.

    Attributes:
        url: A folder, `file:///…`, `s3://BUCKET[/PREFIX]` or `memory://NAME`.
        options: What S3 needs: access_key_id, secret_access_key, region, endpoint, allow_http.
    """

    url: str
    options: dict[str, str] = Field(default_factory=dict)

    def open(self) -> ObjectStore:
        """The store, one per process.

        Raises:
            StoreUnavailableError: The folder cannot be created.
        """
        return _object_store(self.url, tuple(sorted(self.options.items())), os.getpid())


class DocumentStoreResource(dg.ConfigurableResource["DocumentStoreResource"]):
    """The document store of a deployment.

    Attributes:
        url: `sqlite:///…`, `postgresql://…`, `mongodb://…` or `mongodb+srv://…`.
        tables: Tables that are created when it is first opened.
    """

    url: str
    # Handed through as it is: descriptions of tables are no configuration.
    tables: dg.ResourceDependency[Sequence[Table]] = cast("Any", ())

    def open(self) -> DocumentStore:
        """The store with its tables, one per process.

        Raises:
            StoreUnavailableError: It cannot be reached.
        """
        return _document_store(self.url, tuple(self.tables), os.getpid())
