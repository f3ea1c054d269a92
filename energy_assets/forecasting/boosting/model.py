"""A learned meter: what it predicts from any origin, and what of it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from energy_assets.forecasting.boosting.bands import BandPair
from energy_assets.forecasting.boosting.forecast import Explanation, MeterForecast
from energy_assets.forecasting.boosting.learner import Learner
from energy_assets.forecasting.boosting.parameters import TreeParams
from energy_assets.forecasting.boosting.past import Rows, past_of
from energy_assets.forecasting.boosting.scale import Scale
from energy_assets.forecasting.boosting.timeline import Floats, timeline_of
from energy_assets.forecasting.boosting.weather_path import weather_path
from energy_assets.forecasting.boosting.window import window
from energy_assets.forecasting.series import LEAD_DAYS, KnownFuture, Series


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
        plain: Bands of forecasts without the temperature.
        informed: Bands of forecasts with it; none where too little was known.
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
    plain: BandPair
    informed: BandPair | None
    params: TreeParams
    seed: int
    learned_from: tuple[pd.Timestamp, pd.Timestamp]
    rows: int

    def bands(self, *, informed: bool) -> BandPair:
        """Bands of forecasts with the temperature, or without."""
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
            ModelFileError: The files are damaged, do not belong together, or are of another kind.
        """
        from energy_assets.forecasting.boosting.files import model_from

        return model_from(data, metadata)

    def predict(
        self,
        history: Series,
        weather: KnownFuture | None,
        *,
        origin_at: pd.Timestamp,
        days: int = LEAD_DAYS,
        explained: bool = True,
    ) -> MeterForecast:
        """Predict from an origin; never fails for lack of data.

        Args:
            history: The meter; only intervals that ended by the origin are looked at.
            weather: Temperatures; without them, or where they are unknown, the model without
                weather serves.
            origin_at: Nothing at or after it is known. The first interval is the one that contains
                it, or begins with it.
            days: How far ahead. [d]
            explained: Whether to say why.

        Raises:
            ValueError: The history has another interval than the model learned, or `days` is not
                within 1 and 14.
        """
        self._require(history, days)
        from energy_assets.forecasting.boosting.issuing import (
            IMPUTED_DAYS,
            daily_rows,
            issue,
            why,
        )

        recent = window(history, origin_at)
        timeline = timeline_of(recent)
        past = past_of(timeline, self.scale.learned(recent.values), typical=self.typical)
        first, steps = timeline.known, days * timeline.steps_per_day
        rows = Rows(
            origins=np.full(steps, first, dtype=np.int64),
            targets=first + np.arange(steps, dtype=np.int64),
            steps_per_day=timeline.steps_per_day,
        )
        path = weather_path(timeline, weather) if weather is not None and self.informed else None
        issued = issue(self, past, rows, path)
        missing = float(past.missing_share(rows.origins[:1], IMPUTED_DAYS)[0])
        return MeterForecast(
            origin_at=timeline.starts[first],
            model_id=self.model_id,
            intervals=issued.intervals,
            daily=issued.intervals if history.is_daily else daily_rows(self, past, issued, missing),
            imputed_share=missing,
            explanation=why(self, past, issued, recent) if explained else Explanation(),
        )

    def _require(self, history: Series, days: int) -> None:
        if history.interval_minutes != self.interval_minutes:
            raise ValueError(
                f"{history.key}: its interval is "
                f"{history.interval_minutes} min and the model learned {self.interval_minutes} "
                f"min; train the meter again."
            )
        if not 1 <= days <= LEAD_DAYS:
            raise ValueError(f"a forecast of {days} days; ask for 1 to {LEAD_DAYS}.")
