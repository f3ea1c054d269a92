"""Day-ahead accuracy on a stated window: what the project serves beside the baselines.

Fitted on everything before the window; each day of it is predicted from its local midnight.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.reporting import Figure, report
from energy_assets.customer_load.scoring import (
    Family,
    held_out_origins,
    naive_predictors,
)
from energy_assets.forecasting.backtest import backtest, scores
from energy_assets.forecasting.bilstm import (
    BiLstmSettings,
    CustomerModel,
    SharedModel,
    fine_tune,
    predict_origins,
    pretrain,
)
from energy_assets.forecasting.metrics import seasonal_naive_mae
from energy_assets.forecasting.naive import NAIVES, SeasonalNaive
from energy_assets.forecasting.series import Series


@dataclass(frozen=True, kw_only=True)
class Window:
    """Which days are scored, and how much of the past before them is learned from.

    Attributes:
        start_at: First origin.
        end_at: End of the last interval scored.
        fit_days: Days before the start that are learned from, at most.
    """

    start_at: pd.Timestamp
    end_at: pd.Timestamp
    fit_days: int = 400


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """Models of a pool and what they cost.

    Attributes:
        shared: The shared model.
        own: Each customer's model.
        cpu_s: Processor seconds for both, windows included.
    """

    shared: SharedModel
    own: dict[str, CustomerModel]
    cpu_s: float


def fit(
    histories: Sequence[Series],
    *,
    device: str = "cpu",
    workers: int = 1,
    settings: BiLstmSettings | None = None,
) -> Fitted:
    """Pre-train and fine-tune on everything given."""
    recipe = settings or BiLstmSettings()
    before = time.process_time()
    shared = pretrain(histories, seed=0, device=device, settings=recipe)
    own = fine_tune(shared, histories, seed=0, device=device, workers=workers, settings=recipe)
    return Fitted(shared=shared, own=own, cpu_s=time.process_time() - before)


def families(fitted: Fitted) -> Callable[[str], dict[str, Family]]:
    """Every family of one customer by name: the learned ones, the blend and the baselines."""
    blend = SeasonalNaive(variant="blend")

    def of_customer(ref: str) -> dict[str, Family]:
        model = fitted.own[ref]
        return {
            "bilstm": lambda past, origins: predict_origins(model, past, origins),
            blend.name: blend.predict,
            **naive_predictors(),
        }

    return of_customer


def window_rows(histories: Sequence[Series], fitted: Fitted, window: Window) -> pd.DataFrame:
    """Backtest rows of every customer and family over a window."""
    of_customer = families(fitted)
    parts = []
    for history in histories:
        past = history.until(window.end_at)
        origins = held_out_origins(past, since=window.start_at)
        rows = backtest(past, of_customer(history.key), origins)
        weekly = seasonal_naive_mae(
            history.until(window.start_at).values, season=7 * history.steps_per_day
        )
        parts.append(rows.assign(customer_ref=history.key, naive_mae=weekly))
    return pd.concat(parts, ignore_index=True)


def family_scores(rows: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Pooled scores by family; MASE is the mean over customers."""
    found: dict[str, dict[str, float]] = {}
    for family, own in rows.groupby("family", sort=False):
        by_customer = [
            scores(part, naive_mae=float(part["naive_mae"].iloc[0]))["mase"]
            for _, part in own.groupby("customer_ref")
        ]
        found[str(family)] = scores(own, naive_mae=1.0) | {"mase": float(np.nanmean(by_customer))}
    return found


def run(
    benchmark: str, histories: Sequence[Series], window: Window, *, settings: BiLstmSettings
) -> None:
    """Fit, score every row of the window, and report."""
    known = [h.until(window.start_at).last_days(window.fit_days) for h in histories]
    fitted = fit(known, settings=settings)
    rows = window_rows(histories, fitted, window)
    found = family_scores(rows)
    table: list[dict[str, Figure]] = [
        {"family": family}
        | {name: score[name] for name in ("wape", "mase", "mae", "r2_score", "pinball")}
        | {"coverage_90": score["coverage_90"]}
        for family, score in found.items()
    ]
    best = min((f"naive_{variant}" for variant in NAIVES), key=lambda f: found[f]["wape"])
    figures: dict[str, Figure] = {
        "customers": len(histories),
        "window_start": window.start_at.isoformat(),
        "window_end": window.end_at.isoformat(),
        "rows": int((rows["family"] == "bilstm").sum()),
        "wape": found["bilstm"]["wape"],
        "best_naive": best,
        "best_naive_wape": found[best]["wape"],
        "coverage_90": found["bilstm"]["coverage_90"],
        "own_weights": sum(model.basis == "customer" for model in fitted.own.values()),
        "fit_cpu_s_per_customer": fitted.cpu_s / len(histories),
    }
    figures |= {
        f"{family}_wape": score["wape"] for family, score in found.items() if family != "bilstm"
    }
    report(benchmark, table, figures)
