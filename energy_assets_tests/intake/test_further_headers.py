"""A header further down changes what its rows mean, also where it is another one."""

import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from energy_assets.intake.errors import MissingColumnsError, UnknownUnitError
from energy_assets_tests.consumption.files import Waterworks, hours, table, waterworks_at

VALUES = [0.3, 0.1, 0.2] * 4


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Waterworks]:
    works = waterworks_at(str(tmp_path))
    yield works
    works.close()


@pytest.mark.parametrize("second", ["DateTime,Cost", "datetime,Price", "Usage (kWh),Cost"])
def test_rows_below_a_header_of_other_columns_are_not_read_by_the_first(works, second):
    rows = [*hours(VALUES), second, *hours(VALUES, "2026-05-03 00:00")]
    with pytest.raises(MissingColumnsError):
        works.take(table("DateTime,Usage (kWh)", *rows), "electricity/a.csv")
    assert works.points().empty


def test_a_sheet_with_a_second_header_of_other_columns_is_not_read_in_part(works):
    book = openpyxl.Workbook()
    for cells in (["DateTime", "kWh"], *([f"2026-05-0{day} 00:00", 1.5] for day in (1, 2, 3))):
        book.active.append(cells)
    book.active.append(["DateTime", "Cost"])
    book.active.append(["2026-05-04 00:00", 9.0])
    data = io.BytesIO()
    book.save(data)
    with pytest.raises(MissingColumnsError, match="Cost"):
        works.take(data.getvalue(), "electricity/a.xlsx")
    assert works.points().empty


def test_a_header_in_another_unit_converts_the_rows_below_it(works):
    rows = [*hours([1.0]), "Usage (MWh),DateTime", "2,2026-05-03 00:00"]
    works.take(table("DateTime,Usage (kWh)", *rows), "electricity/a.csv")
    assert list(works.values().values()) == [1.0, 2000.0]


def test_the_file_with_an_unknown_unit_is_named(works):
    with pytest.raises(UnknownUnitError, match=r"electricity/a.csv: the column .Usage .therm."):
        works.take(table("DateTime,Usage (therm)", *hours(VALUES)), "electricity/a.csv")
