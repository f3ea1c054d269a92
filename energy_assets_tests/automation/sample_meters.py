"""Small electricity and water meters, delivered and taken through the chain, for asset tests."""

import numpy as np
import pandas as pd

from energy_assets.consumption.serving import FLOW
from energy_assets.forecasts.champion import ChampionLog
from energy_assets.partitions import CONSUMPTION_METERS
from energy_assets_tests.estate import NOW, reasons

DAYS = 28
END = pd.Timestamp(NOW).floor("D")


def hourly_csv(values, *, header="DateTime,Consumption", end=END) -> bytes:
    """A file of hourly values that end at midnight UTC, as the estate's clock is set."""
    starts = pd.date_range(end=end, periods=len(values) + 1, freq="h")[:-1]
    rows = [f"{at:%Y-%m-%d %H:%M:%S},{value:.3f}" for at, value in zip(starts, values, strict=True)]
    return "\n".join([header, *rows]).encode()


def household(days=DAYS, *, seed=1):
    """1 kWh by day and 2 kWh from 18:00 to midnight, a little noise."""
    hours = np.arange(days * 24) % 24
    noise = np.random.default_rng(seed).normal(0, 0.05, days * 24)
    return 1.0 + (hours >= 18) + noise


def water_home(days=DAYS, *, leak_days=0):
    """No water at night, 20 l an hour by day; a leak of 12 l an hour in the last days."""
    hours = np.arange(days * 24)
    use = np.where((hours % 24 >= 7) & (hours % 24 < 22), 0.02, 0.0)
    return use + np.where(hours >= (days - leak_days) * 24, 0.012, 0.0)


def delivered(estate):
    """Three meters delivered and ingested, and the weather around them."""
    files = [
        estate.deliver_consumption("electricity/house 1.csv", hourly_csv(household())),
        estate.deliver_consumption("water/quiet.csv", hourly_csv(water_home())),
        estate.deliver_consumption("water/leaky.csv", hourly_csv(water_home(leak_days=9))),
    ]
    assert estate.run("update_weather").success
    ingested = estate.run("ingest_consumption_files", files[0], files[-1])
    assert ingested.success, reasons(ingested)
    return estate


def chain(estate, job="train_and_forecast_meters"):
    keys = estate.instance.get_dynamic_partitions(CONSUMPTION_METERS.name)
    result = estate.run(job, keys[0], keys[-1])
    assert result.success, reasons(result)
    return result


def pinned(estate, key, family="xgboost"):
    """The estate, with a family that serves a meter whatever the contest says."""
    log = ChampionLog(estate.documents, FLOW)
    log.pin(key, family, decided_at=pd.Timestamp(NOW) - pd.Timedelta(days=1))
    return estate


def failed_checks(result):
    return {e.check_name for e in result.get_asset_check_evaluations() if not e.passed}


def of_meter(rows, meter_id):
    return rows[rows["meter_id"] == meter_id].reset_index(drop=True)
