"""The ladder of a customer: its own Bi-LSTM, the shared one; `forecasts.ladder` ends it."""

from typing import TYPE_CHECKING

from energy_assets.forecasting.family import Model

if TYPE_CHECKING:
    from energy_assets.forecasting.bilstm import CustomerModel, SharedModel


def ladder_of(own: "CustomerModel | None", shared: "SharedModel | None") -> list[Model]:
    """The models that may serve a customer, best first.

    Args:
        own: The customer's model.
        shared: The shared model of the customer's interval.
    """
    from energy_assets.forecasting.bilstm import BiLstmModel

    return [BiLstmModel(model) for model in (own, shared) if model is not None]
