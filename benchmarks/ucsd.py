"""Campus buildings, quarter-hourly, day-ahead over the last 60 days of the set.

`python -m benchmarks.ucsd [--data DIR] [--quick] [--families a,b]`: `--quick` takes 120 days and
one week.
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
from benchmarks.real_histories import UCSD, ucsd_histories


def main() -> None:
    """Score the newest days of the set."""
    asked = arguments(__doc__, data=UCSD, quick="120 days of history, one week").parse_args()
    buildings = ucsd_histories(asked.data)
    zone = buildings[0].zone
    newest = max(building.end_at for building in buildings).tz_convert(zone)
    midnight = newest.tz_localize(None).normalize()
    start = (midnight - pd.DateOffset(days=7 if asked.quick else 60)).tz_localize(zone)
    task = Task(
        start_at=start.tz_convert("UTC"),
        end_at=newest.tz_convert("UTC"),
        fit_days=120 if asked.quick else 730,
        incumbent="bilstm",
    )
    families = selected(project_families(), asked.families)
    outcome = contest(buildings, families, task)
    flat = bilstm_figures(outcome, family_figures(outcome))
    report_accuracy("ucsd", outcome, flat, by_series=True)


if __name__ == "__main__":
    main()
