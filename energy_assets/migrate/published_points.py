"""Electricity and water points of the published InfluxDB layout."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, cast

import numpy as np
import pandas as pd

from energy_assets.consumption.consumption_meters import FileMeters
from energy_assets.consumption.point_table import PointTable
from energy_assets.contracts.consumption import ENERGY_CONSUMPTION, METER_TYPES, MeterType
from energy_assets.intake.cells.clocks import MeterClock
from energy_assets.intake.units import Unit
from energy_assets.intake.versions.reconciliation import rank_of
from energy_assets.migrate.balance import Balance, instants_of
from resources.document_store import DocumentStore
from resources.series_store import SeriesStore
from resources.tables import Filter

YEARS: Final = range(1990, 2051)
"""Years that are asked for one by one, and what lies before and after them as a whole."""


def migrate_points(
    source: SeriesStore,
    series: SeriesStore,
    documents: DocumentStore,
    *,
    clock: MeterClock,
    units: Mapping[MeterType, Unit],
    known_at: datetime,
) -> Balance:
    """Store the points of a published InfluxDB bucket, each as version 1.

    A point that is stored stays as it is, so running it again changes nothing. Points that this
    project wrote, without a consumption, with a negative one, or of another meter type are left
    out; a temperature outside of its limits is left away and the point kept.

    Args:
        source: The published bucket; it is only read.
        series: Where points go; its tables exist.
        documents: Where their meters go.
        clock: What the points' times, written as if they were UTC, showed.
        units: Of the published values.
        known_at: Since when this project knows these points, UTC.
    """
    balance = Balance(table="energy_consumption")
    meters = {each: FileMeters(each, is_register=False) for each in METER_TYPES}
    for where in _windows():
        found = source.read(ENERGY_CONSUMPTION, where)
        balance.rows_in += len(found)
        explained = _explained(found, balance, clock)
        for meter_type, frame in explained.groupby("meter_type"):
            kind = cast("MeterType", meter_type)
            _store(frame, kind, units[kind], series, known_at, balance)
            meters[kind].add(frame)
    for each in meters.values():
        each.record(documents, now=known_at)
    return balance


def _windows() -> Iterator[list[Filter]]:
    edges = [pd.Timestamp(f"{year}-01-01", tz="UTC") for year in YEARS]
    for start, end in zip([None, *edges], [*edges, None], strict=True):
        since = [] if start is None else [Filter("timestamp", ">=", start)]
        until = [] if end is None else [Filter("timestamp", "<", end)]
        yield [*since, *until]


def _explained(found: pd.DataFrame, balance: Balance, clock: MeterClock) -> pd.DataFrame:
    """The points that can be explained, with their instants."""
    faults = {
        "that this project wrote": found["file_id"].notna() | (found["version"] != 1),
        "of another meter type": ~found["meter_type"].isin(METER_TYPES),
        "without a consumption": found["consumption"].isna(),
        "with a negative consumption": found["consumption"] < 0,
    }
    left = np.zeros(len(found), dtype=np.bool_)
    for why, fault in faults.items():
        new = fault.to_numpy(dtype="bool", na_value=False) & ~left
        if new.any():
            balance.left_out[why] += int(new.sum())
        left |= new
    kept = found[~left]
    wall_ms = kept["timestamp"].to_numpy(dtype="datetime64[ms]").astype(np.int64)
    utc_ms, certain = instants_of(wall_ms, clock, balance)
    return kept.assign(utc_ms=utc_ms)[certain]


def _store(
    frame: pd.DataFrame,
    meter_type: MeterType,
    unit: Unit,
    series: SeriesStore,
    known_at: datetime,
    balance: Balance,
) -> None:
    """Write the points of one type that are not stored yet."""
    moments = pd.to_datetime(frame["utc_ms"], unit="ms", utc=True).dt.as_unit("ms")
    stored = series.read(
        ENERGY_CONSUMPTION,
        [
            Filter("meter_type", "=", meter_type),
            Filter("meter_id", "in", frame["meter_id"].unique().tolist()),
            Filter("timestamp", ">=", moments.min()),
            Filter("timestamp", "<=", moments.max()),
        ],
        columns=["meter_id", "timestamp"],
    )
    keys = pd.MultiIndex.from_arrays([frame["meter_id"], moments])
    new = frame[~keys.isin(pd.MultiIndex.from_frame(stored))]
    balance.rows_there_before += len(frame) - len(new)
    balance.rows_stored += len(new)
    if new.empty:
        return
    values = unit.converted(new["consumption"].to_numpy(dtype=np.float64), to=unit.quantity)
    column = ENERGY_CONSUMPTION.column("temperature_c")
    low, high = column.minimum, column.maximum
    if low is None or high is None:
        raise AssertionError(column)
    plausible = new["temperature_c"].between(low, high)
    rows = pd.DataFrame(
        {
            "meter_id": new["meter_id"].to_numpy(),
            "utc_ms": new["utc_ms"].to_numpy(),
            "consumption": values,
            "temperature_c": new["temperature_c"].where(plausible).to_numpy(dtype=np.float64),
        }
    )
    file_id = f"published/energy_consumption@{0:012x}"
    rank = rank_of(known_at, file_id)
    PointTable(series, meter_type).insert(rows, np.ones(len(rows), dtype=np.int64), rank)
