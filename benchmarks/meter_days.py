"""Day-ahead accuracy of boosted models on a stated window, beside the baselines on the same rows.

Each local day of the window is predicted at its midnight, all hours at once, by the product's path.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.reporting import Figure
from energy_assets.forecasting import metrics
from energy_assets.forecasting.boosting import TreeParams, fit
from energy_assets.forecasting.boosting.scoring import (
    TestRows,
    model_rows,
    naive_rows,
    rows_from,
    scores,
)
from energy_assets.forecasting.naive import NAIVES
from energy_assets.forecasting.series import KnownFuture, Series
from energy_assets.forecasting.timeline import timeline_of

Table = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Window:
    """A test window of one history.

    Attributes:
        tests: Its rows.
        quantiles: By family, quantiles of every row.
        cpu_s: By family, processor seconds of fitting and predicting.
    """

    tests: TestRows
    quantiles: dict[str, Table]
    cpu_s: dict[str, float]

    def figures(self) -> dict[str, dict[str, Figure]]:
        """Scores by family."""
        before = self.tests.history.until(self.tests.cut_at).values
        naive_mae = metrics.seasonal_naive_mae(before, season=7 * self.tests.rows.steps_per_day)
        return {
            family: {
                name: value
                for name, value in scores(self.tests.actual, table, naive_mae=naive_mae).items()
                if name in ("mape_percent", "wape", "mae", "mase", "r2_score", "coverage_90")
            }
            for family, table in self.quantiles.items()
        }


def window_of(history: Series, *, since: pd.Timestamp, until: pd.Timestamp) -> Window:
    """A window from one local midnight to another, with its three baselines."""
    history = history.until(until)
    slot = timeline_of(history).slot[: len(history.starts)]
    first = int(np.searchsorted(history.starts, since))
    midnights = np.flatnonzero(slot == 0)
    tests = rows_from(history, midnights[midnights >= first])
    naives = {f"naive_{name}": naive_rows(tests, name).quantiles for name in NAIVES}
    return Window(tests=tests, quantiles=naives, cpu_s={})


def add_model(
    window: Window,
    family: str,
    *,
    params: TreeParams | None,
    weather: KnownFuture | None = None,
    refits: Sequence[pd.Timestamp] = (),
) -> None:
    """Fit on everything before the window, and again at each refit on everything before that."""
    started = time.process_time()
    history, rows = window.tests.history, window.tests.rows
    origins = np.unique(rows.origins)
    cuts = [window.tests.cut_at, *refits]
    positions = [int(np.searchsorted(history.starts, cut)) for cut in cuts]
    tables: list[Table] = []
    for number, (cut, low) in enumerate(zip(cuts, positions, strict=True)):
        high = positions[number + 1] if number + 1 < len(cuts) else len(history.starts)
        own = origins[(origins >= low) & (origins < high)]
        if not len(own):
            continue
        model = fit(history.until(cut), weather, params=params, seed=0)
        part = rows_from(history.until(_end(history, high)), own)
        tables.append(model_rows(model, part, weather).quantiles)
    window.quantiles[family] = np.concatenate(tables)
    window.cpu_s[family] = time.process_time() - started


def add_points(window: Window, family: str, by_start: pd.Series) -> None:
    """A family of point forecasts, given by the start of the interval."""
    point = by_start.reindex(window.tests.history.starts[window.tests.rows.targets]).to_numpy()
    window.quantiles[family] = np.repeat(point[:, None].astype(np.float64), 7, axis=1)


def table_of(windows: Mapping[str, Window]) -> list[dict[str, Figure]]:
    """Rows for people."""
    return [
        {"history": name, "family": family} | dict(found) | {"cpu_s": window.cpu_s.get(family)}
        for name, window in windows.items()
        for family, found in window.figures().items()
    ]


def _end(history: Series, position: int) -> pd.Timestamp:
    return history.starts[position] if position < len(history.starts) else history.end_at
