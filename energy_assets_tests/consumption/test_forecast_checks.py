import numpy as np
import pandas as pd
import pytest

from energy_assets.contracts.forecasts import QUANTILE_NAMES
from energy_assets.forecasts import checks

METER = ("meter_type", "meter_id")


def consumption_forecast_faults(rows):
    return checks.forecast_faults(rows, series=METER, days=14)


def evaluate_consumption_forecasts(rows, faults):
    return checks.evaluate_forecasts(rows, faults, series=METER)


def evaluate_bands(rows):
    return checks.evaluate_bands(rows, series=METER)


def evaluate_consumption_scores(scores):
    return checks.evaluate_scores(scores, series=METER)


def forecast(meter_id="w1", *, resolution="hourly", freq="h", count=336, start="2026-03-20"):
    starts = pd.date_range(start, periods=count, freq=freq, tz="Europe/Berlin")
    frame = pd.DataFrame(
        {
            "meter_type": "water",
            "meter_id": meter_id,
            "resolution": resolution,
            "valid_at": starts.tz_convert("UTC"),
            "value": 3.0,
            "mean": 3.0,
        }
    )
    distance = 1 + np.arange(count) / count
    for place, name in enumerate(QUANTILE_NAMES):
        frame[name] = 3.0 + (place - 3) * 0.5 * distance
    return frame


def by_day(**changes):
    return forecast(resolution="daily", freq="D", count=14, **changes)


@pytest.mark.parametrize("start", ["2026-03-20", "2026-10-20"])
def test_hourly_and_daily_forecasts_over_a_clock_change_are_whole(start):
    both = pd.concat([forecast(start=start), by_day(start=start), forecast("w2", start=start)])

    finding = evaluate_consumption_forecasts(both, consumption_forecast_faults(both))

    assert finding.passed
    assert finding.sentence == "2 of 2 forecasts are whole and possible."


def narrowing(frame):
    middle = frame["q50"].to_numpy()[:, None]
    width = np.linspace(1.0, 0.2, len(frame))[:, None]
    quantiles = list(QUANTILE_NAMES)
    return frame.assign(
        **dict(
            zip(quantiles, (middle + (frame[quantiles].to_numpy() - middle) * width).T, strict=True)
        )
    )


@pytest.mark.parametrize("whole", [forecast, by_day])
@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda f: f.drop(index=5), "hole"),
        (lambda f: f.iloc[: len(f) // 2], "hole"),
        (lambda f: f.iloc[:1], "hole"),
        (lambda f: f.assign(q50=-0.1), "negative"),
        (lambda f: f.assign(mean=np.nan), "missing"),
        (lambda f: f.assign(q95=np.inf), "missing"),
        (lambda f: f.assign(q95=0.5), "cross"),
    ],
)
def test_a_forecast_that_is_not_whole_or_possible_is_named_with_its_meter(whole, spoil, fault):
    rows = pd.concat([whole(meter_id="good"), spoil(whole(meter_id="bad"))])

    finding = evaluate_consumption_forecasts(rows, consumption_forecast_faults(rows))

    assert not finding.passed
    assert len(finding.offenders) == 1
    assert finding.offenders[0].startswith("water/bad: ")
    assert fault in finding.offenders[0]


@pytest.mark.parametrize("whole", [forecast, by_day])
def test_a_band_that_narrows_with_the_distance_is_named_and_withholds_no_forecast(whole):
    rows = pd.concat([whole(meter_id="good"), narrowing(whole(meter_id="bad"))])

    finding = evaluate_bands(rows)

    assert not finding.passed
    assert len(finding.offenders) == 1
    assert finding.offenders[0].startswith("water/bad: ")
    assert consumption_forecast_faults(rows) == {}


def test_bands_may_narrow_with_the_consumption_itself():
    warmer = forecast()
    scale = np.linspace(1.0, 0.3, len(warmer))
    for name in ("value", *QUANTILE_NAMES):
        warmer[name] *= scale

    assert evaluate_bands(warmer).passed


def test_a_forecast_of_nothing_at_all_is_possible():
    nothing = forecast().assign(value=0.0, **dict.fromkeys(QUANTILE_NAMES, 0.0))

    assert consumption_forecast_faults(nothing) == {}


def test_no_forecast_is_no_fault():
    nothing = forecast().iloc[:0]

    assert evaluate_consumption_forecasts(nothing, consumption_forecast_faults(nothing)).passed


def score(meter_id, family, mae, *, wape=None, weather="none"):
    return {
        "meter_type": "electricity",
        "meter_id": meter_id,
        "family": family,
        "weather": weather,
        "mae": mae,
        "wape": mae / 2 if wape is None else wape,
    }


def test_a_model_that_loses_to_a_seasonal_naive_is_named_with_both_scores():
    scores = pd.DataFrame(
        [
            score("a", "xgboost", 0.8, weather="observation"),
            score("a", "xgboost", 0.7),
            score("a", "naive_yesterday", 0.9),
            score("a", "naive_last_week", 0.6),
            score("b", "xgboost", 0.1, weather="forecast"),
            score("b", "xgboost", 0.3),
            score("b", "naive_last_week", 0.2),
            score("zero", "xgboost", 0.3, wape=np.nan),
            score("zero", "naive_last_week", 0.0, wape=np.nan),
            score("unscored", "xgboost", np.nan),
            score("unscored", "naive_last_week", 0.0),
        ]
    )

    finding = evaluate_consumption_scores(scores)

    assert finding.offenders == [
        "electricity/a: xgboost WAPE 35.0%, naive_last_week WAPE 30.0%",
        "electricity/zero: xgboost MAE 0.3, naive_last_week MAE 0",
    ]
    assert finding.sentence == "1 of 3 models beat the best seasonal naive."


def test_no_scores_are_no_fault():
    assert evaluate_consumption_scores(pd.DataFrame([score("a", "xgboost", 1)]).iloc[:0]).passed
