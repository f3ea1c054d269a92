"""Days that a meter's model never saw, beside the baselines on the same rows."""

import math

import numpy as np
import pytest

from energy_assets.forecasting.backtest import backtest, scores
from energy_assets.forecasting.boosting import Boosting
from energy_assets.forecasting.naive import BASELINES
from energy_assets_tests.forecasting.meters import SMALL, climate, house, in_weather, meter


def held_out(history):
    return Boosting(params=SMALL).fit([history])[history.key].held_out


def scored(history, forecasts):
    """Scores of some forecasts and of the baselines from the same origins, by family."""
    predictors = {name: naive.predict for name, naive in BASELINES.items()}
    predictors["xgboost"] = lambda *_: forecasts
    rows = backtest(history, predictors, [forecast.origin_at for forecast in forecasts])
    counts = rows["family"].value_counts()
    assert counts.nunique() == 1
    return {name: scores(own, naive_mae=1.0) for name, own in rows.groupby("family")}, rows


def test_with_the_temperature_that_drives_it_a_meter_is_predicted_better_than_by_any_naive():
    history = in_weather(house(60), climate(60 * 24))
    forecasts = held_out(history)
    assert len(forecasts) == 12  # a fifth of 60 days
    assert forecasts[-1].valid_at[-1] == history.starts[-1]
    found, _ = scored(history, forecasts)
    assert min(found, key=lambda family: found[family]["mae"]) == "xgboost"
    assert found["xgboost"]["r2_score"] > 0.9


def test_last_weeks_score_is_that_of_a_slow_loop():
    history = house(60)
    found, rows = scored(history, held_out(history))
    first = history.steps_before(rows["origin_at"].min())
    errors, used = [], []
    for hour in range(first, 60 * 24):
        errors.append(abs(history.values[hour] - history.values[hour - 168]))
        used.append(history.values[hour])
    assert found["naive_last_week"]["mae"] == pytest.approx(np.mean(errors))
    assert found["naive_last_week"]["wape"] == pytest.approx(sum(errors) / sum(used))
    assert found["naive_last_week"]["mape_percent"] == pytest.approx(
        np.mean([error / use for error, use in zip(errors, used, strict=True)]) * 100
    )


def test_a_meter_at_zero_has_no_infinite_score():
    still = meter(np.zeros(30 * 24), kind="water")
    for own in scored(still, held_out(still))[0].values():
        assert own["mae"] == 0
        assert math.isnan(own["mape_percent"])
        assert math.isnan(own["alternative_accuracy_percent"])
        assert not any(math.isinf(score) for score in own.values())


def test_the_shortest_meter_that_can_be_learned_has_held_out_days_too():
    forecasts = held_out(house(15))
    assert len(forecasts) == 3
    assert all(np.isfinite(forecast.quantiles).all() for forecast in forecasts)
    assert Boosting(params=SMALL).fit([house(14)]) == {}


def test_held_out_days_begin_at_midnights_of_the_meters_own_clock():
    for forecast in held_out(house(40, zone="Asia/Kathmandu")):
        local = forecast.origin_at.tz_convert("Asia/Kathmandu")
        assert (local.hour, local.minute) == (0, 0)
