"""What a model may look at: one customer's features on a regular grid of instants.

No clock arithmetic (`clock`), no seasonal profiles (`profiles`) and no model in here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

LIVE_FEATURES: Final[tuple[str, ...]] = (
    "import_kwh",
    "avg_import_kw",
    "power_factor",
    "phase_a_current",
    "phase_a_voltage",
    "phase_b_current",
    "phase_b_voltage",
    "phase_c_current",
    "phase_c_voltage",
)
"""The nine live features in the order of `History.values`; the first is energy per interval."""

HOURS_AHEAD: Final[int] = 24
"""Every forecast reaches this far beyond its origin."""


@dataclass(frozen=True, kw_only=True, eq=False)
class History:
    """One customer's features, one row per interval, without holes in time.

    Attributes:
        customer_ref: Whose they are.
        start_at: Start of the first interval, UTC.
        interval_minutes: Length of an interval; divides an hour. [min]
        zone: IANA name of the zone in which the customer lives.
        values: Rows in time order, columns `LIVE_FEATURES`, float32. A missing value is NaN.
    """

    customer_ref: str
    start_at: pd.Timestamp
    interval_minutes: int
    zone: str
    values: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.interval_minutes < 1 or 60 % self.interval_minutes:
            raise ValueError(
                f"customer {self.customer_ref}: an interval of {self.interval_minutes} min does "
                f"not divide an hour. Resample the readings to 15, 30 or 60 min."
            )
        if self.values.ndim != 2 or self.values.shape[1] != len(LIVE_FEATURES):
            raise ValueError(
                f"customer {self.customer_ref}: features have shape {self.values.shape}, expected "
                f"(intervals, {len(LIVE_FEATURES)}) in the order {LIVE_FEATURES}."
            )
        if self.start_at.tzinfo is None:
            raise ValueError(f"customer {self.customer_ref}: start_at has no zone; give UTC.")

    @property
    def energy(self) -> NDArray[np.float32]:
        """Energy per interval in kWh; NaN where missing."""
        return self.values[:, 0]

    @property
    def interval(self) -> pd.Timedelta:
        """Length of one interval."""
        return pd.to_timedelta(self.interval_minutes, unit="min")

    @property
    def end_at(self) -> pd.Timestamp:
        """End of the last interval: the first instant of which nothing is known."""
        return self.start_at + len(self.values) * self.interval

    @property
    def steps_per_hour(self) -> int:
        """Intervals in an hour."""
        return 60 // self.interval_minutes

    @property
    def steps_per_day(self) -> int:
        """Intervals in 24 hours, clock changes aside."""
        return 24 * self.steps_per_hour

    @property
    def starts(self) -> pd.DatetimeIndex:
        """Start of every interval, UTC."""
        return pd.date_range(self.start_at, periods=len(self.values), freq=self.interval)

    def steps_before(self, instant: pd.Timestamp) -> int:
        """How many intervals end at or before an instant, within this history or not."""
        return int((instant - self.start_at) // self.interval)

    def until(self, instant: pd.Timestamp) -> "History":
        """The same history as it stood at an instant: intervals that ended by then."""
        kept = min(max(self.steps_before(instant), 0), len(self.values))
        return replace(self, values=self.values[:kept])

    def last_days(self, days: int) -> "History":
        """The newest days only; everything when there is less."""
        dropped = max(len(self.values) - days * self.steps_per_day, 0)
        return replace(
            self,
            start_at=self.start_at + dropped * self.interval,
            values=self.values[dropped:],
        )

    def known_days(self) -> float:
        """Days worth of intervals whose energy is known."""
        return float(np.isfinite(self.energy).sum()) / self.steps_per_day


@dataclass(frozen=True, kw_only=True, eq=False)
class OnGrid:
    """A history long enough to hold some origins, and where they are in it.

    Attributes:
        history: Unknown intervals fill the time between its old end and the last origin.
        positions: Position of each origin: intervals before it are known there.
        asked: Which of the origins asked for these are.
    """

    history: History
    positions: NDArray[np.int64]
    asked: NDArray[np.int64]


def on_grid(history: History, origins: Sequence[pd.Timestamp]) -> list[OnGrid]:
    """The history with every origin on its grid; one group for each phase of the origins.

    An origin between two grid instants moves the grid later by less than an interval, so that
    nothing from after the origin is taken for earlier.
    """
    nanoseconds = np.array([origin.value for origin in origins], dtype=np.int64)
    since = nanoseconds - history.start_at.value
    step = history.interval.value
    groups: list[OnGrid] = []
    for phase in np.unique(since % step):
        asked = np.flatnonzero(since % step == phase)
        positions = (since[asked] - phase) // step
        before = max(0, -int(positions.min()))
        after = max(0, int(positions.max()) - len(history.values))
        values = np.pad(
            history.values, ((before, after), (0, 0)), constant_values=np.float32(np.nan)
        )
        start = history.start_at + pd.Timedelta(int(phase) - before * step, "ns")
        moved = replace(history, start_at=start, values=values)
        groups.append(OnGrid(history=moved, positions=positions + before, asked=asked))
    return groups


def imputed_share(history: History, position: int) -> float:
    """Share of the 48 hours before a position whose energy is unknown."""
    last = 2 * history.steps_per_day
    known = np.isfinite(history.energy[max(position - last, 0) : position])
    return 1.0 - float(known.sum()) / last


def history_of(features: pd.DataFrame) -> History:
    """The history in a feature frame.

    Args:
        features: Rows on a regular grid, indexed by interval start (UTC), columns of
            `LIVE_FEATURES`, and `attrs` with `customer_ref`, `interval_minutes` and `zone`.

    Raises:
        ValueError: The frame is empty, or its index is not the regular grid it claims to be.
    """
    ref = str(features.attrs.get("customer_ref", "unknown"))
    missing = {"customer_ref", "interval_minutes", "zone"} - set(features.attrs)
    if missing:
        raise ValueError(
            f"customer {ref}: the feature frame lacks the attributes {sorted(missing)}. Build it "
            f"with customer_features()."
        )
    index = pd.DatetimeIndex(features.index)
    first = index.min()
    if features.empty:
        raise ValueError(f"customer {ref}: the feature frame has no rows, so there is no history.")
    minutes = int(features.attrs["interval_minutes"])
    grid = pd.date_range(first, periods=len(index), freq=pd.Timedelta(minutes=minutes))
    if not bool((index == grid).all()):
        raise ValueError(
            f"customer {ref}: features are not on a regular grid of {minutes} min; the first "
            f"odd one starts at {index[int(np.argmax(index != grid))]}. Reindex with NaN rows."
        )
    return History(
        customer_ref=ref,
        start_at=first,
        interval_minutes=minutes,
        zone=str(features.attrs["zone"]),
        values=features[list(LIVE_FEATURES)].to_numpy(np.float32),
    )
