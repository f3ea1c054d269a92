import logging
import re
from datetime import timedelta

import dagster as dg
import numpy as np
import pandas as pd
import pytest

from energy_assets.contracts.forecasts import (
    CUSTOMER_MODEL,
    CUSTOMER_PREDICTION,
    CUSTOMER_SCORE,
    MODEL_VERSIONS,
    QUANTILE_NAMES,
)
from energy_assets.customer_load.features import customer_features, series_of
from energy_assets.customer_load.records import readings_by_customer
from energy_assets.forecasting.bilstm import CustomerModel, predict
from energy_assets_tests.estate import NOW, Estate, load_profile_csv, reasons
from resources.tables import Filter

DAYS = 24
CUSTOMERS = {"100": "home/1", "200": "home 2", "300": "3"}


def noisy(seed):
    rng = np.random.default_rng(seed)

    def energy(at):
        return round(0.4 + (at.hour >= 18) + 0.3 * (at.day_of_week > 4) + rng.random() * 0.4, 3)

    return energy


def deliver_homes(estate, *, days):
    return [
        estate.deliver(
            f"{serial}-{days}.csv",
            load_profile_csv(serial, ref, days=days, pattern=noisy(int(serial))),
        )
        for serial, ref in CUSTOMERS.items()
    ]


def run_chain(estate, job="train_and_forecast"):
    keys = estate.instance.get_dynamic_partitions("customers")
    return estate.run(job, keys[0], keys[-1])


@pytest.fixture(scope="module")
def forecast_estate(tmp_path_factory):
    """Three homes after one training and one forecast, and the run that did it."""
    with dg.DagsterInstance.ephemeral() as instance:
        estate = Estate(folder=tmp_path_factory.mktemp("estate"), instance=instance)
        files = deliver_homes(estate, days=DAYS)
        assert estate.run("ingest_meter_files", files[0], files[-1]).success
        result = run_chain(estate)
        assert result.success, reasons(result)
        yield estate, result
    for handler in list(logging.getLogger("energy_assets").handlers):
        logging.getLogger("energy_assets").removeHandler(handler)
        handler.close()


def values_of(result, node, partition, name):
    (event,) = [e for e in result.asset_materializations_for_node(node) if e.partition == partition]
    return event.metadata[name].value


def test_every_customer_gets_24_hours_that_begin_where_the_readings_end(forecast_estate):
    estate, _ = forecast_estate
    predictions = estate.table(CUSTOMER_PREDICTION)
    end = pd.Timestamp("2025-07-01", tz="UTC") + timedelta(days=DAYS) - timedelta(hours=5.5)

    for _, rows in predictions.groupby("customer_ref"):
        ordered = rows.sort_values("valid_at")
        assert ordered["valid_at"].tolist() == list(pd.date_range(end, periods=24, freq="h"))
        assert (ordered["prediction_timestamp"] - ordered["valid_at"] == pd.Timedelta("1h")).all()
        assert (ordered["issued_at"] == pd.Timestamp(NOW)).all()
        assert (np.diff(ordered[list(QUANTILE_NAMES)].to_numpy(float), axis=1) >= 0).all()
    assert predictions["customer_ref"].nunique() == 3


def test_the_predicted_register_goes_on_from_the_last_reading(forecast_estate):
    estate, _ = forecast_estate
    predictions = estate.table(CUSTOMER_PREDICTION)
    energy = noisy(100)
    hours = pd.date_range("2025-07-01", periods=DAYS * 24, freq="h")
    last_register = 1_000.0 + sum(energy(at) for at in hours)

    home = predictions[predictions["customer_ref"] == "home/1"].sort_values("valid_at")

    assert home["predicted_import_kwh"].iloc[0] == pytest.approx(
        last_register + home["mean"].iloc[0], abs=0.01
    )
    assert home["predicted_import_kwh"].iloc[-1] == pytest.approx(
        last_register + home["mean"].sum(), abs=0.01
    )


def test_every_model_is_scored_beside_three_baselines_on_the_same_rows(forecast_estate):
    estate, _ = forecast_estate
    scores = estate.table(CUSTOMER_SCORE)

    for _, rows in scores.groupby("customer_ref"):
        assert sorted(rows["family"]) == [
            "bilstm",
            "naive_blend",
            "naive_four_weeks",
            "naive_last_week",
            "naive_median_28",
            "naive_yesterday",
        ]
        assert len(set(rows["rows"])) == 1
        assert rows["rows"].iloc[0] >= 24
        assert rows["mae"].notna().all()
    assert scores["customer_ref"].nunique() == 3


def test_each_partition_shows_its_own_scores_forecast_and_plot(forecast_estate):
    estate, result = forecast_estate
    predictions = estate.table(CUSTOMER_PREDICTION)
    home = predictions[predictions["customer_ref"] == "home 2"]

    assert values_of(result, "customer_forecast", "home 2", "energy_kwh") == pytest.approx(
        home["mean"].sum()
    )
    assert "naive_last_week" in values_of(result, "customer_bilstm", "home 2", "scores")
    assert "data:image/png;base64," in values_of(result, "customer_plot", "home 2", "plot")
    plots = estate.objects.list("plots/customer_load/")
    assert len(plots) == 3
    assert estate.objects.get(plots[0].key).startswith(b"\x89PNG")


def test_the_checks_of_the_chain_are_reported(forecast_estate):
    _, result = forecast_estate
    outcomes = {e.check_name: e.passed for e in result.get_asset_check_evaluations()}

    assert outcomes["whole_and_possible"]
    assert outcomes["enough_readings"]
    assert "beats_seasonal_naive" in outcomes


