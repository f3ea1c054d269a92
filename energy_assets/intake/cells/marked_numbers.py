"""Numbers as text: decimal mark, thousands separators, and what is no number.

The fast path for plain decimals is the CSV reader's; this is for the cells it cannot take.
"""

import re
from collections.abc import Iterable
from typing import Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

DecimalMark = Literal[".", ","]
"""What stands before the decimals."""

NULL_TEXTS: Final = ("", "NULL", "null", "None", "N/A", "#N/A", "\\N")
"""Cells that say that there is no value."""

_PLAIN: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_SINGLE: Final = re.compile(r"[+-]?(\d+)([.,])(\d+)")
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:[\s']\d{3})+(?:[.,]\d+)?")
_NOT_FINITE: Final = re.compile(r"[+-]?(nan|inf(inity)?)", re.IGNORECASE)


def mark_evidence(texts: Iterable[str]) -> DecimalMark | None:
    """The decimal mark that these number texts prove; None when nothing or both are proven.

    One mark with three digits behind it and up to three before may be a thousands separator and
    proves nothing, unless it follows a zero: `0,125`.
    """
    distinct = set(texts)
    if not any("," in text for text in distinct):
        return "." if any(_proven_mark(text) for text in distinct) else None
    proven: set[DecimalMark | None] = {_proven_mark(text) for text in distinct}
    proven.discard(None)
    return proven.pop() if len(proven) == 1 else None


def _proven_mark(text: str) -> DecimalMark | None:
    """The decimal mark that one number proves."""
    match = _SINGLE.fullmatch(text.strip())
    if match and (len(match[3]) != 3 or len(match[1]) > 3 or match[1].startswith("0")):
        return "." if match[2] == "." else ","
    last = max(text.rfind("."), text.rfind(","))
    if "." in text and "," in text and text.count(text[last]) == 1:
        return "." if text[last] == "." else ","
    return None


def read_number(text: str, *, mark: DecimalMark | None) -> tuple[float, str]:
    """The number that a text means, or NaN and a reason code.

    Args:
        text: A cell that is not empty.
        mark: The file's decimal mark; None when the file does not show it.
    """
    bare = text.strip()
    if _GROUPED.fullmatch(bare):
        bare = re.sub(r"[\s']", "", bare)
    if _NOT_FINITE.fullmatch(bare):
        return float("nan"), "not_finite"
    if mark != "," and _PLAIN.fullmatch(bare):
        return _finite(float(bare))
    points, commas = bare.count("."), bare.count(",")
    if mark is None and commas == 1 and not points and _SINGLE.fullmatch(bare):
        proven = mark_evidence([bare])
        return _finite(float(bare.replace(",", "."))) if proven else (np.nan, "ambiguous_number")
    decimal = mark or ("," if bare.rfind(",") > bare.rfind(".") and commas == 1 else ".")
    thousands = "," if decimal == "." else "."
    whole, _, fraction = bare.partition(decimal)
    if thousands in whole:
        if not re.fullmatch(rf"[+-]?\d{{1,3}}(\{thousands}\d{{3}})+", whole):
            return float("nan"), "not_a_number"
        whole = whole.replace(thousands, "")
    plain = f"{whole}.{fraction}" if fraction else whole
    if not _PLAIN.fullmatch(plain):
        return float("nan"), "not_a_number"
    return _finite(float(plain))


def _finite(number: float) -> tuple[float, str]:
    return (number, "") if np.isfinite(number) else (float("nan"), "not_finite")


def read_numbers(
    texts: pa.Array, *, mark: DecimalMark | None
) -> tuple[NDArray[np.float64], dict[int, str]]:
    """Numbers of a column of texts, NaN for none, and the reason codes of the unreadable rows.

    Args:
        texts: Texts or nulls.
        mark: The file's decimal mark.
    """
    encoded = texts.dictionary_encode()
    distinct = encoded.dictionary.to_pylist()
    read = [read_number(t, mark=mark) if t not in NULL_TEXTS else (np.nan, "") for t in distinct]
    values = np.array([number for number, _ in read] + [np.nan], dtype=np.float64)
    codes = np.asarray(pc.fill_null(encoded.indices, len(distinct)))
    faulty = np.array([bool(reason) for _, reason in read] + [False], dtype=np.bool_)
    return values[codes], {int(row): read[codes[row]][1] for row in np.flatnonzero(faulty[codes])}
