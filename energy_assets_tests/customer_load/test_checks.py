import numpy as np
import pandas as pd
import pytest

from energy_assets.contracts.forecasts import QUANTILE_NAMES
from energy_assets.customer_load.checks import evaluate_coverage
from energy_assets.forecasts import checks

CUSTOMER = ("customer_ref",)


def forecast_faults(rows):
    return checks.forecast_faults(rows, series=CUSTOMER, days=1, register="predicted_import_kwh")


def evaluate_forecasts(rows, faults):
    return checks.evaluate_forecasts(rows, faults, series=CUSTOMER)


def forecast(customer_ref="900", hours=24):
    valid_at = pd.date_range("2025-07-01", periods=hours, freq="h", tz="UTC")
    frame = pd.DataFrame(
        {
            "customer_ref": customer_ref,
            "valid_at": valid_at,
            "prediction_timestamp": valid_at + pd.Timedelta("1h"),
            "mean": 3.0,
            "predicted_import_kwh": 1_000.0 + np.arange(hours),
        }
    )
    for place, name in enumerate(QUANTILE_NAMES):
        frame[name] = float(place)
    return frame


def test_a_whole_forecast_passes():
    assert evaluate_forecasts(forecast(), forecast_faults(forecast())).passed


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda f: f.drop(index=5), "1 days"),
        (lambda f: f.iloc[:-1], "1 days"),
        (lambda f: f.assign(q50=-0.1), "negative"),
        (lambda f: f.assign(q50=np.nan), "missing"),
        (lambda f: f.assign(mean=-0.1), "negative"),
        (lambda f: f.assign(mean=np.nan), "missing"),
        (lambda f: f.assign(q95=0.5), "cross"),
        (lambda f: f.assign(predicted_import_kwh=-np.arange(24.0)), "backwards"),
    ],
)
def test_an_impossible_forecast_is_named_with_its_customer(spoil, fault):
    frames = pd.concat([forecast("good"), spoil(forecast("bad"))])

    finding = evaluate_forecasts(frames, forecast_faults(frames))

    assert not finding.passed
    assert len(finding.offenders) == 1
    assert finding.offenders[0].startswith("bad: ")
    assert fault in finding.offenders[0]


def test_an_unknown_register_is_no_fault():
    assert forecast_faults(forecast().assign(predicted_import_kwh=np.nan)) == {}


def test_a_model_that_loses_to_a_seasonal_naive_is_named():
    scores = pd.DataFrame(
        {
            "customer_ref": ["a", "a", "a", "b", "b", "b"],
            "family": ["bilstm", "naive_yesterday", "naive_last_week"] * 2,
            "wape": [0.3, 0.4, 0.35, 0.5, 0.6, 0.45],
            "mae": [3.0, 4.0, 3.5, 5.0, 6.0, 4.5],
        }
    )

    finding = checks.evaluate_scores(scores, series=CUSTOMER)

    assert list(finding.offenders) == ["b: bilstm WAPE 50.0%, naive_last_week WAPE 45.0%"]
    assert "1 of 2" in finding.sentence


def test_a_customer_with_many_missing_readings_is_named_and_others_are_not():
    index = pd.date_range("2025-06-01", periods=24 * 30, freq="h", tz="UTC")
    whole = pd.DataFrame({"import_kwh": 1.0}, index=index)
    holed = whole.copy()
    holed.iloc[-24 * 14 :, 0] = np.nan

    finding = evaluate_coverage({"whole": whole, "holed": holed, "empty": whole.iloc[:0]})

    assert list(finding.offenders) == ["holed: 50% known"]
