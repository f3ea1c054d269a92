"""The ladders of customers: champion, own Bi-LSTM, the shared one; and what is issued from one.

`forecasts.ladder` ends each with a seasonal naive.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import pandas as pd

from energy_assets.contracts.ledger import Flow
from energy_assets.customer_load.features import series_of
from energy_assets.customer_load.model_records import ModelStore
from energy_assets.customer_load.prediction import last_register, prediction_rows
from energy_assets.forecasting.family import Model
from energy_assets.forecasting.series import Series
from energy_assets.forecasts.challenge import stored_models
from energy_assets.forecasts.champion import Champion, ChampionLog
from energy_assets.forecasts.knowledge import data_known_at
from energy_assets.forecasts.ladder import origin_of, served, steps_of
from resources.document_store import DocumentStore

if TYPE_CHECKING:
    from energy_assets.forecasting.bilstm import CustomerModel, SharedModel

FLOW: Final[Flow] = "customer_load"
"""Name of the flow in the ledger and the log of champions."""

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


def ladders(
    histories: Sequence[Series], *, documents: DocumentStore, seed: int
) -> dict[str, list[Model]]:
    """The models that may serve each customer now, best first, by customer reference.

    Args:
        histories: What is known of each.
        documents: Holds models and champions.
        seed: Of families that are made to read models.
    """
    champions = ChampionLog(documents, FLOW).of([one.key for one in histories])
    others = stored_models(
        champions, own_family=OWN_FAMILY, documents=documents, flow=FLOW, seed=seed
    )
    models = ModelStore(documents)
    found: dict[str, list[Model]] = {}
    for minutes in sorted({one.interval_minutes for one in histories}):
        refs = [one.key for one in histories if one.interval_minutes == minutes]
        own, shared = models.serving(refs), models.shared(minutes)
        for ref in refs:
            found[ref] = ladder_of(
                own.get(ref), shared, champion=champions.get(ref), stored=others.get(ref)
            )
    return found


def issued_rows(
    frame: pd.DataFrame, ladder: Sequence[Model], *, issued_at: pd.Timestamp
) -> pd.DataFrame:
    """24 hours ahead of a customer, as rows of the prediction table.

    They begin after the last reading; where that is more than two days old, they begin now.

    Args:
        frame: The customer's feature frame, at least one row.
        ladder: The models that may serve it, best first.
        issued_at: The present, UTC.
    """
    history = series_of(frame)
    forecast = served(history, ladder, origin_at=origin_of(history, now=issued_at), days=1)
    return prediction_rows(
        forecast,
        customer_ref=history.key,
        last_register_kwh=last_register(frame, origin_at=forecast.origin_at),
        model_id=forecast.model_id,
        issued_at=issued_at,
        generated_at=issued_at,
        data_known_at=data_known_at(frame),
    )
