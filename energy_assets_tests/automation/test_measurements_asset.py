import dagster as dg

from energy_assets.contracts.customers import CUSTOMERS
from energy_assets.contracts.meter_files import PROCESSED_FILES, QUARANTINE
from energy_assets.contracts.readings import MEASUREMENTS
from energy_assets.customer_load.file_assets import measurements
from energy_assets_tests.estate import load_profile_csv


def materialized(estate):
    return estate.instance.get_materialized_partitions(measurements.key)


def check_outcomes(result):
    return {e.check_name: e.passed for e in result.get_asset_check_evaluations()}


def test_a_meter_file_becomes_readings_and_a_customer_partition(estate):
    file_id = estate.deliver("a.csv", load_profile_csv("000090000001", "0900000001", days=2))

    result = estate.run("ingest_meter_files", file_id, partition=True)

    assert result.success
    assert len(estate.table(MEASUREMENTS)) == 49
    assert estate.table(CUSTOMERS)["customer_ref"].tolist() == ["900000001"]
    assert estate.instance.get_dynamic_partitions("customers") == ["900000001"]
    assert check_outcomes(result) == {"row_balance": True, "few_rows_refused": True}


def test_the_row_balance_is_metadata_of_each_file(estate):
    content = load_profile_csv("1", "7", days=1) + b"\n1,7,LP,2025-07-02,99:00:00,1,1"
    file_id = estate.deliver("a.csv", content)

    result = estate.run("ingest_meter_files", file_id)
    (event,) = result.asset_materializations_for_node("measurements")
    values = {name: value.value for name, value in event.metadata.items()}

    assert event.partition == file_id
    assert values["rows_in"] == 26
    assert values["rows_stored"] == 25
    assert values["rows_quarantined"] == 1
    assert values["rows_duplicate"] == values["rows_superseded"] == 0
    assert len(estate.table(QUARANTINE)) == 1


def test_a_poison_file_fails_its_own_partition_and_says_why(estate):
    good = estate.deliver("a.csv", load_profile_csv("1", "7", days=1))
    poison = estate.deliver("b.xlsx", b"this is no workbook")
    also_good = estate.deliver("c.csv", load_profile_csv("2", "8", days=1))

    result = estate.run("ingest_meter_files", good, also_good)

    assert not result.success
    assert materialized(estate) == {good, also_good}
    assert len(estate.table(PROCESSED_FILES)) == 2
    (failure,) = [e for e in result.all_events if e.is_step_failure]
    assert "b.xlsx" in failure.step_failure_data.error_display_string
    records = estate.instance.fetch_observations(
        dg.AssetRecordsFilter(asset_key=measurements.key, asset_partitions=[poison]), limit=1
    ).records
    assert "b.xlsx" in records[0].asset_observation.metadata["refused"].value


def test_a_file_that_was_replaced_after_listing_fails_and_its_new_content_does_not(estate):
    listed = estate.deliver("a.csv", load_profile_csv("1", "7", days=1))
    replaced = estate.deliver("a.csv", load_profile_csv("1", "7", days=2))

    result = estate.run("ingest_meter_files", listed, replaced)

    assert not result.success
    assert materialized(estate) == {replaced}
    assert len(estate.table(MEASUREMENTS)) == 49


def test_a_file_that_was_deleted_after_listing_fails_with_its_name(estate):
    file_id = estate.deliver("a.csv", load_profile_csv("1", "7", days=1))
    estate.objects.delete("raw/load_profiles/a.csv")

    result = estate.run("ingest_meter_files", file_id)

    (failure,) = [e for e in result.all_events if e.is_step_failure]
    assert "deleted or renamed after it was listed" in (
        failure.step_failure_data.error_display_string
    )


def test_running_a_file_again_changes_nothing_and_reports_the_same(estate):
    file_id = estate.deliver("a.csv", load_profile_csv("1", "7", days=2))
    first = estate.run("ingest_meter_files", file_id)
    before = estate.table(MEASUREMENTS)
    second = estate.run("ingest_meter_files", file_id)

    facts = [
        {name: value.value for name, value in event.metadata.items()}
        for run in (first, second)
        for event in run.asset_materializations_for_node("measurements")
    ]
    assert estate.table(MEASUREMENTS).equals(before)
    assert len(facts) == 2
    assert facts[0] == facts[1]
