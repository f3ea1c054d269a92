"""Refused rows are resolved by their own instant alone, and a first row is a reading or units."""

import pytest

from energy_assets.contracts.meter_files import QUARANTINE
from energy_assets_tests.consumption.files import hours, table, waterworks_at
from energy_assets_tests.intake.exports import rows_of, text

HEADER = "DateTime,Consumption (kWh)"


@pytest.fixture
def waterworks(tmp_path):
    world = waterworks_at(str(tmp_path))
    yield world
    world.close()


def broken_rows(place=3):
    rows = rows_of(count=8)
    rows[place][5] = "much"
    return rows


@pytest.mark.parametrize("label", ["start", "end"])
@pytest.mark.parametrize(("kept", "resolved"), [(slice(3, 8), True), (slice(4, 8), False)])
def test_a_refused_reading_is_resolved_by_its_own_instant(world, label, kept, resolved):
    world.options = {"label": label}
    world.take(text(broken_rows()))
    world.take(text(rows_of(count=8)[kept]))
    assert world.quarantine()["resolved_by"].notna().tolist() == [resolved]


@pytest.mark.parametrize(("kept", "resolved"), [(slice(3, 8), True), (slice(4, 8), False)])
def test_a_refused_hour_labelled_by_its_end_is_resolved_by_that_hour(waterworks, kept, resolved):
    waterworks.rules = {"label": "end"}
    rows = hours([1] * 8)
    broken = [*rows[:3], rows[3].replace(",1", ",much"), *rows[4:]]
    waterworks.take(table(HEADER, *broken), "electricity/a.csv")
    waterworks.take(table(HEADER, *rows[kept]), "electricity/a.csv")
    found = waterworks.documents.read(QUARANTINE)
    assert found["resolved_by"].notna().tolist() == [resolved]


@pytest.mark.parametrize(("kept", "resolved"), [(slice(3, 8), True), (slice(4, 8), False)])
def test_a_refused_reading_with_an_offset_is_resolved_by_its_own_instant(world, kept, resolved):
    def with_offset(rows):
        return text([[*row[:4], f"{row[4]}+01:00", *row[5:]] for row in rows])

    world.take(with_offset(broken_rows()))
    world.take(with_offset(rows_of(count=8)[kept]))
    assert world.quarantine()["resolved_by"].notna().tolist() == [resolved]


def test_a_first_row_without_a_time_is_a_faulty_reading_and_no_row_of_units(waterworks):
    report = waterworks.take(
        table("DateTime,Consumption", ",1", *hours([2, 3, 4])), "electricity/a.csv"
    )
    assert (report.rows_in, report.rows_stored, report.rows_quarantined) == (4, 3, 1)


def test_a_first_reading_of_text_is_refused_and_sets_no_unit(waterworks):
    first, *others = hours(["MWh", 2, 3, 4])
    report = waterworks.take(table("DateTime,Consumption", first, *others), "electricity/a.csv")
    assert waterworks.reasons() == {2: "not_a_number"}
    assert (report.rows_in, list(waterworks.values().values())) == (4, [2.0, 3.0, 4.0])


def test_mended_rows_that_lie_seven_minutes_apart_are_stored(waterworks):
    rows = [f"x@1,{n},{row}" for n, row in enumerate(hours([1] * 8, freq="7min"), start=2)]
    data = table(f"QUARANTINE_FILE,QUARANTINE_ROW,{HEADER}", *rows)
    assert waterworks.take(data, "electricity/a.csv").rows_stored == 8
