"""Electricity and water from delivered files to forecasts, findings and plots, through Dagster."""

import csv
import io

import dagster as dg
import numpy as np
import pandas as pd
import pytest

from energy_assets.automation.sensors import new_consumption, new_consumption_files
from energy_assets.consumption.consumption_grid import history_of_frame
from energy_assets.consumption.errors import (
    RangeTooEarlyError,
    UnknownMeterError,
    UnknownMeterTypeError,
)
from energy_assets.consumption.forecast_assets import PLOTS_PREFIX
from energy_assets.consumption.serving import RangeQuestion, answered
from energy_assets.contracts.consumption import ENERGY_CONSUMPTION, WEATHER
from energy_assets.contracts.consumption_forecasts import (
    CONSUMPTION_EXPLANATION,
    CONSUMPTION_FORECAST,
    CONSUMPTION_MODEL,
    CONSUMPTION_SCORE,
    LEAK_SUSPICION,
)
from energy_assets.contracts.meter_files import QUARANTINE
from energy_assets.partitions import CONSUMPTION_METERS
from energy_assets_tests.estate import NOW, Estate, reasons

DAYS = 28
END = pd.Timestamp(NOW).floor("D")


def hourly_csv(values, *, header="DateTime,Consumption", end=END) -> bytes:
    """A file of hourly values that end at midnight UTC, as the estate's clock is set."""
    starts = pd.date_range(end=end, periods=len(values) + 1, freq="h")[:-1]
    rows = [f"{at:%Y-%m-%d %H:%M:%S},{value:.3f}" for at, value in zip(starts, values, strict=True)]
    return "\n".join([header, *rows]).encode()


def household(days=DAYS, *, seed=1):
    """1 kWh by day and 2 kWh from 18:00 to midnight, a little noise."""
    hours = np.arange(days * 24) % 24
    noise = np.random.default_rng(seed).normal(0, 0.05, days * 24)
    return 1.0 + (hours >= 18) + noise


def water_home(days=DAYS, *, leak_days=0):
    """No water at night, 20 l an hour by day; a leak of 12 l an hour in the last days."""
    hours = np.arange(days * 24)
    use = np.where((hours % 24 >= 7) & (hours % 24 < 22), 0.02, 0.0)
    return use + np.where(hours >= (days - leak_days) * 24, 0.012, 0.0)


def delivered(estate):
    """Three meters delivered and ingested, and the weather around them."""
    files = [
        estate.deliver_consumption("electricity/house 1.csv", hourly_csv(household())),
        estate.deliver_consumption("water/quiet.csv", hourly_csv(water_home())),
        estate.deliver_consumption("water/leaky.csv", hourly_csv(water_home(leak_days=9))),
    ]
    assert estate.run("update_weather").success
    ingested = estate.run("ingest_consumption_files", files[0], files[-1])
    assert ingested.success, reasons(ingested)
    return estate


