"""Frames as Parquet objects, one a partition; usable outside of Dagster."""

import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Final
from urllib.parse import unquote

import pandas as pd

from resources.errors import ObjectMissingError
from resources.object_keys import bounded_name, is_cut
from resources.object_store import ObjectStore

SUFFIX: Final = ".parquet"
"""The end of every object's key."""

ATTRIBUTES: Final = b"PANDAS_ATTRS"
"""Where `frame.attrs` lie in a Parquet file's metadata, as pandas itself writes them."""

PARTITION_KEY: Final = b"PARTITION_KEY"
"""Where the partition key lies in a Parquet file's metadata; the object's name may be cut."""

READERS: Final = 8
"""Objects read at a time: on S3 most of a small read is waiting."""


def partition_object(folder: str, key: str) -> str:
    """The object of a partition; its key is percent-encoded, so it never leaves the folder.

    Args:
        folder: Where the partitions of an asset lie, without a slash at its end.
        key: The partition key: any text that is not empty.
    """
    return f"{folder}/{bounded_name(key)}{SUFFIX}"


def list_partitions(store: ObjectStore, folder: str) -> list[str]:
    """Keys of the partitions in a folder, in order.

    Raises:
        StoreUnavailableError: The store cannot be reached.
    """
    names = [info.key.removeprefix(f"{folder}/") for info in store.list(f"{folder}/")]
    return sorted(
        _key_in(store.get(f"{folder}/{name}"))
        if is_cut(name.removesuffix(SUFFIX))
        else unquote(name.removesuffix(SUFFIX))
        for name in names
        if name.endswith(SUFFIX) and "/" not in name
    )


def _key_in(data: bytes) -> str:
    """The partition key that a Parquet file holds beside its frame."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    return (pq.read_schema(pa.BufferReader(data)).metadata or {})[PARTITION_KEY].decode()


def read_partitions(
    store: ObjectStore, folder: str, keys: Iterable[str] | None = None
) -> dict[str, pd.DataFrame]:
    """Frames by partition key, in the order of the keys.

    Args:
        store: The object store.
        folder: Where the partitions lie: the IO manager's `folder(asset_key)`.
        keys: Partitions wanted; all without it. Those that do not exist are left out.

    Raises:
        StoreUnavailableError: The store cannot be reached.
    """
    wanted: Sequence[str] = list_partitions(store, folder) if keys is None else list(keys)

    def read(key: str) -> pd.DataFrame | None:
        try:
            return frame_of_parquet(store.get(partition_object(folder, key)))
        except ObjectMissingError:
            return None

    with ThreadPoolExecutor(max_workers=READERS) as pool:
        frames = list(pool.map(read, wanted))
    return {k: frame for k, frame in zip(wanted, frames, strict=True) if frame is not None}


def write_partitions(store: ObjectStore, folder: str, frames: Mapping[str, pd.DataFrame]) -> int:
    """Write or replace partitions, each as a whole.

    Returns:
        The bytes written.

    Raises:
        StoreUnavailableError: The store cannot be reached.
    """
    size = 0
    for key, frame in frames.items():
        data = parquet_of_frame(frame, key=key)
        store.put(partition_object(folder, key), data)
        size += len(data)
    return size


def parquet_of_frame(frame: pd.DataFrame, *, key: str = "") -> bytes:
    """The frame with its index, dtypes and `attrs` (any JSON) as a Parquet file.

    Args:
        frame: What is stored.
        key: The partition that it is.

    Raises:
        TypeError: `attrs` holds something that JSON cannot say.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    attributes = json.dumps({str(name): value for name, value in frame.attrs.items()})
    table = pa.Table.from_pandas(frame)
    metadata = {
        **(table.schema.metadata or {}),
        ATTRIBUTES: attributes.encode(),
        PARTITION_KEY: key.encode(),
    }
    out = BytesIO()
    pq.write_table(table.replace_schema_metadata(metadata), out, compression="zstd")
    return out.getvalue()


def frame_of_parquet(data: bytes) -> pd.DataFrame:
    """The frame of `parquet_of_frame`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(pa.BufferReader(data))
    frame: pd.DataFrame = table.to_pandas()
    frame.attrs = json.loads((table.schema.metadata or {}).get(ATTRIBUTES, b"{}"))
    return frame
