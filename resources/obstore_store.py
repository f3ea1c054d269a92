"""The object store on S3 and in memory, through obstore; a folder is in `folder_store`."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

import obstore
from obstore import exceptions as failures

from resources.errors import (
    ObjectChangedError,
    ObjectExistsError,
    ObjectKeyError,
    ObjectMissingError,
    StoreUnavailableError,
    StoreUrlError,
)
from resources.folder_store import FolderObjectStore
from resources.object_keys import checked_key
from resources.object_store import ObjectInfo, ObjectStore
from resources.s3_listing import list_with_boto3

if TYPE_CHECKING:
    from obstore import GetOptions, ObjectMeta
    from obstore.store import ObjectStore as Backend

LIST_PAGE: Final = 1000
"""Objects per request of a listing, the most that S3 gives."""

OPTIONS: Final = ("access_key_id", "secret_access_key", "region", "endpoint", "allow_http")
"""What may be said about an S3 store beside its URL."""

CHOICES: Final = "a folder, file:///FOLDER, s3://BUCKET[/PREFIX], memory://NAME"
"""The forms of an object store's URL."""

Listing = Callable[[str, str, str], Iterator[ObjectInfo]]
"""Objects of a base folder, prefix and key to start after."""


def open_object_store(url: str, *, options: Mapping[str, str] | None = None) -> ObjectStore:
    """The object store of that URL.

    Args:
        url: A path or `file:///path`, which is created; `s3://bucket/prefix`; `memory://name`,
            a new and empty one at each call.
        options: For S3: access_key_id, secret_access_key, region, endpoint, and allow_http
            ("true") for an endpoint without TLS; empty ones count as absent. Without keys, those
            of the environment or the machine's role.

    Raises:
        StoreUrlError: No adapter understands the URL.
        StoreUnavailableError: The folder cannot be created.
    """
    parts = urlsplit(url)
    if parts.scheme in ("", "file"):
        if parts.netloc not in ("", "localhost"):
            raise StoreUrlError(url, CHOICES)
        return FolderObjectStore(Path(unquote(parts.path)) if parts.scheme else Path(url))
    if parts.scheme == "s3" and parts.netloc:
        given = {name: value for name, value in (options or {}).items() if value}
        fallback = partial(list_with_boto3, parts.netloc, given)
        backend = _s3(parts.netloc, given)
        return ObstoreObjectStore(url, backend, parts.path.strip("/"), fallback)
    if parts.scheme == "memory":
        from obstore.store import MemoryStore

        return ObstoreObjectStore(url, MemoryStore(), "")
    raise StoreUrlError(url, CHOICES)


def _s3(bucket: str, options: Mapping[str, str]) -> "Backend":
    """A client of one bucket: three retries within half a minute, two minutes for one answer."""
    from obstore.store import S3Store

    unknown = sorted(set(options) - set(OPTIONS))
    if unknown:
        raise StoreUrlError(f"s3://{bucket} with options {unknown}", f"options {OPTIONS}")
    given: dict[str, Any] = {k: v for k, v in options.items() if k != "allow_http"}
    plain = options.get("allow_http", "").lower() in ("1", "true", "yes")
    return S3Store(
        bucket,
        client_options={"allow_http": plain, "connect_timeout": "5s", "timeout": "120s"},
        retry_config={
            "max_retries": 3,
            "retry_timeout": timedelta(seconds=30),
            "backoff": {
                "init_backoff": timedelta(milliseconds=100),
                "max_backoff": timedelta(seconds=3),
                "base": 2,
            },
        },
        **given,
    )


