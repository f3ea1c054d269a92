"""What it takes to make a meter's forecast again; how that goes is in `forecasts.replay`."""

from dataclasses import dataclass

import pandas as pd

from energy_assets.consumption.consumption_grid import series_of_frame
from energy_assets.consumption.locations import default_location
from energy_assets.consumption.meter_frames import meter_frames
from energy_assets.consumption.meter_weather import weather_of
from energy_assets.consumption.model_records import MeterModels, issued_forecast
from energy_assets.consumption.prediction import forecast_rows
from energy_assets.consumption.serving import FLOW, forecast_from
from energy_assets.contracts.consumption_forecasts import CONSUMPTION_FORECAST
from energy_assets.forecasting.family import Model
from energy_assets.forecasts.challenge import stored_model
from energy_assets.settings import Settings
from resources.document_store import DocumentStore
from resources.series_store import SeriesStore
from resources.tables import Table, empty_frame


@dataclass(frozen=True, kw_only=True)
class MeterForecasts:
    """The forecasts of electricity and water meters, as a `ReplayableFlow`; keys are meter keys.

    Attributes:
        documents: Holds meters, locations, models and forecasts.
        series: Holds values and weather.
        settings: The default place, the length of the history and the weather provider that
            forecasts were issued with.
    """

    documents: DocumentStore
    series: SeriesStore
    settings: Settings

    @property
    def table(self) -> Table:
        """The table of forecasts, by the interval and by the day."""
        return CONSUMPTION_FORECAST

    def issued(self, key: str, *, issued_at: pd.Timestamp) -> pd.DataFrame:
        """Rows of a meter's forecast."""
        return issued_forecast(self.documents, key, issued_at=issued_at)

    def model(self, model_id: str) -> Model | None:
        """A meter's boosted model, or a model of the family that served it.

        Raises:
            ValueError: It cannot be read.
        """
        model = MeterModels(self.documents).by_id(model_id)
        if model is not None:
            return model
        return stored_model(self.documents, FLOW, model_id, seed=self.settings.seed)

    def again(
        self, key: str, model: Model, *, known_at: pd.Timestamp, issued_at: pd.Timestamp
    ) -> pd.DataFrame:
        """The rows that a model issues for a meter from what was known."""
        weather = weather_of(self.settings, self.series, now=issued_at)
        for _, frame in meter_frames(
            [key],
            documents=self.documents,
            series=self.series,
            default=default_location(self.settings),
            since=known_at - pd.Timedelta(days=self.settings.consumption_history_days),
            known_at=known_at,
        ):
            history = series_of_frame(frame)
            forecast = forecast_from([model], history, weather.of(frame), now=issued_at)
            return forecast_rows(forecast, history, issued_at=issued_at, data_known_at=known_at)
        return empty_frame(CONSUMPTION_FORECAST)
