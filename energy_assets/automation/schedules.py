"""Schedules: nightly forecasts, weekly training, and the weather every few hours."""

from collections.abc import Iterator
from typing import Final

import dagster as dg

from energy_assets.automation.jobs import (
    forecast_customers,
    forecast_meters,
    train_and_forecast,
    train_and_forecast_meters,
    update_weather,
)
from energy_assets.automation.ranges import requests_for_all
from energy_assets.partitions import CONSUMPTION_METERS, CUSTOMERS
from energy_assets.settings import load_settings

_STOPPED: Final = dg.DefaultScheduleStatus.STOPPED


@dg.schedule(
    job=forecast_customers,
    cron_schedule=load_settings().nightly_cron,
    execution_timezone=load_settings().display_zone,
    default_status=_STOPPED,
    description="A forecast for every customer with the model that is there.",
)
def nightly_forecast(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """Every night, a forecast for every customer with the model that is there."""
    yield from requests_for_all(context.instance, CUSTOMERS, run_key=_occasion("nightly", context))


@dg.schedule(
    job=train_and_forecast,
    cron_schedule=load_settings().retrain_cron,
    execution_timezone=load_settings().display_zone,
    default_status=_STOPPED,
    description="Training for the customers that have new readings, and a forecast for all.",
)
def retrain(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """Every week, training for the customers that have new readings, and a forecast for all."""
    yield from requests_for_all(context.instance, CUSTOMERS, run_key=_occasion("retrain", context))


@dg.schedule(
    job=forecast_meters,
    cron_schedule=load_settings().nightly_cron,
    execution_timezone=load_settings().display_zone,
    default_status=_STOPPED,
    description="A forecast for every electricity and water meter, and its night flow.",
)
def nightly_meter_forecast(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """Every night, a forecast for every electricity and water meter, and its night flow."""
    occasion = _occasion("nightly", context)
    yield from requests_for_all(context.instance, CONSUMPTION_METERS, run_key=occasion)


@dg.schedule(
    job=train_and_forecast_meters,
    cron_schedule=load_settings().retrain_cron,
    execution_timezone=load_settings().display_zone,
    default_status=_STOPPED,
    description="Training for the meters that have new values, and a forecast for all.",
)
def retrain_meters(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """Every week, training for the meters that have new values, and a forecast for all."""
    occasion = _occasion("retrain", context)
    yield from requests_for_all(context.instance, CONSUMPTION_METERS, run_key=occasion)


@dg.schedule(
    job=update_weather,
    cron_schedule=load_settings().weather_cron,
    execution_timezone="UTC",
    default_status=_STOPPED,
    description="The newest weather forecast of every location, and what was measured since.",
)
def weather_every_three_hours(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Every three hours, the newest weather forecast of every location."""
    return dg.RunRequest(run_key=_occasion("weather", context))


def _occasion(what: str, context: dg.ScheduleEvaluationContext) -> str:
    return f"{what} {context.scheduled_execution_time.isoformat()}"


SCHEDULES: Final = [
    nightly_forecast,
    retrain,
    nightly_meter_forecast,
    retrain_meters,
    weather_every_three_hours,
]
"""All schedules of the project."""
