"""Forecasts of customers and meters made again, after everything around them has changed."""

import logging
from datetime import timedelta

import dagster as dg
import numpy as np
import pandas as pd
import pytest

from energy_assets.consumption.flow import MeterFlow
from energy_assets.consumption.model_records import MeterModels
from energy_assets.contracts.consumption_forecasts import CONSUMPTION_FORECAST, CONSUMPTION_MODEL
from energy_assets.contracts.forecasts import CUSTOMER_PREDICTION, MODEL_VERSIONS
from energy_assets.customer_load.flow import CustomerFlow
from energy_assets.customer_load.model_records import ModelStore
from energy_assets.forecasting.naive import BASELINES
from energy_assets.forecasts.replay import (
    IssuedForecast,
    NotIssuedError,
    again,
    differences,
    replay,
)
from energy_assets_tests.automation.sample_meters import chain, hourly_csv, household, water_home
from energy_assets_tests.estate import NOW, Estate, load_profile_csv, reasons

DAYS = 24
ISSUED_AT = pd.Timestamp(NOW)
LATER = NOW + timedelta(days=1, minutes=3)
HOME, NEWCOMER = "100", "200"
HOUSE, TAP = "electricity/house", "water/tap"
CORRECTED_AT, FEATURES_AT, SLOW_AT = (NOW + timedelta(days=1, hours=h) for h in (4, 5, 6))
SERIES = (HOME, NEWCOMER, HOUSE, TAP)


def noisy(seed):
    rng = np.random.default_rng(seed)
    return lambda at: round(0.4 + (at.hour >= 18) + rng.random() * 0.4, 3)


def ingested(estate, job, *files):
    result = estate.run(job, min(files), max(files))
    assert result.success, reasons(result)


def forecast_everything(estate):
    keys = sorted(estate.instance.get_dynamic_partitions("customers"))
    result = estate.run("train_and_forecast", keys[0], keys[-1])
    assert result.success, reasons(result)
    chain(estate)


def replacing(content, *keys):
    """A file that says whose values it replaces."""
    return b"".join(f"# replaces: {key}\n".encode() for key in keys) + content


HOME_FILES = [f"raw/load_profiles/{n}.csv" for n in ("0", "1", "waited", "corrected 0", "again 5")]
HOME_FILES += [f"raw/load_profiles/again {seed}.csv" for seed in range(40)]


def meter_files(key):
    folder, _, name = key.partition("/")
    seeds = [f"raw/consumption/{folder}/again {seed}/{name}.csv" for seed in range(40)]
    return [
        f"raw/consumption/{key}.csv",
        f"raw/consumption/{folder}/corrected/{name}.csv",
        *seeds,
    ]


def late_file(estate):
    """A file that arrives before the first forecasts are issued, and waits to be read."""
    content = load_profile_csv(HOME, HOME, days=DAYS, pattern=lambda at: 3.0)
    return estate.deliver("waited.csv", replacing(content, *HOME_FILES))


def issue(estate):
    """The first forecasts, from three weeks of readings."""
    homes = [
        load_profile_csv(HOME, HOME, days=DAYS, pattern=noisy(1)),
        load_profile_csv(NEWCOMER, NEWCOMER, days=3, start="2025-07-22", pattern=noisy(2)),
    ]
    ingested(
        estate,
        "ingest_meter_files",
        *[estate.deliver(f"{number}.csv", content) for number, content in enumerate(homes)],
    )
    values = {HOUSE: household(DAYS), TAP: water_home(DAYS)}
    ingested(
        estate,
        "ingest_consumption_files",
        *[estate.deliver_consumption(f"{k}.csv", hourly_csv(v)) for k, v in values.items()],
    )
    assert estate.run("update_weather").success
    waiting = late_file(estate)
    forecast_everything(estate)
    return waiting


