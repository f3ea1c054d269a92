from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from energy_assets.contracts.forecasts import (
    CUSTOMER_PREDICTION,
    CUSTOMER_SCORE,
    QUANTILE_NAMES,
)
from energy_assets.contracts.readings import LIVE_FEATURES
from energy_assets.customer_load.flow import CustomerFlow
from energy_assets.customer_load.prediction import last_register, prediction_rows
from energy_assets.customer_load.scoring import customer_scores
from energy_assets.forecasting.bilstm import (
    BiLstmSettings,
    fine_tune,
    predict,
    predict_origins,
    pretrain,
)
from energy_assets.forecasting.bilstm.family import fitted_model
from energy_assets.forecasting.forecast import Forecast, plain_rows
from energy_assets.forecasts.contest import held_contest
from energy_assets.forecasts.stored_forecasts import expected_values
from energy_assets_tests.forecasting.histories import daily_pattern
from resources.tables import DTYPES

NOW = pd.Timestamp("2025-04-10 00:20", tz="UTC")
SMALL = BiLstmSettings(hidden=8, head=8, shared_epochs=2, own_epochs=2)


def forecast_of(energy, *, origin="2025-04-10", minutes=60, share=0.0, mean=None):
    origin_at = pd.Timestamp(origin, tz="UTC")
    table = np.asarray(energy, dtype=np.float64)[:, None] * np.linspace(0.7, 1.3, 7)
    starts = pd.date_range(origin_at, periods=len(table), freq=f"{minutes}min")
    rows = plain_rows(starts, table, table[:, 3] if mean is None else np.array(mean), "customer")
    return Forecast(
        origin_at=origin_at,
        model_id="m",
        intervals=rows,
        daily=rows.keep(slice(0, 0)),
        imputed_share=share,
    )


def rows_of(forecast, register=1000.0):
    return prediction_rows(
        forecast,
        customer_ref="0900",
        model_id="m",
        last_register_kwh=register,
        issued_at=NOW,
        generated_at=NOW,
    )


def frame_of(past, *, register=500.0):
    frame = pd.DataFrame(past.table(LIVE_FEATURES), index=past.starts, columns=list(LIVE_FEATURES))
    frame["import_kwh"] = past.values
    frame["register_kwh"] = register + frame["import_kwh"].fillna(0).cumsum()
    frame.attrs = {
        "customer_ref": past.key,
        "interval_minutes": past.interval_minutes,
        "zone": past.zone,
    }
    return frame


def test_the_register_goes_on_from_its_last_reading_and_stamps_the_interval_end():
    rows = rows_of(forecast_of([1.0, 2.0, 0.5]))
    assert rows["predicted_import_kwh"].tolist() == [1001.0, 1003.0, 1003.5]
    assert rows["predicted_usage"].tolist() == [1.0, 2.0, 0.5]
    ends = pd.date_range("2025-04-10 01:00", periods=3, freq="h", tz="UTC")
    assert rows["prediction_timestamp"].tolist() == ends.tolist()
    assert (rows["prediction_timestamp"] - rows["valid_at"]).unique() == [pd.Timedelta(hours=1)]


def test_rows_have_the_columns_and_types_of_the_prediction_table():
    rows = rows_of(forecast_of([1.0, 2.0], share=0.25))
    assert rows.columns.tolist() == CUSTOMER_PREDICTION.names
    for column in CUSTOMER_PREDICTION.columns:
        assert str(rows[column.name].dtype) == DTYPES[column.kind]
    assert rows["imputed_share"].tolist() == [0.25, 0.25]
    assert rows[list(QUANTILE_NAMES)].iloc[0].tolist() == pytest.approx(np.linspace(0.7, 1.3, 7))


def test_the_register_ahead_and_the_total_go_by_the_means_and_not_by_the_medians():
    rows = rows_of(forecast_of([0.0, 0.0, 1.0], mean=[0.5, 0.25, 1.5]))
    assert rows["predicted_usage"].tolist() == [0.0, 0.0, 1.0]
    assert rows["predicted_import_kwh"].tolist() == [1000.5, 1000.75, 1002.25]
    plain = CustomerFlow(documents=None, settings=None).forecasts.plain(rows)
    assert expected_values(plain).sum() == 2.25
    # Issued before means were learned:
    assert expected_values(plain.assign(mean=np.nan)).sum() == 1.0
    assert plain["register"].tolist() == [1000.5, 1000.75, 1002.25]


