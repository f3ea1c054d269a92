"""Learning many meters: which are due, their parameters, their score on the newest part, the model.

A meter that cannot be learned says why and stops nobody else.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

import pandas as pd

from energy_assets.consumption.consumption_grid import series_of_frame
from energy_assets.consumption.meter_keys import parsed_meter_key
from energy_assets.consumption.meter_weather import MeterWeather, by_location
from energy_assets.contracts.consumption_forecasts import CONSUMPTION_SCORE
from energy_assets.forecasting.series import KnownFuture, Series
from resources.tables import empty_frame

if TYPE_CHECKING:
    from energy_assets.forecasting.boosting import MeterModel

METERS_AT_ONCE: Final = 8
"""Meters whose weather is in memory at a time."""


TEST_SIZE: Final = 0.2
"""Share of a meter's days, the newest, that neither the scored model nor its search has seen."""


@dataclass(frozen=True, kw_only=True)
class TrainingPlan:
    """How meters are learned.

    Attributes:
        trained_at: The present, UTC.
        seed: Of everything random.
        tune_trials: Trials of the search for tree parameters; 0 for the documented ones.
        tune_seconds: Longest search of one meter. [s]
        workers: Meters that are learned side by side: XGBoost computes outside Python's lock.
    """

    trained_at: pd.Timestamp
    seed: int
    tune_trials: int = 0
    tune_seconds: float = 60.0
    workers: int = 1


@dataclass(frozen=True, kw_only=True, eq=False)
class LearnedMeter:
    """What became of one meter.

    Attributes:
        key: Its meter key.
        model: The model, if there is one.
        scores: Rows of the score table.
        problem: Why there is no model.
    """

    key: str
    model: "MeterModel | None"
    scores: pd.DataFrame
    problem: str = ""


def due(
    frames: Mapping[str, pd.DataFrame], serving: "Mapping[str, MeterModel]"
) -> dict[str, pd.DataFrame]:
    """The meters that need another model, by meter key, those of one location together.

    They have none, or one that has not learned from the newest value, or with another interval or
    clock than the meter has now.

    Args:
        frames: Feature frames by meter key.
        serving: The models that serve, by meter key.
    """
    waiting: dict[str, pd.DataFrame] = {}
    for key in by_location(frames):
        frame = frames[key]
        known = frame.index[frame["consumption"].notna()]
        model = serving.get(key)
        if not len(known):
            continue
        if (
            model is None
            or not model.serves(series_of_frame(frame))
            or known[-1] >= model.learned_from[1]
        ):
            waiting[key] = frame
    return waiting


def train_meters(
    frames: Mapping[str, pd.DataFrame], *, weather: MeterWeather, plan: TrainingPlan
) -> Iterator[LearnedMeter]:
    """Learn meters, some side by side; each as soon as it and those before it are done.

    Args:
        frames: Feature frames by meter key.
        weather: What is known of the weather around them.
        plan: How.
    """
    waiting = iter(frames.items())
    with ThreadPoolExecutor(plan.workers) as pool:
        while batch := list(islice(waiting, METERS_AT_ONCE)):
            # The archive is read here, in one thread: stores are not shared between threads.
            known = [(key, series_of_frame(frame), weather.of(frame)) for key, frame in batch]
            yield from pool.map(lambda each: _learned(*each, plan=plan), known)


def _learned(
    key: str, history: Series, weather: KnownFuture, *, plan: TrainingPlan
) -> LearnedMeter:
    from energy_assets.forecasting.boosting import TooFewRowsError, fit, test_model, tune
    from energy_assets.forecasting.boosting.scoring import held_out_days
    from energy_assets.forecasting.boosting.training import require_enough

    try:
        params = None
        if plan.tune_trials:
            require_enough(history)
            params = tune(
                history.until(held_out_days(history, TEST_SIZE).cut_at),
                weather,
                trials=plan.tune_trials,
                seconds=plan.tune_seconds,
                seed=plan.seed,
            )
        model = fit(history, weather, params=params, seed=plan.seed)
        scores = test_model(history, weather, test_size=TEST_SIZE, params=params, seed=plan.seed)
    except TooFewRowsError as error:
        nothing = empty_frame(CONSUMPTION_SCORE)
        return LearnedMeter(key=key, model=None, scores=nothing, problem=str(error))
    meter_type, meter_id = parsed_meter_key(key)
    scores = scores.drop(columns="key").assign(
        meter_type=meter_type,
        meter_id=meter_id,
        model_id=model.model_id,
        scored_at=plan.trained_at,
    )
    return LearnedMeter(key=key, model=model, scores=scores)
