import numpy as np
import pandas as pd
import pytest

from energy_assets.consumption.leak_suspicion import judge_leak, leak_rows
from energy_assets.consumption.night_flow import hourly_flow, night_flows
from energy_assets.contracts.consumption_forecasts import LEAK_SUSPICION
from energy_assets.contracts.validation import validated

JUDGED = pd.Timestamp("2026-04-01 06:00", tz="UTC")


def meter(values, *, minutes=60, zone="UTC", start="2026-01-01"):
    index = pd.date_range(start, periods=len(values), freq=f"{minutes}min", tz="UTC", unit="ms")
    frame = pd.DataFrame(
        {"consumption": np.array(values, float), "temperature_c": np.nan, "reason": None},
        index=index,
    )
    frame.attrs.update(
        meter_type="water", meter_id="w1", interval_minutes=minutes, zone=zone, country=None
    )
    return frame


def plain_home(days):
    """10 litres in each hour from 06:00 to 22:00, nothing at night. [m3]"""
    return np.tile(np.where((np.arange(24) >= 6) & (np.arange(24) < 22), 0.010, 0.0), days)


def test_the_night_flow_is_the_smallest_hour_between_one_and_five_local():
    values = plain_home(2)
    values[24:30] = [0.001, 0.005, 0.004, 0.003, 0.007, 0.002]

    nights = night_flows(meter(values))

    assert nights.index.tolist() == [pd.Timestamp("2026-01-01"), pd.Timestamp("2026-01-02")]
    assert nights["minimum_m3_per_h"].tolist() == [0.0, 0.003]
    assert nights["least_m3_per_h"].tolist() == [0.0, 0.0]
    assert nights["night_hours"].tolist() == [4, 4]
    assert nights["active_night_hours"].tolist() == [0, 4]


def test_a_night_with_two_known_hours_has_no_minimum():
    values = plain_home(1)
    values[1:3] = np.nan

    nights = night_flows(meter(values))

    assert nights["minimum_m3_per_h"].isna().all()
    assert nights["day_hours"].tolist() == [22]


def test_the_night_of_a_clock_change_has_three_hours_in_spring_and_four_in_autumn():
    spring = night_flows(meter([0.001] * 71, zone="Europe/Madrid", start="2026-03-27 23:00"))
    autumn = night_flows(meter([0.001] * 73, zone="Europe/Madrid", start="2026-10-23 22:00"))

    assert spring["night_hours"].tolist()[:3] == [4, 3, 4]
    assert spring["day_hours"].tolist()[:3] == [24, 23, 24]
    assert autumn["night_hours"].tolist() == [4, 4, 4]
    assert spring["minimum_m3_per_h"].notna().all()


def test_quarter_hours_are_added_up_to_hours_and_two_hours_are_shared_out():
    quarters = hourly_flow(meter([1.0, 2.0, 3.0, 4.0, 1.0, np.nan, 1.0, 1.0], minutes=15))
    pairs = hourly_flow(meter([3.0, np.nan], minutes=120))

    assert quarters.tolist()[0] == 10.0
    assert np.isnan(quarters.tolist()[1])
    assert pairs.tolist()[:2] == [1.5, 1.5]
    assert pairs.isna().tolist() == [False, False, True, True]


def test_a_steady_leak_is_told_with_its_onset_flow_and_loss():
    values = plain_home(70)
    onset = 60 * 24 + 15  # on day 61, 2026-03-02, from 15:00 on
    values[onset:] += 0.004
    frame = meter(values)

    judgement = judge_leak(frame)

    # The last hour without a flow is 05:00 of that day: by day the leak cannot be seen at once.
    assert judgement.suspected
    assert judgement.onset_at == pd.Timestamp("2026-03-02 06:00", tz="UTC")
    assert judgement.night_flow_m3_per_h == pytest.approx(0.004)
    assert judgement.baseline_m3_per_h == 0.0
    assert judgement.nights == 9
    assert judgement.leak_m3_per_h == pytest.approx(0.004)
    # 18 hours of 2026-03-02 and nine days of 24.
    assert judgement.lost_m3 == pytest.approx(0.004 * (18 + 9 * 24))
    assert judgement.evidence == (
        "Water has flowed in every known hour of 9 days, since 2026-03-02 06:00 local. Before, it "
        "stopped on 61 of 61 days.",
        "The smallest flow of a night is 4.0 L/h, where 0.0 L/h was usual; it is steady, as from a "
        "pipe or valve. At 4.0 L/h about 0.9 m3 were lost in 10 days, and 0.10 m3 are lost a day.",
    )


