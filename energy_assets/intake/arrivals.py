"""When a content became known: what decides which of two contents of a file is believed.

Of two values of one reading, the one that became known later is believed. A file's arrival is its
time of modification in the object store, but a copy says nothing new, so these rules hold:

- A content that its key held before it, under another time of modification, keeps the instant at
  which it became known: touching or copying files over themselves corrects nothing.
- A content that was known under another key of the same name keeps that instant too: a copy of a
  folder beside it does not revert the corrections that arrived after its files.
- A content that returns to its key after another one arrives when it returns. Uploaded anew, it is
  the newest content and believed; restored with its old time, it stays behind what replaced it.
- Any other content arrives when the object store says.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from energy_assets.contracts.meter_files import PROCESSED_FILES
from resources.document_store import DocumentStore
from resources.object_store import ObjectInfo, ObjectStore
from resources.tables import Filter


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A content that lies in the object store.

    Attributes:
        content: Digest of its bytes, equal for equal contents.
        known_at: When it became known, UTC.
    """

    content: str
    known_at: datetime


def arrival_of(info: ObjectInfo, *, objects: ObjectStore, documents: DocumentStore) -> Arrival:
    """What lies under a key, and when it became known by the rules above.

    Args:
        info: The object as it is listed now.
        objects: Where it lies. On S3 the ETag is the digest; a folder's file is read once for it.
        documents: Knows the contents that were processed.

    Raises:
        ObjectMissingError: It is not there any more.
        ObjectChangedError: It was replaced meanwhile.
    """
    content = content_of(info, objects)
    columns = ["object_key", "content", "known_at", "processed_at"]
    of_key = documents.read(PROCESSED_FILES, [Filter("object_key", "=", info.key)], columns=columns)
    if len(of_key):
        last = of_key.sort_values("processed_at", kind="stable").iloc[-1]
        is_copy = str(last["content"]) == content
        return Arrival(content=content, known_at=last["known_at"] if is_copy else info.modified_at)
    same = documents.read(PROCESSED_FILES, [Filter("content", "=", content)], columns=columns)
    names = same["object_key"].str.rpartition("/")[2] if len(same) else same["object_key"]
    copies = same[names == info.key.rpartition("/")[2]]
    known_at = min(info.modified_at, copies["known_at"].max()) if len(copies) else info.modified_at
    return Arrival(content=content, known_at=known_at)


def content_of(info: ObjectInfo, objects: ObjectStore) -> str:
    """A digest of an object's bytes."""
    if objects.url.startswith("s3://"):
        return f"etag:{info.etag}"
    digest = hashlib.blake2b(digest_size=16)
    for block in objects.stream(info.key, expected_etag=info.etag):
        digest.update(block)
    return f"blake2b:{digest.hexdigest()}"


def note_content(documents: DocumentStore, file_id: str, content: str) -> None:
    """Write what a processed file held, so that copies of it are recognised."""
    rows = documents.read(PROCESSED_FILES, [Filter("file_id", "=", file_id)])
    if len(rows) and rows["content"].isna().any():
        documents.upsert(PROCESSED_FILES, rows.assign(content=content))
