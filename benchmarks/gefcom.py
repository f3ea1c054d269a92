"""GEFCom2014-E, day-ahead from midnight over the set's last year, with the actual temperature.

`python -m benchmarks.gefcom [--data DIR] [--quick] [--families a,b]`. Models learn from everything
before that year. The temperature of the hours to predict is given as measured, as in the
competition's own papers; `no_weather` rows do without it. Settings were chosen on the year before.
`--quick` takes three months and the documented defaults.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.accuracy import (
    Outcome,
    Task,
    arguments,
    best_naive,
    contest,
    family_figures,
    project_families,
    report_accuracy,
    selected,
    with_points,
)
from benchmarks.real_histories import DATA
from benchmarks.reporting import Figure
from energy_assets.forecasting.boosting import Boosting, accurate_day_ahead
from energy_assets.forecasting.series import LEAD_DAYS, TEMPERATURE, KnownFuture, Series

ZONE = "Etc/GMT+5"
"""The publisher smoothed the clock changes away."""


VANILLA_YEARS = 3
"""Its trend is a straight line, which holds for a few years."""


def main() -> None:
    """Score the last year of the set."""
    folder, quick = DATA / "gefcom2014_e_hourly", "three months, defaults only"
    asked = arguments(__doc__, data=folder, quick=quick).parse_args()
    series = gefcom_series(asked.data)
    year = int(series.starts[-1].tz_convert(ZONE).year)
    until = pd.Timestamp(f"{year}-04-01" if asked.quick else f"{year + 1}-01-01", tz=ZONE)
    since = pd.Timestamp(f"{year}-01-01", tz=ZONE).tz_convert("UTC")
    task = Task(start_at=since, end_at=until.tz_convert("UTC"))
    params = None if asked.quick else accurate_day_ahead()
    outcome = contest([series], selected(project_families(params=params), asked.families), task)
    if "xgboost" in outcome.predicted:
        outcome = _with_defaults(outcome, series, quick=asked.quick)
    outcome = with_points(outcome, "vanilla", {series.key: vanilla(series, since=since)})
    report_accuracy("gefcom", outcome, _flat(outcome, year, quick=asked.quick))


def _with_defaults(outcome: Outcome, series: Series, *, quick: bool) -> Outcome:
    """The outcome beside the documented trees, with the temperature and without."""
    blind = contest([replace(series, future={})], {"no_weather": Boosting()}, outcome.task)
    outcome = outcome.beside(blind, {"no_weather": "no_weather"})
    if quick:
        return outcome.beside(outcome, {"xgboost": "xgboost_defaults"})
    plain = contest([series], {"xgboost_defaults": Boosting()}, outcome.task)
    return outcome.beside(plain, {"xgboost_defaults": "xgboost_defaults"})


def _flat(outcome: Outcome, year: int, *, quick: bool) -> dict[str, Figure]:
    found = family_figures(outcome)
    best = best_naive(found, "mape")
    flat: dict[str, Figure] = {
        "quick": quick,
        "year": year,
        "rows": sum(int(np.isfinite(own.actual).sum()) for own in outcome.rows.values()),
        "vanilla_mape": found["vanilla"]["mape"],
        "best_naive": best.removeprefix("naive_"),
        "best_naive_mape": found[best]["mape"],
    }
    if "xgboost" in found:
        flat |= {
            "mape": found["xgboost"]["mape"],
            "defaults_mape": found["xgboost_defaults"]["mape"],
            "no_weather_mape": found["no_weather"]["mape"],
            "coverage_90": found["xgboost"]["coverage_90"],
            "defaults_coverage_90": found["xgboost_defaults"]["coverage_90"],
        }
    return flat


def gefcom_series(folder: Path) -> Series:
    """Load, with the temperature as known ahead; hours 1 to 24 are named after their end."""
    path = next(p for p in sorted(folder.glob("GEFCom2014-E.csv*")))
    rows = pd.read_csv(path)
    clock = pd.to_datetime(rows["Date"]) + pd.to_timedelta(rows["Hour"] - 1, unit="h")
    starts = pd.DatetimeIndex(clock).tz_localize(ZONE).tz_convert("UTC")
    load = rows["load"].to_numpy(np.float64)
    first = int(np.flatnonzero(np.isfinite(load))[0])
    temperature_c = (rows["T"].to_numpy(np.float64)[first:] - 32.0) / 1.8
    nothing = np.full((len(temperature_c), LEAD_DAYS), np.nan)
    weather = KnownFuture(
        starts=starts[first:],
        observed=temperature_c,
        predicted=nothing,
        normal=np.zeros_like(nothing, dtype=np.bool_),
    )
    return Series(
        key="GEFCom2014-E",
        unit="kWh",
        start_at=starts[first],
        interval_minutes=60,
        zone=ZONE,
        country="US",
        values=load[first:],
        future={TEMPERATURE: weather},
    )


def vanilla(history: Series, *, since: pd.Timestamp) -> pd.Series:
    """Tao's vanilla regression: trend, month, weekday by hour, cubic temperature by both.

    Hong (2010), Short Term Electric Load Forecasting, North Carolina State University.
    """
    local = history.starts.tz_convert(ZONE)
    warmth = (history.future[TEMPERATURE].observed - 10.0) / 10.0
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
