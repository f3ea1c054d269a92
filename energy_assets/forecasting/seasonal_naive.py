"""The baselines: yesterday, last week, the mean of the last four same weekdays, and their blend.

Bands come from each baseline's own errors of the last four weeks before the origin.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.calendar import local_minutes
from energy_assets.contracts.forecasts import QUANTILES
from energy_assets.forecasting.forecaster import MEDIAN, Forecast, Model, SavedModel
from energy_assets.forecasting.profiles import DAYS, PROFILES, Profiles, profiles_of
from energy_assets.forecasting.series import HOURS_AHEAD, Series, imputed_share, on_grid

Variant = Literal["yesterday", "last_week", "four_weeks", "blend"]
"""Which earlier days a baseline repeats."""

NAIVES: Final[tuple[Variant, ...]] = ("yesterday", "last_week", "four_weeks")
"""The three baselines beside which every model is scored."""

FEWEST_ERRORS: Final[int] = 8
"""Fewer errors than this make no quantiles."""


@dataclass(frozen=True, kw_only=True)
class SeasonalNaive:
    """One baseline; it learns nothing, so it is its own model and needs no files.

    Attributes:
        variant: Which earlier days it repeats. A clock time that is unknown there takes the mean
            of the last 28 days, and then the mean of the last day that is known.
    """

    variant: Variant

    @property
    def family(self) -> str:
        """Its name in scores and `basis`."""
        return f"naive_{self.variant}"

    def fit(
        self, histories: Sequence[Series], *, previous: Mapping[str, Model] | None = None
    ) -> Mapping[str, Model]:
        """Itself for every customer."""
        del previous
        return {history.key: self for history in histories}

    def predict(self, history: Series, origins: Sequence[pd.Timestamp]) -> list[Forecast]:
        """One forecast per origin, whatever the history holds; zeros when it holds nothing."""
        forecasts: dict[int, Forecast] = {}
        for group in on_grid(history, origins):
            profiles = profiles_of(group.series)
            for asked, position in zip(group.asked, group.positions, strict=True):
                forecasts[int(asked)] = self._forecast(group.series, profiles, int(position))
        return [forecasts[number] for number in range(len(origins))]

    def save(self) -> SavedModel:
        """Its name is all there is to save."""
        return SavedModel(metadata={"family": self.family})

    def load(self, saved: SavedModel) -> Model:
        """Itself.

        Raises:
            ValueError: The files are of another family.
        """
        if saved.metadata.get("family") != self.family:
            raise ValueError(
                f"these files hold {saved.metadata.get('family')!r}, not {self.family}; load them "
                f"with the family that wrote them."
            )
        return self

    def _forecast(self, history: Series, profiles: Profiles, position: int) -> Forecast:
        steps = HOURS_AHEAD * history.steps_per_hour
        rows = profiles.known_at(np.array([position]), steps=steps)[0]
        known = history.values[:position]
        known = known[np.isfinite(known)][-history.steps_per_day :]
        point = _point(rows, self.variant, float(known.mean()) if len(known) else 0.0)
        origin_at = history.start_at + position * history.interval
        valid_at = pd.date_range(origin_at, periods=steps, freq=history.interval)
        shifts = _error_quantiles(history, profiles.column(self.variant), position)
        hour = local_minutes(valid_at, history.zone) // 60 % 24
        return Forecast(
            origin_at=origin_at,
            valid_at=valid_at,
            quantiles=np.maximum(point[:, None] + shifts[hour], 0.0),
            basis=self.family,
            imputed_share=imputed_share(history, position),
        )


def _point(
    rows: NDArray[np.float32], variant: Variant, last_day_mean: float
) -> NDArray[np.float64]:
    """The baseline's values; what it does not know comes from the mean of 28 days or of one."""
    point = rows[:, PROFILES.index(variant)].astype(np.float64)
    mean = rows[:, PROFILES.index("mean_28")].astype(np.float64)
    point = np.where(np.isfinite(point), point, mean)
    return np.where(np.isfinite(point), point, last_day_mean)


def _error_quantiles(
    history: Series, naive: NDArray[np.float32], position: int
) -> NDArray[np.float64]:
    """Quantiles of the baseline's errors by local hour, around a median of zero.

    Returns:
        24 rows, one column per level; all hours share one row where an hour has under 8 errors,
        and zeros where there are under 8 in all. [kWh]
    """
    window = slice(max(position - DAYS * history.steps_per_day, 0), position)
    error = (history.values[window] - naive[window]).astype(np.float64)
    known = np.isfinite(error)
    if int(known.sum()) < FEWEST_ERRORS:
        return np.zeros((24, len(QUANTILES)))
    hour = local_minutes(history.starts[window], history.zone) // 60 % 24
    rows = np.tile(np.quantile(error[known], QUANTILES), (24, 1))
    for local_hour in range(24):
        own = error[known & (hour == local_hour)]
        if len(own) >= FEWEST_ERRORS:
            rows[local_hour] = np.quantile(own, QUANTILES)
    rows[:, MEDIAN] = 0.0
    rows[:, :MEDIAN] = np.minimum(rows[:, :MEDIAN], 0.0)
    rows[:, MEDIAN:] = np.maximum(rows[:, MEDIAN:], 0.0)
    return rows
