"""The largest credible consumption of a meter at each moment, from what it did before.

Nothing that came later counts: what was believed or doubted stays so when more is known. What was
doubted is part of the past as well, so that honest growth is doubted for a while and no longer.
Pure arrays, for one meter at a time.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

PEAK_FACTOR: Final = 20.0
"""More than this many times the meter's large values is no consumption."""

LARGE: Final = 0.99
"""The large values of a meter are those at this quantile."""

USUAL: Final = 0.9
"""Values at this quantile are usual: a fault may be as frequent as the rest."""

FEWEST_VALUES: Final = 4
"""With fewer values before it nothing is known of a meter."""

SLOWEST_LOOK: Final = 16
"""The past is looked at again once it has grown by this part of its values, 1 in 16, …"""

MOST_BETWEEN_LOOKS: Final = 672
"""… or by so many: a week of quarter hours."""

OVERFLOW_FACTOR: Final = 2.0
"""A number that overflow leaves behind is doubted above so many times the large values."""

OVERFLOWS: Final[tuple[int, ...]] = (
    32_767, 32_768, 65_535, 16_777_215, 2_147_483_647, 4_294_967_295,
    *(10**digits - 1 for digits in range(4, 11)),
)  # fmt: skip
"""What full or broken counters show: the largest numbers of 16, 24 and 32 bits, and all nines."""

OVERFLOW_DECIMALS: Final = 3
"""Such a number may have up to so many decimals: 65535 tenths of a kilowatt are 6553.5 kW."""

_CODES: Final = np.unique(
    [code / 10**decimals for code in OVERFLOWS for decimals in range(OVERFLOW_DECIMALS + 1)]
)


def limits_before(values: NDArray[np.float64], *, floor: float) -> NDArray[np.float64]:
    """The largest credible value at each position, from the values before it.

    Twenty times the value that one in a hundred exceeded so far. Before that, values are left out
    that are more than twenty times as large as nine in ten others, and as the floor: a fault that
    is as frequent as several rows in a hundred does not make itself credible.

    Args:
        values: In time order, not negative; NaN and zero say nothing.
        floor: Values up to this one are always credible, same unit.

    Returns:
        As long as `values`; NaN where fewer than four values are known before.
    """
    at = np.flatnonzero(values > 0)
    counted = values[at]
    limits = np.full(len(values), np.nan)
    size = FEWEST_VALUES
    while size <= len(counted):
        later = size + max(1, min(size // SLOWEST_LOOK, MOST_BETWEEN_LOOKS))
        until = at[later - 1] + 1 if later <= len(at) else len(values)
        large = _large(counted[:size], floor)
        limits[at[size - 1] + 1 : until] = max(floor, PEAK_FACTOR * large)
        size = later
    return limits


def doubted(
    values: NDArray[np.float64],
    *,
    floor: float,
    unknown_limit: float,
    overflows: NDArray[np.bool_] | None = None,
) -> NDArray[np.bool_]:
    """Which values are beyond all measure of what the meter did before.

    Args:
        values: In time order, NaN for none; of exported energy the size counts.
        floor: Values up to this one are never doubted, same unit.
        unknown_limit: Limit where nothing is known of the meter yet, same unit.
        overflows: Which values are numbers that overflow leaves behind, found from `values`
            without it. They are doubted above twice the large values, and say nothing of others.
    """
    size = np.abs(values)
    if not (size > floor).any():
        return np.zeros(len(values), dtype=np.bool_)
    is_overflow = overflow_numbers(size) if overflows is None else overflows
    limits = limits_before(np.where(is_overflow, np.nan, size), floor=floor)
    lower = np.fmax(floor, limits * (OVERFLOW_FACTOR / PEAK_FACTOR))
    known = np.where(np.isnan(limits), unknown_limit, limits)
    return np.asarray(size > np.where(is_overflow, lower, known), dtype=np.bool_)


def overflow_numbers(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which numbers are what a full or broken counter shows, in any decimal unit."""
    size = np.abs(values)
    place = np.clip(np.searchsorted(_CODES, size * (1 - 1e-9)), 0, len(_CODES) - 1)
    return np.asarray(np.abs(size - _CODES[place]) <= 1e-9 * size, dtype=np.bool_)


def _large(values: NDArray[np.float64], floor: float) -> float:
    """A large value of a meter, whatever a fault shows in a few of a hundred rows."""
    usual, large = _lower_quantiles(values, USUAL, LARGE)
    cap = PEAK_FACTOR * max(floor, usual)
    if large > cap or values.max() > cap:
        large = _lower_quantiles(values[values <= cap], LARGE)[0]
    return large


def _lower_quantiles(values: NDArray[np.float64], *levels: float) -> list[float]:
    """Values of which a share is at most as large, without interpolation."""
    places = [int(level * (len(values) - 1)) for level in levels]
    ordered = np.partition(values, places)
    return [float(ordered[place]) for place in places]
