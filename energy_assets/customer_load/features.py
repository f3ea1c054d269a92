"""Readings of one customer's meters to nine live features on a regular grid of instants.

Registers are differenced here and meters added up. Nothing is imputed: what is missing is NaN.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.contracts.readings import LIVE_FEATURES
from energy_assets.customer_load.meter_grid import grid_phase, meter_features, nanoseconds
from energy_assets.forecasting.series import Series
from energy_assets.intake.intervals import LOAD_PROFILE_MINUTES, Rhythm, rhythm_of

FEATURES: Final[tuple[str, ...]] = LIVE_FEATURES
"""The features in order; the first is the energy of the interval."""

AVERAGED: Final[tuple[str, ...]] = (
    "power_factor",
    "phase_a_voltage",
    "phase_b_voltage",
    "phase_c_voltage",
)
"""Features that are averaged over the meters of a customer; the others add up."""

NO_TIMES: Final = np.zeros(0, dtype=np.int64)
"""The instants of a customer without readings."""

SILENT: Final = pd.to_timedelta(7, unit="D")
"""A meter that has been silent for longer than this, while others report, counts as removed."""


def latest_versions(
    readings: pd.DataFrame, *, known_at: pd.Timestamp | None = None
) -> pd.DataFrame:
    """The highest version of each reading, as it was known at an instant.

    Args:
        readings: Rows of the measurements table, several versions of a reading among them.
        known_at: Rows that became known later are left out; nothing is left out without it.

    Returns:
        One row per meter and timestamp, ordered by both.
    """
    if known_at is not None:
        readings = readings.loc[readings["known_at"] <= known_at]
    ordered = readings.sort_values(["serial", "timestamp", "version"], kind="stable")
    return ordered.drop_duplicates(["serial", "timestamp"], keep="last").reset_index(drop=True)


def customer_features(readings: pd.DataFrame, *, meters: pd.DataFrame, zone: str) -> pd.DataFrame:
    """Features of one customer on the regular grid of its interval.

    Args:
        readings: Measurements of one customer, all its meters, one version of each, in any order.
        meters: Rows of the meters table; their `interval_minutes` counts where the readings show
            none that lasts for two days.
        zone: IANA zone in which the customer lives.

    Returns:
        One row per interval from the first to the last reading, indexed by `start_at` (UTC),
        columns `FEATURES`, `register_kwh` (sum of the import registers at the interval's end) and
        `reason` (an `IntervalReason` where energy is missing or is not a plain difference, else
        empty). Energy is missing where a meter that should report does not: one that was swapped
        should until another begins, one that fell silent without a successor for as long as it
        may come back. Meters meet on the longest of their current intervals. `attrs` holds
        `customer_ref`, `interval_minutes` and `zone`.

    Raises:
        ValueError: The readings are of several customers.
    """
    refs = sorted(set(readings["customer_ref"].astype(str)))
    if len(refs) > 1:
        raise ValueError(
            f"readings of {len(refs)} customers ({', '.join(refs[:3])} …) were given as one. "
            f"Select one customer_ref first."
        )
    by_meter = {
        str(serial): rows.sort_values("timestamp", kind="stable")
        for serial, rows in readings.groupby("serial", sort=True)
    }
    rhythms = _rhythms(by_meter, meters)
    minutes = max((rhythm.minutes for rhythm in rhythms.values()), default=LOAD_PROFILE_MINUTES[0])
    coarsest = [
        nanoseconds(by_meter[serial]["timestamp"])[rhythm.since :]
        for serial, rhythm in rhythms.items()
        if rhythm.minutes == minutes
    ]
    phase = grid_phase(np.concatenate([*coarsest, NO_TIMES]), interval_minutes=minutes)
    parts = [
        meter_features(rows, rhythm=rhythms[serial], grid_minutes=minutes, phase_ns=phase)
        for serial, rows in by_meter.items()
    ]
    features = _together(parts, minutes)
    features.attrs = {
        "customer_ref": refs[0] if refs else "",
        "interval_minutes": minutes,
        "zone": zone,
    }
    return features


def _together(parts: list[pd.DataFrame], minutes: int) -> pd.DataFrame:
    """Meters added up on one grid, indexed by interval start."""
    parts = [part for part in parts if len(part)]
    if not parts:
        index = pd.DatetimeIndex([], tz="UTC", name="start_at")
        empty = pd.DataFrame(np.nan, index=index, columns=[*FEATURES, "register_kwh"])
        return empty.assign(reason="")
    interval = pd.to_timedelta(minutes, unit="min")
    ends = pd.DatetimeIndex(np.unique(np.concatenate([part.index for part in parts])), tz="UTC")
    grid = pd.date_range(ends[:1].min(), ends[-1:].max(), freq=interval)
    spread = [part.reindex(grid) for part in parts]
    expected = [
        _expected(part, parts[:at] + parts[at + 1 :], grid) for at, part in enumerate(parts)
    ]
    features = pd.DataFrame(index=(grid - interval).rename("start_at"))
    for name in FEATURES:
        table = np.stack([part[name].to_numpy(np.float64) for part in spread])
        features[name] = _mean(table) if name in AVERAGED else _total(table, expected)
    registers = np.stack([part["register_kwh"].to_numpy(np.float64) for part in spread])
    features["register_kwh"] = _total(registers, expected)
    reason = np.full(len(grid), "", dtype=object)
    for part in spread:
        told = part["reason"].fillna("").to_numpy(dtype=object)
        reason = np.where(reason == "", told, reason)
    absent = np.isnan(features["import_kwh"].to_numpy(np.float64)) & (reason == "")
    features["reason"] = np.where(absent, "gap", reason)
    return features


def _expected(
    part: pd.DataFrame, others: Sequence[pd.DataFrame], grid: pd.DatetimeIndex
) -> NDArray[np.bool_]:
    """Where a meter should report: from its first reading on, to its last if it is gone.

    It was swapped if another meter begins when it has ended: parallel meters overlap. Without a
    successor it counts as removed when it has been silent for long.
    """
    at = np.searchsorted(grid.asi8, pd.DatetimeIndex(part.index).as_unit(grid.unit).asi8)
    position = np.arange(len(grid))
    swapped = any(other.index[0] >= part.index[-1] for other in others)
    gone = swapped or grid[-1:].max() - part.index.max() > SILENT
    return (position >= at[0]) & (position <= (at[-1] if gone else len(grid)))


def _total(table: NDArray[np.float64], expected: list[NDArray[np.bool_]]) -> NDArray[np.float64]:
    """Sum over meters; missing where no meter, or not every expected one, reports the value.

    A meter that never reports the value, such as phase B of a single-phase meter, is not expected.
    """
    known = np.isfinite(table)
    due = np.stack(expected) & known.any(axis=1, keepdims=True)
    complete = known.any(axis=0) & ~(due & ~known).any(axis=0)
    return np.where(complete, np.where(known, table, 0.0).sum(axis=0), np.nan)


def _mean(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over the meters that report the value."""
    known = np.isfinite(table)
    count = known.sum(axis=0)
    total = np.where(known, table, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _rhythms(by_meter: dict[str, pd.DataFrame], meters: pd.DataFrame) -> dict[str, Rhythm]:
    """The intervals that each meter has had, from its readings or else from its row."""
    stored = meters.loc[meters["interval_minutes"].notna()]
    known = dict(
        zip(
            stored["serial"].astype(str),
            stored["interval_minutes"].to_numpy(np.int64).tolist(),
            strict=True,
        )
    )
    return {
        serial: rhythm_of(
            nanoseconds(rows["timestamp"]) // 1_000_000,
            known=known.get(serial),
            default=LOAD_PROFILE_MINUTES[0],
            among=LOAD_PROFILE_MINUTES,
            at_end=True,
        )
        for serial, rows in by_meter.items()
    }


def series_of(features: pd.DataFrame) -> Series:
    """The series in a feature frame: energy, and the other live features as its known past.

    Args:
        features: Rows on a regular grid, indexed by interval start (UTC), columns of
            `LIVE_FEATURES`, and `attrs` with `customer_ref`, `interval_minutes` and `zone`.

    Raises:
        ValueError: The frame is empty, or its index is not the regular grid it claims to be.
    """
    ref = str(features.attrs.get("customer_ref", "unknown"))
    missing = {"customer_ref", "interval_minutes", "zone"} - set(features.attrs)
    if missing:
        raise ValueError(
            f"customer {ref}: the feature frame lacks the attributes {sorted(missing)}. Build it "
            f"with customer_features()."
        )
    index = pd.DatetimeIndex(features.index)
    first = index.min()
    if features.empty:
        raise ValueError(f"customer {ref}: the feature frame has no rows, so there is no history.")
    minutes = int(features.attrs["interval_minutes"])
    grid = pd.date_range(first, periods=len(index), freq=pd.Timedelta(minutes=minutes))
    if not bool((index == grid).all()):
        raise ValueError(
            f"customer {ref}: features are not on a regular grid of {minutes} min; the first "
            f"odd one starts at {index[int(np.argmax(index != grid))]}. Reindex with NaN rows."
        )
    live = features[list(LIVE_FEATURES)].to_numpy(np.float32)
    return Series(
        key=ref,
        unit="kWh",
        start_at=first,
        interval_minutes=minutes,
        zone=str(features.attrs["zone"]),
        values=live[:, 0].astype(np.float64),
        past=dict(zip(LIVE_FEATURES[1:], live[:, 1:].T, strict=True)),
    )