def test_missing_hours_hide_neither_a_leak_nor_invent_one():
    values = plain_home(70)
    values[60 * 24 :] += 0.004
    values[65 * 24 : 66 * 24] = np.nan
    values[::7] = np.nan

    assert judge_leak(meter(values)).nights == 9

    quiet = plain_home(70)
    quiet[60 * 24 :][quiet[60 * 24 :] == 0] = np.nan  # every quiet hour went missing

    assert not judge_leak(meter(quiet)).suspected


def test_a_day_whose_quiet_hours_went_missing_is_not_said_to_flow_through():
    values = np.tile(np.where((np.arange(24) >= 10) & (np.arange(24) < 16), 0.0, 0.006), 70)
    late = values[60 * 24 :]
    late[late == 0] = np.nan
    late += 0.004

    assert not judge_leak(meter(values)).suspected


def test_two_days_without_a_stop_are_no_suspicion_and_four_are():
    for days, suspected in ((2, False), (4, True)):
        values = plain_home(90)
        values[-24 * days :] += 0.004
        assert judge_leak(meter(values)).suspected is suspected


def test_irrigation_at_a_fixed_hour_is_a_use_and_named_as_such():
    values = plain_home(60)
    values[-14 * 24 :][3::24] = 0.240

    judgement = judge_leak(meter(values))

    assert not judgement.suspected
    assert judgement.evidence[:2] == (
        "Water stopped for an hour or more on 7 of the last 7 known days.",
        "About 240 litres are used in the hour from 03:00 on 7 of the last 7 nights, as irrigation "
        "or a softener does.",
    )


def test_irrigation_through_every_night_is_no_leak_as_it_stops_by_day():
    values = plain_home(60)
    values[-14 * 24 :] += np.tile((np.arange(24) < 6) * 0.05, 14)

    assert not judge_leak(meter(values)).suspected


def test_a_cistern_that_refills_now_and_then_is_named_and_not_suspected():
    values = plain_home(60)
    values[-10 * 24 :] += np.tile([0.006, 0.0, 0.006, 0.006], 60)

    judgement = judge_leak(meter(values))

    assert not judgement.suspected
    assert "cistern" in judgement.evidence[1]
    assert judgement.evidence[1].startswith("75% of the night's hours now have a flow, usually 0%")


def test_a_meter_that_counts_in_tens_of_litres_says_what_it_cannot_show():
    judgement = judge_leak(meter(plain_home(30)))

    assert judgement.evidence[-1] == (
        "The meter counts in steps of 10 litres: a loss of less than 10 L/h leaves hours without "
        "a count and is not seen."
    )


def test_a_flow_since_the_first_value_is_suspected_if_steady_and_says_what_it_may_be():
    judgement = judge_leak(meter(plain_home(20) + 0.008))

    assert judgement.suspected
    assert judgement.baseline_m3_per_h is None
    assert judgement.onset_at == pd.Timestamp("2026-01-01", tz="UTC")
    assert judgement.lost_m3 == pytest.approx(0.008 * 20 * 24)
    assert "permanent use" in judgement.evidence[0]


@pytest.mark.parametrize(
    ("values", "minutes", "words"),
    [
        ([0.2] * 100, 1440, "Values by the day cannot show"),
        ([0.2] * 100, 360, "Values of 6 hours cannot show"),
        ([], 60, "nothing can be said"),
        ([np.nan] * 2_000, 60, "nothing can be said"),
        ([0.001] * 1, 60, "nothing can be said"),
    ],
)
def test_a_meter_that_cannot_be_judged_says_why(values, minutes, words):
    judgement = judge_leak(meter(values, minutes=minutes))

    assert not judgement.suspected
    assert judgement.night_flow_m3_per_h is None
    assert words in judgement.evidence[0]


