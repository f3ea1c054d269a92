import json
import os

import dagster as dg
import pandas as pd
import pytest

from energy_assets.automation.sensors import new_meter_files
from energy_assets.contracts.meter_files import PROCESSED_FILES
from energy_assets.partitions import METER_FILES, file_id_of, object_key_of
from energy_assets.settings import Settings
from energy_assets_tests.estate import NOW
from resources.errors import StoreUnavailableError
from resources.stores import DocumentStoreResource, ObjectStoreResource


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def object_store(tmp_path):
    return ObjectStoreResource(url=tmp_path.as_uri())


STORES: dict[str, DocumentStoreResource] = {}
"""The document store of the test that runs."""


@pytest.fixture(autouse=True)
def documents(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('documents')}/energy.db"
    STORES["documents"] = DocumentStoreResource(url=url, tables=[PROCESSED_FILES])
    yield STORES["documents"].open()
    STORES.clear()


def tick(instance, object_store, *, cursor=None, page=20_000, ingested=True, now=NOW):
    """A tick, and the ingestion of what it asks for."""
    settings = Settings(_env_file=None, sensor_page_objects=page)
    with dg.build_sensor_context(
        instance=instance,
        cursor=cursor,
        resources={
            "object_store": object_store,
            "document_store": STORES["documents"],
            "settings": settings,
            "wall_clock": lambda: now,
        },
    ) as context:
        result = new_meter_files(context)
    for request in result.dynamic_partitions_requests or []:
        instance.add_dynamic_partitions(METER_FILES.name, list(request.partition_keys))
    if ingested:
        mark_processed(object_store.open(), list(requested_files(result, instance)))
    return result


def mark_processed(objects, file_ids, *, at=NOW):
    infos = {info.key: info for info in objects.list("")} if file_ids else {}
    found = [infos[object_key_of(file_id)] for file_id in file_ids]
    balance = {name: [0] * len(found) for name in PROCESSED_FILES.names if name[:5] == "rows_"}
    rows = {
        "file_id": file_ids,
        "object_key": [info.key for info in found],
        "etag": [info.etag for info in found],
        "size_bytes": [info.size_bytes for info in found],
        "known_at": [info.modified_at for info in found],
        "processed_at": [at] * len(found),
        **balance,
        "serials": [[]] * len(found),
        "customer_refs": [[]] * len(found),
    }
    STORES["documents"].open().upsert(PROCESSED_FILES, pd.DataFrame(rows))


def requested_files(result, instance):
    """The files of all run requests, ranges written out."""
    keys = instance.get_dynamic_partitions(METER_FILES.name)
    for request in result.run_requests:
        if request.partition_key:
            yield request.partition_key
        else:
            first = keys.index(request.tags["dagster/asset_partition_range_start"])
            last = keys.index(request.tags["dagster/asset_partition_range_end"])
            yield from keys[first : last + 1]


def test_each_new_meter_file_gets_one_run_and_other_objects_get_none(instance, object_store):
    objects = object_store.open()
    objects.put("raw/load_profiles/a.csv", b"1")
    objects.put("raw/load_profiles/2026/b.XLSX", b"2")
    objects.put("raw/load_profiles/c.csv.gz", b"3")
    objects.put("raw/load_profiles/notes.txt", b"4")
    objects.put("raw/grid/d.csv", b"5")

    first = tick(instance, object_store)
    second = tick(instance, object_store, cursor=first.cursor)

    assert {object_key_of(key) for key in requested_files(first, instance)} == {
        "raw/load_profiles/a.csv",
        "raw/load_profiles/2026/b.XLSX",
        "raw/load_profiles/c.csv.gz",
    }
    assert second.run_requests == []
    assert "Nothing new" in second.skip_reason.skip_message


def test_a_replaced_file_is_a_new_partition(instance, object_store):
    objects = object_store.open()
    objects.put("raw/load_profiles/a.csv", b"1")
    first = tick(instance, object_store)
    objects.put("raw/load_profiles/a.csv", b"2")
    second = tick(instance, object_store, cursor=first.cursor)

    assert [object_key_of(key) for key in requested_files(second, instance)] == [
        "raw/load_profiles/a.csv"
    ]
    assert len(instance.get_dynamic_partitions(METER_FILES.name)) == 2


def test_250_files_are_three_runs_that_take_each_file_once(instance, object_store):
    objects = object_store.open()
    for number in range(250):
        objects.put(f"raw/load_profiles/{number:03}.csv", str(number).encode())

    result = tick(instance, object_store)
    files = list(requested_files(result, instance))

    assert len(result.run_requests) == 3
    assert len(files) == 250
    assert len(set(files)) == 250


