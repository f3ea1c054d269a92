"""Kernel models behind the door that all model families share: one model per series."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from energy_assets.forecasting.boosting.errors import TooFewRowsError
from energy_assets.forecasting.family import Fitted, Model, SavedModel
from energy_assets.forecasting.kernel.files import model_from
from energy_assets.forecasting.kernel.issuing import KERNEL
from energy_assets.forecasting.kernel.settings import KernelSettings, Quality, kernel_settings
from energy_assets.forecasting.kernel.training import fit_twice, require_enough
from energy_assets.forecasting.series import Series


@dataclass(frozen=True, kw_only=True)
class Kernel:
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

    def refusal(self, series: Series) -> str:
        """Too few whole days."""
        try:
            require_enough(series, settings=self._settings)
        except TooFewRowsError as error:
            return str(error)
        return ""

    def fit(
        self, series: Sequence[Series], *, previous: Mapping[str, Model] | None = None
    ) -> Mapping[str, Fitted]:
        """One model per series; a series that cannot be learned is left out."""
        del previous
        found = {one.key: self.fit_one(one) for one in series}
        return {key: fitted for key, fitted in found.items() if isinstance(fitted, Fitted)}

    def fit_one(self, series: Series) -> Fitted | str:
        """The model of one series, or why there is none."""
        try:
            model, held_out = fit_twice(series, settings=self._settings)
        except TooFewRowsError as error:
            return str(error)
        return Fitted(model=model, held_out=held_out)

    def load(self, saved: SavedModel) -> Model:
        """A model from its files.

        Raises:
            ModelFileError: The files are damaged, or of another kind.
        """
        return model_from(saved.weights, saved.metadata)

    @property
    def _settings(self) -> KernelSettings:
        return self.settings or kernel_settings(self.quality)
