"""What follows from a model's held-out errors: bands, the expected value, bands of days.

How widths and expected values are learned is in `bands` and `expected`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from energy_assets.forecasting.bands import AS_IT_IS, NO_BANDS, Bands
from energy_assets.forecasting.conditions import Conditions
from energy_assets.forecasting.expected import Expected, presumed
from energy_assets.forecasting.timeline import Floats

TINY: Final[float] = 1e-12
"""Stands for zero where something is divided by it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Calibration:
    """What is learned from errors.

    Attributes:
        intervals: Bands of intervals.
        expected: Expected value of an interval from its quantiles.
        days: Bands of local days around the sum of expected values, which are no sums of bands.
        usual_day: What errors of days are counted in; 0 where that is the expected total itself.
    """

    intervals: Bands
    expected: Expected
    days: Bands
    usual_day: float = 1.0

    def means(self, quantiles: Floats, *, non_negative: bool) -> Floats:
        """Expected value of each row of quantiles, in their unit."""
        mean = self.expected.mean(quantiles, no_baselines(len(quantiles)))
        return np.maximum(mean, 0.0) if non_negative else mean

    def day_quantiles(self, total: Floats, rows: Conditions, *, alike: Floats) -> Floats:
        """Quantiles of the totals of days.

        Args:
            total: Expected total of each.
            rows: Conditions of each.
            alike: What the bands of each day's intervals add up to on either side of the median:
                how far the day errs if all of them err alike. Taken where nothing is known of days.
        """
        if not self.days.has_width:
            return total[:, None] + alike
        unit = np.abs(total) if self.usual_day == 0.0 else np.full(len(total), self.usual_day)
        return self.days.around(total / np.maximum(unit, TINY), rows) * unit[:, None]

    def to_arrays(self, prefix: str) -> tuple[dict[str, Floats], dict[str, object]]:
        """Arrays, named with a prefix, and JSON from which `from_arrays` makes the same."""
        intervals, of_intervals = self.intervals.to_arrays()
        days, of_days = self.days.to_arrays()
        parts = {"intervals": intervals, "days": days, "expected": self.expected.to_arrays()}
        arrays = {
            f"{prefix}.{part}.{name}": array
            for part, named in parts.items()
            for name, array in named.items()
        }
        return arrays, {
            "intervals": of_intervals,
            "days": of_days,
            "usual_day": self.usual_day,
        }

    @staticmethod
    def from_arrays(
        prefix: str, arrays: Mapping[str, Floats], facts: Mapping[str, Any]
    ) -> "Calibration":
        """The calibration that `to_arrays` gave.

        Raises:
            ValueError: They are not of a calibration of this version.
        """

        def of(part: str) -> dict[str, Floats]:
            start = f"{prefix}.{part}."
            return {n.removeprefix(start): a for n, a in arrays.items() if n.startswith(start)}

        return Calibration(
            intervals=Bands.from_arrays(of("intervals"), facts["intervals"]),
            expected=Expected.from_arrays(of("expected")),
            days=Bands.from_arrays(of("days"), facts["days"]),
            usual_day=float(facts["usual_day"]),
        )


def no_baselines(rows: int) -> Floats:
    """The expected value follows from quantiles alone."""
    return np.zeros((rows, 0))


UNCALIBRATED: Final = Calibration(
    intervals=AS_IT_IS, expected=presumed(0), days=NO_BANDS, usual_day=0.0
)
"""A network before any error is known."""
