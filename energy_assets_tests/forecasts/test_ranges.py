from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from energy_assets.consumption.errors import (
    UnknownMeterError,
    UnknownMeterTypeError,
    checked_meter_type,
)
from energy_assets.contracts.forecasts import QUANTILE_NAMES
from energy_assets.forecasting.series import Series
from energy_assets.forecasts.errors import (
    RangeOrderError,
    RangeTooEarlyError,
    RangeTooLateError,
    RangeTooLongError,
    RangeZoneError,
    UnmeasuredSeriesError,
)
from energy_assets.forecasts.flow import Measured
from energy_assets.forecasts.ranges import (
    RANGE_COLUMNS,
    checked_instants,
    range_values,
    require_reach,
)

NOW = pd.Timestamp("2026-03-03 12:00", tz="UTC")
ISSUED = pd.Timestamp("2026-03-03 11:00", tz="UTC")


def at(text):
    return pd.Timestamp(text, tz="UTC")


def meter(values, *, start="2026-03-01", minutes=60, zone="UTC", reasons=None):
    first = pd.Timestamp(start, tz=zone if minutes == 1440 else "UTC").tz_convert("UTC")
    series = Series(
        key="water/w1",
        unit="m3",
        start_at=first.as_unit("ms"),
        interval_minutes=minutes,
        zone=zone,
        values=np.array(values, float),
    )
    return Measured(
        series=series,
        reason=np.array([None] * len(values) if reasons is None else reasons, object),
        temperature_c=np.full(len(values), 5.0),
        register=np.full(len(values), np.nan),
        features=pd.DataFrame(),
    )


def predicted(starts, value, *, mean=None, resolution="hourly", issued_at=ISSUED, basis="xgboost"):
    starts = pd.DatetimeIndex(starts).as_unit("ms")
    return pd.DataFrame(
        {
            "resolution": resolution,
            "issued_at": issued_at,
            "valid_at": starts,
            "value": float(value),
            "mean": float(value if mean is None else mean),
            **{name: value + place for place, name in enumerate(QUANTILE_NAMES, start=-3)},
            "temperature_c": 9.0,
            "basis": basis,
            "weather": "forecast",
        }
    )


def hours(start, count):
    return pd.date_range(start, periods=count, freq="h", tz="UTC")


def asked(history, forecasts, start, end, *, resolution="hourly", now=NOW):
    return range_values(
        history, forecasts, start=at(start), end=at(end), resolution=resolution, now=now
    )


NOTHING = predicted(hours("2026-03-03", 0), 1)


def test_a_range_shows_what_was_measured_what_is_missing_and_what_is_predicted():
    history = meter([1.0, np.nan, 3.0], start="2026-03-03 08:00", reasons=[None, "gap", None])

    rows = asked(
        history, predicted(hours("2026-03-03 11:00", 5), 7), "2026-03-03 07:00", "2026-03-03 13:00"
    )

    assert list(rows.columns) == list(RANGE_COLUMNS)
    assert rows["datetime"].tolist() == list(hours("2026-03-03 07:00", 6))
    assert rows["type"].tolist() == [
        "missing",
        "historical",
        "missing",
        "historical",
        "forecast",
        "forecast",
    ]
    assert rows["value"].tolist()[1::2] == [1.0, 3.0, 7.0]
    assert rows["value"].isna().tolist() == [True, False, True, False, False, False]
    assert rows["basis"].tolist() == ["no_value", "measured", "gap", "measured"] + ["xgboost"] * 2
    assert rows["q05"].isna().tolist() == [True] * 4 + [False] * 2
    assert (rows["q05"].iloc[-1], rows["q95"].iloc[-1]) == (4.0, 10.0)
    assert rows["temperature_c"].iloc[3:].tolist() == [5.0, 9.0, 9.0]


def test_an_old_forecast_does_not_fill_a_hole_in_the_measurements():
    history = meter([1.0, np.nan, 3.0])

    rows = asked(history, predicted(hours("2026-03-01", 3), 7), "2026-03-01", "2026-03-01 03:00")

    assert rows["type"].tolist() == ["historical", "missing", "historical"]


def test_the_newest_issue_of_each_interval_counts():
    old = predicted(hours("2026-03-03 12:00", 3), 1, issued_at=at("2026-03-01"))
    new = predicted(hours("2026-03-03 12:00", 2), 2)

    rows = asked(meter([1.0]), pd.concat([new, old]), "2026-03-03 12:00", "2026-03-03 15:00")

    assert rows["value"].tolist() == [2.0, 2.0, 1.0]


def test_an_interval_ahead_that_nobody_predicted_says_so_and_is_not_zero():
    rows = asked(meter([1.0]), NOTHING, "2026-03-03 11:00", "2026-03-03 14:00")

    assert rows["basis"].tolist() == ["no_value", "no_forecast", "no_forecast"]
    assert rows["value"].isna().all()


