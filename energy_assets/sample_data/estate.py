"""The seeded demo estate: load-profile files of made-up customers, as a portal exports them.

Which files there are and what each holds is decided here; the neighbours know habits, meters,
readings, flaws and layouts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from energy_assets.sample_data.export_files import csv_bytes, csv_gz_bytes, xlsx_bytes
from energy_assets.sample_data.flaws import with_estimates, with_gaps, with_spoilt_rows
from energy_assets.sample_data.habits import temperature_c
from energy_assets.sample_data.meters import estate_meters
from energy_assets.sample_data.readings import meter_readings

PREFIX: Final = "raw/load_profiles/"
"""Every key starts with this."""

ZONE: Final = "Asia/Colombo"
"""Zone of the wall clock in the files: UTC+05:30 all year."""

DAYS_A_FILE: Final[int] = 7
"""Each delivery holds a week of all meters. [d]"""

BROKEN_KEY: Final = PREFIX + "broken/not_a_spreadsheet.xlsx"
"""The key of the file that cannot be read."""


@dataclass(frozen=True, kw_only=True)
class _Week:
    """One weekly delivery: its readings and the day on which it was exported."""

    readings: pd.DataFrame
    exported_at: pd.Timestamp

    @property
    def file_name(self) -> str:
        return f"LOAD_PROFILE_HISTORICAL_READINGS_INVENTORY_{self.exported_at:%d_%m_%Y}.csv"


def load_profile_files(
    *, customers: int, days: int, end_at: datetime, seed: int, broken_file: bool = False
) -> Iterator[tuple[str, bytes]]:
    """Load-profile exports of a made-up estate, in the order in which they were delivered.

    Args:
        customers: How many customers; the first twelve meet every oddity of real exports.
        days: Length of the history. [d]
        end_at: The newest reading is at this instant, or at the full interval before it.
        seed: The same arguments give the same bytes.
        broken_file: Whether one more file is delivered that is no spreadsheet at all.

    Yields:
        Object key and content: weekly deliveries of all meters (.csv, one .csv.gz, one with spoilt
        rows), a workbook for a transformer, a delivery that overlaps two weeks, and a corrected
        delivery of a week in which some hours had been estimated.

    Raises:
        ValueError: No customer, no day, or an `end_at` without a time zone.
    """
    if customers < 1 or days < 1:
        raise ValueError(f"{customers} customers and {days} days: an estate needs one of each")
    if end_at.tzinfo is None:
        raise ValueError(f"end_at {end_at} has no time zone; give it in UTC")
    readings = _estate_readings(customers=customers, days=days, end_at=end_at, seed=seed)
    of_transformer = readings["CUSTOMER_REF"].str.contains("/", regex=False)
    weeks = list(_weeks(readings.loc[~of_transformer], days=days))
    corrected = len(weeks) // 2
    yield from _weekly_files(weeks, corrected=corrected, rng=np.random.default_rng([seed, 0]))
    if of_transformer.any():
        content = xlsx_bytes(_newest(readings.loc[of_transformer]), zone=ZONE)
        yield PREFIX + "transformers/LOAD_PROFILE_071_XX0000.xlsx", content
    overlap = _overlap(weeks, days=days)
    yield f"{PREFIX}late/{overlap.file_name}", csv_bytes(_newest(overlap.readings), zone=ZONE)
    mended = weeks[corrected]
    yield f"{PREFIX}corrected/{mended.file_name}", csv_bytes(_newest(mended.readings), zone=ZONE)
    if broken_file:
        yield BROKEN_KEY, b"<html><body>Session expired. Please log in again.</body></html>\n"


def _weekly_files(
    weeks: list[_Week], *, corrected: int, rng: np.random.Generator
) -> Iterator[tuple[str, bytes]]:
    """The weekly deliveries as they first arrived: one compressed, one spoilt, one estimated."""
    for number, week in enumerate(weeks):
        key = f"{PREFIX}{week.exported_at:%Y}/{week.file_name}"
        readings = week.readings
        if number == corrected:
            readings = with_estimates(readings, serial=str(readings["SERIAL"].iloc[0]))
        if number == 1:
            yield key + ".gz", csv_gz_bytes(_newest(readings), zone=ZONE)
            continue
        content = csv_bytes(_newest(readings), zone=ZONE)
        if number == max(len(weeks) - 2, 0):
            content = with_spoilt_rows(content, rng)
        yield key, content


def _estate_readings(*, customers: int, days: int, end_at: datetime, seed: int) -> pd.DataFrame:
    """Readings of all meters, oldest first within each meter, gaps included."""
    local_end = pd.Timestamp(end_at).tz_convert(ZoneInfo(ZONE)).tz_localize(None).floor("15min")
    first = local_end - timedelta(days=days, hours=1)
    starts = pd.date_range(first, local_end, freq="15min", inclusive="left", unit="s")
    temperature = temperature_c(starts, np.random.default_rng([seed, 1]))
    frames: list[pd.DataFrame] = []
    for meter in estate_meters(customers):
        rng = np.random.default_rng([seed, int(meter.serial)])
        complete = meter_readings(meter, starts, temperature, rng)
        frames.append(with_gaps(complete, rng, silent_days=meter.silent_days))
    return pd.concat(frames, ignore_index=True)


def _weeks(readings: pd.DataFrame, *, days: int) -> Iterator[_Week]:
    """The readings in weekly deliveries, the last one shorter where days are left over."""
    end = _newest_at(readings)
    begin = end - timedelta(days=days)
    while begin < end:
        until = min(begin + timedelta(days=DAYS_A_FILE), end)
        inside = (readings["at"] > begin) & (readings["at"] <= until)
        yield _Week(readings=readings.loc[inside].reset_index(drop=True), exported_at=until)
        begin = until


def _overlap(weeks: list[_Week], *, days: int) -> _Week:
    """A late delivery across the last two weeks that repeats what they hold already."""
    readings = pd.concat([week.readings for week in weeks[-2:]], ignore_index=True)
    end = _newest_at(readings) - timedelta(days=min(days, DAYS_A_FILE) / 3)
    begin = end - timedelta(days=min(days, 2 * DAYS_A_FILE) / 2)
    inside = (readings["at"] > begin) & (readings["at"] <= end)
    return _Week(readings=readings.loc[inside].reset_index(drop=True), exported_at=end)


def _newest_at(readings: pd.DataFrame) -> pd.Timestamp:
    return cast("pd.Timestamp", readings["at"].max())


def _newest(readings: pd.DataFrame) -> pd.DataFrame:
    """Newest row first, as the portal exports."""
    return readings.sort_values(["at", "SERIAL"], ascending=[False, True], kind="stable")
