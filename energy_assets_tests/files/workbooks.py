"""Workbooks: swapped native dates, several sheets, notes, old formats."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime

import openpyxl
import xlwt

from energy_assets_tests.files.builders import Sample, utc
from energy_assets_tests.files.cases import Case, Either, Rows, Taken
from energy_assets_tests.files.header_units import converted

Cells = Sequence[Sequence[object]]

PROFILE = Sample(kind="load_profiles", start=utc(2026, 3, 1), count=20 * 24, minutes=60)
ELECTRICITY = Sample(
    kind="electricity", start=utc(2026, 1, 3), count=20 * 24, minutes=60, meter="shop"
)
WATER = Sample(kind="water", start=utc(2025, 11, 1), count=25 * 24, minutes=60, meter="spring")
LONG = (PROFILE, ELECTRICITY, WATER)
SHORT = (
    PROFILE.moved(utc(2026, 3, 16), count=48),
    ELECTRICITY.moved(utc(2026, 4, 20), count=48),
    WATER.moved(utc(2025, 12, 30), count=48),
)
NOTES: Cells = [["Exported by the portal"], ["Values in local time", "see the manual"], ["2026"]]


def xlsx(sheets: Mapping[str, Cells]) -> bytes:
    """A workbook of these sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls(sheets: Mapping[str, Cells]) -> bytes:
    """The same in the format of 1997."""
    book = xlwt.Workbook()
    dated = xlwt.easyxf(num_format_str="YYYY-MM-DD HH:MM")
    for title, rows in sheets.items():
        sheet = book.add_sheet(title)
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                sheet.write(
                    i, j, cell, dated if isinstance(cell, datetime) else xlwt.Style.default_style
                )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def native(sample: Sample) -> list[list[object]]:
    """Rows with native dates and numbers."""
    return [
        [*sample.owner, wall.replace(tzinfo=None), float(value)]
        for wall, value in zip(sample.walls, sample.values, strict=True)
    ]


def swapped_native_dates() -> list[Case]:
    """A spreadsheet took days up to 12 for months and left the others as text."""
    cases = []
    for sample in LONG:
        for pattern in ("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"):
            rows: list[list[object]] = []
            for wall, value in zip(sample.walls, sample.values, strict=True):
                bare = wall.replace(tzinfo=None)
                swaps = wall.day <= 12
                cell = (
                    bare.replace(month=wall.day, day=wall.month) if swaps else f"{wall:{pattern}}"
                )
                rows.append([*sample.owner, cell, float(value)])
            data = xlsx({"Export": [sample.header(), *rows]})
            name = f"days up to 12 became native dates with the month first, others {pattern[:5]}"
            cases.append(sample.case(name, data, Either(rows=sample.rows), ending=".xlsx"))
        bare = [wall.replace(tzinfo=None) for wall in sample.walls]
        days = [
            wall.date().replace(month=wall.day, day=wall.month)
            if wall.day <= 12
            else f"{wall:%d/%m/%Y}"
            for wall in bare
        ]
        split = [
            [*sample.owner, day, wall.time(), float(value)]
            for day, wall, value in zip(days, bare, sample.values, strict=True)
        ]
        data = xlsx({"Export": [sample.header("Date", "Time"), *split]})
        name = "days up to 12 became native dates, the time stands in its own column"
        cases.append(sample.case(name, data, Either(rows=sample.rows), ending=".xlsx"))
    return cases


def plain_workbooks() -> list[Case]:
    """Workbooks in which nothing is doubtful."""
    cases = []
    for sample in LONG:
        data = xlsx({"Export": [sample.header(), *native(sample)]})
        cases.append(sample.case("native dates and numbers", data, ending=".xlsx"))
    for sample in SHORT:
        data = xls({"Export": [sample.header(), *native(sample)]})
        cases.append(sample.case("an old workbook", data, ending=".xls"))
        texts = xlsx({"Export": [sample.header(), *sample.table("%d/%m/%Y %H:%M")]})
        cases.append(sample.case("a workbook of texts, day first", texts, ending=".xlsx"))
        titled = [["Load report"], [], *[sample.header(), *native(sample)]]
        data = xlsx({"Export": titled})
        cases.append(sample.case("a title above the header of a sheet", data, ending=".xlsx"))
        total = sum(float(value) for value in sample.values)
        totalled = [sample.header(), *native(sample), [*sample.owner[:0], "Total", "", "", total]]
        expect = Taken(rows=sample.rows, loose={sample.count + 2})
        data = xlsx({"Export": totalled})
        cases.append(sample.case("a total below the rows of a sheet", data, expect, ending=".xlsx"))
    return cases


