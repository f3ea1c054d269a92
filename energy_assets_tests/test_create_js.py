"""create.js makes exactly what the contracts say, and real mongosh runs it twice in peace."""

import functools
import json
import os
import shutil
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pymongo
import pymongo.database
import pymongo.errors
import pytest

from energy_assets.contracts.tables import TABLES
from resources.tables import Column, Table

ROOT = Path(__file__).resolve().parents[1]
CREATE_JS = ROOT / "create.js"
SERVERS = ROOT / "energy_assets_tests" / "servers"
ORDINARY = [table for table in TABLES if table.time_series is None]

BSON_TYPES: dict[str, list[str]] = {
    "str": ["string"],
    "float": ["double", "int", "long", "decimal"],
    "int": ["int", "long"],
    "bool": ["bool"],
    "instant": ["date"],
    "json": [],
    "bytes": ["binData"],
}


@functools.cache
def recorded_by(existing: str) -> str:
    node = shutil.which("node")
    if node is None:
        pytest.fail("node is missing: run `make test`, which installs it")
    command = [node, str(SERVERS / "record_create.js"), str(CREATE_JS), existing]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def recorded(*existing: dict[str, str]) -> dict[str, Any]:
    """What create.js asks of a database that holds these collections."""
    return json.loads(recorded_by(json.dumps(existing)))


def bson_schema(column: Column) -> dict[str, Any]:
    """The schema of a column, worked out from its contract."""
    schema: dict[str, Any] = {}
    types = BSON_TYPES[column.kind] + (["null"] if column.nullable else [])
    if column.kind != "json":
        schema["bsonType"] = types if len(types) > 1 else types[0]
    if column.minimum is not None:
        schema["minimum"] = column.minimum
    if column.maximum is not None:
        schema["maximum"] = column.maximum
    return schema


def expected_indexes(table: Table) -> list[tuple[list[list[str | int]], bool]]:
    """Keys and uniqueness of every index of a table: its key, unless it is `_id`, and its own."""
    asked = [(index.columns, index.unique) for index in table.indexes]
    paths = {path for name in table.key for path in table.column(name).document_paths}
    if table.time_series is None and "_id" not in paths:
        asked.insert(0, (table.key, True))
    return [
        (
            [
                [table.column(name.lstrip("-")).document_paths[0], -1 if name[0] == "-" else 1]
                for name in columns
            ],
            unique,
        )
        for columns, unique in asked
    ]


def test_create_js_makes_every_table_of_the_contracts_and_no_other():
    assert list(recorded()["created"]) == [table.name for table in TABLES]


@pytest.mark.parametrize("table", ORDINARY, ids=lambda table: table.name)
def test_a_validator_holds_every_field_with_its_type_and_range(table: Table):
    options = recorded()["created"][table.name]
    schema = options["validator"]["$jsonSchema"]
    fields = {path: column for column in table.columns for path in column.document_paths}
    assert schema["properties"] == {path: bson_schema(column) for path, column in fields.items()}
    assert sorted(schema["required"]) == sorted(p for p, c in fields.items() if not c.nullable)
    assert options["validationAction"] == "error"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_key_and_index_of_a_table_is_created_and_no_other(table: Table):
    made = [
        (keys, options.get("unique", False)) for keys, options in recorded()["indexes"][table.name]
    ]
    assert made == expected_indexes(table)


def test_measurements_are_a_time_series_by_meter_and_minute():
    assert recorded()["created"]["measurements"] == {
        "timeseries": {
            "timeField": "timestamp",
            "metaField": "metadata",
            "granularity": "minutes",
        }
    }


def test_collections_that_are_there_get_todays_validator_and_are_not_made_again():
    there = [
        {"name": table.name, "type": "timeseries" if table.time_series else "collection"}
        for table in TABLES
    ]
    first, again = recorded(), recorded(*there)
    assert again["created"] == {}
    assert again["modified"] == {
        name: options for name, options in first["created"].items() if "validator" in options
    }
    assert again["indexes"] == first["indexes"]


