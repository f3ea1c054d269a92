"""A 64-bit digest of a reading's customer and values, to recognise equal readings.

The recipe, modulo 2^64: mix(customer + sum over values of mix(bits + salt)), where `mix` is the
finaliser of SplitMix64 (Steele, Lea, Flood 2014), `customer` the first eight bytes of BLAKE2b,
`bits` the IEEE-754 pattern with one zero, and a value's salt depends on its name. Null adds 0.
"""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

U64 = NDArray[np.uint64]
"""Unsigned 64-bit numbers that wrap around."""

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_FACTOR_1: Final = np.uint64(0xBF58476D1CE4E5B9)
_FACTOR_2: Final = np.uint64(0x94D049BB133111EB)


def text_digest(text: str) -> int:
    """The first eight bytes of a text's BLAKE2b digest, as an unsigned number."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


@lru_cache(maxsize=256)
def _salt(name: str) -> np.uint64:
    return np.uint64(text_digest(name))


def mix(numbers: U64) -> U64:
    """SplitMix64's finaliser: neighbouring numbers become unrelated ones."""
    mixed = numbers + _GOLDEN
    mixed ^= mixed >> np.uint64(30)
    mixed *= _FACTOR_1
    mixed ^= mixed >> np.uint64(27)
    mixed *= _FACTOR_2
    mixed ^= mixed >> np.uint64(31)
    return mixed


def fingerprints(
    customer_digests: U64, values: Mapping[str, NDArray[np.float64]]
) -> NDArray[np.int64]:
    """Digest of each row.

    Args:
        customer_digests: Digest of each row's customer reference.
        values: Columns of values by name, NaN for null. An absent column and a column
            of nulls give the same digest.

    Returns:
        The digests as signed numbers, which every database can hold.
    """
    total = customer_digests.astype(np.uint64, copy=True)
    for name, column in values.items():
        bits = (column + 0.0).view(np.uint64)
        part = mix(bits + _salt(name))
        part[np.isnan(column)] = 0
        total += part
    return mix(total).view(np.int64)


def reading_keys(meter_digests: U64, utc_ms: NDArray[np.int64]) -> U64:
    """Digest of each row's meter and instant, to recognise a reading that came before."""
    return mix(meter_digests ^ mix(utc_ms.view(np.uint64)))
