"""Electricity and water from delivered files to forecasts, findings and plots, through Dagster."""

import pandas as pd
import pytest

from energy_assets.consumption.forecast_assets import PLOTS_PREFIX
from energy_assets.contracts.consumption import ENERGY_CONSUMPTION
from energy_assets.contracts.consumption_forecasts import (
    CONSUMPTION_EXPLANATION,
    CONSUMPTION_FORECAST,
    CONSUMPTION_MODEL,
    CONSUMPTION_SCORE,
    LEAK_SUSPICION,
)
from energy_assets.partitions import CONSUMPTION_METERS
from energy_assets_tests.automation.sample_meters import (
    DAYS,
    END,
    chain,
    failed_checks,
    hourly_csv,
    household,
    of_meter,
    pinned,
)
from energy_assets_tests.estate import NOW


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
    chain(pinned(estate, "electricity/house 1"))
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


def test_a_naive_that_was_chosen_serves_and_the_partition_shows_its_score(estate):
    file_id = estate.deliver_consumption("electricity/house.csv", hourly_csv(household()))
    assert estate.run("ingest_consumption_files", file_id).success

    result = chain(pinned(estate, "electricity/house", "naive_last_week"))

    scores = estate.table(CONSUMPTION_SCORE).set_index("family")
    (event,) = result.asset_materializations_for_node("consumption_xgboost")
    assert event.metadata["serves"].value == "naive_last_week"
    assert event.metadata["why_it_serves"].value == "pinned"
    assert set(estate.table(CONSUMPTION_FORECAST)["basis"]) == {"naive_last_week"}
    assert event.metadata["wape_percent"].value == pytest.approx(
        100 * scores.loc["naive_last_week", "wape"], abs=1e-3
    )
    assert scores.loc["naive_last_week", "wape"] > scores.loc["xgboost", "wape"]


def test_without_any_weather_forecasts_say_so(estate):
    file_id = estate.deliver_consumption("electricity/house.csv", hourly_csv(household()))
    assert estate.run("ingest_consumption_files", file_id).success

    chain(pinned(estate, "electricity/house"))

    forecasts = estate.table(CONSUMPTION_FORECAST)
    assert set(forecasts["basis"]) == {"no_weather"}
    assert set(forecasts["weather"]) == {"none"}