def test_intervals_keep_step_with_a_meter_that_reports_at_half_past():
    history = meter([1.0, 2.0], start="2026-03-01 00:30")

    rows = asked(history, NOTHING, "2026-03-01 00:00", "2026-03-01 02:00")

    assert rows["datetime"].tolist() == [at("2026-03-01 00:30"), at("2026-03-01 01:30")]
    assert rows["value"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize(("day", "length"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_day_of_23_or_25_hours_is_the_sum_of_them(day, length):
    midnight = pd.Timestamp(day, tz="Europe/Berlin").tz_convert("UTC")
    history = meter(
        [1.0] * 75, start=(midnight - pd.Timedelta("1D")).tz_localize(None), zone="Europe/Berlin"
    )

    rows = range_values(
        history,
        NOTHING,
        start=midnight,
        end=midnight + pd.Timedelta(hours=length),
        resolution="daily",
        now=at("2027-01-01"),
    )

    assert rows["datetime"].tolist() == [midnight]
    assert rows["value"].tolist() == [float(length)]
    assert rows["type"].tolist() == ["historical"]


def test_a_day_that_lacks_one_hour_is_missing_and_tells_how_many_are_known():
    values = np.ones(48)
    values[30] = np.nan

    rows = asked(meter(values), NOTHING, "2026-03-01", "2026-03-03", resolution="daily")

    assert rows["type"].tolist() == ["historical", "missing"]
    assert rows["value"].isna().tolist() == [False, True]
    assert rows["basis"].tolist() == ["measured", "23 of 24 intervals known"]


def test_a_day_that_is_partly_forecast_adds_up_means_and_never_medians():
    history = meter([1.0] * 10, start="2026-03-03")
    ahead = predicted(hours("2026-03-03 10:00", 14), 0.0, mean=0.5)

    (day,) = asked(history, ahead, "2026-03-03", "2026-03-04", resolution="daily").itertuples()

    assert (day.type, day.value, day.mean) == ("forecast", 10 + 14 * 0.5, 10 + 14 * 0.5)
    assert day.q50 == 10.0


def test_a_forecast_from_before_means_were_learned_shows_its_median():
    ahead = predicted(hours("2026-03-03 10:00", 3), 2.0).assign(mean=np.nan)

    rows = asked(
        meter([1.0] * 10, start="2026-03-03"), ahead, "2026-03-03 10:00", "2026-03-03 12:00"
    )

    assert rows["mean"].tolist() == [2.0, 2.0]


def test_the_day_in_which_measurements_end_adds_measured_and_predicted_hours():
    history = meter(np.ones(10), start="2026-03-03")
    by_hour = predicted(hours("2026-03-03 10:00", 62), 5)
    by_day = predicted([at("2026-03-03"), at("2026-03-04")], 90, resolution="daily")

    rows = asked(
        history, pd.concat([by_hour, by_day]), "2026-03-03", "2026-03-06", resolution="daily"
    )

    # 10 measured and 14 predicted hours; the daily row; 24 predicted hours.
    assert rows["value"].tolist() == [10 + 14 * 5.0, 90.0, 24 * 5.0]
    assert rows["q05"].tolist() == [10 + 14 * 2.0, 87.0, 24 * 2.0]
    assert rows["type"].tolist() == ["forecast"] * 3


def test_a_day_says_of_the_forecast_that_it_shows_when_it_was_issued_and_on_what_weather():
    by_hour = predicted(hours("2026-03-04", 48), 5, issued_at=at("2026-03-02"))
    by_day = predicted([at("2026-03-04")], 90, resolution="daily", basis="kernel")

    rows = asked(
        meter(np.ones(24), start="2026-03-02"),
        pd.concat([by_hour, by_day.assign(weather="normal")]),
        "2026-03-02",
        "2026-03-06",
        resolution="daily",
    )

    assert rows["basis"].tolist() == ["measured", "no_forecast", "kernel", "xgboost"]
    assert rows["weather"].tolist()[2:] == ["normal", "forecast"]
    assert rows["issued_at"].tolist()[2:] == [ISSUED, at("2026-03-02")]
    assert rows["weather"].isna().tolist() == [True, True, False, False]
    assert rows["issued_at"].isna().tolist() == [True, True, False, False]


def test_a_daily_forecast_does_not_fill_a_day_that_was_measured_in_part():
    values = np.ones(72)
    values[30] = np.nan
    by_day = predicted([at("2026-03-02")], 90, resolution="daily")

    rows = asked(meter(values), by_day, "2026-03-02", "2026-03-04", resolution="daily")

    assert rows["type"].tolist() == ["missing", "historical"]


def test_a_daily_meter_gives_its_days_for_both_resolutions():
    history = meter([4.0, 5.0], start="2026-03-28", minutes=1440, zone="Europe/Berlin")
    midnight = pd.Timestamp("2026-03-30", tz="Europe/Berlin").tz_convert("UTC")
    ahead = predicted([midnight], 6, resolution="daily")

    by_interval, by_day = (
        asked(history, ahead, "2026-03-27 23:00", "2026-03-30 22:00", resolution=resolution)
        for resolution in ("hourly", "daily")
    )

    pd.testing.assert_frame_equal(by_interval, by_day)
    assert by_day["value"].tolist() == [4.0, 5.0, 6.0]
    assert by_day["datetime"].iloc[-1] == midnight


@pytest.mark.parametrize("resolution", ["hourly", "daily"])
@pytest.mark.parametrize("values", [[], [np.nan] * 30])
def test_a_meter_without_a_value_has_only_missing_ones(values, resolution):
    rows = asked(meter(values), NOTHING, "2026-03-01", "2026-03-03", resolution=resolution)

    assert rows["type"].unique().tolist() == ["missing"]
    assert rows["value"].isna().all()


def test_a_range_within_one_day_has_no_day():
    rows = asked(meter([1.0]), NOTHING, "2026-03-01 05:00", "2026-03-01 09:00", resolution="daily")

    assert rows.empty
    assert list(rows.columns) == list(RANGE_COLUMNS)


FIRST = at("2024-03-05 13:00")


def check(start, end, first_known_at=FIRST):
    first, last = checked_instants(start, end)
    require_reach(first, last, first_known_at=first_known_at, origin_at=NOW, reach_days=14)
    return first, last


@pytest.mark.parametrize(
    ("start", "end", "error", "words"),
    [
        (at("2026-02-02"), at("2026-02-01"), RangeOrderError, "Exchange the two"),
        (at("2026-02-02"), at("2026-02-02"), RangeOrderError, "The end is exclusive"),
        (at("1900-01-01"), at("1900-01-08"), RangeTooEarlyError, "2024-03-05 13:00"),
        (at("2024-01-01"), at("2026-01-01"), RangeTooEarlyError, "Start there"),
        (at("1950-01-01"), at("2050-01-01"), RangeTooLongError, "36,525 days"),
        (
            datetime(1, 1, 1, tzinfo=UTC),
            datetime(9999, 1, 1, tzinfo=UTC),
            RangeTooLongError,
            "part",
        ),
        (at("2026-03-01"), at("2026-03-18"), RangeTooLateError, "2026-03-17 12:00"),
        (pd.Timestamp("2026-02-01"), at("2026-02-02"), RangeZoneError, "start"),
        (at("2026-02-01"), pd.Timestamp("2026-02-02"), RangeZoneError, "end"),
    ],
)
def test_a_range_that_has_no_answer_is_refused_with_what_to_do(start, end, error, words):
    with pytest.raises(error, match=words):
        check(start, end)


def test_the_last_minute_within_reach_is_answered_and_the_next_is_not():
    assert check(at("2026-03-01"), at("2026-03-17 12:00"))[1] == at("2026-03-17 12:00")
    with pytest.raises(RangeTooLateError):
        check(at("2026-03-01"), at("2026-03-17 12:01"))


def test_a_range_of_whole_days_may_start_on_the_day_of_the_first_value():
    start = pd.Timestamp("2024-03-05", tz="Europe/Berlin")

    assert check(start, at("2024-03-07"))[0] == at("2024-03-04 23:00")


def test_a_meter_without_values_has_no_range():
    with pytest.raises(UnmeasuredSeriesError, match="Upload"):
        check(at("2026-02-01"), at("2026-02-02"), first_known_at=None)


def test_an_unknown_meter_is_answered_with_near_names():
    known = [f"house {number}" for number in range(3_000)] + ["Kiosk-7"]

    error = UnknownMeterError("water", "kiosk-8", known)

    assert error.near == ["Kiosk-7"]
    assert "Did you mean 'Kiosk-7'?" in str(error)
    assert UnknownMeterError("water", "house 1499x", known).near[0] == "house 1499"
    assert "No water meter is known yet" in str(UnknownMeterError("water", "kiosk-8", []))
    assert "3001 other" in str(UnknownMeterError("water", "", known))
    assert len(str(UnknownMeterError("water", "x\n" * 5_000, known))) < 400


def test_an_unknown_meter_type_is_answered_with_the_known_ones():
    assert checked_meter_type("water") == "water"
    for wrong in ("gas", "Water", "", "water "):
        with pytest.raises(UnknownMeterTypeError, match="electricity, water"):
            checked_meter_type(wrong)