def test_an_ordinary_measurements_collection_is_named_with_what_to_do():
    printed = "\n".join(recorded({"name": "measurements", "type": "collection"})["printed"])
    assert "measurements: WARNING: was there as an ordinary collection" in printed
    assert "Rename it, run this again" in printed


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def mongo_uri(tmp_path: Path) -> Iterator[str]:
    """A wire server that keeps basic collections and indexes, empty."""
    port = free_port()
    server = subprocess.Popen(
        [
            str(Path(sys.executable).parent / "nx-27017"),
            *("--db", str(tmp_path / "nx.db"), "--port", str(port)),
            *("--log-file", str(tmp_path / "nx.log"), "--pid-file", str(tmp_path / "nx.pid")),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield f"mongodb://127.0.0.1:{port}/load_profiles_db"
    server.terminate()
    server.wait(timeout=20)


def mongosh_lines(uri: str, home: Path) -> list[str]:
    """What create.js prints when mongosh runs it."""
    mongosh = ROOT / ".venv" / "mongosh" / "node_modules" / ".bin" / "mongosh"
    if not mongosh.exists():
        pytest.fail(f"{mongosh} is missing: run `make test`, which installs it")
    settings = home / ".mongodb" / "mongosh" / "config"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text('{"enableTelemetry": false}')
    done = subprocess.run(
        [str(mongosh), "--quiet", "--norc", uri, "--file", str(CREATE_JS)],
        env=os.environ | {"HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [line for line in done.stdout.splitlines() if ": " in line]


def test_mongosh_runs_create_js_twice_and_the_indexes_are_there_once(
    mongo_uri: str, tmp_path: Path
):
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(
        mongo_uri, serverSelectionTimeoutMS=20_000
    )
    client.admin.command("ping")
    first, again = (mongosh_lines(mongo_uri, tmp_path) for _ in range(2))
    assert [line.split(":")[0] for line in first] == [table.name for table in TABLES]
    assert all(": created " in line for line in first)
    assert all(": was there" in line for line in again if "measurements" not in line)
    database = client.get_default_database()
    for table in TABLES:
        # This server keeps no direction of a key; the recorded calls above hold it.
        indexes = database[table.name].index_information()
        made = sorted(
            ([field for field, _ in index["key"]], index.get("unique", False))
            for name, index in indexes.items()
            if name != "_id_"
        )
        expected = [([field for field, _ in keys], u) for keys, u in expected_indexes(table)]
        assert made == sorted(expected), table.name
    assert_a_second_forecast_of_one_issue_is_refused(database)
    client.close()


def assert_a_second_forecast_of_one_issue_is_refused(
    database: pymongo.database.Database[dict[str, Any]],
) -> None:
    row = {"customerRef": "1", "prediction_timestamp": 1, "issued_at": 1}
    database["customer_prediction"].insert_one(dict(row))
    with pytest.raises(pymongo.errors.DuplicateKeyError):
        database["customer_prediction"].insert_one(dict(row))


@pytest.mark.skipif("MONGODB_URI" not in os.environ, reason="MONGODB_URI names no real server")
def test_a_real_server_keeps_time_series_validators_and_directions(tmp_path: Path):
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(os.environ["MONGODB_URI"])
    database = client[f"create_js_{uuid.uuid4().hex[:12]}"]
    uri = urlsplit(os.environ["MONGODB_URI"])._replace(path=f"/{database.name}").geturl()
    try:
        assert all(": created " in line for line in mongosh_lines(uri, tmp_path))
        assert all(": was there" in line for line in mongosh_lines(uri, tmp_path))
        options = {found["name"]: found["options"] for found in database.list_collections()}
        assert options["measurements"]["timeseries"]["metaField"] == "metadata"
        made = recorded()["created"]
        for table in ORDINARY:
            assert options[table.name]["validator"] == made[table.name]["validator"]
        for table in TABLES:
            indexes = database[table.name].list_indexes()
            keys = [[[k, int(d)] for k, d in i["key"].items()] for i in indexes]
            assert all(expected in keys for expected, _ in expected_indexes(table)), table.name
    finally:
        client.drop_database(database.name)
        client.close()
