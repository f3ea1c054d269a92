"""The baselines 14 days ahead, in the form of a model's forecast: what served before there is one.

They repeat the newest known day, the newest known same weekday, the mean of four of them, or blend.
"""

from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.forecasting.boosting.bands import Bands, fit_bands
from energy_assets.forecasting.boosting.daily import day_part, whole_days
from energy_assets.forecasting.boosting.forecast import Explanation, ForecastRows, MeterForecast
from energy_assets.forecasting.boosting.issuing import IMPUTED_DAYS
from energy_assets.forecasting.boosting.past import Lags, Past, Rows, lags_of, past_of
from energy_assets.forecasting.boosting.timeline import Floats, timeline_of
from energy_assets.forecasting.boosting.window import window
from energy_assets.forecasting.series import LEAD_DAYS, Series

Variant = Literal["yesterday", "last_week", "four_weeks", "blend"]
"""Which earlier days a baseline repeats."""

NAIVES: Final[tuple[Variant, ...]] = ("yesterday", "last_week", "four_weeks")
"""The three baselines beside which every model is scored."""

REPEATED: Final[dict[Variant, str]] = {
    "yesterday": "the newest known day",
    "last_week": "the newest known same weekdays",
    "four_weeks": "the mean of the newest four same weekdays",
    "blend": "a blend of the newest day, the last week and the same weekdays of four weeks",
}
"""What each baseline repeats, in words."""

ERROR_DAYS: Final[int] = 28
"""Days before an origin from which a baseline's own errors are taken. [d]"""


def naive_forecast(
    history: Series,
    *,
    origin_at: pd.Timestamp,
    variant: Variant = "blend",
    days: int = LEAD_DAYS,
) -> MeterForecast:
    """Predict by repeating earlier days; zeros where nothing is known.

    Raises:
        ValueError: The history has no intervals at all, or `days` is not within 1 and 14.
    """
    if not 1 <= days <= LEAD_DAYS:
        raise ValueError(f"a forecast of {days} days; ask for 1 to {LEAD_DAYS}.")
    recent = window(history, origin_at)
    past = raw_past(recent)
    day, first = past.timeline.steps_per_day, past.timeline.known
    ahead = np.arange(days * day, dtype=np.int64)
    rows = Rows(origins=np.full(len(ahead), first), targets=first + ahead, steps_per_day=day)
    point = naive_values(past, rows, variant)
    before = first - day * np.arange(1, ERROR_DAYS + 1, dtype=np.int64)
    tried = _known_rows(past, before, len(ahead))
    error = past.values[tried.targets] - naive_values(past, tried, variant)
    part = day_part(past.timeline, rows.targets)
    bands = _bands(error, tried, day_part(past.timeline, tried.targets), parts=int(part.max()) + 1)
    missing = float(past.missing_share(rows.origins[:1], IMPUTED_DAYS)[0])
    table = bands.around(point, lead_day=rows.lead_day, day_part=part, missing=missing)
    intervals = _rows(past.timeline.starts[rows.targets], table, variant)
    daily = intervals
    if not history.is_daily:
        daily = _daily(past, rows, point, (tried, error), missing=missing, variant=variant)
    return MeterForecast(
        origin_at=past.timeline.starts[first],
        model_id=f"naive_{variant}",
        intervals=intervals,
        daily=daily,
        imputed_share=missing,
        explanation=Explanation(lines=_lines(history, point[:day], variant)),
    )


def _lines(history: Series, next_day: Floats, variant: Variant) -> tuple[str, ...]:
    unit = history.unit.replace("m3", "m³")
    return (
        f"Expected: {float(next_day.sum()):,.3g} {unit} over the next 24 hours.",
        f"No model serves this meter: the forecast repeats {REPEATED[variant]}.",
    )


def raw_past(history: Series) -> Past:
    """The past of a history in its own unit; what is unknown there is unknown."""
    timeline = timeline_of(history)
    unknown = np.full((2, timeline.steps_per_day), np.nan)
    return past_of(timeline, np.maximum(history.values, 0.0), typical=unknown)


def naive_values(past: Past, rows: Rows, variant: Variant) -> Floats:
    """A baseline's values of rows; the blend, the level and at last 0 stand for unknown ones."""
    lags = lags_of(past, rows)
    point = _column(lags, variant).copy()
    for other in (lags.baseline, past.level(rows.origins)):
        unknown = np.isnan(point)
        point[unknown] = other[unknown]
    return np.nan_to_num(point)


def _column(lags: Lags, variant: Variant) -> Floats:
    if variant == "yesterday":
        return lags.newest[:, 0]
    if variant == "last_week":
        return lags.weeks[:, 0]
    return lags.weekday_mean if variant == "four_weeks" else lags.baseline


def _known_rows(past: Past, origins: NDArray[np.int64], steps: int) -> Rows:
    """Rows from earlier origins whose value is known by now."""
    origin = np.repeat(origins, steps)
    target = (origins[:, None] + np.arange(steps)).reshape(-1)
    kept = (origin > 0) & np.isfinite(past.values[target])
    return Rows(
        origins=origin[kept], targets=target[kept], steps_per_day=past.timeline.steps_per_day
    )


def _bands(error: Floats, rows: Rows, part: NDArray[np.int64], *, parts: int) -> Bands:
    """Bands of errors, with as many parts of the day as the forecast has."""
    if not len(error):
        return Bands(offsets=np.zeros((3, parts, 7)))
    return fit_bands(error, lead_day=rows.lead_day, day_part=part, centred=True)


def _daily(
    past: Past,
    rows: Rows,
    point: Floats,
    tried: tuple[Rows, Floats],
    *,
    missing: float,
    variant: Variant,
) -> ForecastRows:
    """Whole local days, with bands from errors of whole days."""
    days = whole_days(past.timeline, rows)
    total = np.concatenate([[0.0], point.cumsum()])
    then, error = tried
    earlier = whole_days(past.timeline, then)
    off = np.concatenate([[0.0], error.cumsum()])
    errors = off[earlier.first + earlier.count] - off[earlier.first]
    known = Rows(
        origins=np.zeros(len(errors), np.int64),
        targets=(earlier.lead_day - 1) * rows.steps_per_day,
        steps_per_day=rows.steps_per_day,
    )
    bands = _bands(errors, known, np.zeros(len(errors), np.int64), parts=1)
    table = bands.around(
        total[days.first + days.count] - total[days.first],
        lead_day=days.lead_day,
        day_part=np.zeros(len(days.first), np.int64),
        missing=missing,
    )
    return _rows(past.timeline.starts[rows.targets[days.first]], table, variant)


def _rows(valid_at: pd.DatetimeIndex, table: Floats, variant: Variant) -> ForecastRows:
    return ForecastRows(
        valid_at=valid_at,
        quantiles=np.maximum(table, 0.0),
        basis=np.full(len(valid_at), f"naive_{variant}"),
        weather=np.full(len(valid_at), "none"),
        temperature_c=np.full(len(valid_at), np.nan),
    )
