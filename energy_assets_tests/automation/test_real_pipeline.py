import os
from pathlib import Path

import pytest

from benchmarks import pipeline, real_meters

DATA = Path(os.environ.get("REAL_DATA") or real_meters.DATA)

pytestmark = [pytest.mark.real_data, pytest.mark.timeout(3_600)]


@pytest.mark.parametrize("name", ["lcl", "ucsd"])
def test_real_meters_go_from_files_to_scores_better_than_the_best_seasonal_naive(name, tmp_path):
    folder = DATA / {"lcl": real_meters.LCL, "ucsd": real_meters.UCSD}[name]
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there: name the folder of the sets by DATA=…")

    figures = pipeline.measure(name, data=folder, homes=None, quick=False, folder=tmp_path)

    assert figures["rows_in"] == figures["rows_stored"] + figures["rows_quarantined"]
    assert figures["rows_stored"] > 100_000
    assert figures["wape_bilstm"] < figures["wape_best_naive"]
