"""Stores that tests may use: a fresh SQLite file, a fresh PostgreSQL database, or each in turn."""

import os
import shutil
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from resources.document_store import DocumentStore
from resources.series_store import SeriesStore, open_series_store
from resources.stores import open_document_store

POSTGRES_BIN = Path(os.environ.get("POSTGRES_BIN", "/usr/lib/postgresql/15/bin"))
REQUIRE_POSTGRES = "REQUIRE_POSTGRES"
"""Set it where a missing PostgreSQL must fail the tests that need it instead of skipping them."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def as_postgres() -> list[str]:
    """PostgreSQL refuses to run as root, so root starts it as the user that Debian made for it."""
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


class PostgresServer:
    """A PostgreSQL of our own in a temporary folder, without fsync."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.port = free_port()
        self.initialise()
        self.start()

    def initialise(self) -> None:
        command = ["initdb", "--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        self.run(*command, "--username=energy", f"--pgdata={self.data}")

    def run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [*as_postgres(), str(POSTGRES_BIN / program), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
        )

    def start(self) -> None:
        settings = [
            f"-p {self.port}",
            "-c listen_addresses=127.0.0.1",
            "-c unix_socket_directories=",
            "-c fsync=off -c full_page_writes=off",
            "-c shared_buffers=32MB -c max_connections=50",
        ]
        log = str(self.data.parent / "log")
        self.run(
            "pg_ctl", "start", "-w", "-D", str(self.data), "-l", str(log), "-o", " ".join(settings)
        )

    def stop(self, mode: str = "fast") -> None:
        self.run("pg_ctl", "stop", "-w", "-D", str(self.data), "-m", mode)

    def kill(self) -> None:
        """As a power cut would: the postmaster and all that it started."""
        postmaster = int((self.data / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGQUIT)
        while Path(f"/proc/{postmaster}").exists():
            time.sleep(0.01)

    def is_running(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def url(self, database: str) -> str:
        return f"postgresql://energy@127.0.0.1:{self.port}/{database}"

    def create(self, database: str) -> str:
        connection = psycopg2.connect(self.url("postgres"))
        connection.autocommit = True
        with connection.cursor() as cursor:
            # A database that sorts as people do, so that tests see who relies on byte order.
            locale = "LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"
            cursor.execute(f"CREATE DATABASE {database} TEMPLATE template0 {locale}")
        connection.close()
        return self.url(database)


def missing_postgres() -> None:
    """Skip, or fail where PostgreSQL is demanded."""
    reason = f"PostgreSQL is not in {POSTGRES_BIN}: apt install postgresql-15, or set POSTGRES_BIN"
    if os.environ.get(REQUIRE_POSTGRES):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def postgres_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that the server's user may enter and write."""
    folder = Path("/tmp") / f"energy-postgres-{uuid.uuid4().hex}"  # noqa: S108 - pytest's own is closed to other users
    folder.mkdir()
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(postgres_folder: Path) -> Iterator[PostgresServer]:
    if not (POSTGRES_BIN / "initdb").exists():
        missing_postgres()
    server = PostgresServer(postgres_folder)
    yield server
    server.stop("immediate")


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> str:
    """A fresh, empty database on a real PostgreSQL."""
    return postgres_server.create(f"test_{uuid.uuid4().hex}")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An SQLite file that does not exist yet, in a folder that does not exist yet."""
    return f"sqlite:///{tmp_path}/stores/energy.db"


@pytest.fixture(params=["sqlite", "postgres"])
def document_store(request: pytest.FixtureRequest) -> Iterator[DocumentStore]:
    """An empty document store; the test runs once with each kind."""
    store = open_document_store(request.getfixturevalue(f"{request.param}_url"))
    yield store
    store.close()


@pytest.fixture(params=["sqlite", "postgres"])
def series_store(request: pytest.FixtureRequest) -> Iterator[SeriesStore]:
    """An empty series store; the test runs once with each kind."""
    store = open_series_store(request.getfixturevalue(f"{request.param}_url"))
    yield store
    store.close()
