"""Issued forecasts of meters, and their consumption as it was known at any time, to be scored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from energy_assets.consumption.consumption_grid import meter_histories
from energy_assets.consumption.consumption_records import known_meters, stored_points
from energy_assets.consumption.locations import Location, location_of_meters
from energy_assets.consumption.meter_keys import meter_key, parsed_meter_key
from energy_assets.contracts.consumption import METER_TYPES
from energy_assets.contracts.consumption_forecasts import CONSUMPTION_FORECAST
from energy_assets.contracts.ledger import Flow, Resolution
from energy_assets.forecasting.forecast import ForecastRows
from energy_assets.forecasting.series import LEAD_DAYS
from energy_assets.forecasts.changes import first_changes
from energy_assets.forecasts.issued import DAY, Issue, Known, forecast_rows_of
from resources.document_store import DocumentStore
from resources.series_store import SeriesStore
from resources.tables import Filter

RESOLUTIONS: Final[tuple[Resolution, ...]] = ("hourly", "daily")
"""Every resolution that a meter is forecast at."""

_ISSUE: Final = ["meter_type", "meter_id", "issued_at"]


@dataclass(frozen=True, kw_only=True)
class MeterFlow:
    """The electricity and water meters of two stores, as `forecasts.issued.ScoredFlow` asks.

    Attributes:
        documents: Knows meters, locations and forecasts.
        series: Holds the values.
        default: Where meters are that no file places elsewhere.
    """

    documents: DocumentStore
    series: SeriesStore
    default: Location

    @property
    def name(self) -> Flow:
        """In the ledger."""
        return "consumption"

    @property
    def reach_days(self) -> int:
        """Two weeks ahead."""
        return LEAD_DAYS

    def series_keys(self) -> Sequence[str]:
        """Every meter."""
        meters = known_meters(self.documents)
        return [
            meter_key(meter_type, meter_id)
            for meter_type in METER_TYPES
            for meter_id in meters.loc[meters["meter_type"] == meter_type, "meter_id"]
        ]

    def changed_since(self, instant: pd.Timestamp) -> Mapping[str, pd.Timestamp]:
        """The meters in files that were taken in since, and the first instant of those files."""
        return first_changes(self.documents, instant, named_in="serials")

    def issues(
        self, keys: Sequence[str], *, ended_after: pd.Timestamp, now: pd.Timestamp
    ) -> Sequence[Issue]:
        """The forecasts with a lead day that ended after an instant, and perhaps some more.

        Rows that start after `now` are left out.
        """
        found: dict[tuple[str, pd.Timestamp], dict[Resolution, ForecastRows]] = {}
        models: dict[tuple[str, pd.Timestamp], str] = {}
        for resolution in RESOLUTIONS:
            for rows in self._rows(keys, resolution, ended_after=ended_after, now=now):
                for (meter_type, meter_id, _), own in rows.groupby(_ISSUE):
                    one = f"{meter_type}/{meter_id}", pd.Timestamp(own["issued_at"].iloc[0])
                    found.setdefault(one, {})[resolution] = forecast_rows_of(own)
                    models[one] = str(own["model_id"].iloc[0])
        return [
            Issue(series_key=key, issued_at=issued_at, model_id=models[key, issued_at], rows=rows)
            for (key, issued_at), rows in found.items()
        ]

    def _rows(
        self,
        keys: Sequence[str],
        resolution: Resolution,
        *,
        ended_after: pd.Timestamp,
        now: pd.Timestamp,
    ) -> list[pd.DataFrame]:
        """Forecast rows by kind of meter; no forecast begins after it was issued."""
        parsed = [parsed_meter_key(key) for key in keys]
        return [
            self.documents.read(
                CONSUMPTION_FORECAST,
                [
                    Filter("meter_type", "=", meter_type),
                    Filter("meter_id", "in", [one for kind, one in parsed if kind == meter_type]),
                    Filter("resolution", "=", resolution),
                    Filter("issued_at", ">", ended_after - (LEAD_DAYS + 2) * DAY),
                    Filter("valid_at", "<=", now),
                ],
                order_by=[*_ISSUE, "valid_at"],
            )
            for meter_type in METER_TYPES
        ]

    def versions(self, keys: Sequence[str], *, since: pd.Timestamp) -> "MeterVersions":
        """All versions of the points of these meters from an instant on."""
        parsed = [parsed_meter_key(key) for key in keys]
        places = location_of_meters(self.documents, parsed, default=self.default)
        points = stored_points(self.series, keys, since=since)
        points["key"] = points["meter_type"] + "/" + points["meter_id"]
        return MeterVersions(
            points=points.sort_values(["key", "timestamp", "version"], kind="stable"),
            meters=known_meters(self.documents, keys),
            zones={
                key: (places[meter].zone, places[meter].country)
                for key, meter in zip(keys, parsed, strict=True)
            },
        )


@dataclass(frozen=True, kw_only=True)
class MeterVersions:
    """All versions of the points of some meters.

    Attributes:
        points: Columns of `ENERGY_CONSUMPTION` and `key`, by meter, instant and version.
        meters: Rows of `CONSUMPTION_METERS`.
        zones: Time zone and country by meter key.
    """

    points: pd.DataFrame
    meters: pd.DataFrame
    zones: Mapping[str, tuple[str, str | None]]

    def known(
        self, keys: Sequence[str], *, known_at: pd.Timestamp | None = None
    ) -> Mapping[str, Known]:
        """The meters that have values, as they were known at an instant; now without it."""
        points = self.points[self.points["key"].isin(list(keys))]
        if known_at is not None:
            points = points[points["known_at"] <= known_at]
        newest = points.drop_duplicates(["key", "timestamp"], keep="last")
        own = dict(iter(newest.groupby("key")))
        return {
            gridded.key: Known(
                series=gridded.history,
                read_at=pd.DatetimeIndex(own[gridded.key]["timestamp"]),
                known_at=pd.DatetimeIndex(own[gridded.key]["known_at"]),
                is_register=bool(own[gridded.key]["register"].notna().iloc[-1]),
            )
            for gridded in meter_histories(newest, self.meters, zones=self.zones)
        }
