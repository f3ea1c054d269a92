"""Open-Meteo, OpenWeatherMap and Visual Crossing, against simulated answers of documented shape."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from energy_assets_tests.resources.weather.simulation import (
    Asked,
    Reply,
    WeatherSimulation,
    as_json,
    as_text,
    epoch_s,
    open_meteo_answer,
    openweathermap_answer,
    visual_crossing_answer,
    visual_crossing_day,
)
from resources.errors import WeatherBudgetError, WeatherKeyError, WeatherUnavailableError
from resources.weather.answers import Patience
from resources.weather.open_meteo import OpenMeteo
from resources.weather.openweathermap import OpenWeatherMap
from resources.weather.visual_crossing import VisualCrossing
from resources.weather_provider import Place

RIGA = Place(latitude=56.95, longitude=24.1)
SYDNEY = Place(latitude=-33.87, longitude=151.21)
NOW = datetime(2026, 1, 31, 10, 40, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def by_hour(hours: pd.DataFrame) -> dict[str, float]:
    assert hours["valid_at"].dt.unit == "ms"
    assert hours["valid_at"].is_monotonic_increasing
    assert hours["valid_at"].is_unique
    stamps = hours["valid_at"].dt.strftime("%m-%dT%H:%M")
    return dict(zip(stamps, hours["temperature_c"], strict=True))


@pytest.fixture
def open_meteo(service: WeatherSimulation, patience: Patience) -> OpenMeteo:
    return OpenMeteo(
        forecast_url=f"{service.url}/forecast",
        archive_url=f"{service.url}/archive",
        patience=patience,
        now=lambda: NOW,
    )


@pytest.fixture
def openweathermap(service: WeatherSimulation, patience: Patience) -> OpenWeatherMap:
    return OpenWeatherMap(
        api_key="key",
        base_url=f"{service.url}/data/2.5/",
        history_url=f"{service.url}/old/2.5",
        patience=patience,
    )


def visual_crossing(
    service: WeatherSimulation, patience: Patience, *, units: str = "metric"
) -> VisualCrossing:
    return VisualCrossing(
        api_key="key", base_url=f"{service.url}/timeline/", units=units, patience=patience
    )


def test_a_forecast_starts_with_the_present_hour_and_zero_degrees_are_zero(service, open_meteo):
    celsius: list[float | None] = [9.9] * 10 + [0.0, -0.4, -27.5]
    service.replies = [as_json(open_meteo_answer("2026-01-31T00:00", celsius))]
    hours = by_hour(open_meteo.forecast(RIGA, now=NOW))
    assert hours == {"01-31T10:00": 0.0, "01-31T11:00": -0.4, "01-31T12:00": -27.5}


def test_six_missing_hours_are_interpolated_and_seven_are_not(service, open_meteo):
    celsius = [0.0, *[None] * 6, 7.0, *[None] * 7, 15.0, None]
    service.replies = [as_json(open_meteo_answer("2026-01-31T10:00", celsius))]
    hours = by_hour(open_meteo.forecast(RIGA, now=NOW))
    rising = {f"01-31T{10 + hour}:00": float(hour) for hour in range(8)}
    assert hours == {**rising, "02-01T01:00": 15.0}


def test_history_comes_from_the_archive_and_its_last_days_from_the_models(service, open_meteo):
    def answer(asked: Asked) -> Reply:
        value = {"/archive": 1.0, "/forecast": 2.0}[asked.path]
        start = f"{asked.query['start_date']}T00:00"
        days = (at(asked.query["end_date"]) - at(asked.query["start_date"])).days + 1
        return as_json(open_meteo_answer(start, [value] * 24 * days))

    service.answer = answer
    hours = open_meteo.history(RIGA, start=at("2026-01-24T06:00"), end=at("2026-01-28T03:00"))
    told = hours.set_index("valid_at")["temperature_c"]
    assert len(told) == 93
    # The archive is complete for days that ended five days ago: up to the 25th, on the 31st.
    assert told[: at("2026-01-25T23:00")].eq(1.0).all()
    assert told[at("2026-01-26T00:00") :].eq(2.0).all()
    spans = [(a.path, a.query["start_date"], a.query["end_date"]) for a in service.asked]
    assert spans == [
        ("/archive", "2026-01-24", "2026-01-25"),
        ("/forecast", "2026-01-26", "2026-01-28"),
    ]


def test_hours_that_no_archive_has_yet_are_no_hours(service, open_meteo):
    service.replies = [as_json(open_meteo_answer("2026-01-10T00:00", [None] * 24))]
    day = open_meteo.history(RIGA, start=at("2026-01-10"), end=at("2026-01-11"))
    assert day.empty
    assert str(day["valid_at"].dtype) == "datetime64[ms, UTC]"


def test_three_hourly_steps_become_hours_across_the_turn_of_the_year(service, openweathermap):
    answer = openweathermap_answer("2025-12-31T21:00", [3.0, 0.0, -1.5])
    service.replies = [as_json(answer)]
    hours = by_hour(openweathermap.forecast(RIGA, now=at("2025-12-31T20:05")))
    assert hours == {
        "12-31T21:00": 3.0,
        "12-31T22:00": 2.0,
        "12-31T23:00": 1.0,
        "01-01T00:00": 0.0,
        "01-01T01:00": -0.5,
        "01-01T02:00": -1.0,
        "01-01T03:00": -1.5,
    }
    (asked,) = service.asked
    assert asked.path == "/data/2.5/forecast"
    assert asked.query == {
        "lat": "56.95000",
        "lon": "24.10000",
        "units": "metric",
        "appid": "key",
    }


def test_a_step_that_is_left_out_is_bridged_and_two_are_not(service, openweathermap):
    answer = openweathermap_answer("2026-01-31T12:00", [0.0, 3.0, 6.0, 9.0, 12.0, 15.0])
    del answer["list"][4], answer["list"][2]
    service.replies = [as_json(answer)]
    assert len(openweathermap.forecast(RIGA, now=NOW)) == 16
    answer = openweathermap_answer("2026-01-31T12:00", [0.0, 3.0, 6.0, 9.0])
    del answer["list"][1:3]
    service.replies = [as_json(answer)]
    assert set(by_hour(openweathermap.forecast(RIGA, now=NOW))) == {"01-31T12:00", "01-31T21:00"}


def test_history_through_29_february_is_asked_week_by_week(service, openweathermap):
    def answer(asked: Asked) -> Reply:
        start, end = int(asked.query["start"]), int(asked.query["end"])
        hours = range(start, end + 1, 3600)
        steps = [{"dt": hour, "main": {"temp": hour // 3600 % 24}} for hour in hours]
        return as_json({"cod": "200", "cnt": len(steps), "list": steps})

    service.answer = answer
    start, end = at("2024-02-25"), at("2024-03-06")
    hours = openweathermap.history(RIGA, start=start, end=end)
    assert len(hours) == 24 * 10  # five days of February, the 29th among them, and five of March
    assert (hours["temperature_c"] == hours["valid_at"].dt.hour).all()
    spans = [(int(a.query["start"]), int(a.query["end"])) for a in service.asked]
    week = 7 * 86_400
    first = int(start.timestamp())
    assert spans == [(first, first + week), (first + week, int(end.timestamp()))]
    assert {(a.path, a.query["type"]) for a in service.asked} == {("/old/2.5/history/city", "hour")}


def test_a_plan_without_history_is_told_apart_from_a_wrong_key(service, openweathermap, patience):
    service.replies = [as_json({"cod": 401, "message": "Invalid API key"}, status=401)]
    with pytest.raises(WeatherUnavailableError, match="plan that holds the History API") as caught:
        openweathermap.history(RIGA, start=at("2026-01-01"), end=at("2026-01-02"))
    assert not isinstance(caught.value, WeatherKeyError)
    with pytest.raises(WeatherKeyError):
        OpenWeatherMap(api_key="", patience=patience).history(
            RIGA, start=at("2026-01-01"), end=at("2026-01-02")
        )


@pytest.mark.parametrize(
    "answer",
    [{"cod": "200"}, {"list": [5]}, {"list": [{"dt": 1}]}, {"list": []}, {"list": [{"main": {}}]}],
)
def test_a_list_without_temperatures_is_unavailable(service, openweathermap, answer):
    service.replies = [as_json(answer)]
    with pytest.raises(WeatherUnavailableError, match="openweathermap"):
        openweathermap.forecast(RIGA, now=NOW)


def test_a_local_day_of_25_hours_has_25_hours(service, patience):
    # Riga's clocks went back on 2026-10-25 at 04:00: its midnights are 25 hours apart.
    days = [
        visual_crossing_day("2026-10-24T00:00", [float(h) for h in range(24)], offset_hours=3),
        visual_crossing_day("2026-10-25T00:00", [float(h) for h in range(25)], offset_hours=3),
        visual_crossing_day("2026-10-26T00:00", [float(h) for h in range(24)], offset_hours=2),
    ]
    service.replies = [as_json(visual_crossing_answer(days))]
    start, end = at("2026-10-24T21:00"), at("2026-10-25T22:00")
    told = visual_crossing(service, patience).history(RIGA, start=start, end=end)
    assert told["temperature_c"].tolist() == [float(hour) for hour in range(25)]
    (asked,) = service.asked
    assert asked.path == "/timeline/56.95000,24.10000/2026-10-24/2026-10-26"
    assert asked.query["key"] == "key"
    assert asked.query["unitGroup"] == "metric"


def test_a_local_day_of_23_hours_leaves_no_hole(service, patience):
    days = [
        visual_crossing_day("2026-03-29T00:00", [5.0] * 23, offset_hours=2),
        visual_crossing_day("2026-03-30T00:00", [6.0] * 24, offset_hours=3),
    ]
    service.replies = [as_json(visual_crossing_answer(days))]
    start, end = at("2026-03-28T22:00"), at("2026-03-30T21:00")
    told = visual_crossing(service, patience).history(RIGA, start=start, end=end)
    assert told["temperature_c"].tolist() == [5.0] * 23 + [6.0] * 24


def test_fahrenheit_become_degrees_celsius_in_the_south(service, patience):
    # 2026-01-31 in Sydney starts on the 30th at 13:00 UTC; 32 °F are 0 °C, 104 °F are 40 °C.
    day = visual_crossing_day("2026-01-31T00:00", [32.0] * 12 + [104.0] * 12, offset_hours=11)
    service.replies = [as_json(visual_crossing_answer([day]))]
    provider = visual_crossing(service, patience, units="us")
    hours = by_hour(provider.forecast(SYDNEY, now=at("2026-01-31T00:30")))
    assert hours == {"01-31T00:00": 0.0} | {f"01-31T{hour:02}:00": 40.0 for hour in range(1, 13)}
    (asked,) = service.asked
    assert asked.query["unitGroup"] == "us"
    # It is the 31st in Sydney: 15 days with today, none of them a mere normal.
    assert asked.path.endswith("/2026-01-31/2026-02-14")


def test_days_that_are_told_as_a_mean_keep_it_in_every_hour(service, patience, caplog):
    days = [
        visual_crossing_day("2026-01-31T00:00", None, mean=-3.5, offset_hours=2),
        visual_crossing_day("2026-02-01T00:00", None, mean=1.0, offset_hours=2),
    ]
    service.replies = [as_json(visual_crossing_answer(days))]
    hours = visual_crossing(service, patience).forecast(RIGA, now=at("2026-01-31T20:59"))
    assert hours["temperature_c"].tolist() == [-3.5] * 2 + [1.0] * 24
    assert "2 days as a mean only" in caplog.text


def test_a_month_of_history_does_not_fit_the_free_plan_twice(service, patience):
    days = [visual_crossing_day("2026-01-02T00:00", [1.0] * 24)]
    service.replies = [as_json(visual_crossing_answer(days))]
    provider = visual_crossing(service, patience)
    month = {"start": at("2026-01-02"), "end": at("2026-01-30")}
    provider.history(RIGA, **month)
    with pytest.raises(WeatherBudgetError, match=r"720 of 1000 units.*this call costs 720"):
        provider.history(RIGA, **month)
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"days": [{}]},
        {"days": ["Monday"]},
        {"days": [{"datetimeEpoch": epoch_s("2026-01-31"), "hours": [{"temp": 1}]}]},
        {"days": [{"datetimeEpoch": "2026-01-31", "temp": 1.0}]},
    ],
)
def test_a_timeline_without_times_is_unavailable(service, patience, answer):
    service.replies = [as_json(answer)]
    with pytest.raises(WeatherUnavailableError, match="visual_crossing"):
        visual_crossing(service, patience).forecast(RIGA, now=NOW)


def test_a_refused_key_names_its_setting(service, patience):
    service.replies = [as_text("No account found with API key 'key'", status=401)]
    with pytest.raises(WeatherKeyError, match="Set VISUAL_CROSSING_API_KEY"):
        visual_crossing(service, patience).forecast(RIGA, now=NOW)


def test_units_that_nobody_knows_are_refused_before_the_first_call(service, patience):
    with pytest.raises(ValueError, match="VISUAL_CROSSING_UNITS is 'kelvin'"):
        visual_crossing(service, patience, units="kelvin")


def test_all_hours_of_sixteen_days_arrive(service, open_meteo):
    celsius: list[float | None] = [float(hour % 24) for hour in range(16 * 24)]
    service.replies = [as_json(open_meteo_answer("2026-01-31T00:00", celsius))]
    hours = open_meteo.forecast(RIGA, now=NOW)
    assert len(hours) == 16 * 24 - 10
    assert (hours["valid_at"].diff().dropna() == timedelta(hours=1)).all()
    assert (hours["temperature_c"] == hours["valid_at"].dt.hour).all()
