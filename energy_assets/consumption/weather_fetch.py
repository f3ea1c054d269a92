"""Asking a provider about places and archiving what it says; the climate normal where it fails.

Knows no schedule and no asset: it is given the moment, the provider and the store.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from energy_assets.consumption.locations import Location
from energy_assets.consumption.weather_archive import (
    observed_span,
    record_answer,
    stored_weather,
)
from energy_assets.contracts.consumption import WeatherKind
from energy_assets.forecasting.series import LEAD_DAYS
from resources.errors import WeatherBudgetError, WeatherUnavailableError
from resources.series_store import SeriesStore
from resources.wall_clock import WallClock
from resources.weather.climate import YEARS
from resources.weather.climate_normal import ClimateNormal
from resources.weather_provider import Place, WeatherProvider

PIECE_DAYS: Final = 28
"""History is asked and kept in pieces of so many days, so that what was fetched is never lost."""

_HOUR: Final = pd.Timedelta(hours=1)


@dataclass(kw_only=True)
class LocationReport:
    """What was fetched for one place.

    Attributes:
        location: Its name.
        forecast_hours: Hours that the provider predicted.
        normal_hours: Hours for which the climate normal stands in.
        observed_hours: Measured hours that are new in the archive.
        problems: What failed, one sentence each.
    """

    location: str
    forecast_hours: int = 0
    normal_hours: int = 0
    observed_hours: int = 0
    problems: list[str] = field(default_factory=list[str])


@dataclass(kw_only=True)
class WeatherReport:
    """What one round of asking brought.

    Attributes:
        provider: Who was asked.
        locations: One report per place, in the order asked.
    """

    provider: str
    locations: list[LocationReport] = field(default_factory=list[LocationReport])

    @property
    def problems(self) -> list[str]:
        """What failed anywhere, with the place."""
        return [f"{one.location}: {problem}" for one in self.locations for problem in one.problems]


def fetch_weather(
    *,
    provider: WeatherProvider,
    fallback: WeatherProvider,
    series: SeriesStore,
    locations: Sequence[Location],
    now: pd.Timestamp,
    history_days: int,
    clock: WallClock | None = None,
) -> WeatherReport:
    """Ask for a forecast of every place, then for measured hours that the archive lacks.

    A place that the provider fails keeps the rest going; once its budget is used up it is asked
    nothing more in this round. Where it did not predict each of the next `LEAD_DAYS` days, the
    fallback's values are kept beside it.

    Args:
        provider: Who is asked.
        fallback: What is usual; always there.
        series: Where answers are kept, under the instant at which each was received.
        locations: The places.
        now: The present, UTC.
        history_days: How far back measured hours are wanted.
        clock: Says when an answer was received: a round of many places takes minutes, and what is
            issued meanwhile did not know it. `now` without it.

    Raises:
        StoreUnavailableError: The store cannot be reached; the round can be repeated.
    """
    asked = _Round(provider=provider, fallback=fallback, series=series, now=now, clock=clock)
    report = WeatherReport(provider=provider.name)
    for location in locations:
        one = LocationReport(location=location.name)
        report.locations.append(one)
        asked.forecast(location, one)
    if not provider.is_normal:
        for location, one in zip(locations, report.locations, strict=True):
            asked.history(location, one, days=history_days)
    return report


def normal_from_archive(
    series: SeriesStore, locations: Sequence[Location], *, now: pd.Timestamp
) -> ClimateNormal:
    """The climate normal of places, from what the archive holds of the last years.

    Args:
        series: The archive.
        locations: The places that may be asked for.
        now: The present, UTC.
    """
    names = {location.place: location.name for location in locations}
    start = now - pd.Timedelta(days=366 * YEARS + 31)

    def past(place: Place) -> pd.DataFrame:
        kinds = ("observation",)
        return stored_weather(
            series, names.get(place, ""), start=start, end=now, issued_until=now, kinds=kinds
        )

    return ClimateNormal(past=past)


@dataclass(kw_only=True)
class _Round:
    """One round of asking; remembers that the budget is used up."""

    provider: WeatherProvider
    fallback: WeatherProvider
    series: SeriesStore
    now: pd.Timestamp
    clock: WallClock | None = None
    spent: str = ""

    def forecast(self, location: Location, report: LocationReport) -> None:
        predicted = self._ask(location, report)
        kind: WeatherKind = "normal" if self.provider.is_normal else "forecast"
        hours = 0
        if predicted is not None:
            hours = self._record(location, predicted, provider=self.provider, kind=kind)
        if kind == "normal":
            report.normal_hours = hours
        else:
            report.forecast_hours = hours
        end = self.now.floor("h") + pd.Timedelta(days=LEAD_DAYS)
        if predicted is not None and (predicted["valid_at"] < end).sum() == 24 * LEAD_DAYS:
            return
        usual = self.fallback.forecast(location.place, now=self.now)
        if predicted is not None:
            usual = usual[~usual["valid_at"].isin(predicted["valid_at"])]
        report.normal_hours += self._record(location, usual, provider=self.fallback, kind="normal")

    def history(self, location: Location, report: LocationReport, *, days: int) -> None:
        end = self.now.floor("h")
        start = end - pd.Timedelta(days=days)
        span = observed_span(self.series, location.name, self.provider.name, start=start, end=end)
        if span is None:
            self._measure(location, report, _backwards(start, end))
            return
        first, last = span
        self._measure(location, report, _forwards(last + _HOUR, end))
        self._measure(location, report, _backwards(start, first))

    def _ask(self, location: Location, report: LocationReport) -> pd.DataFrame | None:
        """The provider's forecast; None when it has none, with the reason in the report."""
        if self.spent:
            report.problems.append(f"not asked, because {self.spent}")
            return None
        try:
            return self.provider.forecast(location.place, now=self.now)
        except WeatherBudgetError as error:
            self.spent = str(error)
            report.problems.append(str(error))
        except WeatherUnavailableError as error:
            report.problems.append(str(error))
        return None

    def _measure(
        self,
        location: Location,
        report: LocationReport,
        pieces: Iterator[tuple[pd.Timestamp, pd.Timestamp]],
    ) -> None:
        """Fetch pieces one after the other, up to the first that the provider does not have.

        Going outwards from what the archive holds, so that it stays one stretch and the next round
        goes on where this one stopped.
        """
        for start, end in pieces:
            if self.spent:
                return
            try:
                measured = self.provider.history(location.place, start=start, end=end)
            except WeatherBudgetError as error:
                self.spent = str(error)
                report.problems.append(str(error))
                return
            except WeatherUnavailableError as error:
                report.problems.append(f"history from {start:%Y-%m-%d}: {error}")
                return
            if measured.empty:
                return
            report.observed_hours += self._record(
                location, measured, provider=self.provider, kind="observation"
            )

    def _record(
        self,
        location: Location,
        answer: pd.DataFrame,
        *,
        provider: WeatherProvider,
        kind: WeatherKind,
    ) -> int:
        return record_answer(
            self.series,
            answer,
            location=location.name,
            provider=provider.name,
            kind=kind,
            issued_at=self.now if self.clock is None else pd.Timestamp(self.clock()),
        )


def _forwards(
    start: pd.Timestamp, end: pd.Timestamp
) -> Iterator[tuple[pd.Timestamp, pd.Timestamp]]:
    piece = pd.Timedelta(days=PIECE_DAYS)
    while start < end:
        yield start, min(start + piece, end)
        start += piece


def _backwards(
    start: pd.Timestamp, end: pd.Timestamp
) -> Iterator[tuple[pd.Timestamp, pd.Timestamp]]:
    piece = pd.Timedelta(days=PIECE_DAYS)
    while end > start:
        yield max(end - piece, start), end
        end -= piece
