"""Kernel models behind the door that all model families share: one model per series."""

from dataclasses import dataclass

from energy_assets.forecasting.each_series import EachSeries
from energy_assets.forecasting.family import Fitted, Model, SavedModel
from energy_assets.forecasting.kernel.issuing import KERNEL
from energy_assets.forecasting.kernel.model import model_from
from energy_assets.forecasting.kernel.settings import KernelSettings, Quality, kernel_settings
from energy_assets.forecasting.kernel.training import fit_twice, require_days_to_learn
from energy_assets.forecasting.series import Series


@dataclass(frozen=True, kw_only=True)
class Kernel(EachSeries):
    """The family: kernel ridge regression of each series' whole days, on its own.

    Attributes:
        quality: What a forecast may cost.
        settings: How to learn; those of the quality without them.
    """

    quality: Quality = "accurate"
    settings: KernelSettings | None = None

    @property
    def name(self) -> str:
        """Its name in scores."""
        return KERNEL

    @property
    def reach_days(self) -> int:
        """As many days as it learns to predict; the seasonal blend goes on from there."""
        return self._settings.lead_days

    def require_enough(self, series: Series) -> None:
        """Refuse a series with too few whole days."""
        require_days_to_learn(series, settings=self._settings)

    def learn(self, series: Series) -> Fitted:
        """The model of one series, and forecasts of its held-out days by one that stopped."""
        return fit_twice(series, settings=self._settings)

    def load(self, saved: SavedModel) -> Model:
        """A model from its files.

        Raises:
            ModelFileError: The files are damaged, or of another kind.
        """
        return model_from(saved)

    @property
    def _settings(self) -> KernelSettings:
        return self.settings or kernel_settings(self.quality)
