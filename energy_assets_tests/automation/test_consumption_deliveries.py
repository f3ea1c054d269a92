"""Deliveries and questions of every kind: odd names, bad files, places, ranges, sensors."""

import csv
import io

import dagster as dg
import pandas as pd
import pytest

from energy_assets.automation.sensors import new_consumption, new_consumption_files
from energy_assets.consumption.consumption_grid import series_of_frame
from energy_assets.consumption.errors import (
    UnknownMeterError,
    UnknownMeterTypeError,
)
from energy_assets.consumption.flow import MeterFlow
from energy_assets.consumption.forecast_assets import PLOTS_PREFIX
from energy_assets.contracts.consumption import ENERGY_CONSUMPTION, WEATHER
from energy_assets.contracts.consumption_forecasts import (
    CONSUMPTION_FORECAST,
    LEAK_SUSPICION,
)
from energy_assets.contracts.meter_files import QUARANTINE
from energy_assets.forecasts.answers import RangeQuestion, range_answer
from energy_assets.forecasts.errors import RangeTooEarlyError
from energy_assets_tests.automation.sample_meters import (
    END,
    chain,
    failed_checks,
    hourly_csv,
    household,
    of_meter,
    water_home,
)
from energy_assets_tests.estate import NOW, reasons


def test_weather_answers_are_kept_with_their_moment_and_shown(estate):
    assert estate.run("update_weather").success
    estate.now = NOW + pd.Timedelta(hours=3)
    result = estate.run("update_weather")

    stored = estate.series.read(WEATHER)
    predicted = stored[stored["kind"] == "forecast"]
    assert sorted(predicted["issued_at"].unique()) == [NOW, NOW + pd.Timedelta(hours=3)]
    assert failed_checks(result) == set()
    (event,) = result.asset_materializations_for_node("weather")
    assert event.metadata["provider"].value == "simulated"


def test_a_bad_file_fails_alone_and_bad_rows_do_not_keep_good_ones_out(estate):
    good = hourly_csv(household(2)) + b"\n2025-07-24 03:00:00,inf\n2025-07-24 04:00:00,lots"
    first = estate.deliver_consumption("electricity/a.csv", good)
    estate.deliver_consumption("gas/b.csv", good)
    last = estate.deliver_consumption("water/c.csv", hourly_csv(water_home(2)))

    result = estate.run("ingest_consumption_files", first, last)

    assert not result.success
    assert "gas" in reasons(result)
    assert len(estate.series.read(ENERGY_CONSUMPTION)) == 2 * 48
    assert sorted(estate.table(QUARANTINE)["reason"]) == ["not_a_number", "not_finite"]


ODD_IDS = ["a/", "a//b", ".", "ම" * 30, 'it"s', '") |> drop(', "'; DROP TABLE weather; --"]


def test_meters_of_any_name_are_predicted_drawn_and_judged_beside_each_other(estate):
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


def test_a_meter_whose_values_ended_long_ago_is_not_forecast_and_says_so(estate):
    long_ago = END - pd.Timedelta(days=70)
    first = estate.deliver_consumption("water/old.csv", hourly_csv(water_home(20), end=long_ago))
    last = estate.deliver_consumption("water/tap.csv", hourly_csv(water_home(20)))
    assert estate.run("ingest_consumption_files", first, last).success
    result = estate.run("train_and_forecast_meters", "water/old", "water/tap")
    assert result.success, reasons(result)
    assert set(estate.table(CONSUMPTION_FORECAST)["meter_id"]) == {"tap"}
    (event,) = [
        each
        for each in result.asset_materializations_for_node("consumption_forecast")
        if each.partition == "water/old"
    ]
    assert "ended 7" in event.metadata["not_forecast"].value


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


def flow_of(meters):
    return MeterFlow(documents=meters.documents, series=meters.series, settings=meters.settings)


def test_a_range_shows_measured_and_issued_values_in_one_table(trained):
    meters, _ = trained
    question = RangeQuestion(
        key="electricity/house 1",
        start=(END - pd.Timedelta(days=2)).to_pydatetime(),
        end=(END + pd.Timedelta(days=2)).to_pydatetime(),
        resolution="hourly",
    )

    rows = range_answer(flow_of(meters), question, now=NOW)

    assert rows["type"].tolist() == ["historical"] * 48 + ["forecast"] * 48
    assert rows["value"][:48].tolist() == pytest.approx(household().round(3)[-48:].tolist())
    stored = meters.table(CONSUMPTION_FORECAST)
    stored = of_meter(stored[stored["resolution"] == "hourly"], "house 1").sort_values("valid_at")
    assert rows["value"][48:].tolist() == stored["value"][:48].tolist()
    assert rows["mean"][48:].tolist() == stored["mean"][:48].tolist()
    assert set(rows["issued_at"][48:]) == set(stored["issued_at"])


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
        key=f"{meter_type}/{meter_id}",
        start=start.to_pydatetime(),
        end=(END + pd.Timedelta(days=1)).to_pydatetime(),
        resolution="daily",
    )

    with pytest.raises(fault):
        range_answer(flow_of(meters), question, now=NOW)


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

    history = series_of_frame(frame)

    assert history.values.tolist() == pytest.approx(household().round(3).tolist())
    assert frame.attrs["location"] == "Colombo"
