"""What an accuracy benchmark prints: a table for people, and its figures as one line of JSON."""

import argparse
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np

from benchmarks.accuracy.contest import Outcome
from benchmarks.accuracy.families import naives
from benchmarks.accuracy.figures import pooled
from benchmarks.reporting import Figure, Figures, report
from energy_assets.forecasting.bilstm.family import BiLstmModel
from energy_assets.forecasting.bilstm.models import CustomerModel

TABLE = (
    "wape",
    "mape",
    "mae",
    "mase",
    "r2_score",
    "pinball",
    "total_bias",
    "day_total_wape",
    "sum_wape",
    "coverage_90",
    "coverage_90_worst_hour",
    "coverage_90_worst_month",
    "coverage_90_holidays",
    "winkler_90",
    "cpu_s",
)
"""Columns for people, in order."""

SHORT = {"coverage_90": "cover", "day_total": "day", "r2_score": "r2", "total_bias": "bias"}
"""Shorter heads, so that a table fits a screen."""

FamilyFigures = dict[str, dict[str, Figure]]
"""Figures by family."""


def arguments(description: str | None, *, data: Path | None, quick: str) -> argparse.ArgumentParser:
    """What every accuracy benchmark can be asked.

    Args:
        description: Its docstring.
        data: Folder of the set, where there is a usual one.
        quick: What `--quick` takes.
    """
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, default=data, required=data is None, help="folder of the set"
    )
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--families", help="learning families to run, with commas between them")
    return parser


def family_figures(outcome: Outcome, *, keys: Collection[str] | None = None) -> FamilyFigures:
    """Figures of every family over some series, all without; what is not defined is none."""
    found: FamilyFigures = {}
    if keys is not None and not keys:
        return found
    for family in sorted(outcome.predicted, key=lambda name: name in naives()):
        figures: dict[str, Figure] = {
            name: value if np.isfinite(value) else None
            for name, value in pooled(outcome, family, keys=keys).items()
        }
        cost = outcome.cost.get(family)
        figures["cpu_s"] = None if cost is None else cost.cpu_s
        figures["cpu_s_per_series"] = None if cost is None else cost.cpu_s / outcome.learned
        if family in outcome.models and family not in naives():
            figures["series_without_model"] = outcome.learned - len(outcome.models[family])
        found[family] = figures
    return found


def best_naive(figures: FamilyFigures, score: str = "wape") -> str:
    """The seasonal naive with the least error."""

    def error(name: str) -> float:
        value = figures[name][score]
        return float(value) if value is not None else float("inf")

    return min((name for name in naives() if name in figures), key=error)


def bilstm_figures(outcome: Outcome, figures: FamilyFigures) -> dict[str, Figure]:
    """The flat figures of a set of customers."""
    best = best_naive(figures)
    flat: dict[str, Figure] = {
        "customers": outcome.learned,
        "window_start": outcome.task.start_at.isoformat(),
        "window_end": outcome.task.end_at.isoformat(),
        "rows": sum(int(np.isfinite(own.actual).sum()) for own in outcome.rows.values()),
        "best_naive": best,
        "best_naive_wape": figures[best]["wape"],
        **{f"{name}_wape": figures[name]["wape"] for name in naives()},
    }
    if "bilstm" in figures:
        own = [
            model.model
            for model in outcome.models["bilstm"].values()
            if isinstance(model, BiLstmModel) and isinstance(model.model, CustomerModel)
        ]
        flat |= {
            "wape": figures["bilstm"]["wape"],
            "coverage_90": figures["bilstm"]["coverage_90"],
            "own_weights": sum(model.basis == "customer" for model in own),
            "fit_cpu_s_per_customer": outcome.cost["bilstm"].fit_s / outcome.learned,
        }
    return flat


def report_accuracy(
    benchmark: str,
    outcome: Outcome,
    flat: Mapping[str, Figure],
    *,
    by_series: bool = False,
    parts: Mapping[str, FamilyFigures] | None = None,
) -> str:
    """Print a table, and the JSON line with the figures of all families.

    Args:
        benchmark: Its name.
        outcome: What was predicted.
        flat: Figures that stand at the top of the line.
        by_series: Whether the table has a part for each series.
        parts: Further figures by family, under names of their own.

    Returns:
        The line of JSON.
    """
    found = family_figures(outcome)
    tables: dict[str, FamilyFigures] = {}
    if by_series:
        tables = {key: family_figures(outcome, keys=[key]) for key in outcome.rows}
    tables |= {"pooled": found} | dict(parts or {})
    table = [
        {"series": name, "family": family}
        | {_short(column): figures.get(column) for column in TABLE}
        for name, by_family in tables.items()
        for family, figures in by_family.items()
    ]
    units = sorted({own.series.unit for own in outcome.rows.values()})
    line: Figures = {
        **flat,
        "series": len(outcome.rows),
        "unit": "/".join(units),
        "mape_unit": "percent",
        "families": found,
        "champions": _counted(outcome),
        **dict(parts or {}),
    }
    return report(benchmark, table, line)


def _counted(outcome: Outcome) -> dict[str, Figure]:
    """How often each family was the champion."""
    names = [name for chosen in outcome.chosen.values() for name in chosen]
    return {name: names.count(name) for name in outcome.predicted if name in names}


def _short(column: str) -> str:
    for long, short in SHORT.items():
        column = column.replace(long, short)
    return column
