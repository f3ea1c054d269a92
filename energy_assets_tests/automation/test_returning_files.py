"""Files that come back, are copied, or were never finished: what is believed, what is asked for."""

import os
from datetime import timedelta

import dagster as dg
import pytest

from energy_assets.automation.local_runs import LocalDagster
from energy_assets.automation.sensors import new_meter_files
from energy_assets.contracts.meter_files import PROCESSED_FILES
from energy_assets.contracts.readings import MEASUREMENTS
from energy_assets.customer_load.features import latest_versions
from energy_assets.definitions import build_defs
from energy_assets.partitions import METER_FILES, file_id_of
from energy_assets_tests.estate import NOW, load_profile_csv
from energy_assets_tests.resources.conftest import (  # noqa: F401 - fixtures
    MOTO_KEYS,
    bucket_on,
    moto_endpoint,
    s3_options,
)
from resources.stores import ObjectStoreResource

KEY = "raw/load_profiles/a.csv"


def content(kwh: float) -> bytes:
    return load_profile_csv("1", "7", days=1, pattern=lambda at: kwh)


def local(estate) -> LocalDagster:
    return LocalDagster(defs=estate.defs, resources=estate.resources, instance=estate.instance)


def look(estate) -> int:
    """A look at the page and the runs that it asks for; how many those were."""
    dagster = local(estate)
    requests, _ = dagster.tick(new_meter_files)
    for result in dagster.runs(new_meter_files, requests):
        assert result.success
    return len(requests)


def believed_kwh(estate) -> set[float]:
    """Energy of the hours of the day, from the versions that are believed."""
    current = latest_versions(estate.table(MEASUREMENTS)).sort_values("timestamp")
    return set(current["import_kwh"].diff().dropna().round(6))


def put(
    estate, kwh: float, key: str = KEY, *, minute: int | None = None, replaces: str = ""
) -> None:
    """Write a file, in a folder with this minute before noon as its time of modification.

    S3 counts seconds: a content that is written again within one is written until that is over.
    """
    said = f"# replaces: {replaces}\n".encode() if replaces else b""
    known = [info.modified_at for info in estate.objects.list(key) if info.key == key]
    estate.objects.put(key, said + content(kwh))
    while minute is None and known and estate.objects.info(key).modified_at <= known[0]:
        estate.objects.put(key, said + content(kwh))
    if minute is not None:
        touch(estate, minute, key)


def touch(estate, minute: int, key: str = KEY) -> None:
    at = (NOW - timedelta(hours=1) + timedelta(minutes=minute)).timestamp()
    os.utime(estate.folder / "objects" / key, (at, at))


@pytest.fixture
def s3_estate(estate, moto_endpoint):  # noqa: F811 - the fixture
    url = f"s3://{bucket_on(moto_endpoint, MOTO_KEYS)[1]}"
    options = s3_options(moto_endpoint, MOTO_KEYS)
    estate.object_store = ObjectStoreResource(url=url, options=options)
    estate.resources["object_store"] = estate.object_store
    estate.defs = build_defs(**estate.resources)
    return estate


def test_a_content_that_returns_on_s3_is_believed_again(s3_estate):
    for kwh in (1.0, 2.0, 1.0, 2.0, 3.0, 1.0):
        put(s3_estate, kwh)
        assert look(s3_estate) == 1
        assert believed_kwh(s3_estate) == {kwh}
        assert look(s3_estate) == 0
    files = s3_estate.table(PROCESSED_FILES)
    assert len(files) == 6
    assert files["file_id"].is_unique
    assert files["rows_stored"].tolist() == [25] + [24] * 5


def test_writing_the_same_bytes_again_on_s3_asks_for_nothing(s3_estate):
    put(s3_estate, 1.0)
    look(s3_estate)
    put(s3_estate, 1.0)
    assert look(s3_estate) == 0


