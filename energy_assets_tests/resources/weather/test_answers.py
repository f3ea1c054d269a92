"""What a weather service may do to us: silence, refusals, nonsense; and that keys never show."""

import json
import logging
import time
from datetime import UTC, datetime

import pytest

from energy_assets_tests.conftest import free_port
from energy_assets_tests.resources.weather.simulation import (
    Reply,
    WeatherSimulation,
    as_json,
    as_text,
    compressed,
    open_meteo_answer,
)
from resources.errors import WeatherBudgetError, WeatherKeyError, WeatherUnavailableError
from resources.weather.answers import ApiKey, JsonAnswers, Patience
from resources.weather.budget import RateBudget
from resources.weather.open_meteo import OpenMeteo
from resources.weather_provider import Place

RIGA = Place(latitude=56.95, longitude=24.1)
NOW = datetime(2026, 1, 31, 10, 40, tzinfo=UTC)
SECRET = "s3cr3t/key+with=signs"
GOOD = as_json(open_meteo_answer("2026-01-31T00:00", [1.5] * 384))


def budget(calls_per_minute: int = 100, units_per_day: int = 1000) -> RateBudget:
    return RateBudget(
        provider="somebody", calls_per_minute=calls_per_minute, units_per_day=units_per_day
    )


def keyed(patience: Patience, *, key: str = SECRET) -> JsonAnswers:
    return JsonAnswers(
        provider="somebody",
        budget=budget(),
        key=ApiKey(parameter="appid", variable="SOMEBODY_API_KEY", value=key),
        patience=patience,
        now=lambda: NOW,
    )


def open_meteo(service: WeatherSimulation, patience: Patience) -> OpenMeteo:
    return OpenMeteo(
        forecast_url=f"{service.url}/v1/forecast",
        archive_url=f"{service.url}/v1/archive",
        patience=patience,
        now=lambda: NOW,
    )


def test_a_service_that_says_nothing_does_not_hold_up_the_round(service, patience):
    service.replies = [Reply(silent=True)]
    began = time.monotonic()
    with pytest.raises(WeatherUnavailableError, match=r"open_meteo: no answer within 0\.25 s"):
        open_meteo(service, patience).forecast(RIGA, now=NOW)
    assert time.monotonic() - began < 5
    assert len(service.asked) == 3


def test_a_service_that_drips_its_answer_is_cut_off(service, waits):
    service.replies = [Reply(drips=True)]
    patience = Patience(timeout_s=0.25, total_s=0.3, attempts=1, sleep=waits.append)
    began = time.monotonic()
    with pytest.raises(WeatherUnavailableError, match="no answer within"):
        open_meteo(service, patience).forecast(RIGA, now=NOW)
    assert time.monotonic() - began < 5


def test_a_busy_service_is_asked_again_after_the_time_it_names(service, patience, waits):
    service.replies = [as_json({}, status=429, Retry_After="7"), GOOD]
    assert len(open_meteo(service, patience).forecast(RIGA, now=NOW)) > 300
    assert waits == [7.0]


def test_a_waiting_time_may_be_a_date(service, patience, waits):
    at = "Sat, 31 Jan 2026 10:40:11 GMT"
    service.replies = [as_json({}, status=429, Retry_After=at), GOOD]
    open_meteo(service, patience).forecast(RIGA, now=NOW)
    assert waits == [11.0]


def test_a_service_that_wants_an_hour_of_peace_gets_it(service, patience, waits):
    service.replies = [as_json({}, status=429, Retry_After="3600"), GOOD]
    provider = open_meteo(service, patience)
    with pytest.raises(WeatherBudgetError, match="status 429, wait 3600 s"):
        provider.forecast(RIGA, now=NOW)
    with pytest.raises(WeatherBudgetError, match="left alone"):
        provider.forecast(RIGA, now=NOW)
    assert (len(service.asked), waits) == (1, [])


def test_a_service_that_stays_busy_is_a_used_up_budget(service, patience, waits):
    service.replies = [as_json({}, status=429)]
    with pytest.raises(WeatherBudgetError):
        open_meteo(service, patience).forecast(RIGA, now=NOW)
    assert (len(service.asked), len(waits)) == (3, 2)
    assert all(0 <= wait <= 8 for wait in waits)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_service_that_stumbles_is_asked_again(service, patience, status):
    service.replies = [as_text("<h1>oops</h1>", status=status), GOOD]
    assert not open_meteo(service, patience).forecast(RIGA, now=NOW).empty
    assert len(service.asked) == 2


