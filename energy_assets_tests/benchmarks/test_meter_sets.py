"""Public sets of meters are read at the right hour."""

import gzip
import zipfile

import numpy as np
import pandas as pd
import pytest

from benchmarks.daiad import daiad_histories
from benchmarks.pjm import pjm_history


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
