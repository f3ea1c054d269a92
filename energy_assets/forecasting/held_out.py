"""Held-out rows: which they are, and the calibration by the errors of points on them."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from energy_assets.forecasting.bands import FEWEST_ERRORS, Bands, fit_bands
from energy_assets.forecasting.calibration import Calibration, no_baselines
from energy_assets.forecasting.days import Days, conditions_of, whole_days
from energy_assets.forecasting.expected import fit_expected
from energy_assets.forecasting.naive import IMPUTED_DAYS
from energy_assets.forecasting.past import Past, Rows
from energy_assets.forecasting.scale import Scale
from energy_assets.forecasting.series import Series
from energy_assets.forecasting.timeline import Floats

HELD_OUT_SHARE: Final[float] = 0.2
"""Share of the days that are held out, the newest ones."""

HELD_OUT_DAYS: Final[int] = 365
"""The most days that are held out. [d]"""

MOST_HELD_OUT: Final[int] = 120
"""Held-out days that are forecast from their midnights, at most; the newest count."""

HELD_OUT_ORIGINS: Final[int] = 400
"""The most origins from which held-out days are predicted one day ahead: every midnight of them."""

FAR_ORIGINS: Final[int] = 20
"""The most of them from which all lead days are predicted."""

HELD_OUT_INTERVALS: Final[int] = 48
"""Days of more intervals than this are predicted from fewer origins, in proportion."""

FEWEST_ORIGINS: Final[tuple[int, int]] = (40, 8)
"""But from so many one day ahead, and all days ahead."""


@dataclass(frozen=True, kw_only=True)
class HeldOutPart:
    """The newest part of a series, which a first model does not learn from; positions.

    Attributes:
        since: The first held-out interval.
        end: Behind the last known one.
    """

    since: int
    end: int

    @staticmethod
    def of(series: Series) -> "HeldOutPart":
        """The held-out part of a series of which something is known."""
        first, end = series.known_range()
        day = series.steps_per_day
        days = int(np.clip((end - first) / day * HELD_OUT_SHARE, 3, HELD_OUT_DAYS))
        return HeldOutPart(since=max(end - days * day, first), end=end)

    @property
    def middle(self) -> int:
        """Where the later half begins, whose bands are of errors of the earlier half."""
        return self.since + (self.end - self.since) // 2


def held_out_rows(past: Past, *, since: int, until: int, steps: int) -> Rows:
    """Intervals ahead of some local midnights of a part, up to its end."""
    day = past.timeline.steps_per_day
    midnights = np.flatnonzero(past.timeline.slot[since:until] == 0) + since
    if not len(midnights):
        midnights = np.array([since])
    share = min(HELD_OUT_INTERVALS / day, 1.0)
    most = [
        max(int(most * share), fewest) if share < 1.0 else most
        for most, fewest in zip((HELD_OUT_ORIGINS, FAR_ORIGINS), FEWEST_ORIGINS, strict=True)
    ]
    near = midnights[:: -(-len(midnights) // most[0])]
    far = midnights[:: -(-len(midnights) // most[1])]
    origins = np.concatenate([np.repeat(near, day), np.repeat(far, steps - day)])
    ahead = np.concatenate(
        [np.tile(np.arange(day), len(near)), np.tile(np.arange(day, steps), len(far))]
    )
    inside = origins + ahead < until
    order = np.lexsort((ahead[inside], origins[inside]))
    origins, ahead = origins[inside][order], ahead[inside][order]
    return Rows(origins=origins, targets=origins + ahead, steps_per_day=day)


@dataclass(frozen=True, kw_only=True, eq=False)
class HeldOutPoints:
    """Held-out rows and the points that were predicted of them.

    Attributes:
        past: What is known, the values of the rows included.
        scale: The learned scale.
        rows: The rows.
        point: Their point forecasts on the learned scale, by a model that had not seen them.
    """

    past: Past
    scale: Scale
    rows: Rows
    point: Floats

    def before(self, position: int) -> "HeldOutPoints":
        """Rows whose target lies before a position."""
        sooner = self.rows.targets < position
        return replace(self, rows=self.rows.keep(sooner), point=self.point[sooner])

    def calibration(self, shape: Bands | None) -> Calibration:
        """Bands and expected values; those of `shape` where too little is held out."""
        clock, rows = self.past.timeline, self.rows
        missing = self.past.missing_share(rows.origins, IMPUTED_DAYS)
        known, day = conditions_of(clock, rows, missing=missing), clock.day[rows.targets]
        actual = self.past.values[rows.targets]
        bands = fit_bands(actual - self.point, known, day=day, prior=shape)
        quantiles = self.scale.to_unit(bands.around(self.point, known))
        near = rows.lead_day == 1
        expected = fit_expected(
            self.scale.to_unit(actual[near]),
            quantiles[near],
            no_baselines(int(near.sum())),
            day=day[near],
        )
        made = Calibration(intervals=bands, expected=expected, days=bands.of_days())
        days = whole_days(clock, rows)
        if len(days) < FEWEST_ERRORS:
            return made
        error = self._day_errors(days, made.means(quantiles, non_negative=not self.scale.signed))
        of_days = days.conditions(clock, missing=missing[days.first])
        day = clock.day[days.last.targets]
        return replace(made, days=fit_bands(error, of_days, day=day, centred=False))

    def _day_errors(self, days: Days, mean: Floats) -> Floats:
        """What days had less what was expected of them, on the scale of days."""
        on_days = self.scale.of_days(self.past.timeline.steps_per_day)
        total = days.sums(self.scale.to_unit(self.past.values[self.rows.targets]))
        return on_days.to_scale(total) - on_days.to_scale(days.sums(mean))
