"""Numbers as text: the decimal mark of a file, and columns of texts as numbers.

Evidence adds up over all cells of a file before the first one is read. Shapes of numbers are in
`number_texts`.
"""

import re
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from energy_assets.intake.cells.number_texts import (
    AMBIGUOUS,
    BLANKS,
    GROUPED,
    INTEGER,
    MARKS,
    OTHER,
    PLAIN,
    PROVEN,
    SEPARATORS,
)
from energy_assets.intake.cells.number_texts import DecimalMark as DecimalMark
from energy_assets.intake.cells.text_columns import contains, is_one_of, matches, replaced, trimmed

NULL_TEXTS: Final = (
    "", "NULL", "Null", "null", "NONE", "None", "none", "N/A", "n/a", "NA", "na", "#N/A", "\\N",
    "NIL", "Nil", "nil", "-", "--", "---", "–", "—",
)  # fmt: skip
"""Cells that say that there is no value."""

_NULLS: Final = frozenset(NULL_TEXTS)
_NOT_FINITE: Final = re.compile(r"[+\-−]?(nan|inf(inity)?)", re.IGNORECASE)
_IS: Final = {
    name: {mark: re.compile(patterns[mark]) for mark in MARKS}
    for name, patterns in (
        ("proven", PROVEN), ("ambiguous", AMBIGUOUS), ("plain", PLAIN), ("grouped", GROUPED),
    )
}  # fmt: skip
_IS_INTEGER: Final = re.compile(INTEGER)
_TWO_POINTS: Final = r"\..*\."

Numbers = tuple[NDArray[np.float64], dict[int, str]]
"""Numbers of a column, NaN for none, and the reason codes of the unreadable rows."""


