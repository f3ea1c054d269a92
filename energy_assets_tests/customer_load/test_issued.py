"""Live scores of a customer's forecasts, from registers in a store."""

import numpy as np
import pandas as pd
import pytest

from energy_assets.contracts.customers import METERS
from energy_assets.contracts.forecasts import CUSTOMER_PREDICTION, QUANTILE_NAMES
from energy_assets.contracts.ledger import FORECAST_SCORES
from energy_assets.contracts.readings import MEASUREMENTS, VALUE_NAMES
from energy_assets.contracts.tables import TABLES
from energy_assets.contracts.validation import validated
from energy_assets.customer_load.flow import CustomerFlow
from energy_assets.forecasts.live_scores import score_issued
from energy_assets.settings import Settings
from energy_assets_tests.forecasts.issued_meter import record_file
from resources.stores import open_document_store

SETTINGS = Settings(_env_file=None, display_zone="UTC")

FIRST = pd.Timestamp("2025-10-01", tz="UTC")
"""The customer uses day by day 0, 1, 2 … kWh in each hour from then on."""
ORIGIN = FIRST + pd.Timedelta(days=20)
ISSUED = ORIGIN + pd.Timedelta(minutes=15)
NIGHT = ORIGIN + pd.Timedelta(hours=25)
REGISTER = np.append(0.0, np.repeat(np.arange(30.0), 24).cumsum())
"""The register at each hour."""


def read(documents, first_hour, last_hour, *, known_at, version=1, shift=0.0):
    """The register at so many hours after the first reading, both ends included."""
    hours = np.arange(first_hour, last_hour + 1)
    rows = pd.DataFrame({"timestamp": FIRST + pd.to_timedelta(hours, unit="h")})
    rows = rows.assign(**dict.fromkeys(VALUE_NAMES, np.nan))
    rows = rows.assign(import_kwh=REGISTER[hours] + shift)
    rows = rows.assign(serial="7", customer_ref="900", obis=None, file_id="f", fingerprint=1)
    rows = rows.assign(version=version, known_at=known_at)
    documents.insert_new(MEASUREMENTS, validated(MEASUREMENTS, rows))


@pytest.fixture
def documents(tmp_path):
    """Twenty days read until the origin, and 24 hours forecast as 19 kWh each."""
    documents = open_document_store(f"sqlite:///{tmp_path}/documents.db")
    documents.ensure(TABLES)
    meter = {"serial": "7", "customer_ref": "900", "interval_minutes": 60, "exported_as": None}
    meter |= {"clock": None, "last_reading_at": None, "created_at": None, "updated_at": None}
    documents.upsert(METERS, validated(METERS, pd.DataFrame([meter])))
    read(documents, 0, 480, known_at=ORIGIN)
    valid_at = pd.date_range(ORIGIN, periods=24, freq="h")
    rows = pd.DataFrame({"valid_at": valid_at, "prediction_timestamp": valid_at + valid_at.freq})
    rows = rows.assign(**dict.fromkeys(QUANTILE_NAMES, 19.0), mean=19.5, predicted_usage=19.0)
    rows = rows.assign(predicted_import_kwh=np.nan, customer_ref="900", issued_at=ISSUED)
    rows = rows.assign(
        generated_at=ISSUED, model_id="m", basis="shared", imputed_share=0.0, data_known_at=ISSUED
    )
    documents.insert_new(CUSTOMER_PREDICTION, validated(CUSTOMER_PREDICTION, rows))
    yield documents
    documents.close()


def score(documents, now, *, since=None):
    flow = CustomerFlow(documents=documents, settings=SETTINGS)
    return sum(len(rows) for rows in score_issued(flow, documents, now=now, since=since))


def ledger(documents):
    return documents.read(FORECAST_SCORES).set_index("family")


def test_a_day_of_a_customer_is_scored_by_its_register_beside_the_naives(documents):
    read(documents, 481, 504, known_at=NIGHT)

    assert score(documents, NIGHT) == 6

    rows = ledger(documents)
    assert set(rows["flow"]) == {"customer_load"}
    assert set(rows["series_key"]) == {"900"}
    assert set(rows["rows"]) == {24}
    assert rows.loc["bilstm", "actual_sum"] == pytest.approx(480.0)
    assert rows.loc["bilstm", "absolute_error_sum"] == pytest.approx(24.0)
    assert rows.loc["bilstm", "mean_sum"] == pytest.approx(24 * 19.5)
    assert rows.loc["bilstm", "basis"] == "shared"
    assert rows.loc["naive_yesterday", "absolute_error_sum"] == pytest.approx(24.0)
    assert rows.loc["naive_last_week", "absolute_error_sum"] == pytest.approx(7 * 24.0)
    assert score(documents, NIGHT + pd.Timedelta(days=1)) == 0


def test_a_naive_of_a_customer_does_not_know_a_correction_that_came_after_the_issue(documents):
    # Yesterday is read anew, as if all had been used in its last hour.
    read(documents, 481, 504, known_at=NIGHT)
    for hour in range(457, 480):
        shift = REGISTER[456] - REGISTER[hour]
        read(documents, hour, hour, known_at=NIGHT, version=2, shift=shift)

    score(documents, NIGHT)

    rows = ledger(documents)
    assert rows.loc["naive_yesterday", "rows"] == 24
    assert rows.loc["naive_yesterday", "absolute_error_sum"] == pytest.approx(24.0)


def test_a_corrected_reading_at_the_origin_changes_the_day_that_begins_there(documents):
    read(documents, 481, 504, known_at=NIGHT)
    score(documents, NIGHT)
    later = NIGHT + pd.Timedelta(days=3)
    read(documents, 480, 480, known_at=later, version=2, shift=2.0)

    assert score(documents, later) == 6

    rows = ledger(documents)
    assert len(rows) == 6
    assert rows.loc["bilstm", "actual_sum"] == pytest.approx(478.0)
    assert set(rows["known_at"]) == {later}


def test_a_corrected_reading_at_the_end_of_a_day_changes_that_day(documents):
    read(documents, 481, 504, known_at=NIGHT)
    score(documents, NIGHT)
    later = NIGHT + pd.Timedelta(days=5)
    end = ORIGIN + pd.Timedelta(hours=24)
    read(documents, 504, 504, known_at=later, version=2, shift=3.0)
    record_file(documents, end, processed_at=later, customer_refs=["900"])

    assert score(documents, later, since=later - pd.Timedelta(hours=1)) == 6

    rows = ledger(documents)
    assert rows.loc["bilstm", "actual_sum"] == pytest.approx(483.0)
    assert set(rows["known_at"]) == {later}


def test_a_day_that_is_not_over_is_left_alone(documents):
    read(documents, 481, 503, known_at=NIGHT)

    assert score(documents, ORIGIN + pd.Timedelta(hours=23)) == 0
