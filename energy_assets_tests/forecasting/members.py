"""Members of combinations that forecast a known pattern with errors of a known size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from energy_assets.calendar import local_midnights
from energy_assets.contracts.columns import QUANTILES
from energy_assets.forecasting.days import whole_days
from energy_assets.forecasting.family import Fitted, Model, SavedModel
from energy_assets.forecasting.forecast import Forecast, ForecastRows
from energy_assets.forecasting.past import Rows
from energy_assets.forecasting.series import LEAD_DAYS, Series, on_grid
from energy_assets.forecasting.timeline import timeline_of

SCORES = np.array([-1.645, -1.282, -0.674, 0.0, 0.674, 1.282, 1.645])
"""Quantiles of a normal distribution at `QUANTILES`."""


def pattern(starts: pd.DatetimeIndex) -> np.ndarray:
    """What a home usually uses at each hour."""
    hour = starts.hour.to_numpy()
    return 10.0 + 3.0 * np.sin(2 * np.pi * hour / 24)


def home(key="h", *, days=90, noise=1.0, seed=0, zone="Europe/Berlin") -> Series:
    """The pattern, and what nobody knows before."""
    start = pd.Timestamp("2025-05-01", tz=zone).tz_convert("UTC")
    starts = pd.date_range(start, periods=days * 24, freq="h")
    values = pattern(starts) + np.random.default_rng(seed).normal(0, noise, len(starts))
    return Series(
        key=key, unit="kWh", start_at=start, interval_minutes=60, zone=zone, values=values
    )


@dataclass(frozen=True, kw_only=True)
class Stub:
    """A family that forecasts the pattern with an error of its own from each origin.

    Attributes:
        name: Its name.
        error: Standard deviation of the error of each interval.
        spread: Of its quantiles.
        lift: Added to its mean.
        weather: On which weather it rests.
        naive_after: Days after which, and instants at which, a naive stands in for it.
        naive_at: Origins from which it cannot forecast.
        held_days: Held-out days.
    """

    name: str
    error: float = 0.5
    spread: float = 1.1
    lift: float = 0.0
    weather: str = "none"
    naive_after: int = LEAD_DAYS
    naive_at: tuple[pd.Timestamp, ...] = ()
    held_days: int = 40
    reach_days: int = LEAD_DAYS
    fits: list[str] = field(default_factory=list[str], compare=False)

    def refusal(self, series: Series) -> str:
        return "too short" if len(series) < 48 else ""

    def fit(
        self, series: Sequence[Series], *, previous: Mapping[str, Model] | None = None
    ) -> Mapping[str, Fitted]:
        self.fits.extend(sorted(previous or {}))
        found: dict[str, Fitted] = {}
        for one in series:
            midnights = local_midnights(one.starts, zone=one.zone)[-self.held_days :]
            model = StubModel(family=self, learned_until=one.end_at)
            held = model.predict(one, [one.start_of(int(at)) for at in midnights])
            found[one.key] = Fitted(model=model, held_out=tuple(held))
        return found

    def load(self, saved: SavedModel) -> Model:
        if saved.metadata.get("family") != self.name:
            raise ValueError("of another family")
        until = pd.Timestamp(str(saved.metadata["until"]))
        return StubModel(family=self, learned_until=until)


@dataclass(frozen=True, kw_only=True)
class StubModel:
    """The model of a `Stub`."""

    family: Stub
    learned_until: pd.Timestamp

    @property
    def model_id(self) -> str:
        return self.family.name

    def save(self) -> SavedModel:
        facts: dict[str, object] = {"family": self.family.name, "until": str(self.learned_until)}
        return SavedModel(weights=self.family.name.encode(), metadata=facts)

    def predict(
        self,
        series: Series,
        origins: Sequence[pd.Timestamp],
        *,
        days: int = 1,
        explained: bool = False,
    ) -> list[Forecast]:
        del explained
        window, positions = on_grid(series, origins)
        return [self._forecast(window, int(position), days) for position in positions]

    def _forecast(self, series: Series, position: int, days: int) -> Forecast:
        family, timeline = self.family, timeline_of(series)
        rows = Rows(
            origins=np.full(24 * days, position, dtype=np.int64),
            targets=position + np.arange(24 * days, dtype=np.int64),
            steps_per_day=24,
        )
        origin = timeline.starts[position]
        seed = [sum(map(ord, family.name)), int(origin.timestamp())]
        point = pattern(timeline.starts[rows.targets])
        point = point + np.random.default_rng(seed).normal(0, family.error, len(point))
        naive = (np.arange(24 * days) >= 24 * family.naive_after) | (origin in family.naive_at)
        point = np.where(naive, 1_000.0, point)
        intervals = self._rows(timeline.starts[rows.targets], point, naive, family.spread)
        found = whole_days(timeline, rows)
        daily = self._rows(
            timeline.starts[rows.targets[found.first]],
            found.sums(point),
            found.sums(naive.astype(np.float64)) > 0,
            family.spread * 5.0,
        )
        daily = replace(daily, mean=found.sums(intervals.mean))
        return Forecast(
            origin_at=origin,
            model_id=family.name,
            intervals=intervals,
            daily=daily,
            imputed_share=0.0,
        )

    def _rows(
        self, valid_at: pd.DatetimeIndex, point: np.ndarray, naive: np.ndarray, spread: float
    ) -> ForecastRows:
        assert len(SCORES) == len(QUANTILES)
        return ForecastRows(
            valid_at=valid_at,
            quantiles=point[:, None] + spread * SCORES,
            mean=point + self.family.lift,
            basis=np.where(naive, "naive_blend", self.family.name),
            weather=np.full(len(point), self.family.weather),
            temperature_c=np.full(len(point), np.nan if self.family.weather == "none" else 20.0),
        )
