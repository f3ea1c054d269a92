"""Whole columns of texts at once: what they contain and match, and texts put in their place.

Nulls match nothing. Patterns are RE2's, and search: `^` and `$` bind them.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


def contains(texts: pa.Array, part: str) -> NDArray[np.bool_]:
    """Which texts contain another."""
    return _mask(pc.call_function("match_substring", [texts], pc.MatchSubstringOptions(part)))


def matches(texts: pa.Array, pattern: str) -> NDArray[np.bool_]:
    """Which texts match a pattern."""
    options = pc.MatchSubstringOptions(pattern)
    return _mask(pc.call_function("match_substring_regex", [texts], options))


def is_one_of(texts: pa.Array, known: Sequence[str]) -> NDArray[np.bool_]:
    """Which texts are one of these, or null."""
    options = pc.SetLookupOptions(pa.array([*known, None], texts.type))
    return _mask(pc.call_function("is_in", [texts], options))


def replaced(texts: pa.Array, part: str, by: str) -> pa.Array:
    """Texts with each occurrence of a part replaced."""
    options = pc.ReplaceSubstringOptions(part, by)
    return pc.call_function("replace_substring", [texts], options)


def first_group(texts: pa.Array, pattern: str) -> pa.Array:
    """The first group of a pattern in texts that match it; other texts as they are."""
    options = pc.ReplaceSubstringOptions(pattern, r"\1")
    return pc.call_function("replace_substring_regex", [texts], options)


def trimmed(texts: pa.Array, characters: str) -> pa.Array:
    """Texts without these characters around them."""
    return pc.call_function("utf8_trim", [texts], pc.TrimOptions(characters))


def _mask(found: pa.Array) -> NDArray[np.bool_]:
    return np.asarray(pc.fill_null(found, False), dtype=np.bool_)
