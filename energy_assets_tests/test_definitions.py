import ast
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from energy_assets.consumption.assets import CONSUMPTION_ASSETS
from energy_assets.consumption.file_assets import consumption, consumption_file
from energy_assets.customer_load.assets import CUSTOMER_LOAD_ASSETS
from energy_assets.customer_load.file_assets import measurements, meter_file
from energy_assets.definitions import build_defs, default_resources, defs
from energy_assets.scoreboard.assets import forecast_scores
from energy_assets.settings import PROJECT_ROOT, Settings

ASSETS = [
    measurements,
    *CUSTOMER_LOAD_ASSETS,
    *(asset for asset in CONSUMPTION_ASSETS if isinstance(asset, dg.AssetsDefinition)),
    forecast_scores,
]
SOURCES = [
    *(PROJECT_ROOT / "energy_assets").rglob("*.py"),
    *(PROJECT_ROOT / "resources").rglob("*.py"),
]


def test_the_definitions_load_and_resolve():
    dg.Definitions.validate_loadable(defs)


def test_the_lineage_leads_from_files_to_plots():
    graph = defs.resolve_asset_graph()
    parents = {
        key.to_user_string(): sorted(p.to_user_string() for p in graph.get(key).parent_keys)
        for key in graph.get_all_asset_keys()
    }

    assert parents == {
        "meter_file": [],
        "measurements": ["meter_file"],
        "customer_features": ["measurements"],
        "shared_bilstm": ["customer_features"],
        "customer_bilstm": ["customer_features", "shared_bilstm"],
        "customer_forecast": ["customer_bilstm", "customer_features"],
        "customer_plot": ["customer_features", "customer_forecast"],
        "consumption_file": [],
        "consumption": ["consumption_file"],
        "locations": [],
        "weather": ["locations"],
        "consumption_features": ["consumption", "locations"],
        "consumption_xgboost": ["consumption_features", "weather"],
        "consumption_forecast": ["consumption_features", "consumption_xgboost", "weather"],
        "consumption_plot": ["consumption_features", "consumption_forecast"],
        "night_flow": ["consumption_features"],
        "forecast_scores": ["consumption_forecast", "customer_forecast"],
    }


@pytest.mark.parametrize("asset", ASSETS, ids=lambda asset: asset.key.to_user_string())
def test_every_asset_says_whose_it_is_what_it_is_and_which_version(asset):
    (spec,) = asset.specs

    assert spec.group_name in {"metering", "customer_load", "consumption", "scoreboard"}
    assert spec.kinds
    assert spec.owners
    assert spec.tags["layer"]
    assert spec.code_version
    assert len(spec.description) > 60


def test_customers_are_backfilled_in_ranges_never_one_run_each():
    for asset in ASSETS:
        if asset.partitions_def is not None:
            assert asset.backfill_policy.max_partitions_per_run >= 100


@pytest.mark.parametrize(
    ("features", "files"),
    [("customer_features", "measurements"), ("consumption_features", "consumption")],
)
def test_features_depend_on_all_files_so_that_all_partitions_can_be_backfilled(features, files):
    graph = defs.resolve_asset_graph()
    mapping = graph.get_partition_mapping(
        dg.AssetKey(features), parent_asset_key=dg.AssetKey(files)
    )

    assert isinstance(mapping, dg.AllPartitionMapping)


def test_the_raw_files_have_the_partitions_of_the_readings():
    assert meter_file.partitions_def == measurements.partitions_def
    assert consumption_file.partitions_def == consumption.partitions_def


def test_one_part_can_be_swapped_and_the_rest_kept(tmp_path):
    swapped = build_defs(
        settings=Settings(_env_file=None, log_dir=tmp_path), wall_clock="another clock"
    )

    assert swapped.resources["wall_clock"] == "another clock"
    assert set(swapped.resources) == set(defs.resources)


def test_no_secret_is_in_the_text_of_a_resource():
    settings = Settings(
        _env_file=None,
        db_host="db",
        db_username="user",
        db_password="hush-hush",
        object_store="s3://bucket",
        aws_access_key_id="key",
        aws_secret_access_key="hush-hush",
        aws_region="eu-west-1",
        influxdb_url="http://influx:8086",
        influxdb_token="hush-hush",
        openweathermap_api_key="hush-hush",
        visual_crossing_api_key="hush-hush",
    )

    assert "hush-hush" not in str(default_resources(settings))


def test_loading_the_definitions_leaves_the_heavy_libraries_alone():
    heavy = {"torch", "xgboost", "optuna", "prophet", "matplotlib", "pymongo", "influxdb_client"}
    code = (
        "import sys, energy_assets.definitions; "
        f"print(sorted({heavy!r} & set(sys.modules)), file=sys.stdout)"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT_ROOT
    )

    assert output.stdout.strip().splitlines()[-1] == "[]"


def test_only_the_settings_read_the_environment():
    readers = [
        path.relative_to(PROJECT_ROOT).as_posix()
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    ]

    assert readers == []


def test_workspace_and_project_load_the_same_module():
    workspace = (PROJECT_ROOT / "workspace.yaml").read_text()
    project = (PROJECT_ROOT / "pyproject.toml").read_text()

    assert "module_name: energy_assets.definitions" in workspace
    assert 'code_location_target_module = "energy_assets.definitions"' in project
    assert Path(PROJECT_ROOT / "create.js").is_file()
