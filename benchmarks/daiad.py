"""Water meters of homes in Alicante, day-ahead from local midnight over February 2017.

`python -m benchmarks.daiad [--data DIR] [--quick]`. One model a home, learned once from the months
before with the documented defaults. The sum of all homes has one with the defaults too, and one
with the accurate setting, chosen on September to January, that learns again each week from what was
known by then. WAPE is pooled over all home-hours. `--quick` takes 8 homes and one week.
"""

import argparse
import time
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.meter_days import Window, add_model, window_of
from benchmarks.real_histories import DATA
from benchmarks.reporting import Figure, report
from energy_assets.forecasting import metrics
from energy_assets.forecasting.boosting import TooFewRowsError, accurate_day_ahead
from energy_assets.forecasting.naive import NAIVES
from energy_assets.forecasting.series import Series

ZONE = "Europe/Madrid"
"""Presumed: the publisher does not state it."""

LARGEST_STEP_L = 2_000.0
"""More than this in one step is a swapped meter or an overflow. [l]"""

LONGEST_STEP_H = 3.0
"""What was used over longer steps is not known by the hour. [h]"""

FEWEST_KNOWN_SHARE = 0.5
"""Homes of which less of the window is known are not scored, nor are they in the sum."""


def main() -> None:
    """Score February 2017."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA / "daiad_water", help="folder of the set")
    parser.add_argument("--quick", action="store_true", help="8 homes, one week")
    asked = parser.parse_args()
    since = pd.Timestamp("2017-02-01", tz=ZONE).tz_convert("UTC")
    until = pd.Timestamp("2017-02-08" if asked.quick else "2017-03-01", tz=ZONE).tz_convert("UTC")
    homes = [h for h in daiad_histories(asked.data) if _is_known(h, since, until)]
    windows: dict[str, Window] = {}
    started = time.process_time()
    for history in homes[: 8 if asked.quick else None]:
        window = window_of(history, since=since, until=until)
        try:
            add_model(window, "xgboost", params=None)
        except TooFewRowsError:
            continue
        windows[history.key] = window
    cpu_s = time.process_time() - started
    total = window_of(_sum_of(homes), since=since, until=until)
    add_model(total, "xgboost_defaults", params=None)
    weekly = list(pd.date_range(since, until, freq="7D", inclusive="neither"))
    add_model(total, "xgboost", params=accurate_day_ahead(), refits=weekly)
    families = ["xgboost", *(f"naive_{name}" for name in NAIVES)]
    pooled = {family: _pooled(windows, family) for family in families}
    summed = total.figures()
    table: list[dict[str, Figure]] = [
        {
            "family": family,
            "pooled_wape": pooled[family][0],
            "pooled_mae_l": pooled[family][1] * 1000,
            "pooled_coverage_90": pooled[family][2],
            "summed_wape": summed[family]["wape"],
            "summed_coverage_90": summed[family]["coverage_90"],
        }
        for family in families
    ]
    naives = families[1:]
    best = min(naives, key=lambda family: pooled[family][0])
    best_sum = min(naives, key=lambda family: float(summed[family]["wape"] or 0))
    figures: dict[str, Figure] = {
        "quick": asked.quick,
        "homes": len(windows),
        "rows": sum(int(np.isfinite(w.tests.actual).sum()) for w in windows.values()),
        "pooled_wape": pooled["xgboost"][0],
        "best_naive_pooled": best,
        "best_naive_pooled_wape": pooled[best][0],
        "pooled_coverage_90": pooled["xgboost"][2],
        "summed_wape": summed["xgboost"]["wape"],
        "summed_defaults_wape": summed["xgboost_defaults"]["wape"],
        "best_naive_summed": best_sum,
        "best_naive_summed_wape": summed[best_sum]["wape"],
        "summed_coverage_90": summed["xgboost"]["coverage_90"],
        "cpu_s_per_home": cpu_s / max(len(windows), 1),
    }
    report("daiad", table, figures)


def daiad_histories(folder: Path) -> list[Series]:
    """Homes by the hour in m3: the register, read at odd times, is interpolated to full hours."""
    with zipfile.ZipFile(folder / "swm_trialA.zip") as archive:
        name = next(n for n in archive.namelist() if n.endswith(".csv"))
        with archive.open(name) as file:
            rows = pd.read_csv(file, sep=";", names=["home", "clock", "register_l", "_"], header=0)
    rows["clock"] = pd.to_datetime(rows["clock"], format="%d/%m/%Y %H:%M:%S")
    rows = rows.drop_duplicates(["home", "clock"]).sort_values(["home", "clock"])
    return [_home(str(home), own) for home, own in rows.groupby("home")]


def _home(home: str, rows: pd.DataFrame) -> Series:
    clock = pd.DatetimeIndex(rows["clock"]).tz_localize(
        ZONE, ambiguous=np.ones(len(rows), dtype=np.bool_), nonexistent="shift_forward"
    )
    at_s = clock.tz_convert("UTC").as_unit("s").asi8.astype(np.float64)
    order = np.argsort(at_s, kind="stable")
    at_s, register_l = at_s[order], rows["register_l"].to_numpy(np.float64)[order]
    step_l, step_s = np.diff(register_l), np.diff(at_s)
    sound = (step_l >= 0) & (step_l <= LARGEST_STEP_L) & (step_s <= LONGEST_STEP_H * 3600)
    used_l = np.concatenate([[0.0], np.where(sound, step_l, 0.0).cumsum()])
    unsound_s = np.concatenate([[0.0], np.where(sound, 0.0, step_s).cumsum()])
    first, last = np.ceil(at_s[0] / 3600), np.floor(at_s[-1] / 3600)
    edges_s = np.arange(first, last + 1) * 3600
    energy = np.diff(np.interp(edges_s, at_s, used_l)) / 1000.0
    energy[np.diff(np.interp(edges_s, at_s, unsound_s)) > 0] = np.nan
    return Series(
        key=home,
        unit="m3",
        start_at=pd.Timestamp(edges_s[0], unit="s", tz="UTC"),
        interval_minutes=60,
        zone=ZONE,
        country="ES",
        values=energy,
    )


def _is_known(history: Series, since: pd.Timestamp, until: pd.Timestamp) -> bool:
    inside = (history.starts >= since) & (history.starts < until)
    hours = (until - since) / pd.Timedelta(hours=1)
    known = float(np.isfinite(history.values[inside]).sum())
    return known >= FEWEST_KNOWN_SHARE * hours and bool(len(history.starts))


def _sum_of(homes: list[Series]) -> Series:
    """The mean of the homes known in each hour, times their number."""
    table = pd.DataFrame({home.key: pd.Series(home.values, index=home.starts) for home in homes})
    grid = pd.date_range(table.index.min(), table.index.max(), freq="h")
    table = table.reindex(grid)
    mean = table.mean(axis=1).where(table.notna().mean(axis=1) >= FEWEST_KNOWN_SHARE)
    return Series(
        key="sum",
        unit="m3",
        start_at=grid[0],
        interval_minutes=60,
        zone=ZONE,
        country="ES",
        values=(mean * len(homes)).to_numpy(np.float64),
    )


def _pooled(windows: dict[str, Window], family: str) -> tuple[float, float, float]:
    """WAPE, MAE in m3 and coverage over all rows of all homes."""
    actual = np.concatenate([window.tests.actual for window in windows.values()])
    table = np.concatenate([window.quantiles[family] for window in windows.values()])
    point = table[:, table.shape[1] // 2]
    return (
        metrics.wape(actual, point),
        metrics.mae(actual, point),
        metrics.coverage(actual, table[:, 0], table[:, -1]),
    )


if __name__ == "__main__":
    main()
