"""A real water trial: 92 homes, registers read at odd times (`REAL_DATA` names its folder)."""

import os
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from energy_assets.consumption.consumption_grid import meter_histories
from energy_assets.consumption.consumption_records import known_meters, stored_points

pytestmark = [pytest.mark.real_data, pytest.mark.timeout(600)]


def test_the_registers_of_a_trial_become_hours_without_inventing_water(waterworks):
    archive = Path(os.environ.get("REAL_DATA", "")) / "daiad_water" / "swm_trialA.zip"
    if not archive.exists():
        pytest.skip(f"{archive} is not there: set REAL_DATA to the folder above daiad_water.")
    with zipfile.ZipFile(archive) as packed:
        data = packed.read(packed.namelist()[0])
    waterworks.clock = "local:Europe/Madrid"
    waterworks.rules["units"] = {"water": "l"}
    report = waterworks.take(data, "water/trial.csv")
    assert report.rows_in == report.rows_accounted == 674_019
    assert len(report.meters) == 92
    meters = known_meters(waterworks.documents)
    points = stored_points(waterworks.series, list(report.meters))
    zones = dict.fromkeys(report.meters, ("Europe/Madrid", "ES"))
    found = list(meter_histories(points, meters, zones=zones))
    assert len(found) == 92
    # A second way: all rises of all registers that a home could have used.
    rises = points.groupby("meter_id")["register"].diff()
    credible = float(rises[(rises >= 0) & (rises < 100)].sum())
    told = sum(float(np.nansum(meter.history.values)) for meter in found)
    over_gaps = np.nansum([gap.consumption for meter in found for gap in meter.gaps])
    assert told + over_gaps <= credible
    assert told + over_gaps > 0.97 * credible
    known = np.concatenate([meter.history.values for meter in found])
    assert np.nanmin(known) >= 0 and np.nanmax(known) < 5
    reasons = pd.concat([pd.Series(meter.reason) for meter in found]).value_counts()
    assert reasons["ok"] > 600_000 and reasons["swap"] < 100
