"""How the kernel family learns: what counts as similar days, and how many of them it keeps."""

from dataclasses import dataclass, field, replace
from typing import Final, Literal

from energy_assets.forecasting.series import LEAD_DAYS

Quality = Literal["fast", "accurate"]
"""What a forecast may cost."""

WEIGHTS: Final[dict[str, float]] = {
    "level": 1.0,
    "newest_day": 1.5,
    "newest_departures": 1.0,
    "second_day": 1.0,
    "day_means": 1.0,
    "baseline": 1.0,
    "calendar": 1.7,
    "year": 1.0,
    "temperature": 3.0,
    "temperature_day_before": 2.0,
    "covariate": 0.7,
}
"""How much each group of columns counts in the distance between two days."""


@dataclass(frozen=True, kw_only=True)
class KernelSettings:
    """Settings of one model.

    Attributes:
        lead_days: How far ahead it learns to predict, one regression per day. [d]
        slots: From which slots of the local day it learns to predict; 0 is midnight.
        most_days: Days from which the first day ahead is learned, at most, newest first. [d]
        far_days: Days from which each farther day is learned, at most. [d]
        tuned_days: Days on which kernel, noise and covariates are chosen, at most. [d]
        narrowness: Kernels to choose from: `exp(-narrowness * squared distance)`.
        noises: Ridge penalties to choose from, as a share of the kernel at distance zero.
        weights: How much each group of columns counts.
    """

    lead_days: int = LEAD_DAYS
    slots: tuple[int, ...] = (0,)
    most_days: int = 5_000
    far_days: int = 1_000
    tuned_days: int = 800
    narrowness: tuple[float, ...] = (0.001, 0.0025, 0.005, 0.01)
    noises: tuple[float, ...] = (0.0005, 0.002, 0.01, 0.05, 0.25)
    weights: dict[str, float] = field(default_factory=lambda: dict(WEIGHTS))

    def day_ahead(self) -> "KernelSettings":
        """The same for forecasts of one day."""
        return replace(self, lead_days=1)


def kernel_settings(quality: Quality) -> KernelSettings:
    """Settings of a quality: few recent days where it must be fast."""
    if quality == "fast":
        return KernelSettings(most_days=1_200, far_days=600, tuned_days=400)
    return KernelSettings()
