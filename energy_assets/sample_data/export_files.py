"""Readings as the bytes of an export: .csv, .csv.gz and .xlsx in the portal's layout.

The same readings give the same bytes. What the readings say is decided elsewhere.
"""

import gzip
import io
import math
import zipfile
from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

EXPORT_HEADER: Final[tuple[str, ...]] = (
    "SERIAL",
    "CUSTOMER_REF",
    "TIMESTAMP",
    "OBIS",
    "DATE",
    "TIME",
    "IMPORT_KWH (kWh)",
    "EXPORT_KWH (kWh)",
    "IMPORT_KVARH (kvarh)",
    "EXPORT_KVARH (kvarh)",
    "PHASE_A_INST._CURRENT (A)",
    "PHASE_B_INST._CURRENT (A)",
    "PHASE_C_INST._CURRENT (A)",
    "PHASE_A_INST._VOLTAGE (V)",
    "PHASE_B_INST._VOLTAGE (V)",
    "PHASE_C_INST._VOLTAGE (V)",
    "POWER_FACTOR",
    "AVG._IMPORT_KW (kW)",
    "AVG._EXPORT_KW (kW)",
    "AVG._IMPORT_KVA (kVA)",
    "AVG._EXPORT_KVA (kVA)",
    "AVG._CURRENT (V)",
    "AVG._VOLTAGE (V)",
)
"""The header as exported; the unit of AVG._CURRENT really says V."""

TEXT_COLUMNS: Final = ("SERIAL", "CUSTOMER_REF", "TIMESTAMP", "OBIS", "DATE", "TIME")
"""Columns that hold text; all others are numbers, empty where the meter has no such value."""

EXCEL_DAY_ZERO: Final = pd.Timestamp("1899-12-30")
"""The day that a spreadsheet counts as 0."""

DAY: Final = np.timedelta64(1, "D")
"""A spreadsheet counts time in days."""

SHEET_PARTS: Final[dict[str, str]] = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
    'relationships+xml"/><Default Extension="xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
    '<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.styles+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/'
    'officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="Load profile" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/'
    '2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/'
    'officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship '
    'Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" '
    'Target="styles.xml"/></Relationships>',
    "xl/styles.xml": '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    "><fonts><font/></fonts><fills><fill><patternFill/></fill></fills><borders><border/></borders>"
    '<cellStyleXfs><xf/></cellStyleXfs><cellXfs><xf xfId="0"/>'
    '<xf xfId="0" numFmtId="14" applyNumberFormat="1"/>'
    '<xf xfId="0" numFmtId="21" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
"""Everything of a workbook but its sheet; cell style 1 is a date, 2 a time of day."""


def csv_bytes(readings: pd.DataFrame, *, zone: str) -> bytes:
    """An export with its header, rows in the order given.

    Args:
        readings: Column `at` (wall-clock end of the interval, naive), `SERIAL`, `CUSTOMER_REF`
            and any value columns of the header; a missing column is exported empty.
        zone: Time zone of the wall clock.

    Returns:
        UTF-8 text with line feeds.
    """
    columns = _columns(readings, zone=zone)
    table = pa.table(
        {
            name: pa.array(columns[name], from_pandas=name not in TEXT_COLUMNS)
            for name in EXPORT_HEADER
        }
    )
    sink = io.BytesIO()
    sink.write((",".join(EXPORT_HEADER) + "\n").encode())
    pa_csv.write_csv(table, sink, pa_csv.WriteOptions(include_header=False, quoting_style="none"))
    return sink.getvalue()


def csv_gz_bytes(readings: pd.DataFrame, *, zone: str) -> bytes:
    """The same as `csv_bytes`, compressed."""
    return gzip.compress(csv_bytes(readings, zone=zone), compresslevel=6, mtime=0)


def xlsx_bytes(readings: pd.DataFrame, *, zone: str) -> bytes:
    """The same rows as a workbook of one sheet, with native date and time cells."""
    columns = _columns(readings, zone=zone)
    days_since_zero = (readings["at"].to_numpy() - EXCEL_DAY_ZERO.to_datetime64()) / DAY
    day, fraction = np.divmod(days_since_zero, 1.0)
    cells: list[Sequence[str]] = []
    for name in EXPORT_HEADER:
        if name == "DATE":
            cells.append([f'<c s="1"><v>{value:.0f}</v></c>' for value in day])
        elif name == "TIME":
            cells.append([f'<c s="2"><v>{value:.10f}</v></c>' for value in fraction])
        elif name in TEXT_COLUMNS:
            cells.append([text_cell(value) for value in columns[name]])
        else:
            cells.append([number_cell(value) for value in columns[name].tolist()])
    rows = [
        "".join(map(text_cell, EXPORT_HEADER)),
        *("".join(row) for row in zip(*cells, strict=True)),
    ]
    return workbook_bytes(rows)


def workbook_bytes(rows: Sequence[str]) -> bytes:
    """A workbook of one sheet from the cells of its rows, as `text_cell` and `number_cell` do."""
    sheet = "".join(f"<row>{row}</row>" for row in rows)
    parts = SHEET_PARTS | {
        "xl/worksheets/sheet1.xml": '<worksheet xmlns="http://schemas.openxmlformats.org/'
        f'spreadsheetml/2006/main"><sheetData>{sheet}</sheetData></worksheet>'
    }
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as workbook:
        for name, text in parts.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            workbook.writestr(info, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return sink.getvalue()


def _columns(readings: pd.DataFrame, *, zone: str) -> dict[str, np.ndarray]:
    """Every column of the header: text as str objects, numbers as floats."""
    at = pd.DatetimeIndex(readings["at"])
    codes, distinct = pd.factorize(at)
    clock = pd.DatetimeIndex(distinct)
    instants = clock.tz_localize(zone, ambiguous=np.ones(len(clock), bool))
    unix_ms = instants.tz_convert("UTC").as_unit("ms").asi8
    columns: dict[str, np.ndarray] = {
        "SERIAL": readings["SERIAL"].to_numpy(dtype=object),
        "CUSTOMER_REF": readings["CUSTOMER_REF"].to_numpy(dtype=object),
        "TIMESTAMP": np.array([f"{float(ms):.6G}" for ms in unix_ms], dtype=object)[codes],
        "OBIS": np.full(len(at), "LP", dtype=object),
        "DATE": clock.strftime("%Y-%m-%d").to_numpy(dtype=object)[codes],
        "TIME": clock.strftime("%H:%M:%S").to_numpy(dtype=object)[codes],
    }
    for name in EXPORT_HEADER:
        if name not in columns:
            present = name in readings.columns
            values = readings[name].to_numpy(float) if present else np.full(len(at), np.nan)
            columns[name] = values
    return columns


def text_cell(value: object) -> str:
    """A cell that holds text."""
    return f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


def number_cell(value: float) -> str:
    """A cell that holds a number, an empty one for NaN."""
    return "<c/>" if math.isnan(value) else f"<c><v>{value!r}</v></c>"
