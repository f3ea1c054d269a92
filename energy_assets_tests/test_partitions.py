import dagster as dg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_assets.partitions import (
    PartitionKeyError,
    customer_of_partition_key,
    file_id_of,
    object_key_of,
    partition_key_of_customer,
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


def test_usual_keys_stay_readable():
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
