"""Learning many meters: which are due, their models, who is to serve them, and how good all are.

A meter that cannot be learned says why and stops nobody else.
"""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Final

import pandas as pd

from energy_assets.consumption.consumption_grid import series_of_frame
from energy_assets.consumption.meter_keys import parsed_meter_key
from energy_assets.consumption.meter_weather import MeterWeather, by_location
from energy_assets.consumption.serving import FLOW, OWN_FAMILY
from energy_assets.contracts.consumption_forecasts import CONSUMPTION_SCORE
from energy_assets.forecasting import metrics
from energy_assets.forecasting.family import Fitted, Model
from energy_assets.forecasting.series import LEAD_DAYS, TEMPERATURE, KnownFuture, Series
from energy_assets.forecasts.challenge import Recipe, challenged, decided, readers
from energy_assets.forecasts.champion import ChampionLog
from energy_assets.forecasts.contest import Contest, printed_scores
from energy_assets.forecasts.models import FamilyModels
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
        accurate: Whether other families are tried for each meter, and averaged.
    """

    trained_at: pd.Timestamp
    seed: int
    tune_trials: int = 0
    tune_seconds: float = 60.0
    workers: int = 1
    accurate: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class LearnedMeter:
    """What became of one meter.

    Attributes:
        key: Its meter key.
        series: What it was learned from, weather included.
        fitted: The model and its held-out forecasts, if there is one.
        problem: Why there is none.
    """

    key: str
    series: Series
    fitted: Fitted | None
    problem: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class JudgedMeter:
    """A meter that has a model, and how good it is.

    Attributes:
        key: Its meter key.
        model: The flow's own model of it.
        scores: Rows of the score table: every family on the days that did not choose who serves.
    """

    key: str
    model: Model
    scores: pd.DataFrame


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
    found = family.fit_one(series)
    if isinstance(found, str):
        return LearnedMeter(key=key, series=series, fitted=None, problem=found)
    return LearnedMeter(key=key, series=series, fitted=found)


def judged(
    meters: Iterable[LearnedMeter],
    *,
    champions: ChampionLog,
    plan: TrainingPlan,
) -> Iterator[JudgedMeter]:
    """Decide who serves each meter that has a model, and score everybody.

    One meter after the other as they are learned; all together where other families, some of
    which learn from all meters, are to be tried.

    Args:
        meters: What was learned; those without a model are left out.
        champions: Who serves now, and from now on.
        plan: How.
    """
    recipe = Recipe(seed=plan.seed, workers=plan.workers)
    models = FamilyModels(champions.documents, FLOW, readers(recipe) if plan.accurate else {})
    groups = [list(meters)] if plan.accurate else ([meter] for meter in meters)
    for group in groups:
        own = {meter.key: meter.fitted for meter in group if meter.fitted is not None}
        series = [meter.series for meter in group if meter.key in own]
        fitted = {key: {OWN_FAMILY: one} for key, one in own.items()}
        if plan.accurate:
            fitted = challenged(
                series, own_family=OWN_FAMILY, own=own, recipe=recipe, days=LEAD_DAYS
            )
        contests = decided(
            series,
            fitted,
            own_family=OWN_FAMILY,
            champions=champions,
            models=models,
            decided_at=plan.trained_at.floor("ms"),
        )
        for one in series:
            model = own[one.key].model
            scores = score_rows(
                contests[one.key], one, model_id=model.model_id, scored_at=plan.trained_at
            )
            yield JudgedMeter(key=one.key, model=model, scores=scores)


def score_rows(
    contest: Contest, series: Series, *, model_id: str, scored_at: pd.Timestamp
) -> pd.DataFrame:
    """Rows of the score table of a meter: every family on the days that did not choose."""
    meter_type, meter_id = parsed_meter_key(series.key)
    rows = [
        row
        | {
            "meter_type": meter_type,
            "meter_id": meter_id,
            "model_id": model_id,
            "category": metrics.category(row["r2_score"]),
            "scored_at": scored_at,
        }
        for row in printed_scores(contest, series)
    ]
    return pd.DataFrame(rows)[CONSUMPTION_SCORE.names] if rows else empty_frame(CONSUMPTION_SCORE)
