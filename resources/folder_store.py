"""The object store in a local folder: one file an object, its path the key.

Written on the file system itself and not through obstore, whose local listing is unsorted and
cannot start after a key: a page of a large folder would cost a walk over all of it.
"""

import logging
import os
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final
from uuid import uuid4

from resources.errors import (
    ObjectChangedError,
    ObjectExistsError,
    ObjectKeyError,
    ObjectMissingError,
    StoreUnavailableError,
)
from resources.object_keys import MAX_SEGMENT_BYTES, checked_key
from resources.object_store import ObjectInfo

log = logging.getLogger(__name__)

PARTIAL: Final = ".partial~"
"""The end of the name of a file that is still being written; listings leave it out."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class FolderObjectStore:
    """Objects in a folder. See `ObjectStore` for what each method promises.

    The ETag is made of modification time (to the nanosecond), size and inode: files that somebody
    else writes in place are told apart as finely as the kernel's clock for files ticks.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.expanduser().absolute()
        with self._explained("creating it"):
            self._root.mkdir(parents=True, exist_ok=True)

    @property
    def url(self) -> str:
        """The folder as a URL."""
        return self._root.as_uri()

    def get(self, key: str) -> bytes:
        """The whole object."""
        with self._opened(key) as file, self._explained(f"reading {key}", key):
            return file.read()

    def info(self, key: str) -> ObjectInfo:
        """What a listing would say of one object."""
        path = self._path(key)
        with self._explained(f"looking at {key}", key):
            if path.is_dir():
                raise ObjectMissingError(key, self.url)
            return _info(key, path.stat())

    def stream(
        self, key: str, *, expected_etag: str | None = None, block_bytes: int = 8 << 20
    ) -> Iterator[bytes]:
        """The object in blocks; a replacement or change while it is read raises at its end."""
        with self._opened(key) as file:
            listed = expected_etag
            if listed is None:
                listed = _etag(os.fstat(file.fileno()))
            self._check_unchanged(key, listed, os.fstat(file.fileno()))
            while True:
                with self._explained(f"reading {key}", key):
                    block = file.read(block_bytes)
                if not block:
                    break
                yield block
        with self._explained(f"reading {key}", key):
            self._check_unchanged(key, listed, self._path(key).stat())

    def put(self, key: str, data: bytes) -> None:
        """Write or replace an object: a reader sees the old or the new one."""
        with self._written(key, data) as (partial, path):
            partial.replace(path)

    def create(self, key: str, data: bytes) -> None:
        """Write an object that does not exist yet."""
        with self._written(key, data) as (partial, path):
            try:
                path.hardlink_to(partial)
            except FileExistsError as error:
                raise ObjectExistsError(key, self.url) from error

    def list(self, prefix: str, *, after: str = "", limit: int | None = None) -> list[ObjectInfo]:
        """Objects whose key starts with the prefix, sorted by key in byte order."""
        found: list[ObjectInfo] = []
        with self._explained(f"listing {prefix!r}"):
            if limit is not None and limit <= 0:
                return found
            for info in self._walk("", self._root, prefix, after, frozenset()):
                found.append(info)
                if len(found) == limit:
                    break
        return found

    def delete(self, key: str) -> None:
        """Remove an object, if there is one."""
        path = self._path(key)
        with self._explained(f"deleting {key}"):
            try:
                path.unlink(missing_ok=True)
            except NotADirectoryError:
                return

    def _path(self, key: str) -> Path:
        for part in checked_key(key).split("/"):
            if len(part.encode()) > MAX_SEGMENT_BYTES:
                why = f"has a part longer than the {MAX_SEGMENT_BYTES} bytes of a file name"
                raise ObjectKeyError(key, why)
            if part.endswith(PARTIAL):
                raise ObjectKeyError(key, f"ends a part with {PARTIAL}, kept for unfinished files")
        return self._root / key

    @contextmanager
    def _opened(self, key: str) -> Generator[BinaryIO]:
        path = self._path(key)
        with self._explained(f"reading {key}", key):
            if path.is_dir():
                raise ObjectMissingError(key, self.url)
            file = path.open("rb")
        with file:
            yield file

    @contextmanager
    def _written(self, key: str, data: bytes) -> Generator[tuple[Path, Path]]:
        """A complete file beside the place where it belongs, removed at the end."""
        path = self._path(key)
        partial = path.with_name(f".{uuid4().hex}{PARTIAL}")
        with self._explained(f"writing {key}"):
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                partial.write_bytes(data)
                # The kernel stamps files a few milliseconds coarse; two versions must differ.
                now_ns = time.time_ns()
                os.utime(partial, ns=(now_ns, now_ns))
                yield partial, path
            except ObjectExistsError:
                raise
            except (NotADirectoryError, IsADirectoryError, FileExistsError) as error:
                why = "cannot be beside an object whose key is its beginning, as file and folder"
                raise ObjectKeyError(key, why) from error
            finally:
                with suppress(FileNotFoundError, NotADirectoryError):
                    partial.unlink()

    def _check_unchanged(self, key: str, listed: str, status: os.stat_result) -> None:
        if _etag(status) != listed:
            raise ObjectChangedError(key, listed, _etag(status))

    @contextmanager
    def _explained(self, doing: str, key: str | None = None) -> Generator[None]:
        """Errors of the file system in the words of stores."""
        try:
            yield
        except (ObjectMissingError, ObjectExistsError, StoreUnavailableError):
            raise
        except (FileNotFoundError, NotADirectoryError) as error:
            if key is not None and self._root.is_dir():
                raise ObjectMissingError(key, self.url) from error
            raise StoreUnavailableError(self.url, doing, str(error)) from error
        except OSError as error:
            raise StoreUnavailableError(self.url, doing, str(error)) from error

    def _walk(
        self, base: str, folder: Path, prefix: str, after: str, above: frozenset[tuple[int, int]]
    ) -> Iterator[ObjectInfo]:
        """Objects below one folder in byte order of their keys, passing over what cannot match."""
        status = folder.stat()
        identity = (status.st_dev, status.st_ino)
        if identity in above:
            return
        for key, entry in _sorted_entries(base, folder, prefix, after):
            if key.endswith("/"):
                yield from self._walk(key, Path(entry), prefix, after, above | {identity})
                continue
            try:
                yield _info(key, entry.stat())
            except FileNotFoundError:
                continue


