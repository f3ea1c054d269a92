"""Rows of electricity and water files: refused with a reason, repeated, corrected, mended."""

import pandas as pd
import pytest

from energy_assets.contracts.consumption import CONSUMPTION_METERS
from energy_assets_tests.consumption.files import hours, table


def test_each_bad_row_is_refused_with_its_reason_and_all_others_are_stored(waterworks):
    rows = [
        "2026-05-01 00:00,1,20",
        "2026-05-01 01:00,-1,20",
        "2026-05-01 02:00,NaN,20",
        "2026-05-01 03:00,inf,20",
        "2026-05-01 04:00,much,20",
        "2026-05-01 05:00,,20",
        "2026-05-01 06:00,1e300,20",
        "2026-05-01 07:00,1,999",
        "2026-05-01 25:00,1,20",
        "2026-02-30 00:00,1,20",
        "1999-12-31 00:00,1,20",
        "2031-01-01 00:00,1,20",
        "2026-05-01 08:00,1,20,8",
        "2026-05-01 09:00,2,20",
    ]
    report = waterworks.take(table("DateTime,Consumption,Temperature", *rows))
    assert waterworks.reasons() == {
        3: "negative", 4: "not_finite", 5: "not_finite", 6: "not_a_number", 7: "no_consumption",
        8: "out_of_range", 10: "unreadable_time", 11: "unreadable_date",
        12: "implausible_year", 13: "future", 14: "wrong_column_count",
    }  # fmt: skip
    assert waterworks.values() == {
        "2026-05-01 00:00": 1.0, "2026-05-01 07:00": 1.0, "2026-05-01 09:00": 2.0,
    }  # fmt: skip
    assert report.cells_dropped == {"temperature_c: out_of_range": 1}
    assert (report.rows_in, report.rows_accounted) == (14, 14)


def test_rows_that_agree_count_once_and_rows_that_disagree_are_refused(waterworks):
    rows = hours([1, 2, 3])
    report = waterworks.take(
        table("DateTime,Consumption", *rows, rows[0], "2026-05-01 01:00,2.5", rows[1])
    )
    assert (report.rows_stored, report.rows_duplicate, report.rows_quarantined) == (2, 1, 3)
    assert set(waterworks.reasons().values()) == {"conflicting_values"}
    assert waterworks.values() == {"2026-05-01 00:00": 1.0, "2026-05-01 02:00": 3.0}


def test_a_chunk_of_nothing_but_contradictions_is_refused(waterworks):
    rows = ["2026-05-01 00:00,1", "2026-05-01 00:00,2"]
    file = waterworks.arrive(table("DateTime,Consumption", *rows))
    report = waterworks.ingest(file, chunk_rows=3)
    assert (report.rows_stored, report.rows_quarantined) == (0, 2)


def test_a_corrected_value_is_a_new_version_and_the_old_one_stays(waterworks):
    waterworks.take(table("DateTime,Consumption", *hours([1, 2, 3])))
    report = waterworks.take(table("DateTime,Consumption", *hours([1, 5, 3, 4])), "water/x/a.csv")
    assert (report.rows_stored, report.rows_corrected, report.rows_duplicate) == (2, 1, 2)
    points = waterworks.points()
    second = points[points["timestamp"] == pd.Timestamp("2026-05-01T01:00Z")]
    assert second["version"].tolist() == [1, 2]
    assert second["consumption"].tolist() == [2.0, 5.0]
    assert second["known_at"].is_monotonic_increasing


def test_an_older_file_that_comes_late_changes_nothing(waterworks):
    waterworks.take(table("DateTime,Consumption", *hours([1, 2])))
    old = waterworks.arrive(
        table("DateTime,Consumption", *hours([9, 2, 3])), "water/x/a.csv", after_hours=-50
    )
    report = waterworks.ingest(old)
    assert (report.rows_stored, report.rows_superseded, report.rows_duplicate) == (1, 1, 1)
    assert list(waterworks.values().values()) == [1.0, 2.0, 3.0]


def test_a_file_of_two_meter_types_shares_no_points(waterworks):
    data = table("DateTime,Consumption", *hours([1, 2]))
    waterworks.take(data, "water/a.csv")
    report = waterworks.take(data, "electricity/a.csv")
    assert (report.rows_stored, report.rows_duplicate) == (2, 0)
    assert len(waterworks.meters()) == 2


def test_the_same_file_again_changes_nothing_and_gives_the_same_report(waterworks):
    file = waterworks.arrive(table("DateTime,Consumption", *hours([1, "bad", 3])))
    first = waterworks.ingest(file)
    before = waterworks.everything()
    assert waterworks.ingest(file) == first
    assert waterworks.everything() == before


