"""The weather around meters as it is known now: one look into the archive for each location."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pandas as pd

from energy_assets.consumption.consumption_grid import series_of_frame
from energy_assets.consumption.known_weather import known_weather
from energy_assets.consumption.weather_archive import stored_weather
from energy_assets.forecasting.series import LEAD_DAYS, KnownFuture
from energy_assets.forecasts.ladder import origin_of
from energy_assets.settings import Settings
from resources.series_store import SeriesStore

AHEAD: Final = pd.Timedelta(days=LEAD_DAYS + 2)
"""Weather this far ahead of now may matter to a forecast."""

KEPT: Final[int] = 8
"""Grids whose weather is kept for the next meter on the same grid."""


@dataclass(frozen=True, kw_only=True)
class MeterWeather:
    """Weather of meters at one moment.

    Attributes:
        series: Holds the archive.
        now: Nothing that became known later counts.
        preferred_provider: Whose word counts most.
        forecast_days: How far back archived forecasts are looked at; before, what was measured.
    """

    series: SeriesStore
    now: pd.Timestamp
    preferred_provider: str
    forecast_days: int
    _answers: dict[str, pd.DataFrame] = field(default_factory=dict[str, pd.DataFrame])
    _known: dict[tuple[str, int, int, int], KnownFuture] = field(
        default_factory=dict[tuple[str, int, int, int], KnownFuture]
    )

    def of(self, frame: pd.DataFrame) -> KnownFuture:
        """The weather of a meter's intervals and of the two weeks after them.

        Temperatures that the meter's own file gave stand where no provider measured any.

        Args:
            frame: A feature frame of a meter, `location` among its attributes.
        """
        history = series_of_frame(frame)
        late = max(origin_of(history, now=self.now) - history.end_at, pd.Timedelta(0))
        steps = LEAD_DAYS * history.steps_per_day
        future = history.future_starts(
            steps + -(-late // pd.Timedelta(days=1)) * history.steps_per_day
        )
        starts = pd.DatetimeIndex(history.starts.append(future))
        location = str(frame.attrs["location"])
        what = (location, history.interval_minutes, starts[0].value, len(starts))
        if what not in self._known:
            if len(self._known) == KEPT:
                self._known.clear()
            self._known[what] = known_weather(
                self._archive(location, starts),
                starts=starts,
                origin_at=self.now,
                interval_minutes=history.interval_minutes,
                preferred_provider=self.preferred_provider,
            )
        known = _at_its_newest(self._known[what], since=origin_of(history, now=self.now))
        own = frame["temperature_c"].to_numpy(np.float64)
        if not np.isfinite(own).any():
            return known
        observed = known.observed.copy()
        gaps = np.isnan(observed[: len(own)])
        observed[: len(own)][gaps] = own[gaps]
        return replace(known, observed=observed)

    def _archive(self, location: str, starts: pd.DatetimeIndex) -> pd.DataFrame:
        """All answers about a location that matter to these intervals, read once.

        Forecasts are many: those of the last `forecast_days` are read, older hours have what was
        measured.
        """
        answers = self._answers.get(location)
        if answers is None or answers.attrs["since"] > starts[0]:
            recent = max(starts[0], self.now - pd.Timedelta(days=self.forecast_days))
            end = self.now + AHEAD
            measured = stored_weather(
                self.series, location, start=starts[0], end=end, kinds=["observation"]
            )
            predicted = stored_weather(
                self.series, location, start=recent, end=end, kinds=["forecast"]
            )
            answers = pd.concat([measured, predicted], ignore_index=True)
            answers.attrs["since"] = starts[0]
            self._answers.clear()  # one location at a time: an archive may be large
            self._answers[location] = answers
        return answers


def weather_of(settings: Settings, series: SeriesStore, *, now: pd.Timestamp) -> MeterWeather:
    """The weather around meters as it is known now, as the settings want it looked at."""
    return MeterWeather(
        series=series,
        now=now,
        preferred_provider=settings.weather_provider,
        forecast_days=settings.weather_history_days,
    )


def by_location(frames: Mapping[str, pd.DataFrame]) -> list[str]:
    """Keys of frames, those of one location together: each archive is then read once."""
    return sorted(frames, key=lambda key: (str(frames[key].attrs["location"]), key))


def _at_its_newest(known: KnownFuture, *, since: pd.Timestamp) -> KnownFuture:
    """The weather with the newest forecast for all intervals that nobody has measured yet.

    A history may end days before now. What is predicted of the time after it rests on what is known
    now, however many days after its end that is.
    """
    ahead = np.asarray(known.starts >= since)
    predicted, normal = known.predicted.copy(), known.normal.copy()
    predicted[ahead] = predicted[ahead, :1]
    normal[ahead] = normal[ahead, :1]
    return replace(known, predicted=predicted, normal=normal)
