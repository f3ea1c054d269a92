"""Files that cannot be read as a whole: a clear error, and nothing stored."""

import gzip
import io
import zipfile
from datetime import datetime

import msoffcrypto.format.ooxml as office
import openpyxl
import pytest

from energy_assets.intake import errors
from energy_assets.intake.readers import file_bytes, workbooks
from energy_assets_tests.intake.exports import HEADER, rows_of, text
from resources.errors import ObjectChangedError, ObjectMissingError


def workbook(rows, header=HEADER) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(header)
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def encrypted(data: bytes) -> bytes:
    out = io.BytesIO()
    office.OOXMLFile(io.BytesIO(data)).encrypt("secret", out)
    return out.getvalue()


def zip_of(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


BOOK = workbook(rows_of())
NOTHING_BUT_HEADER = (",".join(HEADER) + "\n").encode()


@pytest.mark.parametrize(
    ("name", "data", "error", "says"),
    [
        ("a.csv", b"", errors.EmptyFileError, "the file is empty"),
        ("a.csv", b"\xef\xbb\xbf\r\n \r\n", errors.EmptyFileError, "the file is empty"),
        ("a.csv", NOTHING_BUT_HEADER, errors.HeaderOnlyError, "no reading below"),
        ("a.csv", NOTHING_BUT_HEADER + b",,,,,,\n\n", errors.HeaderOnlyError, "no reading below"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\x00\x00", errors.NotASpreadsheetError, "binary"),
        ("a.csv", b"<html><body>Not found", errors.NotASpreadsheetError, "begins with"),
        ("a.xlsx", b"SERIAL,DATE\n1,2\n", errors.NotASpreadsheetError, "the content is not"),
        ("a.xlsx", BOOK[: len(BOOK) // 2], errors.DamagedFileError, "truncated or damaged"),
        ("a.xlsx", zip_of(x=b"no workbook"), errors.DamagedFileError, "truncated or damaged"),
        ("a.xlsx", encrypted(BOOK), errors.PasswordProtectedError, "password"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1broken", errors.DamagedFileError, "damaged"),
        ("a.xlsx", workbook([]), errors.HeaderOnlyError, "no reading below"),
        ("a.xlsx", workbook([], header=[]), errors.EmptyFileError, "empty"),
        ("a.csv", b"hello world, this is not a spreadsheet", errors.MissingColumnsError, "SERIAL"),
        ("a.csv", text(rows_of(), [*HEADER[:5], "X", "Y"]), errors.MissingColumnsError, "IMPORT"),
        ("a.csv", text(rows_of(), [*HEADER[:6], "Import kWh"]), errors.DuplicatedColumnsError,
         "both mean"),
        ("a.csv", b"," * 1_000_000 + b"\n", errors.TooManyColumnsError, "1,000,000 characters"),
        ("a.csv", b"x" * 3_000_000, errors.TooManyColumnsError, "a line of more than"),
        ("a.csv.gz", gzip.compress(text(rows_of()), mtime=0)[:-20], errors.DamagedFileError,
         "ends early"),
        ("a.csv.gz", b"\x1f\x8bnot really", errors.DamagedFileError, "damaged"),
        ("a.csv.gz", gzip.compress(b"", mtime=0), errors.EmptyFileError, "empty"),
    ],
)  # fmt: skip
def test_a_file_without_readings_is_refused_with_the_reason(world, name, data, error, says):
    with pytest.raises(error, match=says) as caught:
        world.take(data, name)
    assert f"raw/load_profiles/{name}: " in str(caught.value)
    assert not any(world.everything().values())


def test_a_rounded_timestamp_is_no_instant(world):
    header = ["SERIAL", "TIMESTAMP", "IMPORT_KWH"]
    with pytest.raises(errors.MissingColumnsError, match=r"rounded.*1.75125E\+12"):
        world.take(text([["1", "1.75125E+12", "5"]], header))


def test_dates_alone_are_no_instants(world):
    with pytest.raises(errors.MissingColumnsError, match="dates only"):
        world.take(text([["1", "2025-06-30", "5"]], ["SERIAL", "DATE", "IMPORT_KWH"]))


def test_an_ambiguous_day_is_shown_in_both_readings_and_not_guessed(world):
    rows = [[*row[:3], "05/06/2025", *row[4:]] for row in rows_of()]
    with pytest.raises(errors.AmbiguousDatesError, match=r"05 June 2025 when the day.*06 May 2025"):
        world.take(text(rows))
    assert not any(world.everything().values())


def test_a_person_may_say_which_order_an_ambiguous_file_has(world):
    rows = [[*row[:3], "05/06/2025", *row[4:]] for row in rows_of()]
    file = world.arrive(text(rows))
    known = type(file)(**{**vars(file), "date_order": "mdy"})
    world.ingest(known)
    assert f"{world.readings()['timestamp'][0]:%Y-%m-%d}" == "2025-05-05"


def test_a_gzip_bomb_is_stopped_early(world, monkeypatch):
    monkeypatch.setattr(file_bytes, "FREE_BYTES", 1 << 20)
    bomb = gzip.compress(text(rows_of()) + b"0" * (8 << 20))
    with pytest.raises(errors.DecompressionLimitError, match="MiB came out of"):
        world.take(bomb, "a.csv.gz")


def test_a_zip_bomb_is_stopped_early(world, monkeypatch):
    monkeypatch.setattr(workbooks, "FREE_BYTES", 1 << 20)
    bomb = zip_of(**{"xl/worksheets/sheet1.xml": b"0" * (8 << 20)})
    with pytest.raises(errors.DecompressionLimitError, match="MiB came out of"):
        world.take(bomb, "a.xlsx")


def test_a_deleted_object_is_missing(world):
    file = world.arrive(text(rows_of()))
    world.objects.delete(file.object_key)
    with pytest.raises(ObjectMissingError):
        world.ingest(file)


def test_a_replaced_object_is_another_file(world):
    file = world.arrive(text(rows_of()))
    world.arrive(text(rows_of(count=3)))
    with pytest.raises(ObjectChangedError):
        world.ingest(file)


@pytest.mark.parametrize(
    "name", ["ünïcödé meter.csv", "a@b.csv", "x" * 180 + ".csv", "a b(c)'d\".csv"]
)
def test_odd_names_are_names(world, name):
    rows = rows_of()
    rows[0][5] = "bad"
    assert world.take(text(rows), name).rows_quarantined == 1
    assert len(world.objects.list("quarantine/")) == 1


def test_compressed_text_is_read_like_text(world):
    data = text(rows_of())
    assert (
        world.take(gzip.compress(data[:100]) + gzip.compress(data[100:]), "a.csv.gz").rows_stored
        == 8
    )


def test_start_labels_need_an_interval_that_shows(world):
    with pytest.raises(errors.HiddenIntervalError, match="length of the interval"):
        world.take(text(rows_of(count=2)), label="start")


def test_a_reading_ahead_of_the_arrival_of_its_file_is_refused_but_for_a_fast_clock(world):
    ahead = datetime(2026, 5, 1, 6, 30)  # noqa: DTZ001 - 01:00 UTC, when the file arrives
    report = world.take(text(rows_of(start=ahead, count=4, minutes=15)))
    assert (report.rows_stored, report.quarantine_reasons) == (2, {"future": 2})
