"""A meter's forecast as rows of the stores' tables, and whether it says anything new."""

import pandas as pd

from energy_assets.consumption.meter_keys import parsed_meter_key
from energy_assets.contracts.consumption_forecasts import (
    CONSUMPTION_EXPLANATION,
    CONSUMPTION_FORECAST,
)
from energy_assets.contracts.forecasts import QUANTILE_NAMES
from energy_assets.forecasting.forecast import Forecast, ForecastRows
from energy_assets.forecasting.series import Series
from energy_assets.forecasts.knowledge import with_data_known_at


def forecast_rows(
    forecast: Forecast,
    history: Series,
    *,
    issued_at: pd.Timestamp,
    data_known_at: pd.Timestamp | None = None,
) -> pd.DataFrame:
    """Rows of the forecast table: by the meter's interval and by the local day.

    Args:
        forecast: What is predicted.
        history: Of which meter.
        issued_at: When it was made, UTC.
        data_known_at: No value in it became known later; None where that was not noted.
    """
    meter_type, meter_id = parsed_meter_key(history.key)
    parts = [_rows(forecast.daily, resolution="daily")]
    if not history.is_daily:
        parts.insert(0, _rows(forecast.intervals, resolution="hourly"))
    rows = pd.concat(parts, ignore_index=True).assign(
        meter_type=meter_type,
        meter_id=meter_id,
        issued_at=issued_at,
        model_id=forecast.model_id,
        imputed_share=forecast.imputed_share,
    )
    return with_data_known_at(rows, data_known_at)[CONSUMPTION_FORECAST.names]


def _rows(rows: ForecastRows, *, resolution: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "resolution": resolution,
            "valid_at": rows.valid_at,
            "value": rows.median,
            "mean": rows.mean,
            **dict(zip(QUANTILE_NAMES, rows.quantiles.T, strict=True)),
            "temperature_c": rows.temperature_c,
            "basis": rows.basis.astype(object),
            "weather": rows.weather.astype(object),
        }
    )


def explanation_row(
    forecast: Forecast, history: Series, *, issued_at: pd.Timestamp
) -> pd.DataFrame:
    """The row of the explanation table that goes with a forecast."""
    meter_type, meter_id = parsed_meter_key(history.key)
    return pd.DataFrame(
        {
            "meter_type": [meter_type],
            "meter_id": [meter_id],
            "issued_at": [issued_at],
            "model_id": [forecast.model_id],
            "lines": [list(forecast.explanation.lines)],
            "contributions": [dict(forecast.explanation.contributions)],
        }
    )[CONSUMPTION_EXPLANATION.names]
