"""Public sets of meters are read at the right hour."""

import gzip
import zipfile

import numpy as np
import pandas as pd
import pytest

from benchmarks import pjm
from benchmarks.daiad import daiad_histories
from benchmarks.epias import epias_series
from benchmarks.pjm import pjm_history, pjm_series
from benchmarks.uci_household import household_series


def test_a_load_stamped_at_the_end_of_the_hour_on_a_clock_that_changes(tmp_path):
    # Newest block first; 02:00 ends two hours on 2 November 2014 and 03:00 none on 9 March.
    stamps = [
        ("2014-11-02 01:00:00", 10.0),
        ("2014-11-02 02:00:00", 11.0),
        ("2014-11-02 02:00:00", 12.0),
        ("2014-11-02 03:00:00", 13.0),
        ("2014-03-09 02:00:00", 1.0),
        ("2014-03-09 04:00:00", 2.0),
    ]
    text = "Datetime,AEP_MW\n" + "\n".join(f"{stamp},{load}" for stamp, load in stamps)
    (tmp_path / "AEP_hourly.csv.gz").write_bytes(gzip.compress(text.encode()))
    history = pjm_history(tmp_path, "AEP")
    load = pd.Series(history.values, index=history.starts)
    assert load["2014-03-09 06:00Z"] == 1.0  # 01:00 Eastern standard time
    assert load["2014-03-09 07:00Z"] == 2.0  # 03:00 Eastern daylight time, an hour later
    assert load["2014-11-02 04:00Z":"2014-11-02 07:00Z"].tolist() == [10.0, 11.0, 12.0, 13.0]
    assert int(np.isfinite(history.values).sum()) == len(stamps)


def test_a_water_register_read_at_odd_times_becomes_full_hours_without_its_jumps(tmp_path):
    rows = [
        ("h1", "01/03/2016 00:30:00", 1_000),
        ("h1", "01/03/2016 01:30:00", 1_060),  # 60 l in the hour around 01:00
        ("h1", "01/03/2016 02:30:00", 1_060),
        ("h1", "01/03/2016 03:30:00", 249_580),  # swapped
        ("h1", "01/03/2016 04:30:00", 249_586),
        ("h1", "01/03/2016 05:30:00", 249_592),
    ]
    text = "user key;datetime;meter reading;diff\n"
    text += "\n".join(f"{home};{clock};{litres};0" for home, clock, litres in rows)
    with zipfile.ZipFile(tmp_path / "swm_trialA.zip", "w") as archive:
        archive.writestr("swm_trialA.csv", text)
    (history,) = daiad_histories(tmp_path)
    assert history.starts[0] == pd.Timestamp("2016-03-01 00:00Z")  # 01:00 in Madrid
    used_l = history.values * 1000
    assert used_l.tolist() == pytest.approx([30.0, np.nan, np.nan, 6.0], nan_ok=True)


def hours(first: str, count: int) -> list[str]:
    return [f"{at:%Y-%m-%d %H:%M:%S}" for at in pd.date_range(first, periods=count, freq="h")]


def test_the_regions_of_pjm_are_those_in_the_folder(tmp_path):
    for region in ("DUQ", "COMED"):
        rows = "\n".join(f"{at},7" for at in hours("2013-06-01 01:00", 48))
        (tmp_path / f"{region}_hourly.csv").write_text(f"Datetime,{region}_MW\n{rows}")
    regions = pjm_series(tmp_path)
    assert [one.key for one in regions] == ["COMED", "DUQ"]
    # They end before 2015: their own last year is scored, learned again at its New Year.
    task = pjm.window(regions, quick=False)
    assert (task.start_at, task.end_at) == (
        pd.Timestamp("2012-06-03 04:00Z"),
        pd.Timestamp("2013-06-03 04:00Z"),
    )
    assert task.refits == [pd.Timestamp("2013-01-01 05:00Z")]
    with pytest.raises(FileNotFoundError, match=r"holds no REGION_hourly\.csv"):
        pjm_series(tmp_path / "nothing")


def test_a_day_that_two_files_of_epias_share_counts_once_with_its_decimal_comma(tmp_path):
    header = "\ufeffTarih;Saat;Tüketim Miktarı(MWh)\n"
    older, newer = ["00:00;39.099,97", "01:00;1,5"], ["01:00;1,75", "03:00;2.000,25"]
    for name, rows in (("2024.csv", older), ("2025.csv", newer)):
        (tmp_path / name).write_text(header + "\n".join(f"28.08.2024;{row}" for row in rows))
    series = epias_series(tmp_path)
    assert series.start_at == pd.Timestamp("2024-08-27 21:00Z")
    assert series.values.tolist() == pytest.approx([39_099.97, 1.75, np.nan, 2_000.25], nan_ok=True)


def test_hours_of_the_household_that_repeat_yesterday_were_filled_in_and_are_missing(tmp_path):
    stamps = hours("2007-01-01 00:00", 75)
    watts = np.arange(75) * 60.0
    watts[30:33] = watts[6:9]
    lines = [f"{at},{value},0" for at, value in zip(stamps, watts, strict=True)]
    text = "datetime,Global_active_power,Voltage\n" + "\n".join(lines)
    (tmp_path / "x_hourly.csv").write_text(text)
    series = household_series(tmp_path)
    # From the second hour to the last but one, an hour ahead of Greenwich.
    assert (series.start_at, len(series)) == (pd.Timestamp("2007-01-01 00:00Z"), 73)
    assert np.flatnonzero(np.isnan(series.values)).tolist() == [29, 30, 31]
    assert series.values[:3].tolist() == [1.0, 2.0, 3.0]
