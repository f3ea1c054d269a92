import numpy as np
import pandas as pd
import pytest

from energy_assets.contracts.readings import MEASUREMENTS
from energy_assets.customer_load.features import (
    FEATURES,
    customer_features,
    latest_versions,
    series_of,
)


def readings_of(
    register_kwh: list[float], *, serial="1", start="2025-06-30 00:15", minutes=15, **values
):
    times = pd.date_range(start, periods=len(register_kwh), freq=f"{minutes}min", tz="UTC")
    rows = pd.DataFrame(dict.fromkeys(MEASUREMENTS.names, np.nan), index=range(len(times)))
    rows = rows.astype({"customer_ref": object, "serial": object, "timestamp": object})
    rows["timestamp"] = times.as_unit("ms")
    rows["serial"], rows["customer_ref"] = serial, "900"
    rows["version"], rows["known_at"] = 1, pd.Timestamp("2025-07-01", tz="UTC")
    rows["import_kwh"] = register_kwh
    return rows.assign(**values)


def meters_of(**intervals):
    return pd.DataFrame(
        {"serial": list(intervals), "interval_minutes": list(intervals.values())}
    ).astype({"serial": "str", "interval_minutes": "Int64"})


def features_of(readings, **intervals):
    return customer_features(readings, meters=meters_of(**intervals), zone="Asia/Colombo")


def test_energy_is_the_difference_of_two_registers_and_is_stamped_with_the_intervals_start():
    features = features_of(readings_of([10.0, 10.5, 12.0]))
    assert features.index[1] == pd.Timestamp("2025-06-30 00:15", tz="UTC")
    assert features["import_kwh"].tolist()[1:] == [0.5, 1.5]
    assert np.isnan(features["import_kwh"].iloc[0])
    assert features["register_kwh"].tolist() == [10.0, 10.5, 12.0]
    assert features.attrs == {
        "customer_ref": "900",
        "interval_minutes": 15,
        "zone": "Asia/Colombo",
    }


def test_readings_may_come_newest_first():
    readings = readings_of([10.0, 10.5, 12.0])
    pd.testing.assert_frame_equal(features_of(readings[::-1]), features_of(readings))


def test_mean_power_gives_the_energy_where_the_register_is_missing():
    readings = readings_of([10.0, np.nan, np.nan, 13.0], avg_import_kw=[2.0, 2.0, np.nan, 4.0])
    energy = features_of(readings)["import_kwh"].tolist()
    assert energy[0] == 0.5
    assert energy[1] == 0.5
    assert np.isnan(energy[2])
    assert energy[3] == 1.0


def test_a_missing_slot_stays_missing_on_the_grid():
    readings = readings_of([1.0, 2.0, 3.0, 4.0, 5.0]).drop(index=2)
    features = features_of(readings)
    assert len(features) == 5
    assert features["import_kwh"].isna().tolist() == [True, False, True, True, False]
    assert features["reason"].tolist()[2] == "gap"
    assert series_of(features).values.shape == (5,)


def test_two_meters_of_a_customer_add_up_after_differencing_each():
    first = readings_of([0.0, 1.0, 2.0], serial="1", phase_a_voltage=230.0, phase_a_current=1.0)
    other = readings_of(
        [31_245.0, 31_245.5, 31_247.5], serial="2", phase_a_voltage=240.0, phase_a_current=2.0
    )
    features = features_of(pd.concat([first, other]).sample(frac=1, random_state=0))
    assert features["import_kwh"].tolist()[1:] == [1.5, 3.0]
    assert features["register_kwh"].tolist() == [31_245.0, 31_246.5, 31_249.5]
    assert features["phase_a_voltage"].tolist() == [235.0] * 3
    assert features["phase_a_current"].tolist() == [3.0] * 3


def test_energy_is_unknown_while_one_of_two_meters_is_silent():
    first = readings_of([0.0, 1.0, 2.0, 3.0], serial="1")
    other = readings_of([50.0, 51.0, 52.0, 53.0], serial="2").drop(index=2)
    energy = features_of(pd.concat([first, other]))["import_kwh"]
    assert energy.isna().tolist() == [True, False, True, True]