def _sorted_entries(
    base: str, folder: Path, prefix: str, after: str
) -> list[tuple[str, os.DirEntry[str]]]:
    """What of a folder may hold matching keys, in order; a folder's key ends in a slash."""
    found: list[tuple[bytes, str, os.DirEntry[str]]] = []
    lower = after.encode()
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            is_folder = entry.is_dir()
            key = f"{base}{entry.name}/" if is_folder else base + entry.name
            if not (key.startswith(prefix) or (is_folder and prefix.startswith(key))):
                continue
            if entry.name.endswith(PARTIAL) or not (is_folder or entry.is_file()):
                continue
            try:
                name = checked_key(key.removesuffix("/")).encode()
            except ObjectKeyError as error:
                log.warning("%s: left out of the listing: %s", folder, ascii(str(error)))
                continue
            name += b"/" * is_folder
            if name > lower or (is_folder and lower.startswith(name)):
                found.append((name, key, entry))
    found.sort(key=lambda each: each[0])
    return [(key, entry) for _, key, entry in found]


def _info(key: str, status: os.stat_result) -> ObjectInfo:
    modified_at = EPOCH + timedelta(microseconds=status.st_mtime_ns // 1000)
    return ObjectInfo(
        key=key, etag=_etag(status), size_bytes=status.st_size, modified_at=modified_at
    )


def _etag(status: os.stat_result) -> str:
    return f"{status.st_mtime_ns:x}-{status.st_size:x}-{status.st_ino:x}"
