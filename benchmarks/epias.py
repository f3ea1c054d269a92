"""Türkiye's hourly consumption from EPİAŞ, day-ahead from local midnight over the set's last year.

`python -m benchmarks.epias [--data DIR] [--quick] [--families a,b]`. Models learn once from
everything before. `--quick` takes a month.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.accuracy import arguments, report_last_year
from benchmarks.real_histories import DATA
from energy_assets.calendar import utc_of
from energy_assets.forecasting.series import Series

ZONE = "Europe/Istanbul"
"""Its clock has not changed since 2016."""


def main() -> None:
    """Score the last year of the set."""
    folder = DATA / "epias_turkiye_hourly"
    asked = arguments(__doc__, data=folder, quick="one month").parse_args()
    report_last_year("epias", epias_series(asked.data), asked)


def epias_series(folder: Path) -> Series:
    """Hourly consumption in MWh from the transparency platform's files, which overlap by a day.

    Rows of `Tarih` (day), `Saat` (start of the hour) and `Tüketim Miktarı(MWh)`, with points at the
    thousands and a decimal comma.

    Raises:
        FileNotFoundError: The folder holds no such file.
    """
    paths = sorted(folder.glob("*.csv")) + sorted(folder.glob("*.csv.gz"))
    if not paths:
        raise FileNotFoundError(
            f"{folder} holds no .csv or .csv.gz: give the folder of the set with --data."
        )
    rows = pd.concat(
        [
            pd.read_csv(path, sep=";", thousands=".", decimal=",", dtype={0: str, 1: str})
            for path in paths
        ],
        ignore_index=True,
    )
    rows = rows.set_axis(["day", "clock", "energy_mwh", *rows.columns[3:]], axis="columns")
    stamps = pd.to_datetime(rows["day"] + " " + rows["clock"], format="%d.%m.%Y %H:%M")
    starts = utc_of(pd.DatetimeIndex(stamps), ZONE)
    energy = pd.Series(rows["energy_mwh"].to_numpy(np.float64), index=starts)
    energy = energy[~energy.index.duplicated(keep="last")].sort_index()
    grid = pd.date_range(energy.index[0], energy.index[-1], freq="h")
    return Series(
        key="Türkiye",
        unit="MWh",
        start_at=grid[0],
        interval_minutes=60,
        zone=ZONE,
        country="TR",
        values=energy.reindex(grid).to_numpy(np.float64),
    )


if __name__ == "__main__":
    main()
