"""Held-out days that all members of a combination have in common.

Nothing is fitted here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from energy_assets.forecasting.averaging import member_rows
from energy_assets.forecasting.family import Fitted, Model
from energy_assets.forecasting.forecast import Forecast, joined_rows
from energy_assets.forecasting.series import Series
from energy_assets.forecasting.timeline import timeline_of
from energy_assets.forecasting.weights import MemberRows, ValidationRows

NAIVE_DAYS: Final[int] = 7
"""The size of a series' errors is that of what repeats the same weekday before. [d]"""


@dataclass(frozen=True, kw_only=True, eq=False)
class HeldDays:
    """What the members of one series forecast from the held-out origins that all of them have.

    Attributes:
        series: The series.
        models: By family.
        forecasts: By family, those with held-out days only, in order of the origins.
    """

    series: Series
    models: Mapping[str, Model]
    forecasts: Mapping[str, tuple[Forecast, ...]]

    @staticmethod
    def of(series: Series, fitted: Mapping[str, Mapping[str, Fitted]]) -> "HeldDays | None":
        """The forecasts from origins that all members have; none where no family fitted it."""
        own = {name: models[series.key] for name, models in fitted.items() if series.key in models}
        if not own:
            return None
        made = {
            name: {one.origin_at: one for one in member.held_out}
            for name, member in own.items()
            if member.held_out
        }
        origins = sorted(set.intersection(*map(set, made.values()))) if made else []
        if origins:
            # A naive learns nothing: it can be asked about any day.
            able = {
                name: member.model
                for name, member in own.items()
                if name not in made and member.model.learned_until <= origins[0]
            }
            for name, model in able.items():
                asked = model.predict(series.without_hindsight(), origins)
                made[name] = {one.origin_at: one for one in asked}
        return HeldDays(
            series=series,
            models={name: member.model for name, member in own.items()},
            forecasts={
                name: tuple(by_origin[origin] for origin in origins)
                for name, by_origin in made.items()
                if origins
            },
        )

    @property
    def origins(self) -> list[pd.Timestamp]:
        """The held-out origins, in order."""
        return [one.origin_at for one in next(iter(self.forecasts.values()), ())]

    def count_before(self, border: pd.Timestamp) -> int:
        """How many origins lie a day before a border, or more: what happened then was known."""
        return sum(origin < border for origin in self.origins)

    def before(self, border: pd.Timestamp) -> "HeldDays":
        """The days that ended by a border."""
        day = pd.Timedelta(days=1)
        count = sum(origin + day <= border for origin in self.origins)
        forecasts = {name: own[:count] for name, own in self.forecasts.items() if count}
        return HeldDays(series=self.series, models=self.models, forecasts=forecasts)

    def validation(self) -> ValidationRows:
        """The rows on which weights are scored."""
        members: dict[str, MemberRows] = {}
        for name, own in self.forecasts.items():
            members[name] = member_rows(name, joined_rows([one.intervals for one in own]))
        series, steps = self.series, len(next(iter(self.forecasts.values()))[0].intervals)
        start = np.array([series.steps_before(origin) for origin in self.origins])
        at = (start[:, None] + np.arange(steps)).reshape(-1)
        inside = np.minimum(at, len(series) - 1)
        timeline = timeline_of(series)
        return ValidationRows(
            day=timeline.day[at],
            actual=np.where(at < len(series), series.values[inside], np.nan),
            usual_error=usual_error(series.cut(0, int(start[-1]) + steps)),
            members=members,
        )


def usual_error(series: Series) -> float:
    """How far a series is from the same weekday before, on average; 0 where that is unknown."""
    lag = NAIVE_DAYS * series.steps_per_day
    apart = np.abs(series.values[lag:] - series.values[:-lag])
    known = apart[np.isfinite(apart)]
    return float(known.mean()) if len(known) else 0.0


def border_of(held: Sequence[HeldDays]) -> pd.Timestamp:
    """The middle one of all held-out origins; the end of time without any."""
    origins = sorted({origin for one in held for origin in one.origins})
    return origins[len(origins) // 2] if origins else pd.Timestamp.max.tz_localize("UTC")
