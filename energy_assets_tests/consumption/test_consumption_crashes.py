"""A write fails at any moment; running the file again ends as if nothing had happened."""

from dataclasses import replace
from typing import Any

import pytest

from energy_assets_tests.consumption.files import hours, table, waterworks_at
from resources.errors import StoreUnavailableError


class Outage:
    """Lets a number of writes through, to any of the stores, and fails from then on."""

    def __init__(self, after: int, mode: str) -> None:
        self.left = after
        self.mode = mode
        self.writes = 0

    def write(self, write: Any, *args: Any) -> Any:
        self.writes += 1
        if self.left == 0:
            if self.mode == "after":
                write(*args)
            elif self.mode == "half" and hasattr(args[-1], "iloc"):
                write(*args[:-1], args[-1].iloc[: len(args[-1]) // 2])
            raise StoreUnavailableError("the store", "writing", "it was switched off")
        self.left -= 1
        return write(*args)


class Fragile:
    """A store whose writes an outage may stop."""

    def __init__(self, store: Any, outage: Outage) -> None:
        self._store, self._outage = store, outage

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if name in ("write", "insert_new", "upsert", "put"):
            return lambda *args: self._outage.write(found, *args)
        return found


def fragile(world, outage):
    return replace(
        world,
        documents=Fragile(world.documents, outage),
        series=Fragile(world.series, outage),
        objects=Fragile(world.objects, outage),
    )


FIRST = table("Meter,DateTime,Consumption", *(f"a,{row}" for row in hours([1] * 12)), "a,bad,1")
"""What was there before."""

SECOND = table(
    "Meter,DateTime,Consumption",
    *(f"a,{row}" for row in hours([1, 1, 2, "x", 2, *[1] * 11])),
    *(f"b,{row}" for row in hours([3] * 8)),
    "a,2026-05-01 01:00,9",
    "b,2026-05-01 07:00,3",
)
"""Corrections, new rows, repetitions, a contradiction and a bad row."""

OPTIONS = {"chunk_rows": 7}


def prepared(folder):
    """A world in which the first version was stored and the second has arrived."""
    world = waterworks_at(str(folder))
    world.take(FIRST)
    return world, world.arrive(SECOND)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    world, file = prepared(tmp_path_factory.mktemp("undisturbed"))
    outage = Outage(after=1_000, mode="never")
    report = fragile(world, outage).ingest(file, **OPTIONS)
    state = world.everything()
    world.close()
    return report, state, outage.writes


def test_the_undisturbed_run_has_something_of_everything(undisturbed):
    report, state, writes = undisturbed
    # Hours 2 and 4 of meter a are corrected, 12 to 15 and the 8 of meter b are new. Hour 3 is bad,
    # the contradiction for hour 1 comes chunks later: the first stays. All else is known already.
    assert (report.rows_in, report.rows_stored, report.rows_corrected) == (26, 14, 2)
    assert report.quarantine_reasons == {"not_a_number": 1, "conflicting_values": 1}
    assert report.rows_duplicate == 10
    assert len(state["mending"]) == 2
    assert writes >= 8


@pytest.mark.parametrize("mode", ["before", "half", "after"])
def test_an_interrupted_run_is_repaired_by_the_next(undisturbed, tmp_path, mode):
    report, state, writes = undisturbed
    for after in range(writes):
        folder = tmp_path / f"{after}"
        folder.mkdir()
        world, file = prepared(folder)
        with pytest.raises(StoreUnavailableError):
            fragile(world, Outage(after=after, mode=mode)).ingest(file, **OPTIONS)
        processed = world.everything()["processed_files"]
        assert (len(processed) == 2) == (after == writes - 1 and mode == "after")
        again = world.ingest(file, **OPTIONS)
        assert again == report, after
        assert world.everything() == state, after
        world.close()


def test_an_outage_while_reading_what_is_stored_is_no_empty_store(tmp_path):
    world, file = prepared(tmp_path)

    class Silent(Fragile):
        def read(self, *args: Any, **kwargs: Any) -> Any:
            raise StoreUnavailableError("the series store", "reading", "no answer")

    before = world.everything()
    broken: Any = Silent(world.series, Outage(after=1_000, mode="never"))
    with pytest.raises(StoreUnavailableError):
        replace(world, series=broken).ingest(file)
    assert world.everything() == before
    world.close()
