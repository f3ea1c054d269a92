"""How wrong one issued forecast was, by lead day, beside the seasonal naives: rows of the ledger.

Pure: the forecast, what happened and what the naives say come in.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.calendar import utc_of
from energy_assets.contracts.columns import QUANTILES
from energy_assets.contracts.ledger import Flow, Resolution
from energy_assets.forecasting.forecast import MEDIAN, Forecast, ForecastRows, plain_rows
from energy_assets.forecasting.series import Series
from energy_assets.forecasts.flow import Known
from energy_assets.forecasts.issued import DAY, Issue, lead_day_end, lead_days


def family_of(basis: str) -> str:
    """The family behind what made a row; a basis of no other name is its own family."""
    return FAMILIES.get(basis, basis)


FAMILIES: Final[Mapping[str, str]] = {
    "customer": "bilstm",
    "shared": "bilstm",
    "xgboost": "xgboost",
    "no_weather": "xgboost",
}
"""The family behind each `basis`; a basis that is not here, such as a naive, is its own family."""

MISSED: Final[float] = 2 / 0.1
"""What a value outside its 90 % band costs per unit of distance, beside the band's width."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LeadDay:
    """One lead day of an issue beside what happened.

    Attributes:
        resolution: Of its rows.
        lead_day: From 1.
        start_at: Start of its first row.
        end_at: When it was over.
        which: Its rows among those of the resolution.
        actual: What happened in each of them, NaN where that is not known.
        known_at: When the newest of these values became known.
    """

    resolution: Resolution
    lead_day: int
    start_at: pd.Timestamp
    end_at: pd.Timestamp
    which: NDArray[np.bool_]
    actual: NDArray[np.float64]
    known_at: pd.Timestamp


def lead_days_of(issue: Issue, known: Known) -> Iterator[LeadDay]:
    """The lead days of an issue of which some value is known, over or not.

    Args:
        issue: Its forecast.
        known: The series as it is known now.
    """
    zone, origin_at = known.series.zone, issue.origin_at
    for resolution, rows in issue.rows.items():
        happened = actual_values(known.series, rows.valid_at, resolution)
        days = lead_days(rows.valid_at, resolution, origin_at=origin_at, zone=zone)
        for day in np.unique(days[np.isfinite(happened)]).tolist():
            which = days == day
            starts = rows.valid_at[which]
            end_at = lead_day_end(starts[-1], day, resolution, origin_at=origin_at, zone=zone)
            known_at = known.newest_between(starts[0], end_at)
            if known_at is not None:
                yield LeadDay(
                    resolution=resolution,
                    lead_day=day,
                    start_at=starts[0],
                    end_at=end_at,
                    which=which,
                    actual=happened[which],
                    known_at=known_at,
                )


def actual_values(
    series: Series, valid_at: pd.DatetimeIndex, resolution: Resolution
) -> NDArray[np.float64]:
    """What happened in intervals or local days, NaN where it is not known wholly."""
    if resolution == "hourly":
        return _at(series.starts, series.values, valid_at)
    totals = day_totals(series)
    days = valid_at.tz_convert(series.zone).tz_localize(None).normalize()
    return _at(pd.DatetimeIndex(totals.index), totals.to_numpy(np.float64), days)


