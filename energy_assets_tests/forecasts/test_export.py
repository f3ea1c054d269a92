"""Forecasts as files for other programs."""

import io

import numpy as np
import pandas as pd
import pytest

from energy_assets.contracts.columns import QUANTILE_NAMES
from energy_assets.forecasts.export import EXPORT_COLUMNS, export_bytes, export_frame
from energy_assets_tests.forecasts.drawn_series import facts, forecast

TWICE = pd.date_range("2025-10-26 00:00", periods=3, freq="h", tz="UTC")
"""02:00, 02:00 again and 03:00 of the clock in Berlin."""


def exported(**columns):
    home = forecast(TWICE, 2.0, mean=3.0, spread=0.25, **columns)
    tap = forecast(TWICE, 0.5, spread=0.01).assign(series_key="water/tap")
    both = pd.concat([home, tap])
    return export_frame(
        both,
        {
            "electricity/m1": facts(),
            "water/tap": facts(unit="m3", zone="Asia/Colombo"),
        },
    )


def test_local_time_stands_beside_utc_and_tells_an_hour_that_occurs_twice_apart():
    rows = exported()

    assert list(rows.columns) == list(EXPORT_COLUMNS)
    assert rows["valid_at"].tolist() == [*TWICE, *TWICE]
    assert rows["valid_at_local"].tolist() == [
        "2025-10-26T02:00:00+02:00",
        "2025-10-26T02:00:00+01:00",
        "2025-10-26T03:00:00+01:00",
        "2025-10-26T05:30:00+05:30",
        "2025-10-26T06:30:00+05:30",
        "2025-10-26T07:30:00+05:30",
    ]
    assert rows["unit"].tolist() == ["kWh"] * 3 + ["m3"] * 3
    assert rows["zone"].tolist() == ["Europe/Berlin"] * 3 + ["Asia/Colombo"] * 3


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_file_brings_back_what_was_exported(form):
    rows = exported(register=[10.0, 13.0, 16.0])

    content = export_bytes(rows, form)

    read = pd.read_parquet if form == "parquet" else pd.read_csv
    back = read(io.BytesIO(content))
    assert list(back.columns) == list(EXPORT_COLUMNS)
    for name in ("value", "mean", "register", *QUANTILE_NAMES):
        np.testing.assert_array_equal(back[name], rows[name])
    assert pd.to_datetime(back["valid_at"], utc=True).tolist() == rows["valid_at"].tolist()
    assert back["valid_at_local"].tolist() == rows["valid_at_local"].tolist()
    assert back["series_key"].tolist() == ["electricity/m1"] * 3 + ["water/tap"] * 3


def test_a_csv_is_plain_text_with_instants_in_utc():
    header, first, *_ = export_bytes(exported(), "csv").decode().split("\n")

    assert header.startswith("series_key,unit,resolution,issued_at,valid_at,valid_at_local,zone,")
    assert first.startswith(
        "electricity/m1,kWh,hourly,2025-10-26T00:00:00Z,2025-10-26T00:00:00Z,"
        "2025-10-26T02:00:00+02:00,Europe/Berlin,2.0,3.0,1.25,1.5,1.75,2.0,2.25,2.5,2.75,"
    )


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_no_forecast_is_a_file_with_a_header_and_no_row(form):
    content = export_bytes(exported().iloc[:0], form)

    read = pd.read_parquet if form == "parquet" else pd.read_csv
    assert read(io.BytesIO(content)).columns.tolist() == list(EXPORT_COLUMNS)
    assert export_frame(forecast(TWICE[:0], 1.0), {}).empty
