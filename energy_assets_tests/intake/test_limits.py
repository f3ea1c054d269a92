"""What a meter can credibly have used, by what it did before and nothing later."""

import numpy as np
import pandas as pd
import pytest

from energy_assets.intake.limits import doubted, limits_before, overflow_numbers
from energy_assets.intake.registers import interval_energy

NAN = float("nan")


def home_kw(count, seed=0):
    """Mean power of a home: mostly 0.2 to 1 kW, now and then 3."""
    rng = np.random.default_rng(seed)
    return np.round(rng.gamma(2.0, 0.25, count) + 2.5 * (rng.random(count) < 0.05), 3)


def of_power(power_kw, minutes=30):
    times = pd.date_range("2025-06-30", periods=len(power_kw), freq=f"{minutes}min", tz="UTC")
    frame = pd.DataFrame({"timestamp": times, "import_kwh": NAN, "avg_import_kw": power_kw})
    return interval_energy(frame, interval_minutes=minutes)


def of_register(energy_kwh, power_kw=None, minutes=30):
    levels = 1_000.0 + np.cumsum(energy_kwh)
    times = pd.date_range("2025-06-30", periods=len(levels), freq=f"{minutes}min", tz="UTC")
    frame = pd.DataFrame({"timestamp": times, "import_kwh": levels})
    if power_kw is not None:
        frame["avg_import_kw"] = power_kw
    return interval_energy(frame, interval_minutes=minutes)


@pytest.mark.parametrize(
    "number",
    [65535, 6553.5, 655.35, 65.535, 32767, 3276.7, 327.67, 4294967295, 42949672.95, 2147483647,
     9999, 999.9, 99999, 999999.0, 9999999.9],
)  # fmt: skip
def test_what_broken_counters_show_is_known(number):
    assert overflow_numbers(np.array([number, number * 1.001, 1.0])).tolist() == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("number", [65535.0, 6553.5, 655.35, 327.67, 3276.7, 4294967295.0, 9999.0])
@pytest.mark.parametrize("share", [0.001, 0.05, 0.3])
def test_an_overflown_power_is_no_energy_however_often_it_occurs(number, share):
    power = home_kw(3_000)
    faulty = np.random.default_rng(1).random(len(power)) < share
    faulty[0] = True
    found = of_power(np.where(faulty, number, power))
    assert (found["reason"] == "disputed").tolist() == faulty.tolist()
    np.testing.assert_allclose(found["energy_kwh"][~faulty], power[~faulty] / 2)
    assert found["energy_kwh"][faulty].isna().all()


@pytest.mark.parametrize("number", [12_345.6, 1_000.0, 70_000.0])
def test_any_absurd_power_is_disputed_when_it_is_in_several_of_a_hundred_rows(number):
    power = home_kw(3_000)
    faulty = np.random.default_rng(1).random(len(power)) < 0.06
    faulty[:10] = False
    found = of_power(np.where(faulty, number, power))
    assert (found["reason"] == "disputed").tolist() == faulty.tolist()


def test_a_large_meter_may_show_numbers_that_a_home_may_not():
    power = np.random.default_rng(2).uniform(50, 300, 2_000).round(2)
    power[500::200] = 327.67  # as large as its other large values
    power[700::500] = 9_999.0
    found = of_power(power)
    assert (found["reason"] == "disputed").tolist() == (power == 9_999.0).tolist()


@pytest.mark.parametrize("kw", [3.7, 11.0, 22.0, 24.9])
def test_a_new_car_or_heat_pump_is_believed_from_its_first_hour(kw):
    power = home_kw(2_000)
    power[1_000:] += kw * (np.arange(1_000) % 48 < 6)
    assert (of_power(power)["reason"] == "mean_power").all()
    assert set(of_register(power / 2)["reason"]) == {"first", "ok"}


