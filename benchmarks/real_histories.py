"""Public sets as histories, for the accuracy benchmarks: London homes and campus buildings.

The pipeline's benchmarks go through files instead (`real_meters`).
"""

from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from energy_assets.forecasting.series import Series

DATA: Final = Path(__file__).resolve().parents[1].parent / "shared" / "data"
"""Where the sets lie unless a benchmark is told otherwise."""

LCL: Final = DATA / "lcl_london_30min"
"""Folder of the London homes."""

UCSD: Final = DATA / "ucsd_microgrid_15min"
"""Folder of the campus buildings."""


def lcl_histories(folder: Path) -> list[Series]:
    """London homes, half-hourly, from rows of `LCLid`, `tstp` (start) and `energy(kWh/hh)`."""
    rows = pd.concat([pd.read_csv(path) for path in _sources(folder, "lcl")], ignore_index=True)
    rows.columns = ["home", "start_at", "energy_kwh"]
    rows["start_at"] = pd.to_datetime(rows["start_at"]).dt.tz_localize("UTC")
    rows["energy_kwh"] = pd.to_numeric(rows["energy_kwh"].astype(str).str.strip(), errors="coerce")
    first, last = rows["start_at"].min(), rows["start_at"].max()
    grid = pd.date_range(first, last, freq="30min")
    return [
        _history(
            str(home),
            own.drop_duplicates("start_at").set_index("start_at").reindex(grid),
            minutes=30,
            zone="Europe/London",
        )
        for home, own in rows.groupby("home")
    ]


def ucsd_histories(folder: Path) -> list[Series]:
    """Campus buildings, quarter-hourly mean power on a wall clock with clock changes."""
    zone = "America/Los_Angeles"
    histories: list[Series] = []
    for path in _sources(folder, "BuildingLoad"):
        raw = pd.read_csv(path).iloc[::-1].reset_index(drop=True)
        clock = pd.to_datetime(raw["DateTime"], format="%m/%d/%Y %H:%M")
        first_of_two = ~clock.duplicated(keep="first")
        starts = pd.DatetimeIndex(clock).tz_localize(
            zone, ambiguous=first_of_two.to_numpy(), nonexistent="NaT"
        )
        power = pd.to_numeric(raw["RealPower"], errors="coerce").to_numpy(np.float64)
        reactive = pd.to_numeric(raw["ReactivePower"], errors="coerce").to_numpy(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            factor = power / np.hypot(power, reactive)
        frame = pd.DataFrame(
            {"energy_kwh": power / 4, "power_factor": factor}, index=starts.tz_convert("UTC")
        )
        frame = frame[frame.index.notna() & ~frame.index.duplicated()].sort_index()
        grid = pd.date_range(frame.index[0], frame.index[-1], freq="15min")
        building = path.name.split("__")[-1].split(".")[0]
        histories.append(_history(building, frame.reindex(grid), minutes=15, zone=zone))
    return histories


def in_quarter_hours(history: Series) -> Series:
    """A half-hourly history as if it had been read every quarter hour, the energy halved."""
    return replace(
        history,
        interval_minutes=15,
        values=np.repeat(history.values / 2, 2),
        past={name: np.repeat(column, 2) for name, column in history.past.items()},
    )


def _history(ref: str, frame: pd.DataFrame, *, minutes: int, zone: str) -> Series:
    energy = frame["energy_kwh"].to_numpy(np.float32)
    past = {"avg_import_kw": energy * np.float32(60 / minutes)}
    if "power_factor" in frame:
        past["power_factor"] = frame["power_factor"].to_numpy(np.float32)
    return Series(
        key=ref,
        unit="kWh",
        start_at=pd.DatetimeIndex(frame.index)[0],
        interval_minutes=minutes,
        zone=zone,
        values=energy.astype(np.float64),
        past=past,
    )


def _sources(folder: Path, stem: str) -> list[Path]:
    """The .csv and .csv.gz files of a set.

    Raises:
        FileNotFoundError: There is none.
    """
    found = sorted(p for p in folder.glob(f"{stem}*.csv*") if p.name.endswith((".csv", ".csv.gz")))
    if not found:
        raise FileNotFoundError(
            f"{folder} holds no {stem}*.csv or {stem}*.csv.gz: give the folder of the set with "
            f"--data."
        )
    return found
