"""London homes, day-ahead over December 2013, fitted on the months before.

`python -m benchmarks.lcl [--data DIR] [--quick]`: `--quick` takes 10 homes, 90 days and one week.
"""

import argparse
from pathlib import Path

import pandas as pd

from benchmarks.day_ahead import Window, run
from benchmarks.real_histories import LCL, lcl_histories
from energy_assets.forecasting.bilstm import BiLstmSettings


def main() -> None:
    """Score the last December of the set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=LCL, help="folder of the set")
    parser.add_argument("--quick", action="store_true", help="10 homes, 90 days, one week")
    asked = parser.parse_args()
    histories = lcl_histories(asked.data)
    newest = max(history.end_at for history in histories)
    year = (newest - pd.Timedelta(days=31)).year
    start = pd.Timestamp(f"{year}-12-01", tz="UTC")
    end = start + pd.Timedelta(days=7 if asked.quick else 31)
    run(
        "lcl",
        histories[:10] if asked.quick else histories,
        Window(start_at=start, end_at=end, fit_days=90 if asked.quick else 400),
        settings=BiLstmSettings(),
    )


if __name__ == "__main__":
    main()
