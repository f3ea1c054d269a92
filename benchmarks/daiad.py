"""Water meters of homes in Alicante, day-ahead from local midnight over February 2017.

`python -m benchmarks.daiad [--data DIR] [--quick] [--families a,b]`. Models learn once from the
months before, trees with the documented defaults. The sum of all homes is a series of its own: its
trees have the accurate setting, chosen on September to January, and learn again each week from what
was known by then. `pooled` figures are over the homes that had enough to learn from,
`families_with_median` over those whose 28-day median is known in every scored hour. Of another year
the last month of the set is scored. `--quick` takes 8 homes and one week.
"""

import zipfile
from collections.abc import Sequence
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
)
from benchmarks.accuracy.reports import FamilyFigures
from benchmarks.accuracy.rows import WindowRows
from benchmarks.real_histories import DATA
from benchmarks.reporting import Figure
from energy_assets.calendar import local_day, utc_of
from energy_assets.forecasting.boosting import Boosting, accurate_day_ahead
from energy_assets.forecasting.naive import ERROR_DAYS, raw_past
from energy_assets.forecasting.past import Rows, newest_days
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
    """Score the last month of the set, February 2017 of the published one."""
    asked = arguments(__doc__, data=DATA / "daiad_water", quick="8 homes, one week").parse_args()
    every = daiad_histories(asked.data)
    task = window(every, quick=asked.quick)
    homes = [one for one in every if _is_known(one, task.start_at, task.end_at)]
    scored = homes[: 8 if asked.quick else None]
    outcome = contest(scored, selected(project_families(), asked.families), task)
    summed = _summed(_sum_of(homes), task, asked.families)
    learned = [key for key in outcome.rows if key in outcome.models.get("xgboost", outcome.rows)]
    with_median = [key for key, own in outcome.rows.items() if median_is_known(own)]
    parts = {
        "families_sum": family_figures(summed),
        "families_with_median": family_figures(outcome, keys=with_median),
    }
    flat: dict[str, Figure] = {
        "quick": asked.quick,
        "homes": len(learned),
        "rows": sum(int(np.isfinite(outcome.rows[key].actual).sum()) for key in learned),
        "homes_with_median": len(with_median),
        **_flat(outcome, family_figures(outcome, keys=learned), parts["families_sum"]),
    }
    report_accuracy("daiad", outcome, flat, parts=parts)


def window(homes: Sequence[Series], *, quick: bool) -> Task:
    """The last month of which the set holds 27 days; of `--quick` its first week."""
    newest = max(home.end_at for home in homes)
    start = local_day(newest - pd.Timedelta(days=27), ZONE).replace(day=1)
    end = start + (pd.DateOffset(days=7) if quick else pd.DateOffset(months=1))
    return Task(start_at=utc_of(start, ZONE), end_at=utc_of(end, ZONE))


def _summed(total: Series, task: Task, names: str | None) -> Outcome:
    """The sum of the homes, learned again each week, beside the documented trees learned once."""
    weekly = pd.date_range(task.start_at, task.end_at, freq="7D", inclusive="neither")
    families = selected(project_families(params=accurate_day_ahead()), names)
    again = Task(start_at=task.start_at, end_at=task.end_at, refits=list(weekly))
    outcome = contest([total], families, again)
    if "xgboost" not in families:
        return outcome
    plain = contest([total], {"xgboost_defaults": Boosting()}, task)
    return outcome.beside(plain, {"xgboost_defaults": "xgboost_defaults"})


def median_is_known(rows: WindowRows) -> bool:
    """Whether each scored hour was known at the same clock time on one of the 28 days before."""
    series = rows.series
    asked = Rows(
        origins=np.repeat(rows.first, rows.counts),
        targets=rows.first[0] + np.arange(len(rows), dtype=np.int64),
        steps_per_day=series.steps_per_day,
    )
    median, _ = newest_days(raw_past(series), asked, ERROR_DAYS)
    return bool(np.isfinite(median[np.isfinite(rows.actual)]).all())


def _flat(outcome: Outcome, pooled: FamilyFigures, summed: FamilyFigures) -> dict[str, Figure]:
    best, best_sum = best_naive(pooled), best_naive(summed)
    flat: dict[str, Figure] = {
        "best_naive_pooled": best,
        "best_naive_pooled_wape": pooled[best]["wape"],
        "best_naive_summed": best_sum,
        "best_naive_summed_wape": summed[best_sum]["wape"],
    }
    if "xgboost" in pooled:
        flat |= {
            "pooled_wape": pooled["xgboost"]["wape"],
            "pooled_coverage_90": pooled["xgboost"]["coverage_90"],
            "summed_wape": summed["xgboost"]["wape"],
            "summed_defaults_wape": summed["xgboost_defaults"]["wape"],
            "summed_coverage_90": summed["xgboost"]["coverage_90"],
            "cpu_s_per_home": outcome.cost["xgboost"].cpu_s / outcome.learned,
        }
    return flat


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


if __name__ == "__main__":
    main()
