"""Regions of PJM, day-ahead from local midnight over 2015-01-01..2018-08-02, without weather.

`python -m benchmarks.pjm [--data DIR] [--quick] [--families a,b]`: every `REGION_hourly.csv[.gz]`
of the folder. Models learn again at each New Year from everything before it; `xgboost_once` and
`xgboost_defaults` learn once. Settings were chosen on 2013 and 2014. Of files that hold nothing of
these years the last year is scored. `--quick` takes three months and the documented defaults.
"""

from collections.abc import Sequence
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
from energy_assets.calendar import is_holiday, local_day, utc_of
from energy_assets.forecasting.boosting import Boosting, accurate_day_ahead
from energy_assets.forecasting.series import Series

ZONE = "America/New_York"
"""The stamps are of its prevailing clock."""

FIRST_DAY = pd.Timestamp("2015-01-01")
"""First day of the window."""

LAST_DAY = pd.Timestamp("2018-08-02")
"""Its last day."""


def main() -> None:
    """Score all regions of the folder."""
    quick = "three months, defaults only"
    asked = arguments(__doc__, data=DATA / "pjm_hourly", quick=quick).parse_args()
    regions = pjm_series(asked.data)
    task = window(regions, quick=asked.quick)
    params = None if asked.quick else accurate_day_ahead()
    outcome = contest(regions, selected(project_families(params=params), asked.families), task)
    if "xgboost" in outcome.predicted:
        outcome = _learned_once(outcome, regions, quick=asked.quick)
    ridges = {one.key: plain_ridge(one, since=task.start_at) for one in regions}
    outcome = with_points(outcome, "ridge", ridges)
    figures: dict[str, Figure] = {"quick": asked.quick, "regions": len(outcome.rows)}
    for region in outcome.rows:
        figures |= _flat(outcome, region)
    report_accuracy("pjm", outcome, figures, by_series=True)


def window(regions: Sequence[Series], *, quick: bool) -> Task:
    """2015 to the summer of 2018, or the last year of what there is; learn again at New Year."""
    newest = local_day(max(one.end_at for one in regions), ZONE)
    end = min(newest, LAST_DAY + pd.DateOffset(days=1))
    start = FIRST_DAY if newest > FIRST_DAY else newest - pd.DateOffset(years=1)
    if quick:
        end = min(end, start + pd.DateOffset(months=3))
    years = [pd.Timestamp(f"{year}-01-01") for year in range(start.year + 1, end.year + 1)]
    return Task(
        start_at=utc_of(start, ZONE),
        end_at=utc_of(end, ZONE),
        refits=[utc_of(year, ZONE) for year in years if year < end],
    )


def _learned_once(outcome: Outcome, regions: Sequence[Series], *, quick: bool) -> Outcome:
    """The outcome beside trees that do not learn again: the documented ones and the accurate."""
    if quick:
        return outcome.beside(outcome, {"xgboost": "xgboost_defaults"})
    task = Task(start_at=outcome.task.start_at, end_at=outcome.task.end_at)
    once = {"defaults": Boosting(), "once": Boosting(params=accurate_day_ahead())}
    other = contest(regions, once, task)
    return outcome.beside(other, {name: f"xgboost_{name}" for name in once})


def _flat(outcome: Outcome, region: str) -> dict[str, Figure]:
    found = family_figures(outcome, keys=[region])
    best = best_naive(found, "mape")
    served = "xgboost" if "xgboost" in found else "champion"
    learned = {name: own for name, own in found.items() if not name.startswith("naive_")}
    return {
        f"{region}_rows": int(np.isfinite(outcome.rows[region].actual).sum()),
        f"{region}_best_naive": best.removeprefix("naive_"),
        f"{region}_best_naive_mape": found[best]["mape"],
        **{f"{region}_{name}_mape": own["mape"] for name, own in learned.items()},
        f"{region}_coverage_90": found[served]["coverage_90"],
    }


def pjm_series(folder: Path) -> list[Series]:
    """Every region of a folder.

    Raises:
        FileNotFoundError: It holds none.
    """
    names = sorted({path.name.split("_hourly.csv")[0] for path in folder.glob("*_hourly.csv*")})
    if not names:
        raise FileNotFoundError(
            f"{folder} holds no REGION_hourly.csv or REGION_hourly.csv.gz: give the folder of the "
            f"set with --data."
        )
    return beside_each_other([pjm_history(folder, name) for name in names])


def beside_each_other(regions: Sequence[Series]) -> list[Series]:
    """Each region with the load of the others, known up to each origin, beside its own."""
    loads = {one.key: pd.Series(one.values, index=one.starts) for one in regions}
    return [
        replace(
            one,
            past={
                key: load.reindex(one.starts).to_numpy(np.float64)
                for key, load in loads.items()
                if key != one.key
            },
        )
        for one in regions
    ]


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
