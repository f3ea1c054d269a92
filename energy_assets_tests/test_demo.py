import os
import subprocess
import sys

from energy_assets.settings import PROJECT_ROOT


def demo(folder):
    environment = os.environ | {
        "OBJECT_STORE": str(folder / "objects"),
        "DOCUMENT_STORE": f"sqlite:///{folder}/documents.db",
        "LOG_DIR": str(folder / "logs"),
        "DAGSTER_HOME": str(folder),
        "TRAIN_WORKERS": "1",
    }
    return subprocess.run(
        [sys.executable, "-m", "energy_assets.demo", "--customers", "2", "--days", "12"],
        env=environment,
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_the_demo_shows_files_forecasts_scores_and_plots_and_can_be_run_again(tmp_path):
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    first = demo(tmp_path)
    again = demo(tmp_path)

    assert "FAILED" not in first + again
    assert "rows in = stored + duplicates + superseded + quarantined" in first
    assert "kWh in 24 h" in first
    assert "Meter files are there already" in again
    assert (
        first.partition("Meter files (")[2].splitlines()[:-1]
        == (again.partition("Meter files (")[2].splitlines()[:-1])
    )
    assert len(list((tmp_path / "objects/plots").rglob("*.png"))) == 2