def test_a_removed_meter_no_longer_makes_energy_unknown():
    days = 9 * 24
    first = readings_of([float(k) for k in range(days)], serial="1", minutes=60)
    other = readings_of([100.0, 105.0], serial="2", minutes=60)
    energy = features_of(pd.concat([first, other]))["import_kwh"]
    assert energy.iloc[1] == 6.0
    assert energy.iloc[2:].tolist() == [1.0] * (days - 2)


def test_a_half_hourly_and_a_quarter_hourly_meter_meet_on_half_hours():
    fine = readings_of([float(k) for k in range(9)], serial="1", start="2025-06-30 00:00")
    coarse = readings_of(
        [0.0, 10.0, 20.0, 30.0, 40.0], serial="2", minutes=30, start="2025-06-30 00:00"
    )
    features = features_of(pd.concat([fine, coarse]), **{"1": 15, "2": 30})
    assert features.attrs["interval_minutes"] == 30
    assert features["import_kwh"].tolist()[1:] == [12.0] * 4
    assert features["register_kwh"].tolist() == [0.0, 12.0, 24.0, 36.0, 48.0]


def test_whole_local_hours_of_a_half_hour_zone_keep_their_own_grid():
    readings = readings_of([1.0, 2.0, 3.0], start="2025-06-30 00:30", minutes=60)
    features = features_of(readings)
    assert features.attrs["interval_minutes"] == 60
    assert features.index[0] == pd.Timestamp("2025-06-29 23:30", tz="UTC")


def test_readings_some_seconds_off_the_grid_are_taken_to_it():
    readings = readings_of([1.0, 2.0, 3.0, 4.0])
    readings["timestamp"] = readings["timestamp"] + pd.to_timedelta([0, 0, 7, -7], unit="s")
    assert features_of(readings)["import_kwh"].tolist()[1:] == [1.0] * 3


def test_a_reading_between_two_grid_instants_is_no_reading_of_either():
    readings = readings_of([1.0, 2.0, 3.0, 4.0])
    readings["timestamp"] = readings["timestamp"] + pd.to_timedelta([0, 0, 400, 0], unit="s")
    assert features_of(readings)["import_kwh"].isna().tolist() == [True, False, True, True]


def test_a_reset_register_is_bridged_by_mean_power_and_says_so():
    readings = readings_of([500.0, 501.0, 0.5, 1.5], avg_import_kw=4.0)
    features = features_of(readings)
    assert features["import_kwh"].tolist() == [1.0] * 4
    assert features["reason"].tolist() == ["mean_power", "", "reset", ""]


def test_a_single_phase_meter_beside_a_three_phase_meter_does_not_hide_phase_b():
    single = readings_of([0.0, 1.0], serial="1", phase_a_current=5.0)
    triple = readings_of([0.0, 1.0], serial="2", phase_a_current=1.0, phase_b_current=2.0)
    features = features_of(pd.concat([single, triple]))
    assert features["phase_b_current"].tolist() == [2.0, 2.0]
    assert features["phase_a_current"].tolist() == [6.0, 6.0]


def test_no_readings_give_an_empty_frame_with_every_column():
    features = features_of(readings_of([]))
    assert list(features.columns) == [*FEATURES, "register_kwh", "reason"]
    assert features.empty


def test_readings_of_two_customers_are_refused():
    mixed = pd.concat([readings_of([1.0]), readings_of([1.0]).assign(customer_ref="901")])
    with pytest.raises(ValueError, match="readings of 2 customers"):
        features_of(mixed)


def test_the_version_known_at_an_instant_is_the_one_that_had_arrived():
    first = readings_of([1.0, 2.0])
    mended = first.assign(
        version=2, import_kwh=[1.0, 2.5], known_at=pd.Timestamp("2025-08-01", tz="UTC")
    )
    both = pd.concat([mended, first])
    assert latest_versions(both)["import_kwh"].tolist() == [1.0, 2.5]
    before = pd.Timestamp("2025-07-15", tz="UTC")
    assert latest_versions(both, known_at=before)["import_kwh"].tolist() == [1.0, 2.0]
