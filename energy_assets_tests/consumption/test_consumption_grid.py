"""Stored points as hours and local days: versions, gaps, clock changes, registers."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from energy_assets.consumption.consumption_grid import frame_of, meter_histories, series_of_frame
from energy_assets.consumption.consumption_records import known_meters, stored_points
from energy_assets.consumption.file_errors import MeterKeyError
from energy_assets.consumption.meter_keys import (
    meter_id_of,
    meter_key,
    meter_type_of,
    parsed_meter_key,
)
from energy_assets_tests.consumption.files import hours, table
from resources.partition_files import frame_of_parquet, parquet_of_frame

EARLY, LATE = pd.Timestamp("2026-05-02T00:00Z"), pd.Timestamp("2026-05-03T00:00Z")


def points_of(times, values, *, meter="a", register=False, version=1, known_at=EARLY, warmth=None):
    at = pd.DatetimeIndex(times, tz="UTC").as_unit("ms")
    nothing = np.full(len(at), np.nan)
    numbers = np.array(values, dtype=float)
    return pd.DataFrame(
        {
            "meter_type": pd.Series(["water"] * len(at), dtype="str"),
            "meter_id": pd.Series([meter] * len(at), dtype="str"),
            "timestamp": at,
            "version": pd.array([version] * len(at), dtype="Int64"),
            "consumption": nothing if register else numbers,
            "register": numbers if register else nothing,
            "temperature_c": nothing if warmth is None else np.array(warmth, dtype=float),
            "known_at": pd.DatetimeIndex([known_at] * len(at)),
        }
    )


def gridded(points, *, zone="UTC", minutes=None, register=None, known_at=None):
    """The only meter of these points."""
    meters = pd.DataFrame(
        {
            "meter_type": ["water"],
            "meter_id": ["a"],
            "interval_minutes": pd.array([minutes], dtype="Int64"),
            "is_register": pd.array([register], dtype="boolean"),
        }
    )
    zones = {"water/a": (zone, None)}
    found = list(meter_histories(points, meters, zones=zones, known_at=known_at))
    return found[0] if found else None


def told(meter):
    """Start, consumption and reason of each interval."""
    local = meter.history.starts.tz_convert(meter.history.zone)
    return list(
        zip(
            local.strftime("%m-%d %H:%M"),
            [None if np.isnan(v) else round(v, 6) for v in meter.history.values],
            map(str, meter.reason),
            strict=True,
        )
    )


def test_hours_stay_hours_and_a_missing_one_is_a_gap():
    times = ["2026-05-01 00:00", "2026-05-01 01:00", "2026-05-01 03:00"]
    assert told(gridded(points_of(times, [1, 0, 2.5]))) == [
        ("05-01 00:00", 1.0, "ok"), ("05-01 01:00", 0.0, "ok"),
        ("05-01 02:00", None, "gap"), ("05-01 03:00", 2.5, "ok"),
    ]  # fmt: skip


def test_parts_of_an_hour_are_summed_and_an_hour_is_known_only_when_all_are():
    times = pd.date_range("2026-05-01 00:00", periods=12, freq="15min").delete(6)
    warmth = [10, 12, 14, np.nan, *[20] * 7]
    meter = gridded(points_of(times, [1, 2, 3, 4, *[1] * 7], warmth=warmth))
    assert told(meter) == [
        ("05-01 00:00", 10.0, "ok"), ("05-01 01:00", None, "partial"), ("05-01 02:00", 4.0, "ok")
    ]  # fmt: skip
    assert meter.temperature_c.tolist() == [12.0, 20.0, 20.0]


def test_the_hours_of_a_half_hour_zone_are_those_of_its_clocks():
    # 18:30 UTC is midnight in Colombo; the hours that began before and end after are not whole.
    times = pd.date_range("2026-04-30 18:15", periods=10, freq="15min")
    meter = gridded(points_of(times, range(10)), zone="Asia/Colombo")
    assert told(meter) == [("05-01 00:00", 1 + 2 + 3 + 4.0, "ok"), ("05-01 01:00", 26.0, "ok")]
    assert meter.history.interval_minutes == 60


def test_five_minutes_and_six_hours_are_found_without_being_told():
    five = points_of(pd.date_range("2026-05-01", periods=24, freq="5min"), [1] * 24)
    assert told(gridded(five)) == [("05-01 00:00", 12.0, "ok"), ("05-01 01:00", 12.0, "ok")]
    six = gridded(points_of(pd.date_range("2026-05-01", periods=4, freq="6h"), [1, 2, 3, 4]))
    assert six.history.interval_minutes == 360
    assert six.history.values.tolist() == [1, 2, 3, 4]


def test_days_are_local_days_of_twenty_three_to_twenty_five_hours():
    for day, lengths in (("2026-03-28", [24, 23, 24]), ("2025-10-25", [24, 25, 24])):
        local = pd.date_range(day, periods=4, freq="D", tz="Europe/Madrid")
        kept = local.delete(1)
        meter = gridded(
            points_of(kept.tz_convert("UTC").tz_localize(None), [1, 3, 4]),
            zone="Europe/Madrid",
            minutes=1440,
        )
        assert meter.history.starts.equals(local.tz_convert("UTC"))
        assert told(meter)[1][1:] == (None, "gap")
        hours_long = np.diff(meter.history.starts) / np.timedelta64(1, "h")
        assert hours_long.tolist() == lengths
        assert meter.history.is_daily


def test_days_in_standard_time_count_for_the_local_day_that_they_nearly_are():
    # A logger that never changes its clock: midnight CET is 01:00 in summer.
    times = pd.date_range("2026-06-30 23:00", periods=3, freq="D")
    meter = gridded(points_of(times, [1, 2, 3]), zone="Europe/Madrid", minutes=1440)
    assert told(meter) == [
        ("07-01 00:00", 1.0, "ok"), ("07-02 00:00", 2.0, "ok"), ("07-03 00:00", 3.0, "ok")
    ]  # fmt: skip


def test_the_newest_version_counts_and_what_was_known_then_can_be_asked_for():
    times = ["2026-05-01 00:00", "2026-05-01 01:00"]
    corrected = points_of(times[1:], [5], version=2, known_at=LATE)
    points = pd.concat([points_of(times, [1, 2]), corrected], ignore_index=True)
    for order in permutations(range(3)):
        rows = points.iloc[list(order)]
        assert gridded(rows).history.values.tolist() == [1.0, 5.0]
        assert gridded(rows, known_at=EARLY).history.values.tolist() == [1.0, 2.0]
    assert gridded(points, known_at=EARLY - pd.Timedelta(hours=1)) is None


def test_a_register_read_at_odd_minutes_becomes_hours():
    # From 00:30 to 01:30 it rises by 10, then by 30: the hour from one is half of each.
    times = ["2026-05-01 00:30", "2026-05-01 01:30", "2026-05-01 02:30"]
    meter = gridded(points_of(times, [100, 110, 140], register=True))
    assert told(meter) == [("05-01 01:00", 20.0, "ok")]


def test_consumption_over_three_hours_is_shared_out_and_over_more_it_is_not():
    times = ["2026-05-01 00:00", "2026-05-01 01:00", "2026-05-01 04:00", "2026-05-01 05:00",
             "2026-05-01 08:30", "2026-05-01 10:00"]  # fmt: skip
    meter = gridded(points_of(times, [0, 1, 7, 8, 15, 18], register=True), register=True)
    assert told(meter) == [
        ("05-01 00:00", 1.0, "ok"), ("05-01 01:00", 2.0, "spread"),
        ("05-01 02:00", 2.0, "spread"), ("05-01 03:00", 2.0, "spread"),
        ("05-01 04:00", 1.0, "ok"), ("05-01 05:00", None, "gap"), ("05-01 06:00", None, "gap"),
        ("05-01 07:00", None, "gap"), ("05-01 08:00", None, "gap"), ("05-01 09:00", 2.0, "ok"),
    ]  # fmt: skip
    (gap,) = meter.gaps
    assert gap.consumption == 7.0
    assert pd.Timestamp(gap.end_ms, unit="ms") == pd.Timestamp("2026-05-01 08:30")


@pytest.mark.parametrize(
    ("levels", "reason", "value"),
    [
        ([500.0, 500.1, 0.02, 0.1], "reset", None),
        ([500.0, 500.1, 248.0, 248.1], "swap", None),
        ([500.0, 500.1, 499.9, 500.0], "reversed", None),
        ([500.0, 500.1, 748.6, 748.7], "swap", None),
        ([999.7, 999.9, 0.2, 0.3], "rollover", 0.3),
    ],
)
def test_falls_and_leaps_of_a_register_are_never_consumption(levels, reason, value):
    times = pd.date_range("2026-05-01", periods=4, freq="h")
    meter = gridded(points_of(times, levels, register=True), register=True)
    assert told(meter)[1] == ("05-01 01:00", value, reason)
    assert told(meter)[0][2] == told(meter)[2][2] == "ok"


def test_what_a_register_counted_is_neither_lost_nor_invented():
    randomness = np.random.default_rng(7)
    seconds = np.cumsum(randomness.integers(600, 9_000, 400))
    times = pd.Timestamp("2026-05-01") + pd.to_timedelta(seconds, unit="s")
    level = np.cumsum(randomness.gamma(1.0, 0.02, 400) * (randomness.random(400) < 0.6))
    history = gridded(points_of(times, level, register=True), register=True).history
    # A second way: look at each second that lies in a whole hour.
    edges = np.arange(seconds[0], seconds[-1] + 1)
    second_by_second = np.interp(edges, seconds, level)
    start = -seconds[0] % 3_600
    whole = second_by_second[start::3_600]
    np.testing.assert_allclose(history.values, np.diff(whole), atol=1e-9)
    assert (history.values >= 0).all()
    assert history.starts[0] == pd.Timestamp(times[0]).ceil("h").tz_localize("UTC")


def test_a_standing_register_is_exactly_zero():
    times = pd.date_range("2026-05-01 00:17:43", periods=50, freq="61min")
    level = np.repeat([0.1 + 0.2, 68.321, 68.4], [10, 20, 20])
    consumption = gridded(points_of(times, level, register=True), register=True).history.values
    assert (consumption[13:28] == 0.0).all()


def test_a_register_read_once_a_day_becomes_local_days():
    times = pd.date_range("2026-05-01 06:00", periods=4, freq="D")
    meter = gridded(points_of(times, [0, 24, 48, 96], register=True), zone="Europe/Madrid")
    # Madrid's midnight is 22:00 UTC, 16 hours after the reading: 8/24 of one, 16/24 of the next.
    assert told(meter) == [("05-02 00:00", 24.0, "ok"), ("05-03 00:00", 8 + 32.0, "ok")]
    assert meter.history.interval_minutes == 1440


@pytest.mark.parametrize("register", [False, True])
def test_meters_with_nothing_to_tell_are_left_out(register):
    assert gridded(points_of([], []), register=register) is None
    one = gridded(points_of(["2026-05-01 00:00"], [1], register=register), register=register)
    assert (one is None) == register
    half = points_of(["2026-05-01 00:00", "2026-05-01 00:30"], [1, 2], register=register)
    assert (gridded(half, register=register) is None) == register


@pytest.mark.parametrize("value", [0.0, 3.5])
def test_a_meter_that_never_changes_is_all_known(value):
    times = pd.date_range("2026-05-01", periods=48, freq="h")
    meter = gridded(points_of(times, [value] * 48))
    assert (meter.history.values == value).all()
    assert set(meter.reason) == {"ok"}


def test_readings_off_the_rhythm_are_left_out():
    times = ["2026-05-01 00:00", "2026-05-01 01:00", "2026-05-01 01:25", "2026-05-01 02:03"]
    assert gridded(points_of(times, [1, 2, 9, 3]), minutes=60).history.values.tolist() == [
        1.0, 2.0, 3.0,
    ]  # fmt: skip


def test_a_meter_without_a_zone_is_named():
    with pytest.raises(KeyError, match="water/a: no time zone"):
        list(meter_histories(points_of(["2026-05-01"], [1]), pd.DataFrame(), zones={}))


def test_a_frame_survives_parquet_with_all_that_a_history_needs():
    times = ["2026-05-01 00:00", "2026-05-01 01:00", "2026-05-01 09:00", "2026-05-01 10:00"]
    meter = gridded(points_of(times, [0, 1, 4, 5], register=True, warmth=[9, 9, 9, 9]))
    frame = frame_of_parquet(parquet_of_frame(frame_of(meter)))
    pd.testing.assert_frame_equal(frame, frame_of(meter), check_freq=False)
    assert frame.attrs["gaps"] == [[1777597200000, 1777626000000, 3.0]]
    history = series_of_frame(frame)
    assert history.starts.equals(meter.history.starts)
    assert (history.key, history.unit, history.zone, history.country) == (
        "water/a",
        "m3",
        "UTC",
        None,
    )
    np.testing.assert_array_equal(history.values, meter.history.values)


def test_stored_points_and_meters_are_read_by_key(waterworks):
    waterworks.take(table("DateTime,Consumption", *hours([1, 2])), "water/x%2Fy.csv")
    waterworks.take(table("DateTime,Consumption", *hours([3])), "electricity/x.csv")
    keys = ["water/x/y", "electricity/x", "water/unknown"]
    points = stored_points(waterworks.series, keys)
    assert points["consumption"].tolist() == [3.0, 1.0, 2.0]
    since = stored_points(waterworks.series, keys, pd.Timestamp("2026-05-01T01:00Z"))
    assert since["consumption"].tolist() == [2.0]
    assert stored_points(waterworks.series, []).empty
    meters = known_meters(waterworks.documents, keys)
    assert sorted(meters["meter_id"]) == ["x", "x/y"]
    assert len(known_meters(waterworks.documents)) == 2
    zones = dict.fromkeys(keys, ("UTC", None))
    found = {m.key: m for m in meter_histories(points, meters, zones=zones)}
    assert found["water/x/y"].history.values.tolist() == [1.0, 2.0]


def test_meter_keys_and_file_names_say_which_meter_is_meant():
    assert parsed_meter_key(meter_key("water", "a/b c")) == ("water", "a/b c")
    for bad in ("gas/a", "water/", "water", "", "/a"):
        with pytest.raises(MeterKeyError):
            parsed_meter_key(bad)
    assert meter_type_of("in/water/2026/a.csv", prefix="in/") == "water"
    names = {"a.csv": "a", "a.b.csv.gz": "a.b", "a%2Fb.xlsx": "a/b", "50%.CSV": "50%", "x": "x"}
    assert {name: meter_id_of(f"raw/{name}") for name in names} == names
