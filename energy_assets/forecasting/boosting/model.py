"""A learned meter: what it predicts from any origin, and what of it is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from energy_assets.forecasting.boosting.learner import Learner
from energy_assets.forecasting.boosting.parameters import TreeParams
from energy_assets.forecasting.boosting.scale import Scale
from energy_assets.forecasting.calibration import Calibration
from energy_assets.forecasting.family import SavedModel
from energy_assets.forecasting.forecast import Forecast
from energy_assets.forecasting.naive import SeasonalNaive
from energy_assets.forecasting.series import Series, require_days
from energy_assets.forecasting.timeline import Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class MeterModel:
    """A learned meter.

    Attributes:
        key: Of which series.
        unit: Of its values.
        interval_minutes: Interval that it learned. [min]
        zone: Zone of its clock.
        scale: Scale on which it learned.
        typical: What is typical of each slot on weekdays and weekends, on that scale.
        seasons: Whether it knows the year's harmonics.
        learner: Point forecasts.
        plain: Bands and means of forecasts without the temperature.
        informed: Of forecasts with it; none where too little was known.
        params: How the trees were grown.
        seed: What its draws began with.
        learned_from: Start of the first and end of the last interval that it learned from.
        rows: Known values that it learned from.
    """

    key: str
    unit: str
    interval_minutes: int
    zone: str
    scale: Scale
    typical: Floats
    seasons: bool
    learner: Learner
    plain: Calibration
    informed: Calibration | None
    params: TreeParams
    seed: int
    learned_from: tuple[pd.Timestamp, pd.Timestamp]
    rows: int

    def calibration(self, *, informed: bool) -> Calibration:
        """Bands and means of forecasts with the temperature, or without."""
        return self.informed if informed and self.informed is not None else self.plain

    @cached_property
    def files(self) -> tuple[bytes, dict[str, object]]:
        """Bytes and metadata, as stored."""
        from energy_assets.forecasting.boosting.files import files_of

        return files_of(self)

    @property
    def model_id(self) -> str:
        """Digest of the files: the same model has the same one."""
        return str(self.files[1]["model_id"])

    def to_bytes(self) -> tuple[bytes, dict[str, object]]:
        """The model as data: arrays and trees in one safetensors file, and JSON metadata."""
        return self.files

    @staticmethod
    def from_bytes(data: bytes, metadata: Mapping[str, object]) -> "MeterModel":
        """The model that was stored.

        Raises:
            ModelFileError: The files are damaged, do not belong together, or are of another kind or
                an earlier version.
        """
        from energy_assets.forecasting.boosting.files import model_from

        return model_from(data, metadata)

    @property
    def learned_until(self) -> pd.Timestamp:
        """End of the newest interval that it learned from."""
        return self.learned_from[1]

    def save(self) -> SavedModel:
        """Trees, arrays and metadata."""
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

        Only intervals that ended by an origin are looked at. Where the temperature is not known
        ahead, the model without weather predicts; a series of another interval or clock than was
        learned is predicted by the seasonal blend.

        Raises:
            ValueError: `days` is not within 1 and 14.
        """
        require_days(days)
        if not self.serves(series):
            blend = SeasonalNaive(variant="blend")
            return blend.predict(series, origins, days=days, explained=explained)
        if not len(origins):
            return []
        from energy_assets.forecasting.boosting.issuing import issued_forecasts

        return issued_forecasts(self, series, origins, days=days, explained=explained)
