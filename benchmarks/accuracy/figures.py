"""Figures of a family over all series of an outcome, by the names that the JSON line gives them.

Points are medians; totals of days and of series are sums of means.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.contest import Outcome
from benchmarks.accuracy.rows import Predicted, WindowRows
from energy_assets.contracts.forecasts import QUANTILES
from energy_assets.forecasting import metrics
from energy_assets.forecasting.forecast import MEDIAN

FEWEST_ROWS: Final[int] = 100
"""An hour, a month or all holidays with fewer known rows do not count as the worst."""

NOMINAL: Final[float] = 0.9
"""Share of values that the widest band should hold."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Pool:
    """Rows of all series, one after the other.

    Attributes:
        actual: What happened, NaN where missing.
        quantiles: Predicted for it.
        mean: Expected for it.
        hour: Of the local clock.
        month: Of the local clock.
        holiday: Whether the local day is one.
        day: Number of the local day, each day of each series its own; -1 where it is not whole.
        instant: Number of the interval, one for all series that share it.
    """

    actual: Floats
    quantiles: Floats
    mean: Floats
    hour: NDArray[np.int64]
    month: NDArray[np.int64]
    holiday: NDArray[np.bool_]
    day: NDArray[np.int64]
    instant: NDArray[np.int64]

    @staticmethod
    def of(outcome: Outcome, family: str, keys: Collection[str]) -> "Pool":
        """The rows of some series, as one family predicts them."""
        rows = [outcome.rows[key] for key in keys]
        made = [outcome.predicted[family][key] for key in keys]
        begin = np.cumsum([0, *(len(one.origins) for one in rows)])
        day = [_whole_days(one) for one in rows]
        interval = [
            np.stack([one.starts.as_unit("s").asi8, np.full(len(one), one.series.interval_minutes)])
            for one in rows
        ]
        _, instant = np.unique(np.concatenate(interval, axis=1), axis=1, return_inverse=True)
        return Pool(
            actual=np.concatenate([one.actual for one in rows]),
            quantiles=np.concatenate([one.quantiles for one in made]),
            mean=np.concatenate([one.mean for one in made]),
            hour=np.concatenate([one.hour for one in rows]),
            month=np.concatenate([one.month for one in rows]),
            holiday=np.concatenate([one.holiday for one in rows]),
            day=np.concatenate(
                [np.where(own >= 0, own + at, -1) for own, at in zip(day, begin[:-1], strict=True)]
            ),
            instant=instant.reshape(-1),
        )

    @property
    def point(self) -> Floats:
        """The median."""
        return self.quantiles[:, MEDIAN]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Rows whose actual and expected value are known."""
        return np.isfinite(self.actual) & np.isfinite(self.mean)

    def day_total_wape(self) -> float:
        """WAPE of local days' totals, over days all of whose intervals are known."""
        whole = self.day >= 0
        day, count = self.day[whole], int(self.day.max(initial=-1)) + 1
        complete = np.bincount(day, self.known[whole], count) == np.bincount(day, minlength=count)
        complete &= np.bincount(day, minlength=count) > 0
        actual = np.bincount(day, np.nan_to_num(self.actual[whole]), count)
        return metrics.wape(
            actual[complete], np.bincount(day, np.nan_to_num(self.mean[whole]), count)[complete]
        )

    def sum_wape(self) -> float:
        """WAPE of the sum over series, in each interval over those that are known there."""
        known = self.known
        instant = self.instant[known]
        present = np.bincount(instant) > 0
        actual, mean = (
            np.bincount(instant, self.actual[known]),
            np.bincount(instant, self.mean[known]),
        )
        return metrics.wape(actual[present], mean[present])

    def coverage(self, which: NDArray[np.bool_] | None = None) -> float:
        """Share of values within the 90 % band."""
        rows = np.ones(len(self.actual), dtype=np.bool_) if which is None else which
        return metrics.coverage(
            self.actual[rows], self.quantiles[rows, 0], self.quantiles[rows, -1]
        )

    def worst_coverage(self, group: NDArray[np.int64]) -> float:
        """Coverage of the group that is farthest from what the band promises."""
        known = np.isfinite(self.actual)
        groups = [group == one for one in np.unique(group)]
        found = [self.coverage(own) for own in groups if (own & known).sum() >= FEWEST_ROWS]
        return max(found, key=lambda share: abs(share - NOMINAL), default=float("nan"))

    def holiday_coverage(self) -> float:
        """Coverage on public holidays."""
        few = (self.holiday & np.isfinite(self.actual)).sum() < FEWEST_ROWS
        return float("nan") if few else self.coverage(self.holiday)


SCORES: Final[dict[str, Callable[[Pool], float]]] = {
    "wape": lambda pool: metrics.wape(pool.actual, pool.point),
    "mape": lambda pool: metrics.mape_percent(pool.actual, pool.point),
    "mae": lambda pool: metrics.mae(pool.actual, pool.point),
    "r2_score": lambda pool: metrics.r2_score(pool.actual, pool.point),
    "total_bias": lambda pool: metrics.total_bias(pool.actual, pool.mean),
    "day_total_wape": Pool.day_total_wape,
    "sum_wape": Pool.sum_wape,
    "pinball": lambda pool: metrics.pinball(pool.actual, pool.quantiles, levels=QUANTILES),
    "coverage_90": Pool.coverage,
    "coverage_90_worst_hour": lambda pool: pool.worst_coverage(pool.hour),
    "coverage_90_worst_month": lambda pool: pool.worst_coverage(pool.month),
    "coverage_90_holidays": Pool.holiday_coverage,
    "winkler_90": lambda pool: metrics.winkler(
        pool.actual, pool.quantiles[:, 0], pool.quantiles[:, -1], nominal=NOMINAL
    ),
}
"""Figures by name; `mape` is in percent, `mae`, `pinball` and `winkler_90` in the series' unit."""


def pooled(
    outcome: Outcome, family: str, *, keys: Collection[str] | None = None
) -> dict[str, float]:
    """Every figure of a family, pooled over series; `mase` is the mean over them.

    Args:
        outcome: What was predicted.
        family: Whose.
        keys: Which series; all without.
    """
    chosen = list(outcome.rows if keys is None else keys)
    pool = Pool.of(outcome, family, chosen)
    found = {name: score(pool) for name, score in SCORES.items()}
    scaled = np.array(
        [_mase(outcome.rows[key], outcome.predicted[family][key], outcome) for key in chosen]
    )
    known = scaled[np.isfinite(scaled)]
    return found | {"mase": float(known.mean()) if len(known) else float("nan")}


def _mase(rows: WindowRows, made: Predicted, outcome: Outcome) -> float:
    before = rows.series.until(outcome.task.start_at)
    naive_mae = metrics.seasonal_naive_mae(before.values, season=7 * before.steps_per_day)
    return metrics.mase(rows.actual, made.quantiles[:, MEDIAN], naive_mae=naive_mae)


def _whole_days(rows: WindowRows) -> NDArray[np.int64]:
    """Which local day each row belongs to, -1 where it is not whole."""
    day = rows.day
    return np.where(rows.whole[day], day, -1)
