"""Public meter data as load-profile files: London homes and buildings of a campus.

`python -m benchmarks.real_meters lcl --data DIR --out FOLDER` writes them; the pipeline's own
benchmarks take them from `lcl_files` and `ucsd_files`. Nothing is read or scored here.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import numpy as np
import pandas as pd

from energy_assets.sample_data.export_files import csv_bytes

DATA: Final = Path(__file__).resolve().parents[1].parent / "shared" / "data"
"""Where the sets lie unless a benchmark is told otherwise."""

PREFIX: Final = "raw/load_profiles/"
"""Every key starts with this."""

LCL: Final = "lcl_london_30min"
"""Folder of the London homes: one row per home and half hour."""

UCSD: Final = "ucsd_microgrid_15min"
"""Folder of the campus: one file per building, power per quarter hour, newest row first."""

LCL_CLOCK: Final = "utc"
"""The clock of the London files: Greenwich time in summer too."""

UCSD_ZONE: Final = "America/Los_Angeles"
"""Zone of the campus's wall clock, with two clock changes a year."""

UCSD_CLOCK: Final = f"local:{UCSD_ZONE}"
"""The clock of the campus files."""

IMPORT_KWH: Final = "IMPORT_KWH (kWh)"
"""The cumulative register in the export layout."""


def lcl_files(
    data_dir: Path = DATA / LCL,
    *,
    by: Literal["month", "home"] = "month",
    homes: int | None = None,
    until: str | None = None,
) -> Iterator[tuple[str, bytes]]:
    """London homes as load-profile files with registers.

    Args:
        data_dir: Folder of .csv or .csv.gz files with `LCLid`, `tstp` (start of the half hour) and
            `energy(kWh/hh)`.
        by: One file a month of all homes, or one a home.
        homes: Only the first so many homes.
        until: Only readings up to this date and time, Greenwich.

    Yields:
        Object key and content, stamped with the end of the interval, newest row first. The
        customer is the home's id, the serial its number.

    Raises:
        FileNotFoundError: The folder holds no such file.
    """
    readings = _home_readings(_homes_energy(data_dir, homes=homes))
    if until is not None:
        readings = readings[readings["at"] <= pd.Timestamp(until)]
    started = readings["at"] - pd.Timedelta(minutes=30)
    parts = started.dt.strftime("%Y-%m") if by == "month" else readings["CUSTOMER_REF"]
    for name, rows in readings.groupby(parts):
        newest_first = rows.sort_values(["at", "SERIAL"], ascending=[False, True])
        yield f"{PREFIX}lcl/{name}.csv", csv_bytes(newest_first, zone="UTC")


def ucsd_files(
    data_dir: Path = DATA / UCSD, *, until: str | None = None
) -> Iterator[tuple[str, bytes]]:
    """Campus buildings as load-profile files, one a building, on their own wall clock.

    Args:
        data_dir: Folder of `BuildingLoad__NAME.csv` or `.csv.gz` files with `DateTime` (start of
            the quarter hour), `RealPower` [kW] and `ReactivePower` [kvar].
        until: Only readings up to this date and time on the wall clock.

    Yields:
        Object key and content, newest row first. The hour that occurs twice each autumn is there
        twice, the hour that is skipped each spring is not. The customer is the building's name.

    Raises:
        FileNotFoundError: The folder holds no such file.
    """
    for number, path in enumerate(_sources(data_dir, "BuildingLoad__*"), start=1):
        building = path.name.split("__")[1].split(".")[0]
        readings = _building_readings(pd.read_csv(path, thousands=","))
        readings.insert(1, "SERIAL", f"{500 + number:012d}")
        readings.insert(2, "CUSTOMER_REF", building)
        if until is not None:
            readings = readings[readings["at"] <= pd.Timestamp(until)]
        yield f"{PREFIX}ucsd/{building}.csv", csv_bytes(readings.iloc[::-1], zone=UCSD_ZONE)


def _homes_energy(data_dir: Path, *, homes: int | None) -> pd.DataFrame:
    """Columns `home`, `at` (end of the half hour) and `energy_kwh`, oldest first in each home."""
    raw = pd.concat(
        [pd.read_csv(path, skipinitialspace=True) for path in _sources(data_dir, "*")],
        ignore_index=True,
    )
    raw.columns = ["home", "start", "energy_kwh"]
    raw["energy_kwh"] = pd.to_numeric(raw["energy_kwh"].astype(str).str.strip(), errors="coerce")
    raw["at"] = pd.to_datetime(raw["start"]) + pd.Timedelta(minutes=30)
    raw = raw.dropna(subset=["energy_kwh"]).drop_duplicates(["home", "at"])
    wanted = raw["home"].drop_duplicates().sort_values().iloc[:homes]
    return raw[raw["home"].isin(wanted)].sort_values(["home", "at"], ignore_index=True)


