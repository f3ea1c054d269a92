"""What was known of an interval's weather at each origin, against a slow second way."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_assets.consumption.known_weather import known_weather
from energy_assets.contracts.consumption import WEATHER
from energy_assets.forecasting.series import LEAD_DAYS, KnownFuture

DAY = pd.Timedelta(days=1)
FIRST = pd.Timestamp("2026-03-01", tz="UTC")


def instant(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


@dataclass(frozen=True)
class Row:
    issued: str
    valid: str
    celsius: float
    kind: str = "forecast"
    provider: str = "open_meteo"


def weather(*rows: Row) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "location": "Riga",
            "provider": [row.provider for row in rows],
            "kind": [row.kind for row in rows],
            "issued_at": [instant(row.issued) for row in rows],
            "valid_at": [instant(row.valid) for row in rows],
            "temperature_c": [row.celsius for row in rows],
        }
    )
    for name in ("issued_at", "valid_at"):
        frame[name] = frame[name].astype("datetime64[ms, UTC]")
    return frame[WEATHER.names]


def one_hour(rows: pd.DataFrame, hour: str, *, origin: str, **options: str) -> KnownFuture:
    return known_weather(
        rows,
        starts=pd.DatetimeIndex([instant(hour)]),
        origin_at=instant(origin),
        interval_minutes=60,
        **options,  # type: ignore[arg-type]
    )


def test_each_lead_has_the_newest_forecast_that_was_known_then():
    rows = weather(
        Row("2026-03-02T12:00", "2026-03-05T12:00", 3.0),  # exactly three days before
        Row("2026-03-03T12:01", "2026-03-05T12:00", 2.0),  # a minute less than two days before
        Row("2026-03-04T06:00", "2026-03-05T12:00", 1.0),
        Row("2026-03-05T06:00", "2026-03-05T12:00", 0.0),  # too late for any lead
    )
    known = one_hour(rows, "2026-03-05T12:00", origin="2026-03-20")
    assert known.predicted[0, :3].tolist() == [1.0, 3.0, 3.0]
    assert np.isnan(known.predicted[0, 3:]).all()
    assert not known.normal.any()


def test_the_order_of_rows_does_not_matter():
    rows = weather(
        Row("2026-03-04T06:00", "2026-03-05T12:00", 1.0),
        Row("2026-03-04T03:00", "2026-03-05T12:00", 7.0),
        Row("2026-03-04T05:00", "2026-03-05T12:00", 8.0),
    )
    known = one_hour(rows, "2026-03-05T12:00", origin="2026-03-20")
    assert known.predicted[0, 0] == 1.0


def test_of_a_coming_hour_the_newest_forecast_counts():
    rows = weather(
        Row("2026-03-03T10:00", "2026-03-05T12:00", 2.0),
        Row("2026-03-05T06:00", "2026-03-05T12:00", 0.0),
        Row("2026-03-05T06:01", "2026-03-05T12:00", 99.0),  # issued after the origin
    )
    known = one_hour(rows, "2026-03-05T12:00", origin="2026-03-05T06:00")
    # The first 24 hours after the origin know the newest; longer leads what they always knew.
    assert known.predicted[0, :3].tolist() == pytest.approx([0.0, 2.0, np.nan], nan_ok=True)


def test_a_coming_hour_in_the_third_day_knows_the_newest_in_three_columns():
    rows = weather(
        Row("2026-02-27", "2026-03-05T12:00", 5.0), Row("2026-03-03", "2026-03-05T12:00", 2.0)
    )
    known = one_hour(rows, "2026-03-05T12:00", origin="2026-03-03T11:00")
    assert known.predicted[0, :7].tolist() == pytest.approx([2, 2, 2, 5, 5, 5, np.nan], nan_ok=True)


def test_a_real_forecast_wins_over_a_newer_normal():
    rows = weather(
        Row("2026-02-28", "2026-03-05T12:00", 4.0),
        Row("2026-03-04", "2026-03-05T12:00", 9.0, kind="normal", provider="climate_normal"),
        Row("2026-03-04", "2026-03-05T13:00", 8.0, kind="normal", provider="climate_normal"),
    )
    forecast = one_hour(rows, "2026-03-05T12:00", origin="2026-03-20")
    assert (forecast.predicted[0, 0], bool(forecast.normal[0, 0])) == (4.0, False)
    normal = one_hour(rows, "2026-03-05T13:00", origin="2026-03-20")
    assert (normal.predicted[0, 0], bool(normal.normal[0, 0])) == (8.0, True)
    assert not normal.normal[0, 1]  # two days before nothing was known: missing, not normal


def test_the_preferred_provider_counts_most():
    rows = weather(
        Row("2026-03-03", "2026-03-05T12:00", 1.0, provider="visual_crossing"),
        Row("2026-03-04", "2026-03-05T12:00", 2.0, provider="open_meteo"),
    )
    of = {
        name: one_hour(
            rows, "2026-03-05T12:00", origin="2026-03-20", preferred_provider=name
        ).predicted[0, 0]
        for name in ("visual_crossing", "open_meteo", "somebody else")
    }
    assert of == {"visual_crossing": 1.0, "open_meteo": 2.0, "somebody else": 2.0}


def test_zero_degrees_are_zero_and_a_missing_value_is_no_value():
    rows = weather(
        Row("2026-03-03", "2026-03-05T12:00", 0.0),
        Row("2026-03-04", "2026-03-05T12:00", float("nan")),
    )
    assert one_hour(rows, "2026-03-05T12:00", origin="2026-03-20").predicted[0, 0] == 0.0


def test_observations_count_once_they_are_known_and_a_newer_one_corrects():
    rows = weather(
        Row("2026-03-05T13:00", "2026-03-05T12:00", 4.0, kind="observation"),
        Row("2026-03-06T13:00", "2026-03-05T12:00", 5.0, kind="observation"),
        Row("2026-03-05T11:00", "2026-03-05T12:00", 7.0, kind="observation"),  # of the future
    )
    seen = {
        origin: one_hour(rows, "2026-03-05T12:00", origin=origin).observed[0]
        for origin in ("2026-03-05T12:59", "2026-03-05T13:00", "2026-03-07")
    }
    assert list(seen.values()) == pytest.approx([np.nan, 4.0, 5.0], nan_ok=True)
    assert np.isnan(one_hour(rows, "2026-03-05T12:00", origin="2026-03-07").predicted).all()


def test_no_archive_at_all_is_no_weather():
    starts = pd.date_range(FIRST, periods=3, freq="h")
    known = known_weather(weather(), starts=starts, origin_at=FIRST, interval_minutes=60)
    assert known.predicted.shape == known.normal.shape == (3, LEAD_DAYS)
    assert np.isnan(known.predicted).all()
    assert np.isnan(known.observed).all()


def test_no_interval_has_no_weather():
    rows = weather(Row("2026-03-03", "2026-03-05T12:00", 1.0))
    known = known_weather(
        rows, starts=FIRST + pd.to_timedelta([]), origin_at=FIRST, interval_minutes=60
    )
    assert known.predicted.shape == (0, LEAD_DAYS)
    assert known.observed.shape == (0,)


@pytest.mark.parametrize(("midnight", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_local_day_has_the_mean_of_its_hours_however_many_it_has(midnight, hours):
    days = pd.date_range(midnight, periods=2, freq="D", tz="Europe/Riga").tz_convert("UTC")
    assert days[1] - days[0] == pd.Timedelta(hours=hours)
    first = days[0]
    issued = str((first - 2 * DAY).tz_localize(None))
    stamps = [first + pd.Timedelta(hours=hour) for hour in range(-2, hours + 2)]
    rows = weather(
        *(
            Row(issued, str(stamp.tz_localize(None)), 100.0 if abs(at - 12) > 99 else float(at))
            for at, stamp in enumerate(stamps, start=-2)
        )
    )
    known = known_weather(rows, starts=days, origin_at=first + 30 * DAY, interval_minutes=1440)
    # The hours are 0 to n - 1; their mean is (n - 1) / 2, and the day after has two of 24.
    assert known.predicted[0, :3].tolist() == pytest.approx(
        [(hours - 1) / 2, (hours - 1) / 2, np.nan], nan_ok=True
    )
    assert np.isnan(known.predicted[1]).all()


def test_a_long_interval_knows_only_what_was_known_before_its_start():
    # Five of six hours were predicted more than a day ahead, but the interval was not.
    rows = weather(*(Row("2026-03-04T06:30", f"2026-03-05T{h:02}:00", 5.0) for h in range(6, 12)))
    starts = pd.DatetimeIndex([instant("2026-03-05T06:00")])
    known = known_weather(
        rows, starts=starts, origin_at=instant("2026-03-20"), interval_minutes=360
    )
    assert np.isnan(known.predicted).all()


def test_a_day_that_is_half_normal_says_so():
    issued = "2026-03-01"
    rows = weather(
        *(Row(issued, f"2026-03-05T{h:02}:00", 2.0) for h in range(12)),
        *(
            Row(issued, f"2026-03-05T{h:02}:00", 4.0, kind="normal", provider="climate_normal")
            for h in range(24)
        ),
    )
    starts = pd.DatetimeIndex([instant("2026-03-05")])
    known = known_weather(
        rows, starts=starts, origin_at=instant("2026-03-20"), interval_minutes=1440
    )
    assert (known.predicted[0, 0], bool(known.normal[0, 0])) == (3.0, True)


ROWS = st.lists(
    st.builds(
        dict,
        kind=st.sampled_from(["forecast", "forecast", "observation", "normal"]),
        provider=st.sampled_from(["open_meteo", "simulated"]),
        issued=st.integers(-16 * 24 * 2, 8 * 24 * 2),  # half hours from FIRST
        valid=st.integers(-24, 20 * 24),  # hours from FIRST
    ),
    max_size=60,
)


def drawn(rows: list[dict[str, object]]) -> pd.DataFrame:
    frame = weather()
    if rows:
        made = pd.DataFrame(rows)
        frame = pd.DataFrame(
            {
                "location": "Riga",
                "provider": made["provider"],
                "kind": made["kind"],
                "issued_at": FIRST + pd.to_timedelta(made["issued"] * 30, unit="min"),
                "valid_at": FIRST + pd.to_timedelta(made["valid"], unit="h"),
                "temperature_c": np.arange(len(made)) / 4.0,
            }
        )
        key = ["provider", "kind", "issued_at", "valid_at"]
        frame = frame.drop_duplicates(key)
    return frame


def slowly(rows: list[Any], start: pd.Timestamp, lead: int, origin: pd.Timestamp) -> float:
    """The same rule in a loop: one hour, one lead."""
    coming = start >= origin and lead <= (start - origin) // DAY + 1
    limit = origin if coming else min(origin, start - lead * DAY)
    ranked = [
        (kind == "forecast", kind == "forecast" and provider == "simulated", issued_at, celsius)
        for kind, provider, issued_at, valid_at, celsius in rows
        if valid_at == start and issued_at <= limit and kind != "observation"
    ]
    return float(max(ranked)[3]) if ranked else float("nan")


@settings(max_examples=25, deadline=None, derandomize=True)
@given(rows=ROWS, origin_hours=st.integers(0, 10 * 24))
def test_the_fast_way_agrees_with_a_slow_loop(rows, origin_hours):
    frame = drawn(rows)
    # Two answers of the same moment have no order among providers.
    frame = frame.drop_duplicates(["kind", "issued_at", "valid_at"])
    origin = FIRST + pd.Timedelta(hours=origin_hours)
    starts = pd.DatetimeIndex(sorted(frame["valid_at"].unique())).as_unit("ms")
    known = known_weather(
        frame, starts=starts, origin_at=origin, interval_minutes=60, preferred_provider="simulated"
    )
    columns = ["kind", "provider", "issued_at", "valid_at", "temperature_c"]
    listed = list(frame[columns].itertuples(index=False, name=None))
    expected = [
        [slowly(listed, start, lead, origin) for lead in range(1, LEAD_DAYS + 1)]
        for start in starts
    ]
    assert np.array_equal(
        known.predicted, np.array(expected).reshape(-1, LEAD_DAYS), equal_nan=True
    )


@settings(max_examples=25, deadline=None, derandomize=True)
@given(rows=ROWS, origin_hours=st.integers(0, 10 * 24), interval=st.sampled_from([60, 180, 1440]))
def test_nothing_that_was_issued_after_the_origin_matters(rows, origin_hours, interval):
    frame = drawn(rows)
    origin = FIRST + pd.Timedelta(hours=origin_hours)
    starts = pd.date_range(FIRST, periods=20 * 1440 // interval, freq=f"{interval}min")
    later = frame["issued_at"] > origin
    changed = frame.assign(temperature_c=frame["temperature_c"].where(~later, -77.0))
    results = [
        known_weather(each, starts=starts, origin_at=origin, interval_minutes=interval)
        for each in (frame, changed, frame[~later], frame.sample(frac=1.0, random_state=1))
    ]
    for other in results[1:3]:
        assert np.array_equal(results[0].predicted, other.predicted, equal_nan=True)
        assert np.array_equal(results[0].observed, other.observed, equal_nan=True)
        assert np.array_equal(results[0].normal, other.normal)
    assert np.array_equal(np.isnan(results[0].predicted), np.isnan(results[3].predicted))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(rows=ROWS, interval=st.sampled_from([60, 360]))
def test_an_origin_in_the_past_sees_no_forecast_that_came_after_it(rows, interval):
    frame = drawn(rows)
    now = FIRST + 30 * DAY
    starts = pd.date_range(FIRST, periods=20 * 1440 // interval, freq=f"{interval}min")
    all_known = known_weather(frame, starts=starts, origin_at=now, interval_minutes=interval)
    origin = FIRST + 3 * DAY
    then = frame[frame["issued_at"] <= origin]
    known_then = known_weather(then, starts=starts, origin_at=now, interval_minutes=interval)
    lead = (starts - origin) // DAY + 1  # the 24 hours after the origin in which a start is
    ahead = np.flatnonzero((lead >= 1) & (lead <= LEAD_DAYS))
    columns = np.asarray(lead)[ahead] - 1
    assert np.array_equal(
        all_known.predicted[ahead, columns],
        known_then.predicted[ahead, columns],
        equal_nan=True,
    )
