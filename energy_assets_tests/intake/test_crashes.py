"""A process is killed at any write; the next run ends exactly as if nothing had happened."""

import multiprocessing
import random
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from energy_assets.customer_load.ingestion import MeterFile
from energy_assets_tests.intake.crashing import Killer, ingest_and_die, mortal, world_in
from energy_assets_tests.intake.exports import rows_of, text

SEED = 20250630
KILLS = 30
OPTIONS = {"chunk_rows": 25}
KEY = "raw/load_profiles/a.csv"


def first_file():
    rows = rows_of("1", "7", count=96)
    rows[10][5], rows[20][5], rows[30][0] = "bad", "", "NaN"
    return text(rows)


def second_file():
    """Corrections, duplicates near and far, conflicts near and far, faults, mended rows."""
    rows = rows_of("1", "7", count=120) + rows_of("2", "8", count=60, register=9_000)
    for i in (5, 60, 90):
        rows[i][5] = "777.5"
    rows[100][5], rows[150][3] = "bad", "soon"
    near = [*rows[40][:5], "1.0", "1"]
    far = [*rows[110][:5], "2.0", "1"]
    return text([*rows[:41], near, *rows[41:], rows[2], rows[170], far, rows[60]])


def file_of(world, version, hours):
    info = world.objects.info(KEY)
    return MeterFile(
        object_key=KEY,
        etag=info.etag,
        size_bytes=info.size_bytes,
        known_at=datetime(2026, 5, 1, tzinfo=UTC) + timedelta(hours=hours),
        file_id=f"{KEY}@{version}",
    )


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """A folder in which the first version of the file is stored and the second has arrived."""
    folder = tmp_path_factory.mktemp("before")
    world = world_in(folder)
    world.objects.put(KEY, first_file())
    world.ingest(file_of(world, "first", 1))
    world.objects.put(KEY, second_file())
    world.documents.close()
    return folder


def end_state(world):
    objects = {info.key: world.objects.get(info.key) for info in world.objects.list("quarantine/")}
    tables = world.everything()
    for row in tables["processed_files"]:
        row.pop("etag")
    return tables, objects


@pytest.fixture(scope="module")
def undisturbed(before, tmp_path_factory):
    """Report, end state and number of writes of a run that nobody disturbs."""
    folder = tmp_path_factory.mktemp("undisturbed") / "world"
    shutil.copytree(before, folder)
    world = world_in(folder)
    killer = Killer(at=-1, mode="before")
    report = mortal(world, killer).ingest(file_of(world, "second", 2), **OPTIONS)
    return report, end_state(world), killer.writes


def test_the_undisturbed_run_has_something_of_everything(undisturbed):
    report, (tables, objects), writes = undisturbed
    assert report.rows_in == 185 and report.rows_accounted == 185
    # Of the first file's 94 readings, 4 had other values (5, 20, 60, 90) and 40 is in conflict. The
    # other 89 say the same, as do the repetitions of rows 2, 170 and 60.
    assert (report.rows_corrected, report.rows_duplicate) == (4, 92)
    assert report.quarantine_reasons == {
        "conflicting_values": 3, "not_a_number": 1, "unreadable_date": 1,
    }  # fmt: skip
    assert sum(row["resolved_by"] == f"{KEY}@second" for row in tables["quarantined_readings"]) == 1
    assert len(objects) == 2 and writes > 12


def points():
    randomness = random.Random(SEED)  # noqa: S311 - a seeded choice of moments
    modes = ("before", "half", "after")
    return [(randomness.random(), modes[i % 3]) for i in range(KILLS)]


@pytest.mark.parametrize(("share", "mode"), points())
def test_a_killed_run_is_repaired_by_the_next(before, undisturbed, tmp_path, share, mode):
    report, state, writes = undisturbed
    folder = tmp_path / "world"
    shutil.copytree(before, folder)
    world = world_in(folder)
    file = file_of(world, "second", 2)
    at = int(share * writes)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["energy_assets_tests.intake.crashing"])
    child = context.Process(target=ingest_and_die, args=(folder, file, at, mode, OPTIONS))
    child.start()
    child.join(60)
    assert child.exitcode == -9
    assert world.ingest(file, **OPTIONS) == report
    assert end_state(world) == state
    world.documents.close()


def test_a_run_killed_twice_at_different_places_is_repaired(before, undisturbed, tmp_path):
    report, state, writes = undisturbed
    folder = tmp_path / "world"
    shutil.copytree(before, folder)
    world = world_in(folder)
    file = replace(file_of(world, "second", 2))
    context = multiprocessing.get_context("forkserver")
    for at, mode in ((1, "half"), (writes // 2, "before"), (2, "after")):
        child = context.Process(target=ingest_and_die, args=(folder, file, at, mode, OPTIONS))
        child.start()
        child.join(60)
        assert child.exitcode == -9
    assert world.ingest(file, **OPTIONS) == report
    assert end_state(world) == state
    world.documents.close()
