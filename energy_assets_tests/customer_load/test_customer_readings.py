"""Which readings are whose, when meters move and corrections say that they did not."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pandas as pd

from energy_assets.customer_load.customer_frames import customer_frames
from energy_assets.customer_load.flow import CustomerFlow
from energy_assets.customer_load.records import readings_by_customer
from energy_assets.settings import Settings
from energy_assets_tests.intake.exports import rows_of, text, world_at

START = datetime(2025, 7, 1)  # noqa: DTZ001 - a meter's wall clock


def deliveries(*, moved_at: int) -> bytes:
    """Eight hours of one meter that belongs to A, and from a row on to B."""
    rows = rows_of(start=START, count=8, minutes=60)
    for number, row in enumerate(rows):
        row[1] = "A" if number < moved_at else "B"
    return text(rows)


def test_a_correction_that_gives_a_reading_to_another_customer_takes_it_from_the_first(sqlite_url):
    world = world_at(sqlite_url)
    world.take(deliveries(moved_at=2))
    assert world.take(deliveries(moved_at=6)).rows_corrected == 4

    since = pd.Timestamp("2025-01-01", tz="UTC")
    first, second = readings_by_customer(world.documents, ["A", "B"], since=since)

    assert (first.customer_ref, second.customer_ref) == ("A", "B")
    assert first.readings["import_kwh"].tolist() == [100.0, 100.25, 100.5, 100.75, 101.0, 101.25]
    assert second.readings["import_kwh"].tolist() == [101.5, 101.75]
    world.documents.close()


def test_who_is_asked_for_together_does_not_change_what_each_gets(sqlite_url):
    world = world_at(sqlite_url)
    world.take(deliveries(moved_at=2))
    since = pd.Timestamp("2025-01-01", tz="UTC")

    def asked(*refs):
        found = readings_by_customer(world.documents, refs, since=since)
        return {each.customer_ref: len(each.readings) for each in found}

    assert asked("A", "B") == {**asked("A"), **asked("B")} == {"A": 2, "B": 6}
    world.documents.close()


def test_the_readings_of_a_meter_that_is_used_again_stay_with_who_had_it(sqlite_url):
    # Eight hours with A, later eight with B, later eight with C; the files may come in any order.
    spans = [("A", START), ("B", START + timedelta(days=3)), ("C", START + timedelta(days=9))]
    since = pd.Timestamp("2025-01-01", tz="UTC")
    for order in permutations(spans):
        world = world_at(f"{sqlite_url}{''.join(ref for ref, _ in order)}")
        for number, (ref, start) in enumerate(order):
            rows = rows_of(start=start, count=8, minutes=60, customer=ref)
            world.take(text(rows), f"{number}.csv")
        for ref, start in spans:
            (own,) = readings_by_customer(world.documents, [ref], since=since)
            assert len(own.readings) == 8
            begun = pd.Timestamp(start, tz="UTC") - pd.Timedelta("5h30min")
            assert own.readings["timestamp"].min() == begun
            assert own.meters["serial"].tolist() == ["90000001"]
        world.documents.close()


def test_what_a_customer_had_known_before_a_hand_over_does_not_change_by_it(sqlite_url):
    world = world_at(sqlite_url)
    world.take(text(rows_of(start=START, count=30, minutes=60, customer="A")))
    asked = {"documents": world.documents, "days": 400, "zone": "UTC"}

    def frame(ref, known_at):
        known = pd.Timestamp(known_at)
        return [each for _, _, each in customer_frames([ref], known_at=known, **asked)]

    (before,) = frame("A", "2026-06-02T00:00Z")
    later = rows_of(start=START + timedelta(hours=30), count=30, minutes=60, customer="B")
    world.take(text(later), "b.csv")

    (after,) = frame("A", "2026-06-02T00:00Z")
    pd.testing.assert_frame_equal(after, before)
    (new,) = frame("B", "2026-06-02T00:00Z")
    assert new.index[0] == before.index[-1] + pd.Timedelta(hours=1)
    assert CustomerFlow(documents=world.documents, settings=Settings()).series_keys() == ["A", "B"]
    world.documents.close()


def registers(world, known_at):
    """The first import registers of A as they were known at an instant."""
    since = pd.Timestamp("2025-01-01", tz="UTC")
    found = readings_by_customer(
        world.documents, ["A"], since=since, known_at=pd.Timestamp(known_at)
    )
    return [register for each in found for register in each.readings["import_kwh"].head(2).tolist()]


def test_readings_are_those_of_files_that_had_arrived_and_were_being_read_by_then(sqlite_url):
    world = world_at(sqlite_url)
    world.take(deliveries(moved_at=8), now=datetime(2026, 5, 1, 1, tzinfo=UTC))
    higher = rows_of(start=START, customer="A", count=2, minutes=60, register=200.0)
    world.take(text(higher), now=datetime(2026, 5, 1, 9, tzinfo=UTC))  # arrived at two

    assert registers(world, "2026-05-01T00:59:59.999Z") == []
    assert registers(world, "2026-05-01T01:00Z") == [100.0, 100.25]
    assert registers(world, "2026-05-01T08:59:59.999Z") == [100.0, 100.25]
    assert registers(world, "2026-05-01T09:00Z") == [200.0, 200.25]
    world.documents.close()
