"""Learning one series twice: on everything, and on what came before the held-out days."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from energy_assets.forecasting.bands import FEWEST_ERRORS
from energy_assets.forecasting.calibration import Calibration
from energy_assets.forecasting.errors import TooFewRowsError
from energy_assets.forecasting.family import Fitted
from energy_assets.forecasting.forecast import Forecast
from energy_assets.forecasting.held_out import (
    HELD_OUT_INTERVALS,
    MOST_HELD_OUT,
    HeldOutPart,
    HeldOutPoints,
)
from energy_assets.forecasting.kernel.learning import FEWEST_DAYS, LearnedDays, days_to_learn, learn
from energy_assets.forecasting.kernel.model import KernelModel
from energy_assets.forecasting.kernel.points import covariates_of, points_of
from energy_assets.forecasting.kernel.settings import KernelSettings
from energy_assets.forecasting.past import Past, Rows, past_of
from energy_assets.forecasting.scale import Scale, limits_of, scale_of
from energy_assets.forecasting.series import Series
from energy_assets.forecasting.timeline import Timeline, timeline_of
from energy_assets.forecasting.weather_path import path_of

FEWEST_BEFORE: Final[int] = 7
"""With fewer days to learn from before the held-out ones, nothing is held out. [d]"""

FAR_ORIGINS: Final[int] = 120
"""Held-out midnights from which all days ahead are predicted, at most; spread evenly."""

FEWEST_ORIGINS: Final[int] = 40
"""`FAR_ORIGINS` of days of many intervals."""


def fit_twice(series: Series, *, settings: KernelSettings) -> Fitted:
    """Learn one series, and forecast held-out days by a model that learned before all of them.

    Nothing is random. Their bands are of errors that were known at their origins: of days left out
    in the first half of the held-out days, and of the first half in the second.

    Args:
        series: What may be learned from, all of it. Known-past covariates that do not help are
            left out.
        settings: How to learn.

    Raises:
        TooFewRowsError: Too few days can be learned from.
    """
    require_days_to_learn(series, settings=settings)
    part = HeldOutPart.of(series)
    whole = _Part.of(series.cut(0, part.end), settings, fewest=FEWEST_DAYS)
    before = _Part.of(series.cut(0, part.since), settings, fewest=FEWEST_BEFORE)
    if not before.learned.regressions:
        return Fitted(model=whole.model(NOTHING), held_out=())
    steps = settings.lead_days * series.steps_per_day
    rows = held_out_rows(timeline_of(series), since=part.since, until=part.end, steps=steps)
    plain, informed = before.predicted(series, rows)
    model = whole.model(
        (_on_scale(plain, whole.scale, series), _on_scale(informed, whole.scale, series))
    )
    sooner = before.model(NOTHING)
    later = before.model((plain.before(part.middle), informed.before(part.middle)))
    return Fitted(model=model, held_out=_midnight_forecasts(sooner, later, series, part))


def require_days_to_learn(series: Series, *, settings: KernelSettings) -> None:
    """Refuse a series that is too short.

    Raises:
        TooFewRowsError: Fewer than `FEWEST_DAYS` days, mostly known, follow others.
    """
    timeline = timeline_of(series)
    values = past_of(timeline, series.values).values
    days = days_to_learn(timeline, values, slot=settings.slots[0])
    if days < FEWEST_DAYS:
        raise TooFewRowsError(
            series=series.key,
            held=f"{series.known_count} known values, with {days} whole days that follow others",
            needed=f"{FEWEST_DAYS} such days",
        )


def held_out_rows(timeline: Timeline, *, since: int, until: int, steps: int) -> Rows:
    """Intervals ahead of each local midnight of a part: of one day, or of all days from some."""
    day = timeline.steps_per_day
    midnights = np.flatnonzero(timeline.slot[since:until] == 0) + since
    share = min(HELD_OUT_INTERVALS / day, 1.0)
    most = max(int(FAR_ORIGINS * share), FEWEST_ORIGINS)
    far = np.zeros(len(midnights), dtype=np.bool_)
    far[:: max(-(-len(midnights) // most), 1)] = True
    count = np.minimum(np.where(far, steps, day), until - midnights)
    origins = np.repeat(midnights, count)
    first = np.repeat(count.cumsum() - count, count)
    targets = origins + np.arange(len(origins)) - first
    return Rows(origins=origins, targets=targets, steps_per_day=day)


TriedPoints = tuple[HeldOutPoints | None, HeldOutPoints | None]
"""Points of held-out rows without the temperature, then with it; none where nothing is held out."""

NOTHING: Final[TriedPoints] = (None, None)
"""Nothing is held out."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Part:
    """What was learned from a series, or from the beginning of one."""

    series: Series
    settings: KernelSettings
    scale: Scale
    past: Past
    learned: LearnedDays
    limits: tuple[float, float]

    @staticmethod
    def of(series: Series, settings: KernelSettings, *, fewest: int) -> "_Part":
        """Learn all of a series."""
        timeline = timeline_of(series)
        scale = scale_of(series.values, signed=not series.non_negative)
        past = past_of(timeline, scale.to_scale(series.values))
        learned = learn(
            timeline,
            past.values,
            covariates=covariates_of(timeline, series, series.past),
            path=path_of(series, timeline),
            settings=settings,
            fewest=fewest,
        )
        limits = limits_of(past.values[np.isfinite(past.values)])
        return _Part(
            series=series, settings=settings, scale=scale, past=past, learned=learned, limits=limits
        )

    def predicted(self, series: Series, rows: Rows) -> tuple[HeldOutPoints, HeldOutPoints]:
        """Rows of a series that goes on after what was learned, on the scale of this part."""
        timeline = timeline_of(series)
        past = past_of(timeline, self.scale.to_scale(series.values))
        covariates = covariates_of(timeline, series, self.learned.covariates)

        def tried(*, informed: bool) -> HeldOutPoints:
            path = path_of(series, timeline) if informed else None
            point, warm = points_of(
                self.learned.regressions, past, rows, covariates=covariates, path=path
            )
            own = np.isfinite(point) & (warm == informed)
            point = np.clip(point[own], *self.limits)
            return HeldOutPoints(past=past, scale=self.scale, rows=rows.keep(own), point=point)

        return tried(informed=False), tried(informed=True)

    def left_out(self, *, informed: bool) -> HeldOutPoints:
        """Days that were left out block by block, predicted with the temperature or without."""
        own = [one for one in self.learned.left_out if one.informed is informed]
        rows = Rows(
            origins=np.concatenate([one.rows.origins for one in own]),
            targets=np.concatenate([one.rows.targets for one in own]),
            steps_per_day=self.series.steps_per_day,
        )
        point = self.past.values[rows.targets] - np.concatenate([one.error for one in own])
        return HeldOutPoints(past=self.past, scale=self.scale, rows=rows, point=point)

    def model(self, held: TriedPoints) -> KernelModel:
        """A model whose bands are of held-out rows, and of days left out where there are few."""
        plain, informed = _calibration(held[0], self.left_out(informed=False)), None
        if any(key.informed for key in self.learned.regressions):
            informed = _calibration(held[1], self.left_out(informed=True))
        first, end = self.series.known_range()
        return KernelModel(
            key=self.series.key,
            unit=self.series.unit,
            interval_minutes=self.series.interval_minutes,
            zone=self.series.zone,
            scale=self.scale,
            covariates=self.learned.covariates,
            regressions=self.learned.regressions,
            plain=plain,
            informed=informed,
            limits=self.limits,
            settings=self.settings,
            learned_from=(self.series.start_of(first), self.series.start_of(end)),
        )


