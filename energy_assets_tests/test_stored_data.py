"""Stores written by an earlier version open with this one, and nothing in them is lost.

The stores in `fixtures/stores` were written once, by `fixtures/make_store.py`; `manifest.json`
there says what they held.
"""

import json
import lzma
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import structlog.testing

from energy_assets.consumption.flow import MeterFlow
from energy_assets.consumption.locations import default_location
from energy_assets.consumption.meter_frames import meter_frames
from energy_assets.consumption.meter_weather import weather_of
from energy_assets.consumption.model_records import MeterModels
from energy_assets.consumption.serving import served_meters
from energy_assets.contracts.consumption import SERIES_TABLES
from energy_assets.contracts.forecasts import QUANTILE_NAMES
from energy_assets.contracts.tables import TABLES
from energy_assets.contracts.validation import validated
from energy_assets.customer_load.features import customer_features, series_of
from energy_assets.customer_load.flow import CustomerFlow
from energy_assets.customer_load.model_records import (
    ModelStore,
    due_for_training,
    needs_shared_model,
)
from energy_assets.customer_load.records import (
    readings_by_customer,
    serving_scores,
)
from energy_assets.customer_load.serving import ladder_of
from energy_assets.forecasting.bilstm import BiLstmSettings, pretrain
from energy_assets.forecasts.answers import issued_forecasts
from energy_assets.forecasts.ladder import served
from energy_assets.forecasts.replay import IssuedForecast, replay
from energy_assets.settings import Settings
from energy_assets_tests.conftest import POSTGRES_BIN
from energy_assets_tests.fixtures.store_manifest import (
    forecast_facts,
    score_facts,
    table_facts,
    with_models,
)
from resources.series_store import open_series_store
from resources.stores import open_document_store

STORES = Path(__file__).parent / "fixtures" / "stores"
MANIFEST = json.loads((STORES / "manifest.json").read_text())
CUSTOMERS, METERS = MANIFEST["customers"], MANIFEST["meters"]
NOW = pd.Timestamp(MANIFEST["issues"][-1])
SETTINGS = Settings(_env_file=None, **MANIFEST["settings"])


