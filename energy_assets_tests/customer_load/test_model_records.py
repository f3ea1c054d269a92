"""Models of customers as the document store keeps them, damaged ones among them."""

import pandas as pd
import pytest
import structlog.testing

from energy_assets.contracts.forecasts import CUSTOMER_MODEL, CUSTOMER_SCORE, MODEL_VERSIONS
from energy_assets.contracts.tables import TABLES
from energy_assets.customer_load.model_records import ModelStore, due_for_training
from energy_assets.forecasting.bilstm import BiLstmSettings, fine_tune, pretrain
from energy_assets_tests.forecasting.histories import daily_pattern
from resources.stores import open_document_store
from resources.tables import Filter, empty_frame

SMALL = BiLstmSettings(hidden=8, head=8, shared_epochs=1, own_epochs=1)
TRAINED_AT = pd.Timestamp("2025-06-01 03:00", tz="UTC")
REFS = ("100", "200", "300")


@pytest.fixture(scope="module")
def pool():
    return [daily_pattern(40, seed=int(ref), customer_ref=ref) for ref in REFS]


@pytest.fixture(scope="module")
def trained(pool):
    shared = pretrain(pool, seed=0, settings=SMALL)
    return shared, fine_tune(shared, pool, seed=0, settings=SMALL)


@pytest.fixture
def models(sqlite_url, trained):
    documents = open_document_store(sqlite_url)
    documents.ensure(TABLES)
    models = ModelStore(documents)
    shared, own = trained
    models.keep_shared(shared, trained_at=TRAINED_AT)
    models.keep(own, scores=empty_frame(CUSTOMER_SCORE), trained_at=TRAINED_AT)
    yield models
    documents.close()


def damage(documents, table, column, value):
    rows = documents.read(table, [Filter(column, "=", value)])
    rows["model_data"] = [data[:200] for data in rows["model_data"]]
    documents.upsert(table, rows)


def test_a_damaged_model_of_one_customer_is_named_and_stops_no_other(models, pool):
    damage(models.documents, CUSTOMER_MODEL, "customer_ref", "200")

    with structlog.testing.capture_logs() as lines:
        serving = models.serving(REFS)

    assert set(serving) == {"100", "300"}
    (line,) = lines
    assert (line["event"], line["customer"]) == ("model cannot be read", "200")
    assert "are damaged" in line["reason"]
    assert [history.key for history in due_for_training(pool, serving)] == ["200"]


def test_a_damaged_shared_model_is_named_and_as_good_as_none(models, trained):
    shared, _ = trained
    damage(models.documents, MODEL_VERSIONS, "model_id", shared.model_id)

    with structlog.testing.capture_logs() as lines:
        assert models.shared(60) is None

    assert [line["model_id"] for line in lines] == [shared.model_id]
    assert set(models.serving(REFS)) == set(REFS)


def test_a_version_is_found_by_its_name_whether_it_is_a_customers_or_shared(models, trained):
    shared, own = trained

    assert models.by_id(shared.model_id).to_bytes() == shared.to_bytes()
    assert models.by_id(own["300"].model_id).to_bytes() == own["300"].to_bytes()
    assert models.by_id("bilstm-customer-0") is None
    damage(models.documents, MODEL_VERSIONS, "model_id", own["300"].model_id)
    with pytest.raises(ValueError, match="are damaged"):
        models.by_id(own["300"].model_id)
