"""What it takes to make a customer's forecast again; how that goes is in `forecasts.replay`."""

from dataclasses import dataclass

import pandas as pd

from energy_assets.contracts.forecasts import CUSTOMER_PREDICTION
from energy_assets.customer_load.customer_frames import customer_frames
from energy_assets.customer_load.model_records import ModelStore
from energy_assets.customer_load.records import issued_predictions
from energy_assets.customer_load.serving import FLOW, issued_rows
from energy_assets.forecasting.family import Model
from energy_assets.forecasts.challenge import stored_model
from energy_assets.settings import Settings
from resources.document_store import DocumentStore
from resources.tables import Table, empty_frame


@dataclass(frozen=True, kw_only=True)
class CustomerForecasts:
    """The forecasts of customers, as a `ReplayableFlow`; a series' key is the customer reference.

    Attributes:
        documents: Holds readings, models and forecasts.
        settings: The zone and the length of the history that forecasts were issued with.
    """

    documents: DocumentStore
    settings: Settings

    @property
    def table(self) -> Table:
        """The table of predictions."""
        return CUSTOMER_PREDICTION

    def issued(self, key: str, *, issued_at: pd.Timestamp) -> pd.DataFrame:
        """Rows of a customer's forecast."""
        return issued_predictions(self.documents, key, issued_at=issued_at)

    def model(self, model_id: str) -> Model | None:
        """A customer's Bi-LSTM, a shared one, or a model of the family that served it.

        Raises:
            ValueError: It cannot be read.
        """
        from energy_assets.forecasting.bilstm import BiLstmModel

        model = ModelStore(self.documents).by_id(model_id)
        if model is not None:
            return BiLstmModel(model)
        return stored_model(self.documents, FLOW, model_id, seed=self.settings.seed)

    def again(
        self, key: str, model: Model, *, known_at: pd.Timestamp, issued_at: pd.Timestamp
    ) -> pd.DataFrame:
        """The rows that a model issues for a customer from what was known."""
        for _, _, frame in customer_frames(
            [key],
            documents=self.documents,
            days=self.settings.history_days,
            zone=self.settings.display_zone,
            known_at=known_at,
        ):
            if len(frame):
                return issued_rows(frame, [model], issued_at=issued_at)
        return empty_frame(CUSTOMER_PREDICTION)
