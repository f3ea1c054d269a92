"""Schedules: the nightly forecast of every customer, and the weekly training."""

from collections.abc import Iterator
from typing import Final

import dagster as dg

from energy_assets.automation.jobs import forecast_customers, train_and_forecast
from energy_assets.automation.ranges import customer_requests
from energy_assets.settings import load_settings


@dg.schedule(
    job=forecast_customers,
    cron_schedule=load_settings().nightly_cron,
    execution_timezone=load_settings().display_zone,
    default_status=dg.DefaultScheduleStatus.STOPPED,
)
def nightly_forecast(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """Every night, a forecast for every customer with the model that is there."""
    yield from customer_requests(
        context.instance, run_key=f"nightly {context.scheduled_execution_time.isoformat()}"
    )


@dg.schedule(
    job=train_and_forecast,
    cron_schedule=load_settings().retrain_cron,
    execution_timezone=load_settings().display_zone,
    default_status=dg.DefaultScheduleStatus.STOPPED,
)
def retrain(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """Every week, training for the customers that have new readings, and a forecast for all."""
    yield from customer_requests(
        context.instance, run_key=f"retrain {context.scheduled_execution_time.isoformat()}"
    )


SCHEDULES: Final = [nightly_forecast, retrain]
"""All schedules of the project."""