def _calibration(held: HeldOutPoints | None, left_out: HeldOutPoints) -> Calibration:
    """Bands of held-out errors, presumed to be large where those of days left out are."""
    shape = left_out.calibration(None)
    if held is None or np.isfinite(held.past.values[held.rows.targets]).sum() < FEWEST_ERRORS:
        return shape
    return held.calibration(shape.intervals)


def _on_scale(held: HeldOutPoints, scale: Scale, series: Series) -> HeldOutPoints:
    """The same rows on another scale."""
    past = past_of(held.past.timeline, scale.to_scale(series.values))
    point = scale.to_scale(held.scale.to_unit(held.point))
    return replace(held, past=past, scale=scale, point=point)


def _midnight_forecasts(
    sooner: KernelModel, later: KernelModel, series: Series, part: HeldOutPart
) -> tuple[Forecast, ...]:
    """What models predict of the halves of the held-out days, from what was known at midnights.

    Weather that was only measured later is not used: it would not have been known.
    """
    honest = series.without_hindsight()
    newest = series.midnights(part.since)[-MOST_HELD_OUT:]
    forecasts: list[Forecast] = []
    for model, own in (
        (sooner, newest[newest < part.middle]),
        (later, newest[newest >= part.middle]),
    ):
        forecasts += model.predict(honest, [series.start_of(int(at)) for at in own])
    return tuple(forecasts)
