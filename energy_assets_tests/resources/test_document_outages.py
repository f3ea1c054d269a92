"""What happens to document stores when servers, files and processes go away."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from energy_assets_tests.conftest import PostgresServer, free_port
from energy_assets_tests.resources.conftest import Nx27017
from energy_assets_tests.resources.shelf import NOTES, READINGS, TABLES, frame, readings
from resources import sql_store, sqlite_access
from resources.document_store import DocumentStore
from resources.errors import StoreUnavailableError, TableMissingError
from resources.stores import open_document_store

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("scheme", ["postgresql://u:secret@", "mongodb://u:secret@"])
def test_a_server_that_does_not_answer_is_an_outage_and_never_no_data(scheme: str):
    options = "?serverSelectionTimeoutMS=100" if scheme.startswith("mongodb") else ""
    store = open_document_store(f"{scheme}127.0.0.1:{free_port()}/energy{options}")
    rows = readings(serials=1, slots=1)
    for work in (
        lambda: store.ensure(TABLES),
        lambda: store.insert_new(READINGS, rows),
        lambda: store.upsert(NOTES, frame(NOTES, name=["a"])),
        lambda: store.read(READINGS),
        lambda: store.count(READINGS),
    ):
        with pytest.raises(StoreUnavailableError, match="not reachable while") as outage:
            work()
        assert "secret" not in str(outage.value)
    store.close()


def test_a_file_that_is_no_database_is_an_outage(tmp_path: Path):
    file = tmp_path / "notes.db"
    file.write_bytes(b"this is no database at all, only a text of some length" * 50)
    with pytest.raises(StoreUnavailableError, match="file is not a database"):
        open_document_store(f"sqlite:///{file}").ensure(TABLES)


def test_a_folder_that_cannot_be_made_is_an_outage(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailableError, match="creating its folder"):
        open_document_store(f"sqlite:///{tmp_path}/file/notes.db").ensure(TABLES)


def test_a_table_that_was_never_created_is_named(document_store: DocumentStore):
    with pytest.raises(TableMissingError, match="table notes"):
        document_store.read(NOTES)
    with pytest.raises(TableMissingError, match="table notes"):
        document_store.upsert(NOTES, frame(NOTES, name=["a"]))


@pytest.fixture
def own_postgres(postgres_server: PostgresServer) -> Iterator[PostgresServer]:
    """The server, to be killed by the test; it is there again afterwards."""
    yield postgres_server
    if not postgres_server.is_running():
        postgres_server.start()


@pytest.fixture
def own_nx(tmp_path: Path) -> Iterator[Nx27017]:
    server = Nx27017(tmp_path)
    yield server
    server.kill()


def write_until_outage(store: DocumentStore, server: PostgresServer | Nx27017) -> int:
    """Insert part after part while the server is killed, and return how many rows were accepted."""
    accepted = 0
    killer = threading.Thread(target=server.kill)
    with pytest.raises(StoreUnavailableError, match="writing to readings"):
        for part in range(100_000):
            rows = readings(serials=2, slots=20, first=20 * part)
            accepted += store.insert_new(READINGS, rows)
            if part == 3:
                killer.start()
    killer.join()
    return accepted


@pytest.mark.parametrize("kind", ["postgres", "nx"])
def test_a_server_killed_in_mid_write_loses_nothing_that_it_accepted(
    request: pytest.FixtureRequest, kind: str
):
    server: PostgresServer | Nx27017 = request.getfixturevalue(f"own_{kind}")
    url = server.create("killed") if isinstance(server, PostgresServer) else server.url
    store = open_document_store(url)
    store.ensure(TABLES)
    accepted = write_until_outage(store, server)
    with pytest.raises(StoreUnavailableError):
        store.count(READINGS)
    server.start()
    stored = store.count(READINGS)
    assert accepted >= 4 * 40
    # The part that was being written may be there or not; what was accepted is.
    assert stored - accepted in (0, 40)
    everything = readings(serials=2, slots=accepted // 2 + 20)
    assert store.insert_new(READINGS, everything) == accepted + 40 - stored
    assert store.count(READINGS) == accepted + 40
    store.close()


@pytest.mark.parametrize("acknowledged", [0, 1, 4, 9])
def test_a_writer_killed_at_any_moment_leaves_whole_parts_behind(
    sqlite_url: str, acknowledged: int
):
    command = [sys.executable, "-m", "energy_assets_tests.resources.shelf", sqlite_url]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [*command, "4", "500", "200"], stdout=subprocess.PIPE, cwd=ROOT, env=environment
    ) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(acknowledged)]
        writer.send_signal(signal.SIGKILL)
    assert lines == [b"2000\n"] * acknowledged
    store = open_document_store(sqlite_url)
    store.ensure([READINGS])
    connection = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    stored = store.count(READINGS)
    assert stored >= 2000 * acknowledged
    assert stored % 2000 == 0
    everything = readings(serials=4, slots=500 * (stored // 2000 + 1))
    assert store.insert_new(READINGS, everything) == 2000
    store.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_access, "PRAGMAS", ("PRAGMA busy_timeout = 1",))
    monkeypatch.setattr(sql_store, "RETRY_WAITS_S", (0.001, 0.001))


def test_a_writer_waits_for_another_ones_lock_and_says_so_when_it_stays(
    sqlite_url: str, impatient: None, monkeypatch: pytest.MonkeyPatch
):
    store = open_document_store(sqlite_url)
    store.ensure(TABLES)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailableError, match="database is locked"):
        store.insert_new(READINGS, readings(serials=1, slots=1))
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            other.execute("ROLLBACK")

    monkeypatch.setattr(sql_store.time, "sleep", wait)
    assert store.insert_new(READINGS, readings(serials=1, slots=1)) == 1
    assert waits == [0.001, 0.001]
    other.close()
    store.close()
