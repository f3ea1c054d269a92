"""Electricity meters that count backwards while the sun shines: exported hours are values."""

import numpy as np
import pandas as pd
import pytest

from energy_assets.consumption.checks import evaluate_flat_lines, evaluate_jumps, evaluate_outliers
from energy_assets.consumption.consumption_grid import frame_of, meter_histories, series_of_frame
from energy_assets.consumption.model_records import store_forecasts
from energy_assets.consumption.prediction import explanation_row, forecast_rows
from energy_assets.consumption.serving import forecast_from
from energy_assets.contracts.columns import QUANTILE_NAMES
from energy_assets.contracts.consumption_forecasts import CONSUMPTION_FORECAST, CONSUMPTION_TABLES
from energy_assets.contracts.validation import ContractError
from energy_assets.forecasting.boosting import Boosting
from energy_assets.forecasting.family import Fitted
from energy_assets.forecasting.series import LEAD_DAYS, KnownFuture
from energy_assets.forecasts.checks import forecast_faults
from energy_assets.forecasts.flow import Measured
from energy_assets.forecasts.ranges import range_values

METER = ("meter_type", "meter_id")
START = pd.Timestamp("2026-03-02", tz="UTC")


def sunny(days=70, minutes=60):
    """Half a kWh an hour, and three times that exported from ten to fifteen o'clock."""
    at = pd.date_range(START, periods=days * 1440 // minutes, freq=f"{minutes}min")
    noise = np.random.default_rng(5).normal(0, 0.05, len(at))
    return at, (np.where((at.hour >= 10) & (at.hour < 15), -1.5, 0.5) + noise) * minutes / 60


def history_of(at, values, kind="electricity"):
    points = pd.DataFrame(
        {
            "meter_type": kind,
            "meter_id": "roof",
            "timestamp": at.as_unit("ms"),
            "version": 1,
            "consumption": values,
            "register": np.nan,
            "temperature_c": np.nan,
            "known_at": at[-1],
        }
    )
    meters = pd.DataFrame({"meter_type": [], "meter_id": []})
    (found,) = meter_histories(points, meters, zones={f"{kind}/roof": ("UTC", None)})
    return found


def no_weather(starts):
    nothing = np.full((len(starts), LEAD_DAYS), np.nan)
    return KnownFuture(
        starts=starts,
        observed=nothing[:, 0],
        predicted=nothing,
        normal=np.zeros(nothing.shape, dtype=bool),
    )


def served(at, values, model=None):
    history = series_of_frame(frame_of(history_of(at, values)))
    ladder = [] if model is None else [model]
    forecast = forecast_from(ladder, history, no_weather(history.starts), now=history.end_at)
    return history, forecast


@pytest.mark.parametrize("minutes", [15, 60, 120])
def test_exported_hours_of_electricity_are_values_and_no_gaps(minutes):
    at, values = sunny(20, minutes)
    gridded = history_of(at, values)
    assert set(gridded.reason) == {"ok"}
    assert not gridded.history.non_negative
    sums = pd.Series(values, index=at).resample(f"{max(minutes, 60)}min").sum()
    np.testing.assert_allclose(gridded.history.values, sums)
    kept = series_of_frame(frame_of(gridded))
    assert not kept.non_negative
    assert kept.values.tolist() == gridded.history.values.tolist()


def test_electricity_that_is_never_exported_stays_non_negative():
    at, values = sunny(20)
    assert history_of(at, np.abs(values)).history.non_negative


def test_negative_water_is_disputed():
    at, values = sunny(20)
    gridded = history_of(at, values, kind="water")
    assert gridded.history.non_negative
    assert np.isnan(gridded.history.values).tolist() == (values < 0).tolist()
    assert set(gridded.reason[values < 0]) == {"disputed"}


def test_an_absurd_export_is_disputed_like_an_absurd_use():
    at, values = sunny(20)
    values[[100, 200]] = [-65_535.0, 3_000.0]
    gridded = history_of(at, values)
    assert np.flatnonzero(np.isnan(gridded.history.values)).tolist() == [100, 200]
    assert set(gridded.reason[[100, 200]]) == {"disputed"}


def test_forecasts_of_such_a_meter_go_below_zero_and_are_kept(waterworks):
    history, forecast = served(*sunny())
    hours = forecast.intervals.valid_at.hour
    noon = (hours >= 10) & (hours < 15)
    assert (forecast.intervals.quantiles[noon] < 0).all()
    assert (forecast.intervals.median[~noon] > 0).all()
    # 19 hours of half a kWh less five of one and a half are two.
    assert forecast.daily.mean == pytest.approx([2.0] * 14, abs=0.3)
    rows = forecast_rows(forecast, history, issued_at=history.end_at)
    assert forecast_faults(rows, series=METER, days=14, signed={"electricity/roof"}) == {}
    assert "negative" in forecast_faults(rows, series=METER, days=14)["electricity/roof"]
    waterworks.documents.ensure(CONSUMPTION_TABLES)
    why = explanation_row(forecast, history, issued_at=history.end_at)
    store_forecasts(waterworks.documents, rows, why)
    kept = waterworks.documents.read(CONSUMPTION_FORECAST)
    assert kept["value"].min() < -1.0


def test_negative_water_is_never_stored(waterworks):
    history, forecast = served(*sunny())
    rows = forecast_rows(forecast, history, issued_at=history.end_at)
    waterworks.documents.ensure(CONSUMPTION_TABLES)
    ones = dict.fromkeys(QUANTILE_NAMES, 1.0)
    for name in ("q05", "mean", "value"):
        water = rows.assign(meter_type="water", value=1.0, mean=1.0, **ones)
        water[name] = -0.001
        with pytest.raises(ContractError, match=f"{name}: negative water"):
            store_forecasts(waterworks.documents, water, rows.iloc[:0])
        assert waterworks.documents.read(CONSUMPTION_FORECAST).empty


def test_a_learned_model_of_such_a_meter_forecasts_and_explains_export():
    history, _ = served(*sunny())
    (fitted,) = Boosting(seed=1).fit([history]).values()
    assert isinstance(fitted, Fitted)
    _, forecast = served(*sunny(), model=fitted.model)
    assert set(forecast.intervals.basis) == {"no_weather"}
    hours = forecast.intervals.valid_at.hour
    noon = (hours >= 10) & (hours < 15)
    assert forecast.intervals.median[noon].max() < -1.0
    assert forecast.intervals.median[~noon].min() > 0.2
    assert len(forecast.explanation.lines) == 5
    total = sum(forecast.explanation.contributions.values())
    # The next day is explained.
    assert total == pytest.approx(forecast.intervals.mean[:24].sum(), abs=0.01)


def test_checks_find_nothing_odd_in_a_sunny_meter_and_still_find_faults():
    at, values = sunny()
    frame = frame_of(history_of(at, values))
    frames = {"electricity/roof": frame}
    for evaluate in (evaluate_outliers, evaluate_flat_lines, evaluate_jumps):
        assert evaluate(frames).passed, evaluate.__name__
    odd = frame.copy()
    odd.attrs = dict(frame.attrs)
    odd.iloc[-100, 0] = -20.0
    odd.iloc[-80:-20, 0] = -1.25
    assert not evaluate_outliers({"electricity/roof": odd}).passed
    assert not evaluate_flat_lines({"electricity/roof": odd}).passed
    jumped = frame.assign(
        consumption=np.where(np.arange(len(frame)) > 35 * 24, 40.0, 1.0) * frame["consumption"]
    )
    jumped.attrs = dict(frame.attrs)
    assert not evaluate_jumps({"electricity/roof": jumped}).passed


def test_a_meter_that_exports_more_than_it_uses_may_jump_as_well():
    at, values = sunny()
    frame = frame_of(history_of(at, values - 1.0))
    assert evaluate_jumps({"electricity/roof": frame}).passed
    jumped = frame.assign(
        consumption=np.where(np.arange(len(frame)) > 35 * 24, 40.0, 1.0) * frame["consumption"]
    )
    jumped.attrs = dict(frame.attrs)
    assert not evaluate_jumps({"electricity/roof": jumped}).passed


def test_outliers_of_a_meter_that_uses_as_much_as_it_exports_are_few():
    at = pd.date_range(START, periods=70 * 24, freq="h")
    values = np.where(at.hour < 12, 1.0, -1.0)
    values[[-300, -200, -100]] += 0.2  # ten times 2 % of what flows in an hour
    assert evaluate_outliers({"electricity/roof": frame_of(history_of(at, values))}).passed


def test_totals_of_a_range_add_up_what_is_used_less_what_is_exported():
    at, values = sunny()
    history, forecast = served(at, values)
    count = len(history)
    measured = Measured(
        series=history,
        reason=np.array([None] * count, dtype=object),
        temperature_c=np.full(count, np.nan),
        register=np.full(count, np.nan),
        features=pd.DataFrame(),
    )
    rows = forecast_rows(forecast, history, issued_at=history.end_at)
    end = at[-1] + pd.Timedelta(days=2, hours=1)
    found = range_values(
        measured, rows, start=at[-48], end=end, resolution="daily", now=history.end_at
    )
    measured = found[found["type"] == "historical"]["value"]
    assert measured.tolist() == pytest.approx(values[-48:].reshape(2, 24).sum(axis=1).tolist())
    ahead = found[found["type"] == "forecast"]["mean"]
    assert ahead.tolist() == pytest.approx(forecast.daily.mean[:2].tolist())