def day_totals(series: Series) -> pd.Series:
    """Total of each local day, by its date; NaN where an interval is unknown or not yet here."""
    local = series.starts.tz_convert(series.zone).tz_localize(None).normalize()
    days = pd.Series(series.values).groupby(local)
    totals = days.sum(min_count=1).where(days.count() == days.size())
    if series.is_daily:
        return totals
    dates = pd.DatetimeIndex(totals.index)
    length = utc_of(dates + DAY, series.zone) - utc_of(dates, series.zone)
    whole = days.size().to_numpy() >= np.asarray(length // series.interval)
    return totals.where(whole)


def score_rows(
    issue: Issue,
    due: LeadDay,
    naives: Mapping[str, Forecast],
    *,
    flow: Flow,
    unit: str,
    scored_at: pd.Timestamp,
) -> list[dict[str, object]]:
    """Rows of the ledger for one lead day: what was issued, then each naive, on the same intervals.

    Args:
        issue: What was issued.
        due: The lead day, and what happened.
        naives: Forecasts from the same origin by family, of what was known at the issue.
        flow: Whose.
        unit: Of the values.
        scored_at: Now.

    Returns:
        No row where the naives have none of the known intervals. A naive that was issued itself is
        not there twice.
    """
    issued = issue.rows[due.resolution].keep(due.which)
    family = family_of(str(issued.basis[0]))
    beside = {name: _aligned(one, due.resolution, issued.valid_at) for name, one in naives.items()}
    rows = {family: issued} | {name: one for name, one in beside.items() if name != family}
    scored = np.isfinite(due.actual)
    for one in rows.values():
        scored &= np.isfinite(one.quantiles).all(axis=1)
    if not scored.any():
        return []
    shared: dict[str, object] = {
        "flow": flow,
        "series_key": issue.series_key,
        "unit": unit,
        "issued_at": issue.issued_at,
        "origin_at": issue.origin_at,
        "resolution": due.resolution,
        "lead_day": due.lead_day,
        "valid_at": due.start_at,
        "scored_at": scored_at,
        "known_at": due.known_at,
    }
    return [
        shared
        | {
            "family": name,
            "served": name == family,
            "model_id": issue.model_id if name == family else name,
            "basis": _distinct(one.basis[scored]),
            "weather": _distinct(one.weather[scored]),
        }
        | sums(due.actual[scored], one.quantiles[scored], one.mean[scored])
        for name, one in rows.items()
    ]


def sums(
    actual: NDArray[np.float64], quantiles: NDArray[np.float64], mean: NDArray[np.float64]
) -> dict[str, float]:
    """The sums of the ledger over some intervals.

    Args:
        actual: What happened, known everywhere.
        quantiles: One row each, one column per level of `QUANTILES`.
        mean: Expected value of each; NaN stands for none, and then the median counts.

    Returns:
        Values of `contracts.ledger.SUMS` by name. The interval score is that of Winkler (1972),
        Journal of the American Statistical Association 67, 187-191.
    """
    median, low, high = quantiles[:, MEDIAN], quantiles[:, 0], quantiles[:, -1]
    error, level = actual[:, None] - quantiles, np.asarray(QUANTILES)
    below, above = np.maximum(low - actual, 0.0), np.maximum(actual - high, 0.0)
    return {
        "rows": len(actual),
        "actual_sum": float(actual.sum()),
        "absolute_actual_sum": float(np.abs(actual).sum()),
        "mean_sum": float(np.where(np.isnan(mean), median, mean).sum()),
        "absolute_error_sum": float(np.abs(actual - median).sum()),
        "squared_error_sum": float(((actual - median) ** 2).sum()),
        "pinball_sum": float(np.maximum(level * error, (level - 1) * error).mean(axis=1).sum()),
        "covered_90": int(((actual >= low) & (actual <= high)).sum()),
        "winkler_sum": float((high - low + MISSED * (below + above)).sum()),
    }


def _aligned(
    forecast: Forecast, resolution: Resolution, valid_at: pd.DatetimeIndex
) -> ForecastRows:
    """The rows of a forecast at some starts; unknown quantiles where it has none."""
    rows = forecast.intervals if resolution == "hourly" else forecast.daily
    at = rows.valid_at.get_indexer(valid_at)
    unknown = np.full((1, len(QUANTILES)), np.nan)
    return plain_rows(
        valid_at,
        np.concatenate([rows.quantiles, unknown])[at],
        np.append(rows.mean, np.nan)[at],
        forecast.model_id,
    )


def _at(
    index: pd.DatetimeIndex, values: NDArray[np.float64], wanted: pd.DatetimeIndex
) -> NDArray[np.float64]:
    """Values at some places of an index, NaN where it has them not."""
    return np.append(values, np.nan)[index.get_indexer(wanted)]


def _distinct(names: NDArray[np.str_]) -> str:
    return ", ".join(dict.fromkeys(names.tolist()))
