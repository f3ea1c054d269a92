"""The held-out days of a contest: which of them choose, which are printed, what all families erred.

Pure: models and their held-out forecasts come in. Who serves because of it is decided in `contest`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from energy_assets.forecasting.backtest import Predictor, backtest
from energy_assets.forecasting.family import Fitted
from energy_assets.forecasting.forecast import Forecast
from energy_assets.forecasting.naive import BASELINES
from energy_assets.forecasting.series import Series
from energy_assets.forecasts.evidence import Evidence

FEWEST_DAYS: Final = 4
"""On fewer held-out days nothing is chosen."""

YARDSTICK: Final = "naive_blend"
"""The baseline that live errors of different days are compared through."""

LIVE_DAYS: Final = 28
"""Days of live scores that count in the choice, at most."""


@dataclass(frozen=True, kw_only=True)
class LiveErrors:
    """How forecasts that were really issued did lately.

    Attributes:
        error: Sum of the absolute errors of the medians, by family.
        beside: Sum of those of the seasonal blend on the same intervals, by family. Families were
            not scored on the same days, and days differ.
        rows: Intervals that were scored, by family.
    """

    error: Mapping[str, float] = field(default_factory=dict[str, float])
    beside: Mapping[str, float] = field(default_factory=dict[str, float])
    rows: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, kw_only=True, eq=False)
class Entry:
    """A series of which models were fitted.

    Attributes:
        series: Everything known.
        fitted: Its models by family, with their held-out forecasts.
        champion: The family that serves it now; none where no contest was ever held for it.
        live: Errors of forecasts issued lately.
    """

    series: Series
    fitted: Mapping[str, Fitted]
    champion: str | None = None
    live: LiveErrors = field(default_factory=LiveErrors)

    @property
    def held_out(self) -> dict[str, tuple[Forecast, ...]]:
        """Held-out forecasts by family, of those that have any."""
        return {name: one.held_out for name, one in self.fitted.items() if one.held_out}

    @property
    def origins(self) -> list[pd.Timestamp]:
        """Origins from which every family predicted, in time order."""
        sets = [{one.origin_at for one in forecasts} for forecasts in self.held_out.values()]
        return sorted(set.intersection(*sets)) if sets else []


@dataclass(frozen=True, kw_only=True, eq=False)
class ContestDays:
    """The held-out days of a series that all its families have.

    Attributes:
        entry: The series.
        origins: Start of each, in time order.
        choosing: How many of them choose; the later ones are printed.
        border_is_own: Whether the days of others are parted elsewhere: it has no say in theirs.
    """

    entry: Entry
    origins: Sequence[pd.Timestamp]
    choosing: int
    border_is_own: bool

    @staticmethod
    def of(entry: Entry, border: pd.Timestamp) -> "ContestDays":
        """Parted at a border where that leaves days on both sides, and in the middle otherwise."""
        origins = entry.origins
        if len(origins) < FEWEST_DAYS:
            return ContestDays(entry=entry, origins=origins, choosing=0, border_is_own=True)
        before, least = sum(origin < border for origin in origins), FEWEST_DAYS // 2
        parted = least <= before <= len(origins) - least
        return ContestDays(
            entry=entry,
            origins=origins,
            choosing=before if parted else len(origins) // 2,
            border_is_own=not parted,
        )

    def printed(self) -> pd.DataFrame:
        """Rows of all families and naives on the days that have no say."""
        return _rows(self.entry, self.origins[self.choosing :])

    def evidence(self) -> Evidence | None:
        """What the days that choose say; none where they are too few."""
        if not self.choosing:
            return None
        # The last choosing day ends where the first printed one begins.
        rows = _rows(self.entry, self.origins[: self.choosing + 1])
        rows = rows[rows["origin_at"] < self.origins[self.choosing]]
        off = (rows["actual"] - rows["q50"]).abs()
        by_day = off.groupby([rows["origin_at"].dt.floor("D"), rows["family"]]).mean().unstack()
        errors = _errors(rows, self.entry.live)
        return Evidence(errors=errors, usual=_usual(errors), by_day=by_day)


def border_of(entries: Iterable[Entry]) -> pd.Timestamp:
    """The middle one of all held-out origins; the end of time without any."""
    origins = sorted({origin for entry in entries for origin in entry.origins})
    return origins[len(origins) // 2] if origins else pd.Timestamp.max.tz_localize("UTC")


def _usual(errors: Mapping[str, float]) -> float:
    """What errors of a series are counted in: those of the blend, unless it is never wrong."""
    blend = errors.get(YARDSTICK, float("nan"))
    if blend > 0.0:
        return blend
    return max((error for error in errors.values() if error > 0.0), default=1.0)


def _rows(entry: Entry, origins: Sequence[pd.Timestamp]) -> pd.DataFrame:
    """Rows of all families and naives from the same origins."""

    def remembered(forecasts: tuple[Forecast, ...]) -> Predictor:
        by_origin = {forecast.origin_at: forecast for forecast in forecasts}
        return lambda _, asked: [by_origin[origin] for origin in asked]

    predictors = {name: remembered(forecasts) for name, forecasts in entry.held_out.items()}
    naives = {name: naive.predict for name, naive in BASELINES.items()}
    return backtest(entry.series, {**predictors, **naives}, list(origins))


def _errors(rows: pd.DataFrame, live: LiveErrors) -> dict[str, float]:
    """Mean absolute error by family, over held-out and live intervals together.

    A live error counts as a multiple of the blend's on the same intervals, times the blend's
    held-out error.
    """
    error = (rows["actual"] - rows["q50"]).abs()
    held = {str(family): own for family, own in error.groupby(rows["family"])}
    usual = float(held[YARDSTICK].mean()) if YARDSTICK in held else float("nan")
    found: dict[str, float] = {}
    for name, own in held.items():
        total, count = float(own.sum()), len(own)
        if live.rows.get(name, 0) and live.beside.get(name, 0.0) > 0:
            multiple = live.error[name] / live.beside[name]
            total, count = total + multiple * usual * live.rows[name], count + live.rows[name]
        found[name] = total / count
    return found
