"""The climate normal and the simulated weather: nobody is asked, nothing is ever missing."""

import os
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from resources.weather import (
    PROVIDER_NAMES,
    UnknownProviderError,
    WeatherAccess,
    WeatherResource,
    open_weather_provider,
)
from resources.weather.climate import climate_normal_c, formula_normal_c
from resources.weather.climate_normal import ClimateNormal
from resources.weather.simulated import SimulatedWeather
from resources.weather_provider import Place

RIGA = Place(latitude=56.95, longitude=24.1)
SYDNEY = Place(latitude=-33.87, longitude=151.21)
SINGAPORE = Place(latitude=1.35, longitude=103.8)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def day_mean_c(place: Place, day: str) -> float:
    return float(formula_normal_c(place, pd.date_range(day, periods=24, freq="h", tz="UTC")).mean())


def test_summer_is_warm_on_both_halves_of_the_earth():
    assert day_mean_c(RIGA, "2026-07-20") - day_mean_c(RIGA, "2026-01-20") > 15
    assert day_mean_c(SYDNEY, "2026-01-20") - day_mean_c(SYDNEY, "2026-07-20") > 8
    assert abs(day_mean_c(SINGAPORE, "2026-07-20") - day_mean_c(SINGAPORE, "2026-01-20")) < 1


@pytest.mark.parametrize("place", [RIGA, SYDNEY, SINGAPORE])
def test_the_turn_of_the_year_and_29_february_are_hours_like_others(place):
    for day in ("2023-12-31", "2024-02-28", "2024-12-31"):
        hours = pd.date_range(day, periods=72, freq="h", tz="UTC")
        assert np.abs(np.diff(formula_normal_c(place, hours))).max() < 1.2


@pytest.mark.parametrize(
    ("place", "warmest_utc_hour"), [(RIGA, {13, 14}), (SYDNEY, {4, 5}), (SINGAPORE, {8})]
)
def test_the_afternoon_is_the_warmest_part_of_the_day_by_the_sun(place, warmest_utc_hour):
    hours = pd.date_range("2026-05-01", periods=24, freq="h", tz="UTC")
    assert int(formula_normal_c(place, hours).argmax()) in warmest_utc_hour


def observed(first: str, last: str, celsius: float) -> pd.DataFrame:
    hours = pd.date_range(first, last, freq="h", tz="UTC", unit="ms")
    return pd.DataFrame({"valid_at": hours, "temperature_c": celsius + hours.hour / 100.0})


def test_the_normal_is_the_mean_of_the_same_days_and_hour_of_past_years():
    # 365 and 730 days before 2026-06-15 are 2025-06-15 and 2024-06-15, 1,096 are 2023-06-15.
    past = pd.concat(
        [
            observed("2025-06-08", "2025-06-22 23:00", 10.0),
            observed("2024-06-08", "2024-06-22 23:00", 20.0),
            observed("2023-06-08", "2023-06-22 23:00", 60.0),
            observed("2025-06-01", "2025-06-07 23:00", -50.0),  # outside the fortnight
            observed("2025-06-23", "2025-06-29 23:00", -50.0),
            observed("2026-06-01", "2026-06-30 23:00", -50.0),  # this year's own weather
        ]
    )
    normal = climate_normal_c(
        RIGA, pd.date_range("2026-06-15", periods=24, freq="h", tz="UTC"), observations=past
    )
    assert normal == pytest.approx([30.0 + hour / 100.0 for hour in range(24)])


@pytest.mark.parametrize("day", ["2028-02-29", "2028-01-01", "2027-12-31", "2028-03-01"])
def test_the_normal_of_a_leap_day_and_of_new_year_rests_on_past_years(day):
    past = observed("2024-01-01", "2027-12-01", 12.0)
    normal = climate_normal_c(
        RIGA, pd.date_range(day, periods=2, freq="h", tz="UTC"), observations=past
    )
    assert normal == pytest.approx([12.0, 12.01])


def test_a_few_past_values_do_not_make_a_normal():
    past = observed("2025-06-08", "2025-06-16 23:00", 50.0)  # nine days: nine values an hour
    hours = pd.date_range("2026-06-15", periods=24, freq="h", tz="UTC")
    assert climate_normal_c(RIGA, hours, observations=past) == pytest.approx(
        formula_normal_c(RIGA, hours)
    )


def test_the_normal_forecast_has_every_hour_and_looks_at_nothing_from_now_on():
    now = at("2026-06-15T10:40")
    asked: list[Place] = []

    def past(place: Place) -> pd.DataFrame:
        asked.append(place)
        return observed("2020-01-01", "2027-01-01", 7.0)

    normal = ClimateNormal(past=past)
    forecast = normal.forecast(RIGA, now=now)
    assert asked == [RIGA]
    assert len(forecast) == 16 * 24
    assert forecast["valid_at"].iloc[0] == pd.Timestamp("2026-06-15T10:00", tz="UTC")
    assert forecast["temperature_c"].iloc[0] == pytest.approx(7.1)
    assert normal.history(RIGA, start=at("2026-01-01"), end=now).empty