def change_everything(estate, waiting):
    """A day later: a file that waited, corrections, new readings, other weather, other models."""
    estate.now = LATER
    rows = [
        load_profile_csv(HOME, HOME, days=DAYS + 1, pattern=noisy(3)),
        load_profile_csv(NEWCOMER, NEWCOMER, days=4, start="2025-07-22", pattern=noisy(4)),
    ]
    ingested(estate, "ingest_meter_files", waiting)
    ingested(
        estate,
        "ingest_meter_files",
        *[
            estate.deliver(f"corrected {number}.csv", replacing(each, *HOME_FILES))
            for number, each in enumerate(rows)
        ],
    )
    end = ISSUED_AT.floor("D") + pd.Timedelta(days=1)
    values = {HOUSE: 1.1 * household(DAYS + 1, seed=2), TAP: 2 * water_home(DAYS + 1)}
    ingested(
        estate,
        "ingest_consumption_files",
        *[
            estate.deliver_consumption(
                key.replace("/", "/corrected/") + ".csv",
                replacing(hourly_csv(each, end=end), *meter_files(key)),
            )
            for key, each in values.items()
        ],
    )
    assert estate.run("update_weather").success
    forecast_everything(estate)


def correct(estate, *, at, seed):
    """Other values of one home and one house, read at an instant."""
    estate.now = at
    content = load_profile_csv(HOME, HOME, days=DAYS + 1, pattern=noisy(seed))
    content = replacing(content, *HOME_FILES)
    ingested(estate, "ingest_meter_files", estate.deliver(f"again {seed}.csv", content))
    end = ISSUED_AT.floor("D") + pd.Timedelta(days=1)
    content = hourly_csv(household(DAYS + 1, seed=seed) * (1 + seed / 100), end=end)
    content = replacing(content, *meter_files(HOUSE))
    file_id = estate.deliver_consumption(f"electricity/again {seed}/house.csv", content)
    ingested(estate, "ingest_consumption_files", file_id)


def forecast_slowly(estate):
    """Forecasts from features that are an hour old, since when corrections have been read."""
    homes, meters = (
        sorted(estate.instance.get_dynamic_partitions(name))
        for name in ("customers", "consumption_meters")
    )

    def run(flow, job, keys, asset):
        assert estate.run(job, keys[0], keys[-1], only=f"{flow}_{asset}").success

    correct(estate, at=CORRECTED_AT, seed=5)
    estate.now = FEATURES_AT
    run("customer", "forecast_customers", homes, "features")
    run("consumption", "forecast_meters", meters, "features")
    correct(estate, at=FEATURES_AT + timedelta(minutes=30), seed=6)
    estate.now = SLOW_AT
    run("customer", "forecast_customers", homes, "forecast")
    run("consumption", "forecast_meters", meters, "forecast")


@pytest.fixture(scope="module")
def estate(tmp_path_factory):
    with dg.DagsterInstance.ephemeral() as instance:
        estate = Estate(folder=tmp_path_factory.mktemp("replayed"), instance=instance)
        change_everything(estate, issue(estate))
        forecast_slowly(estate)
        yield estate
    for handler in list(logging.getLogger("energy_assets").handlers):
        logging.getLogger("energy_assets").removeHandler(handler)
        handler.close()


def flow_of(estate, key):
    if "/" in key:
        return MeterFlow(documents=estate.documents, series=estate.series, settings=estate.settings)
    return CustomerFlow(documents=estate.documents, settings=estate.settings)


def rows_of(flow, key, *, issued_at):
    return flow.forecasts.rows({key: issued_at})


def columns_of(found):
    return {each.column for each in found}


def model_of(flow, rows):
    """The model that forecast rows name."""
    model_id = rows["model_id"].iloc[0]
    return BASELINES.get(model_id) or flow.model(model_id)


def asked(estate, key, issued_at=ISSUED_AT):
    return IssuedForecast(flow=flow_of(estate, key), key=key, issued_at=pd.Timestamp(issued_at))


