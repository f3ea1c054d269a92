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

from energy_assets.consumption.locations import default_location
from energy_assets.consumption.meter_frames import meter_frames
from energy_assets.consumption.meter_weather import weather_of
from energy_assets.consumption.model_records import MeterModels, newest_forecasts
from energy_assets.consumption.serving import served_meters
from energy_assets.contracts.consumption import SERIES_TABLES
from energy_assets.contracts.forecasts import QUANTILE_NAMES
from energy_assets.contracts.tables import TABLES
from energy_assets.contracts.validation import validated
from energy_assets.customer_load.features import customer_features, series_of
from energy_assets.customer_load.model_records import ModelStore
from energy_assets.customer_load.records import (
    newest_predictions,
    readings_by_customer,
    serving_scores,
)
from energy_assets.customer_load.serving import ladder_of
from energy_assets.forecasts.ladder import served
from energy_assets.settings import Settings
from energy_assets_tests.conftest import POSTGRES_BIN
from energy_assets_tests.fixtures.store_manifest import (
    SHOWN_ROWS,
    forecast_facts,
    score_facts,
    table_facts,
    with_models,
)
from resources.series_store import open_series_store
from resources.stores import open_document_store

STORES = Path(__file__).parent / "fixtures" / "stores"
MANIFEST = json.loads((STORES / "manifest.json").read_text())
CUSTOMERS, METERS, DAMAGED = MANIFEST["customers"], MANIFEST["meters"], MANIFEST["damaged"]
NOW = pd.Timestamp(MANIFEST["issues"][-1])
SETTINGS = Settings(_env_file=None, **MANIFEST["settings"])
NEAR = {"rel": 1e-6, "abs": 1e-6}
"""How far a forecast that is made again may be from the one that was stored."""


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


def test_the_newest_forecast_of_every_customer_is_found_with_its_total(documents):
    origins = {
        ref: pd.Timestamp(facts["forecast"]["first_valid_at"]) for ref, facts in CUSTOMERS.items()
    }
    found = newest_predictions(documents, origins)

    assert set(found["customer_ref"]) == set(CUSTOMERS)
    for ref, rows in found.groupby("customer_ref"):
        facts = forecast_facts(rows, value="predicted_usage", quantiles=QUANTILE_NAMES)
        assert facts == CUSTOMERS[ref]["forecast"]


def test_the_newest_forecast_of_every_meter_is_found_with_its_totals(documents):
    found = newest_forecasts(documents, list(METERS))

    assert set(found) == set(METERS)
    for key, forecast in found.items():
        for resolution, rows in forecast.groupby("resolution"):
            facts = forecast_facts(rows, value="value", quantiles=QUANTILE_NAMES)
            assert facts == METERS[key]["forecast"][resolution]


def test_the_models_that_served_are_those_that_serve(documents):
    customers = ModelStore(documents).serving(list(CUSTOMERS))
    meters = dict(MeterModels(documents).serving(list(METERS)))

    assert {ref: [m.model_id, m.basis] for ref, m in customers.items()} == {
        ref: [facts["model_id"], facts["basis"]] for ref, facts in CUSTOMERS.items()
    }
    assert {key: model.model_id for key, model in meters.items()} == {
        key: facts["model_id"] for key, facts in METERS.items() if key != DAMAGED
    }
    for name, model_id in MANIFEST["shared_models"].items():
        shared = ModelStore(documents).shared(int(name.removeprefix("shared:")))
        assert shared.model_id == model_id


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


def check_quantiles(quantiles, facts):
    assert np.isfinite(quantiles).all()
    expected = [[float(number) for number in row.split()] for row in facts["quantiles"]]
    assert quantiles[:SHOWN_ROWS] == pytest.approx(np.array(expected), **NEAR)


@pytest.mark.parametrize("ref", CUSTOMERS)
def test_a_stored_model_of_a_customer_forecasts_what_it_did(documents, ref):
    model = ModelStore(documents).serving([ref])[ref]
    history = history_of_customer(documents, ref)
    forecast = served(history, ladder_of(model, None), origin_at=history.end_at, days=1)

    facts = CUSTOMERS[ref]["forecast"]
    assert [forecast.basis] == facts["basis"]
    assert forecast.origin_at == pd.Timestamp(facts["first_valid_at"])
    assert forecast.median.sum() == pytest.approx(facts["total"], **NEAR)
    check_quantiles(forecast.quantiles, facts)


def test_the_stored_shared_model_serves_a_customer_without_a_model(documents):
    for ref in CUSTOMERS:
        history = history_of_customer(documents, ref)
        shared = ModelStore(documents).shared(history.interval_minutes)
        forecast = served(history, ladder_of(None, shared), origin_at=history.end_at, days=1)
        assert forecast.basis == "shared"
        assert forecast.quantiles.shape == (24, len(QUANTILE_NAMES))
        assert np.isfinite(forecast.quantiles).all()


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


def test_a_stored_model_of_a_meter_forecasts_what_it_did(documents, series):
    forecasts = meters_again(documents, series)

    assert set(forecasts) == set(METERS)
    for key, forecast in forecasts.items():
        for resolution, rows in (("hourly", forecast.intervals), ("daily", forecast.daily)):
            facts = METERS[key]["forecast"][resolution]
            assert forecast.model_id == facts["model_id"]
            assert sorted(set(rows.basis)) == facts["basis"]
            assert rows.median.sum() == pytest.approx(facts["total"], **NEAR)
            check_quantiles(rows.quantiles, facts)


def test_a_damaged_model_is_named_and_stops_no_other_meter(documents, series):
    with structlog.testing.capture_logs() as lines:
        forecasts = meters_again(documents, series)

    assert [line["meter"] for line in lines if line["event"] == "model cannot be read"] == [DAMAGED]
    basis = {key: set(forecast.intervals.basis) for key, forecast in forecasts.items()}
    assert basis.pop(DAMAGED) == {"naive_blend"}
    assert list(basis.values()) == [{"xgboost"}] * (len(METERS) - 1)
