"""Every PartitionsDefinition, with its key's grammar.

A partition key is the thing it names, percent-encoded where Dagster, a file system or a reader
would stumble: control characters, `%`, backslash, quotes, `*`, `?`, `[`, `]`, `,` and the dots
of `..`.
"""

import hashlib
import re
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, unquote

import dagster as dg

from energy_assets.contracts.consumption import METER_TYPES

METER_FILES: Final = dg.DynamicPartitionsDefinition(name="meter_files")
"""One content of one meter file: encoded object key, `@`, 12 hexadecimal digits of its ETag, and of
its arrival where the same content returned after another."""

CUSTOMERS: Final = dg.DynamicPartitionsDefinition(name="customers")
"""One customer: the encoded customer reference."""

CONSUMPTION_FILES: Final = dg.DynamicPartitionsDefinition(name="consumption_files")
"""One content of one electricity or water file, in the grammar of `METER_FILES`."""

CONSUMPTION_METERS: Final = dg.DynamicPartitionsDefinition(name="consumption_meters")
"""One meter: `electricity/` or `water/` and the encoded meter id."""

MAX_KEY_CHARACTERS: Final = 4_096
"""Longer keys are refused: object stores allow 1,024 bytes, which is 3,072 when all are encoded."""

_SAFE: Final = "/ ()+=@:;!$&'"


class PartitionKeyError(ValueError):
    """A string is no partition key of this project."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(
            f"partition key {key[:120]!r} {problem}. Keys are made by the sensors; to add one by "
            f"hand, use `file_id_of`, `partition_key_of_customer` or `partition_key_of_meter`."
        )


def _encode(text: str) -> str:
    encoded = quote(text, safe=_SAFE)
    encoded = re.sub(r"\.(?=\.)|(?<=\.)\.", "%2E", encoded)
    encoded = re.sub(r"^ | $", "%20", encoded)
    if not encoded:
        raise PartitionKeyError(text, "is empty")
    if len(encoded) > MAX_KEY_CHARACTERS:
        raise PartitionKeyError(text, f"is longer than {MAX_KEY_CHARACTERS} characters")
    return encoded


def file_id_of(object_key: str, etag: str, *, returned_at: datetime | None = None) -> str:
    """The partition key, which is also the stores' `file_id`, of one content of a meter file.

    Args:
        object_key: Where it lies.
        etag: Tag of the content. On S3 equal contents have equal tags.
        returned_at: When a content that had been there before arrived again, after another one: it
            is a file of its own, as the newest content of its key.

    Raises:
        PartitionKeyError: The key or ETag is empty or too long.
    """
    if not etag:
        raise PartitionKeyError(object_key, "has no ETag")
    content = etag if returned_at is None else f"{etag} {returned_at.astimezone(UTC).isoformat()}"
    digest = hashlib.blake2s(content.encode(), digest_size=6).hexdigest()
    return f"{_encode(object_key)}@{digest}"


def refused_files_of(partitions: dg.DynamicPartitionsDefinition) -> str:
    """The name under which Dagster keeps the partitions of files that were refused as a whole."""
    return f"{partitions.name}_refused"


def object_key_of(file_id: str) -> str:
    """The object key of a `meter_files` partition key.

    Raises:
        PartitionKeyError: It is no such key.
    """
    encoded, separator, digest = file_id.rpartition("@")
    key = unquote(encoded, errors="replace")
    if not separator or not re.fullmatch(r"[0-9a-f]{12}", digest) or _encode(key) != encoded:
        raise PartitionKeyError(file_id, "is not an object key, `@` and 12 hexadecimal digits")
    return key


def partition_key_of_customer(customer_ref: str) -> str:
    """The `customers` partition key of a customer reference.

    Raises:
        PartitionKeyError: The reference is empty or too long.
    """
    return _encode(customer_ref)


def customer_of_partition_key(key: str) -> str:
    """The customer reference of a `customers` partition key.

    Raises:
        PartitionKeyError: It is no such key.
    """
    customer_ref = unquote(key, errors="replace")
    if _encode(customer_ref) != key:
        raise PartitionKeyError(key, "is not an encoded customer reference")
    return customer_ref


def partition_key_of_meter(meter_key: str) -> str:
    """The `consumption_meters` partition key of a meter key such as `water/home 1`.

    Raises:
        PartitionKeyError: It has no known meter type, no meter id, or is too long.
    """
    meter_type, _, meter_id = meter_key.partition("/")
    if meter_type not in METER_TYPES or not meter_id:
        raise PartitionKeyError(meter_key, f"is not one of {METER_TYPES}, `/` and a meter id")
    return _encode(meter_key)


def meter_of_partition_key(key: str) -> str:
    """The meter key of a `consumption_meters` partition key.

    Raises:
        PartitionKeyError: It is no such key.
    """
    meter_key = unquote(key, errors="replace")
    if partition_key_of_meter(meter_key) != key:
        raise PartitionKeyError(key, "is not an encoded meter key")
    return meter_key
