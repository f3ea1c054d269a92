"""Learning many meters: which are due, their models, who is to serve them, and how good all are.

A meter that cannot be learned says why and stops nobody else.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Final

import pandas as pd

from energy_assets.consumption.consumption_grid import series_of_frame
from energy_assets.consumption.meter_keys import parsed_meter_key
from energy_assets.consumption.meter_weather import MeterWeather, by_location
from energy_assets.contracts.consumption_forecasts import CONSUMPTION_SCORE
from energy_assets.forecasting import metrics
from energy_assets.forecasting.family import Fitted
from energy_assets.forecasting.series import TEMPERATURE, KnownFuture, Series
from energy_assets.forecasts.contest import Contest, LiveErrors, held_contest, printed_scores
from resources.tables import empty_frame

if TYPE_CHECKING:
    from energy_assets.forecasting.boosting import MeterModel

METERS_AT_ONCE: Final = 8
"""Meters whose weather is in memory at a time."""


@dataclass(frozen=True, kw_only=True)
class TrainingPlan:
    """How meters are learned.

    Attributes:
        trained_at: The present, UTC.
        seed: Of everything random.
        tune_trials: Trials of the search for tree parameters; 0 for the documented ones.
        tune_seconds: Longest search of one meter. [s]
        workers: Meters that are learned side by side: XGBoost computes outside Python's lock.
        incumbents: The family that serves each meter now, by key; its own model without it.
        live: Errors of forecasts issued lately, by key.
    """

    trained_at: pd.Timestamp
    seed: int
    tune_trials: int = 0
    tune_seconds: float = 60.0
    workers: int = 1
    incumbents: Mapping[str, str] = field(default_factory=dict[str, str])
    live: Mapping[str, LiveErrors] = field(default_factory=dict[str, LiveErrors])


@dataclass(frozen=True, kw_only=True, eq=False)
class LearnedMeter:
    """What became of one meter.

    Attributes:
        key: Its meter key.
        fitted: The model and its held-out forecasts, if there is one.
        contest: Who is to serve the meter, if there is a model.
        scores: Rows of the score table.
        problem: Why there is no model.
    """

    key: str
    fitted: Fitted | None
    contest: Contest | None
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
    from energy_assets.forecasting.boosting import Boosting

    family = Boosting(seed=plan.seed, tune_trials=plan.tune_trials, tune_seconds=plan.tune_seconds)
    series = replace(history, future={TEMPERATURE: weather})
    fitted = family.fit_one(series)
    if isinstance(fitted, str):
        nothing = empty_frame(CONSUMPTION_SCORE)
        return LearnedMeter(key=key, fitted=None, contest=None, scores=nothing, problem=fitted)
    contest = held_contest(
        series,
        {family.name: fitted},
        incumbent=plan.incumbents.get(key, family.name),
        live=plan.live.get(key),
    )
    return LearnedMeter(
        key=key,
        fitted=fitted,
        contest=contest,
        scores=score_rows(key, contest, series, fitted, scored_at=plan.trained_at),
    )


def score_rows(
    key: str, contest: Contest, series: Series, fitted: Fitted, *, scored_at: pd.Timestamp
) -> pd.DataFrame:
    """Rows of the score table of a meter: every family on the days that did not choose."""
    meter_type, meter_id = parsed_meter_key(key)
    rows = [
        row
        | {
            "meter_type": meter_type,
            "meter_id": meter_id,
            "model_id": fitted.model.model_id,
            "category": metrics.category(row["r2_score"]),
            "scored_at": scored_at,
        }
        for row in printed_scores(contest, series)
    ]
    return pd.DataFrame(rows)[CONSUMPTION_SCORE.names] if rows else empty_frame(CONSUMPTION_SCORE)