@pytest.mark.parametrize("issued_at", [ISSUED_AT, LATER], ids=["first", "second"])
@pytest.mark.parametrize("key", SERIES)
def test_a_forecast_is_made_again_to_the_bit_whatever_arrived_since(estate, key, issued_at):
    made = replay(asked(estate, key, issued_at))

    assert made.problem == ""
    assert [str(difference) for difference in made.differences] == []
    assert made.is_equal
    assert len(made.rows) == (24 * 14 + 14 if "/" in key else 24)


@pytest.mark.parametrize("key", [HOME, HOUSE])
def test_a_forecast_from_old_features_is_made_again_from_what_those_knew(estate, key):
    flow = flow_of(estate, key)
    issued = rows_of(flow, key, issued_at=pd.Timestamp(SLOW_AT))
    corrected = again(
        flow,
        key,
        model_of(flow, issued),
        known_at=pd.Timestamp(SLOW_AT),
        issued_at=pd.Timestamp(SLOW_AT),
    )

    assert set(issued["data_known_at"]) == {pd.Timestamp(FEATURES_AT)}
    assert replay(asked(estate, key, SLOW_AT)).is_equal
    assert differences(flow.forecasts.table, issued, corrected)


@pytest.mark.parametrize("key", SERIES)
def test_every_forecast_says_up_to_when_readings_were_known_to_it(estate, key):
    flow = flow_of(estate, key)

    assert set(rows_of(flow, key, issued_at=ISSUED_AT)["data_known_at"]) == {ISSUED_AT}
    assert set(rows_of(flow, key, issued_at=pd.Timestamp(LATER))["data_known_at"]) == {
        pd.Timestamp(LATER)
    }


@pytest.mark.parametrize("key", SERIES)
def test_the_same_model_says_something_else_of_what_is_known_now(estate, key):
    flow = flow_of(estate, key)
    issued = rows_of(flow, key, issued_at=ISSUED_AT)
    model = model_of(flow, issued)
    now = pd.Timestamp(LATER)

    corrected = again(flow, key, model, known_at=now, issued_at=ISSUED_AT)

    assert differences(flow.forecasts.table, issued, corrected)


def test_a_later_weather_answer_changes_what_the_same_readings_say(estate):
    flow = flow_of(estate, HOUSE)
    issued = rows_of(flow, HOUSE, issued_at=ISSUED_AT)
    assert "forecast" in set(issued["weather"])
    model = model_of(flow, issued)
    shortly_after = pd.Timestamp(LATER)

    informed = again(flow, HOUSE, model, known_at=ISSUED_AT, issued_at=shortly_after)

    assert "temperature_c" in {
        each.column for each in differences(flow.forecasts.table, issued, informed)
    }


@pytest.mark.parametrize("key", [HOME, HOUSE])
def test_the_newest_model_makes_another_forecast_than_the_one_that_was_named(estate, key):
    flow = flow_of(estate, key)
    issued = rows_of(flow, key, issued_at=ISSUED_AT)
    newest = model_of(flow, rows_of(flow, key, issued_at=pd.Timestamp(LATER)))

    other = again(flow, key, newest, known_at=ISSUED_AT, issued_at=ISSUED_AT)

    assert {"model_id", "q50", "mean"} <= columns_of(
        differences(flow.forecasts.table, issued, other)
    )


def test_a_file_that_waited_to_be_read_is_not_used_though_it_had_arrived(estate):
    flow = flow_of(estate, HOME)
    made = replay(asked(estate, HOME))
    register = made.rows["predicted_import_kwh"].iloc[0] - made.rows["mean"].iloc[0]

    issued = rows_of(flow, HOME, issued_at=ISSUED_AT).iloc[0]
    assert register == pytest.approx(issued["predicted_import_kwh"] - issued["mean"])
    assert register < 1_000 + DAYS * 24 * 1.8  # the file that waited holds 3 kWh an hour


