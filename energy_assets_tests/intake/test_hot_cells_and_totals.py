"""Temperatures at the edge of what weather is, unit columns by any name, and rows of totals."""

import pytest

from energy_assets.contracts.meter_files import QUARANTINE
from energy_assets_tests.consumption.files import hours, table, waterworks_at
from energy_assets_tests.intake.exports import rows_of, text


@pytest.fixture
def waterworks(tmp_path):
    world = waterworks_at(str(tmp_path))
    yield world
    world.close()


def dropped(waterworks, header, temperatures, *above):
    rows = zip(hours([1] * len(temperatures)), temperatures, strict=True)
    data = table(f"DateTime,Consumption,{header}", *above, *(f"{row},{t}" for row, t in rows))
    return waterworks.take(data, "electricity/a.csv").cells_dropped


@pytest.mark.parametrize(("hottest", "count"), [("56", 0), ("56.1", 5)])
def test_an_hour_hotter_than_any_on_record_makes_unstated_degrees_doubtful(
    waterworks, hottest, count
):
    found = dropped(waterworks, "Temperature", ["9", "10", hottest, "11", "12"])
    assert found.get("temperature_c: suspected_fahrenheit", 0) == count


@pytest.mark.parametrize(("mean", "count"), [("40", 0), ("40.1", 3)])
def test_a_file_hotter_on_average_than_any_place_is_doubted(waterworks, mean, count):
    found = dropped(waterworks, "Temperature", [mean] * 3)
    assert found.get("temperature_c: suspected_fahrenheit", 0) == count


def test_stated_degrees_celsius_are_believed_up_to_sixty(waterworks):
    found = dropped(waterworks, "Temperature (°C)", ["9", "60", "60.1", "58", "12"])
    assert found == {"temperature_c: out_of_range": 1}


def test_degrees_celsius_in_a_row_of_units_are_stated(waterworks):
    assert dropped(waterworks, "Temperature", ["9", "58", "12"], ",kWh,°C") == {}


@pytest.mark.parametrize("header", ["Unit", "Units", "UOM", "Unit of measure"])
def test_a_column_of_units_has_several_names(waterworks, header):
    rows = [f"{row},Wh" for row in hours([1_500, 2_500, 500])]
    waterworks.take(table(f"DateTime,Consumption,{header}", *rows), "electricity/a.csv")
    assert list(waterworks.values().values()) == [1.5, 2.5, 0.5]


def test_a_refused_reading_that_is_called_total_but_has_a_date_is_refused(world):
    rows = rows_of(count=8)
    rows[3][5] = "Total"
    report = world.take(text(rows))
    assert (report.rows_in, report.rows_quarantined, report.left_out) == (8, 1, {})


def test_a_mended_row_stays_resolved_by_the_file_that_brought_it_first(world):
    rows = rows_of(count=8)
    rows[3][5] = "much"
    broken = world.arrive(text(rows))
    world.ingest(broken)
    header, line = text([rows_of(count=8)[3]]).decode().splitlines()
    mended = f"QUARANTINE_FILE,QUARANTINE_ROW,{header}\n{broken.file_id},5,{line}\n".encode()
    first = world.arrive(mended, "first.csv")
    world.ingest(first)
    world.take(mended, "second.csv")
    found = world.documents.read(QUARANTINE)
    assert found["resolved_by"].tolist() == [first.file_id]


def test_registers_that_differ_by_rounding_alone_are_no_other_meter(world):
    world.take(text(rows_of(count=30)), "a.csv")
    rows = rows_of(count=30)
    for row in rows:
        row[5] = f"{float(row[5]) + 1e-9:.9f}"
    assert world.take(text(rows), "b.csv").rows_corrected == 30
