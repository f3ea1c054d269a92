"""Sample values as the bytes of small tables, .csv, .csv.gz and .xlsx, and their flaws."""

import gzip
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from energy_assets.sample_data.export_files import (
    DAY,
    EXCEL_DAY_ZERO,
    number_cell,
    text_cell,
    workbook_bytes,
)

SPOILT_VALUES: Final = ("ERR", "-0.214", "NaN", "")
"""One row each has this text in place of its value."""

SPOILT_TIME: Final = "2025-02-30 06:00"
"""One row has this text in place of its time."""


def table_bytes(
    header: Sequence[str], columns: Sequence[Sequence[str]], *, delimiter: str = ","
) -> bytes:
    """Columns of text as delimited UTF-8 text with line feeds."""
    lines = [delimiter.join(header), *map(delimiter.join, zip(*columns, strict=True))]
    return ("\n".join(lines) + "\n").encode()


def packed(content: bytes) -> bytes:
    """The same, compressed; the same content gives the same bytes."""
    return gzip.compress(content, compresslevel=6, mtime=0)


def sheet_bytes(header: Sequence[str], wall: pd.DatetimeIndex, values: np.ndarray) -> bytes:
    """A workbook with a native date and time cell and a number in each row."""
    days = (wall.to_numpy() - EXCEL_DAY_ZERO.to_datetime64()) / DAY
    rows = ["".join(map(text_cell, header))]
    for day, value in zip(days.tolist(), values.tolist(), strict=True):
        rows.append(f'<c s="1"><v>{day:.10f}</v></c>{number_cell(value)}')
    return workbook_bytes(rows)


def stamps(wall: pd.DatetimeIndex, form: str = "%Y-%m-%d %H:%M") -> list[str]:
    """Wall times as text."""
    return [str(text) for text in wall.strftime(form)]


def numbers(values: np.ndarray, decimals: int) -> list[str]:
    """Numbers as text, empty where there is none."""
    return ["" if np.isnan(value) else f"{value:.{decimals}f}" for value in values.tolist()]


def spoil(times: list[str], values: list[str], rng: np.random.Generator) -> None:
    """Spoil some rows of a table in place, each in another way; the last row stays good."""
    wanted = len(SPOILT_VALUES) + 1
    if len(values) <= wanted:
        return
    rows = np.sort(rng.choice(len(values) - 1, size=wanted, replace=False)).tolist()
    for row, text in zip(rows, SPOILT_VALUES, strict=False):
        values[row] = text
    times[rows[-1]] = SPOILT_TIME
