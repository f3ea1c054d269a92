"""The baselines do what was published: the same documents, and a network that learns a little."""

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from benchmarks.published.bilstm import (
    FEATURES,
    PublishedModel,
    predict_published,
    published_features,
    train_published,
)
from benchmarks.published.ingest import StubCollection, insert_published, published_documents
from energy_assets.sample_data.export_files import csv_bytes, xlsx_bytes


def readings(rows: int = 3) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "at": pd.date_range("2026-03-01 00:15", periods=rows, freq="15min", unit="s"),
            "SERIAL": "000000000012",
            "CUSTOMER_REF": "0900000001",
            "IMPORT_KWH (kWh)": 100.0 + 0.5 * np.arange(rows),
            "POWER_FACTOR": 1.25,
            "PHASE_A_INST._CURRENT (A)": 4.0,
        }
    )


def test_a_row_becomes_a_nested_document_with_a_clipped_power_factor():
    documents = published_documents(csv_bytes(readings(), zone="Asia/Colombo"), "a.csv")
    assert [document["timestamp"] for document in documents] == [
        datetime(2026, 3, 1, 0, 15),  # noqa: DTZ001 - naive as published
        datetime(2026, 3, 1, 0, 30),  # noqa: DTZ001
        datetime(2026, 3, 1, 0, 45),  # noqa: DTZ001
    ]
    first = documents[0]
    assert first["metadata"] == {"serial": 12, "obis": "LP"}
    assert (first["import_kwh"], first["power_factor"]) == (100.0, 1.0)
    assert first["avg_voltage"] is None
    assert first["phases"]["A"] == {
        "instCurrent": 4.0,
        "instVoltage": None,
        "instPowerFactor": None,
    }


def test_native_spreadsheet_dates_are_dropped_without_a_word():
    assert published_documents(xlsx_bytes(readings(), zone="Asia/Colombo"), "a.xlsx") == []


def test_rows_with_another_date_order_are_dropped_without_a_word():
    content = csv_bytes(readings(), zone="Asia/Colombo").replace(b"2026-03-01", b"01/03/2026")
    assert published_documents(content, "a.csv") == []


def test_a_row_that_occurs_twice_in_a_file_is_stored_twice_in_batches_of_500():
    twice = pd.concat([readings(600), readings(600)])
    documents = published_documents(csv_bytes(twice, zone="Asia/Colombo"), "a.csv")
    collection = StubCollection()
    assert insert_published(documents, collection) == 1200
    assert (len(collection.stored), collection.inserts) == (1200, 3)


def test_the_register_is_differenced_and_gaps_are_filled_forward():
    frame = pd.DataFrame({name: [1.0, np.nan, 4.0] for name in FEATURES})
    frame["import_kwh"] = [10.0, 12.0, 15.0]
    frame["phase_c_voltage"] = np.nan
    features = published_features(frame)
    assert features[:, 0].tolist() == [0.0, 2.0, 3.0]
    assert features[:, 1].tolist() == [1.0, 1.0, 4.0]
    assert features[:, 8].tolist() == [0.0, 0.0, 0.0]


def day_and_night(rows: int) -> np.ndarray:
    wave = np.sin(np.arange(rows) / 96 * 2 * np.pi)
    return np.column_stack([0.2 + 0.1 * wave] * 2 + [np.ones(rows)] * 7)


def test_a_trained_network_gives_96_energies_in_kwh_and_repeats_under_its_seed():
    features = day_and_night(300)

    def train() -> PublishedModel:
        return train_published(features, seed=4, epochs=1)

    model = train()
    predicted = predict_published(model, features[-192:])
    assert predicted.shape == (96,)
    assert predicted.min() >= 0
    # Nothing is far from the mean of 0.2 kWh after one epoch, in kWh and not in scaled units.
    assert 0.1 < predicted.mean() < 0.3
    np.testing.assert_array_equal(predicted, predict_published(train(), features[-192:]))


def test_too_few_rows_for_a_window_are_refused():
    with pytest.raises(ValueError, match="289 rows"):
        train_published(day_and_night(289), seed=1)
