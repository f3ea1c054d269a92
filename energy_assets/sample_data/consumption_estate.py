"""The seeded demo estate of electricity and water: which files there are, and what each holds.

What the meters count is in `consumption_meters`, how a table is written in `consumption_tables`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd

from energy_assets.intake.cells.clocks import MeterClock
from energy_assets.sample_data.consumption_meters import (
    SAMPLE_METERS,
    SLOT_MINUTES,
    SampleMeter,
    slot_use,
)
from energy_assets.sample_data.consumption_tables import (
    numbers,
    packed,
    sheet_bytes,
    spoil,
    stamps,
    table_bytes,
)

PREFIX: Final = "raw/consumption/"
"""Every key starts with this."""

CLOCK: Final = "standard:+05:30"
"""Wall clock of the files."""

LOCATIONS: Final = (
    ("name", "latitude", "longitude", "zone", "country"),
    ("Colombo", "6.93", "79.86", "Asia/Colombo", "LK"),
    ("Nuwara Eliya", "6.97", "80.78", "Asia/Colombo", "LK"),
)
"""Rows of `locations.csv`."""

FINE_DAYS: Final = 60
"""The five-minute meter was installed this long before the end. [d]"""

ESTIMATED_HOURS: Final = 6
"""How long a first delivery guesses, until the corrected one comes. [h]"""

Temperature = Callable[[pd.DatetimeIndex], np.ndarray]
"""Outdoor temperature at instants in UTC [°C]."""


@dataclass(frozen=True, kw_only=True)
class _Course:
    """What one meter counted: wall-clock starts, consumption and temperature of its intervals."""

    meter: SampleMeter
    wall: pd.DatetimeIndex
    values: np.ndarray
    temperature_c: np.ndarray


def consumption_files(
    *, end_at: datetime, days: int, seed: int, temperature_c: Temperature, clock: str = CLOCK
) -> Iterator[tuple[str, bytes]]:
    """Files of made-up electricity and water meters, in the order in which they were delivered.

    Args:
        end_at: The newest value ends at this instant, or at the full hour before it.
        days: Length of the history; it starts at a midnight of the wall clock. [d]
        seed: The same arguments give the same bytes.
        temperature_c: The weather that heating and cooling follow.
        clock: Wall clock of the files, as `MeterClock` reads it; one without clock changes.

    Yields:
        Object key and content: `locations.csv` and `meters.csv`, one file a meter in several
        formats, units and intervals, some spoilt rows, and a corrected delivery at the end.

    Raises:
        ValueError: Less than two days, or an `end_at` without a time zone.
    """
    if days < 2:
        raise ValueError(f"{days} days: an estate needs two at least")
    if end_at.tzinfo is None:
        raise ValueError(f"end_at {end_at} has no time zone; give it in UTC")
    ahead = timedelta(milliseconds=MeterClock.parse(clock).offset_ms)
    local_end = (pd.Timestamp(end_at).tz_convert("UTC").tz_localize(None) + ahead).floor("h")
    first = (local_end - timedelta(days=days)).normalize()
    wall = pd.date_range(first, local_end, freq=f"{SLOT_MINUTES}min", inclusive="left", unit="s")
    weather_c = np.asarray(temperature_c((wall - ahead).tz_localize("UTC")), dtype=float)
    yield PREFIX + "locations.csv", _text(LOCATIONS)
    meters = [(m.meter_type, m.meter_id, m.location) for m in SAMPLE_METERS]
    yield PREFIX + "meters.csv", _text((("meter_type", "meter_id", "location"), *meters))
    for number, meter in enumerate(SAMPLE_METERS):
        rng = np.random.default_rng([seed, number])
        course = _course(meter, wall, weather_c, rng)
        for name, content in _delivered(course, rng):
            yield f"{PREFIX}{meter.meter_type}/{name}", content
    again = next(m for m in SAMPLE_METERS if m.meter_id == "home-b")
    rng = np.random.default_rng([seed, SAMPLE_METERS.index(again)])
    corrected = _hourly_file(_newest(_course(again, wall, weather_c, rng)), "m3")
    yield f"{PREFIX}water/corrected/home-b.csv", corrected


def _text(rows: tuple[tuple[str, ...], ...]) -> bytes:
    return table_bytes(rows[0], list(zip(*rows[1:], strict=True)))


def _course(
    meter: SampleMeter, wall: pd.DatetimeIndex, weather_c: np.ndarray, rng: np.random.Generator
) -> _Course:
    """The consumption of a meter in each of its intervals; whole days only for a daily one."""
    used = slot_use(meter, wall, weather_c, rng)
    if meter.interval_minutes < SLOT_MINUTES:
        kept = slice(max(0, len(wall) - FINE_DAYS * 96), None)
        parts = SLOT_MINUTES // meter.interval_minutes
        shares = rng.dirichlet(np.full(parts, 50.0), len(wall[kept]))
        minutes = pd.to_timedelta(np.arange(parts) * meter.interval_minutes, unit="min")
        fine = (wall[kept].to_numpy()[:, None] + minutes.to_numpy()[None, :]).ravel()
        values = (used[kept, None] * shares).ravel()
        weather_c = np.repeat(weather_c[kept], parts)
        wall = pd.DatetimeIndex(fine)
        return _Course(meter=meter, wall=wall, values=values, temperature_c=weather_c)
    slots = meter.interval_minutes // SLOT_MINUTES
    whole = len(wall) // slots * slots
    return _Course(
        meter=meter,
        wall=wall[:whole:slots],
        values=used[:whole].reshape(-1, slots).sum(axis=1),
        temperature_c=weather_c[:whole].reshape(-1, slots).mean(axis=1),
    )


def _delivered(course: _Course, rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    """Name and content of the first delivery of a meter; each has a layout of its own."""
    name, values = course.meter.meter_id, course.values
    if name == "house-02":
        columns = [stamps(course.wall), numbers(values, 3), numbers(course.temperature_c, 1)]
        yield (
            f"{name}.csv.gz",
            packed(table_bytes(("DateTime", "Consumption", "Temperature"), columns)),
        )
    elif name == "shop floor 2":
        content = sheet_bytes(("DateTime", "Consumption (kWh)"), course.wall, np.round(values, 4))
        yield f"{name}.xlsx", content
    elif name == "server-room":
        columns = [stamps(course.wall), numbers(values * 1_000, 1)]
        yield f"{name}.csv", table_bytes(("DateTime", "Energy [Wh]"), columns, delimiter=";")
    elif name == "school":
        columns = [stamps(course.wall, "%Y-%m-%d"), numbers(values, 2)]
        yield f"{name}.csv", table_bytes(("Date", "Consumption (kWh)"), columns)
    elif name == "7f/12-d":
        yield "register readings.csv", _register_file(course, rng)
    elif name == "home-b":
        yield f"{name}.csv", _hourly_file(_estimated(course), "m3", spoilt_by=rng)
    else:
        yield f"{name}.csv", _hourly_file(course, "l" if name == "home-a" else None)


def _hourly_file(
    course: _Course, unit: str | None, *, spoilt_by: np.random.Generator | None = None
) -> bytes:
    """The documented layout, in litres, cubic metres or the unit that goes without saying."""
    values = course.values * (1_000 if unit == "l" else 1)
    times, cells = stamps(course.wall), numbers(values, 0 if unit == "l" else 3)
    if spoilt_by is not None:
        spoil(times, cells, spoilt_by)
    return table_bytes(
        ("DateTime", f"Consumption ({unit})" if unit else "Consumption"), [times, cells]
    )


def _estimated(course: _Course) -> _Course:
    """The course as it was first reported: some hours of the last week are their mean."""
    values = course.values.copy()
    guessed = slice(max(0, len(values) - 100), max(0, len(values) - 100) + ESTIMATED_HOURS)
    values[guessed] = np.round(values[guessed].mean(), 3)
    return _Course(
        meter=course.meter, wall=course.wall, values=values, temperature_c=course.temperature_c
    )


def _newest(course: _Course, days: int = 14) -> _Course:
    """The last days of a course."""
    kept = slice(-24 * days, None)
    return _Course(
        meter=course.meter,
        wall=course.wall[kept],
        values=course.values[kept],
        temperature_c=course.temperature_c[kept],
    )


def _register_file(course: _Course, rng: np.random.Generator) -> bytes:
    """Readings in litres about an hour apart, at odd minutes, some lost, and a reset near the end.

    The file names its meter in a column, because the name could be no file's.
    """
    count = len(course.values)
    offset_s = (2_088 + np.cumsum(rng.integers(0, 9, count))) % 3_600
    read_at = course.wall + pd.to_timedelta(offset_s, unit="s")
    litres = np.cumsum(course.values) * 1_000 - course.values * 1_000 * (1 - offset_s / 3_600)
    litres = np.floor(68_321 + litres)
    reset = count * 4 // 5
    litres[reset:] -= litres[reset - 1]
    kept = rng.random(count) >= 0.02
    kept[[0, -1]] = True
    times = stamps(pd.DatetimeIndex(read_at[kept]), "%d/%m/%Y %H:%M:%S")
    meters = [course.meter.meter_id] * int(kept.sum())
    columns = [meters, times, numbers(litres[kept], 0)]
    return table_bytes(("Meter", "DateTime", "Meter reading (l)"), columns, delimiter=";")
