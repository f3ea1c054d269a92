"""Few runs for many partitions: a run takes a contiguous range of keys, never one run a key."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import dagster as dg

RUN_PARTITIONS: Final = 500
"""Most partitions that one run takes."""


def range_tags(first: str, last: str) -> Mapping[str, str]:
    """The run tags that select all partitions from `first` to `last`, both included."""
    return {
        "dagster/asset_partition_range_start": first,
        "dagster/asset_partition_range_end": last,
    }


def ranges(keys: Sequence[str], *, size: int = RUN_PARTITIONS) -> Iterator[tuple[str, str]]:
    """First and last key of each run over these keys, which are neighbours in partition order."""
    for start in range(0, len(keys), size):
        part = keys[start : start + size]
        yield part[0], part[-1]


def requests_for_all(
    instance: dg.DagsterInstance, partitions: dg.DynamicPartitionsDefinition, *, run_key: str
) -> Iterator[dg.RunRequest]:
    """Runs that together take every partition.

    Args:
        instance: Knows the partitions.
        partitions: Of what.
        run_key: What occasions the runs; the same occasion is never run twice.
    """
    for first, last in ranges(instance.get_dynamic_partitions(partitions.name or "")):
        yield dg.RunRequest(run_key=f"{run_key}: {first} to {last}", tags=range_tags(first, last))
