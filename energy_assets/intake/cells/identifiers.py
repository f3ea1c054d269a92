"""Serials and customer references as text: one spelling for each, whatever a spreadsheet did.

All-digit identifiers lose leading zeros, because spreadsheets take them away without asking.
"""

import re
from typing import Final

_DIGITS: Final = re.compile(r"\d+")
_WHOLE_FLOAT: Final = re.compile(r"(\d+)\.0*")
_SCIENTIFIC: Final = re.compile(r"(\d)(?:[.,](\d+))?[eE]\+?(\d{1,2})")
_MISSING: Final = frozenset({"", "nan", "null", "none", "n/a", "#n/a", "\\n"})


def identifier(text: str | None) -> tuple[str, str]:
    """The identifier that a cell means, and a fault: ``""``, ``missing`` or ``rounded``.

    `000090000001`, `90000001.0` and `9.0000001E+07` are all `90000001`. `9E+07` is rounded: which
    meter it was can no longer be told. Other text stays as it is: `071/XX0000`.
    """
    bare = (text or "").strip()
    if bare.lower() in _MISSING:
        return "", "missing"
    if match := _WHOLE_FLOAT.fullmatch(bare):
        bare = match[1]
    elif match := _SCIENTIFIC.fullmatch(bare):
        decimals, exponent = match[2] or "", int(match[3])
        if len(decimals.rstrip("0")) > exponent or len(decimals) < exponent:
            return "", "rounded"
        bare = match[1] + decimals[:exponent]
    if _DIGITS.fullmatch(bare):
        return bare.lstrip("0") or "0", ""
    return bare.replace("\x00", "␀"), ""
