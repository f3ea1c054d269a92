"""Schedules: nightly forecasts and scores, weekly training, the weather every few hours."""

from collections.abc import Iterator
from typing import Final

import dagster as dg

from energy_assets.automation.jobs import (
    forecast_customers,
    forecast_meters,
    score_forecasts,
    train_and_forecast,
    train_and_forecast_meters,
    update_weather,
)
from energy_assets.automation.ranges import requests_for_all
from energy_assets.partitions import CONSUMPTION_METERS, CUSTOMERS
from energy_assets.settings import load_settings

_STOPPED: Final = dg.DefaultScheduleStatus.STOPPED


def _over_all(
    name: str,
    *,
    job: str,
    partitions: dg.DynamicPartitionsDefinition,
    occasion: str,
    cron: str,
    description: str,
) -> dg.ScheduleDefinition:
    """A schedule that runs a job over every partition, by the clock of the display zone."""

    @dg.schedule(
        name=name,
        job_name=job,
        cron_schedule=cron,
        execution_timezone=load_settings().display_zone,
        default_status=_STOPPED,
        description=description,
    )
    def over_all(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
        run_key = _occasion(occasion, context)
        yield from requests_for_all(context.instance, partitions, run_key=run_key)

    return over_all


nightly_forecast: Final = _over_all(
    "nightly_forecast",
    job=forecast_customers.name,
    partitions=CUSTOMERS,
    occasion="nightly",
    cron=load_settings().nightly_cron,
    description="A forecast for every customer with the model that is there.",
)
"""Every night."""

retrain: Final = _over_all(
    "retrain",
    job=train_and_forecast.name,
    partitions=CUSTOMERS,
    occasion="retrain",
    cron=load_settings().retrain_cron,
    description="Training for the customers that have new readings, and a forecast for all.",
)
"""Every week."""

nightly_meter_forecast: Final = _over_all(
    "nightly_meter_forecast",
    job=forecast_meters.name,
    partitions=CONSUMPTION_METERS,
    occasion="nightly",
    cron=load_settings().nightly_cron,
    description="A forecast for every electricity and water meter, and its night flow.",
)
"""Every night."""

retrain_meters: Final = _over_all(
    "retrain_meters",
    job=train_and_forecast_meters.name,
    partitions=CONSUMPTION_METERS,
    occasion="retrain",
    cron=load_settings().retrain_cron,
    description="Training for the meters that have new values, and a forecast for all.",
)
"""Every week."""


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


@dg.schedule(
    job=score_forecasts,
    cron_schedule=load_settings().scores_cron,
    execution_timezone=load_settings().display_zone,
    default_status=_STOPPED,
    description="Issued forecasts against what happened since, beside the seasonal naives.",
)
def nightly_scores(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Every night, the scores of what is over."""
    return dg.RunRequest(run_key=_occasion("scores", context))


def _occasion(what: str, context: dg.ScheduleEvaluationContext) -> str:
    return f"{what} {context.scheduled_execution_time.isoformat()}"


SCHEDULES: Final = [
    nightly_forecast,
    retrain,
    nightly_meter_forecast,
    retrain_meters,
    weather_every_three_hours,
    nightly_scores,
]
"""All schedules of the project."""