def _home_readings(energy: pd.DataFrame) -> pd.DataFrame:
    """Registers and powers of `_homes_energy` in the columns of the export layout."""
    registers = [
        _register_kwh(rows["at"], rows["energy_kwh"]) for _, rows in energy.groupby("home")
    ]
    return pd.DataFrame(
        {
            "at": energy["at"],
            "SERIAL": energy["home"].str.extract(r"(\d+)$", expand=False).str.zfill(12),
            "CUSTOMER_REF": energy["home"],
            IMPORT_KWH: np.round(np.concatenate(registers), 3),
            "AVG._IMPORT_KW (kW)": np.round(energy["energy_kwh"] * 2.0, 4),
        }
    )


def _building_readings(raw: pd.DataFrame) -> pd.DataFrame:
    """Oldest first: powers, registers and power factor at the wall-clock end of each interval."""
    raw = raw.iloc[::-1].reset_index(drop=True)
    clock = pd.DatetimeIndex(pd.to_datetime(raw["DateTime"], format="%m/%d/%Y %H:%M"))
    first_pass = np.logical_not(clock.duplicated())
    starts = clock.tz_localize(UCSD_ZONE, ambiguous=first_pass, nonexistent="NaT")
    known = np.asarray(starts.notna()) & np.asarray(raw["RealPower"].notna())
    known &= np.logical_not(starts.duplicated())
    ends = (starts + pd.Timedelta(minutes=15))[known].tz_convert("UTC")
    real_kw = raw["RealPower"].to_numpy(float)[known]
    import_kw, export_kw = np.clip(real_kw, 0.0, None), np.clip(-real_kw, 0.0, None)
    at = pd.Series(ends)
    readings = pd.DataFrame(
        {
            "at": ends.tz_convert(UCSD_ZONE).tz_localize(None),
            IMPORT_KWH: np.round(_register_kwh(at, pd.Series(import_kw / 4)), 3),
            "EXPORT_KWH (kWh)": np.round(np.cumsum(export_kw / 4), 3),
            "AVG._IMPORT_KW (kW)": np.round(import_kw, 4),
            "AVG._EXPORT_KW (kW)": np.round(export_kw, 4),
        }
    )
    if "ReactivePower" in raw.columns:
        reactive_kvar = raw["ReactivePower"].fillna(0.0).to_numpy(float)[known]
        apparent_kva = np.hypot(real_kw, reactive_kvar)
        readings["AVG._IMPORT_KVA (kVA)"] = np.round(apparent_kva, 4)
        readings["POWER_FACTOR"] = np.round(
            real_kw / np.where(apparent_kva > 0, apparent_kva, 1), 4
        )
        reactive_kvarh = np.cumsum(np.clip(reactive_kvar, 0.0, None) / 4)
        readings["IMPORT_KVARH (kvarh)"] = np.round(reactive_kvarh, 3)
    return readings


def _register_kwh(at: pd.Series, energy_kwh: pd.Series) -> np.ndarray:
    """A cumulative register; through a gap it runs on at the mean so far, as a real one would.

    Args:
        at: End of each interval, ascending.
        energy_kwh: Energy of each interval. [kWh]
    """
    steps = at.diff()
    missed = (steps / steps.mode()[0] - 1.0).fillna(0.0).clip(lower=0.0).round()
    mean_so_far_kwh = energy_kwh.expanding().mean().shift(fill_value=0.0)
    return (energy_kwh + missed * mean_so_far_kwh).cumsum().to_numpy(float)


def _sources(data_dir: Path, stem: str) -> list[Path]:
    found = sorted([*data_dir.glob(f"{stem}.csv"), *data_dir.glob(f"{stem}.csv.gz")])
    if not found:
        raise FileNotFoundError(
            f"{data_dir} holds no {stem}.csv or {stem}.csv.gz; give the folder of the set by --data"
        )
    return found


def main() -> None:
    """Write the files of one set into a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", choices=["lcl", "ucsd"])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    if given.set == "lcl":
        files = lcl_files(given.data or DATA / LCL)
    else:
        files = ucsd_files(given.data or DATA / UCSD)
    for key, content in files:
        path = given.out / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        print(f"{len(content):>12,} B  {path}")


if __name__ == "__main__":
    main()
