"""Which keys an object may have: the same in a folder and on S3."""

import hashlib
import re
from typing import Final
from urllib.parse import quote

from resources.errors import ObjectKeyError

MAX_KEY_BYTES: Final = 1024
"""Longest key of S3, in UTF-8. [B]"""

MAX_SEGMENT_BYTES: Final = 255
"""Longest part of a key between slashes that a file system takes, in UTF-8. [B]"""

CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
"""Control characters."""


MAX_NAME_CHARACTERS: Final = 180
"""Longer escaped names are cut and end in a digest: file systems allow 255 bytes."""


def bounded_name(text: str) -> str:
    """One part of a key that stands for any text: percent-encoded, and cut where it is long.

    Another text has another name; that of a cut one ends in `~` and 16 hexadecimal digits.
    """
    escaped = re.sub(r"^[.]", "%2E", quote(text, safe=""))
    if len(escaped) <= MAX_NAME_CHARACTERS:
        return escaped
    digest = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
    return f"{escaped[:MAX_NAME_CHARACTERS]}~{digest}"


def is_cut(name: str) -> bool:
    """Whether a bounded name does not hold the whole text."""
    return len(name) > MAX_NAME_CHARACTERS and name[MAX_NAME_CHARACTERS] == "~"


def checked_key(key: str) -> str:
    """The key, if an object can have it in every store.

    Raises:
        ObjectKeyError: It is empty, absolute, too long, or has a part that is empty, `.` or `..`,
            or holds a control character.
    """
    if not key:
        raise ObjectKeyError(key, "is empty")
    if key.startswith("/") or key.endswith("/") or "//" in key:
        raise ObjectKeyError(key, "has an empty part: a slash too many")
    if any(part in (".", "..") for part in key.split("/")):
        raise ObjectKeyError(key, "has the part '.' or '..', which would leave its folder")
    if CONTROL.search(key):
        raise ObjectKeyError(key, "holds a control character")
    try:
        size = len(key.encode())
    except UnicodeEncodeError as error:
        raise ObjectKeyError(key, "holds half a character (a lone surrogate)") from error
    if size > MAX_KEY_BYTES:
        raise ObjectKeyError(key, f"is longer than {MAX_KEY_BYTES} bytes")
    return key
