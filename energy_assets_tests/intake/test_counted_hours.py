"""Hours that are counted on through a clock change are no times of day."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from energy_assets.intake.errors import SequentialHoursError
from energy_assets_tests.consumption.files import Waterworks, table, waterworks_at


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Waterworks]:
    works = waterworks_at(str(tmp_path))
    works.clock = "local:Europe/Berlin"
    yield works
    works.close()


def day(date: str, first: int, count: int) -> list[str]:
    return [f"{date},{first + i},{i % 7}.5" for i in range(count)]


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("Hour Ending", [*day("2025-10-25", 1, 24), *day("2025-10-26", 1, 25)]),
        ("HE", day("2025-10-26", 1, 25)),
        ("Hour", [*day("2025-10-26", 0, 25), *day("2025-10-27", 0, 24)]),
        ("Hour Ending", [*day("2026-03-29", 1, 23), *day("2026-03-30", 1, 24)]),
        ("Hour Ending", day("2026-03-29", 1, 23)),
        ("Hour", [*day("2026-03-28", 0, 24), *day("2026-03-29", 0, 23)]),
    ],
)
def test_a_day_of_23_or_25_counted_hours_stops_the_file(works, header, rows):
    with pytest.raises(SequentialHoursError, match=header):
        works.take(table(f"Date,{header},kWh", *rows), "electricity/a.csv")
    assert works.points().empty


def test_a_day_that_leaves_out_the_skipped_hour_is_stored_whole(works):
    rows = [*day("2026-03-28", 1, 24), *day("2026-03-29", 1, 24), *day("2026-03-30", 1, 24)]
    del rows[24 + 2]
    report = works.take(table("Date,Hour Ending,kWh", *rows), "electricity/a.csv")
    assert (report.rows_stored, report.rows_quarantined) == (71, 0)
    assert works.values()["2026-03-29 01:00"] == 3.5  # the fourth hour of that day


def test_a_day_that_pads_the_skipped_hour_loses_only_the_padding(works):
    rows = [*day("2026-03-28", 1, 24), *day("2026-03-29", 1, 24), *day("2026-03-30", 1, 24)]
    report = works.take(table("Date,Hour Ending,kWh", *rows), "electricity/a.csv")
    assert works.reasons() == {24 + 3 + 1: "nonexistent_local_time"}
    assert report.rows_stored == 71