def kept(name):
    return lzma.decompress((STORES / f"{name}.xz").read_bytes())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The SQLite files as they were kept, not to be opened."""
    folder = tmp_path_factory.mktemp("kept")
    for name in ("documents.sqlite", "series.sqlite"):
        (folder / name).write_bytes(kept(name))
    return folder


def opened(url):
    store = open_document_store(url)
    store.ensure(TABLES)
    return store


@pytest.fixture(scope="module")
def kept_sqlite(folder):
    store = opened(f"sqlite:///{shutil.copy(folder / 'documents.sqlite', folder / 'copy.sqlite')}")
    yield store
    store.close()


@pytest.fixture(scope="module")
def kept_postgres(kept_sqlite, postgres_server):
    url = postgres_server.create("kept_documents")
    psql = [str(POSTGRES_BIN / "psql"), "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", url]
    dump = with_models(kept("documents.sql"), kept_sqlite)
    subprocess.run(psql, input=dump, check=True, capture_output=True)
    store = opened(url)
    yield store
    store.close()


@pytest.fixture(params=["sqlite", "postgres"])
def documents(request):
    """The documents of an earlier version; the test runs once with each kind of store."""
    return request.getfixturevalue(f"kept_{request.param}")


@pytest.fixture(scope="module")
def series(folder):
    shutil.copy(folder / "series.sqlite", folder / "series-copy.sqlite")
    store = open_series_store(f"sqlite:///{folder}/series-copy.sqlite")
    store.ensure(SERIES_TABLES)
    yield store
    store.close()


def check_tables(store, tables, expected):
    by_name = {table.name: table for table in tables}
    for name, facts in expected.items():
        rows = validated(by_name[name], store.read(by_name[name]))
        assert facts["rows"] > 0
        assert table_facts(by_name[name], rows[facts["columns"]]) == facts, name


def test_every_document_that_was_stored_is_there_and_meets_its_contract(documents):
    check_tables(documents, TABLES, MANIFEST["documents"])


def test_every_point_that_was_stored_is_there_and_meets_its_contract(series):
    check_tables(series, SERIES_TABLES, MANIFEST["series"])


@pytest.mark.parametrize("issue", [0, -1], ids=["first", "newest"])
def test_the_forecast_of_every_customer_as_issued_at_a_time_is_found_with_its_total(
    documents, issue
):
    flow = CustomerFlow(documents=documents, settings=SETTINGS)
    issued_at = pd.Timestamp(MANIFEST["issues"][issue])
    found = issued_forecasts(flow, list(CUSTOMERS), until=issued_at)

    assert set(found["series_key"]) == set(CUSTOMERS)
    for ref, rows in found.groupby("series_key"):
        assert set(rows["issued_at"]) == {issued_at}
        if issue == -1:
            facts = forecast_facts(rows, value="value", quantiles=QUANTILE_NAMES)
            assert facts == CUSTOMERS[ref]["forecast"]


def test_the_newest_forecast_of_every_meter_is_found_with_its_totals(documents, series):
    flow = MeterFlow(documents=documents, series=series, settings=SETTINGS)
    found = issued_forecasts(flow, list(METERS), until=NOW)

    assert set(found["series_key"]) == set(METERS)
    for (key, resolution), rows in found.groupby(["series_key", "resolution"]):
        facts = forecast_facts(rows, value="value", quantiles=QUANTILE_NAMES)
        assert facts == METERS[key]["forecast"][resolution]


def named_as_earlier(lines, field):
    """Whose models the log names because an earlier version wrote them."""
    assert {line["event"] for line in lines} <= {"model cannot be read"}
    assert all("earlier version" in line["reason"] for line in lines)
    assert all("rain the m" in line["reason"] for line in lines)  # says what to do
    return sorted(line[field] for line in lines)


def test_models_of_an_earlier_version_are_named_once_and_are_due_for_training(documents):
    with structlog.testing.capture_logs() as lines:
        customers = ModelStore(documents).serving(list(CUSTOMERS))
    assert customers == {}
    assert named_as_earlier(lines, "customer") == sorted(CUSTOMERS)
    histories = [history_of_customer(documents, ref) for ref in CUSTOMERS]
    assert due_for_training(histories, customers) == histories

    with structlog.testing.capture_logs() as lines:
        meters = dict(MeterModels(documents).serving(list(METERS)))
    assert meters == {}
    assert named_as_earlier(lines, "meter") == sorted(METERS)

    for name in MANIFEST["shared_models"]:
        with structlog.testing.capture_logs() as lines:
            shared = ModelStore(documents).shared(int(name.removeprefix("shared:")))
        assert shared is None
        assert named_as_earlier(lines, "customer") == [name]
        assert needs_shared_model(shared, histories, days=7)


def test_scores_of_the_models_that_serve_are_found_beside_the_naives(documents):
    for ref, facts in CUSTOMERS.items():
        assert score_facts(serving_scores(documents, [ref])) == facts["scores"]
    for key, facts in METERS.items():
        assert score_facts(MeterModels(documents).scores([key])) == facts["scores"]


def history_of_customer(documents, ref):
    since = NOW - pd.Timedelta(days=SETTINGS.history_days)
    (customer,) = readings_by_customer(documents, [ref], since=since)
    return series_of(
        customer_features(customer.readings, meters=customer.meters, zone=SETTINGS.display_zone)
    )


def check_naive(rows, count):
    assert len(rows) == count
    assert set(rows.basis) == {"naive_blend"}
    assert rows.quantiles.shape == (count, len(QUANTILE_NAMES))
    assert np.isfinite(rows.quantiles).all()
    assert (np.diff(rows.quantiles, axis=1) >= 0).all()
    assert (rows.quantiles[:, -1] > 0).any()


@pytest.mark.parametrize("ref", CUSTOMERS)
def test_a_customer_is_served_by_a_naive_until_it_is_trained_again(documents, ref):
    own = ModelStore(documents).serving([ref]).get(ref)
    history = history_of_customer(documents, ref)
    shared = ModelStore(documents).shared(history.interval_minutes)
    forecast = served(history, ladder_of(own, shared), origin_at=history.end_at, days=1)

    assert forecast.origin_at == pd.Timestamp(CUSTOMERS[ref]["forecast"]["first_valid_at"])
    check_naive(forecast.intervals, history.steps_per_day)


def test_a_customer_that_is_trained_again_is_served_by_its_new_model(documents):
    ref = next(iter(CUSTOMERS))
    history = history_of_customer(documents, ref)
    small = BiLstmSettings(hidden=4, head=4, shared_epochs=1, own_epochs=1)
    shared = pretrain([history], seed=0, settings=small)
    models = ModelStore(documents)
    models.keep_shared(shared, trained_at=NOW + pd.Timedelta(hours=1))

    found = models.shared(history.interval_minutes)

    assert found.model_id == shared.model_id
    forecast = served(history, ladder_of(None, found), origin_at=history.end_at, days=1)
    assert forecast.basis == "shared"


def meters_again(documents, series):
    """The forecast of each meter, made again as of the newest issue."""
    frames = meter_frames(
        list(METERS),
        documents=documents,
        series=series,
        default=default_location(SETTINGS),
        since=NOW - pd.Timedelta(days=SETTINGS.consumption_history_days),
    )
    weather = weather_of(SETTINGS, series, now=NOW)
    return {
        key: forecast
        for key, _, forecast in served_meters(dict(frames), documents=documents, weather=weather)
    }


def test_every_meter_is_served_by_a_naive_until_it_is_trained_again(documents, series):
    with structlog.testing.capture_logs() as lines:
        forecasts = meters_again(documents, series)

    assert named_as_earlier(lines, "meter") == sorted(METERS)
    assert set(forecasts) == set(METERS)
    for key, forecast in forecasts.items():
        check_naive(forecast.intervals, METERS[key]["forecast"]["hourly"]["rows"])
        check_naive(forecast.daily, METERS[key]["forecast"]["daily"]["rows"])


def test_a_forecast_whose_model_is_of_an_earlier_version_says_so_when_it_is_made_again(
    documents, series
):
    customers = CustomerFlow(documents=documents, settings=SETTINGS)
    meters = MeterFlow(documents=documents, series=series, settings=SETTINGS)
    issued_at = pd.Timestamp(MANIFEST["issues"][0])
    for flow, key in [(customers, next(iter(CUSTOMERS))), (meters, "electricity/house-01")]:
        made = replay(IssuedForecast(flow=flow, key=key, issued_at=issued_at))
        assert "earlier version" in made.problem
        assert not made.is_equal
