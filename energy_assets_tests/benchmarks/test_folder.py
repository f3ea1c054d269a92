"""A folder of anyone's files is read as the product reads it, and scored or refused in words."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.folder import grid_series, main
from benchmarks.intake import NothingReadableError, take_in
from energy_assets.settings import Settings

DAYS = 45


def write_electricity(folder: Path) -> None:
    """One meter whose every day is 1 kWh an hour above the day before, and three bad rows."""
    stamps = pd.date_range("2024-03-01", periods=24 * DAYS, freq="h")
    used = 5.0 + stamps.hour + (stamps - stamps[0]).days
    lines = [f"{at:%Y-%m-%d %H:%M},{kwh}" for at, kwh in zip(stamps, used, strict=True)]
    bad = ["2024-03-02 25:00,1", "2024-03-02 26:00,1", "2024-03-03 05:00,much"]
    (folder / "sub").mkdir(parents=True)
    text = "\n".join(["DateTime,Consumption (kWh)", *lines, *bad])
    (folder / "sub" / "hall 1.csv").write_text(text)
    (folder / "photo.xlsx").write_bytes(b"no workbook")
    (folder / "notes.txt").write_text("not a meter file")


def asked(folder: Path, *more: str, kind: str = "electricity") -> list[str]:
    window = ["--from", "2024-04-08", "--to", "2024-04-11"]
    return ["--kind", kind, "--data", str(folder), *window, "--zone", "Etc/GMT-1", *more]


def test_a_folder_is_scored_and_what_was_refused_is_counted(tmp_path, capsys):
    write_electricity(tmp_path)
    main(asked(tmp_path, "--families", "xgboost"))
    *printed, line = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert (found["files"], found["files_refused"]) == (1, 1)
    assert (found["rows_in"], found["rows_stored"]) == (24 * DAYS + 3, 24 * DAYS)
    assert found["rows_quarantined"] == 3
    assert found["window_start"] == "2024-04-07T23:00:00+00:00"
    # Yesterday was 1 kWh less in each of the 72 hours; 38 to 40 days after the first.
    actual = [5.0 + hour + day for day in (38, 39, 40) for hour in range(24)]
    assert found["families"]["naive_yesterday"]["wape"] == pytest.approx(72 / sum(actual), rel=1e-3)
    assert found["families"]["naive_last_week"]["mae"] == pytest.approx(7.0)
    assert {"xgboost", "champion"} <= set(found["families"])
    assert any("photo.xlsx" in text and "refused" in text for text in printed)


def test_load_profiles_become_the_energy_between_readings_of_a_register(tmp_path):
    ends = pd.date_range("2024-03-30 23:00", periods=60, freq="h", tz="Europe/Berlin")
    wall = ends.tz_localize(None)
    register = 100.0 + np.cumsum(np.arange(60) % 7 / 4)
    rows = [
        f"000000000007,C 7,{at:%Y-%m-%d},{at:%H:%M:%S},{kwh}"
        for at, kwh in zip(wall, register, strict=True)
    ]
    header = "SERIAL,CUSTOMER_REF,DATE,TIME,IMPORT_KWH (kWh)"
    (tmp_path / "meters").mkdir()
    (tmp_path / "meters" / "march.csv").write_text("\n".join([header, *rows]))
    settings = Settings(meter_clock="local:Europe/Berlin", display_zone="Europe/Berlin")
    taken = take_in(
        tmp_path / "meters",
        kind="load_profiles",
        settings=settings,
        stores=tmp_path / "stores",
        since=pd.Timestamp("2024-01-01", tz="UTC"),
    )
    (series,) = taken.series
    assert (series.key, series.zone, series.interval_minutes) == ("C 7", "Europe/Berlin", 60)
    # The hour from 02:00 to 03:00 on 31 March does not exist, and no energy is lost around it.
    assert series.starts[1] == pd.Timestamp("2024-03-30 22:00Z")
    np.testing.assert_allclose(series.values[1:], np.arange(1, 60) % 7 / 4)


def write_register(folder: Path) -> None:
    ends = pd.date_range("2024-03-01", periods=24 * DAYS, freq="h")
    rows = [f"7,{at:%Y-%m-%d},{at:%H:%M:%S},{number}" for number, at in enumerate(ends)]
    folder.mkdir()
    (folder / "a.csv").write_text("\n".join(["SERIAL,DATE,TIME,IMPORT_KWH (kWh)", *rows]))


@pytest.mark.parametrize(
    ("kind", "write", "key"),
    [
        ("electricity", write_electricity, "electricity/hall 1"),
        ("load_profiles", write_register, "7"),
    ],
)
def test_values_before_what_may_be_learned_from_are_left_out(tmp_path, kind, write, key):
    write(tmp_path / "files")
    since = pd.Timestamp("2024-04-01", tz="UTC")
    taken = take_in(
        tmp_path / "files",
        kind=kind,
        settings=Settings(consumption_clock="utc", meter_clock="utc", display_zone="Europe/Lisbon"),
        stores=tmp_path / "stores",
        since=since,
    )
    (series,) = taken.series
    assert (series.key, series.zone) == (key, "Europe/Lisbon")
    assert since - pd.Timedelta(hours=1) <= series.start_at <= since


def test_a_folder_says_where_its_meters_are(tmp_path):
    write_electricity(tmp_path / "files")
    (tmp_path / "files" / "locations.csv").write_text(
        "name,latitude,longitude,zone,country\nhall,60.2,24.9,Europe/Helsinki,FI\n"
    )
    (tmp_path / "files" / "meters.csv").write_text(
        "meter_type,meter_id,location\nelectricity,hall 1,hall\n"
    )
    taken = take_in(
        tmp_path / "files",
        kind="electricity",
        settings=Settings(consumption_clock="utc", display_zone="Europe/Lisbon"),
        stores=tmp_path / "stores",
        since=pd.Timestamp("2024-01-01", tz="UTC"),
    )
    assert [(one.zone, one.country) for one in taken.series] == [("Europe/Helsinki", "FI")]
    assert "locations.csv" not in taken.refused


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--to", "2024-04-08"], "the window is empty"),
        (["--from", "2030-01-01", "--to", "2030-02-01"], "no complete interval since"),
        (["--from", "2024-05-01", "--to", "2024-05-03"], "no series has a known value"),
        (["--zone", "Europe/Atlantis"], "no such zone"),
        (["--clock", "sundial"], "sundial"),
        (["--from", "soon"], "soon: no date"),
        (["--families", "oracle"], "no family is called oracle"),
        (["--data", "/nowhere/at/all"], "is no folder"),
    ],
)
def test_what_cannot_be_scored_is_refused_in_a_sentence(tmp_path, more, sentence):
    write_electricity(tmp_path)
    with pytest.raises(SystemExit, match=sentence):
        main(asked(tmp_path, *more))


def test_a_folder_without_readable_files_is_refused(tmp_path):
    with pytest.raises(SystemExit, match=r"holds no file that ends in \.csv"):
        main(asked(tmp_path))
    (tmp_path / "a.csv").write_text("colour,taste\nred,sweet\n")
    with pytest.raises(SystemExit, match=r"no file could be read as water\. .*a\.csv"):
        main(asked(tmp_path, kind="water"))


def test_a_kind_that_does_not_exist_is_refused_with_those_that_do(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(asked(tmp_path, kind="gas"))
    assert "'load_profiles', 'electricity', 'water', 'grid'" in capsys.readouterr().err


def test_grid_files_are_of_pjm_or_of_epias(tmp_path):
    (tmp_path / "DUQ_hourly.csv").write_text(
        "Datetime,DUQ_MW\n2014-01-01 01:00:00,5\n2014-01-01 02:00:00,6\n"
    )
    assert [(one.key, one.values.tolist()) for one in grid_series(tmp_path)] == [
        ("DUQ", [5.0, 6.0])
    ]
    (tmp_path / "DUQ_hourly.csv").rename(tmp_path / "other.csv")
    with pytest.raises(NothingReadableError, match=r"neither REGION_hourly\.csv"):
        grid_series(tmp_path)