def chain(estate, job="train_and_forecast_meters"):
    keys = estate.instance.get_dynamic_partitions(CONSUMPTION_METERS.name)
    result = estate.run(job, keys[0], keys[-1])
    assert result.success, reasons(result)
    return result


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Three meters with models and forecasts, and the run that made them; not to be changed."""
    with dg.DagsterInstance.ephemeral() as instance:
        estate = delivered(Estate(folder=tmp_path_factory.mktemp("trained"), instance=instance))
        yield estate, chain(estate)


def failed_checks(result):
    return {e.check_name for e in result.get_asset_check_evaluations() if not e.passed}


def of_meter(rows, meter_id):
    return rows[rows["meter_id"] == meter_id].reset_index(drop=True)


def test_files_become_versioned_values_and_meter_partitions(trained):
    meters, _ = trained
    stored = meters.series.read(ENERGY_CONSUMPTION)

    assert len(stored) == 3 * DAYS * 24
    assert of_meter(stored, "house 1")["consumption"].sum() == pytest.approx(
        household().round(3).sum()
    )
    assert sorted(meters.instance.get_dynamic_partitions(CONSUMPTION_METERS.name)) == [
        "electricity/house 1",
        "water/leaky",
        "water/quiet",
    ]


def test_a_meter_gets_a_model_scores_a_forecast_with_reasons_and_a_plot(trained):
    meters, result = trained
    models, scores = meters.table(CONSUMPTION_MODEL), meters.table(CONSUMPTION_SCORE)
    forecasts, told = meters.table(CONSUMPTION_FORECAST), meters.table(CONSUMPTION_EXPLANATION)

    assert sorted(models["meter_id"]) == ["house 1", "leaky", "quiet"]
    families = set(of_meter(scores, "house 1")["family"])
    assert families >= {"xgboost", "naive_yesterday", "naive_last_week", "naive_four_weeks"}
    hourly = of_meter(forecasts[forecasts["resolution"] == "hourly"], "house 1")
    assert len(hourly) == 14 * 24
    assert hourly["valid_at"].min() == END
    evening = hourly["valid_at"].dt.hour >= 18
    assert hourly.loc[evening, "value"].mean() == pytest.approx(2.0, abs=0.1)
    assert hourly.loc[~evening, "value"].mean() == pytest.approx(1.0, abs=0.1)
    daily = of_meter(forecasts[forecasts["resolution"] == "daily"], "house 1")
    assert len(daily) == 14
    assert daily["value"].mean() == pytest.approx(30.0, abs=0.6)
    assert [len(lines) for lines in of_meter(told, "house 1")["lines"]] == [5]
    assert "whole_and_possible" not in failed_checks(result)
    plots = meters.objects.list(PLOTS_PREFIX, limit=10)
    assert len(plots) == 3
    assert meters.objects.get(plots[0].key).startswith(b"\x89PNG")


def test_scores_and_why_are_metadata_of_the_meters_partition(trained):
    _, result = trained
    events = {
        (event.asset_key.to_user_string(), event.partition): event.metadata
        for node in ("consumption_xgboost", "consumption_forecast", "night_flow")
        for event in result.asset_materializations_for_node(node)
    }

    scores = events["consumption_xgboost", "electricity/house 1"]["scores"].value
    assert "naive_last_week" in scores
    assert events["consumption_forecast", "electricity/house 1"]["why"].value.count("\n") == 4
    assert events["night_flow", "water/leaky"]["leak_suspected"].value is True
    assert events["night_flow", "water/quiet"]["leak_suspected"].value is False


def test_a_leak_is_suspected_with_its_size_and_its_beginning(trained):
    meters, result = trained
    judged = meters.table(LEAK_SUSPICION).set_index("meter_id")

    assert judged["suspected"].to_dict() == {"leaky": True, "quiet": False}
    evidence = judged.loc["leaky", "evidence"]
    assert evidence["leak_m3_per_h"] == pytest.approx(0.012, rel=0.1)
    began = pd.Timestamp(evidence["onset_at"])
    assert abs(began - (END - pd.Timedelta(days=9))) <= pd.Timedelta(hours=12)
    assert "no_leak_suspected" in failed_checks(result)


def test_nothing_new_keeps_every_model_and_issues_no_forecast_twice(trained):
    meters, _ = trained
    before = {t.name: len(meters.table(t)) for t in (CONSUMPTION_MODEL, CONSUMPTION_FORECAST)}

    chain(meters)

    after = {t.name: len(meters.table(t)) for t in (CONSUMPTION_MODEL, CONSUMPTION_FORECAST)}
    assert after == before


def test_new_values_make_a_new_model_and_keep_the_old_one(estate):
    first = estate.deliver_consumption("electricity/house 1.csv", hourly_csv(household()))
    assert estate.run("ingest_consumption_files", first).success
    chain(estate)
    more = hourly_csv(household(1, seed=2), end=END + pd.Timedelta(days=1))
    estate.now = NOW + pd.Timedelta(days=1)
    file_id = estate.deliver_consumption("electricity/house 1.csv", more)
    assert estate.run("ingest_consumption_files", file_id).success

    chain(estate)

    models = of_meter(estate.table(CONSUMPTION_MODEL), "house 1")
    newest = of_meter(estate.table(CONSUMPTION_FORECAST), "house 1")["issued_at"].max()
    assert len(models) == 2
    assert newest == pd.Timestamp(NOW) + pd.Timedelta(days=1)


def test_a_model_that_cannot_be_read_stops_nobody_and_is_learned_again(estate):
    first = estate.deliver_consumption("electricity/house 1.csv", hourly_csv(household()))
    assert estate.run("ingest_consumption_files", first).success
    chain(estate)
    spoilt = estate.table(CONSUMPTION_MODEL)
    spoilt["model_metadata"] = [{"family": "xgboost", "format": 0}]
    estate.documents.upsert(CONSUMPTION_MODEL, spoilt)

    estate.now = NOW + pd.Timedelta(hours=1)
    chain(estate, "forecast_meters")
    estate.now = NOW + pd.Timedelta(hours=2)
    chain(estate)

    basis = estate.table(CONSUMPTION_FORECAST).groupby("issued_at")["basis"].agg(set)
    assert basis.tolist() == [{"no_weather"}, {"naive_blend"}, {"no_weather"}]


def test_a_meter_with_too_little_history_says_so_and_is_served_by_a_baseline(estate):
    file_id = estate.deliver_consumption("electricity/new.csv", hourly_csv(household(3)))
    assert estate.run("update_weather").success
    assert estate.run("ingest_consumption_files", file_id).success

    result = chain(estate)

    (event,) = result.asset_materializations_for_node("consumption_xgboost")
    assert "new" in event.metadata["no_model"].value
    assert estate.table(CONSUMPTION_MODEL).empty
    assert set(estate.table(CONSUMPTION_FORECAST)["basis"]) == {"naive_blend"}


def test_without_any_weather_forecasts_say_so(estate):
    file_id = estate.deliver_consumption("electricity/house.csv", hourly_csv(household()))
    assert estate.run("ingest_consumption_files", file_id).success

    chain(estate)

    forecasts = estate.table(CONSUMPTION_FORECAST)
    assert set(forecasts["basis"]) == {"no_weather"}
    assert set(forecasts["weather"]) == {"none"}


def test_weather_answers_are_kept_with_their_moment_and_shown(estate):
    assert estate.run("update_weather").success
    estate.now = NOW + pd.Timedelta(hours=3)
    result = estate.run("update_weather")

    stored = estate.series.read(WEATHER)
    foretold = stored[stored["kind"] == "forecast"]
    assert sorted(foretold["issued_at"].unique()) == [NOW, NOW + pd.Timedelta(hours=3)]
    assert failed_checks(result) == set()
    (event,) = result.asset_materializations_for_node("weather")
    assert event.metadata["provider"].value == "simulated"


def test_a_bad_file_fails_alone_and_bad_rows_do_not_keep_good_ones_out(estate):
    good = hourly_csv(household(2)) + b"\n2025-07-24 03:00:00,-5\n2025-07-24 04:00:00,lots"
    first = estate.deliver_consumption("electricity/a.csv", good)
    estate.deliver_consumption("gas/b.csv", good)
    last = estate.deliver_consumption("water/c.csv", hourly_csv(water_home(2)))

    result = estate.run("ingest_consumption_files", first, last)

    assert not result.success
    assert "gas" in reasons(result)
    assert len(estate.series.read(ENERGY_CONSUMPTION)) == 2 * 48
    assert sorted(estate.table(QUARANTINE)["reason"]) == ["negative", "not_a_number"]


ODD_IDS = ["a/", "a//b", ".", "ම" * 30, 'it"s', '") |> drop(', "'; DROP TABLE weather; --"]


def test_meters_of_any_name_are_foretold_drawn_and_judged_beside_each_other(estate):
    lines = hourly_csv(water_home(16)).decode().splitlines()[1:]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["Meter", "DateTime", "Consumption"])
    writer.writerows([meter, *line.split(",")] for meter in ODD_IDS for line in lines)
    content = text.getvalue().encode()
    file_id = estate.deliver_consumption("water/many.csv", content)
    ingested = estate.run("ingest_consumption_files", file_id)
    assert ingested.success, reasons(ingested)

    chain(estate, "forecast_meters")

    assert set(estate.table(CONSUMPTION_FORECAST)["meter_id"]) == set(ODD_IDS)
    assert set(estate.table(LEAK_SUSPICION)["meter_id"]) == set(ODD_IDS)
    assert len(estate.objects.list(PLOTS_PREFIX, limit=100)) == len(ODD_IDS)


def test_a_location_file_places_meters_and_a_bad_row_is_named(estate):
    estate.objects.put(
        "raw/consumption/locations.csv",
        b"name,latitude,longitude,zone,country\nKandy,7.29,80.63,Asia/Colombo,LK\n"
        b"Nowhere,99,0,Asia/Colombo,LK\n",
    )
    estate.objects.put(
        "raw/consumption/meters.csv",
        b"meter_type,meter_id,location\nelectricity,house,Kandy\nelectricity,flat,Nowhere\n",
    )
    file_id = estate.deliver_consumption("electricity/house.csv", hourly_csv(household()))

    result = estate.run("update_weather")
    assert estate.run("ingest_consumption_files", file_id).success
    features = chain(estate, "forecast_meters")

    assert failed_checks(result) == {"rows_understood"}
    (event,) = features.asset_materializations_for_node("consumption_features")
    assert event.metadata["location"].value == "Kandy"


def test_a_range_shows_measured_and_foretold_values_in_one_table(trained):
    meters, _ = trained
    question = RangeQuestion(
        meter_type="electricity",
        meter_id="house 1",
        start=(END - pd.Timedelta(days=2)).to_pydatetime(),
        end=(END + pd.Timedelta(days=2)).to_pydatetime(),
        resolution="hourly",
    )

    rows = answered(
        question,
        documents=meters.documents,
        series=meters.series,
        settings=meters.settings,
        now=NOW,
    )

    assert rows["type"].tolist() == ["historical"] * 48 + ["forecast"] * 48
    assert rows["value"][:48].tolist() == pytest.approx(household().round(3)[-48:].tolist())
    stored = meters.table(CONSUMPTION_FORECAST)
    stored = of_meter(stored[stored["resolution"] == "hourly"], "house 1").sort_values("valid_at")
    assert rows["value"][48:].tolist() == pytest.approx(stored["value"][:48].tolist())


@pytest.mark.parametrize(
    ("meter_type", "meter_id", "start", "fault"),
    [
        ("gas", "house 1", END, UnknownMeterTypeError),
        ("electricity", "hause 1", END, UnknownMeterError),
        ("electricity", '") |> drop(', END, UnknownMeterError),
        ("electricity", "house 1", pd.Timestamp("1900-01-01", tz="UTC"), Exception),
        ("electricity", "house 1", END - pd.Timedelta(days=90), RangeTooEarlyError),
    ],
)
def test_a_question_without_an_answer_is_refused_with_a_sentence(
    trained, meter_type, meter_id, start, fault
):
    meters, _ = trained
    question = RangeQuestion(
        meter_type=meter_type,
        meter_id=meter_id,
        start=start.to_pydatetime(),
        end=(END + pd.Timedelta(days=1)).to_pydatetime(),
        resolution="daily",
    )

    with pytest.raises(fault):
        answered(
            question,
            documents=meters.documents,
            series=meters.series,
            settings=meters.settings,
            now=NOW,
        )


def test_the_sensors_ask_for_files_then_for_meters_and_leave_the_tables_of_places_alone(estate):
    estate.objects.put("raw/consumption/locations.csv", b"name\n")
    estate.objects.put("raw/consumption/water/home.csv", hourly_csv(water_home(2)))

    def tick(sensor):
        with dg.build_sensor_context(
            instance=estate.instance, resources=estate.resources
        ) as context:
            outcome = sensor(context)
        for request in getattr(outcome, "dynamic_partitions_requests", None) or []:
            estate.instance.add_dynamic_partitions(
                request.partitions_def_name, list(request.partition_keys)
            )
        return outcome

    (request,) = tick(new_consumption_files).run_requests
    assert request.partition_key.startswith("raw/consumption/water/home.csv@")
    assert estate.run("ingest_consumption_files", request.partition_key, partition=True).success
    (train_request,) = tick(new_consumption).run_requests
    assert train_request.tags["dagster/asset_partition_range_start"] == "water/home"
    assert "Nothing new" in tick(new_consumption_files).skip_reason.skip_message


def test_the_features_of_a_meter_are_its_values_on_a_grid(trained):
    meters, _ = trained
    parquet = meters.resources["parquet"]
    frame = parquet.read(dg.AssetKey("consumption_features"), ["electricity/house 1"])[
        "electricity/house 1"
    ]

    history = history_of_frame(frame)

    assert history.consumption.tolist() == pytest.approx(household().round(3).tolist())
    assert frame.attrs["location"] == "Colombo"
