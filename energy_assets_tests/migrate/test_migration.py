"""The published systems' stores into this project's: every row accounted for, none invented."""

from datetime import UTC, datetime
from typing import Any

import pymongo
import pytest
from pydantic import SecretStr

from energy_assets.contracts.consumption import CONSUMPTION_METERS, ENERGY_CONSUMPTION
from energy_assets.contracts.customers import CUSTOMERS, METERS
from energy_assets.contracts.readings import MEASUREMENTS
from energy_assets.contracts.tables import TABLES
from energy_assets.customer_load.ingestion import MeterFile, ingest_meter_file
from energy_assets.intake.cells.clocks import MeterClock
from energy_assets.migrate.__main__ import main
from energy_assets.settings import Settings
from energy_assets_tests.estate import load_profile_csv
from energy_assets_tests.servers.influx_shim import ORG, TOKEN
from resources.obstore_store import open_object_store
from resources.series_store import open_series_store
from resources.stores import open_document_store

COLOMBO = "standard:+05:30"


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(
        _env_file=None,
        document_store=f"sqlite:///{tmp_path}/documents.db",
        series_store=f"sqlite:///{tmp_path}/series.db",
        water_unit="l",
    )


@pytest.fixture
def documents(settings):
    store = open_document_store(settings.document_store_url())
    yield store
    store.close()


def reading(hour: int, serial: Any = 90000001, *, kwh: Any = None, **other: Any) -> dict[str, Any]:
    """A document as the published system wrote it; its time is a wall clock's, without a zone."""
    return {
        "timestamp": datetime(2025, 7, 1, hour),  # noqa: DTZ001 - as the published system did
        "metadata": {"serial": serial, "obis": "LP"},
        "avg_import_kw": 1.5,
        "import_kwh": 100.0 + hour if kwh is None else kwh,
        "phases": {"A": {"instCurrent": 2, "instVoltage": None}},
        **other,
    }


@pytest.fixture
def published(nx_url):
    with pymongo.MongoClient[dict[str, Any]](nx_url) as client:
        yield client["test"]


def fill(database, rows: list[dict[str, Any]]) -> None:
    at = datetime(2025, 7, 2)  # noqa: DTZ001 - as the published system did
    nobody = {"firstName": None, "lastName": None, "email": None, "createdAt": at, "updatedAt": at}
    database["customers"].insert_many(
        [
            {"_id": 7001, "customerRef": 7001, **nobody, "model": {}, "predictions": []},
            {"_id": 7002, "customerRef": 7002, **nobody, "email": "b@example.org"},
        ]
    )
    database["meters"].insert_many(
        [{"_id": 90000001, "customerRef": 7001}, {"_id": "90000002", "customerRef": 7002}]
    )
    database["measurements"].insert_many(rows)


def migrate(url: str, settings: Settings, capsys, clock: str = COLOMBO) -> str:
    known_at = "2026-01-01T00:00:00Z"
    code = main(["--from", url, "--clock", clock, "--known-at", known_at], settings)
    out = capsys.readouterr().out
    assert code == 0, out
    return out


def test_published_documents_become_readings_with_their_instants(
    nx_url,
    published,
    settings,
    documents,
    capsys,
):
    fill(published, [*(reading(hour) for hour in range(24)), reading(1, "90000002", kwh=7)])
    published["customer_model"].insert_one({"customer_ref": 7001, "model_data": b"TorchScript"})

    out = migrate(nx_url, settings, capsys)

    assert "customers: 2 rows = 2 stored + 0 there before + 0 left out" in out
    assert "meters: 2 rows = 2 stored" in out
    assert "measurements: 25 rows = 25 stored + 0 there before + 0 left out" in out
    assert "customer_model: 1 rows = 0 stored + 0 there before + 1 left out (1 not migrated)" in out
    stored = documents.read(MEASUREMENTS, order_by=["serial", "timestamp"])
    assert stored["serial"].tolist() == ["90000001"] * 24 + ["90000002"]
    # Midnight in Colombo is 18:30 UTC of the day before.
    assert stored["timestamp"][0] == datetime(2025, 6, 30, 18, 30, tzinfo=UTC)
    assert stored["import_kwh"].tolist() == [100.0 + hour for hour in range(24)] + [7.0]
    assert set(stored["version"]) == {1}
    assert set(stored["known_at"]) == {datetime(2026, 1, 1, tzinfo=UTC)}
    assert stored["customer_ref"].tolist() == ["7001"] * 24 + ["7002"]
    people = documents.read(CUSTOMERS, order_by=["customer_ref"])
    assert people["customer_ref"].tolist() == ["7001", "7002"]
    assert people["email"].fillna("").tolist() == ["", "b@example.org"]
    assert people["created_at"].isna().all()
    meters = documents.read(METERS, order_by=["serial"])
    assert meters["interval_minutes"].tolist()[0] == 60
    assert meters["clock"].tolist() == [COLOMBO] * 2
    assert meters["last_reading_at"][0] == datetime(2025, 7, 1, 17, 30, tzinfo=UTC)


