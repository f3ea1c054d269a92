"""Good files, mutated at random: no row is ever lost, and no good row suffers from a bad one."""

import random
from collections import Counter
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from energy_assets_tests.intake.exports import rows_of, text, world_at

BAD_CELLS = [
    "",
    "NaN",
    "abc",
    "-5",
    "inf",
    "1e300",
    "30/02/2025",
    "9E+07",
    "25:99",
    "\x00",
    "ü",
    "''",
]
GOOD = [*rows_of("1", "7", count=12), *rows_of("2", "8", count=12, register=5_000)]


@st.composite
def mutated_files(draw):
    """Rows of a good file after some lines were deleted, doubled, shuffled and corrupted."""
    lines = [(list(row), True) for row in GOOD]
    randomness = random.Random(draw(st.integers(0, 10_000)))  # noqa: S311 - a seeded shuffle
    for _ in range(draw(st.integers(0, 6))):
        action = draw(st.sampled_from(["delete", "double", "shuffle", "corrupt", "blank", "cut"]))
        at = draw(st.integers(0, len(lines) - 1))
        row, whole = lines[at]
        if action == "delete" and len(lines) > 2:
            del lines[at]
        elif action == "double":
            lines.insert(draw(st.integers(0, len(lines))), (list(row), whole))
        elif action == "shuffle":
            randomness.shuffle(lines)
        elif action == "corrupt" and row:
            column = draw(st.integers(0, len(row) - 1))
            bad = [*row[:column], draw(st.sampled_from(BAD_CELLS)), *row[column + 1 :]]
            lines[at] = (bad, False)
        elif action == "blank":
            lines.insert(at, ([], True))
        elif action == "cut" and row:
            lines[at] = (row[: draw(st.integers(1, len(row)))], False)
    return lines


FILES = {
    "lines": mutated_files(),
    "delimiter": st.sampled_from([",", ";", "\t", "|"]),
    "ending": st.sampled_from([b"\n", b"\r\n"]),
    "encoding": st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    "chunk_rows": st.sampled_from([2, 7, 100_000]),
}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(**FILES)
def test_every_row_is_accounted_for_and_good_rows_are_stored(**file):
    check(**file)


@pytest.mark.slow
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(**FILES)
def test_every_row_of_very_many_files_is_accounted_for(**file):
    check(**file)


def check(lines, delimiter, ending, encoding, chunk_rows):
    data = text([row for row, _ in lines], delimiter=delimiter).decode().encode(encoding)
    if encoding != "utf-16":
        data = data.replace(b"\n", ending)
    with TemporaryDirectory() as folder:
        world = world_at(f"sqlite:///{folder}/energy.db")
        report = world.take(data, chunk_rows=chunk_rows)
        again = world.take(data, "again.csv", chunk_rows=chunk_rows)
        stored = world.readings()
        numbers = [*world.quarantine()["row_number"]]
        world.documents.close()
    rows_in = sum(1 for row, _ in lines if any(cell.strip() for cell in row))
    assert report.rows_in == report.rows_accounted == rows_in
    assert len(stored) == report.rows_stored
    assert report.rows_quarantined + again.rows_quarantined == len(numbers)
    assert (again.rows_stored, again.rows_corrected) == (0, 0)
    _assert_untouched_rows_are_stored(lines, stored, report)


def _assert_untouched_rows_are_stored(lines, stored, report):
    """Each good row is in the store, unless a corrupted row claims its meter and instant."""
    claimed = Counter(
        (row[0].lstrip("0"), row[3], row[4]) for row, ok in lines if not ok and len(row) > 4
    )
    local = stored["timestamp"].dt.tz_convert("Asia/Colombo")
    values = zip(
        stored["serial"], local.dt.strftime("%Y-%m-%d"), local.dt.strftime("%H:%M:%S"),
        stored["import_kwh"], strict=True,
    )  # fmt: skip
    found = {(serial, day, time): value for serial, day, time, value in values}
    for row, ok in lines:
        if ok and row and (row[0], row[3], row[4]) not in claimed:
            assert found[row[0], row[3], row[4]] == float(row[5])


@settings(max_examples=20, deadline=None)
@given(data=st.binary(max_size=300))
def test_random_bytes_are_refused_or_accounted_for(data):
    with TemporaryDirectory() as folder:
        world = world_at(f"sqlite:///{folder}/energy.db")
        body = text(rows_of(count=3)) + data
        report = world.take(body)
        world.documents.close()
    assert report.rows_stored >= 3
    assert report.rows_in == report.rows_accounted
