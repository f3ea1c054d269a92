"""Thresholds of the rules for files: the last value that passes, the first that does not."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from energy_assets.consumption.file_kind import meter_name
from energy_assets.intake.checks import KeptRows, evaluate_quarantine_share, evaluate_row_balance
from energy_assets.intake.errors import OverwritingFileError
from energy_assets.intake.timing import Period, Trend
from energy_assets.intake.units import UNITS
from energy_assets_tests.intake.exports import rows_of, text

# The first file of a world arrives at 01:00 UTC, when its meters' clocks show 06:30.
ARRIVAL = datetime(2026, 5, 1, 6, 30)  # noqa: DTZ001 - a meter's wall clock


@pytest.mark.parametrize(
    ("unit", "value", "stored"),
    [
        # Per second, minute, hour: 0.001 m3 times 3600, 60, 1.
        ("l/s", 1.0, 3.6),
        ("lpm", 50.0, 3.0),
        ("gpm", 1.0, 60 * 231 * 16.387064e-6),
        ("hl", 1.0, 0.1),
        ("ccf", 1.0, 100 * 1728 * 16.387064e-6),
        # 1 kWh is 3.6 MJ.
        ("mj", 3.6, 1.0),
        ("gj", 3.6, 1_000.0),
    ],
)
def test_a_unit_becomes_the_stored_one_by_its_definition(unit, value, stored):
    found = UNITS[unit].converted(np.array([value]), to=UNITS[unit].quantity)
    assert found[0] == pytest.approx(stored, rel=1e-12)


@pytest.mark.parametrize(("ahead_s", "kept"), [(15 * 60, 1), (15 * 60 + 1, 0)])
def test_a_meter_may_be_a_quarter_hour_ahead_of_the_store_and_no_second_more(world, ahead_s, kept):
    rows = rows_of(start=ARRIVAL + timedelta(seconds=ahead_s), count=1)
    report = world.take(text(rows))
    assert (report.rows_stored, report.rows_quarantined) == (kept, 1 - kept)


def file_with_corrections(count, corrected):
    rows = rows_of(count=count)
    for row in rows[:corrected]:
        row[5] = f"{float(row[5]) + 0.01:.3f}"
    return text(rows)


@pytest.mark.parametrize(("count", "corrected"), [(23, 23), (48, 24)])
def test_a_file_may_correct_half_of_a_meter_or_twenty_three_readings(world, count, corrected):
    world.take(text(rows_of(count=count)), "a.csv")
    report = world.take(file_with_corrections(count, corrected), "b.csv")
    assert report.rows_corrected == corrected


@pytest.mark.parametrize(("count", "corrected"), [(24, 24), (49, 25)])
def test_a_file_that_corrects_more_than_half_of_a_meter_is_another_meter(world, count, corrected):
    world.take(text(rows_of(count=count)), "a.csv")
    with pytest.raises(OverwritingFileError):
        world.take(file_with_corrections(count, corrected), "b.csv")


@pytest.mark.parametrize("name", ["a.csv", "site 1/a b.csv", "50%.csv"])
def test_a_later_content_of_the_same_object_may_correct_every_reading(world, name):
    world.take(text(rows_of(count=30)), name)
    report = world.take(file_with_corrections(30, 30), name)
    assert report.rows_corrected == 30


def test_an_older_file_that_comes_late_is_superseded_and_not_refused_as_another_meter(world):
    early = world.arrive(file_with_corrections(30, 30), "early.csv")
    world.take(text(rows_of(count=30)), "late.csv")
    report = world.ingest(early)
    assert (report.rows_stored, report.rows_superseded) == (0, 30)


def test_a_file_that_names_what_it_replaces_may_correct_every_reading(world):
    world.take(text(rows_of(count=30)), "a.csv")
    data = b"# Replaces: raw/load_profiles/a.csv\n" + file_with_corrections(30, 30)
    assert world.take(data, "b.csv").rows_corrected == 30


def test_mended_rows_may_contradict_whatever_is_stored(world):
    world.take(text(rows_of(count=30)), "a.csv")
    header = "QUARANTINE_FILE,QUARANTINE_ROW,"
    lines = file_with_corrections(30, 30).decode().splitlines()
    mended = [header + lines[0], *(f"raw/load_profiles/x.csv@1,2,{line}" for line in lines[1:])]
    assert world.take("\n".join(mended).encode(), "b.csv").rows_corrected == 30


def test_a_row_of_totals_is_left_out_and_is_no_row(world):
    data = text(rows_of(count=8)) + b"Total,,,,,801.750,8.000\n"
    report = world.take(data)
    assert (report.rows_in, report.rows_stored, report.rows_quarantined) == (8, 8, 0)
    assert report.left_out == {"total": 1}


def test_a_register_may_fall_once_in_twenty_steps_and_not_twice_in_thirty_nine():
    assert not Trend(falls=1, rises=19).is_no_register
    assert not Trend(falls=10, rises=9).is_no_register
    assert Trend(falls=2, rises=37).is_no_register


def test_two_periods_that_share_one_instant_meet():
    first, second = Period(first_ms=0, last_ms=10), Period(first_ms=10, last_ms=20)
    assert first.meets(second) and second.meets(first)
    assert not first.meets(Period(first_ms=11, last_ms=20))


def test_a_meter_may_have_a_name_of_two_hundred_and_fifty_characters():
    assert meter_name("m" * 250) == ("m" * 250, "")
    assert meter_name("m" * 251) == ("", "overlong")


@pytest.mark.parametrize(("faulty", "passed"), [(1, True), (2, False)])
def test_one_row_in_twenty_may_be_refused(world, faulty, passed):
    rows = rows_of(count=20)
    for row in rows[:faulty]:
        row[5] = "much"
    finding = evaluate_quarantine_share({"a": world.take(text(rows))}, {})
    assert finding.passed is passed


@pytest.mark.parametrize(
    "kept", [KeptRows(stored=9, quarantined=0), KeptRows(stored=8, quarantined=1)]
)
def test_a_row_too_many_in_the_stores_fails_the_balance(world, kept):
    report = world.take(text(rows_of(count=8)))
    assert not evaluate_row_balance({"a": report}, {"a": kept}).passed
