"""What is answered of a meter and of a customer, now and as of any time before."""

import numpy as np
import pandas as pd
import pytest

from energy_assets.consumption.errors import UnknownMeterError, UnknownMeterTypeError
from energy_assets.consumption.weather_archive import record_answer
from energy_assets.contracts.columns import QUANTILE_NAMES
from energy_assets.contracts.consumption import CONSUMPTION_METERS
from energy_assets.forecasts import answers
from energy_assets.forecasts.answers import (
    RangeQuestion,
    issued_forecast,
    issued_forecasts,
    newest_charts,
    range_answer,
)
from energy_assets.forecasts.errors import (
    RangeTooLateError,
    RangeZoneError,
    UnknownSeriesError,
    UnmeasuredSeriesError,
)
from energy_assets.forecasts.ranges import RANGE_COLUMNS
from energy_assets_tests.forecasts import issued_customer, issued_meter
from energy_assets_tests.forecasts.issued_customer import customer_world
from energy_assets_tests.forecasts.issued_meter import METER, meter_world, utc

DAY = pd.Timedelta(days=1)
HOUR = pd.Timedelta(hours=1)
FIRST = utc("2025-10-01")
ORIGIN = utc("2025-10-21")
"""Readings end here: 20 days after the first."""
ISSUED = ORIGIN + HOUR


@pytest.fixture
def meter(tmp_path):
    """A meter that used 1 kWh an hour, and is expected to use 7 for two weeks, 70 a day."""
    world = meter_world(tmp_path)
    row = METER | {"interval_minutes": 60, "is_register": False, "location": None}
    row |= {"first_timestamp": FIRST, "last_timestamp": ORIGIN, "updated_at": FIRST}
    world.documents.upsert(CONSUMPTION_METERS, pd.DataFrame([row]))
    world.read(np.ones(480), FIRST, known_at=ORIGIN)
    world.issue(np.full(336, 7.0), ORIGIN, issued_at=ISSUED, daily=np.full(13, 70.0))
    yield world
    world.documents.close()
    world.series.close()


@pytest.fixture
def customer(tmp_path):
    """A customer who used 1 kWh a quarter of an hour, and is expected to use 7 for a day."""
    world = customer_world(tmp_path)
    world.read(np.ones(20 * 96), FIRST, known_at=ORIGIN)
    world.issue(np.full(96, 7.0), ORIGIN, issued_at=ISSUED)
    yield world
    world.documents.close()


@pytest.fixture(params=["meter", "customer"])
def world(request):
    return request.getfixturevalue(request.param)


def key_of(world):
    return issued_meter.KEY if hasattr(world, "series") else issued_customer.KEY


def per_hour(world):
    return 1 if hasattr(world, "series") else 4


def read(world, values, first, *, known_at, version=1):
    """So much in each interval from an instant on; a register goes on from 1 kWh in each before."""
    if hasattr(world, "series"):
        world.read(values, first, known_at=known_at, version=version)
    else:
        register = 1000.0 + (first - FIRST) / issued_customer.STEP
        world.read(values, first, known_at=known_at, version=version, register=register)


def asked(world, start, end, *, now=ISSUED, resolution="hourly", known_at=None):
    question = RangeQuestion(
        key=key_of(world), start=start, end=end, resolution=resolution, known_at=known_at
    )
    return range_answer(world.flow, question, now=now)


def test_the_forecast_as_issued_at_a_time_is_the_newest_one_by_then(world):
    later = ISSUED + HOUR
    world.issue(np.full(96, 8.0), ORIGIN + HOUR, issued_at=later)

    def medians(until):
        return set(issued_forecast(world.flow, key_of(world), until=until).query(
            "resolution == 'hourly'")["value"])  # fmt: skip

    assert medians(ISSUED - pd.Timedelta("1ms")) == set()
    assert medians(ISSUED) == {7.0}
    assert medians(later - pd.Timedelta("1ms")) == {7.0}
    assert medians(later) == {8.0}
    assert medians(later + 400 * DAY) == {8.0}


def test_a_forecast_comes_in_one_shape_whatever_the_flow(world):
    rows = issued_forecast(world.flow, key_of(world), until=ISSUED)

    hours = rows[rows["resolution"] == "hourly"]
    assert set(rows["series_key"]) == {key_of(world)}
    assert hours["valid_at"].iloc[0] == ORIGIN
    assert hours["valid_at"].is_monotonic_increasing
    assert hours["q50"].tolist() == hours["value"].tolist()
    assert (np.diff(hours[list(QUANTILE_NAMES)]) >= 0).all()
    assert set(rows["weather"]) == ({"forecast"} if hasattr(world, "series") else {"none"})


