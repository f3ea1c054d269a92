"""The ladder of a customer: its champion, its own Bi-LSTM, the shared one.

`forecasts.ladder` ends it with a seasonal naive.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from energy_assets.forecasting.family import Model
from energy_assets.forecasts.champion import Champion
from energy_assets.forecasts.ladder import steps_of

if TYPE_CHECKING:
    from energy_assets.forecasting.bilstm import CustomerModel, SharedModel

FLOW: Final = "customer_load"
"""Name of the flow in the log of champions."""

CUSTOMER: Final = ("customer_ref",)
"""Columns that name a customer."""

OWN_FAMILY: Final = "bilstm"
"""The family that serves a customer unless another was chosen."""


def ladder_of(
    own: "CustomerModel | None",
    shared: "SharedModel | None",
    *,
    champion: Champion | None = None,
    stored: Mapping[str, Model] | None = None,
) -> list[Model]:
    """The models that may serve a customer, best first.

    Args:
        own: The customer's model.
        shared: The shared model of the customer's interval.
        champion: Who is to serve, if a contest or a person chose.
        stored: Models of other families, by name.
    """
    from energy_assets.forecasting.bilstm import BiLstmModel

    models: list[Model] = [BiLstmModel(model) for model in (own, shared) if model is not None]
    return steps_of(champion, own_family=OWN_FAMILY, own=models, stored=stored or {})
