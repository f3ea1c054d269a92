"""Which adapter a URL names, and the Dagster resources that hold one. Adapters load when used."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from resources.document_store import DocumentStore
from resources.errors import StoreUrlError
from resources.object_store import ObjectStore
from resources.series_store import SeriesStore, open_series_store
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


@lru_cache(maxsize=32)
def _series_store(
    url: str, options: tuple[tuple[str, str], ...], tables: tuple[Table, ...], process: int
) -> SeriesStore:
    del process
    store = open_series_store(url, options=dict(options))
    store.ensure(tables)
    return store


@dataclass(frozen=True, repr=False, kw_only=True)
class ObjectStoreResource:
    """The object store of a deployment, as a Dagster resource.

    A plain object rather than configuration, because configuration is shown in the UI and these
    values hold secrets. What is a function is called when the store is first opened.

    Attributes:
        url: A folder, `file:///…`, `s3://BUCKET[/PREFIX]` or `memory://NAME`.
        options: What S3 needs: access_key_id, secret_access_key, region, endpoint, allow_http.
    """

    url: str | Callable[[], str]
    options: Mapping[str, str] | Callable[[], Mapping[str, str]] = field(
        default_factory=dict[str, str]
    )

    def open(self) -> ObjectStore:
        """The store, one per process.

        Raises:
            StoreUnavailableError: The folder cannot be created.
        """
        url = self.url() if callable(self.url) else self.url
        options = self.options() if callable(self.options) else self.options
        return _object_store(url, tuple(sorted(options.items())), os.getpid())


@dataclass(frozen=True, repr=False, kw_only=True)
class DocumentStoreResource:
    """The document store of a deployment, as a Dagster resource; plain for the same reason.

    Attributes:
        url: `sqlite:///…`, `postgresql://…`, `mongodb://…` or `mongodb+srv://…`.
        tables: Tables that are created when it is first opened.
    """

    url: str | Callable[[], str]
    tables: Sequence[Table] = ()

    def open(self) -> DocumentStore:
        """The store with its tables, one per process.

        Raises:
            StoreUnavailableError: It cannot be reached.
        """
        url = self.url() if callable(self.url) else self.url
        return _document_store(url, tuple(self.tables), os.getpid())


@dataclass(frozen=True, repr=False, kw_only=True)
class SeriesStoreResource:
    """The series store of a deployment, as a Dagster resource; plain for the same reason.

    Attributes:
        url: `sqlite:///…`, `postgresql://…`, or `http://…` and `https://…` of an InfluxDB.
        options: What InfluxDB needs: token, org, bucket.
        tables: Tables that are made ready when it is first opened.
    """

    url: str | Callable[[], str]
    options: Mapping[str, str] | Callable[[], Mapping[str, str]] = field(
        default_factory=dict[str, str]
    )
    tables: Sequence[Table] = ()

    def open(self) -> SeriesStore:
        """The store with its tables, one per process.

        Raises:
            StoreUnavailableError: It cannot be reached.
        """
        url = self.url() if callable(self.url) else self.url
        options = self.options() if callable(self.options) else self.options
        return _series_store(url, tuple(sorted(options.items())), tuple(self.tables), os.getpid())