def test_a_forecast_of_which_some_rows_may_lack_is_not_shown(meter):
    meter.issue(np.full(10, 9.0), ORIGIN + HOUR, issued_at=ISSUED + HOUR, whole=False)

    rows = issued_forecast(meter.flow, issued_meter.KEY, until=ISSUED + 2 * HOUR)

    assert set(rows["issued_at"]) == {ISSUED}


def test_of_many_series_those_without_a_forecast_have_no_rows(world):
    keys = [key_of(world), key_of(world) + "0"]

    assert set(issued_forecasts(world.flow, keys, until=ISSUED)["series_key"]) == {key_of(world)}


def test_a_range_shows_readings_and_then_the_forecast_that_was_issued(world):
    rows = asked(world, ORIGIN - 2 * HOUR, ORIGIN + 2 * HOUR)

    each = 2 * per_hour(world)
    assert list(rows.columns) == list(RANGE_COLUMNS)
    assert rows["datetime"].iloc[0] == ORIGIN - 2 * HOUR
    assert rows["type"].tolist() == ["historical"] * each + ["forecast"] * each
    assert rows["value"].tolist() == [1.0] * each + [7.0] * each
    assert rows["mean"].isna().tolist() == [True] * each + [False] * each
    assert set(rows["issued_at"].dropna()) == {ISSUED}
    assert rows["issued_at"].isna().sum() == each


def test_an_answer_says_what_the_issued_forecast_says_row_by_row(world):
    issued = issued_forecast(world.flow, key_of(world), until=ISSUED)
    issued = issued[issued["resolution"] == "hourly"].reset_index(drop=True)

    rows = asked(world, ORIGIN, ORIGIN + world.flow.reach_days * DAY)

    same = ["value", "mean", *QUANTILE_NAMES, "basis", "weather", "issued_at"]
    assert rows["datetime"].tolist() == issued["valid_at"].tolist()
    pd.testing.assert_frame_equal(rows[same], issued[same], check_dtype=False)


def test_a_reading_takes_the_place_of_what_was_forecast(world):
    read(world, np.full(3 * per_hour(world), 2.0), ORIGIN, known_at=ISSUED, version=2)

    rows = asked(world, ORIGIN, ORIGIN + 4 * HOUR, now=ISSUED + HOUR)

    each = per_hour(world)
    assert rows["value"].tolist() == [2.0] * 3 * each + [7.0] * each
    assert rows["type"].tolist() == ["historical"] * 3 * each + ["forecast"] * each
    for name in ("mean", "q05", "weather", "issued_at"):
        assert rows[name].isna().tolist() == [True] * 3 * each + [False] * each


def test_what_the_issued_forecast_does_not_reach_is_predicted_anew(world):
    """Readings of two more hours came; the newest issue ends two hours before the reach."""
    steps = 2 * per_hour(world)
    read(world, np.full(steps, 1.0), ORIGIN, known_at=ISSUED)
    now = ORIGIN + 3 * HOUR
    end = ORIGIN + world.flow.reach_days * DAY

    rows = asked(world, ORIGIN, end + 2 * HOUR, now=now)

    assert rows["type"].tolist() == ["historical"] * steps + ["forecast"] * (len(rows) - steps)
    assert rows["issued_at"].tolist()[steps:-steps] == [ISSUED] * (len(rows) - 2 * steps)
    assert rows["value"].tolist()[steps:-steps] == [7.0] * (len(rows) - 2 * steps)
    # No model serves: the seasonal blend repeats what was used.
    assert rows["basis"].tolist()[-steps:] == ["naive_blend"] * steps
    assert rows["value"].tolist()[-steps:] == pytest.approx([1.0] * steps)
    assert rows["issued_at"].tolist()[-steps:] == [now] * steps


def test_nothing_is_predicted_anew_where_the_issued_forecast_reaches(world, monkeypatch):
    monkeypatch.setattr(type(world.flow), "predicted", None)

    asked(world, ORIGIN - DAY, ORIGIN + world.flow.reach_days * DAY)
    asked(world, ORIGIN - DAY, ORIGIN)
    with pytest.raises(TypeError):  # the forecast of another series would be made
        asked(world, ORIGIN, ORIGIN + DAY, now=ISSUED - pd.Timedelta("1ms"))


def test_a_range_ends_no_later_than_forecasts_reach(world):
    days = "a day" if world.flow.reach_days == 1 else "14 days"
    latest = ORIGIN + world.flow.reach_days * DAY

    with pytest.raises(RangeTooLateError) as refused:
        asked(world, ORIGIN, latest + pd.Timedelta("1min"))

    assert str(refused.value) == (
        f"the range ends at {latest + pd.Timedelta('1min')}, and forecasts reach {days} ahead. "
        f"End at {latest} at the latest."
    )