@pytest.mark.parametrize("register", [None, float("nan")])
def test_without_a_register_the_energy_is_still_predicted(register):
    rows = rows_of(forecast_of([1.0, 2.0]), register)
    assert rows["predicted_import_kwh"].isna().all()
    assert rows["predicted_usage"].tolist() == [1.0, 2.0]


def test_the_last_register_is_that_at_the_origin_or_none():
    frame = frame_of(daily_pattern(2, seed=0))
    end = frame.index[-1] + pd.Timedelta(hours=1)
    assert last_register(frame, origin_at=end) == frame["register_kwh"].iloc[-1]
    assert last_register(frame, origin_at=end + pd.Timedelta(hours=1)) is None
    frame.loc[frame.index[-1], "register_kwh"] = np.nan
    assert last_register(frame, origin_at=end) is None


def contest_of(model, past):
    return held_contest(past, {"bilstm": fitted_model(model, past)}, incumbent="bilstm")


def test_a_model_is_scored_beside_the_baselines_on_the_days_that_did_not_choose():
    pool = [daily_pattern(40, seed=seed, customer_ref=str(seed)) for seed in range(3)]
    shared = pretrain(pool, seed=0, settings=SMALL)
    model = fine_tune(shared, pool[:1], seed=0, settings=SMALL)["0"]
    table = customer_scores(contest_of(model, pool[0]), pool[0], model_id="m", scored_at=NOW)
    assert table["family"].tolist() == [
        "bilstm",
        "naive_yesterday",
        "naive_last_week",
        "naive_four_weeks",
        "naive_median_28",
        "naive_blend",
    ]
    assert table["rows"].tolist() == [6 * 24] * 6  # 15 % of 40 days are 6; as many before chose
    assert table.columns.tolist() == CUSTOMER_SCORE.names
    assert (table["window_start_at"] == model.validated_until).all()
    assert (table["window_end_at"] == pool[0].end_at).all()
    yesterday = np.abs(np.diff(pool[0].values.reshape(40, 24)[33:], axis=0))
    assert table["mae"][1] == pytest.approx(yesterday.mean(), rel=1e-5)
    weekly = np.abs(pool[0].values[168 : 34 * 24] - pool[0].values[: 34 * 24 - 168]).mean()
    assert table["mase"][1] == pytest.approx(yesterday.mean() / weekly, rel=1e-5)
    held_out = predict_origins(
        model, pool[0], [pool[0].start_at + pd.Timedelta(days=day) for day in range(34, 40)],
        held_out=True,
    )  # fmt: skip
    errors = np.abs(
        np.stack([forecast.median for forecast in held_out]) - pool[0].values.reshape(40, 24)[34:]
    )
    assert table["mae"][0] == pytest.approx(errors.mean(), rel=1e-5)


def test_scores_are_not_those_of_weights_that_saw_the_test_days():
    pool = [daily_pattern(40, seed=seed, customer_ref=str(seed)) for seed in range(3)]
    shared = pretrain(pool, seed=0, settings=SMALL)
    model = fine_tune(shared, pool[:1], seed=0, settings=SMALL)["0"]
    spoilt = replace(model, weights=model.weights * 3.0)
    one, other = (
        customer_scores(contest_of(each, pool[0]), pool[0], model_id="m", scored_at=NOW)
        for each in (model, spoilt)
    )
    pd.testing.assert_frame_equal(one, other)


def test_a_customer_that_fell_silent_before_the_test_part_has_no_scores():
    pool = [daily_pattern(40, seed=seed, customer_ref=str(seed)) for seed in range(3)]
    shared = pretrain(pool, seed=0, settings=SMALL)
    silent = pool[0].until(pool[0].start_at + pd.Timedelta(days=20))
    model = fine_tune(shared, [silent], seed=0, settings=SMALL)["0"]
    table = customer_scores(contest_of(model, silent), silent, model_id="m", scored_at=NOW)
    assert table["rows"].tolist() == [0] * 6
    assert table["mae"].isna().all()
    assert predict(model, silent).basis == "shared"
