"""Rows of a file are counted where they are kept: a row that is missing there is found."""

import sqlite3
from contextlib import closing

import pytest

from energy_assets.consumption.point_table import stored_points_of
from energy_assets.customer_load.measurement_table import stored_readings
from energy_assets.intake.checks import KeptRows, evaluate_row_balance
from energy_assets_tests.consumption.files import hours, table, waterworks_at
from energy_assets_tests.intake.exports import rows_of, text


def taken(world, *, corrected=False):
    """Eight readings, of which a later file corrects two."""
    rows = rows_of()
    report = world.take(text(rows))
    if corrected:
        for row in rows[2:4]:
            row[5] = f"{float(row[5]) + 0.125:.3f}"
        report = world.take(text(rows), "b.csv")
    return report


def delete(url, statement):
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        assert connection.execute(statement).rowcount == 1


@pytest.mark.parametrize("corrected", [False, True])
def test_a_load_profile_has_as_many_rows_in_the_store_as_its_report_says(world, corrected):
    report = taken(world, corrected=corrected)
    assert stored_readings(world.documents, report) == report.rows_stored == (2 if corrected else 8)


def test_a_reading_that_is_gone_from_the_store_fails_the_balance(world, sqlite_url):
    report = taken(world)
    delete(sqlite_url, "DELETE FROM measurements WHERE import_kwh = 100.5")
    kept = KeptRows(stored=stored_readings(world.documents, report), quarantined=0)
    finding = evaluate_row_balance({"a": report}, {"a": kept})
    assert not finding.passed
    assert finding.offenders == ["a: 8 rows stored, but the store holds 7 of this file"]


def test_a_refused_row_that_is_not_in_quarantine_fails_the_balance(world):
    rows = rows_of()
    rows[3][5] = "much"
    report = world.take(text(rows))
    kept = KeptRows(stored=stored_readings(world.documents, report), quarantined=0)
    finding = evaluate_row_balance({"a": report}, {"a": kept})
    assert finding.offenders == ["a: 1 rows refused, but 0 are in quarantine"]


def test_a_file_of_nothing_but_faults_holds_no_row(world):
    rows = [[*row[:5], "much", "x"] for row in rows_of()]
    report = world.take(text(rows))
    assert stored_readings(world.documents, report) == report.rows_stored == 0


def test_water_points_are_counted_by_file_and_meter(tmp_path):
    world = waterworks_at(str(tmp_path))
    data = table("DateTime,Consumption", *hours(range(1, 31)))
    first = world.take(data)
    second = world.take(table("DateTime,Consumption", *hours([1, 2, 33.5, 4])), "water/x/a.csv")
    assert [stored_points_of(world.series, each) for each in (first, second)] == [30, 1]
    delete(f"sqlite:///{tmp_path}/series.db", "DELETE FROM energy_consumption WHERE version = 2")
    assert stored_points_of(world.series, second) == 0
    world.close()
