"""Starts and ends of a meter's intervals agree with how its rows follow each other."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from energy_assets.intake.errors import ContradictingEndsError, UnsupportedIntervalError
from energy_assets_tests.consumption.files import Waterworks, table, waterworks_at


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Waterworks]:
    works = waterworks_at(str(tmp_path))
    yield works
    works.close()


def spans(step: str, length: str, count: int = 24) -> list[str]:
    starts = pd.date_range("2026-04-01", periods=count, freq=step)
    return [
        f"{at:%Y-%m-%d %H:%M:%S},{at + pd.Timedelta(length):%Y-%m-%d %H:%M:%S},2" for at in starts
    ]


@pytest.mark.parametrize("unit", ["kWh", "kW"])
@pytest.mark.parametrize(("step", "length"), [("1h", "15min"), ("1D", "1h"), ("15min", "30min")])
def test_intervals_that_leave_time_out_or_overlap_stop_the_file(works, step, length, unit):
    with pytest.raises(ContradictingEndsError):
        works.take(table(f"Start,End,{unit}", *spans(step, length)), "electricity/a.csv")
    assert works.points().empty


@pytest.mark.parametrize(
    ("step", "length"),
    [("1h", "1h"), ("1h", "59min"), ("15min", "899s"), ("1D", "1D"), ("1D", "1439min")],
)
def test_intervals_that_follow_each_other_are_stored(works, step, length):
    works.take(table("Start,End,kWh", *spans(step, length)), "electricity/a.csv")
    assert set(works.values().values()) == {2.0}


def test_values_of_months_are_no_values_of_days(works):
    months = pd.date_range("2025-06-01", periods=9, freq="MS")
    with pytest.raises(UnsupportedIntervalError):
        works.take(table("Date,kWh", *(f"{at:%Y-%m-%d},300" for at in months)), "electricity/a.csv")
    assert works.points().empty
