"""Learning one meter: a model on everything, and bands from rows that a first model never saw."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.forecasting.bands import Bands
from energy_assets.forecasting.boosting.columns import YEAR_DAYS, Design, design
from energy_assets.forecasting.boosting.errors import TooFewRowsError
from energy_assets.forecasting.boosting.heldout import HeldOut, held_out_rows, shape_of
from energy_assets.forecasting.boosting.learner import Learner, fit_learners
from energy_assets.forecasting.boosting.model import MeterModel
from energy_assets.forecasting.boosting.parameters import TreeParams, params_for
from energy_assets.forecasting.boosting.sampling import training_rows
from energy_assets.forecasting.boosting.scale import Scale, scale_of
from energy_assets.forecasting.boosting.weather_path import WeatherPath, weather_path
from energy_assets.forecasting.calibration import Calibration
from energy_assets.forecasting.conformal import drawn
from energy_assets.forecasting.past import Past, Rows, past_of, typical_profile
from energy_assets.forecasting.series import KnownFuture, Series
from energy_assets.forecasting.timeline import timeline_of

FEWEST_VALUES: Final[int] = 100
"""A meter with fewer known values has no model."""

FEWEST_DAYS: Final[int] = 15
"""A meter whose known values span fewer days has no model. [d]"""

HELD_OUT_SHARE: Final[float] = 0.2
"""Share of the days whose errors make the bands."""

HELD_OUT_DAYS: Final[int] = 365
"""The most days whose errors make the bands. [d]"""

FEWEST_LESSONS: Final[int] = 48
"""Rows with a known baseline below which nothing is learned."""


def fit(
    history: Series,
    weather: KnownFuture | None,
    *,
    params: TreeParams | None = None,
    seed: int = 0,
) -> MeterModel:
    """Learn one meter.

    Args:
        history: What may be learned from, all of it.
        weather: Temperatures around it, if any are known.
        params: The documented defaults of the meter's type without them.
        seed: Same history, seed and machine give the same model.

    Raises:
        TooFewRowsError: Under `FEWEST_VALUES` known values, or over fewer than `FEWEST_DAYS` days.
    """
    require_enough(history)
    return learn(history, weather, params=params, seed=seed)


def learn(
    history: Series,
    weather: KnownFuture | None,
    *,
    params: TreeParams | None = None,
    seed: int = 0,
) -> MeterModel:
    """`fit` without a least length, for parts of a history that is long enough itself."""
    return learn_twice(history, weather, params=params, seed=seed).model


@dataclass(frozen=True, kw_only=True, eq=False)
class Learned:
    """A model of everything, and one that stopped before the held-out days.

    Attributes:
        model: What serves; its bands are of the errors of `earlier` on all held-out days.
        earlier: It has seen no held-out day, and the bands of its forecasts of the later half of
            them are of its errors on the earlier half.
        held_out_from: Start of the first held-out day, UTC.
    """

    model: MeterModel
    earlier: MeterModel
    held_out_from: pd.Timestamp


def learn_twice(
    history: Series,
    weather: KnownFuture | None,
    *,
    params: TreeParams | None = None,
    seed: int = 0,
) -> Learned:
    """Learn a model of everything and one that stopped before the held-out days, at one cost."""
    chosen = params or params_for(history.unit)
    timeline = timeline_of(history)
    scale = scale_of(history.values, signed=not history.non_negative)
    unknown = np.full((2, timeline.steps_per_day), np.nan)
    past = past_of(timeline, scale.learned(history.values), typical=unknown)
    work = _Work(
        series=history.key,
        past=past,
        scale=scale,
        params=chosen,
        seed=seed,
        path=None if weather is None else weather_path(timeline, weather),
        seasons=_seasons(past),
    )
    parts = work.learned()
    known = np.flatnonzero(np.isfinite(history.values))
    first, held_out_from = history.start_of(int(known[0])), history.start_of(parts.held_out_from)

    def model(part: _Part, end: int, rows: int) -> MeterModel:
        return MeterModel(
            key=history.key,
            unit=history.unit,
            interval_minutes=history.interval_minutes,
            zone=history.zone,
            scale=scale,
            typical=typical_profile(timeline, past.values),
            seasons=work.seasons,
            learner=part.learner,
            plain=part.plain,
            informed=part.informed,
            params=chosen,
            seed=seed,
            learned_from=(first, history.start_of(end)),
            rows=rows,
        )

    before = int((known < parts.held_out_from).sum())
    return Learned(
        model=model(parts.whole, int(known[-1]) + 1, len(known)),
        earlier=model(parts.earlier, parts.held_out_from, before),
        held_out_from=held_out_from,
    )


def require_enough(history: Series) -> None:
    """Refuse a history that is too short.

    Raises:
        TooFewRowsError: It has too few known values or days.
    """
    known = np.flatnonzero(np.isfinite(history.values))
    steps = int(known[-1] - known[0]) + 1 if len(known) else 0
    days = -(-steps // history.steps_per_day)
    if len(known) < FEWEST_VALUES or days < FEWEST_DAYS:
        raise TooFewRowsError(
            series=history.key,
            held=f"{len(known)} known values over {days} days" if days else "no known value",
            needed=f"{FEWEST_VALUES} values over {FEWEST_DAYS} days",
        )


def _seasons(past: Past) -> bool:
    known = np.flatnonzero(np.isfinite(past.values))
    return bool(known[-1] - known[0] >= YEAR_DAYS * past.timeline.steps_per_day)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Part:
    """A learner and what its errors say."""

    learner: Learner
    plain: Calibration
    informed: Calibration | None


@dataclass(frozen=True, kw_only=True, eq=False)
class _Parts:
    """What was learned from everything, and from before the held-out days."""

    whole: _Part
    earlier: _Part
    held_out_from: int


@dataclass(frozen=True, kw_only=True, eq=False)
class _Work:
    """One meter while it is learned."""

    series: str
    past: Past
    scale: Scale
    params: TreeParams
    seed: int
    path: WeatherPath | None
    seasons: bool

    def learned(self) -> _Parts:
        """A learner of everything, one that stopped before the held-out days, and their bands."""
        known = np.flatnonzero(np.isfinite(self.past.values))
        first, end = int(known[0]), int(known[-1]) + 1
        day = self.past.timeline.steps_per_day
        held_out = int(np.clip((end - first) / day * HELD_OUT_SHARE, 3, HELD_OUT_DAYS)) * day
        since = max(end - held_out, first)
        made = self._lesson_rows(end)
        learner, before, left = fit_learners(
            self.past,
            made,
            self._is_warm(made),
            held_out_from=end - held_out,
            params=self.params,
            seed=self.seed,
        )
        rows = held_out_rows(
            self.past, since=end - held_out, until=end, steps=self.params.lead_days * day
        )
        plain, informed = self._held_out(before, self._design(rows))
        middle = since + (end - since) // 2

        def part(own: Learner, shape: Bands | None, *, shown: int) -> _Part:
            return _Part(
                learner=own,
                plain=plain.before(shown).calibration(shape),
                informed=informed and informed.before(shown).calibration(shape),
            )

        whole = part(learner, shape_of(self.past, made.rows, left), shown=end)
        earlier = part(before, self._shape_before(before, made, since), shown=middle)
        return _Parts(whole=whole, earlier=earlier, held_out_from=since)

    def _shape_before(self, before: Learner, made: Design, since: int) -> Bands | None:
        """Where the linear part errs on what it learned from, nothing later being known."""
        chosen = np.zeros(len(made.rows), dtype=np.bool_)
        chosen[drawn(made.rows.targets < since)] = True
        known = made.kept(chosen)
        linear = before.terms(self.past, known, self._is_warm(known)).sum(axis=1)
        error = self.past.values[known.rows.targets] - known.baseline - linear
        return shape_of(self.past, known.rows, error)

    def _lesson_rows(self, end: int) -> Design:
        """Rows to learn from, all before a position."""
        rng = np.random.default_rng(self.seed)
        made = self._design(training_rows(self.past, until=end, params=self.params, rng=rng))
        if len(made.rows) < FEWEST_LESSONS:
            known = int(np.isfinite(self.past.values).sum())
            raise TooFewRowsError(
                series=self.series,
                held=f"{known} known values, of which {len(made.rows)} follow others at the "
                f"same hour",
                needed=f"{FEWEST_LESSONS} of these",
            )
        return made

    def _held_out(self, learner: Learner, held: Design) -> tuple[HeldOut, HeldOut | None]:
        """Rows predicted without the temperature, and with it where the learner knows it."""

        def predicted(made: Design, warm: NDArray[np.bool_]) -> HeldOut:
            point = learner.predict(self.past, made, warm)
            return HeldOut(past=self.past, scale=self.scale, rows=made.rows, point=point)

        plain = predicted(held, np.zeros(len(held.rows), dtype=np.bool_))
        if learner.informed is None:
            return plain, None
        warm = self._is_warm(held)
        return plain, predicted(held.kept(warm), warm[warm])

    def _design(self, rows: Rows) -> Design:
        made = design(self.past, rows, self.path, seasons=self.seasons)
        known = np.isfinite(self.past.values[rows.targets]) & np.isfinite(made.baseline)
        return made.kept(known)

    def _is_warm(self, made: Design) -> NDArray[np.bool_]:
        """Rows of which the temperature is known."""
        if self.path is None:
            return np.zeros(len(made.rows), dtype=np.bool_)
        return np.isfinite(self.path.at(made.rows.targets, made.rows))
