"""Refused rows come out as a file that can be mended, and mended rows close their quarantine."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest

from energy_assets.contracts.customers import METERS
from energy_assets.intake import mending
from energy_assets.intake.mending import mending_key
from energy_assets.intake.quarantine import REMEDIES
from energy_assets_tests.intake.exports import HEADER, MIDNIGHT, rows_of, text


def refused(world):
    """The rows of the only file of refused rows, by header."""
    (info,) = world.objects.list("quarantine/")
    return list(csv.DictReader(io.StringIO(world.objects.get(info.key).decode())))


def as_csv(rows) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


@pytest.mark.parametrize("label", ["end", "start"])
def test_mended_rows_an_hour_apart_do_not_make_a_quarter_hour_meter_hourly(world, label):
    world.options = {"label": label}
    rows = rows_of(count=96)
    world.take(text(rows), "sound.csv")
    sound = world.current()
    broken = rows_of(count=101)
    for row in broken[80:101:4]:
        row[5] = "a lot"
    world.take(text(broken), "broken.csv")
    mended = refused(world)
    for row, number in zip(mended, range(80, 101, 4), strict=True):
        row[HEADER[5]] = rows_of(count=101)[number][5]
    report = world.take(as_csv(mended), "mended.csv")
    assert (report.rows_stored, report.rows_duplicate, report.rows_corrected) == (2, 4, 0)
    assert world.quarantine()["resolved_by"].notna().all()
    assert world.documents.read(METERS)["interval_minutes"].tolist() == [15]
    assert world.current()["timestamp"].iloc[:96].tolist() == sound["timestamp"].tolist()


def test_a_refused_row_comes_out_in_its_own_layout_with_reason_and_remedy(world):
    rows = rows_of()
    rows[2][5] = "a lot"
    file = world.arrive(text(rows))
    world.ingest(file)
    (row,) = refused(world)
    assert row["QUARANTINE_FILE"] == file.file_id and row["QUARANTINE_ROW"] == "4"
    assert (row["QUARANTINE_COLUMN"], row["QUARANTINE_REASON"]) == (HEADER[5], "not_a_number")
    assert row["QUARANTINE_REMEDY"].startswith("Write a plain number")
    assert (row["SERIAL"], row[HEADER[5]]) == ("000090000001", "a lot")


def test_a_mended_row_is_stored_and_closes_its_quarantine(any_world):
    rows = rows_of()
    rows[2][5], rows[4][0] = "a lot", "NaN"
    any_world.take(text(rows))
    broken = refused(any_world)
    broken[0][HEADER[5]] = "100.5"
    mended = any_world.arrive(as_csv(broken), "mended.csv")
    report = any_world.ingest(mended)
    assert (report.rows_in, report.rows_stored, report.rows_quarantined) == (2, 1, 1)
    assert any_world.readings()["import_kwh"].tolist() == [
        100,
        100.25,
        100.5,
        100.75,
        101.25,
        101.5,
        101.75,
    ]
    resolved = any_world.quarantine().set_index("row_number")["resolved_by"]
    assert resolved[4] == mended.file_id and resolved[[3, 6]].isna().all()


def test_a_mended_row_that_was_stored_meanwhile_closes_its_quarantine_too(world):
    rows = rows_of()
    rows[2][5] = "a lot"
    world.take(text(rows))
    world.take(text(rows_of()), "whole.csv")
    broken = refused(world)
    broken[0][HEADER[5]] = "100.5"
    assert world.take(as_csv(broken), "mended.csv").rows_duplicate == 1
    assert world.quarantine()["resolved_by"].notna().tolist() == [True]


def test_a_later_version_of_the_object_closes_what_it_brings(any_world):
    rows = rows_of()
    rows[2][5], rows[4][5], rows[6][0] = "x", "y", ""
    any_world.take(text(rows))
    rows[2][5] = "100.5"
    again = any_world.arrive(text(rows))
    assert any_world.ingest(again).rows_stored == 1
    table = any_world.quarantine()
    old = table[table["file_id"] != again.file_id].set_index("row_number")["resolved_by"]
    assert old[4] == again.file_id and old[[6, 8]].isna().all()


def test_dates_and_numbers_of_refused_rows_are_never_ambiguous(world):
    rows = rows_of(start=MIDNIGHT + timedelta(days=5), count=96 * 20)
    for row in rows:
        year, month, day = row[3].split("-")
        row[3] = f"{day}/{month}/{year}"
        row[5] = row[5].replace(".", ",")
        row[6] = "0,5"
    rows[7][5] = "kaputt"
    world.take(text(rows, delimiter=";"))
    (broken,) = refused(world)
    assert (broken["DATE"], broken[HEADER[6]]) == ("2025-07-05", "0.5")
    broken[HEADER[5]] = "101.75"
    assert world.take(as_csv([broken]), "mended.csv").rows_stored == 1
    assert world.readings()["timestamp"].diff().dropna().nunique() == 1


def test_rows_of_another_length_and_bytes_of_no_encoding_come_out_readable(world):
    data = text(rows_of()).split(b"\n")
    data[1] += b",9,9"
    data[2] = data[2].replace(b"LP", b"\x81")
    world.take(b"\n".join(data))
    first, second = refused(world)
    assert first[None] == ["9", "9"] and second["OBIS"] == "\\x81"
    assert world.quarantine()["raw_row"][0]["column 8"] == "9"


def test_many_refused_rows_go_into_numbered_files(world, monkeypatch):
    monkeypatch.setattr(mending, "ROWS_A_FILE", 3)
    rows = [[*row[:5], "x", row[6]] for row in rows_of()]
    file = world.arrive(text(rows))
    world.ingest(file, chunk_rows=5)
    keys = [mending_key(file.file_id, part) for part in (1, 2, 3)]
    assert sorted(keys) == [info.key for info in world.objects.list("quarantine/")]
    assert len(world.objects.get(keys[2]).splitlines()) == 3


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b c/ü.csv", "n" * 900])
def test_the_key_of_refused_rows_is_one_short_safe_name(name):
    key = mending_key(f"{name}@0123456789ab")
    folder, _, rest = key.partition("/")
    assert folder == "quarantine" and "/" not in rest and len(rest.encode()) <= 220
    assert key.isascii() and rest not in (".csv", "..csv")


def test_the_description_of_formats_names_every_reason():
    page = (Path(__file__).resolve().parents[2] / "docs" / "file_formats.md").read_text()
    assert [reason for reason in REMEDIES if f"`{reason}`" not in page] == []
