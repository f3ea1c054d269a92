"""Models of any family in the document store: those that serve in place of a flow's own.

A version is never deleted; the newest of a family serves. Flows keep their own family's models
themselves, under the names that were published.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd
import structlog

from energy_assets.contracts.champions import FAMILY_MODELS
from energy_assets.contracts.validation import validated
from energy_assets.forecasting.family import Family, Model, SavedModel
from resources.document_store import DocumentStore
from resources.tables import Filter, empty_frame

BATCH_SERIES: Final = 200
"""Series that one query asks about."""

LOG = structlog.stdlib.get_logger("energy_assets.forecasts")


@dataclass(frozen=True)
class FamilyModels:
    """The models of one flow's challengers.

    Attributes:
        documents: Where they are.
        flow: Whose.
        families: What reads them, by name.
    """

    documents: DocumentStore
    flow: str
    families: Mapping[str, Family]

    def keep(self, key: str, family: str, model: Model, *, trained_at: pd.Timestamp) -> None:
        """Keep a version of a series' model."""
        saved = model.save()
        row = {
            "flow": self.flow,
            "series_key": key,
            "family": family,
            "model_id": model.model_id,
            "model_data": saved.weights,
            "model_metadata": dict(saved.metadata),
            "last_trained_data_timestamp": model.learned_until,
            "trained_at": trained_at,
        }
        self.documents.upsert(FAMILY_MODELS, validated(FAMILY_MODELS, pd.DataFrame([row])))

    def newest(self, wanted: Mapping[str, str]) -> dict[str, Model]:
        """The newest model of a family of each series, by key; what cannot be read is left out.

        Args:
            wanted: Family by key of the series; families that are not stored here are left out.
        """
        keys = sorted(key for key, family in wanted.items() if family in self.families)
        ids = self._newest_ids({key: wanted[key] for key in keys})
        found: dict[str, Model] = {}
        for row in self._rows(ids):
            key, family = str(row["series_key"]), str(row["family"])
            model = self._loaded(key, family, row)
            if model is not None:
                found[key] = model
        return found

    def by_id(self, model_id: str) -> Model | None:
        """One version by its name; nothing where it is not stored.

        Raises:
            ValueError: It cannot be read.
        """
        rows = self.documents.read(
            FAMILY_MODELS,
            [Filter("model_id", "=", model_id), Filter("flow", "=", self.flow)],
            limit=1,
        )
        for row in rows.to_dict(orient="records"):
            saved = SavedModel(weights=row["model_data"], metadata=row["model_metadata"])
            return self.families[str(row["family"])].load(saved)
        return None

    def _loaded(self, key: str, family: str, row: Mapping[str, object]) -> Model | None:
        """A model, or nothing where this version cannot read it: the log says so.

        The next step of the ladder serves then, and the next training makes another.
        """
        data, metadata = row["model_data"], row["model_metadata"]
        if family not in self.families or not isinstance(data, bytes):
            return None
        if not isinstance(metadata, dict):
            return None
        try:
            return self.families[family].load(SavedModel(weights=data, metadata=metadata))
        except ValueError as error:
            LOG.warning("model cannot be read", series=key, family=family, reason=str(error))
            return None

    def _newest_ids(self, wanted: Mapping[str, str]) -> list[tuple[str, str]]:
        keys = list(wanted)
        columns = ("series_key", "family", "model_id", "trained_at")
        parts = [empty_frame(FAMILY_MODELS, columns)]
        for start in range(0, len(keys), BATCH_SERIES):
            where = [
                Filter("flow", "=", self.flow),
                Filter("series_key", "in", keys[start : start + BATCH_SERIES]),
            ]
            parts.append(self.documents.read(FAMILY_MODELS, where, columns=columns))
        rows = pd.concat(parts, ignore_index=True)
        rows = rows[rows["family"] == rows["series_key"].map(dict(wanted))]
        newest = rows.sort_values("trained_at", kind="stable").drop_duplicates(
            "series_key", keep="last"
        )
        return list(zip(newest["series_key"], newest["model_id"], strict=True))

    def _rows(self, ids: list[tuple[str, str]]) -> Iterator[dict[str, object]]:
        for start in range(0, len(ids), BATCH_SERIES):
            batch = ids[start : start + BATCH_SERIES]
            rows = self.documents.read(
                FAMILY_MODELS,
                [
                    Filter("flow", "=", self.flow),
                    Filter("series_key", "in", [key for key, _ in batch]),
                    Filter("model_id", "in", [model_id for _, model_id in batch]),
                ],
            )
            asked = set(batch)
            for row in rows.to_dict(orient="records"):
                if (row["series_key"], row["model_id"]) in asked:
                    yield {str(name): value for name, value in row.items()}
