"""London homes, day-ahead over December 2013, fitted on the months before.

`python -m benchmarks.lcl [--data DIR] [--quick] [--families a,b]`: `--quick` takes 10 homes, 90
days and one week. Of another set of homes, its last December is scored.
"""

import pandas as pd

from benchmarks.accuracy import (
    Task,
    arguments,
    bilstm_figures,
    contest,
    family_figures,
    project_families,
    report_accuracy,
    selected,
)
from benchmarks.real_histories import LCL, lcl_histories


def main() -> None:
    """Score the last December of the set."""
    asked = arguments(__doc__, data=LCL, quick="10 homes, 90 days, one week").parse_args()
    homes = lcl_histories(asked.data)
    newest = max(home.end_at for home in homes)
    year = (newest - pd.Timedelta(days=31)).year
    start = pd.Timestamp(f"{year}-12-01", tz="UTC")
    task = Task(
        start_at=start,
        end_at=start + pd.Timedelta(days=7 if asked.quick else 31),
        fit_days=90 if asked.quick else 400,
        incumbent="bilstm",
    )
    families = selected(project_families(), asked.families)
    outcome = contest(homes[:10] if asked.quick else homes, families, task)
    report_accuracy("lcl", outcome, bilstm_figures(outcome, family_figures(outcome)))


if __name__ == "__main__":
    main()
