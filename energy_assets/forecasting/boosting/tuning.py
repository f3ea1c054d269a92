"""Search for a meter's tree parameters within a budget, on chronological folds."""

from dataclasses import dataclass, replace
from time import monotonic
from typing import Final

import numpy as np
import optuna
import xgboost as xgb
from numpy.typing import NDArray
from xgboost.callback import TrainingCallback

from energy_assets.forecasting.boosting.learner import Lesson, drawn_rows, lesson_of
from energy_assets.forecasting.boosting.parameters import TreeParams, params_for
from energy_assets.forecasting.boosting.training import Workpiece
from energy_assets.forecasting.errors import require_enough
from energy_assets.forecasting.series import Series

FOLD_ENDS: Final[tuple[tuple[float, float], ...]] = ((0.5, 0.65), (0.65, 0.8), (0.8, 1.0))
"""Where each fold's training part and its test part end, as shares of the history."""


def tune(series: Series, *, trials: int, seconds: float, seed: int = 0) -> TreeParams:
    """The best tree parameters found; the documented defaults are the first trial.

    Args:
        series: What may be learned from.
        trials: The most settings that are tried.
        seconds: The longest search; what is not finished by then does not count. [s]
        seed: Of the search. The same seed gives the same result unless time runs out.

    Raises:
        TooFewRowsError: The series is too short for a model.
    """
    require_enough(series)
    start = params_for(series.unit)
    if trials < 1:
        return start
    search = _Search(
        folds=_folds(Workpiece.of(series, start), seed=seed),
        start=start,
        seed=seed,
        until=monotonic() + seconds,
    )
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    study.enqueue_trial(
        {
            "n_estimators": start.n_estimators,
            "learning_rate": start.learning_rate,
            "max_depth": start.max_depth,
            "min_child_weight": 10,
            "subsample": 0.6,
            "colsample_bytree": 0.6,
            "gamma": 1e-8,
            "reg_alpha": 1e-8,
            "reg_lambda": 1.0,
        }
    )
    study.optimize(search.error, n_trials=trials, timeout=seconds)
    finished = [trial for trial in study.trials if trial.value is not None]
    return replace(start, **study.best_params) if finished else start


@dataclass(frozen=True, kw_only=True, eq=False)
class _Fold:
    """Rows to learn from and rows to be tried on."""

    lesson: Lesson
    learned: NDArray[np.int64]
    tried: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Search:
    folds: tuple[_Fold, ...]
    start: TreeParams
    seed: int
    until: float

    def error(self, trial: optuna.Trial) -> float:
        """Mean absolute error of the trees over the folds, on the learned scale."""
        params = replace(
            self.start,
            n_estimators=trial.suggest_int("n_estimators", 100, 1000, step=100),
            learning_rate=trial.suggest_float("learning_rate", 0.01, 0.3, log=True),
            max_depth=trial.suggest_int("max_depth", 3, 10),
            min_child_weight=trial.suggest_int("min_child_weight", 1, 10),
            subsample=trial.suggest_float("subsample", 0.6, 1.0),
            colsample_bytree=trial.suggest_float("colsample_bytree", 0.6, 1.0),
            gamma=trial.suggest_float("gamma", 1e-8, 1.0, log=True),
            reg_alpha=trial.suggest_float("reg_alpha", 1e-8, 1.0, log=True),
            reg_lambda=trial.suggest_float("reg_lambda", 1e-8, 1.0, log=True),
        )
        return float(np.mean([self._fold_error(fold, params) for fold in self.folds]))

    def _fold_error(self, fold: _Fold, params: TreeParams) -> float:
        table, label = fold.lesson.table, fold.lesson.label
        matrix = xgb.QuantileDMatrix(
            table[fold.learned], label[fold.learned], nthread=1, max_bin=params.max_bin
        )
        booster = xgb.train(
            params.for_xgboost(seed=self.seed),
            matrix,
            params.n_estimators,
            callbacks=[_Deadline(self.until)],
        )
        return float(np.abs(label[fold.tried] - booster.inplace_predict(table[fold.tried])).mean())


class _Deadline(TrainingCallback):
    """Gives a trial up when time has run out."""

    def __init__(self, until: float) -> None:
        super().__init__()
        self._until = until

    def after_iteration(self, model: object, epoch: int, evals_log: object) -> bool:
        """Raise when time has run out, and otherwise carry on."""
        del model, epoch, evals_log
        if monotonic() > self._until:
            raise optuna.TrialPruned
        return False


def _folds(work: Workpiece, *, seed: int) -> tuple[_Fold, ...]:
    first, behind = work.series.known_range()
    span = behind - 1 - first
    rng = np.random.default_rng(seed)
    folds: list[_Fold] = []
    for share, end_share in FOLD_ENDS:
        cut, end = int(first + share * span), int(first + end_share * span) + 1
        made = work.lesson(until=end, rng=rng)
        lesson = lesson_of(work.past, made, held_out_from=cut, seed=seed)
        before = drawn_rows(np.flatnonzero(made.rows.targets < cut), work.params.most_rows, rng)
        tried = np.flatnonzero(made.rows.targets >= cut)
        if len(before) and len(tried):
            folds.append(_Fold(lesson=lesson, learned=before, tried=tried))
    return tuple(folds)
