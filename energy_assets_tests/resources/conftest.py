"""Servers and stores of the store tests."""

import contextlib
import logging
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pymongo
import pytest

from energy_assets_tests.conftest import free_port
from energy_assets_tests.resources.shelf import SERIES
from energy_assets_tests.servers.influx_shim import ORG, TOKEN, InfluxShim, influx_behind_shim
from energy_assets_tests.servers.influxd import missing_programs
from resources.document_store import DocumentStore
from resources.object_store import ObjectStore
from resources.obstore_store import open_object_store
from resources.series_store import SeriesStore, open_series_store
from resources.stores import open_document_store

MOTO_KEYS = {"access_key_id": "testing", "secret_access_key": "testing"}


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until somebody listens there."""
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.02)
    pytest.fail(f"the server on port {port} did not start")


class Nx27017:
    """A MongoDB wire server on SQLite. Only basic operations can be believed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.start()

    def start(self) -> None:
        program = Path(sys.executable).with_name("nx-27017")
        files = ["--db", "nx.db", "--log-file", "nx.log", "--pid-file", "nx.pid"]
        self.process = subprocess.Popen(
            [program, "--port", str(self.port), *files],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(self.port, self.process)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def url(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}/test?serverSelectionTimeoutMS=2000"


@pytest.fixture(scope="session")
def nx_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nx27017]:
    server = Nx27017(tmp_path_factory.mktemp("nx"))
    yield server
    server.kill()


@pytest.fixture
def nx_url(nx_server: Nx27017) -> Iterator[str]:
    """The server without any collection: all its databases share one file."""
    yield nx_server.url
    with pymongo.MongoClient[dict[str, Any]](nx_server.url) as client:
        database = client["test"]
        for name in database.list_collection_names():
            database.drop_collection(name)


@pytest.fixture
def mongodb_url() -> Iterator[str]:
    """A fresh database on the real server that MONGODB_URI names."""
    uri = os.environ["MONGODB_URI"]
    name = f"test_{uuid.uuid4().hex}"
    base, _, query = uri.partition("?")
    host = "/".join(base.split("/")[:3])
    yield f"{host}/{name}" + (f"?{query}" if query else "")
    with pymongo.MongoClient[dict[str, Any]](uri) as client:
        client.drop_database(name)


SERVERS = ["sqlite", "postgres", "nx", *(["mongodb"] if os.environ.get("MONGODB_URI") else [])]
"""A real MongoDB takes part where MONGODB_URI names one."""


@pytest.fixture(params=SERVERS)
def store(request: pytest.FixtureRequest) -> Iterator[DocumentStore]:
    """An empty document store, once with each adapter and server."""
    opened = open_document_store(request.getfixturevalue(f"{request.param}_url"))
    yield opened
    opened.close()


@pytest.fixture(params=SERVERS)
def store_url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def nx_lies(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Expect the test to fail on nx-27017, for the reason given."""

    def mark(reason: str) -> None:
        if "nx" in request.node.callspec.params.values():
            request.applymarker(pytest.mark.xfail(reason=f"nx-27017 {reason}", strict=True))

    return mark


@pytest.fixture(scope="session")
def moto_endpoint() -> Iterator[str]:
    """S3 over HTTP."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def bucket_on(endpoint: str, options: dict[str, str]) -> tuple[Any, str]:
    """A client of the server, and the name of a new bucket."""
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=options["access_key_id"],
        aws_secret_access_key=options["secret_access_key"],
        region_name="us-east-1",
    )
    name = f"energy-{uuid.uuid4().hex}"
    client.create_bucket(Bucket=name)
    return client, name


def s3_options(endpoint: str, keys: dict[str, str]) -> dict[str, str]:
    return {**keys, "endpoint": endpoint, "region": "us-east-1", "allow_http": "true"}


@pytest.fixture
def moto_bucket(moto_endpoint: str) -> tuple[Any, str]:
    return bucket_on(moto_endpoint, MOTO_KEYS)


@pytest.fixture
def moto_store(moto_endpoint: str, moto_bucket: tuple[Any, str]) -> ObjectStore:
    url = f"s3://{moto_bucket[1]}/estate/one"
    return open_object_store(url, options=s3_options(moto_endpoint, MOTO_KEYS))


