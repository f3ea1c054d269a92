"""Every family on every row of a window: fit on what lies before, predict day by day, fit again.

Nothing of the window is learned from, nor does it choose the champion.
"""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.accuracy.families import naives
from benchmarks.accuracy.rows import Predicted, WindowRows, joined, predict_rows, window_rows
from energy_assets.contracts.forecasts import QUANTILES
from energy_assets.forecasting.ensemble import Combination, combined
from energy_assets.forecasting.family import Family, Fitted, Model
from energy_assets.forecasting.forecast import MEDIAN
from energy_assets.forecasting.naive import SeasonalNaive
from energy_assets.forecasting.series import Series
from energy_assets.forecasts.contest import held_contests
from energy_assets.forecasts.contest_days import Entry

SERVES_ANYTHING: Final[str] = "naive_blend"
"""What serves where the incumbent does not take part, and nothing was held out to choose by."""

CHAMPION: Final[str] = "champion"
"""Name of the row of whichever family the product would have let serve each series."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is scored, and what may be learned from.

    Attributes:
        start_at: Start of the window; families learn from what ended by then.
        end_at: Its end.
        refits: Instants within it at which families learn again from everything before.
        fit_days: Newest days that are learned from, all without it. [d]
        incumbent: The family that serves unless another is clearly better.
    """

    start_at: pd.Timestamp
    end_at: pd.Timestamp
    refits: Sequence[pd.Timestamp] = ()
    fit_days: int | None = None
    incumbent: str = "xgboost"


class EmptyWindowError(ValueError):
    """No series has a known value in a window."""

    def __init__(self, task: Task, series: Sequence[Series]) -> None:
        ends = [f"{one.key} {one.start_at:%Y-%m-%d} to {one.end_at:%Y-%m-%d}" for one in series[:3]]
        super().__init__(
            f"no series has a known value from {task.start_at} to {task.end_at}; choose a window "
            f"within {', '.join(ends) or 'a set that holds series'}."
        )


@dataclass(kw_only=True)
class Cost:
    """Processor seconds of a family over all series.

    Attributes:
        fit_s: Of learning, held-out days included.
        predict_s: Of predicting the window.
        fit_wall_s: Seconds of a clock on the wall for learning.
    """

    fit_s: float = 0.0
    fit_wall_s: float = 0.0
    predict_s: float = 0.0

    @property
    def cpu_s(self) -> float:
        """Of both."""
        return self.fit_s + self.predict_s


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcome:
    """What every family said of every row.

    Attributes:
        task: What was asked.
        learned: How many series were learned from.
        rows: By series, those that have known values in the window.
        predicted: By family and series.
        cost: By family that computed anything.
        models: By family and series, those that learned last; others were served by a naive.
        chosen: By series, the champion of each stretch between two refits.
    """

    task: Task
    learned: int
    rows: dict[str, WindowRows]
    predicted: dict[str, dict[str, Predicted]]
    cost: dict[str, Cost] = field(default_factory=dict[str, Cost])
    models: dict[str, dict[str, Model]] = field(default_factory=dict[str, dict[str, Model]])
    chosen: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def beside(self, other: "Outcome", names: Mapping[str, str]) -> "Outcome":
        """This outcome with families of another one on the same rows.

        Args:
            other: Of the same series and window, learned in another way.
            names: Families of the other one, and what they are called here.
        """
        return replace(
            self,
            predicted={new: other.predicted[old] for old, new in names.items()} | self.predicted,
            cost={new: other.cost[old] for old, new in names.items()} | self.cost,
            models={new: other.models[old] for old, new in names.items()} | self.models,
        )


def contest(series: Sequence[Series], families: Mapping[str, Family], task: Task) -> Outcome:
    """Let families meet; the seasonal naives and the champion always take part.

    A series that a family cannot learn is served by the seasonal blend, as in production. One that
    has no known value in the window is learned from and not scored.

    Raises:
        EmptyWindowError: No series has a known value in the window.
    """
    rows = {one.key: window_rows(one, task.start_at, task.end_at) for one in series}
    rows = {key: own for key, own in rows.items() if np.isfinite(own.actual).any()}
    if not rows:
        raise EmptyWindowError(task, series)
    work = _Work(task=task, series=series, rows=rows, families={**families, **naives()})
    for cut, until in zip([task.start_at, *task.refits], [*task.refits, task.end_at], strict=True):
        work.stretch(cut, until)
    return work.outcome()


