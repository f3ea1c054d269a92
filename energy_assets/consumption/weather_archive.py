"""The archive of weather answers: every one is kept under the moment at which it was received.

What a forecast may use of it is decided in `known_weather`.
"""

from collections.abc import Sequence

import pandas as pd

from energy_assets.contracts.consumption import WEATHER, WeatherKind
from energy_assets.contracts.validation import validated
from resources.series_store import SeriesStore
from resources.tables import Filter


def record_answer(
    series: SeriesStore,
    answer: pd.DataFrame,
    *,
    location: str,
    provider: str,
    kind: WeatherKind,
    issued_at: pd.Timestamp,
) -> int:
    """Keep one answer of a provider as a whole.

    Args:
        series: Where to.
        answer: `valid_at` (UTC) and `temperature_c`, as providers return them.
        location: Name of the place.
        provider: Who said so.
        kind: What it is.
        issued_at: When it was received, UTC.

    Returns:
        How many hours it holds.

    Raises:
        ContractError: It breaks the contract of `WEATHER`; nothing was written.
        StoreUnavailableError: The store cannot be reached. Asking again writes a whole answer under
            a later moment, and the newest value of each hour counts.
    """
    if answer.empty:
        return 0
    rows = answer[["valid_at", "temperature_c"]].assign(
        location=location, provider=provider, kind=kind, issued_at=issued_at
    )
    series.write(WEATHER, validated(WEATHER, rows[WEATHER.names]))
    return len(rows)


def stored_weather(
    series: SeriesStore,
    location: str,
    *,
    start: pd.Timestamp,
    end: pd.Timestamp,
    issued_until: pd.Timestamp | None = None,
    kinds: Sequence[WeatherKind] = ("forecast", "observation", "normal"),
) -> pd.DataFrame:
    """Everything that was ever said about the hours in [start, end) of a location.

    Args:
        series: Where from.
        location: Name of the place.
        start: First hour, UTC.
        end: End of the hours, UTC.
        issued_until: Only what was known then; all without it.
        kinds: Only answers of these kinds.

    Returns:
        Rows of `WEATHER`, ordered by provider, kind, issue and hour.

    Raises:
        StoreUnavailableError: The store cannot be reached.
    """
    where = [
        Filter("location", "=", location),
        Filter("kind", "in", list(kinds)),
        Filter("valid_at", ">=", start),
        Filter("valid_at", "<", end),
    ]
    if issued_until is not None:
        where.append(Filter("issued_at", "<=", issued_until))
    return series.read(WEATHER, where)


def observed_span(
    series: SeriesStore, location: str, provider: str, *, start: pd.Timestamp, end: pd.Timestamp
) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """First and last hour in [start, end) of which a provider's observation is kept.

    Returns:
        None when there is no such hour.

    Raises:
        StoreUnavailableError: The store cannot be reached.
    """
    hours = series.read(
        WEATHER,
        [
            Filter("location", "=", location),
            Filter("provider", "=", provider),
            Filter("kind", "=", "observation"),
            Filter("valid_at", ">=", start),
            Filter("valid_at", "<", end),
        ],
        columns=["valid_at"],
    )["valid_at"]
    return None if hours.empty else (hours.min(), hours.max())


def newest_forecast_at(
    series: SeriesStore, location: str, *, now: pd.Timestamp, kind: WeatherKind = "forecast"
) -> pd.Timestamp | None:
    """When the forecast, or normal, of a coming hour was last received; None when there is none.

    Raises:
        StoreUnavailableError: The store cannot be reached.
    """
    issued_at = series.read(
        WEATHER,
        [
            Filter("location", "=", location),
            Filter("kind", "=", kind),
            Filter("valid_at", ">=", now),
            Filter("valid_at", "<", now + pd.Timedelta(days=1)),
        ],
        columns=["issued_at"],
    )["issued_at"]
    return None if issued_at.empty else issued_at.max()
