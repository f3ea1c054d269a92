"""The Bi-LSTM behind the interface that all model families share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from energy_assets.forecasting.bilstm.finetuning import fine_tune
from energy_assets.forecasting.bilstm.models import CustomerModel
from energy_assets.forecasting.bilstm.pretraining import pretrain
from energy_assets.forecasting.bilstm.serving import predict_origins
from energy_assets.forecasting.bilstm.settings import BiLstmSettings
from energy_assets.forecasting.forecaster import Forecast, Model, SavedModel
from energy_assets.forecasting.series import Series


@dataclass(frozen=True)
class BiLstmModel:
    """One customer's Bi-LSTM as every model looks from outside.

    Attributes:
        model: What was learned.
        held_out: Whether it predicts with the weights that have not seen the test part.
    """

    model: CustomerModel
    held_out: bool = False

    def predict(self, history: Series, origins: Sequence[pd.Timestamp]) -> Sequence[Forecast]:
        """One forecast per origin; see `serving.predict_origins`."""
        return predict_origins(self.model, history, origins, held_out=self.held_out)

    def save(self) -> SavedModel:
        """Weights and metadata."""
        weights, metadata = self.model.to_bytes()
        return SavedModel(weights=weights, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class BiLstm:
    """The family: one shared model per interval length, then each customer's own.

    Attributes:
        seed: Of everything random.
        device: `cpu` or `cuda`.
        workers: Processes for fine-tuning on a CPU.
        settings: The recipe.
    """

    seed: int = 0
    device: str = "cpu"
    workers: int = 1
    settings: BiLstmSettings = field(default_factory=BiLstmSettings)

    @property
    def family(self) -> str:
        """Its name in scores."""
        return "bilstm"

    def fit(
        self, histories: Sequence[Series], *, previous: Mapping[str, Model] | None = None
    ) -> Mapping[str, Model]:
        """Pre-train and fine-tune; histories of several interval lengths may be mixed."""
        known = {
            ref: earlier.model
            for ref, earlier in (previous or {}).items()
            if isinstance(earlier, BiLstmModel)
        }
        models: dict[str, Model] = {}
        for minutes in sorted({history.interval_minutes for history in histories}):
            group = [history for history in histories if history.interval_minutes == minutes]
            shared = pretrain(group, seed=self.seed, device=self.device, settings=self.settings)
            own = fine_tune(
                shared,
                group,
                previous=known,
                seed=self.seed,
                device=self.device,
                workers=self.workers,
                settings=self.settings,
            )
            models |= {ref: BiLstmModel(model) for ref, model in own.items()}
        return models

    def load(self, saved: SavedModel) -> Model:
        """One customer's model from its files.

        Raises:
            ValueError: The files are of another family or damaged.
        """
        return BiLstmModel(CustomerModel.from_bytes(saved.weights, saved.metadata))
