"""What goes wrong with readings on their way: gaps, hours that were estimated, spoilt rows.

Nothing here changes a register's true course, except where an estimate is exported for it.
"""

from typing import Final

import numpy as np
import pandas as pd

from energy_assets.sample_data.export_files import EXPORT_HEADER

SPOILT_CELLS: Final[tuple[tuple[str, str], ...]] = (
    ("IMPORT_KWH (kWh)", "ERR"),
    ("AVG._IMPORT_KW (kW)", "-3.2"),
    ("SERIAL", ""),
    ("POWER_FACTOR", "n/a?"),
    ("IMPORT_KWH (kWh)", "9.9E+99"),
)
"""One row each is exported with this text in this column."""

ESTIMATED_HOURS: Final[int] = 3
"""How long a first export guesses at a straight line between two true readings. [h]"""


def with_gaps(
    readings: pd.DataFrame, rng: np.random.Generator, *, silent_days: float
) -> pd.DataFrame:
    """Drop single readings, an outage of some hours in each month, and one long silence.

    Args:
        readings: One meter's readings, oldest first.
        rng: Draws which ones.
        silent_days: Length of a gap in the middle of the period, zero for none. [d]

    Returns:
        The readings that are left; the newest one always is.
    """
    at = pd.DatetimeIndex(readings["at"])
    lost = rng.random(len(at)) < 0.002
    days = (at[-1] - at[0]) / pd.Timedelta(days=1)
    for _ in range(rng.poisson(days / 30.0)):
        begins = at[int(rng.integers(0, len(at)))]
        lost |= np.asarray((at > begins) & (at <= begins + pd.Timedelta(hours=rng.uniform(1, 8))))
    middle = at[len(at) // 2]
    lost |= np.asarray((at > middle) & (at <= middle + pd.Timedelta(days=silent_days)))
    lost[-1] = False
    return readings.loc[~lost].reset_index(drop=True)


def with_estimates(readings: pd.DataFrame, *, serial: str) -> pd.DataFrame:
    """The export of a head-end that guessed some hours of one meter, to be corrected later.

    Args:
        readings: Readings of any meters, oldest first.
        serial: The meter whose middle hours are a straight line.

    Returns:
        A copy in which those hours' import register, power and current are estimates.
    """
    mine = np.flatnonzero(readings["SERIAL"].to_numpy() == serial)
    readings = readings.copy()
    if len(mine) < ESTIMATED_HOURS * 8:
        return readings
    at = pd.DatetimeIndex(readings["at"])[mine]
    first = at[len(at) // 2]
    guessed = mine[np.asarray((at >= first) & (at < first + pd.Timedelta(hours=ESTIMATED_HOURS)))]
    register = readings.columns.get_indexer(pd.Index(["IMPORT_KWH (kWh)"]))[0]
    known_kwh = readings.iloc[[guessed[0], guessed[-1]], register].to_numpy(float)
    straight_kwh = np.linspace(known_kwh[0], known_kwh[1], len(guessed))
    readings.iloc[guessed, register] = np.round(straight_kwh, 3)
    for name in ("AVG._IMPORT_KW (kW)", "AVG._IMPORT_KVA (kVA)", "AVG._CURRENT (V)"):
        column = readings.columns.get_indexer(pd.Index([name]))[0]
        readings.iloc[guessed[1:], column] = round(
            float(readings.iloc[guessed[1:], column].mean()), 4
        )
    return readings


def with_spoilt_rows(content: bytes, rng: np.random.Generator) -> bytes:
    """Spoil one cell in a few rows of a CSV export, each in another way.

    Args:
        content: An export of `export_files.csv_bytes`.
        rng: Draws which rows.

    Returns:
        The export with as many spoilt rows as `SPOILT_CELLS` has, fewer where it has fewer rows.
    """
    lines = content.decode().split("\n")
    rows = np.arange(1, len(lines) - 1)
    chosen = rng.choice(rows, size=min(len(SPOILT_CELLS), len(rows)), replace=False)
    for row, (name, text) in zip(chosen, SPOILT_CELLS, strict=False):
        cells = lines[row].split(",")
        cells[EXPORT_HEADER.index(name)] = text
        lines[row] = ",".join(cells)
    return "\n".join(lines).encode()
