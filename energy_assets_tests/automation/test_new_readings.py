import dagster as dg
import pytest

from energy_assets.automation.sensors import new_readings

MEASUREMENTS = dg.AssetKey("measurements")
FORECAST = dg.AssetKey("customer_forecast")


@pytest.fixture
def customers(instance):
    instance.add_dynamic_partitions("customers", ["a", "b", "c"])


def materialize(instance, key, partition):
    instance.report_runless_asset_event(dg.AssetMaterialization(key, partition=partition))


def tick(instance, cursor=None):
    with dg.build_sensor_context(instance=instance, cursor=cursor) as context:
        return new_readings(context)


def test_without_readings_nothing_is_forecast(instance, customers):
    assert "No readings yet" in tick(instance).skip_message


def test_new_readings_ask_for_one_run_over_all_customers_and_only_once(instance, customers):
    materialize(instance, MEASUREMENTS, "file")

    first = tick(instance)
    second = tick(instance, cursor=first.cursor)

    (request,) = first.run_requests
    assert request.tags["dagster/asset_partition_range_start"] == "a"
    assert request.tags["dagster/asset_partition_range_end"] == "c"
    assert "No readings since" in second.skip_message


def test_a_forecast_of_one_customer_does_not_hide_the_readings_of_the_others(instance, customers):
    materialize(instance, MEASUREMENTS, "file")
    materialize(instance, FORECAST, "a")

    assert len(tick(instance).run_requests) == 1


@pytest.mark.parametrize(
    "run",
    [
        {"job_name": "ingest_meter_files"},
        {"job_name": "__ASSET_JOB", "asset_selection": {MEASUREMENTS}},
    ],
)
def test_the_forecast_waits_while_files_are_being_ingested(instance, customers, run):
    materialize(instance, MEASUREMENTS, "file")
    instance.add_run(dg.DagsterRun(status=dg.DagsterRunStatus.STARTED, **run))

    assert "still ingesting" in tick(instance).skip_message
