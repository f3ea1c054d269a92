"""A look at one page of a listing: which files are new, and the runs that ingest them.

Nothing is downloaded or parsed. What was ingested is read from the store of processed files; its
keys are the guarantee that nothing is counted twice, so a look may repeat an earlier one.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import dagster as dg

from energy_assets.automation.asked_again import asked_again
from energy_assets.automation.ranges import range_tags, ranges
from energy_assets.contracts.meter_files import PROCESSED_FILES
from energy_assets.partitions import PartitionKeyError, file_id_of
from resources.document_store import DocumentStore
from resources.object_store import ObjectInfo, ObjectStore
from resources.tables import Filter

SINGLE_RUNS: Final = 10
"""Up to this many new files get a run each; more of them share runs over ranges of files."""

FILES_A_RUN: Final = 100
"""Most files that one run ingests."""

METER_FILE: Final = re.compile(r"\.(csv|csv\.gz|xlsx|xls|xml|xml\.gz)$", re.IGNORECASE)
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
    context: dg.SensorEvaluationContext,
    objects: ObjectStore,
    documents: DocumentStore,
    listing: Listing,
    *,
    now: datetime,
) -> dg.SensorResult:
    """Asks for the ingestion of every file on the next page of a listing that is not processed.

    The place is kept in the cursor; after the last page it starts over, so that a file that was
    replaced anywhere is found in the next round. A file that was asked for before and never came to
    its end is asked for again, see `asked_again`; one that was refused is not, until its content
    changes.

    Args:
        context: Of the tick.
        objects: Where files arrive.
        documents: Knows the files that were processed.
        listing: Which files.
        now: The present instant, UTC.

    Raises:
        StoreUnavailableError: Objects or documents cannot be reached: nothing is guessed meanwhile.
    """
    place = _cursor_place(context.cursor)
    page = objects.list(listing.prefix, after=place, limit=listing.page_objects)
    files = [i for i in page if i.key not in listing.left_alone and METER_FILE.search(i.key)]
    wanted, sentences = _unprocessed(files, _processed(documents, files))
    for sentence in sentences:
        context.log.warning(sentence)
    order = context.instance.get_dynamic_partitions(listing.partitions.name or "")
    known = set(order)
    new = [file_id for file_id in wanted if file_id not in known]
    unfinished = [file_id for file_id in wanted if file_id in known]
    requests = list(_ingest_requests(new))
    requests += asked_again(context.instance, listing.partitions, order, unfinished, now=now)
    complete = len(page) < listing.page_objects
    cursor = json.dumps({"after": "" if complete else page[-1].key})
    return dg.SensorResult(
        run_requests=requests,
        dynamic_partitions_requests=[listing.partitions.build_add_request(new)] if new else [],
        cursor=cursor,
        skip_reason=None
        if requests
        else dg.SkipReason(f"Nothing new among {len(page):,} objects."),
    )


def _cursor_place(cursor: str | None) -> str:
    try:
        state = json.loads(cursor or "{}")
    except json.JSONDecodeError:
        return ""
    place = state.get("after", "") if isinstance(state, dict) else ""
    return place if isinstance(place, str) else ""


@dataclass(frozen=True, kw_only=True)
class _Processed:
    """What was ingested of some objects: the ids of all contents, and the last one of each."""

    file_ids: frozenset[str]
    last_etag: Mapping[str, str]
    last_known_at: Mapping[str, datetime]


def _processed(documents: DocumentStore, files: Sequence[ObjectInfo]) -> _Processed:
    keys = [info.key for info in files]
    rows = documents.read(
        PROCESSED_FILES,
        [Filter("object_key", "in", keys)],
        columns=["file_id", "object_key", "etag", "known_at", "processed_at"],
    )
    last = rows.sort_values("processed_at", kind="stable").drop_duplicates(
        ["object_key"], keep="last"
    )
    of = last["object_key"].tolist()
    return _Processed(
        file_ids=frozenset(rows["file_id"].tolist()),
        last_etag=dict(zip(of, last["etag"].tolist(), strict=True)),
        last_known_at=dict(zip(of, last["known_at"].tolist(), strict=True)),
    )


def _unprocessed(files: Sequence[ObjectInfo], processed: _Processed) -> tuple[list[str], list[str]]:
    """Ids of the files that were not ingested to their end, and why some can have none.

    A content that was ingested and comes back under its key after another one is a new file: it
    arrived again, and later than what was there between. One that comes back with an old arrival,
    as when a store is restored, is not: the later content stays the believed one.
    """
    found: list[str] = []
    sentences: list[str] = []
    for info in files:
        try:
            file_id = file_id_of(info.key, info.etag)
            if file_id in processed.file_ids:
                last_known_at = processed.last_known_at[info.key]
                is_last = processed.last_etag[info.key] == info.etag
                if is_last or info.modified_at < last_known_at:
                    continue
                file_id = file_id_of(info.key, info.etag, returned_at=info.modified_at)
        except PartitionKeyError as error:
            sentences.append(str(error))
            continue
        if file_id not in processed.file_ids:
            found.append(file_id)
    return found, sentences


def _ingest_requests(file_ids: Sequence[str]) -> Iterator[dg.RunRequest]:
    size = 1 if len(file_ids) <= SINGLE_RUNS else FILES_A_RUN
    for first, last in ranges(file_ids, size=size):
        if first == last:
            yield dg.RunRequest(run_key=first, partition_key=first)
        else:
            yield dg.RunRequest(run_key=f"{first} to {last}", tags=range_tags(first, last))
