"""Dagster's IO manager for intermediate frames: Parquet in the object store, one file a partition.

A partitioned asset returns and is loaded as a dict of frames by partition key, also for one key.
"""

from collections.abc import Iterable, Sequence
from typing import cast

import dagster as dg
import pandas as pd

from resources.partition_files import (
    SUFFIX,
    frame_of_parquet,
    list_partitions,
    parquet_of_frame,
    read_partitions,
    write_partitions,
)
from resources.stores import ObjectStoreResource

__all__ = ["ParquetIOManager", "list_partitions", "read_partitions"]

Frames = pd.DataFrame | dict[str, pd.DataFrame]
"""One frame, or frames by partition key."""


class ParquetIOManager(dg.IOManager):
    """Frames under `<prefix>/<asset path>/<partition key>.parquet`, zstd.

    Attributes:
        object_store: Where to.
        prefix: Folder of all intermediate frames.
    """

    def __init__(self, *, object_store: ObjectStoreResource, prefix: str = "intermediate") -> None:
        self.object_store = object_store
        self.prefix = prefix

    def folder(self, asset_key: dg.AssetKey | Sequence[str]) -> str:
        """Where an asset's partitions lie, for `read_partitions`."""
        path = asset_key.path if isinstance(asset_key, dg.AssetKey) else list(asset_key)
        return "/".join([self.prefix.strip("/"), *path])

    def keys(self, asset_key: dg.AssetKey | Sequence[str]) -> list[str]:
        """Partition keys of which frames are stored, in order."""
        return list_partitions(self.object_store.open(), self.folder(asset_key))

    def read(
        self, asset_key: dg.AssetKey | Sequence[str], keys: Iterable[str] | None = None
    ) -> dict[str, pd.DataFrame]:
        """Frames of a partitioned asset by partition key; absent partitions are left out."""
        return read_partitions(self.object_store.open(), self.folder(asset_key), keys)

    def handle_output(self, context: dg.OutputContext, obj: Frames) -> None:
        """Store what an asset returned.

        Raises:
            TypeError: It is neither a frame nor frames by partition key.
            ValueError: The partition keys are not those of the run.
        """
        folder = self.folder(context.asset_key)
        store = self.object_store.open()
        if context.has_asset_partitions:
            frames = _frames_by_key(context, obj)
            size = write_partitions(store, folder, frames)
            rows = sum(len(frame) for frame in frames.values())
            context.add_output_metadata({"partitions_written": len(frames)})
        else:
            frame = _frame(context, obj)
            data = parquet_of_frame(frame)
            store.put(folder + SUFFIX, data)
            rows, size = len(frame), len(data)
        # Dagster shows this on each partition of the run, so the sum has a name of its own.
        several = context.has_asset_partitions and len(context.asset_partition_keys) > 1
        context.add_output_metadata(
            {
                ("rows_written" if several else "dagster/row_count"): rows,
                "size_bytes": size,
                "folder": f"{store.url}: {folder}",
            }
        )

    def load_input(self, context: dg.InputContext) -> Frames:
        """A frame of an unpartitioned asset; frames by sorted key of a partitioned one.

        Raises:
            ObjectMissingError: The unpartitioned asset was never materialized.
        """
        store = self.object_store.open()
        folder = self.folder(context.asset_key)
        if context.has_asset_partitions:
            return read_partitions(store, folder, sorted(context.asset_partition_keys))
        return frame_of_parquet(store.get(folder + SUFFIX))


def _frames_by_key(context: dg.OutputContext, obj: object) -> dict[str, pd.DataFrame]:
    keys = list(context.asset_partition_keys)
    name = context.asset_key.to_user_string()
    if isinstance(obj, pd.DataFrame):
        if len(keys) != 1:
            raise ValueError(
                f"{name} returned one frame for {len(keys)} partitions. "
                f"Return a dict of frames by partition key."
            )
        return {keys[0]: obj}
    if not isinstance(obj, dict):
        raise TypeError(f"{name} returned {type(obj).__name__}, not frames by partition key.")
    frames = cast("dict[object, object]", obj)
    strangers = sorted(str(key) for key in frames if key not in set(keys))
    if strangers:
        raise ValueError(f"{name} returned partitions that are not in this run: {strangers[:5]}.")
    return {str(key): _frame(context, frame) for key, frame in frames.items()}


def _frame(context: dg.OutputContext, obj: object) -> pd.DataFrame:
    if not isinstance(obj, pd.DataFrame):
        name = context.asset_key.to_user_string()
        raise TypeError(f"{name} returned {type(obj).__name__}, not a DataFrame.")
    return obj
