"""Serials and customer references as text: one spelling for each, whatever a spreadsheet did.

All-digit identifiers lose leading zeros, because spreadsheets take them away without asking.
"""

import re
from typing import Final

_SPACES: Final = str.maketrans(
    {"\ufeff": None, "\u200b": None, "\u2060": None}
    | dict.fromkeys("\u00a0\u202f\u2007\u2009\u3000", " ")
)
_FORMULA: Final = re.compile(r"=\s*(\"+)(.*)\1", re.DOTALL)
_DIGITS: Final = re.compile(r"\d+")
_WHOLE_FLOAT: Final = re.compile(r"(?:(\d+)[.,](?:0{0,2}|0{4,})|(\d{4,})[.,]000)")
_GROUPED: Final = re.compile(
    r"(?P<whole>[1-9]\d{0,2}(?P<mark>[,. '’])\d{3}(?:(?P=mark)\d{3})+)(?:(?!(?P=mark))[.,]0*)?"
    r"|(?P<single>[1-9]\d{0,2}(?:,\d{3}\.|\.\d{3},|[ '’]\d{3}[.,]))0+"
)
_SCIENTIFIC: Final = re.compile(r"(\d)(?:[.,](\d+))?[eE]\+?(\d{1,2})")
_MISSING: Final = frozenset(
    {"", "nan", "nat", "null", "nil", "none", "n/a", "na", "<na>", "\\n", "-", "--", "(blank)"}
)
_ERROR: Final = re.compile(
    r"#+|#[¡¿]?[^\W\d_]+(?:/0)?[!?]|#N/?[AVD]|#GETTING_DATA|Err:\d{3}", re.IGNORECASE
)


def plain_name(text: str | None) -> tuple[str, str]:
    """The name that a cell means, its zeros and signs kept, and a fault or an empty text.

    `'000123` and `="000123"` are `000123`.

    Returns:
        The name, and ``""``, ``missing``, ``rounded`` (`1.23E+05`) or ``spreadsheet_error``
        (`#REF!`, `########`, a formula). No name where a fault is.
    """
    bare = _unwrapped((text or "").translate(_SPACES).strip())
    if not bare:
        return "", "missing"
    if _ERROR.fullmatch(bare) or bare.startswith("="):
        return "", "spreadsheet_error"
    if _SCIENTIFIC.fullmatch(bare):
        return "", "rounded"
    return bare.replace("\x00", "␀"), ""


def identifier(text: str | None) -> tuple[str, str]:
    """The identifier that a cell means, and a fault or an empty text.

    `000090000001`, `90000001.0`, `9.0000001E+07`, `'90000001`, `="90000001"` and `90,000,001` are
    all `90000001`. Other text stays as it is: `071/XX0000`, and `1.234`, which may be one thousand
    or a version.

    Returns:
        The name, and ``""``, ``missing``, ``rounded`` (`9E+07`: the digits are lost) or
        ``spreadsheet_error`` (`#REF!`, `########`: the cell was lost). No name where a fault is.
    """
    bare = _unwrapped((text or "").translate(_SPACES).strip())
    if bare.lower() in _MISSING:
        return "", "missing"
    if _ERROR.fullmatch(bare) or bare.startswith("="):
        return "", "spreadsheet_error"
    if match := _WHOLE_FLOAT.fullmatch(bare):
        bare = match[1] or match[2]
    elif match := _GROUPED.fullmatch(bare):
        bare = re.sub(r"\D", "", match["whole"] or match["single"])
    elif match := _SCIENTIFIC.fullmatch(bare):
        decimals, exponent = match[2] or "", int(match[3])
        if len(decimals.rstrip("0")) > exponent or len(decimals) < exponent:
            return "", "rounded"
        bare = match[1] + decimals[:exponent]
    if _DIGITS.fullmatch(bare):
        return bare.lstrip("0") or "0", ""
    return bare.replace("\x00", "␀"), ""


def _unwrapped(text: str) -> str:
    """The text without what keeps a spreadsheet from taking it for a number."""
    if match := _FORMULA.fullmatch(text):
        text = match[2].strip()
    in_quotes = text[:1] in ("'", "’", "`")
    if in_quotes and (len(text) < 3 or any(c == "#" or c.isdigit() for c in text)):
        text = text[1:].removesuffix(text[0]).strip()
    return text