def test_a_tick_looks_at_one_page_and_the_next_goes_on_from_there(instance, object_store):
    objects = object_store.open()
    for name in "abcde":
        objects.put(f"raw/load_profiles/{name}.csv", name.encode())

    seen = []
    cursor = None
    for _ in range(3):
        result = tick(instance, object_store, cursor=cursor, page=2)
        seen.append([object_key_of(k)[-5] for k in requested_files(result, instance)])
        cursor = result.cursor

    assert seen == [["a", "b"], ["c", "d"], ["e"]]
    assert json.loads(cursor) == {"after": ""}


def test_a_file_that_sorts_before_the_cursor_is_found_in_the_next_round(instance, object_store):
    objects = object_store.open()
    for name in "bc":
        objects.put(f"raw/load_profiles/{name}.csv", name.encode())
    first = tick(instance, object_store, page=2)
    objects.put("raw/load_profiles/a.csv", b"late")
    second = tick(instance, object_store, cursor=first.cursor, page=2)
    third = tick(instance, object_store, cursor=second.cursor, page=2)

    assert second.run_requests == []
    assert [object_key_of(k) for k in requested_files(third, instance)] == [
        "raw/load_profiles/a.csv"
    ]


@pytest.mark.parametrize("cursor", ["", "{", "[1]", '{"after": 7}', "2025-01-01"])
def test_an_unreadable_cursor_starts_over(instance, object_store, cursor):
    object_store.open().put("raw/load_profiles/a.csv", b"1")

    assert len(tick(instance, object_store, cursor=cursor).run_requests) == 1


def test_an_outage_of_the_object_store_fails_the_tick_rather_than_finding_nothing(instance):
    store = ObjectStoreResource(
        url="s3://bucket",
        options={
            "endpoint": "http://127.0.0.1:9",
            "allow_http": "true",
            "access_key_id": "k",
            "secret_access_key": "s",
            "region": "us-east-1",
        },
    )
    with pytest.raises(StoreUnavailableError, match="listing"):
        tick(instance, store)


def test_odd_object_keys_become_valid_partitions(instance, object_store):
    objects = object_store.open()
    keys = ["raw/load_profiles/ü b/é.csv", "raw/load_profiles/a...b.csv"]
    for key in keys:
        objects.put(key, b"1")

    result = tick(instance, object_store)

    assert sorted(object_key_of(k) for k in requested_files(result, instance)) == sorted(keys)
    assert all(
        file_id_of(object_key_of(k), "x").isascii() for k in requested_files(result, instance)
    )


@pytest.mark.parametrize(("seconds", "asked"), [(-1, 1), (0, 1), (1, 0)])
def test_a_content_counts_as_returned_unless_it_arrived_before_the_last_one(
    instance, object_store, documents, tmp_path, seconds, asked
):
    object_store.open().put("raw/load_profiles/a.csv", b"1")
    os.utime(tmp_path / "raw/load_profiles/a.csv", (NOW.timestamp(), NOW.timestamp()))
    tick(instance, object_store)
    first = documents.read(PROCESSED_FILES)
    between = pd.Timedelta(seconds=seconds) + first["known_at"]
    later = first["processed_at"] + pd.Timedelta(hours=1)
    other = first.assign(file_id="x@0", etag="x", known_at=between, processed_at=later)
    documents.upsert(PROCESSED_FILES, other)

    requests = tick(instance, object_store, ingested=False).run_requests

    assert len(requests) == asked
    assert {request.partition_key for request in requests}.isdisjoint(first["file_id"])


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_hundred_thousand_files_are_found_in_a_few_bounded_ticks(tmp_path, instance):
    folder = tmp_path / "raw/load_profiles"
    folder.mkdir(parents=True)
    for number in range(100_000):
        (folder / f"{number:06}.csv").write_bytes(str(number).encode())
    object_store = ObjectStoreResource(url=tmp_path.as_uri())

    cursor, requests, ticks = None, 0, 0
    while cursor is None or json.loads(cursor)["after"]:
        result = tick(instance, object_store, cursor=cursor)
        cursor, requests, ticks = result.cursor, requests + len(result.run_requests), ticks + 1

    assert ticks == 6
    assert requests == 1_000
    assert len(instance.get_dynamic_partitions(METER_FILES.name)) == 100_000
