"""The meters' door: their values, models and forecasts, as `forecasts` asks for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from energy_assets.charts import short_name
from energy_assets.consumption.consumption_grid import meter_histories, series_of_frame
from energy_assets.consumption.consumption_records import known_meters, stored_points
from energy_assets.consumption.errors import UnknownMeterError, checked_meter_type
from energy_assets.consumption.locations import default_location, location_of_meters
from energy_assets.consumption.meter_frames import meter_frames
from energy_assets.consumption.meter_keys import meter_key, parsed_meter_key
from energy_assets.consumption.meter_weather import MeterWeather, weather_of
from energy_assets.consumption.model_records import MeterModels
from energy_assets.consumption.prediction import forecast_rows
from energy_assets.consumption.serving import FLOW, METER, forecast_from, ladders
from energy_assets.contracts.consumption import METER_TYPES, UNITS
from energy_assets.contracts.consumption_forecasts import (
    CONSUMPTION_EXPLANATION,
    CONSUMPTION_FORECAST,
)
from energy_assets.contracts.ledger import Flow
from energy_assets.forecasting.family import Model
from energy_assets.forecasting.series import LEAD_DAYS, Series
from energy_assets.forecasts.challenge import stored_model
from energy_assets.forecasts.changes import first_changes
from energy_assets.forecasts.flow import Known, Measured, SeriesFacts
from energy_assets.forecasts.knowledge import data_known_at
from energy_assets.forecasts.stored_forecasts import StoredForecasts
from energy_assets.settings import Settings
from resources.document_store import DocumentStore
from resources.series_store import SeriesStore


@dataclass(frozen=True, kw_only=True)
class MeterFlow:
    """The electricity and water meters of two stores, as a `ForecastFlow`; keys are meter keys.

    Attributes:
        documents: Holds meters, locations, models and forecasts.
        series: Holds values and weather.
        settings: The default place, the length of the history and the weather provider that meters
            are forecast with.
    """

    documents: DocumentStore
    series: SeriesStore
    settings: Settings

    @property
    def name(self) -> Flow:
        """In the ledger and the log of champions."""
        return FLOW

    @property
    def reach_days(self) -> int:
        """Two weeks ahead."""
        return LEAD_DAYS

    @property
    def forecasts(self) -> StoredForecasts:
        """What was issued; reasons are stored last, and say that a forecast is whole."""
        return StoredForecasts(
            documents=self.documents,
            table=CONSUMPTION_FORECAST,
            marks=CONSUMPTION_EXPLANATION,
            series=METER,
            median="value",
        )

    def series_keys(self) -> Sequence[str]:
        """Every meter."""
        meters = known_meters(self.documents)
        return [
            meter_key(meter_type, meter_id)
            for meter_type in METER_TYPES
            for meter_id in meters.loc[meters["meter_type"] == meter_type, "meter_id"]
        ]

    def require(self, key: str) -> None:
        """Do nothing where there is such a meter.

        Raises:
            UnknownMeterTypeError: There is no such kind of meter.
            UnknownMeterError: There is no such meter of its kind.
        """
        meter_type, _, meter_id = key.partition("/")
        known_type = checked_meter_type(meter_type)
        if not meter_id or known_meters(self.documents, [key]).empty:
            meters = known_meters(self.documents)
            known = meters.loc[meters["meter_type"] == known_type, "meter_id"].tolist()
            raise UnknownMeterError(meter_type, meter_id, known)

    def facts(self, keys: Sequence[str]) -> Mapping[str, SeriesFacts]:
        """What people are shown of these meters."""
        places = location_of_meters(
            self.documents,
            [parsed_meter_key(key) for key in keys],
            default=default_location(self.settings),
        )
        return {
            meter_key(meter_type, meter_id): SeriesFacts(
                name=f"{meter_type.capitalize()} meter {short_name(meter_id)}",
                unit=UNITS[meter_type],
                zone=places[meter_type, meter_id].zone,
            )
            for meter_type, meter_id in map(parsed_meter_key, keys)
        }

    def first_known_at(self, key: str) -> pd.Timestamp | None:
        """The instant of the meter's first value."""
        first = known_meters(self.documents, [key])["first_timestamp"].dropna()
        return None if first.empty else pd.Timestamp(first.iloc[0])

    def measured(
        self,
        key: str,
        *,
        known_at: pd.Timestamp,
        since: pd.Timestamp | None = None,
        with_weather: bool = False,
    ) -> Measured | None:
        """A meter's consumption as it was known at an instant; None without a value."""
        seen = known_at - pd.Timedelta(days=self.settings.consumption_history_days)
        for _, frame in meter_frames(
            [key],
            documents=self.documents,
            series=self.series,
            default=default_location(self.settings),
            since=seen if since is None else min(seen, since),
            known_at=known_at,
        ):
            around = weather_of(self.settings, self.series, now=known_at) if with_weather else None
            return measured_meter(frame, around)
        return None

    def changed_since(self, instant: pd.Timestamp) -> Mapping[str, pd.Timestamp]:
        """The meters in files that were taken in since, and the first instant of those files."""
        return first_changes(self.documents, instant, named_in="serials")

    def versions(self, keys: Sequence[str], *, since: pd.Timestamp) -> "MeterVersions":
        """All versions of the points of these meters from an instant on."""
        parsed = [parsed_meter_key(key) for key in keys]
        default = default_location(self.settings)
        places = location_of_meters(self.documents, parsed, default=default)
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

    def ladders(self, histories: Sequence[Series]) -> Mapping[str, Sequence[Model]]:
        """Champion, previous champion and own boosted model of each meter."""
        return ladders([one.key for one in histories], documents=self.documents)

    def model(self, model_id: str) -> Model | None:
        """A meter's boosted model, or a model of the family that served it.

        Raises:
            ValueError: It cannot be read.
        """
        model = MeterModels(self.documents).by_id(model_id)
        if model is not None:
            return model
        return stored_model(self.documents, FLOW, model_id, seed=self.settings.seed)

    def predicted(
        self, measured: Measured, ladder: Sequence[Model], *, issued_at: pd.Timestamp
    ) -> pd.DataFrame:
        """Two weeks ahead of a meter, by its interval and by the day."""
        frame, history = measured.features, measured.series
        weather = weather_of(self.settings, self.series, now=issued_at).of(frame)
        forecast = forecast_from(ladder, history, weather, now=issued_at)
        return forecast_rows(
            forecast, history, issued_at=issued_at, data_known_at=data_known_at(frame)
        )

    def reasons(self, issues: Mapping[str, pd.Timestamp]) -> Mapping[str, Sequence[str]]:
        """The sentences that were stored with some forecasts."""
        rows = self.forecasts.rows(issues, CONSUMPTION_EXPLANATION)
        lines = zip(self.forecasts.keys_of(rows), rows["lines"], strict=True)
        return {str(key): list(sentences) for key, sentences in lines}


def measured_meter(frame: pd.DataFrame, around: MeterWeather | None = None) -> Measured:
    """A meter's feature frame of at least one row, as every flow shows its series.

    Args:
        frame: Of the meter.
        around: The weather, for temperatures where its own files have none.
    """
    temperature_c = frame["temperature_c"].to_numpy(np.float64)
    if around is not None:
        temperature_c = around.of(frame).observed[: len(frame)]
    return Measured(
        series=series_of_frame(frame),
        reason=frame["reason"].to_numpy(object),
        temperature_c=temperature_c,
        register=np.full(len(frame), np.nan),
        features=frame,
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