def test_a_content_that_returned_is_no_partition_before_it_lies_there(s3_estate):
    put(s3_estate, 1.0)
    look(s3_estate)
    info = s3_estate.objects.info(KEY)
    stray = file_id_of(KEY, info.etag, returned_at=info.modified_at + timedelta(hours=1))
    s3_estate.instance.add_dynamic_partitions(METER_FILES.name, [stray])
    assert not s3_estate.run("ingest_meter_files", stray, partition=True).success


def test_a_content_that_returns_in_a_folder_is_believed_again(estate):
    for minute, kwh in enumerate((1.0, 2.0, 1.0)):
        put(estate, kwh, minute=minute)
        assert look(estate) == 1
        assert believed_kwh(estate) == {kwh}
        assert look(estate) == 0


def test_copying_a_folder_beside_itself_reverts_no_correction(s3_estate):
    put(s3_estate, 1.0, "raw/load_profiles/2025/july.csv")
    look(s3_estate)
    july = "raw/load_profiles/2025/july.csv"
    put(s3_estate, 2.0, "raw/load_profiles/late/july corrected.csv", replaces=july)
    look(s3_estate)
    put(s3_estate, 1.0, "raw/load_profiles/copy/2025/july.csv")
    assert look(s3_estate) == 1
    assert believed_kwh(s3_estate) == {2.0}
    assert look(s3_estate) == 0


def test_copying_files_over_themselves_reverts_no_correction(estate):
    put(estate, 1.0, minute=1)
    put(estate, 2.0, "raw/load_profiles/b.csv", minute=2, replaces=KEY)
    look(estate)
    assert believed_kwh(estate) == {2.0}
    # `cp -r` gives new times in any order, `mv` of a fresh copy a new file as well.
    for minute in (20, 30):
        put(estate, 1.0, minute=minute)
        assert look(estate) == 1
        assert believed_kwh(estate) == {2.0}
        assert look(estate) == 0
    touch(estate, 40)
    look(estate)
    assert believed_kwh(estate) == {2.0}
    arrivals = set(estate.table(PROCESSED_FILES)["known_at"])
    assert arrivals == {NOW - timedelta(minutes=59), NOW - timedelta(minutes=58)}


def test_a_copy_in_another_folder_keeps_the_arrival_of_its_content(estate):
    put(estate, 1.0, "raw/load_profiles/x/july.csv", minute=1)
    look(estate)
    july = "raw/load_profiles/x/july.csv"
    put(estate, 2.0, "raw/load_profiles/x/more.csv", minute=2, replaces=july)
    look(estate)
    put(estate, 1.0, "raw/load_profiles/backup/x/july.csv", minute=30)
    look(estate)
    assert believed_kwh(estate) == {2.0}


def test_an_old_file_that_is_restored_with_its_old_time_stays_behind_the_correction(estate):
    put(estate, 1.0, minute=1)
    look(estate)
    put(estate, 2.0, minute=10)
    look(estate)
    put(estate, 1.0, minute=1)
    look(estate)
    assert believed_kwh(estate) == {2.0}
    assert look(estate) == 0


def test_a_file_whose_launch_was_interrupted_is_asked_for_again(estate):
    put(estate, 1.0, minute=1)
    (request,), _ = local(estate).tick(new_meter_files)
    # Nothing was launched; the partition is there.
    (again,), _ = local(estate).tick(new_meter_files)
    assert again.partition_key == request.partition_key
    assert again.run_key != request.run_key
    # Within the hour Dagster knows the key and starts no second run.
    (same,), _ = local(estate).tick(new_meter_files)
    assert same.run_key == again.run_key
    estate.now += timedelta(hours=1)
    (later,), _ = local(estate).tick(new_meter_files)
    assert later.run_key not in (request.run_key, again.run_key)
    assert look(estate) == 1
    assert look(estate) == 0
    assert believed_kwh(estate) == {1.0}


