"""What happens to readings and writings of points when InfluxDB is away, busy, slow or refusing."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pandas as pd
import pytest

from energy_assets_tests.conftest import free_port
from energy_assets_tests.resources.shelf import READINGS, SERIES, readings
from energy_assets_tests.servers.influx_shim import ORG, READ_ONLY_TOKEN, TOKEN, InfluxShim
from energy_assets_tests.servers.scripted_http import Answer, ScriptedHttp
from resources.errors import CellError, StoreUnavailableError, StoreUrlError
from resources.influx_errors import (
    SeriesAccessError,
    SeriesBucketError,
    SeriesOptionsError,
    SeriesRefusedError,
)
from resources.influx_requests import Patience
from resources.influx_store import InfluxSeriesStore, open_influx_store
from resources.series_store import SeriesStore, open_series_store
from resources.tables import Column, Filter, Table

SECRET = "very-secret-token"
HASTE = Patience(connect_s=2, answer_s=0.3, attempts=3, first_wait_s=0.001, longest_wait_s=0.002)
EMPTY = Answer(body=b"\r\n")
WRITTEN = Answer(status=204)
BUSY = Answer(status=503, body=b'{"code": "unavailable", "message": "try later"}')

Scripted = Callable[..., tuple[InfluxSeriesStore, ScriptedHttp]]


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    """A store in front of a server that answers as told."""
    opened: list[tuple[InfluxSeriesStore, ScriptedHttp]] = []

    def start(*answers: Answer) -> tuple[InfluxSeriesStore, ScriptedHttp]:
        server = ScriptedHttp(answers)
        store = InfluxSeriesStore(server.url, token=SECRET, org="o", bucket="b", patience=HASTE)
        opened.append((store, server))
        return store, server

    yield start
    for store, server in opened:
        store.close()
        server.close()


def works(store: SeriesStore) -> Sequence[Callable[[], Any]]:
    """Everything that asks the server something."""
    return (
        lambda: store.ensure(SERIES),
        lambda: store.write(READINGS, readings(serials=1, slots=1)),
        lambda: store.read(READINGS),
        lambda: store.count(READINGS),
    )


def test_a_server_that_does_not_answer_is_an_outage_and_never_no_data():
    url = f"http://127.0.0.1:{free_port()}"
    store = InfluxSeriesStore(url, token=SECRET, org="o", bucket="b", patience=HASTE)
    for work in works(store):
        with pytest.raises(StoreUnavailableError, match="not reachable while") as outage:
            work()
        assert SECRET not in str(outage.value)
    store.close()


@pytest.mark.parametrize("scheme", ["sqlite:////dev/null/energy.db", "postgresql://u:secret@{}/d"])
def test_a_database_that_does_not_answer_is_an_outage_and_never_no_data(scheme: str):
    store = open_series_store(scheme.format(f"127.0.0.1:{free_port()}"))
    for work in works(store):
        with pytest.raises(StoreUnavailableError, match="not reachable while") as outage:
            work()
        assert "secret" not in str(outage.value)
    store.close()


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
def test_a_server_that_stays_broken_is_an_outage(scripted: Scripted, status: int):
    body = f'{{"code": "x", "message": "token {SECRET} met a full disk"}}'.encode()
    store, server = scripted(Answer(status=status, body=body))
    for work in works(store):
        server.requests.clear()
        with pytest.raises(StoreUnavailableError, match=f"HTTP {status} token .* full disk") as e:
            work()
        assert SECRET not in str(e.value)
        assert len(server.requests) == 3


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_that_was_busy_is_asked_again(scripted: Scripted, status: int):
    # It asks for an hour, but nobody waits longer than the longest wait.
    busy = Answer(status=status, body=b"busy", headers={"Retry-After": "3600"})
    store, server = scripted(busy, BUSY, WRITTEN)
    store.write(READINGS, readings(serials=1, slots=2))
    assert len({body for _, body in server.requests}) == 1
    assert len(server.requests) == 3
    store, server = scripted(busy, BUSY, EMPTY)
    assert len(store.read(READINGS)) == 0
    assert len(server.requests) == 3


@pytest.mark.parametrize("ends", ["never", "cut", "cut chunk"])
def test_an_answer_that_never_ends_is_asked_for_again(scripted: Scripted, ends: Any):
    bad = Answer(body=b"#datatype,string,long\r\n", ends=ends)
    store, server = scripted(bad, EMPTY)
    assert len(store.read(READINGS)) == 0
    assert len(server.requests) == 2
    store, server = scripted(bad)
    with pytest.raises(StoreUnavailableError, match="reading readings"):
        store.read(READINGS)
    assert len(server.requests) == 3


def test_a_write_that_nobody_answers_is_sent_again_and_then_an_outage(scripted: Scripted):
    silent = Answer(ends="never")
    store, server = scripted(silent, WRITTEN)
    store.write(READINGS, readings(serials=1, slots=1))
    assert len(server.requests) == 2
    store, server = scripted(silent)
    with pytest.raises(StoreUnavailableError, match=r"writing to readings.*timed out"):
        store.write(READINGS, readings(serials=1, slots=1))


BROKEN_ANSWERS = {
    "a web page": b"<html><body>Log in to the hotel's network</body></html>\n\n",
    "nothing": b"",
    "half a row": b"#datatype,string,long,string\r\n#group,false,false,true\r\n#default,_result,,"
    b"\r\n,result,table,serial\r\n,,0,m",
}


@pytest.mark.parametrize("status", [200, 202])
def test_points_are_not_taken_for_written_unless_influxdb_says_so(scripted: Scripted, status: int):
    store, server = scripted(Answer(status=status, body=b"<html>Log in</html>"))
    with pytest.raises(StoreUnavailableError, match=f"HTTP {status} where InfluxDB answers 204"):
        store.write(READINGS, readings(serials=1, slots=1))
    assert len(server.requests) == 3


@pytest.mark.parametrize("body", [b"<html>Log in</html>", b"", b"[]", b"null", b'{"buckets": nu'])
def test_a_bucket_is_not_taken_for_there_from_what_is_no_answer(scripted: Scripted, body: bytes):
    store, _ = scripted(Answer(body=body, headers={"Content-Type": "application/json"}))
    with pytest.raises(StoreUnavailableError, match="looking for bucket 'b'"):
        store.ensure(SERIES)


@pytest.mark.parametrize("body", BROKEN_ANSWERS.values(), ids=BROKEN_ANSWERS.keys())
@pytest.mark.parametrize("ends", ["whole", "unframed"])
def test_what_is_no_answer_is_an_outage_and_never_no_data(
    scripted: Scripted, body: bytes, ends: Any
):
    store, server = scripted(Answer(body=body, ends=ends))
    with pytest.raises(StoreUnavailableError, match="the answer"):
        store.read(READINGS)
    assert len(server.requests) == 3


def test_an_error_in_the_answer_is_an_outage_and_never_no_data(scripted: Scripted):
    body = b"#datatype,string,string\r\n#group,true,true\r\n#default,,\r\n,error,reference\r\n"
    rest = b",and so on,\r\n" * 1_000_000
    failed = Answer(body=body + b",memory allocation limit reached,\r\n" + rest)
    store, server = scripted(failed, EMPTY)
    with pytest.raises(StoreUnavailableError, match="memory allocation limit reached"):
        store.read(READINGS)
    # The unread rest is no part of the next answer.
    assert len(store.read(READINGS)) == 0
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_named_by_its_variable_and_never_shown(scripted: Scripted, status: int):
    body = f'{{"code": "unauthorized", "message": "no such token: {SECRET}"}}'.encode()
    store, server = scripted(Answer(status=status, body=body))
    for work in works(store):
        server.requests.clear()
        with pytest.raises(SeriesAccessError, match="INFLUXDB_TOKEN") as refusal:
            work()
        assert SECRET not in str(refusal.value)
        assert len(server.requests) == 1


def test_a_bucket_or_organisation_that_is_not_there_is_named(scripted: Scripted):
    body = b'{"code": "not found", "message": "organization name \\"o\\" not found"}'
    store, _ = scripted(Answer(status=404, body=body))
    for work in works(store):
        with pytest.raises(SeriesBucketError, match='organization name "o" not found'):
            work()


def test_what_influxdb_refuses_is_told_with_the_table_and_its_words(scripted: Scripted):
    body = b'{"code": "invalid", "message": "partial write: points beyond retention policy"}'
    store, server = scripted(Answer(status=422, body=body))
    with pytest.raises(SeriesRefusedError, match=r"writing to readings.*retention policy"):
        store.write(READINGS, readings(serials=1, slots=1))
    assert len(server.requests) == 1


def shimmed(shim: InfluxShim, bucket: str, token: str = TOKEN, org: str = ORG) -> SeriesStore:
    options = {"token": token, "org": org, "bucket": bucket}
    return open_influx_store(shim.url, options=options)


def test_a_field_of_another_type_is_refused_by_the_database_and_told_with_its_table(
    influx_shim: InfluxShim, influx_bucket: str
):
    store = shimmed(influx_shim, influx_bucket)
    store.ensure([READINGS])
    store.write(READINGS, readings(serials=1, slots=1))
    counted = Column(name="energy_kwh", kind="int")
    other = Table(
        name=READINGS.name,
        columns=tuple(counted if c.name == "energy_kwh" else c for c in READINGS.columns),
        key=READINGS.key,
        time_series=READINGS.time_series,
    )
    rows = readings(serials=2, slots=1).assign(energy_kwh=1)
    with pytest.raises(SeriesRefusedError, match=r"writing to readings.*field type conflict"):
        store.write(other, rows)
    store.close()


def test_a_column_that_holds_another_kind_is_told_when_it_is_read(
    influx_shim: InfluxShim, influx_bucket: str
):
    store = shimmed(influx_shim, influx_bucket)
    store.ensure([READINGS])
    body = b'readings,metadata.serial=a,version=1 energy_kwh="much" 0'
    influx_shim.influxd.write(body, database=influx_bucket, precision="ns")
    with pytest.raises(CellError, match="column energy_kwh: not float in InfluxDB"):
        store.read(READINGS)
    store.close()


def test_a_bucket_is_created_where_the_token_may_and_named_where_it_may_not(
    influx_shim: InfluxShim, influx_bucket: str
):
    reader = shimmed(influx_shim, influx_bucket, READ_ONLY_TOKEN)
    with pytest.raises(SeriesAccessError, match=f"creating bucket '{influx_bucket}'"):
        reader.ensure([READINGS])
    writer = shimmed(influx_shim, influx_bucket)
    with pytest.raises(SeriesBucketError, match=influx_bucket):
        writer.read(READINGS)
    with pytest.raises(SeriesBucketError, match=influx_bucket):
        writer.write(READINGS, readings(serials=1, slots=1))
    writer.ensure([READINGS])
    writer.write(READINGS, readings(serials=1, slots=1))
    reader.ensure([READINGS])
    assert len(reader.read(READINGS)) == 1
    with pytest.raises(SeriesAccessError, match="INFLUXDB_TOKEN"):
        reader.write(READINGS, readings(serials=1, slots=1))
    reader.close()
    writer.close()


def test_an_unknown_organisation_is_named_before_anything_is_created(
    influx_shim: InfluxShim, influx_bucket: str
):
    store = shimmed(influx_shim, influx_bucket, org="elsewhere")
    with pytest.raises(SeriesBucketError, match='organization name "elsewhere" not found'):
        store.ensure([READINGS])
    assert influx_bucket not in influx_shim.influxd.databases()
    store.close()


def test_points_beyond_what_influxdb_can_hold_are_refused_before_anything_is_written(
    simulated_influx: SeriesStore,
):
    simulated_influx.ensure([READINGS])
    rows = readings(serials=1, slots=2)
    for year in ("1600", "2300"):
        far = rows["at"].astype(object)
        far[1] = pd.Timestamp(f"{year}-01-01", tz="UTC")
        with pytest.raises(CellError, match=f"column at: {year}-01-01.*InfluxDB can hold"):
            simulated_influx.write(READINGS, rows.assign(at=far))
    assert len(simulated_influx.read(READINGS, [Filter("serial", "=", "m0")])) == 0


def test_what_is_not_set_is_named_by_its_variables():
    with pytest.raises(SeriesOptionsError, match=r"token and bucket.*INFLUXDB_TOKEN, INFLUXDB_BUC"):
        open_series_store("http://influx:8086", options={"org": "o", "token": ""})
    for url in ("http://", "http://user:secret@influx:8086", "https://influx/?token=x"):
        with pytest.raises(StoreUrlError) as refusal:
            open_series_store(url, options={"token": "t", "org": "o", "bucket": "b"})
        assert "secret" not in str(refusal.value)