def test_a_meter_keeps_its_location_and_its_whole_period(waterworks):
    waterworks.take(table("DateTime,Consumption", *hours([1] * 30)))
    where = pd.DataFrame({"meter_type": ["water"], "meter_id": ["a"], "location": ["Kandy"]})
    waterworks.documents.upsert(CONSUMPTION_METERS, where)
    waterworks.take(
        table("DateTime,Consumption", *hours([2, 2], "2026-04-01 00:00", "6h")), "water/x/a.csv"
    )
    late = hours([1] * 30, "2026-05-10 00:00")
    waterworks.take(table("DateTime,Consumption", *late), "water/y/a.csv")
    (meter,) = waterworks.meters().to_dict("records")
    assert (meter["location"], meter["interval_minutes"]) == ("Kandy", 60)
    assert meter["first_timestamp"] == pd.Timestamp("2026-04-01T00:00Z")
    assert meter["last_timestamp"] == pd.Timestamp("2026-05-11T05:00Z")


@pytest.mark.parametrize("value", [0, 7.5])
def test_a_meter_that_never_changes_is_stored(waterworks, value):
    report = waterworks.take(table("DateTime,Consumption", *hours([value] * 48)))
    assert report.rows_stored == 48
    assert set(waterworks.values().values()) == {float(value)}


def test_a_file_without_a_single_value_is_refused_row_by_row(waterworks):
    report = waterworks.take(table("DateTime,Consumption", *hours([""] * 5)))
    assert (report.rows_in, report.rows_quarantined, report.rows_stored) == (5, 5, 0)
    assert report.meters == () and report.first_timestamp is None
    assert waterworks.meters().empty


def test_a_single_row_is_stored_without_an_interval(waterworks):
    report = waterworks.take(table("DateTime,Consumption", *hours([4])))
    assert report.rows_stored == 1
    assert report.interval_minutes == {"water/a": None}


def test_the_hour_that_comes_twice_is_kept_twice_and_the_skipped_one_refused(waterworks):
    waterworks.clock = "local:Europe/Madrid"
    autumn = ["00:00,1", "01:00,2", "02:00,3", "02:00,4", "03:00,5"]
    waterworks.take(table("DateTime,Consumption", *(f"2025-10-26 {row}" for row in autumn)))
    assert waterworks.values() == {
        "2025-10-25 22:00": 1.0, "2025-10-25 23:00": 2.0, "2025-10-26 00:00": 3.0,
        "2025-10-26 01:00": 4.0, "2025-10-26 02:00": 5.0,
    }  # fmt: skip
    spring = table("DateTime,Consumption", "2026-03-29 01:00,1", "2026-03-29 02:00,2")
    waterworks.take(spring, "water/b.csv")
    assert list(waterworks.reasons().values()) == ["nonexistent_local_time"]


def test_a_refused_row_that_was_mended_is_stored_under_its_meter_and_resolved(waterworks):
    data = table("Date;Time;Consumption (l)", "2026-05-01;00:00;1000", "2026-05-01;01:00;oops")
    file = waterworks.arrive(data, "water/home%2F7.csv")
    waterworks.ingest(file)
    (key,) = [info.key for info in waterworks.objects.list("quarantine/")]
    mended = waterworks.objects.get(key).replace(b"oops", b"2500")
    assert b"home/7" in mended
    report = waterworks.take(mended, "water/mended rows.csv")
    assert report.meters == ("water/home/7",)
    assert waterworks.values() == {"2026-05-01 00:00": 1.0, "2026-05-01 01:00": 2.5}
    (row,) = waterworks.everything()["quarantined_readings"]
    assert row["resolved_by"].startswith("raw/consumption/water/mended rows.csv@")


def test_a_later_version_of_the_file_resolves_its_refused_rows(waterworks):
    waterworks.take(table("DateTime,Consumption", "2026-05-01 00:00,1", "2026-05-01 01:00,x"))
    waterworks.take(table("DateTime,Consumption", "2026-05-01 00:00,1", "2026-05-01 01:00,2"))
    (row,) = waterworks.everything()["quarantined_readings"]
    assert row["resolved_by"].startswith("raw/consumption/water/a.csv@")


def test_a_file_is_stored_in_chunks_without_losing_a_row(waterworks):
    rows = [f"m{i % 3},{row}" for i, row in enumerate(hours(list(range(30)), freq="20min"))]
    file = waterworks.arrive(table("Meter,DateTime,Consumption", *rows))
    report = waterworks.ingest(file, chunk_rows=4)
    assert (report.rows_in, report.rows_stored) == (30, 30)
    assert report.meters == ("water/m0", "water/m1", "water/m2")
    assert sorted(waterworks.points()["consumption"]) == [float(i) for i in range(30)]