def test_migrating_again_changes_nothing(nx_url, published, settings, documents, capsys):
    fill(published, [reading(hour) for hour in range(5)])
    migrate(nx_url, settings, capsys)
    before = [documents.read(t, order_by=t.key) for t in (MEASUREMENTS, METERS, CUSTOMERS)]
    out = migrate(nx_url, settings, capsys)
    assert "measurements: 5 rows = 0 stored + 5 there before + 0 left out" in out
    after = [documents.read(t, order_by=t.key) for t in (MEASUREMENTS, METERS, CUSTOMERS)]
    assert all(a.equals(b) for a, b in zip(before, after, strict=True))


def test_what_cannot_be_explained_is_left_out_with_its_reason(
    nx_url,
    published,
    settings,
    documents,
    capsys,
):
    rows = [
        reading(0),
        reading(1, 90000009),
        reading(2, kwh="12,5"),
        reading(3, kwh=-1.0),
        reading(4, kwh=1e300),
        {**reading(5), "avg_import_kw": None, "import_kwh": None, "phases": {}},
        {**reading(6), "timestamp": "2025-07-01"},
        {**reading(7), "metadata": {}},
        reading(8),
        reading(8),
        reading(9),
        reading(9, kwh=5.0),
        reading(10, True),
        reading(11, avg_import_kw=True),
    ]
    fill(published, rows)

    out = migrate(nx_url, settings, capsys)

    (line,) = [line for line in out.splitlines() if line.startswith("measurements")]
    assert line.startswith("measurements: 14 rows = 2 stored + 0 there before + 12 left out")
    for reason in (
        "3 of a meter without a customer", "1 whose import_kwh is no number",
        "2 whose import_kwh is out of its limits", "1 without any value", "1 without a timestamp",
        "1 that repeat another", "2 that contradict another of the same instant",
        "1 whose avg_import_kw is no number",
    ):  # fmt: skip
        assert reason in line
    stored = documents.read(MEASUREMENTS, order_by=["timestamp"])
    assert stored["import_kwh"].tolist() == [100.0, 108.0]


def test_hours_that_a_clock_repeats_or_skips_are_left_out(
    nx_url,
    published,
    settings,
    documents,
    capsys,
):
    autumn = [datetime(2025, 10, 26, hour) for hour in (0, 1, 2)]  # noqa: DTZ001 - wall times
    spring = [datetime(2025, 3, 30, hour) for hour in (0, 1, 2)]  # noqa: DTZ001 - wall times
    fill(published, [{**reading(0), "timestamp": at} for at in autumn + spring])

    out = migrate(nx_url, settings, capsys, "local:Europe/London")

    assert "1 in an hour that occurred twice" in out
    assert "1 in an hour that the clock skipped" in out
    hours = documents.read(MEASUREMENTS, order_by=["timestamp"])["timestamp"].dt.hour.tolist()
    assert hours == [0, 1, 23, 2]


