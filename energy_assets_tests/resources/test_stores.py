"""Which adapter a URL names."""

import subprocess
import sys
from pathlib import Path

import pytest

from energy_assets_tests.resources.shelf import NOTES, SERIES, SIGNALS, TABLES
from resources.errors import StoreUrlError
from resources.influx_store import InfluxSeriesStore
from resources.mongo_store import MongoDocumentStore
from resources.series_store import open_series_store
from resources.sql_series import SqlSeriesStore
from resources.sql_store import SqlDocumentStore
from resources.stores import (
    DocumentStoreResource,
    ObjectStoreResource,
    SeriesStoreResource,
    open_document_store,
)


@pytest.mark.parametrize(
    ("url", "adapter"),
    [
        ("sqlite:///x.db", SqlDocumentStore),
        ("postgresql://u:p@host/db", SqlDocumentStore),
        ("postgresql+psycopg2://u:p@host/db", SqlDocumentStore),
        ("postgres://u:p@host/db", SqlDocumentStore),
        ("mongodb://u:p@host/db", MongoDocumentStore),
        ("mongodb+srv://u:p@host/db", MongoDocumentStore),
    ],
)
def test_the_scheme_of_a_url_chooses_the_adapter(url: str, adapter: type):
    assert type(open_document_store(url)) is adapter


@pytest.mark.parametrize(
    ("url", "adapter"),
    [
        ("sqlite:///x.db", SqlSeriesStore),
        ("postgresql+psycopg2://u:p@host/db", SqlSeriesStore),
        ("http://host:8086", InfluxSeriesStore),
        ("https://host/influx/", InfluxSeriesStore),
    ],
)
def test_the_scheme_of_a_url_chooses_the_adapter_of_points(url: str, adapter: type):
    options = {"token": "t", "org": "o", "bucket": "b"}
    assert type(open_series_store(url, options=options)) is adapter


def test_an_unknown_url_of_points_names_the_choices_and_hides_the_password():
    with pytest.raises(StoreUrlError, match="http://HOST:8086 \\(InfluxDB\\)") as error:
        open_series_store("redis://u:secret@host/0")
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("url", ["redis://u:secret@host/0", "energy.db", "", "sqlite:energy.db"])
def test_an_unknown_url_names_the_choices_and_hides_the_password(url: str):
    with pytest.raises(StoreUrlError, match="sqlite:///FILE, postgresql://USER") as error:
        open_document_store(url)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("url", ["postgresql://u:secret@host/db", "mongodb://u:secret@host/db"])
def test_a_store_tells_its_url_without_the_password(url: str):
    store = open_document_store(url)
    assert isinstance(store, SqlDocumentStore | MongoDocumentStore)
    assert "host/db" in store.url
    assert "secret" not in store.url


def test_a_process_has_one_store_of_each_url_with_its_tables(sqlite_url: str, tmp_path: Path):
    documents = DocumentStoreResource(url=sqlite_url, tables=TABLES)
    assert documents.open() is DocumentStoreResource(url=sqlite_url, tables=TABLES).open()
    assert documents.open().count(NOTES) == 0
    documents.open().close()
    objects = ObjectStoreResource(url=str(tmp_path / "a"), options={"region": ""})
    assert objects.open() is objects.open()
    assert objects.open() is not ObjectStoreResource(url=str(tmp_path / "b")).open()


def test_a_process_has_one_series_store_of_each_url_with_its_tables(sqlite_url: str):
    series = SeriesStoreResource(url=lambda: sqlite_url, options=dict, tables=SERIES)
    assert series.open() is SeriesStoreResource(url=sqlite_url, tables=SERIES).open()
    assert len(series.open().read(SIGNALS)) == 0
    series.open().close()
    secret = SeriesStoreResource(url="http://host", options={"token": "secret"})
    assert "secret" not in repr(secret)


def test_naming_stores_loads_no_driver():
    heavy = "{'sqlalchemy', 'pymongo', 'obstore', 'psycopg2', 'boto3', 'pyarrow.parquet',"
    heavy += " 'influxdb_client'}"
    probe = f"import sys, resources.stores; print(sorted({heavy} & set(sys.modules)))"
    root = Path(__file__).resolve().parents[2]
    found = subprocess.run(
        [sys.executable, "-c", probe], cwd=root, capture_output=True, text=True, check=True
    )
    assert found.stdout == "[]\n"
