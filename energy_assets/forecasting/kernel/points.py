"""Point forecasts of rows: each from the regression of its origin's slot and its day ahead."""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from energy_assets.forecasting.kernel.columns import day_view
from energy_assets.forecasting.kernel.day_grid import day_grid
from energy_assets.forecasting.kernel.inputs import Key, inputs_of
from energy_assets.forecasting.kernel.regression import Regression
from energy_assets.forecasting.past import Past, Rows
from energy_assets.forecasting.series import Series
from energy_assets.forecasting.timeline import Floats, Timeline
from energy_assets.forecasting.weather_path import WeatherPath


def points_of(
    regressions: Mapping[Key, Regression],
    past: Past,
    rows: Rows,
    *,
    covariates: Mapping[str, Floats],
    path: WeatherPath | None,
) -> tuple[Floats, NDArray[np.bool_]]:
    """Point forecasts on the learned scale, and which of them know the temperature.

    Args:
        regressions: What was learned.
        past: The series on the learned scale; nothing at or after a row's origin is read.
        rows: Origins and targets.
        covariates: The known-past covariates that were learned from, in their order; one that is
            all NaN is missing.
        path: Temperatures, if any.

    Returns:
        NaN where no regression serves: from another slot of the day, farther ahead, or where
        nothing of the last weeks is known.
    """
    timeline = past.timeline
    point, warm = np.full(len(rows), np.nan), np.zeros(len(rows), dtype=np.bool_)
    for slot in sorted({key.slot for key in regressions}):
        own = np.flatnonzero(timeline.slot[rows.origins] == slot)
        if not len(own):
            continue
        view = day_view(day_grid(timeline, slot=slot), past.values, covariates)
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


def covariates_of(timeline: Timeline, series: Series, names: Iterable[str]) -> dict[str, Floats]:
    """Known-past covariates by name on a timeline, NaN to come; all NaN where there is none."""
    found: dict[str, Floats] = {}
    for name in names:
        found[name] = np.full(len(timeline.starts), np.nan)
        known = series.past.get(name, np.zeros(0))
        found[name][: len(known)] = known
    return found
