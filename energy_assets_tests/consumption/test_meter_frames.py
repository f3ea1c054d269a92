"""What the frame of a meter holds at an instant, of all that the stores know since."""

from datetime import UTC, datetime

import pandas as pd

from energy_assets.consumption.locations import Location
from energy_assets.consumption.meter_frames import meter_frames
from energy_assets.contracts.consumption import LOCATIONS
from energy_assets.forecasts.knowledge import data_known_at
from energy_assets_tests.consumption.files import hours, table
from resources.partition_files import frame_of_parquet, parquet_of_frame

HOME = Location(name="home", latitude=7.0, longitude=80.0, zone="UTC", country=None)


def frames_of(waterworks, known_at):
    waterworks.documents.ensure([LOCATIONS])
    return [
        frame
        for _, frame in meter_frames(
            ["water/a"],
            documents=waterworks.documents,
            series=waterworks.series,
            default=HOME,
            since=pd.Timestamp("2026-05-01", tz="UTC"),
            known_at=None if known_at is None else pd.Timestamp(known_at),
        )
    ]


def values(waterworks, known_at):
    return [value for one in frames_of(waterworks, known_at) for value in one["consumption"]]


def test_values_are_those_of_files_that_had_arrived_and_were_being_read_by_then(waterworks):
    first = table("DateTime,Consumption", *hours([1, 1]))
    waterworks.take(first, now=datetime(2026, 5, 20, 1, tzinfo=UTC))
    corrected = table("DateTime,Consumption", *hours([1, 2, 3]))
    waterworks.take(corrected, now=datetime(2026, 5, 20, 9, tzinfo=UTC))  # arrived at two

    assert values(waterworks, "2026-05-20T00:59:59.999Z") == []
    assert values(waterworks, "2026-05-20T01:00Z") == [1.0, 1.0]
    assert values(waterworks, "2026-05-20T08:59:59.999Z") == [1.0, 1.0]
    assert values(waterworks, "2026-05-20T09:00Z") == [1.0, 2.0, 3.0]
    assert values(waterworks, None) == [1.0, 2.0, 3.0]


def test_a_frame_says_up_to_when_values_were_known_to_it_also_from_a_file(waterworks):
    waterworks.take(table("DateTime,Consumption", *hours([1, 2])))
    known_at = "2026-06-01T12:00:00.123Z"
    (then,), (now,) = frames_of(waterworks, known_at), frames_of(waterworks, None)

    assert data_known_at(frame_of_parquet(parquet_of_frame(then))) == pd.Timestamp(known_at)
    assert data_known_at(now) is None