def several_sheets() -> list[Case]:
    """Every sheet with a known header counts, the others are notes."""
    cases = []
    for sample in SHORT:
        half = sample.count // 2
        rows, header = native(sample), sample.header()
        flipped = [list(reversed(row)) for row in rows[half:]]
        ordered = [*sample.table("%d/%m/%Y %H:%M")[:half]], sample.table("%d/%m/%Y %H:%M")[half:]
        named: dict[str, Mapping[str, Cells]] = {
            "a sheet a day": {"one": [header, *rows[:half]], "two": [header, *rows[half:]]},
            "notes before the readings": {"Notes": NOTES, "Data": [header, *rows]},
            "notes and an empty sheet behind": {"Data": [header, *rows], "Notes": NOTES, "S3": []},
            "the second sheet has its columns reversed": {
                "one": [header, *rows[:half]], "two": [header[::-1], *flipped]
            },
            "the second sheet has a title": {
                "one": [header, *rows[:half]], "two": [["May, continued"], [], header, *rows[half:]]
            },
            "a sheet of something else": {
                "Weather": [["Station", "Rain (mm)"], ["X", 3.5], ["Y", 0.5]],
                "Data": [header, *rows],
            },
            "a sheet with a header only": {"Data": [header, *rows], "Next": [header]},
            "texts, day first, on both": {
                "one": [header, *ordered[0]], "two": [header, *ordered[1]]
            },
        }  # fmt: skip
        cases += [
            sample.case(f"several sheets: {name}", xlsx(sheets), ending=".xlsx")
            for name, sheets in named.items()
        ]
    return cases


def sheets_of_meters() -> list[Case]:
    """Sheets of several meters, with and without saying so."""
    cases = []
    for sample in SHORT:
        other = sample.moved(sample.start, meter="5550002", first=5)
        named = "SERIAL" if sample.kind == "load_profiles" else "Meter ID"
        sheets = {}
        for each in (sample, other):
            cells = [row[-2:] for row in native(each)]
            owner = each.owner or [each.meter]
            header = [named, *sample.header()[1:]] if sample.owner else [named, *sample.header()]
            sheets[each.meter] = [header, *[[*owner, *cell] for cell in cells]]
        rows: Rows = {**sample.rows, **other.rows}
        cases.append(
            sample.case("a sheet a meter", xlsx(sheets), Taken(rows=rows), ending=".xlsx",
                        file="portfolio.xlsx")
        )  # fmt: skip
        if sample.kind == "load_profiles":
            continue
        nameless = {
            "Flat 1": [sample.header(), *native(sample)],
            "Flat 2": [other.header(), *native(other)],
        }
        cases.append(
            sample.case("two sheets of one time that name no meter", xlsx(nameless),
                        Either(rows={}, repeats=True), ending=".xlsx", file="block.xlsx")
        )  # fmt: skip
        half = sample.count // 2
        unit = "Consumption (Wh)" if sample.kind == "electricity" else "Consumption (l)"
        parts = {
            "kilo": [sample.header(), *native(sample)[:half]],
            "milli": [sample.header(value=unit), *native(sample)[half:]],
        }
        keys = list(sample.rows)
        milli = converted(sample, 1e-3)
        mixed: Rows = {key: (sample.rows if i < half else milli)[key] for i, key in enumerate(keys)}
        cases.append(
            sample.case("the second sheet has another unit", xlsx(parts), Taken(rows=mixed),
                        ending=".xlsx")
        )  # fmt: skip
    return cases


CASES = [*swapped_native_dates(), *plain_workbooks(), *several_sheets(), *sheets_of_meters()]
