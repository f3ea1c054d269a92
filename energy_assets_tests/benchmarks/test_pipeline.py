"""Old meter data go the whole way as if they had just arrived, and are scored."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import pipeline


def test_homes_of_2013_are_stored_forecast_and_scored_beside_the_naives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("QUALITY", "fast")
    random = np.random.default_rng(4)
    at = pd.date_range("2013-01-01", periods=45 * 48, freq="30min")
    daily = 0.3 + 0.2 * np.sin(2 * np.pi * at.hour.to_numpy() / 24)
    homes = pd.concat(
        pd.DataFrame(
            {
                "LCLid": f"MAC00000{number}",
                "tstp": at.strftime("%Y-%m-%d %H:%M:%S"),
                "energy(kWh/hh)": daily * random.uniform(0.6, 1.4, len(at)),
            }
        )
        for number in (2, 7)
    )
    homes.to_csv(tmp_path / "homes.csv", index=False)
    folder = tmp_path / "stores"
    folder.mkdir()

    figures = pipeline.measure("lcl", data=tmp_path, homes=None, quick=False, folder=folder)

    assert figures["rows_in"] == figures["rows_stored"] == len(homes)
    assert figures["customers"] == 2
    assert figures["forecast_rows"] == 2 * 48
    assert 0.0 < figures["wape_bilstm"] < 0.5
    assert figures["wape_best_naive"] > 0.0
