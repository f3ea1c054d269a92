"""Consumption per interval from a register that is read at odd times.

The register is interpolated at the edges of the intervals; what it does between two readings is
judged once, as in `intake.registers`. Pure, for one meter at a time.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from energy_assets.consumption.interval_reasons import CODES, KNOWN
from energy_assets.contracts.consumption import MeterType
from energy_assets.intake.registers import explained_step, rise_limits

HOUR_MS: Final = 3_600_000
"""Milliseconds of an hour."""

MAX_SPREAD_MS: Final = 3 * HOUR_MS
"""Consumption between readings at most this far apart is shared out over the hours between.

Three hours keep night, morning and evening apart, which models and night flow live on, and bridge
up to two lost readings of an hourly meter.
"""

MAX_DAILY_SPREAD_MS: Final = 36 * HOUR_MS
"""The same for registers that are read about once a day, shared out over days."""

EVEN_MS: Final = HOUR_MS * 3 // 2
"""Readings at most this far apart count as hourly."""

SMALLEST_LIMIT: Final[dict[MeterType, float]] = {"electricity": 25.0, "water": 5.0}
"""Rises below this are never doubted: a house connection can deliver it. [kW or m3/h]"""

DECIMALS: Final = 9
"""Interpolated values are rounded, so that no flow is exactly zero."""


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A stretch between two readings that is too long to be shared out.

    Attributes:
        start_ms: First reading.
        end_ms: Second reading.
        consumption: All that was used in between; NaN where the register does not tell.
    """

    start_ms: int
    end_ms: int
    consumption: float


@dataclass(frozen=True, kw_only=True)
class RegisterGrid:
    """Consumption of each interval, NaN where unknown, its reason code, and the long gaps."""

    consumption: NDArray[np.float64]
    codes: NDArray[np.int8]
    gaps: tuple[Gap, ...]


def register_consumption(
    read_ms: NDArray[np.int64],
    level: NDArray[np.float64],
    edges_ms: NDArray[np.int64],
    *,
    max_spread_ms: int,
    smallest_limit: float,
) -> RegisterGrid:
    """Consumption between neighbouring edges.

    Args:
        read_ms: When the register was read: rising, at least two.
        level: What it showed. [kWh or m3]
        edges_ms: Edges of the intervals, between the first and the last reading.
        max_spread_ms: Longest stretch that is shared out.
        smallest_limit: Rises below this are never doubted. [kW or m3/h]
    """
    span_ms = np.diff(read_ms)
    used, codes, limit = _steps(level, span_ms, max_spread_ms, smallest_limit)
    known = codes < KNOWN

    def within(amounts: NDArray[np.float64]) -> NDArray[np.float64]:
        total = np.concatenate([[0.0], np.cumsum(amounts)])
        return np.diff(np.interp(edges_ms, read_ms, total))

    consumption = np.round(within(np.where(known, used, 0.0)), DECIMALS) + 0.0
    result = np.full(len(consumption), CODES["ok"], dtype=np.int8)
    for reason in ("spread", "rollover"):
        of_reason = codes == CODES[reason]
        if of_reason.any():
            result[within(np.where(of_reason, span_ms, 0.0)) > 0.5] = CODES[reason]
    if not known.all():
        unknown = within(np.where(known, 0.0, span_ms)) > 0.5
        bad = np.flatnonzero(~known)
        first = np.searchsorted(read_ms[bad + 1], edges_ms[:-1][unknown], side="right")
        result[unknown] = codes[bad[first]]
        consumption[unknown] = np.nan
    return RegisterGrid(
        consumption=consumption, codes=result, gaps=_gaps(read_ms, level, codes, limit)
    )


def _steps(
    level: NDArray[np.float64],
    span_ms: NDArray[np.int64],
    max_spread_ms: int,
    smallest_limit: float,
) -> tuple[NDArray[np.float64], NDArray[np.int8], NDArray[np.float64]]:
    """Consumption, reason and largest credible consumption of each step between readings."""
    used = np.diff(level)
    hours = np.maximum(span_ms / HOUR_MS, 1.0)
    codes = np.where(span_ms > EVEN_MS, CODES["spread"], CODES["ok"]).astype(np.int8)
    if max_spread_ms > MAX_SPREAD_MS:
        codes[:] = CODES["ok"]
    long = span_ms > max_spread_ms
    codes[long] = CODES["gap"]
    limit = smallest_limit * hours
    odd = (used < 0) | (used > limit)
    if odd.any() or long.any():
        rates = np.where(long & (used > 0), np.nan, used / hours)
        limit = rise_limits(rates, floor=smallest_limit) * hours
    for i in np.flatnonzero(~long & odd & ~((used >= 0) & (used <= limit))).tolist():
        used[i], reason = explained_step(level[i], level[i + 1], limit=float(limit[i]))
        codes[i] = CODES[reason]
    return used, codes, limit


def _gaps(
    read_ms: NDArray[np.int64],
    level: NDArray[np.float64],
    codes: NDArray[np.int8],
    limit: NDArray[np.float64],
) -> tuple[Gap, ...]:
    gaps: list[Gap] = []
    for i in np.flatnonzero(codes == CODES["gap"]).tolist():
        total = float(level[i + 1] - level[i])
        known = 0 <= total <= limit[i]
        gaps.append(
            Gap(
                start_ms=int(read_ms[i]),
                end_ms=int(read_ms[i + 1]),
                consumption=total if known else float("nan"),
            )
        )
    return tuple(gaps)
