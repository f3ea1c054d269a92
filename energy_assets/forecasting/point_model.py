"""What models have in common that predict points of one series on a scale, with bands around them.

Two calibrations belong to them: of forecasts without the temperature, and of forecasts with it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.contracts.columns import QUANTILES
from energy_assets.forecasting.calibration import Calibration
from energy_assets.forecasting.conditions import Conditions
from energy_assets.forecasting.learned_model import LearnedModel
from energy_assets.forecasting.model_files import Arrays
from energy_assets.forecasting.scale import Scale
from energy_assets.forecasting.series import Series
from energy_assets.forecasting.timeline import Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class PointModel(LearnedModel):
    """A learned series.

    Attributes:
        key: Of which series.
        unit: Of its values.
        interval_minutes: Interval that it learned. [min]
        zone: Zone of its clock.
        scale: Scale on which it learned.
        plain: Bands and expected values of forecasts without the temperature.
        informed: Those of forecasts with it; none where too little was known.
        learned_from: Start of the first and end of the last interval that it learned from.
    """

    key: str
    unit: str
    interval_minutes: int
    zone: str
    scale: Scale
    plain: Calibration
    informed: Calibration | None
    learned_from: tuple[pd.Timestamp, pd.Timestamp]

    @property
    def learned_until(self) -> pd.Timestamp:
        """End of the newest interval that it learned from."""
        return self.learned_from[1]

    def serves(self, series: Series) -> bool:
        """Whether it learned the interval and the clock that a series has now."""
        return (self.interval_minutes, self.zone) == (series.interval_minutes, series.zone)

    def calibration(self, *, informed: bool) -> Calibration:
        """Bands and expected values of forecasts with the temperature, or without."""
        return self.informed if informed and self.informed is not None else self.plain

    def around(
        self,
        point: Floats,
        rows: Conditions,
        *,
        informed: NDArray[np.bool_],
        limits: tuple[float, float],
    ) -> tuple[Floats, Floats]:
        """Quantiles and expected values of intervals; NaN where the point is.

        Args:
            point: Point forecasts on the learned scale.
            rows: Conditions of each.
            informed: Which of them have the bands of forecasts with the temperature.
            limits: Least and greatest quantile on the learned scale.
        """
        table, mean = np.full((len(point), len(QUANTILES)), np.nan), np.full(len(point), np.nan)
        for warm, which in ((True, informed), (False, np.isfinite(point) & ~informed)):
            if which.any():
                own = self.calibration(informed=warm)
                learned = own.intervals.around(point[which], rows.keep(which))
                table[which] = self.scale.to_unit(np.clip(learned, *limits))
                mean[which] = own.means(table[which], non_negative=not self.scale.signed)
        return table, mean

    def around_days(
        self, total: Floats, rows: Conditions, *, informed: NDArray[np.bool_]
    ) -> Floats:
        """Quantiles of totals of days; NaN where the total is.

        Args:
            total: Expected total of each. [unit of the series]
            rows: Conditions of each.
            informed: Which of them have the bands of forecasts with the temperature.
        """
        scale = self.scale.of_days(1440 // self.interval_minutes)
        table = np.full((len(total), len(QUANTILES)), np.nan)
        for warm, which in ((True, informed), (False, np.isfinite(total) & ~informed)):
            if which.any():
                bands = self.calibration(informed=warm).days
                learned = bands.around(scale.to_scale(total[which]), rows.keep(which))
                table[which] = scale.to_unit(learned)
        return table

    def common_parts(self) -> tuple[Arrays, dict[str, object]]:
        """Arrays and facts from which `common_fields` makes the same attributes."""
        arrays: Arrays = {}
        facts: dict[str, object] = {}
        for name, own in (("plain", self.plain), ("informed", self.informed)):
            if own is not None:
                found, facts[name] = own.to_arrays(name)
                arrays |= found
        return arrays, {
            "key": self.key,
            "unit": self.unit,
            "interval_minutes": self.interval_minutes,
            "zone": self.zone,
            "scale": asdict(self.scale),
            "calibration": facts,
            "learned_from": [instant.isoformat() for instant in self.learned_from],
            "quantiles": list(QUANTILES),
        }


def common_fields(arrays: Arrays, stored: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of `PointModel` that `common_parts` gave."""
    facts = stored["calibration"]
    made = {name: Calibration.from_arrays(name, arrays, facts[name]) for name in facts}
    first, end = (pd.Timestamp(instant) for instant in stored["learned_from"])
    return {
        **{name: stored[name] for name in ("key", "unit", "interval_minutes", "zone")},
        "scale": Scale(**stored["scale"]),
        "plain": made["plain"],
        "informed": made.get("informed"),
        "learned_from": (first, end),
    }
