"""Models of challengers on real stores."""

import numpy as np
import pandas as pd
import pytest
import structlog.testing

from energy_assets.contracts.champions import CHAMPION_TABLES, FAMILY_MODELS
from energy_assets.forecasting.boosting import Boosting
from energy_assets.forecasting.naive import SeasonalNaive
from energy_assets.forecasts.models import FamilyModels
from energy_assets_tests.forecasting.meters import house, learned

MONDAY = pd.Timestamp("2026-03-02", tz="UTC")
BLEND = SeasonalNaive(variant="blend")
WEEKLY = SeasonalNaive(variant="last_week")


@pytest.fixture
def models(document_store):
    document_store.ensure(CHAMPION_TABLES)
    families = {"xgboost": Boosting(), BLEND.name: BLEND, WEEKLY.name: WEEKLY}
    return FamilyModels(document_store, "customer_load", families)


def test_the_newest_model_of_the_wanted_family_comes_back_and_forecasts_the_same(models):
    past = house(60)
    models.keep("a", "xgboost", learned(), trained_at=MONDAY)
    models.keep("a", BLEND.name, BLEND, trained_at=MONDAY + pd.Timedelta(days=7))
    models.keep("b", WEEKLY.name, WEEKLY, trained_at=MONDAY)

    found = models.newest({"a": "xgboost", "b": WEEKLY.name, "c": "xgboost"})

    assert sorted(found) == ["a", "b"]
    assert found["b"] is WEEKLY
    (one,) = learned().predict(past, [past.end_at], days=14)
    (other,) = found["a"].predict(past, [past.end_at], days=14)
    np.testing.assert_array_equal(one.quantiles, other.quantiles)
    assert models.by_id(learned().model_id).model_id == learned().model_id
    assert models.by_id("nobody") is None


def test_flows_do_not_see_each_others_models(models):
    models.keep("a", WEEKLY.name, WEEKLY, trained_at=MONDAY)
    other = FamilyModels(models.documents, "consumption", models.families)
    assert other.newest({"a": WEEKLY.name}) == {}


def test_a_damaged_model_is_named_and_stops_nobody(models):
    models.keep("a", "xgboost", learned(), trained_at=MONDAY)
    models.keep("b", WEEKLY.name, WEEKLY, trained_at=MONDAY)
    rows = models.documents.read(FAMILY_MODELS)
    damaged = rows[rows["series_key"] == "a"].copy()
    damaged["model_data"] = [damaged["model_data"].iloc[0][:100]]
    models.documents.upsert(FAMILY_MODELS, damaged)

    with structlog.testing.capture_logs() as logs:
        found = models.newest({"a": "xgboost", "b": WEEKLY.name})

    assert sorted(found) == ["b"]
    assert [(line["event"], line["series"]) for line in logs] == [("model cannot be read", "a")]
