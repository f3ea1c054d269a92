"""What a meter is predicted, from the best there is.

The ladder: the champion, the one before it, the meter's model with the weather, the model without
it, a seasonal naive.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import pandas as pd

from energy_assets.consumption.consumption_grid import series_of_frame
from energy_assets.consumption.meter_weather import MeterWeather, by_location
from energy_assets.consumption.model_records import MeterModels
from energy_assets.contracts.ledger import Flow
from energy_assets.forecasting.family import Model
from energy_assets.forecasting.forecast import Forecast
from energy_assets.forecasting.series import LEAD_DAYS, TEMPERATURE, KnownFuture, Series
from energy_assets.forecasts.challenge import stored_models
from energy_assets.forecasts.champion import ChampionLog
from energy_assets.forecasts.ladder import origin_of, served, steps_of
from resources.document_store import DocumentStore

FLOW: Final[Flow] = "consumption"
"""Name of the flow in the ledger and the log of champions."""

OWN_FAMILY: Final = "xgboost"
"""The family that serves a meter unless another was chosen."""

METER: Final = ("meter_type", "meter_id")
"""Columns that name a meter."""


def ladders(keys: Sequence[str], *, documents: DocumentStore) -> dict[str, list[Model]]:
    """The models that may serve each meter now, best first, by meter key.

    A meter's own model serves if it learned the interval and the clock that the meter has now.

    Args:
        keys: Of the meters.
        documents: Holds models and champions.
    """
    champions = ChampionLog(documents, FLOW).of(keys)
    others = stored_models(champions, own_family=OWN_FAMILY, documents=documents, flow=FLOW, seed=0)
    own = dict(MeterModels(documents).serving(keys))
    return {
        key: steps_of(
            champions.get(key),
            own_family=OWN_FAMILY,
            own=[own[key]] if key in own else [],
            stored=others.get(key, {}),
        )
        for key in keys
    }


def forecast_from(
    ladder: Sequence[Model], history: Series, weather: KnownFuture, *, now: pd.Timestamp
) -> Forecast:
    """The two weeks ahead of a meter by the first of some models that can, with its reasons.

    They begin where the history ends. Values that come a day late are usual; a meter that has been
    silent for longer is predicted from now on, and the time between stays unknown.

    Args:
        ladder: Models, best first; a seasonal naive serves where none of them can.
        history: Everything known of the meter, at least one interval.
        weather: What is known of the weather.
        now: The present, UTC.
    """
    return served(
        replace(history, future={TEMPERATURE: weather}),
        ladder,
        origin_at=origin_of(history, now=now),
        days=LEAD_DAYS,
        explained=True,
    )


def served_meters(
    frames: Mapping[str, pd.DataFrame], *, documents: DocumentStore, weather: MeterWeather
) -> Iterator[tuple[str, Series, Forecast]]:
    """Key, history and forecast of each meter, from the best that the document store has for it.

    Args:
        frames: Feature frames by meter key.
        documents: Holds models and scores.
        weather: What is known of the weather around the meters.

    Raises:
        StoreUnavailableError: A store cannot be reached.
    """
    steps = ladders(list(frames), documents=documents)
    for key in by_location(frames):
        history = series_of_frame(frames[key])
        yield (
            key,
            history,
            forecast_from(steps[key], history, weather.of(frames[key]), now=weather.now),
        )
