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

from benchmarks.day_ahead import Fitted, Window, family_scores, fit, window_rows
from benchmarks.published.bilstm import (
    WINDOW,
    PublishedModel,
    predict_published_windows,
    published_features,
    train_published,
)
from benchmarks.real_histories import LCL, in_quarter_hours, lcl_histories
from benchmarks.reporting import Figure, report
from energy_assets.contracts.readings import LIVE_FEATURES
from energy_assets.customer_load.scoring import held_out_origins
from energy_assets.forecasting.metrics import mae, wape
from energy_assets.forecasting.naive import NAIVES
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
    histories = lcl_histories(asked.data)
    end_at = max(history.end_at for history in histories)
    window = Window(start_at=end_at - pd.Timedelta(days=TEST_DAYS), end_at=end_at, fit_days=days)
    pool = _pool(histories, window, customers=8 if asked.quick else asked.customers)
    known = [history.until(window.start_at).last_days(days) for history in pool]
    before = time.perf_counter()
    fitted = fit(known, device=asked.device)
    wall_s = time.perf_counter() - before
    baseline = _published(
        known[: 1 if asked.quick else asked.published],
        pool,
        window,
        epochs=1 if asked.quick else 10,
    )
    _report(asked, pool, window, fitted, wall_s, baseline)


def _pool(histories: Sequence[Series], window: Window, *, customers: int) -> list[Series]:
    """The first homes that are nearly complete, in quarter hours, from the first day needed."""
    days = window.fit_days + TEST_DAYS
    recent = [history.until(window.end_at).last_days(days) for history in histories]
    whole = [history for history in recent if history.known_days() >= 0.95 * days]
    return [in_quarter_hours(history) for history in whole[:customers]]


def _published(
    known: Sequence[Series], pool: Sequence[Series], window: Window, *, epochs: int
) -> dict[str, Any]:
    """Train the published way for a few customers, and predict the window with it."""
    started = time.process_time()
    models = [
        train_published(published_features(_readings(history)), seed=0, epochs=epochs)
        for history in known
    ]
    cpu_s = (time.process_time() - started) / len(models)
    parts = [
        _predicted(model, history, window) for model, history in zip(models, pool, strict=False)
    ]
    actual = np.concatenate([part[0] for part in parts])
    predicted = np.concatenate([part[1] for part in parts])
    return {
        "cpu_s": cpu_s,
        "wape": wape(actual, predicted),
        "mae": mae(actual, predicted),
        "r2_claimed": float(np.mean([model.r2_score for model in models])),
        "epochs": float(np.mean([model.epochs for model in models])),
        "refs": [history.key for history in known],
    }


def _readings(history: Series) -> pd.DataFrame:
    """A history as its readings: the register in place of the energy."""
    others = history.table(LIVE_FEATURES[1:]).astype(np.float64)
    table = np.column_stack([history.values, others])
    frame = pd.DataFrame(table, columns=list(LIVE_FEATURES))
    return frame.assign(import_kwh=frame["import_kwh"].fillna(0.0).cumsum())


def _predicted(
    model: PublishedModel, history: Series, window: Window
) -> tuple[np.ndarray, np.ndarray]:
    """Actual and predicted energy of the window, from each local midnight."""
    inputs = published_features(_readings(history))
    origins = held_out_origins(history, since=window.start_at)
    at = np.array([history.steps_before(origin) for origin in origins])
    at = at[at + history.steps_per_day <= len(history.values)]
    windows = np.stack([inputs[position - WINDOW : position] for position in at])
    predicted = predict_published_windows(model, windows)
    actual = np.stack([history.energy[p : p + history.steps_per_day] for p in at])
    return actual.reshape(-1), predicted.reshape(-1)


def _report(
    asked: argparse.Namespace,
    pool: Sequence[Series],
    window: Window,
    fitted: Fitted,
    wall_s: float,
    baseline: dict[str, Any],
) -> None:
    rows = window_rows(pool, fitted, window)
    everybody = family_scores(rows)
    few = family_scores(rows[rows["customer_ref"].isin(baseline["refs"])])
    own_cpu_s = fitted.cpu_s / len(pool)
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
    best = min((f"naive_{variant}" for variant in NAIVES), key=lambda f: everybody[f]["wape"])
    figures: dict[str, Figure] = {
        "customers": len(pool),
        "days": window.fit_days,
        "device": asked.device,
        "cpu_s_per_customer": own_cpu_s,
        "wall_s_per_customer": wall_s / len(pool),
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
        "own_weights": sum(model.basis == "customer" for model in fitted.own.values()),
    }
    report("bilstm", table, figures)


if __name__ == "__main__":
    main()
