"""Refused rows in the hour that comes twice: the offset that they come out with."""

import csv
import io

import pytest

from energy_assets_tests.consumption.files import table, waterworks_at


@pytest.fixture
def waterworks(tmp_path):
    world = waterworks_at(str(tmp_path))
    yield world
    world.close()


HEADER = "DateTime,Consumption (kWh)"


def offsets(world):
    (info,) = world.objects.list("quarantine/")
    rows = csv.DictReader(io.StringIO(world.objects.get(info.key).decode()))
    return [row["DateTime"] for row in rows]


@pytest.mark.parametrize(
    ("clock", "hours", "shown"),
    [
        (
            "local:Europe/Berlin",
            "2025-10-26 01:30 02:00 02:30 02:00 02:30 03:00",
            ("+02:00", "+01:00"),
        ),
        (
            "local:America/New_York",
            "2025-11-02 00:30 01:00 01:30 01:00 01:30 02:00",
            ("-04:00", "-05:00"),
        ),
    ],
)
def test_refused_rows_of_both_passes_state_their_own_offsets(waterworks, clock, hours, shown):
    waterworks.clock = clock
    day, *times = hours.split()
    values = ["1", "1", "much", "1", "more", "1"]
    rows = [f"{day} {time},{value}" for time, value in zip(times, values, strict=True)]
    waterworks.take(table(HEADER, *rows), "electricity/a.csv")
    assert offsets(waterworks) == [f"{day} {times[2]}{offset}" for offset in shown]


def test_a_refused_row_that_stands_alone_between_both_passes_states_no_offset(waterworks):
    waterworks.clock = "local:Europe/Berlin"
    rows = ["2025-10-26 01:00,1", "2025-10-26 02:00,much", "2025-10-26 03:00,1"]
    waterworks.take(table(HEADER, *rows), "electricity/a.csv")
    assert offsets(waterworks) == ["2025-10-26 02:00"]


def test_a_refused_row_that_stands_alone_after_a_file_began_is_of_the_second_pass(waterworks):
    waterworks.clock = "local:Europe/Berlin"
    rows = [
        "2025-10-26 02:30,much",
        *(f"2025-10-26 {h:02d}:{m},1" for h in (3, 4) for m in ("00", "30")),
    ]
    waterworks.take(table(HEADER, *rows), "electricity/a.csv")
    assert offsets(waterworks) == ["2025-10-26 02:30+01:00"]
