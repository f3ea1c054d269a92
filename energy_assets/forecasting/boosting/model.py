"""A learned meter: what it foretells from any origin, and what of it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.contracts.consumption import UNITS, MeterType
from energy_assets.contracts.forecasts import QUANTILES
from energy_assets.forecasting.boosting.bands import BandPair
from energy_assets.forecasting.boosting.columns import Design, design
from energy_assets.forecasting.boosting.daily import (
    day_part,
    day_scale,
    expected_totals,
    whole_days,
)
from energy_assets.forecasting.boosting.explanation import Facts, explain
from energy_assets.forecasting.boosting.forecast import (
    NO_WEATHER,
    XGBOOST,
    Explanation,
    ForecastRows,
    MeterForecast,
)
from energy_assets.forecasting.boosting.learner import Learner
from energy_assets.forecasting.boosting.parameters import TreeParams
from energy_assets.forecasting.boosting.past import Past, Rows, past_of
from energy_assets.forecasting.boosting.scale import Scale
from energy_assets.forecasting.boosting.timeline import Floats, timeline_of
from energy_assets.forecasting.boosting.weather_path import WeatherPath, weather_path
from energy_assets.forecasting.boosting.window import imputed_share, window
from energy_assets.forecasting.meter_history import LEAD_DAYS, KnownWeather, MeterHistory


@dataclass(frozen=True, kw_only=True, eq=False)
class MeterModel:
    """A learned meter.

    Attributes:
        meter_type: What it measures.
        meter_id: Which one.
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

    meter_type: MeterType
    meter_id: str
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
        history: MeterHistory,
        weather: KnownWeather | None,
        *,
        origin_at: pd.Timestamp,
        days: int = LEAD_DAYS,
        explained: bool = True,
    ) -> MeterForecast:
        """Foretell from an origin; never fails for lack of data.

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
        recent = window(history, origin_at)
        timeline = timeline_of(recent)
        past = past_of(timeline, self.scale.learned(recent.consumption), typical=self.typical)
        first, steps = timeline.known, days * timeline.steps_per_day
        rows = Rows(
            origins=np.full(steps, first, dtype=np.int64),
            targets=first + np.arange(steps, dtype=np.int64),
            steps_per_day=timeline.steps_per_day,
        )
        path = weather_path(timeline, weather) if weather is not None and self.informed else None
        work = _Forecasting(model=self, past=past, rows=rows, path=path, window=recent)
        return work.forecast(explained=explained)

    def _require(self, history: MeterHistory, days: int) -> None:
        if history.interval_minutes != self.interval_minutes:
            raise ValueError(
                f"{history.meter_type} meter {history.meter_id}: its interval is "
                f"{history.interval_minutes} min and the model learned {self.interval_minutes} "
                f"min; train the meter again."
            )
        if not 1 <= days <= LEAD_DAYS:
            raise ValueError(f"a forecast of {days} days; ask for 1 to {LEAD_DAYS}.")


@dataclass(frozen=True, kw_only=True, eq=False)
class _Forecasting:
    """One forecast in the making."""

    model: MeterModel
    past: Past
    rows: Rows
    path: WeatherPath | None
    window: MeterHistory

    def forecast(self, *, explained: bool) -> MeterForecast:
        """Everything of the forecast."""
        made = design(self.past, self.rows, self.path, seasons=self.model.seasons)
        temperature = np.full(len(self.rows), np.nan)
        if self.path is not None:
            temperature = self.path.at(self.rows.targets, self.rows)
        warm = np.isfinite(temperature)
        missing = imputed_share(self.window)
        learned = self._quantiles(made, warm, missing)
        clock = self.past.timeline
        intervals = ForecastRows(
            valid_at=clock.starts[self.rows.targets],
            quantiles=self.model.scale.consumed(learned),
            basis=np.where(warm, XGBOOST, NO_WEATHER),
            weather=self._weather(warm),
            temperature_c=temperature,
        )
        return MeterForecast(
            origin_at=clock.starts[int(self.rows.origins[0])],
            model_id=self.model.model_id,
            intervals=intervals,
            daily=intervals if self.window.is_daily else self._daily(intervals, missing),
            imputed_share=missing,
            explanation=self._explanation(made, warm) if explained else Explanation(),
        )

    def _bands(self, warm: bool) -> BandPair:
        informed = self.model.informed
        return informed if warm and informed is not None else self.model.plain

    def _quantiles(self, made: Design, warm: NDArray[np.bool_], missing: float) -> Floats:
        point = self.model.learner.predict(self.past, made, warm)
        part = day_part(self.past.timeline, self.rows.targets)
        lead = self.rows.lead_day
        learned = np.empty((len(self.rows), len(QUANTILES)))
        for informed in (True, False):
            which = warm if informed else ~warm
            if which.any():
                learned[which] = self._bands(informed).intervals.around(
                    point[which], lead_day=lead[which], day_part=part[which], missing=missing
                )
        return learned

    def _weather(self, warm: NDArray[np.bool_]) -> NDArray[np.str_]:
        if self.path is None:
            return np.full(len(self.rows), "none")
        archived = self.path.archived[self.rows.targets, self.rows.lead_day - 1]
        return np.where(warm, np.where(archived, "forecast", "observation"), "none")

    def _daily(self, intervals: ForecastRows, missing: float) -> ForecastRows:
        days = whole_days(self.past.timeline, self.rows)
        scale = day_scale(self.model.scale, self.past.timeline.steps_per_day)
        point = scale.learned(expected_totals(days, intervals.quantiles))
        spans = [slice(a, a + n) for a, n in zip(days.first, days.count, strict=True)]
        warm = np.array([bool((intervals.basis[span] == XGBOOST).all()) for span in spans], bool)
        learned = np.empty((len(spans), intervals.quantiles.shape[1]))
        part = np.zeros(len(spans), dtype=np.int64)
        for informed in (True, False):
            which = warm if informed else ~warm
            if which.any():
                learned[which] = self._bands(informed).days.around(
                    point[which],
                    lead_day=days.lead_day[which],
                    day_part=part[which],
                    missing=missing,
                )
        return ForecastRows(
            valid_at=intervals.valid_at[days.first],
            quantiles=scale.consumed(learned),
            basis=np.where(warm, XGBOOST, NO_WEATHER),
            weather=np.array([_weakest(intervals.weather[span]) for span in spans], np.str_),
            temperature_c=np.array([intervals.temperature_c[span].mean() for span in spans]),
        )

    def _explanation(self, made: Design, warm: NDArray[np.bool_]) -> Explanation:
        first = np.zeros(len(self.rows), dtype=np.bool_)
        first[: self.past.timeline.steps_per_day] = True
        own = made.kept(first)
        return explain(
            self.past,
            own,
            self.model.learner,
            warm=warm[first],
            scale=self.model.scale,
            facts=Facts.of(
                self.past, own.rows, self.path if warm[first].all() else None, self.window
            ),
            unit=UNITS[self.model.meter_type].replace("m3", "m³"),
        )


def _weakest(weather: NDArray[np.str_]) -> str:
    """The least certain weather among some intervals."""
    return next((kind for kind in ("none", "observation") if (weather == kind).any()), "forecast")
