"""The fallback ladder: the first model that can predict a series serves it, a naive at the last.

Serving never stops for want of a model: each step names itself in `basis`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
import structlog

from energy_assets.calendar import local_day
from energy_assets.forecasting.family import Model
from energy_assets.forecasting.forecast import Explanation, Forecast
from energy_assets.forecasting.naive import BASELINES, SeasonalNaive
from energy_assets.forecasting.series import Series
from energy_assets.forecasts.champion import Champion

LAST_RESORT: Final = BASELINES["naive_blend"]
"""What serves where no model can."""

ABSURD: Final = 50.0
"""A model that forecasts more than this many times the largest value ever known does not serve."""

LOG = structlog.stdlib.get_logger("energy_assets.forecasts")

LATE: Final = pd.Timedelta(days=2)
"""Values that are younger count as up to date."""

ENDED: Final = pd.Timedelta(days=60)
"""A series that has been silent for longer has ended: there is nothing left to go by."""


def origin_of(series: Series, *, now: pd.Timestamp) -> pd.Timestamp:
    """From where a series is forecast: its end, or now where that is long ago.

    Values that come a day late are usual. The time between the end of a silent series and now
    stays unknown.
    """
    return series.end_at if now - series.end_at <= LATE else now


def has_ended(series: Series, *, now: pd.Timestamp) -> bool:
    """Whether a series has been silent for so long that it is no longer forecast."""
    return now - series.end_at > ENDED


def ended_sentence(series: Series, *, now: pd.Timestamp) -> str:
    """Why a series that has ended is not forecast."""
    silent = (now - series.end_at).days
    return (
        f"The readings ended {silent} days ago; after {ENDED.days} days of silence there is "
        f"nothing to go by. New readings start the forecasts again."
    )


def steps_of(
    champion: Champion | None,
    *,
    own_family: str,
    own: Sequence[Model],
    stored: Mapping[str, Model],
) -> list[Model]:
    """The steps of a series' ladder, best first; `served` ends it with a seasonal naive.

    Args:
        champion: Who was chosen, and who served before; a flow's own family without it.
        own_family: Name of the flow's own family.
        own: Its model of the series, then one that is shared, where they exist.
        stored: Models of other families by name.
    """
    steps: list[Model] = []
    for family in () if champion is None else (champion.family, champion.previous):
        if family is None:
            continue
        if family in BASELINES:
            steps.append(BASELINES[family])
        elif family == own_family:
            steps.extend(own[:1])
        elif family in stored:
            steps.append(stored[family])
    return [*steps, *own]


def served(
    series: Series,
    ladder: Sequence[Model],
    *,
    origin_at: pd.Timestamp,
    days: int,
    explained: bool = False,
) -> Forecast:
    """The forecast of the first model of a ladder that does not itself fall back to a naive.

    Args:
        series: Everything known.
        ladder: Champion, previous champion, shared model; a seasonal naive that beat them first.
        origin_at: Nothing at or after it is known.
        days: How far ahead. [d]
        explained: Whether to say why.
    """
    forecast = _first_able(series, ladder, origin_at=origin_at, days=days, explained=explained)
    if explained and not forecast.explanation.lines:
        return replace(forecast, explanation=_plain_explanation(series, forecast, origin_at))
    return forecast


def _first_able(
    series: Series,
    ladder: Sequence[Model],
    *,
    origin_at: pd.Timestamp,
    days: int,
    explained: bool,
) -> Forecast:
    for model in ladder:
        (forecast,) = model.predict(series, [origin_at], days=days, explained=explained)
        if isinstance(model, SeasonalNaive):
            return forecast
        if not forecast.basis.startswith("naive_") and _is_possible(forecast, series):
            return forecast
    return LAST_RESORT.predict(series, [origin_at], days=days, explained=explained)[0]


def _is_possible(forecast: Forecast, series: Series) -> bool:
    """Whether nothing in a forecast is missing, or far beyond all that was ever measured."""
    known = np.abs(series.values[np.isfinite(series.values)])
    largest = ABSURD * float(known.max(initial=0.0))
    rows = forecast.intervals
    table = np.column_stack([rows.quantiles, rows.mean])
    finite = bool(np.isfinite(table).all() and np.isfinite(forecast.daily.quantiles).all())
    if finite and (not largest or float(np.abs(table).max(initial=0.0)) <= largest):
        return True
    LOG.warning("forecast is absurd", series=series.key, model=forecast.model_id)
    return False


def _plain_explanation(series: Series, forecast: Forecast, origin_at: pd.Timestamp) -> Explanation:
    """What can be said of a forecast whose family gives no reasons."""
    (usual,) = LAST_RESORT.predict(series, [origin_at], days=len(forecast.daily) or 1)
    unit = series.unit.replace("m3", "m³")
    if len(forecast.daily) and len(usual.daily):
        day = local_day(forecast.daily.valid_at[0], series.zone)
        when = f"on {day:%A, %d %B}"
        total, before = float(forecast.daily.mean[0]), float(usual.daily.mean[0])
    else:
        when, steps = "over the next 24 hours", max(series.steps_per_day, 1)
        total, before = float(forecast.mean[:steps].sum()), float(usual.mean[:steps].sum())
    lines = (
        f"Expected: {total:,.3g} {unit} {when}; the same hours of recent days and weeks suggest "
        f"{before:,.3g} {unit}.",
        f"The family that serves, {forecast.basis}, gives no reasons by feature.",
    )
    return Explanation(lines=lines)
