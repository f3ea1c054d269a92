"""Frames of meters from what the stores hold: points on a grid, with their place."""

from collections.abc import Iterator, Sequence
from typing import Final

import pandas as pd

from energy_assets.consumption.consumption_grid import frame_of, meter_histories
from energy_assets.consumption.consumption_records import known_meters, stored_points
from energy_assets.consumption.locations import Location, location_of_meters
from energy_assets.consumption.meter_keys import parsed_meter_key
from energy_assets.forecasts.knowledge import note_data_known_at
from energy_assets.intake.versions.late_files import late_files
from resources.document_store import DocumentStore
from resources.series_store import SeriesStore

METERS_AT_ONCE: Final = 50
"""Meters whose points are in memory at a time."""


def meter_frames(
    keys: Sequence[str],
    *,
    documents: DocumentStore,
    series: SeriesStore,
    default: Location,
    since: pd.Timestamp,
    known_at: pd.Timestamp | None = None,
) -> Iterator[tuple[str, pd.DataFrame]]:
    """The feature frame of each meter that has values, by meter key.

    Where meters are, what places are like and how meters report is kept as of the present only.

    Args:
        keys: Meter keys.
        documents: Knows meters and locations.
        series: Holds the values.
        default: Where meters are that no file places elsewhere.
        since: Older values are left out.
        known_at: Values as they were known then, without files that were read later; the frame says
            so, see `data_known_at`. All that is known without it.
    """
    late = [] if known_at is None else late_files(documents, known_at=known_at)
    for start in range(0, len(keys), METERS_AT_ONCE):
        batch = keys[start : start + METERS_AT_ONCE]
        parsed = [parsed_meter_key(key) for key in batch]
        where = location_of_meters(documents, parsed, default=default)
        places = {key: where[meter] for key, meter in zip(batch, parsed, strict=True)}
        gridded = meter_histories(
            stored_points(series, batch, since=since, without_files=late),
            known_meters(documents, batch),
            zones={key: (place.zone, place.country) for key, place in places.items()},
            known_at=known_at,
        )
        for meter in gridded:
            frame = frame_of(meter)
            frame.attrs["location"] = places[meter.key].name
            if known_at is not None:
                note_data_known_at(frame, known_at)
            yield meter.key, frame
