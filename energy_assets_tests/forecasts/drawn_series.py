"""Series and forecasts of every shape, for pictures: what is measured is known by hand."""

import numpy as np
import pandas as pd

from energy_assets.contracts.columns import QUANTILE_NAMES
from energy_assets.forecasting.series import Series
from energy_assets.forecasts.flow import Measured, SeriesFacts
from energy_assets.forecasts.stored_forecasts import FORECAST_COLUMNS


def facts(name="Electricity meter m1", *, unit="kWh", zone="Europe/Berlin", quantity="Consumption"):
    return SeriesFacts(name=name, unit=unit, zone=zone, quantity=quantity)


def measured(values, end, *, minutes=60, zone="Europe/Berlin", temperature_c=np.nan, register=None):
    """Values up to an instant."""
    end = pd.Timestamp(end)
    if minutes == 1440:
        days = pd.date_range(end=end.tz_convert(zone), periods=len(values) + 1, freq="D")
        start = days[0].tz_convert("UTC")
    else:
        start = end.tz_convert("UTC") - len(values) * pd.Timedelta(minutes=minutes)
    values = np.asarray(values, float)
    nothing = np.full(len(values), np.nan)
    return Measured(
        series=Series(
            key="electricity/m1",
            unit="kWh",
            start_at=start,
            interval_minutes=minutes,
            zone=zone,
            values=values,
        ),
        reason=np.full(len(values), None, object),
        temperature_c=nothing + temperature_c if np.isscalar(temperature_c) else temperature_c,
        register=nothing if register is None else register,
        features=pd.DataFrame(),
    )


def forecast(starts, value, *, mean=None, spread=0.1, resolution="hourly", **columns):
    """Rows of one forecast whose quantiles lie `spread` apart around the median."""
    value = np.broadcast_to(np.asarray(value, float), len(starts))
    rows = pd.DataFrame({"valid_at": pd.DatetimeIndex(starts).tz_convert("UTC")})
    for place, name in enumerate(QUANTILE_NAMES, start=-3):
        rows[name] = value + place * np.asarray(spread)
    rows = rows.assign(
        series_key="electricity/m1",
        resolution=resolution,
        issued_at=rows["valid_at"].min(),
        value=value,
        mean=value if mean is None else mean,
        register=np.nan,
        temperature_c=np.nan,
        basis="xgboost",
        weather="none",
        model_id="m",
        imputed_share=0.0,
        data_known_at=rows["valid_at"].min(),
    )
    return rows.assign(**columns)[list(FORECAST_COLUMNS)]
