"""Learning one series twice: on everything, and on what came before the held-out days."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from energy_assets.calendar import local_midnights
from energy_assets.forecasting.bands import FEWEST_ERRORS
from energy_assets.forecasting.boosting.errors import TooFewRowsError
from energy_assets.forecasting.boosting.heldout import HeldOut
from energy_assets.forecasting.boosting.scale import Scale, scale_of
from energy_assets.forecasting.boosting.weather_path import WeatherPath, weather_path
from energy_assets.forecasting.calibration import Calibration
from energy_assets.forecasting.forecast import Forecast
from energy_assets.forecasting.kernel.learning import FEWEST_DAYS, Learned, days_to_learn, learn
from energy_assets.forecasting.kernel.model import KernelModel
from energy_assets.forecasting.kernel.points import covariates_of, on_timeline, points_of
from energy_assets.forecasting.kernel.settings import KernelSettings
from energy_assets.forecasting.past import Rows, past_of
from energy_assets.forecasting.series import TEMPERATURE, Series
from energy_assets.forecasting.timeline import Floats, Timeline, timeline_of

FEWEST_BEFORE: Final[int] = 7
"""With fewer days to learn from before the held-out ones, nothing is held out. [d]"""

HELD_OUT_SHARE: Final[float] = 0.2
"""Share of the days that are held out."""

HELD_OUT_DAYS: Final[int] = 365
"""The most days that are held out. [d]"""

MOST_HELD_OUT: Final[int] = 120
"""Held-out days that are forecast from their midnights, at most; the newest count."""

FAR_ORIGINS: Final[int] = 120
"""Held-out midnights from which all days ahead are predicted, at most; spread evenly."""

FEWEST_ORIGINS: Final[int] = 40
"""`FAR_ORIGINS` of days of many intervals."""

HELD_OUT_INTERVALS: Final[int] = 48
"""Days of more intervals than this are predicted from fewer midnights, in proportion."""

OUTSIDE: Final[float] = 0.25
"""How far forecasts may leave the range that was learned from, as a share of it."""


def fit(series: Series, *, settings: KernelSettings | None = None) -> KernelModel:
    """Learn one series; nothing is random.

    Args:
        series: What may be learned from, all of it. Known-past covariates that do not help are
            left out.
        settings: The accurate ones without them.

    Raises:
        TooFewRowsError: Too few days can be learned from.
    """
    return fit_twice(series, settings=settings)[0]


def fit_twice(
    series: Series, *, settings: KernelSettings | None = None
) -> tuple[KernelModel, tuple[Forecast, ...]]:
    """`fit`, and forecasts of held-out days by a model that learned before all of them.

    Their bands are of errors that were known at their origins: of days left out in the
    first half of the held-out days, and of the first half in the second.
    """
    chosen = settings or KernelSettings()
    require_enough(series, settings=chosen)
    known = np.flatnonzero(np.isfinite(series.values))
    first, end = int(known[0]), int(known[-1]) + 1
    day = series.steps_per_day
    held_days = int(np.clip((end - first) / day * HELD_OUT_SHARE, 3, HELD_OUT_DAYS))
    since = max(end - held_days * day, first)
    middle = since + (end - since) // 2
    whole = _Part.of(series.cut(0, end), chosen, fewest=FEWEST_DAYS)
    before = _Part.of(series.cut(0, since), chosen, fewest=FEWEST_BEFORE)
    if not before.learned.regressions:
        return whole.model((None, None)), ()
    steps = chosen.lead_days * day
    timeline = timeline_of(series)
    rows = held_out_rows(timeline, since=since, until=end, steps=steps)
    plain, informed = before.predicted(series, rows)
    model = whole.model(
        (_on_scale(plain, whole.scale, series), _on_scale(informed, whole.scale, series))
    )
    models = (
        before.model((None, None)),
        before.model((plain.before(middle), informed.before(middle))),
    )
    return model, _midnight_forecasts(models, series, since=since, middle=middle)


def require_enough(series: Series, *, settings: KernelSettings) -> None:
    """Refuse a series that is too short.

    Raises:
        TooFewRowsError: Fewer than `FEWEST_DAYS` days, mostly known, follow others.
    """
    timeline = timeline_of(series)
    values = on_timeline(timeline, series.values)
    days = days_to_learn(timeline, values, slot=settings.slots[0])
    if days < FEWEST_DAYS:
        known = int(np.isfinite(series.values).sum())
        raise TooFewRowsError(
            series=series.key,
            held=f"{known} known values, with {days} whole days that follow others",
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


Tried = tuple[HeldOut | None, HeldOut | None]
"""Held-out rows predicted without the temperature, then with it; none where nothing is held out."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Part:
    """What was learned from a series, or from the beginning of one."""

    series: Series
    settings: KernelSettings
    timeline: Timeline
    scale: Scale
    values: Floats
    learned: Learned
    limits: tuple[float, float]

    @staticmethod
    def of(series: Series, settings: KernelSettings, *, fewest: int) -> "_Part":
        """Learn all of a series."""
        timeline = timeline_of(series)
        scale = scale_of(series.values, signed=not series.non_negative)
        values = on_timeline(timeline, scale.learned(series.values))
        known = values[np.isfinite(values)]
        low, high = float(known.min(initial=np.inf)), float(known.max(initial=-np.inf))
        learned = learn(
            timeline,
            values,
            covariates=covariates_of(timeline, series, tuple(series.past)),
            path=_path(series, timeline),
            settings=settings,
            fewest=fewest,
        )
        return _Part(
            series=series,
            settings=settings,
            timeline=timeline,
            scale=scale,
            values=values,
            learned=learned,
            limits=(low - OUTSIDE * (high - low), high + OUTSIDE * (high - low)),
        )

    def predicted(self, series: Series, rows: Rows) -> tuple[HeldOut, HeldOut]:
        """Rows of a series that goes on after what was learned, on the scale of this part."""
        timeline = timeline_of(series)
        values = on_timeline(timeline, self.scale.learned(series.values))
        covariates = covariates_of(timeline, series, self.learned.covariates)
        past = past_of(timeline, values[: timeline.known])

        def tried(*, informed: bool) -> HeldOut:
            path = _path(series, timeline) if informed else None
            point, warm = points_of(
                self.learned.regressions, timeline, values, rows, covariates=covariates, path=path
            )
            own = np.isfinite(point) & (warm == informed)
            point = np.clip(point[own], *self.limits)
            return HeldOut(past=past, scale=self.scale, rows=rows.kept(own), point=point)

        return tried(informed=False), tried(informed=True)

    def left_out(self, *, informed: bool) -> HeldOut:
        """Days that were left out block by block, predicted with the temperature or without."""
        own = [one for one in self.learned.left_out if one.informed is informed]
        rows = Rows(
            origins=np.concatenate([one.rows.origins for one in own]),
            targets=np.concatenate([one.rows.targets for one in own]),
            steps_per_day=self.timeline.steps_per_day,
        )
        return HeldOut(
            past=past_of(self.timeline, self.values[: self.timeline.known]),
            scale=self.scale,
            rows=rows,
            point=self.values[rows.targets] - np.concatenate([one.error for one in own]),
        )

    def model(self, held: Tried) -> KernelModel:
        """A model whose bands are of held-out rows, and of days left out where there are few."""
        plain, informed = _calibration(held[0], self.left_out(informed=False)), None
        if any(key.informed for key in self.learned.regressions):
            informed = _calibration(held[1], self.left_out(informed=True))
        known = np.flatnonzero(np.isfinite(self.series.values))
        first, end = int(known[0]), int(known[-1]) + 1
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


