import time

import numpy as np
import pandas as pd
import pytest

from energy_assets.consumption.checks import (
    evaluate_flat_lines,
    evaluate_freshness,
    evaluate_gaps,
    evaluate_jumps,
    evaluate_outliers,
)
from energy_assets.consumption.outliers import find_outliers

CHECKS = (evaluate_gaps, evaluate_flat_lines, evaluate_outliers, evaluate_jumps)


def meter(values, *, kind="electricity", minutes=60, zone="Europe/Berlin", start="2025-01-06"):
    index = pd.date_range(start, periods=len(values), freq=f"{minutes}min", tz="UTC", unit="ms")
    frame = pd.DataFrame(
        {"consumption": np.array(values, float), "temperature_c": 5.0, "reason": None}, index=index
    )
    frame.attrs.update(
        meter_type=kind, meter_id="m1", interval_minutes=minutes, zone=zone, country="DE"
    )
    return frame


def home(days=84, *, seed=7, level=1.0):
    """A home's electricity: more in the evening, hours that vary by a third or so. [kWh]"""
    rng = np.random.default_rng(seed)
    shape = np.tile(np.where(np.arange(24) % 24 >= 17, 0.9, 0.3), days)
    return level * shape * rng.lognormal(0.0, 0.3, 24 * days)


def tap(days=84, *, seed=7):
    """A home's water: a few litres now and then by day, nothing at night. [m3]"""
    rng = np.random.default_rng(seed)
    by_day = np.tile(np.arange(24) >= 6, days)
    return np.where(by_day & (rng.random(24 * days) < 0.4), rng.integers(1, 60, 24 * days), 0) / 1e3


@pytest.mark.parametrize("check", CHECKS)
def test_healthy_meters_pass(check):
    frames = {f"electricity/{n}": meter(home(seed=n)) for n in range(20)}
    frames |= {f"water/{n}": meter(tap(seed=n), kind="water") for n in range(20)}

    assert check(frames).offenders == []


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("kind", ["electricity", "water"])
@pytest.mark.parametrize("minutes", [5, 60, 360, 1440])
def test_meters_with_next_to_nothing_are_judged_without_failing(check, kind, minutes):
    odd = {
        "empty": [],
        "one": [1.0],
        "all missing": [np.nan] * 2_000,
        "one known": [np.nan] * 999 + [1.0] + [np.nan] * 1_000,
        "zero": [0.0] * 2_000,
        "constant": [2.5] * 2_000,
        "every other": [np.nan, 1.0] * 1_000,
        "one spike": [0.0] * 1_000 + [9.0] + [0.0] * 999,
    }
    frames = {name: meter(values, kind=kind, minutes=minutes) for name, values in odd.items()}

    finding = check(frames)

    assert finding.passed == (not finding.offenders)
    assert all(offender.split(":")[0] in odd for offender in finding.offenders)


def test_a_meter_that_misses_a_fifth_of_the_last_weeks_is_named():
    values = home()
    values[-28 * 24 :: 5] = np.nan

    finding = evaluate_gaps({"electricity/a": meter(home()), "electricity/b": meter(values)})

    assert [o.split(" known")[0] for o in finding.offenders] == ["electricity/b: 80%"]
    assert finding.sentence == "1 of 2 meters miss much of the last 28 days."


def test_a_long_gap_is_told_with_its_start_in_local_time_and_its_reason():
    frame = meter(home())
    frame.iloc[-100:-40, 0] = np.nan
    frame.iloc[-100:-40, 2] = "register reset"

    offender = evaluate_gaps({"electricity/b": frame}).offenders[0]

    # 84 days end on 2025-03-31 00:00 UTC; 100 hours earlier is 20:00 UTC, 21:00 in Berlin.
    assert offender == (
        "electricity/b: 91% known; nothing for 60 h from 2025-03-26 21:00 local (register reset)"
    )


def test_a_gap_of_two_months_ago_is_no_news():
    values = home()
    values[:300] = np.nan

    assert evaluate_gaps({"electricity/b": meter(values)}).passed


def test_a_stuck_meter_is_named_with_value_length_and_start():
    values = home()
    values[-60:-20] = 0.731

    finding = evaluate_flat_lines({"electricity/b": meter(values)})

    # 60 hours before 2025-03-31 00:00 UTC; Berlin is an hour ahead until the 30th.
    assert finding.offenders == [
        "electricity/b: 0.731 kWh in every interval for 40 h from 2025-03-28 13:00 local"
    ]


@pytest.mark.parametrize(("kind", "passes"), [("electricity", False), ("water", True)])
def test_a_week_of_zeros_is_strange_for_electricity_and_a_holiday_for_water(kind, passes):
    values = home()
    values[-200:] = 0.0

    assert evaluate_flat_lines({"x": meter(values, kind=kind)}).passed is passes


def test_a_house_that_is_empty_on_weekdays_has_that_habit():
    values = home()
    weekday = np.arange(len(values)) // 24 % 7 < 5
    values[weekday] = 0.0

    assert evaluate_flat_lines({"electricity/weekend": meter(values)}).passed

    values[-14 * 24 :] = 0.0
    flat = evaluate_flat_lines({"electricity/weekend": meter(values)}).offenders

    # Two weeks and the five empty days before them belong together: no, a weekend lies between.
    assert len(flat) == 1
    assert "for 336 h" in flat[0]
    assert flat[0].endswith("usually 120 h")


def test_a_stretch_that_a_gap_interrupts_counts_from_the_gap():
    values = home()
    values[-60:] = 0.5
    values[-30] = np.nan

    assert "for 30 h" in evaluate_flat_lines({"electricity/b": meter(values)}).offenders[0]


