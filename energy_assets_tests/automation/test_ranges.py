import dagster as dg

from energy_assets.automation.ranges import ranges, requests_for_all
from energy_assets.partitions import CUSTOMERS


def test_ranges_take_every_key_once_and_in_order():
    keys = [f"{number:04}" for number in range(1_201)]

    assert list(ranges(keys, size=500)) == [("0000", "0499"), ("0500", "0999"), ("1000", "1200")]
    assert list(ranges([])) == []


def test_ten_thousand_customers_are_twenty_runs():
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(CUSTOMERS.name, [f"c{n}" for n in range(10_000)])

        requests = list(requests_for_all(instance, CUSTOMERS, run_key="nightly"))

    assert len(requests) == 20
    assert len({request.run_key for request in requests}) == 20
    assert requests[0].tags["dagster/asset_partition_range_start"] == "c0"
    assert requests[-1].tags["dagster/asset_partition_range_end"] == "c9999"
