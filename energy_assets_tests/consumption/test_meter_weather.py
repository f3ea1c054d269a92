import numpy as np
import pandas as pd

from energy_assets.consumption.consumption_grid import GriddedMeter, frame_of
from energy_assets.consumption.interval_reasons import reasons
from energy_assets.consumption.meter_weather import MeterWeather
from energy_assets.consumption.weather_archive import record_answer
from energy_assets.contracts.consumption import SERIES_TABLES
from energy_assets.forecasting.series import Series
from resources.series_store import open_series_store

NOW = pd.Timestamp("2026-03-10T06:00", tz="UTC")
END = pd.Timestamp("2026-03-09", tz="UTC")


def frame(*, own=np.nan):
    """Two days of a meter at Riga whose values end 30 hours before now."""
    starts = pd.date_range(end=END, periods=49, freq="h")[:-1]
    history = Series(
        key="electricity/m",
        unit="kWh",
        start_at=starts[0],
        interval_minutes=60,
        zone="UTC",
        country=None,
        values=np.ones(48),
    )
    gridded = GriddedMeter(
        history=history,
        temperature_c=np.full(48, own),
        reason=reasons(np.zeros(48, dtype=np.int8)),
    )
    made = frame_of(gridded)
    made.attrs["location"] = "Riga"
    return made


def answer(start, hours, celsius):
    valid_at = pd.date_range(start, periods=hours, freq="h", tz="UTC")
    return pd.DataFrame({"valid_at": valid_at, "temperature_c": float(celsius)})


def weather(tmp_path, *answers):
    series = open_series_store(f"sqlite:///{tmp_path}/series.db")
    series.ensure(SERIES_TABLES)
    for kind, issued_at, rows in answers:
        record_answer(
            series,
            rows,
            location="Riga",
            provider="test",
            kind=kind,
            issued_at=pd.Timestamp(issued_at, tz="UTC"),
        )
    return MeterWeather(series=series, now=NOW, preferred_provider="test", forecast_days=30)


def test_hours_after_the_end_of_a_history_have_the_newest_forecast_for_every_lead(tmp_path):
    old = answer("2026-03-08", 24 * 10, 1.0)
    new = answer("2026-03-10T06:00", 24 * 10, 2.0)
    later = answer("2026-03-10T06:00", 24 * 10, 3.0)
    known = weather(
        tmp_path,
        ("forecast", "2026-03-08T00:00", old),
        ("forecast", "2026-03-10T05:00", new),
        ("forecast", "2026-03-10T07:00", later),
    ).of(frame())

    tomorrow = known.starts == pd.Timestamp("2026-03-11T12:00", tz="UTC")
    assert set(known.predicted[tomorrow].ravel()) == {2.0}


def test_temperatures_of_the_meters_own_file_fill_what_nobody_else_measured(tmp_path):
    measured = answer("2026-03-08", 24, 5.0)
    known = weather(tmp_path, ("observation", "2026-03-09T01:00", measured)).of(frame(own=-1.0))

    assert known.observed[:48].tolist() == [-1.0] * 24 + [5.0] * 24


def test_one_location_is_read_once_for_many_meters(tmp_path, monkeypatch):
    around = weather(tmp_path, ("forecast", "2026-03-08T00:00", answer("2026-03-08", 240, 1.0)))
    reads = []
    read = type(around.series).read

    def counted(self, *arguments, **options):
        reads.append(arguments)
        return read(self, *arguments, **options)

    monkeypatch.setattr(type(around.series), "read", counted)
    for _ in range(3):
        around.of(frame())

    assert len(reads) == 2  # what was measured, and what was predicted