def test_an_answer_as_of_a_time_holds_nothing_that_came_later(world):
    """Two hours were read later, a value was corrected later, and another forecast was issued."""
    each = per_hour(world)
    later = ISSUED + HOUR
    read(world, np.full(2 * each, 3.0), ORIGIN, known_at=later, version=2)
    read(world, np.full(each, 5.0), ORIGIN - HOUR, known_at=later, version=3)
    world.issue(np.full(96, 8.0), ORIGIN + 2 * HOUR, issued_at=ISSUED + HOUR)

    span = (ORIGIN - HOUR, ORIGIN + 4 * HOUR)
    then = asked(world, *span, now=ISSUED + 9 * HOUR, known_at=ISSUED)
    now = asked(world, *span, now=ISSUED + 9 * HOUR)

    assert then["value"].tolist() == [1.0] * each + [7.0] * 4 * each
    assert set(then["issued_at"].dropna()) == {ISSUED}
    assert now["value"].tolist()[-2 * each :] == [8.0] * 2 * each
    assert now["value"].iloc[0] == 5.0
    assert set(now["issued_at"].dropna()) == {ISSUED + HOUR}
    pd.testing.assert_frame_equal(then, asked(world, *span, now=ISSUED))


def test_an_answer_as_of_a_time_without_a_forecast_predicts_none_with_models_of_today(world):
    before = ISSUED - pd.Timedelta("1ms")

    rows = asked(world, ORIGIN - HOUR, ORIGIN + 2 * HOUR, now=ISSUED + DAY, known_at=before)

    each = per_hour(world)
    assert rows["type"].tolist() == ["historical"] * each + ["missing"] * 2 * each
    assert set(rows["basis"][each + each :]) == {"no_forecast"}


def test_an_answer_as_of_a_time_before_the_first_reading_says_that_there_is_none(world):
    with pytest.raises(UnmeasuredSeriesError):
        asked(world, FIRST, ORIGIN, known_at=ORIGIN - HOUR)


def test_what_arrives_tomorrow_is_not_shown_today_whenever_is_asked_for(world):
    read(world, np.full(2 * per_hour(world), 3.0), ORIGIN, known_at=ISSUED + DAY, version=2)
    world.issue(np.full(96, 8.0), ORIGIN + 2 * HOUR, issued_at=ISSUED + DAY)

    rows = asked(world, ORIGIN, ORIGIN + 4 * HOUR, known_at=ISSUED + 300 * DAY)

    assert set(rows["value"]) == {7.0}
    pd.testing.assert_frame_equal(rows, asked(world, ORIGIN, ORIGIN + 4 * HOUR))


def test_a_series_whose_readings_ended_long_ago_is_not_predicted_anew(world):
    now = ORIGIN + 100 * DAY

    rows = asked(world, now, now + 2 * HOUR, now=now)

    assert set(rows["type"]) == {"missing"}
    assert set(rows["basis"]) == {"no_forecast"}


def test_a_silent_series_is_predicted_from_now_on_and_the_time_between_stays_unknown(world):
    now = ORIGIN + 20 * DAY

    rows = asked(world, now - HOUR, now + HOUR, now=now)

    each = per_hour(world)
    assert rows["type"].tolist() == ["missing"] * each + ["forecast"] * each
    assert set(rows["basis"][:each]) == {"no_value"}
    assert set(rows["issued_at"][each:]) == {now}


def test_hours_that_were_forecast_are_no_quarter_hours_of_a_meter_that_was_exchanged(customer):
    customer.issue(np.full(24, 28.0), ORIGIN, issued_at=ISSUED + HOUR, step=HOUR)

    rows = asked(customer, ORIGIN, ORIGIN + HOUR, now=ISSUED + HOUR)

    assert set(rows["basis"]) == {"naive_blend"}
    assert rows["value"].tolist() == pytest.approx([1.0] * 4)


@pytest.mark.parametrize(("day", "quarters"), [("2025-10-26", 100), ("2026-03-29", 92)])
def test_a_customers_day_of_23_or_25_hours_is_the_sum_of_its_quarters(tmp_path, day, quarters):
    world = customer_world(tmp_path)
    midnight = pd.Timestamp(day, tz="Europe/Berlin")
    begins = midnight.tz_convert("UTC") - 5 * DAY
    world.read(np.full(10 * 96, 0.5), begins, known_at=begins)

    rows = asked(world, midnight, midnight + DAY, now=begins + 10 * DAY + HOUR, resolution="daily")

    # A day of the calendar is asked for: what 24 hours later is depends on the clock.
    assert rows["value"].tolist()[0] == pytest.approx(0.5 * quarters)
    assert rows["datetime"].tolist()[0] == midnight
    world.documents.close()


