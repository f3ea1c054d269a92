"""Meters and customers after a trip through a spreadsheet: undone, or refused."""

from energy_assets_tests.files.builders import Sample, text, utc
from energy_assets_tests.files.cases import Case, Either, Rows, Taken

PROFILES = (
    Sample(kind="load_profiles", start=utc(2026, 4, 28), count=48, minutes=30, meter="90000001",
           customer="900000017"),
    Sample(kind="load_profiles", start=utc(2025, 10, 14), count=48, minutes=15, meter="90000001",
           customer="900000017"),
)  # fmt: skip
POINTS = (
    Sample(kind="electricity", start=utc(2026, 1, 17), count=48, minutes=60, meter="000123"),
    Sample(kind="water", start=utc(2026, 5, 2), count=48, minutes=30, meter="000123"),
)
MANGLED = range(20, 26)
"""Rows whose identifiers a spreadsheet changed."""
FAULTS = ("#REF!", "########", "#NAME?", "#VALUE!", "#DIV/0!", "#N/A", "=A1", "=VLOOKUP(A2;B:C;2)")
"""What stands in a cell that lost its identifier."""


def with_cell(
    sample: Sample, header: list[str], rows: list[list[str]], at: int, cell: str
) -> bytes:
    """The file with that cell in the mangled rows."""
    changed = [
        [*row[:at], cell, *row[at + 1 :]] if i in MANGLED else row for i, row in enumerate(rows)
    ]
    assert sample.count == len(rows)
    return text(header, changed)


def without_mangled(rows: Rows) -> Rows:
    """The rows that no spreadsheet touched."""
    return {key: row for i, (key, row) in enumerate(rows.items()) if i not in MANGLED}


def only_mangled(rows: Rows) -> Rows:
    """The others."""
    return {key: row for i, (key, row) in enumerate(rows.items()) if i in MANGLED}


def serials() -> list[Case]:
    """Serials of load profiles, which lose leading zeros in any case."""
    undone = [
        "'90000001", "'000090000001", '"=""90000001"""', '"=""000090000001"""', "000090000001",
        "90000001.0", "9.0000001E+07", " 90000001 ", "\u00a090000001", '="000090000001"',
    ]  # fmt: skip
    cases = []
    for index, spelling in enumerate(undone):
        sample = PROFILES[index % 2]
        data = with_cell(sample, sample.header(), sample.table(), 0, spelling)
        cases.append(sample.case(f"the serial is spelled {spelling!r} in six rows", data))
    sample = PROFILES[0]
    expect = Either(
        rows=only_mangled(sample.rows), certain=without_mangled(sample.rows), may_refuse=False
    )
    for spelling in ('"90,000,001"', "90 000 001", "90.000.001", "9,0000001E+07"):
        cell = spelling if '"' in spelling or "," not in spelling else f'"{spelling}"'
        data = with_cell(sample, sample.header(), sample.table(), 0, cell)
        cases.append(sample.case(f"the serial is spelled {spelling!r} in six rows", data, expect))
    refused = {i + 2 for i in MANGLED}
    for index, fault in enumerate((*FAULTS, "9E+07", "9.0E+07")):
        sample = PROFILES[index % 2]
        data = with_cell(sample, sample.header(), sample.table(), 0, fault)
        expect_rest = Taken(rows=without_mangled(sample.rows), quarantined=refused)
        cases.append(sample.case(f"{fault!r} for a serial is refused", data, expect_rest))
    return cases


def customers() -> list[Case]:
    """Customer references likewise."""
    cases = []
    for index, spelling in enumerate(
        ("'0900000017", '"=""0900000017"""', "9.00000017E+08", "900000017.0")
    ):
        sample = PROFILES[index % 2]
        data = with_cell(sample, sample.header(), sample.table(), 1, spelling)
        cases.append(sample.case(f"the customer is spelled {spelling!r} in six rows", data))
    refused = {i + 2 for i in MANGLED}
    for index, fault in enumerate((*FAULTS[:5], "9E+08")):
        sample = PROFILES[index % 2]
        data = with_cell(sample, sample.header(), sample.table(), 1, fault)
        expect = Taken(rows=without_mangled(sample.rows), quarantined=refused)
        cases.append(sample.case(f"{fault!r} for a customer is refused", data, expect))
    return cases


def meter_columns() -> list[Case]:
    """Meters of electricity and water, whose zeros count."""
    cases = []
    refused = {i + 2 for i in MANGLED}
    for sample in POINTS:
        header = ["Meter ID", *sample.header()]
        rows = [[sample.meter, *row] for row in sample.table()]
        for spelling in ("'000123", '"=""000123"""', " 000123 ", '="000123"', "000123\u00a0"):
            data = with_cell(sample, header, rows, 0, spelling)
            name = f"the meter is spelled {spelling!r} in six rows"
            cases.append(sample.case(name, data, file="all.csv"))
        for fault in (*FAULTS[:5], "1.23E+05"):
            data = with_cell(sample, header, rows, 0, fault)
            expect = Taken(rows=without_mangled(sample.rows), quarantined=refused)
            cases.append(
                sample.case(f"{fault!r} for a meter is refused", data, expect, file="all.csv")
            )
    return cases


CASES = [*serials(), *customers(), *meter_columns()]
