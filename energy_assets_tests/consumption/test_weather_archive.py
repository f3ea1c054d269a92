"""Fetching, archiving and judging weather, on a real store and with simulated weather."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from energy_assets.consumption.locations import Location
from energy_assets.consumption.weather_archive import (
    newest_forecast_at,
    observed_span,
    record_answer,
    stored_weather,
)
from energy_assets.consumption.weather_fetch import fetch_weather, normal_from_archive
from energy_assets.consumption.weather_validation import (
    evaluate_provider,
    evaluate_weather_age,
    validated_provider,
)
from energy_assets.contracts.consumption import SERIES_TABLES, WEATHER
from energy_assets.contracts.validation import ContractError
from resources.errors import WeatherBudgetError, WeatherUnavailableError
from resources.series_store import SeriesStore, open_series_store
from resources.weather.climate_normal import ClimateNormal
from resources.weather.simulated import SimulatedWeather
from resources.weather_provider import Place

NOW = pd.Timestamp("2026-03-01T10:40", tz="UTC")
HOUR = pd.Timedelta(hours=1)
DAY = pd.Timedelta(days=1)
RIGA = Location(name="Riga", latitude=56.95, longitude=24.1, zone="Europe/Riga", country="LV")
SYDNEY = Location(
    name="Sydney", latitude=-33.87, longitude=151.21, zone="Australia/Sydney", country="AU"
)


@pytest.fixture
def series(tmp_path: Path) -> Iterator[SeriesStore]:
    store = open_series_store(f"sqlite:///{tmp_path}/series.db")
    store.ensure(SERIES_TABLES)
    yield store
    store.close()


class Moody(SimulatedWeather):
    """Simulated weather that fails as it is told to, and keeps what it was asked."""

    reach_days = 5

    def __init__(self) -> None:
        super().__init__(seed=1)
        self.forecast_fails: dict[float, WeatherUnavailableError] = {}
        self.history_until_failure = 10_000
        self.history_failure: WeatherUnavailableError = WeatherUnavailableError("simulated", "gone")
        self.knows_since = pd.Timestamp("2000-01-01", tz="UTC")
        self.asked: list[tuple[float, pd.Timestamp, pd.Timestamp]] = []
        self.forecasts = 0

    def forecast(self, place: Place, *, now: datetime) -> pd.DataFrame:
        self.forecasts += 1
        if place.latitude in self.forecast_fails:
            raise self.forecast_fails[place.latitude]
        return super().forecast(place, now=now)

    def history(self, place: Place, *, start: datetime, end: datetime) -> pd.DataFrame:
        self.asked.append((place.latitude, pd.Timestamp(start), pd.Timestamp(end)))
        if len(self.asked) > self.history_until_failure:
            raise self.history_failure
        told = super().history(place, start=start, end=end)
        return told[told["valid_at"] >= self.knows_since]


def fetch(series, provider, *, now=NOW, days=60, locations=(RIGA, SYDNEY), clock=None):
    return fetch_weather(
        provider=provider,
        fallback=ClimateNormal(),
        series=series,
        locations=locations,
        now=now,
        history_days=days,
        clock=clock,
    )


def everything(series: SeriesStore, location: Location) -> pd.DataFrame:
    far = 400 * DAY
    return stored_weather(series, location.name, start=NOW - far, end=NOW + far)


def hours_of(rows: pd.DataFrame, kind: str) -> pd.Series:
    return rows.loc[rows["kind"] == kind, "valid_at"].sort_values()


def test_an_answer_counts_as_known_from_when_it_was_received_not_from_when_the_round_began(series):
    minutes = iter(range(1, 1000))
    fetch(series, Moody(), clock=lambda: NOW + pd.Timedelta(minutes=next(minutes)))

    rows = [everything(series, place) for place in (RIGA, SYDNEY)]
    first, second = (one.loc[one["kind"] == "forecast", "issued_at"] for one in rows)
    assert set(first) == {NOW + pd.Timedelta(minutes=1)}
    assert second.min() > first.max()
    assert min(one["issued_at"].min() for one in rows) > NOW


def test_a_round_keeps_a_forecast_the_normal_beyond_it_and_all_measured_hours(series):
    report = fetch(series, Moody())
    assert report.problems == []
    for location, one in zip((RIGA, SYDNEY), report.locations, strict=True):
        rows = everything(series, location)
        assert (rows["issued_at"] == NOW).all()
        forecast, normal = hours_of(rows, "forecast"), hours_of(rows, "normal")
        assert (forecast.min(), len(forecast)) == (NOW.floor("h"), 5 * 24)
        assert (normal.min(), len(normal)) == (forecast.max() + HOUR, 11 * 24)
        measured = hours_of(rows, "observation")
        assert (measured.max(), len(measured)) == (NOW.floor("h") - HOUR, 60 * 24)
        assert (one.forecast_hours, one.normal_hours, one.observed_hours) == (120, 264, 1440)


def test_a_forecast_of_two_weeks_needs_no_normal(series):
    report = fetch(series, SimulatedWeather(), locations=[RIGA], days=0)
    assert set(everything(series, RIGA)["kind"]) == {"forecast"}
    assert (report.locations[0].forecast_hours, report.locations[0].normal_hours) == (16 * 24, 0)


def test_the_next_round_asks_only_for_what_is_new(series):
    provider = Moody()
    fetch(series, provider, locations=[RIGA])
    provider.asked.clear()
    report = fetch(series, provider, now=NOW + 3 * HOUR, locations=[RIGA])
    assert report.locations[0].observed_hours == 3
    assert provider.asked == [(RIGA.latitude, NOW.floor("h"), NOW.floor("h") + 3 * HOUR)]
    issues = everything(series, RIGA).query("kind == 'forecast'")["issued_at"].unique()
    assert list(issues) == [NOW, NOW + 3 * HOUR]


def test_history_that_breaks_off_is_kept_and_goes_on_next_time(series):
    provider = Moody()
    provider.history_until_failure = 1
    report = fetch(series, provider, locations=[RIGA])
    assert report.problems == [
        "Riga: history from 2026-01-04: weather provider simulated: gone. It is asked again later."
    ]
    assert report.locations[0].observed_hours == 28 * 24
    provider.history_until_failure = 10_000
    report = fetch(series, provider, now=NOW + HOUR, locations=[RIGA])
    # 60 days back from an hour later: one hour fewer behind, one more in front.
    assert report.locations[0].observed_hours == (60 - 28) * 24
    measured = hours_of(everything(series, RIGA), "observation")
    assert measured.is_unique
    assert (measured.diff().dropna() == HOUR).all()


def test_a_provider_without_older_history_is_not_asked_further_back(series):
    provider = Moody()
    provider.knows_since = NOW - 10 * DAY
    report = fetch(series, provider, days=400, locations=[RIGA])
    assert report.problems == []
    assert len(provider.asked) == 2  # a month that has ten days, and one that has nothing


def test_a_place_that_fails_gets_the_normal_and_the_others_their_forecast(series):
    provider = Moody()
    provider.forecast_fails[RIGA.latitude] = WeatherUnavailableError("simulated", "status 500")
    report = fetch(series, provider)
    assert report.problems == [
        "Riga: weather provider simulated: status 500. It is asked again later."
    ]
    assert hours_of(everything(series, RIGA), "forecast").empty
    assert len(hours_of(everything(series, RIGA), "normal")) == 16 * 24
    assert len(hours_of(everything(series, SYDNEY), "forecast")) == 5 * 24


def test_a_used_up_budget_ends_the_asking_but_not_the_round(series):
    provider = Moody()
    provider.forecast_fails[RIGA.latitude] = WeatherBudgetError("simulated", "60 calls within 60 s")
    report = fetch(series, provider)
    assert (provider.forecasts, provider.asked) == (1, [])
    assert "Sydney: not asked, because" in report.problems[1]
    for location in (RIGA, SYDNEY):
        assert len(hours_of(everything(series, location), "normal")) == 16 * 24


def test_a_budget_that_ends_in_the_history_of_one_place_spares_the_next(series):
    provider = Moody()
    provider.history_until_failure = 2
    provider.history_failure = WeatherBudgetError("simulated", "1000 of 1000 units")
    report = fetch(series, provider)
    assert len(provider.asked) == 3
    assert len(report.problems) == 1
    assert [one.forecast_hours for one in report.locations] == [120, 120]
    assert [one.observed_hours for one in report.locations] == [56 * 24, 0]


def test_a_climate_normal_as_provider_is_kept_as_a_normal_and_measures_nothing(series):
    report = fetch(series, ClimateNormal())
    assert set(everything(series, RIGA)["kind"]) == {"normal"}
    assert [one.normal_hours for one in report.locations] == [16 * 24, 16 * 24]


def test_the_normal_of_a_place_rests_on_what_its_archive_holds(series):
    year_ago = pd.date_range(NOW - 375 * DAY, NOW - 345 * DAY, freq="h").floor("h").as_unit("ms")
    answer = pd.DataFrame({"valid_at": year_ago, "temperature_c": 41.0})
    options = {"provider": "open_meteo", "kind": "observation", "issued_at": NOW - 300 * DAY}
    record_answer(series, answer, location="Riga", **options)
    normal = normal_from_archive(series, [RIGA, SYDNEY], now=NOW)
    week = normal.forecast(RIGA.place, now=NOW)["temperature_c"].iloc[: 5 * 24]
    assert week.eq(41.0).all()
    assert not normal.forecast(SYDNEY.place, now=NOW)["temperature_c"].eq(41.0).any()


def test_an_answer_that_breaks_the_contract_leaves_no_half_of_itself(series):
    hours = pd.date_range(NOW.floor("h"), periods=3, freq="h", unit="ms")
    answer = pd.DataFrame({"valid_at": hours, "temperature_c": [1.0, 2.0, 99.0]})
    options = {"location": "Riga", "provider": "x", "kind": "forecast", "issued_at": NOW}
    with pytest.raises(ContractError):
        record_answer(series, answer, **options)
    assert everything(series, RIGA).empty
    assert record_answer(series, answer.iloc[:2], **options) == 2
    assert record_answer(series, answer.iloc[:0], **options) == 0
    assert stored_weather(
        series, "Riga", start=hours[0], end=hours[2], issued_until=NOW - HOUR
    ).empty
    assert newest_forecast_at(series, "Riga", now=hours[0]) == NOW
    assert newest_forecast_at(series, "Sydney", now=hours[0]) is None
    span = {"start": hours[0], "end": hours[2]}
    assert observed_span(series, "Riga", "x", **span) is None
    record_answer(series, answer.iloc[:2], **(options | {"kind": "observation"}))
    assert observed_span(series, "Riga", "x", **span) == (hours[0], hours[1])
    assert observed_span(series, "Riga", "y", **span) is None


def said(
    kind: str, lead: pd.Timedelta, celsius: np.ndarray, hours: pd.DatetimeIndex
) -> pd.DataFrame:
    issued_at = hours - lead if kind == "forecast" else hours + HOUR
    return pd.DataFrame(
        {
            "location": "Riga",
            "provider": "open_meteo",
            "kind": kind,
            "issued_at": issued_at,
            "valid_at": hours,
            "temperature_c": celsius,
        }
    )[WEATHER.names]


def test_bias_and_error_are_those_of_the_forecasts_known_at_each_lead():
    hours = pd.date_range("2026-02-01", periods=72, freq="h", tz="UTC", unit="ms")
    truth = np.arange(72) / 10.0
    swing = np.where(np.arange(72) % 2, 1.0, -3.0)  # mean -1, mean size 2
    rows = pd.concat(
        [
            said("observation", HOUR, truth, hours),
            said("forecast", DAY, truth + 0.5, hours),
            said("forecast", 3 * DAY, truth + swing, hours),
        ],
        ignore_index=True,
    )
    scores = validated_provider(rows, place=RIGA.place, now=NOW).set_index("lead_day")
    assert scores.index.tolist() == [1, 2, 3]
    assert scores["hours"].tolist() == [72, 72, 72]
    assert scores["bias_c"].tolist() == pytest.approx([0.5, -1.0, -1.0])
    assert scores["mae_c"].tolist() == pytest.approx([0.5, 2.0, 2.0])
    assert scores["provider"].eq("open_meteo").all()
    since = pd.Timestamp("2026-02-03", tz="UTC")
    last = validated_provider(rows, place=RIGA.place, now=NOW, since=since)
    assert last["hours"].tolist() == [24, 24, 24]
    # Nothing was observed yet at that time, and nothing is compared with nothing.
    assert validated_provider(rows, place=RIGA.place, now=hours[0]).empty
    assert validated_provider(rows[72:], place=RIGA.place, now=NOW).empty


def test_simulated_forecasts_beat_the_normal_of_past_years_a_day_ahead_but_not_a_fortnight():
    weather = SimulatedWeather(seed=7)
    truth = weather.history(RIGA.place, start=NOW - 500 * DAY, end=NOW.floor("h"))
    parts = [truth.assign(kind="observation", issued_at=NOW)]
    for days in range(40, 0, -1):
        issued_at = NOW - days * DAY
        issue = weather.forecast(RIGA.place, now=issued_at)
        parts.append(issue.assign(kind="forecast", issued_at=issued_at))
    rows = pd.concat(parts, ignore_index=True).assign(location="Riga", provider="simulated")
    scores = validated_provider(rows, place=RIGA.place, now=NOW, since=NOW - 24 * DAY).set_index(
        "lead_day"
    )
    assert scores.loc[1, "mae_c"] < 1.5 < scores.loc[1, "normal_mae_c"]
    assert scores.loc[1, "mae_c"] < min(scores.loc[7, "mae_c"], scores.loc[14, "mae_c"])


def test_a_forecast_worse_than_the_normal_is_named():
    scores = pd.DataFrame(
        {
            "location": "Riga",
            "provider": "open_meteo",
            "lead_day": [1, 9, 14],
            "hours": [300, 300, 5],
            "bias_c": 0.1,
            "mae_c": [1.0, 4.14, 9.0],
            "normal_bias_c": 0.0,
            "normal_mae_c": [3.0, 3.0, 3.0],
        }
    )
    finding = evaluate_provider(scores)
    assert not finding.passed
    assert list(finding.offenders) == [
        "Riga: open_meteo is off by 4.1 °C 9 days ahead, the climate normal by 3.0 °C (300 h)."
    ]
    assert evaluate_provider(scores.iloc[:1]).passed
    assert evaluate_provider(scores.iloc[2:]).passed  # five hours prove nothing


def test_a_location_without_a_fresh_forecast_is_named():
    fresh, stale = NOW - 6 * HOUR, NOW - 6 * HOUR - pd.Timedelta(minutes=31)
    finding = evaluate_weather_age({"Riga": fresh, "Sydney": stale, "Oslo": None}, now=NOW)
    assert not finding.passed
    assert list(finding.offenders) == [
        "Sydney: the newest forecast is 7 h old.",
        "Oslo: no forecast of the coming day is known.",
    ]
    assert evaluate_weather_age({"Riga": fresh}, now=NOW).passed
