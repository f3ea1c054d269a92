"""Kernel, noise and helpful covariates of a series, by the errors of days left out."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from energy_assets.forecasting.kernel.columns import DayView, Groups
from energy_assets.forecasting.kernel.inputs import Examples, Inputs, examples_of, inputs_of
from energy_assets.forecasting.kernel.regression import (
    errors_without_blocks,
    kernel_of,
    left_out_errors,
    scaler_of,
    squared_distances,
)
from energy_assets.forecasting.kernel.settings import KernelSettings
from energy_assets.forecasting.timeline import Floats, Timeline
from energy_assets.forecasting.weather_path import WeatherPath

WORTH: Final[float] = 0.99
"""A covariate is kept that brings the error of days left out below this share of what it was."""


BLOCK_DAYS: Final[int] = 28
"""Days that are left out together: farther than any forecast reaches, on both sides of most. [d]"""


@dataclass(frozen=True, kw_only=True, eq=False)
class Choice:
    """A kernel, a noise, and the mean absolute error of days left out one by one with them."""

    narrowness: float
    noise: float
    error: float


def weighted_groups(groups: Groups, settings: KernelSettings) -> list[tuple[Floats, float]]:
    """Groups with their weights."""
    return [(table, settings.weights[name.split(" ")[0]]) for name, table in groups.items()]


def choice_of(inputs: Inputs, examples: Examples, settings: KernelSettings, *, most: int) -> Choice:
    """The kernel and the noise with the least error on the newest days left out.

    Args:
        inputs: Columns of the days.
        examples: Which of them can be learned from.
        settings: What to choose from.
        most: On how many days.
    """
    own = examples.newest(most)
    scaler = scaler_of(weighted_groups(inputs.groups, settings), own.rows)
    coordinates = scaler.coordinates(inputs.table(own.rows))
    distances = squared_distances(coordinates, coordinates)
    found: list[Choice] = []
    for narrowness in settings.narrowness:
        errors = left_out_errors(np.exp(-narrowness * distances), own.departure, settings.noises)
        found += [
            Choice(narrowness=narrowness, noise=noise, error=float(np.abs(error).mean()))
            for noise, error in zip(settings.noises, errors, strict=True)
        ]
    return min(found, key=lambda choice: choice.error)


def left_out_errors_of(
    inputs: Inputs, examples: Examples, settings: KernelSettings, choice: Choice
) -> Floats:
    """What happened on each day less what days at other times predict, one column per slot.

    Days are left out with those around them, whose errors go together with theirs.
    """
    scaler = scaler_of(weighted_groups(inputs.groups, settings), examples.rows)
    coordinates = scaler.coordinates(inputs.table(examples.rows))
    kernel = kernel_of(coordinates, coordinates, choice.narrowness)
    block = examples.rows // BLOCK_DAYS
    return errors_without_blocks(kernel, examples.departure, block, noise=choice.noise)


def helpful_covariates(
    view: DayView, timeline: Timeline, *, path: WeatherPath | None, settings: KernelSettings
) -> tuple[str, ...]:
    """Covariates that help one day ahead, added one by one while the best is worth it."""

    def error(names: tuple[str, ...]) -> float:
        inputs = inputs_of(view, timeline, lead=1, covariates=names, path=path)
        examples = examples_of(inputs, view.values)
        if not len(examples.rows):
            return 0.0
        return choice_of(inputs, examples, settings, most=settings.tuned_days).error

    kept: tuple[str, ...] = ()
    if not view.covariates:
        return kept
    least = error(kept)
    while len(kept) < len(view.covariates):
        rest = sorted(set(view.covariates) - set(kept))
        tried = {name: error((*kept, name)) for name in rest}
        best = min(tried, key=lambda name: tried[name])
        if tried[best] >= WORTH * least:
            break
        kept, least = (*kept, best), tried[best]
    return kept
