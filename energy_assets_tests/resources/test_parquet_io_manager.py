"""Frames between assets: what one returns is what the next one gets."""

import dagster as dg
import pandas as pd
import pytest

from resources.errors import ObjectMissingError
from resources.object_store import ObjectStore
from resources.parquet_io_manager import ParquetIOManager
from resources.partition_files import (
    list_partitions,
    partition_object,
    read_partitions,
    write_partitions,
)
from resources.stores import ObjectStoreResource

CUSTOMERS = dg.StaticPartitionsDefinition(["c1", "c2", "a/../ü b"])


@pytest.fixture
def manager(tmp_path_factory: pytest.TempPathFactory) -> ParquetIOManager:
    url = str(tmp_path_factory.mktemp("objects"))
    return ParquetIOManager(object_store=ObjectStoreResource(url=url), prefix="features")


def features(value: float) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "customer_ref": pd.Series(["c1", None], dtype="str"),
            "at": pd.Series(pd.to_datetime(["2026-03-01", None], utc=True)).dt.as_unit("ms"),
            "energy_kwh": [value, None],
            "count": pd.Series([1, None], dtype="Int64"),
            "flag": pd.Series([True, None], dtype="boolean"),
        }
    )
    frame.attrs = {"basis": "customer", "imputed_share": 0.25, "nested": {"list": [1, None]}}
    return frame


def assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(found, expected)
    assert found.attrs == expected.attrs


def materialize(
    assets: list[dg.AssetsDefinition], manager: ParquetIOManager, **options: object
) -> dg.ExecuteInProcessResult:
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            assets, resources={"io_manager": manager}, instance=instance, **options
        )


def in_range(first: str, last: str) -> dict[str, object]:
    return {
        "tags": {
            "dagster/asset_partition_range_start": first,
            "dagster/asset_partition_range_end": last,
        }
    }


@dg.asset(key=["load", "plain"])
def plain() -> pd.DataFrame:
    return features(1.5)


