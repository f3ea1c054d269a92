import dagster as dg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_assets.partitions import (
    PartitionKeyError,
    customer_of_partition_key,
    file_id_of,
    meter_of_partition_key,
    object_key_of,
    partition_key_of_customer,
    partition_key_of_meter,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300)


@given(key=TEXT)
def test_every_object_key_survives_the_way_to_a_partition_key_and_back(key):
    file_id = file_id_of(key, '"etag"')

    assert object_key_of(file_id) == key
    assert file_id.isascii()
    assert file_id.isprintable()
    assert ".." not in file_id


@given(customer_ref=TEXT)
def test_every_customer_reference_survives_the_way_to_a_partition_key_and_back(customer_ref):
    key = partition_key_of_customer(customer_ref)

    assert customer_of_partition_key(key) == customer_ref
    assert ".." not in key


@given(meter_id=TEXT, meter_type=st.sampled_from(["electricity", "water"]))
def test_every_meter_survives_the_way_to_a_partition_key_and_back(meter_id, meter_type):
    key = partition_key_of_meter(f"{meter_type}/{meter_id}")

    assert meter_of_partition_key(key) == f"{meter_type}/{meter_id}"
    assert ".." not in key


@pytest.mark.parametrize("meter_key", ["", "gas/home", "electricity/", "electricity", "/home"])
def test_a_meter_of_no_known_type_or_without_id_gets_no_partition(meter_key):
    with pytest.raises(PartitionKeyError, match="and a meter id"):
        partition_key_of_meter(meter_key)


def test_usual_keys_stay_readable():
    assert partition_key_of_meter("water/Home 12") == "water/Home 12"
    assert file_id_of("raw/load profiles/LP_01.csv", "x").startswith("raw/load profiles/LP_01.csv@")
    assert partition_key_of_customer("071/XX0000") == "071/XX0000"


def test_another_content_of_the_same_file_is_another_partition():
    assert file_id_of("a.csv", "123-1") != file_id_of("a.csv", "123-2")


@pytest.mark.parametrize(
    "key", ["", "a.csv", "a.csv@xyz", "../a.csv@0123456789ab", "a\n.csv@0123456789ab"]
)
def test_a_string_that_no_sensor_made_is_no_file_partition(key):
    with pytest.raises(PartitionKeyError, match="partition key"):
        object_key_of(key)


@pytest.mark.parametrize("key", ["", "..", "a\tb", "%zz"])
def test_a_string_that_no_sensor_made_is_no_customer_partition(key):
    with pytest.raises(PartitionKeyError, match="partition key"):
        customer_of_partition_key(key)


def test_a_key_of_five_thousand_characters_is_refused():
    with pytest.raises(PartitionKeyError, match="longer than"):
        partition_key_of_customer("x" * 5_000)


def test_dagster_accepts_keys_of_files_with_dots_and_control_characters():
    key = file_id_of("a...b\x07\n.csv", "x")

    assert dg.StaticPartitionsDefinition([key]).get_partition_keys() == [key]
