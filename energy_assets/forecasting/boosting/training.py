"""Learning one meter: a model on everything, and bands from rows that a first model never saw."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from energy_assets.forecasting.bands import FEWEST_ERRORS, Bands, fit_bands
from energy_assets.forecasting.boosting.columns import Design, design
from energy_assets.forecasting.boosting.learner import Learner, fit_learners
from energy_assets.forecasting.boosting.model import MeterModel
from energy_assets.forecasting.boosting.parameters import TreeParams, params_for
from energy_assets.forecasting.boosting.sampling import training_rows
from energy_assets.forecasting.conformal import draw_rows
from energy_assets.forecasting.days import conditions_of
from energy_assets.forecasting.errors import TooFewRowsError, require_enough
from energy_assets.forecasting.held_out import HeldOutPart, HeldOutPoints, held_out_rows
from energy_assets.forecasting.past import Past, Rows, past_of, typical_profile
from energy_assets.forecasting.scale import Scale, scale_of
from energy_assets.forecasting.series import Series
from energy_assets.forecasting.timeline import Floats, timeline_of
from energy_assets.forecasting.weather_path import WeatherPath, path_of

FEWEST_LESSONS: Final[int] = 48
"""Rows with a known baseline below which nothing is learned."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Fits:
    """A model of everything, and one that stopped before the held-out days.

    Attributes:
        model: What serves; its bands are of the errors of `earlier` on all held-out days.
        earlier: It has seen no held-out day, and the bands of its forecasts of the later half of
            them are of its errors on the earlier half.
        held_out: The held-out part.
    """

    model: MeterModel
    earlier: MeterModel
    held_out: HeldOutPart


def fit_twice(series: Series, *, params: TreeParams | None = None, seed: int = 0) -> Fits:
    """Learn a model of everything and one that stopped before the held-out days, at one cost.

    Args:
        series: What may be learned from, all of it, with the temperature if any is known.
        params: The documented defaults of the unit without them.
        seed: Same series, seed and machine give the same model.

    Raises:
        TooFewRowsError: The series is too short, or nothing in it follows anything.
    """
    require_enough(series)
    work = Workpiece.of(series, params or params_for(series.unit))
    past, part = work.past, HeldOutPart.of(series)
    lesson = work.lesson(until=part.end, rng=np.random.default_rng(seed))
    if len(lesson.rows) < FEWEST_LESSONS:
        raise TooFewRowsError(
            series=series.key,
            held=f"{series.known_count} known values, of which {len(lesson.rows)} follow others "
            f"at the same hour",
            needed=f"{FEWEST_LESSONS} of these",
        )
    whole, before, left = fit_learners(
        past, lesson, held_out_from=part.since, params=work.params, seed=seed
    )
    points = _held_out_points(work, before, part)
    shape = _shape_of(past, lesson.rows, left)
    shape_before = _shape_before(past, before, lesson, part.since)
    return Fits(
        model=work.model(whole, points, shape, end=part.end, shown=part.end, seed=seed),
        earlier=work.model(
            before, points, shape_before, end=part.since, shown=part.middle, seed=seed
        ),
        held_out=part,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Workpiece:
    """One series while trees learn it.

    Attributes:
        series: The series.
        past: The same on the learned scale.
        scale: That scale.
        params: How trees are grown.
        path: Temperatures, if any are known.
        seasons: Whether it is long enough for the year's harmonics.
    """

    series: Series
    past: Past
    scale: Scale
    params: TreeParams
    path: WeatherPath | None
    seasons: bool

    @staticmethod
    def of(series: Series, params: TreeParams) -> "Workpiece":
        """A series on the scale that its values suggest; what is unknown stays unknown."""
        timeline = timeline_of(series)
        scale = scale_of(series.values, signed=not series.non_negative)
        unknown = np.full((2, timeline.steps_per_day), np.nan)
        return Workpiece(
            series=series,
            past=past_of(timeline, scale.to_scale(series.values), typical=unknown),
            scale=scale,
            params=params,
            path=path_of(series, timeline),
            seasons=series.shows_seasons,
        )

    def lesson(self, *, until: int, rng: np.random.Generator) -> Design:
        """Columns of rows to learn from, all before a position."""
        return self.design(training_rows(self.past, until=until, params=self.params, rng=rng))

    def design(self, rows: Rows) -> Design:
        """Columns of those rows whose target and baseline are known."""
        made = design(self.past, rows, self.path, seasons=self.seasons)
        known = np.isfinite(self.past.values[rows.targets]) & np.isfinite(made.baseline)
        return made.keep(known)

    def model(
        self,
        learner: Learner,
        points: tuple[HeldOutPoints, HeldOutPoints | None],
        shape: Bands | None,
        *,
        end: int,
        shown: int,
        seed: int,
    ) -> MeterModel:
        """The model of a learner that learned up to `end`, its bands of points before `shown`."""
        plain, informed = points
        known = np.flatnonzero(np.isfinite(self.series.values))
        return MeterModel(
            key=self.series.key,
            unit=self.series.unit,
            interval_minutes=self.series.interval_minutes,
            zone=self.series.zone,
            scale=self.scale,
            typical=typical_profile(self.past.timeline, self.past.values),
            seasons=self.seasons,
            learner=learner,
            plain=plain.before(shown).calibration(shape),
            informed=informed and informed.before(shown).calibration(shape),
            params=self.params,
            seed=seed,
            learned_from=(self.series.start_of(int(known[0])), self.series.start_of(end)),
            rows=int((known < end).sum()),
        )


def _held_out_points(
    work: Workpiece, learner: Learner, part: HeldOutPart
) -> tuple[HeldOutPoints, HeldOutPoints | None]:
    """Points of held-out rows without the temperature, and with it where the learner knows it."""
    steps = work.params.lead_days * work.series.steps_per_day
    held = work.design(held_out_rows(work.past, since=part.since, until=part.end, steps=steps))

    def predicted(made: Design) -> HeldOutPoints:
        point = learner.predict(work.past, made)
        return HeldOutPoints(past=work.past, scale=work.scale, rows=made.rows, point=point)

    plain = predicted(held.without_weather())
    return plain, None if learner.informed is None else predicted(held.keep(held.warm))


def _shape_before(past: Past, before: Learner, lesson: Design, since: int) -> Bands | None:
    """Where the linear part errs on what it learned from, nothing later being known."""
    chosen = np.zeros(len(lesson.rows), dtype=np.bool_)
    chosen[draw_rows(lesson.rows.targets < since)] = True
    known = lesson.keep(chosen)
    linear = before.terms(past, known).sum(axis=1)
    error = past.values[known.rows.targets] - known.baseline - linear
    return _shape_of(past, known.rows, error)


def _shape_of(past: Past, rows: Rows, error: Floats) -> Bands | None:
    """Where errors are large, from what the linear part left of blocks it had not seen.

    Args:
        past: What is known.
        rows: Rows that were learned from.
        error: What was left of each, on the learned scale.

    Returns:
        Bands that are presumed before held-out errors; none where there are too few.
    """
    if len(rows) < FEWEST_ERRORS:
        return None
    clock = past.timeline
    return fit_bands(error, conditions_of(clock, rows), day=clock.day[rows.targets])
