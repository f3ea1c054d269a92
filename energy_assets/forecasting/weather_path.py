"""Temperatures along the way from the past through an origin to a target, as known at the origin.

Before the origin counts what was measured; from it on, the newest forecast that was known there.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from energy_assets.forecasting.past import Rows
from energy_assets.forecasting.series import LEAD_DAYS, TEMPERATURE, KnownFuture, Series
from energy_assets.forecasting.timeline import Floats, Positions, Timeline

NORMAL_FROM: Final[int] = 3
"""Lead day from which what is usual is a better guess than no temperature."""


@dataclass(frozen=True, kw_only=True, eq=False)
class WeatherPath:
    """Weather on a timeline.

    Attributes:
        before: What had been measured by then, or failing that predicted a day ahead. [°C]
        ahead: What was predicted d days ahead, in column d - 1; what was measured later where no
            forecast was archived. [°C]
        archived: Which values of `ahead` were really predicted.
        usual: Which of them are what is usual at that time of the year.
        sums: Running sums of `before` and of the columns of `ahead`, unknown as 0.
        counts: Running counts of the known ones.
    """

    before: Floats
    ahead: Floats
    archived: NDArray[np.bool_]
    usual: NDArray[np.bool_]
    sums: Floats
    counts: Floats

    def at(self, positions: Positions, rows: Rows) -> Floats:
        """Temperature at one position per row in °C, NaN where unknown."""
        inside = np.clip(positions, 0, len(self.before) - 1)
        known = np.where(
            positions < rows.origins, self.before[inside], self.ahead[inside, rows.lead_day - 1]
        )
        return np.where(positions >= 0, known, np.nan)

    def mean(self, ends: Positions, width: int, rows: Rows) -> Floats:
        """Mean in °C over `width` intervals before `ends`; NaN where under half is known."""
        start = np.maximum(ends - width, 0)
        middle = np.clip(rows.origins, start, ends)
        lead = rows.lead_day
        found: list[Floats] = []
        for running in (self.sums, self.counts):
            past = running[middle, 0] - running[start, 0]
            found.append(past + running[ends, lead] - running[middle, lead])
        total, count = found
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(count >= width / 2, total / count, np.nan)


def weather_path(timeline: Timeline, weather: KnownFuture, *, normals: bool = False) -> WeatherPath:
    """Weather on a timeline; intervals that the weather does not hold are unknown.

    Args:
        timeline: Intervals.
        weather: What is known of them.
        normals: Whether a climate normal stands in from lead day `NORMAL_FROM` on where nothing
            else was known at the origin. Nothing is learned from normals.
    """
    wanted = timeline.starts.as_unit("ns").asi8
    given = weather.starts.as_unit("ns").asi8
    at = np.searchsorted(given, wanted) if len(given) else np.zeros(len(wanted), np.int64)
    at = np.minimum(at, max(len(given) - 1, 0))
    hit = given[at] == wanted if len(given) else np.zeros(len(wanted), np.bool_)
    observed = np.full(len(wanted), np.nan)
    predicted = np.full((len(wanted), LEAD_DAYS), np.nan)
    observed[hit] = weather.observed[at[hit]]
    predicted[hit] = np.where(weather.normal[at[hit]], np.nan, weather.predicted[at[hit]])
    normal = np.full_like(predicted, np.nan)
    normal[hit] = np.where(weather.normal[at[hit]], weather.predicted[at[hit]], np.nan)
    usual = np.isfinite(normal) & (np.arange(1, LEAD_DAYS + 1) >= NORMAL_FROM) & normals
    observed[~np.isfinite(observed)] = np.nan
    archived = np.isfinite(predicted)
    before = np.where(
        np.isfinite(observed), observed, np.where(archived[:, 0], predicted[:, 0], np.nan)
    )
    later = observed if weather.measured_ahead else np.full(len(observed), np.nan)
    ahead = np.where(archived, predicted, np.where(usual, normal, later[:, None]))
    both = np.concatenate([before[:, None], ahead], axis=1)
    known = np.isfinite(both)
    return WeatherPath(
        before=before,
        ahead=ahead,
        archived=archived,
        usual=usual,
        sums=_running(np.where(known, both, 0.0)),
        counts=_running(known.astype(np.float64)),
    )


def path_of(series: Series, timeline: Timeline, *, normals: bool = False) -> WeatherPath | None:
    """The temperature that a series knows ahead, on its timeline; none where it knows none."""
    weather = series.future.get(TEMPERATURE)
    return None if weather is None else weather_path(timeline, weather, normals=normals)


def temperature_of(path: WeatherPath | None, rows: Rows) -> Floats:
    """Temperature at each target in °C, NaN where unknown."""
    return np.full(len(rows), np.nan) if path is None else path.at(rows.targets, rows)


def weather_kinds(
    rows: Rows, path: WeatherPath | None, warm: NDArray[np.bool_]
) -> NDArray[np.str_]:
    """Which weather each row rests on, of those that have a temperature."""
    if path is None:
        return np.full(len(rows), "none")
    at = (rows.targets, rows.lead_day - 1)
    kind = np.where(path.usual[at], "normal", "observation")
    return np.where(warm, np.where(path.archived[at], "forecast", kind), "none")


def _running(values: Floats) -> Floats:
    running = np.zeros((len(values) + 1, values.shape[1]))
    np.cumsum(values, axis=0, out=running[1:])
    return running
