"""Point forecasts of rows: each from the regression of its origin's slot and its day ahead."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from energy_assets.forecasting.boosting.weather_path import WeatherPath
from energy_assets.forecasting.kernel.columns import day_view
from energy_assets.forecasting.kernel.day_grid import day_grid
from energy_assets.forecasting.kernel.inputs import Key, inputs_of
from energy_assets.forecasting.kernel.regression import Regression
from energy_assets.forecasting.past import Rows
from energy_assets.forecasting.series import Series
from energy_assets.forecasting.timeline import Floats, Timeline


def points_of(
    regressions: Mapping[Key, Regression],
    timeline: Timeline,
    values: Floats,
    rows: Rows,
    *,
    covariates: Mapping[str, Floats],
    path: WeatherPath | None,
) -> tuple[Floats, NDArray[np.bool_]]:
    """Point forecasts on the learned scale, and which of them know the temperature.

    Args:
        regressions: What was learned.
        timeline: Clock of the series.
        values: Learned values of the timeline; nothing at or after a row's origin is read.
        rows: Origins and targets.
        covariates: The known-past covariates that were learned from, in their order; one that is
            all NaN is missing.
        path: Temperatures, if any.

    Returns:
        NaN where no regression serves: from another slot of the day, farther ahead, or where
        nothing of the last weeks is known.
    """
    point, warm = np.full(len(rows), np.nan), np.zeros(len(rows), dtype=np.bool_)
    for slot in sorted({key.slot for key in regressions}):
        own = np.flatnonzero(timeline.slot[rows.origins] == slot)
        if not len(own):
            continue
        view = day_view(day_grid(timeline, slot=slot), values, covariates)
        origin, _ = view.grid.of(timeline, rows.origins[own])
        target, column = view.grid.of(timeline, rows.targets[own])
        for key, regression in regressions.items():
            which = target - origin + 1 == key.lead
            if key.slot != slot or not which.any() or (key.informed and path is None):
                continue
            inputs = inputs_of(
                view,
                timeline,
                lead=key.lead,
                covariates=tuple(covariates),
                path=path if key.informed else None,
            )
            which &= inputs.known[origin]
            days, at = np.unique(origin[which], return_inverse=True)
            if len(days):
                predicted = inputs.base[days] + regression.predict(inputs.table(days))
                point[own[which]] = predicted[at, column[which]]
                warm[own[which]] = key.informed
    return point, warm


def on_timeline(timeline: Timeline, known: NDArray[np.floating]) -> Floats:
    """Values of a series on its timeline, NaN to come."""
    values = np.full(len(timeline.starts), np.nan)
    values[: len(known)] = known
    return values


def covariates_of(timeline: Timeline, series: Series, names: tuple[str, ...]) -> dict[str, Floats]:
    """Known-past covariates by name on a timeline; all NaN where the series has none."""
    nothing = np.full(0, np.nan)
    return {name: on_timeline(timeline, series.past.get(name, nothing)) for name in names}
