"""Shapes of numbers as text, by decimal mark: what proves a mark, and what could be read both ways.

Patterns are written for RE2, which reads whole columns, and mean the same in `re`.
"""

import re
from typing import Final, Literal

DecimalMark = Literal[".", ","]
"""What stands before the decimals."""

MARKS: Final[tuple[DecimalMark, DecimalMark]] = (".", ",")
"""Both decimal marks."""

OTHER: Final[dict[DecimalMark, DecimalMark]] = {".": ",", ",": "."}
"""The mark that groups thousands where the key stands before the decimals."""

BLANKS: Final = " \t\u00a0\u202f\u2007\u2009\ufeff"
"""Blanks that exports put around numbers and between groups of thousands."""

SEPARATORS: Final = " \u00a0\u202f\u2007\u2009'’"
"""What groups thousands whatever the decimal mark is."""

_GAP: Final = f"[{SEPARATORS}]"
_SIGN: Final = r"[+\-−]?"
_EXPONENT: Final = r"(?:[eE][+\-]?[0-9]+)"


def _indian(mark: DecimalMark) -> str:
    """Groups of two before the last three digits: a custom of countries with decimal points."""
    return r"|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}" if mark == "." else ""


def _padded(body: str) -> str:
    return f"^[{BLANKS}]*{_SIGN}(?:{body})[{BLANKS}]*$"


def _proven(mark: DecimalMark) -> str:
    m, o = re.escape(mark), re.escape(OTHER[mark])
    return _padded(
        rf"(?:0[0-9]*)?{m}[0-9]+"
        rf"|[1-9][0-9]{{0,2}}{m}(?:[0-9]{{1,2}}|[0-9]{{4,}})"
        rf"|[1-9][0-9]{{3,}}{m}[0-9]+"
        rf"|(?:[1-9][0-9]{{0,2}}(?:(?:{o}[0-9]{{3}})+|(?:{_GAP}[0-9]{{3}})+){_indian(mark)}){m}[0-9]+"
        rf"|[1-9][0-9]{{0,2}}(?:{o}[0-9]{{3}}){{2,}}"
        rf"|[0-9]*{m}[0-9]+{_EXPONENT}"
    )


PROVEN: Final[dict[DecimalMark, str]] = {mark: _proven(mark) for mark in MARKS}
"""Numbers that can only be read with this decimal mark."""

AMBIGUOUS: Final[dict[DecimalMark, str]] = {
    mark: _padded(rf"[1-9][0-9]{{0,2}}{re.escape(mark)}[0-9]{{3}}") for mark in MARKS
}
"""Numbers in which this mark stands before decimals or behind thousands."""

PLAIN: Final[dict[DecimalMark, str]] = {
    mark: rf"^{_SIGN}(?:[0-9]+{re.escape(mark)}?[0-9]*|{re.escape(mark)}[0-9]+){_EXPONENT}?$"
    for mark in MARKS
}
"""Numbers without groups of thousands."""

GROUPED: Final[dict[DecimalMark, str]] = {
    mark: rf"^{_SIGN}(?:[1-9][0-9]{{0,2}}(?:(?:{re.escape(OTHER[mark])}[0-9]{{3}})+"
    rf"|(?:{_GAP}[0-9]{{3}})+){_indian(mark)})(?:{re.escape(mark)}[0-9]*)?$"
    for mark in MARKS
}
"""Numbers with groups of thousands, where the decimal mark is known."""

INTEGER: Final = rf"^{_SIGN}[0-9]+{_EXPONENT}?$"
"""Numbers without a mark."""
