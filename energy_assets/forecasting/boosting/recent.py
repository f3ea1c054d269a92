"""How a model did on the last days before an origin, so that its bands follow."""

from typing import TYPE_CHECKING

import numpy as np

from energy_assets.forecasting.boosting.columns import design
from energy_assets.forecasting.boosting.weather_path import WeatherPath
from energy_assets.forecasting.conditions import RECENT_DAYS, recent_ratio
from energy_assets.forecasting.days import conditions_of
from energy_assets.forecasting.naive import IMPUTED_DAYS
from energy_assets.forecasting.past import Past, Rows
from energy_assets.forecasting.timeline import Floats, Positions

if TYPE_CHECKING:
    from energy_assets.forecasting.boosting.model import MeterModel


def recent_errors(
    model: "MeterModel", past: Past, origins: Positions, path: WeatherPath | None
) -> Floats:
    """Recent errors over usual ones before each origin, see `Conditions.recent`.

    The model's own forecasts from the local midnights of the last days, but none of a day that it
    learned from, which it would know too well: zeros right after a training.
    """
    clock = past.timeline
    rows = _recent_rows(past, origins, since=int(clock.starts.searchsorted(model.learned_until)))
    if not len(rows):
        return np.zeros(len(origins))
    made = design(past, rows, path, seasons=model.seasons)
    warm = np.zeros(len(rows), dtype=np.bool_)
    if path is not None:
        warm = np.isfinite(path.at(rows.targets, rows))
    error = past.values[rows.targets] - model.learner.predict(past, made, warm)
    known = conditions_of(clock, rows, missing=past.missing_share(rows.origins, IMPUTED_DAYS))
    size = np.empty(len(rows))
    for which in (warm, ~warm):
        if which.any():
            bands = model.calibration(informed=bool(warm[which][0])).intervals
            size[which] = bands.size(error[which], known.kept(which))
    return recent_ratio(size, day=clock.day[rows.targets], before=clock.day[origins])


def _recent_rows(past: Past, origins: Positions, *, since: int) -> Rows:
    """Known intervals of the days before the origins, one day ahead from each local midnight."""
    clock, steps = past.timeline, past.timeline.steps_per_day
    asked = np.unique(origins)
    midnights = np.flatnonzero(clock.slot[since : int(asked[-1])] == 0) + since
    following = asked[np.searchsorted(asked, midnights)]
    midnights = midnights[clock.day[following] - clock.day[midnights] <= RECENT_DAYS]
    rows = Rows(
        origins=np.repeat(midnights, steps),
        targets=(midnights[:, None] + np.arange(steps, dtype=np.int64)).reshape(-1),
        steps_per_day=steps,
    )
    return rows.kept(np.isfinite(past.values[rows.targets]))