def _path(series: Series, timeline: Timeline) -> WeatherPath | None:
    weather = series.future.get(TEMPERATURE)
    return None if weather is None else weather_path(timeline, weather)


def _calibration(held: HeldOut | None, left_out: HeldOut) -> Calibration:
    """Bands of held-out errors, presumed to be large where those of days left out are."""
    shape = left_out.calibration(None)
    if held is None or np.isfinite(held.past.values[held.rows.targets]).sum() < FEWEST_ERRORS:
        return shape
    return held.calibration(shape.intervals)


def _on_scale(held: HeldOut, scale: Scale, series: Series) -> HeldOut:
    """The same rows on another scale."""
    return HeldOut(
        past=past_of(held.past.timeline, scale.learned(series.values)),
        scale=scale,
        rows=held.rows,
        point=scale.learned(held.scale.consumed(held.point)),
    )


def _midnight_forecasts(
    models: tuple[KernelModel, KernelModel], series: Series, *, since: int, middle: int
) -> tuple[Forecast, ...]:
    """What the models predict of each held-out day, from what was known at its midnight.

    Weather that was only measured later is not used: it would not have been known.
    """
    honest = series.without_hindsight()
    midnights = local_midnights(series.starts, zone=series.zone)
    newest = midnights[midnights >= since][-MOST_HELD_OUT:]
    forecasts: list[Forecast] = []
    for model, own in zip(models, (newest[newest < middle], newest[newest >= middle]), strict=True):
        forecasts += model.predict(honest, [series.start_of(int(at)) for at in own])
    return tuple(forecasts)
