"""One Bi-LSTM a customer against the published way: processor seconds and error, same customers.

`python -m benchmarks.bilstm [--data DIR] [--quick] [--device cuda] [--published N]`. London homes,
each half hour as two equal quarter hours; the last 14 days of the set are scored, the 60 before
them are learned from. The published way trains N of the customers, which are scored apart as well.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.accuracy import Outcome, Task, best_naive, bilstm_figures, contest, family_figures
from benchmarks.published.bilstm import (
    WINDOW,
    PublishedModel,
    predict_published_windows,
    published_features,
    train_published,
)
from benchmarks.real_histories import LCL, in_quarter_hours, lcl_histories
from benchmarks.reporting import Figure, report
from energy_assets.calendar import local_midnights
from energy_assets.contracts.readings import LIVE_FEATURES
from energy_assets.forecasting.bilstm.family import BiLstm
from energy_assets.forecasting.metrics import mae, wape
from energy_assets.forecasting.series import Series

TEST_DAYS = 14
"""Days that are scored and that nothing learned from."""


def main() -> None:
    """Train both ways, score both on the same rows, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=LCL, help="folder of the London set")
    parser.add_argument("--quick", action="store_true", help="8 customers, 30 days, 1 epoch")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--customers", type=int, default=40)
    parser.add_argument("--published", type=int, default=2, help="customers of the published way")
    asked = parser.parse_args()
    days = 30 if asked.quick else 60
    homes = lcl_histories(asked.data)
    end_at = max(home.end_at for home in homes)
    task = Task(start_at=end_at - pd.Timedelta(days=TEST_DAYS), end_at=end_at, fit_days=days)
    pool = _pool(homes, end_at, days + TEST_DAYS, 8 if asked.quick else asked.customers)
    outcome = contest(pool, {"bilstm": BiLstm(seed=0, device=asked.device)}, task)
    baseline = _published(
        pool[: 1 if asked.quick else asked.published], task, epochs=1 if asked.quick else 10
    )
    _report(asked, outcome, baseline)


def _pool(homes: Sequence[Series], end_at: pd.Timestamp, days: int, customers: int) -> list[Series]:
    """The first homes that are nearly complete, in quarter hours, from the first day needed."""
    recent = [home.until(end_at).last_days(days) for home in homes]
    whole = [home for home in recent if home.known_days() >= 0.95 * days]
    return [in_quarter_hours(home) for home in whole[:customers]]


def _published(pool: Sequence[Series], task: Task, *, epochs: int) -> dict[str, Any]:
    """Train the published way for some customers, and predict the window with it."""
    started = time.process_time()
    known = [published_features(_readings(one.until(task.start_at))) for one in pool]
    models = [train_published(features, seed=0, epochs=epochs) for features in known]
    cpu_s = (time.process_time() - started) / len(models)
    parts = [_predicted(model, one, task) for model, one in zip(models, pool, strict=True)]
    actual = np.concatenate([part[0] for part in parts])
    predicted = np.concatenate([part[1] for part in parts])
    return {
        "cpu_s": cpu_s,
        "wape": wape(actual, predicted),
        "mae": mae(actual, predicted),
        "r2_claimed": float(np.mean([model.r2_score for model in models])),
        "epochs": float(np.mean([model.epochs for model in models])),
        "refs": [one.key for one in pool],
    }


def _readings(one: Series) -> pd.DataFrame:
    """A customer as its readings: the register in place of the energy."""
    others = one.table(LIVE_FEATURES[1:]).astype(np.float64)
    table = np.column_stack([one.values, others])
    frame = pd.DataFrame(table, columns=list(LIVE_FEATURES))
    return frame.assign(import_kwh=frame["import_kwh"].fillna(0.0).cumsum())


def _predicted(model: PublishedModel, one: Series, task: Task) -> tuple[np.ndarray, np.ndarray]:
    """Actual and predicted energy of the window, from each local midnight."""
    inputs = published_features(_readings(one))
    at = local_midnights(one.starts, zone=one.zone)
    at = at[at >= one.steps_before(task.start_at)]
    at = at[at + one.steps_per_day <= len(one)]
    windows = np.stack([inputs[position - WINDOW : position] for position in at])
    predicted = predict_published_windows(model, windows)
    actual = np.stack([one.values[p : p + one.steps_per_day] for p in at])
    return actual.reshape(-1), predicted.reshape(-1)


def _report(asked: argparse.Namespace, outcome: Outcome, baseline: dict[str, Any]) -> None:
    everybody = family_figures(outcome)
    few = family_figures(outcome, keys=baseline["refs"])
    flat = bilstm_figures(outcome, everybody)
    cost = outcome.cost["bilstm"]
    own_cpu_s = cost.fit_s / outcome.learned
    table: list[dict[str, Figure]] = [
        {
            "family": family,
            "wape": score["wape"],
            "mase": score["mase"],
            "coverage_90": score["coverage_90"],
            "wape_same_few": few[family]["wape"],
            "cpu_s_per_customer": own_cpu_s if family == "bilstm" else None,
        }
        for family, score in everybody.items()
        if family != "champion"
    ]
    table.append(
        {
            "family": "published",
            "wape": None,
            "mase": None,
            "coverage_90": None,
            "wape_same_few": baseline["wape"],
            "cpu_s_per_customer": baseline["cpu_s"],
        }
    )
    best = best_naive(everybody)
    figures: dict[str, Figure] = {
        "customers": outcome.learned,
        "days": outcome.task.fit_days,
        "device": asked.device,
        "cpu_s_per_customer": own_cpu_s,
        "wall_s_per_customer": cost.fit_wall_s / outcome.learned,
        "published_customers": len(baseline["refs"]),
        "published_epochs": baseline["epochs"],
        "published_cpu_s_per_customer": baseline["cpu_s"],
        "ratio": baseline["cpu_s"] / own_cpu_s,
        "wape": everybody["bilstm"]["wape"],
        "best_naive": best,
        "best_naive_wape": everybody[best]["wape"],
        "same_few_wape": few["bilstm"]["wape"],
        "same_few_published_wape": baseline["wape"],
        "published_r2_claimed": baseline["r2_claimed"],
        "coverage_90": everybody["bilstm"]["coverage_90"],
        "own_weights": flat["own_weights"],
    }
    report("bilstm", table, figures)


if __name__ == "__main__":
    main()
