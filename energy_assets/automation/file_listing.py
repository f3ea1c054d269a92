"""A look at one page of a listing: which files are new, and the runs that ingest them.

Nothing is downloaded or parsed. The stores' keys are the guarantee that nothing is counted twice,
so a look may repeat what an earlier one requested.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import dagster as dg

from energy_assets.automation.ranges import range_tags, ranges
from energy_assets.partitions import PartitionKeyError, file_id_of
from resources.object_store import ObjectInfo, ObjectStore

SINGLE_RUNS: Final = 10
"""Up to this many new files get a run each; more of them share runs over ranges of files."""

FILES_A_RUN: Final = 100
"""Most files that one run ingests."""

METER_FILE: Final = re.compile(r"\.(csv|csv\.gz|xlsx|xls)$", re.IGNORECASE)
"""The names of objects that are meter files; others under the prefix are left alone."""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Where files of one kind arrive.

    Attributes:
        prefix: Keys of the files begin with this.
        partitions: Each content of each file is one of these.
        page_objects: Objects that one look takes.
        left_alone: Keys under the prefix that are no meter files.
    """

    prefix: str
    partitions: dg.DynamicPartitionsDefinition
    page_objects: int
    left_alone: frozenset[str] = frozenset()


def new_files(
    context: dg.SensorEvaluationContext, objects: ObjectStore, listing: Listing
) -> dg.SensorResult:
    """Asks for the ingestion of every file content on the next page of a listing not seen before.

    The place is kept in the cursor; after the last page it starts over, so that a file that was
    replaced anywhere is found in the next round.
    """
    place = _cursor_place(context.cursor)
    page = objects.list(listing.prefix, after=place, limit=listing.page_objects)
    known = set(context.instance.get_dynamic_partitions(listing.partitions.name or ""))
    files = [info for info in page if info.key not in listing.left_alone]
    new, refused = _new_file_ids(files, known)
    for sentence in refused:
        context.log.warning(sentence)
    complete = len(page) < listing.page_objects
    cursor = json.dumps({"after": "" if complete else page[-1].key})
    return dg.SensorResult(
        run_requests=list(_ingest_requests(new)),
        dynamic_partitions_requests=[listing.partitions.build_add_request(new)] if new else [],
        cursor=cursor,
        skip_reason=None if new else dg.SkipReason(f"Nothing new among {len(page):,} objects."),
    )


def _cursor_place(cursor: str | None) -> str:
    try:
        state = json.loads(cursor or "{}")
    except json.JSONDecodeError:
        return ""
    place = state.get("after", "") if isinstance(state, dict) else ""
    return place if isinstance(place, str) else ""


def _new_file_ids(page: Sequence[ObjectInfo], known: set[str]) -> tuple[list[str], list[str]]:
    new: list[str] = []
    refused: list[str] = []
    for info in page:
        if not METER_FILE.search(info.key):
            continue
        try:
            file_id = file_id_of(info.key, info.etag)
        except PartitionKeyError as error:
            refused.append(str(error))
            continue
        if file_id not in known:
            new.append(file_id)
    return new, refused


def _ingest_requests(file_ids: Sequence[str]) -> Iterator[dg.RunRequest]:
    size = 1 if len(file_ids) <= SINGLE_RUNS else FILES_A_RUN
    for first, last in ranges(file_ids, size=size):
        if first == last:
            yield dg.RunRequest(run_key=first, partition_key=first)
        else:
            yield dg.RunRequest(run_key=f"{first} to {last}", tags=range_tags(first, last))
