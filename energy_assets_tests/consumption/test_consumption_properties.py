"""Good files, mutated at random: rows in are stored, duplicate, superseded or quarantined."""

import random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from energy_assets.contracts.meter_files import QUARANTINE
from energy_assets_tests.consumption.files import hours, table, waterworks_at

BAD = ["", "NaN", "abc", "-5", "inf", "1e300", "2026-02-30 00:00", "25:99", "\x00", "ü", '"', "a,b"]
GOOD = [*(f"a,{row},20" for row in hours([1] * 6)), *(f"b,{row},20" for row in hours([0.5] * 5))]


@st.composite
def mutated_files(draw):
    """Rows of a good file after some were deleted, doubled, shuffled, changed and corrupted."""
    rows = list(GOOD)
    randomness = random.Random(draw(st.integers(0, 10_000)))  # noqa: S311 - a seeded shuffle
    for _ in range(draw(st.integers(0, 7))):
        at = draw(st.integers(0, len(rows) - 1))
        cells = rows[at].split(",")
        match draw(st.sampled_from(["delete", "double", "shuffle", "corrupt", "change", "blank"])):
            case "delete" if len(rows) > 2:
                del rows[at]
            case "double":
                rows.insert(draw(st.integers(0, len(rows))), rows[at])
            case "shuffle":
                randomness.shuffle(rows)
            case "corrupt":
                cells[draw(st.integers(0, len(cells) - 1))] = draw(st.sampled_from(BAD))
                rows[at] = ",".join(cells)
            case "change" if len(cells) > 2:
                cells[2] = draw(st.sampled_from(["1", "2", "0"]))
                rows.insert(draw(st.integers(0, len(rows))), ",".join(cells))
            case _:
                rows.insert(at, "")
    return rows


FILES = {
    "first": mutated_files(),
    "second": mutated_files(),
    "chunk_rows": st.sampled_from([3, 100_000]),
    "late": st.booleans(),
}


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(**FILES)
def test_every_row_is_accounted_for(**files):
    check(**files)


@pytest.mark.slow
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(**FILES)
def test_every_row_of_very_many_files_is_accounted_for(**files):
    check(**files)


def check(first, second, chunk_rows, late):
    header = "Meter,DateTime,Consumption,Temperature"
    with TemporaryDirectory() as folder:
        world = waterworks_at(folder)
        one = world.take(table(header, *first), chunk_rows=chunk_rows)
        file = world.arrive(table(header, *second), "water/b.csv", after_hours=-9 if late else None)
        two = world.ingest(file, chunk_rows=chunk_rows)
        points = world.points()
        refused = world.documents.count(QUARANTINE)
        assert world.ingest(file, chunk_rows=chunk_rows) == two
        again = world.take(table(header, *first), "water/c.csv", chunk_rows=chunk_rows)
        world.close()
    for report, rows in ((one, first), (two, second)):
        filled = sum(1 for row in rows if row.strip(', "'))
        assert report.rows_in == report.rows_accounted
        assert filled <= report.rows_in <= len([row for row in rows if row])
    assert len(points) == one.rows_stored + two.rows_stored
    assert not points.duplicated(["meter_id", "timestamp", "version"]).any()
    assert refused == one.rows_quarantined + two.rows_quarantined
    assert again.rows_in == one.rows_in
    assert (points["consumption"] >= 0).all()