def test_simulated_weather_is_the_same_in_every_window():
    weather = SimulatedWeather(seed=3)
    whole = weather.history(RIGA, start=at("2024-02-20"), end=at("2024-03-10"))
    whole = whole.set_index("valid_at")["temperature_c"]
    for start, hours in (("2024-02-29T00:00", 24), ("2024-03-01T07:00", 1), ("2024-02-28", 200)):
        part = weather.history(RIGA, start=at(start), end=at(start) + timedelta(hours=hours))
        assert len(part) == hours
        assert part["temperature_c"].tolist() == whole.loc[part["valid_at"]].tolist()


def test_simulated_weather_depends_on_seed_and_place():
    day = {"start": at("2026-01-01"), "end": at("2026-01-02")}
    one = SimulatedWeather(seed=1).history(RIGA, **day)["temperature_c"]
    assert not one.equals(SimulatedWeather(seed=2).history(RIGA, **day)["temperature_c"])
    near = Place(latitude=56.95, longitude=24.3)
    assert not one.equals(SimulatedWeather(seed=1).history(near, **day)["temperature_c"])


def test_simulated_weather_keeps_from_hour_to_hour_but_not_for_ever():
    year = SimulatedWeather(seed=5).history(RIGA, start=at("2025-01-01"), end=at("2026-01-01"))
    hours = pd.DatetimeIndex(year["valid_at"])
    departure = year["temperature_c"].to_numpy() - formula_normal_c(RIGA, hours)
    assert 2.5 < departure.std() < 4.5
    assert np.corrcoef(departure[:-1], departure[1:])[0, 1] > 0.95
    assert abs(np.corrcoef(departure[:-720], departure[720:])[0, 1]) < 0.3


def test_simulated_forecasts_are_worse_the_further_they_reach():
    weather = SimulatedWeather(seed=5)
    truth = weather.history(RIGA, start=at("2025-01-01"), end=at("2026-02-01"))
    truth = truth.set_index("valid_at")["temperature_c"]
    errors = []
    for day in range(365):
        issue = weather.forecast(RIGA, now=at("2025-01-01T05:00") + timedelta(days=day))
        errors.append(issue["temperature_c"].to_numpy() - truth.loc[issue["valid_at"]].to_numpy())
    by_lead = np.abs(np.array(errors)).mean(axis=0).reshape(16, 24).mean(axis=1)
    assert by_lead[0] < 0.8
    assert by_lead[0] < by_lead[3] < by_lead[8] < by_lead[15]
    usual = np.abs(truth.to_numpy() - formula_normal_c(RIGA, truth.index)).mean()
    assert by_lead[15] < 1.1 * usual
    assert abs(np.array(errors).mean()) < 0.5


def test_a_forecast_that_is_issued_again_within_the_hour_is_the_same():
    weather = SimulatedWeather()
    first = weather.forecast(RIGA, now=at("2026-01-01T05:01"))
    assert first.equals(weather.forecast(RIGA, now=at("2026-01-01T05:59")))
    later = weather.forecast(RIGA, now=at("2026-01-01T06:00"))
    assert (
        not first["temperature_c"]
        .iloc[1:50]
        .reset_index(drop=True)
        .equals(later["temperature_c"].iloc[:49])
    )


@pytest.mark.parametrize("name", PROVIDER_NAMES)
def test_every_provider_opens_under_its_name_and_asks_nobody(name):
    provider = open_weather_provider(name)
    assert provider.name == name
    assert provider.is_normal == (name == "climate_normal")


def test_a_name_that_is_no_provider_is_answered_with_all_names():
    with pytest.raises(
        UnknownProviderError, match=r"'openweather' is no.*open_meteo, openweatherm"
    ):
        open_weather_provider("openweather")


def test_a_resource_opens_late_once_and_shows_no_key():
    opened: list[str] = []

    def access() -> WeatherAccess:
        opened.append("access")
        return WeatherAccess(openweathermap_api_key="s3cr3t-owm", visual_crossing_api_key="s3cr3t")

    resource = WeatherResource(name=lambda: "openweathermap", access=access)
    assert opened == []
    assert resource.open() is resource.open()
    assert "s3cr3t" not in f"{resource!r} {access()!r} {vars(resource)!r}"
    made = SimulatedWeather()
    assert WeatherResource(provider=made).open() is made


LIVE = {
    "openweathermap": "OPENWEATHERMAP_API_KEY",
    "visual_crossing": "VISUAL_CROSSING_API_KEY",
    "open_meteo": "OPEN_METEO_LIVE",
}


@pytest.mark.live_weather
@pytest.mark.parametrize("name", LIVE)
def test_the_real_service_predicts_and_remembers(name):
    if not os.environ.get(LIVE[name]):
        pytest.skip(f"{LIVE[name]} is not set")
    access = WeatherAccess(
        openweathermap_api_key=os.environ.get("OPENWEATHERMAP_API_KEY", ""),
        visual_crossing_api_key=os.environ.get("VISUAL_CROSSING_API_KEY", ""),
        timeout_s=30.0,
    )
    provider = open_weather_provider(name, access=access)
    now = datetime.now(tz=UTC)
    forecast = provider.forecast(RIGA, now=now)
    assert forecast["valid_at"].iloc[0] >= pd.Timestamp(now).floor("h")
    assert len(forecast) >= 24 * (provider.reach_days - 1)
    if name != "openweathermap":  # its history needs a plan of its own
        end = pd.Timestamp(now).floor("h").to_pydatetime()
        history = provider.history(RIGA, start=end - timedelta(days=2), end=end)
        assert len(history) > 24
