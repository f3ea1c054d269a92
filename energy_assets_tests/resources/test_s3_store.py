"""What only S3 can do wrong: missing buckets, foreign keys, folder markers, absent servers."""

import logging
from typing import Any

import pytest

from energy_assets_tests.conftest import free_port
from energy_assets_tests.resources.conftest import MOTO_KEYS, s3_options
from resources import obstore_store
from resources.errors import StoreUnavailableError, StoreUrlError
from resources.object_store import ObjectStore
from resources.obstore_store import open_object_store


def test_a_prefix_of_the_url_is_the_root_of_the_keys(
    moto_store: ObjectStore, moto_bucket: tuple[Any, str]
):
    client, bucket = moto_bucket
    moto_store.put("raw/a.csv", b"1")
    client.put_object(Bucket=bucket, Key="estate/one-more/b.csv", Body=b"2")
    stored = [each["Key"] for each in client.list_objects_v2(Bucket=bucket)["Contents"]]
    assert stored == ["estate/one-more/b.csv", "estate/one/raw/a.csv"]
    assert [info.key for info in moto_store.list("")] == ["raw/a.csv"]


def test_the_tag_is_the_one_that_s3_tells(moto_store: ObjectStore, moto_bucket: tuple[Any, str]):
    client, bucket = moto_bucket
    moto_store.put("a", b"hello")
    told = client.head_object(Bucket=bucket, Key="estate/one/a")["ETag"]
    assert f'"{moto_store.info("a").etag}"' == told == '"5d41402abc4b2a76b9719d911017c592"'


def test_keys_that_cannot_be_named_do_not_hide_the_others(
    moto_store: ObjectStore, moto_bucket: tuple[Any, str], caplog: pytest.LogCaptureFixture
):
    client, bucket = moto_bucket
    names = ["raw/a.csv", "raw//b.csv", "raw/../c.csv", "raw/d\x01.csv", "raw/folder/", "raw/z.csv"]
    for name in names:
        client.put_object(Bucket=bucket, Key=f"estate/one/{name}", Body=b"")
    with caplog.at_level(logging.WARNING):
        assert [info.key for info in moto_store.list("raw/")] == ["raw/a.csv", "raw/z.csv"]
    for name in ("raw//b.csv", "raw/../c.csv", "x01.csv"):
        assert name in caplog.text
    assert [info.key for info in moto_store.list("raw/", after="raw/a.csv")] == ["raw/z.csv"]
    assert [info.key for info in moto_store.list("raw/", limit=1)] == ["raw/a.csv"]


def test_the_marker_of_a_folder_is_no_object(moto_store: ObjectStore, moto_bucket: tuple[Any, str]):
    client, bucket = moto_bucket
    for name in ("raw/", "raw/sub/"):
        client.put_object(Bucket=bucket, Key=f"estate/one/{name}", Body=b"")
    moto_store.put("raw/empty.csv", b"")
    assert [info.key for info in moto_store.list("raw/")] == ["raw/empty.csv"]
    assert [info.key for info in moto_store.list("")] == ["raw/empty.csv"]


def test_a_bucket_that_is_not_there_is_an_outage_and_never_no_data(moto_endpoint: str):
    store = open_object_store("s3://not-there", options=s3_options(moto_endpoint, MOTO_KEYS))
    with pytest.raises(StoreUnavailableError, match="NoSuchBucket"):
        store.list("")
    with pytest.raises(StoreUnavailableError, match="NoSuchBucket"):
        store.get("a")
    with pytest.raises(StoreUnavailableError, match="NoSuchBucket"):
        store.put("a", b"")


def test_a_server_that_does_not_answer_is_an_outage():
    endpoint = f"http://127.0.0.1:{free_port()}"
    store = open_object_store("s3://energy", options=s3_options(endpoint, MOTO_KEYS))
    for work in (
        lambda: store.list("raw/2026"),
        lambda: store.get("a"),
        lambda: store.info("a"),
        lambda: list(store.stream("a")),
        lambda: store.put("a", b""),
        lambda: store.create("a", b""),
        lambda: store.delete("a"),
    ):
        with pytest.raises(StoreUnavailableError, match="s3://energy is not reachable") as outage:
            work()
        assert "testing" not in str(outage.value)


def test_an_unknown_option_is_named():
    with pytest.raises(StoreUrlError, match="acces_key"):
        open_object_store("s3://energy", options={"acces_key": "typo"})


def test_a_page_in_the_middle_does_not_list_what_is_before_it(
    moto_store: ObjectStore, moto_bucket: tuple[Any, str], monkeypatch: pytest.MonkeyPatch
):
    for number in range(20):
        moto_store.put(f"raw/{number:02d}", b"1")
    seen: list[str] = []
    list_all = obstore_store.obstore.list

    def watched(*arguments: Any, **options: Any) -> Any:
        for page in list_all(*arguments, **options):
            seen.extend(meta["path"] for meta in page)
            yield page

    monkeypatch.setattr(obstore_store.obstore, "list", watched)
    assert len(moto_store.list("raw/", after="raw/15", limit=2)) == 2
    assert seen == [f"estate/one/raw/{number}" for number in (16, 17, 18, 19)]
