"""Cells that are left out, rows that units refuse, and rows that files resolve, counted by hand."""

import pytest

from energy_assets.intake.errors import UnsupportedIntervalError
from energy_assets_tests.consumption.files import hours, table, waterworks_at
from energy_assets_tests.intake.exports import rows_of, text


@pytest.fixture
def waterworks(tmp_path):
    world = waterworks_at(str(tmp_path))
    yield world
    world.close()


def with_temperatures(temperatures, header="Temperature"):
    rows = [
        f"{row},{t}" for row, t in zip(hours([1] * len(temperatures)), temperatures, strict=True)
    ]
    return table(f"DateTime,Consumption (kWh),{header}", *rows)


@pytest.mark.parametrize("chunk_rows", [2, 100_000])
def test_doubted_temperatures_are_counted_where_there_is_one_in_every_chunk(waterworks, chunk_rows):
    data = with_temperatures(["70", "", "68", "66", "", "71", "64"])
    report = waterworks.take(data, "electricity/a.csv", chunk_rows=chunk_rows)
    assert report.cells_dropped == {"temperature_c: suspected_fahrenheit": 5}
    assert report.rows_stored == 7


@pytest.mark.parametrize("chunk_rows", [2, 100_000])
def test_unreadable_and_impossible_temperatures_are_counted_one_by_one(waterworks, chunk_rows):
    data = with_temperatures(["7", "mild", "-95", "-91", "cold", "8", "fine"], "Temperature (°C)")
    report = waterworks.take(data, "electricity/a.csv", chunk_rows=chunk_rows)
    assert report.cells_dropped == {
        "temperature_c: not_a_number": 3,
        "temperature_c: out_of_range": 2,
    }


def test_faulty_cells_of_a_sensor_do_not_make_honest_temperatures_fahrenheit(waterworks):
    data = with_temperatures(["7", "9999", "8", "9", "12", "11", "10"])
    report = waterworks.take(data, "electricity/a.csv")
    assert report.cells_dropped == {"temperature_c: out_of_range": 1}
    assert waterworks.values("temperature_c")["2026-05-01 02:00"] == 8.0


def test_a_refused_row_stays_resolved_by_the_file_that_mended_it_first(world):
    rows = rows_of(count=8)
    rows[3][5] = "much"
    world.take(text(rows))
    first = world.arrive(text(rows_of(count=8)))
    world.ingest(first)
    assert world.quarantine()["resolved_by"].tolist() == [first.file_id]
    world.take(text(rows_of(count=9)))
    assert world.quarantine()["resolved_by"].tolist() == [first.file_id]


def test_a_refused_reading_with_a_stated_offset_is_resolved_by_its_instant(world):
    rows = [[*row[:4], f"{row[4]}+01:00", *row[5:]] for row in rows_of(count=8)]
    broken = [list(row) for row in rows]
    broken[3][5] = "much"
    world.take(text(broken))
    mended = world.arrive(text(rows))
    world.ingest(mended)
    assert world.quarantine()["resolved_by"].tolist() == [mended.file_id]


@pytest.mark.parametrize("label", ["start", "end"])
def test_a_refused_interval_is_resolved_by_its_stored_instant_whatever_its_label(world, label):
    world.options = {"label": label}
    broken = rows_of(count=8)
    broken[3][5] = "much"
    world.take(text(broken))
    mended = world.arrive(text(rows_of(count=8)[:5]))
    world.ingest(mended)
    assert world.quarantine()["resolved_by"].tolist() == [mended.file_id]


def test_each_row_is_converted_from_the_unit_that_it_names(waterworks):
    rows = [
        f"{row},{unit}"
        for row, unit in zip(hours([1, 2, 3, 4]), ["kWh", "Wh", "MWh", "m3"], strict=True)
    ]
    report = waterworks.take(table("DateTime,Consumption,Unit", *rows), "electricity/a.csv")
    assert list(waterworks.values().values()) == [1.0, 0.002, 3_000.0]
    assert waterworks.reasons() == {5: "unknown_unit"}
    assert report.rows_stored == 3


def test_a_row_that_contradicts_the_unit_of_its_header_is_refused(waterworks):
    rows = [f"{row},{unit}" for row, unit in zip(hours([1, 2]), ["kWh", "Wh"], strict=True)]
    waterworks.take(table("DateTime,Consumption (kWh),Unit", *rows), "electricity/a.csv")
    assert waterworks.reasons() == {3: "contradicting_unit"}


def test_a_row_of_units_is_no_reading_and_its_units_count(waterworks):
    data = table("DateTime,Consumption", ",Wh", *hours([1_500, 2_500, 0]))
    report = waterworks.take(data, "electricity/a.csv")
    assert list(waterworks.values().values()) == [1.5, 2.5, 0.0]
    assert (report.rows_in, report.rows_quarantined) == (3, 0)


def test_five_steps_of_seven_minutes_do_not_show_an_interval_that_is_none(waterworks):
    data = table("DateTime,Consumption (kWh)", *hours([1] * 6, freq="7min"))
    assert waterworks.take(data, "electricity/a.csv").rows_stored == 6


def test_six_steps_of_seven_minutes_show_an_interval_that_is_none(waterworks):
    data = table("DateTime,Consumption (kWh)", *hours([1] * 7, freq="7min"))
    with pytest.raises(UnsupportedIntervalError):
        waterworks.take(data, "electricity/a.csv")
