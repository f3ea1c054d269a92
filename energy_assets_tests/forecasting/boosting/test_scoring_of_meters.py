"""Scores on days that the model never saw, and the search for parameters."""

import math

import numpy as np
import pandas as pd
import pytest

from energy_assets.contracts.consumption_forecasts import CONSUMPTION_SCORE
from energy_assets.forecasting.boosting import DEFAULTS, TooFewRowsError, test_model, tune
from energy_assets.forecasting.boosting.training import learn
from energy_assets_tests.forecasting.boosting.meters import (
    SMALL,
    climate,
    house,
    meter,
)


def test_a_model_is_scored_beside_the_baselines_on_the_same_days():
    history = house(60)
    table = test_model(history, climate(60 * 24), params=SMALL)
    assert table["family"].tolist() == [
        "xgboost",
        "xgboost",
        "naive_yesterday",
        "naive_last_week",
        "naive_four_weeks",
        "naive_median_28",
        "naive_blend",
    ]
    assert table["weather"].tolist() == ["forecast", *["none"] * 6]
    assert set(table["rows"]) == {11 * 24}  # a fifth of the 59 days that have a day before them
    assert (table["window_end_at"] == history.end_at).all()
    names = {column.name for column in CONSUMPTION_SCORE.columns}
    assert set(table.columns) == names - {"meter_type", "meter_id", "model_id", "scored_at"} | {
        "key"
    }
    # With the temperature that drives it, the meter is predicted best.
    assert table["mae"].idxmin() == 0
    assert table["r2_score"][0] > 0.9
    assert table["category"][0] == "excellent"


def test_last_weeks_score_is_that_of_a_slow_loop():
    history = house(60)
    table = test_model(history, None, params=SMALL)
    row = table.set_index("family").loc["naive_last_week"]
    first = int(history.starts.searchsorted(row["window_start_at"]))
    errors, used = [], []
    for hour in range(first, 60 * 24):
        errors.append(abs(history.values[hour] - history.values[hour - 168]))
        used.append(history.values[hour])
    assert row["mae"] == pytest.approx(np.mean(errors))
    assert row["wape"] == pytest.approx(sum(errors) / sum(used))
    assert row["mape_percent"] == pytest.approx(
        np.mean([error / use for error, use in zip(errors, used, strict=True)]) * 100
    )


def test_the_scored_model_never_saw_the_test_part(monkeypatch):
    seen = []

    def watched(history, *args, **kwargs):
        seen.append(history)
        return learn(history, *args, **kwargs)

    monkeypatch.setattr("energy_assets.forecasting.boosting.scoring.learn", watched)
    table = test_model(house(40), None, params=SMALL)
    assert [history.end_at for history in seen] == [table["window_start_at"][0]]


def test_a_meter_at_zero_has_no_infinite_score():
    still = meter(np.zeros(30 * 24), kind="water")
    table = test_model(still, None, params=SMALL)
    assert (table["mae"] == 0).all()
    assert table["mape_percent"].isna().all()
    assert table["alternative_accuracy_percent"].isna().all()
    numbers = table.select_dtypes("number").to_numpy(dtype=float)
    assert not np.isinf(numbers).any()
    assert table["category"].isna().all()


def test_the_shortest_meter_that_can_be_learned_can_be_scored_too():
    table = test_model(house(15), None, params=SMALL)
    assert math.isfinite(table["mae"][0])
    with pytest.raises(TooFewRowsError):
        test_model(house(14), None, params=SMALL)


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0, math.nan])
def test_a_test_part_that_is_no_share_is_refused(share):
    with pytest.raises(ValueError, match="between 0 and 1"):
        test_model(house(20), None, test_size=share)


def test_days_of_a_local_clock_start_at_its_midnights():
    history = house(40, zone="Asia/Kathmandu")
    table = test_model(history, None, params=SMALL)
    local = pd.Timestamp(table["window_start_at"][0]).tz_convert("Asia/Kathmandu")
    assert (local.hour, local.minute) == (0, 0)


def test_a_search_begins_with_the_defaults_and_stops_when_time_is_up():
    history = house(15)
    found = tune(history, None, trials=1, seconds=60, seed=1)
    assert (found.n_estimators, found.max_depth, found.learning_rate) == (100, 6, 0.1)
    assert tune(history, None, trials=50, seconds=0.0, seed=1) == DEFAULTS["kWh"]
    assert tune(history, None, trials=0, seconds=60, seed=1) == DEFAULTS["kWh"]


@pytest.mark.slow
def test_a_search_is_the_same_for_the_same_seed_and_never_worse_than_its_start():
    history = house(40)
    weather = climate(40 * 24)
    one = tune(history, weather, trials=4, seconds=600, seed=1)
    assert one == tune(history, weather, trials=4, seconds=600, seed=1)
    assert 100 <= one.n_estimators <= 1000


def test_a_search_needs_as_much_as_a_model():
    with pytest.raises(TooFewRowsError):
        tune(house(14), None, trials=1, seconds=1)
