"""The fallback ladder of a customer's forecast: own model, shared model, seasonal blend.

Serving never fails for want of a model: each step says in `basis` what it is.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from energy_assets.forecasting.forecaster import Forecast
from energy_assets.forecasting.seasonal_naive import SeasonalNaive
from energy_assets.forecasting.series import Series

if TYPE_CHECKING:
    from energy_assets.forecasting.bilstm import CustomerModel, SharedModel


@dataclass(frozen=True, kw_only=True)
class Served:
    """A forecast and the model that made it."""

    forecast: Forecast
    model_id: str


def serve(history: Series, *, own: "CustomerModel | None", shared: "SharedModel | None") -> Served:
    """The 24 hours after the end of a history, from the best model there is.

    Args:
        history: Everything known of the customer.
        own: The customer's model.
        shared: The shared model of the customer's interval.
    """
    model = own if own is not None else shared
    if model is None:
        naive = SeasonalNaive(variant="blend").predict(history, [history.end_at])[0]
        return Served(forecast=naive, model_id=naive.basis)
    from energy_assets.forecasting.bilstm import predict

    forecast = predict(model, history)
    learned = forecast.basis in {"customer", "shared"}
    return Served(forecast=forecast, model_id=model.model_id if learned else forecast.basis)
