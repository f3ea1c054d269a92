"""One household near Paris, hourly, day-ahead from midnight over the set's last year.

`python -m benchmarks.uci_household [--data DIR] [--quick] [--families a,b]`. Models learn once from
everything before. `--quick` takes a month.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.accuracy import arguments, report_last_year
from benchmarks.real_histories import DATA
from energy_assets.calendar import utc_of
from energy_assets.forecasting.series import Series

ZONE = "Etc/GMT-1"
"""Every day of the file has 24 hours: the logger's clock did not change."""


def main() -> None:
    """Score the last year of the set."""
    folder = DATA / "uci_household_hourly"
    asked = arguments(__doc__, data=folder, quick="one month").parse_args()
    report_last_year("uci_household", household_series(asked.data), asked)


def household_series(folder: Path) -> Series:
    """Energy of each hour in kWh from hourly sums of minutes.

    Hours that repeat the day before to the last digit were filled in by the publisher and are
    missing here, and so are the first and the last hour, of which only a part was recorded.

    Raises:
        FileNotFoundError: The folder holds no such file.
    """
    paths = sorted(folder.glob("*_hourly.csv*"))
    if not paths:
        raise FileNotFoundError(
            f"{folder} holds no *_hourly.csv or *_hourly.csv.gz: give the folder of the set with "
            f"--data."
        )
    rows = pd.read_csv(paths[0])
    wall = pd.DatetimeIndex(pd.to_datetime(rows["datetime"]))
    energy = pd.Series(rows["Global_active_power"].to_numpy(np.float64) / 60, utc_of(wall, ZONE))
    energy = energy[~energy.index.duplicated()].sort_index().iloc[1:-1].asfreq("h")
    values = energy.to_numpy(np.float64)
    repeats = np.zeros(len(values), dtype=np.bool_)
    repeats[24:] = values[24:] == values[:-24]
    return Series(
        key="household",
        unit="kWh",
        start_at=energy.index[0],
        interval_minutes=60,
        zone=ZONE,
        country="FR",
        values=np.where(repeats, np.nan, values),
    )


if __name__ == "__main__":
    main()
