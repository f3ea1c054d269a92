"""A series learned by the kernel family: what it predicts from any origin, and what is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from energy_assets.forecasting.boosting.scale import Scale
from energy_assets.forecasting.calibration import Calibration
from energy_assets.forecasting.family import SavedModel
from energy_assets.forecasting.forecast import Forecast
from energy_assets.forecasting.kernel.inputs import Key
from energy_assets.forecasting.kernel.regression import Regression
from energy_assets.forecasting.kernel.settings import KernelSettings
from energy_assets.forecasting.naive import SeasonalNaive
from energy_assets.forecasting.series import Series, require_days


@dataclass(frozen=True, kw_only=True, eq=False)
class KernelModel:
    """A learned series.

    Attributes:
        key: Of which series.
        unit: Of its values.
        interval_minutes: Interval that it learned. [min]
        zone: Zone of its clock.
        scale: Scale on which it learned.
        covariates: Names of the known-past covariates that it learned from.
        regressions: By what they predict; those with the temperature after those without.
        plain: Bands and expected values of forecasts without the temperature.
        informed: Those of forecasts with it, if it learned any.
        limits: Least and greatest forecast on the learned scale.
        settings: How it learned.
        learned_from: Start of the first and end of the last interval that it learned from.
    """

    key: str
    unit: str
    interval_minutes: int
    zone: str
    scale: Scale
    covariates: tuple[str, ...]
    regressions: Mapping[Key, Regression]
    plain: Calibration
    informed: Calibration | None
    limits: tuple[float, float]
    settings: KernelSettings
    learned_from: tuple[pd.Timestamp, pd.Timestamp]

    def calibration(self, *, informed: bool) -> Calibration:
        """Bands and expected values of forecasts with the temperature, or without."""
        return self.informed if informed and self.informed is not None else self.plain

    @cached_property
    def files(self) -> tuple[bytes, dict[str, object]]:
        """Bytes and metadata, as stored."""
        from energy_assets.forecasting.kernel.files import files_of

        return files_of(self)

    @property
    def model_id(self) -> str:
        """Digest of the files: the same model has the same one."""
        return str(self.files[1]["model_id"])

    @property
    def learned_until(self) -> pd.Timestamp:
        """End of the newest interval that it learned from."""
        return self.learned_from[1]

    def save(self) -> SavedModel:
        """Regressions as arrays, and metadata."""
        data, metadata = self.files
        return SavedModel(weights=data, metadata=metadata)

    def serves(self, series: Series) -> bool:
        """Whether it learned the interval and the clock that a series has now."""
        return (self.interval_minutes, self.zone) == (series.interval_minutes, series.zone)

    def predict(
        self,
        series: Series,
        origins: Sequence[pd.Timestamp],
        *,
        days: int = 1,
        explained: bool = False,
    ) -> list[Forecast]:
        """One forecast per origin; never fails for lack of data.

        Only intervals that ended by an origin are looked at. The seasonal blend predicts what was
        not learned: from other times of the day, farther ahead, after weeks of silence, or a
        series of another interval or clock. A known-past covariate that is missing counts as being
        as usual.

        Raises:
            ValueError: `days` is not within 1 and 14.
        """
        require_days(days)
        if not self.serves(series):
            blend = SeasonalNaive(variant="blend")
            return blend.predict(series, origins, days=days, explained=explained)
        if not len(origins):
            return []
        from energy_assets.forecasting.kernel.issuing import issued_forecasts

        return issued_forecasts(self, series, origins, days=days, explained=explained)
