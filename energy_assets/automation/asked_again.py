"""Files that were asked for and never came to their end: which to ask for again, and when.

A launch that was interrupted, a run that was killed or that met a mistake of ours leaves such
files. Each look at them costs the runs in progress and no more; nothing is asked for at every tick.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Final

import dagster as dg

from energy_assets.automation.ranges import range_tags
from energy_assets.partitions import refused_files_of

RUNS_A_TICK: Final = 10
"""Most runs over unfinished files that one tick asks for; the others wait for the next round."""

STRETCH_FILES: Final = 100
"""Most neighbouring unfinished files that one run takes."""

IN_PROGRESS: Final = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
"""A run in one of these may still finish its files."""


def asked_again(
    instance: dg.DagsterInstance,
    partitions: dg.DynamicPartitionsDefinition,
    order: Sequence[str],
    unfinished: Sequence[str],
    *,
    now: datetime,
) -> list[dg.RunRequest]:
    """Runs over files that are partitions, were not ingested, and that no run is about to ingest.

    A file that was refused is left to a person, who may run its partition again: the same bytes
    would be refused again. All others are asked for at once, then once in every hour (Dagster
    starts no second run under the key of an earlier one). The first file of each stretch runs
    alone, so that one on which ingestion fails does not keep those behind it from being read.

    Args:
        instance: Knows runs and refused files.
        partitions: Of the files.
        order: All partitions of them, in Dagster's order.
        unfinished: Those that are not processed.
        now: The present instant, UTC.
    """
    if not unfinished:
        return []
    place = {file_id: at for at, file_id in enumerate(order)}
    refused = set(instance.get_dynamic_partitions(refused_files_of(partitions)))
    open_places = {place[file_id] for file_id in unfinished if file_id not in refused}
    if not open_places:
        return []
    places = sorted(open_places - set(_in_progress(instance, place)))
    hour = f"{now.astimezone(UTC):%Y-%m-%d %H}:00"
    requests = (_request(order[a], order[z], hour) for a, z in _stretches(places))
    return list(islice(requests, RUNS_A_TICK))


def _in_progress(instance: dg.DagsterInstance, place: dict[str, int]) -> Iterator[int]:
    """Places of the files that some run is about to ingest."""
    for run in instance.get_runs(dg.RunsFilter(statuses=IN_PROGRESS)):
        alone = run.tags.get("dagster/partition", "")
        ends = [
            run.tags.get(f"dagster/asset_partition_range_{end}", "") for end in ("start", "end")
        ]
        if alone in place:
            yield place[alone]
        elif all(end in place for end in ends):
            yield from range(place[ends[0]], place[ends[1]] + 1)


def _stretches(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last place of each run: the first of neighbours alone, the others together."""
    start = 0
    for at in range(1, len(places) + 1):
        if at < len(places) and places[at] == places[at - 1] + 1:
            continue
        yield places[start], places[start]
        for first in range(start + 1, at, STRETCH_FILES):
            yield places[first], places[min(first + STRETCH_FILES, at) - 1]
        start = at


def _request(first: str, last: str, hour: str) -> dg.RunRequest:
    if first == last:
        return dg.RunRequest(run_key=f"{first}, {hour}", partition_key=first)
    return dg.RunRequest(run_key=f"{first} to {last}, {hour}", tags=range_tags(first, last))
