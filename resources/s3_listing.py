"""Listing a bucket that holds keys which obstore refuses to name, such as `a//b` or `a/../b`.

One such key would end obstore's whole listing. Here it is left out with a warning.
"""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from resources.errors import ObjectKeyError, StoreUnavailableError
from resources.object_keys import checked_key
from resources.object_store import ObjectInfo

log = logging.getLogger(__name__)


def list_with_boto3(
    bucket: str, options: Mapping[str, str], base: str, prefix: str, after: str
) -> Iterator[ObjectInfo]:
    """Objects whose key, without its base, starts with the prefix and comes after a key.

    Args:
        bucket: Name of the bucket.
        options: As for `open_object_store`, empty ones left out.
        base: Folder of the store in the bucket, with its slash, or nothing.
        prefix: Any beginning of a key.
        after: Only keys greater than this one.

    Raises:
        StoreUnavailableError: The server cannot be reached.
    """
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    client: Any = boto3.client(
        "s3",
        aws_access_key_id=options.get("access_key_id"),
        aws_secret_access_key=options.get("secret_access_key"),
        region_name=options.get("region"),
        endpoint_url=options.get("endpoint"),
        config=Config(connect_timeout=5, read_timeout=60, retries={"max_attempts": 3}),
    )
    pages = client.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=base + prefix, StartAfter=base + after if after else ""
    )
    try:
        for page in pages:
            for found in page.get("Contents", []):
                info = _info(found, bucket, base)
                if info is not None:
                    yield info
    except (BotoCoreError, ClientError) as error:
        raise StoreUnavailableError(f"s3://{bucket}", f"listing {prefix!r}", str(error)) from error


def _info(found: Mapping[str, Any], bucket: str, base: str) -> ObjectInfo | None:
    """One object of a page, None for the marker of a folder and for an impossible key."""
    key = str(found["Key"]).removeprefix(base)
    if key.endswith("/") and not found["Size"]:
        return None
    try:
        checked_key(key)
    except ObjectKeyError as error:
        log.warning("s3://%s: left out of the listing: %s", bucket, ascii(str(error)))
        return None
    return ObjectInfo(
        key=key,
        etag=str(found["ETag"]).strip('"'),
        size_bytes=found["Size"],
        modified_at=found["LastModified"].replace(microsecond=0),
    )
