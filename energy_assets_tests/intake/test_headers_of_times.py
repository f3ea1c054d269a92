"""What a header of times says beside its name holds for every row below it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from energy_assets.intake.errors import ContradictingClockError
from energy_assets_tests.consumption.files import Waterworks, hours, table, waterworks_at

VALUES = [0.3, 0.1, 0.2] * 8


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Waterworks]:
    works = waterworks_at(str(tmp_path))
    yield works
    works.close()


@pytest.mark.parametrize(
    ("header", "first"),
    [
        ("DateTime (UTC)", "2026-05-01 00:00"),
        ("Time [GMT]", "2026-05-01 00:00"),
        ("Interval Start (UTC+00:00)", "2026-05-01 00:00"),
        ("Timestamp (GMT+1)", "2026-04-30 23:00"),
        ("Read At (UTC-03:30)", "2026-05-01 03:30"),
        ("DateTime (America/New_York)", "2026-05-01 04:00"),
        ("DateTime (CEST)", "2026-04-30 22:00"),
        ("DateTime (local)", "2026-04-30 22:00"),
        ("DateTime (YYYY-MM-DD hh:mm)", "2026-04-30 22:00"),
        ("DateTime (interval end)", "2026-04-30 21:00"),
        ("DateTime (start)", "2026-04-30 22:00"),
    ],
)
def test_a_meter_is_read_by_the_clock_and_the_end_that_its_header_names(works, header, first):
    works.clock = "local:Europe/Berlin"
    works.take(table(f"{header},Usage (kWh)", *hours(VALUES)), "electricity/a.csv")
    assert min(works.values()) == first


@pytest.mark.parametrize(
    ("setting", "note"),
    [
        ("utc", "CET"), ("local:Europe/Berlin", "EST"), ("standard:+05:30", "BST"),
        ("utc", "Mars/Olympus"), ("standard:+02:00", "CET"),
    ],
)  # fmt: skip
def test_a_clock_that_contradicts_the_setting_stops_the_file(works, setting, note):
    works.clock = setting
    with pytest.raises(ContradictingClockError, match=note):
        works.take(table(f"DateTime ({note}),Usage (kWh)", *hours(VALUES)), "electricity/a.csv")
    assert works.points().empty


def test_a_date_and_a_time_in_two_clocks_stop_the_file(works):
    rows = [row.replace(" ", ",", 1) for row in hours(VALUES)]
    with pytest.raises(ContradictingClockError):
        works.take(table("Date (UTC+1),Time (UTC+2),kWh", *rows), "electricity/a.csv")


def test_the_time_with_its_own_offset_needs_no_clock_of_the_header(works):
    rows = [row.replace(",", "+02:00,") for row in hours(VALUES)]
    works.take(table("DateTime (UTC),kWh", *rows), "electricity/a.csv")
    assert min(works.values()) == "2026-04-30 22:00"
