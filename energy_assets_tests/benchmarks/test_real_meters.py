"""Public meter data become load-profile files without losing or moving any energy."""

import gzip
import io
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.real_meters import lcl_files, ucsd_files


def write_homes(folder: Path) -> None:
    rows = [
        "LCLid,tstp,energy(kWh/hh)",
        "MAC000007,2013-01-31 23:00:00, 0.5 ",
        "MAC000007,2013-01-31 23:30:00, 0.25 ",
        "MAC000007,2013-01-31 23:30:00, 0.25 ",
        "MAC000007,2013-02-01 00:00:00,Null",
        "MAC000007,2013-02-01 00:30:00, 1 ",
        "MAC000002,2013-01-31 23:00:00, 2 ",
        "MAC000002,2013-01-31 23:30:00, 2 ",
    ]
    (folder / "homes.csv.gz").write_bytes(gzip.compress("\n".join(rows).encode()))


def rows_of(content: bytes) -> pd.DataFrame:
    names = ["SERIAL", "CUSTOMER_REF", "DATE", "TIME", "IMPORT_KWH (kWh)", "AVG._IMPORT_KW (kW)"]
    return pd.read_csv(io.BytesIO(content), dtype={"SERIAL": str})[names]


def test_homes_come_by_month_stamped_with_the_end_and_a_register_that_counts_a_gap(
    tmp_path: Path,
):
    write_homes(tmp_path)
    files = dict(lcl_files(tmp_path))
    assert list(files) == ["raw/load_profiles/lcl/2013-01.csv", "raw/load_profiles/lcl/2013-02.csv"]
    january, february = (rows_of(content).to_numpy().tolist() for content in files.values())
    assert january == [
        ["000000000002", "MAC000002", "2013-02-01", "00:00:00", 4.0, 4.0],
        ["000000000007", "MAC000007", "2013-02-01", "00:00:00", 0.75, 0.5],
        ["000000000002", "MAC000002", "2013-01-31", "23:30:00", 2.0, 4.0],
        ["000000000007", "MAC000007", "2013-01-31", "23:30:00", 0.5, 1.0],
    ]
    # The missing half hour counts as the 0.375 kWh that this home used on average before it.
    assert february == [["000000000007", "MAC000007", "2013-02-01", "01:00:00", 2.125, 2.0]]


def test_homes_can_come_one_a_file_and_be_cut_short(tmp_path: Path):
    write_homes(tmp_path)
    files = dict(lcl_files(tmp_path, by="home", until="2013-01-31 23:30"))
    assert [len(rows_of(content)) for content in files.values()] == [1, 1]
    assert list(dict(lcl_files(tmp_path, by="home", homes=1))) == [
        "raw/load_profiles/lcl/MAC000002.csv"
    ]


def write_building(folder: Path, oldest_first: list[str]) -> None:
    lines = ["DateTime,RealPower,ReactivePower", *reversed(oldest_first)]
    (folder / "BuildingLoad__Library.csv").write_text("\n".join(lines))


def test_a_building_keeps_the_hour_that_occurs_twice_and_counts_every_quarter_once(tmp_path: Path):
    quarters = [f"11/3/2019 {hour}:{m:02d}" for hour in (0, 1, 1, 2) for m in (0, 15, 30, 45)]
    write_building(tmp_path, [f"{quarter},40,30" for quarter in quarters])
    key, content = next(ucsd_files(tmp_path))
    rows = rows_of(content).iloc[::-1]
    assert key == "raw/load_profiles/ucsd/Library.csv"
    times = rows["TIME"].tolist()
    assert times[:4] == ["00:15:00", "00:30:00", "00:45:00", "01:00:00"]
    assert (times.count("01:15:00"), times.count("01:00:00"), times.count("02:00:00")) == (2, 2, 1)
    # 16 quarter hours of 40 kW are 160 kWh, although the clock shows only three hours.
    assert rows["IMPORT_KWH (kWh)"].tolist() == [10.0 * n for n in range(1, 17)]
    full = pd.read_csv(io.BytesIO(content))
    assert (full["POWER_FACTOR"][0], full["AVG._IMPORT_KVA (kVA)"][0]) == (0.8, 50.0)


def test_a_building_skips_the_hour_that_spring_skips(tmp_path: Path):
    write_building(tmp_path, ["3/10/2019 1:45,8,0", "3/10/2019 3:00,12,0", "3/10/2019 3:15,-4,0"])
    rows = rows_of(next(ucsd_files(tmp_path))[1]).iloc[::-1]
    assert rows["TIME"].tolist() == ["03:00:00", "03:15:00", "03:30:00"]
    assert rows["IMPORT_KWH (kWh)"].tolist() == [2.0, 5.0, 5.0]


def test_an_empty_folder_is_refused_with_what_was_looked_for(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match=r"BuildingLoad__\*\.csv"):
        list(ucsd_files(tmp_path))