def test_three_equal_days_of_a_daily_meter_are_chance_and_six_are_not():
    rng = np.random.default_rng(3)
    values = rng.uniform(3, 9, 120)
    values[-3:] = 5.0
    assert evaluate_flat_lines({"x": meter(values, minutes=1440)}).passed

    values[-6:] = 5.0
    assert not evaluate_flat_lines({"x": meter(values, minutes=1440)}).passed


def test_an_outlier_is_told_with_its_local_time_and_what_is_usual():
    values = np.tile(np.linspace(0.2, 0.6, 12), 24 * 7 * 12 // 12 + 1)[: 24 * 7 * 12]
    weeks = values.reshape(12, 168)
    weeks[:, 2] = np.linspace(0.2, 0.6, 12)  # Mondays 02:00 UTC
    weeks[11, 2] = 30.0
    frame = meter(weeks.ravel(), zone="Africa/Lagos")  # an hour ahead, all year

    finding = evaluate_outliers({"electricity/b": frame})

    # The other eleven Mondays run from 0.2 in steps of 0.4 / 11: one in ten of them lies below
    # 0.2 + 0.4 / 11 = 0.236, one in ten above 0.2 + 9 * 0.4 / 11 = 0.527.
    assert finding.offenders == [
        "electricity/b: 30 kWh at 2025-03-24 03:00 local, usual 0.236 to 0.527"
    ]


def test_a_fall_to_nothing_of_a_steady_meter_is_an_outlier_too():
    rng = np.random.default_rng(5)
    values = 50 + rng.normal(0, 0.5, 24 * 84)
    values[-10] = 0.0

    outliers = find_outliers(meter(values))

    assert [outlier.value for outlier in outliers] == [0.0]
    assert outliers[0].scales < -15


def test_what_a_meter_does_now_and_then_is_no_outlier():
    values = home()
    values[::150] = 12.0  # an instant heater, some forty times a year

    assert evaluate_outliers({"electricity/b": meter(values)}).passed


def test_an_outlier_of_last_year_is_no_news():
    values = home(days=400)
    values[100] = 500.0

    assert evaluate_outliers({"electricity/b": meter(values)}).passed


def test_nothing_is_said_about_a_meter_of_four_weeks():
    values = home(days=28)
    values[-5] = 500.0

    assert evaluate_outliers({"electricity/b": meter(values)}).passed


def test_factor_ten_errors_are_found_and_healthy_hours_are_left_alone():
    rng = np.random.default_rng(11)
    found = wrong = 0
    for seed in range(100):
        values = home(seed=seed)
        place = len(values) - 1 - int(rng.integers(0, 600))
        values[place] = 10 * values.max()
        outliers = find_outliers(meter(values))
        at = meter(values).index[place]
        found += any(outlier.started_at == at for outlier in outliers)
        wrong += sum(outlier.started_at != at for outlier in outliers)

    assert found == 100
    assert wrong <= 1


def test_a_change_from_kwh_to_wh_is_named_as_a_unit():
    values = home()
    values[-20 * 24 :] *= 1_000

    finding = evaluate_jumps({"electricity/a": meter(home()), "electricity/b": meter(values)})

    assert len(finding.offenders) == 1
    # Day 64 of the 84 is a Tuesday: the week's median day is a new one. 2025-01-06 is a Monday.
    assert "in the week of 2025-03-10" in finding.offenders[0]
    assert finding.offenders[0].endswith("times as much; was a unit mistaken?")


def test_a_fall_to_a_hundredth_is_named_and_a_holiday_is_not():
    smaller, away = tap(), tap()
    smaller[-20 * 24 :] /= 100
    away[-20 * 24 :] = 0.0
    away[-20 * 24 :: 60] = 0.001  # a drop now and then

    finding = evaluate_jumps(
        {"water/smaller": meter(smaller, kind="water"), "water/away": meter(away, kind="water")}
    )

    assert [offender.split(":")[0] for offender in finding.offenders] == ["water/smaller"]
    assert "times as little; was a pulse constant mistaken?" in finding.offenders[0]


def test_one_wild_value_is_no_jump_of_the_level():
    values = home()
    values[-300] = 5_000.0

    assert evaluate_jumps({"electricity/b": meter(values)}).passed


def test_a_winter_with_electric_heating_is_no_jump():
    days = np.arange(364)
    season = 1 + 3 * (1 + np.cos(2 * np.pi * days / 364)) / 2
    values = home(days=364) * np.repeat(season, 24)

    assert evaluate_jumps({"electricity/b": meter(values)}).passed


def test_late_silent_and_future_meters_are_told_apart():
    now = pd.Timestamp("2026-01-10 12:00", tz="UTC")
    last = {
        "water/fresh": now - pd.Timedelta(hours=3),
        "water/late": now - pd.Timedelta(hours=50),
        "water/older": now - pd.Timedelta(days=9),
        "water/silent": None,
        "water/never": pd.NaT,
        "water/ahead": now + pd.Timedelta(days=30),
    }

    finding = evaluate_freshness(last, now=now, warn_after=pd.Timedelta(hours=26))

    assert finding.offenders == [
        "water/late: last value 2026-01-08 10:00 UTC, 50 h old",
        "water/older: last value 2026-01-01 12:00 UTC, 9 days old",
        "water/silent: has no value yet",
        "water/never: has no value yet",
        "water/ahead: last value 2026-02-09 12:00 UTC is in the future",
    ]
    assert finding.sentence == "5 of 6 meters have no value of the last 26 h."


def test_a_year_of_a_hundred_meters_takes_a_second():
    frames = {f"electricity/{n}": meter(home(days=365, seed=n)) for n in range(100)}

    started = time.process_time()
    for check in CHECKS:
        check(frames)

    assert time.process_time() - started < 2.0
