"""Models in the document store: which one serves, which customers are due for training.

Weights are safetensors, everything else JSON; a version is never deleted.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
import pandas as pd
import structlog

from energy_assets.customer_load.records import (
    SHARED_PREFIX,
    model_version,
    newest_shared_model,
    serving_models,
    store_models,
    store_shared_model,
)
from energy_assets.forecasting.series import Series
from resources.document_store import DocumentStore

if TYPE_CHECKING:
    from energy_assets.forecasting.bilstm.models import CustomerModel, SharedModel

M = TypeVar("M")
"""A customer's model, or a shared one."""

LOG = structlog.stdlib.get_logger("energy_assets.customer_load")

POOL_CUSTOMERS: Final = 512
"""Customers that a shared model learns from, at most."""


@dataclass(frozen=True)
class ModelStore:
    """The Bi-LSTMs of a document store."""

    documents: DocumentStore

    def shared(self, interval_minutes: int) -> "SharedModel | None":
        """The newest shared model of an interval.

        None where there is none, or none that this version can read: the log names it, and another
        is trained.
        """
        from energy_assets.forecasting.bilstm.models import SharedModel

        rows = newest_shared_model(self.documents, interval_minutes=interval_minutes)
        return next((model for _, model in _readable(rows, SharedModel.from_bytes)), None)

    def serving(self, customer_refs: Sequence[str]) -> "dict[str, CustomerModel]":
        """The model that serves each customer that has one.

        A model that this version cannot read is as good as none: the log names it, the customer is
        due for training, and the shared model serves until then.
        """
        from energy_assets.forecasting.bilstm.models import CustomerModel

        rows = serving_models(self.documents, customer_refs)
        return dict(_readable(rows, CustomerModel.from_bytes))

    def by_id(self, model_id: str) -> "CustomerModel | SharedModel | None":
        """A version by the name that forecasts give it, a customer's or a shared one.

        Returns:
            None where no such version is kept.

        Raises:
            ValueError: It cannot be read.
        """
        from energy_assets.forecasting.bilstm.models import CustomerModel, SharedModel

        rows = model_version(self.documents, model_id)
        if rows.empty:
            return None
        row = rows.iloc[0]
        is_shared = str(row["customer_ref"]).startswith(SHARED_PREFIX)
        kind = SharedModel if is_shared else CustomerModel
        return kind.from_bytes(row["model_data"], row["model_metadata"])

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


def _readable(
    rows: pd.DataFrame, read: "Callable[[bytes, Mapping[str, Any]], M]"
) -> "Iterator[tuple[str, M]]":
    """The models that can be read, by whose they are; the log names the others."""
    for ref, model_id, data, metadata in zip(
        rows["customer_ref"],
        rows["model_id"],
        rows["model_data"],
        rows["model_metadata"],
        strict=True,
    ):
        try:
            yield str(ref), read(data, metadata)
        except ValueError as error:
            LOG.warning("model cannot be read", customer=ref, model_id=model_id, reason=str(error))


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