def with_points(outcome: Outcome, family: str, points: Mapping[str, pd.Series]) -> Outcome:
    """An outcome with a family of plain numbers by series and start, without bands or cost."""

    def predicted(key: str) -> Predicted:
        values = points[key].reindex(outcome.rows[key].starts).to_numpy(np.float64)
        table = np.full((len(values), len(QUANTILES)), np.nan)
        table[:, MEDIAN] = values
        return Predicted(quantiles=table, mean=values)

    made = {family: {key: predicted(key) for key in outcome.rows}}
    return replace(outcome, predicted=outcome.predicted | made)


class _Work:
    """A contest while it goes on."""

    def __init__(
        self,
        *,
        task: Task,
        series: Sequence[Series],
        rows: dict[str, WindowRows],
        families: Mapping[str, Family],
    ) -> None:
        self._task, self._series, self._rows, self._families = task, series, rows, families
        self._parts: dict[str, dict[str, list[Predicted]]] = defaultdict(
            lambda: {key: [] for key in rows}
        )
        self._cost = {name: Cost() for name in families}
        self._models: dict[str, dict[str, Model]] = {name: {} for name in families}
        self._chosen: dict[str, list[str]] = {key: [] for key in rows}

    def stretch(self, cut: pd.Timestamp, until: pd.Timestamp) -> None:
        """Fit on what lies before an instant, and predict the days from it to another."""
        known = [_known(one, cut, self._task.fit_days) for one in self._series]
        days = {key: _days_between(own, cut, until) for key, own in self._rows.items()}
        held_out: dict[str, dict[str, Fitted]] = {}
        for name, family in self._families.items():
            able = [one for one in known if np.isfinite(one.values).any()]
            began, began_wall = time.process_time(), time.perf_counter()
            fitted = self._fitted(family, able, held_out)
            fit_end = time.process_time()
            self._cost[name].fit_wall_s += time.perf_counter() - began_wall
            for key, own in self._rows.items():
                model = fitted[key].model if key in fitted else SeasonalNaive(variant="blend")
                self._parts[name][key].append(predict_rows(model, own, days[key]))
            self._cost[name].fit_s += fit_end - began
            self._cost[name].predict_s += time.process_time() - fit_end
            self._models[name] |= {key: one.model for key, one in fitted.items()}
            held_out[name] = fitted
        self._choose([one for one in known if one.key in self._rows], held_out)

    def _fitted(
        self,
        family: Family,
        series: Sequence[Series],
        others: Mapping[str, Mapping[str, Fitted]],
    ) -> dict[str, Fitted]:
        """Models of a family; a combination takes those of its members that are there already."""
        able = [one for one in series if not family.refusal(one)]
        if isinstance(family, Combination):
            return dict(combined(able, others))
        return dict(family.fit(able))

    def _choose(self, known: Sequence[Series], fitted: Mapping[str, Mapping[str, Fitted]]) -> None:
        """The champions by the product's own contest on the days that no family had seen."""
        entries = [
            Entry(
                series=one,
                fitted={name: own[one.key] for name, own in fitted.items() if one.key in own},
            )
            for one in known
        ]
        contests, _ = held_contests(entries, default=self._task.incumbent)
        for key, contest in contests.items():
            best = contest.champion if contest.champion in self._families else SERVES_ANYTHING
            self._chosen[key].append(best)
            self._parts[CHAMPION][key].append(self._parts[best][key][-1])

    def outcome(self) -> Outcome:
        """What came of it."""
        total = Cost()
        for cost in self._cost.values():
            total.fit_s += cost.fit_s
            total.predict_s += cost.predict_s
        return Outcome(
            task=self._task,
            learned=len(self._series),
            rows=self._rows,
            predicted={
                name: {key: joined(parts) for key, parts in by_key.items()}
                for name, by_key in self._parts.items()
            },
            cost=self._cost | {CHAMPION: total},
            models=self._models,
            chosen=self._chosen,
        )


def _known(series: Series, cut: pd.Timestamp, fit_days: int | None) -> Series:
    known = series.until(cut)
    return known if fit_days is None else known.last_days(fit_days)


def _days_between(rows: WindowRows, cut: pd.Timestamp, until: pd.Timestamp) -> NDArray[np.int64]:
    origins = pd.DatetimeIndex(rows.origins)
    return np.flatnonzero((origins >= cut) & (origins < until)).astype(np.int64)