def test_judgements_are_rows_of_the_leak_table():
    values = plain_home(70)
    values[60 * 24 :] += 0.004
    daily = meter([0.2] * 99, minutes=1440)
    daily.attrs["meter_id"] = "w2"
    judgements = [judge_leak(meter(values)), judge_leak(daily)]

    rows = validated(LEAK_SUSPICION, leak_rows(judgements, judged_at=JUDGED))

    assert rows["meter_id"].tolist() == ["w1", "w2"]
    assert rows["suspected"].tolist() == [True, False]
    assert rows["night_flow_m3_per_h"].isna().tolist() == [False, True]
    assert rows["evidence"][0]["onset_at"] == "2026-03-02T00:00:00+00:00"
    assert rows["evidence"][0]["nights"] == 10
    assert rows["evidence"][1]["lost_m3"] is None
    assert validated(LEAK_SUSPICION, leak_rows([], judged_at=JUDGED)).empty


LITRES = 1e-3


def simulated_home(rng, *, days=90, people=None):
    """Draws of people by the hour, few at night, in whole litres. [m3]"""
    people = int(rng.integers(1, 6)) if people is None else people
    hour = np.tile(np.arange(24), days)
    chance = np.where(hour < 5, 0.04, np.where(hour < 7, 0.4, np.where(hour < 22, 0.5, 0.25)))
    draws = rng.binomial(people, chance)
    litres = draws * 14 + np.sqrt(draws) * rng.uniform(-10, 10, len(hour))
    return np.round(litres) * LITRES


def simulated_leak(rng, hours, *, litres_per_h):
    return np.round(litres_per_h * rng.normal(1.0, 0.1, hours)).clip(1) * LITRES


def test_leaks_of_homes_are_found_within_a_week_and_dated_within_a_day():
    rng = np.random.default_rng(2026)
    found, dated, errors = 0, 0, []
    for _ in range(60):
        values = simulated_home(rng)
        onset = len(values) - 7 * 24 - int(rng.integers(0, 24 * 20))
        size = float(rng.uniform(3, 40))
        values[onset:] += simulated_leak(rng, len(values) - onset, litres_per_h=size)
        values[rng.random(len(values)) < 0.01] = np.nan
        frame = meter(values)
        judgement = judge_leak(frame)
        found += judgement.suspected
        if judgement.onset_at is not None:
            dated += abs(judgement.onset_at - frame.index[onset]) <= pd.Timedelta(days=1)
            errors.append(judgement.leak_m3_per_h / (size * LITRES))

    assert found >= 57
    assert dated >= 0.95 * found
    assert 0.8 <= np.median(errors) <= 1.2


def test_a_leak_in_a_block_of_flats_that_never_stops_is_found_by_the_rise_of_its_nights():
    rng = np.random.default_rng(8)
    found = 0
    for _ in range(20):
        values = simulated_home(rng, people=150)
        usual = float(np.median(night_flows(meter(values))["minimum_m3_per_h"]))
        values[-21 * 24 :] += 1.5 * usual
        found += judge_leak(meter(values)).suspected

    assert found >= 18


@pytest.mark.parametrize(
    ("people", "most_alarms"), [(None, 0), (40, 1), (150, 1)], ids=["homes", "houses", "blocks"]
)
def test_healthy_meters_are_hardly_ever_suspected(people, most_alarms):
    rng = np.random.default_rng(99)
    alarms = sum(judge_leak(meter(simulated_home(rng, people=people))).suspected for _ in range(60))

    assert alarms <= most_alarms


def test_healthy_homes_with_night_use_are_hardly_ever_suspected():
    rng = np.random.default_rng(17)
    alarms = 0
    for _ in range(60):
        values = simulated_home(rng)
        watering = values.reshape(-1, 24)[-30:]
        watering[rng.random(30) < 0.8, int(rng.integers(0, 5))] += 0.2
        values[-10 * 24 :] += (rng.random(240) < 0.6) * 6 * LITRES  # a cistern that refills
        alarms += judge_leak(meter(values)).suspected

    assert alarms <= 1
