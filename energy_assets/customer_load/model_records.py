"""Models in the document store: which one serves, which customers are due for training.

Weights are safetensors, everything else JSON; a version is never deleted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import structlog

from energy_assets.customer_load.records import (
    SHARED_PREFIX,
    newest_shared_model,
    serving_models,
    store_models,
    store_shared_model,
)
from energy_assets.forecasting.series import Series
from resources.document_store import DocumentStore

if TYPE_CHECKING:
    from energy_assets.forecasting.bilstm.models import CustomerModel, SharedModel

LOG = structlog.stdlib.get_logger("energy_assets.customer_load")

POOL_CUSTOMERS: Final = 512
"""Customers that a shared model learns from, at most."""


@dataclass(frozen=True)
class ModelStore:
    """The Bi-LSTMs of a document store."""

    documents: DocumentStore

    def shared(self, interval_minutes: int) -> "SharedModel | None":
        """The newest shared model of an interval; none where this version cannot read it."""
        from energy_assets.forecasting.bilstm.models import SharedModel

        rows = newest_shared_model(self.documents, interval_minutes=interval_minutes)
        if rows.empty:
            return None
        row = rows.iloc[0]
        try:
            return SharedModel.from_bytes(row["model_data"], row["model_metadata"])
        except ValueError as error:
            LOG.warning("model cannot be read", customer=row["customer_ref"], reason=str(error))
            return None

    def serving(self, customer_refs: Sequence[str]) -> "dict[str, CustomerModel]":
        """The model that serves each customer that has one.

        A model that this version cannot read is as good as none: the log says so, the customer is
        due for training, and the next step of the ladder serves until then.
        """
        from energy_assets.forecasting.bilstm.models import CustomerModel

        found: dict[str, CustomerModel] = {}
        for row in serving_models(self.documents, customer_refs).to_dict(orient="records"):
            ref = str(row["customer_ref"])
            try:
                found[ref] = CustomerModel.from_bytes(row["model_data"], row["model_metadata"])
            except ValueError as error:
                LOG.warning("model cannot be read", customer=ref, reason=str(error))
        return found

    def keep_shared(self, model: "SharedModel", *, trained_at: datetime) -> None:
        """Put a shared model into service."""
        weights, metadata = model.to_bytes()
        row = {
            "customer_ref": f"{SHARED_PREFIX}{model.interval_minutes}",
            "model_id": model.model_id,
            "model_data": weights,
            "model_metadata": metadata,
            "basis": "shared",
            "mse": np.nan,
            "r2_score": np.nan,
            "last_trained_data_timestamp": model.validated_until,
            "trained_at": pd.Timestamp(trained_at),
        }
        store_shared_model(self.documents, pd.DataFrame([row]))

    def keep(
        self,
        models: "Mapping[str, CustomerModel]",
        *,
        scores: pd.DataFrame,
        trained_at: datetime,
    ) -> None:
        """Put customers' models into service, with the scores of their scored weights."""
        if not models:
            return
        own = scores[scores["family"] == "bilstm"].set_index("customer_ref")
        rows: list[dict[str, Any]] = []
        for customer_ref, model in models.items():
            weights, metadata = model.to_bytes()
            scored = own.loc[customer_ref] if customer_ref in own.index else {}
            rows.append(
                {
                    "customer_ref": customer_ref,
                    "model_id": model.model_id,
                    "model_data": weights,
                    "model_metadata": metadata,
                    "basis": model.basis,
                    "mse": scored.get("mse", np.nan),
                    "r2_score": scored.get("r2_score", np.nan),
                    "last_trained_data_timestamp": model.data_until,
                    "trained_at": pd.Timestamp(trained_at),
                }
            )
        store_models(self.documents, pd.DataFrame(rows), scores)


def newest_known(history: Series) -> pd.Timestamp:
    """End of the newest interval whose energy is known; the start when none is."""
    known = np.flatnonzero(np.isfinite(history.values))
    return history.start_at + (int(known[-1]) + 1 if len(known) else 0) * history.interval


def due_for_training(
    histories: Sequence[Series], previous: "Mapping[str, CustomerModel]"
) -> list[Series]:
    """Customers without a model, or with readings newer than those that it learned from."""
    return [
        history
        for history in histories
        if history.key not in previous
        or previous[history.key].interval_minutes != history.interval_minutes
        or previous[history.key].data_until < newest_known(history)
    ]


def needs_shared_model(current: "SharedModel | None", pool: Sequence[Series], *, days: int) -> bool:
    """Whether the shared model of a pool is missing, out of date, or of half the pool.

    Args:
        current: The model in service.
        pool: Histories of one interval length.
        days: Newer data than this, beyond what it was validated on, makes it out of date. [d]
    """
    if current is None:
        return True
    held_out = pd.Timedelta(days=days + 14)
    newest = max(newest_known(history) for history in pool)
    return newest - current.validated_until > held_out or len(pool) >= 2 * current.customers


def sampled_keys(keys: Sequence[str], *, seed: int) -> list[str]:
    """At most `POOL_CUSTOMERS` of the keys, the same ones for the same seed."""
    ordered = sorted(keys)
    if len(ordered) <= POOL_CUSTOMERS:
        return ordered
    chosen = np.random.default_rng(seed).choice(len(ordered), POOL_CUSTOMERS, replace=False)
    return [ordered[index] for index in sorted(chosen)]
