"""Day-ahead accuracy: one runner for every set. Families meet on the same rows of one window.

Readers of sets belong to their benchmarks, families to the project, scores to `figures`.
"""

from benchmarks.accuracy.contest import EmptyWindowError, Outcome, Task, contest, with_points
from benchmarks.accuracy.families import naives, project_families, selected
from benchmarks.accuracy.figures import pooled
from benchmarks.accuracy.last_year import report_last_year
from benchmarks.accuracy.reports import (
    arguments,
    best_naive,
    bilstm_figures,
    family_figures,
    report_accuracy,
)

__all__ = [
    "EmptyWindowError",
    "Outcome",
    "Task",
    "arguments",
    "best_naive",
    "bilstm_figures",
    "contest",
    "family_figures",
    "naives",
    "pooled",
    "project_families",
    "report_accuracy",
    "report_last_year",
    "selected",
    "with_points",
]
