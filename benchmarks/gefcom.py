"""GEFCom2014-E, day-ahead from midnight over the set's last year, with the actual temperature.

`python -m benchmarks.gefcom [--data DIR] [--quick]`. Models learn from everything before that year.
The temperature of the hours to predict is given as measured, as in the competition's own papers;
`no_weather` rows do without it. Settings were chosen on the year before. `--quick` takes three
months and the documented defaults.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.meter_days import add_model, add_points, table_of, window_of
from benchmarks.real_histories import DATA
from benchmarks.reporting import Figure, report
from energy_assets.forecasting.boosting import accurate_day_ahead
from energy_assets.forecasting.naive import NAIVES
from energy_assets.forecasting.series import LEAD_DAYS, KnownFuture, Series

ZONE = "Etc/GMT+5"
"""The publisher smoothed the clock changes away."""


VANILLA_YEARS = 3
"""Its trend is a straight line, which holds for a few years."""


def main() -> None:
    """Score the last year of the set."""
    parser = argparse.ArgumentParser(description=__doc__)
    folder = DATA / "gefcom2014_e_hourly"
    parser.add_argument("--data", type=Path, default=folder, help="folder of the set")
    parser.add_argument("--quick", action="store_true", help="three months, defaults only")
    asked = parser.parse_args()
    history, weather = gefcom_history(asked.data)
    year = history.starts[-1].tz_convert(ZONE).year
    since = pd.Timestamp(f"{year}-01-01", tz=ZONE).tz_convert("UTC")
    until = pd.Timestamp(f"{year}-04-01" if asked.quick else f"{year + 1}-01-01", tz=ZONE)
    window = window_of(history, since=since, until=until.tz_convert("UTC"))
    add_points(window, "vanilla", vanilla(history, weather, since=since))
    add_model(window, "xgboost_defaults", params=None, weather=weather)
    add_model(window, "no_weather", params=None)
    if not asked.quick:
        add_model(window, "xgboost", params=accurate_day_ahead(), weather=weather)
    found = window.figures()
    best = min(NAIVES, key=lambda name: float(found[f"naive_{name}"]["mape_percent"] or 0))
    served = "xgboost_defaults" if asked.quick else "xgboost"
    figures: dict[str, Figure] = {
        "quick": asked.quick,
        "year": int(year),
        "rows": int(np.isfinite(window.tests.actual).sum()),
        "mape": found[served]["mape_percent"],
        "defaults_mape": found["xgboost_defaults"]["mape_percent"],
        "no_weather_mape": found["no_weather"]["mape_percent"],
        "vanilla_mape": found["vanilla"]["mape_percent"],
        "best_naive": best,
        "best_naive_mape": found[f"naive_{best}"]["mape_percent"],
        "coverage_90": found[served]["coverage_90"],
        "defaults_coverage_90": found["xgboost_defaults"]["coverage_90"],
    }
    report("gefcom", table_of({"gefcom": window}), figures)


def gefcom_history(folder: Path) -> tuple[Series, KnownFuture]:
    """Load and temperature; hours 1 to 24 are named after their end."""
    path = next(p for p in sorted(folder.glob("GEFCom2014-E.csv*")))
    rows = pd.read_csv(path)
    clock = pd.to_datetime(rows["Date"]) + pd.to_timedelta(rows["Hour"] - 1, unit="h")
    starts = pd.DatetimeIndex(clock).tz_localize(ZONE).tz_convert("UTC")
    load = rows["load"].to_numpy(np.float64)
    first = int(np.flatnonzero(np.isfinite(load))[0])
    temperature_c = (rows["T"].to_numpy(np.float64)[first:] - 32.0) / 1.8
    nothing = np.full((len(temperature_c), LEAD_DAYS), np.nan)
    history = Series(
        key="GEFCom2014-E",
        unit="kWh",
        start_at=starts[first],
        interval_minutes=60,
        zone=ZONE,
        country="US",
        values=load[first:],
    )
    weather = KnownFuture(
        starts=starts[first:],
        observed=temperature_c,
        predicted=nothing,
        normal=np.zeros_like(nothing, dtype=np.bool_),
    )
    return history, weather


def vanilla(history: Series, weather: KnownFuture, *, since: pd.Timestamp) -> pd.Series:
    """Tao's vanilla regression: trend, month, weekday by hour, cubic temperature by both.

    Hong (2010), Short Term Electric Load Forecasting, North Carolina State University.
    """
    local = history.starts.tz_convert(ZONE)
    warmth = (weather.observed - 10.0) / 10.0
    month = np.eye(12)[local.month.to_numpy() - 1]
    hour = np.eye(24)[local.hour.to_numpy()]
    weekly = np.eye(168)[local.day_of_week.to_numpy() * 24 + local.hour.to_numpy()]
    table = [np.linspace(0, 1, len(local))[:, None], month, weekly]
    for power in (1, 2, 3):
        table += [month * warmth[:, None] ** power, hour * warmth[:, None] ** power]
    columns = np.concatenate(table, axis=1)
    recent = history.starts >= since - pd.DateOffset(years=VANILLA_YEARS)
    learned = np.asarray(recent & (history.starts < since)) & np.isfinite(history.values)
    square = columns[learned].T @ columns[learned] + 1e-6 * np.eye(columns.shape[1])
    weights = np.linalg.solve(square, columns[learned].T @ history.values[learned])
    return pd.Series(columns @ weights, index=history.starts)


if __name__ == "__main__":
    main()
