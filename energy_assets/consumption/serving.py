"""What a meter is predicted, from the best there is, and any range of it as people ask for it.

The ladder: the champion where it is a seasonal naive, the meter's model with the weather, the model
without it, a seasonal naive.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

import pandas as pd

from energy_assets.consumption.consumption_grid import series_of_frame
from energy_assets.consumption.consumption_records import known_meters, meter_key
from energy_assets.consumption.errors import (
    UnknownMeterError,
    checked_meter_type,
)
from energy_assets.consumption.locations import Location, default_location
from energy_assets.consumption.meter_frames import meter_frames
from energy_assets.consumption.meter_weather import (
    MeterWeather,
    by_location,
    weather_of,
)
from energy_assets.consumption.model_records import MeterModels
from energy_assets.consumption.prediction import forecast_rows
from energy_assets.forecasting.family import Model
from energy_assets.forecasting.forecast import Forecast
from energy_assets.forecasting.series import LEAD_DAYS, TEMPERATURE, KnownFuture, Series
from energy_assets.forecasts.challenge import stored_models
from energy_assets.forecasts.champion import Champion, ChampionLog
from energy_assets.forecasts.errors import UnmeasuredSeriesError
from energy_assets.forecasts.ladder import origin_of, served, steps_of
from energy_assets.forecasts.ranges import Resolution, checked_range, range_values
from energy_assets.settings import Settings
from resources.document_store import DocumentStore
from resources.series_store import SeriesStore

if TYPE_CHECKING:
    from energy_assets.forecasting.boosting import MeterModel


FLOW: Final = "consumption"
"""Name of the flow in the log of champions."""

OWN_FAMILY: Final = "xgboost"
"""The family that serves a meter unless another was chosen."""

METER: Final = ("meter_type", "meter_id")
"""Columns that name a meter."""


def serve(
    history: Series,
    weather: KnownFuture,
    *,
    now: pd.Timestamp,
    model: "MeterModel | None",
    champion: Champion | None = None,
    stored: Mapping[str, Model] | None = None,
) -> Forecast:
    """The two weeks ahead of a meter, with the reasons where a model made it.

    They begin where the history ends. Values that come a day late are usual; a meter that has been
    silent for longer is predicted from now on, and the time between stays unknown.

    Args:
        history: Everything known of the meter, at least one interval.
        weather: What is known of the weather.
        now: The present, UTC.
        model: The meter's model, if it has one. It serves if it learned the interval and the clock
            that the meter has now.
        champion: Who is to serve, if a contest or a person chose.
        stored: Models of other families, by name.
    """
    own: list[Model] = [] if model is None else [model]
    ladder = steps_of(champion, own_family=OWN_FAMILY, own=own, stored=stored or {})
    return forecast_from(ladder, history, weather, now=now)


def forecast_from(
    ladder: Sequence[Model], history: Series, weather: KnownFuture, *, now: pd.Timestamp
) -> Forecast:
    """The two weeks ahead of a meter by the first of some models that can, see `serve`."""
    return served(
        replace(history, future={TEMPERATURE: weather}),
        ladder,
        origin_at=origin_of(history, now=now),
        days=LEAD_DAYS,
        explained=True,
    )


def served_meters(
    frames: Mapping[str, pd.DataFrame], *, documents: DocumentStore, weather: MeterWeather
) -> "Iterator[tuple[str, Series, Forecast]]":
    """Key, history and forecast of each meter, from the best that the document store has for it.

    Args:
        frames: Feature frames by meter key.
        documents: Holds models and scores.
        weather: What is known of the weather around the meters.

    Raises:
        StoreUnavailableError: A store cannot be reached.
    """
    models = MeterModels(documents)
    keys = list(frames)
    serving = dict(models.serving(keys))
    champions = ChampionLog(documents, FLOW).of(keys)
    others = stored_models(champions, own_family=OWN_FAMILY, documents=documents, flow=FLOW, seed=0)
    for key in by_location(frames):
        frame = frames[key]
        history = series_of_frame(frame)
        forecast = serve(
            history,
            weather.of(frame),
            now=weather.now,
            model=serving.get(key),
            champion=champions.get(key),
            stored=others.get(key),
        )
        yield key, history, forecast


@dataclass(frozen=True, kw_only=True)
class RangeQuestion:
    """What a meter used and will use in [start, end), as a person asks.

    Attributes:
        meter_type: `electricity` or `water`.
        meter_id: Which meter.
        start: First instant, with its time zone.
        end: First instant after the range, at most 14 days after the last value; after now where
            that is more than two days old.
        resolution: By the meter's interval, or by the local day.
    """

    meter_type: str
    meter_id: str
    start: datetime
    end: datetime
    resolution: Resolution


def answered(
    question: RangeQuestion,
    *,
    documents: DocumentStore,
    series: SeriesStore,
    settings: Settings,
    now: datetime,
) -> pd.DataFrame:
    """The measured, missing and predicted values of a range, columns `ranges.RANGE_COLUMNS`.

    Args:
        question: Which meter, when.
        documents: Knows meters, locations and models.
        series: Holds values and weather.
        settings: Say how far back models look.
        now: The present, UTC.

    Raises:
        QuestionError: Meter or range has no answer; its sentence says why.
        StoreUnavailableError: A store cannot be reached.
    """
    key = meter_key(checked_meter_type(question.meter_type), question.meter_id)
    meters = known_meters(documents, [key])
    if meters.empty:
        known = _known_ids(documents, question.meter_type)
        raise UnknownMeterError(question.meter_type, question.meter_id, known)
    present, first_known = pd.Timestamp(now), meters["first_timestamp"].iloc[0]
    since = present - pd.Timedelta(days=settings.consumption_history_days)
    frame = _asked_frame(
        key,
        since=since if pd.isna(first_known) else max(first_known, min(since, _asked(question))),
        documents=documents,
        series=series,
        default=default_location(settings),
        known_at=present,
    )
    start, end = checked_range(
        question.start,
        question.end,
        first_known_at=None if pd.isna(first_known) else first_known,
        now=origin_of(series_of_frame(frame), now=present),
        reach_days=LEAD_DAYS,
    )
    weather = weather_of(settings, series, now=present)
    ((_, history, predicted),) = served_meters({key: frame}, documents=documents, weather=weather)
    return range_values(
        frame,
        forecast_rows(predicted, history, issued_at=present, data_known_at=present),
        start=start,
        end=end,
        resolution=question.resolution,
        now=present,
    )


def _asked(question: RangeQuestion) -> pd.Timestamp:
    """The start that is asked for; the end of time where it is none, which is refused later."""
    start = question.start
    return pd.Timestamp.max.tz_localize("UTC") if start.tzinfo is None else pd.Timestamp(start)


def _asked_frame(
    key: str,
    *,
    since: pd.Timestamp,
    documents: DocumentStore,
    series: SeriesStore,
    default: Location,
    known_at: pd.Timestamp,
) -> pd.DataFrame:
    """The frame of the meter that is asked about.

    Raises:
        UnmeasuredSeriesError: It has no value.
    """
    frames = meter_frames(
        [key], documents=documents, series=series, default=default, since=since, known_at=known_at
    )
    for _, frame in frames:
        return frame
    raise UnmeasuredSeriesError


def _known_ids(documents: DocumentStore, meter_type: str) -> Sequence[str]:
    meters = known_meters(documents)
    return meters.loc[meters["meter_type"] == meter_type, "meter_id"].tolist()
