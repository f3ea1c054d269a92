"""What only a folder can do wrong: half-written files, odd entries, links, in-place changes."""

import logging
import multiprocessing
import os
from pathlib import Path

import pytest

from resources import folder_store
from resources.errors import (
    ObjectChangedError,
    ObjectExistsError,
    ObjectKeyError,
    StoreUnavailableError,
    StoreUrlError,
)
from resources.object_store import ObjectStore
from resources.obstore_store import open_object_store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "objects"


@pytest.fixture
def objects(folder: Path) -> ObjectStore:
    return open_object_store(folder.as_uri())


def test_a_path_and_a_file_url_name_the_same_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    odd = tmp_path / "with space & ü"
    open_object_store(odd.as_uri()).put("a", b"1")
    assert open_object_store(str(odd)).get("a") == b"1"
    assert open_object_store("with space & ü").get("a") == b"1"
    assert (odd / "a").read_bytes() == b"1"


@pytest.mark.parametrize("url", ["ftp://host/x", "s3://", "file://elsewhere/x", "gs://b"])
def test_an_unknown_url_names_the_choices(url: str):
    with pytest.raises(StoreUrlError, match=r"s3://BUCKET\[/PREFIX\]"):
        open_object_store(url)


def test_a_folder_that_cannot_be_made_is_an_outage(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailableError, match="creating it"):
        open_object_store(str(tmp_path / "file" / "objects"))


def test_a_folder_that_went_away_is_an_outage_and_never_an_empty_one(
    objects: ObjectStore, folder: Path
):
    folder.rmdir()
    with pytest.raises(StoreUnavailableError, match="listing"):
        objects.list("")
    with pytest.raises(StoreUnavailableError, match="reading a"):
        objects.get("a")


def test_a_write_that_fails_leaves_the_old_object_and_no_rest(
    objects: ObjectStore, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    objects.put("a/b", b"old")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder_store.os, "utime", full)
    with pytest.raises(StoreUnavailableError, match="No space left on device"):
        objects.put("a/b", b"new")
    assert objects.get("a/b") == b"old"
    assert [path.name for path in (folder / "a").iterdir()] == ["b"]


def test_what_a_killed_writer_left_is_not_listed(objects: ObjectStore, folder: Path):
    (folder / ".0123.partial~").write_bytes(b"half")
    objects.put("a", b"1")
    assert [info.key for info in objects.list("")] == ["a"]
    with pytest.raises(ObjectKeyError, match="unfinished"):
        objects.get(".0123.partial~")


def test_an_object_and_a_folder_cannot_have_one_name(objects: ObjectStore):
    objects.put("a", b"1")
    with pytest.raises(ObjectKeyError, match="as file and folder"):
        objects.put("a/b", b"2")
    with pytest.raises(ObjectKeyError, match="as file and folder"):
        objects.put("a/b/c", b"2")
    objects.put("c/d", b"3")
    with pytest.raises(ObjectKeyError, match="as file and folder"):
        objects.put("c", b"4")
    assert [info.key for info in objects.list("")] == ["a", "c/d"]


def test_a_file_changed_in_place_while_it_is_read_never_passes_for_whole(
    objects: ObjectStore, folder: Path
):
    objects.put("a", b"o" * 1000)
    blocks = objects.stream("a", block_bytes=300)
    next(iter(blocks))
    with (folder / "a").open("r+b") as file:
        file.write(b"n")
    with pytest.raises(ObjectChangedError):
        list(blocks)


def test_a_file_name_that_is_no_text_is_left_out_with_a_warning(
    objects: ObjectStore, folder: Path, caplog: pytest.LogCaptureFixture
):
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.csv")).touch()
    (folder / "line\nbreak.csv").touch()
    objects.put("ok.csv", b"1")
    with caplog.at_level(logging.WARNING):
        assert [info.key for info in objects.list("")] == ["ok.csv"]
    assert [word for word in ("udce9", "control character") if word in caplog.text] == [
        "udce9",
        "control character",
    ]


def test_a_linked_folder_is_walked_and_a_loop_of_links_ends(objects: ObjectStore, tmp_path: Path):
    outside = tmp_path / "exports"
    outside.mkdir()
    (outside / "one.csv").write_bytes(b"1")
    (outside / "back").symlink_to(tmp_path / "objects")
    (tmp_path / "objects" / "linked").symlink_to(outside)
    (tmp_path / "objects" / "dangling").symlink_to(tmp_path / "nowhere")
    assert [info.key for info in objects.list("")] == ["linked/one.csv"]
    assert objects.get("linked/one.csv") == b"1"


def create_first(url: str, number: int) -> bool:
    """In a process of its own: whether this one created the object."""
    try:
        open_object_store(url).create("race", str(number).encode() * 100_000)
    except ObjectExistsError:
        return False
    return True


def test_of_many_processes_that_create_an_object_one_does(objects: ObjectStore):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        won = pool.starmap(create_first, [(objects.url, number) for number in range(8)])
    assert won.count(True) == 1
    assert objects.get("race") == str(won.index(True)).encode() * 100_000


@pytest.mark.slow
def test_100000_objects_are_listed_in_pages(objects: ObjectStore, folder: Path):
    (folder / "raw").mkdir()
    names = [f"raw/customer_{number:06d}.csv" for number in range(100_000)]
    for name in names:
        (folder / name).touch()
    found: list[str] = []
    while page := objects.list("raw/customer_", after=found[-1] if found else "", limit=20_000):
        found += [info.key for info in page]
    assert found == names