@pytest.mark.parametrize("status", ["NOT_STARTED", "STARTING", "STARTED", "CANCELING"])
def test_a_file_that_a_run_is_about_to_ingest_is_not_asked_for_again(estate, status):
    for name in "abc":
        put(estate, 1.0, f"raw/load_profiles/{name}.csv")
    requests, _ = local(estate).tick(new_meter_files)
    a, b, c = (request.partition_key for request in requests)
    for tags in (
        {"dagster/partition": a},
        {"dagster/asset_partition_range_start": b, "dagster/asset_partition_range_end": c},
    ):
        estate.instance.add_run(
            dg.DagsterRun(
                job_name="ingest_meter_files",
                run_id=f"run over {len(tags)} ends",
                status=dg.DagsterRunStatus[status],
                tags=tags,
            )
        )
    assert local(estate).tick(new_meter_files)[0] == []


def test_a_failed_run_is_no_run_in_progress(estate):
    put(estate, 1.0)
    (request,), _ = local(estate).tick(new_meter_files)
    tags = {"dagster/partition": request.partition_key}
    failed = dg.DagsterRun(
        job_name="ingest_meter_files", run_id="r", status=dg.DagsterRunStatus.FAILURE, tags=tags
    )
    estate.instance.add_run(failed)
    assert len(local(estate).tick(new_meter_files)[0]) == 1


def test_a_refused_file_is_asked_for_once_until_it_is_replaced(estate):
    estate.objects.put(KEY, b"no,known,columns\n1,2,3\n")
    dagster = local(estate)
    requests, _ = dagster.tick(new_meter_files)
    (result,) = dagster.runs(new_meter_files, requests)
    assert not result.success
    for _ in range(3):
        assert dagster.tick(new_meter_files)[0] == []
        estate.now += timedelta(days=1)
    put(estate, 1.0)
    assert look(estate) == 1
    assert believed_kwh(estate) == {1.0}


def test_a_file_that_was_not_there_when_it_was_to_be_read_is_asked_for_again(s3_estate):
    put(s3_estate, 1.0)
    dagster = local(s3_estate)
    requests, _ = dagster.tick(new_meter_files)
    s3_estate.objects.delete(KEY)
    (result,) = dagster.runs(new_meter_files, requests)
    assert not result.success
    put(s3_estate, 1.0)
    assert look(s3_estate) == 1
    assert believed_kwh(s3_estate) == {1.0}


def test_unfinished_neighbours_share_runs_and_the_first_runs_alone(estate):
    for number in range(250):
        put(estate, 1.0, f"raw/load_profiles/{number:03}.csv")
    local(estate).tick(new_meter_files)
    order = estate.instance.get_dynamic_partitions(METER_FILES.name)
    requests, _ = local(estate).tick(new_meter_files)
    ends = [
        (
            request.partition_key or request.tags["dagster/asset_partition_range_start"],
            request.partition_key or request.tags["dagster/asset_partition_range_end"],
        )
        for request in requests
    ]
    places = [(order.index(first), order.index(last)) for first, last in ends]
    assert places == [(0, 0), (1, 100), (101, 200), (201, 249)]


def test_a_tick_asks_for_ten_runs_over_unfinished_files_at_most(estate):
    for number in range(41):
        put(estate, 1.0, f"raw/load_profiles/{number:03}.csv")
    local(estate).tick(new_meter_files)
    order = estate.instance.get_dynamic_partitions(METER_FILES.name)
    for number in range(1, 41, 2):  # every second one is done: 21 stretches of one file
        assert estate.run("ingest_meter_files", order[number], partition=True).success
    requests, _ = local(estate).tick(new_meter_files)
    assert [request.partition_key for request in requests] == order[0:20:2]


def test_files_that_are_processed_are_not_asked_for_by_a_new_dagster(estate):
    put(estate, 1.0)
    look(estate)
    with dg.DagsterInstance.ephemeral() as fresh:
        estate.instance = fresh
        assert local(estate).tick(new_meter_files)[0] == []
