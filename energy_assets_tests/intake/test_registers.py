import numpy as np
import pandas as pd
import pytest

from energy_assets.intake.registers import interval_energy

NAN = float("nan")


def energy(levels, *, power=None, minutes=15, start="2025-06-30 00:00", drop=()):
    times = pd.date_range(start, periods=len(levels), freq=f"{minutes}min", tz="UTC")
    frame = pd.DataFrame({"timestamp": times, "import_kwh": levels})
    if power is not None:
        frame["avg_import_kw"] = power
    frame = frame.drop(index=list(drop)).sample(frac=1, random_state=7)
    return interval_energy(frame, interval_minutes=minutes)


def test_energy_is_the_difference_of_registers_stamped_with_its_start():
    found = energy([100.0, 100.25, 101.0])
    assert found["reason"].tolist() == ["first", "ok", "ok"]
    assert found["energy_kwh"].tolist()[1:] == [0.25, 0.75]
    assert str(found["start_at"][1]) == "2025-06-30 00:00:00+00:00"


def test_a_rollover_counts_the_energy_on_both_sides():
    found = energy([99_999.0, 99_999.75, 0.5, 1.0])
    # 0.25 kWh up to 100,000 and 0.5 kWh after it.
    assert found["reason"].tolist() == ["first", "ok", "rollover", "ok"]
    assert found["energy_kwh"].tolist()[1:] == pytest.approx([0.75, 0.75, 0.5])


def test_a_six_digit_register_rolls_over_at_a_million():
    assert energy([999_998.0, 999_999.0, 1.0])["energy_kwh"].tolist()[1:] == [1.0, 2.0]


def test_the_mean_power_can_deny_a_rollover():
    found = energy([99_998.0, 99_999.0, 3.0], power=[4.0, 4.0, 0.0])
    assert found["reason"].tolist()[-1] == "reset" and np.isnan(found["energy_kwh"].iloc[-1])


def test_a_reset_is_unknown_energy_and_not_a_negative_one():
    found = energy([500.0, 500.5, 0.25, 0.75])
    assert found["reason"].tolist() == ["first", "ok", "reset", "ok"]
    assert np.isnan(found["energy_kwh"][2])


def test_a_meter_swap_leaves_a_gap_rather_than_a_negative_bill():
    found = energy([5_000.0, 5_001.0, 812.0, 815.0])
    assert found["reason"].tolist() == ["first", "ok", "swap", "ok"]


def test_registers_that_alternate_between_two_meters_give_no_energy():
    found = energy([10.0, 31_245.0, 10.25, 31_245.5])
    assert found["energy_kwh"].isna().all()
    assert found["reason"].tolist() == ["first", "swap", "swap", "swap"]


def test_a_small_step_back_is_reversed():
    found = energy([500.0, 500.5, 500.4, 500.6])
    assert found["reason"].tolist() == ["first", "ok", "reversed", "ok"]


def test_energy_over_a_gap_is_not_spread():
    found = energy([100.0, 101.0, 102.0, 103.0, 104.0], drop=[2, 3])
    assert found["reason"].tolist() == ["first", "ok", "gap", "gap", "gap"]
    assert found["energy_kwh"].isna().tolist() == [True, False, True, True, True]


def test_a_null_register_is_a_gap_on_both_sides():
    assert energy([1.0, NAN, 2.0, 3.0])["reason"].tolist() == ["first", "gap", "gap", "ok"]


def test_a_huge_rise_counts_when_the_mean_power_confirms_it():
    rise = energy([0.0, 0.5, 200.5, 201.0], power=[2.0, 2.0, 800.0, 2.0])
    assert rise["reason"].tolist() == ["first", "ok", "ok", "ok"]
    denied = energy([0.0, 0.5, 200.5, 201.0], power=[2.0, 2.0, 2.0, 2.0])
    assert denied["reason"].tolist() == ["first", "ok", "disputed", "ok"]


def test_a_meter_without_register_is_told_by_its_mean_power():
    found = energy([NAN, NAN, NAN], power=[4.0, NAN, 2.0], minutes=30)
    assert found["reason"].tolist() == ["mean_power", "gap", "mean_power"]
    assert found["energy_kwh"].tolist()[::2] == [2.0, 1.0]


def test_an_export_register_is_read_with_its_own_power():
    times = pd.date_range("2025-06-30", periods=2, freq="60min", tz="UTC")
    frame = pd.DataFrame({"timestamp": times, "import_kwh": [9.0, 9.0], "export_kwh": [1.0, 3.5]})
    found = interval_energy(frame, register="export_kwh", interval_minutes=60)
    assert found["energy_kwh"].tolist()[1:] == [2.5]


def test_hourly_readings_at_half_past_keep_their_rhythm():
    found = energy([1.0, 2.0, 3.0], minutes=60, start="2025-06-30 00:30")
    assert [f"{s:%H:%M}" for s in found["start_at"]] == ["23:30", "00:30", "01:30"]


def test_a_reading_off_the_rhythm_is_left_out():
    times = pd.to_datetime(
        ["2025-06-30 00:00:00", "2025-06-30 00:07:00", "2025-06-30 00:15:20"], utc=True
    )
    frame = pd.DataFrame({"timestamp": times, "import_kwh": [1.0, 50.0, 2.0]})
    assert interval_energy(frame, interval_minutes=15)["energy_kwh"].tolist()[1:] == [1.0]


def test_no_readings_give_no_intervals():
    nothing = pd.DataFrame({"timestamp": pd.DatetimeIndex([], tz="UTC"), "import_kwh": []})
    assert interval_energy(nothing, interval_minutes=15).empty


def test_energy_is_never_negative_whatever_the_register_does():
    rng = np.random.default_rng(3)
    found = energy(rng.uniform(0, 1e5, 500))
    assert (found["energy_kwh"].dropna() >= 0).all()
    assert found["energy_kwh"].isna().equals(~found["reason"].isin(["ok", "rollover"]))
