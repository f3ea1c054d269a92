"""The object store port: raw files, features, plots. Adapters on obstore are in `obstore_store`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class ObjectInfo:
    """One object of a listing.

    Attributes:
        key: Its key, with no leading slash.
        etag: Opaque content tag, without quotes; another content has another tag.
        size_bytes: Its size.
        modified_at: When it was last written, UTC.
    """

    key: str
    etag: str
    size_bytes: int
    modified_at: datetime


class ObjectStore(Protocol):
    """Bytes under keys. One contract test-suite holds every adapter to it."""

    @property
    def url(self) -> str:
        """The store's URL without credentials, for people."""
        ...

    def get(self, key: str) -> bytes:
        """The whole object.

        Raises:
            ObjectMissingError: There is none.
            StoreUnavailableError: The store cannot be reached.
        """
        ...

    def info(self, key: str) -> ObjectInfo:
        """What a listing would say of one object.

        Raises:
            ObjectMissingError: There is none.
        """
        ...

    def stream(
        self, key: str, *, expected_etag: str | None = None, block_bytes: int = 8 << 20
    ) -> Iterator[bytes]:
        """The object in blocks of about that size, in bounded memory.

        Args:
            key: Which object.
            expected_etag: The ETag of the listing that this read belongs to.
            block_bytes: Size of a block.

        Raises:
            ObjectMissingError: There is none.
            ObjectChangedError: Its ETag is not the expected one.
        """
        ...

    def put(self, key: str, data: bytes) -> None:
        """Write or replace an object as a whole: a reader sees the old or the new one."""
        ...

    def create(self, key: str, data: bytes) -> None:
        """Write an object that does not exist yet.

        Raises:
            ObjectExistsError: There is one; it stays as it is.
        """
        ...

    def list(self, prefix: str, *, after: str = "", limit: int | None = None) -> list[ObjectInfo]:
        """Objects whose key starts with the prefix, sorted by key in byte order.

        Args:
            prefix: A folder ("raw/load_profiles/") or any beginning of a key; empty for all.
            after: Only keys greater than this one.
            limit: At most that many.
        """
        ...

    def delete(self, key: str) -> None:
        """Remove an object; removing one that does not exist is harmless."""
        ...
