"""Times of day, the UTC offsets that they state, and instants of a block."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pyarrow as pa
import pytest

from energy_assets.intake.cells.dates import split_instant
from energy_assets.intake.cells.instants import NO_OFFSET, from_one_column, from_two_columns
from energy_assets.intake.cells.times import (
    ZONE_OFFSETS_MIN,
    hour_number_ms,
    is_span,
    read_time,
    time_of,
)

HOUR_MS = 3_600_000


@pytest.mark.parametrize(
    ("text", "hours"),
    [("9:30 a.m.", 9.5), ("9:30 P.M.", 21.5), ("9:30 p. m.", 21.5), ("9 AM", 9), ("12am", 0),
     ("12 p.m.", 12), ("0:30", 0.5), ("24:00", 24), ("0.25", 6), ("0.75", 18), ("0.5", 12),
     ("0.0", 0), ("0.354166667", 8.5)],
)  # fmt: skip
def test_times_are_read_in_many_spellings(text, hours):
    assert time_of(text) == (hours * HOUR_MS, None, "")


@pytest.mark.parametrize(
    "text",
    ["930", "0930", "0.30", "0.15", "0.00", "1.00", "1.5", "0 AM", "13 PM", "24:30", "24:00:01",
     "9:5", "13:00 h", "13:00 Uhr", "13:00 +2", "13:00+1:00", "13:00+15:00", "13:00+14:01",
     "13:00+01:60", "2025-W27-1", "13:00-"],
)  # fmt: skip
def test_what_could_be_another_time_is_none(text):
    assert time_of(text) == (0, None, "unreadable_time")
    assert read_time(text) is None


@pytest.mark.parametrize(
    ("zone", "minutes"),
    [("Z", 0), (" UTC", 0), (" GMT", 0), ("+02:00", 120), (" +0200", 120), ("+02", 120),
     ("-0330", -210), (" \u221205:00", -300), (" UTC+2", 120), (" GMT-03:30", -210),
     (" UTC +1", 60), ("+14:00", 840),
     (" CET", 60), (" CEST", 120), (" cest", 120), (" (CET)", 60), (" WET", 0),
     (" WEST", 60), (" EET", 120), (" EEST", 180), (" MEZ", 60), (" MESZ", 120),
     ("+02:00[Europe/Berlin]", 120), ("Z[UTC]", 0)],
)  # fmt: skip
def test_a_zone_that_means_one_offset_is_understood(zone, minutes):
    assert time_of(f"13:15{zone}") == (13.25 * HOUR_MS, minutes, "")
    assert time_of(f"1:15:00 PM {zone.strip()}") == (13.25 * HOUR_MS, minutes, "")


@pytest.mark.parametrize(
    "zone",
    ["BST", "IST", "CST", "CDT", "EST", "EDT", "PST", "PDT", "MST", "AST", "XYZ", "A", "est",
     "Europe/London", "America/New_York", "AMT"],
)  # fmt: skip
def test_a_zone_of_several_offsets_is_refused_by_name(zone):
    assert time_of(f"13:00 {zone}") == (0, None, "unknown_zone")
    assert read_time(f"13:00 {zone}") is None


def test_each_abbreviation_means_one_offset_wherever_clocks_show_it():
    seen = {name: set() for name in ZONE_OFFSETS_MIN}
    for key in available_timezones() - {"localtime"}:
        zone = ZoneInfo(key)
        for months in range(12 * 26):
            at = datetime(2000 + months // 12, months % 12 + 1, 1, tzinfo=UTC).astimezone(zone)
            if at.tzname() in seen:
                seen[at.tzname()].add(at.utcoffset() // timedelta(minutes=1))
    # Z, UT and the German names stand in no time zone table.
    assert {name for name, found in seen.items() if not found} == {"Z", "UT", "MEZ", "MESZ"}
    assert all(found <= {ZONE_OFFSETS_MIN[name]} for name, found in seen.items())


@pytest.mark.parametrize(
    ("text", "hours"),
    [("1", 1), ("24", 24), ("0", 0), ("07", 7), ("7.0", 7), ("HE07", 7), ("HE 7", 7), ("he24", 24),
     ("Hour 3", 3), ("H23", 23), (" 12 ", 12)],
)  # fmt: skip
def test_hours_are_numbered(text, hours):
    assert hour_number_ms(text) == hours * HOUR_MS


@pytest.mark.parametrize("text", ["25", "-1", "1.5", "7:00", "", "HE", "100", "H", "7h", "0100"])
def test_what_numbers_no_hour(text):
    assert hour_number_ms(text) is None


@pytest.mark.parametrize(
    ("text", "date_text", "time_text"),
    [
        ("May 1, 2026 13:00", "May 1, 2026", "13:00"), ("1 May 2026 1:00 PM", "1 May 2026",
        "1:00 PM"), ("01-May-26 13:00 CEST", "01-May-26", "13:00 CEST"),
        ("2026-May-01T13:00", "2026-May-01", "13:00"), ("May 1, 2026, 13:00", "May 1, 2026",
        "13:00"), ("01-OCT-2025T13:00", "01-OCT-2025", "13:00"), ("1 August 2026", "1 August 2026",
        ""), ("01/05/2026, 13:00:00", "01/05/2026", "13:00:00"), ("1/5/26 13:00", "1/5/26",
        "13:00"), ("20260501T13:00", "20260501", "13:00"), ("20260501 13:00", "20260501", "13:00"),
        ("45838.50", "45838", "0.5"), ("45838.00", "45838", "0.0"), ("45838", "45838", "0.0"),
        ("1 May 13:00", "1", "May 13:00"),
    ],
)  # fmt: skip
def test_date_and_time_are_split_whatever_the_spelling(text, date_text, time_text):
    assert split_instant(text) == (date_text, time_text)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("1751253300", "2025-06-30 03:15:00"), ("1751253300000", "2025-06-30 03:15:00"),
        ("1751253300.25", "2025-06-30 03:15:00.250"), ("1751253300250", "2025-06-30 03:15:00.250"),
        ("1000000000", "2001-09-09 01:46:40"), ("4102444799", "2099-12-31 23:59:59"),
    ],
)  # fmt: skip
def test_seconds_and_milliseconds_since_1970_are_instants_in_utc(text, instant):
    wall = from_one_column(pa.array([text]).dictionary_encode(), order=None)
    assert wall.wall_ms[0] == round(datetime.fromisoformat(f"{instant}Z").timestamp() * 1_000)
    assert wall.offset_min.tolist() == [0] and not wall.date_faults and not wall.time_faults


@pytest.mark.parametrize(
    "text",
    ["1.75125E+12", "2025063009", "2025063024", "4102444800", "9999999999", "0946684799",
     "175125330", "17512533000", "175125330000", "17512533000000", "-1751253300"],
)  # fmt: skip
def test_other_numbers_are_no_instants(text):
    wall = from_one_column(pa.array([text]).dictionary_encode(), order=None, bare_dates=True)
    assert wall.date_faults == {0: "unreadable_date"}


def test_each_row_of_a_block_is_read_in_its_own_order():
    texts = ["03/04/2025 06:00", "03/04/2025 06:00", "03/04/2025 06:00", "25/04/2025 06:00",
             "25/04/2025 06:00", None]  # fmt: skip
    orders = np.array([0, 1, 2, 1, 2, 1], dtype=np.int8)
    wall = from_one_column(pa.array(texts).dictionary_encode(), order=orders)
    assert wall.date_faults == {0: "ambiguous_date", 4: "mixed_date_order", 5: "unreadable_date"}
    days = wall.wall_ms.astype("datetime64[ms]").astype("datetime64[D]").astype(str)
    assert days[[1, 2, 3]].tolist() == ["2025-04-03", "2025-03-04", "2025-04-25"]
    dates = pa.array(["03/04/2025"] * 3).dictionary_encode()
    times = pa.array(["06:00", "07:00 EST", "25:00"]).dictionary_encode()
    two = from_two_columns(dates, times, order=orders[:3][::-1])
    assert two.date_faults == {2: "ambiguous_date"}
    assert two.time_faults == {1: "unknown_zone", 2: "unreadable_time"}
    assert two.wall_ms[0] == datetime(2025, 3, 4, 6, tzinfo=UTC).timestamp() * 1_000
    assert two.offset_min.tolist() == [NO_OFFSET] * 3


def spans(minutes, count):
    clock = [f"{m // 60 % 24:02d}:{m % 60:02d}" for m in range(0, minutes * (count + 1), minutes)]
    return [f"{start}-{end}" for start, end in pairwise(clock)]


@pytest.mark.parametrize(("minutes", "count"), [(60, 24), (30, 48), (15, 3), (60, 1)])
def test_the_start_and_end_of_an_interval_are_no_time_with_an_offset(minutes, count):
    texts = spans(minutes, count)
    assert all(map(is_span, texts))
    dates = pa.array(["2025-06-30"] * count).dictionary_encode()
    wall = from_two_columns(dates, pa.array(texts).dictionary_encode(), order=None)
    assert wall.time_faults == dict.fromkeys(range(count), "unreadable_time")


@pytest.mark.parametrize("offset", ["-06:00", "-03:30", "-05:00"])
def test_one_time_a_day_at_a_negative_offset_only_looks_like_an_interval(offset):
    texts = [f"{hour:02d}:00{offset}" for hour in range(24)]
    dates = pa.array(["2025-06-30"] * 24).dictionary_encode()
    wall = from_two_columns(dates, pa.array(texts).dictionary_encode(), order=None)
    assert not wall.time_faults and len(set(wall.offset_min.tolist())) == 1
