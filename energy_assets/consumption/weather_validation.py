"""How good a provider's forecasts were, day of lead by day of lead, beside the climate normal.

Pure; which rows are looked at and when is decided by the caller.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.consumption.known_weather import known_weather
from energy_assets.findings import Finding
from energy_assets.forecasting.series import LEAD_DAYS, KnownFuture
from resources.weather.climate import climate_normal_c
from resources.weather_provider import Place

STALE_AFTER: Final = pd.Timedelta(hours=6)
"""A forecast that is older was missed twice."""

MIN_HOURS: Final[int] = 48
"""With fewer hours a comparison with the climate normal says nothing."""

SCORE_COLUMNS: Final[dict[str, str]] = {
    "location": "str",
    "provider": "str",
    "lead_day": "int64",
    "hours": "int64",
    "bias_c": "float64",
    "mae_c": "float64",
    "normal_bias_c": "float64",
    "normal_mae_c": "float64",
}
"""Columns of a validation."""


def validated_provider(
    rows: pd.DataFrame,
    *,
    place: Place,
    now: pd.Timestamp,
    since: pd.Timestamp | None = None,
) -> pd.DataFrame:
    """Bias and mean absolute error of each provider's forecasts against observations.

    Lead day d compares what was known d times 24 hours before the hour, which is what models of
    that lead saw. The climate normal of the same hours rests on earlier years only.

    Args:
        rows: Rows of `WEATHER` of one location: forecasts, and observations of any age.
        place: Where that is.
        now: The present, UTC.
        since: Hours from then on are compared; all that were observed without it.

    Returns:
        The columns of `SCORE_COLUMNS`, one row per provider and lead day that can be compared;
        `bias_c` is forecast less observation. [°C]
    """
    observations = rows[(rows["kind"] == "observation") & (rows["issued_at"] <= now)]
    found: list[dict[str, object]] = []
    if not observations.empty:
        first, last = observations["valid_at"].min(), observations["valid_at"].max()
        first = first if since is None else max(first, since.ceil("h"))
        hours = pd.date_range(first, last, freq="h")
        normal_c = climate_normal_c(place, hours, observations=observations)
        forecasts = rows[rows["kind"] == "forecast"]
        for provider in sorted(forecasts["provider"].unique()):
            said = pd.concat([observations, forecasts[forecasts["provider"] == provider]])
            known = known_weather(
                said,
                starts=hours,
                origin_at=now,
                interval_minutes=60,
                preferred_provider=provider,
            )
            where = {"location": rows["location"].iloc[0], "provider": provider}
            found += [where | score for score in _scores(known, normal_c)]
    return pd.DataFrame(found, columns=list(SCORE_COLUMNS)).astype(SCORE_COLUMNS)


def _scores(known: KnownFuture, normal_c: NDArray[np.float64]) -> Iterator[dict[str, object]]:
    """One score per lead day that has an hour with forecast and observation."""
    for lead_day in range(1, LEAD_DAYS + 1):
        error_c = known.predicted[:, lead_day - 1] - known.observed
        scored = ~np.isnan(error_c)
        if scored.any():
            normal_error_c = (normal_c - known.observed)[scored]
            yield {
                "lead_day": lead_day,
                "hours": int(scored.sum()),
                "bias_c": error_c[scored].mean(),
                "mae_c": np.abs(error_c[scored]).mean(),
                "normal_bias_c": normal_error_c.mean(),
                "normal_mae_c": np.abs(normal_error_c).mean(),
            }


def evaluate_provider(scores: pd.DataFrame) -> Finding:
    """Whether every provider's forecasts are better than what is usual at the time of the year.

    Args:
        scores: Validations of any number of locations.
    """
    compared = scores[scores["hours"] >= MIN_HOURS]
    worse = compared[compared["mae_c"] > compared["normal_mae_c"]]
    offenders = [
        f"{row['location']}: {row['provider']} is off by {row['mae_c']:.1f} °C {row['lead_day']} "
        f"days ahead, the climate normal by {row['normal_mae_c']:.1f} °C ({row['hours']} h)."
        for row in worse.to_dict("records")
    ]
    if compared.empty:
        return Finding(passed=True, sentence="No forecast could be compared with observations yet.")
    sentence = f"{len(compared)} leads compared, {len(worse)} worse than the climate normal."
    return Finding(passed=worse.empty, sentence=sentence, offenders=offenders)


def evaluate_weather_age(
    newest_at: Mapping[str, pd.Timestamp | None], *, now: pd.Timestamp
) -> Finding:
    """Whether every location has a fresh forecast.

    Args:
        newest_at: When the newest forecast of each location was received; None for never.
        now: The present, UTC.
    """
    offenders: list[str] = []
    for location, issued_at in newest_at.items():
        if issued_at is None:
            offenders.append(f"{location}: no forecast of the coming day is known.")
        elif now - issued_at > STALE_AFTER:
            age_h = (now - issued_at) / pd.Timedelta(hours=1)
            offenders.append(f"{location}: the newest forecast is {age_h:.0f} h old.")
    stale = len(offenders)
    sentence = f"{len(newest_at)} locations, {stale} without a forecast of the last 6 h."
    return Finding(passed=not offenders, sentence=sentence, offenders=offenders)
