import os
import subprocess
import sys

from energy_assets.settings import PROJECT_ROOT


def demo(folder):
    environment = os.environ | {
        "OBJECT_STORE": str(folder / "objects"),
        "DOCUMENT_STORE": f"sqlite:///{folder}/documents.db",
        "SERIES_STORE": f"sqlite:///{folder}/series.db",
        "LOG_DIR": str(folder / "logs"),
        "DAGSTER_HOME": str(folder),
        "TRAIN_WORKERS": "1",
        "QUALITY": "fast",
    }
    days = ["--customers", "2", "--days", "12", "--meter-days", "24"]
    return subprocess.run(
        [sys.executable, "-m", "energy_assets.demo", *days],
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
    assert "Consumption files are there already" in again
    tables = [
        text.partition("Files (")[2].partition("Leak suspected")[0] for text in (first, again)
    ]
    assert tables[0] == tables[1]
    assert "Leak suspected at water meter home-c" in first
    assert "Expected: " in first
    plots = {f.parent for f in (tmp_path / "objects/plots").rglob("*.png")}
    assert len(plots) == 2 + 10 + 4