@pytest.fixture
def server_store() -> ObjectStore:
    """A new bucket on the S3 server that the environment names."""
    endpoint = os.environ.get("S3_TEST_ENDPOINT")
    if not endpoint:
        pytest.skip("S3_TEST_ENDPOINT names no S3 server")
    keys = {
        "access_key_id": os.environ["S3_TEST_ACCESS_KEY"],
        "secret_access_key": os.environ["S3_TEST_SECRET_KEY"],
    }
    return open_object_store(
        f"s3://{bucket_on(endpoint, keys)[1]}", options=s3_options(endpoint, keys)
    )


@pytest.fixture
def folder_store(tmp_path: Path) -> ObjectStore:
    return open_object_store(str(tmp_path / "new" / "objects"))


@pytest.fixture
def memory_store() -> ObjectStore:
    return open_object_store("memory://")


@pytest.fixture(
    params=["folder", "memory", "moto", pytest.param("server", marks=pytest.mark.s3_server)]
)
def objects(request: pytest.FixtureRequest) -> ObjectStore:
    """An empty object store, once with each adapter and server."""
    return request.getfixturevalue(f"{request.param}_store")


REQUIRE_INFLUX = "REQUIRE_INFLUX"
"""Set it where a missing influxd must fail the tests that need it instead of skipping them."""


@pytest.fixture(scope="session")
def influx_shim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxShim]:
    """InfluxDB 2 as far as it can be had: a real 1.6 behind a shim. Flux is only simulated."""
    if missing := missing_programs():
        reason = f"{', '.join(missing)} missing: run `make test`, which installs what is missing"
        (pytest.fail if os.environ.get(REQUIRE_INFLUX) else pytest.skip)(reason)
    with influx_behind_shim(tmp_path_factory.mktemp("influxd")) as shim:
        yield shim


@pytest.fixture
def influx_bucket(influx_shim: InfluxShim) -> Iterator[str]:
    """The name of a bucket that is not there yet."""
    name = f"bucket_{uuid.uuid4().hex}"
    yield name
    influx_shim.influxd.query(f'DROP DATABASE "{name}"')


@pytest.fixture
def simulated_influx(influx_shim: InfluxShim, influx_bucket: str) -> SeriesStore:
    """Writes to a real InfluxDB 1.6; what is read back went through a simulation of Flux."""
    options = {"token": TOKEN, "org": ORG, "bucket": influx_bucket}
    return open_series_store(influx_shim.url, options=options)


@pytest.fixture
def real_influx() -> SeriesStore:
    """The InfluxDB 2 that INFLUXDB_URL names, without points of the tests' tables."""
    from influxdb_client.client.influxdb_client import InfluxDBClient

    names = ("token", "org", "bucket")
    options = {name: os.environ[f"INFLUXDB_{name.upper()}"] for name in names}
    store = open_series_store(os.environ["INFLUXDB_URL"], options=options)
    store.ensure(SERIES)
    with InfluxDBClient(os.environ["INFLUXDB_URL"], options["token"], org=options["org"]) as client:
        for table in SERIES:
            client.delete_api().delete(
                "1677-09-22T00:00:00Z",
                "2262-04-11T00:00:00Z",
                f'_measurement="{table.name}"',
                bucket=options["bucket"],
            )
    return store


REAL_INFLUX = ["real_influx"] if os.environ.get("INFLUXDB_URL") else []
"""A real InfluxDB 2 takes part where INFLUXDB_URL names one: only there is Flux really run."""


@pytest.fixture(params=["sqlite", "postgres", "simulated_influx", *REAL_INFLUX])
def series(request: pytest.FixtureRequest) -> Iterator[SeriesStore]:
    """An empty series store, once with each adapter, its tables made ready."""
    if request.param.endswith("influx"):
        store: SeriesStore = request.getfixturevalue(request.param)
    else:
        store = open_series_store(request.getfixturevalue(f"{request.param}_url"))
    store.ensure(SERIES)
    yield store
    store.close()