def test_a_service_that_keeps_stumbling_is_reported_with_its_words(service, patience):
    service.replies = [as_text("database is down", status=500)]
    with pytest.raises(WeatherUnavailableError, match="status 500: database is down"):
        open_meteo(service, patience).forecast(RIGA, now=NOW)


@pytest.mark.parametrize("status", [400, 404, 301])
def test_a_question_that_is_wrong_is_asked_once(service, patience, status):
    reason = {"error": True, "reason": "Latitude must be in range"}
    service.replies = [as_json(reason, status=status, Location=f"{service.url}/elsewhere")]
    with pytest.raises(WeatherUnavailableError, match=f"status {status}.*Latitude must"):
        open_meteo(service, patience).forecast(RIGA, now=NOW)
    assert len(service.asked) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_not_tried_again(service, patience, status):
    service.replies = [as_text("No account found", status=status)]
    with pytest.raises(WeatherKeyError, match="Set SOMEBODY_API_KEY"):
        keyed(patience).ask(service.url, {})
    assert len(service.asked) == 1


def test_a_key_that_is_not_set_asks_nobody(service, patience):
    with pytest.raises(WeatherKeyError, match="SOMEBODY_API_KEY"):
        keyed(patience, key="").ask(service.url, {})
    assert service.asked == []


def test_a_service_that_is_not_there_is_unavailable(patience, waits):
    provider = OpenMeteo(forecast_url=f"http://127.0.0.1:{free_port()}", patience=patience)
    with pytest.raises(WeatherUnavailableError, match="the connection failed"):
        provider.forecast(RIGA, now=NOW)
    assert len(waits) == 2


def test_an_answer_that_breaks_off_is_asked_for_again(service, patience):
    service.replies = [Reply(body=GOOD.body, cut_after=40), GOOD]
    assert not open_meteo(service, patience).forecast(RIGA, now=NOW).empty


def hourly(**changed: object) -> Reply:
    answer = open_meteo_answer("2026-01-31T00:00", [1.5] * 48)
    return as_json(answer | {"hourly": answer["hourly"] | changed})  # type: ignore[operator]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (as_text("<!doctype html><title>Log in</title>"), "no complete JSON .*<!doctype html>"),
        (as_text('{"hourly": {"time": [1', kind="application/json"), "no complete JSON"),
        (as_text("", kind="application/json"), "no complete JSON"),
        (as_text("[" * 100_000, kind="application/json"), "no complete JSON"),
        (Reply(body=b"\xff\xfe\x00"), "no complete JSON"),
        (as_json([1, 2]), "JSON, but no object"),
        (as_json({"error": True, "reason": "Daily limit"}), "Daily limit"),
        (as_json({"hourly": "soon"}), "no hourly.time"),
        (hourly(time=[1, 2]), "2 times and 48 temperatures"),
        (hourly(temperature_2m=[float("nan")] * 48), "no complete JSON"),
        (hourly(temperature_2m=["12.5"] * 48), "a temperature in its answer is '12.5'"),
        (hourly(temperature_2m=[True] * 48), "a temperature in its answer is 'True'"),
        (hourly(temperature_2m=[286.4] * 48), r"286\.4 °C, which is outside -90 to 60"),
        (hourly(temperature_2m=[-90.01] * 48), r"-90\.01 °C"),
        (hourly(temperature_2m=[1e400] * 48), "no complete JSON"),
        (hourly(temperature_2m=[None] * 48), "holds no coming hour"),
        (hourly(time=["2026-01-31T00:00"] * 48), "a time in its answer"),
        (hourly(time=[1769850000000] * 48), "a time in its answer is"),
    ],
)
def test_nonsense_is_unavailable_and_says_what_it_was(service, patience, reply, words):
    service.replies = [reply]
    with pytest.raises(WeatherUnavailableError, match=f"weather provider open_meteo: .*{words}"):
        open_meteo(service, patience).forecast(RIGA, now=NOW)
    assert len(service.asked) == 1


