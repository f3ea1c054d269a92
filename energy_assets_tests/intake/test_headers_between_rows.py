"""A header that stands between the rows again: read by itself, skipped, or the file is refused."""

import pytest

from energy_assets.intake.errors import MeterFileError
from energy_assets_tests.consumption.files import hours, table, waterworks_at


@pytest.fixture
def waterworks(tmp_path):
    world = waterworks_at(str(tmp_path))
    yield world
    world.close()


def between(line):
    """Three hours, a line, and three hours more."""
    rows = hours([1, 2, 3, 4, 5, 6])
    return table("DateTime,Consumption (m3)", *rows[:3], line, *rows[3:])


def test_a_header_in_litres_below_one_in_cubic_metres_holds_for_its_own_rows(waterworks):
    waterworks.take(between("DateTime,Consumption (l)"))
    assert list(waterworks.values().values()) == pytest.approx([1, 2, 3, 0.004, 0.005, 0.006])


def test_a_header_in_another_order_holds_for_its_own_rows(waterworks):
    later = hours([4, 5, 6], start="2026-05-01 03:00")
    rows = [f"{value},{time}" for time, value in (row.split(",") for row in later)]
    data = table("DateTime,Consumption (m3)", *hours([1, 2, 3]), "Consumption (m3),DateTime", *rows)
    assert waterworks.take(data).rows_stored == 6
    assert list(waterworks.values().values()) == [1, 2, 3, 4, 5, 6]


def test_the_same_header_again_is_no_row(waterworks):
    report = waterworks.take(between("DateTime,Consumption (m3)"))
    assert (report.rows_in, report.rows_stored) == (6, 6)
    assert report.left_out == {"repeated header": 1}


@pytest.mark.parametrize("line", ["Notes,Consumption (l)", "DateTime,Verbrauch", "When,Usage"])
def test_a_header_that_is_half_understood_stops_the_file(waterworks, line):
    with pytest.raises(MeterFileError, match=r"row 5 looks like another header|lacks Consumption"):
        waterworks.take(between(line))
    assert waterworks.points().empty


def test_lines_that_end_the_other_way_round_bring_no_other_meter(waterworks):
    rows = [f"m1,{row}" for row in hours([1, 2, 3])]
    data = table("Meter,DateTime,Consumption", *rows).replace(b"\n", b"\n\r")
    waterworks.take(data)
    assert set(waterworks.points()["meter_id"]) == {"m1"}