def test_a_forecast_of_another_instant_is_an_error_that_says_what_to_do(estate):
    with pytest.raises(NotIssuedError, match="Take `issued_at` from a row of customer_prediction"):
        replay(asked(estate, HOME, ISSUED_AT + pd.Timedelta("1ms")))


def test_each_column_that_differs_is_named_with_its_first_row(estate):
    flow = flow_of(estate, HOUSE)
    issued = rows_of(flow, HOUSE, issued_at=ISSUED_AT)
    swapped = issued.rename(columns={"mean": "value", "value": "mean"})
    shifted = issued.assign(q90=issued["q90"] + np.where(np.arange(len(issued)) == 5, 0.25, 0.0))

    assert {each.column for each in differences(flow.forecasts.table, issued, swapped)} == {
        "mean",
        "value",
    }
    (shift,) = differences(flow.forecasts.table, issued, shifted)
    assert (shift.column, shift.rows, shift.largest) == ("q90", 1, pytest.approx(0.25))
    assert str(issued["valid_at"].iloc[5]) in str(shift)
    assert differences(flow.forecasts.table, issued, issued.sample(frac=1.0, random_state=1)) == []
    (gone,) = differences(flow.forecasts.table, issued, issued.iloc[1:])
    assert (gone.column, gone.rows) == ("key", 1)


@pytest.mark.parametrize(
    ("table", "forecasts", "key"),
    [
        (MODEL_VERSIONS, CUSTOMER_PREDICTION, HOME),
        (CONSUMPTION_MODEL, CONSUMPTION_FORECAST, HOUSE),
    ],
    ids=["customer", "meter"],
)
def test_a_model_that_is_damaged_or_gone_is_named_and_no_error(estate, table, forecasts, key):
    damaged_at, gone_at = ISSUED_AT + pd.Timedelta("1h"), ISSUED_AT + pd.Timedelta("2h")
    rows = rows_of(flow_of(estate, key), key, issued_at=ISSUED_AT)
    model = model_of(flow_of(estate, key), rows)
    versions = estate.table(table).set_index("model_id", drop=False)
    broken = versions.loc[[model.model_id]].assign(model_id="damaged")
    broken["model_data"] = [data[:100] for data in broken["model_data"]]
    estate.documents.insert_new(table, broken.reset_index(drop=True))
    for issued_at, model_id in ((damaged_at, "damaged"), (gone_at, "gone")):
        estate.documents.insert_new(forecasts, rows.assign(issued_at=issued_at, model_id=model_id))

    damaged = replay(asked(estate, key, damaged_at))
    gone = replay(asked(estate, key, gone_at))

    assert damaged.problem.startswith(f"{key}: the model damaged cannot be read: ")
    assert gone.problem == f"{key}: the model gone is not stored any more"
    assert not damaged.is_equal
    assert damaged.rows.empty
    assert damaged.rows.columns.tolist() == forecasts.names


def test_a_seasonal_naive_needs_no_model_to_be_made_again(estate):
    flow, at = flow_of(estate, TAP), ISSUED_AT + pd.Timedelta("3h")
    naive = BASELINES["naive_last_week"]
    rows = again(flow, TAP, naive, known_at=ISSUED_AT, issued_at=at)
    estate.documents.insert_new(CONSUMPTION_FORECAST, rows)

    assert replay(asked(estate, TAP, at)).is_equal


def test_a_version_is_found_by_its_name_whoever_it_is_of(estate):
    versions = estate.table(MODEL_VERSIONS)
    models = ModelStore(estate.documents)
    meters = estate.table(CONSUMPTION_MODEL)["model_id"]

    for model_id in versions.loc[versions["model_id"] != "damaged", "model_id"]:
        assert models.by_id(model_id).model_id == model_id
    for model_id in meters[meters != "damaged"]:
        assert MeterModels(estate.documents).by_id(model_id).model_id == model_id
    assert models.by_id("nobody's") is None
    assert MeterModels(estate.documents).by_id("nobody's") is None
