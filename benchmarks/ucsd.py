"""Campus buildings, quarter-hourly, day-ahead over the last 60 days of the set.

`python -m benchmarks.ucsd [--data DIR] [--quick]`: `--quick` takes 120 days and one week.
"""

import argparse
from pathlib import Path

import pandas as pd

from benchmarks.day_ahead import Window, run
from benchmarks.real_histories import UCSD, ucsd_histories
from energy_assets.forecasting.bilstm import BiLstmSettings


def main() -> None:
    """Score the newest days of the set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=UCSD, help="folder of the set")
    parser.add_argument("--quick", action="store_true", help="120 days of history, one week")
    asked = parser.parse_args()
    histories = ucsd_histories(asked.data)
    zone = histories[0].zone
    newest = max(history.end_at for history in histories).tz_convert(zone)
    midnight = newest.tz_localize(None).normalize()
    start = (midnight - pd.DateOffset(days=7 if asked.quick else 60)).tz_localize(zone)
    window = Window(
        start_at=start.tz_convert("UTC"),
        end_at=newest.tz_convert("UTC"),
        fit_days=120 if asked.quick else 730,
    )
    run("ucsd", histories, window, settings=BiLstmSettings())


if __name__ == "__main__":
    main()
