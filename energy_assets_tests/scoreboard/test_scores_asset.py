"""Live scores from delivered files to the ledger and the board, through Dagster."""

import logging
import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlparse

import dagster as dg
import pandas as pd
import pytest

from energy_assets.contracts.ledger import FORECAST_SCORES
from energy_assets.contracts.meter_files import PROCESSED_FILES
from energy_assets.forecasting.naive import NAIVES
from energy_assets.partitions import CONSUMPTION_FILES, CONSUMPTION_METERS, METER_FILES, file_id_of
from energy_assets_tests.automation.sample_meters import END, hourly_csv, household
from energy_assets_tests.estate import NOW, Estate, load_profile_csv, reasons

HOUSE = "electricity/house 1.csv"


@pytest.fixture
def estate(tmp_path):
    with dg.DagsterInstance.ephemeral() as instance:
        yield Estate(folder=tmp_path, instance=instance)
    logger = logging.getLogger("energy_assets")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    logger.propagate = True


def deliver(estate, key, content, partitions):
    """A file that arrives now by the clock of the estate."""
    estate.objects.put(key, content)
    path = Path(unquote(urlparse(estate.objects.url).path)) / key
    os.utime(path, (estate.now.timestamp(), estate.now.timestamp()))
    file_id = file_id_of(key, estate.objects.info(key).etag)
    estate.instance.add_dynamic_partitions(partitions.name, [file_id])
    return file_id


def deliver_all(estate, *, days):
    """A home and a meter, as known after so many days more than 20."""
    home = load_profile_csv("100", "home", days=24 + days)
    house = hourly_csv(household(20 + days), end=END + timedelta(days=days))
    for job, key, content, partitions in (
        ("ingest_meter_files", "raw/load_profiles/100.csv", home, METER_FILES),
        ("ingest_consumption_files", f"raw/consumption/{HOUSE}", house, CONSUMPTION_FILES),
    ):
        assert estate.run(job, deliver(estate, key, content, partitions)).success


def forecast_all(estate):
    meters = estate.instance.get_dynamic_partitions(CONSUMPTION_METERS.name)
    for job, keys in (("forecast_customers", ["home"]), ("forecast_meters", meters)):
        result = estate.run(job, keys[0])
        assert result.success, reasons(result)


def scored(estate):
    result = estate.run("score_forecasts")
    assert result.success, reasons(result)
    (event,) = result.asset_materializations_for_node("forecast_scores")
    (check,) = result.get_asset_check_evaluations()
    return event.metadata, check


def test_issued_forecasts_are_scored_night_by_night_beside_the_naives(estate):
    deliver_all(estate, days=0)
    forecast_all(estate)
    metadata, check = scored(estate)
    assert metadata["rows_scored"].value == 0
    assert check.passed

    estate.now = NOW + timedelta(days=2)
    deliver_all(estate, days=2)
    assert len(estate.table(PROCESSED_FILES)) == 4
    metadata, _ = scored(estate)

    ledger = estate.table(FORECAST_SCORES)
    naives = {f"naive_{variant}" for variant in NAIVES}
    assert set(ledger["family"]) == naives
    served = ledger[ledger["served"]]
    assert set(served["family"]) == {"naive_blend"}
    lead_days = served.groupby(["flow", "resolution"])["lead_day"].agg(list)
    assert lead_days[("customer_load", "hourly")] == [1]
    assert lead_days[("consumption", "hourly")] == [1, 2]
    assert metadata["rows_scored_customer_load"].value == 1 * len(naives)
    assert metadata["rows_scored"].value == len(ledger)
    assert "naive_wape" in metadata["scoreboard"].value
    # The home uses the same energy every day, so repeating any of them is right.
    home = ledger[ledger["flow"] == "customer_load"]
    assert home["absolute_error_sum"].max() == pytest.approx(0.0, abs=1e-6)
    assert set(home["covered_90"]) == {24}

    again, _ = scored(estate)
    assert again["rows_scored"].value == 0
    pd.testing.assert_frame_equal(estate.table(FORECAST_SCORES), ledger)
