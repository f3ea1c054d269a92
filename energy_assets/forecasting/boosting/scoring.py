"""Scores of a model on days that it never saw, beside the baselines on the same rows."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from energy_assets.forecasting import metrics
from energy_assets.forecasting.boosting.errors import TooFewRowsError
from energy_assets.forecasting.boosting.issuing import issue
from energy_assets.forecasting.boosting.model import MeterModel
from energy_assets.forecasting.boosting.parameters import TreeParams
from energy_assets.forecasting.boosting.training import learn, require_enough
from energy_assets.forecasting.boosting.weather_path import weather_path
from energy_assets.forecasting.forecast import ForecastRows, joined_rows, weather_of
from energy_assets.forecasting.naive import NAIVES, SeasonalNaive, Variant
from energy_assets.forecasting.past import Rows, past_of
from energy_assets.forecasting.series import KnownFuture, Series
from energy_assets.forecasting.timeline import Floats, timeline_of

FEWEST_LEARNED: Final[int] = 48
"""A scored model learns from at least this many values."""


@dataclass(frozen=True, kw_only=True, eq=False)
class TestRows:
    """Rows that are scored: each local day from its own midnight.

    Attributes:
        history: The meter, the test part included.
        rows: Origins and targets, positions in the history.
        cut_at: Start of the test part; what is scored learned only from before it.
    """

    history: Series
    rows: Rows
    cut_at: pd.Timestamp

    __test__ = False

    @property
    def actual(self) -> Floats:
        """What happened in kWh or m3; NaN where missing."""
        return self.history.values[self.rows.targets]


def test_model(
    history: Series,
    weather: KnownFuture | None,
    *,
    test_size: float = 0.2,
    params: TreeParams | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Scores on the newest part of a history, each day predicted from its local midnight.

    Args:
        history: The meter, all of it.
        weather: Temperatures around it.
        test_size: Share of the days that are scored, between 0 and 1; at least one day.
        params: The documented defaults of the meter's type without them.
        seed: Of everything random.

    Returns:
        One row for `xgboost` per weather that it knew and one for each baseline: columns of the
        score table but for the model's name and the time of scoring.

    Raises:
        TooFewRowsError: The history is too short for a model, or for one that sees no test part.
        ValueError: `test_size` is not between 0 and 1.
    """
    if not 0.0 < test_size < 1.0:
        raise ValueError(f"a test part of {test_size}; give a share between 0 and 1, such as 0.2.")
    require_enough(history)
    tests = held_out_days(history, test_size)
    before = history.until(tests.cut_at)
    known = int(np.isfinite(before.values).sum())
    if known < FEWEST_LEARNED:
        raise TooFewRowsError(
            series=history.key,
            held=f"{known} known values before the test part",
            needed=f"{FEWEST_LEARNED} there",
        )
    model = learn(before, weather, params=params, seed=seed)
    return score_rows(model, tests, weather)


test_model.__test__ = False  # pyright: ignore[reportFunctionMemberAccess]  # no test of pytest


def held_out_days(history: Series, test_size: float) -> TestRows:
    """The newest local days of a history, as rows of one day ahead from their midnights."""
    timeline = timeline_of(history)
    known = np.flatnonzero(np.isfinite(history.values))
    midnights = np.flatnonzero(timeline.slot[: timeline.known] == 0)
    inside = midnights[(midnights > known[0]) & (midnights <= known[-1])]
    if not len(inside):
        inside = known[-1:]
    count = max(int(len(inside) * test_size), 1)
    return rows_from(history, inside[-count:])


def rows_from(history: Series, origins: np.ndarray) -> TestRows:
    """Rows from some origins up to the next one, one day at most; positions in time order."""
    timeline = timeline_of(history)
    day = timeline.steps_per_day
    ends = np.append(origins[1:], len(history.starts))
    lengths = np.minimum(np.minimum(ends - origins, len(history.starts) - origins), day + 1)
    # The longest local day has an hour more than 24; its last one is a second day ahead.
    first = np.concatenate([[0], lengths.cumsum()[:-1]])
    within = np.arange(int(lengths.sum())) - np.repeat(first, lengths)
    origin = np.repeat(origins, lengths).astype(np.int64)
    return TestRows(
        history=history,
        rows=Rows(origins=origin, targets=origin + within, steps_per_day=day),
        cut_at=history.starts[int(origins[0])],
    )


def score_rows(model: MeterModel, tests: TestRows, weather: KnownFuture | None) -> pd.DataFrame:
    """Scores of a model that never saw the tests, and of the baselines."""
    families = [("xgboost", model_rows(model, tests, weather))]
    if weather is not None and model.informed is not None:
        families.append(("xgboost", model_rows(model, tests, None)))
    families += [(f"naive_{variant}", naive_rows(tests, variant)) for variant in NAIVES]
    before = tests.history.until(tests.cut_at).values
    naive_mae = metrics.seasonal_naive_mae(before, season=7 * tests.history.steps_per_day)
    end = tests.history.starts[int(tests.rows.targets[-1]) :]
    window_end_at = end[1] if len(end) > 1 else tests.history.end_at
    known = np.isfinite(tests.actual)
    return pd.DataFrame(
        [
            {
                "key": tests.history.key,
                "family": family,
                "weather": weather_of(rows.weather[known]),
                "window_start_at": tests.cut_at,
                "window_end_at": window_end_at,
                "rows": int(known.sum()),
                **_scored(tests, rows, naive_mae=naive_mae),
            }
            for family, rows in families
        ]
    ).drop_duplicates(["family", "weather"], ignore_index=True)


def model_rows(model: MeterModel, tests: TestRows, weather: KnownFuture | None) -> ForecastRows:
    """What a model predicts of test rows, as it would have when each origin was now."""
    timeline = timeline_of(tests.history)
    learned = model.scale.learned(tests.history.values)
    past = past_of(timeline, learned, typical=model.typical)
    path = None
    if weather is not None and model.informed is not None:
        path = weather_path(timeline, weather, normals=True)
    return issue(model, past, tests.rows, path).intervals


def naive_rows(tests: TestRows, variant: Variant) -> ForecastRows:
    """What a baseline predicts of test rows."""
    history, rows = tests.history, tests.rows
    origins = np.unique(rows.origins)
    made = SeasonalNaive(variant=variant).predict(history, list(history.starts[origins]), days=2)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(rows.origins)) + 1, [len(rows)]])
    counts = np.diff(starts).tolist()
    parts = [
        forecast.intervals.taken(slice(0, count))
        for forecast, count in zip(made, counts, strict=True)
    ]
    return joined_rows(parts)


def _scored(
    tests: TestRows, rows: ForecastRows, *, naive_mae: float
) -> dict[str, float | str | None]:
    found = metrics.scores(tests.actual, rows.quantiles, rows.mean, naive_mae=naive_mae)
    return {**found, "category": metrics.category(found["r2_score"])}
