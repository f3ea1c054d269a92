"""Documents and points of the published systems, read in place beside this project's own."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pymongo
import pytest

from energy_assets.contracts.consumption import ENERGY_CONSUMPTION
from energy_assets.contracts.customers import CUSTOMERS, METERS
from energy_assets.contracts.readings import MEASUREMENTS
from energy_assets_tests.resources.points import consumption, instant
from energy_assets_tests.resources.shelf import frame
from energy_assets_tests.servers.influx_shim import InfluxShim
from resources.mongo_store import MongoDocumentStore
from resources.series_store import SeriesStore
from resources.tables import Filter, Operator

NOON = 1_772_366_400_000_000_000
"""2026-03-01T12:00:00Z in nanoseconds."""
HOUR = 3_600 * 10**9


@pytest.fixture
def older_points(
    simulated_influx: SeriesStore, influx_shim: InfluxShim, influx_bucket: str
) -> SeriesStore:
    """Three hours of one meter without a version, the last one with nothing but a temperature."""
    simulated_influx.ensure([ENERGY_CONSUMPTION])
    series = "energy_consumption,meter_id=home\\ 1,meter_type=electricity"
    lines = [
        f"{series} consumption=1.5,temperature=27.25 {NOON}",
        f"{series} consumption=2 {NOON + HOUR}",
        f"{series} temperature=26 {NOON + 2 * HOUR}",
    ]
    influx_shim.influxd.write("\n".join(lines).encode(), database=influx_bucket, precision="ns")
    return simulated_influx


def test_a_point_without_a_version_is_version_1(older_points: SeriesStore):
    found = older_points.read(ENERGY_CONSUMPTION)
    assert found["version"].tolist() == [1, 1, 1]
    assert found["meter_id"].tolist() == ["home 1"] * 3
    assert found["consumption"].fillna(-1).tolist() == [1.5, 2.0, -1.0]
    assert found["temperature_c"].fillna(-1).tolist() == [27.25, -1.0, 26.0]
    assert found[["file_id", "known_at", "register"]].isna().all(axis=None)
    assert found["timestamp"][0] == instant("2026-03-01 12:00")


@pytest.mark.parametrize("columns", [["version"], ["meter_id"], ["known_at"], ["register"]])
def test_a_point_without_a_version_is_found_by_whatever_column(
    older_points: SeriesStore, columns: list[str]
):
    assert len(older_points.read(ENERGY_CONSUMPTION, columns=columns)) == 3


VERSIONS: list[tuple[Operator, Any, int]] = [
    ("=", 1, 3), ("=", 2, 1), ("in", [1, 2], 4), ("in", [2, 3], 1), ("<", 2, 3), ("<=", 1, 3),
    (">", 1, 1), (">=", 1, 4), ("<", 1, 0), ("=", None, 0), ("in", [], 0),
]  # fmt: skip
"""Conditions on the version, and how many meet them of three without one and a version 2."""


@pytest.mark.parametrize(("operator", "value", "expected"), VERSIONS)
def test_conditions_on_the_version_hold_for_points_without_one(
    older_points: SeriesStore, operator: Operator, value: Any, expected: int
):
    later = consumption(["home 1"], start="2026-03-01 12:00", version=[2])
    older_points.write(ENERGY_CONSUMPTION, later.assign(meter_type="electricity"))
    where = [Filter("version", operator, value), Filter("meter_id", "=", "home 1")]
    assert len(older_points.read(ENERGY_CONSUMPTION, where)) == expected
    assert older_points.count(ENERGY_CONSUMPTION, where) == expected


def test_a_correction_stands_beside_the_point_without_a_version(older_points: SeriesStore):
    later = consumption(["home 1"], start="2026-03-01 12:00", version=[2], consumption=[9.0])
    older_points.write(ENERGY_CONSUMPTION, later.assign(meter_type="electricity"))
    found = older_points.read(ENERGY_CONSUMPTION, columns=["version", "consumption"])
    assert found["version"].tolist() == [1, 2, 1, 1]
    assert found["consumption"].tolist()[:2] == [1.5, 9.0]


@pytest.fixture
def older(nx_url: str) -> Iterator[MongoDocumentStore]:
    """What the published load-profile system wrote: integers, and no version."""
    with pymongo.MongoClient[dict[str, Any]](nx_url) as client:
        database = client["test"]
        at = datetime(2025, 7, 1, tzinfo=UTC)
        person = {"firstName": None, "email": None, "createdAt": at, "updatedAt": at}
        database["customers"].insert_one(
            {"_id": 7001, "customerRef": 7001, **person, "model": {}, "predictions": []}
        )
        database["meters"].insert_one({"_id": 90000001, "customerRef": 7001, "createdAt": at})
        database["measurements"].insert_many(
            {
                "timestamp": datetime(2025, 7, 1, hour, tzinfo=UTC),
                "metadata": {"serial": 90000001, "obis": "1.8.0"},
                "import_kwh": 100.0 + hour,
                "phases": {"A": {"instCurrent": 2.5, "instVoltage": None}},
            }
            for hour in (0, 1)
        )
    store = MongoDocumentStore(nx_url)
    yield store
    store.close()


def test_integer_references_and_serials_are_read_as_text(older: MongoDocumentStore):
    assert older.read(CUSTOMERS)["customer_ref"].tolist() == ["7001"]
    meters = older.read(METERS, columns=["serial", "customer_ref"])
    assert meters.to_numpy().tolist() == [["90000001", "7001"]]
    found = older.read(MEASUREMENTS, order_by=["timestamp"])
    assert found["serial"].tolist() == ["90000001"] * 2
    assert found["version"].tolist() == [1, 1]
    assert found["import_kwh"].tolist() == [100.0, 101.0]
    assert found["phase_a_current"].tolist() == [2.5, 2.5]
    assert found[["customer_ref", "file_id", "known_at", "fingerprint"]].isna().all(axis=None)


@pytest.mark.parametrize(
    "where",
    [
        [Filter("serial", "=", "90000001")],
        [Filter("serial", "in", ["90000001", "90000002"])],
        [Filter("serial", "=", "90000001"), Filter("version", "=", 1)],
        [Filter("version", "in", [1, 4])],
        [Filter("version", "<", 2)],
        [Filter("version", ">=", 1), Filter("version", "<=", 1)],
    ],
)
def test_documents_with_integers_and_without_version_are_found(
    older: MongoDocumentStore, where: list[Filter]
):
    assert len(older.read(MEASUREMENTS, where)) == 2
    assert older.count(MEASUREMENTS, where) == 2


@pytest.mark.parametrize(
    "where",
    [
        [Filter("serial", "=", "090000001")],
        [Filter("serial", "=", "9e7")],
        [Filter("serial", "in", ["+90000001", "90000001.0", " 90000001"])],
        [Filter("version", "=", 2)],
        [Filter("version", ">", 1)],
        [Filter("version", "=", None)],
        [Filter("version", "in", [2, 3])],
    ],
)
def test_other_spellings_and_versions_find_nothing(older: MongoDocumentStore, where: list[Filter]):
    assert len(older.read(MEASUREMENTS, where)) == 0


@pytest.mark.parametrize("replace", [True, False])
def test_a_customer_stored_under_an_integer_is_not_stored_again(
    older: MongoDocumentStore, replace: bool
):
    rows = frame(CUSTOMERS, customer_ref=["7001", "7002"], email=["a@b", None])
    if replace:
        older.upsert(CUSTOMERS, rows)
    else:
        assert older.insert_new(CUSTOMERS, rows) == 1
        assert older.insert_new(CUSTOMERS, rows[["customer_ref"]]) == 0
    found = older.read(CUSTOMERS, order_by=["customer_ref"])
    assert sorted(found["customer_ref"]) == ["7001", "7002"]
    emails = dict(zip(found["customer_ref"], found["email"].fillna(""), strict=True))
    assert emails["7001"] == ("a@b" if replace else "")


def test_a_reading_without_a_version_is_not_inserted_again(older: MongoDocumentStore):
    rows = pd.DataFrame(
        {
            "serial": ["90000001", "90000001"],
            "timestamp": [instant("2025-07-01 01:00"), instant("2025-07-01 02:00")],
            "version": pd.array([1, 1], dtype="Int64"),
        }
    )
    assert older.insert_new(MEASUREMENTS, rows) == 1
    assert older.count(MEASUREMENTS) == 3
