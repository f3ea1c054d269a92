"""Files against what is stored: corrections, late files, duplicates, and the order of arrival."""

from itertools import permutations

import pandas as pd
import pytest

from energy_assets.contracts.customers import METERS
from energy_assets.contracts.meter_files import PROCESSED_FILES
from energy_assets.intake.errors import ConcurrentWritersError
from energy_assets_tests.intake.exports import World, rows_of, text, world_at


def changed(rows, value, *indices):
    return [[*row[:5], value, row[6]] if i in indices else row for i, row in enumerate(rows)]


def balance(report):
    return (
        report.rows_in, report.rows_stored, report.rows_corrected, report.rows_duplicate,
        report.rows_superseded, report.rows_quarantined,
    )  # fmt: skip


def test_the_same_file_again_changes_nothing_and_says_the_same(any_world):
    rows = rows_of()
    rows[2][5] = "x"
    file = any_world.arrive(text(rows))
    first = any_world.ingest(file)
    before = any_world.everything()
    assert any_world.ingest(file) == first
    assert any_world.everything() == before
    assert balance(first) == (8, 7, 0, 0, 0, 1)


def test_the_same_content_elsewhere_is_all_duplicates(any_world):
    any_world.take(text(rows_of()), "a.csv")
    assert balance(any_world.take(text(rows_of()), "again/a.csv")) == (8, 0, 0, 8, 0, 0)
    assert len(any_world.readings()) == 8


def test_a_redelivered_file_makes_new_versions_of_what_changed(any_world):
    any_world.take(text(rows_of()))
    report = any_world.take(text(changed(rows_of(count=10), "777", 1, 3)))
    assert balance(report) == (10, 4, 2, 6, 0, 0)
    versions = any_world.readings().groupby("timestamp")["version"].max().tolist()
    assert versions == [1, 2, 1, 2, 1, 1, 1, 1, 1, 1]
    assert any_world.current()["import_kwh"][1] == 777
    assert any_world.readings()["import_kwh"].tolist()[:3] == [100.0, 100.25, 777.0]


def test_another_customer_with_the_same_values_is_a_correction(any_world):
    any_world.take(text(rows_of(customer="7")))
    report = any_world.take(text(rows_of(customer="8")))
    assert report.rows_corrected == 8
    assert any_world.documents.read(METERS)["customer_ref"].tolist() == ["8"]


def test_a_file_known_earlier_does_not_undo_a_correction(any_world):
    any_world.ingest(any_world.arrive(text(changed(rows_of(), "777", 1)), "new.csv", after_hours=9))
    late = any_world.ingest(any_world.arrive(text(rows_of()), "old.csv", after_hours=1))
    assert balance(late) == (8, 0, 0, 7, 1, 0)
    assert any_world.current()["import_kwh"][1] == 777


def test_files_known_at_the_same_time_are_ranked_by_their_id(world):
    for name, value in (("b.csv", "1"), ("a.csv", "2"), ("c.csv", "3")):
        data = text(changed(rows_of(count=1), value, 0))
        world.ingest(world.arrive(data, name, after_hours=1))
    assert world.readings()["import_kwh"].tolist() == [1, 3]


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_overlapping_files_end_the_same_in_any_order(any_world, order):
    files = [
        any_world.arrive(text(rows_of(count=12)), "a.csv"),
        any_world.arrive(text(changed(rows_of(count=16), "777", 3, 5, 15)), "b.csv"),
    ]
    for index in order:
        any_world.ingest(files[index])
    current = any_world.current()
    expected = [100 + 0.25 * i for i in range(16)]
    for index in (3, 5, 15):
        expected[index] = 777
    assert current["import_kwh"].tolist() == expected
    assert any_world.documents.read(METERS)["last_reading_at"][0] == current["timestamp"].max()


def test_a_meter_belongs_to_the_customer_of_its_newest_reading(world):
    new = rows_of(customer="8", start=pd.Timestamp("2025-07-10").to_pydatetime())
    world.take(text(new), "new.csv")
    world.take(text(rows_of(customer="7")), "old.csv")
    meter = world.documents.read(METERS).iloc[0]
    assert (meter["customer_ref"], str(meter["last_reading_at"])) == (
        "8", "2025-07-09 20:15:00+00:00",
    )  # fmt: skip


def test_a_processed_file_is_recorded_with_its_balance_and_span(world):
    file = world.arrive(text(rows_of()))
    world.ingest(file)
    row = world.documents.read(PROCESSED_FILES).iloc[0]
    assert row["file_id"] == file.file_id and row["object_key"] == file.object_key
    assert (row["rows_in"], row["rows_stored"], row["url"]) == (8, 8, file.url)
    assert str(row["first_timestamp"]) == "2025-06-29 18:30:00+00:00"
    assert row["serials"] == ["90000001"] and row["customer_refs"] == ["900000001"]


class Meddling:
    """A store in which somebody else stores other values just before each of our writes."""

    def __init__(self, store, times, write):
        self._store, self._times, self._write = store, times, write

    def __getattr__(self, name):
        return getattr(self._store, name)

    def insert_new(self, table, rows):
        if table.name == "measurements" and self._times:
            self._times -= 1
            self._write()
        return self._store.insert_new(table, rows)


def test_a_faster_writer_is_met_by_reading_again(world, sqlite_url):
    other = world_at(sqlite_url)
    rival = changed(rows_of(count=4), "777", 1, 2)

    def write():
        other.arrived += 10
        other.take(text(rival), f"rival{other.arrived}.csv")

    ours = World(documents=Meddling(world.documents, 1, write), objects=world.objects)
    report = ours.ingest(ours.arrive(text(rows_of()), after_hours=1))
    # The rival is known later: rows 1 and 2 stay his, 0 and 3 say the same, four are ours.
    assert balance(report) == (8, 4, 0, 2, 2, 0)
    assert len(world.readings()) == 8


def test_endless_rivals_end_with_a_clear_error(world, sqlite_url):
    other = world_at(sqlite_url)

    def write():
        other.arrived += 1
        rival = changed(rows_of(count=1), f"{other.arrived}", 0)
        other.ingest(other.arrive(text(rival), f"r{other.arrived}.csv"))

    ours = World(documents=Meddling(world.documents, 99, write), objects=world.objects)
    file = ours.arrive(text(rows_of(count=1)), "ours.csv", after_hours=500)
    with pytest.raises(ConcurrentWritersError, match="Nothing was lost: run this file again"):
        ours.ingest(file)
    assert world.ingest(file).rows_corrected == 1


def test_a_file_that_repeats_the_store_and_then_contradicts_itself_changes_nothing(world):
    world.take(text(rows_of()), "a.csv")
    rows = rows_of()
    report = world.take(text([*rows, *changed(rows, "777", 2)[2:3]]), "b.csv", chunk_rows=4)
    assert balance(report) == (9, 0, 0, 8, 0, 1)
    assert world.reasons() == {10: "conflicting_values"}
    assert len(world.readings()) == 8


def test_a_reading_in_dispute_stays_in_dispute_further_down_the_file(world):
    rows = rows_of()
    near = changed(rows, "777", 0)[:1]
    report = world.take(text([rows[0], *near, *rows[1:], rows[0]]), chunk_rows=4)
    assert balance(report) == (10, 7, 0, 0, 0, 3)
    assert world.reasons() == dict.fromkeys((2, 3, 11), "conflicting_values")
