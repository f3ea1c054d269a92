"""A forecast as rows of the prediction table: interval energy, register, bands, provenance."""

import numpy as np
import pandas as pd

from energy_assets.contracts.forecasts import CUSTOMER_PREDICTION, QUANTILE_NAMES
from energy_assets.forecasting.forecast import Forecast
from energy_assets.forecasts.knowledge import with_data_known_at
from resources.tables import DTYPES


def prediction_rows(
    forecast: Forecast,
    *,
    customer_ref: str,
    model_id: str,
    last_register_kwh: float | None,
    issued_at: pd.Timestamp,
    generated_at: pd.Timestamp,
    data_known_at: pd.Timestamp | None = None,
) -> pd.DataFrame:
    """One row per interval of a forecast.

    Args:
        forecast: Energy of each interval ahead.
        customer_ref: Whose it is.
        model_id: What made it.
        last_register_kwh: Import register at the forecast's origin, all meters added up; None or
            NaN where it is unknown, and then the cumulative column is missing. [kWh]
        issued_at: When the forecast was made: the newest knowledge in it.
        generated_at: When the rows are written.
        data_known_at: No reading in it became known later; None where that was not noted.

    Returns:
        Columns of the customer prediction table. `valid_at` is the start of an interval and
        `prediction_timestamp` its end, when the register is expected at `predicted_import_kwh`:
        medians do not add up, so it goes on by the means.
    """
    unknown = last_register_kwh is None or not np.isfinite(last_register_kwh)
    start = np.nan if unknown else float(last_register_kwh or 0.0)
    interval = forecast.valid_at[1] - forecast.valid_at[0]
    rows = pd.DataFrame(
        {
            "prediction_timestamp": forecast.valid_at + interval,
            "valid_at": forecast.valid_at,
            "predicted_usage": np.maximum(forecast.median, 0.0),
            "predicted_import_kwh": start + np.maximum(forecast.mean, 0.0).cumsum(),
            "mean": np.maximum(forecast.mean, 0.0),
            **dict(zip(QUANTILE_NAMES, np.maximum(forecast.quantiles, 0.0).T, strict=True)),
        }
    )
    rows = rows.assign(
        customer_ref=customer_ref,
        issued_at=issued_at,
        generated_at=generated_at,
        model_id=model_id,
        basis=forecast.basis,
        imputed_share=float(np.clip(forecast.imputed_share, 0.0, 1.0)),
    )
    rows = with_data_known_at(rows, data_known_at)
    columns = CUSTOMER_PREDICTION.columns
    return rows.astype({column.name: DTYPES[column.kind] for column in columns})[
        CUSTOMER_PREDICTION.names
    ]


def last_register(features: pd.DataFrame, *, origin_at: pd.Timestamp) -> float | None:
    """The customer's import register at an origin, or None where it is not known there.

    Args:
        features: A customer's feature frame.
        origin_at: The instant at which an interval must have ended.
    """
    minutes = int(features.attrs["interval_minutes"])
    ends = pd.DatetimeIndex(features.index) + pd.to_timedelta(minutes, unit="min")
    at = features.loc[ends == origin_at, "register_kwh"].dropna()
    return float(at.iloc[-1]) if len(at) else None
