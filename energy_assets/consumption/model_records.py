"""Models, scores and forecasts of meters in the document store. Nothing is computed.

Trees are UBJ, everything else JSON; a version is never deleted, the newest of a meter serves.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

import pandas as pd
import structlog

from energy_assets.consumption.meter_keys import parsed_meter_key
from energy_assets.contracts.columns import QUANTILE_NAMES
from energy_assets.contracts.consumption_forecasts import (
    CONSUMPTION_EXPLANATION,
    CONSUMPTION_FORECAST,
    CONSUMPTION_MODEL,
    CONSUMPTION_SCORE,
)
from energy_assets.contracts.validation import ContractError, validated
from energy_assets.forecasting.family import Model
from resources.document_store import DocumentStore
from resources.tables import Filter, Table, empty_frame

if TYPE_CHECKING:
    from energy_assets.forecasting.boosting import MeterModel

BATCH_METERS: Final = 200
"""Meters that one query asks about."""

LOG = structlog.stdlib.get_logger("energy_assets.consumption")

_VERSION: Final = ("meter_type", "meter_id", "model_id", "trained_at")


@dataclass(frozen=True)
class MeterModels:
    """The models of meters in a document store."""

    documents: DocumentStore

    def serving(self, keys: Sequence[str]) -> "Iterator[tuple[str, MeterModel]]":
        """The newest model of each meter that has one, by meter key.

        A model that this version cannot read is as good as none: the log says so, the meter is due
        for training, and a seasonal naive serves it until then.
        """
        from energy_assets.forecasting.boosting import MeterModel, ModelFileError

        newest = self._newest_ids(keys)
        for start in range(0, len(newest), BATCH_METERS):
            ids = newest[start : start + BATCH_METERS]
            rows = self.documents.read(CONSUMPTION_MODEL, [Filter("model_id", "in", ids)])
            for row in rows.to_dict(orient="records"):
                key = f"{row['meter_type']}/{row['meter_id']}"
                try:
                    yield key, MeterModel.from_bytes(row["model_data"], row["model_metadata"])
                except ModelFileError as error:
                    LOG.warning("model cannot be read", meter=key, reason=str(error))

    def by_id(self, model_id: str) -> "MeterModel | None":
        """A version by the name that forecasts give it; None where no such version is kept.

        Raises:
            ModelFileError: It cannot be read.
        """
        from energy_assets.forecasting.boosting import MeterModel

        rows = self.documents.read(CONSUMPTION_MODEL, [Filter("model_id", "=", model_id)])
        if rows.empty:
            return None
        return MeterModel.from_bytes(rows["model_data"][0], rows["model_metadata"][0])

    def keep(self, key: str, model: Model, scores: pd.DataFrame, *, trained_at: datetime) -> None:
        """Put a model into service, its scores first, so that no model serves without them."""
        if len(scores):
            self.documents.upsert(CONSUMPTION_SCORE, validated(CONSUMPTION_SCORE, scores))
        saved = model.save()
        meter_type, meter_id = parsed_meter_key(key)
        row = {
            "meter_type": meter_type,
            "meter_id": meter_id,
            "model_id": model.model_id,
            "model_data": saved.weights,
            "model_metadata": dict(saved.metadata),
            "last_trained_data_timestamp": model.learned_until,
            "trained_at": pd.Timestamp(trained_at),
        }
        frame = pd.DataFrame([row])
        self.documents.upsert(CONSUMPTION_MODEL, validated(CONSUMPTION_MODEL, frame))

    def scores(self, keys: Sequence[str]) -> pd.DataFrame:
        """The scores of the models that serve these meters, and of the baselines beside them."""
        return self.documents.read(
            CONSUMPTION_SCORE, [Filter("model_id", "in", self._newest_ids(keys))]
        )

    def _newest_ids(self, keys: Sequence[str]) -> list[str]:
        versions = _of_meters(self.documents, CONSUMPTION_MODEL, keys, columns=_VERSION)
        return _newest(versions, by="trained_at")["model_id"].tolist()


def store_forecasts(
    documents: DocumentStore, forecasts: pd.DataFrame, explanations: pd.DataFrame
) -> None:
    """Add forecasts, and then what explains them: an explanation says that a forecast is whole.

    Raises:
        ContractError: Rows break their contract, such as negative water; nothing was written.
    """
    if len(forecasts):
        _refuse_negative_water(forecasts)
        documents.insert_new(CONSUMPTION_FORECAST, validated(CONSUMPTION_FORECAST, forecasts))
    if len(explanations):
        rows = validated(CONSUMPTION_EXPLANATION, explanations)
        documents.insert_new(CONSUMPTION_EXPLANATION, rows)


def _refuse_negative_water(forecasts: pd.DataFrame) -> None:
    """Only electricity is exported."""
    water = forecasts[forecasts["meter_type"] == "water"]
    faults = [
        f"{name}: negative water ({water[name].min()})"
        for name in ("value", "mean", *QUANTILE_NAMES)
        if (water[name] < 0).any()
    ]
    if faults:
        raise ContractError(CONSUMPTION_FORECAST.name, faults)


def _of_meters(
    documents: DocumentStore, table: Table, keys: Iterable[str], *, columns: Sequence[str]
) -> pd.DataFrame:
    """Rows of these meters, some columns."""
    by_type: dict[str, list[str]] = {}
    for key in keys:
        meter_type, meter_id = parsed_meter_key(key)
        by_type.setdefault(meter_type, []).append(meter_id)
    found = [
        documents.read(
            table,
            [Filter("meter_type", "=", meter_type), Filter("meter_id", "in", ids)],
            columns=columns,
        )
        for meter_type, ids in by_type.items()
    ]
    return pd.concat(found, ignore_index=True) if found else empty_frame(table, columns)


def _newest(rows: pd.DataFrame, *, by: str) -> pd.DataFrame:
    """The newest row of each meter."""
    ordered = rows.sort_values(["meter_type", "meter_id", by], kind="stable")
    return ordered.drop_duplicates(["meter_type", "meter_id"], keep="last")