class ObstoreObjectStore:
    """Objects behind obstore. See `ObjectStore` for what each method promises."""

    def __init__(
        self, url: str, backend: "Backend", prefix: str, fallback: Listing | None = None
    ) -> None:
        self._url = url
        self._backend = backend
        self._base = f"{prefix}/" if prefix else ""
        self._fallback = fallback

    @property
    def url(self) -> str:
        """The URL; it never holds credentials."""
        return self._url

    def get(self, key: str) -> bytes:
        """The whole object."""
        path = self._base + checked_key(key)
        with self._explained(f"reading {key}", key):
            return bytes(obstore.get(self._backend, path).bytes())

    def info(self, key: str) -> ObjectInfo:
        """What a listing would say of one object."""
        path = self._base + checked_key(key)
        with self._explained(f"looking at {key}", key):
            return self._info(obstore.head(self._backend, path))

    def stream(
        self, key: str, *, expected_etag: str | None = None, block_bytes: int = 8 << 20
    ) -> Iterator[bytes]:
        """The object in blocks, each a request of its own, bound to the ETag of the first look.

        A slow reader meets no timeout that way, and a replaced object is noticed at once.
        """
        path = self._base + checked_key(key)
        with self._explained(f"reading {key}", key):
            meta = obstore.head(self._backend, path)
        listed = self._info(meta).etag
        if expected_etag is not None and listed != expected_etag:
            raise ObjectChangedError(key, expected_etag, listed)
        for start in range(0, meta["size"], block_bytes):
            wanted = (start, min(start + block_bytes, meta["size"]))
            options: GetOptions = {"range": wanted, "if_match": meta["e_tag"]}
            try:
                with self._explained(f"reading {key}", key):
                    block = bytes(obstore.get(self._backend, path, options=options).bytes())
            except failures.PreconditionError as error:
                raise ObjectChangedError(key, listed, self.info(key).etag) from error
            yield block

    def put(self, key: str, data: bytes) -> None:
        """Write or replace an object as a whole."""
        path = self._base + checked_key(key)
        with self._explained(f"writing {key}"):
            obstore.put(self._backend, path, data)

    def create(self, key: str, data: bytes) -> None:
        """Write an object that does not exist yet."""
        path = self._base + checked_key(key)
        with self._explained(f"writing {key}", key):
            obstore.put(self._backend, path, data, mode="create", use_multipart=False)

    def list(self, prefix: str, *, after: str = "", limit: int | None = None) -> list[ObjectInfo]:
        """Objects whose key starts with the prefix, sorted by key in byte order."""
        found: list[ObjectInfo] = []
        if limit is not None and limit <= 0:
            return found
        with self._explained(f"listing {prefix!r}"):
            for info in self._listed(prefix, after):
                found.append(info)
                if len(found) == limit:
                    break
        return found

    def _listed(self, prefix: str, after: str) -> Iterator[ObjectInfo]:
        """Matching objects; keys that obstore cannot name make the rest go through boto3."""
        folder, _, rest = prefix.rpartition("/")
        start = after.encode()
        if rest and after.encode() < prefix.encode():
            # obstore's prefixes end with a slash: start at the key that is the prefix itself.
            yield from self._existing(prefix)
            start = prefix.encode()
        last = start.decode()
        try:
            for info in self._raw(folder, last):
                name = info.key.encode()
                if not info.key.startswith(prefix):
                    if name > prefix.encode():
                        return
                elif name > start:
                    last = info.key
                    if info.size_bytes or self._readable(info.key):
                        yield info
        except failures.InvalidPathError:
            if self._fallback is None:
                raise
            yield from self._fallback(self._base, prefix, last)

    def _raw(self, folder: str, after: str) -> Iterator[ObjectInfo]:
        """Objects in a folder after a key, as obstore lists them, a page at a time."""
        within = f"{self._base}{folder}".rstrip("/") or None
        try:
            offset = self._base + checked_key(after)
        except ObjectKeyError:
            offset = None
        pages = obstore.list(self._backend, within, offset=offset, chunk_size=LIST_PAGE)
        for page in pages:
            for meta in page:
                yield self._info(meta)

    def _existing(self, key: str) -> Sequence[ObjectInfo]:
        try:
            return [self.info(key)]
        except (ObjectMissingError, ObjectKeyError):
            return []

    def _readable(self, key: str) -> bool:
        """Whether an empty object is one: obstore lists the marker `a/` of a folder as `a`."""
        return bool(self._existing(key))

    def delete(self, key: str) -> None:
        """Remove an object, if there is one."""
        path = self._base + checked_key(key)
        with self._explained(f"deleting {key}"):
            try:
                obstore.delete(self._backend, path)
            except FileNotFoundError:
                return

    def _info(self, meta: "ObjectMeta") -> ObjectInfo:
        return ObjectInfo(
            key=meta["path"].removeprefix(self._base),
            etag=(meta["e_tag"] or "").strip('"'),
            size_bytes=meta["size"],
            # Some servers tell fractions of a second in listings only.
            modified_at=meta["last_modified"].replace(microsecond=0),
        )

    @contextmanager
    def _explained(self, doing: str, key: str = "") -> Generator[None]:
        """Errors of obstore in the words of stores; a missing bucket is no missing object."""
        try:
            yield
        except FileNotFoundError as error:
            if isinstance(error, ObjectMissingError):
                raise
            if key and "NoSuchBucket" not in str(error):
                raise ObjectMissingError(key, self._url) from error
            raise StoreUnavailableError(self._url, doing, _cause(error)) from error
        except failures.AlreadyExistsError as error:
            raise ObjectExistsError(key, self._url) from error
        except (failures.PreconditionError, failures.InvalidPathError):
            raise
        except (failures.BaseError, PermissionError, TimeoutError) as error:
            raise StoreUnavailableError(self._url, doing, _cause(error)) from error


def _cause(error: Exception) -> str:
    """What happened, without the debug dump that follows."""
    return " ".join(str(error).partition("Debug source")[0].split())[:500]
