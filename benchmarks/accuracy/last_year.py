"""One series, day-ahead from local midnight over its last year; models learn once from before."""

import argparse

import pandas as pd

from benchmarks.accuracy.contest import Task, contest
from benchmarks.accuracy.families import project_families, selected
from benchmarks.accuracy.reports import bilstm_figures, family_figures, report_accuracy
from energy_assets.calendar import local_day, utc_of
from energy_assets.forecasting.series import Series


def report_last_year(name: str, series: Series, asked: argparse.Namespace) -> None:
    """Score the last year of a series, or its last month where a quick run was asked for.

    Args:
        name: Of the benchmark.
        series: All that is known.
        asked: What `arguments` parsed.
    """
    end = local_day(series.end_at, series.zone)
    start = end - (pd.DateOffset(months=1) if asked.quick else pd.DateOffset(years=1))
    task = Task(start_at=utc_of(start, series.zone), end_at=utc_of(end, series.zone))
    outcome = contest([series], selected(project_families(), asked.families), task)
    report_accuracy(name, outcome, bilstm_figures(outcome, family_figures(outcome)))