def test_a_file_with_the_same_readings_is_all_duplicates_afterwards(
    nx_url,
    published,
    settings,
    documents,
    capsys,
    tmp_path,
):
    csv = load_profile_csv("1", "7", days=1)
    database = published
    database["customers"].insert_one({"_id": 7, "customerRef": 7})
    database["meters"].insert_one({"_id": 1, "customerRef": 7})
    objects = open_object_store(str(tmp_path / "objects"))
    objects.put("a.csv", csv)
    info = objects.info("a.csv")
    first = MeterFile(
        object_key="a.csv", etag=info.etag, size_bytes=info.size_bytes, known_at=info.modified_at
    )
    # What the file says, by the project's own reading of it, written as the published system did.
    other = open_document_store(f"sqlite:///{tmp_path}/other.db")
    other.ensure(TABLES)
    clock = MeterClock.parse("utc")
    now = datetime(2027, 1, 1, tzinfo=UTC)
    ingest_meter_file(file=first, objects=objects, documents=other, clock=clock, now=now)
    for row in other.read(MEASUREMENTS).to_dict("records"):
        database["measurements"].insert_one(
            {
                "timestamp": row["timestamp"].tz_localize(None).to_pydatetime(),
                "metadata": {"serial": 1},
                "avg_import_kw": row["avg_import_kw"],
                "import_kwh": row["import_kwh"],
            }
        )
    other.close()
    migrate(nx_url, settings, capsys, "utc")

    report = ingest_meter_file(
        file=first, objects=objects, documents=documents, clock=clock, now=now
    )

    assert (report.rows_duplicate, report.rows_stored) == (25, 0)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--from", "mongodb://h/db"],
        ["--from", "mongodb://h/db", "--clock", "utc", "--known-at", "2026-01-01"],
        ["--from", "mongodb://h:27017/load_profiles_db", "--clock", "utc"],
    ],
)
def test_a_clock_is_never_guessed_and_a_store_never_its_own_source(arguments, capsys):
    settings = Settings(_env_file=None, db_host="h")
    with pytest.raises(SystemExit):
        main(arguments, settings)
    assert "migrate: error:" in capsys.readouterr().err


HOUR = 3_600 * 10**9
NOON = 1_772_366_400_000_000_000
"""2026-03-01T12:00:00Z in nanoseconds."""


def test_published_points_become_values_in_this_projects_units(
    influx_shim,
    influx_bucket,
    settings,
    capsys,
    monkeypatch,
    documents,
):
    home = "energy_consumption,meter_id=home\\ 1,meter_type=electricity"
    water = "energy_consumption,meter_id=w,meter_type=water"
    lines = [
        *(f"{home} consumption={hour},temperature=27 {NOON + hour * HOUR}" for hour in range(30)),
        f"{water} consumption=250,temperature=999 {NOON}",
        f"{water} consumption=-1 {NOON + HOUR}",
        f"{water} temperature=20 {NOON + 2 * HOUR}",
        f"energy_consumption,meter_id=g,meter_type=gas consumption=1 {NOON}",
        f'{home},version=1 consumption=5,file_id="a.csv@1" {NOON + 40 * HOUR}',
        f"{water} consumption=1000 {-HOUR}",
    ]
    influx_shim.influxd.query(f'CREATE DATABASE "{influx_bucket}"')
    influx_shim.influxd.write("\n".join(lines).encode(), database=influx_bucket, precision="ns")
    settings = settings.model_copy(update={"source_token": SecretStr(TOKEN)})
    command = ["--from", influx_shim.url, "--org", ORG, "--bucket", influx_bucket]
    command += ["--clock", COLOMBO, "--known-at", "2026-04-01T00:00:00+00:00"]

    assert main(command, settings) == 0
    out = capsys.readouterr().out

    assert "energy_consumption: 36 rows = 32 stored + 0 there before + 4 left out" in out
    for reason in (
        "1 with a negative consumption", "1 without a consumption", "1 of another meter type",
        "1 that this project wrote",
    ):  # fmt: skip
        assert reason in out
    series = open_series_store(settings.series_store_url())
    stored = series.read(ENERGY_CONSUMPTION)
    assert stored["consumption"].tolist() == [float(hour) for hour in range(30)] + [1.0, 0.25]
    assert stored["timestamp"][0] == datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
    assert stored["temperature_c"].isna().tolist() == [False] * 30 + [True] * 2
    meters = documents.read(CONSUMPTION_METERS, order_by=["meter_id"])
    assert meters["interval_minutes"].tolist()[0] == 60
    assert meters["is_register"].tolist() == [False, False]

    assert main(command, settings) == 0
    assert "= 0 stored + 32 there before + 4 left out" in capsys.readouterr().out
    assert series.read(ENERGY_CONSUMPTION).equals(stored)
    series.close()
