"""Trees that many series share: what they predict of any series of their interval length."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import xgboost as xgb
from numpy.typing import NDArray

from energy_assets.contracts.columns import QUANTILES
from energy_assets.forecasting.forecast import MEDIAN
from energy_assets.forecasting.past import Past, Rows
from energy_assets.forecasting.pooled.columns import table_of
from energy_assets.forecasting.pooled.parameters import PooledParams
from energy_assets.forecasting.timeline import Floats
from energy_assets.forecasting.weather_path import WeatherPath

AT_A_TIME: Final[int] = 20_000
"""Rows whose columns are made at one time."""

BOOSTERS: Final[tuple[str, ...]] = ("mean", "median", "outer")
"""Names of the trees."""

OUTER: Final[tuple[float, ...]] = tuple(level for level in QUANTILES if level != 0.5)
"""Levels other than the median, which has trees of its own."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PooledRows:
    """What is predicted of some rows, in the series' unit.

    Attributes:
        quantiles: One row each, one column per level of `QUANTILES`, non-decreasing along a row;
            as the trees give them, not calibrated.
        mean: Expected value of each row.
        spread: What one unit of the learned scale is worth in each row, positive.
    """

    quantiles: Floats
    mean: Floats
    spread: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class SharedTrees:
    """Trees of many series, and of any other of the same interval length.

    Attributes:
        interval_minutes: Interval that it learned. [min]
        names: Columns of the trees, those of the weather last.
        seasons: Whether it knows the time of the year.
        knows_weather: Whether it learned what temperature does.
        median: Trees of the median.
        outer: Trees of the other quantiles.
        mean: Trees of the expected value.
        params: How the trees were grown.
        seed: What its draws began with.
        learned_until: End of the newest interval that it learned from.
        series: How many series it learned from.
        drawn: How many rows.
    """

    interval_minutes: int
    names: tuple[str, ...]
    seasons: bool
    knows_weather: bool
    median: xgb.Booster
    outer: xgb.Booster
    mean: xgb.Booster
    params: PooledParams
    seed: int
    learned_until: pd.Timestamp
    series: int
    drawn: int

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """The trees, from which with the `facts` `from_arrays` makes the same."""
        raw = {name: bytes(getattr(self, name).save_raw(raw_format="ubj")) for name in BOOSTERS}
        return {name: np.frombuffer(data, dtype=np.uint8) for name, data in raw.items()}

    def facts(self) -> dict[str, object]:
        """Everything but the trees, as JSON takes it."""
        return {
            "interval_minutes": self.interval_minutes,
            "features": list(self.names),
            "seasons": self.seasons,
            "knows_weather": self.knows_weather,
            "params": asdict(self.params),
            "seed": self.seed,
            "trees_learned_until": self.learned_until.isoformat(),
            "series": self.series,
            "rows": self.drawn,
            "xgboost": xgb.__version__,
        }

    @staticmethod
    def from_arrays(arrays: Mapping[str, NDArray[Any]], stored: Mapping[str, Any]) -> "SharedTrees":
        """The trees that were stored, with the metadata of a model."""
        boosters = {
            name: xgb.Booster({"nthread": 1}, model_file=bytearray(arrays[name].tobytes()))
            for name in BOOSTERS
        }
        return SharedTrees(
            **boosters,
            **{name: stored[name] for name in ("interval_minutes", "seasons", "knows_weather")},
            names=tuple(stored["features"]),
            params=PooledParams(**stored["params"]),
            seed=stored["seed"],
            learned_until=pd.Timestamp(stored["trees_learned_until"]),
            series=stored["series"],
            drawn=stored["rows"],
        )

    def predict_rows(
        self, past: Past, rows: Rows, weather: WeatherPath | None, *, non_negative: bool
    ) -> PooledRows:
        """Predict rows, each from its own origin.

        Args:
            past: The series in its own unit, see `naive.raw_past`.
            rows: Origins and targets, those of one origin next to each other.
            weather: Temperatures, if any are known.
            non_negative: Whether the series is never below zero.
        """
        parts = [
            self._some_rows(past, rows.keep(some), weather, non_negative=non_negative)
            for some in np.array_split(
                np.arange(len(rows), dtype=np.int64), max(-(-len(rows) // AT_A_TIME), 1)
            )
        ]
        return PooledRows(
            quantiles=np.concatenate([part.quantiles for part in parts]),
            mean=np.concatenate([part.mean for part in parts]),
            spread=np.concatenate([part.spread for part in parts]),
        )

    def _some_rows(
        self, past: Past, rows: Rows, weather: WeatherPath | None, *, non_negative: bool
    ) -> PooledRows:
        table = table_of(past, rows, weather if self.knows_weather else None, seasons=self.seasons)
        features = pad_columns(table.columns, len(self.names))
        learned = np.empty((len(rows), len(QUANTILES)))
        learned[:, MEDIAN] = self.median.inplace_predict(features, validate_features=False)
        outer = self.outer.inplace_predict(features, validate_features=False)
        # The median has the better trees: the others are beside it, never across it.
        learned[:, :MEDIAN] = np.minimum(outer[:, :MEDIAN], learned[:, MEDIAN : MEDIAN + 1])
        learned[:, MEDIAN + 1 :] = np.maximum(outer[:, MEDIAN:], learned[:, MEDIAN : MEDIAN + 1])
        mean = self.mean.inplace_predict(features, validate_features=False).astype(np.float64)
        quantiles = np.sort(learned, axis=1) * table.spread[:, None] + table.baseline[:, None]
        expected = mean * table.spread + table.baseline
        if non_negative:
            quantiles, expected = np.maximum(quantiles, 0.0), np.maximum(expected, 0.0)
        return PooledRows(quantiles=quantiles, mean=expected, spread=table.spread)


def pad_columns(columns: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Columns as they were learned; those of an unknown weather, the last ones, are unknown."""
    missing = count - columns.shape[1]
    if not missing:
        return columns
    return np.pad(columns, ((0, 0), (0, missing)), constant_values=np.float32(np.nan))
