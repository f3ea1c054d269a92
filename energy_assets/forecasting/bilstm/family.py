"""The Bi-LSTM behind the door that all model families share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from energy_assets.forecasting.bilstm.finetuning import fine_tune
from energy_assets.forecasting.bilstm.models import CustomerModel, SharedModel
from energy_assets.forecasting.bilstm.pretraining import pretrain
from energy_assets.forecasting.bilstm.serving import predict_origins
from energy_assets.forecasting.bilstm.settings import BiLstmSettings
from energy_assets.forecasting.family import Fitted, Model, SavedModel
from energy_assets.forecasting.forecast import Forecast
from energy_assets.forecasting.series import Series


@dataclass(frozen=True)
class BiLstmModel:
    """One customer's Bi-LSTM as every model looks from outside.

    Attributes:
        model: What was learned; the shared model serves a customer without one.
    """

    model: CustomerModel | SharedModel

    @property
    def model_id(self) -> str:
        """Digest of weights and metadata."""
        return self.model.model_id

    @property
    def learned_until(self) -> pd.Timestamp:
        """End of the newest known interval that the serving weights could learn from."""
        if isinstance(self.model, SharedModel):
            return self.model.validated_until
        return self.model.data_until

    def predict(
        self,
        series: Series,
        origins: Sequence[pd.Timestamp],
        *,
        days: int = 1,
        explained: bool = False,
    ) -> list[Forecast]:
        """One forecast per origin, see `serving.predict_origins`; without an explanation."""
        del explained
        return predict_origins(self.model, series, origins, days=days)

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
        shared: Shared models by interval, to start from; trained on the series without. [min]
    """

    seed: int = 0
    device: str = "cpu"
    workers: int = 1
    settings: BiLstmSettings = field(default_factory=BiLstmSettings)
    shared: Mapping[int, SharedModel] = field(default_factory=dict[int, SharedModel])

    @property
    def name(self) -> str:
        """Its name in scores."""
        return "bilstm"

    @property
    def reach_days(self) -> int:
        """The network's day ahead."""
        return 1

    def refusal(self, series: Series) -> str:
        """It reads hours of one or several intervals."""
        if series.steps_per_hour < 1:
            return f"{series.key}: intervals of {series.interval_minutes} min are longer than hours"
        return ""

    def fit(
        self, series: Sequence[Series], *, previous: Mapping[str, Model] | None = None
    ) -> Mapping[str, Fitted]:
        """Pre-train where no shared model is given, and fine-tune; intervals may be mixed."""
        known = {
            key: earlier.model
            for key, earlier in (previous or {}).items()
            if isinstance(earlier, BiLstmModel) and isinstance(earlier.model, CustomerModel)
        }
        able = [one for one in series if not self.refusal(one)]
        fitted: dict[str, Fitted] = {}
        for minutes in sorted({one.interval_minutes for one in able}):
            group = [one for one in able if one.interval_minutes == minutes]
            shared = self.shared.get(minutes) or pretrain(
                group, seed=self.seed, device=self.device, settings=self.settings
            )
            own = fine_tune(
                shared,
                group,
                previous=known,
                seed=self.seed,
                device=self.device,
                workers=self.workers,
                settings=self.settings,
            )
            fitted |= {one.key: fitted_model(own[one.key], one) for one in group}
        return fitted

    def load(self, saved: SavedModel) -> Model:
        """One customer's model from its files.

        Raises:
            ValueError: The files are of another family or damaged.
        """
        return BiLstmModel(CustomerModel.from_bytes(saved.weights, saved.metadata))


def fitted_model(model: CustomerModel, series: Series) -> Fitted:
    """A model and its forecasts of days that its scored weights have not learned from.

    The test part, and as many days of the validation part before it: these decided when to stop, so
    that they may choose who serves, and only the test part is printed.
    """
    tested = series.end_at - model.validated_until
    since = max(model.learned_until, model.validated_until - max(tested, pd.Timedelta(0)))
    first = max(series.steps_before(since), 0)
    origins = [series.start_of(int(at)) for at in series.midnights(first)]
    held_out = predict_origins(model, series, origins, held_out=True)
    return Fitted(model=BiLstmModel(model), held_out=tuple(held_out))
