"""How a model did on the last days before an origin, so that its bands follow."""

from typing import TYPE_CHECKING

import numpy as np

from energy_assets.forecasting.boosting.columns import design
from energy_assets.forecasting.conditions import recent_ratio
from energy_assets.forecasting.days import conditions_of, recent_midnights
from energy_assets.forecasting.naive import IMPUTED_DAYS
from energy_assets.forecasting.past import Past, rows_ahead
from energy_assets.forecasting.timeline import Floats, Positions
from energy_assets.forecasting.weather_path import WeatherPath

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
    since = int(clock.starts.searchsorted(model.learned_until))
    rows = rows_ahead(
        recent_midnights(clock, origins, since=since), clock.steps_per_day, clock.steps_per_day
    )
    rows = rows.keep(np.isfinite(past.values[rows.targets]))
    if not len(rows):
        return np.zeros(len(origins))
    made = design(past, rows, path, seasons=model.seasons)
    error = past.values[rows.targets] - model.learner.predict(past, made)
    known = conditions_of(clock, rows, missing=past.missing_share(rows.origins, IMPUTED_DAYS))
    size = np.empty(len(rows))
    for informed, which in ((True, made.warm), (False, ~made.warm)):
        if which.any():
            bands = model.calibration(informed=informed).intervals
            size[which] = bands.size(error[which], known.keep(which))
    return recent_ratio(size, day=clock.day[rows.targets], before=clock.day[origins])