def test_the_day_in_which_a_customers_readings_end_adds_up_means(customer):
    """22 hours of the local day were read, and two are to come; it began at 22:00 UTC."""
    start, end = utc("2025-10-20 22:00"), utc("2025-10-21 22:00")

    (day,) = asked(customer, start, end, resolution="daily").itertuples()

    assert day.type == "forecast"
    assert day.value == pytest.approx(8 * 1.0 + 88 * 7.01)
    assert day.mean == pytest.approx(day.value)
    assert day.q05 == pytest.approx(8 * 1.0 + 88 * (7.0 - 0.05))


def test_a_meters_day_ahead_is_the_daily_forecast_with_a_band_of_its_own(meter):
    rows = asked(meter, utc("2025-10-21 22:00"), utc("2025-10-23 22:00"), resolution="daily")

    assert rows["value"].tolist() == [70.0, 70.0]
    assert rows["mean"].tolist() == pytest.approx([70.1, 70.1])
    assert rows["q95"].tolist() == [70.5, 70.5]
    assert set(rows["weather"]) == {"forecast"}


def test_the_last_day_of_a_range_is_predicted_to_its_end(meter):
    """Ten hours were issued, and no day; the range ends within the day that they begin in."""
    later = ISSUED + HOUR
    meter.issue(np.full(10, 7.0), ORIGIN, issued_at=later)

    (day,) = asked(
        meter, utc("2025-10-20 22:00"), ORIGIN + 2 * HOUR, now=later, resolution="daily"
    ).itertuples()

    # Two hours were read, ten were issued with a mean of 7.1, and 12 are predicted anew.
    assert day.type == "forecast"
    assert day.value == pytest.approx(2 * 1.0 + 10 * 7.1 + 12 * 1.0, rel=0.02)


def test_history_is_shown_as_it_was_read_and_not_as_models_round_it(tmp_path):
    world = customer_world(tmp_path)
    world.read(np.full(96, 0.1), ORIGIN - DAY, known_at=ORIGIN, register=0.0)

    rows = asked(world, ORIGIN - DAY, ORIGIN, now=ORIGIN)

    assert np.abs(rows["value"] - 0.1).max() < 1e-12
    world.documents.close()


def test_a_series_that_does_not_exist_is_refused_with_near_names(meter, customer):
    with pytest.raises(UnknownSeriesError, match="Did you mean '900'"):
        issued_forecast(customer.flow, "9000", until=ISSUED)
    with pytest.raises(UnknownMeterError, match="Did you mean 'house-01'"):
        issued_forecast(meter.flow, "electricity/hause-01", until=ISSUED)
    for wrong in ("gas/house-01", "house-01", ""):
        with pytest.raises(UnknownMeterTypeError):
            issued_forecast(meter.flow, wrong, until=ISSUED)
    with pytest.raises(UnknownMeterError, match="No water meter is known yet"):
        issued_forecast(meter.flow, "water/", until=ISSUED)


@pytest.mark.parametrize("name", ["start", "end", "known_at"])
def test_an_instant_without_a_zone_is_refused(world, name):
    instants = {"start": ORIGIN - DAY, "end": ORIGIN, "known_at": ISSUED}
    instants[name] = instants[name].tz_localize(None)
    start, end = instants["start"], instants["end"]

    with pytest.raises(RangeZoneError, match=f"the {name} of the range"):
        asked(world, start, end, known_at=instants["known_at"])


def test_the_newest_forecast_of_each_series_is_drawn_with_its_reasons(world):
    keys = [key_of(world), key_of(world) + "0"]

    ((key, issued_at, image),) = newest_charts(world.flow, keys, until=ISSUED)

    assert (key, issued_at) == (key_of(world), ISSUED)
    assert image.startswith(b"\x89PNG")
    reasons = world.flow.reasons({key: issued_at})
    assert reasons == ({key: ["Because."]} if hasattr(world, "series") else {})


def test_a_chart_shows_the_temperatures_that_were_measured_by_then_and_no_later_ones(
    meter, monkeypatch
):
    drawn = []
    monkeypatch.setattr(
        answers, "forecast_chart", lambda rows, measured, **_: drawn.append(measured) or b""
    )
    for issued_at, celsius in [(ORIGIN, 5.0), (ISSUED + HOUR, 6.0)]:
        hours = pd.date_range(ORIGIN - DAY, ORIGIN, freq="h", inclusive="left")
        record_answer(
            meter.series,
            pd.DataFrame({"valid_at": hours, "temperature_c": celsius}),
            location="home",
            provider="test",
            kind="observation",
            issued_at=issued_at,
        )

    list(newest_charts(meter.flow, [issued_meter.KEY], until=ISSUED))
    list(newest_charts(meter.flow, [issued_meter.KEY], until=ISSUED + HOUR))

    then, now = (set(measured.temperature_c[-24:]) for measured in drawn)
    assert (then, now) == ({5.0}, {6.0})
    plain = meter.flow.measured(issued_meter.KEY, known_at=ISSUED)
    assert np.isnan(plain.temperature_c).all()