@dg.asset(
    key=["load", "per_customer"],
    partitions_def=CUSTOMERS,
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def per_customer(context: dg.AssetExecutionContext) -> dict[str, pd.DataFrame]:
    return {
        key: features(number) for number, key in enumerate(context.partition_keys) if key != "c2"
    }


def test_a_frame_comes_back_with_dtypes_missing_values_and_attributes(manager: ParquetIOManager):
    seen: list[pd.DataFrame] = []

    @dg.asset(ins={"frame": dg.AssetIn(key=["load", "plain"])})
    def reader(frame: pd.DataFrame) -> None:
        seen.append(frame)

    assert materialize([plain, reader], manager).success
    assert_same(seen[0], features(1.5))
    store = manager.object_store.open()
    (stored,) = store.list("")
    assert stored.key == "features/load/plain.parquet"


def test_a_partitioned_asset_is_loaded_as_a_dict_without_what_is_absent(
    manager: ParquetIOManager,
):
    seen: list[dict[str, pd.DataFrame]] = []

    @dg.asset(
        ins={"frames": dg.AssetIn(key=["load", "per_customer"])},
        partitions_def=CUSTOMERS,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def reader(frames: dict[str, pd.DataFrame]) -> None:
        seen.append(frames)

    @dg.asset(ins={"frames": dg.AssetIn(key=["load", "per_customer"])})
    def reader_of_all(frames: dict[str, pd.DataFrame]) -> None:
        seen.append(frames)

    assert materialize([per_customer, reader], manager, **in_range("c1", "a/../ü b")).success
    assert list(seen[0]) == ["a/../ü b", "c1"]
    assert_same(seen[0]["c1"], features(0.0))
    assert_same(seen[0]["a/../ü b"], features(2.0))
    for key, present in (("c1", ["c1"]), ("c2", [])):
        materialize([per_customer, reader], manager, partition_key=key, selection=[reader])
        assert list(seen[-1]) == present
    materialize([per_customer, reader_of_all], manager, selection=[reader_of_all])
    assert list(seen[-1]) == ["a/../ü b", "c1"]


def test_one_frame_for_one_partition_is_that_partition(manager: ParquetIOManager):
    @dg.asset(
        key=["load", "per_customer"],
        partitions_def=CUSTOMERS,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def one() -> pd.DataFrame:
        return features(9.0)

    assert materialize([one], manager, partition_key="c2").success
    assert_same(manager.read(["load", "per_customer"])["c2"], features(9.0))
    with pytest.raises(ValueError, match=r"load/per_customer returned one frame for 2 partitions"):
        materialize([one], manager, **in_range("c1", "c2"))


def test_a_partition_that_is_not_in_the_run_is_refused(manager: ParquetIOManager):
    @dg.asset(partitions_def=CUSTOMERS)
    def strange() -> dict[str, pd.DataFrame]:
        return {"c1": features(1.0), "c9": features(1.0)}

    with pytest.raises(ValueError, match=r"partitions that are not in this run: \['c9'\]"):
        materialize([strange], manager, partition_key="c1")
    assert manager.read(["strange"]) == {}


@pytest.mark.parametrize("value", [3, {"c1": 3}])
def test_something_else_than_frames_is_refused(manager: ParquetIOManager, value: object):
    @dg.asset(partitions_def=CUSTOMERS)
    def strange() -> object:
        return value

    with pytest.raises(TypeError, match="strange returned int"):
        materialize([strange], manager, partition_key="c1")


def test_rows_and_bytes_are_shown(manager: ParquetIOManager):
    result = materialize([plain, per_customer], manager, **in_range("c1", "c2"))
    by_asset = {}
    for event in result.get_asset_materialization_events():
        materialization = event.step_materialization_data.materialization
        by_asset[materialization.asset_key.path[-1]] = materialization.metadata
    assert by_asset["plain"]["dagster/row_count"].value == 2
    assert by_asset["per_customer"]["rows_written"].value == 2
    assert by_asset["per_customer"]["partitions_written"].value == 1
    store = manager.object_store.open()
    sizes = {info.key: info.size_bytes for info in store.list("")}
    assert by_asset["plain"]["size_bytes"].value == sizes["features/load/plain.parquet"]
    assert (
        by_asset["per_customer"]["size_bytes"].value
        == sizes["features/load/per_customer/c1.parquet"]
    )


def test_an_asset_that_was_never_materialized_is_named(manager: ParquetIOManager):
    @dg.asset(ins={"frame": dg.AssetIn(key=["load", "plain"])})
    def reader(frame: pd.DataFrame) -> None: ...

    with pytest.raises(ObjectMissingError, match=r"features/load/plain\.parquet is not in"):
        materialize([plain, reader], manager, selection=[reader])


ODD_KEYS = [
    *("c 1", "..", ".", ".hidden", "a/b", "../../etc", "ü", "50%", "%2F", "a\nb", "a|b", "😀"),
    *("water/" + "ම" * 200, "x" * 300, "x" * 301),
]


def test_odd_partition_keys_stay_in_their_folder(objects: ObjectStore):
    frames = {key: pd.DataFrame({"key": [key]}) for key in ODD_KEYS}
    size = write_partitions(objects, "features/x", frames)
    stored = objects.list("")
    assert sum(info.size_bytes for info in stored) == size
    assert all(info.key.startswith("features/x/") for info in stored)
    assert all(info.key.count("/") == 2 for info in stored)
    assert list_partitions(objects, "features/x") == sorted(ODD_KEYS)
    found = read_partitions(objects, "features/x")
    assert {key: frame["key"].tolist() for key, frame in found.items()} == {
        key: [key] for key in ODD_KEYS
    }


def test_partitions_are_read_in_the_order_asked_for(memory_store: ObjectStore):
    write_partitions(memory_store, "f", {k: pd.DataFrame({"k": [k]}) for k in ("a", "b", "c")})
    assert list(read_partitions(memory_store, "f", ["c", "missing", "a"])) == ["c", "a"]
    assert list_partitions(memory_store, "g") == []


def test_a_key_keeps_readable_letters():
    assert partition_object("features/x", "C-00017_b.1") == "features/x/C-00017_b.1.parquet"
