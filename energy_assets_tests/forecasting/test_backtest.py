import numpy as np
import pandas as pd
import pytest

from energy_assets.contracts.forecasts import QUANTILE_NAMES
from energy_assets.forecasting.backtest import backtest, scores
from energy_assets.forecasting.forecast import Forecast, plain_rows
from energy_assets_tests.forecasting.histories import history

START = pd.Timestamp("2025-01-01", tz="UTC")


def observed(energy):
    return history(energy, start="2025-01-01")


def forecast(origin, median):
    """A day with this median, a mean of one more, and quantiles one apart."""
    starts = pd.date_range(origin, periods=24, freq="h")
    table = np.full((24, 7), median) + np.arange(-3.0, 4.0)
    rows = plain_rows(starts, table, table[:, 3] + 1.0, "one")
    return Forecast(origin_at=origin, model_id="one", intervals=rows, daily=rows, imputed_share=0.0)


def always(value):
    def predict(history, origins):
        return [forecast(origin, value) for origin in origins]

    return predict


def at(*hours):
    return [START + pd.Timedelta(hours=h) for h in hours]


def test_every_family_is_scored_on_the_same_known_rows_each_once():
    energy = np.arange(60.0)
    energy[[30, 31]] = np.nan
    rows = backtest(observed(energy), {"low": always(10.0), "high": always(20.0)}, at(0, 23, 47))
    counts = rows.groupby("family")["valid_at"].agg(["count", "nunique"])
    assert counts.to_numpy().tolist() == [[58, 58]] * 2
    assert rows["valid_at"].max() == START + pd.Timedelta(hours=59)
    hours = (rows["valid_at"] - START) // pd.Timedelta(hours=1)
    assert (rows["actual"] == hours).all()


def test_a_day_of_23_hours_between_origins_counts_23_rows():
    rows = backtest(observed(np.ones(100)), {"one": always(1.0)}, at(0, 23))
    assert (rows["origin_at"] == START).sum() == 23


def test_scores_of_rows_are_those_worked_out_by_hand():
    rows = backtest(observed(np.array([9.0, 10.0, 12.0])), {"ten": always(10.0)}, at(0))
    found = scores(rows, naive_mae=2.0)
    assert found["mae"] == pytest.approx(1.0)
    assert found["wape"] == pytest.approx(3 / 31)
    assert found["mase"] == pytest.approx(0.5)
    assert found["mse"] == pytest.approx(5 / 3)
    assert found["coverage_90"] == 1.0
    assert found["total_bias"] == pytest.approx(33 / 31 - 1)  # by the means, not the medians
    assert found["rmse"] == pytest.approx((5 / 3) ** 0.5)


def test_without_origins_there_are_no_rows_and_no_scores():
    rows = backtest(observed(np.ones(10)), {"one": always(1.0)}, [])
    assert rows.empty
    assert set(QUANTILE_NAMES) <= set(rows.columns)
    assert all(np.isnan(score) for score in scores(rows, naive_mae=1.0).values())
