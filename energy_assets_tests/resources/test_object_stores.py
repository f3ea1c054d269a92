"""What every adapter of the object store promises."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from resources.errors import (
    ObjectChangedError,
    ObjectExistsError,
    ObjectKeyError,
    ObjectMissingError,
)
from resources.object_store import ObjectStore

ODD_KEYS = [
    "raw/a b.csv",
    "raw/Übergrößen €😀.csv",
    "raw/100%25/%2F.csv",
    "raw/q?x=1&y=2#z+~!'()*;:@,=[]{}|^`<>\"\\.csv",
    "raw/.hidden",
    "raw/...",
    "raw/" + "/".join(["k" * 200] * 4),
    "x",
]


def keys(objects: ObjectStore, prefix: str = "", *, after: str = "", limit: int | None = None):
    return [info.key for info in objects.list(prefix, after=after, limit=limit)]


@pytest.mark.parametrize("data", [b"", b"one", bytes(range(256)) * 50_000])
def test_what_was_put_is_got(objects: ObjectStore, data: bytes):
    objects.put("plots/one.png", data)
    assert objects.get("plots/one.png") == data
    assert b"".join(objects.stream("plots/one.png")) == data
    assert objects.info("plots/one.png").size_bytes == len(data)


def test_odd_keys_are_only_keys(objects: ObjectStore):
    for number, key in enumerate(ODD_KEYS):
        objects.put(key, str(number).encode())
    assert keys(objects) == sorted(ODD_KEYS, key=str.encode)
    for number, key in enumerate(ODD_KEYS):
        assert objects.get(key) == str(number).encode()
        assert objects.info(key) in objects.list(key)
        objects.delete(key)
    assert keys(objects) == []


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("", "is empty"),
        ("/etc/passwd", "empty part"),
        ("raw/", "empty part"),
        ("raw//a", "empty part"),
        ("../a", "leave its folder"),
        ("raw/../../a", "leave its folder"),
        ("raw/./a", "leave its folder"),
        ("..", "leave its folder"),
        ("raw/a\n", "control character"),
        ("raw/\x00", "control character"),
        ("raw/\ud800", "lone surrogate"),
        ("k/" * 600 + "k", "longer than 1024 bytes"),
    ],
)
def test_a_key_that_no_object_can_have_is_refused_everywhere(
    objects: ObjectStore, key: str, words: str
):
    for work in (
        lambda: objects.put(key, b""),
        lambda: objects.create(key, b""),
        lambda: objects.get(key),
        lambda: objects.info(key),
        lambda: list(objects.stream(key)),
        lambda: objects.delete(key),
    ):
        with pytest.raises(ObjectKeyError, match=words):
            work()
    assert keys(objects) == []


def test_a_key_of_900_characters_is_stored_or_refused_with_the_reason(objects: ObjectStore):
    key = "raw/" + "k" * 896
    if objects.url.startswith("file:"):
        with pytest.raises(ObjectKeyError, match="longer than the 255 bytes of a file name"):
            objects.put(key, b"1")
    else:
        objects.put(key, b"1")
        assert keys(objects, "raw/kkk") == [key]
        assert objects.get(key) == b"1"


@pytest.mark.parametrize(
    ("prefix", "after", "limit", "expected"),
    [
        ("", "", None, "a-b a.csv a/1 a/2 a/2.x a/b/c b z ü"),
        ("a", "", None, "a-b a.csv a/1 a/2 a/2.x a/b/c"),
        ("a/", "", None, "a/1 a/2 a/2.x a/b/c"),
        ("a/2", "", None, "a/2 a/2.x"),
        ("a/b/", "", None, "a/b/c"),
        ("a/b/c", "", None, "a/b/c"),
        ("a/b/c/", "", None, ""),
        ("c", "", None, ""),
        ("ü", "", None, "ü"),
        ("", "a/2", None, "a/2.x a/b/c b z ü"),
        ("", "a/2", 2, "a/2.x a/b/c"),
        ("a/", "a/2", None, "a/2.x a/b/c"),
        ("a/", "0", 1, "a/1"),
        ("a/", "b", None, ""),
        ("a/2", "a/1", None, "a/2 a/2.x"),
        ("", "a/zzz", 1, "b"),
        ("", "a/", 1, "a/1"),
        ("", "ü", None, ""),
        ("", "", 0, ""),
        ("a", "", 1, "a-b"),
    ],
)
def test_a_listing_is_sorted_by_byte_starts_after_a_key_and_ends_at_the_limit(
    objects: ObjectStore, prefix: str, after: str, limit: int | None, expected: str
):
    for key in ("b", "a/2", "a-b", "ü", "a/1", "z", "a/b/c", "a.csv", "a/2.x"):
        objects.put(key, b"1")
    assert keys(objects, prefix, after=after, limit=limit) == expected.split()


def test_pages_together_are_the_whole_listing(objects: ObjectStore):
    names = sorted((f"p/{number * 7919 % 1009:04d}" for number in range(120)), key=str.encode)
    for name in reversed(names):
        objects.put(name, b"")
    found: list[str] = []
    while page := keys(objects, "p/", after=found[-1] if found else "", limit=50):
        found += page
    assert found == names


def test_a_listing_tells_size_time_and_tag_as_a_look_at_the_object_does(objects: ObjectStore):
    objects.put("a/one", b"12345")
    (listed,) = objects.list("a/")
    assert listed == objects.info("a/one")
    assert listed.size_bytes == 5
    assert listed.etag
    assert '"' not in listed.etag
    # The clocks of this test and of the server may differ, and S3 tells whole seconds.
    assert abs(listed.modified_at - datetime.now(tz=UTC)) < timedelta(minutes=5)


def test_another_content_of_equal_size_has_another_tag_at_once(objects: ObjectStore):
    tags: list[str] = []
    for content in (b"one", b"two", b"six"):
        objects.put("a", content)
        tags.append(objects.info("a").etag)
    assert len(set(tags)) == 3


def test_a_missing_object_is_named(objects: ObjectStore):
    objects.put("a/b", b"")
    for work in (objects.get, objects.info, lambda key: list(objects.stream(key))):
        with pytest.raises(ObjectMissingError, match="a/c is not in"):
            work("a/c")
        with pytest.raises(ObjectMissingError, match="a is not in"):
            work("a")


def test_deleting_twice_is_harmless(objects: ObjectStore):
    objects.put("a/b", b"1")
    objects.delete("a/b")
    objects.delete("a/b")
    objects.delete("a/b/c")
    assert keys(objects) == []


def test_an_object_is_created_once(objects: ObjectStore):
    objects.create("a", b"first")
    with pytest.raises(ObjectExistsError, match="a exists in"):
        objects.create("a", b"second")
    assert objects.get("a") == b"first"
    assert keys(objects) == ["a"]


def test_a_stream_comes_in_blocks(objects: ObjectStore):
    objects.put("a", b"x" * 1000)
    sizes = [len(block) for block in objects.stream("a", block_bytes=300)]
    assert sizes == [300, 300, 300, 100]


def test_a_stream_of_the_listed_content_is_checked_before_the_first_block(objects: ObjectStore):
    objects.put("a", b"old")
    listed = objects.info("a").etag
    assert b"".join(objects.stream("a", expected_etag=listed)) == b"old"
    objects.put("a", b"new")
    with pytest.raises(ObjectChangedError, match=f"ETag {listed} became"):
        next(iter(objects.stream("a", expected_etag=listed)))


@pytest.mark.parametrize("stated", [True, False])
def test_an_object_replaced_while_it_is_read_never_passes_for_whole(
    objects: ObjectStore, stated: bool
):
    objects.put("a", b"o" * 1000)
    listed = objects.info("a").etag if stated else None
    blocks = objects.stream("a", expected_etag=listed, block_bytes=300)
    got = [next(iter(blocks))]
    objects.put("a", b"n" * 1000)
    with pytest.raises(ObjectChangedError, match="a was replaced after it was listed"):
        got += blocks
    assert set(b"".join(got)) == {ord("o")}


def test_an_object_deleted_while_it_is_read_never_passes_for_whole(objects: ObjectStore):
    objects.put("a", b"o" * 1000)
    blocks = objects.stream("a", block_bytes=300)
    next(iter(blocks))
    objects.delete("a")
    with pytest.raises(ObjectMissingError, match="a is not in"):
        list(itertools.islice(blocks, 10))