def test_a_huge_answer_is_not_swallowed(service):
    service.replies = [compressed(b" " * (17 << 20))]
    with pytest.raises(WeatherUnavailableError, match="longer than 16,777,216 bytes"):
        open_meteo(service, Patience(attempts=1)).forecast(RIGA, now=NOW)


@pytest.mark.parametrize(
    "reply",
    [
        as_json({"fine": True}),
        as_text(f"No account found with API key '{SECRET}'", status=400),
        as_text("x" * 180 + SECRET, status=400),
        as_text(f"{SECRET} is invalid", status=401),
        as_text(f"<html>{SECRET}"),
        as_json({}, status=429, Retry_After="9999"),
        as_text(SECRET, status=500),
        Reply(body=b"{}", cut_after=1),
        Reply(status=302, headers={"Location": f"/?appid={SECRET}"}),
    ],
)
def test_a_key_reaches_the_service_and_nobody_else(service, patience, caplog, reply):
    service.replies = [reply]
    shown: list[str] = []
    answers = keyed(patience)
    with caplog.at_level(logging.DEBUG):
        try:
            answers.ask(f"{service.url}/data", {"lat": "1"})
        except WeatherUnavailableError as error:
            shown += [str(error), repr(error), repr(error.__cause__), repr(error.args)]
    shown += [record.getMessage() for record in caplog.records]
    shown += [str(record.args) for record in caplog.records] + [repr(vars(answers))]
    assert service.asked[0].query == {"lat": "1", "appid": SECRET}
    assert any("HTTP Request: GET" in text for text in shown), "the client's own log lines"
    for part in ("s3cr3t", "with=signs", "with%3Dsigns"):
        assert not [text for text in shown if part in text]


def test_a_silent_service_does_not_put_the_key_into_the_error(service, patience):
    service.replies = [Reply(silent=True)]
    with pytest.raises(WeatherUnavailableError) as caught:
        keyed(patience).ask(service.url, {})
    assert "s3cr3t" not in repr(caught.getrepr(showlocals=False))
    assert caught.value.__cause__ is None


class HandWoundClock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_two_calls_a_minute_means_two_in_any_minute():
    clock = HandWoundClock()
    limited = RateBudget(provider="somebody", calls_per_minute=2, units_per_day=100, seconds=clock)
    for at in (0.0, 50.0):
        clock.seconds = at
        limited.spend()
    clock.seconds = 59.0
    with pytest.raises(WeatherBudgetError, match="2 calls within 60 s"):
        limited.spend()
    clock.seconds = 60.0  # the first call is a minute old, the second is not
    limited.spend()
    with pytest.raises(WeatherBudgetError):
        limited.spend()


def test_a_refused_call_costs_nothing_and_a_day_later_all_is_free_again():
    clock = HandWoundClock()
    limited = RateBudget(provider="somebody", calls_per_minute=50, units_per_day=100, seconds=clock)
    limited.spend(90)
    with pytest.raises(WeatherBudgetError, match="90 of 100 units"):
        limited.spend(11)
    limited.spend(10)
    clock.seconds = 86_399.0
    with pytest.raises(WeatherBudgetError):
        limited.spend()
    clock.seconds = 86_400.0
    limited.spend(100)


def test_every_attempt_counts(service, patience):
    service.replies = [as_json({}, status=500)]
    answers = JsonAnswers(provider="somebody", budget=budget(calls_per_minute=2), patience=patience)
    with pytest.raises(WeatherBudgetError):
        answers.ask(service.url, {})
    assert len(service.asked) == 2


def test_a_used_up_budget_asks_nobody(service, patience):
    answers = JsonAnswers(provider="somebody", budget=budget(units_per_day=5), patience=patience)
    with pytest.raises(WeatherBudgetError, match="0 of 5 units of 24 hours are used"):
        answers.ask(service.url, {}, units=6)
    assert service.asked == []


def test_what_is_sent_is_what_was_meant(service, patience):
    service.replies = [GOOD]
    open_meteo(service, patience).forecast(Place(latitude=-33.8688, longitude=151.2093), now=NOW)
    assert service.asked[0].path == "/v1/forecast"
    assert json.dumps(service.asked[0].query, sort_keys=True) == json.dumps(
        {
            "forecast_days": "16",
            "hourly": "temperature_2m",
            "latitude": "-33.86880",
            "longitude": "151.20930",
            "timeformat": "unixtime",
            "timezone": "UTC",
        }
    )