@dataclass(frozen=True, kw_only=True)
class NumberEvidence:
    """How many cells show what about the decimal mark. Adds up over blocks and columns.

    Attributes:
        point: Numbers that only a decimal point explains: `0.804`, `12.5`, `1,234.5`, `1,234,567`.
        comma: The same for a decimal comma.
        ambiguous_point: Numbers such as `12.345`, which may be twelve thousand.
        ambiguous_comma: The same with a comma.
    """

    point: int = 0
    comma: int = 0
    ambiguous_point: int = 0
    ambiguous_comma: int = 0

    def __add__(self, other: "NumberEvidence") -> "NumberEvidence":
        sums = {f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        return NumberEvidence(**sums)


@dataclass(frozen=True, kw_only=True)
class NumberRules:
    """How the numbers of a file are to be read.

    Attributes:
        mark: The decimal mark that the whole file shows; None where each cell must prove its own.
        mixed: Whether the file proves both marks.
        plain_points: Whether `12.345` is a decimal number where `mark` is None.
    """

    mark: DecimalMark | None
    mixed: bool = False
    plain_points: bool = True


def number_evidence(column: pa.Array | pa.ChunkedArray) -> NumberEvidence:
    """What the cells of a column of texts show about the decimal mark; nothing if it holds numbers.

    Args:
        column: Texts or nulls, dictionary-encoded or not.
    """
    if isinstance(column, pa.ChunkedArray):
        return sum((number_evidence(chunk) for chunk in column.chunks), NumberEvidence())
    if pa.types.is_dictionary(column.type):
        counts = np.bincount(
            np.asarray(column.indices.drop_null()), minlength=len(column.dictionary)
        )
        return _evidence(column.dictionary, counts)
    if not _is_text(column.type):
        return NumberEvidence()
    return _evidence(column, None)


def _is_text(of_type: pa.DataType) -> bool:
    return pa.types.is_string(of_type) or pa.types.is_large_string(of_type)


def _evidence(texts: pa.Array, counts: NDArray[np.int64] | None) -> NumberEvidence:
    if not _is_text(texts.type):
        return NumberEvidence()

    def count(found: NDArray[np.bool_]) -> int:
        return int(np.count_nonzero(found) if counts is None else counts[found].sum())

    def matching(pattern: str) -> int:
        return count(matches(texts, pattern))

    points, commas = contains(texts, ".").any(), contains(texts, ",").any()
    return NumberEvidence(
        point=matching(PROVEN["."]) if points or commas else 0,
        comma=matching(PROVEN[","]) if commas or (points and matching(_TWO_POINTS)) else 0,
        ambiguous_point=matching(AMBIGUOUS["."]) if points else 0,
        ambiguous_comma=matching(AMBIGUOUS[","]) if commas else 0,
    )


def mark_of(evidence: NumberEvidence, *, continental: bool) -> NumberRules:
    """How to read the numbers of a file that shows this.

    One proven mark holds for the ambiguous cells as well. Where both are proven each cell needs its
    own proof. Where none is, `12.345` is a decimal number, unless the file looks `continental` or
    has commas just like that.

    Args:
        evidence: The sum over all columns of numbers in the file.
        continental: Whether cells are delimited by `;` or dates are written dd.mm.yyyy.
    """
    if evidence.point and evidence.comma:
        return NumberRules(mark=None, mixed=True, plain_points=False)
    if evidence.point or evidence.comma:
        return NumberRules(mark="." if evidence.point else ",")
    return NumberRules(mark=None, plain_points=not continental and not evidence.ambiguous_comma)


def read_number(text: str, rules: NumberRules) -> tuple[float, str]:
    """The number that a text means, or NaN and a reason code.

    Args:
        text: A cell that is not empty.
        rules: How the numbers of its file are to be read.

    Returns:
        The number and an empty text, or NaN and ``not_a_number``, ``not_finite``,
        ``ambiguous_number`` or ``mixed_decimal_marks``: the number proves another mark than its
        file.
    """
    bare = text.strip(BLANKS + "\r\n")
    if _NOT_FINITE.fullmatch(bare):
        return np.nan, "not_finite"
    if rules.mark is None:
        return _read_by_own_proof(bare, rules)
    if _IS["plain"][rules.mark].fullmatch(bare) or _IS["grouped"][rules.mark].fullmatch(bare):
        return _finite(bare, rules.mark)
    other = _IS["proven"][OTHER[rules.mark]].fullmatch(bare)
    return np.nan, "mixed_decimal_marks" if other else "not_a_number"


def _read_by_own_proof(bare: str, rules: NumberRules) -> tuple[float, str]:
    """A number of a file that shows no mark, or both."""
    if _IS_INTEGER.fullmatch(bare):
        return _finite(bare, ".")
    for mark in MARKS:
        if _IS["proven"][mark].fullmatch(bare):
            return _finite(bare, mark)
        if _IS["ambiguous"][mark].fullmatch(bare):
            known = mark == "." and rules.plain_points
            return _finite(bare, mark) if known else (np.nan, "ambiguous_number")
    if any(_IS["plain"][mark].fullmatch(bare) for mark in MARKS):
        return _finite(bare, "," if "," in bare else ".")
    by_blanks = bool(_IS["grouped"]["."].fullmatch(bare)) and "," not in bare
    return _finite(bare, ".") if by_blanks else (np.nan, "not_a_number")


_DROPPED: Final = {
    mark: str.maketrans(dict.fromkeys(SEPARATORS + OTHER[mark]) | {mark: ".", "−": "-"})
    for mark in MARKS
}


def _finite(bare: str, mark: DecimalMark) -> tuple[float, str]:
    """A readable number, unless it is too large to be one."""
    number = float(bare.translate(_DROPPED[mark]))
    return (number, "") if np.isfinite(number) else (np.nan, "not_finite")


def read_numbers(texts: pa.Array, rules: NumberRules) -> Numbers:
    """Numbers of a column of texts, NaN for none, and the reason codes of the unreadable rows.

    Args:
        texts: Texts or nulls, dictionary-encoded or not.
        rules: How the numbers of the file are to be read.
    """
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    if pa.types.is_dictionary(texts.type):
        distinct, reasons = _read(texts.dictionary, rules)
        codes = np.asarray(pc.fill_null(texts.indices, len(distinct))).astype(np.int64)
        if not reasons:
            return np.append(distinct, np.nan)[codes], {}
        faulty = np.isin(codes, list(reasons))
        faults = {row: reasons[int(codes[row])] for row in np.flatnonzero(faulty).tolist()}
        return np.append(distinct, np.nan)[codes], faults
    return _read(texts, rules)


def _read(texts: pa.Array, rules: NumberRules) -> Numbers:
    """Whole columns at once; only what is not a plain number one by one."""
    values = _cast_all(texts, rules)
    if values is not None:
        return values, {}
    bare = trimmed(texts, BLANKS + "\r\n")
    values = np.full(len(texts), np.nan)
    open_rows = ~is_one_of(bare, NULL_TEXTS)
    for pattern, mark in _shapes(rules):
        if not open_rows.any():
            break
        found = matches(bare, pattern) & open_rows
        if found.any():
            read = _cast(bare.filter(pa.array(found)), mark)
            values[found] = np.where(np.isfinite(read), read, np.nan)
            open_rows[found] = ~np.isfinite(read)
    faults: dict[int, str] = {}
    for pattern, reason in _refused_shapes(rules) if open_rows.any() else ():
        found = matches(bare, pattern) & open_rows
        faults |= dict.fromkeys(np.flatnonzero(found).tolist(), reason)
        open_rows &= ~found
    return values, faults | _read_one_by_one(bare, open_rows, rules, values)


def _shapes(rules: NumberRules) -> list[tuple[str, DecimalMark]]:
    """Patterns of numbers that are read at once, with the mark that they have."""
    if rules.mark is not None:
        return [(PLAIN[rules.mark], rules.mark), (GROUPED[rules.mark], rules.mark)]
    shapes: list[tuple[str, DecimalMark]] = [(INTEGER, "."), (PROVEN["."], "."), (PROVEN[","], ",")]
    return [*shapes, (AMBIGUOUS["."], ".")] if rules.plain_points else shapes


def _refused_shapes(rules: NumberRules) -> list[tuple[str, str]]:
    """Patterns of what is refused at once, with the reason code."""
    if rules.mark is not None:
        return [(PROVEN[OTHER[rules.mark]], "mixed_decimal_marks")]
    return [(AMBIGUOUS[mark], "ambiguous_number") for mark in MARKS]


def _cast_all(texts: pa.Array, rules: NumberRules) -> NDArray[np.float64] | None:
    """The numbers of a column that has nothing but plain numbers with a point, else None."""
    if rules.mark != ".":
        return None
    try:
        values = pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None
    return values if np.isfinite(values).sum() == len(texts) - texts.null_count else None


def _cast(texts: pa.Array, mark: DecimalMark) -> NDArray[np.float64]:
    """Numbers of texts that all match a pattern of this mark."""
    for dropped in (OTHER[mark], *SEPARATORS, "+"):
        if contains(texts, dropped).any():
            texts = replaced(texts, dropped, "")
    if mark == ",":
        texts = replaced(texts, ",", ".")
    texts = replaced(texts, "−", "-")
    return pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False)


def _read_one_by_one(
    texts: pa.Array, rows: NDArray[np.bool_], rules: NumberRules, values: NDArray[np.float64]
) -> dict[int, str]:
    """Read the cells of these rows into `values`, and return the reason codes of the others."""
    faults: dict[int, str] = {}
    for row in np.flatnonzero(rows).tolist():
        values[row], reason = read_number(texts[row].as_py(), rules)
        if reason:
            faults[row] = reason
    return faults