def test_models_are_kept_as_data_files_never_as_code(forecast_estate):
    estate, _ = forecast_estate
    models = estate.table(CUSTOMER_MODEL)

    assert len(models) == 3
    for data, metadata in zip(models["model_data"], models["model_metadata"], strict=True):
        header = int.from_bytes(data[:8], "little")
        assert data[8:9] == b"{"
        assert header < len(data)
        assert metadata["seed"] == estate.settings.seed


def test_without_new_readings_models_and_forecasts_stay_and_are_still_shown(forecast_estate):
    estate, first = forecast_estate
    before = estate.table(CUSTOMER_MODEL)
    forecasts = estate.table(CUSTOMER_PREDICTION)
    estate.now = estate.now + timedelta(hours=1)

    result = run_chain(estate)

    assert result.success, reasons(result)
    assert estate.table(CUSTOMER_MODEL)["trained_at"].tolist() == before["trained_at"].tolist()
    assert len(estate.table(CUSTOMER_PREDICTION)) == len(forecasts)
    assert len(estate.objects.list("plots/customer_load/")) == 3
    for run in (first, result):
        assert "naive_last_week" in values_of(run, "customer_bilstm", "3", "scores")
        assert values_of(run, "customer_forecast", "3", "energy_kwh") > 0


def remade_forecast(estate, customer_ref, *, model_id, known_at):
    """Quantiles of the forecast that this model makes of what was known at an instant."""
    (customer,) = readings_by_customer(
        estate.documents,
        [customer_ref],
        since=pd.Timestamp("2025-01-01", tz="UTC"),
        known_at=known_at,
    )
    features = customer_features(customer.readings, meters=customer.meters, zone="UTC")
    (version,) = estate.documents.read(
        MODEL_VERSIONS, [Filter("model_id", "=", model_id)]
    ).itertuples()
    model = CustomerModel.from_bytes(version.model_data, version.model_metadata)
    return predict(model, series_of(features)).quantiles


def test_a_past_forecast_can_be_made_again_exactly_after_a_correction_arrived(forecast_estate):
    estate, _ = forecast_estate
    predictions = estate.table(CUSTOMER_PREDICTION)
    issued = predictions[predictions["customer_ref"] == "3"].sort_values("valid_at")
    known_at = issued["issued_at"].iloc[0]
    model_id = issued["model_id"].iloc[0]
    estate.now = estate.now + timedelta(hours=1)
    corrected = load_profile_csv("300", "3", days=DAYS, pattern=lambda at: 2.5)
    said = f"# replaces: raw/load_profiles/300-{DAYS}.csv\n".encode()
    file_id = estate.deliver("300-corrected.csv", said + corrected)
    assert estate.run("ingest_meter_files", file_id).success

    then = remade_forecast(estate, "3", model_id=model_id, known_at=known_at)
    now = remade_forecast(estate, "3", model_id=model_id, known_at=None)

    assert np.array_equal(then, issued[list(QUANTILE_NAMES)].to_numpy(float))
    assert not np.allclose(now, then)


def test_new_readings_make_a_new_version_and_the_old_one_is_kept(forecast_estate):
    estate, _ = forecast_estate
    before = estate.table(CUSTOMER_MODEL).set_index("customer_ref")["model_id"]
    longer = load_profile_csv("100", "home/1", days=DAYS + 2, pattern=noisy(100))
    short = load_profile_csv("400", "newcomer", days=2, start="2025-07-24", pattern=noisy(4))
    lone = load_profile_csv("500", "lone", days=0, start="2025-07-24")
    estate.now = estate.now + timedelta(days=2)
    files = [
        estate.deliver("longer.csv", longer),
        estate.deliver("short.csv", short),
        estate.deliver("lone.csv", lone),
    ]
    estate.run("ingest_meter_files", files[0], files[-1])

    result = run_chain(estate)

    after = estate.table(CUSTOMER_MODEL).set_index("customer_ref")["model_id"]
    versions = set(estate.table(MODEL_VERSIONS)["model_id"])
    newest = estate.table(CUSTOMER_PREDICTION)
    newest = newest[newest["issued_at"] == newest["issued_at"].max()]
    basis = newest.groupby("customer_ref")["basis"].first()
    assert result.success, reasons(result)
    assert after["home/1"] != before["home/1"]
    assert after["home 2"] == before["home 2"]
    assert {before["home/1"], after["home/1"]} <= versions
    assert basis["newcomer"] == "shared"
    assert basis["home/1"] in {"customer", "shared"}


def test_a_silent_customer_is_forecast_from_now_on_and_one_that_ended_is_not(forecast_estate):
    estate, _ = forecast_estate
    before = estate.table(CUSTOMER_PREDICTION)
    estate.now = estate.now + timedelta(days=9)

    silent = run_chain(estate)

    rows = estate.table(CUSTOMER_PREDICTION)
    new = rows[rows["issued_at"] > before["issued_at"].max()]
    assert silent.success, reasons(silent)
    assert {"home/1", "home 2", "3"} <= set(new["customer_ref"])
    assert new["valid_at"].min() >= pd.Timestamp(estate.now) - pd.Timedelta(hours=1)
    of_network = new["basis"].isin(["customer", "shared"])  # of the last 48 hours
    assert (new.loc[of_network, "imputed_share"] == 1.0).all()
    assert (new.loc[~of_network, "imputed_share"] >= 9 / 14).all()  # of the last 14 days

    estate.now = estate.now + timedelta(days=60)
    ended = run_chain(estate)

    assert ended.success, reasons(ended)
    assert len(estate.table(CUSTOMER_PREDICTION)) == len(rows)
    said = values_of(ended, "customer_forecast", "3", "not_forecast")
    assert re.match(r"The readings ended \d\d days ago; after 60 days of silence", said)
    assert values_of(ended, "customer_bilstm", "3", "wape") > 0
