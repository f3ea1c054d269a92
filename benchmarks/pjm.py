"""Two regions of PJM, day-ahead from local midnight over 2015-01-01..2018-08-02, without weather.

`python -m benchmarks.pjm [--data DIR] [--quick]`. Models learn from everything before the window
(`once`), or again at each New Year from everything before that. Settings were chosen on 2013 and
2014. `--quick` takes three months and the documented defaults.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.meter_days import Window, add_model, add_points, table_of, window_of
from benchmarks.real_histories import DATA
from benchmarks.reporting import Figure, report
from energy_assets.calendar import is_holiday
from energy_assets.forecasting.boosting import accurate_day_ahead
from energy_assets.forecasting.naive import NAIVES
from energy_assets.forecasting.series import Series

ZONE = "America/New_York"
"""The stamps are of its prevailing clock."""

REGIONS = ("PJME", "AEP")

FIRST_YEAR = 2015


def main() -> None:
    """Score both regions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA / "pjm_hourly", help="folder of the set")
    parser.add_argument("--quick", action="store_true", help="three months, defaults only")
    asked = parser.parse_args()
    windows: dict[str, Window] = {}
    for region in REGIONS:
        history = pjm_history(asked.data, region)
        since = pd.Timestamp(f"{FIRST_YEAR}-01-01", tz=ZONE).tz_convert("UTC")
        until = pd.Timestamp("2015-04-01" if asked.quick else "2018-08-03", tz=ZONE)
        window = window_of(history, since=since, until=until.tz_convert("UTC"))
        add_points(window, "ridge", plain_ridge(history, since=since))
        add_model(window, "xgboost_defaults", params=None)
        if not asked.quick:
            years = pd.to_datetime([f"{year}-01-01" for year in (2016, 2017, 2018)])
            refits = list(years.tz_localize(ZONE).tz_convert("UTC"))
            add_model(window, "xgboost_once", params=accurate_day_ahead())
            add_model(window, "xgboost", params=accurate_day_ahead(), refits=refits)
        windows[region] = window
    figures: dict[str, Figure] = {"quick": asked.quick}
    for region, window in windows.items():
        found = window.figures()
        best = min(NAIVES, key=lambda name: float(found[f"naive_{name}"]["mape_percent"] or 0))
        figures[f"{region}_rows"] = int(np.isfinite(window.tests.actual).sum())
        figures[f"{region}_best_naive"] = best
        figures[f"{region}_best_naive_mape"] = found[f"naive_{best}"]["mape_percent"]
        for family in found:
            if not family.startswith("naive"):
                figures[f"{region}_{family}_mape"] = found[family]["mape_percent"]
        served = "xgboost_defaults" if asked.quick else "xgboost"
        figures[f"{region}_coverage_90"] = found[served]["coverage_90"]
    report("pjm", table_of(windows), figures)


def pjm_history(folder: Path, region: str) -> Series:
    """One region's hours; stamps are the end of the hour on the prevailing clock."""
    path = next(p for p in sorted(folder.glob(f"{region}_hourly.csv*")))
    rows = pd.read_csv(path, names=["ended", "mw"], header=0)
    rows["ended"] = pd.to_datetime(rows["ended"])
    rows = rows.sort_values("ended", kind="stable")
    clock = pd.DatetimeIndex(rows["ended"]) - pd.Timedelta(hours=1)
    first_of_two = ~clock.duplicated(keep="first")
    starts = clock.tz_localize(ZONE, ambiguous=first_of_two, nonexistent="NaT").tz_convert("UTC")
    load = pd.Series(rows["mw"].to_numpy(np.float64), index=starts)
    load = load[load.index.notna() & ~load.index.duplicated()]
    grid = pd.date_range(load.index.min(), load.index.max(), freq="h")
    return Series(
        key=region,
        unit="kWh",
        start_at=grid[0],
        interval_minutes=60,
        zone=ZONE,
        country="US",
        values=load.reindex(grid).to_numpy(np.float64),
    )


def plain_ridge(history: Series, *, since: pd.Timestamp) -> pd.Series:
    """A ridge regression per hour on yesterday's and last week's 24 values and the calendar."""
    local = history.starts.tz_convert(ZONE)
    load = pd.Series(history.values, index=history.starts)
    by_day = load.groupby([local.normalize().tz_localize(None), local.hour]).mean().unstack()
    by_day = by_day.interpolate(axis=1, limit=2)
    days = pd.DatetimeIndex(by_day.index)
    turn = 2 * np.pi * days.day_of_year.to_numpy() / 365.25
    calendar = [(days.day_of_week == day).astype(float) for day in range(6)]
    calendar += [wave(k * turn) for k in (1, 2) for wave in (np.sin, np.cos)]
    calendar += [np.array([is_holiday(day.date(), ZONE, "US") for day in days], dtype=float)]
    table = np.column_stack([by_day.shift(1), by_day.shift(7), *calendar])
    known = np.isfinite(table).all(axis=1)
    cut = since.tz_convert(ZONE).tz_localize(None)
    learned = known & (days < cut) & np.isfinite(by_day.to_numpy()).all(axis=1)
    centre, spread = table[learned].mean(axis=0), table[learned].std(axis=0) + 1e-9
    scaled = np.column_stack([(table - centre) / spread, np.ones(len(table))])
    square = scaled[learned].T @ scaled[learned] + np.eye(scaled.shape[1])
    weights = np.linalg.solve(square, scaled[learned].T @ by_day.to_numpy()[learned])
    predicted = pd.DataFrame(scaled @ weights, index=days)
    at = days.get_indexer(local.normalize().tz_localize(None))
    return pd.Series(predicted.to_numpy()[at, local.hour], index=history.starts)


if __name__ == "__main__":
    main()
