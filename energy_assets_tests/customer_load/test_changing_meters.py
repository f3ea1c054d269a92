"""Features of customers whose meters change: the interval, the meter itself, a broken power."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from energy_assets.contracts.customers import METERS
from energy_assets.contracts.readings import MEASUREMENTS
from energy_assets.customer_load.features import customer_features, series_of
from energy_assets_tests.intake.exports import rows_of, text, world_at

DAY = pd.Timedelta(days=1)
START = pd.Timestamp("2025-06-01", tz="UTC")


def readings_at(times, *, serial="1", rate_kw=2.0, power_only=False, start_kwh=100.0):
    """A meter that is used evenly: the register rises by the rate, the power shows it."""
    times = pd.DatetimeIndex(times).as_unit("ms")
    rows = pd.DataFrame(dict.fromkeys(MEASUREMENTS.names, np.nan), index=range(len(times)))
    rows = rows.astype({"customer_ref": object, "serial": object, "timestamp": object})
    rows["timestamp"], rows["serial"], rows["customer_ref"] = times, serial, "900"
    hours = (times - START) / pd.Timedelta(hours=1)
    rows["import_kwh"] = np.nan if power_only else start_kwh + rate_kw * hours
    rows["avg_import_kw"] = rate_kw if power_only else np.nan
    return rows


def times_of(*stretches, start=START):
    """Instants of stretches of (days, minutes), one after the other."""
    found = []
    for days, minutes in stretches:
        end = start + days * DAY
        found += pd.date_range(start, end, freq=f"{minutes}min", inclusive="left").tolist()
        start = end
    return pd.DatetimeIndex(found)


def features_of(readings, **intervals):
    meters = pd.DataFrame(
        {"serial": list(intervals), "interval_minutes": list(intervals.values())}
    ).astype({"serial": "str", "interval_minutes": "Int64"})
    return customer_features(readings, meters=meters, zone="UTC")


@pytest.mark.parametrize("power_only", [False, True])
@pytest.mark.parametrize("thin", [30, 60])
@pytest.mark.parametrize("place", [0, 12, 29])
def test_one_thin_day_leaves_a_month_of_quarter_hours_as_it_is(place, thin, power_only):
    times = times_of((place, 15), (1, thin), (29 - place, 15))
    features = features_of(readings_at(times, power_only=power_only), **{"1": thin})

    assert features.attrs["interval_minutes"] == 15
    day = pd.DatetimeIndex(features.index).normalize()
    odd = START + place * DAY
    energy = features["import_kwh"]
    assert energy[(day != odd) & (features.index >= START + pd.Timedelta("1h"))].notna().all()
    assert set(energy[day != odd].dropna().round(9)) == {0.5}


@pytest.mark.parametrize("power_only", [False, True])
def test_quarter_hours_from_before_a_change_to_hours_are_added_up(power_only):
    readings = readings_at(times_of((20, 15), (20, 60)), power_only=power_only)
    features = features_of(readings, **{"1": 15})

    assert features.attrs["interval_minutes"] == 60
    energy = features["import_kwh"]
    assert len(energy) == 40 * 24
    assert energy.iloc[1:].tolist() == pytest.approx([2.0] * (40 * 24 - 1))
    assert series_of(features).interval_minutes == 60


@pytest.mark.parametrize("power_only", [False, True])
@pytest.mark.parametrize(("before", "after"), [(60, 15), (60, 30), (30, 15)])
def test_hours_from_before_a_change_to_quarter_hours_are_unknown_and_say_why(
    before, after, power_only
):
    times = times_of((20, before), (20, after))
    features = features_of(readings_at(times, power_only=power_only), **{"1": before})

    assert features.attrs["interval_minutes"] == after
    ends = features.index + pd.Timedelta(minutes=after)
    old = ends <= START + 20 * DAY - pd.Timedelta(minutes=before)
    assert features.loc[old, "import_kwh"].isna().all()
    assert set(features.loc[old, "reason"]) == {"coarse"}
    new = features.loc[ends > START + 20 * DAY, "import_kwh"]
    assert new.notna().all()
    assert set(new.round(9)) == {2.0 * after / 60}


def test_an_odd_day_of_quarter_hours_in_a_month_of_hours_is_added_up():
    readings = readings_at(times_of((10, 60), (1, 15), (19, 60)), power_only=True)
    # A reading shows the time before it. Three quarters of 1 kW and one of 5 kW are 2 kWh.
    odd = (readings["timestamp"] > START + 10 * DAY) & (readings["timestamp"] <= START + 11 * DAY)
    readings.loc[odd, "avg_import_kw"] = [1.0, 1.0, 1.0, 5.0] * 24
    features = features_of(readings)

    assert features.attrs["interval_minutes"] == 60
    energy = features["import_kwh"]
    assert energy.notna().all()
    assert energy.tolist() == pytest.approx([2.0] * len(energy))


def test_the_hours_of_a_meter_begin_where_its_newest_readings_say():
    times = times_of((20, 15), (3, 60))
    lost = (times.minute == 0) & (times.hour % 3 == 0) & (times < START + 20 * DAY)
    features = features_of(readings_at(times[~lost]))
    assert features.attrs["interval_minutes"] == 60
    assert set(pd.DatetimeIndex(features.index).minute) == {0}
    assert features["import_kwh"].iloc[-60:].tolist() == pytest.approx([2.0] * 60)


def swapped(gap, minutes=15, days=10):
    """A meter that ends, and one that begins so many intervals later."""
    step = pd.Timedelta(minutes=minutes)
    old = pd.date_range(START, periods=days * 1440 // minutes, freq=step)
    new = pd.date_range(old[-1] + gap * step, periods=days * 1440 // minutes, freq=step)
    return (
        readings_at(old, serial="old"),
        readings_at(new, serial="new", start_kwh=-2.0 * ((new[0] - START) / pd.Timedelta("1h"))),
    )


@pytest.mark.parametrize("minutes", [15, 60])
@pytest.mark.parametrize(("gap", "unknown"), [(0, 1), (1, 1), (2, 2), (5, 5)])
def test_a_swapped_meter_ends_where_the_new_one_begins(gap, unknown, minutes):
    old, new = swapped(gap, minutes)
    for parts in permutations([old, new]):
        features = features_of(pd.concat(parts))
        energy = features["import_kwh"].iloc[1:]
        assert int(energy.isna().sum()) == unknown
        assert set(energy.dropna().round(9)) == {2.0 * minutes / 60}


def test_a_swap_is_seen_as_soon_as_the_new_meter_reports():
    old, new = swapped(1)
    for count in (2, 5, 100):
        features = features_of(pd.concat([old, new.iloc[:count]]))
        assert features["import_kwh"].iloc[-count + 1 :].notna().all()


def test_a_meter_that_is_added_beside_another_is_no_swap():
    first = readings_at(times_of((10, 15)), serial="a")
    added = readings_at(times_of((5, 15), start=START + 5 * DAY), serial="b", rate_kw=1.0)
    silent = first[first["timestamp"] < START + 9 * DAY]
    for order in permutations([silent, added]):
        features = features_of(pd.concat(order))
        energy = features["import_kwh"]
        assert energy[START + 6 * DAY : START + 8 * DAY].round(9).eq(0.75).all()
        # The first one may be heard of again: what both used is not known.
        assert energy[START + 9 * DAY :].isna().all()
    both = features_of(pd.concat([first, added]))["import_kwh"]
    assert both[START + 5 * DAY :].round(9).eq(0.75).all()


def test_one_of_two_parallel_meters_can_be_swapped():
    old, new = swapped(1)
    beside = readings_at(times_of((20, 15)), serial="x", rate_kw=4.0)
    energy = features_of(pd.concat([new, beside, old]))["import_kwh"].iloc[1:]
    both = energy[: new["timestamp"].iloc[-1] - pd.Timedelta("15min")]
    assert int(both.isna().sum()) == 1
    assert set(both.dropna().round(9)) == {1.5}


@pytest.mark.parametrize("number", [65_535.0, 6_553.5, 327.67, 80_000.0])
def test_a_broken_power_is_neither_energy_nor_a_feature(number):
    readings = readings_at(times_of((20, 15)), power_only=True)
    broken = np.random.default_rng(3).random(len(readings)) < 0.04
    broken[:10] = False
    readings.loc[broken, "avg_import_kw"] = number
    features = features_of(readings)

    assert features["import_kwh"].isna().tolist() == broken.tolist()
    assert features["avg_import_kw"].isna().tolist() == broken.tolist()
    assert set(features.loc[broken, "reason"]) == {"disputed"}
    assert features["import_kwh"].max() == 0.5


def test_a_broken_power_does_not_stand_in_for_a_missing_register():
    readings = readings_at(times_of((5, 15)))
    readings["avg_import_kw"] = 2.0
    readings.loc[[200, 300], "import_kwh"] = np.nan
    readings.loc[[300], "avg_import_kw"] = 65_535.0
    features = features_of(readings)

    assert features["import_kwh"].isna().to_numpy().nonzero()[0].tolist() == [300]
    assert features["reason"].iloc[300] == "disputed"


@pytest.mark.parametrize("power_only", [False, True])
def test_later_readings_change_no_earlier_energy_or_reason(power_only):
    rng = np.random.default_rng(11)
    readings = readings_at(times_of((30, 15)), power_only=power_only)
    name = "avg_import_kw" if power_only else "import_kwh"
    values = readings[name].to_numpy(np.float64).copy()
    if power_only:
        values *= rng.gamma(2.0, 0.5, len(values))
        values[rng.integers(0, len(values), 40)] = 6_553.5
        values[2_000:] *= 30
    else:
        values += np.where(np.arange(len(values)) > 900, 50_000.0, 0.0)
        values += np.cumsum(np.where(np.arange(len(values)) > 1_500, 12.0, 0.0))
        values[rng.integers(0, len(values), 40)] += 3_000.0
    readings[name] = values
    whole = features_of(readings)
    assert whole["import_kwh"].isna().sum() > 30
    for count in (300, 901, 902, 950, 1_600, 2_100, 2_800):
        part = features_of(readings.iloc[:count])
        pd.testing.assert_frame_equal(part, whole.iloc[:count], check_freq=False)


@pytest.mark.parametrize("thin_first", [False, True])
def test_the_stored_interval_is_that_of_the_newest_stretch_in_any_order_of_files(
    sqlite_url, thin_first
):
    month = rows_of(count=30 * 96)
    begin = pd.Timestamp("2025-07-30").to_pydatetime()
    thin = rows_of(start=begin, count=24, minutes=60, register=820.0)
    files = [text(thin), text(month)] if thin_first else [text(month), text(thin)]
    world = world_at(sqlite_url)
    for number, file in enumerate(files):
        world.take(file, f"{number}.csv")
    assert world.documents.read(METERS)["interval_minutes"].tolist() == [15]

    days = [begin + pd.Timedelta(days=day).to_pytimedelta() for day in (1, 2, 3)]
    for number, day in enumerate(days):
        rows = rows_of(start=day, count=24, minutes=60, register=850.0 + number)
        world.take(text(rows), f"later {number}.csv")
    assert world.documents.read(METERS)["interval_minutes"].tolist() == [60]
    world.documents.close()


def test_a_file_in_which_the_interval_changes_shows_the_newest(sqlite_url):
    rows = rows_of(count=10 * 96)
    begin = pd.Timestamp("2025-07-10").to_pydatetime()
    rows += rows_of(start=begin, count=10 * 24, minutes=60, register=340.0)
    world = world_at(sqlite_url)
    world.take(text(rows))
    assert world.documents.read(METERS)["interval_minutes"].tolist() == [60]
    world.documents.close()
