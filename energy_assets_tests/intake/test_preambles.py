"""What stands above the header of a meter's file holds for the rows below it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from energy_assets.intake.errors import ContradictingClockError, UnitAboveHeaderError
from energy_assets_tests.consumption.files import Waterworks, hours, table, waterworks_at

ROWS = hours([0.3, 0.1, 0.2] * 8)


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Waterworks]:
    works = waterworks_at(str(tmp_path))
    works.clock = "local:Europe/Berlin"
    yield works
    works.close()


@pytest.mark.parametrize(
    "line",
    [
        "Unit: MWh",
        "Units,Wh",
        "# unit: Wh",
        "Energy report in Wh,",
        ",Wh",
        '"Einheit";"MWh"',
        ",kW",
    ],
)
def test_a_unit_above_the_header_is_not_passed_over(works, line):
    with pytest.raises(UnitAboveHeaderError, match="Usage"):
        works.take(table(line, "DateTime,Usage", *ROWS), "electricity/a.csv")
    assert works.points().empty


@pytest.mark.parametrize(
    "line", ["Unit: kWh", "Units,kWh", "Usage in kWh", "Unit: m3", "Report of 2 sites"]
)
def test_a_line_that_names_no_other_unit_changes_nothing(works, line):
    works.take(table(line, "DateTime,Usage", *ROWS), "electricity/a.csv")
    assert list(works.values().values())[:3] == [0.3, 0.1, 0.2]


def test_the_unit_of_the_header_wins_over_the_line_above_it(works):
    works.take(table("Unit: MWh", "DateTime,Usage (Wh)", *ROWS), "electricity/a.csv")
    assert next(iter(works.values().values())) == pytest.approx(0.0003)


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("Timezone: UTC", "2026-05-01 00:00"),
        ("# time zone: UTC-03:00", "2026-05-01 03:00"),
        ("Time Zone,Asia/Kolkata", "2026-04-30 18:30"),
        ("All times are UTC", "2026-05-01 00:00"),
        ("Timezone: CET", "2026-04-30 22:00"),
        ("Report of May", "2026-04-30 22:00"),
    ],
)
def test_a_meter_is_read_by_the_clock_that_its_file_names_above_the_header(works, line, first):
    works.take(table(line, "DateTime,kWh", *ROWS), "electricity/a.csv")
    assert min(works.values()) == first


def test_another_clock_above_the_header_stops_the_file(works):
    with pytest.raises(ContradictingClockError, match="EST"):
        works.take(table("Timezone: EST", "DateTime,kWh", *ROWS), "electricity/a.csv")
