"""Stored points and meters of electricity and water, for those who look at them."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

import pandas as pd

from energy_assets.consumption.meter_keys import meter_key, parsed_meter_key
from energy_assets.contracts.consumption import CONSUMPTION_METERS, ENERGY_CONSUMPTION, METER_TYPES
from resources.document_store import DocumentStore
from resources.series_store import SeriesStore
from resources.tables import Filter, Table, empty_frame

__all__ = ["known_meters", "meter_key", "parsed_meter_key", "stored_points"]

METERS_A_READ: Final = 200
"""Meters whose points are read at once."""

POINT_COLUMNS: Final = (
    "meter_type", "meter_id", "timestamp", "version", "consumption", "register", "temperature_c",
    "known_at",
)  # fmt: skip
"""What is read of points: everything but the file that brought them."""


def stored_points(
    series: SeriesStore,
    keys: Sequence[str],
    since: pd.Timestamp | None = None,
    *,
    without_files: Collection[str] = (),
) -> pd.DataFrame:
    """All versions of the points of these meters, in the order of meter, instant and version.

    Args:
        series: Where they lie.
        keys: Meter keys; unknown ones have no points.
        since: Older points are left out.
        without_files: Points that these files brought are left out, too.

    Raises:
        MeterKeyError: A key is none.
        StoreUnavailableError: The store cannot be reached.
    """
    recent = [] if since is None else [Filter("timestamp", ">=", since)]
    columns = [*POINT_COLUMNS, "file_id"] if without_files else POINT_COLUMNS
    found = [
        series.read(ENERGY_CONSUMPTION, [*where, *recent], columns=columns)
        for where in _batches(keys)
    ]
    if without_files:
        kept = [frame[~frame["file_id"].isin(list(without_files))] for frame in found]
        found = [frame[list(POINT_COLUMNS)] for frame in kept]
    return _together(ENERGY_CONSUMPTION, found, columns=POINT_COLUMNS)


def known_meters(documents: DocumentStore, keys: Sequence[str] | None = None) -> pd.DataFrame:
    """Rows of `CONSUMPTION_METERS` for these meters, for all without keys; unknown ones have none.

    Raises:
        MeterKeyError: A key is none.
        StoreUnavailableError: The store cannot be reached.
    """
    order = list(CONSUMPTION_METERS.key)
    if keys is None:
        return documents.read(CONSUMPTION_METERS, order_by=order)
    found = [documents.read(CONSUMPTION_METERS, where, order_by=order) for where in _batches(keys)]
    return _together(CONSUMPTION_METERS, found, columns=CONSUMPTION_METERS.names)


def _batches(keys: Sequence[str]) -> Iterator[list[Filter]]:
    """Conditions for the meters in batches, each of one type and in order."""
    parsed = sorted(set(map(parsed_meter_key, keys)))
    for meter_type in METER_TYPES:
        ids = [meter_id for each, meter_id in parsed if each == meter_type]
        for at in range(0, len(ids), METERS_A_READ):
            yield [
                Filter("meter_type", "=", meter_type),
                Filter("meter_id", "in", ids[at : at + METERS_A_READ]),
            ]


def _together(table: Table, found: list[pd.DataFrame], *, columns: Sequence[str]) -> pd.DataFrame:
    filled = [frame for frame in found if len(frame)]
    if not filled:
        return empty_frame(table, columns)
    return filled[0] if len(filled) == 1 else pd.concat(filled, ignore_index=True)