@pytest.mark.parametrize("kw", [90.0, 250.0])
def test_honest_growth_beyond_the_limit_is_not_refused_for_ever(kw):
    power = home_kw(48 * 360)
    power[48 * 180 :] += kw * (np.arange(48 * 180) % 48 < 12)
    for found in (of_power(power), of_register(power / 2)):
        refused = np.flatnonzero(found["energy_kwh"].isna().to_numpy()[1:]) + 1
        assert refused.min() >= 48 * 180
        # One in a hundred values so far, and a look once a fortnight.
        assert refused.max() <= 48 * (180 + 8 + 14)


@pytest.mark.parametrize("faults", ["power", "register", "both"])
def test_nothing_that_comes_later_changes_what_was_believed(faults):
    rng = np.random.default_rng(8)
    power = home_kw(1_500) * np.where(np.arange(1_500) < 700, 1.0, 12.0)
    power[rng.integers(0, 1_500, 25)] = 900.0
    power[rng.integers(0, 1_500, 25)] = 65_535.0
    energy = power / 2 if faults != "power" else None

    def found(count):
        if energy is None:
            return of_power(power[:count])
        jumps = np.where(np.arange(count) % 211 == 17, -500.0, 0.0)
        shown = power[:count] * 0.5 if faults == "both" else None
        return of_register(energy[:count] + jumps, shown)

    whole = found(1_500)
    assert whole["energy_kwh"].isna().sum() > 20
    for count in [2, 3, 5, 9, 30, 333, 699, 701, 760, 1_200, 1_499]:
        part = found(count)
        pd.testing.assert_frame_equal(whole.iloc[:count], part)


@pytest.mark.parametrize("kw", [40.0, 300.0, 490.0])
def test_a_large_meter_is_believed_from_its_first_hour(kw):
    power = np.full(200, kw) + np.arange(200) % 7
    assert set(of_register(power / 2)["reason"]) == {"first", "ok"}
    assert set(of_power(power)["reason"]) == {"mean_power"}


def test_the_first_rises_of_a_register_are_believed_up_to_what_twenty_houses_can_use():
    assert of_register(np.array([0.0, 249.0]))["reason"].tolist() == ["first", "ok"]
    assert of_register(np.array([0.0, 251.0]))["reason"].tolist() == ["first", "swap"]
    assert of_power([999.0])["reason"].tolist() == ["mean_power"]
    assert of_power([1_001.0])["reason"].tolist() == ["disputed"]


def test_limits_are_twenty_times_the_large_values_so_far_and_never_below_the_floor():
    values = np.array([1.0, 2.0, 3.0, 4.0, 100.0, 100.0, 0.0, 1.0])
    # Of four values the large one is at int(.99 * 3) = 2: it is 3.
    limits = limits_before(values, floor=25.0)
    assert np.isnan(limits[:4]).all()
    assert limits[4:].tolist() == [60.0, 80.0, 2_000.0, 2_000.0]
    assert limits_before(values, floor=1_000.0)[4] == 1_000.0


def test_limits_agree_with_a_slow_second_way():
    rng = np.random.default_rng(4)
    values = np.where(rng.random(900) < 0.1, 0.0, rng.lognormal(1.0, 2.0, 900))
    limits = limits_before(values, floor=3.0)
    used = [value for value in values[:16] if value > 0][:5]
    first = np.flatnonzero(values > 0)[4] + 1
    usual, large = sorted(used)[int(0.9 * 4)], sorted(used)[int(0.99 * 4)]
    cap = 20.0 * max(3.0, usual)
    kept = sorted(value for value in used if value <= cap)
    large = kept[int(0.99 * (len(kept) - 1))]
    assert limits[first] == max(3.0, 20.0 * large)


def test_exported_power_is_judged_by_its_size():
    power = np.tile([-3.0, 2.0, -1.0, 0.5], 50)
    power[100] = -65_535.0
    found = doubted(power, floor=25.0, unknown_limit=500.0)
    assert np.flatnonzero(found).tolist() == [100]
