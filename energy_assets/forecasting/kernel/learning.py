"""Learning the regressions of one series: one per slot and lead day, with weather and without."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from energy_assets.forecasting.kernel.choosing import (
    Choice,
    choice_of,
    helpful_covariates,
    left_out_errors_of,
    weighted_groups,
)
from energy_assets.forecasting.kernel.columns import DayView, day_view
from energy_assets.forecasting.kernel.day_grid import day_grid
from energy_assets.forecasting.kernel.inputs import Examples, Inputs, Key, examples_of, inputs_of
from energy_assets.forecasting.kernel.regression import Regression, fit_regression, scaler_of
from energy_assets.forecasting.kernel.settings import KernelSettings
from energy_assets.forecasting.past import Rows, lead_group
from energy_assets.forecasting.timeline import Floats, Timeline
from energy_assets.forecasting.weather_path import WeatherPath

FEWEST_DAYS: Final[int] = 21
"""Fewer whole days with a known baseline teach nothing. [d]"""


@dataclass(frozen=True, kw_only=True, eq=False)
class LeftOut:
    """Days that were left out block by block.

    Attributes:
        rows: Their intervals, from each day's origin.
        error: What happened less what other blocks predict, on the learned scale.
        informed: Which rows were predicted with the temperature.
    """

    rows: Rows
    error: Floats
    informed: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class LearnedDays:
    """What was learned.

    Attributes:
        regressions: By what they predict; those with the temperature after those without.
        covariates: Names of the known-past covariates that help, in the order of their columns.
        left_out: Days left out, with the temperature and without, one lead day of each group.
    """

    regressions: dict[Key, Regression]
    covariates: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def learn(
    timeline: Timeline,
    values: Floats,
    *,
    covariates: Mapping[str, Floats],
    path: WeatherPath | None,
    settings: KernelSettings,
    fewest: int = FEWEST_DAYS,
) -> LearnedDays:
    """Learn a series; nothing where fewer than `fewest` days can be learned from.

    Args:
        timeline: Its clock.
        values: LearnedDays values of the timeline, NaN where unknown or to come.
        covariates: Known-past covariates by name, as long as `values`.
        path: Temperatures, if any.
        settings: How to learn.
        fewest: Fewer whole days with a known baseline teach nothing. [d]
    """
    views = {
        slot: day_view(day_grid(timeline, slot=slot), values, covariates) for slot in settings.slots
    }
    kept = helpful_covariates(views[settings.slots[0]], timeline, path=path, settings=settings)
    regressions: dict[Key, Regression] = {}
    left_out: list[LeftOut] = []
    for own in (None,) if path is None else (None, path):
        for slot, view in views.items():
            work = _SlotFit(
                timeline=timeline,
                settings=settings,
                slot=slot,
                view=view,
                kept=kept,
                path=own,
                fewest=fewest,
            )
            work.fill(regressions, left_out)
    return LearnedDays(regressions=regressions, covariates=kept, left_out=tuple(left_out))


def days_to_learn(timeline: Timeline, values: Floats, *, slot: int) -> int:
    """From how many days the day ahead can be learned without the temperature."""
    view = day_view(day_grid(timeline, slot=slot), values, {})
    inputs = inputs_of(view, timeline, lead=1, covariates=(), path=None)
    return len(examples_of(inputs, view.values).rows)


@dataclass(frozen=True, kw_only=True, eq=False)
class _SlotFit:
    """One slot of a series while it is learned, with weather or without."""

    timeline: Timeline
    settings: KernelSettings
    slot: int
    view: DayView
    kept: tuple[str, ...]
    path: WeatherPath | None
    fewest: int

    def fill(self, regressions: dict[Key, Regression], left_out: list[LeftOut]) -> None:
        """Learn every lead day; those of a group share kernel and noise."""
        chosen: dict[int, Choice] = {}
        informed = self.path is not None
        for lead in range(1, self.settings.lead_days + 1):
            inputs = inputs_of(
                self.view, self.timeline, lead=lead, covariates=self.kept, path=self.path
            )
            examples = examples_of(inputs, self.view.values)
            if len(examples.rows) < self.fewest:
                continue
            near = lead == 1
            group = int(lead_group(np.array([lead]))[0])
            if group not in chosen:
                most = self.settings.tuned_days // (1 if near else 2)
                chosen[group] = choice_of(inputs, examples, self.settings, most=most)
                own = examples.newest(self.settings.far_days)
                left_out.append(self._left_out(inputs, own, chosen[group]))
            most = self.settings.most_days if near else self.settings.far_days
            key = Key(slot=self.slot, lead=lead, informed=informed)
            regressions[key] = self._regression(inputs, examples.newest(most), chosen[group])

    def _left_out(self, inputs: Inputs, examples: Examples, choice: Choice) -> LeftOut:
        """Days that are left out, if the timeline holds all their intervals and their origin."""
        errors = left_out_errors_of(inputs, examples, self.settings, choice)
        position, days, ahead = self.view.grid.position, examples.rows, inputs.lead - 1
        inside = (position[days, 0] >= 0) & (position[days + ahead] >= 0).all(axis=1)
        return LeftOut(
            rows=self.view.grid.rows(days[inside], ahead),
            error=errors[inside].reshape(-1),
            informed=self.path is not None,
        )

    def _regression(self, inputs: Inputs, examples: Examples, choice: Choice) -> Regression:
        return fit_regression(
            scaler_of(weighted_groups(inputs.groups, self.settings), examples.rows),
            inputs.table(examples.rows),
            examples.departure,
            narrowness=choice.narrowness,
            noise=choice.noise,
        )
